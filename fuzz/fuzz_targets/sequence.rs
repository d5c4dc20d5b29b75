//! Jobs with any numbers under every rule: an error from validation, or a sequence that the checker accepts.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use schedkit_core::check::{SequenceClaim, SequenceProblem, check_sequence};
use schedkit_core::names::Named;
use schedkit_core::tardiness::{Jobs, Rule, Scratch, Weights, total_tardiness};

#[derive(Arbitrary, Debug)]
struct Input {
    jobs: Vec<(i64, i64, i64)>,
    /// Small numbers meet the rules, large ones the validation.
    small: bool,
    weighted: bool,
    k: f64,
}

fuzz_target!(|input: Input| {
    let shrink = |value: i64| if input.small { value.rem_euclid(32) } else { value };
    let jobs: Vec<_> = input.jobs.iter().take(40).map(|&(p, d, w)| (shrink(p), shrink(d), shrink(w))).collect();
    let processing_time: Vec<i64> = jobs.iter().map(|job| job.0).collect();
    let due_date: Vec<i64> = jobs.iter().map(|job| job.1).collect();
    let weight: Vec<i64> = jobs.iter().map(|job| job.2).collect();
    let weights = if input.weighted { Weights::Integers(&weight) } else { Weights::Unit };
    let Ok(jobs) = Jobs::new(&processing_time, &due_date, weights) else { return };
    let mut scratch = Scratch::default();
    for (name, rule) in Rule::all() {
        let Ok(rule) = rule.with_look_ahead(input.k) else { return };
        rule.run(&jobs, &mut scratch);
        let sequence: Vec<i64> = scratch.sequence.iter().map(|&j| i64::from(j)).collect();
        let problem =
            SequenceProblem { processing_time: &processing_time, due_date: &due_date, weight: Weights::Unit, names: None };
        let total = total_tardiness(&jobs, &scratch.sequence);
        let claim = SequenceClaim { sequence: &sequence, total_tardiness: Some(total), ..SequenceClaim::default() };
        assert_eq!(check_sequence(&problem, &claim), [], "{name}");
    }
});
