//! Who lets whom see what. Not customs messages.

use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::hash::Hash;
use kanhe_types::time::Millis;
use serde::{Deserialize, Serialize};

/// A party lets another organisation see one trade case: the signer's own documents in it, and
/// what the rules say of all.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields)]
pub struct CaseGrant {
    /// Who may see it.
    pub receiver: OrganisationCode,
    /// The case's platform.
    pub platform: OrganisationCode,
    /// The case's order number.
    pub order_no: String,
    /// Until when; until it is withdrawn where nothing is said.
    pub until: Option<Millis>,
    /// What for; whoever may see the grant reads it.
    pub purpose: String,
}

/// An organisation lets another see, of all cases that were opened in a period, its own documents
/// and what the rules say of all.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields)]
pub struct PeriodGrant {
    /// Who may see them.
    pub receiver: OrganisationCode,
    /// The first instant of the period,
    pub from: Millis,
    /// and the first after it.
    pub end: Millis,
    /// Until when they may be seen; until it is withdrawn where nothing is said.
    pub until: Option<Millis>,
    /// What for; whoever may see the grant reads it.
    pub purpose: String,
}

/// The giver takes a grant back, at once.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields)]
pub struct GrantWithdrawal {
    /// The grant: the identity of its document.
    pub grant: Hash,
    /// Why.
    pub reason: String,
}
