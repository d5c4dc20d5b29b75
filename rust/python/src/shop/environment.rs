//! Bindings of `schedkit_core::shop::Environment`.

use numpy::{Element, PyArray1, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;
use schedkit_core::names::Named;
use schedkit_core::shop::{Action, Environment, FEATURES, Objective, Scheme};
use schedkit_core::total::Total;

use super::{ScheduleColumns, Shop};
use crate::convert::{owned, readonly, zeros};
use crate::errors::Result;

/// Actions as Python has them: jobs, or rows of job and machine.
#[derive(FromPyObject)]
enum ActionArgument<'py> {
    Jobs(PyReadonlyArray1<'py, i64>),
    JobsAndMachines(PyReadonlyArray2<'py, i64>),
}

/// Several shops that are scheduled side by side. A step takes less time than letting other threads run, so none may.
#[pyclass(module = "schedkit._core")]
pub struct ShopEnvironment {
    environment: Environment,
    shops: Vec<Py<Shop>>,
    actions: Vec<Action>,
}

fn matrix<'py, T: Element>(py: Python<'py>, values: Vec<T>, shape: &[usize]) -> Result<Bound<'py, PyAny>> {
    Ok(readonly(py, values).reshape(shape)?.into_any())
}

#[pymethods]
impl ShopEnvironment {
    #[new]
    fn new(py: Python<'_>, shops: Vec<Py<Shop>>, objective: &str, scheme: Option<&str>) -> Result<Self> {
        let problems = shops.iter().map(|shop| shop.borrow(py).0.clone()).collect();
        let environment =
            Environment::new(problems, Objective::from_name(objective)?, scheme.map(Scheme::from_name).transpose()?)?;
        Ok(Self { actions: Vec::with_capacity(environment.len()), environment, shops })
    }

    /// The names of the features of a job.
    #[classattr]
    fn features_of_job() -> [&'static str; FEATURES.len()] {
        FEATURES
    }

    /// Begins all shops anew.
    fn reset(&mut self) {
        self.environment.reset();
    }

    /// Takes one action in each shop.
    fn step(&mut self, actions: ActionArgument<'_>) -> Result<()> {
        self.actions.clear();
        match &actions {
            ActionArgument::Jobs(jobs) => {
                let jobs = jobs.as_slice().map_err(PyErr::from)?;
                self.actions.extend(jobs.iter().map(|&job| Action { job, machine: None }));
            }
            ActionArgument::JobsAndMachines(rows) => {
                let rows = rows.as_slice().map_err(PyErr::from)?;
                self.actions.extend(rows.chunks_exact(2).map(|row| Action { job: row[0], machine: Some(row[1]) }));
            }
        }
        Ok(self.environment.step(&self.actions)?)
    }

    /// Which jobs may be placed next, shape (shops, jobs).
    #[getter]
    fn legal<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>> {
        matrix(py, self.environment.legal().to_vec(), &[self.environment.len(), self.environment.width()])
    }

    /// What an agent may know of each job, shape (shops, jobs, features).
    #[getter]
    fn features<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>> {
        let shape = [self.environment.len(), self.environment.width(), FEATURES.len()];
        let mut values = zeros(shape.iter().product())?;
        self.environment.features(&mut values);
        matrix(py, values, &shape)
    }

    /// What the last action brought in each shop.
    #[getter]
    fn reward<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        readonly(py, self.environment.reward().to_vec())
    }

    /// Whether every operation of each shop is placed.
    #[getter]
    fn done<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<bool>> {
        readonly(py, (0..self.environment.len()).map(|k| self.environment.is_done(k)).collect())
    }

    /// The latest completion in each shop.
    #[getter]
    fn makespan<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<i64>> {
        readonly(py, (0..self.environment.len()).map(|k| self.environment.makespan(k)).collect())
    }

    /// The bound of the objective in each shop.
    #[getter]
    fn lower_bound<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>> {
        let bounds = (0..self.environment.len()).map(|k| self.environment.lower_bound(k));
        let integers: Option<Vec<i64>> =
            bounds.clone().map(|bound| if let Total::Integer(bound) = bound { Some(bound) } else { None }).collect();
        Ok(match integers {
            Some(integers) => readonly(py, integers).into_any(),
            None => readonly(py, bounds.map(Total::as_f64).collect()).into_any(),
        })
    }

    /// The next operation of each job of a shop, or the end of its operations.
    fn next_operation<'py>(&self, py: Python<'py>, shop: usize) -> Bound<'py, PyArray1<i64>> {
        readonly(py, self.environment.next_operation(shop).iter().map(|&op| i64::from(op)).collect())
    }

    /// The machine of each placed operation of a shop, its start and its completion; 0 for all other operations.
    fn placed<'py>(&self, py: Python<'py>, shop: usize) -> ScheduleColumns<'py> {
        self.shops[shop].borrow(py).columns(py, self.environment.schedule(shop).clone())
    }

    /// The operations of a shop that are placed, in the order in which that happened.
    fn order<'py>(&self, py: Python<'py>, shop: usize) -> Bound<'py, PyArray1<i64>> {
        readonly(py, self.environment.order(shop).iter().map(|&op| i64::from(op)).collect())
    }

    /// Places operations of a shop again.
    fn resume(
        &mut self,
        shop: usize,
        order: PyReadonlyArray1<'_, i64>,
        machine: PyReadonlyArray1<'_, i64>,
        reward: f64,
    ) -> Result<()> {
        Ok(self.environment.resume(shop, &owned(&order)?, &owned(&machine)?, reward)?)
    }
}
