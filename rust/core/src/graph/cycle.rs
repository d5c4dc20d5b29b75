//! The cycle that a refused graph is refused for, as short as it can be.

use std::collections::VecDeque;

use super::Rows;

/// Edge visits after which the best cycle found so far is good enough; only graphs beyond some 10^4 nodes that are cyclic all
/// over, or have as many nodes behind their cycles, can reach it.
const EFFORT: usize = 50_000_000;

/// A shortest cycle among `alive` nodes (which contain at least one); ties go to the one through the lowest index.
///
/// Breadth-first search from each node in turn, cut off at the best length; a node whose search is done cannot lie on a better
/// cycle, so it is removed together with everything that hung on it.
pub(super) fn shortest(successors: &Rows, predecessors: &Rows, mut alive: Vec<bool>) -> Vec<usize> {
    let n = alive.len();
    let some = any(predecessors, &alive);
    let mut indegree = vec![0_u32; n];
    for i in (0..n).filter(|&i| alive[i]) {
        for &j in successors.of(i) {
            indegree[j as usize] += 1;
        }
    }
    let mut best: Vec<usize> = Vec::new();
    let mut bound = some.len() + 1; // an equally long one through a lower index is preferred
    let mut seen = vec![u32::MAX; n];
    let mut parent = vec![0_u32; n];
    let mut queue = VecDeque::new();
    let mut effort = 0;
    for root in 0..n {
        if !alive[root] {
            continue;
        }
        seen[root] = root as u32;
        queue.clear();
        queue.push_back((root as u32, 1_usize));
        'search: while let Some((i, depth)) = queue.pop_front() {
            if depth >= bound {
                break;
            }
            for &j in successors.of(i as usize) {
                effort += 1;
                if j as usize == root {
                    best = trace(&parent, root, i as usize, depth);
                    bound = depth;
                    break 'search;
                }
                if alive[j as usize] && seen[j as usize] != root as u32 {
                    seen[j as usize] = root as u32;
                    parent[j as usize] = i;
                    queue.push_back((j, depth + 1));
                }
            }
        }
        if bound == 1 || effort > EFFORT {
            break;
        }
        let mut dead = vec![root as u32];
        alive[root] = false;
        while let Some(i) = dead.pop() {
            for &j in successors.of(i as usize) {
                indegree[j as usize] -= 1;
                if alive[j as usize] && indegree[j as usize] == 0 {
                    alive[j as usize] = false;
                    dead.push(j);
                }
            }
        }
    }
    if best.is_empty() { some } else { best }
}

/// Any cycle, in O(n + m): every node that is alive has a predecessor that is, so walking back must come round.
fn any(predecessors: &Rows, alive: &[bool]) -> Vec<usize> {
    let mut position = vec![usize::MAX; alive.len()];
    let mut path = Vec::new();
    let mut at = alive.iter().position(|&alive| alive);
    while let Some(i) = at {
        if position[i] != usize::MAX {
            path.drain(..position[i]);
            path.reverse();
            return path;
        }
        position[i] = path.len();
        path.push(i);
        at = predecessors.of(i).iter().map(|&p| p as usize).find(|&p| alive[p]);
    }
    path
}

fn trace(parent: &[u32], root: usize, last: usize, length: usize) -> Vec<usize> {
    let mut cycle = Vec::with_capacity(length);
    let mut i = last;
    while i != root {
        cycle.push(i);
        i = parent[i] as usize;
    }
    cycle.push(root);
    cycle.reverse();
    cycle
}
