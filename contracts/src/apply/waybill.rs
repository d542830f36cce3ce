//! A waybill stands by itself until a list names it: message 511 carries no platform.

use super::{Admission, Applied, Arrival, Holding};
use crate::case::{Entry, WaybillFacts};
use crate::incoming::WaybillNumber;
use crate::rejection::Stop;
use crate::state::StateRead;
use crate::working_set::WorkingSet;

pub(super) fn apply<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    arrival: &Arrival<'_>,
    number: &WaybillNumber,
    facts: WaybillFacts,
) -> Result<Applied, Stop> {
    let sheet = work.waybill(number)?;
    let held = sheet.get().and_then(|record| record.entry.as_ref());
    let holding = Holding {
        is_withdrawn: held.is_some_and(|held| held.facts.is_none()),
        is_declared: sheet.get().is_some_and(|record| record.claimed_by().is_some()),
        holders: [None, None],
    };
    let meta = held.map(|held| &held.meta);
    if let Admission::Repeated { first_height } = arrival.admit(meta, &holding)? {
        return Ok(Applied::Repeated { first_height });
    }
    let meta = arrival.meta(meta);
    let facts = (!arrival.is_delete()).then_some(facts);
    let record = sheet.change();
    record.entry = Some(Entry { meta, facts });
    let case = record.claimed_by().cloned();
    // Whether it is theirs may have changed for all that name it.
    let claims = record.claims.clone();
    work.touch(&claims)?;
    Ok(Applied::Accepted { case })
}
