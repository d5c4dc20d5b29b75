//! A long profile: rows in chunks, so that it is entered, changed and skipped at the cost of a short one.

use super::events::Profile;
use crate::word_layout::WordLayout;

/// Rows in a chunk: few enough that a chunk is often skipped as a whole.
const CHUNK: usize = 16;

/// From its time up to the next row's (for ever, for the last one) a row's level remains.
#[derive(Debug, Clone, Default)]
pub(super) struct Chunked {
    /// Words of a level.
    words: usize,
    /// In the order of time.
    chunks: Vec<Chunk>,
    /// Row `k` of the chunk in slot `s` stands at `s * CHUNK + k`.
    time: Vec<i64>,
    level: Vec<u64>,
    /// For each slot, what no row of its chunk exceeds. Levels only sink while a schedule grows, so it never has to rise.
    bound: Vec<u64>,
}

/// Where a run of rows is kept.
#[derive(Debug, Clone, Copy)]
struct Chunk {
    begin: i64,
    slot: u32,
    len: u32,
}

/// A row: which chunk, which of its rows.
#[derive(Debug, Clone, Copy)]
struct Row {
    chunk: usize,
    row: usize,
}

impl Profile for Chunked {
    fn clear(&mut self, lanes: &WordLayout) {
        self.words = lanes.words();
        self.chunks.clear();
        self.time.clear();
        self.level.clear();
        self.bound.clear();
        self.add_chunk(0, 0);
        self.level[..lanes.words()].copy_from_slice(&lanes.full);
        self.bound.copy_from_slice(&lanes.full);
    }

    #[inline(always)]
    fn place(&mut self, lanes: &WordLayout, demand: &[u64], from: i64, duration: i64, words: usize) -> i64 {
        let (start, mut first, mut last) = self.first_fit(lanes, demand, from, duration, words);
        self.split_if_full(last.chunk, &mut [&mut first, &mut last]);
        if self.time_after(last) != Some(start + duration) {
            self.repeat(last, start + duration, words);
        }
        self.split_if_full(first.chunk, &mut [&mut first, &mut last]);
        if self.time_of(first) < start {
            self.repeat(first, start, words);
            last.row += usize::from(first.chunk == last.chunk);
            first.row += 1;
        }
        for (k, chunk) in (first.chunk..).zip(&self.chunks[first.chunk..=last.chunk]) {
            let begin = if k == first.chunk { first.row } else { 0 };
            let end = if k == last.chunk { last.row + 1 } else { chunk.len as usize };
            let base = chunk.slot as usize * CHUNK;
            for row in self.level[(base + begin) * words..(base + end) * words].chunks_exact_mut(words) {
                for (level, demand) in row.iter_mut().zip(demand) {
                    *level -= demand; // it fits, so no lane borrows
                }
            }
        }
        start
    }
}

impl Chunked {
    /// The earliest start at or after `from`, and the first and the last row that the activity then covers.
    #[inline(always)]
    fn first_fit(&mut self, lanes: &WordLayout, demand: &[u64], from: i64, duration: i64, words: usize) -> (i64, Row, Row) {
        let Self { chunks, time, level, bound, .. } = self;
        let rows = |chunk: Chunk| chunk.slot as usize * CHUNK..chunk.slot as usize * CHUNK + chunk.len as usize;
        let level_of = |row: usize| &level[row * words..(row + 1) * words];
        let mut c = chunks.partition_point(|chunk| chunk.begin <= from) - 1;
        let mut range = rows(chunks[c]);
        let mut k = range.start + time[range.clone()].partition_point(|&t| t <= from) - 1;
        let mut start = from;
        // The last row of all is free, so every search ends there.
        loop {
            let slot = chunks[c].slot as usize;
            let bound = &mut bound[slot * words..(slot + 1) * words];
            let whole = k == range.start;
            if lanes.fits(bound, demand) {
                while k < range.end && !lanes.fits(level_of(k), demand) {
                    k += 1;
                }
                if whole && k == range.end {
                    lanes.tighten(bound, &level[range.start * words..range.end * words], demand);
                }
            } else {
                k = range.end;
            }
            if k == range.end {
                c += 1;
                range = rows(chunks[c]);
                (k, start) = (range.start, chunks[c].begin);
                continue;
            }
            start = start.max(time[k]);
            let first = Row { chunk: c, row: k - range.start };
            loop {
                k += 1;
                while k < range.end && time[k] < start + duration && lanes.fits(level_of(k), demand) {
                    k += 1;
                }
                let last = Row { chunk: c, row: k - 1 - range.start };
                if k < range.end {
                    if time[k] >= start + duration {
                        return (start, first, last);
                    }
                    break; // too short: on behind the row that does not fit
                }
                if c + 1 == chunks.len() || chunks[c + 1].begin >= start + duration {
                    return (start, first, last);
                }
                c += 1;
                range = rows(chunks[c]);
                k = range.start;
                if !lanes.fits(level_of(k), demand) {
                    break;
                }
            }
        }
    }

