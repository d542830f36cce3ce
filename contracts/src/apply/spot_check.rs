//! Originals: asked for, shown, judged, erased, and the deadlines in between.

use super::{Applied, Arrival};
use crate::case::DocumentMeta;
use crate::document::{
    DocumentKind, Erasure, OriginalAnswer, OriginalResult, SpotCheck, SpotCheckAnswer,
    SpotCheckResult,
};
use crate::incoming::Originals;
use crate::limits::{SPOT_CHECKS_OF_CASE_MAX, SPOT_CHECKS_OPEN_MAX, SPOT_CHECKS_PER_HEIGHT_MAX};
use crate::policy::Direction;
use crate::rejection::{Rejected, Rejection, Stop};
use crate::spot_check::{
    CaseSpotCheck, DueSpotCheck, ErasureRecord, OpenSpotCheck, SaidAt, SpotCheckStatus,
};
use crate::state::{StateError, StateRead};
use crate::working_set::WorkingSet;
use kanhe_types::code::OrganisationCode;
use kanhe_types::hash::Hash;
use kanhe_types::receipt::CaseKey;
use kanhe_types::time::{CustomsTime, Millis};

const SECOND_MS: u64 = 1_000;
const DAY_MS: u64 = 86_400_000;

/// What was not answered in time becomes so: at most so many of a height, the others in the next.
pub(crate) fn fire<S: StateRead>(work: &mut WorkingSet<'_, S>) -> Result<(), StateError> {
    let now = work.context.time;
    let Some(queue) = work.spot_checks()?.get() else { return Ok(()) };
    let due: Vec<OpenSpotCheck> = queue
        .asked
        .iter()
        .take_while(|entry| entry.due < now)
        .take(SPOT_CHECKS_PER_HEIGHT_MAX)
        .map(|entry| entry.open.clone())
        .collect();
    for open in due {
        if let Some((trade, mut check)) = check_of(work, &open.case, &open.check)? {
            check.status = SpotCheckStatus::Unanswered;
            put(work, &trade, check)?;
        }
        close(work, &open.check)?;
    }
    Ok(())
}

pub(super) fn apply<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    arrival: &Arrival<'_>,
    said: Originals,
) -> Result<Applied, Stop> {
    match said {
        Originals::Asked(asked) => ask(work, arrival, asked),
        Originals::Answered(answer) => answered(work, arrival, answer),
        Originals::Judged(result) => judged(work, arrival, result),
        Originals::Erased(erasure) => erased(work, arrival, erasure),
    }
}

/// A trade by the way its goods go: an import and an export may share a key.
struct TradeKey {
    direction: Direction,
    case: CaseKey,
}

/// A document of a trade: its kind, who sent that version of it, and when it says it was reported.
type Sent = (DocumentKind, OrganisationCode, CustomsTime);

/// The trade with this key that has a document with this identity, and who sent that version of it.
fn trade_with<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    case: &CaseKey,
    document: &Hash,
) -> Result<Option<(TradeKey, Sent)>, StateError> {
    let own = work.case(case)?.get();
    let order = own.order.iter().map(|entry| &entry.meta);
    let payments = own.payment.iter().chain(&own.extra_payments).map(|entry| &entry.meta);
    let rest = own.list.iter().map(|entry| &entry.meta);
    let waybill = own.waybill.iter().map(|entry| &entry.meta);
    let mut metas = order.chain(payments).chain(rest).chain(waybill);
    let found = metas.find_map(|meta| version(meta, document));
    let key = |direction| TradeKey { direction, case: case.clone() };
    if let Some(sent) = found {
        return Ok(Some((key(Direction::Import), sent)));
    }
    let own = work.export_case(case)?.get();
    let order = own.order.iter().map(|entry| &entry.meta);
    let receipts = own.receipts.iter().map(|entry| &entry.meta);
    let rest = own.list.iter().map(|entry| &entry.meta);
    let waybill = own.waybill.iter().map(|entry| &entry.meta);
    let notices = own.notices.iter().map(|notice| &notice.meta);
    let mut metas = order.chain(receipts).chain(rest).chain(waybill).chain(notices);
    let found = metas.find_map(|meta| version(meta, document));
    Ok(found.map(|sent| (key(Direction::Export), sent)))
}

/// The spot checks of a trade.
fn checks<'w, S: StateRead>(
    work: &'w mut WorkingSet<'_, S>,
    trade: &TradeKey,
) -> Result<&'w [CaseSpotCheck], StateError> {
    Ok(match trade.direction {
        Direction::Import => &work.case(&trade.case)?.get().spot_checks,
        Direction::Export => &work.export_case(&trade.case)?.get().spot_checks,
    })
}

