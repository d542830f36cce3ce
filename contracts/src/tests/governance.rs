//! How the zone changes itself, and what it never does to itself.

use super::*;
use crate::document::Choice;
use crate::governance::{
    self, Change, Description, KeyChange, NewKey, Proposal, ProposalStatus, check_live_quorum,
};
use crate::limits::{AGENDA_ENTRIES_PER_HEIGHT_MAX, KEYS_MAX, PROPOSALS_OPEN_OF_ONE_MAX};
use crate::policy::Quorum;
use crate::registry::{KeyPurpose, Role, Status, organisation};
use kanhe_types::keys::{PublicKey, SecretKey};
use kanhe_types::limits::EXECUTION_LAG;
use kanhe_types::submission::document_id;
use proptest::prelude::*;

pub(super) const AGENCIES: [&str; 4] = ["TESTGOV001", "TESTGOV002", "TESTGOV003", "TESTGOV004"];
const NEWCOMER: &str = "TESTNEW001";

/// Four agencies, of which three are a quorum, and the enterprises of the fixture.
pub(super) fn zone() -> World {
    let mut organisations = fixture::organisations();
    let further = AGENCIES[1..]
        .iter()
        .map(|text| fixture::organisation(&fixture::code(text), "测试监管乙", &[Role::Agency]));
    organisations.extend(further);
    World::with(&organisations)
}

fn public(seed: u8) -> PublicKey {
    SecretKey::from_seed([seed; 32]).public_key()
}

fn new_key(key: PublicKey, purpose: KeyPurpose) -> NewKey {
    NewKey { key, purpose, from: None, until: None }
}

fn describe(roles: &[Role]) -> Description {
    let name = "测试新企业".to_owned();
    let (roles, park) = (roles.to_vec(), Some("测试园区".to_owned()));
    Description { name, roles, park, filing: None, licences: Vec::new() }
}

/// Admits the newcomer with the keys that the fixture derives from its code.
fn admit() -> Change {
    let code = fixture::code(NEWCOMER);
    let keys = vec![
        new_key(fixture::secret(&code).public_key(), KeyPurpose::Operator),
        new_key(fixture::admin_secret(&code).public_key(), KeyPurpose::Admin),
    ];
    Change::Admit { organisation: code, description: describe(&[Role::Platform]), keys }
}

fn suspend(code: &str) -> Change {
    Change::Suspend { organisation: fixture::code(code) }
}

fn readmit(code: &str) -> Change {
    Change::Readmit { organisation: fixture::code(code) }
}

impl World {
    /// An agency proposes; the proposal's identity.
    pub(super) fn propose(&mut self, agency: &str, changes: Vec<Change>) -> Hash {
        let expires = self.height + 20;
        let document = fixture::proposal(changes, expires, 3);
        let outcome = self.send_as(&fixture::code(agency), &document);
        assert!(matches!(outcome, Outcome::Accepted { case: None }), "{outcome:?}");
        document_id(&GENESIS, &fixture::code(agency), &document.encode())
    }

    pub(super) fn refuse(&mut self, agency: &str, changes: Vec<Change>) -> Rejection {
        let document = fixture::proposal(changes, self.height + 20, 3);
        rejection(&refusal(self.send_as(&fixture::code(agency), &document)))
    }

    fn vote(&mut self, agency: &str, proposal: Hash, choice: Choice) -> Outcome {
        self.send_as(&fixture::code(agency), &fixture::vote(proposal, choice))
    }

    pub(super) fn approve(&mut self, agencies: &[&str], proposal: Hash) {
        for agency in agencies {
            let outcome = self.vote(agency, proposal, Choice::Approve);
            assert!(matches!(outcome, Outcome::Accepted { .. }), "{agency}: {outcome:?}");
        }
    }

    pub(super) fn idle(&mut self, heights: u64) {
        (0..heights).for_each(|_| drop(self.execute(&[])));
    }

    /// Proposes, lets three agencies approve, and waits until it is carried out.
    pub(super) fn enact(&mut self, changes: Vec<Change>) -> Proposal {
        let proposal = self.propose(AGENCIES[0], changes);
        self.approve(&AGENCIES[..3], proposal);
        self.idle(3);
        self.proposal(proposal)
    }

    pub(super) fn proposal(&self, document: Hash) -> Proposal {
        let number = governance::proposal_number(&self.state, &document).unwrap().unwrap();
        governance::proposal(&self.state, number).unwrap().unwrap()
    }

    fn organisation(&self, code: &str) -> Organisation {
        organisation(&self.state, &fixture::code(code)).unwrap().unwrap()
    }

    pub(super) fn own_keys(&mut self, code: &str, keys: Vec<KeyChange>) -> Outcome {
        self.send_as(&fixture::code(code), &fixture::own_keys(keys))
    }

