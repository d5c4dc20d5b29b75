//! Lower bounds on the makespan.

use super::graph::TaskGraph;
use super::network::{Links, Network};
use crate::control::Pace;
use crate::error::Error;
use crate::memory;
use crate::sort;

/// No schedule ends earlier than this: the largest of three bounds.
///
/// * The critical path: the earliest end of each task on each processor, were processors never busy, data included; then the
///   least costs of what follows.
/// * The load: for weights of the processors, the least weighted cost of every task.
/// * Their mix: the work that cannot start before some moment, or that something of some length must follow, as a load
///   beyond that moment or before that length.
///
/// Rounded up where all times are whole numbers. Copies of entry tasks are not considered. Valid for an empty past that starts at 0. O(m P^2 + n log n), on uniform networks O(m P).
/// Critical path: Kwok, Ahmad (1999), ACM Computing Surveys 31; mix: Fernandez, Bussell (1973), IEEE Transactions on Computers 22.
///
/// # Errors
/// A network of another size, times that add up beyond the horizon, or too little memory.
pub fn lower_bound(graph: &TaskGraph, network: &Network) -> Result<f64, Error> {
    lower_bound_until(graph, network, &mut || false)
}

/// [`lower_bound`], which leaves out all parts that it has not begun when `stop` returns true; the bound may then be lower.
///
/// # Errors
/// As [`lower_bound`].
pub fn lower_bound_until(graph: &TaskGraph, network: &Network, stop: &mut dyn FnMut() -> bool) -> Result<f64, Error> {
    let links = Links::new(network, graph)?;
    let (n, width) = (graph.num_tasks(), graph.num_processors());
    if n == 0 {
        return Ok(0.0);
    }
    memory::require(n * (100 + 8 * width))?;
    let mut buffer = vec![0.0; width];
    let least: Vec<f64> = (0..n).map(|i| graph.row(i, &mut buffer).iter().copied().fold(f64::INFINITY, f64::min)).collect();
    let tail = tails(graph, &least);
    // A sum in another order than that of a schedule may exceed it by rounding.
    let rounding = (1.0 - n as f64 * 4.0 * f64::EPSILON).max(0.0);
    let finish = if stop() { None } else { earliest_finishes(graph, &links, stop)? };
    let Some(finish) = finish else {
        return Ok(least.iter().zip(&tail).map(|(least, tail)| least + tail).fold(0.0, f64::max) * rounding);
    };
    let earliest: Vec<f64> = finish.chunks_exact(width).map(|row| row.iter().copied().fold(f64::INFINITY, f64::min)).collect();
    let head: Vec<f64> = (0..n).map(|i| earliest[i] - least[i]).collect();
    let path = earliest.iter().zip(&tail).map(|(finish, tail)| finish + tail).fold(0.0, f64::max);
    let share = shares(graph, stop);
    let by_head = if stop() { 0.0 } else { shared(&head, &share) };
    let by_tail = if stop() { 0.0 } else { shared(&tail, &share) };
    let bound = path.max(by_head).max(by_tail) * rounding;
    Ok(if whole(graph, &links) { bound.ceil() } else { bound })
}

/// Whether all times are whole numbers. If so, some optimal schedule has whole times.
fn whole(graph: &TaskGraph, links: &Links) -> bool {
    let Some((bandwidth, latency)) = links.uniform() else { return false };
    let whole = |time: f64| time.fract() == 0.0 && time < 9e15;
    let mut buffer = vec![0.0; graph.num_processors()];
    graph.data_in().iter().all(|data| whole(latency + data / bandwidth))
        && (0..graph.num_tasks()).all(|i| graph.row(i, &mut buffer).iter().all(|&w| w.is_infinite() || whole(w)))
}

/// The earliest time by which each task can end on each processor, if processors ran any number of tasks at once; `None` if stopped.
fn earliest_finishes(graph: &TaskGraph, links: &Links, stop: &mut dyn FnMut() -> bool) -> Result<Option<Vec<f64>>, Error> {
    let width = graph.num_processors();
    let mut finish = graph.table()?;
    let (mut pace, each) = (Pace::default(), if links.uniform().is_some() { width } else { width * width });
    let (mut buffer, mut ready) = (vec![0.0; width], vec![0.0_f64; width]);
    for &j in graph.dag().topological_order() {
        let j = j as usize;
        if pace.due((width + each * graph.dag().predecessors().degree(j)) as u64) && stop() {
            return Ok(None);
        }
        ready.fill(0.0);
        for (i, data) in graph.incoming(j) {
            let sent = &finish[i * width..(i + 1) * width];
            let soonest = sent.iter().copied().fold(f64::INFINITY, f64::min);
            for (q, ready) in ready.iter_mut().enumerate() {
                let arrival = match links.uniform() {
                    Some((bandwidth, latency)) => sent[q].min(soonest + (latency + data / bandwidth)),
                    None => (0..width).map(|p| sent[p] + links.time(data, p, q)).fold(f64::INFINITY, f64::min),
                };
                *ready = ready.max(arrival);
            }
        }
        for ((finish, &w), &ready) in finish[j * width..(j + 1) * width].iter_mut().zip(graph.row(j, &mut buffer)).zip(&ready) {
            *finish = ready + w;
        }
    }
    Ok(Some(finish))
}

