//! The dispatcher without keys, for callers who keep the keys themselves.

use super::bottom_levels::BottomLevels;
use super::demand_groups::DemandGroups;
use super::forecast::Forecast;
use super::key_table::{KeyRecord, KeyState, KeyTable, NONE};
use super::options::{Backfill, DispatchOrder};
use super::order_key::{OrderKey, descending};
use super::request::Request;
use super::reservations::{Reservations, Situation};
use super::running_set::RunningSet;
use crate::error::{InputError, TIME_LIMIT, check_each};
use crate::online::heap::ordered;
use crate::online::queue::{Disclosure, judge};

/// Counts of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DispatchStats {
    /// Keys that wait, for others or for their turn; blocked ones are not counted.
    pub waiting: usize,
    /// Keys that wait for their turn alone.
    pub ready: usize,
    /// Keys that run.
    pub running: usize,
    /// Keys that have finished.
    pub done: usize,
    /// Keys that have failed for good.
    pub failed: usize,
    /// Keys that were cancelled.
    pub cancelled: usize,
    /// Keys that are blocked.
    pub blocked: usize,
    /// Starts of keys that had failed before.
    pub retries: u64,
}

/// A dispatcher whose keys are the numbers of their submissions: 0, 1, ... It is the heart of [`Dispatcher`](super::Dispatcher), which
/// states the rules.
///
/// ```
/// use schedkit_core::online::dispatcher::{Backfill, DispatchOrder, NumberedDispatcher, Request};
/// let order = DispatchOrder::from_name("fcfs")?;
/// let mut dispatcher = NumberedDispatcher::new(&[2], order, Backfill::Greedy)?;
/// let build = dispatcher.submit(&Request { demand: &[2], ..Request::default() }, &[], 0.0)?;
/// let test = dispatcher.submit(&Request { demand: &[1], ..Request::default() }, &[build], 0.0)?;
/// assert_eq!(dispatcher.next(0.0)?, [build]);
/// dispatcher.finished(build, 5.0)?;
/// assert_eq!(dispatcher.next(5.0)?, [test]);
/// # Ok::<(), schedkit_core::InputError>(())
/// ```
#[derive(Debug, Clone)]
pub struct NumberedDispatcher {
    pub(super) order: DispatchOrder,
    pub(super) backfill: Backfill,
    pub(super) capacity: Vec<i64>,
    /// A demand of no units.
    pub(super) nothing: Vec<i64>,
    /// Capacity minus what runs; below zero after the capacity has shrunk below that.
    pub(super) free: Vec<i64>,
    pub(super) table: KeyTable,
    pub(super) groups: DemandGroups,
    pub(super) running: RunningSet,
    /// For the order by critical path alone.
    pub(super) levels: Option<BottomLevels>,
    /// For conservative backfilling alone.
    pub(super) reservations: Option<Reservations>,
    /// The key that holds the reservation of EASY backfilling.
    pub(super) head: Option<u32>,
    pub(super) forecast: Forecast,
    pub(super) now: f64,
    pub(super) skew: u64,
    /// Starts so far.
    pub(super) turns: u64,
    pub(super) stats: DispatchStats,
    /// Whether something has happened since the last decision.
    pub(super) changed: bool,
    /// When that was.
    pub(super) decided: f64,
    /// A buffer of the decision.
    pub(super) fitting: Vec<u32>,
}