    fn order_from(&mut self, code: &str, number: u64) -> Outcome {
        let mut trade = Trade::new(number);
        trade.platform = fixture::code(code);
        self.send_as(&trade.platform.clone(), &fixture::order(&trade))
    }

    fn assert_live_quorum(&self) {
        let zone = governance::zone(&self.state).unwrap();
        let active = governance::active_agencies(&self.state, &zone.agencies).unwrap();
        let policy = self.policy_at(self.height);
        assert_eq!(check_live_quorum(&active, &policy, self.height), Ok(()));
    }
}

fn accepted(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Accepted { .. })
}

#[test]
fn a_quorum_admits_an_enterprise_at_the_height_it_states_and_not_before() {
    let mut world = zone();
    let proposal = world.propose(AGENCIES[0], vec![admit()]);
    world.approve(&AGENCIES[..2], proposal);
    assert_eq!(world.proposal(proposal).status, ProposalStatus::Open);
    world.approve(&AGENCIES[2..3], proposal);
    let decided = world.proposal(proposal);
    assert_eq!(
        (decided.status, decided.activates),
        (ProposalStatus::Approved, Some(world.height + 3))
    );
    let unknown = refusal(world.order_from(NEWCOMER, 1));
    assert_eq!(rejection(&unknown), Rejection::UnknownOrganisation);
    world.idle(1);
    // It holds for the documents of its own height already.
    assert!(accepted(&world.order_from(NEWCOMER, 1)));
    let active = world.proposal(proposal);
    assert_eq!((active.status, active.activates), (ProposalStatus::Active, Some(world.height)));
    assert_eq!(active.votes.len(), 3);
    assert_eq!(world.organisation(NEWCOMER).park.as_deref(), Some("测试园区"));
    let event = Event::OrganisationChanged { organisation: fixture::code(NEWCOMER), revision: 0 };
    assert!(world.events.contains(&event), "{:?}", world.events);
}

#[test]
fn only_admin_keys_of_agencies_propose_and_vote() {
    let mut world = zone();
    let (agency, platform) = (fixture::code(AGENCIES[0]), fixture::code(fixture::PLATFORM));
    let document = fixture::proposal(vec![admit()], 20, 3);
    let refused = refusal(world.send_as(&platform, &document));
    assert_eq!(rejection(&refused), Rejection::RoleMissing);
    // A stolen operator key.
    let stolen = |world: &mut World, document: &Document| {
        let (secret, bytes) = (fixture::secret(&agency), vec![document.encode()]);
        let (expires, salt) = (world.height + 10, kanhe_types::merkle::Salt::default());
        let signed = Submission::sign(&GENESIS, agency.clone(), &secret, expires, salt, bytes);
        let outcome = world.execute(&[signed.unwrap()]).receipts.remove(0).outcome;
        rejection(&refusal(outcome))
    };
    assert_eq!(stolen(&mut world, &document), Rejection::KeyNotValid);
    let proposal = world.propose(AGENCIES[1], vec![admit()]);
    let vote = fixture::vote(proposal, Choice::Approve);
    assert_eq!(stolen(&mut world, &vote), Rejection::KeyNotValid);
    let keys =
        fixture::own_keys(vec![KeyChange::Add { new: new_key(public(1), KeyPurpose::Admin) }]);
    assert_eq!(stolen(&mut world, &keys), Rejection::KeyNotValid);
    assert_eq!(world.proposal(proposal).votes, []);
    // And an admin key does not trade.
    let order = fixture::order(&Trade::new(1)).encode();
    let secret = fixture::admin_secret(&platform);
    let salt = kanhe_types::merkle::Salt::default();
    let signed = Submission::sign(&GENESIS, platform, &secret, 20, salt, vec![order]).unwrap();
    let outcome = world.execute(&[signed]).receipts.remove(0).outcome;
    assert_eq!(rejection(&refusal(outcome)), Rejection::KeyNotValid);
}

#[test]
fn a_vote_counts_once_and_a_replay_gets_the_first_height() {
    let mut world = zone();
    let proposal = world.propose(AGENCIES[0], vec![admit()]);
    world.approve(&AGENCIES[..1], proposal);
    let first_height = world.height;
    let replay = world.vote(AGENCIES[0], proposal, Choice::Approve);
    assert_eq!(replay, Outcome::Repeated { first_height });
    let changed = refusal(world.vote(AGENCIES[0], proposal, Choice::Reject));
    assert_eq!(rejection(&changed), Rejection::VotedAlready);
    assert_eq!(world.proposal(proposal).votes.len(), 1);
    // The proposal itself, too.
    let document = world.proposal(proposal);
    let again = fixture::proposal(document.content.changes.clone(), document.content.expires, 3);
    let outcome = world.send_as(&fixture::code(AGENCIES[0]), &again);
    assert_eq!(outcome, Outcome::Repeated { first_height: document.height });
}

