//! From a list of entries to times: each entry as early as possible, after those that it waits for.

mod extras;

use super::NONE;
use crate::shop::problem::{Blocking, Shop};

/// A list with its times.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub order: Vec<u32>,
    pub machine: Vec<u32>,
    pub duration: Vec<i64>,
    pub start: Vec<i64>,
    pub end: Vec<i64>,
    /// The operation before on the machine.
    pub before: Vec<u32>,
    /// When each job completes.
    pub completion: Vec<i64>,
    /// What was known before some places of the list.
    known: Vec<Known>,
}

impl Plan {
    /// Operations on these machines, for these durations; all times are 0.
    pub fn new(shop: &Shop, order: Vec<u32>, machine: Vec<u32>, duration: Vec<i64>) -> Self {
        let count = shop.num_operations();
        Self {
            order,
            machine,
            duration,
            start: vec![0; count],
            end: vec![0; count],
            before: vec![NONE; count],
            completion: (0..shop.num_jobs()).map(|j| shop.release_time(j)).collect(),
            known: vec![Known::new(shop); PLACES],
        }
    }
}

/// What became of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is a schedule.
    Schedule,
    /// Jobs wait for each other that must not exchange their machines.
    Blocked,
    /// Some job completes after the limit.
    Late,
}

/// Places of a list before which is noted what is known, so that a list that begins as another one is decoded from there on.
const PLACES: usize = 16;

/// What is known before a place of a list.
#[derive(Debug, Clone)]
struct Known {
    /// The place; `NONE` if nothing is known.
    before: u32,
    /// By job: the next operation, when it is ready, and the machine that it keeps.
    next: Vec<u32>,
    ready: Vec<i64>,
    at: Vec<u32>,
    /// By machine: the job that keeps it, when it became empty, and its last operation.
    holder: Vec<u32>,
    empty_since: Vec<i64>,
    last: Vec<u32>,
}

impl Known {
    fn new(shop: &Shop) -> Self {
        let (jobs, machines) = (shop.num_jobs(), shop.num_machines());
        Self {
            before: NONE,
            next: vec![0; jobs],
            ready: vec![0; jobs],
            at: vec![NONE; jobs],
            holder: vec![NONE; machines],
            empty_since: vec![0; machines],
            last: vec![NONE; machines],
        }
    }

    /// The empty shop before the first entry.
    fn begin(&mut self, shop: &Shop) {
        for job in 0..shop.num_jobs() {
            (self.next[job], self.ready[job], self.at[job]) = (shop.operations(job).start as u32, shop.release_time(job), NONE);
        }
        self.holder.fill(NONE);
        self.empty_since.fill(i64::MIN);
        self.last.fill(NONE);
        self.before = 0;
    }

    fn copy_from(&mut self, other: &Self) {
        self.before = other.before;
        self.next.copy_from_slice(&other.next);
        self.ready.copy_from_slice(&other.ready);
        self.at.copy_from_slice(&other.at);
        self.holder.copy_from_slice(&other.holder);
        self.empty_since.copy_from_slice(&other.empty_since);
        self.last.copy_from_slice(&other.last);
    }
}

/// Makes entries one after the other.
#[derive(Debug, Clone)]
pub(super) struct Decoding<'s> {
    shop: &'s Shop,
    swap: bool,
    /// Without setups, ways and closed machines.
    plain: bool,
    known: Known,
    /// The work of a job behind each operation.
    tail: Vec<i64>,
    /// No job may complete later.
    limit: i64,
    /// Jobs of which each waits for the one behind it, and by job its place there.
    chain: Vec<u32>,
    place: Vec<u32>,
    /// When the jobs of a cycle enter.
    starts: Vec<i64>,
    /// How many of the places of the list that was decoded last are known from the list before.
    kept: usize,
}

impl<'s> Decoding<'s> {
    pub fn new(shop: &'s Shop) -> Self {
        let behind = |op: usize| shop.remaining_work(op + 1);
        let is_last = |op: usize| op + 1 == shop.operations(shop.job(op)).end;
        Self {
            shop,
            swap: shop.data().blocking == Blocking::Swap,
            plain: shop.data().transport.is_empty()
                && shop.data().calendars.is_empty()
                && !(0..shop.num_machines()).any(|machine| shop.has_setups(machine)),
            starts: Vec::new(),
            known: Known::new(shop),
            tail: (0..shop.num_operations()).map(|op| if is_last(op) { 0 } else { behind(op) }).collect(),
            limit: i64::MAX,
            chain: Vec::new(),
            place: vec![NONE; shop.num_jobs()],
            kept: 0,
        }
    }

    /// Bytes of two plans and what decodes them.
    pub fn bytes(shop: &Shop) -> usize {
        shop.num_operations() * 128 + (shop.num_jobs() + shop.num_machines()) * (2 * PLACES + 2) * 16
    }

