//! The lengths of recent answers, from which the lengths of those that still run are drawn.

use std::collections::VecDeque;

use crate::random::Random;

/// The last lengths of answers. It starts half full of entries that stand for the maximum of whichever request is looked at;
/// they leave first.
#[derive(Debug, Clone)]
pub(super) struct AnswerLengths {
    window: usize,
    /// Entries that stand for the maximum.
    unknown: usize,
    recorded: VecDeque<i64>,
    sorted: Vec<i64>,
}

impl AnswerLengths {
    /// The lengths before any answer; the last `window` are kept.
    pub fn new(window: usize) -> Self {
        Self { window, unknown: window / 2, recorded: VecDeque::new(), sorted: Vec::new() }
    }

    /// Records the length of an answer that has ended. O(window).
    pub fn record(&mut self, length: i64) {
        if self.window == 0 {
            return;
        }
        if self.recorded.len() + self.unknown == self.window {
            if self.unknown > 0 {
                self.unknown -= 1;
            } else if let Some(oldest) = self.recorded.pop_front() {
                let place = self.sorted.partition_point(|&length| length < oldest);
                self.sorted.remove(place);
            }
        }
        self.recorded.push_back(length);
        let place = self.sorted.partition_point(|&other| other < length);
        self.sorted.insert(place, length);
    }

    /// Draws the length of an answer of which nothing is known but its maximum: one entry at random, at most the maximum.
    pub fn draw(&self, maximum: i64, random: &mut Random) -> i64 {
        let entries = self.recorded.len() + self.unknown;
        if entries == 0 {
            return maximum;
        }
        let entry = random.below(entries as u64) as usize;
        self.sorted.get(entry).map_or(maximum, |&length| length.min(maximum))
    }

    /// Draws the length of an answer that has `produced` tokens already: a uniform position on the line through `produced`, the
    /// entries above it, in order, and its maximum, if that is larger than all of these; rounded, and at most the maximum.
    /// O(log window).
    pub fn draw_longer(&self, produced: i64, maximum: i64, random: &mut Random) -> i64 {
        let longer = &self.sorted[self.sorted.partition_point(|&length| length <= produced)..];
        // The entries that stand for the maximum come after the recorded ones of at most that length.
        let unknown = if maximum > produced { self.unknown } else { 0 };
        let before = longer.partition_point(|&length| length <= maximum);
        let last =
            if unknown > 0 || longer.last().is_some_and(|&last| last >= maximum) { 0 } else { usize::from(maximum > produced) };
        let points = 1 + longer.len() + unknown + last;
        let at = |place: usize| match place {
            0 => produced,
            _ if place <= before => longer[place - 1],
            _ if place <= before + unknown => maximum,
            _ => longer.get(place - 1 - unknown).copied().unwrap_or(maximum),
        };
        let position = random.unit() * (points - 1) as f64;
        let place = position as usize;
        if place + 1 >= points {
            return at(points - 1).min(maximum);
        }
        let (left, right) = (at(place), at(place + 1));
        let length = left + ((right - left) as f64 * (position - place as f64)).round_ties_even() as i64;
        length.min(maximum)
    }

    /// How many entries stand for the maximum, and the recorded lengths, oldest first.
    pub fn save(&self) -> (usize, Vec<i64>) {
        (self.unknown, self.recorded.iter().copied().collect())
    }

    /// The lengths that were saved.
    pub fn restore(window: usize, unknown: usize, recorded: Vec<i64>) -> Self {
        let mut sorted = recorded.clone();
        sorted.sort_unstable();
        Self { window, unknown, recorded: recorded.into(), sorted }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The points of a request, by the rule.
    fn points(lengths: &AnswerLengths, produced: i64, maximum: i64) -> Vec<i64> {
        let (unknown, mut entries) = lengths.save();
        entries.extend(std::iter::repeat_n(maximum, unknown));
        entries.retain(|&length| length > produced);
        entries.sort_unstable();
        let mut points = vec![produced];
        points.extend(entries);
        if maximum > points[points.len() - 1] {
            points.push(maximum);
        }
        points
    }

    #[test]
    fn draws_lie_between_neighbours_of_the_drawn_position() {
        let mut random = Random::new(5);
        for _ in 0..5000 {
            let mut lengths = AnswerLengths::new(random.below(9) as usize);
            for _ in 0..random.below(14) {
                lengths.record(random.between(1, 30));
            }
            let (produced, maximum) = (random.between(0, 30), random.between(0, 35));
            let points = points(&lengths, produced, maximum.max(produced));
            let mut copy = random.clone();
            let drawn = lengths.draw_longer(produced, maximum.max(produced), &mut random);
            let position = copy.unit() * (points.len() - 1) as f64;
            let (left, right) = (points[position.floor() as usize], points[position.ceil() as usize]);
            let exact = (left as f64 + (right - left) as f64 * position.fract()).min(maximum.max(produced) as f64);
            assert!((drawn as f64 - exact).abs() <= 0.5, "{points:?} at {position}: {drawn}");
        }
    }

    #[test]
    fn entries_that_stand_for_the_maximum_leave_first() {
        let mut lengths = AnswerLengths::new(4);
        for length in [7, 5, 6, 8, 9] {
            lengths.record(length);
        }
        assert_eq!(lengths.save(), (0, vec![5, 6, 8, 9]));
        assert_eq!(lengths.sorted, [5, 6, 8, 9]);
    }
}
