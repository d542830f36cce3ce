//! What a block has read of the state so far, and what it has changed.
//!
//! Each record is read and decoded at most once in a block, and encoded at most once, when the
//! block is done. Cases are evaluated then, too: by the documents that are current after the block,
//! and not once for every document that touches them.

mod table;

pub(crate) use table::{Sheet, Table, Write};

use crate::beside;
use crate::capital::CapitalSet;
use crate::case::{
    self, AttestationRecord, Case, Entry, PaymentRecord, WaybillFacts, WaybillRecord,
};
use crate::clearance::{self, ClearanceSet, SignedFacts, Unfit};
use crate::credit::{self, CaseCredit, CreditSums};
use crate::event::{CaseState, Event};
use crate::execute::{BlockContext, CaseChange, CaseStanding};
use crate::export::{self, EvaluatedExports, ExportSet};
use crate::flows::{self, CaseFlow, Flows};
use crate::governance::Zone;
use crate::incoming::{Person, WaybillNumber};
use crate::limits::WAITING_CASES_MAX;
use crate::matching::{Joined, Passed, RuleOutcome, Said, Standing, evaluate, is_payer_the_buyer};
use crate::policy::Direction;
use crate::registry::Organisation;
use crate::risk::{
    self, Circumstances, Outcome, Reached, Risk, Seen, Shown, SupervisionTerms, Texts,
};
use crate::spot_check::{ErasureRecord, SpotCheckQueue};
use crate::state::{StateError, StateRead, Writes};
use crate::state_key;
use crate::statistics::{self, Contribution, Statistics};
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec;
use kanhe_types::hash::Hash;
use kanhe_types::receipt::CaseKey;
use std::collections::{BTreeMap, BTreeSet};
use std::iter;

/// The records that a block works on, by the kind of their keys.
pub(crate) struct WorkingSet<'a, S> {
    pub(crate) context: &'a BlockContext<'a>,
    pub(crate) state: &'a S,
    pub(crate) zone: Zone<'a, S>,
    cases: Table<CaseSheet>,
    payments: Table<Sheet<PaymentRecord>>,
    waybills: Table<Sheet<WaybillRecord>>,
    attestations: Table<Sheet<AttestationRecord>>,
    waiting: Table<Sheet<Vec<CaseKey>>>,
    spot_check_cases: Table<Sheet<CaseKey>>,
    spot_checks: Table<Sheet<SpotCheckQueue>>,
    erasures: Table<Sheet<ErasureRecord>>,
    pub(crate) clearance: ClearanceSet<'a>,
    pub(crate) capital: CapitalSet,
    pub(crate) export: ExportSet,
    pub(crate) statistics: Statistics,
    pub(crate) flows: Flows,
    pub(crate) credit: CreditSums,
    /// The merchants whose documents are due sooner than others'.
    pub(crate) terms: SupervisionTerms,
    /// The running digest of what the state's tree does not have, as the block finds it.
    beside: Hash,
}

/// A case, and what has to happen to it at the end of the block.
pub(crate) struct CaseSheet {
    case: Case,
    stage: Stage,
    /// Whose attestation the stored case waits for.
    awaited: Option<Person>,
    /// How the stored case stands,
    before: Option<CaseStanding>,
    /// what it counts for,
    counted: Option<Contribution>,
    /// what it says of the three flows,
    flow: Option<CaseFlow>,
    /// and what of those who act in it.
    credit: Option<CaseCredit>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// There is none, and nothing was put into it.
    Absent,
    /// It stands as it is stored.
    Stored,
    /// What stands beside it may have changed: it is evaluated again.
    Touched,
    /// A document changed it: it is evaluated and written.
    Changed,
}

/// Cases by their state keys.
type Evaluated = Vec<(Vec<u8>, Box<CaseSheet>)>;

/// Cases whose observations are made, and their features read, in one go: those of a whole block
/// would take some ten megabytes. Two in tests, so that blocks of tests have more.
const OBSERVED_TOGETHER: usize = if cfg!(test) { 2 } else { 256 };

