//! Customs says where a list or return stands. With its first word the list has its number, and
//! the tax that came under this number.

use super::super::{Applied, Arrival};
use super::{check_room, duplicate};
use crate::clearance::{CustomsStatus, RELEASED};
use crate::document::{ListStatus, StatusSubject};
use crate::limits::CUSTOMS_STATUSES_MAX;
use crate::policy::Direction;
use crate::rejection::{Rejected, Rejection, Stop};
use crate::risk::{self, Suspect};
use crate::state::StateRead;
use crate::working_set::WorkingSet;
use kanhe_types::receipt::CaseKey;

pub(super) fn apply<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    arrival: &Arrival<'_>,
    key: CaseKey,
    said: ListStatus,
) -> Result<Applied, Stop> {
    let now = work.context.time;
    let status = CustomsStatus::new(arrival.meta(None), said);
    let case = work.case(&key)?.get();
    let held = &case.clearance.statuses;
    let first = held.iter().find_map(|own| own.meta.height_of(&arrival.id));
    if let Some(first_height) = first {
        return Ok(Applied::Repeated { first_height });
    }
    let is_same = |own: &CustomsStatus| {
        own.subject == status.subject
            && (own.return_status, own.return_time) == (status.return_status, status.return_time)
    };
    if held.iter().any(is_same) {
        return Err(duplicate("returnStatus", "a status that customs has not stated").into());
    }
    check_room(CUSTOMS_STATUSES_MAX <= held.len(), "returnStatus", CUSTOMS_STATUSES_MAX)?;
    if let Some(known) = case.clearance.invt_no().filter(|known| *known != status.invt_no) {
        return Err(other_number(known, &status.invt_no).into());
    }
    let is_release = status.subject == StatusSubject::List && status.return_status == RELEASED;
    if is_release {
        check_hold(work, &key)?;
        check_deposit(work, &key, &status)?;
    }
    let record = work.import_number(&status.invt_no)?;
    let taken = record.get().and_then(|record| record.case.as_ref());
    if taken.is_some_and(|taken| *taken != key) {
        return Err(other_number("a number of no other list", &status.invt_no).into());
    }
    let is_new = taken.is_none();
    let (mut bills, mut bill_statuses) = (Vec::new(), Vec::new());
    if is_new {
        let record = record.change();
        record.case = Some(key.clone());
        bills.append(&mut record.bills);
        bill_statuses.append(&mut record.bill_statuses);
    }
    let case = work.case(&key)?.change();
    if let Some(list) = case.list.as_mut().and_then(|list| list.facts.as_mut())
        && is_release
    {
        list.declared.list_released(now);
    }
    let clearance = &mut case.clearance;
    if is_release {
        clearance.released.get_or_insert(now);
    }
    clearance.statuses.push(status);
    clearance.bills.append(&mut bills);
    clearance.bill_statuses.append(&mut bill_statuses);
    work.settle_claims(&key)?;
    Ok(Applied::Accepted { case: Some(key) })
}

/// An alert holds the case until an agency disposes of it.
fn check_hold<S: StateRead>(work: &mut WorkingSet<'_, S>, key: &CaseKey) -> Result<(), Stop> {
    if !work.case(key)?.get().risk.is_held {
        return Ok(());
    }
    let suspect = Suspect::Trade { direction: Direction::Import, case: key.clone() };
    let held = risk::assessment(work.zone.state(), &suspect)?;
    let number = held.and_then(|held| held.alert).unwrap_or_default();
    let expected = "a case that no alert holds: dispose of the alert first";
    let found = format!("held by alert {number}");
    Err(Rejected::new(Rejection::HeldByAlert, "returnStatus", expected, found).into())
}

/// The merchant has to have deposited what its grade demands.
fn check_deposit<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    key: &CaseKey,
    status: &CustomsStatus,
) -> Result<(), Stop> {
    let Some((amount, free)) = work.short_deposit(key, status)? else { return Ok(()) };
    let (expected, found) =
        (format!("{amount} CNY of the merchant's deposit"), format!("{free} CNY free"));
    Err(Rejected::new(Rejection::DepositShort, "returnStatus", expected, found).into())
}

fn other_number(expected: &str, found: &str) -> Rejected {
    Rejected::new(Rejection::ListNumberDiffers, "invtNo", expected, found)
}
