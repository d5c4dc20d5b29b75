//! The arguments of a submission: demands by the names of resources, predecessors by their keys.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};
use schedkit_core::error::{InputError, Value};
use schedkit_core::online::dispatcher::NumberedDispatcher;
use schedkit_core::online::queue::spread;

use crate::errors::{BindError, Result};
use crate::shared_keys::{KeyedState, NumbersKeys, SharedKeys};

impl NumbersKeys for NumberedDispatcher {
    const UNKNOWN: &'static str = "was never submitted";
    const NOUN: &'static str = "dispatcher";

    fn count(&self) -> usize {
        self.len()
    }

    fn emptied(&self) -> std::result::Result<Self, InputError> {
        Self::new(self.capacity(), self.order().clone(), self.backfill())
    }
}

/// The Python functions of a dispatcher, which read or refuse what is not plain.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct Helpers {
    /// `number(value, field)` reads a number as all of the package does, or raises.
    number: Py<PyAny>,
    /// `key_error(reason, key)` makes the exception for a key in a state that a call does not take.
    key_error: Py<PyAny>,
    /// `demand(value, names)` reads demands as a list, or raises.
    demand: Py<PyAny>,
    /// `demand_error(reason, name, units)` makes the exception for a demand out of range.
    demand_error: Py<PyAny>,
    /// `flag(value, field)` reads True or False, or raises.
    flag: Py<PyAny>,
    /// `after(value)` reads keys as a list, or raises.
    after: Py<PyAny>,
    /// `after_error(position, key)` makes the exception for an unknown key among those.
    after_error: Py<PyAny>,
    /// `rank(key)` is the own key function, if there is one.
    rank: Option<Py<PyAny>>,
}

/// The dispatcher, its keys and its resources.
pub struct SharedDispatcher {
    pub keys: SharedKeys<NumberedDispatcher>,
    pub names: Vec<Py<PyString>>,
    helpers: Helpers,
    /// Whether the own key function has given answers that are not their own ranks. It changes while the lock of the keys is held.
    pub compares: AtomicBool,
}

/// Ranks beyond this are not plain; the core refuses them.
const LARGEST: f64 = 1e100;

impl SharedDispatcher {
    pub fn new(py: Python<'_>, numbered: NumberedDispatcher, names: Vec<Py<PyString>>, offset: f64, helpers: Helpers) -> Self {
        let (number, key_error) = (helpers.number.clone_ref(py), helpers.key_error.clone_ref(py));
        let state = Mutex::new(KeyedState::new(numbered, offset));
        Self { keys: SharedKeys { state, number, key_error }, names, helpers, compares: AtomicBool::new(false) }
    }

    /// Python objects that the garbage collector has to see, beside the keys.
    pub fn helpers(&self) -> impl Iterator<Item = &Py<PyAny>> {
        let Helpers { number, key_error, demand, demand_error, flag, after, after_error, rank } = &self.helpers;
        [number, key_error, demand, demand_error, flag, after, after_error].into_iter().chain(rank)
    }

    /// True or False.
    pub fn flag(&self, value: &Bound<'_, PyAny>, field: &'static str) -> PyResult<bool> {
        match value.cast_exact::<PyBool>() {
            Ok(value) => Ok(value.is_true()),
            Err(_) => self.helpers.flag.bind(value.py()).call1((value, field))?.extract(),
        }
    }

