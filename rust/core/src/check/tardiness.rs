//! Is this a sequence of these jobs, and are its times and objectives what it says?

#[cfg(test)]
mod tests;

use super::findings::Findings;
use super::names::Names;
use super::rounding::Sum;
use super::{Kind, Violation};
use crate::control::Pulse;
use crate::cost;
use crate::memory::{self, OutOfMemory};
use crate::tardiness::Weights;

/// The jobs, as plain columns.
#[derive(Debug, Clone, Copy)]
pub struct SequenceProblem<'a> {
    /// `p_j`
    pub processing_time: &'a [i64],
    /// `d_j`
    pub due_date: &'a [i64],
    /// `w_j`
    pub weight: Weights<'a>,
    /// Names of the jobs, if they have any.
    pub names: Option<&'a [String]>,
}

/// A claimed number, as it was given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Claimed {
    /// An integer.
    Integer(i64),
    /// A float; of an integer total the nearest one is right.
    Float(f64),
}

impl<'a> SequenceProblem<'a> {
    fn jobs(&self) -> Names<'a> {
        Names::new("job", self.names)
    }
}

/// A sequence to be checked, with the objectives that are claimed for it.
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
    /// `sum w_j T_j`, judged exactly for integer weights.
    pub total_weighted_tardiness: Option<Claimed>,
    /// `max L_j`
    pub max_lateness: Option<i64>,
    /// `max T_j`
    pub max_tardiness: Option<i64>,
    /// Number of tardy jobs.
    pub num_tardy: Option<i64>,
}

/// The violations of a sequence, by kind, then by index. Empty means that it is one of these jobs, and that all that is claimed of it
/// is true.
///
/// Subjects: the job; `precedence` and `machine_overlap` two jobs, the one that the sequence puts first in front; nothing for an
/// objective that is a sum or a maximum. At most [`MOST`](super::MOST) violations of a kind are listed. Without times the jobs run one
/// after the other from 0. Integers are compared exactly. A plain sum of n products with weights that are floats, in any order, may be
/// off by `(n + 4) * 2^-53` of the sum. O(n).
///
/// # Panics
/// If columns by job differ in length from the problem.
#[must_use]
pub fn check_sequence(problem: &SequenceProblem, claim: &SequenceClaim) -> Vec<Violation> {
    check_sequence_interruptible(problem, claim, &Pulse::default()).expect("memory for the checker")
}

/// [`check_sequence`] that stops when `pulse` does; its answer must not be used then.
///
/// # Errors
/// The system refuses the memory.
///
/// # Panics
/// If columns by job differ in length from the problem.
pub fn check_sequence_interruptible(
    problem: &SequenceProblem,
    claim: &SequenceClaim,
    pulse: &Pulse,
) -> Result<Vec<Violation>, OutOfMemory> {
    let n = problem.processing_time.len();
    memory::require_items(n, 2 * size_of::<Option<i128>>() + 1)?;
    memory::require_items(claim.sequence.len(), size_of::<usize>())?;
    let mut found = Findings::new(pulse);
    membership(problem, claim.sequence, &mut found);
    let mut ids: Vec<usize> = Vec::with_capacity(claim.sequence.len());
    for part in claim.sequence.chunks(PART) {
        if found.worked(PART as u64) {
            return Ok(Vec::new());
        }
        ids.extend(part.iter().filter_map(|&j| usize::try_from(j).ok().filter(|&j| j < n)));
    }
    let mut completion = Vec::with_capacity(n);
    while completion.len() < n {
        if found.worked(PART as u64) {
            return Ok(Vec::new());
        }
        completion.resize(n.min(completion.len() + PART), None);
    }
    if let Some((start, end)) = claim.times {
        times(problem, &ids, start, end, &mut found);
        for &j in &ids {
            if found.worked(1) {
                return Ok(Vec::new());
            }
            completion[j] = Some(i128::from(end[j]));
        }
    } else {
        let mut clock = 0_i128;
        for &j in &ids {
            if found.worked(1) {
                return Ok(Vec::new());
            }
            clock += i128::from(problem.processing_time[j]);
            completion[j] = Some(clock);
        }
    }
    let mut lateness = completion;
    for (late, due) in lateness.chunks_mut(PART).zip(problem.due_date.chunks(PART)) {
        if found.worked(PART as u64) {
            return Ok(Vec::new());
        }
        late.iter_mut().zip(due).for_each(|(late, &d)| *late = late.map(|c| c - i128::from(d)));
    }
    column(problem, "lateness", claim.lateness, &lateness, |l| l, &mut found);
    column(problem, "tardiness", claim.tardiness, &lateness, |l| l.max(0), &mut found);
    objectives(problem, claim, &lateness, &mut found);
    Ok(found.finish())
}

