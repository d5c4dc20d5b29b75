use super::*;
use crate::control::Stop;
use crate::random::Random;

fn solve(buffers: &Buffers, nodes: u64) -> OffsetSolution {
    let limits = Limits { budget: Some(nodes), ..Limits::default() };
    offsets(buffers, None, &limits, 0, &mut Watch::new(&Stop::new(&limits))).unwrap()
}

fn is_valid(buffers: &Buffers, offset: &[i64]) -> bool {
    let n = buffers.len();
    let apart = |i: usize, j: usize| offset[i] + buffers.size[i] <= offset[j] || offset[j] + buffers.size[j] <= offset[i];
    (0..n).all(|i| {
        let placed = buffers.fixed[i].map_or(offset[i] % buffers.alignment == 0, |given| given == offset[i]);
        placed && offset[i] >= 0 && (0..i).all(|j| !buffers.overlap(i, j) || apart(i, j))
    })
}

/// The least peak by trying all offsets.
fn least_peak(buffers: &Buffers, most: i64) -> Option<i64> {
    fn fits(buffers: &Buffers, offset: &mut Vec<i64>, peak: i64) -> bool {
        let i = offset.len();
        if i == buffers.len() {
            return true;
        }
        let places = match buffers.fixed[i] {
            Some(given) => vec![given],
            None => (0..=peak).step_by(buffers.alignment as usize).collect(),
        };
        for place in places {
            let top = place + buffers.size[i];
            let free = (0..i).all(|j| !buffers.overlap(i, j) || top <= offset[j] || offset[j] + buffers.size[j] <= place);
            if top <= peak && free {
                offset.push(place);
                if fits(buffers, offset, peak) {
                    return true;
                }
                offset.pop();
            }
        }
        false
    }
    (0..=most).find(|&peak| fits(buffers, &mut Vec::new(), peak))
}

fn drawn(random: &mut Random, capacity: Option<i64>) -> Buffers {
    let n = random.between(1, 6) as usize;
    let (mut start, mut end, mut size) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..n {
        let begin = random.between(0, 5);
        start.push(begin);
        end.push(begin + random.between(1, 4));
        size.push(random.between(1, 5));
    }
    let alignment = if random.below(3) == 0 { 2 } else { 1 };
    let fixed = if random.below(3) == 0 { vec![(0, random.between(0, 6))] } else { Vec::new() };
    Buffers::new(start, end, size, alignment, capacity, &fixed).unwrap()
}

#[test]
fn small_problems_are_solved_to_the_least_peak() {
    let mut random = Random::new(5);
    for _ in 0..400 {
        let buffers = drawn(&mut random, None);
        let found = solve(&buffers, 200_000);
        let offset = found.offset.unwrap();
        assert!(is_valid(&buffers, &offset), "{buffers:?} {offset:?}");
        assert_eq!(found.status, Status::Optimal, "{buffers:?}");
        assert_eq!(found.peak, least_peak(&buffers, 60), "{buffers:?}");
    }
}

#[test]
fn what_does_not_fit_has_an_irreducible_conflict() {
    let mut random = Random::new(6);
    let mut refuted = 0;
    for _ in 0..400 {
        let capacity = random.between(4, 12);
        let buffers = drawn(&mut random, Some(capacity));
        let found = solve(&buffers, 200_000);
        if least_peak(&buffers, capacity).is_some() {
            assert!(is_valid(&buffers, &found.offset.unwrap()) && found.peak.unwrap() <= capacity);
            continue;
        }
        refuted += 1;
        assert_eq!(found.status, Status::Infeasible);
        let conflict = found.conflict.unwrap();
        assert_eq!(least_peak(&buffers.subset(&conflict), capacity), None);
        for k in 0..conflict.len() {
            let mut rest = conflict.clone();
            rest.remove(k);
            assert!(least_peak(&buffers.subset(&rest), capacity).is_some(), "{buffers:?} {conflict:?}");
        }
    }
    assert!(refuted > 50);
}

#[test]
fn equal_seeds_give_equal_answers_and_nothing_is_legal() {
    let mut random = Random::new(7);
    let start: Vec<i64> = (0..60).map(|_| random.between(0, 40)).collect();
    let end: Vec<i64> = start.iter().map(|&start| start + random.between(1, 30)).collect();
    let size: Vec<i64> = (0..60).map(|_| random.between(1, 1000)).collect();
    let buffers = Buffers::new(start, end, size, 1, None, &[]).unwrap();
    assert_eq!(solve(&buffers, 5000), solve(&buffers, 5000));
    let nothing = solve(&Buffers::new(vec![], vec![], vec![], 1, Some(0), &[]).unwrap(), 10);
    assert_eq!((nothing.status, nothing.peak, nothing.lower_bound), (Status::Optimal, Some(0), 0));
}

