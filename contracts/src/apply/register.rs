//! Acts on entries of registers go beside the trades, and change none, but that a complaint of a
//! holder of rights is a signal about the trades that it names.

use super::risk::complained;
use super::{Applied, Arrival};
use crate::credit::OpenComplaint;
use crate::document::{CaseRef, ComplaintSubject, RightAct};
use crate::governance::Done;
use crate::register::{Actor, EntryKey, Recorded, Register, act};
use crate::rejection::Stop;
use crate::state::StateRead;
use crate::working_set::WorkingSet;
use kanhe_types::time::Millis;

pub(super) fn apply<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    arrival: &Arrival<'_>,
    said: Recorded,
) -> Result<Applied, Stop> {
    let (document, signer, height) = (arrival.id, arrival.signer, arrival.height);
    let time = work.context.time;
    let actor = Actor { document, signer, height, time };
    let (before, policy) = (work.state, work.context.policy);
    let complaint = complaint_of(&said, time);
    match act(work.zone().state_mut(), before, policy, &actor, said)? {
        Done::Accepted => {}
        Done::Repeated { first_height } => return Ok(Applied::Repeated { first_height }),
    }
    if let Some((trades, complaint)) = complaint {
        complained(work, document, &trades, &complaint)?;
    }
    Ok(Applied::Accepted { case: None })
}

/// The trades about which an act complains.
fn complaint_of(said: &Recorded, time: Millis) -> Option<(Vec<CaseRef>, OpenComplaint)> {
    let Recorded::Right(right) = said else { return None };
    let RightAct::Complain(own) = &right.act else { return None };
    let ComplaintSubject::Trades(trades) = &own.subject else { return None };
    let (owner, number) = (right.owner.clone(), right.number.clone());
    let complaint = OpenComplaint {
        right: EntryKey { register: Register::Right, owner, number },
        reference: own.reference.clone(),
        word: None,
        asks_hold: own.hold,
        time,
    };
    Some((trades.clone(), complaint))
}
