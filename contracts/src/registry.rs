//! Organisations: who may speak, in which role, with which keys.

use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::keys::PublicKey;
use serde::{Deserialize, Serialize};

/// What an organisation is in the zone. It decides what the organisation may say and see.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize,
)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A government agency: sees all, attests, governs.
    Agency,
    /// An e-commerce platform: sends orders.
    Platform,
    /// A merchant: sends orders and lists.
    Merchant,
    /// A payment firm: sends payments.
    Payment,
    /// A carrier: sends waybills.
    Carrier,
    /// A declarant: sends lists for merchants.
    Declarant,
    /// A warehouse or supervised site.
    Warehouse,
    /// A bank.
    Bank,
    /// An insurer.
    Insurer,
}

/// What a key is for.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize,
)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum KeyPurpose {
    /// Signs submissions and requests.
    Operator,
    /// Changes the organisation's own keys.
    Admin,
    /// Is shown by the organisation's node on connections.
    Node,
}

/// A key of an organisation and the heights between which it is valid.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields)]
pub struct OrganisationKey {
    /// The key.
    pub key: PublicKey,
    /// What it is for.
    pub purpose: KeyPurpose,
    /// The first height at which it is valid.
    pub from: u64,
    /// The last height at which it is valid; none while it was not revoked.
    pub until: Option<u64>,
}

/// Whether an organisation may act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It may.
    Active,
    /// It may not, for the time being.
    Suspended,
}

/// A registered organisation.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields)]
pub struct Organisation {
    /// Its code.
    pub code: OrganisationCode,
    /// Its registered name.
    pub name: String,
    /// Its roles, ascending without repeats.
    pub roles: Vec<Role>,
    /// The park (园区) it belongs to, where it belongs to one.
    pub park: Option<String>,
    /// Whether it may act.
    pub status: Status,
    /// Its keys.
    pub keys: Vec<OrganisationKey>,
}

impl Organisation {
    /// Whether it has `role`.
    pub fn has_role(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Whether `key` is its key for `purpose` at `height`.
    pub fn has_key(&self, key: &PublicKey, purpose: KeyPurpose, height: u64) -> bool {
        self.keys.iter().any(|own| {
            own.key == *key
                && own.purpose == purpose
                && own.from <= height
                && own.until.is_none_or(|until| height <= until)
        })
    }
}
