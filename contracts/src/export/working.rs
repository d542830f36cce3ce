//! What a block works on of exports: see `working_set`.

use super::case::ExportCase;
use super::facts::{ExportListFacts, ExportWaybillFacts};
use super::records::{ListNumberRecord, Notice, NoticeRecord, ParcelRecord, ReceiptRecord};
use crate::case::{Entry, load};
use crate::credit::{self, CaseCredit};
use crate::deadlines::{self, DeadlineBook};
use crate::document::DocumentKind;
use crate::event::{CaseState, Event};
use crate::execute::{CaseChange, CaseStanding};
use crate::flows::{self, CaseFlow};
use crate::incoming::WaybillNumber;
use crate::matching::{Standing, evaluate_export};
use crate::policy::Direction;
use crate::risk::{self, Outcome, Reached};
use crate::state::{StateError, StateRead};
use crate::state_key;
use crate::statistics::{self, Contribution};
use crate::working_set::{Sheet, Stage, Table, WorkingSet, Write};
use kanhe_types::codec;
use kanhe_types::hash::Hash;
use kanhe_types::receipt::CaseKey;
use std::collections::BTreeMap;

/// The records of exports that a block works on.
pub(crate) struct ExportSet {
    cases: Table<ExportSheet>,
    receipts: Table<Sheet<ReceiptRecord>>,
    parcels: Table<Sheet<ParcelRecord>>,
    earlier: Table<Sheet<ParcelRecord>>,
    numbers: Table<Sheet<ListNumberRecord>>,
    notices: Table<Sheet<NoticeRecord>>,
    deadlines: DeadlineBook,
}

/// An export case, and what has to happen to it at the end of the block.
pub(crate) struct ExportSheet {
    case: ExportCase,
    stage: Stage,
    /// How the stored case stands,
    before: Option<CaseStanding>,
    /// what it counts for,
    counted: Option<Contribution>,
    /// what it says of the three flows,
    flow: Option<CaseFlow>,
    /// and what of those who act in it.
    credit: Option<CaseCredit>,
}

/// What stands beside a case's own documents.
struct Joined {
    standing: Standing,
    is_number_taken: bool,
    waybill: Option<Entry<ExportWaybillFacts>>,
    notices: Vec<Notice>,
}

/// Cases by their state keys.
pub(crate) type EvaluatedExports = Vec<(Vec<u8>, Box<ExportSheet>)>;

/// The same, and those that are looked at again after so many days.
type Evaluated = (EvaluatedExports, BTreeMap<u32, Vec<CaseKey>>);

type Pairs = Vec<(Vec<u8>, Option<Vec<u8>>)>;

impl ExportSet {
    /// Takes what was read out of `of_kind`, in the order of the prefixes.
    pub(crate) fn new(of_kind: &mut impl FnMut(u8) -> Pairs) -> Self {
        Self {
            cases: Table::new(of_kind(state_key::EXPORT_CASE)),
            receipts: Table::new(of_kind(state_key::RECEIPT)),
            parcels: Table::new(of_kind(state_key::PARCEL)),
            earlier: Table::new(of_kind(state_key::EARLIER_PARCEL)),
            numbers: Table::new(of_kind(state_key::LIST_NUMBER)),
            notices: Table::new(of_kind(state_key::NOTICE)),
            deadlines: DeadlineBook::new(Direction::Export, of_kind(state_key::DEADLINES)),
        }
    }
}

impl ExportSheet {
    /// The case as the block has it now.
    pub(crate) fn get(&self) -> &ExportCase {
        &self.case
    }

    /// Whether there is one, stored or brought by the block.
    pub(crate) fn exists(&self) -> bool {
        self.stage != Stage::Absent
    }

    /// Where it stood before the block.
    pub(crate) fn state_before(&self) -> Option<CaseState> {
        self.before.as_ref().map(|before| before.state)
    }

    /// Puts down what comes of what it showed.
    pub(crate) fn note(&mut self, outcome: &Outcome) {
        let case = &mut self.case;
        case.risk.note(outcome);
        case.state = case.risk.held(case.state);
    }

    /// The case, to be changed. It is evaluated and written at the end of the block.
    pub(crate) fn change(&mut self) -> &mut ExportCase {
        self.stage = Stage::Changed;
        &mut self.case
    }
}

/// What the block has of an export that a rule reaches back to.
pub(crate) fn known_export(
    exports: &EvaluatedExports,
    state: &impl StateRead,
    case: &CaseKey,
) -> Result<Option<Reached>, StateError> {
    let key = state_key::export_case_key_bytes(case);
    let known = |case: &ExportCase| Reached {
        merchant: case.order_facts().map(|order| order.ebc_code.clone()),
        can_be_held: risk::can_be_held(case.state),
    };
    let place = exports.binary_search_by(|(own, _)| own.cmp(&key)).ok();
    if let Some((_, sheet)) = place.and_then(|place| exports.get(place)) {
        return Ok(Some(known(sheet.get())));
    }
    Ok(load(state, &key)?.as_ref().map(known))
}

