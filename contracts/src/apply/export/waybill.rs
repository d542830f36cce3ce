//! An export waybill stands by itself until a list names it: message 505 carries no order.

use super::super::{Admission, Applied, Arrival, Holding};
use crate::case::Entry;
use crate::document::AppType;
use crate::export::ExportWaybillFacts;
use crate::incoming::WaybillNumber;
use crate::rejection::Stop;
use crate::state::StateRead;
use crate::working_set::WorkingSet;

pub(super) fn apply<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    arrival: &Arrival<'_>,
    number: &WaybillNumber,
    facts: ExportWaybillFacts,
) -> Result<Applied, Stop> {
    // The same document again is the same parcel, however late it comes.
    let held = work.parcel(number)?.get().and_then(|record| record.entry.as_ref());
    let again = held.and_then(|held| held.meta.height_of(&arrival.id));
    if let Some(first_height) = again {
        return Ok(Applied::Repeated { first_height });
    }
    // Only a new waybill begins a new use of its number.
    let sheet = match arrival.app_type {
        AppType::Add => work.named_parcel(number)?,
        AppType::Change | AppType::Delete => work.parcel(number)?,
    };
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
    let claims: Vec<_> = record.claims.iter().map(|claim| claim.case.clone()).collect();
    work.touch_exports(&claims)?;
    Ok(Applied::Accepted { case })
}
