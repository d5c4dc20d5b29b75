//! Is this a sequence of these jobs, and are its times and objectives what it says?

use super::{Kind, Violation};

/// The jobs, as plain columns.
#[derive(Debug, Clone, Copy)]
pub struct SequenceProblem<'a> {
    /// `p_j`
    pub processing_time: &'a [i64],
    /// `d_j`
    pub due_date: &'a [i64],
    /// `w_j`; none stands for ones. Integers are exact as floats here, or the sums are compared with a tolerance.
    pub weight: Option<&'a [f64]>,
}

/// Somebody's sequence, with whatever else is claimed of it.
#[derive(Debug, Clone, Copy, Default)]
pub struct SequenceClaim<'a> {
    /// Jobs by position.
    pub sequence: &'a [i64],
    /// `(S_j, C_j)` by job.
    pub times: Option<(&'a [i64], &'a [i64])>,
    /// `C_j - d_j` by job.
    pub lateness: Option<&'a [i64]>,
    /// `max(0, C_j - d_j)` by job.
    pub tardiness: Option<&'a [i64]>,
    /// `sum T_j`
    pub total_tardiness: Option<i64>,
    /// `sum w_j T_j`, judged to one part in 10^12.
    pub total_weighted_tardiness: Option<f64>,
    /// `max L_j`
    pub max_lateness: Option<i64>,
    /// `max T_j`
    pub max_tardiness: Option<i64>,
    /// Number of tardy jobs.
    pub num_tardy: Option<i64>,
}

/// Every violation. Empty means that the sequence is one of these jobs, and that everything claimed of it is true.
///
/// Subjects: the job; `precedence` and `machine_overlap` two jobs, the one that the sequence puts first in front; nothing for an
/// objective that is a sum or a maximum. Without times the jobs run one after the other from 0. O(n).
///
/// # Panics
/// If columns by job differ in length from the problem.
#[must_use]
pub fn check_sequence(problem: &SequenceProblem, claim: &SequenceClaim) -> Vec<Violation> {
    let n = problem.processing_time.len();
    let mut found = membership(n, claim.sequence);
    let ids: Vec<usize> = claim.sequence.iter().filter_map(|&j| usize::try_from(j).ok().filter(|&j| j < n)).collect();
    let mut completion = vec![None; n];
    if let Some((start, end)) = claim.times {
        times(problem, &ids, start, end, &mut found);
        for &j in &ids {
            completion[j] = Some(i128::from(end[j]));
        }
    } else {
        let mut clock = 0_i128;
        for &j in &ids {
            clock += i128::from(problem.processing_time[j]);
            completion[j] = Some(clock);
        }
    }
    let lateness: Vec<Option<i128>> =
        completion.iter().zip(problem.due_date).map(|(c, &d)| c.map(|c| c - i128::from(d))).collect();
    column("lateness", claim.lateness, &lateness, |l| l, &mut found);
    column("tardiness", claim.tardiness, &lateness, |l| l.max(0), &mut found);
    objectives(problem, claim, &lateness, &mut found);
    found
}

fn membership(n: usize, sequence: &[i64]) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut seen = vec![false; n];
    for &j in sequence {
        match usize::try_from(j).ok().and_then(|j| seen.get_mut(j)) {
            None => found.push(Violation::new(Kind::UnknownId, [j], format!("there is no job {j}, expected 0 <= index < {n}"))),
            Some(seen) if *seen => {
                found.push(Violation::new(Kind::Duplicate, [j], format!("job {j} is sequenced more than once")));
            }
            Some(seen) => *seen = true,
        }
    }
    for j in (0..n).filter(|&j| !seen[j]) {
        found.push(Violation::new(Kind::Missing, [j as i64], format!("job {j} is not sequenced")));
    }
    found
}

