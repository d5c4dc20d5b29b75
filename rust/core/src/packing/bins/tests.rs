use super::*;
use crate::control::Stop;
use crate::control::{Limits, Watch};
use proptest::prelude::*;

const METHODS: [BinMethod; 5] =
    [BinMethod::FirstFit, BinMethod::BestFit, BinMethod::FirstFitDecreasing, BinMethod::BestFitDecreasing, BinMethod::Mffd];

/// The least number of bins, by trying all bins for all items.
fn least(sizes: &[i64], capacity: i64, loads: &mut Vec<i64>, best: &mut usize) {
    let Some((&size, rest)) = sizes.split_first() else {
        *best = loads.len().min(*best);
        return;
    };
    for b in 0..=loads.len() {
        if b == loads.len() {
            loads.push(size);
            least(rest, capacity, loads, best);
            loads.pop();
        } else if loads[b] + size <= capacity {
            loads[b] += size;
            least(rest, capacity, loads, best);
            loads[b] -= size;
        }
    }
}

proptest! {
    #[test]
    fn every_method_packs_within_the_capacity_and_above_the_bound(sizes in prop::collection::vec(0_i64..12, 0..9), capacity in 11_i64..30) {
        let mut fewest = sizes.len();
        least(&sizes, capacity, &mut Vec::new(), &mut fewest);
        for method in METHODS {
            let found = pack_bins(&sizes, capacity, method, &mut Pulse::default()).unwrap();
            prop_assert!(found.load.iter().all(|&load| load <= capacity));
            prop_assert!(found.lower_bound <= fewest && fewest <= found.load.len());
        }
        let stop = Stop::new(&Limits::default());
        let (found, _) = pack_bins_exact(&sizes, capacity, &Limits::default(), &mut Watch::new(&stop)).unwrap();
        prop_assert!(found.load.iter().all(|&load| load <= capacity));
        prop_assert_eq!((found.load.len(), found.lower_bound), (fewest, fewest));
    }
}

#[test]
fn a_stopped_pulse_ends_every_method() {
    let sizes = vec![1_i64; 100_000];
    for method in METHODS {
        let mut pulse = Pulse::new(|| false);
        pack_bins(&sizes, 10, method, &mut pulse).unwrap();
        assert!(pulse.stopped());
    }
}

#[test]
fn the_bound_counts_items_that_are_alone_and_fills_what_the_others_leave() {
    // Thresholds of 4: 9 is alone, 6 and 6 leave 8 for 4, 4, 4 and 4.
    assert_eq!(l2(&[9, 6, 6, 4, 4, 4, 4], 10, &mut Pulse::default()), 4);
}
