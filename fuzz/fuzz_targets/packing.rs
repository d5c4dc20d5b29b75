//! Items of any sizes under every method: an error from validation, or a packing that keeps capacities, counts and bounds.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use schedkit_core::control::{Limits, Pulse, Stop, Watch};
use schedkit_core::names::Named;
use schedkit_core::packing::{
    BinMethod, Layout, PartitionMethod, PartitionOptions, ReplicationMethod, pack_bins, pack_bins_exact, partition,
    partition_exact, replicate,
};

#[derive(Arbitrary, Debug)]
struct Input {
    sizes: Vec<i64>,
    /// Small numbers meet the methods, large ones the validation.
    small: bool,
    capacity: i64,
    k: u8,
    max_count: Option<u8>,
    equal_count: bool,
    layout: (u8, u8, u8, u8),
}

fuzz_target!(|input: Input| {
    let shrink = |value: i64| if input.small { value.rem_euclid(32) } else { value };
    let sizes: Vec<i64> = input.sizes.iter().take(40).map(|&size| shrink(size)).collect();
    let capacity = if input.small { 31 + shrink(input.capacity) } else { input.capacity };
    let k = usize::from(input.k % 16);
    let limits = Limits { budget: Some(2000), ..Limits::default() };
    let stop = Stop::new(&limits);
    let sum = |bin: &[u32], b: usize| -> i64 { sizes.iter().zip(bin).filter(|&(_, &other)| other as usize == b).map(|(size, _)| size).sum() };

    let mut fewest = usize::MAX;
    let exact = pack_bins_exact(&sizes, capacity, &limits, &mut Watch::new(&stop)).map(|(found, _)| found);
    let heuristic = BinMethod::all().map(|(_, method)| pack_bins(&sizes, capacity, method, &mut Pulse::default()));
    for found in heuristic.chain([exact]).flatten() {
        assert!(found.load.iter().enumerate().all(|(b, &load)| load == sum(&found.bin, b) && load <= capacity));
        fewest = fewest.min(found.load.len());
        assert!(found.lower_bound <= fewest);
    }

    let options =
        PartitionOptions { max_count: input.max_count.map(usize::from), equal_count: input.equal_count, speeds: None };
    let exact = partition_exact(&sizes, k, &options, &limits, &mut Watch::new(&stop)).map(|(found, _)| found);
    let heuristic = PartitionMethod::all().map(|(_, method)| partition(&sizes, k, method, &options, &mut Pulse::default()));
    for found in heuristic.chain([exact]).flatten() {
        let mut count = vec![0; k];
        found.bin.iter().for_each(|&b| count[b as usize] += 1);
        let (least, most) = (count.iter().min().unwrap_or(&0), count.iter().max().unwrap_or(&0));
        assert!(options.max_count.is_none_or(|limit| *most <= limit) && (!options.equal_count || most - least <= 1));
        assert!(found.load.iter().enumerate().all(|(b, &load)| load == sum(&found.bin, b)));
        assert!(found.lower_bound.as_f64() <= found.max_load.as_f64());
    }

    let load: Vec<f64> = sizes.iter().map(|&size| size as f64).collect();
    let (replicas, groups, nodes, devices) = input.layout;
    let [replicas, groups, nodes, devices] = [replicas, groups, nodes, devices].map(usize::from);
    let layout = Layout { experts: load.len(), replicas, groups, nodes, devices };
    for (_, method) in ReplicationMethod::all() {
        if let Ok(found) = replicate(&load, layout, method, &mut Pulse::default()) {
            assert_eq!(found.expert.len(), replicas);
            assert!(found.replica_count.iter().all(|&count| count > 0) && found.lower_bound <= found.max_load);
        }
    }
});
