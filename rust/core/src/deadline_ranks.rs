//! Ranks of waiting work that change once: when a deadline cannot be met any more, or when it has passed.

/// The numbers that such a rank depends on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DatedWork {
    /// When it should be done, at any point of the time scale; infinite if it has no deadline.
    pub deadline: f64,
    /// The time that it is predicted to need still, never below 0.
    pub remaining: f64,
    /// Its value if it is done in time, never below 0.
    pub weight: f64,
}

/// A rank with one value while work is in time, and another when it is late.
pub trait DeadlineRank: Default {
    /// The name that users give to the policy.
    const NAME: &'static str;
    /// Whether all work that is late comes after all that is in time.
    const LATE_LAST: bool;

    /// The last moment at which the work is in time if it does not run until then.
    fn last_moment_in_time(work: &DatedWork) -> f64;
    /// The rank, lowest first.
    fn rank(work: &DatedWork, late: bool) -> f64;

    /// The place in the order, lowest first: whether it comes after all work that is in time, then the rank.
    fn place(work: &DatedWork, late: bool) -> (bool, f64) {
        (Self::LATE_LAST && late, Self::rank(work, late))
    }
}

/// Earliest deadline first among the work that can still meet its deadline; work without hope comes last, the latest deadline first.
///
/// Work has hope while deadline - now - predicted remaining time is positive. Source: the priority of `FlowPrefill`, sign(slack) /
/// deadline, where deadlines are positive; here the order is the same for every origin of the time scale.
#[derive(Debug, Clone, Copy, Default)]
pub struct SlackEdf;

impl DeadlineRank for SlackEdf {
    const NAME: &'static str = "slack_edf";
    const LATE_LAST: bool = true;

    fn last_moment_in_time(work: &DatedWork) -> f64 {
        (work.deadline - work.remaining).next_down()
    }

    fn rank(work: &DatedWork, late: bool) -> f64 {
        if late { -work.deadline } else { work.deadline }
    }
}

/// Highest value over predicted remaining time first. The value is the weight, and a tenth of it past the deadline.
///
/// Source: the density of `JITServe`.
#[derive(Debug, Clone, Copy, Default)]
pub struct SloDensity;

/// The part of its weight that work is worth past its deadline.
const WORTH_WHEN_LATE: f64 = 0.1;

impl DeadlineRank for SloDensity {
    const NAME: &'static str = "slo_density";
    const LATE_LAST: bool = false;

    fn last_moment_in_time(work: &DatedWork) -> f64 {
        work.deadline
    }

    fn rank(work: &DatedWork, late: bool) -> f64 {
        let value = if late { WORTH_WHEN_LATE * work.weight } else { work.weight };
        time_over_weight(work.remaining, value)
    }
}

/// Remaining time over weight. Work that is about to complete may be a rounding error below zero, which counts as 0; a weight of 0 is
/// always last.
#[inline]
pub fn time_over_weight(time: f64, weight: f64) -> f64 {
    if weight == 0.0 { f64::INFINITY } else { time.max(0.0) / weight }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_does_not_depend_on_where_time_begins() {
        for origin in [-100.0, -1.0, -0.25, 0.0, 3.0] {
            let place = |deadline: f64, late| {
                SlackEdf::place(&DatedWork { deadline: origin + deadline, remaining: 0.0, weight: 1.0 }, late)
            };
            let order = [place(0.5, false), place(1.0, false), place(1.5, false), place(1.5, true), place(1.0, true)];
            assert!(order.is_sorted_by(|a, b| a < b), "{order:?}");
        }
    }
}
