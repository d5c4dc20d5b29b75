//! The table of keys of a dispatcher, by the number of their submission, and which keys need which.

use super::order_key::OrderKey;
use crate::error::InputError;

/// No key, or no edge.
pub(super) const NONE: u32 = u32::MAX;

/// What has become of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum KeyState {
    /// It waits for keys that it needs.
    Waiting,
    /// All that it needs is done; it has not been started.
    Ready,
    /// It has been started.
    Running,
    /// It has finished.
    Done,
    /// It has failed for good.
    Failed,
    /// It was cancelled.
    Cancelled,
    /// A key that it needs has failed, was cancelled or is blocked itself.
    Blocked,
}

impl KeyState {
    const ALL: [Self; 7] = [Self::Waiting, Self::Ready, Self::Running, Self::Done, Self::Failed, Self::Cancelled, Self::Blocked];

    /// The inverse of the conversion into a number.
    pub(super) fn from_number(number: u64) -> Option<Self> {
        Self::ALL.into_iter().find(|state| *state as u64 == number)
    }

    /// The state in words that follow "it".
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Waiting => "waits for other keys",
            Self::Ready => "is ready and has not been started",
            Self::Running => "runs",
            Self::Done => "is done",
            Self::Failed => "has failed",
            Self::Cancelled => "was cancelled",
            Self::Blocked => "is blocked",
        }
    }

    /// Whether the key waits, for others or for its turn.
    #[must_use]
    pub fn waits(self) -> bool {
        matches!(self, Self::Waiting | Self::Ready)
    }

    /// Whether keys that need this one cannot run any more.
    pub(super) fn blocks(self) -> bool {
        matches!(self, Self::Failed | Self::Cancelled | Self::Blocked)
    }
}

/// A key.
#[derive(Debug, Clone)]
pub(super) struct KeyRecord {
    pub order: OrderKey,
    /// Infinite without one.
    pub estimate: f64,
    /// The latest start.
    pub start: f64,
    /// How many starts of all keys came before that one.
    pub turn: u64,
    /// The group of its demands.
    pub group: u32,
    /// Place among the running keys.
    pub place: u32,
    /// Keys that it needs and that are not done, as often as they were named.
    pub open: u32,
    /// The newest of the edges to keys that need it.
    pub edge: u32,
    /// The key that blocks it.
    pub cause: u32,
    pub state: KeyState,
}

impl KeyRecord {
    /// When the key ends by its estimate, if it runs.
    #[inline]
    pub fn end(&self) -> f64 {
        self.start + self.estimate
    }
}

/// All keys that were ever submitted. An entry of the lists of predecessors takes 12 bytes.
#[derive(Debug, Clone, Default)]
pub(super) struct KeyTable {
    pub records: Vec<KeyRecord>,
    /// Where the predecessors of each key end.
    limits: Vec<usize>,
    predecessors: Vec<u32>,
    /// The key that needs, and the next edge of the same predecessor.
    edges: Vec<(u32, u32)>,
}

impl KeyTable {
    /// Refuses a key beyond the range of numbers.
    pub fn check_size(&self, after: usize) -> Result<(), InputError> {
        const MOST: usize = u32::MAX as usize;
        if self.records.len() >= MOST || self.edges.len() + after >= MOST {
            return Err(InputError::new("key", "a dispatcher takes fewer than 2^32 - 1 keys and predecessors"));
        }
        Ok(())
    }

    /// The keys that a key needs, as they were named.
    pub fn predecessors(&self, number: u32) -> &[u32] {
        let from = if number == 0 { 0 } else { self.limits[number as usize - 1] };
        &self.predecessors[from..self.limits[number as usize]]
    }

    /// The keys that need a key that was not done when they were submitted; as often as they named it.
    pub fn successors(&self, number: u32) -> impl Iterator<Item = u32> + '_ {
        let mut edge = self.records[number as usize].edge;
        std::iter::from_fn(move || {
            let (successor, next) = self.edge(edge)?;
            edge = next;
            Some(successor)
        })
    }

    /// The key that needs, and the next edge.
    #[inline]
    pub fn edge(&self, edge: u32) -> Option<(u32, u32)> {
        self.edges.get(edge as usize).copied()
    }

    /// Adds a key and what it needs; counts what is not done and finds the first that blocks it.
    pub fn push(&mut self, mut record: KeyRecord, after: &[u32]) {
        let number = self.records.len() as u32;
        for &predecessor in after {
            let other = &mut self.records[predecessor as usize];
            if other.state == KeyState::Done {
                continue;
            }
            if other.state.blocks() && record.cause == NONE {
                record.cause = predecessor;
            }
            record.open += 1;
            self.edges.push((number, other.edge));
            other.edge = self.edges.len() as u32 - 1;
        }
        self.predecessors.extend_from_slice(after);
        self.limits.push(self.predecessors.len());
        self.records.push(record);
    }

    /// The first of the keys that a key needs which blocks it.
    pub fn first_blocking(&self, number: u32) -> u32 {
        let blocks = |other: &&u32| self.records[**other as usize].state.blocks();
        self.predecessors(number).iter().find(blocks).copied().unwrap_or(NONE)
    }
}
