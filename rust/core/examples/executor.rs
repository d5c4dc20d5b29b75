//! A pool of plain threads that asks the policy queue which job is next: `cargo run --release --example executor`.
//!
//! Jobs are closures with a size. The queue lies behind a lock, workers sleep while it is empty, and SRPT with ageing decides, so that
//! short jobs are quick and long ones do not starve.

use std::collections::HashMap;
use std::sync::{Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use schedkit_core::InputError;
use schedkit_core::online::{ParameterValue, Policy, PolicyQueue, queue::QueueEntry};

type Work = Box<dyn FnOnce() + Send>;

/// What the workers share.
struct Line {
    queue: PolicyQueue<u64>,
    work: HashMap<u64, Work>,
    next: u64,
    closed: bool,
}

struct Executor {
    line: Mutex<Line>,
    changed: Condvar,
    began: Instant,
}

impl Executor {
    fn new(policy: &Policy) -> Result<Self, InputError> {
        let line = Line { queue: PolicyQueue::new(policy)?, work: HashMap::new(), next: 0, closed: false };
        Ok(Self { line: Mutex::new(line), changed: Condvar::new(), began: Instant::now() })
    }

    fn now(&self) -> f64 {
        self.began.elapsed().as_secs_f64()
    }

    fn submit(&self, size: f64, work: impl FnOnce() + Send + 'static) -> Result<(), InputError> {
        let mut line = self.line.lock().expect("no worker panics with the lock");
        let key = line.next;
        line.queue.add(key, &QueueEntry::sized(size), self.now())?;
        line.work.insert(key, Box::new(work));
        line.next += 1;
        self.changed.notify_one();
        Ok(())
    }

    fn close(&self) {
        self.line.lock().expect("no worker panics with the lock").closed = true;
        self.changed.notify_all();
    }

    /// What a worker does until the executor is closed and nothing is left.
    fn serve(&self) {
        loop {
            let mut line = self.line.lock().expect("no worker panics with the lock");
            let work = loop {
                if let Ok(Some(key)) = line.queue.pop(self.now()) {
                    break line.work.remove(&key).expect("every key has its work");
                }
                if line.closed {
                    return;
                }
                line = self.changed.wait(line).expect("no worker panics with the lock");
            };
            drop(line);
            work();
        }
    }
}

fn main() -> Result<(), InputError> {
    let executor = Executor::new(&Policy::new("srpt_ageing", [("rate", ParameterValue::Number(0.1))])?)?;
    let done = std::sync::Arc::new(Mutex::new(Vec::new()));
    for k in 0..60 {
        let milliseconds: u32 = if k % 10 == 0 { 20 } else { 1 };
        let (done, submitted) = (done.clone(), Instant::now());
        executor.submit(f64::from(milliseconds) / 1000.0, move || {
            thread::sleep(Duration::from_millis(u64::from(milliseconds)));
            done.lock().expect("no thread panics here").push((milliseconds, submitted.elapsed()));
        })?;
    }
    executor.close();
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| executor.serve());
        }
    });
    let done = done.lock().expect("no thread panics here");
    assert_eq!(done.len(), 60);
    for kind in [1_u32, 20] {
        let times: Vec<_> = done.iter().filter(|job| job.0 == kind).map(|job| job.1.as_secs_f64() * 1e3).collect();
        println!(
            "{:2} jobs of {kind:2} ms: mean flow time {:6.1} ms",
            times.len(),
            times.iter().sum::<f64>() / times.len() as f64
        );
    }
    Ok(())
}
