//! Learning environments: several shops that are scheduled side by side, one operation of each for every action.

mod bound;
mod instance;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::Schedule;
use super::dispatch::Scheme;
use super::objective::Objective;
use super::problem::{Blocking, Shop};
use crate::error::{Error, InputError, check_length};
use crate::memory;
use crate::total::Total;
use bound::grown;
use instance::{Instance, Place};

/// What is placed next in one shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Action {
    /// The job whose next operation is placed.
    pub job: i64,
    /// The machine that it takes; `None` for the one of its earliest completion, the lowest one of several.
    pub machine: Option<i64>,
}

/// What an agent may know of the next operation of each job, in this order; zeros for a job that has none left.
pub const FEATURES: [&str; 7] =
    ["remaining_work", "next_duration", "job_ready", "machine_ready", "earliest_start", "completion_bound", "operations_left"];

/// Several shops that are scheduled side by side: an action places the next operation of a job behind the operations on a machine.
///
/// `J, FJ | r_j, s_jk | C_max, sum w_j T_j`, as a sequence of decisions. The reward of an action is what the lower bound of the
/// objective grows by, negative; the bound before the first action counts as 0, so the rewards of a whole schedule add up to the
/// objective, negative. The bound takes each job to complete after its remaining work with the shortest durations; for
/// the makespan each machine also runs the work that can go to no other machine.
///
/// An action takes O(choices + setups), with a scheme O(jobs x choices).
///
/// ```
/// use std::sync::Arc;
/// use schedkit_core::names::Named;
/// use schedkit_core::shop::{Action, Environment, Objective, Shop, ShopData};
/// let data = ShopData { job_start: vec![0, 1, 2], choice_start: vec![0, 1, 2], machine: vec![0, 0], duration: vec![5, 2], ..ShopData::default() };
/// let shop = Arc::new(Shop::new(ShopData { num_machines: 1, ..data })?);
/// let mut environment = Environment::new(vec![shop], Objective::from_name("total_flow_time")?, None)?;
/// environment.step(&[Action { job: 1, machine: None }])?;
/// environment.step(&[Action { job: 0, machine: None }])?;
/// assert!(environment.is_done(0));
/// assert_eq!(environment.schedule(0).completion_time, [7, 2]);
/// # Ok::<(), schedkit_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Environment {
    instances: Vec<Instance>,
    objective: Objective,
    scheme: Option<Scheme>,
    /// The largest number of jobs.
    width: usize,
    /// By instance and job, `width` to a row.
    legal: Vec<bool>,
    reward: Vec<f64>,
}

impl Environment {
    /// Begins all shops anew; with a `scheme` only the jobs among which it lets a rule choose may be placed.
    ///
    /// # Errors
    /// Shops with blocking, without waiting, or with calendars; refused memory.
    pub fn new(shops: Vec<Arc<Shop>>, objective: Objective, scheme: Option<Scheme>) -> Result<Self, Error> {
        for (k, shop) in shops.iter().enumerate() {
            let data = shop.data();
            let unknown = [
                (data.blocking != Blocking::None, "blocking"),
                (data.no_wait, "no_wait"),
                (!data.calendars.is_empty(), "calendars"),
            ];
            if let Some((_, name)) = unknown.into_iter().find(|(given, _)| *given) {
                let reason = format!("an environment does not step shops with {name}");
                return Err(InputError::new("shops", reason).at([k], "a Shop").into());
            }
        }
        let items = |shop: &Arc<Shop>| shop.num_operations() + shop.num_jobs() + shop.num_machines();
        memory::require_items(shops.iter().map(items).sum(), 64)?;
        let width = shops.iter().map(|shop| shop.num_jobs()).max().unwrap_or(0);
        memory::require_items(shops.len().saturating_mul(width), 1)?;
        let count = shops.len();
        let instances = shops.into_iter().map(Instance::new).collect();
        let legal = vec![false; count * width];
        let mut environment = Self { instances, objective, scheme, width, legal, reward: vec![0.0; count] };
        environment.reset();
        Ok(environment)
    }

