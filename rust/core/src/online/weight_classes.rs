//! Bansal and Dhamdhere's policy for the total weighted flow time.

use super::declaration::{Costs, declare};
use super::discipline::{Discipline, PolicyState, QueueDiscipline, Running};
use super::heap::{IndexedHeap, key};
use super::information::{Facts, Size};
use super::ordered::put;

/// SRPT inside the weight class with the largest total weight, weights being rounded down to powers of two. O(log W)-competitive
/// for the total weighted flow time (Bansal, Dhamdhere 2007; stated as `WtdSRPT` by Gupta, Kumar, Panigrahi, Wang 2026).
///
/// One server. O(log n + classes) an event. Ties: the heavier class; inside a class the running job, then index.
#[derive(Debug, Clone, Default)]
pub struct WeightClasses {
    /// By weight, lightest first.
    classes: Vec<Class>,
    known: Vec<ClassedJob>,
}

declare!(
    WeightClasses,
    "bansal_dhamdhere",
    ONE_SERVER: bool = true,
    COSTS: Costs = Costs { event: "O(log n + classes)", operation: "O(log n + classes)", pop_many: "O(k (log n + classes))" }
);

#[derive(Debug, Clone)]
struct Class {
    weight: f64,
    /// Jobs in the system, the running one included.
    alive: u32,
    /// Waiting jobs by their numbers in the class, which are small: a heap is as large as its largest member.
    waiting: IndexedHeap,
    /// The slot of each number, and numbers that are free.
    slots: Vec<u32>,
    free: Vec<u32>,
}

impl Class {
    fn new(weight: f64) -> Self {
        Self { weight, alive: 0, waiting: IndexedHeap::default(), slots: Vec::new(), free: Vec::new() }
    }

    /// The number of a job that comes.
    fn enter(&mut self, slot: u32) -> u32 {
        self.alive += 1;
        if let Some(number) = self.free.pop() {
            self.slots[number as usize] = slot;
            return number;
        }
        self.slots.push(slot);
        self.slots.len() as u32 - 1
    }

    /// A job goes. A large class that is empty gives its memory back.
    fn leave(&mut self, number: u32) {
        self.alive -= 1;
        self.free.push(number);
        if self.alive == 0 && self.slots.len() > LARGE {
            *self = Self::new(self.weight);
        }
    }
}

/// A class with more numbers than this frees its memory when it is empty.
const LARGE: usize = 64;

#[derive(Debug, Clone, Copy)]
struct ClassedJob {
    size: f64,
    index: u32,
    weight: f64,
    /// Its number in its class.
    number: u32,
}

impl WeightClasses {
    /// The class of a weight, or where it belongs.
    fn find(&self, weight: f64) -> Result<usize, usize> {
        self.classes.binary_search_by(|class| class.weight.total_cmp(&weight))
    }

    fn class_of(&self, slot: u32) -> usize {
        self.find(self.known[slot as usize].weight).expect("the class of every known job exists")
    }

    fn heaviest(&self) -> Option<usize> {
        let total = |class: &Class| f64::from(class.alive) * class.weight;
        let alive = self.classes.iter().enumerate().filter(|(_, class)| class.alive > 0);
        alive.max_by(|(_, a), (_, b)| total(a).total_cmp(&total(b))).map(|(c, _)| c) // the last of equals: the heavier class
    }

    fn wait(&mut self, slot: u32, attained: f64) {
        let known = self.known[slot as usize];
        let class = self.class_of(slot);
        self.classes[class].waiting.push(key(known.size - attained, u64::from(known.index)), known.number);
    }
}

impl Discipline for WeightClasses {
    type Info = Size;

    fn arrive(&mut self, _: f64, slot: u32, attained: f64, facts: Facts<Size>) {
        let exponent = f64::from_bits(facts.weight.to_bits() & (0x7ff << 52));
        let class = self.find(exponent).unwrap_or_else(|class| {
            self.classes.insert(class, Class::new(exponent));
            class
        });
        let number = self.classes[class].enter(slot);
        put(&mut self.known, slot, ClassedJob { size: facts.revealed.0, index: facts.index, weight: exponent, number });
        self.wait(slot, attained);
    }

    fn none_wait(&self) -> bool {
        self.classes.iter().all(|class| class.waiting.is_empty())
    }

    fn first(&mut self, _: f64) -> Option<u32> {
        let best = &self.classes[self.heaviest()?];
        best.waiting.first().map(|(_, number)| best.slots[number as usize])
    }

    fn begin(&mut self, _: f64, slot: u32) {
        let class = self.class_of(slot);
        self.classes[class].waiting.remove(self.known[slot as usize].number);
    }

    fn victim(&mut self, _: f64, running: &[Running]) -> Option<usize> {
        let [job] = running else { return None };
        let best = &self.classes[self.heaviest()?];
        let (waiting, _) = best.waiting.first()?;
        let known = self.known[job.slot as usize];
        let takes = known.weight != best.weight || waiting >> 64 < key(known.size - job.attained, 0) >> 64;
        takes.then_some(0)
    }

    fn stop(&mut self, _: f64, job: Running) {
        self.wait(job.slot, job.attained);
    }

    fn leave(&mut self, slot: u32, waiting: bool) {
        let class = self.class_of(slot);
        let number = self.known[slot as usize].number;
        if waiting {
            self.classes[class].waiting.remove(number);
        }
        self.classes[class].leave(number);
    }
}

impl QueueDiscipline for WeightClasses {
    const LOOKS_AT_ALL: bool = true;

    fn facts(&self, slot: u32) -> Facts<Size> {
        let ClassedJob { size, index, weight, .. } = self.known[slot as usize];
        Facts { index, number: index, release_time: 0.0, weight, deadline: f64::INFINITY, revealed: Size(size) }
    }

    fn state(&self, _: u32) -> PolicyState {
        PolicyState { phase: 0, joined: 0, mark: 0.0 }
    }

    fn restore(&mut self, now: f64, slot: u32, attained: f64, facts: Facts<Size>, _: PolicyState) {
        self.arrive(now, slot, attained, facts);
    }
}
