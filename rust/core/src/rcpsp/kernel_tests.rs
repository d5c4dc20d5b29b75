//! All kernels make the same schedules: those of plain projects are the oracle of those on timelines, and segments that of slots.

use super::constrained::{Situation, Windows};
use super::critical_path::time_analysis;
use super::parallel::ParallelScheme;
use super::{Calendar, Decoder, Direction, Lister, Past, Project, ProjectData, Relation};
use crate::random::Random;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// A project with precedence and constant capacities.
pub(super) fn plain(random: &mut Random) -> ProjectData {
    let (n, width) = (random.between(1, 40) as usize, random.between(0, 3) as usize);
    let (unit, longest) = (random.between(1, 4), random.between(0, 9));
    let capacity: Vec<i64> = (0..width).map(|_| random.between(1, 300)).collect();
    let ends =
        |j: u64, random: &mut Random| (0..random.below(4)).map(|_| (random.below(j) as u32, j as u32)).collect::<BTreeSet<_>>();
    ProjectData {
        duration: (0..n).map(|_| unit * random.between(0, longest)).collect(),
        demand: (0..n).flat_map(|_| capacity.iter().map(|&c| random.between(0, c)).collect::<Vec<_>>()).collect(),
        precedence: (1..n as u64).flat_map(|j| ends(j, random)).collect(),
        capacity,
        ..ProjectData::default()
    }
}

/// The same with lags, calendars, pauses and releases; every second one with relations and leads.
fn bounded(random: &mut Random) -> ProjectData {
    let data = plain(random);
    let overlapping = random.below(2) == 0;
    let relation = |random: &mut Random| if overlapping { Relation::ALL[random.below(4) as usize] } else { Relation::default() };
    let calendar = |random: &mut Random, capacity: i64| {
        let (open, period) = (random.between(10, 40), random.between(41, 60));
        Calendar::new(vec![0, open], vec![capacity, random.between(0, capacity)], Some(period)).expect("valid")
    };
    let calendars = data.capacity.iter().enumerate().map(|(r, &capacity)| (r as u32, calendar(random, capacity))).collect();
    ProjectData {
        relation: data.precedence.iter().map(|_| relation(random)).collect(),
        lag: data.precedence.iter().map(|_| random.between(if overlapping { -5 } else { 0 }, 5)).collect(),
        release_time: data.duration.iter().map(|_| random.between(0, 20)).collect(),
        pausable: data.duration.iter().map(|_| random.below(2) == 0).collect(),
        calendars,
        ..data
    }
}

/// The windows of a project without deadlines, if every activity can run.
fn windows(situation: &Situation) -> Option<Windows> {
    Windows::forward(situation, &mut |_| false).ok()
}

pub(super) fn list(project: &Project, random: &mut Random) -> Vec<u32> {
    let priority: Vec<i64> = project.duration().iter().map(|_| random.below(1000) as i64).collect();
    Lister::new(project).list(&priority).to_vec()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn plain_projects_are_scheduled_alike_on_timelines(seed in any::<u64>()) {
        let random = &mut Random::new(seed);
        let project = Project::new(plain(random)).expect("valid");
        let (n, situation) = (project.num_activities(), Situation::new(&project, &Past::default()));
        let windows = windows(&situation).expect("nothing bounds it");
        let (mut decoder, mut timeline) = (Decoder::new(&project), Decoder::on_timeline(&situation, &windows));
        for round in 0..3 {
            if round == 1 {
                timeline.speed_up(time_analysis(&project).length);
            }
            let list = list(&project, random);
            let makespan = decoder.decode(&list, Direction::Forward);
            let expected = decoder.schedule(Direction::Forward, 0);
            prop_assert_eq!(timeline.decode_until(&list, Direction::Forward, i64::MAX, &[], &mut |_| false).makespan, makespan);
            prop_assert_eq!(timeline.schedule(Direction::Forward, 0), expected.clone());
            let (mut scratch, mut sorted, mut also) = (Vec::new(), list.clone(), list.clone());
            decoder.sort_by_completion(&mut sorted, &mut scratch);
            timeline.sort_by_completion(&mut also, &mut scratch);
            prop_assert_eq!(sorted, also);
            let mut lister = Lister::new(&project);
            let backward = lister.list_backward(&expected.completion_time);
            let length = decoder.decode(backward, Direction::Backward);
            let (mut starts, mut shifted) = (vec![0; n], vec![0; n]);
            decoder.starts(Direction::Backward, makespan, &mut starts);
            prop_assert!(length <= makespan && timeline.shift_right(backward, makespan, &mut shifted, &mut |_| false).is_ok());
            prop_assert_eq!(starts, shifted);
            let mut moments = ParallelScheme::new(&project);
            let mut on_timeline = ParallelScheme::on_timeline(&situation, &windows);
            prop_assert_eq!(moments.schedule(list.clone(), &mut |_| false), on_timeline.schedule(list, &mut |_| false));
        }
    }

    #[test]
    fn segments_and_slots_make_the_same_passes(seed in any::<u64>()) {
        let random = &mut Random::new(seed);
        let project = Project::new(bounded(random)).expect("valid");
        let situation = Situation::new(&project, &Past::default());
        let Some(windows) = windows(&situation) else { return Ok(()) };
        let (mut segments, mut slots) = (Decoder::on_timeline(&situation, &windows), Decoder::on_timeline(&situation, &windows));
        let longest = windows.length() + 10 * project.horizon();
        slots.speed_up(longest);
        for _ in 0..3 {
            let list = list(&project, random);
            let [first, second] = [&mut segments, &mut slots].map(|decoder| {
                let decoded = decoder.decode_until(&list, Direction::Forward, i64::MAX, &[], &mut |_| false);
                (decoded.makespan < i64::MAX).then(|| decoder.schedule(Direction::Forward, 0))
            });
            prop_assert_eq!(&first, &second);
            let Some(schedule) = first.filter(|schedule| schedule.makespan <= longest) else { continue };
            let mut lister = Lister::new(&project);
            let backward = lister.list_backward(&schedule.completion_time).to_vec();
            // A child of this schedule: no longer, or given up by both.
            let [first, second] = [&mut segments, &mut slots].map(|decoder| {
                let decoded = decoder.decode_until(&backward, Direction::Backward, schedule.makespan, &[], &mut |_| false);
                (decoded.makespan < i64::MAX).then(|| decoder.schedule(Direction::Backward, 0))
            });
            prop_assert_eq!(&first, &second);
            if situation.is_overlapping {
                continue; // the order of the completions need not lead back to the schedule
            }
            let shifted = first.expect("the order of a schedule leads to one that is not longer");
            prop_assert!(shifted.makespan <= schedule.makespan);
            prop_assert!(shifted.start_time.iter().zip(&schedule.start_time).all(|(shifted, start)| shifted >= start));
        }
    }
}
