//! How far schedules are from being shorter, for the comparison of schedules of equal makespan.

use super::model::{Link, Model};

/// Units by which completions are looked at before they are too late for a makespan that is one unit shorter.
const MARGIN: i64 = 2;

/// Scratch space: the time that must pass after each completion.
#[derive(Debug, Clone)]
pub struct Tails {
    tail: Vec<i64>,
}

impl Tails {
    /// For `n` activities.
    pub fn new(n: usize) -> Self {
        Self { tail: vec![0; n] }
    }

    /// The sum of squares of the units by which activities complete too late for a makespan that is shorter by one unit and [`MARGIN`], as
    /// far as links and chosen modes tell. `after` are the links to what is placed later, seen from there in the other direction of time;
    /// `list` is the order of placement. O(n + m).
    pub fn criticality(
        &mut self,
        model: &Model,
        after: &[Vec<Link>],
        list: &[u32],
        choice: &[u32],
        finish: &[i64],
        makespan: i64,
    ) -> i64 {
        let tail = &mut self.tail;
        let runs = |i: usize| model.runs(choice[i]);
        let duration = |i: usize| model.duration[choice[i] as usize];
        let mut sum = 0_i64;
        for i in list.iter().rev().map(|&i| i as usize).filter(|&i| runs(i)) {
            tail[i] = 0;
            for link in after[i].iter().filter(|link| runs(link.other as usize)) {
                let j = link.other as usize;
                let other = if link.from_finish { duration(j) } else { 0 };
                let own = if link.to_finish { duration(i) } else { 0 };
                tail[i] = tail[i].max(link.lag + tail[j] + other - own);
            }
            let beyond = (finish[i] + tail[i] - (makespan - 1 - MARGIN)).max(0);
            sum = sum.saturating_add(beyond.saturating_mul(beyond));
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rcpsp::modes::decoder::Decoder;
    use crate::rcpsp::{Modes, Past, Project, ProjectData, Relation};

    /// Activities 0 -> 1 and a third one; one resource unit each of two.
    fn project(relation: Relation) -> Project {
        let modes = Modes { activity: vec![0, 1, 2], duration: vec![4, 3, 2], demand: vec![1, 1, 1], ..Modes::default() };
        let data = ProjectData {
            modes,
            capacity: vec![2],
            precedence: vec![(0, 1)],
            lag: vec![0],
            relation: vec![relation],
            ..ProjectData::default()
        };
        Project::new(data).expect("valid")
    }

    fn criticality(relation: Relation, list: &[u32], backward: bool) -> (i64, i64) {
        let project = project(relation);
        let model = Model::new(&project, &Past::default(), &[]);
        let mut decoder = Decoder::new(&model);
        let makespan = decoder.decode(list, &mut [0, 1, 2], backward, None);
        (makespan, decoder.criticality)
    }

    #[test]
    fn completions_that_leave_too_little_time_count_by_their_squares() {
        // 0 at 0-4 with 3 units to follow, 1 at 4-7, 2 at 0-2: due by 4, 0 and 1 are 3 units too late each.
        assert_eq!(criticality(Relation::FinishStart, &[0, 1, 2], false), (7, 18));
        // Backward, 1 at 0-3, 0 at 3-7, and 2 at 0-2.
        assert_eq!(criticality(Relation::FinishStart, &[1, 0, 2], true), (7, 18));
        // Starts follow starts: 0 at 0-4, 1 at 0-3 and 2 at 3-5, all due by 2; nothing
        // is left to do behind 0.
        assert_eq!(criticality(Relation::StartStart, &[0, 1, 2], false), (5, 4 + 1 + 9));
    }
}
