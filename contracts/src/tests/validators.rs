//! How the validators change, and what never happens to them.

use super::governance::{AGENCIES, zone};
use super::*;
use crate::fixture::validator_secret;
use crate::governance::{self, Change, Description, ProposalStatus, ScheduledSet};
use crate::registry::{KeyPurpose, Role};
use kanhe_types::keys::{PublicKey, Scheme, SecretKey};
use kanhe_types::limits::{EXECUTION_LAG, VALIDATORS_MAX};
use kanhe_types::submission::document_id;
use proptest::prelude::*;

fn public(seed: u8) -> PublicKey {
    SecretKey::from_seed([seed; 32]).public_key()
}

/// A validator with keys of its own for an agency.
fn add(agency: &str, seed: u8) -> Change {
    let organisation = fixture::code(agency);
    Change::AddValidator { organisation, key: public(seed), node: public(100 + seed) }
}

fn remove(key: PublicKey) -> Change {
    Change::RemoveValidator { key }
}

fn replace(key: PublicKey, seed: u8) -> Change {
    Change::ReplaceValidator { key, new_key: public(seed), new_node: public(100 + seed) }
}

/// The key of a founding validator.
fn founder(number: u8) -> PublicKey {
    validator_secret(number).public_key()
}

impl World {
    fn schedule(&self) -> Schedule {
        let founding = Schedule::new(self.policy.clone(), 1, fixture::validator_set(4));
        founding.with(&self.state).unwrap()
    }

    fn last_set(&self) -> ScheduledSet {
        self.schedule().validator_sets().last().unwrap().clone()
    }

    /// Waits until the last set decides.
    fn settle_set(&mut self) {
        let from = self.last_set().from;
        self.idle(from.saturating_sub(self.height));
    }
}

#[test]
fn a_validator_is_added_replaced_and_removed_each_from_its_height_on() {
    let mut world = zone();
    let enacted = world.enact(vec![add(AGENCIES[1], 1)]);
    assert_eq!(enacted.status, ProposalStatus::Active, "{enacted:?}");
    let from = enacted.activates.unwrap() + EXECUTION_LAG + 1;
    let schedule = world.schedule();
    let counts = [from - 1, from].map(|height| schedule.validators_at(height).set.count());
    assert_eq!(counts, [4, 5]);
    let added = schedule.validators_at(from).set.by_key(&public(1)).unwrap().clone();
    assert_eq!((added.organisation.as_str(), added.node), (AGENCIES[1], public(101)));

    world.settle_set();
    world.enact(vec![replace(public(1), 2)]);
    let set = world.last_set().set;
    assert_eq!((set.count(), set.by_key(&public(1))), (5, None));
    assert_eq!(set.by_key(&public(2)).unwrap().organisation.as_str(), AGENCIES[1]);

    world.settle_set();
    world.enact(vec![remove(public(2))]);
    assert_eq!(*world.last_set().set, fixture::validator_set(4));
    // Every set stays readable.
    let records = (0..4).map(|number| governance::validator_set(&world.state, number).unwrap());
    let counts: Vec<Option<usize>> =
        records.map(|record| record.map(|record| record.set.count())).collect();
    assert_eq!(counts, [Some(4), Some(5), Some(5), Some(4)]);
}

#[test]
fn what_the_rules_refuse_of_validators() {
    let mut world = zone();
    let mut refuse = |changes: Vec<Change>| world.refuse(AGENCIES[0], changes);
    assert_eq!(refuse(vec![remove(public(9))]), Rejection::ValidatorUnknown);
    assert_eq!(refuse(vec![replace(public(9), 1)]), Rejection::ValidatorUnknown);
    assert_eq!(refuse(vec![add("TESTNOBODY", 1)]), Rejection::OrganisationUnknown);
    assert_eq!(refuse(vec![add(fixture::PLATFORM, 1)]), Rejection::ValidatorNotAgency);
    // A vote may be signed by SM2; connections know Ed25519 keys only, even of a node that the same
    // proposal takes away again.
    let sm2 = SecretKey::new(Scheme::Sm2, [7; 32]).unwrap().public_key();
    let organisation = fixture::code(AGENCIES[1]);
    let by_sm2 = Change::AddValidator { organisation, key: public(1), node: sm2 };
    let changes = vec![by_sm2, remove(public(1))];
    assert_eq!(refuse(changes), Rejection::NodeKeyScheme);
    let moved = Change::ReplaceValidator { key: founder(0), new_key: sm2, new_node: sm2 };
    assert_eq!(refuse(vec![moved]), Rejection::NodeKeyScheme);
    // Nobody's key is anybody else's, or one of the own.
    let organisation = fixture::code(AGENCIES[1]);
    let operator = fixture::secret(&organisation).public_key();
    for (key, node) in [(founder(0), public(1)), (public(1), public(1)), (public(1), operator)] {
        let organisation = organisation.clone();
        let taken = refuse(vec![Change::AddValidator { organisation, key, node }]);
        assert_eq!(taken, Rejection::KeyTaken);
    }
    let reused =
        Change::ReplaceValidator { key: founder(0), new_key: founder(0), new_node: public(1) };
    assert_eq!(refuse(vec![reused]), Rejection::KeyTaken);
    let all = (0..4).map(|number| remove(founder(number)));
    assert_eq!(refuse(all.collect()), Rejection::NoValidators);
    let describe = Change::Describe {
        organisation: fixture::code(fixture::AGENCY),
        description: Description {
            name: "测试银行".into(),
            roles: vec![Role::Bank],
            park: None,
            filing: None,
            licences: Vec::new(),
        },
    };
    assert_eq!(refuse(vec![describe]), Rejection::ValidatorNotAgency);
}

