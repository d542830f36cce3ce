//! Our types as the agreement library wants them, and the way back.
//!
//! The library decides on header hashes; blocks stay in [`crate::blocks`]. A body's
//! acknowledgements are outside its hash, so that the library must not choose among bodies.

use crate::evidence::Evidence;
use crate::log::{LogEntry, Source};
use crate::message::{
    PolkaCertificate, RoundCertificate, RoundCertificateKind, RoundVote, SignedVote,
};
use crate::output::TimerKind;
use arc_malachitebft_core_consensus as library;
use arc_malachitebft_core_types::{
    self as core, Context as _, NilOrVal, Round, Timeout, TimeoutKind, Validity, ValueOrigin,
    VoteType,
};
use kanhe_types::certificate::{IndexedSignature, Proposal, Vote, VoteKind};
use kanhe_types::codec;
use kanhe_types::hash::Hash;
use kanhe_types::keys::{PublicKey, Signature};
use kanhe_types::validator::ValidatorSet;
use std::fmt;
use std::sync::Arc;

pub(crate) type CoreInput = library::Input<Context>;
pub(crate) type CoreVote = core::SignedVote<Context>;
pub(crate) type CoreProposal = core::SignedProposal<Context>;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Context;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Address(pub(crate) PublicKey);

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl core::Address for Address {}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Height(pub(crate) u64);

impl fmt::Display for Height {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl core::Height for Height {
    const ZERO: Self = Self(0);
    const INITIAL: Self = Self(1);

    fn increment_by(&self, n: u64) -> Self {
        Self(self.0.saturating_add(n))
    }

    fn decrement_by(&self, n: u64) -> Option<Self> {
        self.0.checked_sub(n).map(Self)
    }

