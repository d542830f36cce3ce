//! A document that names many parcels or lists leaves a note with each of them, and the cases whose
//! lists claim them are asked again. Its number is its sender's own: nobody else can change it.

use super::super::{Admission, Applied, Arrival, Holding};
use crate::case::DocumentMeta;
use crate::document::{AppType, DocumentKind};
use crate::export::{Notice, NoticeFacts, NoticeRecord};
use crate::incoming::{Noticed, WaybillNumber};
use crate::limits::{NOTICES_MAX, NOTICES_OF_ONE_MAX};
use crate::rejection::{Rejected, Rejection, Stop};
use crate::state::{StateError, StateRead};
use crate::state_key::notice_key_bytes;
use crate::working_set::WorkingSet;
use kanhe_types::hash::Hash;
use kanhe_types::receipt::CaseKey;

pub(super) fn apply<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    arrival: &Arrival<'_>,
    noticed: Noticed,
) -> Result<Applied, Stop> {
    let key = notice_key_bytes(arrival.kind, arrival.signer, &noticed.number, noticed.part);
    let held = work.notice(key.clone())?.get().cloned();
    let arrival = &said_again(arrival, held.as_ref());
    let holding = Holding {
        is_withdrawn: held.as_ref().is_some_and(|held| held.is_withdrawn),
        is_declared: false,
        holders: [None, None],
    };
    let held_meta = held.as_ref().map(|held| &held.meta);
    if let Admission::Repeated { first_height } = arrival.admit(held_meta, &holding)? {
        return Ok(Applied::Repeated { first_height });
    }
    let replaced = held_meta.map(|meta| meta.document);
    if !arrival.is_delete() {
        check_room(work, arrival, &noticed, replaced)?;
        check_not_departed(work, arrival, &noticed)?;
    }

    let meta = arrival.meta(held_meta);
    let mut touched = Vec::new();
    if let (Some(held), Some(replaced)) = (&held, replaced) {
        take_out(work, held, replaced, &mut touched)?;
    }
    let mut record = NoticeRecord {
        meta: meta.clone(),
        parcels: Vec::new(),
        lists: Vec::new(),
        is_withdrawn: arrival.is_delete(),
    };
    if !arrival.is_delete() {
        // The history stands in the record, once.
        let meta = DocumentMeta { versions: Vec::new(), ..meta };
        put(work, &meta, noticed, &mut record, &mut touched)?;
    }
    work.notice(key)?.put(Some(record));
    touched.sort_unstable();
    touched.dedup();
    work.touch_exports(&touched)?;
    // One of many has no case of its own.
    let case = match touched.as_slice() {
        [case] => Some(case.clone()),
        _ => None,
    };
    Ok(Applied::Accepted { case })
}

/// What customs says of a summary has no changes: said later, it replaces what was said before.
fn said_again<'a>(arrival: &Arrival<'a>, held: Option<&NoticeRecord>) -> Arrival<'a> {
    let is_again = arrival.kind == DocumentKind::SummaryResult && held.is_some();
    let app_type = if is_again { AppType::Change } else { arrival.app_type };
    Arrival { app_type, ..*arrival }
}

/// Parcels and lists keep a bounded number of notes, of one sender and in all.
fn check_room<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    arrival: &Arrival<'_>,
    noticed: &Noticed,
    replaced: Option<Hash>,
) -> Result<(), Stop> {
    let is_full = |notices: &[Notice]| {
        let others = || notices.iter().filter(|held| Some(held.meta.document) != replaced);
        let own = others().filter(|held| held.meta.signer == *arrival.signer);
        NOTICES_MAX <= others().count() || NOTICES_OF_ONE_MAX <= own.count()
    };
    let mut full = None;
    for (number, _) in &noticed.parcels {
        if work.parcel(number)?.get().is_some_and(|record| is_full(&record.notices)) {
            full = Some("logisticsNo");
        }
    }
    for (number, _) in &noticed.lists {
        if work.list_number(number)?.get().is_some_and(|record| is_full(&record.notices)) {
            full = Some("invtNo");
        }
    }
    let Some(field) = full else { return Ok(()) };
    let expected = format!("at most {NOTICES_OF_ONE_MAX} documents of one sender about it");
    Err(Rejected::new(Rejection::TooManyNotices, field, expected, "one more").into())
}

/// What left the country is not cancelled any more.
fn check_not_departed<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    arrival: &Arrival<'_>,
    noticed: &Noticed,
) -> Result<(), Stop> {
    if arrival.kind != DocumentKind::ExportListCancellation {
        return Ok(());
    }
    for (number, _) in &noticed.lists {
        let claim = work.list_number(number)?.get().and_then(|record| record.claims.first());
        let Some(case) = claim.cloned() else { continue };
        if is_departed(work, &case)? {
            let (expected, found) = ("a list whose parcel did not leave", "a departure");
            return Err(Rejected::new(Rejection::ListDeparted, "invtNo", expected, found).into());
        }
    }
    Ok(())
}

/// Whether the parcel that a case's list names left, by everything that the block brought so far.
fn is_departed<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    case: &CaseKey,
) -> Result<bool, StateError> {
    let Some(list) = work.export_case(case)?.get().list_facts() else { return Ok(false) };
    let number =
        WaybillNumber { code: list.logistics_code.clone(), number: list.logistics_no.clone() };
    let number_use = list.parcel_use;
    let Some(record) = work.parcel_of_use(&number, number_use)?.get() else { return Ok(false) };
    let departs = |notice: &Notice| matches!(notice.facts, NoticeFacts::Departure { .. });
    Ok(record.claimed_by() == Some(case) && record.notices.iter().any(departs))
}

fn take_out<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    held: &NoticeRecord,
    document: Hash,
    touched: &mut Vec<CaseKey>,
) -> Result<(), StateError> {
    for (code, number, number_use) in &held.parcels {
        let number = WaybillNumber { code: code.clone(), number: number.clone() };
        let record = work.parcel_of_use(&number, *number_use)?.change();
        record.notices.retain(|notice| notice.meta.document != document);
        touched.extend(record.claims.iter().map(|claim| claim.case.clone()));
    }
    for number in &held.lists {
        let record = work.list_number(number)?.change();
        record.notices.retain(|notice| notice.meta.document != document);
        touched.extend(record.claims.iter().cloned());
    }
    Ok(())
}

fn put<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    meta: &DocumentMeta,
    noticed: Noticed,
    held: &mut NoticeRecord,
    touched: &mut Vec<CaseKey>,
) -> Result<(), StateError> {
    for (number, facts) in noticed.parcels {
        let record = work.named_parcel(&number)?.change();
        record.notices.push(Notice { meta: meta.clone(), facts });
        touched.extend(record.claims.iter().map(|claim| claim.case.clone()));
        held.parcels.push((number.code, number.number, record.number_use));
    }
    for (number, facts) in noticed.lists {
        let record = work.list_number(&number)?.change();
        record.notices.push(Notice { meta: meta.clone(), facts });
        touched.extend(record.claims.iter().cloned());
        held.lists.push(number);
    }
    Ok(())
}
