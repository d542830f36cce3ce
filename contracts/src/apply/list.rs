//! A list declares an order and claims a waybill for it.

use super::{Admission, Applied, Incoming, Work, check_versions};
use crate::case::{Case, DocumentMeta, Entry, ListFacts};
use crate::document::{AppType, InventoryList};
use crate::event::CaseState;
use crate::limits::WAYBILL_CLAIMS_MAX;
use crate::rejection::{Rejected, Rejection, Stop};
use crate::state::{StateError, StateRead};
use kanhe_types::code::OrganisationCode;
use kanhe_types::receipt::CaseKey;

pub(super) fn apply<S: StateRead>(
    work: &mut Work<'_, '_, S>,
    incoming: &Incoming<'_>,
    list: &InventoryList,
) -> Result<Applied, Stop> {
    let key = CaseKey { platform: list.ebp_code.clone(), order_no: list.order_no.clone() };
    let height = work.context.height;
    let case = work.case(&key)?;
    if let Admission::Repeated { first_height } = admit(incoming, case, list)? {
        return Ok(Applied::Repeated { first_height });
    }
    let named_before =
        case.list_facts().map(|held| (held.logistics_code.clone(), held.logistics_no.clone()));
    let meta = incoming.meta(case.list.as_ref().map(|held| &held.meta), height);
    let facts = (!incoming.is_delete()).then(|| ListFacts::new(list, incoming.scope()));
    let named_now =
        facts.as_ref().map(|now| (now.logistics_code.clone(), now.logistics_no.clone()));
    case.list = Some(Entry { meta, facts });
    if named_before != named_now {
        if let Some((code, number)) = named_before {
            release(work, &key, &code, &number)?;
        }
        if let Some((code, number)) = named_now {
            claim(work, &key, &code, &number)?;
        }
    }
    Ok(Applied::Accepted { case: Some(key) })
}

fn admit(
    incoming: &Incoming<'_>,
    case: &Case,
    list: &InventoryList,
) -> Result<Admission, Rejected> {
    let held = case.list.as_ref().map(|held| &held.meta);
    if let Some(first_height) = held.and_then(|held| held.height_of(&incoming.id)) {
        return Ok(Admission::Repeated { first_height });
    }
    let admission = match (incoming.document.app_type, case.list_facts()) {
        (AppType::Add, Some(_)) if case.has_foreign_list() => admit_instead(held)?,
        (AppType::Add, Some(_)) => {
            let expected = "an order without a list";
            let found = "a declared order";
            return Err(Rejected::new(Rejection::ListExists, "orderNo", expected, found));
        }
        (_, facts) => {
            let holders: Vec<&OrganisationCode> =
                facts.iter().flat_map(|facts| [&facts.ebc_code, &facts.agent_code]).collect();
            admit_successor(incoming, case, held, &holders)?
        }
    };
    check_merchant(incoming, case, list)?;
    Ok(admission)
}

/// A list of the order's merchant takes the place of one that somebody else sent; the other's
/// times do not bind it.
fn admit_instead(held: Option<&DocumentMeta>) -> Result<Admission, Rejected> {
    held.map_or(Ok(()), check_versions)?;
    Ok(Admission::Follows)
}

fn admit_successor(
    incoming: &Incoming<'_>,
    case: &Case,
    held: Option<&DocumentMeta>,
    holders: &[&OrganisationCode],
) -> Result<Admission, Rejected> {
    let is_withdrawn = case.list_facts().is_none();
    // Who may change it is asked before whether it may be changed, and that before its time.
    let admitted = incoming.admit(held, is_withdrawn, holders, false);
    let is_settled = case.state == CaseState::Matched && !is_withdrawn;
    let takes_precedence =
        admitted.as_ref().err().is_none_or(|fault| Rejection::CaseMatched < fault.rejection);
    if is_settled && takes_precedence {
        let expected = "a case that is not matched";
        return Err(Rejected::new(Rejection::CaseMatched, "appType", expected, "matched"));
    }
    admitted
}

/// A list under another merchant than the order's would show that merchant the order.
fn check_merchant(
    incoming: &Incoming<'_>,
    case: &Case,
    list: &InventoryList,
) -> Result<(), Rejected> {
    match case.order_facts() {
        Some(order) if !incoming.is_delete() && order.ebc_code != list.ebc_code => {
            let expected = "the merchant of the order";
            Err(Rejected::new(Rejection::MerchantDiffers, "ebcCode", expected, &list.ebc_code))
        }
        _ => Ok(()),
    }
}

fn claim<S: StateRead>(
    work: &mut Work<'_, '_, S>,
    key: &CaseKey,
    code: &OrganisationCode,
    number: &str,
) -> Result<(), StateError> {
    let mut record = work.waybill_record(code, number)?;
    // A list beyond the bound is told that the waybill is taken, and may be sent again later.
    if record.claims.len() < WAYBILL_CLAIMS_MAX {
        record.claims.push(key.clone());
    }
    record.decide();
    work.put_waybill_record(code, number, &record);
    Ok(())
}

fn release<S: StateRead>(
    work: &mut Work<'_, '_, S>,
    key: &CaseKey,
    code: &OrganisationCode,
    number: &str,
) -> Result<(), StateError> {
    let mut record = work.waybill_record(code, number)?;
    record.claims.retain(|claim| claim != key);
    record.decide();
    work.put_waybill_record(code, number, &record);
    // The next in line may have it now.
    work.touch(&record.claims)
}