    fn as_u64(&self) -> u64 {
        self.0
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Value(pub(crate) Hash);

impl core::Value for Value {
    type Id = Hash;

    fn id(&self) -> Hash {
        self.0
    }
}

/// The library streams large values in parts; ours come whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NoPart;

impl core::ProposalPart<Context> for NoPart {
    fn is_first(&self) -> bool {
        true
    }

    fn is_last(&self) -> bool {
        true
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ContextVote {
    pub(crate) height: Height,
    pub(crate) round: Round,
    pub(crate) kind: VoteType,
    pub(crate) value: NilOrVal<Hash>,
    pub(crate) validator: Address,
}

impl core::Vote<Context> for ContextVote {
    fn height(&self) -> Height {
        self.height
    }

    fn round(&self) -> Round {
        self.round
    }

    fn value(&self) -> &NilOrVal<Hash> {
        &self.value
    }

    fn take_value(self) -> NilOrVal<Hash> {
        self.value
    }

    fn vote_type(&self) -> VoteType {
        self.kind
    }

    fn validator_address(&self) -> &Address {
        &self.validator
    }

    fn extension(&self) -> Option<&core::SignedExtension<Context>> {
        None
    }

    fn take_extension(&mut self) -> Option<core::SignedExtension<Context>> {
        None
    }

    fn extend(self, _: core::SignedExtension<Context>) -> Self {
        self
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ContextProposal {
    pub(crate) height: Height,
    pub(crate) round: Round,
    pub(crate) value: Value,
    pub(crate) valid_round: Round,
    pub(crate) proposer: Address,
}

impl core::Proposal<Context> for ContextProposal {
    fn height(&self) -> Height {
        self.height
    }

    fn round(&self) -> Round {
        self.round
    }

    fn value(&self) -> &Value {
        &self.value
    }

    fn take_value(self) -> Value {
        self.value
    }

    fn pol_round(&self) -> Round {
        self.valid_round
    }

    fn validator_address(&self) -> &Address {
        &self.proposer
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member(Address);

impl core::Validator<Context> for Member {
    fn address(&self) -> &Address {
        &self.0
    }

    fn public_key(&self) -> &PublicKey {
        &self.0.0
    }

    fn voting_power(&self) -> u64 {
        1
    }
}

/// The validators of one height and the order in which they propose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Members(Arc<MembersInner>);

#[derive(Debug, PartialEq, Eq)]
struct MembersInner {
    set: ValidatorSet,
    members: Vec<Member>,
    proposers: Vec<Member>,
}

impl Members {
    /// # Panics
    /// If there is no proposer, or one is not in the set.
    pub(crate) fn new(set: ValidatorSet, proposers: &[PublicKey]) -> Self {
        assert!(!proposers.is_empty(), "a height needs a proposer");
        let known = proposers.iter().all(|key| set.index_of(key).is_some());
        assert!(known, "every proposer is a validator of the height");
        let members = set.validators().iter().map(|v| Member(Address(v.key))).collect();
        let proposers = proposers.iter().map(|key| Member(Address(*key))).collect();
        Self(Arc::new(MembersInner { set, members, proposers }))
    }

    pub(crate) fn set(&self) -> &ValidatorSet {
        &self.0.set
    }

    pub(crate) fn proposer(&self, round: u32) -> PublicKey {
        self.proposer_member(round).0.0
    }

    fn proposer_member(&self, round: u32) -> &Member {
        let round = usize::try_from(round).unwrap_or(usize::MAX);
        let place = round.checked_rem(self.0.proposers.len()).expect("there is a proposer");
        self.0.proposers.get(place).expect("a remainder is below its divisor")
    }
}

impl core::ValidatorSet<Context> for Members {
    fn count(&self) -> usize {
        self.0.members.len()
    }

    fn total_voting_power(&self) -> u64 {
        self.0.members.len() as u64
    }

    fn get_by_address(&self, address: &Address) -> Option<&Member> {
        self.get_by_index(usize::from(self.0.set.index_of(&address.0)?))
    }

    fn get_by_index(&self, index: usize) -> Option<&Member> {
        self.0.members.get(index)
    }
}

/// Bytes of a key or signature with its scheme, at most.
const KEY_BYTES_MAX: usize = 80;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scheme;

impl core::SigningScheme for Scheme {
    type DecodingError = &'static str;
    type Signature = Signature;
    type PublicKey = PublicKey;
    type PrivateKey = ();

    fn decode_signature(bytes: &[u8]) -> Result<Signature, &'static str> {
        codec::decode(bytes, KEY_BYTES_MAX).map_err(|_| "expected a signature with its scheme")
    }

    fn encode_signature(signature: &Signature) -> Vec<u8> {
        codec::encode(signature)
    }

    fn decode_public_key(bytes: &[u8]) -> Result<PublicKey, &'static str> {
        codec::decode(bytes, KEY_BYTES_MAX).map_err(|_| "expected a key with its scheme")
    }

    fn encode_public_key(public_key: &PublicKey) -> Vec<u8> {
        codec::encode(public_key)
    }
}

impl core::Context for Context {
    type Address = Address;
    type Height = Height;
    type ProposalPart = NoPart;
    type Proposal = ContextProposal;
    type Validator = Member;
    type ValidatorSet = Members;
    type Timeouts = core::LinearTimeouts;
    type Value = Value;
    type Vote = ContextVote;
    type Extension = ();
    type SigningScheme = Scheme;

    fn select_proposer<'a>(&self, members: &'a Members, _: Height, round: Round) -> &'a Member {
        members.proposer_member(round_or_zero(round))
    }

    fn new_proposal(
        &self,
        height: Height,
        round: Round,
        value: Value,
        valid_round: Round,
        proposer: Address,
    ) -> ContextProposal {
        ContextProposal { height, round, value, valid_round, proposer }
    }

    fn new_prevote(
        &self,
        height: Height,
        round: Round,
        value: NilOrVal<Hash>,
        validator: Address,
    ) -> ContextVote {
        ContextVote { height, round, kind: VoteType::Prevote, value, validator }
    }

    fn new_precommit(
        &self,
        height: Height,
        round: Round,
        value: NilOrVal<Hash>,
        validator: Address,
    ) -> ContextVote {
        ContextVote { height, round, kind: VoteType::Precommit, value, validator }
    }
}

/// A round that is under way; the library's empty round stands only before the first.
pub(crate) fn round_number(round: Round) -> u32 {
    round.as_u32().expect("the library names a round before the first only inside itself")
}

/// The round of a height under way; 0 before the first starts.
pub(crate) fn round_or_zero(round: Round) -> u32 {
    round.as_u32().unwrap_or(0)
}

fn kind_of(kind: VoteType) -> VoteKind {
    match kind {
        VoteType::Prevote => VoteKind::Prevote,
        VoteType::Precommit => VoteKind::Precommit,
    }
}

fn block_of(value: &NilOrVal<Hash>) -> Option<Hash> {
    match value {
        NilOrVal::Nil => None,
        NilOrVal::Val(hash) => Some(*hash),
    }
}

fn value_of(block: Option<Hash>) -> NilOrVal<Hash> {
    block.map_or(NilOrVal::Nil, NilOrVal::Val)
}

impl ContextVote {
    pub(crate) fn vote(&self) -> Vote {
        Vote {
            height: self.height.0,
            round: round_number(self.round),
            kind: kind_of(self.kind),
            block: block_of(&self.value),
        }
    }
}

impl ContextProposal {
    pub(crate) fn proposal(&self) -> Proposal {
        Proposal {
            height: self.height.0,
            round: round_number(self.round),
            block: self.value.0,
            valid_round: self.valid_round.as_u32(),
        }
    }
}

pub(crate) fn to_core_vote(signed: &SignedVote) -> CoreVote {
    let SignedVote { vote, validator, signature } = signed;
    let (height, round) = (Height(vote.height), Round::new(vote.round));
    let (value, validator) = (value_of(vote.block), Address(*validator));
    let vote = match vote.kind {
        VoteKind::Prevote => Context.new_prevote(height, round, value, validator),
        VoteKind::Precommit => Context.new_precommit(height, round, value, validator),
    };
    CoreVote::new(vote, *signature)
}

pub(crate) fn from_core_vote(vote: &CoreVote) -> SignedVote {
    SignedVote {
        vote: vote.message.vote(),
        validator: vote.message.validator.0,
        signature: vote.signature,
    }
}

pub(crate) fn to_core_proposal(
    proposal: &Proposal,
    proposer: PublicKey,
    signature: Signature,
) -> CoreProposal {
    let proposal = ContextProposal {
        height: Height(proposal.height),
        round: Round::new(proposal.round),
        value: Value(proposal.block),
        valid_round: Round::from(proposal.valid_round),
        proposer: Address(proposer),
    };
    CoreProposal::new(proposal, signature)
}

/// `None` when an index is beyond the set.
pub(crate) fn to_core_polka(
    certificate: &PolkaCertificate,
    set: &ValidatorSet,
) -> Option<core::PolkaCertificate<Context>> {
    let signatures = certificate.signatures.iter().map(|one| {
        let address = Address(set.get(one.validator)?.key);
        Some(core::PolkaSignature::new(address, one.signature))
    });
    Some(core::PolkaCertificate {
        height: Height(certificate.height),
        round: Round::new(certificate.round),
        value_id: certificate.block,
        polka_signatures: signatures.collect::<Option<_>>()?,
    })
}

pub(crate) fn from_core_polka(
    certificate: &core::PolkaCertificate<Context>,
    set: &ValidatorSet,
) -> PolkaCertificate {
    let signatures = certificate.polka_signatures.iter().map(|one| (one.address, one.signature));
    PolkaCertificate {
        height: certificate.height.0,
        round: round_number(certificate.round),
        block: certificate.value_id,
        signatures: indexed(signatures, set),
    }
}

/// Signatures by index, in ascending order.
pub(crate) fn indexed(
    signatures: impl Iterator<Item = (Address, Signature)>,
    set: &ValidatorSet,
) -> Vec<IndexedSignature> {
    let mut signatures: Vec<IndexedSignature> = signatures
        .map(|(address, signature)| IndexedSignature {
            validator: index_of(&address, set),
            signature,
        })
        .collect();
    signatures.sort_by_key(|one| one.validator);
    signatures
}

fn index_of(address: &Address, set: &ValidatorSet) -> u16 {
    set.index_of(&address.0).expect("the library keeps votes of the height's validators only")
}

/// `None` when an index is beyond the set.
pub(crate) fn to_core_round(
    certificate: &RoundCertificate,
    set: &ValidatorSet,
) -> Option<core::RoundCertificate<Context>> {
    let votes = certificate.votes.iter().map(|one| {
        let kind = match one.kind {
            VoteKind::Prevote => VoteType::Prevote,
            VoteKind::Precommit => VoteType::Precommit,
        };
        let address = Address(set.get(one.validator)?.key);
        Some(core::RoundSignature::new(kind, value_of(one.block), address, one.signature))
    });
    Some(core::RoundCertificate {
        height: Height(certificate.height),
        round: Round::new(certificate.round),
        cert_type: match certificate.kind {
            RoundCertificateKind::Skip => core::RoundCertificateType::Skip,
            RoundCertificateKind::Precommit => core::RoundCertificateType::Precommit,
        },
        round_signatures: votes.collect::<Option<_>>()?,
    })
}

pub(crate) fn from_core_round(
    certificate: &core::RoundCertificate<Context>,
    set: &ValidatorSet,
) -> RoundCertificate {
    let votes = certificate.round_signatures.iter().map(|one| RoundVote {
        validator: index_of(&one.address, set),
        kind: kind_of(one.vote_type),
        block: block_of(&one.value_id),
        signature: one.signature,
    });
    let mut votes: Vec<RoundVote> = votes.collect();
    votes.sort_by_key(|one| one.validator);
    RoundCertificate {
        height: certificate.height.0,
        round: round_number(certificate.round),
        kind: match certificate.cert_type {
            core::RoundCertificateType::Skip => RoundCertificateKind::Skip,
            core::RoundCertificateType::Precommit => RoundCertificateKind::Precommit,
        },
        votes,
    }
}

pub(crate) fn timer_kind(kind: TimeoutKind) -> TimerKind {
    match kind {
        TimeoutKind::Propose => TimerKind::Propose,
        TimeoutKind::Prevote => TimerKind::Prevote,
        TimeoutKind::Precommit => TimerKind::Precommit,
        TimeoutKind::Rebroadcast => TimerKind::Rebroadcast,
        TimeoutKind::FinalizeHeight(_) => {
            panic!("a height without a target time has no time to finalise")
        }
    }
}

pub(crate) fn to_core_timeout(kind: TimerKind, round: u32) -> Timeout {
    let round = Round::new(round);
    match kind {
        TimerKind::Propose => Timeout::propose(round),
        TimerKind::Prevote => Timeout::prevote(round),
        TimerKind::Precommit => Timeout::precommit(round),
        TimerKind::Rebroadcast => Timeout::rebroadcast(round),
    }
}

/// The verdict on a block, attached to the proposal that first brought it.
pub(crate) fn judged(source: &Source, block: Hash, validity: Validity) -> CoreInput {
    let value = library::ProposedValue {
        height: Height(source.height),
        round: Round::new(source.round),
        valid_round: Round::from(source.valid_round),
        proposer: Address(source.proposer),
        value: Value(block),
        validity,
    };
    CoreInput::ProposedValue(value, ValueOrigin::Consensus)
}

/// What replaying an entry feeds to the library; `None` for an entry that no height could have
/// written.
pub(crate) fn replayed(entry: &LogEntry, set: &ValidatorSet) -> Option<CoreInput> {
    Some(match entry {
        LogEntry::Vote(signed) => CoreInput::Vote(to_core_vote(signed)),
        LogEntry::Proposal { proposal, proposer, signature } => {
            CoreInput::Proposal(to_core_proposal(proposal, *proposer, *signature))
        }
        LogEntry::Block { source, block } => judged(source, block.header.hash(), Validity::Valid),
        LogEntry::Refused { source, block } => judged(source, *block, Validity::Invalid),
        LogEntry::Timeout { round, step, .. } => {
            let kind = match step {
                0 => TimerKind::Propose,
                1 => TimerKind::Prevote,
                2 => TimerKind::Precommit,
                _ => return None,
            };
            CoreInput::TimeoutElapsed(to_core_timeout(kind, *round))
        }
        LogEntry::Polka(certificate) => {
            CoreInput::PolkaCertificate(to_core_polka(certificate, set)?)
        }
    })
}

pub(crate) fn vote_evidence((first, second): &core::DoubleVote<Context>) -> Evidence {
    Evidence::Votes { first: from_core_vote(first), second: from_core_vote(second) }
}

pub(crate) fn proposal_evidence((first, second): &core::DoubleProposal<Context>) -> Evidence {
    let signed = |one: &CoreProposal| (one.message.proposal(), one.signature);
    Evidence::Proposals {
        proposer: first.message.proposer.0,
        first: signed(first),
        second: signed(second),
    }
}
