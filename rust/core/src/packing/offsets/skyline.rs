//! Placement above everything that is alive together, for a first answer in O(n log n).

use super::problem::Buffers;

/// Steps of work for each buffer.
const STEPS: u64 = 64;

/// The highest top over stretches of time, as a tree of maxima.
struct Tops {
    leaves: usize,
    /// The largest top within the stretch of a node.
    most: Vec<i64>,
    /// What the whole stretch of a node was raised to.
    whole: Vec<i64>,
}

impl Tops {
    fn new(count: usize) -> Self {
        let leaves = count.next_power_of_two();
        Self { leaves, most: vec![0; 2 * leaves], whole: vec![0; 2 * leaves] }
    }

    /// The largest top in `from..to`; then it is raised to `raise`, if that is given.
    fn visit(&mut self, node: usize, (low, high): (usize, usize), (from, to): (usize, usize), raise: Option<i64>) -> i64 {
        if to <= low || high <= from {
            return 0;
        }
        if from <= low && high <= to {
            if let Some(top) = raise {
                self.most[node] = self.most[node].max(top);
                self.whole[node] = self.whole[node].max(top);
            }
            return self.most[node];
        }
        let middle = usize::midpoint(low, high);
        let left = self.visit(2 * node, (low, middle), (from, to), raise);
        let right = self.visit(2 * node + 1, (middle, high), (from, to), raise);
        if raise.is_some() {
            self.most[node] = self.whole[node].max(self.most[2 * node]).max(self.most[2 * node + 1]);
        }
        left.max(right).max(self.whole[node])
    }

    fn over(&mut self, range: (usize, usize)) -> i64 {
        self.visit(1, (0, self.leaves), range, None)
    }

    fn raise(&mut self, range: (usize, usize), top: i64) {
        self.visit(1, (0, self.leaves), range, Some(top));
    }
}

/// Places all buffers in the given order, each above all that are alive together with it and placed before; fixed ones come first. `work`
/// counts steps; true ends it, and the return value is false.
pub(super) fn skyline(buffers: &Buffers, order: &[u32], offset: &mut [i64], work: &mut dyn FnMut(u64) -> bool) -> bool {
    let mut moments: Vec<i64> = buffers.start.iter().chain(&buffers.end).copied().collect();
    moments.sort_unstable();
    moments.dedup();
    let rank = |moment: i64| moments.partition_point(|&other| other < moment);
    let mut tops = Tops::new(moments.len());
    for (i, fixed) in buffers.fixed.iter().enumerate() {
        if let Some(place) = *fixed {
            offset[i] = place;
            tops.raise((rank(buffers.start[i]), rank(buffers.end[i])), place + buffers.size[i]);
        }
    }
    for &i in order {
        let i = i as usize;
        if work(STEPS) {
            return false;
        }
        if buffers.fixed[i].is_none() {
            let range = (rank(buffers.start[i]), rank(buffers.end[i]));
            offset[i] = buffers.aligned(tops.over(range));
            tops.raise(range, offset[i] + buffers.size[i]);
        }
    }
    true
}
