//! A zone that changes itself, on whole networks in virtual time.

use kanhe_contracts::document::{Choice, Document};
use kanhe_contracts::fixture::{self, Trade};
use kanhe_contracts::governance::{self, Change, KeyChange, NewKey, ProposalStatus};
use kanhe_contracts::policy::Policy;
use kanhe_contracts::registry::{KeyPurpose, Status};
use kanhe_contracts::rejection::Rejection;
use kanhe_ledger::audit::audit;
use kanhe_ledger::{Ledger, MemoryStore};
use kanhe_tests::simulator::Simulator;
use kanhe_tests::simulator::faults::FaultPlan;
use kanhe_types::hash::Hash;
use kanhe_types::keys::SecretKey;
use kanhe_types::limits::{EXECUTION_LAG, PROTOCOL_VERSION};
use kanhe_types::merkle::Salt;
use kanhe_types::receipt::Outcome;
use kanhe_types::submission::{Submission, document_id};

const LIMIT: u64 = 120_000_000;
/// Four agencies with validators and the fixture's; four of these five are a quorum.
const AGENCIES: [&str; 5] = ["AGENCY00", "AGENCY01", "AGENCY02", "AGENCY03", fixture::AGENCY];

struct Zone {
    simulator: Simulator,
    genesis: Hash,
    expires: u64,
}

impl Zone {
    fn new(seed: u64, plan: FaultPlan) -> Self {
        let simulator = Simulator::new(seed, 4, 4, plan);
        let genesis = simulator.world().genesis.hash();
        Self { simulator, genesis, expires: 40_000 }
    }

    /// Submits with the key that the document needs.
    fn send(&mut self, code: &str, document: &Document) -> Hash {
        // Another expiry makes another submission of the same document.
        self.expires += 1;
        let (code, documents) = (fixture::code(code), std::slice::from_ref(document));
        let submission = fixture::submission(&self.genesis, &code, self.expires, documents);
        self.simulator.submit_now(submission)
    }

    fn send_with(&mut self, code: &str, secret: &SecretKey, document: &Document) -> Hash {
        self.expires += 1;
        let (code, bytes) = (fixture::code(code), vec![document.encode()]);
        let salt = Salt::default();
        let signed = Submission::sign(&self.genesis, code, secret, self.expires, salt, bytes);
        self.simulator.submit_now(signed.expect("one document"))
    }

    fn propose(&mut self, changes: Vec<Change>) -> Hash {
        let document = fixture::proposal(changes, 30_000, 3);
        self.send(AGENCIES[0], &document);
        self.settle();
        document_id(&self.genesis, &fixture::code(AGENCIES[0]), &document.encode())
    }

    fn vote(&mut self, agency: &str, proposal: Hash) -> Hash {
        self.send(agency, &fixture::vote(proposal, Choice::Approve))
    }

    /// Proposes, lets a quorum approve at about the same time, and waits until it is active.
    fn enact(&mut self, changes: Vec<Change>) -> u64 {
        let proposal = self.propose(changes);
        for agency in &AGENCIES[..4] {
            self.vote(agency, proposal);
        }
        self.settle();
        self.simulator.run_for(10_000_000);
        let state = self.simulator.ledger(0).expect("it is up").state();
        let number = governance::proposal_number(&state, &proposal).expect("readable");
        let proposal = governance::proposal(&state, number.expect("proposed")).expect("readable");
        let proposal = proposal.expect("proposed");
        assert_eq!(proposal.status, ProposalStatus::Active, "{proposal:?}");
        proposal.activates.expect("it is active")
    }

    fn settle(&mut self) {
        self.simulator.settle(LIMIT);
    }

    /// The outcome of a submission of one document, which is the same everywhere.
    fn outcome(&mut self, submission: Hash) -> Outcome {
        self.settle();
        let outcomes: Vec<Outcome> = (0..4)
            .map(|machine| {
                let ledger = self.simulator.ledger(machine).expect("it is up");
                let receipts = ledger.receipts_of(&submission).expect("readable");
                receipts.expect("executed").remove(0).outcome
            })
            .collect();
        assert!(outcomes.windows(2).all(|pair| pair[0] == pair[1]), "{outcomes:?}");
        outcomes[0].clone()
    }

