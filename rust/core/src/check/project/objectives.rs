//! Objectives that a schedule claims, computed again from its completions.

use super::Span;
use crate::check::findings::Findings;
use crate::check::rounding::Sum;
use crate::check::{Claimed, Kind};
use crate::cost;
use crate::rcpsp::{NO_DUE_DATE, ProjectData, Weights};

/// Compares every claimed number with that of the claimed completions. Integers are compared exactly; a plain sum of floats may be off
/// by what rounding explains.
pub(super) fn objectives(project: &ProjectData, claims: &[(&str, Claimed)], span: &[Option<Span>], found: &mut Findings) {
    if claims.is_empty() || found.worked(cost::CHECKED * span.len() as u64) {
        return;
    }
    let dated = project.due_date.iter().zip(span).enumerate().filter(|&(_, (&due, _))| due != NO_DUE_DATE);
    let lateness: Vec<(usize, i128)> =
        dated.filter_map(|(i, (&due, claimed))| Some((i, i128::from((*claimed)?.end) - i128::from(due)))).collect();
    let late = || lateness.iter().map(|&(i, late)| (i, late.max(0)));
    for &(name, claimed) in claims {
        let truth = match (name, &project.weight) {
            ("total_weighted_tardiness", Weights::Floats(weight)) => {
                let sum: Sum = late().map(|(i, late)| weight[i] * late as f64).collect();
                if sum.explains(as_float(claimed)) {
                    continue;
                }
                format!("{:?}", sum.value())
            }
            _ => {
                let truth: i128 = match (name, &project.weight) {
                    ("total_weighted_tardiness", Weights::Integers(weight)) => late().fold(0_i128, |sum, (i, late)| {
                        sum.saturating_add(i128::from(weight[i]).saturating_mul(late))
                    }),
                    ("total_tardiness" | "total_weighted_tardiness", _) => late().map(|(_, late)| late).sum(),
                    ("num_tardy", _) => late().filter(|&(_, late)| late > 0).count() as i128,
                    ("max_lateness", _) => lateness.iter().map(|&(_, late)| late).max().unwrap_or(0),
                    _ => continue,
                };
                let is_true = match claimed {
                    Claimed::Integer(claimed) => i128::from(claimed) == truth,
                    Claimed::Float(claimed) => claimed == truth as f64,
                };
                if is_true {
                    continue;
                }
                truth.to_string()
            }
        };
        let claimed = match claimed {
            Claimed::Integer(claimed) => claimed.to_string(),
            Claimed::Float(claimed) => format!("{claimed:?}"),
        };
        found.add(Kind::Objective, &[], || format!("the {} is stored as {claimed}, it is {truth}", name.replace('_', " ")));
    }
}

fn as_float(claimed: Claimed) -> f64 {
    match claimed {
        Claimed::Integer(claimed) => claimed as f64,
        Claimed::Float(claimed) => claimed,
    }
}
