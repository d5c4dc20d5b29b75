//! Invariants under random calls, and copies that continue alike. The rules themselves are compared with a slow reference from Python.

use super::{Backfill, DispatchOrder, KeyState, NumberedDispatcher, Request};
use crate::names::Named;
use proptest::prelude::*;

/// A random call: which, for which key, and three numbers.
type Call = (u8, u32, [i64; 3]);

fn make(backfill: &str, order: &str) -> NumberedDispatcher {
    let backfill = Backfill::from_name(backfill).unwrap();
    NumberedDispatcher::new(&[4, 2], DispatchOrder::from_name(order).unwrap(), backfill).unwrap()
}

/// Makes a call, and returns what it started.
fn act(dispatcher: &mut NumberedDispatcher, &(call, key, [a, b, c]): &Call, now: f64) -> Vec<u32> {
    let key = key % (dispatcher.len() as u32).max(1);
    match call {
        0..=3 => {
            let estimate = (c > 0).then_some(c as f64);
            let demand = [a.min(dispatcher.capacity()[0]), b.min(dispatcher.capacity()[1])];
            let request = Request { priority: (c % 2) as f64, estimate, demand: &demand, ..Request::default() };
            let after = if dispatcher.is_empty() || a == 0 { vec![] } else { vec![key] };
            dispatcher.submit(&request, &after, now).unwrap();
        }
        4..=7 => return dispatcher.next(now).unwrap(),
        8 | 9 => drop(dispatcher.finished(key, now)),
        10 => drop(dispatcher.failed(key, now, a > 1)),
        11 => drop(dispatcher.cancel(key, now)),
        _ => dispatcher.set_capacity((a % 2) as usize, b + 1, now).unwrap(),
    }
    Vec::new()
}

fn calls() -> impl Strategy<Value = Vec<Call>> {
    prop::collection::vec((0_u8..13, 0_u32..40, [0_i64..5, 0_i64..3, 0_i64..6]), 0..80)
}

proptest! {
    #[test]
    fn no_key_runs_before_its_time_and_none_beyond_the_capacity(
        calls in calls(),
        backfill in prop::sample::select(vec!["none", "greedy", "easy", "conservative"]),
        order in prop::sample::select(vec!["fcfs", "critical_path"]),
    ) {
        let mut dispatcher = make(backfill, order);
        for (step, call) in (0_u32..).zip(&calls) {
            let free_before = dispatcher.free().to_vec();
            let started = act(&mut dispatcher, call, f64::from(step / 3));
            for &key in &started {
                prop_assert_eq!(dispatcher.state(key).unwrap(), KeyState::Running);
            }
            for (free, before) in dispatcher.free().iter().zip(&free_before) {
                prop_assert!(started.is_empty() || *free >= 0 || free == before);
            }
            let stats = dispatcher.stats();
            let all = [stats.waiting, stats.running, stats.done, stats.failed, stats.cancelled, stats.blocked];
            prop_assert_eq!(all.iter().sum::<usize>(), dispatcher.len());
            prop_assert_eq!(dispatcher.waiting().len(), stats.waiting);
            prop_assert_eq!(dispatcher.running().len(), stats.running);
            prop_assert_eq!(dispatcher.blocked().len(), stats.blocked);
        }
    }

    #[test]
    fn copies_continue_alike(
        calls in calls(),
        cut in 0_usize..80,
        backfill in prop::sample::select(vec!["none", "greedy", "easy", "conservative"]),
        order in prop::sample::select(vec!["fcfs", "critical_path"]),
    ) {
        let mut dispatcher = make(backfill, order);
        let (before, after) = calls.split_at(cut.min(calls.len()));
        for (step, call) in (0_u32..).zip(before) {
            act(&mut dispatcher, call, f64::from(step / 3));
        }
        let words = dispatcher.save();
        let rule = Backfill::from_name(backfill).unwrap();
        let mut copy = NumberedDispatcher::restore(DispatchOrder::from_name(order).unwrap(), rule, &words).unwrap();
        prop_assert_eq!(copy.save(), words);
        for (step, call) in (before.len() as u32..).zip(after) {
            let now = f64::from(step / 3);
            prop_assert_eq!(act(&mut copy, call, now), act(&mut dispatcher, call, now));
            for key in 0..dispatcher.len() as u32 {
                prop_assert_eq!(copy.state(key).unwrap(), dispatcher.state(key).unwrap());
                prop_assert_eq!(copy.reservation(key).unwrap(), dispatcher.reservation(key).unwrap());
            }
        }
    }
}

#[test]
fn words_that_are_no_snapshot_are_refused() {
    let order = || DispatchOrder::from_name("fcfs").unwrap();
    let mut dispatcher = make("easy", "fcfs");
    dispatcher.submit(&Request::default(), &[], 1.0).unwrap();
    let words = dispatcher.save();
    for length in 0..words.len() {
        assert!(NumberedDispatcher::restore(order(), Backfill::Easy, &words[..length]).is_err());
    }
    assert!(NumberedDispatcher::restore(order(), Backfill::Easy, &[&words[..], &[0]].concat()).is_err());
}
