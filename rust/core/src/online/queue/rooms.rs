//! Which policy waits in which room.

use super::fair::Fair;
use super::room::{Room, Single};
use crate::error::InputError;
use crate::online::discipline::{Ordered, Rank};
use crate::online::information::{Estimate, Operation};
use crate::online::levels::{Feedback, RandomFeedback, RoundRobin};
use crate::online::ranks::{
    Edf, Fcfs, Hdf, Las, Llf, OperationSrpt, Psjf, PsjfE, Sjf, Slf, Srpt, SrptAgeing, SrptB, SrptE, WeightedSrpt,
};
use crate::online::{Balance, ChunkRule, Hrrn, Policy, WeightClasses};

fn ordered<R>(rule: R) -> Box<dyn Room>
where
    R: Rank + Clone + Send + Sync + 'static,
    R::Info: super::told::Tellable + Send + Sync,
{
    Box::new(Single::new(Ordered::new(rule)))
}

/// An empty waiting room of the policy.
pub(super) fn of(policy: &Policy) -> Result<Box<dyn Room>, InputError> {
    policy.check_parameters()?;
    Ok(match policy {
        Policy::Fcfs => ordered(Fcfs),
        Policy::Sjf => ordered(Sjf),
        Policy::Srpt => ordered(Srpt),
        Policy::Psjf => ordered(Psjf),
        Policy::Hdf => ordered(Hdf),
        Policy::WeightedSrpt => ordered(WeightedSrpt),
        Policy::BansalDhamdhere => Box::new(Single::new(WeightClasses::default())),
        Policy::RoundRobin { quantum } => ordered(RoundRobin { quantum: *quantum }),
        Policy::ProcessorSharing => Box::new(Fair::default()),
        Policy::Las => ordered(Las),
        Policy::Feedback { quantum } => ordered(Feedback { quantum: *quantum }),
        &Policy::RandomFeedback { quantum, gamma, seed } => ordered(RandomFeedback { quantum, gamma, seed }),
        Policy::Gittins(Some(gittins)) => ordered(gittins.clone()),
        Policy::Gittins(None) => {
            let reason = "a queue has no jobs yet to take the distribution from: give sizes and probabilities";
            return Err(InputError::new("policy", reason).value("'gittins'"));
        }
        Policy::Hrrn => Box::new(Single::new(Hrrn::default())),
        Policy::SrptAgeing { rate } => ordered(SrptAgeing { rate: *rate }),
        Policy::Edf => ordered(Edf),
        Policy::Llf => ordered(Llf),
        Policy::SrptE => ordered(SrptE),
        Policy::PsjfE => ordered(PsjfE),
        Policy::SrptB => ordered(SrptB),
        Policy::Balance => Box::new(Single::new(Balance::<Estimate>::new(4.0, ChunkRule::RecordClass))),
        Policy::Slf { epsilon } => ordered(Slf { epsilon: *epsilon }),
        Policy::OperationSrpt => ordered(OperationSrpt),
        Policy::ChunkBalance { theta, rule } => Box::new(Single::new(Balance::<Operation>::new(*theta, *rule))),
    })
}
