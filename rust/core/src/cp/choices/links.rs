//! Links between starts and ends, which depend on the options that are left.

use super::{Choices, EventLink, Presence, Rule};
use crate::cp::trail::{Conflict, Literal, Reason, Trail};

impl Choices {
    /// The links of a node must be looked at.
    pub(super) fn enqueue(&mut self, node: usize) {
        if !self.waits[node] {
            self.waits[node] = true;
            self.waiting.push(node as u32);
        }
    }

    /// Looks at the links of all nodes that wait, and of those that this moves.
    pub(super) fn keep_links(&mut self, trail: &mut Trail) -> Result<(), Conflict> {
        while let Some(last) = self.waiting.len().checked_sub(1) {
            let node = self.waiting[last] as usize;
            for at in 0..self.links_of[node].len() {
                let k = self.links_of[node][at];
                let before = trail.len();
                let kept = self.keep_link(k, trail);
                for index in before..trail.len() {
                    let var = trail.entry(index).literal().var();
                    self.enqueue(self.owner[var] as usize);
                }
                // After a conflict the node is looked at again.
                kept?;
            }
            // Others may have come behind it.
            self.waiting.swap_remove(last);
            self.waits[node] = false;
        }
        Ok(())
    }

    /// Both directions of a link.
    fn keep_link(&self, k: u32, trail: &mut Trail) -> Result<(), Conflict> {
        let EventLink { from, to, lag, from_end, to_end } = self.links[k as usize];
        let (i, j) = (from as usize, to as usize);
        let (a, b) = (self.owner[i] as usize, self.owner[j] as usize);
        let reason = Reason::Choices { rule: Rule::Link(k), at: 0 };
        let (before, after) = (self.range(trail, a), self.range(trail, b));
        let presence = (self.presence(a, before), self.presence(b, after));
        let (shortest, longest) = (self.first_running(a, before.0), after.1);
        let since = trail.earliest(i) + if from_end { self.length_of(a, shortest) } else { 0 } + lag;
        let least = since - if to_end { self.length_of(b, longest) } else { 0 };
        if presence == (Presence::Runs, Presence::Open) && least > trail.latest(j) {
            let v = self.variable[b].expect("it has options") as usize;
            return trail.push(Literal::at_most(v, 0), reason);
        }
        if presence.0 == Presence::Runs && presence.1 != Presence::Absent && least > trail.earliest(j) {
            trail.push(Literal::at_least(j, least), reason)?;
        }
        if presence == (Presence::Runs, Presence::Runs) && to_end && self.options(b) > 1 {
            let v = self.variable[b].expect("it has options") as usize;
            while let (low, high) = self.range(trail, b)
                && low < high
                && since - self.length_of(b, low) > trail.latest(j)
            {
                trail.push(Literal::at_least(v, low as i32 + 1), reason)?;
            }
        }
        let until = trail.latest(j) + if to_end { self.length_of(b, longest) } else { 0 } - lag;
        let most = until - if from_end { self.length_of(a, shortest) } else { 0 };
        if presence == (Presence::Open, Presence::Runs) && !from_end && trail.earliest(i) > until {
            let v = self.variable[a].expect("it has options") as usize;
            return trail.push(Literal::at_most(v, 0), reason);
        }
        if presence.0 == Presence::Absent || presence.1 != Presence::Runs {
            return Ok(());
        }
        if presence.0 == Presence::Runs && most < trail.latest(i) {
            trail.push(Literal::at_most(i, most), reason)?;
        }
        if from_end && self.options(a) > 1 {
            let v = self.variable[a].expect("it has options") as usize;
            while let (low, high) = self.range(trail, a)
                && low < high
                && trail.earliest(i) + self.length_of(a, high) > until
            {
                trail.push(Literal::at_most(v, high as i32 - 1), reason)?;
            }
        }
        Ok(())
    }
}
