//! The risk world on a ledger in memory: its documents are right, whatever its trades are, and
//! what a pattern says of cases is so.

use kanhe_contracts::case::case;
use kanhe_contracts::document::Document;
use kanhe_contracts::event::CaseState;
use kanhe_contracts::execute::{BlockContext, execute};
use kanhe_contracts::export;
use kanhe_contracts::fixture::{self, submission};
use kanhe_contracts::governance::genesis_writes;
use kanhe_contracts::matching::{RuleId, RuleOutcome, Verdict};
use kanhe_contracts::policy::{Direction, Policy};
use kanhe_contracts::registry::Organisation;
use kanhe_contracts::state::MemoryState;
use kanhe_gateway::world::full::risk::{
    LookAlike, RiskConfig, RiskParameters, RiskPattern, RiskSubmission, RiskWorld, TradeRisk,
};
use kanhe_types::hash::Hash;
use kanhe_types::receipt::{CaseKey, Outcome};
use kanhe_types::submission::Submission;
use kanhe_types::time::Millis;
use std::collections::BTreeMap;

const GENESIS: Hash = Hash([9; 32]);
/// The time within which a block orders documents.
const BLOCK_MS: u64 = 15 * 60_000;

struct Ledger {
    state: MemoryState,
    policy: Policy,
    height: u64,
    count: u64,
    documents: usize,
    refused: BTreeMap<(String, u16), String>,
}

impl Ledger {
    fn new(world: &RiskWorld) -> Self {
        let registered = world.organisations().into_iter().map(|member| {
            let organisation =
                fixture::organisation(&fixture::code(member.code), member.name, member.roles);
            Organisation { park: member.park.map(str::to_owned), ..organisation }
        });
        let (policy, validators) = (world.policy(), fixture::validator_set(4));
        let registered: Vec<Organisation> = registered.collect();
        let mut state = MemoryState::default();
        state.apply(&genesis_writes(&registered, &policy, 1, &validators));
        Self { state, policy, height: 0, count: 0, documents: 0, refused: BTreeMap::new() }
    }

    fn execute(&mut self, time: Millis, block: &[RiskSubmission]) {
        self.height += 1;
        let context = BlockContext::plain(GENESIS, self.height, time, &self.policy);
        let submissions: Vec<(Hash, Submission)> = block
            .iter()
            .map(|own| {
                self.count += 1;
                let one = submission(&GENESIS, &own.sender, 1_000_000 + self.count, &own.documents);
                (one.header.id(&GENESIS), one)
            })
            .collect();
        let identified = submissions.iter().map(|(id, one)| (*id, one));
        let effects = execute(&context, &self.state, identified).expect("memory can be read");
        self.state.apply_block(&effects);
        let documents: Vec<&Document> = block.iter().flat_map(|own| &own.documents).collect();
        assert_eq!(effects.receipts.len(), documents.len(), "every document has a receipt");
        self.documents += documents.len();
        for (receipt, document) in effects.receipts.iter().zip(documents) {
            if let Outcome::Rejected(refusal) = &receipt.outcome {
                let key = (document.kind().name().to_owned(), refusal.code);
                self.refused.entry(key).or_insert(format!("{refusal:?} {document:?}"));
            }
        }
    }

    fn found(&self, trade: &TradeRisk) -> Option<(CaseState, Vec<RuleId>)> {
        let key =
            CaseKey { platform: fixture::code(&trade.platform), order_no: trade.order_no.clone() };
        let failed = |outcomes: &[RuleOutcome]| {
            let failed = outcomes.iter().filter(|outcome| outcome.verdict == Verdict::Fail);
            failed.map(|outcome| outcome.rule).collect::<Vec<_>>()
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

fn world(name: &str, seed: u64, trades: usize) -> RiskWorld {
    let parameters = RiskParameters::named(name).expect("a set");
    let start = "20260301000000".parse().expect("a time");
    RiskWorld::new(RiskConfig { seed, trades, start, parameters })
}

fn run(world: &RiskWorld) -> Ledger {
    let mut ledger = Ledger::new(world);
    let (mut block, mut opened) = (Vec::new(), Millis(0));
    for own in world.days().flat_map(|day| day.submissions) {
        if opened.0 + BLOCK_MS < own.at.0 {
            let time = block.last().map_or(own.at, |last: &RiskSubmission| last.at);
            ledger.execute(time, &block);
            block.clear();
            opened = own.at;
        }
        block.push(own);
    }
    ledger.execute(block.last().map_or(opened, |last| last.at), &block);
    ledger
}

/// The trades that are wanted, with the rules that fail in each.
fn failing<'a>(
    world: &'a RiskWorld,
    ledger: &Ledger,
    is_wanted: impl Fn(&TradeRisk) -> bool,
) -> Vec<(&'a TradeRisk, Vec<RuleId>)> {
    let trades = world.truth().trades.iter().filter(|trade| is_wanted(trade));
    trades
        .map(|trade| {
            let (state, failed) = ledger.found(trade).expect("every trade has a case");
            let is_open = matches!(state, CaseState::Collecting | CaseState::Matched);
            assert!(!is_open, "{trade:?} {state:?}");
            (trade, failed)
        })
        .collect()
}

#[test]
fn documents_of_every_set_are_accepted_and_rules_of_matching_find_what_they_can() {
    for (seed, name) in (1..).zip(RiskParameters::NAMES) {
        let world = world(name, seed, 2_000);
        let ledger = run(&world);
        assert_eq!(ledger.refused, BTreeMap::new(), "{name}");
        assert!(9_000 < ledger.documents, "{}", ledger.documents);
        // What is in order fails nothing, but money may be late or less.
        for (trade, failed) in failing(&world, &ledger, |trade| trade.pattern.is_none()) {
            let may_fail: &[RuleId] = match trade.look_alike {
                Some(LookAlike::SlowReceipt) => &[RuleId::X06],
                Some(LookAlike::Commission) => &[RuleId::X03],
                _ => &[],
            };
            assert!(failed.iter().all(|rule| may_fail.contains(rule)), "{trade:?} {failed:?}");
        }
        for (pattern, rule) in [
            (RiskPattern::StockMismatch, RuleId::B01),
            (RiskPattern::ReceiptFarOff, RuleId::X03),
            (RiskPattern::ReceiptWithoutExport, RuleId::X06),
        ] {
            for (trade, failed) in failing(&world, &ledger, |own| own.pattern == Some(pattern)) {
                assert_eq!(failed, [rule], "{trade:?}");
            }
        }
    }
}
