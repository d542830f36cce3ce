//! An order opens a case, or joins the one that a payment or list opened.

use super::{Admission, Applied, Arrival, Holding};
use crate::case::{Entry, OrderFacts};
use crate::rejection::Stop;
use crate::state::StateRead;
use crate::working_set::WorkingSet;
use kanhe_types::receipt::CaseKey;

pub(super) fn apply<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    arrival: &Arrival<'_>,
    key: CaseKey,
    facts: OrderFacts,
) -> Result<Applied, Stop> {
    let sheet = work.case(&key)?;
    let case = sheet.get();
    let held = case.order_facts();
    let holding = Holding {
        is_withdrawn: held.is_none(),
        is_declared: case.is_declared(),
        // The platform and the merchant of an order may change what the other sent.
        holders: [held.map(|held| &held.ebc_code), Some(&case.key.platform)],
    };
    let meta = case.order.as_ref().map(|held| &held.meta);
    if let Admission::Repeated { first_height } = arrival.admit(meta, &holding)? {
        return Ok(Applied::Repeated { first_height });
    }
    let meta = arrival.meta(meta);
    let facts = (!arrival.is_delete()).then_some(facts);
    sheet.change().order = Some(Entry { meta, facts });
    // A list under another merchant takes nothing.
    work.settle_claims(&key)?;
    Ok(Applied::Accepted { case: Some(key) })
}