fn times(problem: &SequenceProblem, ids: &[usize], start: &[i64], end: &[i64], found: &mut Vec<Violation>) {
    let mut before: Option<usize> = None;
    for &j in ids {
        let (id, p) = (j as i64, problem.processing_time[j]);
        let (s, e) = (i128::from(start[j]), i128::from(end[j]));
        if e - s != i128::from(p) {
            found.push(Violation::new(Kind::Duration, [id], format!("job {j} runs from {s} to {e}, its processing time is {p}")));
        }
        if s < 0 {
            found.push(Violation::new(Kind::Release, [id], format!("job {j} starts at {s}, before time 0")));
        }
        if let Some(i) = before {
            let (other, until) = (i128::from(start[i]), i128::from(end[i]));
            if s < other {
                let text = format!("job {j} starts at {s}, before job {i} at {other}, which the sequence puts first");
                found.push(Violation::new(Kind::Precedence, [i as i64, id], text));
            } else if s < until {
                let text = format!("job {j} starts at {s}, while job {i} runs until {until}");
                found.push(Violation::new(Kind::MachineOverlap, [i as i64, id], text));
            }
        }
        before = Some(j);
    }
}

fn column(name: &str, claimed: Option<&[i64]>, lateness: &[Option<i128>], of: impl Fn(i128) -> i128, found: &mut Vec<Violation>) {
    for (j, (&mine, late)) in claimed.into_iter().flatten().zip(lateness).enumerate() {
        if let Some(truth) = late.map(&of).filter(|&truth| truth != i128::from(mine)) {
            found.push(Violation::new(
                Kind::Objective,
                [j as i64],
                format!("the {name} of job {j} is stored as {mine}, it is {truth}"),
            ));
        }
    }
}