impl<S: StateRead> WorkingSet<'_, S> {
    /// Reads the cases to which the parcels and numbers that were read belong, and those whose
    /// deadline passed, in one go; has the latter evaluated.
    pub(crate) fn follow_exports(&mut self) -> Result<(), StateError> {
        let mut keys = Vec::new();
        for key in self.export.parcels.present_keys() {
            let sheet = self.export.parcels.open(self.state, key, Sheet::new)?;
            let claims = sheet.get().map(|record| record.claims.as_slice()).unwrap_or_default();
            keys.extend(claims.iter().map(|claim| state_key::export_case_key_bytes(&claim.case)));
        }
        for key in self.export.numbers.present_keys() {
            let sheet = self.export.numbers.open(self.state, key, Sheet::new)?;
            let claims = sheet.get().map(|record| record.claims.as_slice()).unwrap_or_default();
            keys.extend(claims.iter().map(state_key::export_case_key_bytes));
        }
        let due = self.export.deadlines.pass(self.state, self.context.time)?;
        keys.extend(due.iter().map(state_key::export_case_key_bytes));
        let unread = self.export.cases.unread(keys);
        if !unread.is_empty() {
            let values = self.state.get_sorted(&unread)?;
            self.export.cases.add(unread.into_iter().zip(values));
        }
        self.touch_exports(&due)
    }

    /// The export case with this key; a blank one if there is none.
    pub(crate) fn export_case(&mut self, key: &CaseKey) -> Result<&mut ExportSheet, StateError> {
        let opened = self.context.time;
        let bytes = state_key::export_case_key_bytes(key);
        self.export.cases.open(self.state, bytes, |stored: Option<ExportCase>| {
            let stage = if stored.is_some() { Stage::Stored } else { Stage::Absent };
            let before = stored.as_ref().map(standing);
            let counted = stored.as_ref().and_then(statistics::of_export);
            let flow = stored.as_ref().map(flows::of_export);
            let credit = stored.as_ref().and_then(credit::of_export);
            let case = stored.unwrap_or_else(|| ExportCase::new(key.clone(), opened));
            ExportSheet { case, stage, before, counted, flow, credit }
        })
    }

    /// Has existing cases evaluated again.
    pub(crate) fn touch_exports(&mut self, keys: &[CaseKey]) -> Result<(), StateError> {
        for key in keys {
            let sheet = self.export_case(key)?;
            if sheet.stage == Stage::Stored {
                sheet.stage = Stage::Touched;
            }
        }
        Ok(())
    }

    /// A receipt of funds by the key of its number.
    pub(crate) fn receipt(
        &mut self,
        key: Vec<u8>,
    ) -> Result<&mut Sheet<ReceiptRecord>, StateError> {
        self.export.receipts.open(self.state, key, Sheet::new)
    }

    /// A parcel in the current use of its number.
    pub(crate) fn parcel(
        &mut self,
        number: &WaybillNumber,
    ) -> Result<&mut Sheet<ParcelRecord>, StateError> {
        let key = state_key::parcel_key_bytes(&number.code, &number.number);
        self.export.parcels.open(self.state, key, Sheet::new)
    }

    /// A parcel in this use of its number.
    pub(crate) fn parcel_of_use(
        &mut self,
        number: &WaybillNumber,
        number_use: u32,
    ) -> Result<&mut Sheet<ParcelRecord>, StateError> {
        let is_earlier =
            self.parcel(number)?.get().is_some_and(|record| number_use < record.number_use);
        if !is_earlier {
            return self.parcel(number);
        }
        let (code, number) = (&number.code, &number.number);
        let key = state_key::earlier_parcel_key_bytes(code, number, number_use);
        self.export.earlier.open(self.state, key, Sheet::new)
    }

    /// A parcel that a new document names: in a new use, if the number may be used again.
    pub(crate) fn named_parcel(
        &mut self,
        number: &WaybillNumber,
    ) -> Result<&mut Sheet<ParcelRecord>, StateError> {
        let (now, days) = (self.context.time, self.context.policy.waybill_reuse_days);
        let sheet = self.parcel(number)?;
        let Some(record) = sheet.get() else {
            sheet.put(Some(ParcelRecord { since: now, ..ParcelRecord::default() }));
            return self.parcel(number);
        };
        if now <= deadlines::after(record.since, days) {
            return self.parcel(number);
        }
        let old = record.clone();
        let number_use = old.number_use.saturating_add(1);
        sheet.put(Some(ParcelRecord { number_use, since: now, ..ParcelRecord::default() }));
        let (code, text) = (&number.code, &number.number);
        let key = state_key::earlier_parcel_key_bytes(code, text, old.number_use);
        self.export.earlier.open(self.state, key, Sheet::new)?.put(Some(old));
        self.parcel(number)
    }

    /// A list's number.
    pub(crate) fn list_number(
        &mut self,
        invt_no: &str,
    ) -> Result<&mut Sheet<ListNumberRecord>, StateError> {
        let key = state_key::list_number_key_bytes(invt_no);
        self.export.numbers.open(self.state, key, Sheet::new)
    }

    /// A document that names many, by its own key.
    pub(crate) fn notice(&mut self, key: Vec<u8>) -> Result<&mut Sheet<NoticeRecord>, StateError> {
        self.export.notices.open(self.state, key, Sheet::new)
    }

    /// Where a case stands now, by everything that the block brought so far.
    pub(crate) fn export_state_of(&mut self, key: &CaseKey) -> Result<CaseState, StateError> {
        let sheet = self.export_case(key)?;
        if matches!(sheet.stage, Stage::Absent | Stage::Stored) {
            return Ok(sheet.case.state);
        }
        let mut case = sheet.case.clone();
        self.evaluate_export(&mut case)?;
        Ok(case.state)
    }

    /// The export cases that the block changed, evaluated, and those that fall due.
    pub(crate) fn evaluate_exports(&mut self) -> Result<Evaluated, StateError> {
        let mut again: BTreeMap<u32, Vec<CaseKey>> = BTreeMap::new();
        let mut changed = Vec::new();
        for (key, mut sheet) in self.export.cases.take() {
            if matches!(sheet.stage, Stage::Absent | Stage::Stored) {
                continue;
            }
            let case = &mut sheet.case;
            let is_shortened = sheet.stage == Stage::Changed && self.shorten_export(case);
            let policy_version = self.context.policy.version;
            let is_as_stored = self.evaluate_export(case)? && case.policy_version == policy_version;
            let is_new = sheet.before.is_none() || is_shortened;
            if is_new || self.export.deadlines.is_passed(&case.key) {
                let now = self.context.time;
                let days = case.risk.days(self.context.policy.collect_days);
                if let Some(days) = deadlines::days_left(case.opened, days, now) {
                    again.entry(days).or_default().push(case.key.clone());
                }
            }
            if sheet.stage == Stage::Touched && is_as_stored {
                continue;
            }
            case.policy_version = policy_version;
            case.changed_height = self.context.height;
            case.note_departure(self.context.time);
            changed.push((key, sheet));
        }
        Ok((changed, again))
    }

    /// Shortens what an export waits where its merchant's grade says so. Says whether it did.
    fn shorten_export(&self, case: &mut ExportCase) -> bool {
        let of_list = case.list.as_ref().and_then(|entry| entry.facts.as_ref());
        let of_order = case.order.as_ref().and_then(|entry| entry.facts.as_ref());
        let merchant = of_order.map(|own| &own.ebc_code).or(of_list.map(|own| &own.ebc_code));
        self.terms.shorten(&mut case.risk, merchant)
    }

    /// Puts down in an export that an alert holds it, which a later trade raised.
    pub(crate) fn hold_back_export(
        &mut self,
        case: &CaseKey,
        exports: &mut EvaluatedExports,
    ) -> Result<(), StateError> {
        let key = state_key::export_case_key_bytes(case);
        let place = match exports.binary_search_by(|(own, _)| own.cmp(&key)) {
            Ok(place) => place,
            Err(place) => {
                let height = self.context.height;
                self.export_case(case)?.change().changed_height = height;
                let Some(own) = self.export.cases.take().find(|(own, _)| *own == key) else {
                    return Ok(());
                };
                exports.insert(place, own);
                place
            }
        };
        if let Some((_, sheet)) = exports.get_mut(place) {
            sheet.note(&Outcome { is_held: true, ..Outcome::default() });
        }
        Ok(())
    }

    /// Adds the changes of exports and what happened to them.
    pub(crate) fn write_exports(
        &mut self,
        changed: EvaluatedExports,
        again: &BTreeMap<u32, Vec<CaseKey>>,
        writes: &mut Vec<Write>,
        events: &mut Vec<Event>,
        changes: &mut Vec<CaseChange>,
    ) -> Result<(), StateError> {
        for (key, sheet) in changed {
            self.statistics.moved(sheet.counted, statistics::of_export(&sheet.case));
            self.flows.moved(sheet.flow, flows::of_export(&sheet.case));
            self.credit.moved(sheet.credit, credit::of_export(&sheet.case));
            writes.push((key, Some(codec::encode(&sheet.case))));
            let after = standing(&sheet.case);
            let (parties, state) = (after.parties.clone(), after.state);
            let (case, direction) = (sheet.case.key, Direction::Export);
            events.push(Event::ExportCaseChanged { case: case.clone(), parties, state });
            changes.push(CaseChange { direction, case, before: sheet.before, after });
        }
        let now = self.context.time;
        let deadlines = &mut self.export.deadlines;
        deadlines.begin_writes(writes);
        for (days, cases) in again {
            deadlines.queue(self.state, now, *days, cases, writes)?;
        }
        deadlines.finish_writes(writes);
        self.export.receipts.write(writes);
        self.export.parcels.write(writes);
        self.export.earlier.write(writes);
        self.export.numbers.write(writes);
        self.export.notices.write(writes);
        Ok(())
    }

    /// Joins the case with its parcel and number and asks the rules. Whether it said so already.
    fn evaluate_export(&mut self, case: &mut ExportCase) -> Result<bool, StateError> {
        let joined = match case.list_facts() {
            None => Joined::default(),
            Some(list) => self.join(case, list)?,
        };
        let was_joined = joined.is_of(case);
        joined.put(case);
        let policy = self.context.policy;
        let days = case.risk.days(policy.collect_days);
        let is_due = deadlines::after(case.opened, days) <= self.context.time;
        let verdict = evaluate_export(case, policy, is_due);
        let was_said = verdict.is_of(case);
        verdict.put(case);
        Ok(was_joined && was_said)
    }

    /// What the parcel and the number that the list names bring to its case.
    fn join(&mut self, case: &ExportCase, list: &ExportListFacts) -> Result<Joined, StateError> {
        let number =
            WaybillNumber { code: list.logistics_code.clone(), number: list.logistics_no.clone() };
        let record = self.parcel_of_use(&number, list.parcel_use)?.get();
        let (standing, waybill) = stand(case, record);
        let is_ours = matches!(standing, Standing::Held | Standing::Awaited);
        let of_parcel = record.filter(|_| is_ours).map(|record| record.notices.clone());
        let mut notices = of_parcel.unwrap_or_default();
        let mut is_number_taken = false;
        if let Some(invt_no) = &list.invt_no
            && let Some(record) = self.list_number(invt_no)?.get()
        {
            is_number_taken = record.claims.first().is_some_and(|first| *first != case.key);
            if !is_number_taken {
                notices.extend(record.notices.iter().cloned());
            }
        }
        // A tally may come by parcel and by number.
        notices.sort_by_key(order);
        notices.dedup_by(|one, two| order(one) == order(two));
        Ok(Joined { standing, is_number_taken, waybill, notices })
    }
}