/// What a block did, but for its receipts.
pub(crate) struct Finished {
    /// The changes of records.
    pub(crate) writes: Writes,
    /// What happened: to the zone in order, then to cases, ascending by their state keys.
    pub(crate) events: Vec<Event>,
    /// The same with what it was before.
    pub(crate) changes: Vec<CaseChange>,
    /// What risk observed, if anybody wanted to see it.
    pub(crate) seen: Vec<Seen>,
}

/// What is true of a case by all the documents that are current now.
struct Evaluation {
    state: CaseState,
    outcomes: Vec<RuleOutcome>,
    standing: Standing,
    waybill: Option<Entry<WaybillFacts>>,
    attestation: Option<Hash>,
    delivery: Option<Entry<SignedFacts>>,
    unfit: Vec<Unfit>,
    is_late: bool,
}

impl<'a, S: StateRead> WorkingSet<'a, S> {
    /// The working set of a block that reads the values of `keys` in one go; they may be in any
    /// order and repeat. What else turns out to be needed is read one by one.
    pub(crate) fn read(
        context: &'a BlockContext<'a>,
        state: &'a S,
        zone: Zone<'a, S>,
        mut keys: Vec<Vec<u8>>,
        speakers: &'a BTreeMap<Vec<u8>, Organisation>,
    ) -> Result<Self, StateError> {
        // The deadlines of spot checks, in the same reading.
        keys.push(state_key::spot_checks_key_bytes());
        keys.push(state_key::deadlines_key_bytes(Direction::Import));
        keys.push(state_key::deadlines_key_bytes(Direction::Export));
        keys.push(state_key::supervision_terms_key_bytes());
        keys.push(state_key::beside_key_bytes());
        keys.sort_unstable();
        keys.dedup();
        let values = state.get_sorted(&keys)?;
        let mut pairs = keys.into_iter().zip(values).peekable();
        let mut of_kind = |prefix| {
            iter::from_fn(|| pairs.next_if(|(key, _)| key.first() == Some(&prefix))).collect()
        };
        // In the order of the prefixes, which is that of the keys.
        let mut work = Self {
            context,
            state,
            zone,
            cases: Table::new(of_kind(state_key::CASE)),
            payments: Table::new(of_kind(state_key::PAYMENT)),
            waybills: Table::new(of_kind(state_key::WAYBILL)),
            attestations: Table::new(of_kind(state_key::ATTESTATION)),
            waiting: Table::new(of_kind(state_key::WAITING)),
            spot_check_cases: Table::new(of_kind(state_key::SPOT_CHECK)),
            spot_checks: Table::new(of_kind(state_key::SPOT_CHECKS)),
            erasures: Table::new(of_kind(state_key::ERASURE)),
            clearance: ClearanceSet::new(&mut of_kind, speakers),
            capital: CapitalSet::new(&mut of_kind),
            export: ExportSet::new(&mut of_kind),
            statistics: Statistics::default(),
            flows: Flows::default(),
            credit: CreditSums::default(),
            terms: SupervisionTerms::default(),
            beside: Hash::default(),
        };
        let terms: Vec<(Vec<u8>, Option<Vec<u8>>)> = of_kind(state_key::SUPERVISION_TERMS);
        if let Some((key, Some(bytes))) = terms.first() {
            work.terms = case::decode(key, bytes)?;
        }
        let beside: Vec<(Vec<u8>, Option<Vec<u8>>)> = of_kind(state_key::BESIDE);
        if let Some((key, Some(bytes))) = beside.first() {
            work.beside = case::decode(key, bytes)?;
        }
        work.follow_imports()?;
        work.follow_exports()?;
        Ok(work)
    }

