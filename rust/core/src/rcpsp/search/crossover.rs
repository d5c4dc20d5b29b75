//! How two lists make a third, and how a list is disturbed; every result is precedence-feasible without repair.

use std::hint::select_unpredictable;

use crate::graph::Dag;
use crate::random::Random;
use crate::rcpsp::Direction;
use crate::rcpsp::padded::Padded;

/// Two-point crossover on schedule-ordered lists (after Hartmann 1998; Debels and Vanhoucke 2007).
///
/// The first list is cut into three parts at `cut`. Either the outer parts take the order of the second and the middle stays, or
/// the other way round. Each part holds what a feasible list puts there, and any feasible order of it will do. O(n).
///
/// `place` is scratch. The child is written in one pass over the second list and without a branch, because a processor could not
/// predict which list comes next.
/// Counters end at the length of a list, so they never wrap; a check of that would cost a seventh.
pub fn cross(first: &[u32], second: &[u32], cut: (usize, usize), outer: bool, place: &mut [u32], child: &mut [u32]) {
    let (from, to) = (cut.0 as u32, cut.1 as u32);
    for (k, &i) in (0..).zip(first) {
        place[i as usize] = k;
    }
    if outer {
        let (mut front, mut back) = (0_u32, to);
        for &i in second {
            let stays = place[i as usize];
            let (before, behind) = (stays < from, stays >= to);
            let moves = select_unpredictable(before, front, back);
            child[select_unpredictable(before | behind, moves, stays) as usize] = i;
            front = front.wrapping_add(u32::from(before));
            back = back.wrapping_add(u32::from(behind));
        }
    } else {
        let mut middle = from;
        for &i in second {
            let stays = place[i as usize];
            let inside = (from..to).contains(&stays);
            child[select_unpredictable(inside, middle, stays) as usize] = i;
            middle = middle.wrapping_add(u32::from(inside));
        }
    }
}

/// Two cuts that enclose between a quarter and three quarters of the list.
pub fn cuts(n: usize, random: &mut Random) -> (usize, usize) {
    let length = n / 4 + random.below(n as u64 / 2 + 1) as usize;
    let from = random.below((n - length) as u64 + 1) as usize;
    (from, from + length)
}

/// Who may not pass whom, laid out for shifts.
#[derive(Debug, Clone)]
pub struct Shifter {
    successors: Padded,
    predecessors: Padded,
}

impl Shifter {
    /// For the lists of one project.
    pub fn new(graph: &Dag) -> Self {
        let n = graph.num_nodes();
        Self { successors: Padded::new(graph.successors(), n), predecessors: Padded::new(graph.predecessors(), n) }
    }

    /// Moves the activity at position `from` towards `to`, as far as precedence lets it. `list` runs in `direction`.
    pub fn shift(&self, list: &mut [u32], from: usize, to: usize, direction: Direction) {
        let (later, i) = (to > from, list[from]);
        let step = if later { 1 } else { usize::MAX };
        let barred = if later == (direction == Direction::Forward) { &self.successors } else { &self.predecessors }.of(i);
        let mut k = from;
        while k != to {
            let next = k.wrapping_add(step);
            let j = list[next];
            if barred.contains(j) {
                break;
            }
            list[k] = j;
            k = next;
        }
        list[k] = i;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The definition of [`Shifter::shift`]: swaps with one neighbour after the other.
    fn plain_shift(list: &mut [u32], from: usize, to: usize, graph: &Dag, direction: Direction) {
        let mut k = from;
        while k < to && !direction.successors(graph).of(list[k] as usize).contains(&list[k + 1]) {
            list.swap(k, k + 1);
            k += 1;
        }
        while k > to && !direction.predecessors(graph).of(list[k] as usize).contains(&list[k - 1]) {
            list.swap(k, k - 1);
            k -= 1;
        }
    }

    /// The definition of [`cross`]: a stable sort by part, and within it by place in the list that the part follows.
    fn plain_cross(first: &[u32], second: &[u32], cut: (usize, usize), outer: bool) -> Vec<u32> {
        let place = |list: &[u32], i: u32| list.iter().position(|&j| j == i).unwrap();
        let mut child = first.to_vec();
        child.sort_by_key(|&i| {
            let part = usize::from(place(first, i) >= cut.0) + usize::from(place(first, i) >= cut.1);
            (part, place(if (part == 1) == outer { first } else { second }, i))
        });
        child
    }

    proptest! {
        #[test]
        fn children_are_feasible_lists_and_those_of_the_definition(n in 1_usize..30, edges in prop::collection::btree_set((0_u32..30, 0_u32..30), 0..40), seed in any::<u64>()) {
            let edges: Vec<(u32, u32)> = edges.into_iter().filter(|&(i, j)| i < j && (j as usize) < n).collect();
            let dag = Dag::new(n, &edges, "edges").unwrap();
            let (mut random, shifter) = (Random::new(seed), Shifter::new(&dag));
            let feasible = |list: &[u32]| {
                let mut position = vec![usize::MAX; n];
                list.iter().enumerate().for_each(|(k, &i)| position[i as usize] = k);
                position.iter().all(|&k| k < n) && edges.iter().all(|&(i, j)| position[i as usize] < position[j as usize])
            };
            let (mut first, mut second): (Vec<u32>, Vec<u32>) = ((0..n as u32).collect(), (0..n as u32).collect());
            let (mut child, mut place) = (vec![0; n], vec![0; n]);
            for _ in 0..20 {
                for list in [&mut first, &mut second] {
                    let (from, to) = (random.below(n as u64) as usize, random.below(n as u64) as usize);
                    let mut expected = list.clone();
                    plain_shift(&mut expected, from, to, &dag, Direction::Forward);
                    let mut mirrored: Vec<u32> = list.iter().rev().copied().collect();
                    shifter.shift(&mut mirrored, n - 1 - from, n - 1 - to, Direction::Backward);
                    shifter.shift(list, from, to, Direction::Forward);
                    prop_assert_eq!(&*list, &expected);
                    prop_assert!(mirrored.iter().rev().eq(list.iter()));
                    prop_assert!(feasible(list));
                }
                let cut = cuts(n, &mut random);
                let outer = random.below(2) == 0;
                cross(&first, &second, cut, outer, &mut place, &mut child);
                prop_assert_eq!(&child, &plain_cross(&first, &second, cut, outer));
                prop_assert!(feasible(&child));
                std::mem::swap(&mut first, &mut child);
            }
        }
    }

    #[test]
    fn one_parent_gives_the_parts_that_stay_and_the_other_their_order() {
        let (first, second) = ([0, 1, 2, 3, 4, 5], [5, 4, 3, 2, 1, 0]);
        let (mut child, mut place) = ([0; 6], [0; 6]);
        cross(&first, &second, (2, 4), true, &mut place, &mut child);
        assert_eq!(child, [1, 0, 2, 3, 5, 4]);
        cross(&first, &second, (2, 4), false, &mut place, &mut child);
        assert_eq!(child, [0, 1, 3, 2, 4, 5]);
    }
}
