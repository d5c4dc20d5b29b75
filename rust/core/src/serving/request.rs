//! What admission knows of a request, and the checks of it.

use super::prefixes::Prefix;
use crate::error::InputError;

/// Tokens and steps are at most this large, so that no sum overflows.
pub(super) const LARGEST: i64 = 1 << 53;

/// A request that runs or waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Request {
    /// Tokens that it holds when it joins the batch, those of its prefix included.
    pub prompt_tokens: i64,
    /// Tokens that it may produce from then on.
    pub max_new_tokens: i64,
    /// Tokens of its answer that are part of its prompt, because it was evicted before.
    pub produced: i64,
    /// Steps before the first one that brings a token of its answer: 0 if one step computes its prompt.
    pub delay: i64,
    /// A beginning that it may have in common with others.
    pub prefix: Option<Prefix>,
}

impl Request {
    /// Refuses numbers out of range.
    pub(super) fn judge(&self) -> Result<(), InputError> {
        amount("prompt_tokens", self.prompt_tokens)?;
        amount("max_new_tokens", self.max_new_tokens)?;
        amount("produced", self.produced)?;
        amount("delay", self.delay)?;
        if self.produced > self.prompt_tokens {
            let reason = format!("exceeds prompt_tokens, {}, which includes them", self.prompt_tokens);
            return Err(InputError::new("produced", reason).value(self.produced));
        }
        if let Some(prefix) = self.prefix {
            amount("prefix_tokens", prefix.tokens)?;
            if prefix.tokens > self.prompt_tokens {
                let reason = format!("exceeds prompt_tokens, {}, which includes them", self.prompt_tokens);
                return Err(InputError::new("prefix_tokens", reason).value(prefix.tokens));
            }
        }
        Ok(())
    }

    /// The tokens that it does not have in common with others.
    pub(super) fn own_tokens(&self) -> i64 {
        self.prompt_tokens - self.prefix.map_or(0, |prefix| prefix.tokens)
    }
}

/// Refuses a number of tokens that is negative or too large.
pub(super) fn amount(field: &'static str, value: i64) -> Result<(), InputError> {
    if (0..=LARGEST).contains(&value) {
        return Ok(());
    }
    let reason = if value < 0 { "must be >= 0" } else { "must be at most 2^53" };
    Err(InputError::new(field, reason).value(value))
}