    /// The zone itself.
    pub(crate) fn zone(&mut self) -> &mut Zone<'a, S> {
        &mut self.zone
    }

    /// The case with this key; a blank one if there is none.
    pub(crate) fn case(&mut self, key: &CaseKey) -> Result<&mut CaseSheet, StateError> {
        let opened = self.context.time;
        self.cases.open(self.state, state_key::case_key_bytes(key), |stored: Option<Case>| {
            let stage = if stored.is_some() { Stage::Stored } else { Stage::Absent };
            let awaited = stored.as_ref().and_then(awaited_person);
            let before = stored.as_ref().map(standing);
            let counted = stored.as_ref().and_then(statistics::of_import);
            let flow = stored.as_ref().map(flows::of_import);
            let credit = stored.as_ref().and_then(credit::of_import);
            let case = stored.unwrap_or_else(|| Case::new(key.clone(), opened));
            CaseSheet { case, stage, awaited, before, counted, flow, credit }
        })
    }

    /// Has existing cases evaluated again.
    pub(crate) fn touch(&mut self, keys: &[CaseKey]) -> Result<(), StateError> {
        for key in keys {
            let sheet = self.case(key)?;
            if sheet.stage == Stage::Stored {
                sheet.stage = Stage::Touched;
            }
        }
        Ok(())
    }

    /// Adds the state keys of the cases whose lists name the waybills that were read.
    pub(crate) fn claims_of_waybills(
        &mut self,
        keys: &mut BTreeSet<Vec<u8>>,
    ) -> Result<(), StateError> {
        for key in self.waybills.present_keys() {
            let sheet = self.waybills.open(self.state, key, Sheet::new)?;
            let claims = sheet.get().map(|record| record.claims.as_slice()).unwrap_or_default();
            keys.extend(claims.iter().map(state_key::case_key_bytes));
        }
        Ok(())
    }

    /// Reads those of the cases with these keys that were not read yet, in one go.
    pub(crate) fn read_cases(&mut self, keys: BTreeSet<Vec<u8>>) -> Result<(), StateError> {
        let unread = self.cases.unread(keys);
        if !unread.is_empty() {
            let values = self.state.get_sorted(&unread)?;
            self.cases.add(unread.into_iter().zip(values));
        }
        Ok(())
    }

    /// The payment transaction of a payment firm with this number.
    pub(crate) fn payment(
        &mut self,
        pay_code: &OrganisationCode,
        transaction: &str,
    ) -> Result<&mut Sheet<PaymentRecord>, StateError> {
        let key = state_key::payment_key_bytes(pay_code, transaction);
        self.payments.open(self.state, key, Sheet::new)
    }

    /// The waybill with this number.
    pub(crate) fn waybill(
        &mut self,
        number: &WaybillNumber,
    ) -> Result<&mut Sheet<WaybillRecord>, StateError> {
        self.waybill_of(&number.code, &number.number)
    }

    pub(crate) fn waybill_of(
        &mut self,
        code: &OrganisationCode,
        number: &str,
    ) -> Result<&mut Sheet<WaybillRecord>, StateError> {
        let key = state_key::waybill_key_bytes(code, number);
        self.waybills.open(self.state, key, Sheet::new)
    }

    /// The attestation of a person.
    pub(crate) fn attestation(
        &mut self,
        person: Person,
    ) -> Result<&mut Sheet<AttestationRecord>, StateError> {
        self.attestations.open(self.state, person.attestation_key(), Sheet::new)
    }

    /// The cases that wait for the attestation of a person.
    pub(crate) fn waiting(
        &mut self,
        person: Person,
    ) -> Result<&mut Sheet<Vec<CaseKey>>, StateError> {
        self.waiting.open(self.state, person.waiting_key(), Sheet::new)
    }

    /// The case that has the spot check with this identity.
    pub(crate) fn spot_check_case(
        &mut self,
        check: &Hash,
    ) -> Result<&mut Sheet<CaseKey>, StateError> {
        self.spot_check_cases.open(self.state, state_key::spot_check_key_bytes(check), Sheet::new)
    }

    /// The spot checks on which somebody still has to say something.
    pub(crate) fn spot_checks(&mut self) -> Result<&mut Sheet<SpotCheckQueue>, StateError> {
        self.spot_checks.open(self.state, state_key::spot_checks_key_bytes(), Sheet::new)
    }

    /// That the original of a document was destroyed.
    pub(crate) fn erasure(
        &mut self,
        document: &Hash,
    ) -> Result<&mut Sheet<ErasureRecord>, StateError> {
        self.erasures.open(self.state, state_key::erasure_key_bytes(document), Sheet::new)
    }

    /// Where a case stands now, by everything that the block brought so far.
    pub(crate) fn state_of(&mut self, key: &CaseKey) -> Result<CaseState, StateError> {
        let sheet = self.case(key)?;
        if matches!(sheet.stage, Stage::Absent | Stage::Stored) {
            return Ok(sheet.case.state);
        }
        let case = sheet.case.clone();
        Ok(self.evaluate(&case)?.state)
    }

    /// Evaluates the cases that the block touched, and gives its changes and what happened.
    pub(crate) fn finish(mut self) -> Result<Finished, StateError> {
        let (mut writes, mut events, mut changes) = (Vec::new(), Vec::new(), Vec::new());
        let mut again: BTreeMap<u32, Vec<CaseKey>> = BTreeMap::new();
        let mut imports = self.evaluate_imports(&mut again)?;
        let (mut exports, exports_again) = self.evaluate_exports()?;
        let seen = self.observe(&mut imports, &mut exports, &mut writes)?;
        for (key, sheet) in imports {
            self.statistics.moved(sheet.counted, statistics::of_import(&sheet.case));
            self.flows.moved(sheet.flow, flows::of_import(&sheet.case));
            self.credit.moved(sheet.credit, credit::of_import(&sheet.case));
            writes.push((key, Some(codec::encode(&sheet.case))));
            let after = standing(&sheet.case);
            let (parties, state) = (after.parties.clone(), after.state);
            let (case, direction) = (sheet.case.key, Direction::Import);
            events.push(Event::CaseChanged { case: case.clone(), parties, state });
            changes.push(CaseChange { direction, case, before: sheet.before, after });
        }
        self.payments.write(&mut writes);
        self.waybills.write(&mut writes);
        self.attestations.write(&mut writes);
        self.waiting.write(&mut writes);
        self.spot_check_cases.write(&mut writes);
        self.spot_checks.write(&mut writes);
        self.erasures.write(&mut writes);
        self.capital.write(&mut writes);
        self.finish_clearance(&again, &mut writes)?;
        self.write_exports(exports, &exports_again, &mut writes, &mut events, &mut changes)?;
        let (state, mut known) = (self.zone.state(), self.clearance);
        let park_of = |code: &OrganisationCode| {
            let own = known.organisation(state, state_key::organisation_key_bytes(code))?;
            Ok(own.and_then(|own| own.park.clone()))
        };
        self.statistics.finish(state, self.context.time, park_of, &mut writes)?;
        self.flows.finish(state, &mut writes)?;
        self.credit.finish(state, &mut writes)?;
        // What the zone keeps stands under keys of its own.
        let (of_zone, mut happened) = self.zone.finish();
        writes.extend(of_zone);
        if !happened.is_empty() {
            happened.append(&mut events);
            events = happened;
        }
        let mut writes: Writes = writes.into_iter().collect();
        beside::commit(&self.beside, &mut writes);
        Ok(Finished { writes, events, changes, seen })
    }

    /// The imports that the block changed, evaluated. Adds those that fall due to `again`.
    fn evaluate_imports(
        &mut self,
        again: &mut BTreeMap<u32, Vec<CaseKey>>,
    ) -> Result<Evaluated, StateError> {
        let mut changed = Vec::new();
        for (key, mut sheet) in self.cases.take() {
            if matches!(sheet.stage, Stage::Absent | Stage::Stored) {
                continue;
            }
            let case = &mut sheet.case;
            let is_shortened = sheet.stage == Stage::Changed && self.shorten(case);
            let evaluation = self.evaluate(case)?;
            let is_new = sheet.before.is_none() || is_shortened;
            if let Some(days) = self.look_again(case, evaluation.state, is_new) {
                again.entry(days).or_default().push(case.key.clone());
            }
            let policy_version = self.context.policy.version;
            let is_as_stored = evaluation.is_of(case) && case.policy_version == policy_version;
            if sheet.stage == Stage::Touched && is_as_stored {
                continue;
            }
            evaluation.put(case);
            case.policy_version = policy_version;
            case.changed_height = self.context.height;
            self.update_waiting(sheet.awaited, case)?;
            changed.push((key, sheet));
        }
        Ok(changed)
    }

    /// Shortens what an import waits where its merchant's grade says so. Says whether it did.
    fn shorten(&self, case: &mut Case) -> bool {
        let of_list = case.list.as_ref().and_then(|entry| entry.facts.as_ref());
        let of_order = case.order.as_ref().and_then(|entry| entry.facts.as_ref());
        let merchant = of_order.map(|own| &own.ebc_code).or(of_list.map(|own| &own.ebc_code));
        self.terms.shorten(&mut case.risk, merchant)
    }

    /// Observes what the evaluated cases show, and puts down in them what comes of it. Gives what
    /// it observed if anybody wants to see it.
    fn observe(
        &mut self,
        imports: &mut Evaluated,
        exports: &mut EvaluatedExports,
        writes: &mut Vec<Write>,
    ) -> Result<Vec<Seen>, StateError> {
        let programs = self.context.programs;
        if programs.risk.is_idle() {
            return Ok(Vec::new());
        }
        let BlockContext { policy, time, height, parent, .. } = *self.context;
        let at = Circumstances { policy, now: time, height };
        let terms = std::mem::take(&mut self.terms);
        let mut work = Risk::begin(programs, at, parent, self.zone.state_mut())?;
        work.know_terms(terms);
        if self.context.is_watched {
            work.watch();
        }
        work.escalate()?;
        let state = self.state;
        let know = |direction, case: &CaseKey| match direction {
            Direction::Import => known_import(imports, state, case),
            Direction::Export => export::known_export(exports, state, case),
        };
        let mut observing = work.begin_observing(state, writes)?;
        let mut observe =
            |shown: Vec<Option<Shown<'_>>>| work.observe(&mut observing, shown, &know);
        let of_imports = observe_each(
            imports,
            |sheet| Texts::of_import(&sheet.case, sheet.state_before()),
            |sheet, texts| Shown {
                direction: Direction::Import,
                case: sheet.case.key.clone(),
                observations: risk::of_import(&sheet.case, sheet.state_before(), texts, at),
            },
            &mut observe,
        )?;
        let of_exports = observe_each(
            exports,
            |sheet| Texts::of_export(sheet.get(), sheet.state_before(), height),
            |sheet, texts| Shown {
                direction: Direction::Export,
                case: sheet.get().key.clone(),
                observations: risk::of_export(sheet.get(), sheet.state_before(), texts, at),
            },
            &mut observe,
        )?;
        work.end_observing(observing, writes)?;
        let (seen, held_back) = (work.take_seen(), work.take_held_back());
        work.finish()?;
        for ((_, sheet), outcome) in imports.iter_mut().zip(of_imports) {
            let Some(outcome) = outcome else { continue };
            let case = &mut sheet.case;
            case.risk.note(&outcome);
            case.state = case.risk.held(case.state);
        }
        for ((_, sheet), outcome) in exports.iter_mut().zip(of_exports) {
            outcome.iter().for_each(|outcome| sheet.note(outcome));
        }
        for (direction, case) in held_back {
            match direction {
                Direction::Import => self.hold_back(&case, imports)?,
                Direction::Export => self.hold_back_export(&case, exports)?,
            }
        }
        Ok(seen)
    }

    /// Puts down in an import that an alert holds it, which a later trade raised.
    fn hold_back(&mut self, case: &CaseKey, imports: &mut Evaluated) -> Result<(), StateError> {
        let key = state_key::case_key_bytes(case);
        let place = match imports.binary_search_by(|(own, _)| own.cmp(&key)) {
            Ok(place) => place,
            Err(place) => {
                let height = self.context.height;
                self.case(case)?.change().changed_height = height;
                let Some(own) = self.cases.take().find(|(own, _)| *own == key) else {
                    return Ok(());
                };
                imports.insert(place, own);
                place
            }
        };
        if let Some((_, sheet)) = imports.get_mut(place) {
            let case = &mut sheet.case;
            case.risk.is_held = true;
            case.state = case.risk.held(case.state);
        }
        Ok(())
    }

    /// Joins the case with its waybill and its orderer's attestation, and asks the rules.
    fn evaluate(&mut self, case: &Case) -> Result<Evaluation, StateError> {
        let (policy, now) = (self.context.policy, self.context.time);
        let passed = Passed {
            // A case that nothing speaks of any more waits for nothing.
            is_due: clearance::is_due(case, policy, now) && !case.is_blank(),
            is_over: clearance::is_over(case, policy, now),
        };
        let unfit = self.unfit(case)?;
        let attestation = match buyer_to_attest(case) {
            None => None,
            Some(person) => self.attestation(person)?.get().map(|record| record.meta.document),
        };
        let (standing, waybill, delivery) = match case.list_facts() {
            None => (Standing::Unnamed, None, None),
            Some(list) => {
                let record = self.waybill_of(&list.logistics_code, &list.logistics_no)?;
                let record = record.get();
                let (standing, waybill) = join(case, record);
                (standing, waybill, signed(case, record))
            }
        };
        let joined = Joined { standing, waybill, attestation, delivery, unfit: &unfit };
        let Said { outcomes, state, is_late } = evaluate(case, joined, policy, passed);
        let (waybill, delivery) = (waybill.cloned(), delivery.cloned());
        Ok(Evaluation { state, outcomes, standing, waybill, attestation, delivery, unfit, is_late })
    }

    /// Keeps the list of cases that an attestation would settle.
    fn update_waiting(&mut self, old: Option<Person>, now: &Case) -> Result<(), StateError> {
        let new = awaited_person(now);
        if old == new {
            return Ok(());
        }
        if let Some(person) = old {
            let sheet = self.waiting(person)?;
            let mut waiting = sheet.get().cloned().unwrap_or_default();
            waiting.retain(|key| *key != now.key);
            sheet.put(Some(waiting).filter(|waiting| !waiting.is_empty()));
        }
        if let Some(person) = new {
            let sheet = self.waiting(person)?;
            let mut waiting = sheet.get().cloned().unwrap_or_default();
            if waiting.len() < WAITING_CASES_MAX && !waiting.contains(&now.key) {
                waiting.push(now.key.clone());
                sheet.put(Some(waiting));
            }
        }
        Ok(())
    }
}