#[test]
fn a_proposal_that_no_quorum_can_approve_any_more_is_rejected() {
    let mut world = zone();
    let proposal = world.propose(AGENCIES[0], vec![admit()]);
    assert!(accepted(&world.vote(AGENCIES[1], proposal, Choice::Reject)));
    assert_eq!(world.proposal(proposal).status, ProposalStatus::Open);
    assert!(accepted(&world.vote(AGENCIES[2], proposal, Choice::Reject)));
    assert_eq!(world.proposal(proposal).status, ProposalStatus::Rejected);
    let late = refusal(world.vote(AGENCIES[3], proposal, Choice::Approve));
    assert_eq!(rejection(&late), Rejection::ProposalNotOpen);
    let unknown = refusal(world.vote(AGENCIES[3], Hash([9; 32]), Choice::Approve));
    assert_eq!(rejection(&unknown), Rejection::ProposalUnknown);
    assert_eq!(governance::agenda(&world.state).unwrap(), []);
}

#[test]
fn what_is_not_decided_in_time_expires_and_only_its_proposer_withdraws_it() {
    let mut world = zone();
    let proposal = world.propose(AGENCIES[0], vec![admit()]);
    let expires = world.proposal(proposal).content.expires;
    world.approve(&AGENCIES[..2], proposal);
    world.idle(expires - world.height);
    assert_eq!(world.proposal(proposal).status, ProposalStatus::Open);
    let late = refusal(world.vote(AGENCIES[2], proposal, Choice::Approve));
    assert_eq!(rejection(&late), Rejection::ProposalNotOpen);
    assert_eq!(world.proposal(proposal).status, ProposalStatus::Expired);
    assert_eq!(world.proposal(proposal).decided, Some(expires + 1));

    let second = world.propose(AGENCIES[0], vec![admit()]);
    let withdrawal = fixture::withdrawal(second);
    let other = refusal(world.send_as(&fixture::code(AGENCIES[1]), &withdrawal));
    assert_eq!(rejection(&other), Rejection::NotProposer);
    let own = fixture::code(AGENCIES[0]);
    assert!(accepted(&world.send_as(&own, &withdrawal)));
    let first_height = world.height;
    assert_eq!(world.send_as(&own, &withdrawal), Outcome::Repeated { first_height });
    assert_eq!(world.proposal(second).status, ProposalStatus::Withdrawn);
    world.idle(30);
    assert!(organisation(&world.state, &fixture::code(NEWCOMER)).unwrap().is_none());
}

#[test]
fn the_last_height_of_a_proposal_still_counts() {
    let mut world = zone();
    let proposal = world.propose(AGENCIES[0], vec![admit()]);
    world.approve(&AGENCIES[..2], proposal);
    world.idle(world.proposal(proposal).content.expires - world.height - 1);
    world.approve(&AGENCIES[2..3], proposal);
    assert_eq!(world.proposal(proposal).status, ProposalStatus::Approved);
}

#[test]
fn a_suspended_organisation_does_nothing_until_it_is_readmitted() {
    let mut world = zone();
    assert!(accepted(&world.order_from(fixture::PLATFORM, 1)));
    world.enact(vec![suspend(fixture::PLATFORM)]);
    let refused = refusal(world.order_from(fixture::PLATFORM, 2));
    assert_eq!(rejection(&refused), Rejection::OrganisationSuspended);
    let add = KeyChange::Add { new: new_key(public(1), KeyPurpose::Admin) };
    let refused = refusal(world.own_keys(fixture::PLATFORM, vec![add]));
    assert_eq!(rejection(&refused), Rejection::OrganisationSuspended);
    assert_eq!(
        world.refuse(AGENCIES[0], vec![suspend(fixture::PLATFORM)]),
        Rejection::StatusUnchanged
    );
    world.enact(vec![readmit(fixture::PLATFORM)]);
    assert!(accepted(&world.order_from(fixture::PLATFORM, 2)));
    // Its history tells both, by height.
    let own = world.organisation(fixture::PLATFORM);
    assert_eq!(own.revision, 2);
    let status = |number| {
        let revision = governance::revision(&world.state, &own.code, number).unwrap().unwrap();
        (revision.organisation.status, revision.last)
    };
    let ((one, first), (two, second)) = (status(0), status(1));
    assert_eq!((one, two), (Status::Active, Status::Suspended));
    assert!(first < second && second < world.height);
}

