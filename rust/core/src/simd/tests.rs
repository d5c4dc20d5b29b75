//! Every kernel against its definition.

use super::word::runs;
use super::*;
use proptest::prelude::*;

const GUARD: u32 = 0x88;
const FULL: u32 = 0xff; // two lanes of capacity 7

fn need(demand: u32, duration: u32) -> Need<u32> {
    Need { demand, duration, shifts: run_shifts(duration) }
}

/// Both kernels against the definition, on a profile of random levels.
fn compare<W: Word>(levels: &[u8], demand: u8, duration: u32, from: usize, widen: impl Fn(u8) -> W, simd: impl Simd<W>) {
    let guard = widen(GUARD as u8);
    let mut profile: Vec<W> = levels.iter().map(|&level| widen(level | GUARD as u8)).collect();
    profile.resize(levels.len() + duration as usize + PADDING, widen(FULL as u8));
    let need = Need { demand: widen(demand & 0x77), duration, shifts: run_shifts(duration) };
    let free = |t: usize| profile[t..t + duration as usize].iter().all(|level| level.fits(need.demand, guard));
    let expected = (from..=levels.len()).find(|&t| free(t)).expect("the padding is free");
    assert_eq!(Portable.first_fit(&profile, from, need, guard), expected);
    assert_eq!(simd.vectorize(|| simd.first_fit(&profile, from, need, guard)), expected);
    let bits = (0..64).filter(|&k| profile[from + k].fits(need.demand, guard)).map(|k| 1_u64 << k).sum::<u64>();
    assert_eq!(Portable.free(&profile, from, need.demand, guard), bits);
    assert_eq!(simd.vectorize(|| simd.free(&profile, from, need.demand, guard)), bits);
    let mut twin = profile.clone();
    Portable.subtract(&mut twin, expected, need);
    simd.vectorize(|| simd.subtract(&mut profile, expected, need));
    assert_eq!(profile, twin);
}

/// Both searches against the definition.
fn search(values: &[f64], limit: f64, among: u64, simd: impl SearchKernel) {
    let bit = |k: usize| 1_u64 << k;
    let at_most = (0..values.len()).filter(|&k| values[k] <= limit).map(bit).sum::<u64>();
    let marked = (0..values.len()).filter(|&k| among & bit(k) != 0).map(|k| values[k]);
    assert_eq!(simd.at_most(values, limit), at_most);
    assert_eq!(simd.least(values, among & (u64::MAX >> (64 - values.len()))), marked.fold(f64::INFINITY, f64::min));
}

/// Sorted pairs against a vector, with ties: `None` takes, `Some` puts.
fn sorted_pairs(steps: &[Option<(u8, u8)>], simd: impl SearchKernel) {
    let mut slow: Vec<Pair> = Vec::new();
    let mut fast = simd.load(&Pairs::EMPTY);
    for (owner, step) in (0_u64..).zip(steps) {
        match *step {
            None => {
                let first = if slow.is_empty() { NOTHING } else { slow.remove(0) };
                assert_eq!(fast.take_if(false), first);
                assert_eq!(if owner % 2 == 0 { fast.take() } else { fast.take_if(true) }, first);
            }
            Some((first, other)) => {
                let first = f64::from(first).min(slow.first().map_or(f64::INFINITY, |pair| pair.0));
                let other = f64::from(other);
                fast.put_larger((first, 2 * owner), (other, 2 * owner + 1));
                if other < first {
                    slow.insert(0, (first, 2 * owner));
                } else {
                    slow.insert(slow.partition_point(|pair| pair.0 <= other), (other, 2 * owner + 1));
                }
                slow.truncate(EIGHT);
            }
        }
        let mut expected = Pairs::EMPTY;
        for (k, &(number, owner)) in slow.iter().enumerate() {
            (expected.number[k], expected.owner[k]) = (number, owner);
        }
        let pairs = fast.pairs();
        assert_eq!(pairs, expected);
        fast = simd.load(&pairs);
    }
}

proptest! {
    #[test]
    fn pairs_stay_in_order(steps in prop::collection::vec(prop::option::weighted(0.7, (0_u8..9, 0_u8..9)), 0..200)) {
        sorted_pairs(&steps, Portable);
        if let Some(simd) = Avx512::detect() {
            sorted_pairs(&steps, simd);
        }
    }

    #[test]
    fn searches_agree_with_the_definition(
        values in prop::collection::vec(prop_oneof![4 => (0_u8..8).prop_map(f64::from), 1 => Just(f64::INFINITY)], 1..=64),
        limit in 0_u8..8, among in any::<u64>(),
    ) {
        search(&values, f64::from(limit), among, Portable);
        if let Some(simd) = Avx512::detect() {
            search(&values, f64::from(limit), among, simd);
        }
    }

    #[test]
    fn kernels_agree_with_the_definition(
        levels in prop::collection::vec(prop_oneof![3 => Just(0x77_u8), 1 => any::<u8>()], 0..300),
        demand in any::<u8>(), duration in prop_oneof![4 => 1_u32..20, 1 => 1_u32..200], from in 0_usize..300,
    ) {
        let from = from.min(levels.len());
        compare::<u32>(&levels, demand, duration, from, u32::from, Portable);
        compare::<u64>(&levels, demand, duration, from, |w| u64::from(w) << 40, Portable);
        if let Some(simd) = Avx512::detect() {
            compare::<u32>(&levels, demand, duration, from, u32::from, simd);
            compare::<u64>(&levels, demand, duration, from, |w| u64::from(w) << 40, simd);
        }
        if let Some(simd) = Avx2::detect() {
            compare::<u32>(&levels, demand, duration, from, u32::from, simd);
            compare::<u64>(&levels, demand, duration, from, |w| u64::from(w) << 40, simd);
        }
    }
}

#[test]
fn run_shifts_find_runs_of_every_length() {
    for duration in 1..WINDOW {
        let exact = (1 << duration) - 1;
        assert_eq!(runs(exact, run_shifts(duration)), 1, "{duration}");
        assert_eq!(runs(exact >> 1, run_shifts(duration)), 0, "{duration}");
    }
}

#[test]
fn the_guard_shows_a_field_that_would_go_below_zero() {
    assert!(FULL.fits(need(0x77, 1).demand, GUARD));
    assert!(!0x8f_u32.fits(0x10, GUARD));
    assert!(!0xf8_u32.fits(0x01, GUARD));
}
