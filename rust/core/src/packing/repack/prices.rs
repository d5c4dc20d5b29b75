//! A lower bound from prices: the relaxation in which each node chooses on its own which items leave and which kinds arrive.

use super::departures::Departures;
use super::state::State;

/// Prices are counted in such parts of a block, in whole numbers, so that the bound is exact.
const PART: i64 = 1 << 20;
/// Rounds of changing the prices.
const ROUNDS: usize = 150;
/// Entries of all tables of all rounds, at most; large clusters have fewer rounds.
const ENTRIES: u64 = 1 << 27;
/// Rounds without a better bound after which the steps become shorter.
const PATIENCE: usize = 8;
/// The part of the last direction that the next one keeps.
const KEPT: f64 = 0.5;

/// Prices, and what they lead to.
struct Round<'a> {
    nodes: &'a Departures,
    /// The price of a move.
    step: i64,
    /// What the source of an item of each class pays, and its target receives, beside that.
    price: &'a [i64],
    /// The most that a node can gain for so many free units of both resources, from blocks that stay whole and from arrivals.
    gain: Vec<i64>,
    columns: usize,
}

impl<'a> Round<'a> {
    fn new(nodes: &'a Departures, step: i64, price: &'a [i64]) -> Self {
        let columns = nodes.most.1 + 1;
        let mut gain = vec![0; (nodes.most.0 + 1) * columns];
        // Classes are in order of units; those without any come first.
        let (light, others): (Vec<_>, Vec<_>) =
            nodes.classes.iter().zip(price).filter(|(class, _)| class.weight < columns).partition(|(class, _)| class.units == 0);
        for units in 0..=nodes.most.0 {
            let (before, row) = gain.split_at_mut(units * columns);
            let above = |fewer: usize| &before[(units - fewer) * columns..(units - fewer + 1) * columns];
            if units > 0 {
                row[..columns].copy_from_slice(above(1));
            }
            if units >= nodes.block {
                raise(row, above(nodes.block), PART);
            }
            for &(class, &price) in others.iter().take_while(|(class, _)| class.units <= units) {
                raise(&mut row[class.weight..columns], above(class.units), price);
            }
            for &(class, &price) in light.iter().filter(|(class, _)| class.weight > 0) {
                for weight in class.weight..columns {
                    row[weight] = row[weight].max(row[weight - class.weight] + price);
                }
            }
        }
        Self { nodes, step, price, gain, columns }
    }

    /// The bound on whole blocks after so many moves, in parts; by how much it changes with the price of a move, times two, and with that of
    /// each class.
    fn run(&self, moves: i64) -> (i64, i64, Vec<i64>) {
        let (mut bound, mut left, mut flow) = (moves.saturating_mul(self.step), 2 * moves, vec![0; self.price.len()]);
        let mut paid = Vec::new();
        for range in self.nodes.begin.windows(2) {
            let departures = &self.nodes.all[range[0]..range[1]];
            paid.clear();
            paid.push(0);
            let worth = |at: usize| self.gain[departures[at].units as usize * self.columns + departures[at].weight as usize];
            let (mut best, mut chosen) = (worth(0), 0);
            for (at, departure) in departures.iter().enumerate().skip(1) {
                let price = self.step / i64::from(departure.width) + self.price[departure.class as usize];
                paid.push(paid[departure.parent as usize] + price);
                let value = worth(at) - paid[at];
                if value > best {
                    (best, chosen) = (value, at);
                }
            }
            bound += best;
            self.arrivals(departures[chosen].units as usize, departures[chosen].weight as usize, &mut flow);
            while chosen > 0 {
                left -= 2 / i64::from(departures[chosen].width);
                flow[departures[chosen].class as usize] -= 1;
                chosen = departures[chosen].parent as usize;
            }
        }
        (bound, left, flow)
    }

