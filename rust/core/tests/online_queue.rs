//! The policy queue over keys of any type, beside a list that is scanned from end to end.
#![allow(missing_docs)]

use proptest::prelude::*;
use schedkit_core::online::queue::{Change, QueueEntry};
use schedkit_core::online::{Policy, PolicyQueue};

/// Key, what is left, and the order of arrival.
type Naive = Vec<(String, f64, usize)>;

fn least(naive: &Naive, running: Option<&str>) -> Option<usize> {
    let rank = |item: &(String, f64, usize)| (item.1, running != Some(item.0.as_str()), item.2);
    (0..naive.len()).min_by(|&a, &b| rank(&naive[a]).partial_cmp(&rank(&naive[b])).expect("numbers"))
}

proptest! {
    #[test]
    fn srpt_equals_a_list(ops in prop::collection::vec((0_u8..6, 0_usize..12, 1_u32..9), 0..120)) {
        let mut queue = PolicyQueue::new(&Policy::from_name("srpt").unwrap()).unwrap();
        let (mut naive, mut running): (Naive, Option<String>) = (Vec::new(), None);
        for (step, (op, key, amount)) in ops.into_iter().enumerate() {
            let (now, key, amount) = (step as f64, format!("key {key}"), f64::from(amount));
            let place = naive.iter().position(|item| item.0 == key);
            prop_assert_eq!(queue.contains(&key), place.is_some());
            match (op, place) {
                (0 | 1, None) => {
                    queue.add(key.clone(), &QueueEntry::sized(amount), now).unwrap();
                    naive.push((key, amount, step));
                }
                (0 | 1, Some(_)) => prop_assert!(queue.add(key, &QueueEntry::sized(amount), now).is_err()),
                (2, Some(place)) if naive[place].1 >= amount => {
                    queue.progress(&key, amount, now).unwrap();
                    naive[place].1 -= amount;
                    running = Some(key);
                }
                (2, Some(_)) => prop_assert!(queue.progress(&key, amount, now).is_err()),
                (3, Some(place)) => {
                    prop_assert_eq!(queue.remove(&key).unwrap(), key.clone());
                    naive.remove(place);
                    running = running.filter(|running| *running != key);
                }
                (4, Some(_)) => queue.reprioritise(&key, &Change { weight: Some(2.0), ..Change::default() }, now).unwrap(),
                (2..=4, None) => {
                    prop_assert!(queue.progress(&key, amount, now).is_err());
                    prop_assert!(queue.remove(&key).is_err());
                }
                _ => {
                    let first = least(&naive, running.as_deref()).map(|place| naive.remove(place).0);
                    prop_assert_eq!(queue.pop(now).unwrap(), first.clone());
                    running = running.filter(|running| Some(running) != first.as_ref());
                }
            }
            let first = least(&naive, running.as_deref()).map(|place| &naive[place].0);
            prop_assert_eq!(queue.peek(now).unwrap(), first);
            prop_assert_eq!((queue.len(), queue.iter().count()), (naive.len(), naive.len()));
        }
    }
}

#[test]
fn time_is_clamped_and_counted_or_refused() {
    let mut queue = PolicyQueue::new(&Policy::from_name("fcfs").unwrap()).unwrap();
    queue.add(1, &QueueEntry::default(), 5.0).unwrap();
    assert_eq!(queue.pop(3.0), Ok(Some(1)));
    assert_eq!((queue.clock_skew(), queue.stats(5.0).unwrap().mean_flow_time), (1, 0.0));
    let mut strict = PolicyQueue::strict(&Policy::from_name("fcfs").unwrap()).unwrap();
    strict.add(1, &QueueEntry::default(), 5.0).unwrap();
    assert_eq!(strict.pop(3.0).unwrap_err().to_string(), "now = 3.0: lies before 5.0, the last time given");
    assert_eq!(strict.pop(f64::NAN).unwrap_err().to_string(), "now = NaN: must be finite");
    assert_eq!(strict.len(), 1);
}
