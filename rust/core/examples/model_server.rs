//! A model server of two replicas with continuous batching: `cargo run --release --example model_server`.
//!
//! A router sends each request to the replica of least load. Each replica asks admission before every step who joins its batch, so that the
//! cache suffices until the last answer, and produces one token for each request in it.

use std::collections::VecDeque;

use schedkit_core::Error;
use schedkit_core::serving::{
    Admission, AdmissionOptions, AdmissionPolicy, Request, RouteRequest, Router, RouterOptions, RoutingPolicy,
};

/// Tokens that the cache of a replica holds.
const CAPACITY: i64 = 20;
/// Tokens of the prompt and of the answer of each request.
const REQUESTS: [(i64, i64); 5] = [(8, 4), (6, 2), (5, 3), (9, 2), (3, 5)];

struct Replica {
    admission: Admission<usize>,
    line: VecDeque<usize>,
    /// Requests in the batch, and the tokens that are left of each answer.
    batch: Vec<(usize, i64)>,
}

impl Replica {
    fn new() -> Result<Self, Error> {
        let options =
            AdmissionOptions { capacity: CAPACITY, policy: AdmissionPolicy::Future, reserve: 0.0, ..AdmissionOptions::default() };
        Ok(Self { admission: Admission::new(options)?, line: VecDeque::new(), batch: Vec::new() })
    }

    /// Makes a step and returns the requests whose answers are complete.
    fn step(&mut self) -> Result<Vec<usize>, Error> {
        let request = |&key: &usize| {
            let (prompt_tokens, max_new_tokens) = REQUESTS[key];
            Request { prompt_tokens, max_new_tokens, ..Request::default() }
        };
        let joining = self.admission.admit(self.line.iter().map(request))?;
        for key in self.line.drain(..joining) {
            self.admission.start(key, &request(&key))?;
            self.batch.push((key, REQUESTS[key].1));
        }
        self.admission.advance(1)?;
        assert!(self.admission.numbered().held() < CAPACITY, "with true lengths the cache always suffices");
        for (_, left) in &mut self.batch {
            *left -= 1;
        }
        let ended: Vec<usize> = self.batch.iter().filter(|(_, left)| *left == 0).map(|&(key, _)| key).collect();
        for key in &ended {
            self.admission.finished(key, REQUESTS[*key].1)?;
        }
        self.batch.retain(|&(_, left)| left > 0);
        Ok(ended)
    }
}

fn main() -> Result<(), Error> {
    let mut router = Router::new(RouterOptions { policy: RoutingPolicy::LeastLoaded, ..RouterOptions::default() })?;
    let mut replicas = [Replica::new()?, Replica::new()?];
    for id in 0..replicas.len() {
        router.add(id as i64, 1.0)?;
    }
    let mut ends = [0; REQUESTS.len()];
    for (key, &(tokens, _)) in REQUESTS.iter().enumerate() {
        let id = router.route(key, &RouteRequest { tokens, ..RouteRequest::default() }, 0.0)?;
        replicas[id as usize].line.push_back(key);
    }
    let mut steps = 0;
    while !router.numbered().is_empty() {
        steps += 1;
        for replica in &mut replicas {
            for key in replica.step()? {
                router.finished(&key)?;
                ends[key] = steps;
            }
        }
    }
    println!("answers are complete after steps {ends:?}");
    Ok(())
}