    fn refusal(&mut self, submission: Hash) -> Rejection {
        match self.outcome(submission) {
            Outcome::Rejected(refusal) => Rejection::from_code(refusal.code).expect("known"),
            outcome => panic!("{outcome:?}"),
        }
    }

    fn accepted(&mut self, submission: Hash) -> bool {
        matches!(self.outcome(submission), Outcome::Accepted { .. })
    }

    fn order(&mut self, number: u64) -> Hash {
        self.send(fixture::PLATFORM, &fixture::order(&Trade::new(number)))
    }

    /// Everything again from genesis, by execution.
    fn audit(&self) {
        let source = self.simulator.ledger(0).expect("it is up");
        let genesis = kanhe_node::node::genesis_state(&self.simulator.world().genesis);
        let report = audit(source, genesis, MemoryStore::default(), |_| {});
        assert_eq!(report.expect("the chain holds").height, source.decided_height());
    }

    /// A validator that was away for all of it executes it in groups of heights, across every
    /// change, and comes to the same.
    fn catch_up(&self) {
        let source = self.simulator.ledger(0).expect("it is up");
        let genesis = kanhe_node::node::genesis_state(&self.simulator.world().genesis);
        let ledger = Ledger::open(MemoryStore::default(), genesis).expect("a fresh store");
        for height in 1..=source.decided_height() {
            let decision = source.decision(height).expect("readable").expect("decided");
            for certified in &decision.block.batches {
                let digest = certified.header.digest(&self.genesis);
                let body = source.batch(&digest).expect("readable").expect("stored");
                ledger.store_batches(&[(digest, body)]).expect("memory does not fail");
            }
            ledger.store_decision(&decision).expect("memory does not fail");
        }
        let mut groups = 0;
        while ledger.executed_height() < source.executed_height() {
            let end = ledger.group_end().expect("readable").min(source.executed_height());
            ledger.execute_to(end, &mut |_| {}).expect("a decided chain executes");
            groups += 1;
        }
        let last = source.executed_height();
        assert!(groups < last, "heights were not executed together");
        let root = |ledger: &Ledger<MemoryStore>| ledger.executed(last).expect("readable");
        assert_eq!(root(&ledger), root(source));
        assert_eq!(ledger.policy_at(last + EXECUTION_LAG), source.policy_at(last + EXECUTION_LAG));
    }
}

fn suspend(code: &str) -> Change {
    Change::Suspend { organisation: fixture::code(code) }
}

fn readmit(code: &str) -> Change {
    Change::Readmit { organisation: fixture::code(code) }
}

