//! Is a store ever emptier than empty, or fuller than full?

use super::clock::Time;
use super::{Findings, Kind, Span};
use crate::cost;
use crate::rcpsp::{NO_STORAGE_LIMIT, ProjectData};

/// One violation for each stretch of time in which the level of a store is wrong. It is judged after all that happens at one
/// moment.
pub(super) fn levels(project: &ProjectData, span: &[Option<Span>], found: &mut Findings) {
    let width = project.stores.storage.len();
    for store in 0..width {
        let mut changes: Vec<(i64, Time)> = Vec::new();
        for (i, claimed) in span.iter().enumerate() {
            if found.worked(cost::NODE) {
                return;
            }
            let Some(Span { start, end, .. }) = *claimed else { continue };
            changes.push((start, -Time::from(project.stores.taken[i * width + store])));
            changes.push((end, Time::from(project.stores.given[i * width + store])));
        }
        changes.retain(|change| change.1 != 0);
        crate::sort::sort_by(&mut changes, |steps| found.worked(steps), Ord::cmp);
        if found.stopped() {
            return;
        }
        let capacity = project.stores.storage[store];
        let (mut level, mut is_wrong) = (Time::from(project.stores.initial[store]), false);
        for together in changes.chunk_by(|a, b| a.0 == b.0) {
            level += together.iter().map(|change| change.1).sum::<Time>();
            let exceeds = capacity != NO_STORAGE_LIMIT && level > Time::from(capacity);
            let was_wrong = std::mem::replace(&mut is_wrong, level < 0 || exceeds);
            if is_wrong && !was_wrong {
                let moment = together[0].0;
                let most = if exceeds { format!("more than its capacity of {capacity}") } else { "less than nothing".into() };
                let detail = || format!("store {store} holds {level} at {moment}, {most}");
                found.add(Kind::Storage, &[store as i64, moment], detail);
            }
        }
    }
}