    fn time_of(&self, row: Row) -> i64 {
        self.time[self.chunks[row.chunk].slot as usize * CHUNK + row.row]
    }

    fn time_after(&self, row: Row) -> Option<i64> {
        if row.row + 1 < self.chunks[row.chunk].len as usize {
            return Some(self.time_of(Row { row: row.row + 1, ..row }));
        }
        self.chunks.get(row.chunk + 1).map(|chunk| chunk.begin)
    }

    /// Inserts a copy of a row behind it; its chunk must have room.
    #[inline(always)]
    fn repeat(&mut self, row: Row, time: i64, words: usize) {
        let chunk = &mut self.chunks[row.chunk];
        let base = chunk.slot as usize * CHUNK;
        let (at, end) = (base + row.row, base + chunk.len as usize);
        self.time.copy_within(at + 1..end, at + 2);
        self.time[at + 1] = time;
        self.level.copy_within(at * words..end * words, (at + 1) * words);
        chunk.len += 1;
    }

    /// Splits a full chunk in two, and moves `rows` along.
    #[inline(always)]
    fn split_if_full(&mut self, chunk: usize, rows: &mut [&mut Row; 2]) {
        if self.chunks[chunk].len as usize == CHUNK {
            self.split(chunk);
            for row in rows {
                if row.chunk > chunk || row.chunk == chunk && row.row >= CHUNK / 2 {
                    row.row -= if row.chunk == chunk { CHUNK / 2 } else { 0 };
                    row.chunk += 1;
                }
            }
        }
    }

    #[cold]
    fn split(&mut self, chunk: usize) {
        let (words, old) = (self.words, self.chunks[chunk].slot as usize);
        let begin = self.time[old * CHUNK + CHUNK / 2];
        let new = self.add_chunk(chunk + 1, begin);
        let half = old * CHUNK + CHUNK / 2..(old + 1) * CHUNK;
        self.time.copy_within(half.clone(), new * CHUNK);
        self.level.copy_within(half.start * words..half.end * words, new * CHUNK * words);
        self.bound.copy_within(old * words..(old + 1) * words, new * words);
        self.chunks[chunk].len = CHUNK as u32 / 2;
        self.chunks[chunk + 1].len = CHUNK as u32 / 2;
    }

    /// Makes the `k`-th chunk, with one row; returns its slot.
    fn add_chunk(&mut self, k: usize, begin: i64) -> usize {
        let (slot, words) = (self.chunks.len(), self.words);
        self.chunks.insert(k, Chunk { begin, slot: slot as u32, len: 1 });
        self.time.resize((slot + 1) * CHUNK, begin);
        self.level.resize((slot + 1) * CHUNK * words, 0);
        self.bound.resize((slot + 1) * words, 0);
        slot
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;
    use crate::rcpsp::flat::Flat;
    use crate::rcpsp::{Project, ProjectData};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        #[test]
        fn every_start_equals_the_flat_profiles(seed in any::<u64>(), capacity in prop::collection::vec(1_i64..40, 1..30), lag in 1_u64..400) {
            let data = ProjectData { capacity: capacity.clone(), ..ProjectData::default() };
            let lanes = WordLayout::new(Project::new(data).expect("valid").capacity());
            let (mut chunked, mut flat) = (Chunked::default(), Flat::default());
            for round in 0..2 { // the second time on a used profile
                let mut random = Random::stream(seed, round);
                chunked.clear(&lanes);
                flat.clear(&lanes);
                let mut frontier = 0;
                for _ in 0..600 {
                    let need: Vec<i64> = capacity.iter().map(|&c| if random.below(3) == 0 { random.between(0, c) } else { 0 }).collect();
                    let (from, duration) = ((frontier - random.below(lag) as i64).max(0), random.between(1, 60));
                    let mut demand = Vec::new();
                    lanes.pack(&need, duration, &mut demand);
                    let start = chunked.place(&lanes, &demand, from, duration, lanes.words());
                    prop_assert_eq!(start, flat.place(&lanes, &demand, from, duration, lanes.words()));
                    frontier = start + duration;
                }
            }
        }
    }
}
