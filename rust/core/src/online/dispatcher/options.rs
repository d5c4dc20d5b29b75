//! The two choices that a dispatcher is made with: the order of the keys, and who may pass whom.

use crate::error::{InputError, Value};
use crate::names::Named;
use crate::online::{POLICIES, Policy};

/// Who may start ahead of a key that comes earlier in the order and does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Backfill {
    /// No key: the first ready key that does not fit stops all others.
    None,
    /// Every key that fits. Keys with large demands may starve.
    Greedy,
    /// Keys that do not delay the first key that does not fit, which holds a reservation (Lifka 1995).
    #[default]
    Easy,
    /// Keys that delay no other one: every waiting key holds a reservation (Feitelson and Mu'alem Weil 1998).
    Conservative,
}

impl Named for Backfill {
    const FIELD: &'static str = "backfill";
    const NOUN: &'static str = "rule";

    fn all() -> impl Iterator<Item = (&'static str, Self)> + Clone {
        [("none", Self::None), ("greedy", Self::Greedy), ("easy", Self::Easy), ("conservative", Self::Conservative)].into_iter()
    }
}

/// What decides between keys of equal priority.
#[derive(Debug, Clone, PartialEq)]
pub enum DispatchOrder {
    /// The rank of a policy, lower first.
    Policy(Policy),
    /// The bottom level, longer first: the own estimate plus the longest bottom level among the keys that need this one.
    CriticalPath,
    /// The number that comes with each key, lower first.
    Given,
}

/// The name of [`DispatchOrder::CriticalPath`].
pub const CRITICAL_PATH: &str = "critical_path";

impl DispatchOrder {
    /// The order of that name: a policy with its default parameters, or `critical_path`.
    ///
    /// # Errors
    /// An unknown name, and a policy whose ranks change while keys wait; the message lists the names.
    pub fn from_name(name: &str) -> Result<Self, InputError> {
        if name == CRITICAL_PATH {
            return Ok(Self::CriticalPath);
        }
        let policy = Policy::from_name(name).map_err(|_| unsuitable(name, "unknown policy"))?;
        Self::from_policy(policy)
    }

    /// The order of a policy with its parameters.
    ///
    /// # Errors
    /// A policy whose ranks change while keys wait; the message lists the others.
    pub fn from_policy(policy: Policy) -> Result<Self, InputError> {
        if policy.has_waiting_rank() {
            return Ok(Self::Policy(policy));
        }
        Err(unsuitable(policy.name(), "its order changes while keys wait"))
    }

    /// The name that users give; `key` for numbers that come with the keys.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Policy(policy) => policy.name(),
            Self::CriticalPath => CRITICAL_PATH,
            Self::Given => "key",
        }
    }
}

fn unsuitable(name: &str, reason: &str) -> InputError {
    let suits = |name: &&str| Policy::from_name(name).is_ok_and(|policy| policy.has_waiting_rank());
    let names: Vec<&str> = POLICIES.iter().map(|entry| entry.name).filter(suits).chain([CRITICAL_PATH]).collect();
    InputError::new("policy", format!("{reason}, expected one of {}", names.join(", "))).value(Value::Word(name.to_owned()))
}