    /// Counts the arrivals that gain the most for so many free units.
    fn arrivals(&self, mut units: usize, mut weight: usize, flow: &mut [i64]) {
        let gain = |units: usize, weight: usize| self.gain[units * self.columns + weight];
        while gain(units, weight) > 0 {
            let now = gain(units, weight);
            let arrives = |k: usize| {
                let class = self.nodes.classes[k];
                let fits = class.units <= units && class.weight <= weight;
                fits && class.units + class.weight > 0 && gain(units - class.units, weight - class.weight) + self.price[k] == now
            };
            if units > 0 && gain(units - 1, weight) == now {
                units -= 1;
            } else if units >= self.nodes.block && gain(units - self.nodes.block, weight) + PART == now {
                units -= self.nodes.block;
            } else if let Some(k) = (0..flow.len()).find(|&k| arrives(k)) {
                flow[k] += 1;
                units -= self.nodes.classes[k].units;
                weight -= self.nodes.classes[k].weight;
            } else {
                break;
            }
        }
    }
}

/// Raises the gains of a row to those of a row above it with something added.
#[inline]
fn raise(row: &mut [i64], above: &[i64], price: i64) {
    for (entry, before) in row.iter_mut().zip(above) {
        *entry = (*entry).max(before + price);
    }
}

/// No sequence of so many moves leaves fewer fragments than this.
///
/// Lagrangian relaxation: each node chooses freely which of its items leave, and items of which kinds arrive, within its units of resource 0
/// and of the scarcest other one. Prices make as many items of each kind arrive as leave, and as many move as may. A subgradient method looks
/// for good prices, with steps by Polyak's rule towards the fragments `target` that some moves leave. All prices give a bound, so that `work`
/// may end the search. Where the tables would be too large the simple bound stands.
pub(super) fn bound(state: &State<'_>, moves: usize, target: i64, work: &mut dyn FnMut(u64) -> bool) -> i64 {
    let block = state.cluster.data.block;
    let simple = state.bound(moves);
    if simple >= target {
        return simple;
    }
    let Some(nodes) = Departures::new(state) else { return simple };
    let moves = moves.min(state.shape().0) as i64;
    let blocks = |fragments: i64| (state.total_free() - fragments) / block;
    let aim = (blocks(target) * PART) as f64;
    let start = nodes.classes.iter().map(|class| {
        let (whole, rest) = (class.units / nodes.block, class.units % nodes.block);
        PART as f64 * (whole as f64 + 0.5 * rest as f64 / nodes.block as f64)
    });
    let mut now = (0.5 * PART as f64, start.collect::<Vec<f64>>());
    let mut direction = (0.0, vec![0.0; nodes.classes.len()]);
    let (mut best, mut best_price) = (blocks(simple) * PART, now.clone());
    let entries = (nodes.all.len() + (nodes.most.0 + 1) * (nodes.most.1 + 1) * (nodes.classes.len() + 2)) as u64;
    let (mut length, mut waited) = (1.0, 0);
    let rounds = ROUNDS.min((ENTRIES / entries) as usize);
    for _ in 0..rounds {
        let price: Vec<i64> = now.1.iter().map(|&price| price as i64).collect();
        let (value, left, flow) = Round::new(&nodes, now.0 as i64, &price).run(moves);
        if value < best {
            (best, waited) = (value, 0);
            best_price.clone_from(&now);
        } else {
            waited += 1;
        }
        if best / PART <= blocks(target) || work(entries / 4) {
            break;
        }
        if waited == PATIENCE {
            (length, waited) = (length / 2.0, 0);
            now.clone_from(&best_price);
            continue;
        }
        direction.0 = left as f64 / 2.0 + KEPT * direction.0;
        for (sum, &flow) in direction.1.iter_mut().zip(&flow) {
            *sum = flow as f64 + KEPT * *sum;
        }
        let norm = direction.0 * direction.0 + direction.1.iter().map(|flow| flow * flow).sum::<f64>();
        if norm == 0.0 {
            break;
        }
        let factor = length * (value as f64 - aim) / norm;
        now.0 = (now.0 - factor * direction.0).clamp(0.0, 4.0 * PART as f64);
        for ((price, flow), class) in now.1.iter_mut().zip(&direction.1).zip(&nodes.classes) {
            let most = (2 * PART) as f64 * (class.units / nodes.block + 1) as f64;
            // No table limits the arrivals of items that need nothing in its units: they gain nothing.
            let highest = if class.units + class.weight > 0 { most } else { 0.0 };
            *price = (*price - factor * flow).clamp(-most, highest);
        }
    }
    state.total_free() - best.div_euclid(PART) * block
}
