//! The declaration of a policy, which stands next to its rule: names, parameters, machines and costs.
//!
//! [`registry`](super::registry) collects the declarations. The simulator, the queue, the Python package and the tables of the
//! documentation all read them there.

use super::information::Facts;
use super::queue::{Disclosure, QueueBackend};
use super::{Flow, Jobs, Options};
use crate::control::Pulse;
use crate::error::{Error, InputError, Value};

/// A parameter of a policy.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// The name that callers use.
    pub name: &'static str,
    /// Its type, its default and the values that are accepted.
    pub kind: ParameterKind,
    /// Its meaning, as the documentation states it.
    pub doc: &'static str,
}

/// Type, default and range of a parameter.
#[derive(Debug, Clone, Copy)]
pub enum ParameterKind {
    /// A finite number.
    Number {
        /// The value without one given.
        default: f64,
        /// The range in words, as error messages state it.
        range: &'static str,
        /// Whether a finite number is in the range.
        accepts: fn(f64) -> bool,
    },
    /// A whole number that chooses random draws.
    Seed {
        /// The value without one given.
        default: u64,
    },
    /// One of several words; the first one is the default.
    Choice(&'static [&'static str]),
    /// A list of numbers; the policy does without by default.
    Numbers,
}

impl Parameter {
    /// A finite number in a range.
    pub(super) const fn number(
        name: &'static str,
        default: f64,
        range: &'static str,
        accepts: fn(f64) -> bool,
        doc: &'static str,
    ) -> Self {
        Self { name, kind: ParameterKind::Number { default, range, accepts }, doc }
    }

    /// A positive number.
    pub(super) const fn positive(name: &'static str, default: f64, doc: &'static str) -> Self {
        Self::number(name, default, "must be positive and finite", |value| value > 0.0, doc)
    }

    /// A parameter that is no number.
    pub(super) const fn other(name: &'static str, kind: ParameterKind, doc: &'static str) -> Self {
        Self { name, kind, doc }
    }

    /// The default; none for lists.
    #[must_use]
    pub fn default(&self) -> Option<ParameterValue> {
        match self.kind {
            ParameterKind::Number { default, .. } => Some(ParameterValue::Number(default)),
            ParameterKind::Seed { default } => Some(ParameterValue::Seed(default)),
            ParameterKind::Choice(words) => Some(ParameterValue::Word(words[0].to_owned())),
            ParameterKind::Numbers => None,
        }
    }

    /// Refuses values of another type or out of range.
    pub(super) fn check(&self, value: &ParameterValue) -> Result<(), InputError> {
        match (self.kind, value) {
            (ParameterKind::Number { range, accepts, .. }, &ParameterValue::Number(number)) => {
                if number.is_finite() && accepts(number) {
                    return Ok(());
                }
                Err(InputError::new(self.name, range).value(number))
            }
            (ParameterKind::Choice(words), ParameterValue::Word(word)) => {
                if words.contains(&word.as_str()) {
                    return Ok(());
                }
                let reason = format!("expected one of {}", words.join(", "));
                Err(InputError::new(self.name, reason).value(Value::Word(word.to_owned())))
            }
            (ParameterKind::Seed { .. }, ParameterValue::Seed(_)) | (ParameterKind::Numbers, ParameterValue::Numbers(_)) => {
                Ok(())
            }
            (kind, _) => {
                let expected = match kind {
                    ParameterKind::Number { .. } => "a number",
                    ParameterKind::Seed { .. } => "a whole number from 0 to 2^64 - 1",
                    ParameterKind::Choice(_) => "a word",
                    ParameterKind::Numbers => "a list of numbers",
                };
                Err(InputError::new(self.name, format!("must be {expected}")))
            }
        }
    }
}

/// The value of a parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum ParameterValue {
    /// A number.
    Number(f64),
    /// A seed.
    Seed(u64),
    /// A word.
    Word(String),
    /// A list of numbers.
    Numbers(Vec<f64>),
}

