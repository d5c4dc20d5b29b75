//! How two lists make a third, and how a list is disturbed; every result is precedence-feasible without repair.

use crate::graph::Dag;
use crate::random::Random;
use crate::rcpsp::Direction;

/// Two-point crossover on schedule-ordered lists (after Hartmann 1998; Debels and Vanhoucke 2007).
///
/// The father's list is cut into three parts at `cut`. Either the outer parts take the mother's order and the middle stays, or
/// the other way round. Each part holds what a feasible list puts there, and any feasible order of it will do. O(n).
pub fn cross(father: &[u32], mother: &[u32], cut: (usize, usize), outer: bool, part: &mut [u8], child: &mut Vec<u32>) {
    let (from, to) = cut;
    child.clear();
    child.extend_from_slice(father);
    for (k, &i) in father.iter().enumerate() {
        part[i as usize] = u8::from(k >= from) + u8::from(k >= to);
    }
    let mut next = [0, from, to];
    // All parts take the mother's order and those that stay are copied back: which part comes next is anybody's guess, and a
    // wrong guess costs more than the copy.
    for &i in mother {
        let next = &mut next[part[i as usize] as usize];
        child[*next] = i;
        *next += 1;
    }
    if outer {
        child[from..to].copy_from_slice(&father[from..to]);
    } else {
        child[..from].copy_from_slice(&father[..from]);
        child[to..].copy_from_slice(&father[to..]);
    }
}

/// Two cuts that enclose between a quarter and three quarters of the list.
pub fn cuts(n: usize, random: &mut Random) -> (usize, usize) {
    let length = n / 4 + random.below(n as u64 / 2 + 1) as usize;
    let from = random.below((n - length) as u64 + 1) as usize;
    (from, from + length)
}

/// Moves the activity at position `from` towards `to`, as far as precedence lets it. `list` runs in `direction`.
pub fn shift(list: &mut [u32], from: usize, to: usize, graph: &Dag, direction: Direction) {
    let i = list[from];
    let mut k = from;
    if to > from {
        let after = direction.successors(graph).of(i as usize);
        while k < to && !after.contains(&list[k + 1]) {
            list[k] = list[k + 1];
            k += 1;
        }
    } else {
        let before = direction.predecessors(graph).of(i as usize);
        while k > to && !before.contains(&list[k - 1]) {
            list[k] = list[k - 1];
            k -= 1;
        }
    }
    list[k] = i;
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn children_are_feasible_lists(n in 1_usize..30, edges in prop::collection::btree_set((0_u32..30, 0_u32..30), 0..40), seed in any::<u64>()) {
            let edges: Vec<(u32, u32)> = edges.into_iter().filter(|&(i, j)| i < j && (j as usize) < n).collect();
            let dag = Dag::new(n, &edges, "edges").unwrap();
            let mut random = Random::new(seed);
            let feasible = |list: &[u32]| {
                let mut position = vec![usize::MAX; n];
                list.iter().enumerate().for_each(|(k, &i)| position[i as usize] = k);
                position.iter().all(|&k| k < n) && edges.iter().all(|&(i, j)| position[i as usize] < position[j as usize])
            };
            let (mut father, mut mother): (Vec<u32>, Vec<u32>) = ((0..n as u32).collect(), (0..n as u32).collect());
            let (mut child, mut part) = (Vec::new(), vec![0; n]);
            for _ in 0..20 {
                for list in [&mut father, &mut mother] {
                    let (from, to) = (random.below(n as u64) as usize, random.below(n as u64) as usize);
                    shift(list, from, to, &dag, Direction::Forward);
                    prop_assert!(feasible(list));
                }
                let cut = cuts(n, &mut random);
                cross(&father, &mother, cut, random.below(2) == 0, &mut part, &mut child);
                prop_assert!(feasible(&child));
                std::mem::swap(&mut father, &mut child);
            }
        }
    }

    #[test]
    fn the_parts_that_stay_and_the_parts_that_follow_the_mother() {
        let (father, mother) = ([0, 1, 2, 3, 4, 5], [5, 4, 3, 2, 1, 0]);
        let (mut child, mut part) = (Vec::new(), vec![0; 6]);
        cross(&father, &mother, (2, 4), true, &mut part, &mut child);
        assert_eq!(child, [1, 0, 2, 3, 5, 4]);
        cross(&father, &mother, (2, 4), false, &mut part, &mut child);
        assert_eq!(child, [0, 1, 3, 2, 4, 5]);
    }
}