#[test]
fn a_suspended_agency_neither_votes_nor_counts() {
    let mut world = zone();
    let open = world.propose(AGENCIES[0], vec![admit()]);
    world.approve(&[AGENCIES[3]], open);
    world.enact(vec![suspend(AGENCIES[3])]);
    let refused = refusal(world.vote(AGENCIES[3], open, Choice::Reject));
    assert_eq!(rejection(&refused), Rejection::OrganisationSuspended);
    // Of three that are left two are a quorum, and the suspended one's vote is not one of them.
    world.approve(&AGENCIES[..1], open);
    assert_eq!(world.proposal(open).status, ProposalStatus::Open);
    world.approve(&AGENCIES[1..2], open);
    assert_eq!(world.proposal(open).status, ProposalStatus::Approved);
    assert_eq!(world.proposal(open).votes.len(), 3);
}

#[test]
fn a_key_is_rotated_from_the_next_height_on_and_never_comes_back() {
    let mut world = zone();
    let code = fixture::code(fixture::PLATFORM);
    let old = fixture::secret(&code).public_key();
    let rotate = vec![
        KeyChange::Add { new: new_key(public(1), KeyPurpose::Operator) },
        KeyChange::Revoke { key: old, last: None },
    ];
    // In one block with the change the old key still signs.
    let height = world.height + 1;
    let order = fixture::submission(&GENESIS, &code, 50, &[fixture::order(&Trade::new(1))]);
    let change = fixture::submission(&GENESIS, &code, 50, &[fixture::own_keys(rotate.clone())]);
    let effects = world.execute(&[change, order]);
    assert!(effects.receipts.iter().all(|receipt| accepted(&receipt.outcome)));
    let refused = refusal(world.order_from(fixture::PLATFORM, 2));
    assert_eq!(rejection(&refused), Rejection::KeyNotValid);
    let own = world.organisation(fixture::PLATFORM);
    assert!(own.has_key(&old, KeyPurpose::Operator, height));
    assert!(!own.has_key(&old, KeyPurpose::Operator, height + 1));
    assert!(!own.has_key(&public(1), KeyPurpose::Operator, height));
    assert!(own.has_key(&public(1), KeyPurpose::Operator, height + 1));
    // The same document again, and the old key again.
    assert_eq!(
        world.own_keys(fixture::PLATFORM, rotate),
        Outcome::Repeated { first_height: height }
    );
    let add = |key| vec![KeyChange::Add { new: new_key(key, KeyPurpose::Operator) }];
    for taken in [old, fixture::secret(&fixture::code(fixture::CARRIER)).public_key()] {
        let refused = refusal(world.own_keys(fixture::PLATFORM, add(taken)));
        assert_eq!(rejection(&refused), Rejection::KeyTaken);
        assert_eq!(refused.field, "keys[0].key");
    }
    let gone = vec![KeyChange::Revoke { key: old, last: None }];
    let refused = refusal(world.own_keys(fixture::PLATFORM, gone));
    assert_eq!(rejection(&refused), Rejection::KeyUnknown);
}

#[test]
fn heights_of_keys_lie_ahead_and_in_order() {
    let mut world = zone();
    world.idle(5);
    // The change of keys that comes next holds from the height after it.
    let next = world.height + 2;
    let add = |from, until| {
        let (key, purpose) = (public(7), KeyPurpose::Operator);
        vec![KeyChange::Add { new: NewKey { key, purpose, from, until } }]
    };
    let check = |keys| {
        let mut world = zone();
        world.idle(5);
        match world.own_keys(fixture::PLATFORM, keys) {
            Outcome::Rejected(refusal) => Some(rejection(&refusal)),
            _ => None,
        }
    };
    assert_eq!(check(add(Some(next), Some(next))), None);
    assert_eq!(check(add(Some(next - 1), None)), Some(Rejection::KeyHeights));
    assert_eq!(check(add(Some(next + 5), Some(next + 4))), Some(Rejection::KeyHeights));
    let old = fixture::secret(&fixture::code(fixture::PLATFORM)).public_key();
    let revoke = |last| vec![KeyChange::Revoke { key: old, last: Some(last) }];
    assert_eq!(check(revoke(next - 1)), None);
    assert_eq!(check(revoke(next - 2)), Some(Rejection::KeyHeights));
    let twice = [revoke(next + 9), revoke(next + 8)].concat();
    assert_eq!(check(twice), None);
    let longer = [revoke(next + 8), revoke(next + 9)].concat();
    assert_eq!(check(longer), Some(Rejection::KeyHeights));
}