#[test]
fn newcomers_that_do_not_run_cannot_stop_the_chain() {
    let mut world = zone();
    // Of four, three decide: one may be new, and not two. Of six, five decide.
    let two = vec![replace(founder(0), 1), replace(founder(1), 2)];
    assert_eq!(world.refuse(AGENCIES[0], two), Rejection::ValidatorQuorumLost);
    let two = vec![add(AGENCIES[1], 1), add(AGENCIES[2], 2)];
    assert_eq!(world.refuse(AGENCIES[0], two), Rejection::ValidatorQuorumLost);
    // Three leave: the one that stays is a quorum of itself, and so they may.
    let leave = (1..4).map(|number| remove(founder(number)));
    world.enact(leave.collect());
    assert_eq!(world.last_set().set.count(), 1);
    // From one to two both decide: a second that does not run would stop the first.
    world.settle_set();
    let second = world.refuse(AGENCIES[0], vec![add(AGENCIES[1], 3)]);
    assert_eq!(second, Rejection::ValidatorQuorumLost);
}

#[test]
fn there_are_no_more_validators_than_a_set_holds() {
    let mut world = zone();
    let keys = |number: usize| {
        let seed = [u8::try_from(number).unwrap(); 32];
        let mut node = seed;
        node[0] ^= 0x80;
        [seed, node].map(|seed| SecretKey::from_seed(seed).public_key())
    };
    let organisation = fixture::code(AGENCIES[1]);
    let many = (1..=VALIDATORS_MAX).map(|number| {
        let [key, node] = keys(number);
        Change::AddValidator { organisation: organisation.clone(), key, node }
    });
    let changes: Vec<Change> = many.collect();
    // Too many changes of one document are refused before.
    let refused = world.refuse(AGENCIES[0], changes);
    assert!([Rejection::ChangeCount, Rejection::TooManyValidators].contains(&refused));
}

#[test]
fn a_second_change_waits_until_the_first_decides() {
    let mut world = zone();
    let first = world.propose(AGENCIES[0], vec![add(AGENCIES[1], 1)]);
    let second = world.propose(AGENCIES[0], vec![add(AGENCIES[2], 2)]);
    for agency in &AGENCIES[..3] {
        world.approve(&[*agency], first);
        world.approve(&[*agency], second);
    }
    let wait = world.proposal(second).activates.unwrap() - world.height;
    world.idle(wait);
    let [one, two] = [first, second].map(|proposal| world.proposal(proposal));
    let from = one.activates.unwrap() + EXECUTION_LAG + 1;
    assert_eq!((one.status, two.status), (ProposalStatus::Active, ProposalStatus::Approved));
    assert_eq!(two.activates, Some(from));
    world.idle(from - world.height);
    let two = world.proposal(second);
    assert_eq!((two.status, two.activates), (ProposalStatus::Active, Some(from)));
    let froms: Vec<u64> =
        world.schedule().validator_sets().iter().map(|scheduled| scheduled.from).collect();
    assert_eq!(froms, [0, from, from + EXECUTION_LAG + 1]);
    assert_eq!(world.last_set().set.count(), 6);
}

#[test]
fn whom_an_approved_proposal_brings_is_announced_until_it_is_carried_out() {
    let mut world = zone();
    let proposal = world.propose(AGENCIES[0], vec![replace(founder(0), 1)]);
    let is_member = |world: &World| {
        let members = world.schedule().members(world.height + 1);
        members.iter().any(|own| own.key == public(1) && own.node == public(101))
    };
    assert!(!is_member(&world));
    world.approve(&AGENCIES[..3], proposal);
    assert!(is_member(&world));
    world.idle(3);
    assert_eq!(world.proposal(proposal).status, ProposalStatus::Active);
    assert!(is_member(&world));
    // A proposal that nobody approves brings nobody.
    let other = world.propose(AGENCIES[0], vec![add(AGENCIES[1], 2)]);
    world.approve(&AGENCIES[..1], other);
    let members = world.schedule().members(world.height + 1);
    assert!(members.iter().all(|own| own.key != public(2)));
}

