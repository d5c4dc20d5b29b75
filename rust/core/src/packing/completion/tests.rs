use super::*;
use crate::control::{Limits, Stop};

fn asked(sorted: &[i64], num_bins: usize, capacity: i64, counts: Option<CountLimits>, limit: u64) -> Fit {
    let stop = Stop::new(&Limits::default());
    fit(sorted, num_bins, capacity, counts, &mut Nodes { used: 0, limit }, &mut Watch::new(&stop))
}

#[test]
fn items_fit_where_no_greedy_rule_succeeds() {
    let sizes = [10, 9, 8, 8, 6, 6, 1, 0, 0];
    let Fit::Found(bin) = asked(&sizes, 2, 24, None, u64::MAX) else { panic!("they fit") };
    let load = |b: u32| sizes.iter().zip(&bin).filter(|&(_, &other)| other == b).map(|(size, _)| size).sum::<i64>();
    assert_eq!((load(0), load(1)), (24, 24));
    assert_eq!(asked(&sizes, 2, 23, None, u64::MAX), Fit::Infeasible);
}

#[test]
fn counts_may_forbid_what_sizes_allow() {
    let counts = |most, full_bins| Some(CountLimits { most, full_bins });
    assert_eq!(asked(&[3, 1, 1, 1], 2, 3, None, u64::MAX), Fit::Found(vec![0, 1, 1, 1]));
    assert_eq!(asked(&[3, 1, 1, 1], 2, 3, counts(2, 2), u64::MAX), Fit::Infeasible);
    assert!(matches!(asked(&[3, 1, 1, 1], 2, 4, counts(2, 2), u64::MAX), Fit::Found(_)));
}

#[test]
fn a_limit_on_nodes_leaves_the_question_open() {
    assert_eq!(asked(&[3, 3, 2, 2, 2], 2, 6, None, 1), Fit::Unknown);
    assert!(matches!(asked(&[3, 3, 2, 2, 2], 2, 6, None, 100), Fit::Found(_)));
}
