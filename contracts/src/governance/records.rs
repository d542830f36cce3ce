//! What the state keeps of governance, for ever.

use crate::case::load;
use crate::document::{Choice, GovernanceProposal};
use crate::policy::Policy;
use crate::registry::{Organisation, Role, Status, organisation};
use crate::state::{Overlay, StateError, StateRead};
use crate::state_key;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{self, Decode, Encode};
use kanhe_types::hash::Hash;
use kanhe_types::receipt::Refusal;
use kanhe_types::validator::ValidatorSet;
use serde::{Deserialize, Serialize};

/// What there is once in a zone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct ZoneRecord {
    /// The organisations with the role of an agency, ascending, suspended ones too.
    pub agencies: Vec<OrganisationCode>,
    /// How many proposals there ever were; they are numbered from 1.
    pub proposals: u64,
    /// Those that can still be voted on, ascending by number.
    pub open: Vec<OpenProposal>,
    /// The last policy version, in force or to come.
    pub policy_version: u32,
    /// The protocol versions, ascending.
    pub protocols: Vec<ProtocolStep>,
    /// The number of the last validator set, in force or to come; the genesis' is 0.
    pub validator_sets: u32,
}

/// A proposal that can still be voted on.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct OpenProposal {
    /// Its number.
    pub number: u64,
    /// Whose it is.
    pub proposer: OrganisationCode,
}

/// A protocol version, and from when on it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct ProtocolStep {
    /// The version.
    pub version: u16,
    /// The first height under it.
    pub from: u64,
}

/// A policy version, and from when on it holds.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct PolicyRecord {
    /// The policy.
    pub policy: Policy,
    /// The first height at which it is in force.
    pub from: u64,
    /// The proposal's document that brought it; none for the genesis'.
    pub cause: Option<Hash>,
}

/// A validator set, and from when on it decides.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct ValidatorSetRecord {
    /// The validators.
    pub set: ValidatorSet,
    /// The first height that they decide; 0 for the genesis' set.
    pub from: u64,
    /// The proposal's document that brought it; none for the genesis'.
    pub cause: Option<Hash>,
}

/// An entry of the agenda: what the state machine does by itself at the beginning of a height.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct AgendaEntry {
    /// The height.
    pub height: u64,
    /// The proposal's number.
    pub number: u64,
    /// What is done.
    pub step: Step,
}

/// What is done with a proposal when its height has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub enum Step {
    /// Nobody decided it in time.
    Expire,
    /// It was approved: its changes are carried out.
    Activate,
}

/// A proposal with everything that was said and done about it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct Proposal {
    /// Its number, from 1.
    pub number: u64,
    /// The identity of its document.
    pub document: Hash,
    /// The agency that proposed it.
    pub proposer: OrganisationCode,
    /// The height at which it was proposed.
    pub height: u64,
    /// What it says.
    pub content: GovernanceProposal,
    /// The votes, in the order in which they were cast.
    pub votes: Vec<CastVote>,
    /// Where it stands.
    pub status: ProposalStatus,
    /// The height at which it was approved, rejected or withdrawn, or expired.
    pub decided: Option<u64>,
    /// The height at which it becomes or became active; for approved ones.
    pub activates: Option<u64>,
    /// Why it was taken back.
    pub withdrawal: Option<Withdrawal>,
    /// Why it could not be carried out.
    pub failure: Option<Refusal>,
}

/// Where a proposal stands.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize,
)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum ProposalStatus {
    /// It can be voted on.
    Open,
    /// A quorum is for it; its height has not come.
    Approved,
    /// So many are against it that no quorum can be for it.
    Rejected,
    /// Its proposer took it back.
    Withdrawn,
    /// It was not decided in time.
    Expired,
    /// Its changes were carried out.
    Active,
    /// Its height came and its changes did not hold any more; nothing was changed.
    Failed,
}

impl ProposalStatus {
    /// The name that JSON, receipts and the command line use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
            Self::Active => "active",
            Self::Failed => "failed",
        }
    }
}

/// A vote that counts.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct CastVote {
    /// The agency.
    pub organisation: OrganisationCode,
    /// Which way.
    pub choice: Choice,
    /// Why.
    pub reason: String,
    /// The identity of the vote's document.
    pub document: Hash,
    /// The height at which it was cast.
    pub height: u64,
}

/// How a proposal was taken back.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct Withdrawal {
    /// Why.
    pub reason: String,
    /// The identity of its document.
    pub document: Hash,
}

