//! Prefixes that several requests of a batch have in common; their tokens count once.

use std::collections::{BTreeMap, HashMap};

use crate::error::InputError;

/// A beginning that a request may have in common with others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prefix {
    /// Its identity.
    pub id: u64,
    /// Its tokens, which are part of the prompt.
    pub tokens: i64,
}

/// A prefix that some requests hold.
#[derive(Debug, Clone)]
pub(super) struct SharedPrefix {
    pub tokens: i64,
    /// How many of the requests end at each step.
    ends: BTreeMap<i64, u32>,
    /// The end at which its tokens are counted, if they are counted by end.
    pub counted_until: Option<i64>,
}

impl SharedPrefix {
    /// The step at which the last of the requests ends.
    pub fn end(&self) -> Option<i64> {
        self.ends.last_key_value().map(|(&end, _)| end)
    }
}

/// The prefixes of a batch by identity.
#[derive(Debug, Clone, Default)]
pub(super) struct SharedPrefixes(HashMap<u64, SharedPrefix>);

impl SharedPrefixes {
    pub fn get(&self, id: u64) -> Option<&SharedPrefix> {
        self.0.get(&id)
    }

    /// Whether a request holds this prefix.
    pub fn has(&self, id: u64) -> bool {
        self.0.contains_key(&id)
    }

    pub fn get_mut(&mut self, id: u64) -> Option<&mut SharedPrefix> {
        self.0.get_mut(&id)
    }

    /// Refuses a prefix that is known with another number of tokens.
    pub fn judge(&self, prefix: Prefix) -> Result<(), InputError> {
        match self.get(prefix.id) {
            Some(known) if known.tokens != prefix.tokens => {
                let reason = format!("the same prefix has {} tokens in another request", known.tokens);
                Err(InputError::new("prefix_tokens", reason).value(prefix.tokens))
            }
            _ => Ok(()),
        }
    }

    /// A request that ends at this step joins.
    pub fn join(&mut self, prefix: Prefix, end: i64) {
        let empty = || SharedPrefix { tokens: prefix.tokens, ends: BTreeMap::new(), counted_until: None };
        let shared = self.0.entry(prefix.id).or_insert_with(empty);
        *shared.ends.entry(end).or_default() += 1;
    }

    /// A request that ends at this step leaves.
    pub fn leave(&mut self, id: u64, end: i64) {
        let shared = self.0.get_mut(&id).expect("the prefix of a request is known");
        let count = shared.ends.get_mut(&end).expect("the end of a request is known");
        *count -= 1;
        if *count == 0 {
            shared.ends.remove(&end);
        }
    }

    /// Forgets a prefix if no request holds it any more.
    pub fn forget_unused(&mut self, id: u64) {
        if self.0.get(&id).is_some_and(|shared| shared.ends.is_empty()) {
            self.0.remove(&id);
        }
    }
}
