//! Proofs for projects with modes: starts and choices as variables of one search that learns clauses ([`crate::cp`]).

use super::model::Model;
use crate::cp::{Choices, Cost, Costs, EventLink, FixedLengths, Intervals, Literal, Network, Problem, Reasoning, SearchEvent};
use crate::rcpsp::objective::CompletionCosts;
use crate::rcpsp::prover::MakespanSearch;

/// Larger projects, and longer horizons, are left to the search.
const MOST_ACTIVITIES: usize = 500;
const MOST_ATOMS: i64 = 1 << 21;
/// What choices use up is a table of no more entries.
const MOST_AMOUNTS: usize = 1 << 24;

/// What a slice of the search brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Nothing is decided yet.
    Paused,
    /// A schedule within the limit: starts in units, and choices.
    Better(Vec<i64>, Vec<u32>),
    /// There is no schedule within the limit.
    Proved,
}

/// What choices use up of the stocks, and of two more for each group of alternatives that is open: of one all that run take a unit, of the
/// other one all that do not, so that neither two activities run nor none. `None` if that is too much.
fn stocks(model: &Model) -> Option<(Vec<i64>, Vec<i64>)> {
    let is_open = |group: &&Vec<u32>| group.iter().any(|&i| model.choices(i as usize).len() > 1);
    let groups: Vec<&Vec<u32>> = model.alternatives.groups.iter().filter(is_open).collect();
    if groups.is_empty() {
        return Some((model.consumption.clone(), model.stock.clone()));
    }
    let own = model.stock.len();
    let width = own + 2 * groups.len();
    let amounts = width.checked_mul(model.row.len()).filter(|&amounts| amounts <= MOST_AMOUNTS)?;
    let mut consumption = vec![0; amounts];
    for c in 0..model.row.len() {
        consumption[c * width..][..own].copy_from_slice(model.consumption_of(c));
    }
    let mut stock = model.stock.clone();
    for (g, group) in groups.iter().enumerate() {
        for c in group.iter().flat_map(|&i| model.choices(i as usize)) {
            consumption[c * width + own + 2 * g + usize::from(!model.runs(c as u32))] = 1;
        }
        stock.extend([1, group.len() as i64 - 1]);
    }
    Some((consumption, stock))
}

/// Links between activities, from time `zero` to releases, to deadlines, and from each end to the variable that it counts for; `None` if lags
/// are too long.
fn links(model: &Model, zero: usize, slots: i64, counts_for: impl Fn(usize) -> Option<usize>) -> Option<Vec<EventLink>> {
    let mut links = Vec::new();
    let may_run = |i: usize| !model.running(i).is_empty();
    for i in model.order.iter().map(|&i| i as usize).filter(|&i| may_run(i)) {
        for link in model.before[i].iter().filter(|link| may_run(link.other as usize)) {
            if model.fixed[i].is_none() || model.fixed[link.other as usize].is_none() {
                let (from, to) = (link.other, i as u32);
                let lag = i32::try_from(link.lag).ok()?;
                links.push(EventLink { from, to, lag, from_end: link.from_finish, to_end: link.to_finish });
            }
        }
        let to_end = |to: usize, lag: i32| EventLink { from: i as u32, to: to as u32, lag, from_end: true, to_end: false };
        if model.release[i] > 0 && !model.must_run(i) {
            let (from, lag) = (zero as u32, model.release[i].min(slots + 1) as i32);
            links.push(EventLink { from, to: i as u32, lag, from_end: false, to_end: false });
        }
        if model.deadline[i] < i64::MAX && model.fixed[i].is_none() {
            links.push(to_end(zero, -(model.deadline[i].clamp(-slots - 1, slots) as i32)));
        }
        links.extend(counts_for(i).map(|variable| to_end(variable, 0)));
    }
    Some(links)
}

/// The search for a shorter schedule, or for the proof that there is none.
#[derive(Debug)]
pub struct Prover {
    pub makespan: MakespanSearch,
    n: usize,
    /// Of what calendars take.
    starts: Vec<i32>,
    first: Vec<u32>,
    /// The variable of each choice.
    variable: Vec<Option<u32>>,
}

impl Prover {
    /// Asks for schedules that end by `end`; `None` if the project is too large, or some activity may pause.
    pub fn new(model: &Model, end: i64) -> Option<Self> {
        Self::built(model, end, None)
    }

    /// Asks for schedules that end by `end` and whose costs lie between `base`, below which none is, and `most`.
    pub fn of_costs(model: &Model, end: i64, costs: &CompletionCosts, limits: (i64, i64)) -> Option<Self> {
        Self::built(model, end, Some((costs, limits)))
    }

