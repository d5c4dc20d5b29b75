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
    for &(name, claimed) in claims {
        let truth = match &project.weight {
            Weights::Floats(weight) if name == "total_weighted_tardiness" => float_unlike(claimed, weight, &lateness),
            _ => exact(name, &project.weight, &lateness).and_then(|truth| integer_unlike(claimed, truth)),
        };
        if let Some(truth) = truth {
            let claimed = match claimed {
                Claimed::Integer(claimed) => claimed.to_string(),
                Claimed::Float(claimed) => format!("{claimed:?}"),
            };
            let name = name.replace('_', " ");
            found.add(Kind::Objective, &[], || format!("the {name} is stored as {claimed}, it is {truth}"));
        }
    }
}

/// An objective that is an integer, by its definition; `None` for an unknown one.
fn exact(name: &str, weight: &Weights, lateness: &[(usize, i128)]) -> Option<i128> {
    let late = || lateness.iter().map(|&(i, late)| (i, late.max(0)));
    let weight = |i: usize| if let Weights::Integers(weight) = weight { i128::from(weight[i]) } else { 1 };
    Some(match name {
        "total_tardiness" => late().map(|(_, late)| late).sum(),
        "total_weighted_tardiness" => late().fold(0_i128, |sum, (i, late)| sum.saturating_add(weight(i).saturating_mul(late))),
        "num_tardy" => late().filter(|&(_, late)| late > 0).count() as i128,
        "max_lateness" => lateness.iter().map(|&(_, late)| late).max().unwrap_or(0),
        _ => return None,
    })
}

/// The true value, if the claimed one is another.
fn integer_unlike(claimed: Claimed, truth: i128) -> Option<String> {
    let is_true = match claimed {
        Claimed::Integer(claimed) => i128::from(claimed) == truth,
        Claimed::Float(claimed) => claimed == truth as f64,
    };
    (!is_true).then(|| truth.to_string())
}

/// The true sum with weights that are floats, if rounding does not explain the claimed one.
fn float_unlike(claimed: Claimed, weight: &[f64], lateness: &[(usize, i128)]) -> Option<String> {
    let truth: Sum = lateness.iter().map(|&(i, late)| weight[i] * late.max(0) as f64).collect();
    let claimed = match claimed {
        Claimed::Integer(claimed) => claimed as f64,
        Claimed::Float(claimed) => claimed,
    };
    (!truth.explains(claimed)).then(|| format!("{:?}", truth.value()))
}
