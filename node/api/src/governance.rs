//! Proposals and organisations as JSON.

use kanhe_contracts::governance::{Proposal, ProposalStatus, Revision, Tally};
use kanhe_contracts::registry::{KeyPurpose, Organisation};
use kanhe_types::keys::PublicKey;
use serde::{Deserialize, Serialize};

/// What a list of proposals may be asked for; the query of `GET /v1/proposals`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProposalsQuery {
    /// Only those with this status.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub status: Option<ProposalStatus>,
    /// Only those with a lower number: the `next` of the page before.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub before: Option<u64>,
    /// How many at most.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub limit: Option<usize>,
}

/// Answer of `GET /v1/proposals`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposalsPage {
    /// The proposals, the last first.
    pub proposals: Vec<ProposalView>,
    /// The `before` of the next page; none when there is no more.
    pub next: Option<u64>,
}

/// Answer of `GET /v1/proposals/{id}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposalView {
    /// The proposal with its votes.
    #[serde(flatten)]
    pub proposal: Proposal,
    /// How the votes stand against the agencies that are active now; while it can be voted on.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tally: Option<Tally>,
}

/// The query of `GET /v1/organisations/{code}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrganisationQuery {
    /// As it stood at this height; now where the query does not say.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub height: Option<u64>,
}

/// Answer of `GET /v1/organisations/{code}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganisationView {
    /// The organisation.
    pub organisation: Organisation,
    /// What it was before, the last first; at most [`crate::limits::REVISIONS_MAX`].
    pub history: Vec<Revision>,
}

/// A key that ends by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndingKey {
    /// Which.
    pub key: PublicKey,
    /// What it is for.
    pub purpose: KeyPurpose,
    /// The last height at which it is valid.
    pub until: u64,
    /// How many days that may be away, by the fastest pace that the chain has shown; none while
    /// there is no pace.
    pub days_left: Option<u64>,
}

/// A protocol version that a quorum has agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpgradeView {
    /// The version.
    pub version: u16,
    /// The first height under it.
    pub from: u64,
    /// Whether the program of this node knows it; if not, the node stops before that height.
    pub is_known: bool,
}