/// What observing makes of each of some cases, a bounded number of which are observed together.
fn observe_each<C>(
    cases: &[(Vec<u8>, Box<C>)],
    texts_of: impl Fn(&C) -> Option<Texts>,
    shown_of: impl for<'t> Fn(&'t C, &'t Texts) -> Shown<'t>,
    mut observe: impl FnMut(Vec<Option<Shown<'_>>>) -> Result<Vec<Option<Outcome>>, StateError>,
) -> Result<Vec<Option<Outcome>>, StateError> {
    let mut outcomes = Vec::with_capacity(cases.len());
    for some in cases.chunks(OBSERVED_TOGETHER) {
        let texts: Vec<Option<Texts>> = some.iter().map(|(_, own)| texts_of(own)).collect();
        let shown =
            some.iter().zip(&texts).map(|((_, own), texts)| Some(shown_of(own, texts.as_ref()?)));
        outcomes.extend(observe(shown.collect())?);
    }
    Ok(outcomes)
}

/// What the block has of an import that a rule reaches back to.
fn known_import(
    imports: &Evaluated,
    state: &impl StateRead,
    case: &CaseKey,
) -> Result<Option<Reached>, StateError> {
    let key = state_key::case_key_bytes(case);
    let known = |case: &Case| Reached {
        merchant: case.order_facts().map(|order| order.ebc_code.clone()),
        can_be_held: risk::can_be_held(case.state),
    };
    let place = imports.binary_search_by(|(own, _)| own.cmp(&key)).ok();
    if let Some((_, sheet)) = place.and_then(|place| imports.get(place)) {
        return Ok(Some(known(&sheet.case)));
    }
    Ok(case::load(state, &key)?.as_ref().map(known))
}

impl Evaluation {
    /// Whether the case says so already.
    fn is_of(&self, case: &Case) -> bool {
        // An identity stands for one version with one history.
        let document = |entry: &Entry<WaybillFacts>| entry.meta.document;
        self.state == case.state
            && self.outcomes == case.outcomes
            && self.standing == case.standing
            && self.waybill.as_ref().map(document) == case.waybill.as_ref().map(document)
            && self.attestation == case.attestation
            && self.delivery == case.clearance.delivery
            && self.unfit == case.clearance.unfit
            && self.is_late == case.clearance.is_late
    }

    fn put(self, case: &mut Case) {
        case.state = self.state;
        case.outcomes = self.outcomes;
        case.standing = self.standing;
        case.waybill = self.waybill;
        case.attestation = self.attestation;
        case.clearance.delivery = self.delivery;
        case.clearance.unfit = self.unfit;
        case.clearance.is_late = self.is_late;
    }
}

/// How the waybill that the case's list names stands to the case, and the waybill if it is there
/// and belongs to the case.
fn join<'a>(
    case: &Case,
    record: Option<&'a WaybillRecord>,
) -> (Standing, Option<&'a Entry<WaybillFacts>>) {
    let waybill = record.and_then(|record| record.entry.as_ref());
    let waybill = waybill.and_then(|entry| Some((entry, entry.facts.as_ref()?)));
    if record.and_then(WaybillRecord::claimed_by) == Some(&case.key) {
        return match waybill {
            Some((entry, _)) => (Standing::Held, Some(entry)),
            None => (Standing::Awaited, None),
        };
    }
    let carries_another = waybill.is_some_and(|(_, facts)| facts.order_no != case.key.order_no);
    (if carries_another { Standing::OfAnotherOrder } else { Standing::Taken }, None)
}