/// The same, to be changed.
fn change_checks<'w, S: StateRead>(
    work: &'w mut WorkingSet<'_, S>,
    trade: &TradeKey,
) -> Result<&'w mut Vec<CaseSpotCheck>, StateError> {
    Ok(match trade.direction {
        Direction::Import => &mut work.case(&trade.case)?.change().spot_checks,
        Direction::Export => &mut work.export_case(&trade.case)?.change().spot_checks,
    })
}

/// The spot check with this identity of a trade with this key.
fn check_of<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    case: &CaseKey,
    check: &Hash,
) -> Result<Option<(TradeKey, CaseSpotCheck)>, StateError> {
    for direction in [Direction::Import, Direction::Export] {
        let trade = TradeKey { direction, case: case.clone() };
        let found = checks(work, &trade)?.iter().find(|own| own.check == *check).cloned();
        if let Some(found) = found {
            return Ok(Some((trade, found)));
        }
    }
    Ok(None)
}

fn version(meta: &DocumentMeta, document: &Hash) -> Option<Sent> {
    if meta.document == *document {
        return Some((meta.kind, meta.signer.clone(), meta.app_time));
    }
    let earlier = meta.versions.iter().find(|version| version.document == *document)?;
    Some((meta.kind, earlier.signer.clone(), earlier.app_time))
}

fn unknown_document(document: &Hash) -> Rejected {
    let expected = "a document of this case, or a version before it";
    Rejected::new(Rejection::CaseDocumentUnknown, "document", expected, document)
}

fn ask<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    arrival: &Arrival<'_>,
    asked: SpotCheck,
) -> Result<Applied, Stop> {
    let (time, policy) = (work.context.time, work.context.policy);
    let SpotCheck { case: key, document, reply_key, seconds, reason } = asked;
    if let Some((_, same)) = check_of(work, &key, &arrival.id)? {
        return Ok(Applied::Repeated { first_height: same.height });
    }
    let found = trade_with(work, &key, &document)?;
    let (trade, (kind, sender, _)) = found.ok_or_else(|| unknown_document(&document))?;
    let of_case = checks(work, &trade)?.len();
    if seconds < policy.spot_check_seconds_min {
        let expected = format!("{} seconds or more", policy.spot_check_seconds_min);
        return Err(Rejected::new(Rejection::SpotCheckTime, "seconds", expected, seconds).into());
    }
    let open = work.spot_checks()?.get().map_or(0, |queue| queue.len());
    if SPOT_CHECKS_OF_CASE_MAX <= of_case || SPOT_CHECKS_OPEN_MAX <= open {
        let expected = format!(
            "at most {SPOT_CHECKS_OF_CASE_MAX} spot checks of a case, and {SPOT_CHECKS_OPEN_MAX} \
             open in the zone"
        );
        return Err(
            Rejected::new(Rejection::TooManySpotChecks, "check", expected, "one more").into()
        );
    }
    let erased = work.erasure(&document)?.get().map(|erasure| erasure.record);
    let due = Millis(time.0.saturating_add(u64::from(seconds).saturating_mul(SECOND_MS)));
    let status = match erased {
        Some(record) => SpotCheckStatus::Erased { record },
        None => {
            let open = OpenSpotCheck { check: arrival.id, case: key.clone() };
            work.spot_checks()?.change().insert(DueSpotCheck { due, open });
            SpotCheckStatus::Asked
        }
    };
    work.spot_check_case(&arrival.id)?.put(Some(key.clone()));
    change_checks(work, &trade)?.push(CaseSpotCheck {
        check: arrival.id,
        height: arrival.height,
        document,
        kind,
        agency: arrival.signer.clone(),
        sender,
        reply_key,
        reason,
        asked: time,
        due,
        answer: None,
        judgement: None,
        status,
    });
    Ok(Applied::Accepted { case: Some(key) })
}

/// The spot check with this identity, and the trade that has it.
fn find<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    check: &Hash,
) -> Result<(TradeKey, CaseSpotCheck), Stop> {
    let unknown = || {
        let expected = "the identity of a spot check's document";
        Rejected::new(Rejection::SpotCheckUnknown, "check", expected, check)
    };
    let key = work.spot_check_case(check)?.get().cloned().ok_or_else(unknown)?;
    Ok(check_of(work, &key, check)?.ok_or_else(unknown)?)
}

fn not_asked(expected: &OrganisationCode, found: &OrganisationCode) -> Stop {
    Rejected::new(Rejection::NotAsked, "signer", expected, found).into()
}

fn closed(expected: &str, found: &str) -> Stop {
    Rejected::new(Rejection::SpotCheckClosed, "check", expected, found).into()
}

fn put<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    trade: &TradeKey,
    changed: CaseSpotCheck,
) -> Result<(), StateError> {
    let mut checks = change_checks(work, trade)?.iter_mut();
    if let Some(own) = checks.find(|own| own.check == changed.check) {
        *own = changed;
    }
    Ok(())
}

