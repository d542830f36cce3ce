//! A receipt of funds joins the case of its order. It may come, change and go at any time: money
//! follows the goods late, and what is received for an order is corrected when fees are known.

use super::super::{Admission, Applied, Arrival, Holding};
use crate::case::{DocumentMeta, Entry};
use crate::export::{ExportCase, ReceiptFacts, ReceiptRecord};
use crate::incoming::receipt_key;
use crate::limits::RECEIPTS_MAX;
use crate::rejection::{Rejected, Rejection, Stop};
use crate::state::{StateError, StateRead};
use crate::working_set::WorkingSet;
use kanhe_types::hash::Hash;
use kanhe_types::receipt::CaseKey;

pub(super) fn apply<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    arrival: &Arrival<'_>,
    named: CaseKey,
    facts: ReceiptFacts,
) -> Result<Applied, Stop> {
    let number = receipt_key(arrival.signer, &facts);
    let held = work.receipt(number.clone())?.get().cloned();
    let meta = match &held {
        None => None,
        Some(ReceiptRecord { withdrawn: Some(meta), .. }) => Some(meta.clone()),
        Some(record) => Some(held_meta(work, record)?),
    };
    let left = held.filter(|record| record.withdrawn.is_none()).map(|record| record.case);
    let holding = Holding {
        is_withdrawn: meta.is_some() && left.is_none(),
        is_declared: false,
        holders: [None, None],
    };
    if let Admission::Repeated { first_height } = arrival.admit(meta.as_ref(), &holding)? {
        return Ok(Applied::Repeated { first_height });
    }
    let target = match &left {
        Some(case) if arrival.is_delete() => case.clone(),
        _ => named,
    };
    let replaced = meta.as_ref().map(|meta| meta.document);
    check_room(work.export_case(&target)?.get(), replaced)?;

    let meta = arrival.meta(meta.as_ref());
    if let (Some(left), Some(old)) = (&left, replaced) {
        let case = work.export_case(left)?.change();
        case.receipts.retain(|receipt| receipt.meta.document != old);
    }
    let record = ReceiptRecord {
        document: arrival.id,
        case: target.clone(),
        withdrawn: arrival.is_delete().then(|| meta.clone()),
    };
    if !arrival.is_delete() {
        let case = work.export_case(&target)?.change();
        case.receipts.push(Entry { meta, facts: Some(facts) });
    }
    work.receipt(number)?.put(Some(record));
    Ok(Applied::Accepted { case: Some(target) })
}

/// The version held, which its case has.
fn held_meta<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    record: &ReceiptRecord,
) -> Result<DocumentMeta, StateError> {
    let case = work.export_case(&record.case)?.get();
    let mut receipts = case.receipts.iter();
    let held = receipts.find(|receipt| receipt.meta.document == record.document);
    held.map(|receipt| receipt.meta.clone()).ok_or_else(|| {
        StateError("the case of a receipt does not have it; the state is damaged".to_owned())
    })
}

/// A case keeps a bounded number of receipts. One that replaces another needs no room.
fn check_room(case: &ExportCase, replaced: Option<Hash>) -> Result<(), Rejected> {
    let others = case.receipts.iter().filter(|receipt| Some(receipt.meta.document) != replaced);
    if RECEIPTS_MAX <= others.count() {
        let expected = format!("at most {RECEIPTS_MAX} receipts of one order");
        return Err(Rejected::new(Rejection::TooManyReceipts, "orderNo", expected, "one more"));
    }
    Ok(())
}
