//! An application for cancellation. Whether it is its list's, the rules say when both are there;
//! a stranger's changes nothing. One that the rules refuse makes room for its sender's next.

use super::super::{Applied, Arrival, check_versions};
use super::{check_room, check_strangers, duplicate};
use crate::case::Entry;
use crate::clearance::CancellationFacts;
use crate::limits::CANCELLATIONS_MAX;
use crate::matching::is_refused;
use crate::rejection::{Rejected, Rejection, Stop};
use crate::state::StateRead;
use crate::working_set::WorkingSet;
use kanhe_types::receipt::CaseKey;

pub(super) fn apply<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    arrival: &Arrival<'_>,
    key: CaseKey,
    facts: CancellationFacts,
) -> Result<Applied, Stop> {
    let case = work.case(&key)?.get();
    let held = &case.clearance.cancellations;
    let first = held.iter().find_map(|own| own.meta.height_of(&arrival.id));
    if let Some(first_height) = first {
        return Ok(Applied::Repeated { first_height });
    }
    let place = held.iter().position(|own| own.meta.signer == *arrival.signer);
    let before = place.and_then(|place| held.get(place));
    match before {
        Some(before) if is_refused(case, before) => check_versions(&before.meta)?,
        Some(_) => return Err(duplicate("orderNo", "one application of a sender").into()),
        None => {
            check_room(CANCELLATIONS_MAX <= held.len(), "orderNo", CANCELLATIONS_MAX)?;
            check_strangers(case, arrival, held.iter().map(|own| &own.meta.signer))?;
        }
    }
    if case.clearance.is_released() {
        let (expected, found) = ("a list that is not released", "released");
        return Err(Rejected::new(Rejection::ReleasedAlready, "invtNo", expected, found).into());
    }
    let entry = Entry { meta: arrival.meta(before.map(|before| &before.meta)), facts: Some(facts) };
    let own = &mut work.case(&key)?.change().clearance.cancellations;
    match place.and_then(|place| own.get_mut(place)) {
        Some(before) => *before = entry,
        None => own.push(entry),
    }
    work.settle_claims(&key)?;
    Ok(Applied::Accepted { case: Some(key) })
}
