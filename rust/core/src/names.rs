//! Choices by name: the one lookup, with one form of message, for every option that users give as a word.

use crate::error::{InputError, Value};

/// A choice that users give by its name.
///
/// ```
/// use schedkit_core::dag::Tie;
/// use schedkit_core::names::Named;
/// assert_eq!(Tie::from_name("finish")?, Tie::Finish);
/// # Ok::<(), schedkit_core::InputError>(())
/// ```
pub trait Named: Sized {
    /// The argument that messages blame.
    const FIELD: &'static str;
    /// The kind of choice, in words.
    const NOUN: &'static str = Self::FIELD;

    /// All choices with their names, in the order in which messages list them.
    fn all() -> impl Iterator<Item = (&'static str, Self)> + Clone;

    /// The choice of that name.
    ///
    /// # Errors
    /// An unknown name; the message lists the known ones.
    fn from_name(name: &str) -> Result<Self, InputError> {
        lookup(Self::FIELD, Self::NOUN, Self::all(), name)
    }
}

/// The value called `name` among `all`.
///
/// # Errors
/// An unknown name. The message blames `field`, calls the kind of value by `noun`, and lists the known names.
///
/// ```
/// use schedkit_core::names::lookup;
/// assert_eq!(lookup("tie", "rule for ties", [("index", 0), ("finish", 1)], "finish")?, 1);
/// let refused = lookup("tie", "rule for ties", [("index", 0), ("finish", 1)], "last").unwrap_err();
/// assert_eq!(refused.to_string(), "tie = 'last': unknown rule for ties, expected one of index, finish");
/// # Ok::<(), schedkit_core::InputError>(())
/// ```
pub fn lookup<T>(
    field: &'static str,
    noun: &str,
    all: impl IntoIterator<Item = (&'static str, T), IntoIter: Clone>,
    name: &str,
) -> Result<T, InputError> {
    let all = all.into_iter();
    all.clone().find(|(known, _)| *known == name).map(|(_, value)| value).ok_or_else(|| {
        let names: Vec<&str> = all.map(|(known, _)| known).collect();
        InputError::new(field, format!("unknown {noun}, expected one of {}", names.join(", ")))
            .value(Value::Word(name.to_owned()))
    })
}
