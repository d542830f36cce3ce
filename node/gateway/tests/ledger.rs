//! Every planted fault shows on the ledger in its one way, and nothing else shows.

use kanhe_contracts::case::{Case, case};
use kanhe_contracts::document::{Document, DocumentKind};
use kanhe_contracts::event::CaseState;
use kanhe_contracts::execute::{BlockContext, execute};
use kanhe_contracts::fixture::{
    self, AGENCY, CARRIER, MERCHANT, PAYMENT_FIRM, PLATFORM, code, organisations, submission,
};
use kanhe_contracts::governance::genesis_writes;
use kanhe_contracts::matching::Verdict;
use kanhe_contracts::policy::Policy;
use kanhe_contracts::registry::Role;
use kanhe_contracts::state::MemoryState;
use kanhe_gateway::convert::convert;
use kanhe_gateway::pseudonymise::PseudonymKey;
use kanhe_gateway::raw::RawMessage;
use kanhe_gateway::world::{Codes, Detection, FaultId, PlannedFile, World, WorldConfig};
use kanhe_gateway::xml;
use kanhe_types::code::OrganisationCode;
use kanhe_types::hash::Hash;
use kanhe_types::pseudonym::PseudonymScope;
use kanhe_types::receipt::{CaseKey, Outcome, Receipt};
use kanhe_types::time::Millis;
use std::collections::BTreeMap;
use std::path::Path;

const GENESIS: Hash = Hash([3; 32]);

fn world(seed: u64, trades: usize) -> World {
    let organisations = Codes {
        platform: code(PLATFORM),
        merchant: code(MERCHANT),
        payment: code(PAYMENT_FIRM),
        carrier: code(CARRIER),
        agency: code(AGENCY),
    };
    let start = "20261123080000".parse().expect("a time");
    World::generate(&WorldConfig { seed, trades, organisations, first_person: 0, start })
}

fn documents(file: &PlannedFile) -> Vec<Document> {
    let scope = PseudonymScope { key_id: 0, epoch: 2026 };
    let key = PseudonymKey { scope, key: [7; 32] };
    let converted = convert(&file.raw, &file.path, &key).into_iter();
    converted.map(|found| found.expect("the world's documents are good").1).collect()
}

/// Submits a world's files, one block each, sender by sender in this order.
fn submit(world: &World, senders: &[&str]) -> (MemoryState, Vec<(Receipt, Document)>) {
    let mut state = MemoryState::default();
    state.apply(&genesis_writes(
        &organisations(),
        &Policy::default(),
        1,
        &fixture::validator_set(4),
    ));
    let policy = Policy::default();
    let mut receipts = Vec::new();
    let mut height = 0;
    for sender in senders {
        let sender: OrganisationCode = code(sender);
        for file in world.messages.iter().filter(|file| file.sender == sender) {
            height += 1;
            let time = Millis(1_795_420_800_000 + height);
            let context = BlockContext::plain(GENESIS, height, time, &policy);
            let documents = documents(file);
            // The expiry tells two submissions of the same documents apart.
            let submission = submission(&GENESIS, &sender, 1_000 + height, &documents);
            let identified = (submission.header.id(&GENESIS), &submission);
            let effects = execute(&context, &state, [identified]).expect("memory can be read");
            state.apply_block(&effects);
            receipts.extend(effects.receipts.into_iter().zip(documents));
        }
    }
    (state, receipts)
}

fn case_of(state: &MemoryState, order_no: &str) -> Case {
    let key = CaseKey { platform: code(PLATFORM), order_no: order_no.to_owned() };
    case(state, &key).expect("memory can be read").expect("every trade has a case")
}

/// The ways in which one case shows something.
fn shown(case: &Case) -> Vec<(Detection, Option<String>)> {
    if case.state == CaseState::Collecting {
        let missing = Detection::of_missing(&case.summary().missing);
        return missing.map(|missing| (missing, None)).into_iter().collect();
    }
    let findings = case.findings(&Policy::default());
    let failed = findings.iter().filter(|finding| finding.verdict == Verdict::Fail);
    failed
        .map(|finding| {
            let rule = FaultId::DAY.into_iter().map(FaultId::detection).find(
                |way| matches!(way, Detection::Finding { rule } if *rule == finding.rule.to_string()),
            );
            let sentence = finding.sentence_en();
            (rule.unwrap_or_else(|| panic!("not planted: {sentence}")), Some(finding.field.clone()))
        })
        .collect()
}