#[test]
fn a_record_keeps_a_bounded_number_of_keys_and_the_history_the_rest() {
    let mut world = zone();
    let code = fixture::code(fixture::PLATFORM);
    let mut last = None;
    for seed in 1..40u8 {
        let mut keys = vec![KeyChange::Add { new: new_key(public(seed), KeyPurpose::Operator) }];
        keys.extend(last.map(|key| KeyChange::Revoke { key, last: None }));
        assert!(accepted(&world.own_keys(fixture::PLATFORM, keys)));
        last = Some(public(seed));
    }
    let own = world.organisation(fixture::PLATFORM);
    assert!(own.keys.len() <= KEYS_MAX);
    assert!(own.has_key(&public(39), KeyPurpose::Operator, world.height + 1));
    let third = governance::revision(&world.state, &code, 3).unwrap().unwrap();
    assert!(third.organisation.has_key(&public(3), KeyPurpose::Operator, third.last));
    let add = (100..100 + u8::try_from(KEYS_MAX).unwrap())
        .map(|seed| KeyChange::Add { new: new_key(public(seed), KeyPurpose::Node) });
    let refused = refusal(world.own_keys(fixture::PLATFORM, add.collect()));
    assert_eq!(rejection(&refused), Rejection::TooManyKeys);
}

#[test]
fn agencies_replace_the_keys_of_an_organisation_that_lost_them() {
    let mut world = zone();
    let code = fixture::code(fixture::PLATFORM);
    let old = fixture::secret(&code).public_key();
    let keys = vec![
        KeyChange::Revoke { key: old, last: None },
        KeyChange::Revoke { key: fixture::admin_secret(&code).public_key(), last: None },
        KeyChange::Add { new: new_key(public(1), KeyPurpose::Admin) },
    ];
    let enacted = world.enact(vec![Change::Keys { organisation: code, keys }]);
    assert_eq!(enacted.status, ProposalStatus::Active, "{:?}", enacted.failure);
    let own = world.organisation(fixture::PLATFORM);
    assert!(!own.has_key(&old, KeyPurpose::Operator, world.height));
    assert!(own.has_key(&public(1), KeyPurpose::Admin, world.height));
}

#[test]
fn a_change_that_leaves_too_few_agencies_able_to_vote_is_refused() {
    let mut world = zone();
    let revoke = |code: &str| {
        let key = fixture::admin_secret(&fixture::code(code)).public_key();
        vec![KeyChange::Revoke { key, last: None }]
    };
    assert!(accepted(&world.own_keys(AGENCIES[0], revoke(AGENCIES[0]))));
    // Three of four can vote, and three must.
    let refused = refusal(world.own_keys(AGENCIES[1], revoke(AGENCIES[1])));
    assert_eq!(rejection(&refused), Rejection::QuorumLost);
    let keys = |code: &str| Change::Keys { organisation: fixture::code(code), keys: revoke(code) };
    assert_eq!(world.refuse(AGENCIES[1], vec![keys(AGENCIES[2])]), Rejection::QuorumLost);
    // A key that ends by itself does not count.
    let mut rotate = revoke(AGENCIES[1]);
    let (key, purpose, until) = (public(1), KeyPurpose::Admin, Some(1_000_000));
    rotate.push(KeyChange::Add { new: NewKey { key, purpose, from: None, until } });
    let refused = refusal(world.own_keys(AGENCIES[1], rotate));
    assert_eq!(rejection(&refused), Rejection::QuorumLost);
    // Nor do agencies that are suspended or give up the role. Two of three can vote, two must.
    let able = vec![suspend(AGENCIES[1])];
    let proposal = world.propose(AGENCIES[1], able);
    world.approve(&AGENCIES[1..], proposal);
    world.idle(3);
    assert_eq!(world.proposal(proposal).status, ProposalStatus::Active);
    assert_eq!(world.refuse(AGENCIES[2], vec![suspend(AGENCIES[3])]), Rejection::QuorumLost);
    let organisation = fixture::code(AGENCIES[3]);
    let description = describe(&[Role::Warehouse]);
    let demote = Change::Describe { organisation, description };
    assert_eq!(world.refuse(AGENCIES[2], vec![demote]), Rejection::QuorumLost);
    // A harder policy would ask for more than can vote.
    let governance_quorum = Quorum { agencies: 1, of: 1 };
    let policy = Policy { version: 2, governance_quorum, ..Policy::default() };
    assert_eq!(world.refuse(AGENCIES[2], vec![Change::Policy { policy }]), Rejection::QuorumLost);
    world.assert_live_quorum();
}

