//! Egalitarian processor sharing, exact by virtual time.

use super::declaration::{RunnablePolicy, SharesServer, declare};
use super::double_double::DoubleDouble;
use super::heap::{IndexedHeap, key, ordered};
use super::queue::{FairQueueing, QueueBackend};
use super::recorder::Recorder;
use super::{Flow, JOB, Jobs, Options, negligible};
use crate::control::Pulse;
use crate::cost::EVENT;
use crate::error::{Error, InputError};
use crate::memory::{self, OutOfMemory};

/// Every job has the rate `min(1, servers / jobs)`. Knows nothing; 2-competitive for the total completion time if all jobs are
/// there from the start. O(log n) an event.
///
/// Virtual time grows by the service that each job gets, so a job that arrives at virtual time v completes at v + size. Both clocks are
/// [`DoubleDouble`]: they are sums of very many parts.
#[derive(Default)]
pub(super) struct ProcessorSharing;

declare!(ProcessorSharing, "ps", SHARES_SERVER: SharesServer = SharesServer::Always);

impl RunnablePolicy for ProcessorSharing {
    fn simulate(&self, jobs: &Jobs, options: &Options, pulse: &Pulse) -> Result<Flow, Error> {
        Ok(run(jobs, options, pulse)?)
    }

    fn queue_backend(&self) -> Result<Box<dyn QueueBackend>, InputError> {
        Ok(Box::new(FairQueueing::default()))
    }
}

fn run(jobs: &Jobs, options: &Options, pulse: &Pulse) -> Result<Flow, OutOfMemory> {
    let (mut pulse, mut stopped) = (pulse.clone(), false);
    let (n, servers) = (jobs.len(), options.servers as f64);
    let size = jobs.processing_time();
    let mut completion_time = memory::filled(n, 0.0)?;
    let mut recorder = Recorder::new(0, options.segments);
    // Members are numbers of arrivals, in a ring of slots that are used again.
    let (mut heap, mut slots, mut free) = (IndexedHeap::default(), Vec::<(u32, DoubleDouble)>::new(), Vec::<u32>::new());
    let (mut arrived, mut now, mut virtual_time) = (0, DoubleDouble::from(-f64::MAX), DoubleDouble::from(0.0));
    loop {
        let release = if arrived < n { jobs.release_time()[jobs.arrival(arrived)] } else { f64::INFINITY };
        let busy = servers.min(heap.len() as f64);
        let rate = busy / heap.len() as f64;
        let first = heap.first().map(|(_, slot)| slots[slot as usize].1);
        let end = first.map_or(DoubleDouble::INFINITE, |mark| now + (mark - virtual_time) * heap.len() as f64 / busy);
        let ends = end <= release.into() || negligible((end - release.into()).round(), release);
        // The last end may have come a little later than this arrival.
        let next = if ends { end } else { now.max(release.into()) };
        stopped |= recorder.refused();
        if next == DoubleDouble::INFINITE || stopped {
            break;
        }
        if recorder.wanted() && !heap.is_empty() {
            let mut members: Vec<u32> = heap.members().map(|slot| slots[slot as usize].0).collect();
            stopped |= pulse.worked(members.len() as u64);
            members.sort_unstable();
            share(&mut recorder, &members, options.servers, rate, now.round(), next.round());
        }
        match first {
            Some(mark) if ends => virtual_time = mark,
            Some(_) => virtual_time = virtual_time + (next - now) * busy / heap.len() as f64,
            None => virtual_time = DoubleDouble::from(0.0),
        }
        let begin = now.round();
        now = next;
        while let Some((_, slot)) = heap.first()
            && slots[slot as usize].1 <= virtual_time
            && !stopped
        {
            stopped |= pulse.worked(EVENT);
            heap.pop();
            let job = slots[slot as usize].0;
            completion_time[job as usize] = now.round();
            if begin == now.round() {
                recorder.instant(0, job, begin); // its share is shorter than the clock can show
            }
            free.push(slot);
        }
        while arrived < n && now.reaches(jobs.release_time()[jobs.arrival(arrived)].into(), 0.0) && !stopped {
            stopped |= pulse.worked(EVENT);
            let job = jobs.arrival(arrived);
            arrived += 1;
            if size[job] == 0.0 {
                completion_time[job] = jobs.release_time()[job]; // its share needs no time
                recorder.instant(0, job as u32, completion_time[job]);
                continue;
            }
            let entry = (job as u32, virtual_time + DoubleDouble::from(size[job]));
            let slot = free.pop().unwrap_or(slots.len() as u32);
            if slot as usize == slots.len() {
                if slots.len() == slots.capacity()
                    && let Err(error) = memory::require_items(2 * slots.len(), JOB)
                {
                    recorder.refuse(error);
                }
                slots.push(entry);
            } else {
                slots[slot as usize] = entry;
            }
            heap.push(key(entry.1.round(), ordered(entry.1.rest())), slot);
        }
    }
    recorder.finish(completion_time, stopped)
}

/// Hands out the servers in equal shares, wrapping around where one is used up (`McNaughton` 1959).
fn share(recorder: &mut Recorder, members: &[u32], servers: usize, rate: f64, start: f64, end: f64) {
    if members.len() <= servers {
        for (server, &job) in members.iter().enumerate() {
            recorder.share(job, server, start, end, 1.0);
        }
        return;
    }
    let (mut server, mut left) = (0, 1.0);
    for &job in members {
        let here = rate.min(left);
        recorder.share(job, server, start, end, here);
        left -= here;
        if left <= 1e-12 && server + 1 < servers {
            (server, left) = (server + 1, 1.0);
            if rate - here > 1e-12 {
                recorder.share(job, server, start, end, rate - here);
                left -= rate - here;
            }
        }
    }
}