    /// Begins all shops anew.
    pub fn reset(&mut self) {
        self.reward.fill(0.0);
        self.instances.iter_mut().for_each(Instance::reset);
        for k in 0..self.instances.len() {
            let instance = &mut self.instances[k];
            if instance.is_done() {
                instance.lower_bound = self.objective.combined(&instance.shop, &instance.completion_bound);
            }
            let row = &mut self.legal[k * self.width..][..self.width];
            row.fill(false);
            (0..instance.next.len()).for_each(|job| row[job] = instance.has_next(job));
            self.restrict(k, None, |_| true);
        }
    }

    /// Says which jobs the scheme may place next, after what has happened on some machines.
    #[inline]
    fn restrict(&mut self, k: usize, placed: Option<usize>, concerned: impl Fn(usize) -> bool) {
        if let Some(scheme) = self.scheme {
            self.instances[k].look_again(placed, concerned);
            self.instances[k].restrict(scheme, &mut self.legal[k * self.width..][..self.width]);
        }
    }

    /// Number of shops.
    #[must_use]
    pub fn len(&self) -> usize {
        self.instances.len()
    }

    /// Whether there is no shop.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.instances.is_empty()
    }

    /// The largest number of jobs of a shop, which is the length of a row of [`Environment::legal`].
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Takes one action in each shop; those of shops that are done are not looked at.
    ///
    /// # Errors
    /// Another number of actions than shops; a job that may not be placed; a machine that its operation cannot take, or
    /// any machine where a scheme chooses it. Nothing has changed then.
    pub fn step(&mut self, actions: &[Action]) -> Result<(), InputError> {
        check_length("actions", actions.len(), self.instances.len())?;
        for (k, &action) in actions.iter().enumerate() {
            if !self.instances[k].is_done() {
                self.check(k, action)?;
            }
        }
        for (k, &action) in actions.iter().enumerate() {
            if self.instances[k].is_done() {
                self.reward[k] = 0.0;
            } else {
                self.take(k, action);
            }
        }
        Ok(())
    }

    #[inline]
    fn check(&self, k: usize, Action { job, machine }: Action) -> Result<(), InputError> {
        let refused = |reason: String| Err(InputError::new("actions", reason).at([k], job));
        let row = &self.legal[k * self.width..][..self.width];
        let place = usize::try_from(job).ok();
        if place.and_then(|job| row.get(job)) != Some(&true) {
            let legal: Vec<String> = (0..self.width).filter(|&job| row[job]).take(8).map(|job| job.to_string()).collect();
            return refused(format!("the job may not be placed next, expected one of {}", legal.join(", ")));
        }
        let (Some(machine), Some(job)) = (machine, place) else { return Ok(()) };
        if self.scheme.is_some() {
            return refused("with a scheme the machine is that of the earliest completion, expected a job alone".into());
        }
        let instance = &self.instances[k];
        if instance.shop.choices(instance.next[job] as usize).all(|choice| choice.0 as i64 != machine) {
            return refused(format!("its next operation cannot take machine {machine}"));
        }
        Ok(())
    }

    #[inline]
    fn take(&mut self, k: usize, action: Action) {
        let (instance, job) = (&self.instances[k], action.job as usize);
        let place = match action.machine {
            None => instance.earliest(job),
            Some(machine) => {
                let mut choices = instance.shop.choices(instance.next[job] as usize);
                let choice = choices.find(|choice| choice.0 as i64 == machine);
                choice.map(|(machine, duration)| instance.place_on(job, machine, duration))
            }
        };
        if let Some(place) = place {
            self.put(k, job, place);
        }
    }

    #[inline]
    fn put(&mut self, k: usize, job: usize, place: Place) {
        let instance = &mut self.instances[k];
        let before = (instance.order.is_empty(), instance.completion_bound[job]);
        instance.put(job, place);
        let known = instance.lower_bound.as_f64();
        instance.lower_bound = grown(instance, self.objective, job, before, place.machine);
        self.reward[k] = known - instance.lower_bound.as_f64();
        if !instance.has_next(job) {
            self.legal[k * self.width + job] = false;
        }
        self.restrict(k, Some(job), |machine| machine == place.machine);
    }

    /// Places operations of a shop on machines in the order that [`Environment::order`] gave for the same shop; `reward` is what the last
    /// action brought.
    ///
    /// # Errors
    /// An operation that is not the next one of its job, or a machine that it cannot take.
    pub fn resume(&mut self, k: usize, order: &[i64], machine: &[i64], reward: f64) -> Result<(), InputError> {
        check_length("machine", machine.len(), order.len())?;
        for (at, (&operation, &machine)) in order.iter().zip(machine).enumerate() {
            let instance = &self.instances[k];
            let op = usize::try_from(operation).ok().filter(|&op| op < instance.shop.num_operations());
            let job = op.map(|op| instance.shop.job(op)).filter(|&job| Some(instance.next[job] as usize) == op);
            let place = job.and_then(|job| {
                let mut choices = instance.shop.choices(instance.next[job] as usize);
                let (machine, duration) = choices.find(|choice| choice.0 as i64 == machine)?;
                Some((job, instance.place_on(job, machine, duration)))
            });
            let reason = "expected the next operation of a job, and a machine that it can take";
            let (job, place) = place.ok_or_else(|| InputError::new("order", reason).at([at], operation))?;
            self.put(k, job, place);
        }
        self.reward[k] = reward;
        Ok(())
    }

    /// Whether every operation of a shop is placed.
    #[must_use]
    pub fn is_done(&self, k: usize) -> bool {
        self.instances[k].is_done()
    }

    /// Which jobs may be placed next, [`Environment::width`] to a shop.
    #[must_use]
    pub fn legal(&self) -> &[bool] {
        &self.legal
    }

    /// What the last action brought in each shop.
    #[must_use]
    pub fn reward(&self) -> &[f64] {
        &self.reward
    }

    /// The latest completion of what is placed.
    #[must_use]
    pub fn makespan(&self, k: usize) -> i64 {
        self.instances[k].makespan
    }

    /// The bound of the objective, which is its value in a shop that is done; 0 before the first action.
    #[must_use]
    pub fn lower_bound(&self, k: usize) -> Total {
        self.instances[k].lower_bound
    }

    /// Machines and times of what is placed; 0 for all other operations.
    #[must_use]
    pub fn schedule(&self, k: usize) -> &Schedule {
        &self.instances[k].schedule
    }

    /// The operations that are placed, in the order in which that happened.
    #[must_use]
    pub fn order(&self, k: usize) -> &[u32] {
        &self.instances[k].order
    }

    /// The next operation of each job of a shop, or the end of its operations.
    #[must_use]
    pub fn next_operation(&self, k: usize) -> &[u32] {
        &self.instances[k].next
    }

    /// The [`FEATURES`] of each job, [`Environment::width`] jobs to a shop.
    pub fn features(&self, out: &mut [f64]) {
        out.fill(0.0);
        let rows = out.chunks_exact_mut((self.width * FEATURES.len()).max(1));
        for (instance, row) in self.instances.iter().zip(rows) {
            for (job, to) in row.chunks_exact_mut(FEATURES.len()).enumerate().take(instance.next.len()) {
                let Some(place) = instance.has_next(job).then(|| instance.earliest(job)).flatten() else { continue };
                let op = instance.next[job] as usize;
                let values = [
                    instance.shop.remaining_work(op),
                    place.completion - place.start,
                    instance.ready[job],
                    place.machine_ready,
                    place.start,
                    instance.completion_bound[job],
                    (instance.shop.operations(job).end - op) as i64,
                ];
                to.iter_mut().zip(values).for_each(|(to, value)| *to = value as f64);
            }
        }
    }
}
