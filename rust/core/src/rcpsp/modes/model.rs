//! A project with modes, laid out for the search and the prover: modes that can never pay are dropped, times are counted in units.

use super::super::constraints::gcd;
use super::super::objective::NEVER;
use super::super::options::blanked;
use super::super::{ABSENT, Fixed, NO_DEADLINE, Past, Project, Schedule};
use super::alternatives::{Alternatives, OFF};
use super::reduction::reduce;
use crate::rcpsp::constrained::Situation;

/// `event of other >= event of this + lag`, seen from one of the two, in units.
#[derive(Debug, Clone, Copy)]
pub struct Link {
    pub other: u32,
    pub lag: i64,
    pub from_finish: bool,
    pub to_finish: bool,
}

/// A project and its past in units of time from `origin` on.
#[derive(Debug, Clone)]
pub struct Model<'c> {
    /// Ticks of a unit, and the tick at which units begin.
    pub unit: i64,
    pub origin: i64,
    /// The choices of activity `i` are those from `first[i]` up to `first[i + 1]`: not to run, if that is one, and then the fastest first.
    pub first: Vec<u32>,
    /// The row of each choice in the project's modes; [`NO_ROW`] if it is not to run.
    pub row: Vec<u32>,
    /// Duration of each choice, in units.
    pub duration: Vec<i64>,
    /// Demand of each choice, row by row; 0 for what takes no time.
    pub demand: Vec<i64>,
    pub capacity: Vec<i64>,
    /// Consumption of each choice, row by row, of the stocks that can bind.
    pub consumption: Vec<i64>,
    /// What is left of those stocks after the consumption that no choice avoids; negative if they never suffice.
    pub stock: Vec<i64>,
    /// The number of each of those stocks in the project.
    pub stock_number: Vec<usize>,
    /// Links to predecessors, and to successors.
    pub before: Vec<Vec<Link>>,
    pub after: Vec<Vec<Link>>,
    /// An order with predecessors first.
    pub order: Vec<u32>,
    /// Earliest start and latest completion of each activity alone; `i64::MAX` without deadline.
    pub release: Vec<i64>,
    pub deadline: Vec<i64>,
    /// No start after, because an activity that has started follows; `i64::MAX` where that is not so.
    pub latest_start: Vec<i64>,
    /// Start and end of activities that have started.
    pub fixed: Vec<Option<(i64, i64)>>,
    /// Whether releases, deadlines or fixed activities bound anything, so that schedules cannot be mirrored.
    pub is_bounded: bool,
    /// Whether some activity may be left out, or is.
    pub has_options: bool,
    pub alternatives: Alternatives,
    /// The choices on their calendars, each as an activity of its own, where there are calendars.
    pub calendars: Option<&'c Situation<'c>>,
}

/// The row of a choice not to run.
pub const NO_ROW: u32 = u32::MAX;