fn objectives(problem: &SequenceProblem, claim: &SequenceClaim, lateness: &[Option<i128>], found: &mut Vec<Violation>) {
    let known = || lateness.iter().flatten().copied();
    let worst = known().max().unwrap_or(0);
    let exact = [
        ("total tardiness", claim.total_tardiness, known().map(|l| l.max(0)).sum()),
        ("max lateness", claim.max_lateness, worst),
        ("max tardiness", claim.max_tardiness, worst.max(0)),
        ("number of tardy jobs", claim.num_tardy, known().filter(|&l| l > 0).count() as i128),
    ];
    for (name, mine, truth) in exact {
        if let Some(mine) = mine.filter(|&mine| i128::from(mine) != truth) {
            found.push(Violation::new(Kind::Objective, [], format!("the {name} is stored as {mine}, it is {truth}")));
        }
    }
    if let Some(mine) = claim.total_weighted_tardiness {
        let weight = |j: usize| problem.weight.map_or(1.0, |w| w[j]);
        let truth: f64 = lateness.iter().enumerate().map(|(j, l)| weight(j) * l.unwrap_or(0).max(0) as f64).sum();
        if (mine - truth).abs() > 1e-12 * truth.abs() || mine.is_nan() {
            found.push(Violation::new(
                Kind::Objective,
                [],
                format!("the total weighted tardiness is stored as {mine:?}, it is {truth:?}"),
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROBLEM: SequenceProblem =
        SequenceProblem { processing_time: &[2, 3, 1], due_date: &[2, 4, -1], weight: Some(&[1.0, 2.0, 3.0]) };

    fn kinds(claim: SequenceClaim) -> Vec<(&'static str, Vec<i64>)> {
        check_sequence(&PROBLEM, &claim).into_iter().map(|v| (v.kind.as_str(), v.subject)).collect()
    }

    #[test]
    fn each_rule_is_seen_when_it_alone_is_broken() {
        let good = SequenceClaim {
            sequence: &[0, 1, 2],
            times: Some((&[0, 2, 5], &[2, 5, 6])),
            lateness: Some(&[0, 1, 7]),
            tardiness: Some(&[0, 1, 7]),
            total_tardiness: Some(8),
            total_weighted_tardiness: Some(23.0),
            max_lateness: Some(7),
            max_tardiness: Some(7),
            num_tardy: Some(2),
        };
        let bare = SequenceClaim { sequence: &[0, 1, 2], ..SequenceClaim::default() };
        assert_eq!(kinds(good), []);
        assert_eq!(kinds(bare), []);
        assert_eq!(kinds(SequenceClaim { sequence: &[0, 1], ..bare }), [("missing", vec![2])]);
        assert_eq!(kinds(SequenceClaim { sequence: &[0, 1, 2, 0], ..bare }), [("duplicate", vec![0])]);
        assert_eq!(
            kinds(SequenceClaim { sequence: &[0, 1, 2, 3, -1], ..bare }),
            [("unknown_id", vec![3]), ("unknown_id", vec![-1])]
        );
        assert_eq!(kinds(SequenceClaim { times: Some((&[0, 2, 5], &[2, 4, 6])), ..bare }), [("duration", vec![1])]);
        assert_eq!(kinds(SequenceClaim { times: Some((&[-1, 2, 5], &[1, 5, 6])), ..bare }), [("release", vec![0])]);
        assert_eq!(kinds(SequenceClaim { times: Some((&[0, 1, 5], &[2, 4, 6])), ..bare }), [("machine_overlap", vec![0, 1])]);
        assert_eq!(kinds(SequenceClaim { times: Some((&[3, 0, 5], &[5, 3, 6])), ..bare }), [("precedence", vec![0, 1])]);
        assert_eq!(kinds(SequenceClaim { lateness: Some(&[0, 2, 7]), ..bare }), [("objective", vec![1])]);
        assert_eq!(kinds(SequenceClaim { tardiness: Some(&[1, 1, 7]), ..bare }), [("objective", vec![0])]);
        for wrong in [
            SequenceClaim { total_tardiness: Some(7), ..bare },
            SequenceClaim { total_weighted_tardiness: Some(22.0), ..bare },
            SequenceClaim { max_lateness: Some(8), ..bare },
            SequenceClaim { max_tardiness: Some(0), ..bare },
            SequenceClaim { num_tardy: Some(3), ..bare },
        ] {
            assert_eq!(kinds(wrong), [("objective", vec![])]);
        }
    }

    #[test]
    fn jobs_that_start_together_overlap_unless_one_takes_no_time() {
        let together = SequenceClaim { sequence: &[0, 1, 2], times: Some((&[0, 0, 3], &[2, 3, 4])), ..SequenceClaim::default() };
        assert_eq!(kinds(together), [("machine_overlap", vec![0, 1])]);
        let problem = SequenceProblem { processing_time: &[0, 3, 1], ..PROBLEM };
        let instant = SequenceClaim { times: Some((&[0, 0, 3], &[0, 3, 4])), ..together };
        assert_eq!(check_sequence(&problem, &instant), []);
    }

    #[test]
    fn weights_are_ones_by_default_and_nothing_is_zero() {
        let bare = SequenceClaim { sequence: &[0, 1, 2], total_weighted_tardiness: Some(8.0), ..SequenceClaim::default() };
        let plain = SequenceProblem { weight: None, ..PROBLEM };
        assert_eq!(check_sequence(&plain, &bare), []);
        assert_eq!(check_sequence(&plain, &SequenceClaim { total_weighted_tardiness: Some(8.000_001), ..bare }).len(), 1);
        let empty = SequenceProblem { processing_time: &[], due_date: &[], weight: None };
        let nothing =
            SequenceClaim { max_lateness: Some(0), max_tardiness: Some(0), num_tardy: Some(0), ..SequenceClaim::default() };
        assert_eq!(check_sequence(&empty, &nothing), []);
    }

    #[test]
    fn nothing_tardy_weighs_nothing() {
        let problem = SequenceProblem { due_date: &[9, 9, 9], ..PROBLEM };
        let claim = SequenceClaim { sequence: &[0, 1, 2], total_weighted_tardiness: Some(0.0), ..SequenceClaim::default() };
        assert_eq!(check_sequence(&problem, &claim), []);
    }
}
