//! A payment transaction: the payment and what divides it, and which cases have it by both.
//!
//! Whatever of the two changes, the cases before and after follow from it alone. So it does not
//! show which came first.

use crate::capital::{AllocationFacts, AllocationRecord, WholePayment};
use crate::case::{Case, Entry, PaymentFacts, PaymentRecord};
use crate::incoming::PaymentNumber;
use crate::limits::EXTRA_PAYMENTS_MAX;
use crate::rejection::{Rejected, Rejection, Stop};
use crate::state::{StateError, StateRead};
use crate::working_set::WorkingSet;
use kanhe_types::hash::Hash;
use kanhe_types::receipt::CaseKey;

/// What the ledger holds under a payment's number.
#[derive(Clone)]
pub(super) struct Transaction {
    /// The payment; says nothing after a delete.
    pub(super) payment: Option<WholePayment>,
    /// What divides it, likewise.
    pub(super) allocation: Option<Entry<AllocationFacts>>,
}

impl Transaction {
    pub(super) fn load<S: StateRead>(
        work: &mut WorkingSet<'_, S>,
        number: &PaymentNumber,
    ) -> Result<Self, StateError> {
        let damaged = |what: &str| StateError(format!("{what}; the state is damaged"));
        let whole = |payment| Ok(Self { payment, allocation: None });
        let record = work.payment(&number.code, &number.number)?.get();
        let (named, withdrawn) = match record {
            None => return whole(None),
            Some(PaymentRecord::Divided) => {
                let record = work.allocation(&number.code, &number.number)?.get().cloned();
                let record =
                    record.ok_or_else(|| damaged("a divided payment has no allocation"))?;
                let AllocationRecord { allocation, payment } = record;
                return Ok(Self { payment, allocation: Some(allocation) });
            }
            Some(PaymentRecord::Whole { case, withdrawn }) => (case.clone(), withdrawn.clone()),
        };
        if let Some(meta) = withdrawn {
            return whole(Some(WholePayment { named, entry: Entry { meta, facts: None } }));
        }
        let case = work.case(&named)?.get();
        let entry = case.payment_of(&number.code, &number.number).cloned();
        let entry = entry.ok_or_else(|| damaged("the case of a payment does not have it"))?;
        whole(Some(WholePayment { named, entry }))
    }

    /// Whether a list stands on the payment.
    pub(super) fn is_declared<S: StateRead>(
        &self,
        work: &mut WorkingSet<'_, S>,
    ) -> Result<bool, StateError> {
        for (key, _) in self.clone().places() {
            if work.case(&key)?.get().is_declared() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The cases that have the payment, each with what it has of it.
    fn places(self) -> Vec<(CaseKey, Entry<PaymentFacts>)> {
        let allocation = self.allocation.as_ref();
        self.payment.map(|payment| payment.places(allocation)).unwrap_or_default()
    }

    /// How it is kept under the payment's number, and beside it if anything divides it, or did.
    fn records(&self) -> (Option<PaymentRecord>, Option<AllocationRecord>) {
        if let Some(allocation) = self.allocation.clone() {
            let divided = AllocationRecord { allocation, payment: self.payment.clone() };
            return (Some(PaymentRecord::Divided), Some(divided));
        }
        let whole = self.payment.as_ref().map(|payment| PaymentRecord::Whole {
            case: payment.named.clone(),
            withdrawn: match payment.entry.facts {
                Some(_) => None,
                None => Some(payment.entry.meta.clone()),
            },
        });
        (whole, None)
    }

    /// Takes the place of `before`: the payment leaves the cases that it does not pay any more, and
    /// comes into those that it does. The answer is the case of the order that it names, if that
    /// case has or had it.
    pub(super) fn replace<S: StateRead>(
        self,
        before: Self,
        work: &mut WorkingSet<'_, S>,
        number: &PaymentNumber,
    ) -> Result<Option<CaseKey>, Stop> {
        let named = self.payment.as_ref().map(|payment| payment.named.clone());
        let (record, divided) = self.records();
        let old = before.payment.as_ref().map(|payment| payment.entry.meta.document);
        let left: Vec<CaseKey> = before.places().into_iter().map(|(key, _)| key).collect();
        let places = self.places();
        for (key, _) in places.iter().filter(|(key, _)| !left.contains(key)) {
            check_room(work.case(key)?.get())?;
        }

        let has = |key: &CaseKey| places.iter().any(|(own, _)| own == key);
        let case = named.filter(|named| has(named) || left.contains(named));
        for key in left.iter().filter(|key| !has(key)) {
            if let Some(old) = old {
                take_out(work.case(key)?.change(), old);
            }
        }
        for (key, entry) in places {
            let replaced = old.filter(|_| left.contains(&key));
            put(work.case(&key)?.change(), replaced, entry);
        }
        work.payment(&number.code, &number.number)?.put(record);
        if let Some(divided) = divided {
            work.allocation(&number.code, &number.number)?.put(Some(divided));
        }
        Ok(case)
    }
}

/// A case keeps a bounded number of payments.
fn check_room(case: &Case) -> Result<(), Rejected> {
    if case.payment.is_some() && EXTRA_PAYMENTS_MAX <= case.extra_payments.len() {
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
