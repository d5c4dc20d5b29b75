//! A short profile: one sorted list of rows.

use super::events::Profile;
use crate::word_layout::WordLayout;

/// From `time[k]` up to `time[k + 1]` (for ever, for the last one) level `k` remains.
#[derive(Debug, Clone, Default)]
pub(super) struct Flat {
    time: Vec<i64>,
    level: Vec<u64>,
}

impl Profile for Flat {
    fn clear(&mut self, lanes: &WordLayout) {
        self.time.clear();
        self.time.push(0);
        self.level.clear();
        self.level.extend_from_slice(&lanes.full);
    }

    #[inline(always)]
    fn place(&mut self, lanes: &WordLayout, demand: &[u64], from: i64, duration: i64, words: usize) -> i64 {
        let Self { time, level } = self;
        let (mut start, mut first) = (from, time.partition_point(|&t| t <= from) - 1);
        let mut last = first;
        loop {
            if lanes.fits(&level[last * words..(last + 1) * words], demand) {
                if time.get(last + 1).is_none_or(|&next| next >= start + duration) {
                    break;
                }
                last += 1;
            } else {
                last += 1; // the last level is full, so there is a next one
                (start, first) = (time[last], last);
            }
        }
        let end = start + duration;
        if time.get(last + 1) != Some(&end) {
            time.insert(last + 1, end);
            repeat(level, last, words);
        }
        if time[first] < start {
            time.insert(first + 1, start);
            repeat(level, first, words);
            first += 1;
            last += 1;
        }
        for row in level[first * words..(last + 1) * words].chunks_exact_mut(words) {
            for (level, demand) in row.iter_mut().zip(demand) {
                *level -= demand; // it fits, so no lane borrows
            }
        }
        start
    }
}

/// Inserts a copy of level `k` behind it.
#[inline(always)]
fn repeat(level: &mut Vec<u64>, k: usize, words: usize) {
    if words == 1 {
        level.insert(k + 1, level[k]);
    } else {
        let end = level.len();
        level.extend_from_within(end - words..);
        level.copy_within(k * words..end - words, (k + 1) * words);
    }
}
