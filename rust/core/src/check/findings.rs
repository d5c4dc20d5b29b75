//! Collects violations: few of each kind, those with the least subjects, and the number of the others.

use std::collections::BTreeMap;

use super::{Kind, Violation};
use crate::control::Pulse;

/// How many violations of one kind are listed. What is wrong with a schedule of a million is seen in the first thousand.
pub const MOST: usize = 1000;

#[derive(Default)]
struct List {
    kept: Vec<Violation>,
    /// How many were left out.
    more: u64,
    /// From this subject on everything is left out, because enough smaller ones are kept.
    limit: Option<Vec<i64>>,
}

impl List {
    fn shrink(&mut self) {
        self.kept.sort_by(|a, b| a.subject.cmp(&b.subject)); // stable: of equal subjects the first
        if self.kept.len() > MOST {
            self.more += (self.kept.len() - MOST) as u64;
            self.kept.truncate(MOST);
            self.limit = self.kept.last().map(|last| last.subject.clone());
        }
    }
}

/// What a checker has found so far, and the signal that ends it.
pub(super) struct Findings {
    lists: BTreeMap<Kind, List>,
    pulse: Pulse,
}

impl Findings {
    pub fn new(pulse: &Pulse) -> Self {
        Self { lists: BTreeMap::new(), pulse: pulse.clone() }
    }

    /// Counts steps of work; true if the checker should return now, because its answer is not wanted any more.
    #[inline]
    pub fn worked(&mut self, steps: u64) -> bool {
        self.pulse.worked(steps)
    }

    /// The signal, for sorting.
    pub fn pulse(&mut self) -> &mut Pulse {
        &mut self.pulse
    }

    /// Whether the checker was stopped.
    pub fn stopped(&self) -> bool {
        self.pulse.stopped()
    }

    /// Adds a violation; `detail` is worded only if it is listed.
    pub fn add(&mut self, kind: Kind, subject: &[i64], detail: impl FnOnce() -> String) {
        let list = self.lists.entry(kind).or_default();
        if list.limit.as_ref().is_some_and(|limit| subject >= limit.as_slice()) {
            list.more += 1;
            return;
        }
        list.kept.push(Violation { kind, subject: subject.to_vec(), detail: detail() });
        if list.kept.len() >= 2 * MOST {
            list.shrink();
        }
    }

    /// All that is listed, by kind, then by subject. A kind with more than [`MOST`] ends with an entry without a subject.
    pub fn finish(self) -> Vec<Violation> {
        let mut found = Vec::new();
        for (kind, mut list) in self.lists {
            list.shrink();
            found.append(&mut list.kept);
            if list.more > 0 {
                found.push(Violation { kind, subject: Vec::new(), detail: format!("{} more of this kind", list.more) });
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_subjects_are_listed_and_the_others_counted() {
        let mut findings = Findings::new(&Pulse::default());
        let n = 10_007_i64;
        for k in 0..n {
            findings.add(Kind::Missing, &[k * 7919 % n], || k.to_string()); // all residues, because n is prime
        }
        findings.add(Kind::UnknownId, &[3], String::new);
        let found = findings.finish();
        assert_eq!(found.len(), MOST + 2);
        assert_eq!((found[0].kind, found[0].subject.as_slice()), (Kind::UnknownId, [3].as_slice()));
        let listed: Vec<i64> = found[1..=MOST].iter().map(|v| v.subject[0]).collect();
        assert_eq!(listed, (0..MOST as i64).collect::<Vec<_>>());
        assert_eq!(found[MOST + 1], Violation { kind: Kind::Missing, subject: vec![], detail: "9007 more of this kind".into() });
    }

    #[test]
    fn as_many_as_are_listed_need_no_last_entry() {
        let mut findings = Findings::new(&Pulse::default());
        (0..MOST as i64).for_each(|k| findings.add(Kind::Missing, &[k], String::new));
        assert_eq!(findings.finish().len(), MOST);
    }
}
