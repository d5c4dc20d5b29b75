//! Windows and disjunctions that the witness satisfies.

use crate::random::Random;

use super::edges::Reduction;
use super::tasks::Tasks;

/// Earliest start and latest completion, for those that have them.
pub(super) type Windows = Vec<Option<(i64, i64)>>;

/// A window for this share of the tasks, rounded down: from the witness's start and completion by up to `slack` mean durations,
/// drawn for each side.
pub(super) fn draw_windows(tasks: &Tasks, start: &[i64], share: f64, slack: f64, random: &mut Random) -> Windows {
    let n = start.len();
    let mut order: Vec<usize> = (0..n).collect();
    random.shuffle(&mut order);
    let most = (tasks.mean_duration() as f64 * slack) as i64;
    let mut windows = vec![None; n];
    for &i in &order[..(n as f64 * share) as usize] {
        let (early, late) = (random.between(0, most), random.between(0, most));
        windows[i] = Some(((start[i] - early).max(0), start[i] + tasks.duration[i] + late));
    }
    windows
}

/// Groups of two, one in four of three, whose members the witness keeps apart although neither precedence nor windows do; as many
/// as this share of half the tasks, if there are so many.
pub(super) fn draw_groups(
    tasks: &Tasks,
    edges: &[(u32, u32)],
    start: &[i64],
    windows: &Windows,
    share: f64,
    random: &mut Random,
) -> Vec<Vec<u32>> {
    let n = start.len();
    let mut graph = Reduction::new(n);
    for &(i, j) in edges {
        graph.insert(i as usize, j as usize);
    }
    let end = |i: usize| start[i] + tasks.duration[i];
    let span = |i: usize| windows[i].unwrap_or((0, i64::MAX));
    let apart = |i: usize, j: usize| {
        let could_meet = span(i).0.max(span(j).0) < span(i).1.min(span(j).1);
        (end(i) <= start[j] || end(j) <= start[i]) && could_meet && !graph.reaches(i, j) && !graph.reaches(j, i)
    };
    let mut pairs: Vec<(usize, usize)> =
        (0..n).flat_map(|i| (i + 1..n).map(move |j| (i, j))).filter(|&(i, j)| apart(i, j)).collect();
    random.shuffle(&mut pairs);
    pairs.truncate((n as f64 * share / 2.0).ceil() as usize);
    let mut groups = Vec::new();
    for (i, j) in pairs {
        let mut group = vec![i as u32, j as u32];
        if random.below(4) == 0 {
            let thirds: Vec<usize> = (0..n).filter(|&k| k != i && k != j && apart(i, k) && apart(j, k)).collect();
            if !thirds.is_empty() {
                group.push(thirds[random.below(thirds.len() as u64) as usize] as u32);
            }
        }
        group.sort_unstable();
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    groups
}
