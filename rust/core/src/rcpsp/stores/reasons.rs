//! Certificates that stores let no schedule exist.

use super::{NO_STORAGE_LIMIT, Store};
use crate::error::Reason;

/// Stores that all activities together leave too empty or too full, and activities that can never start, because what may give
/// before them does not suffice; `name` calls an activity. O(n^2 Q), O(n Q) where nothing waits.
pub fn of_stores(stores: &[Store], duration: &[i64], name: impl Fn(usize) -> String) -> Vec<Reason> {
    let last = stores.iter().enumerate().filter(|(_, store)| !store.holds(store.last_level()));
    let mut found: Vec<Reason> = last.map(|(k, store)| in_total(k, store)).collect();
    if found.is_empty() {
        found.extend(never_starts(stores, duration, name));
    }
    found
}

fn in_total(k: usize, store: &Store) -> Reason {
    let (level, taken, given) = (store.last_level(), store.taken.iter().sum::<i64>(), store.given.iter().sum::<i64>());
    let missing = if level < 0 { -level } else { level - store.capacity };
    let capacity = match store.capacity {
        NO_STORAGE_LIMIT => String::new(),
        capacity => format!(" of {capacity}"),
    };
    let what = if level < 0 { format!("{missing} are missing") } else { format!("{missing} are beyond its capacity{capacity}") };
    let units = if level < 0 { &store.taken } else { &store.given };
    let activities = (0..units.len()).filter(|&i| units[i] > 0).collect();
    let initial = store.initial;
    let detail = format!("store {k} begins with {initial}, all activities take {taken} and give {given}: {what}");
    reason(activities, missing, detail)
}

/// Activities are set free one after the other: those that the initial levels, and what activities that are free may add, let
/// start. What is never free cannot start first among those, so it never starts. What takes no time may happen together with
/// anything.
fn never_starts(stores: &[Store], duration: &[i64], name: impl Fn(usize) -> String) -> Option<Reason> {
    let n = duration.len();
    let adds = |store: &Store, i: usize| (store.given[i] - store.taken[i]).max(0);
    let needs = |store: &Store, i: usize| store.taken[i] - if duration[i] == 0 { store.given[i] } else { 0 };
    let at_once = |store: &Store| (0..n).filter(|&i| duration[i] == 0).map(|i| adds(store, i)).sum::<i64>();
    let mut most: Vec<i64> = stores.iter().map(|store| store.initial + at_once(store)).collect();
    let lacks = |most: &[i64], i: usize| (0..stores.len()).find(|&k| needs(&stores[k], i) > most[k]);
    let mut waiting: Vec<usize> = (0..n).collect();
    loop {
        let known = waiting.len();
        waiting.retain(|&i| {
            let is_stuck = lacks(&most, i).is_some();
            if !is_stuck && duration[i] > 0 {
                most.iter_mut().zip(stores).for_each(|(most, store)| *most += adds(store, i));
            }
            is_stuck
        });
        if waiting.len() == known {
            break;
        }
    }
    let &first = waiting.first()?;
    let k = lacks(&most, first)?;
    let (units, there) = (needs(&stores[k], first), most[k]);
    let others = match waiting.len() - 1 {
        0 => String::new(),
        1 => "; another activity waits as well".into(),
        others => format!("; {others} other activities wait as well"),
    };
    let detail = format!(
        "{} takes {units} of store {k}, but all that can have been given before leaves {there} at most{others}",
        name(first)
    );
    Some(reason(waiting, units - there, detail))
}

fn reason(activities: Vec<usize>, missing: i64, detail: String) -> Reason {
    Reason { code: "storage_level", activities, resources: vec![], amount: Some(missing), detail }
}
