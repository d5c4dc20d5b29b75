//! Who ran when, where: segments as they are made, and the count of preemptions.

use super::{Flow, Segments};

/// A stretch of work that may still grow.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    job: u32,
    start: f64,
    /// Not a number while the job runs.
    end: f64,
}

/// Joins stretches of the same job on the same server that touch.
#[derive(Debug)]
pub(super) struct Recorder {
    last: Vec<Option<Stretch>>,
    segments: Option<Segments>,
    /// How often an unfinished job lost its server to another one.
    pub preemptions: u64,
}

impl Recorder {
    pub fn new(servers: usize, wanted: bool) -> Self {
        Self { last: vec![None; if wanted { servers } else { 0 }], segments: wanted.then(Segments::default), preemptions: 0 }
    }

    /// Whether segments are wanted.
    pub fn wanted(&self) -> bool {
        self.segments.is_some()
    }

    /// `job` starts to run.
    pub fn start(&mut self, server: usize, job: u32, now: f64) {
        let Some(segments) = &mut self.segments else { return };
        let slot = &mut self.last[server];
        match slot {
            Some(last) if last.job == job && last.end == now => last.end = f64::NAN,
            _ => {
                if let Some(last) = slot.replace(Stretch { job, start: now, end: f64::NAN }) {
                    segments.push(last.job, server, last.start, last.end, 1.0);
                }
            }
        }
    }

    /// The job that runs stops. If it had not begun to work (a switch was cut short), that leaves no trace; if it has completed in no
    /// time, that leaves a stretch of no length.
    pub fn stop(&mut self, server: usize, now: f64, completed: bool) {
        if let Some(slot) = self.last.get_mut(server)
            && let Some(last) = slot
        {
            if last.start < now || completed {
                last.end = now.max(last.start);
            } else {
                *slot = None;
            }
        }
    }

    /// A job is served in no time; whoever runs on that server has two stretches, before and after.
    pub fn instant(&mut self, server: usize, job: u32, now: f64) {
        let Some(segments) = &mut self.segments else { return };
        if let Some(last) = self.last.get_mut(server).and_then(Option::as_mut) {
            if last.end.is_nan() {
                if last.start < now {
                    segments.push(last.job, server, last.start, now, 1.0);
                    last.start = now;
                }
            } else {
                segments.push(last.job, server, last.start, last.end, 1.0);
                self.last[server] = None;
            }
        }
        segments.push(job, server, now, now, 1.0);
    }

    /// A stretch of shared work.
    pub fn share(&mut self, job: u32, server: usize, start: f64, end: f64, rate: f64) {
        if let Some(segments) = &mut self.segments
            && start < end
        {
            segments.push(job, server, start, end, rate);
        }
    }

    /// The result; of a simulation that was stopped nobody wants the segments.
    pub fn finish(self, completion_time: Vec<f64>, stopped: bool) -> Flow {
        let segments = self.segments.filter(|_| !stopped).map(|mut segments| {
            for (server, last) in self.last.iter().enumerate() {
                if let Some(last) = last {
                    segments.push(last.job, server, last.start, last.end, 1.0);
                }
            }
            segments.sorted()
        });
        Flow { completion_time, num_preemptions: self.preemptions, segments }
    }
}
