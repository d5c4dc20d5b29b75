//! The rules as they are defined, step by step: the oracles of the fast versions.

use super::dispatch::least;
use super::jobs::Jobs;
use super::mddc::Moment;
use super::rule::Scratch;

/// [`edd`](super::edd) by comparing tuples. O(n log n).
pub fn edd(jobs: &Jobs, scratch: &mut Scratch) {
    everyone(jobs, &mut scratch.sequence);
    scratch.sequence.sort_by_key(|&j| (jobs.due_date[j as usize], jobs.processing_time[j as usize], j));
}

/// [`mdd`](super::mdd) by looking at every remaining job at every step. O(n^2).
pub fn mdd(jobs: &Jobs, scratch: &mut Scratch) {
    start(jobs, scratch);
    let (p, d) = (jobs.processing_time, jobs.due_date);
    least(jobs, &mut scratch.line, &mut scratch.sequence, &mut scratch.pulse, |j, t| (t + p[j]).max(d[j]));
}

/// [`psk`](super::psk) as its authors search: in order of processing times, passing over a job when its neighbour is due earlier and
/// could not complete by the first one's due date. O(n^2).
pub fn psk(jobs: &Jobs, scratch: &mut Scratch) {
    start(jobs, scratch);
    let (p, d, line) = (jobs.processing_time, jobs.due_date, &mut scratch.line);
    line.sort_by_key(|&j| (p[j as usize], d[j as usize], j));
    let mut clock = 0;
    while !line.is_empty() {
        let (mut i, mut next) = (0, 1);
        while next < line.len() {
            let (this, other) = (line[i] as usize, line[next] as usize);
            if clock + p[this] >= d[this] || d[this] <= clock + p[other] {
                break;
            }
            if d[other] < d[this] {
                i = next;
            }
            next += 1;
        }
        let job = line.remove(i);
        clock += p[job as usize];
        scratch.sequence.push(job);
    }
}

/// [`mddc`](super::mddc) by scoring every remaining job at every step, in order `(d, p, index)`. O(n^2).
pub fn mddc(jobs: &Jobs, scratch: &mut Scratch) {
    edd(jobs, scratch);
    let (mut line, mut clock) = (std::mem::take(&mut scratch.sequence), 0);
    let (p, d) = (jobs.processing_time, jobs.due_date);
    while !line.is_empty() && !scratch.pulse.worked(line.len() as u64) {
        let longest = line.iter().map(|&j| p[j as usize]).max().unwrap_or(0);
        let moment = Moment::new(clock, longest, jobs.horizon - clock, line.len());
        let score = |j: u32| moment.score(p[j as usize] as f64, d[j as usize] as f64).0;
        let (mut place, mut best) = (0, f64::INFINITY);
        for (k, &j) in line.iter().enumerate() {
            let value = score(j);
            if value < best {
                (place, best) = (k, value);
            }
        }
        let job = line.remove(place);
        clock += p[job as usize];
        scratch.sequence.push(job);
    }
}

/// [`augment`](super::augment) by evaluating every move anew. O(n^3).
pub fn augment(jobs: &Jobs, scratch: &mut Scratch) {
    let sequence = &mut scratch.sequence;
    let cost = |part: &[u32]| super::total_tardiness(jobs, part);
    for end in 0..sequence.len() {
        let before = cost(&sequence[..=end]);
        let (mut most, mut place) = (0, end);
        for i in 0..end {
            sequence[i..=end].rotate_left(1);
            let saving = before - cost(&sequence[..=end]);
            sequence[i..=end].rotate_right(1);
            if saving > most {
                (most, place) = (saving, i);
            }
        }
        sequence[place..=end].rotate_left(1);
    }
}

fn start(jobs: &Jobs, scratch: &mut Scratch) {
    scratch.sequence.clear();
    everyone(jobs, &mut scratch.line);
}

fn everyone(jobs: &Jobs, line: &mut Vec<u32>) {
    line.clear();
    line.extend(0..jobs.len() as u32);
}
