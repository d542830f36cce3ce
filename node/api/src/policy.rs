//! Versions of the policy as JSON.

use kanhe_contracts::governance::CastVote;
use kanhe_contracts::policy::Policy;
use kanhe_types::code::OrganisationCode;
use kanhe_types::hash::Hash;
use serde::{Deserialize, Serialize};

/// What the list of versions may be asked for; the query of `GET /v1/policies`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PoliciesQuery {
    /// Only those with a lower version: the `next` of the page before.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub before: Option<u32>,
    /// How many at most.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub limit: Option<usize>,
}

/// Answer of `GET /v1/policies`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoliciesPage {
    /// The versions, the last first.
    pub policies: Vec<PolicyVersion>,
    /// The `before` of the next page; none when there is no more.
    pub next: Option<u32>,
}

/// A version of the policy: since when it holds, and who decided that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyVersion {
    /// The version.
    pub version: u32,
    /// The policy's identity, as headers state it.
    pub hash: Hash,
    /// Bytes of its canonical encoding.
    pub bytes: usize,
    /// The first height at which it is in force.
    pub from: u64,
    /// Whether the next height is executed under it.
    pub is_in_force: bool,
    /// The identity of the proposal's document that brought it; none of the genesis'.
    pub cause: Option<Hash>,
    /// The proposal; agencies' only.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub proposal: Option<PolicyProposal>,
}

/// Who proposed a version, and who voted how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyProposal {
    /// The proposal's number.
    pub number: u64,
    /// Whose it is.
    pub proposer: OrganisationCode,
    /// The height at which it was proposed.
    pub height: u64,
    /// Why.
    pub reason: String,
    /// The votes, in the order in which they were cast.
    pub votes: Vec<CastVote>,
}

/// Answer of `GET /v1/policies/{version}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyView {
    /// Since when it holds.
    #[serde(flatten)]
    pub version: PolicyVersion,
    /// All that it says.
    pub policy: Policy,
}