#[test]
fn a_proposal_is_carried_out_whole_or_not_at_all() {
    let mut world = zone();
    let bad = vec![admit(), readmit(fixture::PLATFORM)];
    let document = fixture::proposal(bad, 20, 3);
    let refused = refusal(world.send_as(&fixture::code(AGENCIES[0]), &document));
    assert_eq!(rejection(&refused), Rejection::StatusUnchanged);
    assert_eq!(refused.field, "changes[1].organisation");
    // Both hold when they are proposed; the second does not any more when its height comes.
    let first = world.propose(AGENCIES[0], vec![admit()]);
    let second = world.propose(AGENCIES[1], vec![suspend(fixture::CARRIER), admit()]);
    world.approve(&AGENCIES[..3], first);
    world.approve(&AGENCIES[..3], second);
    world.idle(3);
    assert_eq!(world.proposal(first).status, ProposalStatus::Active);
    let failed = world.proposal(second);
    assert_eq!(failed.status, ProposalStatus::Failed);
    let failure = failed.failure.unwrap();
    assert_eq!(rejection(&failure), Rejection::OrganisationExists);
    assert_eq!(failure.field, "changes[1].organisation");
    assert_eq!(world.organisation(fixture::CARRIER).status, Status::Active);
    let status = ProposalStatus::Failed;
    let (number, document) = (2, second);
    assert!(world.events.contains(&Event::ProposalChanged { number, document, status }));
}

#[test]
fn a_new_policy_is_in_force_two_heights_after_its_proposal_is_active() {
    let mut world = zone();
    let policy =
        |version| Policy { version, amount_tolerance: fixture::decimal("1"), ..Policy::default() };
    let refused = world.refuse(AGENCIES[0], vec![Change::Policy { policy: policy(3) }]);
    assert_eq!(refused, Rejection::PolicyVersion);
    let bad = Policy { collect_days: 0, ..policy(2) };
    let refused = world.refuse(AGENCIES[0], vec![Change::Policy { policy: bad }]);
    assert_eq!(refused, Rejection::PolicyMalformed);
    let enacted = world.enact(vec![Change::Policy { policy: policy(2) }]);
    let active = enacted.activates.unwrap();
    let versions = |world: &World| {
        [active, active + EXECUTION_LAG - 1, active + EXECUTION_LAG, active + 99]
            .map(|height| world.policy_at(height).version)
    };
    assert_eq!(versions(&world), [1, 1, 2, 2]);
    let trade = Trade::new(1);
    world.idle(EXECUTION_LAG);
    let case = world.trade_with(&trade, |document| {
        payment(document, |payment| payment.amount_paid = fixture::decimal("118"));
    });
    assert_eq!((case.state, case.policy_version), (CaseState::Matched, 2));
    // Every version stays readable.
    let record = governance::policy(&world.state, 1).unwrap().unwrap();
    assert_eq!((record.policy, record.from), (Policy::default(), 0));
}

#[test]
fn protocol_versions_follow_each_other() {
    let mut world = zone();
    let refused = world.refuse(AGENCIES[0], vec![Change::Protocol { version: 3 }]);
    assert_eq!(refused, Rejection::ProtocolVersion);
    let enacted = world.enact(vec![Change::Protocol { version: 2 }]);
    let from = enacted.activates.unwrap() + EXECUTION_LAG;
    let founding = Schedule::new(Policy::default(), 1, fixture::validator_set(4));
    let schedule = founding.with(&world.state).unwrap();
    assert_eq!([from - 1, from].map(|height| schedule.protocol_at(height)), [1, 2]);
    assert_eq!(schedule.unknown_protocol(1), Some((from, 2)));
    assert_eq!(schedule.unknown_protocol(2), None);
}

#[test]
fn what_is_due_at_one_height_is_bounded_and_the_rest_follows() {
    let mut world = zone();
    let count = AGENDA_ENTRIES_PER_HEIGHT_MAX + 2;
    let at = 60;
    let proposals: Vec<Hash> = (0..count)
        .map(|number| {
            let mut document = fixture::proposal(
                vec![Change::Describe {
                    organisation: fixture::code(fixture::PLATFORM),
                    description: describe(&[Role::Platform]),
                }],
                50 + number as u64 % 2,
                1,
            );
            if let Body::GovernanceProposal(content) = &mut document.body {
                content.activation = crate::document::Activation::AtHeight(at);
                content.reason = format!("测试{number}");
            }
            let agency = fixture::code(AGENCIES[number % 4]);
            assert!(accepted(&world.send_as(&agency, &document)));
            document_id(&GENESIS, &agency, &document.encode())
        })
        .collect();
    for proposal in &proposals {
        // All in one block: the order of votes within a height decides nothing.
        let votes: Vec<Submission> = AGENCIES[..3]
            .iter()
            .map(|agency| {
                let vote = fixture::vote(*proposal, Choice::Approve);
                fixture::submission(&GENESIS, &fixture::code(agency), 50, &[vote])
            })
            .collect();
        world.execute(&votes);
    }
    world.idle(at - world.height);
    let active = |world: &World| {
        let is_active = |id: &&Hash| world.proposal(**id).status == ProposalStatus::Active;
        proposals.iter().filter(is_active).count()
    };
    assert_eq!(active(&world), AGENDA_ENTRIES_PER_HEIGHT_MAX);
    world.idle(1);
    assert_eq!(active(&world), count);
    assert_eq!(governance::agenda(&world.state).unwrap(), []);
}

