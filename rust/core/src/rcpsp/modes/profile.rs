//! What is free of the resources over time, for activities in modes: slots for short horizons, segments for all others.

use super::calendars::CalendarProfile;
use super::model::Model;
use crate::simd::{Avx2, Avx512, Need, Simd, SlotKernel, Word, on_kernel, run_shifts};
use crate::timeline::segments::{self, Found, Slot};
use crate::timeline::slots::Slots;
use crate::word_layout::WordLayout;

/// Most slots of a horizon.
const MOST_SLOTS: i64 = 1 << 14;

/// Later than everything: a choice that finds no place starts and completes here.
pub const NOWHERE: i64 = i64::MAX >> 2;

/// What the decoder asks of a profile.
pub trait Kernel {
    /// Takes out everything that was placed.
    fn clear(&mut self);

    /// Start and completion of the earliest run of a choice that starts at `from` or later; both [`NOWHERE`] if there is none.
    /// `duration` is the choice's own, pauses apart.
    fn run(&mut self, choice: usize, from: i64, duration: i64) -> (i64, i64);

    /// Places a choice that takes time at a start that was found.
    fn take(&mut self, choice: usize, start: i64);

    /// The least start with which a choice completes at `done` or later; [`NOWHERE`] if it never does.
    fn reaching(&self, _choice: usize, done: i64, duration: i64) -> i64 {
        done.saturating_sub(duration)
    }
}

/// The kernel that a model needs.
#[derive(Debug, Clone)]
pub enum Profile<'m> {
    Narrow(SlotProfile<u32>),
    Wide(SlotProfile<u64>),
    Segments(SegmentProfile),
    Calendars(Box<CalendarProfile<'m>>),
}

impl<'m> Profile<'m> {
    pub fn new(model: &'m Model) -> Self {
        if let Some(situation) = model.calendars {
            return Self::Calendars(Box::new(CalendarProfile::new(model, situation)));
        }
        let layout = WordLayout::new(&model.capacity);
        match (model.horizon(), layout.bits) {
            (..=MOST_SLOTS, ..=32) => Self::Narrow(SlotProfile::new(model, &layout)),
            (..=MOST_SLOTS, ..=64) => Self::Wide(SlotProfile::new(model, &layout)),
            _ => Self::Segments(SegmentProfile::new(model, layout)),
        }
    }
}

/// The moments at which fixed activities change what is free, and the packed levels from each of them on.
fn levels(model: &Model, layout: &WordLayout) -> Vec<(i64, Vec<u64>)> {
    let spans = || (0..model.len()).filter_map(|i| Some((model.first[i] as usize, model.fixed[i]?)));
    let mut moments: Vec<i64> = spans().flat_map(|(_, (start, end))| [start, end]).chain([0]).filter(|&time| time >= 0).collect();
    moments.sort_unstable();
    moments.dedup();
    let level = |now: i64| {
        let running = spans().filter(|&(_, (start, end))| start <= now && now < end);
        let mut held = vec![0; model.capacity.len()];
        running.for_each(|(choice, _)| held.iter_mut().zip(model.demand_of(choice)).for_each(|(held, units)| *held += units));
        held.iter_mut().zip(&model.capacity).for_each(|(held, &capacity)| *held = (*held).min(capacity));
        let mut row = Vec::new();
        layout.pack(&held, 1, &mut row);
        layout.full.iter().zip(&row).map(|(full, held)| full - held).collect()
    };
    moments.into_iter().map(|now| (now, level(now))).collect()
}

/// A level for every slot.
#[derive(Debug, Clone)]
pub struct SlotProfile<W> {
    slots: Slots<W>,
    need: Vec<Need<W>>,
    simd: SlotKernel,
}

impl<W: Word> SlotProfile<W> {
    fn new(model: &Model, layout: &WordLayout) -> Self {
        let horizon = model.horizon().max(1) as usize;
        let full = W::narrow(layout.full[0]);
        let mut level = vec![full; horizon];
        for (from, word) in levels(model, layout) {
            level[(from as usize).min(horizon)..].fill(W::narrow(word[0]));
        }
        let mut row = Vec::new();
        let need: Vec<Need<W>> = (0..model.row.len())
            .map(|choice| {
                row.clear();
                layout.pack(model.demand_of(choice), 1, &mut row);
                let duration = model.duration[choice] as u32;
                Need { demand: W::narrow(row[0]), duration, shifts: run_shifts(duration.max(1)) }
            })
            .collect();
        let longest = need.iter().map(|need| need.duration as usize).max().unwrap_or(0);
        let slots = Slots::new(W::narrow(layout.guard[0]), full, vec![full; horizon], level, longest);
        Self { slots, need, simd: SlotKernel::best() }
    }
}

impl<W: Word> Kernel for SlotProfile<W>
where
    Avx512: Simd<W>,
    Avx2: Simd<W>,
{
    fn clear(&mut self) {
        self.slots.clear();
    }

    #[inline]
    fn run(&mut self, choice: usize, from: i64, duration: i64) -> (i64, i64) {
        if duration == 0 {
            return (from, from);
        }
        let start = on_kernel!(self.simd, simd => self.slots.find(simd, from as usize, self.need[choice])) as i64;
        (start, start + duration)
    }

    #[inline]
    fn take(&mut self, choice: usize, start: i64) {
        on_kernel!(self.simd, simd => self.slots.take(simd, start as usize, self.need[choice]));
    }
}

/// Levels between the moments at which they change.
#[derive(Debug, Clone)]
pub struct SegmentProfile {
    layout: WordLayout,
    demand: Vec<u64>,
    duration: Vec<i64>,
    empty: segments::Profile,
    now: segments::Profile,
    seen: u64,
}

impl SegmentProfile {
    fn new(model: &Model, layout: WordLayout) -> Self {
        let mut demand = Vec::new();
        (0..model.row.len()).for_each(|choice| layout.pack(model.demand_of(choice), 1, &mut demand));
        let mut empty = segments::Profile::default();
        let levels = levels(model, &layout);
        for (k, (_, level)) in levels.iter().enumerate() {
            empty.extend(&layout.full, level, levels.get(k + 1).map_or(i64::MAX, |next| next.0));
        }
        Self { layout, demand, duration: model.duration.clone(), now: empty.clone(), empty, seen: 0 }
    }

    fn slot(&mut self, choice: usize, from: i64) -> Slot {
        let words = self.layout.words();
        let demand = &self.demand[choice * words..(choice + 1) * words];
        let need = segments::Need { demand, duration: self.duration[choice], pausable: false };
        match self.now.find(&self.layout, need, from, &mut self.seen) {
            Found::Slot(slot) => slot,
            Found::Frontier(_) => unreachable!("everything is free for ever in the end"),
        }
    }
}

impl Kernel for SegmentProfile {
    fn clear(&mut self) {
        self.now.copy_from(&self.empty);
    }

    fn run(&mut self, choice: usize, from: i64, duration: i64) -> (i64, i64) {
        if duration == 0 {
            return (from, from);
        }
        let end = self.slot(choice, from).end;
        (end - duration, end)
    }

    fn take(&mut self, choice: usize, start: i64) {
        let slot = self.slot(choice, start);
        let words = self.layout.words();
        let demand = &self.demand[choice * words..(choice + 1) * words];
        let need = segments::Need { demand, duration: self.duration[choice], pausable: false };
        self.now.take(&self.layout, need, slot);
    }
}