impl NumberedDispatcher {
    /// A dispatcher without keys, whose clock has not begun.
    ///
    /// # Errors
    /// A capacity below 0 or above 2^53.
    pub fn new(capacity: &[i64], order: DispatchOrder, backfill: Backfill) -> Result<Self, InputError> {
        check_each("capacity", capacity, "must be >= 0, and at most 2**53", |units| (0..=TIME_LIMIT).contains(&units))?;
        Ok(Self {
            levels: (order == DispatchOrder::CriticalPath).then(BottomLevels::default),
            reservations: (backfill == Backfill::Conservative).then(|| Reservations::new(capacity)),
            order,
            backfill,
            capacity: capacity.to_vec(),
            nothing: vec![0; capacity.len()],
            free: capacity.to_vec(),
            table: KeyTable::default(),
            groups: DemandGroups::new(capacity, backfill == Backfill::None),
            running: RunningSet::new(matches!(backfill, Backfill::Easy | Backfill::Conservative)),
            head: None,
            forecast: Forecast::default(),
            now: f64::NEG_INFINITY,
            skew: 0,
            turns: 0,
            stats: DispatchStats::default(),
            changed: false,
            decided: f64::NEG_INFINITY,
            fitting: Vec::new(),
        })
    }

    /// Moves the clock on; it never goes back.
    pub(super) fn tick(&mut self, now: f64) {
        if now < self.now {
            self.skew += 1;
        } else {
            self.now = now;
        }
    }

    /// The rank of a new key as an integer.
    fn rank(&self, request: &Request<'_>, arrival: f64) -> Result<u64, InputError> {
        let rank = match &self.order {
            DispatchOrder::Policy(policy) => {
                let facts = Disclosure { size: request.size, estimate: request.estimate, operation: 0, level: 0 };
                policy.waiting_rank(arrival, request.deadline, facts)?
            }
            DispatchOrder::Given => request.rank,
            DispatchOrder::CriticalPath => return Ok(descending(request.estimate.unwrap_or(0.0))),
        };
        Ok(ordered(rank))
    }

    /// Adds a key that needs those of `after`, and returns its number. O(predecessors + log n).
    ///
    /// # Errors
    /// Numbers out of range, an arrival after `now`, a demand above the capacity of the moment, a fact that the policy needs and was not given, a number in
    /// `after` that was not given to a key.
    pub fn submit(&mut self, request: &Request<'_>, after: &[u32], now: f64) -> Result<u32, InputError> {
        judge("now", now, true, "")?;
        request.judge(&self.capacity)?;
        self.table.check_size(after.len())?;
        for (k, &key) in after.iter().enumerate() {
            if key as usize >= self.table.records.len() {
                return Err(InputError::new("after", "was never submitted").at([k], i64::from(key)));
            }
        }
        let arrival = request.arrival.unwrap_or(now.max(self.now));
        judge("arrival", arrival, arrival <= now.max(self.now), "must not lie after now")?;
        let rank = self.rank(request, arrival)?;
        self.tick(now);
        let number = self.table.records.len() as u32;
        let order = OrderKey { priority: descending(request.priority), rank, arrival: ordered(arrival), number };
        let estimate = request.estimate.unwrap_or(f64::INFINITY);
        let group = if request.demand.is_empty() { self.groups.join(&self.nothing) } else { self.groups.join(request.demand) };
        let record = KeyRecord {
            order,
            estimate,
            start: f64::NAN,
            turn: 0,
            group,
            place: 0,
            open: 0,
            edge: NONE,
            cause: NONE,
            state: KeyState::Waiting,
        };
        self.table.push(record, after);
        if let Some(levels) = &mut self.levels {
            levels.push(estimate, !after.is_empty());
        }
        let record = &mut self.table.records[number as usize];
        if record.cause == NONE {
            self.stats.waiting += 1;
            if record.open == 0 {
                self.make_ready(number);
            }
        } else {
            record.state = KeyState::Blocked;
            self.stats.blocked += 1;
            self.groups.leave(group);
        }
        if let Some(reservations) = &mut self.reservations {
            reservations.push(self.table.records[number as usize].state.waits());
        }
        self.changed = true;
        Ok(number)
    }

    pub(super) fn make_ready(&mut self, number: u32) {
        let record = &mut self.table.records[number as usize];
        record.state = KeyState::Ready;
        self.stats.ready += 1;
        self.groups.insert(record.group, record.order, record.estimate);
    }

