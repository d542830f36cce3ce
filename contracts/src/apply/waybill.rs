//! A waybill stands by itself until a list names it: message 511 carries no platform.

use super::{Admission, Applied, Incoming, Work};
use crate::case::{Entry, WaybillFacts};
use crate::document::Waybill;
use crate::rejection::Stop;
use crate::state::StateRead;

pub(super) fn apply<S: StateRead>(
    work: &mut Work<'_, '_, S>,
    incoming: &Incoming<'_>,
    waybill: &Waybill,
) -> Result<Applied, Stop> {
    let (code, number) = (&waybill.logistics_code, &waybill.logistics_no);
    let mut record = work.waybill_record(code, number)?;
    let held = record.entry.as_ref();
    let is_withdrawn = held.is_some_and(|held| held.facts.is_none());
    let meta = held.map(|held| &held.meta);
    let is_declared = record.claimed_by.is_some();
    if let Admission::Repeated { first_height } =
        incoming.admit(meta, is_withdrawn, &[], is_declared)?
    {
        return Ok(Applied::Repeated { first_height });
    }
    let meta = incoming.meta(meta, work.context.height);
    let facts = (!incoming.is_delete()).then(|| WaybillFacts::new(waybill, incoming.scope()));
    record.entry = Some(Entry { meta, facts });
    record.decide();
    work.put_waybill_record(code, number, &record);
    // Whether it is theirs may have changed for all that name it.
    work.touch(&record.claims)?;
    Ok(Applied::Accepted { case: record.claimed_by })
}