    fn built(model: &Model, end: i64, goal: Option<(&CompletionCosts, (i64, i64))>) -> Option<Self> {
        if model.has_pauses() {
            return None;
        }
        let n = model.len();
        let several = (0..n).filter(|&i| model.choices(i).len() > 1).count();
        let longest = (0..n).filter_map(|i| model.duration[model.choices(i)].iter().min()).max().copied().unwrap_or(0);
        let slots = end.max(longest);
        // What calendars take is held by intervals behind those of the activities.
        let breaks = model.breaks(slots)?;
        let intervals = n + breaks.len();
        // Costs count from the ends of these.
        let may_run = |i: usize| !model.running(i).is_empty();
        let dated: Vec<usize> = (0..n).filter(|&i| may_run(i) && goal.is_some_and(|(costs, _)| costs.counts(i))).collect();
        let variables = intervals + several + dated.len() + 2; // one that stands for time 0, and the objective
        if n == 0 || n > MOST_ACTIVITIES || (variables as i64).checked_mul(slots + 3).is_none_or(|atoms| atoms > MOST_ATOMS) {
            return None;
        }
        let (zero, makespan) = (variables - 2, variables - 1);
        let mut variable = vec![None; intervals];
        let mut bounds = vec![Literal::at_most(zero, 0)];
        let mut next = intervals;
        for (i, variable) in variable[..n].iter_mut().enumerate() {
            let options = model.choices(i).len();
            if options > 1 {
                *variable = Some(next as u32);
                bounds.push(Literal::at_most(next, options as i32 - 1));
                next += 1;
            }
            match model.fixed[i] {
                Some((start, _)) => bounds.extend([Literal::at_least(i, start as i32), Literal::at_most(i, start as i32)]),
                None if model.release[i] > 0 && model.must_run(i) => {
                    bounds.push(Literal::at_least(i, model.release[i].min(slots + 1) as i32));
                }
                None => {}
            }
        }
        let starts: Vec<i32> = breaks.iter().map(|stretch| stretch.from as i32).collect();
        for (k, &start) in starts.iter().enumerate() {
            bounds.extend([Literal::at_least(n + k, start), Literal::at_most(n + k, start)]);
        }
        let place = |i: usize| dated.iter().position(|&j| j == i).map(|place| intervals + several + place);
        let links = links(model, zero, slots, |i| if goal.is_none() { Some(makespan) } else { place(i) })?;
        let narrow = |column: &[i64]| column.iter().map(|&units| i32::try_from(units).ok()).collect::<Option<Vec<i32>>>();
        let (mut consumption, stock) = stocks(model)?;
        let is_optional = (0..intervals).map(|i| i < n && may_run(i) && !model.must_run(i)).collect();
        let (mut first, mut length, mut demand) = (model.first.clone(), narrow(&model.duration)?, model.demand.clone());
        let width = model.capacity.len();
        for i in (0..n).filter(|&i| model.calendars.is_some() && model.fixed[i].is_some()) {
            // What has started is a part of the breaks.
            let taken = breaks.first().map_or(0, |stretch| stretch.taken.len());
            demand[model.choices(i).start * width..][..taken].fill(0);
        }
        for stretch in &breaks {
            first.push(first[first.len() - 1] + 1);
            length.push((stretch.to - stretch.from) as i32);
            demand.extend(&stretch.taken);
            demand.resize(length.len() * width, 0);
            consumption.resize(length.len() * stock.len(), 0);
        }
        let choices = Choices::new(
            (variable.clone(), is_optional),
            first,
            (length, demand, model.capacity.clone()),
            (consumption, stock),
            links,
            slots as i32,
        );
        let plain =
            Intervals { lengths: FixedLengths(vec![0; variables]), demand: Vec::new(), capacity: Vec::new(), steps: Vec::new() };
        let network = Network::new(vec![Vec::new(); variables], vec![Vec::new(); variables]);
        let problem = Problem {
            intervals: plain,
            network,
            slots: slots as i32,
            bounds,
            cliques: Vec::new(),
            costs: goal.map(|(costs, (base, most))| {
                let cost = |i: usize| Cost::new((0..=slots).map(|end| costs.of(i, model.tick(end)).min(most + 1)));
                let of = dated.iter().enumerate().map(|(place, &i)| ((intervals + several + place) as u32, cost(i)));
                Costs::new(of.filter(|(_, cost)| !cost.is_free()).collect(), costs.combination(), 0, (base, most), makespan)
            }),
            choices: Some(choices),
            reservoirs: Vec::new(),
            orders: None,
        };
        let reasoning = Reasoning { disjunctive: false, energetic: false };
        let makespan = match goal {
            None => MakespanSearch::new(problem, reasoning, end),
            Some((_, (_, most))) => MakespanSearch::of_costs(problem, reasoning, most),
        };
        Some(Self { makespan, n, starts, first: model.first.clone(), variable })
    }

    /// From now on only schedules within this limit, an end or costs, count; decisions follow a good schedule.
    pub fn improve(&mut self, start: &[i64], choice: &[u32], limit: i64) {
        let mut guide: Vec<i32> = start.iter().map(|&time| time as i32).chain(self.starts.iter().copied()).collect();
        guide.extend((0..self.n).filter(|&i| self.variable[i].is_some()).map(|i| (choice[i] - self.first[i]) as i32));
        self.makespan.improve(guide.into_iter(), limit);
    }

    /// A slice of the search, as [`MakespanSearch::run`] says.
    pub fn run(&mut self, most_work: u64, stop: impl FnMut(u64) -> bool) -> Event {
        match self.makespan.run(most_work, stop) {
            SearchEvent::Paused => Event::Paused,
            SearchEvent::Refuted => Event::Proved,
            SearchEvent::Solution(values) => {
                let option = |i: usize| self.variable[i].map_or(0, |v| values[v as usize]) as u32;
                let choice = (0..self.n).map(|i| self.first[i] + option(i)).collect();
                Event::Better(values[..self.n].iter().map(|&value| i64::from(value)).collect(), choice)
            }
        }
    }
}
