//! A payment joins the case of the order that it pays; its transaction number leads to the case.

use super::{Admission, Applied, Arrival, Holding};
use crate::case::{Case, DocumentMeta, Entry, PaymentFacts, PaymentRecord};
use crate::limits::EXTRA_PAYMENTS_MAX;
use crate::rejection::{Rejected, Rejection, Stop};
use crate::state::{StateError, StateRead};
use crate::working_set::WorkingSet;
use kanhe_types::hash::Hash;
use kanhe_types::receipt::CaseKey;

pub(super) fn apply<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    arrival: &Arrival<'_>,
    named: CaseKey,
    facts: PaymentFacts,
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
    // The case that had the payment keeps it, unless the new version pays another order.
    let left = held.case.as_ref();
    let target = match left {
        Some(case) if arrival.is_delete() => case.clone(),
        _ => named,
    };
    let document = meta.map(|meta| meta.document);
    let replaced = document.filter(|_| left == Some(&target));
    check_room(work.case(&target)?.get(), replaced)?;

    let meta = arrival.meta(meta);
    if let (Some(left), Some(old)) = (left.filter(|left| **left != target), document) {
        take_out(work.case(left)?.change(), old);
    }
    let number = (facts.pay_code.clone(), facts.pay_transaction_id.clone());
    let case = work.case(&target)?.change();
    let withdrawn = if arrival.is_delete() {
        if let Some(replaced) = replaced {
            take_out(case, replaced);
        }
        Some(meta)
    } else {
        put(case, replaced, Entry { meta, facts: Some(facts) });
        None
    };
    let record = PaymentRecord { case: target.clone(), withdrawn };
    work.payment(&number.0, &number.1)?.put(Some(record));
    Ok(Applied::Accepted { case: Some(target) })
}

/// What the ledger holds under a payment's number.
struct Held {
    /// The version held and its history.
    meta: Option<DocumentMeta>,
    /// The case that has it; none once it was withdrawn.
    case: Option<CaseKey>,
    /// Whether a list stands on it.
    is_declared: bool,
}

impl Held {
    fn find<S: StateRead>(
        work: &mut WorkingSet<'_, S>,
        facts: &PaymentFacts,
    ) -> Result<Self, StateError> {
        let sheet = work.payment(&facts.pay_code, &facts.pay_transaction_id)?;
        let Some(record) = sheet.get() else {
            return Ok(Self { meta: None, case: None, is_declared: false });
        };
        if let Some(meta) = &record.withdrawn {
            return Ok(Self { meta: Some(meta.clone()), case: None, is_declared: false });
        }
        let key = record.case.clone();
        let case = work.case(&key)?.get();
        let entry =
            case.payment_of(&facts.pay_code, &facts.pay_transaction_id).ok_or_else(|| {
                StateError(
                    "the case of a payment does not have it; the state is damaged".to_owned(),
                )
            })?;
        let (meta, is_declared) = (Some(entry.meta.clone()), case.is_declared());
        Ok(Self { meta, case: Some(key), is_declared })
    }
}

/// A case keeps a bounded number of payments. One that replaces another needs no room.
fn check_room(case: &Case, replaced: Option<Hash>) -> Result<(), Rejected> {
    let is_full = case.payment.is_some() && EXTRA_PAYMENTS_MAX <= case.extra_payments.len();
    if replaced.is_none() && is_full {
        let expected = format!("at most {EXTRA_PAYMENTS_MAX} payments beside the first");
        return Err(Rejected::new(Rejection::TooManyPayments, "orderNo", expected, "one more"));
    }
    Ok(())
}

/// Puts `entry` in the place of the payment `replaced`, or behind all when it replaces none.
fn put(case: &mut Case, replaced: Option<Hash>, entry: Entry<PaymentFacts>) {
    let mut payments = case.payment.iter_mut().chain(&mut case.extra_payments);
    if let Some(place) = payments.find(|payment| Some(payment.meta.document) == replaced) {
        *place = entry;
        return;
    }
    if case.payment.is_some() {
        case.extra_payments.push(entry);
        return;
    }
    case.payment = Some(entry);
}

/// Takes a payment out of its case; the next one takes its place.
fn take_out(case: &mut Case, document: Hash) {
    let is_it = |payment: &Entry<PaymentFacts>| payment.meta.document == document;
    if case.payment.as_ref().is_some_and(is_it) {
        let is_last = case.extra_payments.is_empty();
        case.payment = (!is_last).then(|| case.extra_payments.remove(0));
        return;
    }
    case.extra_payments.retain(|payment| !is_it(payment));
}
