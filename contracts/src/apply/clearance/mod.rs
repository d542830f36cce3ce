//! What the documents that follow an import list change.

mod cancellation;
mod list_return;
mod status;
mod tax;
mod warehouse;
mod waybill;

use super::{Applied, Arrival};
use crate::case::Case;
use crate::incoming::Cleared;
use crate::limits::STRANGERS_MAX;
use crate::rejection::{Rejected, Rejection, Stop};
use crate::state::StateRead;
use crate::working_set::WorkingSet;
use kanhe_types::code::OrganisationCode;

pub(super) fn apply<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    arrival: &Arrival<'_>,
    said: Cleared,
) -> Result<Applied, Stop> {
    match said {
        Cleared::Signed { number, facts } => waybill::apply(work, arrival, &number, facts),
        Cleared::Cancelled { case, facts } => cancellation::apply(work, arrival, case, facts),
        Cleared::Returned { case, cop_no, facts } => {
            list_return::apply(work, arrival, (case, cop_no), facts)
        }
        Cleared::Received { number, operator_code, entry } => {
            warehouse::apply(work, arrival, (&operator_code, &number), entry)
        }
        Cleared::Taxed(bill) => tax::apply_bill(work, arrival, bill),
        Cleared::TaxStands(status) => tax::apply_status(work, arrival, status),
        Cleared::Stands { case, status } => status::apply(work, arrival, case, status),
    }
}

/// A case keeps a bounded number of each kind.
fn check_room(is_full: bool, field: &'static str, max: usize) -> Result<(), Rejected> {
    if !is_full {
        return Ok(());
    }
    let expected = format!("at most {max} of one list");
    Err(Rejected::new(Rejection::TooManyOfList, field, expected, "one more"))
}

/// Of those who are not known as the trade's, a case keeps few, so that they leave room for its own.
fn check_strangers<'a>(
    case: &Case,
    arrival: &Arrival<'_>,
    senders: impl Iterator<Item = &'a OrganisationCode>,
) -> Result<(), Rejected> {
    let list = case.list.as_ref();
    let is_known = |code: &OrganisationCode| {
        let declared = list.and_then(|list| list.facts.as_ref());
        list.is_some_and(|list| list.meta.signer == *code)
            || declared.is_some_and(|own| own.ebc_code == *code || own.agent_code == *code)
            || case.order_facts().is_some_and(|order| order.ebc_code == *code)
    };
    if is_known(arrival.signer) {
        return Ok(());
    }
    let strangers = senders.filter(|code| !is_known(code)).count();
    check_room(STRANGERS_MAX <= strangers, "signer", STRANGERS_MAX)
}

/// There is one with the same key and other content.
fn duplicate(field: &'static str, expected: &str) -> Rejected {
    Rejected::new(Rejection::Duplicate, field, expected, "another document that says so")
}