    /// Starts what may start now, and returns it in order.
    ///
    /// With n ready keys of g different demands and m running keys, a call and each start take O(g + log n) with `Greedy` and `Easy`, where a
    /// call adds O(m) and the search for a short estimate n / 64 for the demands that fit; a start takes O(log n + log g) with `None`. With
    /// `Conservative` a new key takes O(n), and a pass over all reservations O(n^2) at worst.
    ///
    /// # Errors
    /// An invalid time.
    pub fn next(&mut self, now: f64) -> Result<Vec<u32>, InputError> {
        let mut started = Vec::new();
        self.next_into(now, &mut started)?;
        Ok(started)
    }

    /// As [`next`](Self::next), into a list that is used again; what it held is removed.
    ///
    /// # Errors
    /// An invalid time.
    pub fn next_into(&mut self, now: f64, started: &mut Vec<u32>) -> Result<(), InputError> {
        judge("now", now, true, "")?;
        self.tick(now);
        started.clear();
        let by_time = matches!(self.backfill, Backfill::Easy | Backfill::Conservative) && self.now > self.decided;
        if self.changed || by_time {
            self.update_levels();
            self.decide(started);
            self.changed = false;
        }
        self.decided = self.now;
        Ok(())
    }

    /// Brings ranks by critical path up to date.
    pub(super) fn update_levels(&mut self) {
        let Some(levels) = &mut self.levels else { return };
        let mut grown = Vec::new();
        levels.update(&self.table, &mut grown);
        for number in grown {
            let record = &mut self.table.records[number as usize];
            let rank = descending(levels.level(number));
            let old = record.order;
            record.order.rank = rank;
            if record.state == KeyState::Ready && old.rank != rank {
                self.groups.remove(record.group, old);
                self.groups.insert(record.group, record.order, record.estimate);
            }
        }
    }

    /// Starts a ready key that fits.
    pub(super) fn start(&mut self, number: u32) {
        let record = &mut self.table.records[number as usize];
        self.groups.remove(record.group, record.order);
        let demand = self.groups.demand(record.group);
        self.free.iter_mut().zip(demand).for_each(|(free, units)| *free -= units);
        (record.state, record.start, record.turn) = (KeyState::Running, self.now, self.turns);
        record.place = self.running.insert(number, record.end());
        self.turns += 1;
        self.stats.ready -= 1;
        self.stats.waiting -= 1;
        self.stats.running += 1;
        if let Some(reservations) = &mut self.reservations {
            reservations.starts(number);
        }
    }

    /// Changes the capacity of a resource. Running keys go on, even if they hold more than there is. O(groups).
    ///
    /// # Errors
    /// An unknown resource, an amount below 0 or above 2^53, an invalid time.
    pub fn set_capacity(&mut self, resource: usize, amount: i64, now: f64) -> Result<(), InputError> {
        judge("now", now, true, "")?;
        if resource >= self.capacity.len() {
            return Err(InputError::new("resource", format!("there are {}", self.capacity.len())).value(resource));
        }
        if !(0..=TIME_LIMIT).contains(&amount) {
            return Err(InputError::new("amount", "must be >= 0, and at most 2**53").value(amount));
        }
        self.tick(now);
        let change = amount - self.capacity[resource];
        if change == 0 {
            return Ok(());
        }
        self.capacity[resource] = amount;
        self.free[resource] += change;
        self.groups.set_capacity(&self.capacity);
        if let Some(reservations) = &mut self.reservations {
            let mut changes = vec![0; self.capacity.len()];
            changes[resource] = change;
            reservations.capacity_changed(self.now, &changes);
        }
        self.changed = true;
        Ok(())
    }

    /// What the reservations depend on, and the reservations.
    pub(super) fn with_situation<T>(&mut self, act: impl FnOnce(&mut Reservations, &Situation<'_>) -> T) -> Option<T> {
        let Self { table, groups, running, capacity, free, now, .. } = self;
        let situation = Situation { table, groups, running, capacity, free, now: *now };
        self.reservations.as_mut().map(|reservations| act(reservations, &situation))
    }
}