/// The values of a policy's parameters, which have been checked.
#[derive(Debug, Clone, Copy)]
pub(super) struct ParameterValues<'a>(pub(super) &'a [(&'static str, Option<ParameterValue>)]);

impl<'a> ParameterValues<'a> {
    fn get(self, name: &str) -> Option<&'a ParameterValue> {
        self.0.iter().find(|(known, _)| *known == name).and_then(|(_, value)| value.as_ref())
    }

    /// A number.
    pub(super) fn number(self, name: &str) -> f64 {
        if let Some(&ParameterValue::Number(value)) = self.get(name) { value } else { f64::NAN }
    }

    /// A seed.
    pub(super) fn seed(self, name: &str) -> u64 {
        if let Some(&ParameterValue::Seed(value)) = self.get(name) { value } else { 0 }
    }

    /// A word.
    pub(super) fn word(self, name: &str) -> &'a str {
        if let Some(ParameterValue::Word(value)) = self.get(name) { value } else { "" }
    }

    /// A list of numbers, if one was given.
    pub(super) fn numbers(self, name: &str) -> Option<&'a [f64]> {
        if let Some(ParameterValue::Numbers(value)) = self.get(name) { Some(value) } else { None }
    }
}

/// When jobs share a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SharesServer {
    /// Never: a server has one job at a time.
    Never,
    /// Where preemption is possible at any time; elsewhere one of them runs.
    IfPreemptive,
    /// Always, so preemption must be possible at any time.
    Always,
}

/// Running times in O notation, with n jobs in the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Costs {
    /// Of an event of the simulator.
    pub event: &'static str,
    /// Of an operation of the queue.
    pub operation: &'static str,
    /// Of `pop_many(k)`.
    pub pop_many: &'static str,
}

impl Costs {
    /// Those of a heap.
    pub const HEAP: Self = Self { event: "O(log n)", operation: "O(log n)", pop_many: "O(k log n)" };
    /// Those of a heap whose members also move when groups of jobs meet.
    pub const AMORTISED: Self = Self { event: "O(log n) amortised", ..Self::HEAP };
}

/// The declaration of a policy.
pub(super) trait Declared: Sized {
    /// The name that users give.
    const NAME: &'static str;
    /// Other names.
    const ALIASES: &'static [&'static str] = &[];
    /// The parameters, in the order of the Python constructor.
    const PARAMETERS: &'static [Parameter] = &[];
    /// Whether the policy is defined for one server only.
    const ONE_SERVER: bool = false;
    /// When jobs share a server.
    const SHARES_SERVER: SharesServer = SharesServer::Never;
    /// Running times.
    const COSTS: Costs = Costs::HEAP;

    /// The rule with these parameters.
    ///
    /// # Errors
    /// Parameters that are in their ranges, but do not fit together.
    fn from_parameters(values: ParameterValues<'_>) -> Result<Self, InputError>;

    /// Refuses jobs that the rule cannot schedule with its parameters.
    ///
    /// # Errors
    /// Such jobs.
    fn check_jobs(&self, _jobs: &Jobs) -> Result<(), InputError> {
        Ok(())
    }
}

/// Declares a policy without parameters by its name.
macro_rules! declare {
    ($rule:ty, $name:literal $(, $item:ident : $kind:ty = $value:expr)*) => {
        impl $crate::online::declaration::Declared for $rule {
            const NAME: &'static str = $name;
            $(const $item: $kind = $value;)*

            fn from_parameters(_: $crate::online::declaration::ParameterValues<'_>) -> Result<Self, $crate::InputError> {
                Ok(Self::default())
            }
        }
    };
}
pub(super) use declare;

/// A rule with its parameters, for the simulator and for the queue.
pub(super) trait RunnablePolicy: Send + Sync {
    /// Runs the stream through the policy on a machine that the policy is defined for.
    fn simulate(&self, jobs: &Jobs, options: &Options, pulse: &Pulse) -> Result<Flow, Error>;

    /// An empty backend for the queue.
    fn queue_backend(&self) -> Result<Box<dyn QueueBackend>, InputError>;

    /// Whether the rank of a job that waits without service stands still.
    fn has_waiting_rank(&self) -> bool {
        false
    }

    /// The rank of such a job, if it stands still.
    fn waiting_rank(&self, _facts: Facts<Disclosure>) -> Result<f64, InputError> {
        Ok(0.0)
    }
}
