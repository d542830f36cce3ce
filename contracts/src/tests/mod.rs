//! Scenarios through the door: submissions in, receipts and cases out.

mod access;
mod assistance;
mod authority;
mod blocks;
mod capital;
mod claims;
mod clearance;
mod covers;
mod credit;
mod export_shape;
mod exports;
mod flows;
mod frozen_lots;
mod governance;
mod import_shape;
mod journeys;
mod licences;
mod money;
mod negative_list;
mod nettings;
mod originals;
mod overseas_stocks;
mod policies;
mod pools;
mod properties;
mod receivables;
mod registers;
mod rights;
mod risk;
mod rules;
mod shape;
mod statistics;
mod subsidies;
mod tax_exemptions;
mod validators;
mod versions;

use crate::case::{self, Case};
use crate::document::{AppType, Body, Document, InventoryList, Order, Payment, Waybill};
use crate::event::{CaseState, Event};
use crate::execute::{BlockContext, Effects, execute};
use crate::fixture::{self, Trade};
use crate::governance::{Schedule, genesis_writes};
use crate::matching::{Finding, RuleId, Verdict};
use crate::policy::{Policy, PolicyInForce};
use crate::registry::Organisation;
use crate::rejection::Rejection;
use crate::state::MemoryState;
use kanhe_types::code::OrganisationCode;
use kanhe_types::hash::Hash;
use kanhe_types::receipt::{CaseKey, Outcome, Refusal};
use kanhe_types::submission::Submission;
use kanhe_types::time::Millis;

const GENESIS: Hash = Hash([8; 32]);

/// A ledger that executes one block for each submission.
struct World {
    state: MemoryState,
    policy: Policy,
    height: u64,
    time: Millis,
    events: Vec<Event>,
}

/// A ledger on which the organisations of the fixture are registered.
fn world() -> World {
    World::with(&fixture::organisations())
}

impl World {
    fn with(organisations: &[Organisation]) -> Self {
        let mut state = MemoryState::default();
        let validators = fixture::validator_set(4);
        state.apply(&genesis_writes(organisations, &Policy::default(), 1, &validators));
        let (policy, time) = (Policy::default(), Millis(1_795_420_800_000));
        Self { state, policy, height: 0, time, events: Vec::new() }
    }

    fn execute(&mut self, submissions: &[Submission]) -> Effects {
        self.height += 1;
        let policy = self.policy_at(self.height);
        let plain = BlockContext::plain(GENESIS, self.height, self.time, &policy);
        let context = BlockContext { programs: policy.programs(), ..plain };
        let identified =
            submissions.iter().map(|submission| (submission.header.id(&GENESIS), submission));
        let effects = execute(&context, &self.state, identified).unwrap();
        self.state.apply_block(&effects);
        self.events = effects.events.clone();
        effects
    }

    fn policy_at(&self, height: u64) -> std::sync::Arc<PolicyInForce> {
        let founding = Schedule::new(self.policy.clone(), 1, fixture::validator_set(4));
        founding.with(&self.state).unwrap().in_force_at(height)
    }

    fn send_as(&mut self, signer: &OrganisationCode, document: &Document) -> Outcome {
        let expires = self.height + 10;
        let submission =
            fixture::submission(&GENESIS, signer, expires, std::slice::from_ref(document));
        let mut effects = self.execute(&[submission]);
        assert_eq!(effects.receipts.len(), 1);
        effects.receipts.remove(0).outcome
    }

    /// Sends a document as the organisation of the fixture that signs its kind.
    fn send(&mut self, document: &Document) -> Outcome {
        self.send_as(&fixture::signer(&Trade::new(0), document), document)
    }

    fn accept(&mut self, document: &Document) {
        let outcome = self.send(document);
        assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
    }

    fn reject(&mut self, document: &Document) -> Refusal {
        refusal(self.send(document))
    }

    fn case(&self, trade: &Trade) -> Case {
        self.find(&trade.case_key()).unwrap()
    }

    fn find(&self, key: &CaseKey) -> Option<Case> {
        case::case(&self.state, key).unwrap()
    }

    /// Sends all documents of a trade, some of them changed, and returns its case.
    fn trade_with(&mut self, trade: &Trade, change: impl Fn(&mut Document)) -> Case {
        for mut document in documents(trade) {
            change(&mut document);
            self.accept(&document);
        }
        self.case(trade)
    }
}

/// The four documents of a trade that match.
fn documents(trade: &Trade) -> [Document; 4] {
    [fixture::order(trade), fixture::payment(trade), fixture::waybill(trade), fixture::list(trade)]
}

fn refusal(outcome: Outcome) -> Refusal {
    match outcome {
        Outcome::Rejected(refusal) => refusal,
        other => panic!("expected a rejection, found {other:?}"),
    }
}

fn rejection(refusal: &Refusal) -> Rejection {
    Rejection::from_code(refusal.code).unwrap()
}

