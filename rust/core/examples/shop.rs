//! A job shop: a rule in microseconds, then a search that knows how far it is from the bound.

use schedkit_core::check::{ShopClaim, check_shop};
use schedkit_core::control::{Limits, Pulse, Stop, Watch};
use schedkit_core::names::Named;
use schedkit_core::shop::{Past, Priority, Rule, Scheme, Shop, ShopData, dispatch, solve};

fn main() -> Result<(), schedkit_core::Error> {
    // Fisher and Thompson 1963, 6 jobs on 6 machines: machine and duration of each operation.
    let routes: [[(i64, i64); 6]; 6] = [
        [(2, 1), (0, 3), (1, 6), (3, 7), (5, 3), (4, 6)],
        [(1, 8), (2, 5), (4, 10), (5, 10), (0, 10), (3, 4)],
        [(2, 5), (3, 4), (5, 8), (0, 9), (1, 1), (4, 7)],
        [(1, 5), (0, 5), (2, 5), (3, 3), (4, 8), (5, 9)],
        [(2, 9), (1, 3), (4, 5), (5, 4), (0, 3), (3, 1)],
        [(1, 3), (3, 3), (5, 9), (0, 10), (4, 4), (2, 1)],
    ];
    let shop = Shop::new(ShopData {
        job_start: (0..=6).map(|job| 6 * job).collect(),
        choice_start: (0..=36).collect(),
        machine: routes.iter().flatten().map(|operation| operation.0).collect(),
        duration: routes.iter().flatten().map(|operation| operation.1).collect(),
        num_machines: 6,
        ..ShopData::default()
    })?;
    let rule = Priority::Rule(Rule::from_name("mopnr")?, 0);
    let schedule = dispatch(&shop, &rule, Scheme::NonDelay, &Past::default(), &mut Pulse::default())?;
    println!("mopnr  makespan {}", schedule.makespan());

    let limits = Limits { budget: Some(20_000), ..Limits::default() };
    let stop = Stop::new(&limits);
    let found = solve(&shop, None, &limits, 1, 1, &mut Watch::new(&stop))?;
    println!("search makespan {}, no schedule is below {}", found.schedule.makespan(), found.lower_bound);

    let machine: Vec<i64> = found.schedule.machine.iter().map(|&machine| i64::from(machine)).collect();
    let claim = ShopClaim {
        operation: &(0..36).collect::<Vec<i64>>(),
        machine: &machine,
        start: &found.schedule.start_time,
        end: &found.schedule.completion_time,
        ..ShopClaim::default()
    };
    assert!(check_shop(shop.data(), &claim).is_empty());
    Ok(())
}
