//! The most promising positions of the longest job: those where the modified due date rule does best with both parts.
//!
//! A search that tries only these is a heuristic. What it tries depends on nothing but the set of jobs and the time, so its answers are
//! remembered like exact ones.

use super::list::{Item, Table};

/// Most positions that are tried.
const WIDEST: usize = 2;

/// Lists up to so many jobs are searched as a whole, and up to so many at [`WIDEST`] positions.
const WHOLE: usize = 60;
const WIDE: usize = 100;

/// Positions that may be tried, on the stack.
#[derive(Debug, Clone, Copy)]
pub(super) enum Places {
    All,
    Some([u32; WIDEST]),
}

impl Places {
    #[inline]
    pub(super) fn contains(&self, place: usize) -> bool {
        match self {
            Self::All => true,
            Self::Some(places) => places.contains(&(place as u32)),
        }
    }
}

/// Chooses positions. The set of late jobs is empty between calls.
#[derive(Debug)]
pub(super) struct Promising {
    late: Vec<u64>,
}

impl Promising {
    pub(super) fn new(jobs: usize) -> Self {
        Self { late: vec![0; jobs.div_ceil(64)] }
    }

    /// Positions to try for the job at `longest` in the list from `start` on, which starts at `clock`; of equals the first ones.
    pub(super) fn choose(&mut self, table: &Table, items: &[Item], start: usize, longest: usize, clock: i64) -> Places {
        let size = items.len() - start;
        if size <= WHOLE {
            return Places::All;
        }
        let own = items[longest].job;
        let mut best = [(i64::MAX, u32::MAX); WIDEST];
        let width = if size <= WIDE { WIDEST } else { 1 };
        let p = |item: &Item| table.processing_time[item.job as usize];
        let mut completion = clock + items[start..longest].iter().map(p).sum::<i64>();
        let mut blocked = i64::MIN;
        for place in longest..items.len() {
            let item = &items[place];
            completion += p(item);
            if place > longest {
                blocked = blocked.max(item.due + p(item));
            }
            // The conditions of the search itself.
            if blocked > completion || items.get(place + 1).is_some_and(|next| completion >= next.due) {
                continue;
            }
            let worst = best[width - 1].0;
            let front = items[start..longest].iter().chain(&items[longest + 1..=place]);
            let mut cost = table.tardiness(own, completion) + self.modified_due_date(table, front, clock);
            if cost < worst {
                cost += self.modified_due_date(table, items[place + 1..].iter(), completion);
            }
            if cost < worst {
                let rank = best.partition_point(|&(other, _)| other <= cost);
                best[rank..width].rotate_right(1);
                best[rank] = (cost, place as u32);
            }
        }
        Places::Some(best.map(|(_, place)| place))
    }

