//! Changes of a list that help what is to blame for the value.

use crate::graph::Dag;

/// Scratch space for [`pull`].
#[derive(Debug, Clone, Default)]
pub struct Pull {
    is_moved: Vec<bool>,
    moved: Vec<u32>,
    stays: Vec<u32>,
}

impl Pull {
    /// Moves the activity at position `from` of a forward list to position `to` before it, behind those of its predecessors that stand
    /// between the two and come along, in their order. The list stays precedence-feasible. O(from - to + edges between).
    pub fn pull(&mut self, list: &mut [u32], from: usize, to: usize, graph: &Dag) {
        let Self { is_moved, moved, stays } = self;
        is_moved.resize(graph.num_nodes(), false);
        moved.clear();
        stays.clear();
        is_moved[list[from] as usize] = true;
        for &i in list[to..=from].iter().rev() {
            let comes = is_moved[i as usize];
            if comes {
                graph.predecessors().of(i as usize).iter().for_each(|&p| is_moved[p as usize] = true);
            }
            if comes { &mut *moved } else { &mut *stays }.push(i);
        }
        let order = moved.iter().rev().chain(stays.iter().rev());
        list[to..=from].iter_mut().zip(order).for_each(|(place, &i)| *place = i);
        for &i in &*moved {
            is_moved[i as usize] = false;
            graph.predecessors().of(i as usize).iter().for_each(|&p| is_moved[p as usize] = false);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn what_is_pulled_brings_its_predecessors_along_and_nothing_else() {
        let graph = Dag::new(6, &[(1, 3), (3, 5), (0, 4)], "edges").unwrap();
        let mut list = [0, 1, 2, 3, 4, 5];
        let mut pull = Pull::default();
        pull.pull(&mut list, 5, 2, &graph);
        assert_eq!(list, [0, 1, 3, 5, 2, 4]);
        pull.pull(&mut list, 5, 0, &graph);
        assert_eq!(list, [0, 4, 1, 3, 5, 2]);
    }

    #[test]
    fn pulled_lists_stay_precedence_feasible() {
        let mut random = Random::new(5);
        let edges: Vec<(u32, u32)> =
            (0..40).map(|_| (random.below(20) as u32, random.below(20) as u32)).filter(|&(i, j)| i < j).collect();
        let edges: Vec<_> = edges.iter().copied().collect::<std::collections::BTreeSet<_>>().into_iter().collect();
        let graph = Dag::new(20, &edges, "edges").unwrap();
        let mut list: Vec<u32> = (0..20).collect();
        let mut pull = Pull::default();
        for _ in 0..500 {
            let from = random.below(20) as usize;
            let to = random.below(from as u64 + 1) as usize;
            let pulled = list[from];
            pull.pull(&mut list, from, to, &graph);
            let place = |i: u32| list.iter().position(|&j| j == i).unwrap();
            assert!(edges.iter().all(|&(i, j)| place(i) < place(j)) && place(pulled) <= from);
        }
    }
}