/// The least time between the end of each task and the end of everything, without communication.
pub(crate) fn tails(graph: &TaskGraph, least: &[f64]) -> Vec<f64> {
    let mut tail = vec![0.0; least.len()];
    for &i in graph.dag().topological_order().iter().rev() {
        tail[i as usize] = graph.outgoing(i as usize).map(|(j, _)| least[j] + tail[j]).fold(0.0, f64::max);
    }
    tail
}

/// The least amount that each task adds to a weighted mean of the processors' loads. No makespan is below that mean.
///
/// For any weights of sum 1, that is the least weighted cost over the processors. The weights start in proportion to the speed
/// of each processor, where they are best if machines are related, and move towards the processors that tasks then prefer.
fn shares(graph: &TaskGraph, stop: &mut dyn FnMut() -> bool) -> Vec<f64> {
    const ROUNDS: usize = 20;
    let (n, width) = (graph.num_tasks(), graph.num_processors());
    let mut buffer = vec![0.0; width];
    let (mut total, mut possible) = (vec![0.0; width], vec![0.0_f64; width]);
    for i in 0..n {
        let row = graph.row(i, &mut buffer);
        let least = row.iter().copied().fold(f64::INFINITY, f64::min);
        for (p, &w) in row.iter().enumerate().filter(|(_, w)| w.is_finite()) {
            total[p] += w;
            possible[p] += least;
        }
    }
    let slowness = |p: usize| if possible[p] > 0.0 { total[p] / possible[p] } else { 1.0 };
    let mut weight: Vec<f64> = (0..width).map(|p| 1.0 / slowness(p)).collect();
    let (mut best, mut best_sum) = (vec![0.0; n], -1.0);
    let (mut share, mut pace) = (vec![0.0; n], Pace::default());
    for round in 0..ROUNDS {
        let sum: f64 = weight.iter().sum();
        for weight in &mut weight {
            *weight /= sum;
        }
        let mut load = vec![0.0; width];
        for (i, share) in share.iter_mut().enumerate() {
            if pace.due(width as u64) && stop() {
                return best;
            }
            let row = graph.row(i, &mut buffer);
            let weighted = |p: usize| weight[p] * row[p];
            let preferred = (0..width).filter(|&p| row[p].is_finite()).min_by(|&p, &q| weighted(p).total_cmp(&weighted(q)));
            let p = preferred.expect("some processor can run the task");
            *share = weighted(p);
            load[p] += row[p];
        }
        let sum: f64 = share.iter().sum();
        if sum > best_sum {
            (best_sum, best) = (sum, share.clone());
        }
        let most = load.iter().copied().fold(0.0, f64::max);
        if most == 0.0 || stop() {
            break;
        }
        let step = 0.3 / (1.0 + round as f64);
        for (weight, load) in weight.iter_mut().zip(&load) {
            *weight *= 1.0 + step * (load / most);
        }
    }
    best
}

/// The largest, over all moments, of the moment plus the shares of what cannot come before it.
fn shared(head: &[f64], share: &[f64]) -> f64 {
    let (mut total, mut bound) = (0.0, 0.0_f64);
    for i in sort::descending(head) {
        let i = i as usize;
        total += share[i];
        bound = bound.max(head[i] + total);
    }
    bound
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dag::{Cost, PerLink};

    #[test]
    fn an_interrupted_bound_is_valid() {
        let cost = Cost::Matrix { cost: vec![3.0, 5.0, 4.0, 1.0, 2.0, 2.0, 6.0, 3.0], num_processors: 2 };
        let graph = TaskGraph::new(cost, &[(0, 1), (0, 2)], &[1.5, 5.0], None).unwrap();
        let full = lower_bound(&graph, &Network::default()).unwrap();
        let short = lower_bound_until(&graph, &Network::default(), &mut || true).unwrap();
        assert!(4.999 < short && short <= full && full <= 9.0, "{short} {full}");
    }

    #[test]
    fn an_interrupted_bound_never_exceeds_the_full_bound() {
        let (n, width) = (2000, 16);
        let cost: Vec<f64> = (0..n * width).map(|k| (k * 7919 % 101) as f64 + 0.5).collect();
        let edges: Vec<(u32, u32)> = (0..n as u32 - 3).map(|i| (i, i + 3)).collect();
        let data = vec![3.0; edges.len()];
        let graph = TaskGraph::new(Cost::Matrix { cost, num_processors: width }, &edges, &data, None).unwrap();
        let links: Vec<f64> = (0..width * width).map(|k| 1.0 + (k % 5) as f64).collect();
        let network = Network::new(PerLink::Matrix { values: links, size: width }, PerLink::Uniform(0.0)).unwrap();
        let full = lower_bound(&graph, &network).unwrap();
        let mut looks = 0;
        let mut before = 0.0;
        for most in [0, 1, 5, 9, 12, 15, usize::MAX] {
            looks = 0;
            let mut stop = || {
                looks += 1;
                looks > most
            };
            let cut = lower_bound_until(&graph, &network, &mut stop).unwrap();
            assert!(before <= cut && cut <= full, "{before} {cut} {full}");
            before = cut;
        }
        assert!(before == full && looks > 15, "{looks} looks");
    }
}
