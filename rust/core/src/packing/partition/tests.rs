use super::*;
use crate::control::{Limits, Stop, Watch};
use proptest::prelude::*;

const METHODS: [PartitionMethod; 3] = [PartitionMethod::Lpt, PartitionMethod::Multifit, PartitionMethod::KarmarkarKarp];

/// The least largest load, by trying all bins for all items.
fn least(sizes: &[i64], load: &mut [i64]) -> i64 {
    let Some((&size, rest)) = sizes.split_first() else { return load.iter().copied().max().unwrap_or(0) };
    (0..load.len())
        .map(|b| {
            load[b] += size;
            let value = least(rest, load);
            load[b] -= size;
            value
        })
        .min()
        .unwrap_or(0)
}

proptest! {
    #[test]
    fn the_least_load_lies_between_bounds_and_methods(sizes in prop::collection::vec(0_i64..40, 0..8), k in 1_usize..4) {
        let best = least(&sizes, &mut vec![0; k]);
        for method in METHODS {
            let found = partition(&sizes, k, method, &PartitionOptions::default(), &mut Pulse::default()).unwrap();
            prop_assert_eq!(found.load.iter().sum::<i64>(), sizes.iter().sum::<i64>());
            prop_assert!(found.lower_bound.as_f64() <= best as f64 && best as f64 <= found.max_load.as_f64());
        }
        let stop = Stop::new(&Limits::default());
        let (found, _) = partition_exact(&sizes, k, &PartitionOptions::default(), &Limits::default(), &mut Watch::new(&stop)).unwrap();
        prop_assert_eq!((found.max_load, found.lower_bound), (best.into(), best.into()));
    }

    #[test]
    fn counts_are_kept(sizes in prop::collection::vec(0_i64..40, 0..30), k in 1_usize..7, equal in any::<bool>()) {
        let most = sizes.len().div_ceil(k);
        let options = PartitionOptions { max_count: Some(most.max(1)), equal_count: equal, speeds: None };
        for method in [PartitionMethod::Lpt, PartitionMethod::KarmarkarKarp] {
            let found = partition(&sizes, k, method, &options, &mut Pulse::default()).unwrap();
            let mut count = vec![0; k];
            found.bin.iter().for_each(|&b| count[b as usize] += 1);
            prop_assert!(count.iter().all(|&count| count <= most && (!equal || count + 1 >= most)));
        }
    }
}

/// The bound of groups of neighbouring sizes as it is defined, one sum after the other.
fn bound_of_all_groups(sorted: &[f64], k: usize) -> f64 {
    let sum = |part: &[f64]| part.iter().fold(0.0_f64, |sum, &size| sum + size);
    let groups = (1..).take_while(|j| j * k < sorted.len()).map(|j| sum(&sorted[j * k - j..=j * k]).share(1, j + 1));
    groups.fold(f64::max(sorted[0], sum(sorted).share(k, sorted.len())), f64::max)
}

proptest! {
    #[test]
    fn no_group_of_neighbouring_sizes_is_left_out(
        mut sizes in prop::collection::vec(prop_oneof![0.0_f64..1.0, Just(0.7), Just(0.0), 1e-9..1e9], 1..60),
        equal in 0_usize..60,
        k in 1_usize..12,
    ) {
        sizes.extend(std::iter::repeat_n(sizes[0], equal));
        sizes.sort_by(|a: &f64, b| b.total_cmp(a));
        prop_assert_eq!(bound::lower_bound(&sizes, k, None, false), bound_of_all_groups(&sizes, k));
    }
}

#[test]
fn a_stopped_pulse_ends_every_method() {
    let sizes: Vec<i64> = (0..200_000).collect();
    for method in METHODS {
        let mut pulse = Pulse::new(|| false);
        partition(&sizes, 7, method, &PartitionOptions::default(), &mut pulse).unwrap();
        assert!(pulse.stopped());
    }
}

#[test]
fn a_bound_meets_a_value_from_which_rounding_alone_parts_it() {
    let options = PartitionOptions { speeds: Some(&[1.0, 2.0]), ..PartitionOptions::default() };
    let found = partition(&[1_i64, 2], 2, PartitionMethod::Lpt, &options, &mut Pulse::default()).unwrap();
    assert_eq!((found.max_load, found.lower_bound), (1.0.into(), 1.0.into()));
    for n in 1..40 {
        // Each bin has the same floats.
        let sizes: Vec<f64> = (0..3 * n).map(|i| 0.1 + f64::from(i / 3) / 7.0).collect();
        let found = partition(&sizes, 3, PartitionMethod::Lpt, &PartitionOptions::default(), &mut Pulse::default()).unwrap();
        assert_eq!(found.max_load, found.lower_bound, "{n}");
    }
    let sizes = [3.0, 3.0, 2.0, 2.0, 2.0];
    let less = partition(&sizes, 2, PartitionMethod::Lpt, &PartitionOptions::default(), &mut Pulse::default());
    assert!(less.is_ok_and(|less| less.max_load == 7.0.into() && less.lower_bound != less.max_load));
}
