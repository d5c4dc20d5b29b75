//! A population of priorities for serial generation; passes that fail are compared by how much they left.

use super::model::Model;
use super::serial::Decoder;
use super::valuation::Valuation;
use crate::random::Random;
use crate::rcpsp::{Lister, Project};

/// Values from here on are those of passes that were given up; the keys of all objectives are below.
pub const FAILED: i128 = 1 << 70;

/// Members of the population, and of those from which the better one becomes a parent.
const SIZE: usize = 24;
const TOURNAMENT: u64 = 3;

/// Priorities, and whether urgent activities come first in a pass by them.
pub type Priorities = (Vec<f64>, bool);

/// Looking for urgent activities takes quadratic time; larger projects do without.
const MOST_URGENT: usize = 2000;

#[derive(Debug, Clone)]
pub struct Member {
    keys: Vec<f64>,
    urgent_first: bool,
    /// The starts of a schedule.
    pub start: Vec<i64>,
    pub value: i128,
}

pub struct Genetic<'m> {
    model: &'m Model,
    valuation: &'m Valuation<'m>,
    lister: Lister,
    decoder: Decoder<'m>,
    members: Vec<Member>,
    random: Random,
    made: usize,
}

impl<'m> Genetic<'m> {
    pub fn new(relaxed: &Project, model: &'m Model, valuation: &'m Valuation<'m>, seed: u64) -> Self {
        let (lister, decoder) = (Lister::new(relaxed), Decoder::new(model));
        Self { model, valuation, lister, decoder, members: Vec::new(), random: Random::new(seed), made: 0 }
    }

    /// Decodes priorities and takes the member into the population; `stop` counts placements and tells whether to give up.
    pub fn decode(&mut self, (keys, urgent_first): Priorities, stop: &mut dyn FnMut(u64) -> bool) -> Member {
        let list = self.lister.list(&keys);
        let result = self.decoder.decode(list, urgent_first && self.model.len() <= MOST_URGENT, stop);
        let start = self.decoder.earliest.clone();
        let member = match result {
            Ok(_) => {
                Member { keys: start.iter().map(|&time| time as f64).collect(), urgent_first, value: self.value(&start), start }
            }
            Err(left) => Member { keys, urgent_first, start, value: FAILED + left as i128 },
        };
        self.take_in(member.clone());
        member
    }

    fn value(&self, start: &[i64]) -> i128 {
        i128::from(self.valuation.value(self.model, start))
    }

    /// Takes a schedule in.
    pub fn admit(&mut self, start: &[i64], value: i128) {
        let keys = start.iter().map(|&time| time as f64).collect();
        self.take_in(Member { keys, urgent_first: false, start: start.to_vec(), value });
    }

    fn take_in(&mut self, member: Member) {
        let alike = self.members.iter().any(|known| known.value == member.value && known.start == member.start);
        if alike {
            return;
        }
        if self.members.len() < SIZE {
            self.members.push(member);
            return;
        }
        let worst = (0..SIZE).max_by_key(|&k| (self.members[k].value, k)).unwrap_or(0);
        if member.value <= self.members[worst].value {
            self.members[worst] = member;
        }
    }

    /// Priorities to be decoded next: those of rules with noise at first, children of two members later.
    pub fn next(&mut self) -> Priorities {
        self.made += 1;
        let Self { model, random, .. } = self;
        let n = model.len();
        if self.made <= SIZE || self.members.len() < 2 {
            let noise = [0.0, 0.1, 0.3][self.made % 3] * model.horizon as f64;
            let due = self.valuation.due_starts(model);
            let by_latest = self.made.is_multiple_of(2);
            let key = |i: usize| (if by_latest { due[i] } else { model.earliest[i] }) as f64;
            return ((0..n).map(|i| key(i) + noise * random.unit()).collect(), self.made % 4 < 2);
        }
        let members = &self.members;
        let mut parent = || {
            let draws = (0..TOURNAMENT).map(|_| random.below(members.len() as u64) as usize);
            draws.min_by_key(|&k| (members[k].value, k)).unwrap_or(0)
        };
        let (one, other) = (parent(), parent());
        let (first, second) = (&members[one].keys, &members[other].keys);
        // What comes before some moment is ordered as in one parent, the rest as in the other one.
        let cut = first[random.below(n as u64) as usize];
        let mut keys: Vec<f64> =
            (0..n).map(|i| if first[i] <= cut { first[i] } else { cut + second[i].max(0.0) + 1.0 }).collect();
        let shifts = 1 + random.below(3);
        for _ in 0..shifts {
            let (i, j) = (random.below(n as u64) as usize, random.below(n as u64) as usize);
            keys[i] = keys[j] + random.unit() - 0.5;
        }
        let urgent_first = members[one].urgent_first ^ (random.below(16) == 0);
        (keys, urgent_first)
    }
}
