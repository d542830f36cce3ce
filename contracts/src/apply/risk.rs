//! Signals, and what agencies do about alerts.

use super::{Applied, Arrival};
use crate::document::{RiskAct, RiskSignal};
use crate::incoming::RiskSaid;
use crate::policy::Direction;
use crate::registry::organisation;
use crate::rejection::{Rejected, Rejection, Stop};
use crate::risk::{Acting, Circumstances, Done, Outcome, Risk, Suspect};
use crate::state::StateRead;
use crate::working_set::WorkingSet;

pub(super) fn apply<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    arrival: &Arrival<'_>,
    said: RiskSaid,
) -> Result<Applied, Stop> {
    match said {
        RiskSaid::Signal(signal) => signalled(work, arrival, signal),
        RiskSaid::Act(act) => acted(work, arrival, act),
    }
}

fn circumstances<'a, S: StateRead>(work: &WorkingSet<'a, S>) -> Circumstances<'a> {
    let context = work.context;
    Circumstances { policy: context.policy, now: context.time, height: context.height }
}

fn signalled<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    arrival: &Arrival<'_>,
    signal: RiskSignal,
) -> Result<Applied, Stop> {
    let exists = match &signal.suspect {
        Suspect::Trade { direction: Direction::Import, case } => work.case(case)?.exists(),
        Suspect::Trade { direction: Direction::Export, case } => work.export_case(case)?.exists(),
        Suspect::Organisation { organisation: code } => {
            organisation(work.zone.state(), code)?.is_some()
        }
    };
    if !exists {
        let (rejection, expected) = (Rejection::SuspectUnknown, "a trade or an organisation");
        return Err(Rejected::new(rejection, "suspect", expected, "none").into());
    }
    let (at, context) = (circumstances(work), work.context);
    let suspect = signal.suspect.clone();
    let state = work.zone().state_mut();
    let mut risk = Risk::begin(&context.programs.risk, at, context.parent, state)?;
    let acting = Acting { document: arrival.id, signer: arrival.signer };
    let raised = match risk.signal(acting, signal)? {
        Done::Repeated { first_height } => return Ok(Applied::Repeated { first_height }),
        Done::Accepted(raised) => raised,
    };
    risk.finish()?;
    if let Some(raised) = raised {
        note(work, &suspect, raised)?;
    }
    Ok(Applied::Accepted { case: None })
}

fn acted<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    arrival: &Arrival<'_>,
    act: RiskAct,
) -> Result<Applied, Stop> {
    let (at, context) = (circumstances(work), work.context);
    let state = work.zone().state_mut();
    let mut risk = Risk::begin(&context.programs.risk, at, context.parent, state)?;
    let acting = Acting { document: arrival.id, signer: arrival.signer };
    let alert = match risk.act(acting, act)? {
        Done::Repeated { first_height } => return Ok(Applied::Repeated { first_height }),
        Done::Accepted(alert) => alert,
    };
    risk.finish()?;
    if let Suspect::Trade { .. } = &alert.suspect {
        note(work, &alert.suspect.clone(), (alert.number, alert.holds))?;
    }
    Ok(Applied::Accepted { case: None })
}

/// Puts down in a trade which alert it has and whether that holds it. An earlier alert says nothing
/// any more.
fn note<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    suspect: &Suspect,
    (number, holds): (u64, bool),
) -> Result<(), Stop> {
    let Suspect::Trade { direction, case } = suspect else { return Ok(()) };
    let outcome = Outcome { alert: Some((number, holds)), ..Outcome::default() };
    match direction {
        Direction::Import => work.case(case)?.change().risk.note(&outcome),
        Direction::Export => work.export_case(case)?.change().risk.note(&outcome),
    }
    Ok(())
}
