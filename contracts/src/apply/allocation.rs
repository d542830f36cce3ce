//! An allocation divides a payment, whichever comes first. It is about several orders, so that it
//! belongs to no case by itself.

use super::transaction::Transaction;
use super::{Admission, Applied, Arrival, Holding};
use crate::capital::AllocationFacts;
use crate::case::Entry;
use crate::incoming::PaymentNumber;
use crate::rejection::Stop;
use crate::state::{StateError, StateRead};
use crate::working_set::WorkingSet;

pub(super) fn apply<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    arrival: &Arrival<'_>,
    number: &PaymentNumber,
    facts: AllocationFacts,
) -> Result<Applied, Stop> {
    let held = Transaction::load(work, number)?;
    let own = held.allocation.as_ref();
    let meta = own.map(|own| &own.meta);
    let holding = Holding {
        is_withdrawn: own.is_some_and(|own| own.facts.is_none()),
        is_declared: is_declared(work, own)?,
        holders: [None, None],
    };
    if let Admission::Repeated { first_height } = arrival.admit(meta, &holding)? {
        return Ok(Applied::Repeated { first_height });
    }
    let facts = (!arrival.is_delete()).then_some(facts);
    let allocation = Some(Entry { meta: arrival.meta(meta), facts });
    let now = Transaction { payment: held.payment.clone(), allocation };
    now.replace(held, work, number)?;
    Ok(Applied::Accepted { case: None })
}

/// Whether a list stands on one of the orders that an allocation names.
fn is_declared<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    allocation: Option<&Entry<AllocationFacts>>,
) -> Result<bool, StateError> {
    let facts = allocation.and_then(|own| own.facts.as_ref());
    for key in facts.into_iter().flat_map(AllocationFacts::cases) {
        if work.case(&key)?.get().is_declared() {
            return Ok(true);
        }
    }
    Ok(false)
}
