//! A parcel is signed for: its waybill's record says so, whichever comes first.

use super::super::{Admission, Applied, Arrival, Holding};
use crate::case::Entry;
use crate::clearance::SignedFacts;
use crate::incoming::WaybillNumber;
use crate::rejection::Stop;
use crate::state::StateRead;
use crate::working_set::WorkingSet;

pub(super) fn apply<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    arrival: &Arrival<'_>,
    number: &WaybillNumber,
    facts: SignedFacts,
) -> Result<Applied, Stop> {
    let sheet = work.waybill(number)?;
    let held = sheet.get().and_then(|record| record.signed.as_ref());
    let is_withdrawn = held.is_some_and(|held| held.facts.is_none());
    let holding = Holding { is_withdrawn, ..Holding::default() };
    let meta = held.map(|held| &held.meta);
    if let Admission::Repeated { first_height } = arrival.admit(meta, &holding)? {
        return Ok(Applied::Repeated { first_height });
    }
    let meta = arrival.meta(meta);
    let facts = (!arrival.is_delete()).then_some(facts);
    let record = sheet.change();
    record.signed = Some(Entry { meta, facts });
    let case = record.claimed_by().cloned();
    let claims = record.claims.clone();
    work.touch(&claims)?;
    Ok(Applied::Accepted { case })
}
