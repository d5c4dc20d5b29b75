//! What a tree search reads of a problem.

use super::problem::Buffers;
use super::sections::Sections;

/// Buffers with their sections and their neighbours in time.
pub(super) struct Model {
    pub buffers: Buffers,
    pub sections: Sections,
    /// The buffers that overlap each one in time.
    pub neighbours: Vec<Vec<u32>>,
    /// Whether a neighbour of each buffer is fixed.
    pub meets_fixed: Vec<bool>,
}

impl Model {
    /// The model of a problem.
    pub(super) fn new(buffers: Buffers) -> Self {
        let mut order: Vec<u32> = (0..buffers.len() as u32).collect();
        order.sort_unstable_by_key(|&i| (buffers.start[i as usize], i));
        let mut neighbours: Vec<Vec<u32>> = vec![Vec::new(); buffers.len()];
        for (k, &i) in order.iter().enumerate() {
            for &j in order[k + 1..].iter().take_while(|&&j| buffers.start[j as usize] < buffers.end[i as usize]) {
                neighbours[i as usize].push(j);
                neighbours[j as usize].push(i);
            }
        }
        let is_fixed = |j: &u32| buffers.fixed[*j as usize].is_some();
        let meets_fixed = neighbours.iter().map(|others| others.iter().any(is_fixed)).collect();
        Self { sections: Sections::new(&buffers), buffers, neighbours, meets_fixed }
    }

    /// The lowest offset from `place` on where a buffer overlaps no fixed one.
    pub(super) fn above_fixed(&self, i: usize, place: i64) -> i64 {
        let buffers = &self.buffers;
        let mut place = buffers.aligned(place);
        if !self.meets_fixed[i] {
            return place;
        }
        loop {
            let tops = self.neighbours[i].iter().filter_map(|&j| {
                let (offset, size) = (buffers.fixed[j as usize]?, buffers.size[j as usize]);
                (offset < place + buffers.size[i] && place < offset + size).then_some(offset + size)
            });
            let Some(top) = tops.max() else { return place };
            place = buffers.aligned(top);
        }
    }
}