fn order(notice: &Notice) -> (DocumentKind, Hash) {
    (notice.meta.kind, notice.meta.document)
}

/// How the parcel that the case's list names stands to the case, and its waybill.
fn stand(
    case: &ExportCase,
    record: Option<&ParcelRecord>,
) -> (Standing, Option<Entry<ExportWaybillFacts>>) {
    let waybill = record.and_then(|record| record.entry.as_ref());
    let waybill = waybill.filter(|entry| entry.facts.is_some());
    if record.and_then(ParcelRecord::claimed_by) == Some(&case.key) {
        return match waybill {
            Some(entry) => (Standing::Held, Some(entry.clone())),
            None => (Standing::Awaited, None),
        };
    }
    let consignor = waybill.and_then(|entry| entry.facts.as_ref()?.ebc_code.as_ref());
    let is_others = match (consignor, case.list_facts()) {
        (Some(consignor), Some(list)) => *consignor != list.ebc_code,
        _ => false,
    };
    (if is_others { Standing::OfAnotherOrder } else { Standing::Taken }, None)
}

impl Joined {
    /// Whether the case has it already.
    fn is_of(&self, case: &ExportCase) -> bool {
        // An identity stands for one version with one history.
        let document = |entry: &Entry<ExportWaybillFacts>| entry.meta.document;
        self.standing == case.standing
            && self.is_number_taken == case.is_number_taken
            && self.waybill.as_ref().map(document) == case.waybill.as_ref().map(document)
            && self.notices == case.notices
    }

    fn put(self, case: &mut ExportCase) {
        case.standing = self.standing;
        case.is_number_taken = self.is_number_taken;
        case.waybill = self.waybill;
        case.notices = self.notices;
    }
}

impl Default for Joined {
    fn default() -> Self {
        let (standing, is_number_taken) = (Standing::Unnamed, false);
        Self { standing, is_number_taken, waybill: None, notices: Vec::new() }
    }
}

fn standing(case: &ExportCase) -> CaseStanding {
    CaseStanding { state: case.state, parties: case.parties() }
}
