//! The machines that operations may take: their intervals, and a flag for each machine of those that have several.

use crate::cp::{Distance, Flag, Literal};
use crate::shop::problem::{Blocking, Shop};

/// What each operation may choose.
#[derive(Debug)]
pub(super) struct Options {
    /// The interval of each operation, and that of its end, which is the same if it takes equally long on all machines.
    pub start: Vec<u32>,
    pub end: Vec<u32>,
    /// The operation of each interval.
    pub operation: Vec<u32>,
    pub num_intervals: usize,
    pub shortest: Vec<i64>,
    pub longest: Vec<i64>,
    /// The operations that may be on each machine.
    pub on_machine: Vec<Vec<u32>>,
    /// By choice, the literal that says that it is made; `None` where there is no other one.
    presence: Vec<Option<Literal>>,
    /// The first choice of each operation, and its machine.
    first: Vec<usize>,
    machine: Vec<u32>,
    clauses: Vec<Vec<Literal>>,
}

impl Options {
    /// Intervals alone.
    pub fn new(shop: &Shop) -> Self {
        let data = shop.data();
        let (mut start, mut end, mut operation) = (Vec::new(), Vec::new(), Vec::new());
        let (mut shortest, mut longest) = (Vec::new(), Vec::new());
        let mut on_machine: Vec<Vec<u32>> = vec![Vec::new(); shop.num_machines()];
        for op in 0..shop.num_operations() {
            start.push(operation.len() as u32);
            operation.push(op as u32);
            let durations = || shop.choices(op).map(|(_, duration)| duration);
            shortest.push(durations().min().unwrap_or(0));
            longest.push(durations().max().unwrap_or(0));
            let is_last = op + 1 == shop.operations(shop.job(op)).end;
            if shortest[op] < longest[op] && (data.blocking == Blocking::None || is_last) {
                operation.push(op as u32);
            }
            end.push(operation.len() as u32 - 1);
            shop.choices(op).for_each(|(machine, _)| on_machine[machine].push(op as u32));
        }
        Self {
            start,
            end,
            num_intervals: operation.len(),
            operation,
            shortest,
            longest,
            on_machine,
            presence: vec![None; data.machine.len()],
            first: data.choice_start.clone(),
            machine: data.machine.iter().map(|&machine| machine as u32).collect(),
            clauses: Vec::new(),
        }
    }

    /// Flags, numbered from a variable on, with what each machine asks for. Of two machines one flag tells both.
    pub fn add_flags(&mut self, shop: &Shop, first: usize, count: impl Fn(i64) -> i32) -> Vec<Flag> {
        let pause = i32::from(shop.data().blocking == Blocking::NoSwap);
        let mut flags: Vec<Flag> = Vec::new();
        for op in 0..shop.num_operations() {
            let is_last = op + 1 == shop.operations(shop.job(op)).end;
            let (from, end) = (self.start[op], self.end[op]);
            let (to, pause) = if end == from && !is_last { (self.start[op + 1], pause) } else { (end, 0) };
            let distance = |duration: i64| {
                let is_longer = self.shortest[op] < duration && to != from;
                is_longer.then(|| Distance { from, to, lag: count(duration) + pause })
            };
            let choices: Vec<Option<Distance>> = shop.choices(op).map(|(_, duration)| distance(duration)).collect();
            let variable = first + flags.len();
            let presence = &mut self.presence[self.first[op]..self.first[op + 1]];
            match choices[..] {
                [_] => {}
                [one, other] => {
                    (presence[0], presence[1]) = (Some(Literal::at_least(variable, 1)), Some(Literal::at_most(variable, 0)));
                    flags.push(Flag { distances: [one, other], is_decided: true });
                }
                _ => {
                    for (k, &distance) in choices.iter().enumerate() {
                        presence[k] = Some(Literal::at_least(variable + k, 1));
                        flags.push(Flag { distances: [distance, None], is_decided: true });
                    }
                    let made: Vec<Literal> = presence.iter().copied().flatten().collect();
                    for (k, one) in made.iter().enumerate() {
                        self.clauses.extend(made[k + 1..].iter().map(|other| vec![one.negated(), other.negated()]));
                    }
                    self.clauses.push(made);
                }
            }
        }
        flags
    }

    /// One machine for each operation.
    pub fn take_clauses(&mut self) -> Vec<Vec<Literal>> {
        std::mem::take(&mut self.clauses)
    }

    /// How long an operation takes on a machine, and the literal that it is there.
    pub fn on(&self, shop: &Shop, op: usize, machine: usize) -> (i64, Option<Literal>) {
        let (k, (_, duration)) =
            shop.choices(op).enumerate().find(|(_, choice)| choice.0 == machine).expect("it may take the machine");
        (duration, self.presence[self.first[op] + k])
    }

    /// Adds the flags of a schedule's machines to the way in which variables are decided.
    pub fn guide(&self, machine: &[u32], guide: &mut Vec<i32>) {
        for (op, &taken) in machine.iter().enumerate() {
            for k in self.first[op]..self.first[op + 1] {
                if let Some(literal) = self.presence[k].filter(|literal| literal.is_lower()) {
                    guide.resize(guide.len().max(literal.var() + 1), 0);
                    guide[literal.var()] = i32::from(self.machine[k] == taken);
                }
            }
        }
    }

    /// The machine and the duration of each operation in a solution.
    pub fn chosen(&self, shop: &Shop, parts: &[i32]) -> (Vec<u32>, Vec<i64>) {
        let is_made = |k: usize| self.presence[k].is_none_or(|literal| (parts[literal.var()] == 1) == literal.is_lower());
        let chosen = (0..shop.num_operations()).filter_map(|op| {
            let mut choices = (self.first[op]..).zip(shop.choices(op));
            choices.find(|&(k, _)| is_made(k)).map(|(_, (machine, duration))| (machine as u32, duration))
        });
        chosen.unzip()
    }
}
