use super::*;
use crate::control::{Pulse, Stop};
use crate::random::Random;

fn solve(problem: &Placement, nodes: u64) -> PlacementSolution {
    let limits = Limits { budget: Some(nodes), ..Limits::default() };
    place(problem, None, &limits, 0, &mut Watch::new(&Stop::new(&limits))).unwrap()
}

fn drawn(random: &mut Random) -> PlacementData {
    let (n, m, d) = (random.between(1, 6) as usize, random.between(1, 3) as usize, random.between(1, 2) as usize);
    let allowed = if random.below(3) == 0 { vec![(0, vec![random.between(0, m as i64 - 1)])] } else { Vec::new() };
    PlacementData {
        demand: (0..n * d).map(|_| random.between(0, 6)).collect(),
        capacity: (0..m * d).map(|_| random.between(2, 10)).collect(),
        shape: (n, m, d),
        priority: Some((0..n).map(|_| random.between(0, 2)).collect()),
        current: Some((0..n).map(|_| random.between(-1, m as i64 - 1)).collect()),
        allowed,
        apart: if n > 2 && random.below(3) == 0 { vec![vec![0, 1, 2]] } else { Vec::new() },
    }
}

/// Placed items by tier, and minus the evictions, of the best of all assignments.
fn best_of_all(data: &PlacementData, tiers: &[i64]) -> (Vec<i64>, i64) {
    let (n, m, d) = data.shape;
    let (priority, current) = (data.priority.as_ref().unwrap(), data.current.as_ref().unwrap());
    let mut best: Option<(Vec<i64>, i64)> = None;
    let count = (m as u64 + 1).pow(n as u32);
    for code in 0..count {
        let mut rest = code;
        let node: Vec<i64> = (0..n)
            .map(|_| {
                let digit = rest % (m as u64 + 1);
                rest /= m as u64 + 1;
                digit as i64 - 1
            })
            .collect();
        let used = |v: i64, r: usize| (0..n).filter(|&i| node[i] == v).map(|i| data.demand[i * d + r]).sum::<i64>();
        let within = (0..m).all(|v| (0..d).all(|r| used(v as i64, r) <= data.capacity[v * d + r]));
        let allowed = data.allowed.iter().all(|(item, nodes)| node[*item as usize] < 0 || nodes.contains(&node[*item as usize]));
        let apart = data.apart.iter().all(|group| {
            group.iter().all(|&a| group.iter().all(|&b| a == b || node[a as usize] < 0 || node[a as usize] != node[b as usize]))
        });
        if !(within && allowed && apart) {
            continue;
        }
        let placed = tiers.iter().map(|&tier| (0..n).filter(|&i| priority[i] == tier && node[i] >= 0).count() as i64).collect();
        let evicted = (0..n).filter(|&i| current[i] >= 0 && current[i] != node[i]).count() as i64;
        best = best.max(Some((placed, -evicted)));
    }
    best.unwrap()
}

#[test]
fn small_problems_are_solved_to_the_lexicographic_optimum() {
    let mut random = Random::new(11);
    for _ in 0..500 {
        let data = drawn(&mut random);
        let problem = Placement::new(data.clone()).unwrap();
        let found = solve(&problem, 1 << 20);
        assert_eq!(found.status, Status::Optimal, "{data:?}");
        let value = (found.placed.clone(), -(found.evicted.len() as i64));
        assert_eq!(value, best_of_all(&data, problem.tiers()), "{data:?}");
        assert!(found.bound == found.placed);
        let open: Vec<usize> = (0..found.node.len()).filter(|&item| found.node[item] < 0).collect();
        let reasons = unplaced(&problem, &found.node, &mut Pulse::default()).unwrap();
        assert_eq!(reasons.iter().map(|reason| reason.item).collect::<Vec<_>>(), open);
    }
}

#[test]
fn bounds_hold_and_exchanges_never_lose() {
    let mut random = Random::new(12);
    for _ in 0..100 {
        let data = drawn(&mut random);
        let problem = Placement::new(data).unwrap();
        let first = solve(&problem, 0);
        let last = solve(&problem, 1 << 20);
        assert!(last.placed >= first.placed);
        assert!(first.bound >= last.placed, "{first:?} {last:?}");
    }
}

/// The first pass, one node after the other.
fn plain_first_pass(problem: &Placement) -> Vec<u32> {
    let share = problem.dominant_shares();
    let mut order: Vec<usize> = (0..problem.num_items).collect();
    order.sort_by(|&a, &b| problem.tier[a].cmp(&problem.tier[b]).then(share[b].total_cmp(&share[a])).then(a.cmp(&b)));
    let mut made = Assignment::empty(problem);
    for tier in 0..problem.tiers.len() as u32 {
        let members = || order.iter().copied().filter(|&item| problem.tier[item] == tier);
        for item in members().filter(|&item| problem.current[item] != NOWHERE) {
            let node = problem.current[item] as usize;
            if problem.is_allowed(item, node) && made.fits(item, node) {
                made.put(item, node);
            }
        }
        for item in members() {
            if made.node[item] == NOWHERE
                && let Some(node) = made.best_node(item)
            {
                made.put(item, node);
            }
        }
    }
    made.node
}

#[test]
fn the_first_pass_takes_the_nodes_of_the_plain_one() {
    let mut random = Random::new(13);
    for round in 0..60 {
        let (n, m, d) = (random.between(0, 300) as usize, random.between(0, 200) as usize, random.between(0, 3) as usize);
        let most = random.between(1, 40);
        let node = |random: &mut Random| if m == 0 { -1 } else { random.between(-1, m as i64 - 1) };
        let data = PlacementData {
            demand: (0..n * d).map(|_| random.between(0, most)).collect(),
            capacity: (0..m * d).map(|_| random.between(0, 60)).collect(),
            shape: (n, m, d),
            priority: Some((0..n).map(|_| random.between(0, 3)).collect()),
            current: Some((0..n).map(|_| if random.below(4) == 0 { node(&mut random) } else { -1 }).collect()),
            allowed: (0..n as i64)
                .step_by(5)
                .map(|item| (item, (0..m as i64).filter(|_| random.below(3) == 0).collect()))
                .collect(),
            apart: (0..random.below(4)).map(|_| (0..n as i64).filter(|_| random.below(3) == 0).collect()).collect(),
        };
        let problem = Placement::new(data).unwrap();
        let made = first_pass(&problem, &mut |_| false);
        assert_eq!(made.node, plain_first_pass(&problem), "round {round}");
    }
}