/// An organisation as it stood before a change.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct Revision {
    /// The organisation.
    pub organisation: Organisation,
    /// The last height at which it stood so.
    pub last: u64,
    /// The identity of the document that ended it: a proposal, or its own.
    pub ended_by: Hash,
}

/// How the votes on a proposal stand against the agencies that are active.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Active agencies.
    pub agencies: usize,
    /// How many of them must approve.
    pub needed: usize,
    /// How many of them did.
    pub approvals: usize,
    /// How many are against.
    pub rejections: usize,
}

impl Tally {
    /// Counts the votes of agencies that are `active`.
    pub fn count(votes: &[CastVote], active: &[OrganisationCode], policy: &Policy) -> Self {
        let counted = |choice| {
            let of_active = votes.iter().filter(|vote| active.contains(&vote.organisation));
            of_active.filter(|vote| vote.choice == choice).count()
        };
        Self {
            agencies: active.len(),
            needed: policy.governance_quorum.needed(active.len()),
            approvals: counted(Choice::Approve),
            rejections: counted(Choice::Reject),
        }
    }

    /// A quorum is for it.
    pub fn is_approved(&self) -> bool {
        self.needed <= self.approvals
    }

    /// Whatever the others say, no quorum will be for it.
    pub fn is_rejected(&self) -> bool {
        self.agencies.saturating_sub(self.rejections) < self.needed
    }
}

/// What there is once in a zone; a blank record where the genesis wrote none.
///
/// # Errors
/// When this machine cannot read its state.
pub fn zone(state: &impl StateRead) -> Result<ZoneRecord, StateError> {
    Ok(load(state, &state_key::zone_key_bytes())?.unwrap_or_default())
}

/// Sets what there is once in a zone.
pub(super) fn put_zone<S: StateRead>(state: &mut Overlay<'_, S>, zone: &ZoneRecord) {
    state.put(state_key::zone_key_bytes(), codec::encode(zone));
}

/// What is on the agenda, soonest first.
///
/// # Errors
/// When this machine cannot read its state.
pub fn agenda(state: &impl StateRead) -> Result<Vec<AgendaEntry>, StateError> {
    Ok(load(state, &state_key::agenda_key_bytes())?.unwrap_or_default())
}

/// The proposal with this number.
///
/// # Errors
/// When this machine cannot read its state.
pub fn proposal(state: &impl StateRead, number: u64) -> Result<Option<Proposal>, StateError> {
    load(state, &state_key::proposal_key_bytes(number))
}

/// The number of the proposal that a document made.
///
/// # Errors
/// When this machine cannot read its state.
pub fn proposal_number(state: &impl StateRead, document: &Hash) -> Result<Option<u64>, StateError> {
    load(state, &state_key::proposal_number_key_bytes(document))
}

/// A policy version.
///
/// # Errors
/// When this machine cannot read its state.
pub fn policy(state: &impl StateRead, version: u32) -> Result<Option<PolicyRecord>, StateError> {
    load(state, &state_key::policy_key_bytes(version))
}

/// A validator set by its number; the genesis' is 0.
///
/// # Errors
/// When this machine cannot read its state.
pub fn validator_set(
    state: &impl StateRead,
    number: u32,
) -> Result<Option<ValidatorSetRecord>, StateError> {
    load(state, &state_key::validator_set_key_bytes(number))
}

/// An organisation as it stood under an earlier revision, counted from 0.
///
/// # Errors
/// When this machine cannot read its state.
pub fn revision(
    state: &impl StateRead,
    code: &OrganisationCode,
    number: u32,
) -> Result<Option<Revision>, StateError> {
    load(state, &state_key::revision_key_bytes(code, number))
}

/// The agencies that may act, ascending.
///
/// # Errors
/// When this machine cannot read its state.
pub fn active_agencies(
    state: &impl StateRead,
    agencies: &[OrganisationCode],
) -> Result<Vec<Organisation>, StateError> {
    let mut active = Vec::new();
    for code in agencies {
        let found = organisation(state, code)?;
        let is_active =
            |own: &Organisation| own.status == Status::Active && own.has_role(Role::Agency);
        active.extend(found.filter(is_active));
    }
    Ok(active)
}

/// How the votes on a proposal stand now.
///
/// # Errors
/// When this machine cannot read its state.
pub fn tally(
    state: &impl StateRead,
    proposal: &Proposal,
    policy: &Policy,
) -> Result<Tally, StateError> {
    let agencies = zone(state)?.agencies;
    let active = active_agencies(state, &agencies)?;
    let active: Vec<OrganisationCode> = active.into_iter().map(|own| own.code).collect();
    Ok(Tally::count(&proposal.votes, &active, policy))
}