    /// Makes the entries of `wished`, which begins with the first `from` entries of `now` on the same machines. The order of `tried`
    /// becomes that in which the entries were made, if the list is a schedule of which no job completes after `limit`.
    pub fn decode(&mut self, wished: &[u32], now: &Plan, from: usize, tried: &mut Plan, limit: i64) -> Outcome {
        self.limit = limit;
        tried.order.clear();
        self.kept =
            now.known.iter().rposition(|known| known.before as usize <= from && known.before != NONE).map_or(0, |k| k + 1);
        match self.kept.checked_sub(1) {
            None => self.known.begin(self.shop),
            Some(k) => {
                self.known.copy_from(&now.known[k]);
                tried.order.extend_from_slice(&now.order[..self.known.before as usize]);
                tried.start.copy_from_slice(&now.start);
                tried.end.copy_from_slice(&now.end);
                tried.before.copy_from_slice(&now.before);
                tried.completion.copy_from_slice(&now.completion);
            }
        }
        let apart = wished.len() / PLACES + 1;
        tried.known[self.kept..].iter_mut().for_each(|known| known.before = NONE);
        let mut unknown = self.kept;
        for (place, &op) in wished.iter().enumerate().skip(self.known.before as usize) {
            // Known is only what holds between entries, not within an exchange.
            if place >= unknown * apart && tried.order.len() == place && unknown < PLACES {
                self.known.before = place as u32;
                tried.known[place / apart].copy_from(&self.known);
                unknown = place / apart + 1;
            }
            let job = self.shop.job(op as usize);
            while self.known.next[job] <= op {
                let outcome = self.make_way(tried, job as u32);
                if outcome != Outcome::Schedule {
                    return outcome;
                }
            }
        }
        Outcome::Schedule
    }

    /// The plan that was decoded last becomes the plan from which changes are tried.
    pub fn accept(&self, now: &mut Plan, tried: &mut Plan) {
        std::mem::swap(now, tried);
        now.known[..self.kept].swap_with_slice(&mut tried.known[..self.kept]);
    }

    /// Makes the next entry of a job, after those that it waits for, or some of those. In a cycle of jobs that wait for each other all
    /// exchange their machines if they may.
    #[inline]
    fn make_way(&mut self, plan: &mut Plan, job: u32) -> Outcome {
        let holder =
            |known: &Known, plan: &Plan, job: u32| known.holder[plan.machine[known.next[job as usize] as usize] as usize];
        let first = holder(&self.known, plan, job);
        if first == NONE || first == job {
            return self.enter_empty(plan, job as usize);
        }
        self.chain.clear();
        let mut last = job;
        let cycle = loop {
            self.place[last as usize] = self.chain.len() as u32;
            self.chain.push(last);
            let holder = holder(&self.known, plan, last);
            if holder == last {
                // It stays where it is for its next operation too, so that the others go on waiting.
                self.chain.iter().for_each(|&job| self.place[job as usize] = NONE);
                return self.enter_empty(plan, last as usize);
            }
            if holder == NONE {
                break None;
            }
            if self.place[holder as usize] != NONE {
                break Some(self.place[holder as usize] as usize);
            }
            last = holder;
        };
        self.chain.iter().for_each(|&job| self.place[job as usize] = NONE);
        match cycle {
            None => {
                while let Some(job) = self.chain.pop() {
                    let outcome = self.enter_empty(plan, job as usize);
                    if outcome != Outcome::Schedule {
                        return outcome;
                    }
                }
            }
            Some(_) if !self.swap => return Outcome::Blocked,
            Some(first) => {
                if !self.exchange(plan, first) {
                    return Outcome::Blocked;
                }
                for k in first..self.chain.len() {
                    if self.enter(plan, self.chain[k] as usize, self.starts[k - first]) == Outcome::Late {
                        return Outcome::Late;
                    }
                }
            }
        }
        Outcome::Schedule
    }

    /// Lets a job enter its next machine as early as it can. The machine must be empty, or its own.
    #[inline]
    fn enter_empty(&mut self, plan: &mut Plan, job: usize) -> Outcome {
        if !self.plain {
            return self.enter_empty_of_any(plan, job);
        }
        let machine = plan.machine[self.known.next[job] as usize] as usize;
        let start = self.known.ready[job].max(self.known.empty_since[machine]);
        self.leave(job, start);
        self.enter(plan, job, start)
    }

    /// A job leaves its machine.
    #[inline]
    fn leave(&mut self, job: usize, time: i64) {
        let known = &mut self.known;
        if known.at[job] != NONE {
            let machine = known.at[job] as usize;
            (known.holder[machine], known.empty_since[machine]) = (NONE, time);
        }
    }

    /// A job makes its next entry.
    #[inline]
    fn enter(&mut self, plan: &mut Plan, job: usize, start: i64) -> Outcome {
        let known = &mut self.known;
        let op = known.next[job] as usize;
        let machine = plan.machine[op] as usize;
        let end = start + plan.duration[op];
        plan.order.push(op as u32);
        (plan.start[op], plan.end[op], plan.before[op]) = (start, end, known.last[machine]);
        (known.last[machine], known.holder[machine], known.at[job]) = (op as u32, job as u32, machine as u32);
        (known.next[job], known.ready[job]) = (op as u32 + 1, end);
        if op + 1 == self.shop.operations(job).end {
            plan.completion[job] = end;
            self.leave(job, end);
        }
        if end.saturating_add(self.tail[op]) > self.limit { Outcome::Late } else { Outcome::Schedule }
    }
}
