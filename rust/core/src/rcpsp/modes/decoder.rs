//! From a list and a choice of modes to a schedule: the serial scheme in either direction of time, which may change modes on the way.

use super::arrange::Arranger;
use super::calendars::{LOST, MOST_LATE};
use super::criticality::Tails;
use super::model::{Link, Model};
use super::profile::{Kernel, NOWHERE, Profile};
use crate::random::Random;

/// How modes may change while a list is decoded.
pub struct Improvement<'r> {
    /// Of 256 activities, how many look at their other modes.
    pub rate: u64,
    pub random: &'r mut Random,
}

/// Decodes lists of one model.
#[derive(Debug, Clone)]
pub struct Decoder<'m> {
    model: &'m Model<'m>,
    profile: Profile<'m>,
    /// Links to what is placed before, by direction.
    links: [Vec<Vec<Link>>; 2],
    /// Start and completion of each activity in the last schedule, in its direction of time.
    pub start: Vec<i64>,
    pub finish: Vec<i64>,
    /// What the last choices leave of each stock; negative if they exceed it.
    pub left: Vec<i64>,
    /// By how much deadlines were missed in all.
    pub late: i64,
    /// How far the last schedule is from being shorter, see [`Tails::criticality`].
    pub criticality: i64,
    tails: Tails,
    /// Where some activities may not run.
    arranger: Option<Arranger>,
}

impl<'m> Decoder<'m> {
    pub fn new(model: &'m Model<'m>) -> Self {
        // Backward in time, starts are completions, and what was to come after comes before.
        let mirrored = |link: &Link| Link { from_finish: !link.to_finish, to_finish: !link.from_finish, ..*link };
        let backward = model.after.iter().map(|links| links.iter().map(mirrored).collect()).collect();
        let n = model.len();
        Self {
            model,
            profile: Profile::new(model),
            links: [model.before.clone(), backward],
            start: vec![0; n],
            finish: vec![0; n],
            left: vec![0; model.stock.len()],
            late: 0,
            criticality: 0,
            tails: Tails::new(n),
            arranger: model.has_options.then(|| Arranger::new(n)),
        }
    }

    /// Places the activities of a list one after the other (where some may not run, in the order that [`Arranger`] makes of it), each as early as possible in its direction of time, and gives the largest
    /// completion. With `improvement`, activities that it draws take the mode in which they complete first of those that the stocks
    /// allow (ties: the present one, then the faster one).
    pub fn decode(&mut self, list: &[u32], choice: &mut [u32], backward: bool, improvement: Option<Improvement>) -> i64 {
        let Self { model, profile, links, start, finish, left, late, criticality, tails, arranger } = self;
        let (before, after) = (&links[usize::from(backward)], &links[usize::from(!backward)]);
        let list = match arranger {
            Some(arranger) => arranger.arrange(model, (before, after), list, choice, backward),
            None => list,
        };
        let mut pass = Pass { model, links: before, start, finish, left, late, backward };
        let makespan = match profile {
            Profile::Narrow(profile) => pass.run(profile, list, choice, improvement),
            Profile::Wide(profile) => pass.run(profile, list, choice, improvement),
            Profile::Segments(profile) => pass.run(profile, list, choice, improvement),
            Profile::Calendars(profile) => pass.run(&mut **profile, list, choice, improvement),
        };
        *criticality = tails.criticality(model, after, list, choice, finish, makespan);
        makespan
    }
}

struct Pass<'a> {
    model: &'a Model<'a>,
    links: &'a [Vec<Link>],
    start: &'a mut [i64],
    finish: &'a mut [i64],
    left: &'a mut [i64],
    late: &'a mut i64,
    backward: bool,
}

impl Pass<'_> {
    fn run<K: Kernel>(&mut self, profile: &mut K, list: &[u32], choice: &mut [u32], improvement: Option<Improvement>) -> i64 {
        let model = self.model;
        let stocks = model.stock.len();
        self.left.copy_from_slice(&model.stock);
        for &c in choice.iter() {
            let used = &model.consumption[c as usize * stocks..][..stocks];
            self.left.iter_mut().zip(used).for_each(|(left, used)| *left -= used);
        }
        profile.clear();
        *self.late = 0;
        let mut improvement = improvement;
        let mut makespan = 0;
        for &i in list {
            let i = i as usize;
            if let (Some((start, finish)), false) = (model.fixed[i], self.backward) {
                (self.start[i], self.finish[i]) = (start, finish);
                makespan = makespan.max(finish);
                continue;
            }
            let is_off = model.has_options && !model.runs(choice[i]);
            // Starts after some events; completions after others.
            let (mut ready, mut done) = (if self.backward { 0 } else { model.release[i] }, i64::MIN);
            for link in &self.links[i] {
                // What does not run binds nothing, but has a place among the others, for lists that are made of the schedule.
                if model.has_options && !is_off && !model.runs(choice[link.other as usize]) {
                    continue;
                }
                let event = if link.from_finish { &*self.finish } else { &*self.start };
                let since = event[link.other as usize] + link.lag;
                if link.to_finish {
                    done = done.max(since);
                } else {
                    ready = ready.max(since);
                }
            }
            if is_off {
                (self.start[i], self.finish[i]) = (ready, ready);
                continue;
            }
            let from = |profile: &K, c: usize| ready.max(profile.reaching(c, done, model.duration[c]));
            let mut chosen = choice[i] as usize;
            let since = from(profile, chosen);
            let (mut begin, mut end) = profile.run(chosen, since, model.duration[chosen]);
            if let Some(Improvement { rate, random }) = &mut improvement
                && model.running(i).len() > 1
                && random.next_u64() & 255 < *rate
            {
                let present = choice[i] as usize;
                let own = model.consumption_of(present);
                for c in model.running(i).filter(|&c| c != present) {
                    // A mode that cannot complete earlier even without resources is not looked at.
                    let since = from(profile, c);
                    if since + model.duration[c] >= end {
                        continue;
                    }
                    let allowed = model
                        .consumption_of(c)
                        .iter()
                        .zip(own)
                        .zip(self.left.iter())
                        .all(|((new, old), &left)| new <= old || new - old <= left);
                    if !allowed {
                        continue;
                    }
                    let (start, finish) = profile.run(c, since, model.duration[c]);
                    if finish < end {
                        (chosen, begin, end) = (c, start, finish);
                    }
                }
                if chosen != present {
                    let new = model.consumption_of(chosen);
                    self.left.iter_mut().zip(own.iter().zip(new)).for_each(|(left, (old, new))| *left += old - new);
                    choice[i] = chosen as u32;
                }
            }
            if begin >= NOWHERE {
                // It stands where it could run alone, if it could.
                (begin, end) = model.alone(chosen, ready).unwrap_or((ready, ready + model.duration[chosen]));
                *self.late = (*self.late + LOST).min(MOST_LATE);
            } else if model.duration[chosen] > 0 {
                profile.take(chosen, begin);
            }
            (self.start[i], self.finish[i]) = (begin, end);
            makespan = makespan.max(end);
            if !self.backward && (end > model.deadline[i] || begin > model.latest_start[i]) {
                let late = end.saturating_sub(model.deadline[i]).max(begin.saturating_sub(model.latest_start[i]));
                *self.late = self.late.saturating_add(late).min(MOST_LATE);
            }
        }
        makespan
    }
}
