//! Memory offsets, placements and moves with any numbers: an error from validation, or an answer within its own bound.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use schedkit_core::control::{Limits, Stop, Watch};
use schedkit_core::packing::{Buffers, Cluster, ClusterData, Placement, PlacementData, offsets, place, repack};

#[derive(Arbitrary, Debug)]
struct Input {
    buffers: Vec<(i64, i64, i64)>,
    alignment: i64,
    capacity: Option<i64>,
    fixed: Vec<(i64, i64)>,
    demand: Vec<(i64, i64)>,
    nodes: Vec<(i64, i64)>,
    priority: Vec<i64>,
    current: Vec<i64>,
    allowed: Vec<(i64, Vec<i64>)>,
    apart: Vec<Vec<i64>>,
    spread: Vec<bool>,
    block: i64,
    moves: u8,
    /// Small numbers meet the algorithms, large ones the validation.
    small: bool,
}

fuzz_target!(|input: Input| {
    let shrink = |value: i64| if input.small { value.rem_euclid(9) } else { value };
    let limits = Limits { budget: Some(60), ..Limits::default() };
    let stop = Stop::new(&limits);
    let rows: Vec<_> =
        input.buffers.iter().take(12).map(|&(s, d, z)| (shrink(s), shrink(s).wrapping_add(shrink(d)), shrink(z))).collect();
    let column = |k: fn(&(i64, i64, i64)) -> i64| rows.iter().map(k).collect::<Vec<i64>>();
    let fixed: Vec<_> = input.fixed.iter().take(3).map(|&(i, offset)| (shrink(i), shrink(offset))).collect();
    let (alignment, capacity) = (shrink(input.alignment), input.capacity.map(shrink));
    if let Ok(buffers) = Buffers::new(column(|r| r.0), column(|r| r.1), column(|r| r.2), alignment, capacity, &fixed)
        && let Ok(found) = offsets(&buffers, None, &limits, 0, &mut Watch::new(&stop))
        && let Some(offset) = found.offset
    {
        assert!(found.lower_bound <= buffers.peak(&offset));
        for i in 0..rows.len() {
            for j in 0..i {
                let apart = offset[i] + rows[i].2 <= offset[j] || offset[j] + rows[j].2 <= offset[i];
                assert!(apart || rows[i].0 >= rows[j].1 || rows[j].0 >= rows[i].1);
            }
        }
    }
    let flat = |rows: &[(i64, i64)]| rows.iter().take(8).flat_map(|&(a, b)| [shrink(a), shrink(b)]).collect::<Vec<i64>>();
    let (demand, capacity) = (flat(&input.demand), flat(&input.nodes));
    let shape = (demand.len() / 2, capacity.len() / 2, 2);
    let node = |value: i64| if input.small { value.rem_euclid(shape.1 as i64 + 1) - 1 } else { value };
    let current: Vec<i64> = (0..shape.0).map(|i| node(input.current.get(i).copied().unwrap_or(-1))).collect();
    let data = PlacementData {
        demand: demand.clone(),
        capacity: capacity.clone(),
        shape,
        priority: Some((0..shape.0).map(|i| shrink(input.priority.get(i).copied().unwrap_or(0))).collect()),
        current: Some(current.clone()),
        allowed: input
            .allowed
            .iter()
            .take(4)
            .map(|(i, nodes)| (shrink(*i), nodes.iter().map(|&v| shrink(v)).collect()))
            .collect(),
        apart: input.apart.iter().take(3).map(|group| group.iter().map(|&i| shrink(i)).collect()).collect(),
    };
    if let Ok(problem) = Placement::new(data)
        && let Ok(found) = place(&problem, None, &limits, 0, &mut Watch::new(&stop))
    {
        assert!(found.bound >= found.placed, "{found:?}");
    }
    let spread = (0..shape.0).map(|i| input.spread.get(i).copied().unwrap_or(false)).collect();
    if let Ok(cluster) = Cluster::new(ClusterData { demand, capacity, shape, current, spread, block: shrink(input.block) })
        && let Ok(found) = repack(&cluster, input.moves.into(), &limits, 0, &mut Watch::new(&stop))
    {
        assert!(found.bound <= found.value && found.moves.len() <= input.moves.into());
    }
});
