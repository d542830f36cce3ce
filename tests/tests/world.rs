//! The full world against its truth: what it plants is found, and nothing else is.
//!
//! The files' bytes go through the gateway, documents become submissions of their senders, and
//! blocks execute in memory. Each file is late by a seeded time, so that senders overtake each
//! other. Every case's state, every failed rule and every refused document is compared, in both
//! directions, and every register's entries with what is found in them.

use kanhe_contracts::case::case;
use kanhe_contracts::document::{Document, DocumentKind};
use kanhe_contracts::event::CaseState;
use kanhe_contracts::execute::{BlockContext, execute};
use kanhe_contracts::export;
use kanhe_contracts::fixture::{self, submission};
use kanhe_contracts::governance::genesis_writes;
use kanhe_contracts::matching::{RuleId, RuleOutcome, Verdict};
use kanhe_contracts::policy::{Direction, Policy};
use kanhe_contracts::register::{self, EntryKey, Register};
use kanhe_contracts::registry::Organisation;
use kanhe_contracts::state::MemoryState;
use kanhe_gateway::convert::convert;
use kanhe_gateway::json;
use kanhe_gateway::pseudonymise::PseudonymKey;
use kanhe_gateway::raw::RawMessage;
use kanhe_gateway::world::FaultId;
use kanhe_gateway::world::full::{
    EntryTruth, FullConfig, FullFile, FullTruth, FullWorld, TradeTruth, entry_findings,
    entry_state, licences, members, policy,
};
use kanhe_gateway::xml;
use kanhe_types::code::OrganisationCode;
use kanhe_types::hash::{Hash, sha256_of};
use kanhe_types::pseudonym::PseudonymScope;
use kanhe_types::receipt::{CaseKey, Outcome};
use kanhe_types::submission::Submission;
use kanhe_types::time::Millis;
use std::collections::{BTreeMap, BTreeSet};

const GENESIS: Hash = Hash([9; 32]);
/// Documents that a block orders at most,
const BLOCK_DOCUMENTS_MAX: usize = 2_000;
/// and the time within which it orders them.
const BLOCK_MS: u64 = 3_600_000;
/// By how much a file is late at most: with the two hours that a message covers, less than what
/// the world keeps between documents whose order matters.
const LATE_MS_MAX: u64 = 4 * 3_600_000;
/// Blocks at the end, in which deadlines pass that wait for their turn.
const LAST_BLOCKS: usize = 100;
/// How often a block is made when nobody sends anything.
const IDLE_MS: u64 = 6 * 3_600_000;

/// A ledger in memory.
struct Ledger {
    state: MemoryState,
    policy: Policy,
    height: u64,
    time: Millis,
    /// What was refused: the document's `guid`, its kind and the rejection.
    rejected: BTreeMap<(String, DocumentKind, u16), usize>,
    /// The documents that got their first receipt again.
    repeated: BTreeMap<String, usize>,
    /// How many documents of each kind were sent.
    documents: BTreeMap<DocumentKind, usize>,
}

impl Ledger {
    fn new(start: Millis) -> Self {
        let registered = members().into_iter().map(|member| {
            let code = fixture::code(member.code);
            let organisation = fixture::organisation(&code, member.name, member.roles);
            let park = member.park.map(str::to_owned);
            let licences = licences(member.code);
            Organisation { park, status: member.status, licences, ..organisation }
        });
        let (policy, validators) = (policy(), fixture::validator_set(4));
        let mut state = MemoryState::default();
        let registered: Vec<Organisation> = registered.collect();
        state.apply(&genesis_writes(&registered, &policy, 1, &validators));
        Self {
            state,
            policy,
            height: 0,
            time: start,
            rejected: BTreeMap::new(),
            repeated: BTreeMap::new(),
            documents: BTreeMap::new(),
        }
    }

