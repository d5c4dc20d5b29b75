//! The tasks that all levels of a ramp share: their layers, durations, demands and names.

use crate::random::Random;

use super::{Flavour, Settings};

/// Tasks by layer: a higher index never stands in an earlier layer.
pub(super) struct Tasks {
    pub(super) layer: Vec<usize>,
    pub(super) duration: Vec<i64>,
    /// Row-major, one row a task.
    pub(super) demand: Vec<i64>,
    pub(super) capacity: Vec<i64>,
    pub(super) names: Vec<String>,
    pub(super) resource_names: Vec<String>,
    /// The largest work over capacity: no schedule is shorter, whatever the precedence.
    pub(super) bound: i64,
}

const CAPACITY: (i64, i64) = (4, 8);

impl Tasks {
    pub(super) fn draw(settings: &Settings, random: &mut Random) -> Self {
        let (n, width) = (settings.num_tasks, settings.num_resources);
        let layers = settings.num_layers.clamp(1, n.max(1));
        // Every layer has a task, the others go anywhere.
        let mut layer: Vec<usize> = (0..n).map(|i| if i < layers { i } else { random.below(layers as u64) as usize }).collect();
        layer.sort_unstable();
        let capacity: Vec<i64> = (0..width).map(|_| random.between(CAPACITY.0, CAPACITY.1)).collect();
        let duration: Vec<i64> = (0..n).map(|_| random.between(1, settings.max_duration)).collect();
        let mut demand = vec![0; n * width];
        let mut resources: Vec<usize> = (0..width).collect();
        for row in demand.chunks_exact_mut(width) {
            random.shuffle(&mut resources);
            let kinds = 1 + random.below(width.min(2) as u64) as usize;
            for &r in &resources[..kinds] {
                row[r] = random.between(1, capacity[r] / 2);
            }
        }
        let work = |r: usize| -> i64 { (0..n).map(|i| duration[i] * demand[i * width + r]).sum() };
        let bound = (0..width).map(|r| (work(r) + capacity[r] - 1) / capacity[r]).max().unwrap_or(0);
        let (names, resource_names) = settings.flavour.names(&layer, layers, width);
        Self { layer, duration, demand, capacity, names, resource_names, bound }
    }

    /// The mean duration, rounded down, at least 1.
    pub(super) fn mean_duration(&self) -> i64 {
        (self.duration.iter().sum::<i64>() / self.duration.len().max(1) as i64).max(1)
    }
}

const PHASES: [&str; 8] = ["survey", "plan", "procure", "rack", "cable", "replicate", "cut over", "decommission"];
const SYSTEMS: [&str; 10] =
    ["billing", "web shop", "directory", "mail", "warehouse", "analytics", "payments", "backup", "telephony", "intranet"];
const CREWS: [&str; 8] = [
    "network engineers",
    "storage engineers",
    "movers",
    "change windows",
    "database administrators",
    "electricians",
    "uplinks",
    "test benches",
];

impl Flavour {
    /// Names of tasks and resources.
    fn names(self, layer: &[usize], layers: usize, width: usize) -> (Vec<String>, Vec<String>) {
        match self {
            Self::Plain => {
                let tasks = (0..layer.len()).map(|i| format!("task {i}")).collect();
                (tasks, (0..width).map(|r| format!("resource {r}")).collect())
            }
            Self::Migration => {
                let mut in_phase = [0; PHASES.len()];
                let tasks = layer.iter().map(|&layer| {
                    let phase = layer * PHASES.len() / layers;
                    let k = in_phase[phase];
                    in_phase[phase] += 1;
                    numbered(&format!("{} {}", PHASES[phase], SYSTEMS[k % SYSTEMS.len()]), k / SYSTEMS.len())
                });
                let tasks = tasks.collect();
                (tasks, (0..width).map(|r| numbered(CREWS[r % CREWS.len()], r / CREWS.len())).collect())
            }
        }
    }
}

/// The second of a name is told from the first.
fn numbered(name: &str, round: usize) -> String {
    if round == 0 { name.to_owned() } else { format!("{name} {}", round + 1) }
}