/// The whole story on a bad network: whoever should not, changes nothing.
fn story(seed: u64) {
    let mut zone = Zone::new(seed, FaultPlan::rough());
    let before = zone.order(100);
    assert!(zone.accepted(before));

    // A stolen operator key, an enterprise's admin key, a stranger's.
    let proposal = zone.propose(vec![suspend(fixture::PLATFORM)]);
    let vote = fixture::vote(proposal, Choice::Approve);
    let stolen = fixture::secret(&fixture::code(AGENCIES[1]));
    let stolen = zone.send_with(AGENCIES[1], &stolen, &vote);
    assert_eq!(zone.refusal(stolen), Rejection::KeyNotValid);
    let enterprise = zone.send(fixture::CARRIER, &vote);
    assert_eq!(zone.refusal(enterprise), Rejection::RoleMissing);
    let stranger = zone.send_with("TESTNOBODY", &SecretKey::from_seed([9; 32]), &vote);
    assert_eq!(zone.refusal(stranger), Rejection::UnknownOrganisation);

    // A vote, and the same again.
    let first = zone.vote(AGENCIES[1], proposal);
    assert!(zone.accepted(first));
    let replayed = zone.vote(AGENCIES[1], proposal);
    assert!(matches!(zone.outcome(replayed), Outcome::Repeated { .. }));

    // The agency is suspended; so are its votes, the one it cast and those to come.
    zone.enact(vec![suspend(AGENCIES[1])]);
    let late = fixture::vote(proposal, Choice::Reject);
    let late = zone.send(AGENCIES[1], &late);
    assert_eq!(zone.refusal(late), Rejection::OrganisationSuspended);
    for agency in [AGENCIES[0], AGENCIES[2], AGENCIES[3]] {
        let vote = zone.vote(agency, proposal);
        assert!(zone.accepted(vote));
    }
    zone.simulator.run_for(10_000_000);
    let refused = zone.order(101);
    assert_eq!(zone.refusal(refused), Rejection::OrganisationSuspended);
    zone.enact_with(&[0, 2, 3, 4], vec![readmit(fixture::PLATFORM), readmit(AGENCIES[1])]);
    let again = zone.order(101);
    assert!(zone.accepted(again));

    // A key is rotated: the old one is refused, what it signed stays.
    let code = fixture::code(fixture::PLATFORM);
    let (old, new) = (fixture::secret(&code), SecretKey::from_seed([77; 32]));
    let (key, purpose) = (new.public_key(), KeyPurpose::Operator);
    let keys = vec![
        KeyChange::Add { new: NewKey { key, purpose, from: None, until: None } },
        KeyChange::Revoke { key: old.public_key(), last: None },
    ];
    let rotation = zone.send(fixture::PLATFORM, &fixture::own_keys(keys));
    assert!(zone.accepted(rotation));
    let order = fixture::order(&Trade::new(102));
    let refused = zone.send_with(fixture::PLATFORM, &old, &order);
    assert_eq!(zone.refusal(refused), Rejection::KeyNotValid);
    let accepted = zone.send_with(fixture::PLATFORM, &new, &order);
    assert!(zone.accepted(accepted));
    assert!(matches!(zone.outcome(before), Outcome::Accepted { .. }));

    // A policy, in force two heights after it is active.
    let policy = Policy { version: 2, collect_days: 9, ..Policy::default() };
    let active = zone.enact(vec![Change::Policy { policy }]);
    let ledger = zone.simulator.ledger(1).expect("it is up");
    let in_force = active + EXECUTION_LAG;
    let versions = [in_force - 1, in_force].map(|height| ledger.policy_at(height).version);
    assert_eq!(versions, [1, 2]);
    let header = ledger.header(in_force).expect("readable").expect("decided");
    assert_eq!(header.policy, ledger.policy_at(in_force).hash());
    let found = ledger.organisation(&code).expect("readable").expect("registered");
    assert_eq!((found.status, found.revision), (Status::Active, 3));
    zone.audit();
    zone.catch_up();
}

impl Zone {
    fn enact_with(&mut self, agencies: &[usize], changes: Vec<Change>) {
        let proposal = self.propose(changes);
        for agency in agencies {
            self.vote(AGENCIES[*agency], proposal);
        }
        self.settle();
        self.simulator.run_for(10_000_000);
    }
}

#[test]
fn a_zone_changes_itself_on_a_bad_network_and_only_by_those_who_may() {
    for seed in 1..6 {
        let told = std::panic::catch_unwind(|| story(seed));
        if let Err(panic) = told {
            let text = panic.downcast_ref::<String>().cloned().unwrap_or_default();
            panic!("seed {seed}: {text}");
        }
    }
}

#[test]
fn a_program_that_does_not_know_an_upgrade_stops_before_its_height_and_says_so() {
    let run = || {
        let mut zone = Zone::new(3, FaultPlan::calm());
        zone.enact(vec![Change::Protocol { version: PROTOCOL_VERSION + 1 }]);
    };
    let panic = std::panic::catch_unwind(run).expect_err("the machines stop");
    let text = panic.downcast_ref::<String>().cloned().unwrap_or_default();
    let expected = format!(
        "needs protocol {}, this program knows protocols up to {PROTOCOL_VERSION}; install",
        PROTOCOL_VERSION + 1
    );
    assert!(text.contains(&expected), "{text}");
}