/// That the case's parcel was signed for, where the waybill's number is the case's.
fn signed<'a>(case: &Case, record: Option<&'a WaybillRecord>) -> Option<&'a Entry<SignedFacts>> {
    let signed = record?.signed.as_ref().filter(|signed| signed.facts.is_some())?;
    (record?.claimed_by() == Some(&case.key)).then_some(signed)
}

fn standing(case: &Case) -> CaseStanding {
    CaseStanding { state: case.state, parties: case.parties() }
}

/// The orderer, if rule M06 needs the orderer's attestation: the case has order and payment, and
/// the payer is somebody else or cannot be compared.
fn buyer_to_attest(case: &Case) -> Option<Person> {
    let (order, payment) = (case.order_facts()?, case.payment_facts()?);
    (!is_payer_the_buyer(payment, order)).then_some(Person {
        scope: order.pseudonyms,
        id_number: order.buyer_id_number,
        name: order.buyer_name,
    })
}

/// The orderer, if the case waits for the attestation.
fn awaited_person(case: &Case) -> Option<Person> {
    buyer_to_attest(case).filter(|_| case.attestation.is_none())
}

impl CaseSheet {
    /// Where it stood before the block.
    fn state_before(&self) -> Option<CaseState> {
        self.before.as_ref().map(|before| before.state)
    }

    /// The case as the block has it now.
    pub(crate) fn get(&self) -> &Case {
        &self.case
    }

    /// Whether there is one, stored or brought by the block.
    pub(crate) fn exists(&self) -> bool {
        self.stage != Stage::Absent
    }

    /// The case, to be changed. It is evaluated and written at the end of the block.
    pub(crate) fn change(&mut self) -> &mut Case {
        self.stage = Stage::Changed;
        &mut self.case
    }
}