#[test]
fn what_expired_is_not_voted_on_even_while_the_agenda_is_behind() {
    let mut world = zone();
    let count = AGENDA_ENTRIES_PER_HEIGHT_MAX + 1;
    let expires = 40;
    let proposals: Vec<Hash> = (0..count)
        .map(|number| {
            let mut document = fixture::proposal(vec![admit()], expires, 1);
            document.guid = format!("{number:036}");
            let agency = fixture::code(AGENCIES[number % 4]);
            assert!(accepted(&world.send_as(&agency, &document)));
            document_id(&GENESIS, &agency, &document.encode())
        })
        .collect();
    world.idle(expires - world.height);
    let last = *proposals.last().unwrap();
    let refused = refusal(world.vote(AGENCIES[0], last, Choice::Approve));
    assert_eq!(rejection(&refused), Rejection::ProposalNotOpen);
    assert_eq!(refused.found, "expired");
    assert_eq!(world.proposal(last).status, ProposalStatus::Open);
    world.idle(1);
    assert_eq!(world.proposal(last).status, ProposalStatus::Expired);
}

#[test]
fn open_proposals_of_one_agency_are_bounded() {
    let mut world = zone();
    for number in 0..PROPOSALS_OPEN_OF_ONE_MAX {
        let mut document = fixture::proposal(vec![admit()], 90, 3);
        document.guid = format!("{number:036}");
        assert!(accepted(&world.send_as(&fixture::code(AGENCIES[0]), &document)));
    }
    assert_eq!(world.refuse(AGENCIES[0], vec![admit()]), Rejection::TooManyProposals);
    assert!(accepted(&{
        let document = fixture::proposal(vec![admit()], 90, 3);
        world.send_as(&fixture::code(AGENCIES[1]), &document)
    }));
}

#[test]
fn the_shape_of_a_proposal_is_checked() {
    let mut world = zone();
    assert_eq!(world.refuse(AGENCIES[0], Vec::new()), Rejection::ChangeCount);
    let organisation = fixture::code(fixture::PLATFORM);
    let roles = |roles: &[Role]| Change::Describe {
        organisation: organisation.clone(),
        description: describe(roles),
    };
    let none = world.refuse(AGENCIES[0], vec![roles(&[])]);
    let disordered = world.refuse(AGENCIES[0], vec![roles(&[Role::Bank, Role::Platform])]);
    assert_eq!([none, disordered], [Rejection::RolesMalformed; 2]);
    let height = world.height;
    let heights = |expires, after| {
        let document = fixture::proposal(vec![admit()], expires, after);
        match zone().send_as(&fixture::code(AGENCIES[0]), &document) {
            Outcome::Rejected(refusal) => Some(rejection(&refusal)),
            _ => None,
        }
    };
    assert!(0 < height);
    assert_eq!(heights(1, 1), Some(Rejection::ProposalHeights));
    assert_eq!(heights(2, 1), None);
    assert_eq!(heights(2, 0), Some(Rejection::ProposalHeights));
    let mut silent = fixture::proposal(vec![admit()], 90, 3);
    if let Body::GovernanceProposal(content) = &mut silent.body {
        content.reason.clear();
    }
    let refused = refusal(world.send_as(&fixture::code(AGENCIES[0]), &silent));
    assert_eq!((rejection(&refused), refused.field.as_str()), (Rejection::TextEmpty, "reason"));
    silent.app_type = AppType::Change;
    let refused = refusal(world.send_as(&fixture::code(AGENCIES[0]), &silent));
    assert_eq!(rejection(&refused), Rejection::OnlyAdd);
}

/// Something that an agency may do, well or badly.
#[derive(Clone, Debug)]
enum Move {
    Propose(usize, Change),
    Vote(usize, usize, bool),
    OwnKeys(usize, KeyChange),
    /// Everybody who may approves at once.
    Enact(usize, Change),
    Idle(u64),
}

fn change_of_key() -> impl Strategy<Value = KeyChange> {
    let add = (1u8..30, prop::option::of(1u64..200)).prop_map(|(seed, until)| {
        let (key, purpose) = (public(seed), KeyPurpose::Admin);
        KeyChange::Add { new: NewKey { key, purpose, from: None, until } }
    });
    let founding = (0usize..4).prop_map(|agency| KeyChange::Revoke {
        key: fixture::admin_secret(&fixture::code(AGENCIES[agency])).public_key(),
        last: None,
    });
    let later = (1u8..30).prop_map(|seed| KeyChange::Revoke { key: public(seed), last: None });
    prop_oneof![add, founding, later]
}