#[test]
fn the_keys_of_former_validators_are_never_used_again() {
    let mut world = zone();
    world.enact(vec![remove(founder(0))]);
    world.settle_set();
    let organisation = fixture::code(AGENCIES[1]);
    let back = Change::AddValidator { organisation, key: founder(0), node: public(1) };
    assert_eq!(world.refuse(AGENCIES[0], vec![back]), Rejection::KeyTaken);
    let new = governance::NewKey {
        key: founder(0),
        purpose: KeyPurpose::Operator,
        from: None,
        until: None,
    };
    let keys = vec![governance::KeyChange::Add { new }];
    let outcome = world.own_keys(AGENCIES[1], keys);
    assert_eq!(rejection(&refusal(outcome)), Rejection::KeyTaken);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    /// Whatever is proposed, from set to set a quorum of the later one was in the one before, and
    /// one set at most is to come.
    #[test]
    fn sets_always_overlap_in_a_quorum(
        moves in proptest::collection::vec((0u8..3, 0u8..12), 1..6),
    ) {
        let mut world = zone();
        for (seed, (kind, place)) in (1..).zip(moves) {
            let set = world.last_set().set;
            let key = set.validators()[usize::from(place) % set.count()].key;
            let change = match kind {
                0 => add(AGENCIES[usize::from(place) % 4], seed),
                1 => remove(key),
                _ => replace(key, seed),
            };
            let document = fixture::proposal(vec![change], world.height + 20, 3);
            let agency = fixture::code(AGENCIES[0]);
            if let Outcome::Accepted { .. } = world.send_as(&agency, &document) {
                let proposal = document_id(&GENESIS, &agency, &document.encode());
                world.approve(&AGENCIES[..3], proposal);
                world.idle(3);
            }
            let coming = world.schedule().coming_validators(world.height).count();
            prop_assert!(coming <= 1);
        }
        let schedule = world.schedule();
        for pair in schedule.validator_sets().windows(2) {
            let (before, after) = (&pair[0].set, &pair[1].set);
            let both = after.validators().iter().filter(|own| before.by_key(&own.key).is_some());
            prop_assert!(after.quorum() <= both.count());
            prop_assert!(pair[0].from < pair[1].from);
        }
    }
}

#[test]
fn the_node_of_a_new_validator_reports_and_that_of_a_former_one_does_not() {
    let mut world = zone();
    let first = SecretKey::from_seed([101; 32]);
    world.enact(vec![add(AGENCIES[1], 1)]);
    world.settle_set();
    let entry = crate::document::ReadEntry {
        reader: fixture::code(AGENCIES[0]),
        key: public(9),
        owner: fixture::code(fixture::MERCHANT),
        ground: crate::document::Ground::Business,
        count: 1,
        first: Millis(1_795_420_800_000),
        last: Millis(1_795_420_800_000),
        height: 1,
        cases: Vec::new(),
    };
    let said = |count| {
        let reads = vec![crate::document::ReadEntry { count, ..entry.clone() }];
        fixture::governance(Body::ReadReport(crate::document::ReadReport { reads }))
    };
    let outcome = |world: &mut World, secret: &SecretKey, document: &Document| {
        let (salt, bytes) = (kanhe_types::merkle::Salt::default(), vec![document.encode()]);
        let (organisation, expires) = (fixture::code(AGENCIES[1]), world.height + 9);
        let signed =
            Submission::sign(&GENESIS, organisation, secret, expires, salt, bytes).unwrap();
        world.execute(&[signed]).receipts.remove(0).outcome
    };
    let accepted = outcome(&mut world, &first, &said(1));
    assert_eq!(accepted, Outcome::Accepted { case: None });
    // It says nothing else, and nobody else says that.
    let key_not_valid = |outcome| assert_eq!(rejection(&refusal(outcome)), Rejection::KeyNotValid);
    key_not_valid(outcome(&mut world, &first, &fixture::attestation(&Trade::new(1))));
    key_not_valid(outcome(&mut world, &SecretKey::from_seed([99; 32]), &said(2)));

    world.enact(vec![replace(public(1), 2)]);
    world.settle_set();
    key_not_valid(outcome(&mut world, &first, &said(3)));
    let second = SecretKey::from_seed([102; 32]);
    let accepted = outcome(&mut world, &second, &said(3));
    assert_eq!(accepted, Outcome::Accepted { case: None });
}
