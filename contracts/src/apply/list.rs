//! A list declares an order and claims a waybill for it.

use super::{Admission, Applied, Arrival, Holding, check_versions};
use crate::case::{Case, DocumentMeta, Entry, ListFacts};
use crate::document::AppType;
use crate::event::CaseState;
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
    mut facts: ListFacts,
) -> Result<Applied, Stop> {
    let context = work.context;
    // The only question whose answer needs the case evaluated before the block is done.
    let state = match arrival.app_type {
        AppType::Add => CaseState::Collecting,
        AppType::Change | AppType::Delete => work.state_of(&key)?,
    };
    let sheet = work.case(&key)?;
    let case = sheet.get();
    if let Admission::Repeated { first_height } = admit(arrival, case, state, &facts)? {
        return Ok(Applied::Repeated { first_height });
    }
    let named = |facts: &ListFacts| WaybillNumber {
        code: facts.logistics_code.clone(),
        number: facts.logistics_no.clone(),
    };
    let named_before = case.list_facts().map(named);
    let changed = case.list_facts().filter(|_| arrival.app_type == AppType::Change);
    let changed = changed.map(|held| &held.declared);
    facts.declared.list_accepted(changed, context.time, context.policy);
    if case.clearance.is_released() {
        facts.declared.list_released(context.time);
    }
    let meta = arrival.meta(case.list.as_ref().map(|held| &held.meta));
    let facts = (!arrival.is_delete()).then_some(facts);
    let named_now = facts.as_ref().map(named);
    sheet.change().list = Some(Entry { meta, facts });
    if named_before != named_now {
        if let Some(number) = named_before {
            release(work, &key, &number)?;
        }
        if let Some(number) = named_now {
            claim(work, &key, &number)?;
        }
    }
    work.settle_claims(&key)?;
    Ok(Applied::Accepted { case: Some(key) })
}

fn admit(
    arrival: &Arrival<'_>,
    case: &Case,
    state: CaseState,
    list: &ListFacts,
) -> Result<Admission, Rejected> {
    let held = case.list.as_ref().map(|held| &held.meta);
    if let Some(first_height) = held.and_then(|held| held.height_of(&arrival.id)) {
        return Ok(Admission::Repeated { first_height });
    }
    let admission = match (arrival.app_type, case.list_facts()) {
        (AppType::Add, Some(_)) if case.has_foreign_list() => admit_instead(held)?,
        (AppType::Add, Some(_)) => {
            let expected = "an order without a list";
            let found = "a declared order";
            return Err(Rejected::new(Rejection::ListExists, "orderNo", expected, found));
        }
        _ => admit_successor(arrival, case, state)?,
    };
    check_merchant(arrival, case, list)?;
    Ok(admission)
}

/// A list of the order's merchant takes the place of one that somebody else sent; the other's
/// times do not bind it.
fn admit_instead(held: Option<&DocumentMeta>) -> Result<Admission, Rejected> {
    held.map_or(Ok(()), check_versions)?;
    Ok(Admission::Follows)
}

fn admit_successor(
    arrival: &Arrival<'_>,
    case: &Case,
    state: CaseState,
) -> Result<Admission, Rejected> {
    let facts = case.list_facts();
    let holding = Holding {
        is_withdrawn: facts.is_none(),
        is_declared: false,
        holders: [facts.map(|facts| &facts.ebc_code), facts.map(|facts| &facts.agent_code)],
    };
    // Who may change it is asked before whether it may be changed, and that before its time.
    let admitted = arrival.admit(case.list.as_ref().map(|held| &held.meta), &holding);
    let is_open = matches!(
        state,
        CaseState::Collecting | CaseState::Mismatched | CaseState::Overdue | CaseState::Refused
    );
    let is_settled = !is_open && !holding.is_withdrawn;
    let takes_precedence =
        admitted.as_ref().err().is_none_or(|fault| Rejection::CaseMatched < fault.rejection);
    if is_settled && takes_precedence {
        let expected = "a case that is not matched";
        return Err(Rejected::new(Rejection::CaseMatched, "appType", expected, state.name()));
    }
    admitted
}

/// A list under another merchant than the order's would show that merchant the order.
fn check_merchant(arrival: &Arrival<'_>, case: &Case, list: &ListFacts) -> Result<(), Rejected> {
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
    number: &WaybillNumber,
) -> Result<(), StateError> {
    let sheet = work.waybill(number)?;
    // A list beyond the bound is told that the waybill is taken, and may be sent again later.
    if sheet.get().is_none_or(|record| record.claims.len() < WAYBILL_CLAIMS_MAX) {
        sheet.change().claims.push(key.clone());
    }
    Ok(())
}

fn release<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    key: &CaseKey,
    number: &WaybillNumber,
) -> Result<(), StateError> {
    let sheet = work.waybill(number)?;
    let record = sheet.change();
    record.claims.retain(|claim| claim != key);
    let claims = record.claims.clone();
    if record.entry.is_none() && record.signed.is_none() && claims.is_empty() {
        sheet.put(None);
    }
    // The next in line may have it now.
    work.touch(&claims)
}
