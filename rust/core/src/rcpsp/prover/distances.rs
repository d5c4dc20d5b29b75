//! Precedence, lags and the makespan as arcs between starts.

use std::collections::BTreeMap;

use crate::cp::{Lengths, Network, StepMap, TableLengths};

use super::general::Builder;
use crate::rcpsp::constrained::Link;

/// What decides how an end of one activity leads to the earliest start of another one.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Delay {
    takes_time: bool,
    from_real: bool,
    to_real: bool,
    lag: i64,
}

/// For each delay, the earliest start after each end.
type Delays = BTreeMap<Delay, Vec<i32>>;

impl Builder<'_, '_> {
    /// Adds an arc for each pair of the precedence, and, if the objective is the makespan, arcs that put it after every last activity.
    pub fn distances(&self, network: &mut Network, lengths: &TableLengths, to_makespan: bool) {
        let (free, project) = (&self.translation.free, self.situation.project);
        let mut interval_of = vec![None; project.num_activities()];
        free.iter().enumerate().for_each(|(k, &i)| interval_of[i] = Some(k));
        let mut known = BTreeMap::new();
        for (k, &i) in free.iter().enumerate() {
            let mut last = true; // no successor that follows takes time, so the makespan must follow this activity directly
            for link in self.situation.after(i) {
                let Some(l) = interval_of[link.other] else { continue };
                if link.is_sequential() {
                    last &= project.duration()[link.other] == 0;
                    self.distance(network, lengths, (k, l, link.lag), &mut known);
                } else {
                    self.between_events(network, lengths, (k, l), link);
                }
            }
            if last && to_makespan {
                self.distance(network, lengths, (k, free.len(), 0), &mut known);
            }
        }
    }

    /// Adds a link that lets the activities of two intervals overlap: the least start of `l` for each start of `k`.
    fn between_events(&self, network: &mut Network, lengths: &TableLengths, (k, l): (usize, usize), link: Link) {
        let translation = self.translation;
        let (from, to) = (translation.clock(k), translation.clock(l));
        let Link { lag, relation, .. } = link;
        let same_clock = translation.on_real[k] == translation.on_real[l];
        // Two starts, or two ends, of work at the same reading are at the same moment. A start and an end need not be.
        let alike = lag == 0 && relation.from_finish() == relation.to_finish();
        if same_clock
            && (alike || from.opens.len() <= 1)
            && let (None, None) = (&lengths.pauses[k], &lengths.pauses[l])
        {
            let of = |counts: bool, interval: usize| if counts { lengths.work[interval] } else { 0 };
            let distance = of(relation.from_finish(), k) + (lag / self.unit) as i32 - of(relation.to_finish(), l);
            return network.add_arc(k, l, distance);
        }
        let moment = |start: i32| {
            let reading = if relation.from_finish() { lengths.end(k, start) } else { start };
            if !lengths.lasts(k) {
                Some(self.situation.now + i64::from(reading) * self.unit)
            } else if relation.from_finish() {
                (i64::from(reading) <= from.total()).then(|| from.end(i64::from(reading)))
            } else {
                (i64::from(reading) < from.total()).then(|| from.moment(i64::from(reading)))
            }
        };
        let least = |since: i64| {
            if relation.to_finish() && lengths.lasts(l) {
                lengths.start_for(l, to.elapsed(since - 1) as i32 + 1)
            } else {
                to.elapsed(since) as i32
            }
        };
        network.add_map(k, l, StepMap::new((0..=from.total() as i32).map_while(|start| Some(least(moment(start)? + lag)))));
    }

    /// Adds that `l` starts at least `lag` ticks after the end of `k`. The map from ends to earliest starts is computed once for each
    /// delay and kept in `known`.
    fn distance(&self, network: &mut Network, lengths: &TableLengths, (k, l, lag): (usize, usize, i64), known: &mut Delays) {
        let translation = self.translation;
        let (from, to) = (translation.clock(k), translation.clock(l));
        let takes_time = lengths.lasts(k);
        if !takes_time && !translation.on_real[k] && translation.on_real[l] {
            return; // `l` is the makespan, and the predecessors of `k` bound it already
        }
        let same_clock = translation.on_real[k] == translation.on_real[l];
        // If no closed time can lie in between, a lag is a constant number of slots.
        if same_clock && (lag == 0 || from.opens.len() <= 1) {
            let lag = (lag / self.unit) as i32;
            match (&lengths.pauses[k], lag) {
                (None, _) => network.add_arc(k, l, lengths.work[k] + lag),
                (Some(pauses), 0) => network.add_map(k, l, pauses.end.clone()),
                (Some(pauses), _) => {
                    let ends = (0..from.total()).map(|start| pauses.end.at(start as i32));
                    network.add_map(
                        k,
                        l,
                        StepMap::new(ends.take_while(|&end| i64::from(end) <= from.total()).map(|end| end + lag)),
                    );
                }
            }
            return;
        }
        // An entry is the earliest start of `l` for one end of `k`; the first end is 0, or 1 if `k` takes time.
        let delay = Delay { takes_time, from_real: translation.on_real[k], to_real: translation.on_real[l], lag };
        let earliest = known.entry(delay).or_insert_with(|| {
            let tick_of = |end| if takes_time { from.end(end) } else { self.situation.now + end * self.unit };
            (i64::from(takes_time)..=from.total()).map(|end| to.elapsed(tick_of(end) + lag) as i32).collect()
        });
        let starts = 0..=from.total() as i32;
        let delayed = |start| earliest.get(lengths.end(k, start) as usize - usize::from(takes_time)).copied();
        network.add_map(k, l, StepMap::new(starts.map_while(delayed)));
    }
}