/// Jobs between two looks at the signal where loops are short.
const PART: usize = 1 << 14;

fn membership(problem: &SequenceProblem, sequence: &[i64], found: &mut Findings) {
    let n = problem.processing_time.len();
    let mut seen = vec![false; n];
    for &j in sequence {
        if found.worked(cost::NODE) {
            return;
        }
        match usize::try_from(j).ok().and_then(|j| seen.get_mut(j)) {
            None => found.add(Kind::UnknownId, &[j], || {
                format!(
                    "there is no job {j}: a sequence holds the indices of the {n} jobs, from 0 on, in the order in which they run"
                )
            }),
            Some(seen) if *seen => {
                found.add(Kind::Duplicate, &[j], || format!("{} is sequenced more than once", problem.jobs().of(j)));
            }
            Some(seen) => *seen = true,
        }
    }
    for (j, seen) in seen.into_iter().enumerate() {
        if found.worked(1) {
            return;
        }
        if !seen {
            found.add(Kind::Missing, &[j as i64], || format!("{} is not sequenced", problem.jobs().of(j)));
        }
    }
}

fn times(problem: &SequenceProblem, ids: &[usize], start: &[i64], end: &[i64], found: &mut Findings) {
    let mut before: Option<usize> = None;
    for &j in ids {
        if found.worked(cost::PAIR) {
            return;
        }
        let (id, p, job) = (j as i64, problem.processing_time[j], problem.jobs().of(j));
        let (s, e) = (i128::from(start[j]), i128::from(end[j]));
        if e - s != i128::from(p) {
            found.add(Kind::Duration, &[id], || format!("{job} runs from {s} to {e}, its processing time is {p}"));
        }
        if s < 0 {
            found.add(Kind::Release, &[id], || format!("{job} starts at {s}, before time 0"));
        }
        if let Some(i) = before {
            let (other, until) = (i128::from(start[i]), i128::from(end[i]));
            let (pair, first) = ([i as i64, id], problem.jobs().of(i));
            if s < other {
                let detail = || format!("{job} starts at {s}, before {first} at {other}, which the sequence puts first");
                found.add(Kind::Precedence, &pair, detail);
            } else if s < until {
                found.add(Kind::MachineOverlap, &pair, || format!("{job} starts at {s}, while {first} runs until {until}"));
            }
        }
        before = Some(j);
    }
}

fn column(
    problem: &SequenceProblem,
    name: &str,
    claimed: Option<&[i64]>,
    lateness: &[Option<i128>],
    of: impl Fn(i128) -> i128,
    found: &mut Findings,
) {
    for (j, (&mine, late)) in claimed.into_iter().flatten().zip(lateness).enumerate() {
        if found.worked(1) {
            return;
        }
        if let Some(truth) = late.map(&of).filter(|&truth| truth != i128::from(mine)) {
            let detail = || format!("the {name} of {} is stored as {mine}, it is {truth}", problem.jobs().of(j));
            found.add(Kind::Objective, &[j as i64], detail);
        }
    }
}

fn objectives(problem: &SequenceProblem, claim: &SequenceClaim, lateness: &[Option<i128>], found: &mut Findings) {
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
            found.add(Kind::Objective, &[], || format!("the {name} is stored as {mine}, it is {truth}"));
        }
    }
    let Some(claimed) = claim.total_weighted_tardiness else { return };
    let late = |j: usize| lateness[j].unwrap_or(0).max(0);
    let (right, truth) = match problem.weight {
        // Products of numbers below 2^63 and 2^66, and fewer than 2^32 of them: a sum beyond i128 is none that was claimed.
        Weights::Unit | Weights::Integers(_) => {
            let weight = |j: usize| if let Weights::Integers(w) = problem.weight { i128::from(w[j]) } else { 1 };
            let truth = (0..lateness.len()).fold(0_i128, |sum, j| sum.saturating_add(weight(j).saturating_mul(late(j))));
            let right = match claimed {
                Claimed::Integer(mine) => i128::from(mine) == truth,
                Claimed::Float(mine) => mine == truth as f64,
            };
            (right, truth.to_string())
        }
        Weights::Floats(w) => {
            let truth: Sum = (0..lateness.len()).map(|j| w[j] * late(j) as f64).collect();
            let mine = match claimed {
                Claimed::Integer(mine) => mine as f64,
                Claimed::Float(mine) => mine,
            };
            (truth.explains(mine), format!("{:?}", truth.value()))
        }
    };
    if !right {
        let mine = match claimed {
            Claimed::Integer(mine) => mine.to_string(),
            Claimed::Float(mine) => format!("{mine:?}"),
        };
        found.add(Kind::Objective, &[], || format!("the total weighted tardiness is stored as {mine}, it is {truth}"));
    }
}
