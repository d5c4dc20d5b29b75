//! Precedence, lags and the makespan as arcs between starts.

use std::collections::BTreeMap;

use crate::cp::{Lengths, Network, StepMap, TableLengths};

use super::general::Builder;

/// The earliest starts after each end, by the clocks and the lag.
type Delays = BTreeMap<(bool, bool, bool, i64), Vec<i32>>;

impl Builder<'_, '_> {
    /// Precedence, and the makespan after everything.
    pub fn distances(&self, network: &mut Network, lengths: &TableLengths) {
        let (free, project) = (&self.translation.free, self.situation.project);
        let mut place = vec![None; project.num_activities()];
        free.iter().enumerate().for_each(|(k, &i)| place[i] = Some(k));
        let mut known = BTreeMap::new();
        for (k, &i) in free.iter().enumerate() {
            let mut last = true;
            for (j, lag) in self.situation.after(i) {
                if let Some(l) = place[j] {
                    last &= project.duration()[j] == 0;
                    self.distance(network, lengths, (k, l, lag), &mut known);
                }
            }
            if last {
                self.distance(network, lengths, (k, free.len(), 0), &mut known);
            }
        }
    }

    /// `S_l` is at least the end of `k`, and `lag` ticks later. What lags mean is worked out once for each.
    fn distance(&self, network: &mut Network, lengths: &TableLengths, (k, l, lag): (usize, usize, i64), known: &mut Delays) {
        let translation = self.translation;
        let (from, to) = (translation.clock(k), translation.clock(l));
        let takes_time = lengths.lasts(k);
        if !takes_time && !translation.on_real[k] && translation.on_real[l] {
            return; // the makespan; what comes before an activity without duration and lags bounds it already
        }
        let same = translation.on_real[k] == translation.on_real[l];
        // Without closed time in between a lag is a number.
        if same && (lag == 0 || from.opens.len() <= 1) {
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
        // By the end of `k`, from 0 or, where it takes time, from 1 on.
        let earliest = known.entry((takes_time, translation.on_real[k], translation.on_real[l], lag)).or_insert_with(|| {
            let moment = |end| if takes_time { from.end(end) } else { self.situation.now + end * self.unit };
            (i64::from(takes_time)..=from.total()).map(|end| to.elapsed(moment(end) + lag) as i32).collect()
        });
        let starts = 0..=from.total() as i32;
        let delayed = |start| earliest.get(lengths.end(k, start) as usize - usize::from(takes_time)).copied();
        network.add_map(k, l, StepMap::new(starts.map_while(delayed)));
    }
}
