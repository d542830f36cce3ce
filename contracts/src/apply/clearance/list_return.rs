//! An application for return: one of each sender and number.

use super::super::{Admission, Applied, Arrival, Holding};
use super::{check_room, check_strangers};
use crate::case::Entry;
use crate::clearance::{ReturnEntry, ReturnFacts};
use crate::limits::{RETURNS_MAX, RETURNS_OF_ONE_MAX};
use crate::rejection::Stop;
use crate::state::StateRead;
use crate::working_set::WorkingSet;
use kanhe_types::receipt::CaseKey;

pub(super) fn apply<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    arrival: &Arrival<'_>,
    (key, cop_no): (CaseKey, Option<String>),
    facts: ReturnFacts,
) -> Result<Applied, Stop> {
    let now = work.context.time;
    let case = work.case(&key)?.get();
    let clearance = &case.clearance;
    let is_it =
        |own: &ReturnEntry| own.entry.meta.signer == *arrival.signer && own.cop_no == cop_no;
    let place = clearance.returns.iter().position(is_it);
    let held = place.and_then(|place| clearance.returns.get(place)).map(|own| &own.entry);
    let meta = held.map(|held| &held.meta);
    let holding = Holding {
        is_withdrawn: held.is_some_and(|held| held.facts.is_none()),
        // Its goods are back.
        is_declared: clearance.settled(arrival.signer, cop_no.as_deref()).is_some(),
        holders: [None, None],
    };
    if let Admission::Repeated { first_height } = arrival.admit(meta, &holding)? {
        return Ok(Applied::Repeated { first_height });
    }
    if held.is_none() {
        let senders = || clearance.returns.iter().map(|own| &own.entry.meta.signer);
        let count = senders().filter(|sender| *sender == arrival.signer).count();
        check_room(RETURNS_OF_ONE_MAX <= count, "copNo", RETURNS_OF_ONE_MAX)?;
        check_room(RETURNS_MAX <= clearance.returns.len(), "copNo", RETURNS_MAX)?;
        check_strangers(case, arrival, senders())?;
    }
    let meta = arrival.meta(meta);
    let facts = (!arrival.is_delete()).then_some(facts);
    let own = ReturnEntry { cop_no, received: now, entry: Entry { meta, facts } };
    let returns = &mut work.case(&key)?.change().clearance.returns;
    match place.and_then(|place| returns.get_mut(place)) {
        Some(held) => *held = own,
        None => returns.push(own),
    }
    work.settle_claims(&key)?;
    Ok(Applied::Accepted { case: Some(key) })
}