    fn execute(&mut self, time: Millis, files: &[Read]) {
        self.height += 1;
        self.time = self.time.max(time);
        let context = BlockContext::plain(GENESIS, self.height, self.time, &self.policy);
        let submissions: Vec<(Hash, Submission)> = files
            .iter()
            .map(|file| {
                // The expiry tells two submissions of the same documents apart.
                let expires = 1_000_000 + file.number;
                let one = submission(&GENESIS, &file.sender, expires, &file.documents);
                (one.header.id(&GENESIS), one)
            })
            .collect();
        let identified = submissions.iter().map(|(id, one)| (*id, one));
        let effects = execute(&context, &self.state, identified).expect("memory can be read");
        self.state.apply_block(&effects);
        let documents: Vec<&Document> = files.iter().flat_map(|file| &file.documents).collect();
        assert_eq!(effects.receipts.len(), documents.len(), "every document has a receipt");
        for (receipt, document) in effects.receipts.iter().zip(documents) {
            let (guid, kind) = (document.guid.clone(), document.kind());
            *self.documents.entry(kind).or_default() += 1;
            match &receipt.outcome {
                Outcome::Accepted { .. } => {}
                Outcome::Repeated { .. } => *self.repeated.entry(guid).or_default() += 1,
                Outcome::Rejected(refusal) => {
                    *self.rejected.entry((guid, kind, refusal.code)).or_default() += 1;
                }
            }
        }
    }

    /// Executes empty blocks up to a time, so that deadlines pass in their time.
    fn wait(&mut self, until: Millis) {
        while self.time.0 + IDLE_MS < until.0 {
            self.execute(Millis(self.time.0 + IDLE_MS), &[]);
        }
    }

    /// Where a trade's case stands, and the rules that fail.
    fn found(&self, trade: &TradeTruth) -> Option<(CaseState, Vec<RuleId>)> {
        let key =
            CaseKey { platform: fixture::code(&trade.platform), order_no: trade.order_no.clone() };
        let failed = |outcomes: &[RuleOutcome]| {
            let failed = outcomes.iter().filter(|outcome| outcome.verdict == Verdict::Fail);
            let mut rules: Vec<RuleId> = failed.map(|outcome| outcome.rule).collect();
            rules.sort_unstable();
            rules
        };
        match trade.direction {
            Direction::Import => {
                let case = case(&self.state, &key).expect("memory can be read")?;
                Some((case.state, failed(&case.outcomes)))
            }
            Direction::Export => {
                let case = export::case(&self.state, &key).expect("memory can be read")?;
                Some((case.state, failed(&case.outcomes)))
            }
        }
    }
}

impl Ledger {
    /// Where an entry stands, and what is found in it; nothing if it is not there.
    fn recorded(&self, entry: &EntryTruth) -> (Option<String>, Vec<String>) {
        let (owner, number) = (fixture::code(&entry.owner), entry.number.clone());
        let key = EntryKey { register: entry.register, owner, number };
        let found = register::entry(&self.state, &key).expect("memory can be read");
        let content = found.as_ref().map(|entry| &entry.content);
        let findings = content.map(|own| entry_findings(own, &self.policy));
        (content.map(entry_state), findings.unwrap_or_default())
    }
}

/// A file, read by the gateway.
struct Read {
    number: u64,
    sender: OrganisationCode,
    documents: Vec<Document>,
}

fn converted(raw: &RawMessage, name: &str) -> Vec<Document> {
    let scope = PseudonymScope { key_id: 0, epoch: 2026 };
    let key = PseudonymKey { scope, key: [7; 32] };
    let converted = convert(raw, name, &key).into_iter();
    converted.map(|found| found.unwrap_or_else(|error| panic!("{error}")).1).collect()
}

