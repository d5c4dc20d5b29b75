use super::*;
use crate::control::Pulse;
use crate::names::Named;
use crate::random::Random;
use crate::shop::test_shops::{judged, random_shop};
use crate::shop::{Past, Priority, Rule, dispatch};

fn shops(range: std::ops::Range<u64>) -> Vec<Arc<Shop>> {
    range.map(|seed| Arc::new(random_shop(seed))).collect()
}

fn legal_jobs(environment: &Environment, k: usize) -> Vec<usize> {
    let row = &environment.legal()[k * environment.width()..][..environment.width()];
    (0..row.len()).filter(|&job| row[job]).collect()
}

/// Random legal actions until all shops are done; returns the sums of the rewards.
fn played(environment: &mut Environment, random: &mut Random, machines: bool) -> Vec<f64> {
    let mut sums = vec![0.0; environment.len()];
    while (0..environment.len()).any(|k| !environment.is_done(k)) {
        let bounds: Vec<f64> = (0..environment.len()).map(|k| environment.lower_bound(k).as_f64()).collect();
        let mut action = |k: usize| {
            let jobs = legal_jobs(environment, k);
            assert_eq!(jobs.is_empty(), environment.is_done(k));
            let Some(&job) = jobs.get(random.below(jobs.len().max(1) as u64) as usize) else {
                return Action { job: -7, machine: None };
            };
            let instance = &environment.instances[k];
            let choices: Vec<_> = instance.shop.choices(instance.next[job] as usize).collect();
            let machine = choices[random.below(choices.len() as u64) as usize].0 as i64;
            Action { job: job as i64, machine: (machines && random.below(2) == 0).then_some(machine) }
        };
        let actions: Vec<Action> = (0..environment.len()).map(&mut action).collect();
        environment.step(&actions).unwrap();
        for (k, sum) in sums.iter_mut().enumerate() {
            *sum += environment.reward()[k];
            assert_eq!(environment.lower_bound(k).as_f64(), bounds[k] - environment.reward()[k]);
        }
    }
    sums
}

#[test]
fn rewards_add_up_to_every_objective_and_bounds_never_fall() {
    for (name, objective) in Objective::all() {
        for scheme in [None, Some(Scheme::Active), Some(Scheme::NonDelay)] {
            let mut environment = Environment::new(shops(0..512), objective, scheme).unwrap();
            let sums = played(&mut environment, &mut Random::new(5), scheme.is_none());
            for (k, sum) in sums.into_iter().enumerate() {
                let (shop, schedule) = (&environment.instances[k].shop, environment.schedule(k));
                judged(shop, schedule);
                assert_eq!(environment.lower_bound(k), objective.value(shop, schedule), "{name}, shop {k}");
                assert_eq!(environment.makespan(k), schedule.makespan());
                if shop.num_operations() > 0 {
                    assert_eq!(-sum, objective.value(shop, schedule).as_f64(), "{name}, shop {k}");
                }
            }
        }
    }
}

#[test]
fn the_rule_of_a_dispatcher_gives_its_schedule() {
    let shortest = Priority::Rule(Rule::from_name("spt").unwrap(), 0);
    for scheme in [Scheme::Active, Scheme::NonDelay] {
        let mut environment = Environment::new(shops(0..512), Objective::from_name("makespan").unwrap(), Some(scheme)).unwrap();
        let mut features = vec![0.0; environment.len() * environment.width() * FEATURES.len()];
        while (0..environment.len()).any(|k| !environment.is_done(k)) {
            environment.features(&mut features);
            let duration = |k: usize, job: usize| features[(k * environment.width() + job) * FEATURES.len() + 1];
            let choose = |k: usize| {
                let by_duration = |a: &usize, b: &usize| duration(k, *a).total_cmp(&duration(k, *b));
                let job = legal_jobs(&environment, k).into_iter().min_by(by_duration);
                Action { job: job.map_or(0, |job| job as i64), machine: None }
            };
            let actions: Vec<Action> = (0..environment.len()).map(choose).collect();
            environment.step(&actions).unwrap();
        }
        for k in 0..environment.len() {
            let expected =
                dispatch(&environment.instances[k].shop, &shortest, scheme, &Past::default(), &mut Pulse::default()).unwrap();
            assert_eq!(environment.schedule(k), &expected, "shop {k}");
        }
    }
}

#[test]
fn a_resumed_shop_goes_on_as_the_first() {
    let mut environment =
        Environment::new(shops(0..64), Objective::from_name("makespan").unwrap(), Some(Scheme::Active)).unwrap();
    played(&mut environment, &mut Random::new(9), false);
    let mut other = Environment::new(shops(0..64), Objective::from_name("makespan").unwrap(), Some(Scheme::Active)).unwrap();
    for k in 0..64 {
        let order: Vec<i64> = environment.order(k).iter().map(|&op| i64::from(op)).collect();
        let machine: Vec<i64> = order.iter().map(|&op| i64::from(environment.schedule(k).machine[op as usize])).collect();
        for part in 0..2 {
            let range = if part == 0 { 0..order.len() / 2 } else { order.len() / 2..order.len() };
            other.resume(k, &order[range.clone()], &machine[range], environment.reward()[k]).unwrap();
        }
    }
    assert_eq!(format!("{other:?}"), format!("{environment:?}"));
    let mut fresh = Environment::new(shops(1..2), Objective::from_name("makespan").unwrap(), None).unwrap();
    let refused = fresh.resume(0, &[99], &[0], 0.0).unwrap_err().to_string();
    assert_eq!(refused, "order[0] = 99: expected the next operation of a job, and a machine that it can take");
}

#[test]
fn a_refused_action_changes_nothing() {
    let mut environment = Environment::new(shops(1..4), Objective::from_name("makespan").unwrap(), None).unwrap();
    let before = format!("{environment:?}");
    let free = Action { job: 0, machine: None };
    let refused = |environment: &mut Environment, actions: &[Action]| environment.step(actions).unwrap_err().to_string();
    assert_eq!(refused(&mut environment, &[free]), "actions: has length 1, expected 3");
    for job in [-1, 99, i64::MAX] {
        let text = refused(&mut environment, &[free, free, Action { job, machine: None }]);
        assert!(text.starts_with(&format!("actions[2] = {job}: the job may not be placed next, expected one of 0")), "{text}");
    }
    let text = refused(&mut environment, &[Action { job: 0, machine: Some(77) }, free, free]);
    assert_eq!(text, "actions[0] = 0: its next operation cannot take machine 77");
    assert_eq!(format!("{environment:?}"), before);
}
