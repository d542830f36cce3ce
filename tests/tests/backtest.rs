//! Back-tests over chains that a simulated network decided.

use kanhe::backtest::chain::{Tested, backtest};
use kanhe::verify::Verified;
use kanhe_contracts::document::Choice;
use kanhe_contracts::fixture::{self, Trade};
use kanhe_contracts::governance::{self, Change};
use kanhe_contracts::policy::Policy;
use kanhe_contracts::registry::Role;
use kanhe_contracts::risk::{RiskRule, Subject, Target, rule_record};
use kanhe_tests::simulator::Simulator;
use kanhe_tests::simulator::faults::FaultPlan;
use kanhe_types::hash::Hash;
use kanhe_types::limits::EXECUTION_LAG;
use kanhe_types::submission::document_id;

const LIMIT: u64 = 120_000_000;
const AGENCIES: [&str; 4] = ["AGENCY00", "AGENCY01", "AGENCY02", "AGENCY03"];

struct Zone {
    simulator: Simulator,
    genesis: Hash,
    expires: u64,
}

impl Zone {
    fn new() -> Self {
        let simulator = Simulator::new(11, 4, 4, FaultPlan::calm());
        let genesis = simulator.world().genesis.hash();
        Self { simulator, genesis, expires: 40_000 }
    }

    fn send(
        &mut self,
        code: &kanhe_types::code::OrganisationCode,
        document: &kanhe_contracts::document::Document,
    ) {
        self.expires += 1;
        let documents = std::slice::from_ref(document);
        self.simulator.submit_now(fixture::submission(
            &self.genesis,
            code,
            self.expires,
            documents,
        ));
    }

    /// Everything about some trades.
    fn trade(&mut self, numbers: std::ops::Range<u64>) {
        for trade in numbers.map(Trade::new) {
            for make in [fixture::order, fixture::payment, fixture::waybill, fixture::list] {
                let document = make(&trade);
                self.send(&fixture::signer(&trade, &document), &document);
            }
            self.simulator.settle(LIMIT);
        }
    }

    /// Puts a policy in force, and gives the first height under it.
    fn enact(&mut self, policy: Policy) -> u64 {
        let document = fixture::proposal(vec![Change::Policy { policy }], 30_000, 3);
        let proposer = fixture::code(AGENCIES[0]);
        self.send(&proposer, &document);
        self.simulator.settle(LIMIT);
        let proposal = document_id(&self.genesis, &proposer, &document.encode());
        for agency in AGENCIES {
            self.send(&fixture::code(agency), &fixture::vote(proposal, Choice::Approve));
        }
        self.simulator.settle(LIMIT);
        self.simulator.run_for(10_000_000);
        let state = self.simulator.ledger(0).expect("it is up").state();
        let number = governance::proposal_number(&state, &proposal).expect("readable");
        let proposal = governance::proposal(&state, number.expect("proposed")).expect("readable");
        let active = proposal.expect("proposed").activates.expect("it is active");
        active + EXECUTION_LAG
    }

    fn test(&self, old: &Policy, new: &Policy, from: u64) -> Tested {
        let source = self.simulator.ledger(0).expect("it is up");
        let heights = from..=source.decided_height();
        let before = source.executed(source.executed_height()).expect("readable");
        let genesis = &self.simulator.world().genesis;
        let tested = backtest(source, genesis, old, new, heights).expect("it can be tested");
        assert_eq!(source.executed(source.executed_height()).expect("readable"), before);
        tested
    }
}

/// A rule that fires of every import above some CNY.
fn rule(id: &str, above: u32) -> RiskRule {
    RiskRule {
        id: id.to_owned(),
        pattern: "test".to_owned(),
        on: Subject::Trade,
        target: Target::Trade,
        when: format!("trade.value > {above} && trade.pieces > 0"),
        reaches: Vec::new(),
        weight: 30,
        owner: Role::Customs,
        en: "invented".to_owned(),
        zh: "虚构".to_owned(),
    }
}

#[test]
fn the_policy_in_force_against_itself_gains_and_loses_nothing() {
    let mut zone = Zone::new();
    zone.trade(0..6);
    let source = zone.simulator.ledger(0).expect("it is up");
    let policy = (*source.policy_at(source.executed_height())).clone();
    let Tested { comparison, verified } = zone.test(&policy, &policy, 1);
    assert_eq!(comparison.trades, 6);
    assert_eq!(comparison.rules.len(), policy.risk.rules.len());
    for rule in &comparison.rules {
        assert_eq!((rule.gained, rule.lost), (0, 0), "{rule:?}");
        assert_eq!(rule.old, rule.new);
    }
    // Looking on changes nothing: every root is what the headers say, and the last one the same.
    let Verified::Holds(report) = verified else { panic!("the chain holds") };
    let source = zone.simulator.ledger(0).expect("it is up");
    assert_eq!(report.height, source.decided_height());
}

#[test]
fn a_candidate_gains_exactly_what_its_rule_finds_once_it_is_in_force() {
    let mut zone = Zone::new();
    zone.trade(0..3);
    let source = zone.simulator.ledger(0).expect("it is up");
    let old = (*source.policy_at(source.executed_height())).clone();
    let mut new = Policy { version: old.version + 1, ..old.clone() };
    new.risk.rules.push(rule("T01", 0));
    new.risk.rules.push(rule("T02", 4_000_000));
    let from = zone.enact(new.clone());
    zone.trade(3..8);
    let Tested { comparison, .. } = zone.test(&old, &new, from);
    let source = zone.simulator.ledger(0).expect("it is up");
    for added in ["T01", "T02"] {
        let row = comparison.rules.iter().find(|row| row.rule == added).expect("it is there");
        let fired = rule_record(&source.state(), new.version, added).expect("readable").fired;
        assert_eq!((row.gained as u64, row.lost, row.old), (fired, 0, None));
        assert_eq!(row.new.expect("the candidate has it").hits as u64, fired);
        assert_eq!(row.gained_examples.len() as u64, fired.min(3));
    }
    let fired = comparison.rules.iter().find(|row| row.rule == "T01").map(|row| row.gained);
    assert_eq!(fired, Some(5));
    for row in comparison.rules.iter().filter(|row| !row.rule.starts_with('T')) {
        assert_eq!((row.gained, row.lost), (0, 0), "{row:?}");
        let fired = rule_record(&source.state(), new.version, &row.rule).expect("readable").fired;
        assert_eq!(row.new.expect("the candidate has it").hits as u64, fired, "{row:?}");
    }
}
