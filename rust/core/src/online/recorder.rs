//! Records which job ran when and where, and counts preemptions.

use super::{Flow, Segments};
use crate::memory::{self, OutOfMemory};

/// A stretch of work that may still grow.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    job: u32,
    start: f64,
    /// Not a number while the job runs.
    end: f64,
}

/// Records segments. Stretches of one job on one server that touch are joined.
#[derive(Debug)]
pub(super) struct Recorder {
    last: Vec<Option<Stretch>>,
    segments: Option<Segments>,
    /// The error if memory was refused; the simulation ends then.
    refused: Option<OutOfMemory>,
    /// How often an unfinished job lost its server to another one.
    pub preemptions: u64,
}

impl Recorder {
    pub fn new(servers: usize, wanted: bool) -> Self {
        Self {
            last: vec![None; if wanted { servers } else { 0 }],
            segments: wanted.then(Segments::default),
            refused: None,
            preemptions: 0,
        }
    }

    /// Ends the simulation because memory was refused.
    pub fn refuse(&mut self, error: OutOfMemory) {
        self.segments = None;
        self.refused = Some(error);
    }

    /// Whether memory was refused.
    pub fn refused(&self) -> bool {
        self.refused.is_some()
    }

    fn push(&mut self, job: u32, server: usize, start: f64, end: f64, rate: f64) {
        if let Some(segments) = &mut self.segments {
            match segments.reserve() {
                Ok(()) => segments.push(job, server, start, end, rate),
                Err(error) => self.refuse(error),
            }
        }
    }

    /// Whether segments are wanted.
    pub fn wanted(&self) -> bool {
        self.segments.is_some()
    }

    /// `job` starts to run.
    pub fn start(&mut self, server: usize, job: u32, now: f64) {
        if !self.wanted() {
            return;
        }
        let slot = &mut self.last[server];
        match slot {
            Some(last) if last.job == job && last.end == now => last.end = f64::NAN,
            _ => {
                if let Some(last) = slot.replace(Stretch { job, start: now, end: f64::NAN }) {
                    self.push(last.job, server, last.start, last.end, 1.0);
                }
            }
        }
    }

    /// The job that runs stops. If it had not begun to work (a switch was cut short), that leaves no trace; if it has completed in no
    /// time, or worked for less than the clock can show, that leaves a stretch of no length.
    pub fn stop(&mut self, server: usize, now: f64, worked: bool) {
        if let Some(slot) = self.last.get_mut(server)
            && let Some(last) = slot
        {
            if last.start < now || worked {
                last.end = now.max(last.start);
            } else {
                *slot = None;
            }
        }
    }

    /// A job is served in no time; the job that runs on that server gets two stretches, before and after.
    pub fn instant(&mut self, server: usize, job: u32, now: f64) {
        if !self.wanted() {
            return;
        }
        if let Some(last) = self.last.get(server).copied().flatten() {
            let runs = last.end.is_nan();
            self.last[server] = runs.then_some(Stretch { start: last.start.max(now), ..last });
            if !runs || last.start < now {
                self.push(last.job, server, last.start, if runs { now } else { last.end }, 1.0);
            }
        }
        self.push(job, server, now, now, 1.0);
    }

    /// A stretch of shared work.
    pub fn share(&mut self, job: u32, server: usize, start: f64, end: f64, rate: f64) {
        if start < end {
            self.push(job, server, start, end, rate);
        }
    }

    /// The result; without segments if the simulation was stopped.
    pub fn finish(mut self, completion_time: Vec<f64>, stopped: bool) -> Result<Flow, OutOfMemory> {
        for (server, last) in std::mem::take(&mut self.last).into_iter().enumerate() {
            if let Some(last) = last {
                self.push(last.job, server, last.start, last.end, 1.0);
            }
        }
        if let Some(error) = self.refused {
            return Err(error);
        }
        if let Some(segments) = &mut self.segments
            && !stopped
        {
            let mut served = memory::filled(completion_time.len(), false)?;
            for &job in &segments.job {
                served[job as usize] = true;
            }
            // Work that was lost in rounding takes no time on the clock.
            for job in (0..completion_time.len()).filter(|&job| !served[job]) {
                segments.reserve()?;
                segments.push(job as u32, 0, completion_time[job], completion_time[job], 1.0);
            }
        }
        let segments = self.segments.filter(|_| !stopped).map(Segments::sorted).transpose()?;
        Ok(Flow { completion_time, num_preemptions: self.preemptions, segments })
    }
}
