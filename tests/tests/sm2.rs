//! Zones whose validators sign with SM2, all or some, on whole networks in virtual time.

use kanhe_contracts::document::Document;
use kanhe_contracts::fixture::{self, Trade};
use kanhe_contracts::registry::{KeyPurpose, OrganisationKey};
use kanhe_ledger::MemoryStore;
use kanhe_ledger::audit::audit;
use kanhe_tests::simulator::Simulator;
use kanhe_tests::simulator::faults::FaultPlan;
use kanhe_tests::simulator::world::World;
use kanhe_types::keys::{Scheme, SecretKey};
use kanhe_types::merkle::Salt;
use kanhe_types::receipt::Outcome;
use kanhe_types::submission::Submission;

const LIMIT: u64 = 120_000_000;

fn mixed(index: usize) -> Scheme {
    if index.is_multiple_of(2) { Scheme::Sm2 } else { Scheme::Ed25519 }
}

fn rough(seed: u64, scheme_of: fn(usize) -> Scheme) {
    let world = World::with_schemes(4, 0, 8, scheme_of);
    let outcome = Simulator::of(seed, world, FaultPlan::rough()).run(LIMIT);
    assert_eq!(outcome.submissions, 8, "run again: seed {seed}");
}

#[test]
fn rough_networks_with_mixed_keys_lose_and_double_nothing() {
    (300..320).for_each(|seed| rough(seed, mixed));
}

#[test]
fn rough_networks_with_sm2_keys_lose_and_double_nothing() {
    (320..326).for_each(|seed| rough(seed, |_| Scheme::Sm2));
}

#[test]
fn documents_of_sm2_and_ed25519_keys_are_accepted_in_one_zone_and_audited() {
    let mut world = World::with_schemes(4, 0, 0, mixed);
    // The platform signs with SM2, everybody else as before.
    let platform = fixture::code(fixture::PLATFORM);
    let secret = SecretKey::new(Scheme::Sm2, [9; 32]).expect("a secret");
    let key = OrganisationKey {
        key: secret.public_key(),
        purpose: KeyPurpose::Operator,
        from: 0,
        until: None,
    };
    let own = world.genesis.organisations.iter_mut().find(|own| own.code == platform);
    own.expect("the fixture has it").keys[0] = key;
    let genesis = world.genesis.hash();
    let mut simulator = Simulator::of(7, world, FaultPlan::calm());
    let trade = Trade::new(1);
    let order = fixture::order(&trade);
    let sign = |secret: &SecretKey, document: &Document| {
        let bytes = vec![document.encode()];
        Submission::sign(&genesis, platform.clone(), secret, 40_000, Salt::default(), bytes)
            .expect("one document")
    };
    let by_sm2 = simulator.submit_now(sign(&secret, &order));
    let payment = fixture::payment(&trade);
    let firm = fixture::signer(&trade, &payment);
    let by_ed25519 = fixture::submission(&genesis, &firm, 40_000, &[payment]);
    let by_ed25519 = simulator.submit_now(by_ed25519);
    simulator.settle(LIMIT);
    let ledger = simulator.ledger(0).expect("it is up");
    for submission in [by_sm2, by_ed25519] {
        let receipts = ledger.receipts_of(&submission).expect("readable").expect("executed");
        assert!(matches!(receipts[0].outcome, Outcome::Accepted { .. }), "{receipts:?}");
    }
    let state = kanhe_node::node::genesis_state(&simulator.world().genesis);
    let report = audit(ledger, state, MemoryStore::default(), |_| {}).expect("the chain holds");
    assert_eq!(report.height, ledger.decided_height());
}