impl Model<'_> {
    /// Lays out a project; `fixed_mode` names the modes of fixed activities, where it does.
    pub fn new(project: &Project, past: &Past, fixed_mode: &[(usize, usize)]) -> Self {
        let modes = &*project.mode_rows();
        let (n, data) = (project.num_activities(), project.data());
        let mut fixed: Vec<Option<Fixed>> = vec![None; n];
        past.fixed().iter().for_each(|&started| fixed[started.activity] = Some(started));
        let origin = past.fixed().iter().map(|started| started.start).fold(past.now(), i64::min).min(0);
        let periods = data.calendars.iter().filter_map(|(_, calendar)| calendar.period());
        let times = modes.duration.iter().chain(&data.lag).copied().chain(periods);
        let moments = data.release_time.iter().copied().chain(data.deadline.iter().copied().filter(|&time| time != NO_DEADLINE));
        let steps = data.calendars.iter().flat_map(|(_, calendar)| calendar.time().iter().copied());
        let moments =
            moments.chain(steps).chain(past.fixed().iter().flat_map(|started| [started.start, started.end])).chain([past.now()]);
        let unit = times.chain(moments.map(|time| time - origin)).fold(0, |unit, time| gcd(unit, time.abs())).max(1);
        let units = |ticks: i64| ticks / unit;
        let since = |moment: i64| (moment - origin) / unit;
        let mut model = Self {
            unit,
            origin,
            first: vec![0],
            row: Vec::new(),
            duration: Vec::new(),
            demand: Vec::new(),
            capacity: project.capacity().to_vec(),
            consumption: Vec::new(),
            stock: Vec::new(),
            stock_number: Vec::new(),
            before: vec![Vec::new(); n],
            after: vec![Vec::new(); n],
            order: project.graph().topological_order().to_vec(),
            release: data.release_time.iter().map(|&time| since(time.max(past.now()))).collect(),
            deadline: data.deadline.iter().map(|&time| if time == NO_DEADLINE { i64::MAX } else { since(time) }).collect(),
            latest_start: vec![i64::MAX; n],
            fixed: fixed.iter().map(|span| span.map(|span| (since(span.start), since(span.end)))).collect(),
            is_bounded: false,
            has_options: project.has_options(),
            alternatives: Alternatives::new(&data.alternatives, n),
            calendars: None,
        };
        model.add_links(project);
        model.is_bounded = model.release.iter().any(|&time| time > 0)
            || model.deadline.iter().any(|&time| time < i64::MAX)
            || !past.fixed().is_empty()
            || !data.calendars.is_empty();
        let (width, stocks) = (project.num_resources(), modes.nonrenewable.len());
        let fits =
            |row: usize| modes.duration[row] == 0 || (0..width).all(|r| modes.demand[row * width + r] <= project.capacity()[r]);
        let rows = modes.rows(n);
        let mut kept: Vec<Vec<usize>> = Vec::with_capacity(n);
        for (i, rows) in rows.iter().enumerate() {
            let fastest = |rows: Vec<usize>| {
                let mut rows = rows;
                rows.sort_by_key(|&row| (modes.duration[row], row));
                rows
            };
            kept.push(match fixed[i] {
                Some(span) => {
                    let named = fixed_mode.iter().find(|(activity, _)| *activity == i).map(|&(_, row)| row);
                    let alike = rows.iter().copied().find(|&row| modes.duration[row] == span.end - span.start);
                    vec![named.or(alike).unwrap_or(rows[0])]
                }
                // Nothing is gained by an activity that no group needs.
                None if data.optional[i] && !model.alternatives.is_member(i) => vec![OFF],
                None => {
                    let rows = fastest(rows.iter().copied().filter(|&row| fits(row)).collect());
                    if data.optional[i] { [vec![OFF], rows].concat() } else { rows }
                }
            });
        }
        model.alternatives.narrow(&mut kept);
        let mut binding = reduce(&mut kept, modes, project, &fixed);
        while model.alternatives.narrow(&mut kept) {
            binding = reduce(&mut kept, modes, project, &fixed);
        }
        // A group is a resource of which each of its activities holds the only unit.
        model.capacity.resize(width + data.disjunctive.len(), 1);
        let is_member = |i: usize, group: &[u32]| i64::from(group.contains(&(i as u32)));
        for (i, rows) in kept.iter().enumerate() {
            let holds: Vec<i64> = data.disjunctive.iter().map(|group| is_member(i, group)).collect();
            for &row in rows {
                if row == OFF {
                    model.row.push(NO_ROW);
                    model.duration.push(0);
                    model.demand.resize(model.row.len() * model.capacity.len(), 0);
                    model.consumption.resize(model.row.len() * binding.len(), 0);
                    continue;
                }
                let duration = model.fixed[i].map_or(units(modes.duration[row]), |(start, end)| end - start);
                let lasts = duration > 0 && modes.duration[row] > 0;
                model.row.push(row as u32);
                model.duration.push(duration);
                let needs = modes.demand[row * width..][..width].iter().chain(&holds);
                model.demand.extend(needs.map(|&units| if lasts { units } else { 0 }));
                model.consumption.extend(binding.iter().map(|&k| modes.consumption[row * stocks + k]));
            }
            model.first.push(model.row.len() as u32);
        }
        model.stock = binding.iter().map(|&k| modes.nonrenewable[k]).collect();
        model.stock_number = binding;
        model
    }

    /// Links of all pairs, and what activities that have started leave to their predecessors.
    fn add_links(&mut self, project: &Project) {
        let data = project.data();
        for (k, &(i, j)) in data.precedence.iter().enumerate() {
            let (lag, relation) = (data.lag[k] / self.unit, data.relation[k]);
            let link = Link { other: i, lag, from_finish: relation.from_finish(), to_finish: relation.to_finish() };
            self.before[j as usize].push(link);
            self.after[i as usize].push(Link { other: j, ..link });
            if let (Some((start, end)), None) = (self.fixed[j as usize], self.fixed[i as usize]) {
                let until = if link.to_finish { end } else { start } - lag;
                let last = if link.from_finish { &mut self.deadline } else { &mut self.latest_start };
                last[i as usize] = last[i as usize].min(until);
            }
        }
    }

    /// Number of activities.
    pub fn len(&self) -> usize {
        self.before.len()
    }

    /// The choices of an activity.
    pub fn choices(&self, i: usize) -> std::ops::Range<usize> {
        self.first[i] as usize..self.first[i + 1] as usize
    }

    /// Whether an activity runs with a choice.
    #[inline]
    pub fn runs(&self, choice: u32) -> bool {
        self.row[choice as usize] != NO_ROW
    }

    /// The choices of an activity with which it runs.
    #[inline]
    pub fn running(&self, i: usize) -> std::ops::Range<usize> {
        let own = self.choices(i);
        own.start + usize::from(self.has_options && self.row[own.start] == NO_ROW)..own.end
    }

    /// Whether an activity runs whatever is chosen.
    pub fn must_run(&self, i: usize) -> bool {
        self.running(i).start == self.choices(i).start
    }

    /// What a choice uses up.
    pub fn consumption_of(&self, choice: usize) -> &[i64] {
        &self.consumption[choice * self.stock.len()..][..self.stock.len()]
    }

    /// What a choice holds.
    pub fn demand_of(&self, choice: usize) -> &[i64] {
        &self.demand[choice * self.capacity.len()..][..self.capacity.len()]
    }

    /// A time by which everything is done if the longest modes run one by one.
    pub fn horizon(&self) -> i64 {
        let longest = |i: usize| self.choices(i).map(|c| self.duration[c]).max().unwrap_or(0);
        let lags: i64 = self.before.iter().flatten().map(|link| link.lag.max(0)).sum();
        let begin = self.release.iter().copied().max().unwrap_or(0);
        let fixed = self.fixed.iter().flatten().map(|&(_, end)| end).max().unwrap_or(0);
        begin.max(fixed) + lags + (0..self.len()).map(longest).sum::<i64>()
    }

    /// Completions in ticks; [`NEVER`] for what does not run.
    pub fn completions(&self, finish: &[i64], choice: &[u32]) -> Vec<i64> {
        finish.iter().zip(choice).map(|(&time, &c)| if self.runs(c) { self.tick(time) } else { NEVER }).collect()
    }

    /// The tick of a time.
    pub fn tick(&self, time: i64) -> i64 {
        self.origin + time * self.unit
    }

    /// The time of a tick.
    pub fn unit_of(&self, tick: i64) -> i64 {
        (tick - self.origin).div_euclid(self.unit)
    }

    /// The rows of choices; [`ABSENT`] for what does not run.
    pub fn rows(&self, choice: &[u32]) -> Vec<i64> {
        choice.iter().map(|&c| if self.runs(c) { i64::from(self.row[c as usize]) } else { ABSENT }).collect()
    }

    /// A schedule without the times of what does not run.
    pub fn blanked(&self, schedule: Schedule, choice: &[u32]) -> Schedule {
        if self.has_options { blanked(schedule, |i| !self.runs(choice[i])) } else { schedule }
    }

    /// The choice of each activity that stands for a row; the first one where the row was dropped.
    pub fn choices_of_rows(&self, rows: &[i64]) -> Vec<u32> {
        let of = |(i, &row): (usize, &i64)| {
            let mut own = self.choices(i);
            let is_row = |c: usize| if row == ABSENT { self.row[c] == NO_ROW } else { i64::from(self.row[c]) == row };
            own.clone().find(|&c| is_row(c)).or_else(|| own.next()).unwrap_or(0) as u32
        };
        rows.iter().enumerate().map(of).collect()
    }
}