fn change() -> impl Strategy<Value = Change> {
    let agency = || (0usize..4).prop_map(|index| fixture::code(AGENCIES[index]));
    let policy = (2u32..5, 1u16..4, 1u16..4).prop_map(|(version, agencies, of)| Change::Policy {
        policy: Policy { version, governance_quorum: Quorum { agencies, of }, ..Policy::default() },
    });
    prop_oneof![
        agency().prop_map(|organisation| Change::Suspend { organisation }),
        agency().prop_map(|organisation| Change::Suspend { organisation }),
        agency().prop_map(|organisation| Change::Readmit { organisation }),
        (agency(), any::<bool>()).prop_map(|(organisation, is_agency)| Change::Describe {
            organisation,
            description: describe(&[if is_agency { Role::Agency } else { Role::Bank }]),
        }),
        (agency(), change_of_key())
            .prop_map(|(organisation, key)| Change::Keys { organisation, keys: vec![key] }),
        policy,
    ]
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        2 => (0usize..4, change()).prop_map(|(agency, change)| Move::Propose(agency, change)),
        6 => (0usize..4, 0usize..6, prop::bool::weighted(0.9))
            .prop_map(|(agency, back, approves)| Move::Vote(agency, back, approves)),
        1 => (0usize..4, change_of_key()).prop_map(|(agency, key)| Move::OwnKeys(agency, key)),
        4 => (0usize..4, change()).prop_map(|(agency, change)| Move::Enact(agency, change)),
        1 => (1u64..6).prop_map(Move::Idle),
    ];
    prop::collection::vec(one, 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever agencies propose, vote and do to their keys: at every height a quorum of those that
    /// are active can vote, with keys that do not end by themselves.
    #[test]
    fn the_zone_can_always_be_governed(moves in moves()) {
        let mut world = zone();
        let mut made = Vec::new();
        let mut sent = Vec::new();
        for step in moves {
            let (agency, document) = match step {
                Move::Propose(agency, change) => {
                    (agency, fixture::proposal(vec![change], world.height + 15, 2))
                }
                Move::Vote(agency, back, approves) => {
                    let Some(proposal) = made.iter().rev().nth(back) else { continue };
                    let choice = if approves { Choice::Approve } else { Choice::Reject };
                    (agency, fixture::vote(*proposal, choice))
                }
                Move::OwnKeys(agency, key) => (agency, fixture::own_keys(vec![key])),
                Move::Enact(agency, change) => {
                    let (code, expires) = (fixture::code(AGENCIES[agency]), world.height + 15);
                    let document = fixture::proposal(vec![change], expires, 1);
                    let outcome = world.send_as(&code, &document);
                    if accepted(&outcome) {
                        let id = document_id(&GENESIS, &code, &document.encode());
                        AGENCIES.iter().for_each(|agency| {
                            world.vote(agency, id, Choice::Approve);
                        });
                    }
                    world.idle(1);
                    world.assert_live_quorum();
                    continue;
                }
                Move::Idle(heights) => {
                    world.idle(heights);
                    continue;
                }
            };
            let code = fixture::code(AGENCIES[agency]);
            let expires = world.height + 500;
            let documents = std::slice::from_ref(&document);
            let submission = fixture::submission(&GENESIS, &code, expires, documents);
            let effects = world.execute(std::slice::from_ref(&submission));
            let is_accepted = effects.receipts.iter().all(|receipt| receipt.is_accepted());
            if is_accepted && document.kind() == crate::document::DocumentKind::GovernanceProposal {
                made.push(document_id(&GENESIS, &code, &document.encode()));
            }
            sent.push(submission);
            world.assert_live_quorum();
        }
        for _ in 0..20 {
            world.idle(1);
            world.assert_live_quorum();
        }
        // Everything again: a replay changes nothing.
        let replay = world.execute(&sent);
        prop_assert_eq!(replay.writes.len() + replay.receipts.len(), 0);
    }

    /// Who votes first decides nothing.
    #[test]
    fn a_tally_does_not_depend_on_the_order_of_votes(
        choices in prop::collection::vec(prop::option::of(any::<bool>()), 4),
        order in Just([0usize, 1, 2, 3]).prop_shuffle(),
    ) {
        let outcome = |order: &[usize]| {
            let mut world = zone();
            let proposal = world.propose(AGENCIES[0], vec![admit()]);
            for agency in order {
                let Some(approves) = choices[*agency] else { continue };
                let choice = if approves { Choice::Approve } else { Choice::Reject };
                world.vote(AGENCIES[*agency], proposal, choice);
            }
            world.proposal(proposal).status
        };
        prop_assert_eq!(outcome(&[0, 1, 2, 3]), outcome(&order));
    }
}