/// Nobody has to say anything any more.
fn close<S: StateRead>(work: &mut WorkingSet<'_, S>, check: &Hash) -> Result<(), StateError> {
    let sheet = work.spot_checks()?;
    let mut queue = sheet.get().cloned().unwrap_or_default();
    queue.remove(check);
    sheet.put(Some(queue).filter(|queue| !queue.is_empty()));
    Ok(())
}

fn answered<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    arrival: &Arrival<'_>,
    said: SpotCheckAnswer,
) -> Result<Applied, Stop> {
    let now = work.context.time;
    let (trade, mut check) = find(work, &said.check)?;
    if let Some(before) = check.answer.filter(|before| before.document == arrival.id) {
        return Ok(Applied::Repeated { first_height: before.height });
    }
    if check.sender != *arrival.signer {
        return Err(not_asked(&check.sender, arrival.signer));
    }
    if check.status != SpotCheckStatus::Asked || check.due < now {
        let is_late = check.status == SpotCheckStatus::Asked;
        let found = if is_late { SpotCheckStatus::Unanswered.name() } else { check.status.name() };
        return Err(closed("asked", found));
    }
    close(work, &said.check)?;
    check.answer = Some(SaidAt { document: arrival.id, height: arrival.height });
    check.status = match said.answer {
        OriginalAnswer::Shown(letter) => {
            let open = OpenSpotCheck { check: said.check, case: trade.case.clone() };
            work.spot_checks()?.change().shown.push(open);
            SpotCheckStatus::Shown { letter }
        }
        OriginalAnswer::Missing(reason) => SpotCheckStatus::Missing { reason },
    };
    put(work, &trade, check)?;
    Ok(Applied::Accepted { case: Some(trade.case) })
}

fn judged<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    arrival: &Arrival<'_>,
    said: SpotCheckResult,
) -> Result<Applied, Stop> {
    let (trade, mut check) = find(work, &said.check)?;
    if let Some(before) = check.judgement.filter(|before| before.document == arrival.id) {
        return Ok(Applied::Repeated { first_height: before.height });
    }
    if check.agency != *arrival.signer {
        return Err(not_asked(&check.agency, arrival.signer));
    }
    if !matches!(check.status, SpotCheckStatus::Shown { .. }) {
        return Err(closed("shown", check.status.name()));
    }
    close(work, &said.check)?;
    check.judgement = Some(SaidAt { document: arrival.id, height: arrival.height });
    check.status = match said.result {
        OriginalResult::Agrees => SpotCheckStatus::Agrees,
        OriginalResult::Differs { field, ledger, original } => {
            SpotCheckStatus::Differs { field, ledger, original }
        }
    };
    put(work, &trade, check)?;
    Ok(Applied::Accepted { case: Some(trade.case) })
}

fn erased<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    arrival: &Arrival<'_>,
    said: Erasure,
) -> Result<Applied, Stop> {
    let (now, days) = (work.context.time, work.context.policy.retention_days);
    let Erasure { case: key, document, .. } = said;
    if let Some(before) = work.erasure(&document)?.get() {
        if before.record == arrival.id {
            return Ok(Applied::Repeated { first_height: before.height });
        }
        let (expected, found) = ("no deletion record", &before.record);
        return Err(Rejected::new(Rejection::ErasedAlready, "document", expected, found).into());
    }
    let found = trade_with(work, &key, &document)?;
    let (trade, (_, sender, app_time)) = found.ok_or_else(|| unknown_document(&document))?;
    if sender != *arrival.signer {
        let rejection = Rejection::NotSender;
        return Err(Rejected::new(rejection, "signer", &sender, arrival.signer).into());
    }
    let mut asked = checks(work, &trade)?.iter();
    if asked.any(|check| check.document == document && check.status.is_open()) {
        let expected = "no open spot check of the document";
        let rejection = Rejection::SpotCheckOpen;
        return Err(Rejected::new(rejection, "document", expected, "one").into());
    }
    // The block time of the case's first document, or the reported time where that is later: a
    // document cannot be dated back to get rid of it sooner.
    let opened = match trade.direction {
        Direction::Import => work.case(&key)?.get().opened,
        Direction::Export => work.export_case(&key)?.get().opened,
    };
    let from = opened.max(app_time.millis());
    let until = Millis(from.0.saturating_add(u64::from(days).saturating_mul(DAY_MS)));
    if now < until {
        let day = |millis| CustomsTime::from_millis(millis);
        let expected = format!("{} or later: {days} days after {}", day(until), day(from));
        let rejection = Rejection::RetentionNotOver;
        return Err(Rejected::new(rejection, "document", expected, day(now)).into());
    }
    let record = ErasureRecord { record: arrival.id, height: arrival.height };
    work.erasure(&document)?.put(Some(record));
    Ok(Applied::Accepted { case: Some(key) })
}
