//! Modes: whether every activity runs in one of its own, and whether the stocks suffice.

use super::{Findings, Kind, ProjectClaim, activity};
use crate::cost;
use crate::rcpsp::{Modes, ProjectData};

/// The project in the modes that are claimed, to be judged as any other; nothing if it has no modes. An activity without a mode of its own
/// is judged in the one that lasts as long as it runs, or its first one.
pub(super) fn in_claimed_modes(project: &ProjectData, claim: &ProjectClaim, found: &mut Findings) -> Option<ProjectData> {
    if project.modes.is_empty() && project.optional.contains(&true) {
        own_rows(project, claim, found);
    }
    let Modes { activity: owner, duration, demand, nonrenewable, consumption } = &project.modes;
    if owner.is_empty() {
        return None;
    }
    let n = project.duration.len();
    let mut chosen: Vec<Option<usize>> = vec![None; n];
    let mut own: Vec<Vec<usize>> = vec![Vec::new(); n];
    owner.iter().enumerate().for_each(|(row, &i)| own[i as usize].push(row));
    for (k, &id) in claim.activity.iter().enumerate() {
        if found.worked(cost::NODE) {
            break;
        }
        let Some(i) = usize::try_from(id).ok().filter(|&i| i < n && chosen[i].is_none()) else { continue };
        let claimed = claim.mode.map(|mode| mode[k]);
        let row = match claimed {
            Some(row) => usize::try_from(row).ok().filter(|row| own[i].contains(row)),
            None => Some(own[i][0]).filter(|_| own[i].len() == 1),
        };
        if row.is_none() {
            found.add(Kind::Mode, &[id], || match claimed {
                Some(row) => format!("{} runs in mode {row}, which is none of its own {:?}", activity(project, i), own[i]),
                None => format!("no mode of {} is given", activity(project, i)),
            });
        }
        let alike = || own[i].iter().copied().find(|&row| claim.start[k].checked_add(duration[row]) == Some(claim.end[k]));
        chosen[i] = Some(row.or_else(alike).unwrap_or(own[i][0]));
    }
    let (width, stocks) = (project.capacity.len(), nonrenewable.len());
    for (k, &stock) in nonrenewable.iter().enumerate() {
        let used: i128 = chosen.iter().flatten().map(|&row| i128::from(consumption[row * stocks + k])).sum();
        if used > i128::from(stock) {
            let detail = || format!("the modes consume {used} of stock {k}, which holds {stock}");
            found.add(Kind::Stock, &[k as i64], detail);
        }
    }
    let mut judged = project.clone();
    for (i, row) in chosen.iter().enumerate() {
        let Some(row) = *row else { continue };
        judged.duration[i] = duration[row];
        judged.demand[i * width..(i + 1) * width].copy_from_slice(&demand[row * width..(row + 1) * width]);
    }
    Some(judged)
}

/// Reports activities of a project without modes that claim another row than their own.
fn own_rows(project: &ProjectData, claim: &ProjectClaim, found: &mut Findings) {
    for (&id, &row) in claim.activity.iter().zip(claim.mode.unwrap_or_default()) {
        if found.worked(cost::NODE) {
            return;
        }
        if row != id {
            found.add(Kind::Mode, &[id], || {
                format!("{} runs in mode {row}, which is none of its own [{id}]", activity(project, id))
            });
        }
    }
}
