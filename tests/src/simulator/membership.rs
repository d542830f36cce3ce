//! Validators that come and go while everything breaks: what the agencies decide, when, and the
//! oracle that knows from their decisions alone who may decide which height.

use super::faults::{Fault, MembershipPlan};
use super::machine::Machine;
use super::{Happening, Micros, Simulator};
use kanhe_contracts::document::Choice;
use kanhe_contracts::fixture;
use kanhe_contracts::governance::{self, Change, KeyChange, NewKey, ProposalStatus};
use kanhe_contracts::registry::KeyPurpose;
use kanhe_ledger::{Ledger, MemoryStore};
use kanhe_types::block::Decision;
use kanhe_types::handover::{Handover, TrustedSets};
use kanhe_types::hash::Hash;
use kanhe_types::keys::{PublicKey, SecretKey};
use kanhe_types::limits::EXECUTION_LAG;
use kanhe_types::submission::{VerifiedSubmission, document_id};
use kanhe_types::validator::{Validator, ValidatorSet};
use rand::Rng;
use std::collections::BTreeMap;

/// Fewer validators than these are not left: of them one may be down.
const VALIDATORS_MIN: usize = 4;
/// How long the agencies wait before they look again whether a proposal was executed.
const LOOK_MICROS: Micros = 300_000;
/// When the proposals of a run expire, and its submissions of governance.
const EXPIRES: u64 = 30_000;

/// What the agencies do next.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// One of them proposes something, and votes for it.
    Propose,
    /// The others vote, once the proposal is executed.
    Vote { proposal: Hash },
    /// The platform replaces its operator key while its orders are under way.
    Rotate,
}

/// The machines that are validators by what the most advanced of them knows.
pub(super) fn current(machines: &[Machine]) -> Option<(u64, ValidatorSet)> {
    let ledgers = machines.iter().filter_map(Machine::ledger);
    let ahead = ledgers.max_by_key(|ledger| ledger.decided_height())?;
    let next = ahead.decided_height() + 1;
    Some((next, ValidatorSet::clone(&ahead.validators_at(next))))
}

impl Simulator {
    /// Plans what the agencies will do.
    pub(super) fn plan_membership(&mut self) {
        let Some(plan) = self.plan.membership.clone() else { return };
        for number in 0..plan.changes {
            // Some at about the same time: the later one has to wait for the set to come.
            let at = match number % 3 {
                2 => self.last_proposal + self.rng.random_range(0..5_000),
                _ => self.rng.random_range(0..self.plan.active_micros),
            };
            self.last_proposal = at;
            self.at(at, Happening::Govern(Step::Propose));
        }
        for _ in 0..plan.rotations {
            let at = self.rng.random_range(0..self.plan.active_micros);
            self.at(at, Happening::Govern(Step::Rotate));
        }
        for _ in 0..plan.restores {
            let machine = self.rng.random_range(0..self.world.founders);
            let at = self.rng.random_range(0..self.plan.active_micros);
            let pause = self.rng.random_range(100_000..2_500_000);
            self.at(at, Happening::Fault(Fault::Backup(machine)));
            self.at(at + pause, Happening::Fault(Fault::Restore(machine)));
        }
    }

    pub(super) fn govern(&mut self, step: Step) {
        match step {
            Step::Propose => self.propose(),
            Step::Vote { proposal } => self.vote(proposal),
            Step::Rotate => self.rotate(),
        }
    }

    fn propose(&mut self) {
        let Some(plan) = self.plan.membership.clone() else { return };
        let Some((_, set)) = current(&self.machines) else {
            return self.after(LOOK_MICROS, Happening::Govern(Step::Propose));
        };
        let changes = self.changes(&plan, &set);
        if changes.is_empty() {
            return;
        }
        let document = fixture::proposal(changes, EXPIRES, 1);
        let code = fixture::code("AGENCY00");
        let proposal = document_id(&self.world.genesis.hash(), &code, &document.encode());
        let vote = fixture::vote(proposal, Choice::Approve);
        self.say("AGENCY00", &[document, vote]);
        self.after(LOOK_MICROS, Happening::Govern(Step::Vote { proposal }));
    }

