//! A refund joins the case of the order whose money goes back, and waits there for the payment.

use super::{Admission, Applied, Arrival, Holding};
use crate::capital::{RefundFacts, RefundRecord};
use crate::case::{Case, DocumentMeta, Entry};
use crate::limits::{REFUNDS_MAX, STRANGERS_MAX};
use crate::matching::lowers_payment;
use crate::rejection::{Rejected, Rejection, Stop};
use crate::state::{StateError, StateRead};
use crate::working_set::WorkingSet;
use kanhe_types::code::OrganisationCode;
use kanhe_types::receipt::CaseKey;

pub(super) fn apply<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    arrival: &Arrival<'_>,
    named: CaseKey,
    facts: RefundFacts,
) -> Result<Applied, Stop> {
    let held = Held::find(work, &facts)?;
    let meta = held.meta.as_ref();
    let holding = Holding {
        is_withdrawn: meta.is_some() && held.case.is_none(),
        is_declared: held.is_declared,
        holders: [None, None],
    };
    if let Admission::Repeated { first_height } = arrival.admit(meta, &holding)? {
        return Ok(Applied::Repeated { first_height });
    }
    // The case that had the refund keeps it, unless the new version names another order.
    let left = held.case.as_ref();
    let target = match left {
        Some(case) if arrival.is_delete() => case.clone(),
        _ => named,
    };
    if left != Some(&target) {
        check_room(work.case(&target)?.get(), &facts.pay_code)?;
    }

    let meta = arrival.meta(meta);
    if let Some(left) = left {
        let refunds = &mut work.case(left)?.change().refunds;
        refunds.retain(|own| own.facts.as_ref().is_none_or(|own| own.key() != facts.key()));
    }
    let (code, number) = (facts.pay_code.clone(), facts.refund_no.clone());
    let withdrawn = if arrival.is_delete() {
        Some(meta)
    } else {
        let refunds = &mut work.case(&target)?.change().refunds;
        let is_before = |own: &Entry<RefundFacts>| {
            own.facts.as_ref().is_some_and(|own| own.key() < facts.key())
        };
        let place = refunds.partition_point(is_before);
        refunds.insert(place, Entry { meta, facts: Some(facts) });
        None
    };
    let record = RefundRecord { case: target.clone(), withdrawn };
    work.refund(&code, &number)?.put(Some(record));
    Ok(Applied::Accepted { case: Some(target) })
}

/// What the ledger holds under a refund's number.
struct Held {
    /// The version held and its history.
    meta: Option<DocumentMeta>,
    /// The case that has it; none once it was withdrawn.
    case: Option<CaseKey>,
    /// Whether a list was declared on what it left of the payment.
    is_declared: bool,
}

impl Held {
    fn find<S: StateRead>(
        work: &mut WorkingSet<'_, S>,
        facts: &RefundFacts,
    ) -> Result<Self, StateError> {
        let Some(record) = work.refund(&facts.pay_code, &facts.refund_no)?.get() else {
            return Ok(Self { meta: None, case: None, is_declared: false });
        };
        if let Some(meta) = &record.withdrawn {
            return Ok(Self { meta: Some(meta.clone()), case: None, is_declared: false });
        }
        let key = record.case.clone();
        let case = work.case(&key)?.get();
        let is_it = |own: &&RefundFacts| own.key() == facts.key();
        let mut entries =
            case.refunds.iter().filter_map(|own| Some((&own.meta, own.facts.as_ref()?)));
        let (meta, own) = entries.find(|(_, own)| is_it(own)).ok_or_else(|| {
            StateError("the case of a refund does not have it; the state is damaged".to_owned())
        })?;
        let is_declared = case.is_declared() && lowers_payment(case, own);
        Ok(Self { meta: Some(meta.clone()), case: Some(key), is_declared })
    }
}

/// A case keeps a bounded number of refunds, and few of firms that are not known as the trade's, so
/// that they leave room for its own.
fn check_room(case: &Case, firm: &OrganisationCode) -> Result<(), Rejected> {
    let full = |max: usize| {
        let expected = format!("at most {max} refunds of the order");
        Err(Rejected::new(Rejection::TooManyRefunds, "orderNo", expected, "one more"))
    };
    if REFUNDS_MAX <= case.refunds.len() {
        return full(REFUNDS_MAX);
    }
    let payments = || case.payment.iter().chain(&case.extra_payments);
    let is_known = |code: &OrganisationCode| {
        case.order_facts().is_some_and(|order| order.pay_code.as_ref() == Some(code))
            || payments().any(|own| own.facts.as_ref().is_some_and(|own| own.pay_code == *code))
    };
    let firms = case.refunds.iter().filter_map(|own| Some(&own.facts.as_ref()?.pay_code));
    if !is_known(firm) && STRANGERS_MAX <= firms.filter(|code| !is_known(code)).count() {
        return full(STRANGERS_MAX);
    }
    Ok(())
}
