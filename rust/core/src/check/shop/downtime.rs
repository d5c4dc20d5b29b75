//! What concerns machines that are closed by a calendar, or were down.

use super::{Judge, Run, Time};
use crate::check::Kind;

/// Beyond the times of calendars, and far from the ends of 64 bits.
const FAR: Time = 1 << 60;

/// The rows by machine and time, with those of one machine that touch or overlap made one; rows of no time left out.
pub(super) fn merged(down: &[(i64, i64, i64)]) -> Vec<(i64, i64, i64)> {
    let mut rows: Vec<_> = down.iter().copied().filter(|row| row.1 < row.2).collect();
    rows.sort_unstable();
    rows.dedup_by(|row, kept| {
        let joined = row.0 == kept.0 && row.1 <= kept.2;
        if joined {
            kept.2 = kept.2.max(row.2);
        }
        joined
    });
    rows
}

impl Judge<'_> {
    /// Whether an operation lasts as long as it must, times for which its machine was down included, and starts on a machine that runs.
    pub(super) fn takes(&mut self, run: Run, duration: i64) {
        let (id, place) = (run.operation as i64, run.machine as i64);
        let down = &self.down;
        let first = down.partition_point(|&(machine, _, end)| (machine, Time::from(end)) <= (place, run.start));
        let (mut from, mut end) = (run.start, run.start + Time::from(duration)); // of the work without further interruption
        for &(_, stop, again) in down[first..].iter().take_while(|row| row.0 == place) {
            let (stop, again) = (Time::from(stop), Time::from(again));
            if stop <= run.start {
                let (label, place) = (self.label(run.operation), self.place(run.machine));
                let detail = || format!("{label} starts at {}, but {place} is down from {stop} to {again}", run.start);
                self.found.add(Kind::Downtime, &[id, run.machine as i64], detail);
                return;
            }
            if stop >= end {
                break;
            }
            let left = if self.claim.restart { Time::from(duration) } else { end - stop };
            (from, end) = (again, again + left);
        }
        if run.end != end {
            let (label, place, start) = (self.label(run.operation), self.place(run.machine), run.start);
            let last = run.end;
            self.found.add(Kind::Duration, &[id], || {
                if from == start {
                    format!("{label} runs from {start} to {last}, but takes {duration} on {place}")
                } else {
                    format!("{label} runs from {start} to {last}, but takes {duration} on {place}, which was down meanwhile: until {end}")
                }
            });
        }
    }

    /// Whether the machine is closed while it runs an operation.
    pub(super) fn closed(&mut self, run: Run, label: &str) {
        let Some((_, calendar)) = self.shop.calendars.iter().find(|(machine, _)| *machine == run.machine as i64) else { return };
        let (mut time, end) = (run.start.clamp(-FAR, FAR) as i64, run.end.clamp(-FAR, FAR) as i64);
        // One period shows all steps there are.
        let last = calendar.period().map_or(end, |period| end.min(time.saturating_add(period)));
        while time < last {
            if calendar.capacity_at(time) == Some(0) {
                let place = self.place(run.machine);
                let detail = || format!("{label} runs from {} to {}, but {place} is closed at {time}", run.start, run.end);
                self.found.add(Kind::Downtime, &[run.operation as i64, run.machine as i64], detail);
                return;
            }
            match calendar.next_step(time) {
                Some(next) => time = next,
                None => return,
            }
        }
    }
}
