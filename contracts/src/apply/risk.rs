//! Signals, and what agencies do about alerts.

use super::{Applied, Arrival};
use crate::credit::OpenComplaint;
use crate::document::{CaseRef, RiskAct, RiskSignal};
use crate::incoming::RiskSaid;
use crate::policy::Direction;
use crate::registry::organisation;
use crate::rejection::{Rejected, Rejection, Stop};
use crate::risk::{Acting, Circumstances, Done, Risk, Suspect};
use crate::state::{StateError, StateRead};
use crate::working_set::WorkingSet;
use kanhe_types::code::OrganisationCode;
use kanhe_types::hash::Hash;
use kanhe_types::receipt::CaseKey;

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
    let (exists, merchant) = match &signal.suspect {
        Suspect::Trade { direction, case } => known(work, *direction, case)?,
        Suspect::Organisation { organisation: code } => {
            (organisation(work.zone.state(), code)?.is_some(), None)
        }
    };
    if !exists {
        let (rejection, expected) = (Rejection::SuspectUnknown, "a trade or an organisation");
        return Err(Rejected::new(rejection, "suspect", expected, "none").into());
    }
    let (at, context) = (circumstances(work), work.context);
    let suspect = signal.suspect.clone();
    let state = work.zone().state_mut();
    let mut risk = Risk::begin(context.programs, at, context.parent, state)?;
    let acting = Acting { document: arrival.id, signer: arrival.signer };
    let is_held = match risk.signal(acting, signal, merchant)? {
        Done::Repeated { first_height } => return Ok(Applied::Repeated { first_height }),
        Done::Accepted(is_held) => is_held,
    };
    risk.finish()?;
    put_down(work, &suspect, is_held)?;
    Ok(Applied::Accepted { case: None })
}

/// Whether a trade is there, and whose it is.
fn known<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    direction: Direction,
    case: &CaseKey,
) -> Result<(bool, Option<OrganisationCode>), StateError> {
    Ok(match direction {
        Direction::Import => {
            let sheet = work.case(case)?;
            let order = sheet.get().order_facts();
            (sheet.exists(), order.map(|order| order.ebc_code.clone()))
        }
        Direction::Export => {
            let sheet = work.export_case(case)?;
            let order = sheet.get().order_facts();
            (sheet.exists(), order.map(|order| order.ebc_code.clone()))
        }
    })
}

/// A holder of rights complained: about each trade that is there, it is a signal.
pub(super) fn complained<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    document: Hash,
    trades: &[CaseRef],
    complaint: &OpenComplaint,
) -> Result<(), Stop> {
    for trade in trades {
        let (direction, case) = (trade.direction, trade.key());
        let (exists, merchant) = known(work, direction, &case)?;
        if !exists {
            continue;
        }
        let (at, context) = (circumstances(work), work.context);
        let state = work.zone().state_mut();
        let mut risk = Risk::begin(context.programs, at, context.parent, state)?;
        let is_held = risk.complained((direction, case.clone()), merchant, complaint, document)?;
        risk.finish()?;
        put_down(work, &Suspect::Trade { direction, case }, is_held)?;
    }
    Ok(())
}

fn acted<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    arrival: &Arrival<'_>,
    act: RiskAct,
) -> Result<Applied, Stop> {
    let (at, context) = (circumstances(work), work.context);
    let state = work.zone().state_mut();
    let mut risk = Risk::begin(context.programs, at, context.parent, state)?;
    let acting = Acting { document: arrival.id, signer: arrival.signer };
    let alert = match risk.act(acting, act)? {
        Done::Repeated { first_height } => return Ok(Applied::Repeated { first_height }),
        Done::Accepted(alert) => alert,
    };
    // An earlier alert says nothing any more.
    let last = risk.last_alert(&alert.suspect)?;
    risk.finish()?;
    put_down(work, &alert.suspect, last.is_some_and(|last| last.holds))?;
    Ok(Applied::Accepted { case: None })
}

/// Puts down in a trade whether an alert holds it. Nothing changes where it stands so: its parties
/// would see that, and are not to know of an alert.
fn put_down<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    suspect: &Suspect,
    is_held: bool,
) -> Result<(), Stop> {
    let Suspect::Trade { direction, case } = suspect else { return Ok(()) };
    match direction {
        Direction::Import => {
            let sheet = work.case(case)?;
            if sheet.get().risk.is_held != is_held {
                sheet.change().risk.is_held = is_held;
            }
        }
        Direction::Export => {
            let sheet = work.export_case(case)?;
            if sheet.get().risk.is_held != is_held {
                sheet.change().risk.is_held = is_held;
            }
        }
    }
    Ok(())
}