    /// One change, or two at once, of what the set is by now.
    fn changes(&mut self, plan: &MembershipPlan, set: &ValidatorSet) -> Vec<Change> {
        let count = self.rng.random_range(1..=2);
        let mut members: Vec<PublicKey> = set.validators().iter().map(|own| own.key).collect();
        let mut changes = Vec::new();
        for _ in 0..count {
            let place = self.rng.random_range(0..members.len());
            let newcomer = (self.reserve < self.machines.len()).then_some(self.reserve);
            match (self.rng.random_range(0..3), newcomer) {
                (0, _) if VALIDATORS_MIN < members.len() => {
                    changes.push(Change::RemoveValidator { key: members.remove(place) });
                }
                (1, Some(machine)) => {
                    let Validator { key, node, .. } = self.world.validator(machine);
                    let key_before = members.remove(place);
                    let (new_key, new_node) = (key, node);
                    changes.push(Change::ReplaceValidator { key: key_before, new_key, new_node });
                    self.reserve += 1;
                }
                (_, Some(machine)) if members.len() < plan.validators_max => {
                    let Validator { organisation, key, node } = self.world.validator(machine);
                    members.push(key);
                    changes.push(Change::AddValidator { organisation, key, node });
                    self.reserve += 1;
                }
                _ => {}
            }
        }
        changes
    }

    fn vote(&mut self, proposal: Hash) {
        let is_known = self.machines.iter().filter_map(Machine::ledger).any(|ledger| {
            let number = governance::proposal_number(&ledger.state(), &proposal);
            number.expect("readable").is_some()
        });
        if !is_known {
            return self.after(LOOK_MICROS, Happening::Govern(Step::Vote { proposal }));
        }
        for number in 1..self.world.founders {
            let agency = format!("AGENCY{number:02}");
            self.say(&agency, &[fixture::vote(proposal, Choice::Approve)]);
        }
    }

    fn rotate(&mut self) {
        self.rotations += 1;
        let code = fixture::code(fixture::PLATFORM);
        let old = match self.rotations {
            1 => fixture::secret(&code),
            later => rotated(later - 1),
        };
        let (key, purpose) = (rotated(self.rotations).public_key(), KeyPurpose::Operator);
        let keys = vec![
            KeyChange::Add { new: NewKey { key, purpose, from: None, until: None } },
            KeyChange::Revoke { key: old.public_key(), last: None },
        ];
        self.say(fixture::PLATFORM, &[fixture::own_keys(keys)]);
    }

    /// Submits what a member says, until it is executed.
    fn say(&mut self, code: &str, documents: &[kanhe_contracts::document::Document]) {
        let genesis = self.world.genesis.hash();
        let code = fixture::code(code);
        let expires = EXPIRES + self.world.submissions.len() as u64;
        let submission = fixture::submission(&genesis, &code, expires, documents);
        let verified: VerifiedSubmission = submission.verify(&genesis).expect("well signed");
        let number = self.world.submissions.len();
        self.world.submissions.push(verified);
        let to = self.rng.random_range(0..self.machines.len());
        self.after(1, Happening::Submit { number, to });
    }

    /// The worst moments: some machine dies, or the network splits, while a set takes over.
    pub(super) fn strike(&mut self, heights: &[u64]) {
        if self.healed || self.plan.membership.is_none() {
            return;
        }
        for _ in heights {
            if self.rng.random_bool(0.5) {
                continue;
            }
            let at = self.now + self.rng.random_range(0..30_000);
            let pause = self.rng.random_range(10_000..1_500_000);
            if self.rng.random_bool(0.7) {
                let Some((_, set)) = current(&self.machines) else { continue };
                let place = self.rng.random_range(0..set.count());
                let machine = self.world.index_of(&set.validators()[place].key);
                self.at(at, Happening::Fault(Fault::Crash(machine)));
                self.at(at + pause, Happening::Fault(Fault::Restart(machine)));
            } else {
                let sides = (0..self.machines.len()).map(|_| self.rng.random_bool(0.5)).collect();
                self.at(at, Happening::Fault(Fault::Split(sides)));
                self.at(at + pause, Happening::Fault(Fault::Join));
            }
        }
    }
}

