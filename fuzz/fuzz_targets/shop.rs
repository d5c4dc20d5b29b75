//! Shops with any numbers: an error from validation, or schedules of rules and of the search that the checker accepts.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use schedkit_core::check::{Claimed, ShopClaim, check_shop};
use schedkit_core::control::{Limits, Pulse, Stop, Watch};
use schedkit_core::names::Named;
use schedkit_core::shop::{
    Blocking, Breakdowns, Interrupted, Objective, Past, Priority, Rule, Schedule, Scheme, Shop, ShopData, dispatch, simulate, solve,
};
use schedkit_core::total::Total;

#[derive(Arbitrary, Debug)]
struct Input {
    /// For each operation of each job the choices.
    jobs: Vec<Vec<Vec<(u8, i64)>>>,
    release_time: Vec<i64>,
    due_date: Vec<i64>,
    setup: Vec<(u8, Vec<i64>)>,
    transport: Vec<i64>,
    blocking: u8,
    /// Machines, starts and lengths.
    breakdowns: Vec<(u8, i64, i64)>,
    num_machines: u8,
    /// Small numbers meet the algorithms, large ones the validation.
    small: bool,
}

fn judged(shop: &Shop, schedule: &Schedule, what: &str) {
    judged_by(shop, schedule, &[], false, what);
}

fn judged_by(shop: &Shop, schedule: &Schedule, down: &[(i64, i64, i64)], restart: bool, what: &str) {
    let operation: Vec<i64> = (0..shop.num_operations() as i64).collect();
    let machine: Vec<i64> = schedule.machine.iter().map(|&machine| i64::from(machine)).collect();
    let objectives: Vec<(&str, Claimed)> = Objective::all()
        .map(|(name, objective)| match objective.value(shop, schedule) {
            Total::Integer(value) => (name, Claimed::Integer(value)),
            Total::Float(value) => (name, Claimed::Float(value)),
        })
        .collect();
    let claim = ShopClaim {
        operation: &operation,
        machine: &machine,
        start: &schedule.start_time,
        end: &schedule.completion_time,
        objectives: &objectives,
        down,
        restart,
        ..ShopClaim::default()
    };
    assert_eq!(check_shop(shop.data(), &claim), [], "{what}");
}

fuzz_target!(|input: Input| {
    let shrink = |value: i64| if input.small { value.rem_euclid(16) } else { value };
    let machines = if input.small { 1 + input.num_machines % 4 } else { input.num_machines };
    let mut data = ShopData { job_start: vec![0], choice_start: vec![0], num_machines: machines.into(), ..ShopData::default() };
    for job in input.jobs.iter().take(8) {
        for choices in job.iter().take(5) {
            for &(machine, duration) in choices.iter().take(4) {
                data.machine.push(if input.small { i64::from(machine % machines) } else { i64::from(machine) });
                data.duration.push(shrink(duration));
            }
            data.choice_start.push(data.machine.len());
        }
        data.job_start.push(data.choice_start.len() - 1);
    }
    data.release_time = input.release_time.iter().copied().map(shrink).collect();
    data.due_date = input.due_date.iter().copied().map(shrink).collect();
    data.setup =
        input.setup.iter().map(|(machine, ticks)| ((*machine).into(), ticks.iter().copied().map(shrink).collect())).collect();
    data.transport = input.transport.iter().copied().map(shrink).collect();
    data.blocking = [Blocking::None, Blocking::Swap, Blocking::NoSwap][usize::from(input.blocking % 3)];
    let Ok(shop) = Shop::new(data) else { return };
    let row = |&(machine, start, length): &(u8, i64, i64)| {
        (machine.into(), shrink(start), shrink(start).saturating_add(shrink(length)))
    };
    let down = Breakdowns::Rows(input.breakdowns.iter().take(8).map(row).collect());
    for (name, interrupted) in Interrupted::all() {
        let rule = Priority::Rule(Rule::from_name("atc").unwrap(), 1);
        if let Ok(run) = simulate(&shop, &rule, &down, interrupted, 1, &mut Pulse::default()) {
            let rows: Vec<_> = run.down.iter().map(|down| (down.machine as i64, down.start, down.end)).collect();
            // The order of operations of duration 0 at one moment matters to setups and no_swap; the checker does not know it.
            let ordered = shop.data().setup.is_empty() && shop.data().blocking != Blocking::NoSwap;
            if ordered || shop.data().duration.iter().all(|&duration| duration > 0) {
                judged_by(&shop, &run.schedule, &rows, interrupted == Interrupted::Restart, name);
            }
        }
    }
    for (name, rule) in Rule::all() {
        for (_, scheme) in Scheme::all() {
            let priority = Priority::Rule(rule, 1);
            if let Ok(schedule) = dispatch(&shop, &priority, scheme, &Past::default(), &mut Pulse::default()) {
                judged(&shop, &schedule, name);
            }
        }
    }
    let limits = Limits { budget: Some(50), ..Limits::default() };
    let stop = Stop::new(&limits);
    if let Ok(found) = solve(&shop, None, &limits, 1, 1, &mut Watch::new(&stop)) {
        judged(&shop, &found.schedule, "solve");
        assert!(found.lower_bound <= found.schedule.makespan());
    }
});
