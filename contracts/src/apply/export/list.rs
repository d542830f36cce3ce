//! A list declares an order and claims a parcel for it, and the number that customs gave it.

use super::super::{Admission, Applied, Arrival, Holding, check_versions};
use crate::case::Entry;
use crate::document::AppType;
use crate::event::CaseState;
use crate::export::{Claim, ExportCase, ExportListFacts};
use crate::incoming::WaybillNumber;
use crate::limits::WAYBILL_CLAIMS_MAX;
use crate::rejection::{Rejected, Rejection, Stop};
use crate::state::{StateError, StateRead};
use crate::working_set::WorkingSet;
use kanhe_types::receipt::CaseKey;

pub(super) fn apply<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    arrival: &Arrival<'_>,
    key: CaseKey,
    mut facts: ExportListFacts,
) -> Result<Applied, Stop> {
    let is_first =
        arrival.app_type == AppType::Add && work.export_case(&key)?.get().list_facts().is_none();
    let state = if is_first { CaseState::Collecting } else { work.export_state_of(&key)? };
    let context = work.context;
    let case = work.export_case(&key)?.get();
    if let Admission::Repeated { first_height } = admit(arrival, case, state, &facts)? {
        return Ok(Applied::Repeated { first_height });
    }
    let before = case.list_facts().map(Named::new);
    let changed = case.list_facts().filter(|_| arrival.app_type == AppType::Change);
    let changed = changed.map(|held| &held.declared);
    facts.declared.list_accepted(changed, context.time, context.policy);
    let meta = arrival.meta(case.list.as_ref().map(|held| &held.meta));
    let number = parcel_of(&facts);
    facts.parcel_use = match &before {
        Some(before) if before.parcel == number => before.parcel_use,
        _ if arrival.is_delete() => 0,
        _ => work.named_parcel(&number)?.get().map_or(0, |record| record.number_use),
    };
    let facts = (!arrival.is_delete()).then_some(facts);
    let now = facts.as_ref().map(Named::new);
    work.export_case(&key)?.change().list = Some(Entry { meta, facts });
    if before != now {
        if let Some(before) = &before {
            release(work, &key, before)?;
        }
        if let Some(now) = now {
            claim(work, &key, now)?;
        }
    }
    Ok(Applied::Accepted { case: Some(key) })
}

/// What a list names.
#[derive(PartialEq, Eq)]
struct Named {
    parcel: WaybillNumber,
    parcel_use: u32,
    ebc_code: kanhe_types::code::OrganisationCode,
    invt_no: Option<String>,
}

impl Named {
    fn new(facts: &ExportListFacts) -> Self {
        Self {
            parcel: parcel_of(facts),
            parcel_use: facts.parcel_use,
            ebc_code: facts.ebc_code.clone(),
            invt_no: facts.invt_no.clone(),
        }
    }
}

fn parcel_of(facts: &ExportListFacts) -> WaybillNumber {
    WaybillNumber { code: facts.logistics_code.clone(), number: facts.logistics_no.clone() }
}

fn admit(
    arrival: &Arrival<'_>,
    case: &ExportCase,
    state: CaseState,
    list: &ExportListFacts,
) -> Result<Admission, Rejected> {
    let held = case.list.as_ref().map(|held| &held.meta);
    if let Some(first_height) = held.and_then(|held| held.height_of(&arrival.id)) {
        return Ok(Admission::Repeated { first_height });
    }
    let may_be_replaced = case.has_foreign_list() || state == CaseState::Cancelled;
    let admission = match (arrival.app_type, case.list_facts()) {
        // A list of the order's merchant takes the place of another's, and a new one of a cancelled
        // one.
        (AppType::Add, Some(_)) if may_be_replaced => {
            held.map_or(Ok(()), check_versions)?;
            Admission::Follows
        }
        (AppType::Add, Some(_)) => {
            let (expected, found) = ("an order without a list", "a declared order");
            return Err(Rejected::new(Rejection::ListExists, "orderNo", expected, found));
        }
        _ => admit_successor(arrival, case, state, list)?,
    };
    check_merchant(arrival, case, list)?;
    Ok(admission)
}

fn admit_successor(
    arrival: &Arrival<'_>,
    case: &ExportCase,
    state: CaseState,
    list: &ExportListFacts,
) -> Result<Admission, Rejected> {
    let facts = case.list_facts();
    let holding = Holding {
        is_withdrawn: facts.is_none(),
        is_declared: false,
        holders: [facts.map(|facts| &facts.ebc_code), facts.map(|facts| &facts.agent_code)],
    };
    // Who may change it is asked before whether it may be changed, and that before its time.
    let admitted = arrival.admit(case.list.as_ref().map(|held| &held.meta), &holding);
    let is_open =
        matches!(state, CaseState::Collecting | CaseState::Mismatched | CaseState::Overdue);
    // Customs gives a list its number after it was declared.
    let only_numbers = arrival.app_type == AppType::Change
        && facts.is_some_and(|facts| facts.is_numbered_by(list));
    let is_settled = !is_open && !holding.is_withdrawn && !only_numbers;
    let takes_precedence =
        admitted.as_ref().err().is_none_or(|fault| Rejection::CaseMatched < fault.rejection);
    if is_settled && takes_precedence {
        let expected = "a case that is not matched";
        return Err(Rejected::new(Rejection::CaseMatched, "appType", expected, state.name()));
    }
    admitted
}

/// A list under another merchant than the order's would show that merchant the order.
fn check_merchant(
    arrival: &Arrival<'_>,
    case: &ExportCase,
    list: &ExportListFacts,
) -> Result<(), Rejected> {
    match case.order_facts() {
        Some(order) if !arrival.is_delete() && order.ebc_code != list.ebc_code => {
            let expected = "the merchant of the order";
            Err(Rejected::new(Rejection::MerchantDiffers, "ebcCode", expected, &list.ebc_code))
        }
        _ => Ok(()),
    }
}

fn claim<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    key: &CaseKey,
    named: Named,
) -> Result<(), StateError> {
    let Named { parcel, parcel_use, ebc_code, invt_no } = named;
    let sheet = work.parcel_of_use(&parcel, parcel_use)?;
    // A list beyond the bound is told that the parcel is taken, and may be sent again later.
    if sheet.get().is_none_or(|record| record.claims.len() < WAYBILL_CLAIMS_MAX) {
        sheet.change().claims.push(Claim { case: key.clone(), ebc_code });
    }
    if let Some(invt_no) = invt_no {
        let sheet = work.list_number(&invt_no)?;
        if sheet.get().is_none_or(|record| record.claims.len() < WAYBILL_CLAIMS_MAX) {
            sheet.change().claims.push(key.clone());
        }
    }
    Ok(())
}

fn release<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    key: &CaseKey,
    named: &Named,
) -> Result<(), StateError> {
    let record = work.parcel_of_use(&named.parcel, named.parcel_use)?.change();
    record.claims.retain(|claim| claim.case != *key);
    let mut next: Vec<CaseKey> = record.claims.iter().map(|claim| claim.case.clone()).collect();
    if let Some(invt_no) = &named.invt_no {
        let record = work.list_number(invt_no)?.change();
        record.claims.retain(|claim| claim != key);
        next.extend(record.claims.iter().cloned());
    }
    // The next in line may have it now.
    work.touch_exports(&next)
}
