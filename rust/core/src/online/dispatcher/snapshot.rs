//! Snapshots of dispatchers as words, for copies that continue exactly.

use super::key_table::{KeyRecord, KeyState, NONE};
use super::moment::Moment;
use super::numbered::NumberedDispatcher;
use super::options::{Backfill, DispatchOrder};
use super::order_key::OrderKey;
use crate::error::{InputError, TIME_LIMIT};
use crate::online::queue::LARGEST;

/// Version of the layout of snapshots.
const VERSION: u64 = 2;

/// Reads words one after the other.
struct Reader<'a>(&'a [u64]);

fn broken() -> InputError {
    InputError::new("state", "is not the record of a dispatcher")
}

fn require(sound: bool) -> Result<(), InputError> {
    if sound { Ok(()) } else { Err(broken()) }
}

impl<'a> Reader<'a> {
    fn several(&mut self, count: usize) -> Result<&'a [u64], InputError> {
        let (words, rest) = self.0.split_at_checked(count).ok_or_else(broken)?;
        self.0 = rest;
        Ok(words)
    }

    fn word(&mut self) -> Result<u64, InputError> {
        Ok(self.several(1)?[0])
    }

    fn number(&mut self) -> Result<f64, InputError> {
        Ok(f64::from_bits(self.word()?))
    }

    /// A time, or minus infinity.
    fn clock(&mut self) -> Result<f64, InputError> {
        let time = self.number()?;
        require(time.abs() <= LARGEST || time == f64::NEG_INFINITY)?;
        Ok(time)
    }

    fn flag(&mut self) -> Result<bool, InputError> {
        Ok(self.word()? == 1)
    }

    fn units(&mut self, count: usize) -> Result<Vec<i64>, InputError> {
        let units: Vec<i64> = self.several(count)?.iter().map(|&word| word as i64).collect();
        require(units.iter().all(|units| (0..=TIME_LIMIT).contains(units)))?;
        Ok(units)
    }
}

/// A key in a snapshot.
struct SavedKey {
    record: KeyRecord,
    place: Option<Moment>,
    after: Vec<u32>,
    demand: Vec<i64>,
}

impl NumberedDispatcher {
    /// The complete state.
    #[must_use]
    pub fn save(&mut self) -> Vec<u64> {
        self.update_levels();
        let bits = f64::to_bits;
        let (anew, compress) = self.reservations.as_ref().map_or((false, false), |held| (held.anew, held.compress));
        let mut words = vec![VERSION, self.capacity.len() as u64, self.table.records.len() as u64];
        words.extend([bits(self.now), bits(self.decided), self.skew, self.turns, self.stats.retries]);
        words.extend([u64::from(self.changed), u64::from(anew), u64::from(compress)]);
        words.extend([self.head.map_or(u64::MAX, u64::from), bits(self.forecast.start)]);
        words.extend(self.capacity.iter().map(|&units| units as u64));
        for (number, record) in (0_u32..).zip(&self.table.records) {
            let &KeyRecord { order, estimate, start, turn, group, cause, state, .. } = record;
            let after = self.table.predecessors(number);
            words.extend([order.priority, order.rank, order.arrival, bits(estimate), bits(start), turn]);
            words.extend([state as u64, u64::from(cause), after.len() as u64]);
            words.extend(after.iter().copied().map(u64::from));
            if state.waits() || state == KeyState::Running {
                words.extend(self.groups.demand(group).iter().map(|&units| units as u64));
            }
            if let Some(levels) = &self.levels {
                words.push(bits(levels.level(number)));
            }
            if let Some(reservations) = &self.reservations {
                let place = reservations.held[number as usize];
                words.extend(place.map_or([u64::MAX, 0], |place| [bits(place.time), u64::from(place.instant)]));
            }
        }
        words
    }

