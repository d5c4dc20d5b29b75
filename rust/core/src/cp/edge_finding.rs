//! Sets of intervals of which no two may overlap, and what follows from their windows: edge finding (Carlier and Pinson 1989).

use super::trail::{Conflict, Literal, Reason, Trail};

/// Maximal sets of intervals that exclude each other; each is grown from one interval that no earlier set holds, the longest first.
/// Intervals of length 0 are in no set.
pub fn cliques(length: &[i32], exclusive: impl Fn(usize, usize) -> bool) -> Vec<Vec<u32>> {
    let mut order: Vec<usize> = (0..length.len()).filter(|&i| length[i] > 0).collect();
    order.sort_by_key(|&i| std::cmp::Reverse(length[i]));
    let mut held = vec![false; length.len()];
    let mut cliques = Vec::new();
    for &seed in &order {
        if held[seed] {
            continue;
        }
        let mut clique = vec![seed as u32];
        // Those that no set holds yet first, so that the sets differ.
        for pass in [false, true] {
            for &i in &order {
                if held[i] == pass && i != seed && clique.iter().all(|&j| exclusive(i, j as usize)) {
                    clique.push(i as u32);
                }
            }
        }
        for &i in &clique {
            held[i as usize] = true;
        }
        if clique.len() > 2 {
            cliques.push(clique);
        }
    }
    cliques
}

/// Edge finding in both directions of time on one clique; an overloaded subset is a conflict. O(m^3).
///
/// No reasons are kept, so this serves assumptions whose refutation needs no explanation.
pub fn edge_finding(length: impl Fn(usize) -> i32, clique: &[u32], trail: &mut Trail) -> Result<(), Conflict> {
    // Half 0: heads push starts up; half 1: the same in the mirror.
    for side in [0, 1] {
        let jobs: Vec<(i32, i32, i32, u32)> = clique
            .iter()
            .map(|&i| {
                let duration = length(i as usize);
                let head = if side == 0 { trail.earliest(i as usize) } else { -trail.latest(i as usize) - duration };
                let end = if side == 0 { trail.latest(i as usize) + duration } else { -trail.earliest(i as usize) };
                (head, duration, end, i)
            })
            .collect();
        one_side(&jobs, side, trail)?;
    }
    Ok(())
}

/// `jobs`: (head, duration, latest end, interval) in the direction of `side`.
fn one_side(jobs: &[(i32, i32, i32, u32)], side: u32, trail: &mut Trail) -> Result<(), Conflict> {
    for &(_, _, end, _) in jobs {
        // The sets of all jobs that end by `end` and are released at or after some moment, from the latest release on.
        let mut inside: Vec<_> = jobs.iter().filter(|job| job.2 <= end).collect();
        inside.sort_by_key(|job| std::cmp::Reverse(job.0));
        let (mut work, mut done) = (0, i32::MIN);
        for job in inside {
            let head = job.0;
            work += job.1;
            // The earliest completion of the set, and of all its subsets by release.
            done = done.max(head + work);
            if head + work > end {
                return Err(Conflict::Overload(head));
            }
            for &(release, duration, latest, i) in jobs {
                if latest > end && release.min(head) + work + duration > end {
                    let bound = if side == 0 { done } else { done + duration };
                    trail.push(Literal { half: 2 * i + side, bound }, Reason::Decision)?;
                }
            }
        }
    }
    Ok(())
}
