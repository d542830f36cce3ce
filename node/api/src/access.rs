//! Grants, requests for assistance, and what agencies read, as JSON.

use kanhe_contracts::access::{Assistance, AssistanceState, Grant, GrantState, ReadRecord};
use serde::{Deserialize, Serialize};

/// What a list of grants may be asked for; the query of `GET /v1/grants`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantsQuery {
    /// Only those with a lower number: the `next` of the page before.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub before: Option<u64>,
    /// How many at most.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub limit: Option<usize>,
}

/// Answer of `GET /v1/grants`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantsPage {
    /// The grants, the last first.
    pub grants: Vec<GrantView>,
    /// The `before` of the next page; none when there is no more.
    pub next: Option<u64>,
}

/// Answer of `GET /v1/grants/{id}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantView {
    /// The grant.
    #[serde(flatten)]
    pub grant: Grant,
    /// Whether it shows anything now.
    pub state: GrantState,
}

/// The query of `GET /v1/assistance` and `GET /v1/reads`: as that of grants.
pub type BookQuery = GrantsQuery;

/// Answer of `GET /v1/assistance`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssistancePage {
    /// The requests, the last first.
    pub requests: Vec<AssistanceView>,
    /// The `before` of the next page; none when there is no more.
    pub next: Option<u64>,
}

/// Answer of `GET /v1/assistance/{id}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssistanceView {
    /// The request with its answer.
    #[serde(flatten)]
    pub assistance: Assistance,
    /// Where it stands now.
    pub state: AssistanceState,
}

/// Answer of `GET /v1/reads`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadsPage {
    /// What agencies read of the caller's trades, the last report first.
    pub reads: Vec<ReadRecord>,
    /// The `before` of the next page; none when there is no more.
    pub next: Option<u64>,
}