    /// The answer of the own key function.
    pub fn answer<'py>(&self, key: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.helpers.rank.as_ref().map(|rank| rank.bind(key.py()).call1((key,))).transpose()
    }

    /// Whether ranks are the answers of the own key function themselves, as long as all of them are numbers.
    pub fn is_plain(&self) -> bool {
        !self.compares.load(Ordering::Relaxed)
    }

    /// The place of a resource.
    pub fn resource(&self, name: &Bound<'_, PyAny>) -> PyResult<Option<usize>> {
        if let Some(place) = self.names.iter().position(|known| known.is(name)) {
            return Ok(Some(place));
        }
        let Ok(name) = name.cast_exact::<PyString>() else { return Ok(None) };
        for (place, known) in self.names.iter().enumerate() {
            if known.bind(name.py()).as_any().eq(name)? {
                return Ok(Some(place));
            }
        }
        Ok(None)
    }

    /// The demands of all resources; empty for none.
    pub fn demand(&self, demand: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<i64>> {
        let Some(demand) = demand else { return Ok(Vec::new()) };
        if let Ok(given) = demand.cast_exact::<PyDict>() {
            let mut units = vec![0; self.names.len()];
            let mut plain = true;
            for (name, amount) in given.iter() {
                match (self.resource(&name)?, amount.cast_exact::<PyInt>().ok().and_then(|amount| amount.extract().ok())) {
                    (Some(place), Some(amount)) => units[place] = amount,
                    _ => plain = false,
                }
            }
            if plain {
                return Ok(units);
            }
        }
        let py = demand.py();
        let names = PyList::new(py, &self.names)?;
        self.helpers.demand.bind(py).call1((demand, names))?.extract()
    }

    /// The keys that a key needs, in a list or tuple.
    pub fn listed<'py>(&self, after: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        if after.is_exact_instance_of::<PyTuple>() || after.is_exact_instance_of::<PyList>() {
            return Ok(after.clone());
        }
        self.helpers.after.bind(after.py()).call1((after,))
    }

    /// The numbers of the keys that a key needs.
    pub fn after(&self, after: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<u32>> {
        let Some(after) = after else { return Ok(Vec::new()) };
        if let Ok(keys) = after.cast_exact::<PyTuple>() {
            return self.numbers(keys.len(), keys.iter());
        }
        let listed = self.listed(after)?;
        let keys = listed.cast::<PyList>()?;
        self.numbers(keys.len(), keys.iter())
    }

    fn numbers<'py>(&self, count: usize, keys: impl Iterator<Item = Bound<'py, PyAny>>) -> PyResult<Vec<u32>> {
        let mut numbers = Vec::with_capacity(count);
        for (k, key) in keys.enumerate() {
            let hash = spread(key.hash()? as u64);
            let (state, found) = self.keys.find(&key, hash)?; // numbers stay valid when the lock is released
            drop(state);
            match found {
                Some(number) => numbers.push(number),
                None => return Err(exception(&self.helpers.after_error, (k, &key), key.py())),
            }
        }
        Ok(numbers)
    }

    /// The exception for a refusal of the core, in terms of this key and of the names of resources.
    pub fn blame(&self, error: InputError, key: &Bound<'_, PyAny>) -> BindError {
        let py = key.py();
        match (&*error.field, error.index.as_slice(), &error.value) {
            ("key", [], None) => self.keys.key_error(&error.reason, key).into(),
            ("demand", &[resource], Some(Value::Int(units))) => {
                let name = self.names[resource].clone_ref(py);
                exception(&self.helpers.demand_error, (&*error.reason, name, *units), py).into()
            }
            _ => error.into(),
        }
    }

    /// Looks up a key that was submitted; its number stays valid when the lock is released.
    pub fn known(
        &self,
        key: &Bound<'_, PyAny>,
        now: Option<&Bound<'_, PyAny>>,
    ) -> Result<(std::sync::MutexGuard<'_, KeyedState<NumberedDispatcher>>, u32, f64)> {
        Ok(self.keys.known_at(key, now)?)
    }
}

/// The facts of a submission, as they were given.
pub struct Facts<'a, 'py> {
    pub after: Option<&'a Bound<'py, PyAny>>,
    pub demand: Option<&'a Bound<'py, PyAny>>,
    pub estimate: Option<&'a Bound<'py, PyAny>>,
    pub size: Option<&'a Bound<'py, PyAny>>,
    pub priority: Option<&'a Bound<'py, PyAny>>,
    pub arrival: Option<&'a Bound<'py, PyAny>>,
    pub deadline: Option<&'a Bound<'py, PyAny>>,
    pub now: Option<&'a Bound<'py, PyAny>>,
}

impl<'py> Facts<'_, 'py> {
    /// The facts that were given, by name.
    pub fn to_dict(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        let Self { after, demand, estimate, size, priority, arrival, deadline, now } = *self;
        let named = [("after", after), ("demand", demand), ("estimate", estimate), ("size", size)];
        let others = [("priority", priority), ("arrival", arrival), ("deadline", deadline), ("now", now)];
        for (name, value) in named.into_iter().chain(others) {
            if let Some(value) = value {
                dict.set_item(name, value)?;
            }
        }
        Ok(dict)
    }
}

/// The rank that an answer of the own key function is by itself: a number that is exact as a float.
pub fn plain_rank(answer: &Bound<'_, PyAny>) -> Option<f64> {
    let rank = if let Ok(number) = answer.cast_exact::<PyFloat>() {
        number.value()
    } else {
        let number: i64 = answer.cast_exact::<PyInt>().ok()?.extract().ok()?;
        Some(number as f64).filter(|&rank| rank as i128 == i128::from(number))?
    };
    (rank.abs() <= LARGEST).then_some(rank)
}

/// The exception that a helper makes.
fn exception<'py>(helper: &Py<PyAny>, args: impl pyo3::call::PyCallArgs<'py>, py: Python<'py>) -> PyErr {
    helper.bind(py).call1(args).map_or_else(|error| error, PyErr::from_value)
}
