//! The fast rules choose what their definitions choose, ties and floating point included.

use std::time::Instant;

use proptest::prelude::*;
use schedkit_core::control::Pulse;
use schedkit_core::names::Named;
use schedkit_core::random::Random;
use schedkit_core::tardiness::{Jobs, Rule, Scratch, Weights, augment, edd, mdd, mddc, plain, psk, total_tardiness};

type Method = fn(&Jobs, &mut Scratch);

const PAIRS: [(&str, Method, Method); 5] = [
    ("edd", edd, plain::edd),
    ("mdd", mdd, plain::mdd),
    ("psk", psk, plain::psk),
    ("mddc", mddc, plain::mddc),
    (
        "augmented",
        |jobs, s| {
            mdd(jobs, s);
            augment(jobs, s);
        },
        |jobs, s| {
            plain::mdd(jobs, s);
            plain::augment(jobs, s);
        },
    ),
];

fn compare(p: &[i64], d: &[i64], scratch: &mut Scratch) {
    let jobs = Jobs::new(p, d, Weights::Unit).unwrap();
    for (name, fast, slow) in PAIRS {
        fast(&jobs, scratch);
        let mut expected = Scratch::default();
        slow(&jobs, &mut expected);
        assert_eq!(scratch.sequence, expected.sequence, "{name}: p = {p:?}, d = {d:?}");
    }
}

/// Jobs with many ties, and with all degrees of lateness.
fn draw(random: &mut Random, n: usize) -> (Vec<i64>, Vec<i64>) {
    let most = [1, 2, 5, 20, 100, 1 << 33][random.below(6) as usize];
    let least = random.between(0, 1);
    let p: Vec<i64> = (0..n).map(|_| random.between(least, most)).collect();
    let total: i64 = p.iter().sum();
    let (low, high) = (random.between(-total / 4, total), random.between(0, total) + 1);
    let step = [1, 1, most, 7][random.below(4) as usize];
    let d = (0..n).map(|_| random.between(low, low + high) / step * step).collect();
    (p, d)
}

#[test]
fn fast_rules_equal_their_definitions_on_100_000_instances() {
    let (mut random, mut scratch) = (Random::new(11), Scratch::default());
    for _ in 0..100_000 {
        let n = random.below(16) as usize;
        let (p, d) = draw(&mut random, n);
        compare(&p, &d, &mut scratch);
    }
}

#[test]
fn fast_rules_equal_their_definitions_on_larger_instances() {
    let (mut random, mut scratch) = (Random::new(12), Scratch::default());
    for n in [120, 128, 129, 200, 300] {
        for _ in 0..12 {
            let (p, d) = draw(&mut random, n);
            compare(&p, &d, &mut scratch);
        }
    }
}

proptest! {
    #[test]
    fn fast_rules_equal_their_definitions_at_the_limits(
        rows in prop::collection::vec((0_i64..1 << 49, -(1_i64 << 53)..=1 << 53), 0..12),
    ) {
        let (p, d): (Vec<i64>, Vec<i64>) = rows.into_iter().unzip();
        compare(&p, &d, &mut Scratch::default());
    }

    #[test]
    fn every_rule_gives_a_permutation(
        rows in prop::collection::vec((0_i64..9, -9_i64..40, 0_i64..4), 0..40),
    ) {
        let p: Vec<i64> = rows.iter().map(|row| row.0).collect();
        let d: Vec<i64> = rows.iter().map(|row| row.1).collect();
        let w: Vec<i64> = rows.iter().map(|row| row.2).collect();
        let floats: Vec<f64> = w.iter().map(|&w| w as f64 * 0.3).collect();
        for weight in [Weights::Unit, Weights::Integers(&w), Weights::Floats(&floats)] {
            let jobs = Jobs::new(&p, &d, weight).unwrap();
            for (_, rule) in Rule::all() {
                let mut scratch = Scratch::default();
                rule.run(&jobs, &mut scratch);
                let mut sorted = scratch.sequence.clone();
                sorted.sort_unstable();
                prop_assert!(sorted.iter().copied().eq(0..rows.len() as u32), "{} {:?}", rule.name(), scratch.sequence);
            }
        }
    }
}

#[test]
fn a_rule_that_its_deadline_stops_starts_a_whole_sequence() {
    let mut random = Random::new(13);
    let (p, d) = draw(&mut random, 3000);
    let w: Vec<i64> = p.iter().map(|_| random.between(1, 9)).collect();
    let jobs = Jobs::new(&p, &d, Weights::Integers(&w)).unwrap();
    let mut different = 0;
    for (_, rule) in Rule::all() {
        let mut whole = Scratch::default();
        rule.start(&jobs, &mut whole);
        for (by_signal, pulse) in [(true, Pulse::new(|| false)), (false, Pulse::default().until(Instant::now()))] {
            let mut scratch = Scratch::with_pulse(pulse);
            rule.start(&jobs, &mut scratch);
            let (stopped, sequence) = (scratch.pulse.stopped(), scratch.sequence);
            assert!(!by_signal || stopped || sequence == whole.sequence, "{}", rule.name());
            different += u32::from(sequence != whole.sequence);
            let mut sorted = sequence.clone();
            sorted.sort_unstable();
            // A signal may leave a part of the sequence.
            assert!(sorted.is_sorted_by(|a, b| a < b) && sorted.last().is_none_or(|&job| job < 3000), "{}", rule.name());
            assert!(by_signal || sorted.len() == 3000, "{}", rule.name());
        }
    }
    assert!(different >= 6, "{different}"); // the three rules that score every remaining job at least, with both pulses
}

#[test]
fn examples_from_the_literature() {
    let (p, d) = ([4, 7, 2, 9, 5, 3], [6, 9, 14, 16, 11, 8]);
    let jobs = Jobs::new(&p, &d, Weights::Unit).unwrap();
    let mut scratch = Scratch::default();
    let mut run = |name: &str| {
        Rule::from_name(name).unwrap().run(&jobs, &mut scratch);
        (total_tardiness(&jobs, &scratch.sequence), scratch.sequence.clone())
    };
    assert_eq!(run("edd"), (34, vec![0, 5, 1, 4, 2, 3]));
    assert_eq!(run("panneerselvam"), (32, vec![2, 5, 0, 4, 1, 3]));
    for rule in ["mdd", "psk", "nbr"] {
        assert_eq!(run(rule), (27, vec![0, 5, 4, 2, 1, 3]), "{rule}");
    }
}
