//! Tax bills, and where they stand. They name a list by its number, and wait under this until
//! customs says whose it is.

use super::super::{Applied, Arrival};
use super::{check_room, duplicate};
use crate::case::DocumentMeta;
use crate::clearance::{Bill, BillStatus};
use crate::document::{TaxBill, TaxBillStatus};
use crate::limits::TAX_BILLS_MAX;
use crate::rejection::Stop;
use crate::state::{StateError, StateRead};
use crate::working_set::WorkingSet;
use kanhe_types::receipt::CaseKey;

/// Bills have three statuses each.
const STATUSES_MAX: usize = 3 * TAX_BILLS_MAX;

pub(super) fn apply_bill<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    arrival: &Arrival<'_>,
    said: TaxBill,
) -> Result<Applied, Stop> {
    let (held, case) = held(work, &said.invt_no, |bills, _| bills.to_vec())?;
    if let Some(first_height) = repeated(arrival, held.iter().map(|own| &own.meta)) {
        return Ok(Applied::Repeated { first_height });
    }
    if held.iter().any(|own| own.tax_no == said.tax_no) {
        return Err(duplicate("taxNo", "a new number of a bill").into());
    }
    check_room(TAX_BILLS_MAX <= held.len(), "taxNo", TAX_BILLS_MAX)?;
    let invt_no = said.invt_no.clone();
    let bill = Bill::new(arrival.meta(None), said);
    match &case {
        Some(key) => {
            work.case(key)?.change().clearance.bills.push(bill);
            work.settle_claims(key)?;
        }
        None => work.import_number(&invt_no)?.change().bills.push(bill),
    }
    Ok(Applied::Accepted { case })
}

pub(super) fn apply_status<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    arrival: &Arrival<'_>,
    said: TaxBillStatus,
) -> Result<Applied, Stop> {
    let (held, case) = held(work, &said.invt_no, |_, statuses| statuses.to_vec())?;
    if let Some(first_height) = repeated(arrival, held.iter().map(|own| &own.meta)) {
        return Ok(Applied::Repeated { first_height });
    }
    if held.iter().any(|own| own.tax_no == said.tax_no && own.status == said.status) {
        return Err(duplicate("status", "a status that customs has not stated").into());
    }
    check_room(STATUSES_MAX <= held.len(), "taxNo", STATUSES_MAX)?;
    let TaxBillStatus { invt_no, tax_no, status, .. } = said;
    let status = BillStatus { meta: arrival.meta(None), tax_no, status };
    match &case {
        Some(key) => {
            work.case(key)?.change().clearance.bill_statuses.push(status);
            work.settle_claims(key)?;
        }
        None => work.import_number(&invt_no)?.change().bill_statuses.push(status),
    }
    Ok(Applied::Accepted { case })
}

/// What is held of a list's tax, and the case where it stands, if customs said which that is.
fn held<S: StateRead, T>(
    work: &mut WorkingSet<'_, S>,
    invt_no: &str,
    pick: fn(&[Bill], &[BillStatus]) -> Vec<T>,
) -> Result<(Vec<T>, Option<CaseKey>), StateError> {
    let Some(record) = work.import_number(invt_no)?.get() else { return Ok((Vec::new(), None)) };
    let Some(key) = record.case.clone() else {
        return Ok((pick(&record.bills, &record.bill_statuses), None));
    };
    let clearance = &work.case(&key)?.get().clearance;
    Ok((pick(&clearance.bills, &clearance.bill_statuses), Some(key)))
}

fn repeated<'a>(
    arrival: &Arrival<'_>,
    mut held: impl Iterator<Item = &'a DocumentMeta>,
) -> Option<u64> {
    held.find_map(|meta| meta.height_of(&arrival.id))
}
