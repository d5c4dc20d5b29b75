//! Jobs with due dates on one machine: a rule in microseconds, then the optimum with its proof.

use schedkit_core::check::{SequenceClaim, SequenceProblem, check_sequence};
use schedkit_core::control::{Limits, Stop, Watch};
use schedkit_core::tardiness::{Jobs, MEMORY, Scratch, Weights, mdd, solve_exact, total_tardiness};

fn main() -> Result<(), schedkit_core::InputError> {
    let (processing_time, due_date) = ([10, 11, 10, 10, 11, 10], [15, 11, 13, 11, 12, 11]);
    let jobs = Jobs::new(&processing_time, &due_date, Weights::Unit)?;
    let mut scratch = Scratch::default(); // kept between calls: no allocation after the first
    mdd(&jobs, &mut scratch);
    println!("mdd    {:?} total tardiness {}", scratch.sequence, total_tardiness(&jobs, &scratch.sequence));

    let limits = Limits::default(); // to the proof
    let stop = Stop::new(&limits);
    let best = solve_exact(&jobs, &limits, MEMORY, &mut Watch::new(&stop));
    println!("exact  {:?} total tardiness {}, {}", best.sequence, best.objective, best.status.as_str());

    let sequence: Vec<i64> = best.sequence.iter().map(|&j| i64::from(j)).collect();
    let problem = SequenceProblem { processing_time: &processing_time, due_date: &due_date, weight: Weights::Unit, names: None };
    let claim = SequenceClaim { sequence: &sequence, total_tardiness: Some(best.objective), ..SequenceClaim::default() };
    assert!(check_sequence(&problem, &claim).is_empty());
    Ok(())
}
