//! The arguments of a submission: demands by the names of resources, predecessors by their keys.

use std::sync::Mutex;

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyInt, PyList, PyString, PyTuple};
use schedkit_core::error::{InputError, Value};
use schedkit_core::online::dispatcher::NumberedDispatcher;
use schedkit_core::online::queue::spread;

use crate::errors::{BindError, Result};
use crate::shared_keys::{KeyedState, NumbersKeys, SharedKeys};

impl NumbersKeys for NumberedDispatcher {
    const UNKNOWN: &'static str = "was never submitted";
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
}

impl SharedDispatcher {
    pub fn new(py: Python<'_>, numbered: NumberedDispatcher, names: Vec<Py<PyString>>, offset: f64, helpers: Helpers) -> Self {
        let (number, key_error) = (helpers.number.clone_ref(py), helpers.key_error.clone_ref(py));
        let state = Mutex::new(KeyedState::new(numbered, offset));
        Self { keys: SharedKeys { state, number, key_error }, names, helpers }
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

    /// The rank by the own key function.
    pub fn rank(&self, key: &Bound<'_, PyAny>) -> PyResult<Option<f64>> {
        let Some(rank) = &self.helpers.rank else { return Ok(None) };
        let answer = rank.bind(key.py()).call1((key,))?;
        Ok(Some(self.keys.number(&answer, "key")?))
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

    /// The numbers of the keys that a key needs.
    pub fn after(&self, after: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<u32>> {
        let Some(after) = after else { return Ok(Vec::new()) };
        if let Ok(keys) = after.cast_exact::<PyTuple>() {
            self.numbers(keys.len(), keys.iter())
        } else if let Ok(keys) = after.cast_exact::<PyList>() {
            self.numbers(keys.len(), keys.iter())
        } else {
            let keys = self.helpers.after.bind(after.py()).call1((after,))?;
            let keys = keys.cast::<PyList>()?;
            self.numbers(keys.len(), keys.iter())
        }
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

/// The exception that a helper makes.
fn exception<'py>(helper: &Py<PyAny>, args: impl pyo3::call::PyCallArgs<'py>, py: Python<'py>) -> PyErr {
    helper.bind(py).call1(args).map_or_else(|error| error, PyErr::from_value)
}