fn check_cases(world: &World, state: &MemoryState) {
    for trade in &world.truth.trades {
        let shown = shown(&case_of(state, &trade.order_no));
        let fault = trade.fault;
        // A refused order leaves its other documents waiting for a good one.
        let expected = match fault {
            Some(FaultId::TotalWrong) => Some(Detection::CollectingWithout(DocumentKind::Order)),
            fault => fault.map(FaultId::detection),
        };
        match expected {
            Some(Detection::Finding { .. }) => assert!(!shown.is_empty(), "{fault:?}"),
            Some(Detection::CollectingWithout(_)) => assert_eq!(shown.len(), 1, "{fault:?}"),
            _ => {}
        }
        for (way, field) in &shown {
            assert_eq!(Some(*way), expected, "{fault:?} {shown:?}");
            if let Some(named) = fault.and_then(FaultId::finding_field) {
                assert_eq!(field.as_deref(), Some(named), "{fault:?}");
            }
        }
    }
    let matched = world
        .truth
        .trades
        .iter()
        .filter(|trade| case_of(state, &trade.order_no).state == CaseState::Matched);
    assert_eq!(matched.count(), world.truth.matched);
}

fn check_receipts(world: &World, receipts: &[(Receipt, Document)]) {
    let mut found: BTreeMap<Detection, usize> = BTreeMap::new();
    for (receipt, document) in receipts {
        let way = match &receipt.outcome {
            Outcome::Accepted { .. } => continue,
            Outcome::Repeated { .. } => Detection::Repeated,
            Outcome::Rejected(refusal) => {
                Detection::RejectedDocument { kind: document.kind(), code: refusal.code }
            }
        };
        *found.entry(way).or_default() += 1;
    }
    let by_receipt =
        |way: &Detection| matches!(way, Detection::Repeated | Detection::RejectedDocument { .. });
    let planted = world.truth.planted.iter().map(|(fault, count)| (fault.detection(), *count));
    let expected: BTreeMap<_, _> = planted.filter(|(way, _)| by_receipt(way)).collect();
    assert_eq!(found, expected);
    let rejected: usize =
        found.iter().filter(|(way, _)| **way != Detection::Repeated).map(|(_, count)| *count).sum();
    assert_eq!(rejected, world.truth.rejected);
}

fn check(seed: u64, trades: usize, senders: &[&str]) {
    let world = world(seed, trades);
    let (state, receipts) = submit(&world, senders);
    check_receipts(&world, &receipts);
    check_cases(&world, &state);
}

#[test]
fn every_fault_is_found_and_nothing_else() {
    check(1, 200, &[AGENCY, PLATFORM, PAYMENT_FIRM, CARRIER, MERCHANT]);
}

#[test]
fn the_order_in_which_senders_submit_changes_nothing() {
    check(1, 200, &[MERCHANT, CARRIER, PAYMENT_FIRM, PLATFORM, AGENCY]);
    check(2, 120, &[CARRIER, MERCHANT, AGENCY, PAYMENT_FIRM, PLATFORM]);
}

#[test]
fn a_small_world_agrees_with_its_truth() {
    check(3, 20, &[AGENCY, PLATFORM, PAYMENT_FIRM, CARRIER, MERCHANT]);
}

/// The codes with which the ledger refuses documents of an invented message of one organisation.
fn refusals(message: &RawMessage, state: &MemoryState, sender: &str) -> Vec<u16> {
    let key = PseudonymKey { scope: PseudonymScope { key_id: 0, epoch: 2026 }, key: [7; 32] };
    let converted = convert(message, "invented.xml", &key).into_iter();
    let documents: Vec<Document> = converted.map(|found| found.expect("it reads").1).collect();
    let policy = Policy::default();
    let time = Millis(1_788_226_200_000);
    let context = BlockContext::plain(GENESIS, 1, time, &policy);
    let submission = submission(&GENESIS, &code(sender), 1_000, &documents);
    let identified = (submission.header.id(&GENESIS), &submission);
    let effects = execute(&context, state, [identified]).expect("memory can be read");
    let refusals = effects.receipts.into_iter().filter_map(|receipt| match receipt.outcome {
        Outcome::Rejected(refusal) => Some(refusal.code),
        _ => None,
    });
    refusals.collect()
}

/// What follows a list may be refused because nothing went before it, but not for its form.
#[test]
fn the_form_of_what_follows_an_import_list_is_the_ledgers() {
    let senders = [
        ("TESTCARRIER01", Role::Carrier),
        ("TESTBROKER01", Role::Declarant),
        ("TESTSITE01", Role::Warehouse),
    ];
    let mut all = organisations();
    all.extend(senders.map(|(text, role)| fixture::organisation(&code(text), text, &[role])));
    let mut state = MemoryState::default();
    let genesis = genesis_writes(&all, &Policy::default(), 1, &fixture::validator_set(4));
    state.apply(&genesis);
    for (number, sender) in [
        (513, "TESTCARRIER01"),
        (623, "TESTBROKER01"),
        (625, "TESTBROKER01"),
        (711, "TESTSITE01"),
        (816, AGENCY),
        (818, AGENCY),
    ] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/messages");
        let bytes = std::fs::read(folder.join(format!("CEB{number}Message.xml")));
        let message = xml::parse(&bytes.expect("it is written")).expect("it reads");
        for code in refusals(&message, &state, sender) {
            assert!(400 <= code && !(802..=805).contains(&code), "{number}: {code}");
        }
    }
}