/// The lowest aligned offset for a buffer, by trying all offsets at which another one may end.
fn lowest_by_trying(buffers: &Buffers, offset: &[Option<i64>], i: usize) -> i64 {
    let overlaps = |&j: &usize| offset[j].is_some() && buffers.overlap(i, j);
    let others: Vec<(i64, i64)> =
        (0..buffers.len()).filter(overlaps).filter_map(|j| offset[j].map(|low| (low, low + buffers.size[j]))).collect();
    let mut places: Vec<i64> = others.iter().map(|&(_, top)| buffers.aligned(top)).chain([0]).collect();
    places.sort_unstable();
    let free = |place: i64| others.iter().all(|&(low, top)| place + buffers.size[i] <= low || top <= place);
    places.into_iter().find(|&place| free(place)).unwrap()
}

#[test]
fn stretches_of_time_give_the_places_of_plain_first_fit() {
    let mut random = Random::new(8);
    for k in 0..12 {
        let n = 60 * k;
        let start: Vec<i64> = (0..n).map(|_| random.between(0, 400)).collect();
        let mut lasts = |_: &i64| if random.below(8) == 0 { random.between(1, 300) } else { random.between(1, 10) };
        let end: Vec<i64> = start.iter().map(|start| start + lasts(start)).collect();
        let size = (0..n).map(|_| random.between(1, 50)).collect();
        let buffers = Buffers::new(start.clone(), end, size, random.between(1, 4), None, &[]).unwrap();
        let mut space = first_fit::Space::new(&buffers);
        let mut offset = vec![None; n as usize];
        for i in 0..n as usize {
            let place = lowest_by_trying(&buffers, &offset, i);
            assert_eq!(space.lowest(&buffers, i).0, place);
            space.insert(&buffers, i, place);
            offset[i] = Some(place);
        }
        let offset: Vec<i64> = offset.into_iter().flatten().collect();
        assert!(is_valid(&buffers, &offset));
    }
}

#[test]
fn what_cannot_fit_is_infeasible_with_alignment_and_fixed_buffers() {
    // Four units at 0 leave the other buffer the offset 6, and one unit at 0 leaves it the offset 3: the peak is 7.
    let buffers = Buffers::new(vec![3, 1, 0], vec![6, 3, 2], vec![1, 1, 4], 3, Some(5), &[(0, 2)]).unwrap();
    for nodes in [0, 1000] {
        let found = solve(&buffers, nodes);
        assert_eq!((found.status, found.lower_bound), (Status::Infeasible, 7));
        assert_eq!(found.conflict, Some(vec![1, 2]));
    }
    let mut random = Random::new(10);
    let mut refused = 0;
    for _ in 0..400 {
        let mut buffers = drawn(&mut random, None);
        (buffers.alignment, buffers.capacity) = (random.between(1, 4), Some(random.between(3, 9)));
        let least = least_peak(&buffers, 40);
        let fits =
            |members: &[usize]| least_peak(&buffers.subset(members), 40).is_some_and(|peak| Some(peak) <= buffers.capacity);
        let found = solve(&buffers, 1 << 20);
        assert_eq!(found.status == Status::Infeasible, least > buffers.capacity, "{buffers:?} {found:?}");
        if let Some(conflict) = found.conflict {
            refused += 1;
            assert!(!fits(&conflict), "{buffers:?} {conflict:?}");
            for k in 0..conflict.len() {
                assert!(fits(&[&conflict[..k], &conflict[k + 1..]].concat()), "{buffers:?} {conflict:?}");
            }
        }
    }
    assert!(refused > 50);
}

#[test]
fn a_thousand_buffers_at_once_need_little_stack() {
    // The bound knows nothing of the alignment beside a fixed buffer, so that the tree searches begin.
    let n = 1000;
    let size = (0..n).map(|i| 1 + i % 3).collect();
    let buffers = Buffers::new(vec![0; n as usize], (0..n).map(|i| 10 + i).collect(), size, 4, None, &[(0, 0)]).unwrap();
    let search = move || (solve(&buffers, 5_000), buffers);
    let (found, buffers) = std::thread::Builder::new().stack_size(128 << 10).spawn(search).unwrap().join().unwrap();
    assert!(found.num_nodes >= 5_000 && is_valid(&buffers, &found.offset.unwrap()));
}
