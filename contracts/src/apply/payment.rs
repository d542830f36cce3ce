//! A payment joins the case of the order that it pays, or those between which it is divided; its
//! transaction number leads to them.

use super::transaction::Transaction;
use super::{Admission, Applied, Arrival, Holding};
use crate::capital::WholePayment;
use crate::case::{Entry, PaymentFacts};
use crate::incoming::PaymentNumber;
use crate::rejection::Stop;
use crate::state::StateRead;
use crate::working_set::WorkingSet;
use kanhe_types::receipt::CaseKey;

pub(super) fn apply<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    arrival: &Arrival<'_>,
    named: CaseKey,
    facts: PaymentFacts,
) -> Result<Applied, Stop> {
    let number =
        PaymentNumber { code: facts.pay_code.clone(), number: facts.pay_transaction_id.clone() };
    let held = Transaction::load(work, &number)?;
    let payment = held.payment.as_ref();
    let meta = payment.map(|payment| &payment.entry.meta);
    let holding = Holding {
        is_withdrawn: payment.is_some_and(|payment| payment.entry.facts.is_none()),
        is_declared: held.is_declared(work)?,
        holders: [None, None],
    };
    if let Admission::Repeated { first_height } = arrival.admit(meta, &holding)? {
        return Ok(Applied::Repeated { first_height });
    }
    // The case that had the payment keeps it, unless the new version pays another order.
    let named = match payment {
        Some(payment) if arrival.is_delete() => payment.named.clone(),
        _ => named,
    };
    let facts = (!arrival.is_delete()).then_some(facts);
    let payment = WholePayment { named, entry: Entry { meta: arrival.meta(meta), facts } };
    let now = Transaction { payment: Some(payment), allocation: held.allocation.clone() };
    let case = now.replace(held, work, &number)?;
    Ok(Applied::Accepted { case })
}
