//! A payment joins the case of the order that it pays; its transaction number leads to the case.

use super::{Admission, Applied, Incoming, Work};
use crate::case::{self, Case, Entry, PaymentFacts, PaymentRecord};
use crate::document::Payment;
use crate::limits::EXTRA_PAYMENTS_MAX;
use crate::rejection::{Rejected, Rejection, Stop};
use crate::state::StateRead;
use crate::state_key::payment_key_bytes;
use kanhe_types::codec;
use kanhe_types::hash::Hash;
use kanhe_types::receipt::CaseKey;

pub(super) fn apply<S: StateRead>(
    work: &mut Work<'_, '_, S>,
    incoming: &Incoming<'_>,
    payment: &Payment,
) -> Result<Applied, Stop> {
    let named = CaseKey { platform: payment.ebp_code.clone(), order_no: payment.order_no.clone() };
    let held = case::payment(work.state, &payment.pay_code, &payment.pay_transaction_id)?;
    let is_withdrawn = held.as_ref().is_some_and(|held| held.withdrawn);
    let is_declared = match &held {
        Some(held) if !held.withdrawn => work.case(&held.case)?.is_declared(),
        _ => false,
    };
    let held_meta = held.as_ref().map(|held| &held.meta);
    if let Admission::Repeated { first_height } =
        incoming.admit(held_meta, is_withdrawn, &[], is_declared)?
    {
        return Ok(Applied::Repeated { first_height });
    }
    // The case that had the payment keeps it, unless the new version pays another order.
    let left = held.as_ref().filter(|held| !held.withdrawn).map(|held| held.case.clone());
    let target = match &left {
        Some(case) if incoming.is_delete() => case.clone(),
        _ => named,
    };
    let replaced = held_meta.map(|meta| meta.document).filter(|_| left.as_ref() == Some(&target));
    check_room(work.case(&target)?, replaced)?;

    let meta = incoming.meta(held_meta, work.context.height);
    if let (Some(left), Some(old)) = (left.filter(|left| *left != target), held_meta) {
        put(work.case(&left)?, Some(old.document), None);
    }
    let facts = (!incoming.is_delete()).then(|| PaymentFacts::new(payment, incoming.scope()));
    let entry = facts.map(|facts| Entry { meta: meta.clone(), facts: Some(facts) });
    put(work.case(&target)?, replaced, entry);
    let record = PaymentRecord { case: target.clone(), meta, withdrawn: incoming.is_delete() };
    let key = payment_key_bytes(&payment.pay_code, &payment.pay_transaction_id);
    work.state.put(key, codec::encode(&record));
    Ok(Applied::Accepted { case: Some(target) })
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
fn put(case: &mut Case, replaced: Option<Hash>, entry: Option<Entry<PaymentFacts>>) {
    let mut payments: Vec<Entry<PaymentFacts>> =
        case.payment.take().into_iter().chain(std::mem::take(&mut case.extra_payments)).collect();
    let place = payments.iter().position(|payment| Some(payment.meta.document) == replaced);
    match (place, entry) {
        (Some(place), Some(entry)) => {
            if let Some(slot) = payments.get_mut(place) {
                *slot = entry;
            }
        }
        (Some(place), None) => {
            payments.remove(place);
        }
        (None, entry) => payments.extend(entry),
    }
    let mut payments = payments.into_iter();
    case.payment = payments.next();
    case.extra_payments = payments.collect();
}