fn read(number: u64, file: &FullFile) -> Read {
    let (bytes, name) = (file.bytes(), file.name.as_str());
    let documents = if name.ends_with(".xml") {
        let raw = xml::parse(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        converted(&raw, name)
    } else {
        match json::parse(&bytes).unwrap_or_else(|error| panic!("{name}: {error}")) {
            json::Content::Message(raw) => converted(&raw, name),
            json::Content::Documents(documents) => documents,
        }
    };
    Read { number, sender: file.sender.clone(), documents }
}

/// When each file is executed, ascending: late by a time that follows from `shuffle`, but never
/// before an earlier one of its sender.
fn deliveries(world: &FullWorld, shuffle: u64) -> Vec<(Millis, u64, &FullFile)> {
    let mut last: BTreeMap<&OrganisationCode, Millis> = BTreeMap::new();
    let mut all = Vec::with_capacity(world.files.len());
    for (number, file) in (0u64..).zip(&world.files) {
        let digest = sha256_of(&[shuffle.to_be_bytes(), number.to_be_bytes()].concat());
        let [a, b, c, d, ..] = digest.0;
        let late = u64::from(u32::from_be_bytes([a, b, c, d])) % LATE_MS_MAX;
        let own = last.entry(&file.sender).or_insert(Millis(0));
        *own = (*own).max(Millis(file.at.0 + late));
        all.push((*own, number, file));
    }
    all.sort_by_key(|(at, number, _)| (*at, *number));
    all
}

fn run(world: &FullWorld, shuffle: u64) -> Ledger {
    let deliveries = deliveries(world, shuffle);
    let first = deliveries.first().map_or(Millis(0), |(at, _, _)| *at);
    let mut ledger = Ledger::new(first);
    let (mut block, mut count, mut opened): (Vec<Read>, usize, Millis) = (Vec::new(), 0, first);
    let mut closed = first;
    for (at, number, file) in deliveries {
        let file = read(number, file);
        let is_full = BLOCK_DOCUMENTS_MAX < count + file.documents.len();
        if !block.is_empty() && (is_full || opened.0 + BLOCK_MS < at.0) {
            ledger.wait(opened);
            ledger.execute(closed, &block);
            (count, opened) = (0, at);
            block.clear();
        }
        closed = at;
        count += file.documents.len();
        block.push(file);
    }
    ledger.execute(closed, &block);
    let end = world.truth.end.millis();
    assert!(ledger.time < end, "the world ends after its last document");
    ledger.wait(end);
    for _ in 0..LAST_BLOCKS {
        ledger.execute(end, &[]);
    }
    ledger
}

/// What differs between a truth and a ledger, in words.
fn differences(truth: &FullTruth, ledger: &Ledger) -> Vec<String> {
    let mut differences = Vec::new();
    let (mut rejected, mut repeated) = (BTreeMap::new(), BTreeMap::new());
    for trade in &truth.trades {
        let expected = (trade.state, trade.failed.clone());
        let found = ledger.found(trade);
        if found.as_ref() != Some(&expected) {
            let (order_no, mode, fault) = (&trade.order_no, &trade.mode, trade.fault);
            let (direction, benign) = (trade.direction, trade.benign);
            differences.push(format!(
                "{direction:?} {mode} {order_no} {fault:?} {benign:?}: expected {expected:?}, \
                 found {found:?}"
            ));
        }
        for own in &trade.rejected {
            *rejected.entry((own.guid.clone(), own.kind, own.code)).or_insert(0usize) += 1;
        }
        for guid in &trade.repeated {
            *repeated.entry(guid.clone()).or_insert(0usize) += 1;
        }
    }
    for entry in &truth.entries {
        let expected = (entry.state.clone(), entry.findings.clone());
        let found = ledger.recorded(entry);
        if found != expected {
            let (register, number) = (entry.register, &entry.number);
            differences
                .push(format!("{register:?} {number}: expected {expected:?}, found {found:?}"));
        }
        for own in &entry.rejected {
            *rejected.entry((own.guid.clone(), own.kind, own.code)).or_insert(0usize) += 1;
        }
    }
    for register in Register::ALL {
        let expected = truth.entries.iter().filter(|own| own.register == *register);
        let expected = expected.filter(|own| own.state.is_some()).count();
        let found = register::entries(&ledger.state, *register).expect("memory can be read");
        if found != expected as u64 {
            differences.push(format!("{register:?}: {found} entries, expected {expected}"));
        }
    }
    let faults: BTreeMap<&str, FaultId> = truth
        .trades
        .iter()
        .flat_map(|trade| trade.rejected.iter().zip(trade.fault))
        .map(|(own, fault)| (own.guid.as_str(), fault))
        .collect();
    let keys: BTreeSet<_> = rejected.keys().chain(ledger.rejected.keys()).collect();
    for key in keys {
        let (planned, found) = (rejected.get(key), ledger.rejected.get(key));
        if planned != found {
            let fault = faults.get(key.0.as_str());
            differences.push(format!("{key:?} {fault:?}: refused {found:?}, expected {planned:?}"));
        }
    }
    if repeated != ledger.repeated {
        differences.push(format!("repeated: {:?}, expected {repeated:?}", ledger.repeated));
    }
    if truth.documents != ledger.documents {
        let (found, expected) = (&ledger.documents, &truth.documents);
        differences.push(format!("documents: {found:?}, expected {expected:?}"));
    }
    differences
}

fn world(seed: u64, trades: usize) -> FullWorld {
    let start = "20260901080000".parse().expect("a time");
    FullWorld::generate(&FullConfig { seed, trades, start })
}

/// Fails with the first differences, and the line to run them again.
fn check(world: &FullWorld, shuffle: u64) {
    let ledger = run(world, shuffle);
    let all = differences(&world.truth, &ledger);
    let (seed, trades) = (world.truth.seed, world.truth.trades.len());
    let shown: Vec<_> = all.iter().take(60).cloned().collect();
    assert!(
        all.is_empty(),
        "{} differences, seed {seed}, {trades} trades, shuffle {shuffle}:\n{}",
        all.len(),
        shown.join("\n")
    );
}

#[test]
fn small_worlds_agree_with_their_truths_whoever_is_late() {
    for seed in 1..=4 {
        let world = world(seed, 200);
        for shuffle in 0..3 {
            check(&world, shuffle);
        }
    }
}

#[test]
fn a_truth_that_says_something_else_differs_from_the_ledger() {
    let world = world(6, 60);
    let ledger = run(&world, 0);
    assert_eq!(differences(&world.truth, &ledger), Vec::<String>::new());
    let count = |change: fn(&mut FullTruth)| {
        let mut truth = world.truth.clone();
        change(&mut truth);
        differences(&truth, &ledger).len()
    };
    assert_eq!(count(|truth| truth.trades[0].state = CaseState::Arrived), 1);
    assert_eq!(count(|truth| truth.trades[0].failed.push(RuleId::S01)), 1);
    let forget = |truth: &mut FullTruth| {
        truth.trades.iter_mut().for_each(|trade| trade.failed.clear());
    };
    let failing = world.truth.trades.iter().filter(|trade| !trade.failed.is_empty()).count();
    assert!(0 < failing);
    assert_eq!(count(forget), failing);
    let forgive = |truth: &mut FullTruth| {
        truth.trades.iter_mut().for_each(|trade| trade.rejected.clear());
    };
    let refused: usize = world.truth.trades.iter().map(|trade| trade.rejected.len()).sum();
    assert!(0 < refused);
    assert_eq!(count(forgive), refused);
    assert!(!world.truth.entries.is_empty());
    assert_eq!(count(|truth| truth.entries[0].state = Some("nowhere".to_owned())), 1);
    assert_eq!(count(|truth| truth.entries[0].findings.push("C99".to_owned())), 1);
    let overlook = |truth: &mut FullTruth| {
        let is_quiet = |own: &EntryTruth| own.state.is_some() && own.rejected.is_empty();
        let place = truth.entries.iter().position(is_quiet).expect("an entry without a refusal");
        truth.entries.remove(place);
    };
    assert_eq!(count(overlook), 1);
}

#[test]
fn the_smallest_worlds_agree_with_their_truths() {
    for trades in [1, 2, 7, 30] {
        check(&world(5, trades), 1);
    }
}

#[test]
fn twenty_thousand_trades_hold_every_fault_and_the_ledger_finds_just_them() {
    let world = world(8, 20_000);
    let planted: BTreeSet<FaultId> = world.truth.planted.keys().copied().collect();
    assert_eq!(planted, FaultId::ALL.iter().copied().collect());
    check(&world, 8);
}

/// Kinds of documents that the world does not have, and why; `docs/world.md` has the same.
const KINDS_LEFT_OUT: [(DocumentKind, &str); 17] = [
    (DocumentKind::GovernanceProposal, "the zone changes by it, not a trade"),
    (DocumentKind::GovernanceVote, "the zone changes by it, not a trade"),
    (DocumentKind::GovernanceWithdrawal, "the zone changes by it, not a trade"),
    (DocumentKind::OwnKeys, "the zone changes by it, not a trade"),
    (DocumentKind::SpotCheck, "identities of documents follow from the zone's pseudonyms"),
    (DocumentKind::SpotCheckAnswer, "identities of documents follow from the zone's pseudonyms"),
    (DocumentKind::SpotCheckResult, "identities of documents follow from the zone's pseudonyms"),
    (DocumentKind::Erasure, "identities of documents follow from the zone's pseudonyms"),
    (DocumentKind::CaseGrant, "who sees what changes by it, not what is found"),
    (DocumentKind::PeriodGrant, "who sees what changes by it, not what is found"),
    (DocumentKind::GrantWithdrawal, "who sees what changes by it, not what is found"),
    (DocumentKind::AssistanceRequest, "who sees what changes by it, not what is found"),
    (DocumentKind::AssistanceAnswer, "who sees what changes by it, not what is found"),
    (DocumentKind::ReadReport, "who sees what changes by it, not what is found"),
    (DocumentKind::Inspection, "no rule asks for it, and nothing follows from it"),
    (DocumentKind::RiskSignal, "the policy has no rules of risk"),
    (DocumentKind::RiskAct, "the policy has no rules of risk"),
];
/// Rules that no trade of the world fails, and why; likewise.
const RULES_LEFT_OUT: [(RuleId, &str); 6] = [
    (RuleId::M01, "only ever pending"),
    (RuleId::M02, "refused before, with 301"),
    (RuleId::M04, "refused before, with 302"),
    (RuleId::M17, "refused before, with 404, 406 and 407"),
    (RuleId::D01, "the policy has no rules of risk, so that nobody has a grade"),
    (RuleId::S01, "nobody asks for originals, which are named by identities"),
];

#[test]
fn the_world_has_every_kind_rule_and_register_but_those_left_out_for_a_reason() {
    let truth = world(8, 2_000).truth;
    let page = include_str!("../../docs/world.md");
    let mut kinds: Vec<DocumentKind> = truth.documents.keys().copied().collect();
    for (kind, why) in KINDS_LEFT_OUT {
        let is_said = page.contains(&format!("`{}`", kind.name()));
        assert!(is_said, "docs/world.md does not say that {} is left out: {why}", kind.name());
        kinds.push(kind);
    }
    kinds.sort_unstable();
    let mut all = DocumentKind::ALL.to_vec();
    all.sort_unstable();
    assert_eq!(kinds, all);

    let mut rules: BTreeSet<RuleId> =
        truth.trades.iter().flat_map(|trade| &trade.failed).copied().collect();
    for (rule, why) in RULES_LEFT_OUT {
        assert!(page.contains(&rule.to_string()), "docs/world.md does not name {rule}");
        assert!(rules.insert(rule), "{rule} fails, and is left out: {why}");
    }
    assert_eq!(rules, RuleId::ALL.into_iter().collect());

    for register in Register::ALL {
        let own = || truth.entries.iter().filter(|entry| entry.register == *register);
        assert!(own().any(|entry| entry.state.is_some()), "no entry of {register:?}");
        let refused = own().any(|entry| !entry.rejected.is_empty());
        assert!(refused, "no act of {register:?} is refused");
    }
    let lots = truth.entries.iter().filter(|entry| entry.register == Register::FrozenLot);
    let cold: BTreeSet<&str> = lots.flat_map(|lot| &lot.findings).map(String::as_str).collect();
    assert_eq!(cold, BTreeSet::from(["C01", "C02", "C03", "C04", "C05"]));
    assert_eq!(truth.planted.len(), FaultId::ALL.len());
}