/// Every finding of a case, under a policy that says of it what the world's policy said.
fn explained(case: &Case) -> Vec<Finding> {
    let findings = case.findings(&Policy::default());
    let rules = case.outcomes.iter().map(|outcome| outcome.rule);
    // Of most trades nothing is to be deposited.
    let rules: Vec<RuleId> = rules.filter(|rule| *rule != RuleId::D01).collect();
    let of_documents = RuleId::ALL[..11].iter();
    let of_trade = [RuleId::M12, RuleId::M13, RuleId::M14, RuleId::M15, RuleId::M16];
    let asked: Vec<RuleId> = of_documents.chain(&of_trade).copied().collect();
    assert_eq!(rules, asked, "each rule of matching has one outcome");
    for outcome in &case.outcomes {
        let verdicts = findings.iter().filter(|finding| finding.rule == outcome.rule);
        let gravest = verdicts.map(|finding| finding.verdict).max_by_key(|verdict| match verdict {
            Verdict::NotApplicable | Verdict::Pass => 0,
            Verdict::Pending => 1,
            Verdict::Fail => 2,
        });
        assert_eq!(gravest, Some(outcome.verdict), "{}: {findings:#?}", outcome.rule);
    }
    findings
}

fn findings(case: &Case, rule: RuleId) -> Vec<Finding> {
    explained(case).into_iter().filter(|finding| finding.rule == rule).collect()
}

/// The verdict of a rule with one finding.
fn verdict(case: &Case, rule: RuleId) -> Verdict {
    let findings = findings(case, rule);
    assert_eq!(findings.len(), 1, "{findings:?}");
    findings[0].verdict
}

fn order(document: &mut Document, change: impl FnOnce(&mut Order)) {
    if let Body::Order(order) = &mut document.body {
        change(order);
    }
}

fn payment(document: &mut Document, change: impl FnOnce(&mut Payment)) {
    if let Body::Payment(payment) = &mut document.body {
        change(payment);
    }
}

fn waybill(document: &mut Document, change: impl FnOnce(&mut Waybill)) {
    if let Body::Waybill(waybill) = &mut document.body {
        change(waybill);
    }
}

fn list(document: &mut Document, change: impl FnOnce(&mut InventoryList)) {
    if let Body::InventoryList(list) = &mut document.body {
        change(list);
    }
}

/// The document as a change or delete, reported `minutes` after the first version.
fn later(document: &Document, app_type: AppType, minutes: u64) -> Document {
    let app_time = fixture::time(&format!("2026112316{minutes:02}00"));
    Document { app_type, app_time, ..document.clone() }
}

#[test]
fn a_trade_whose_documents_agree_matches() {
    let (mut world, trade) = (world(), Trade::new(1));
    let case = world.trade_with(&trade, |_| {});
    assert_eq!(case.state, CaseState::Matched, "{:#?}", explained(&case));
    // No policy says by itself which goods are imported, and at which rates.
    let has_nothing = |rule| matches!(rule, RuleId::M13 | RuleId::M14);
    assert!(explained(&case).iter().all(|finding| match finding.verdict {
        Verdict::Pass => true,
        Verdict::NotApplicable => has_nothing(finding.rule),
        _ => false,
    }));
    let summary = case.summary();
    assert_eq!((summary.present.len(), summary.missing.len()), (4, 0));
    assert_eq!(summary.failed, []);
}

#[test]
fn every_accepted_document_names_its_case_and_every_changed_case_is_an_event() {
    let (mut world, trade) = (world(), Trade::new(1));
    let outcome = world.send(&fixture::order(&trade));
    assert_eq!(outcome, Outcome::Accepted { case: Some(trade.case_key()) });
    let [Event::CaseChanged { case, parties, state }] = world.events.as_slice() else {
        panic!("{:?}", world.events);
    };
    assert_eq!((case, *state), (&trade.case_key(), CaseState::Collecting));
    // Merchant, platform and payment firm, ascending; the carrier is not named yet.
    assert_eq!(
        parties,
        &[trade.merchant.clone(), trade.platform.clone(), trade.payment_firm.clone()]
    );
    world.accept(&fixture::payment(&trade));
    world.accept(&fixture::waybill(&trade));
    assert_eq!(world.events, [], "no case has the waybill yet");
    world.accept(&fixture::list(&trade));
    assert_eq!(world.case(&trade).parties().len(), 5);
}

#[test]
fn a_rejected_document_leaves_nothing_behind() {
    let (mut world, trade) = (world(), Trade::new(1));
    let mut bad = fixture::order(&trade);
    order(&mut bad, |order| order.freight = fixture::decimal("11"));
    let expires = world.height + 10;
    let submission = fixture::submission(&GENESIS, &trade.platform, expires, &[bad]);
    let effects = world.execute(std::slice::from_ref(&submission));
    assert_eq!(effects.events, []);
    assert!(effects.writes.is_empty(), "{:?}", effects.writes);
    assert_eq!(world.find(&trade.case_key()), None);
}

#[test]
fn one_bad_document_does_not_sink_the_others() {
    let mut world = world();
    let (good, bad, last) = (Trade::new(1), Trade::new(2), Trade::new(3));
    let mut broken = fixture::order(&bad);
    broken.guid = "short".to_owned();
    let all = [fixture::order(&good), broken, fixture::order(&last)];
    let submission = fixture::submission(&GENESIS, &good.platform, 10, &all);
    let effects = world.execute(&[submission]);
    let accepted: Vec<bool> = effects.receipts.iter().map(|r| r.is_accepted()).collect();
    assert_eq!(accepted, [true, false, true]);
    let places: Vec<u8> = effects.receipts.iter().map(|receipt| receipt.index).collect();
    assert_eq!(places, [0, 1, 2]);
}