/// The platform's operator key after so many rotations.
fn rotated(number: usize) -> SecretKey {
    let mut seed = [170; 32];
    seed[0] = u8::try_from(number).expect("few rotations");
    SecretKey::from_seed(seed)
}

/// Who may decide which height, by the founding set and the proposals that became active. It shares
/// no code with what the validators compute.
pub(super) struct Oracle {
    genesis: Hash,
    founding: Vec<Validator>,
    /// Followed by headers and certificates alone, as somebody would who trusts nobody.
    pub(super) trusted: TrustedSets,
    /// The last height that was looked at.
    height: u64,
}

impl Oracle {
    pub(super) fn new(genesis: Hash, founding: &ValidatorSet) -> Self {
        let trusted = TrustedSets::new(genesis, founding.clone());
        Self { genesis, founding: founding.validators().to_vec(), trusted, height: 0 }
    }

    /// Looks at a decision when it is made first.
    ///
    /// # Panics
    /// When somebody decided who is no validator of the height, or a header names others than the
    /// agencies made validators.
    pub(super) fn on_decision(&mut self, decision: &Decision, ledger: &Ledger<MemoryStore>) {
        let header = &decision.block.header;
        if header.height <= self.height {
            return;
        }
        assert_eq!(header.height, self.height + 1, "decisions are seen in order");
        self.height = header.height;
        let verified = self.trusted.verify(header, &decision.certificate);
        verified.unwrap_or_else(|error| panic!("height {}: {error}", header.height));
        let next = self.validators_of(header.height + 1, ledger);
        let expected = ValidatorSet::new(next).expect("a set");
        assert_eq!(
            header.next_validators,
            expected.hash(),
            "wrong validators: height {} names others for the next than were decided: {expected:?}",
            header.height
        );
        if header.hands_over() {
            let (header, certificate) = (header.clone(), decision.certificate.clone());
            let handover = Handover { header, certificate, next: expected };
            self.trusted.hand_over(&handover).expect("a set hands over to the next");
        }
        assert_eq!(decision.certificate.block, decision.block.header.hash(), "{:?}", self.genesis);
    }

    /// The validators of a height, by the proposals that became active before.
    fn validators_of(&self, height: u64, ledger: &Ledger<MemoryStore>) -> Vec<Validator> {
        let state = ledger.state();
        let count = governance::zone(&state).expect("readable").proposals;
        let mut active = BTreeMap::new();
        for number in 1..=count {
            let proposal = governance::proposal(&state, number).expect("readable");
            let proposal = proposal.expect("numbered without gaps");
            if proposal.status == ProposalStatus::Active {
                let at = proposal.activates.expect("an active one has its height");
                active.insert((at, number), proposal.content.changes);
            }
        }
        let mut set = self.founding.clone();
        for ((at, _), changes) in active {
            if at + EXECUTION_LAG < height {
                changes.iter().for_each(|change| apply(&mut set, change));
            }
        }
        set
    }
}

fn apply(set: &mut Vec<Validator>, change: &Change) {
    match change {
        Change::AddValidator { organisation, key, node } => {
            set.push(Validator { organisation: organisation.clone(), key: *key, node: *node });
        }
        Change::RemoveValidator { key } => set.retain(|own| own.key != *key),
        Change::ReplaceValidator { key, new_key, new_node } => {
            let own = set.iter_mut().find(|own| own.key == *key);
            let own = own.expect("only a validator is replaced");
            (own.key, own.node) = (*new_key, *new_node);
        }
        _ => {}
    }
}
