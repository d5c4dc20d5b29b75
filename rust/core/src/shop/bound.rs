//! Lower bounds of the makespan.

mod one_machine;
mod preemptive;

use super::problem::Shop;
use one_machine::one_machine;
use preemptive::{Operation, preemptive};

/// Operations that the tree searches of all machines look at, at most: some milliseconds.
const MOST_STEPS: u64 = 50_000;

/// A bound that no schedule's makespan is below.
///
/// It is the largest of these: for each job its release and its work; for each machine the least makespan of the operations that have no
/// other machine, with what their jobs need before and after them (Carlier 1982); and the work of all operations, spread evenly over all
/// machines. A machine whose tree search would take too long counts with its preemptive bound (Carlier and Pinson 1989).
/// O(N log N), and some milliseconds for all trees.
///
/// ```
/// use schedkit_core::shop::{Shop, ShopData, lower_bound};
/// let data = ShopData { job_start: vec![0, 1, 2], choice_start: vec![0, 1, 2], machine: vec![0, 0], duration: vec![5, 2], ..ShopData::default() };
/// assert_eq!(lower_bound(&Shop::new(ShopData { num_machines: 1, ..data })?), 7);
/// # Ok::<(), schedkit_core::InputError>(())
/// ```
#[must_use]
pub fn lower_bound(shop: &Shop) -> i64 {
    let jobs = (0..shop.num_jobs()).filter(|&j| !shop.operations(j).is_empty());
    let longest = jobs.clone().map(|j| shop.release_time(j) + shop.total_work(j)).max().unwrap_or(0);
    let mut on_machine: Vec<Vec<Operation>> = vec![Vec::new(); shop.num_machines()];
    for op in 0..shop.num_operations() {
        let mut choices = shop.choices(op);
        if choices.len() == 1
            && let Some((machine, duration)) = choices.next()
        {
            let job = shop.job(op);
            let head = shop.release_time(job) + shop.total_work(job) - shop.remaining_work(op);
            on_machine[machine].push((head, duration, shop.remaining_work(op) - duration));
        }
    }
    let busiest = on_machine.iter_mut().map(|operations| preemptive(operations)).max().unwrap_or(0);
    let earliest = jobs.clone().map(|j| shop.release_time(j)).min().unwrap_or(0);
    let work: i64 = jobs.map(|j| shop.total_work(j)).sum();
    let even = earliest + work.unsigned_abs().div_ceil(shop.num_machines().max(1) as u64) as i64;
    let relaxed = longest.max(busiest).max(even);
    let mut steps = MOST_STEPS;
    on_machine.iter().fold(relaxed, |bound, operations| one_machine(operations, bound, &mut steps))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shop::test_shops::classic;

    #[test]
    fn bounds_of_a_published_shop() {
        // ft06: the longest job is 47 (in the data file); the optimum is 55.
        let ft06 = "6 6\n2 1 0 3 1 6 3 7 5 3 4 6\n1 8 2 5 4 10 5 10 0 10 3 4\n2 5 3 4 5 8 0 9 1 1 4 7\n\
            1 5 0 5 2 5 3 3 4 8 5 9\n2 9 1 3 4 5 5 4 0 3 3 1\n1 3 3 3 5 9 0 10 4 4 2 1\n";
        assert!((47..=55).contains(&lower_bound(&classic(ft06))));
    }
}