    /// The dispatcher of a snapshot, which continues as the other one would have done.
    ///
    /// # Errors
    /// Words that are no snapshot of a dispatcher with this order and this rule.
    pub fn restore(order: DispatchOrder, backfill: Backfill, words: &[u64]) -> Result<Self, InputError> {
        let mut reader = Reader(words);
        require(reader.word()? == VERSION)?;
        let (width, count) = (reader.word()?, reader.word()?);
        require(width <= words.len() as u64 && count <= words.len() as u64)?;
        let (now, decided) = (reader.clock()?, reader.clock()?);
        let [skew, turns, retries] = *reader.several(3)? else { return Err(broken()) };
        require((skew | turns | retries) >> 62 == 0)?;
        let (changed, anew, compress) = (reader.flag()?, reader.flag()?, reader.flag()?);
        let (head, head_start) = (reader.word()?, reader.number()?);
        require(!head_start.is_nan())?;
        let capacity = reader.units(width as usize)?;
        let mut dispatcher = Self::new(&capacity, order, backfill)?;
        (dispatcher.now, dispatcher.decided, dispatcher.skew, dispatcher.turns) = (now, decided, skew, turns);
        (dispatcher.stats.retries, dispatcher.changed) = (retries, changed);
        dispatcher.head = u32::try_from(head).ok().filter(|&head| u64::from(head) < count);
        dispatcher.forecast.start = head_start;
        let mut places = Vec::new();
        for number in 0..count as u32 {
            let saved = dispatcher.read_key(number, &mut reader)?;
            places.push(saved.place);
            dispatcher.add_saved(number, saved)?;
        }
        require(reader.0.is_empty())?;
        dispatcher.groups.set_capacity(&capacity);
        dispatcher.with_situation(|reservations, situation| reservations.restore(situation, places));
        if let Some(reservations) = &mut dispatcher.reservations {
            (reservations.anew, reservations.compress) = (anew, compress);
        }
        Ok(dispatcher)
    }

    fn read_key(&mut self, number: u32, reader: &mut Reader<'_>) -> Result<SavedKey, InputError> {
        let [priority, rank, arrival] = *reader.several(3)? else { return Err(broken()) };
        let (estimate, start, turn) = (reader.number()?, reader.number()?, reader.word()?);
        let state = KeyState::from_number(reader.word()?).ok_or_else(broken)?;
        let cause = reader.word()? as u32;
        let count = reader.word()?;
        require(count <= reader.0.len() as u64)?;
        let after: Vec<u32> = reader.several(count as usize)?.iter().map(|&key| key as u32).collect();
        let width = self.capacity.len();
        let live = state.waits() || state == KeyState::Running;
        let demand = if live { reader.units(width)? } else { Vec::new() };
        if let Some(levels) = &mut self.levels {
            let level = reader.number()?;
            require(level >= 0.0)?;
            levels.restore(level);
        }
        let mut place = None;
        if self.reservations.is_some() {
            let (time, instant) = (reader.number()?, reader.word()? as u32);
            place = Some(Moment { time, instant }).filter(|place| !place.time.is_nan() && state.waits());
        }
        require(estimate >= 0.0 && after.iter().all(|&key| key < number) && (cause == NONE || cause < number))?;
        require((state == KeyState::Blocked) <= (cause != NONE))?;
        require(state != KeyState::Running || start.abs() <= LARGEST)?;
        let order = OrderKey { priority, rank, arrival, number };
        let record = KeyRecord { order, estimate, start, turn, group: 0, place: 0, open: 0, edge: NONE, cause, state };
        Ok(SavedKey { record, place, after, demand })
    }

    fn add_saved(&mut self, number: u32, saved: SavedKey) -> Result<(), InputError> {
        let SavedKey { mut record, after, demand, .. } = saved;
        let (state, cause) = (record.state, record.cause);
        let live = state.waits() || state == KeyState::Running;
        if live {
            record.group = self.groups.join(&demand);
        }
        self.table.push(record, &after);
        let record = &mut self.table.records[number as usize];
        record.cause = cause;
        let count = match state {
            KeyState::Waiting | KeyState::Ready => &mut self.stats.waiting,
            KeyState::Running => &mut self.stats.running,
            KeyState::Done => &mut self.stats.done,
            KeyState::Failed => &mut self.stats.failed,
            KeyState::Cancelled => &mut self.stats.cancelled,
            KeyState::Blocked => &mut self.stats.blocked,
        };
        *count += 1;
        match state {
            KeyState::Waiting => require(record.open > 0),
            KeyState::Ready => {
                require(record.open == 0)?;
                self.make_ready(number);
                Ok(())
            }
            KeyState::Running => {
                require(record.open == 0)?;
                record.place = self.running.insert(number, record.end());
                let free = self.free.iter_mut().zip(&demand);
                free.for_each(|(free, units)| *free -= units);
                Ok(())
            }
            _ => Ok(()),
        }
    }
}
