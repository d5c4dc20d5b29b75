//! Packing: buffers into an address space, and moves between nodes, each with a bound beside the answer.

use schedkit_core::control::{Limits, Pulse, Stop, Watch};
use schedkit_core::packing::{BinMethod, Buffers, Cluster, ClusterData, offsets, pack_bins, repack};

fn main() -> Result<(), schedkit_core::Error> {
    // Sequences of these lengths share training batches of 4096 tokens.
    let lengths = [3000_i64, 2500, 1600, 1500, 1000, 900, 600, 90];
    let batches = pack_bins(&lengths, 4096, BinMethod::BestFitDecreasing, &mut Pulse::default())?;
    println!("batches {}, at least {}", batches.load.len(), batches.lower_bound);

    // Five buffers of a model: the steps at which they are alive, and their sizes.
    let buffers = Buffers::new(vec![0, 1, 2, 3, 0], vec![2, 4, 5, 6, 6], vec![64, 32, 96, 32, 16], 16, None, &[])?;
    let limits = Limits { budget: Some(10_000), ..Limits::default() };
    let memory = offsets(&buffers, None, &limits, 1, &mut Watch::new(&Stop::new(&limits)))?;
    println!("memory {:?}, at least {}", memory.peak, memory.lower_bound);
    assert_eq!(memory.offset.map(|offset| buffers.peak(&offset)), memory.peak);

    // Virtual machines on nodes of 16 processors: which moves win back whole blocks of 16?
    let cluster = Cluster::new(ClusterData {
        demand: vec![4, 12, 4, 8],
        capacity: vec![16; 4],
        shape: (4, 4, 1),
        current: vec![0, 1, 2, 3],
        block: 16,
        ..ClusterData::default()
    })?;
    let moves = repack(&cluster, 2, &limits, 1, &mut Watch::new(&Stop::new(&limits)))?;
    println!("moves {:?}: {:.3} of what is free is in fragments, at least {:.3}", moves.moves, moves.value, moves.bound);
    assert!(moves.bound <= moves.value);
    Ok(())
}