    /// What the modified due date rule makes of jobs in order of due dates, from `clock` on.
    fn modified_due_date<'a>(&mut self, table: &Table, jobs: impl Iterator<Item = &'a Item>, mut clock: i64) -> i64 {
        let mut jobs = jobs.peekable();
        let (mut cost, mut count, mut low) = (0, 0_usize, usize::MAX);
        loop {
            // Only the earliest due date matters: a later one cannot win before it is late.
            while let Some(item) = jobs.next_if(|item| item.due <= clock + table.processing_time[item.job as usize]) {
                self.late[item.job as usize / 64] |= 1 << (item.job % 64);
                low = low.min(item.job as usize / 64);
                count += 1;
            }
            let shortest = (count > 0).then(|| {
                while self.late[low] == 0 {
                    low += 1;
                }
                low as u32 * 64 + self.late[low].trailing_zeros()
            });
            let wins = |job: u32, item: &Item| clock + table.processing_time[job as usize] <= item.due;
            let job = match (shortest, jobs.peek()) {
                (None, None) => return cost,
                (Some(job), item) if item.is_none_or(|item| wins(job, item)) => {
                    self.late[low] &= self.late[low] - 1;
                    count -= 1;
                    job
                }
                _ => jobs.next().expect("a job is not late yet").job,
            };
            clock += table.processing_time[job as usize];
            cost += table.tardiness(job, clock);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::list::Lists;
    use super::*;
    use crate::random::Random;
    use crate::tardiness::{Jobs, Weights};

    fn jobs(random: &mut Random, n: usize) -> (Vec<i64>, Vec<i64>) {
        let p: Vec<i64> = (0..n).map(|_| random.between(0, 30)).collect();
        let total: i64 = p.iter().sum();
        let d = p.iter().map(|_| random.between(total / 3, total * 2 / 3)).collect();
        (p, d)
    }

    /// The rule by its definition. Of equal modified due dates one that is later than the due date goes first, then the lower number.
    fn definition(table: &Table, items: &[Item]) -> i64 {
        let (mut line, mut clock, mut cost) = (items.to_vec(), 0, 0);
        while !line.is_empty() {
            let time = |item: &Item| table.processing_time[item.job as usize];
            let modified = |item: &Item| item.due.max(clock + time(item));
            let key = |item: &Item| (modified(item), item.due == modified(item), item.job);
            let next = (0..line.len()).min_by_key(|&k| key(&line[k])).unwrap();
            let item = line.remove(next);
            clock += time(&item);
            cost += table.tardiness(item.job, clock);
        }
        cost
    }

    #[test]
    fn its_modified_due_date_rule_is_the_rule() {
        let mut random = Random::new(41);
        for _ in 0..500 {
            let n = 1 + random.below(90) as usize;
            let (p, d) = jobs(&mut random, n);
            let table = Table::new(&Jobs::new(&p, &d, Weights::Unit).unwrap());
            let mut lists = Lists::new(&table);
            lists.push_everything();
            let mut promising = Promising::new(n);
            let cost = promising.modified_due_date(&table, lists.items.iter(), 0);
            assert_eq!(cost, definition(&table, &lists.items), "{p:?} {d:?}");
            assert!(promising.late.iter().all(|&word| word == 0));
        }
    }

    #[test]
    fn chosen_positions_are_the_cheapest_that_the_conditions_leave() {
        let mut random = Random::new(42);
        for n in [WHOLE, WHOLE + 1, WIDE, WIDE + 1, 150] {
            for _ in 0..20 {
                let (p, d) = jobs(&mut random, n);
                let table = Table::new(&Jobs::new(&p, &d, Weights::Unit).unwrap());
                let mut lists = Lists::new(&table);
                lists.push_everything();
                let items = lists.items;
                let longest = items.iter().position(|item| item.job as usize == n - 1).unwrap();
                let mut promising = Promising::new(n);
                let chosen = promising.choose(&table, &items, 0, longest, 0);
                let Places::Some(chosen) = chosen else {
                    assert!(n <= WHOLE);
                    continue;
                };
                let time = |item: &Item| table.processing_time[item.job as usize];
                let mut costs = Vec::new();
                for place in longest..n {
                    let completion = items[..=place].iter().map(time).sum::<i64>();
                    let blocked = items[longest + 1..=place].iter().any(|item| item.due + time(item) > completion);
                    if blocked || items.get(place + 1).is_some_and(|next| completion >= next.due) {
                        continue;
                    }
                    let front: Vec<Item> = (0..=place).filter(|&k| k != longest).map(|k| items[k]).collect();
                    let cost = promising.modified_due_date(&table, front.iter(), 0)
                        + promising.modified_due_date(&table, items[place + 1..].iter(), completion)
                        + table.tardiness(items[longest].job, completion);
                    costs.push((cost, place as u32));
                }
                costs.sort_unstable();
                let width = if n <= WIDE { WIDEST } else { 1 };
                let expected: Vec<u32> = costs.iter().take(width).map(|&(_, place)| place).collect();
                assert_eq!(chosen[..expected.len()], expected, "{p:?} {d:?}");
            }
        }
    }
}
