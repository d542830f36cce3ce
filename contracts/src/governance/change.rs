//! What a proposal may change. Each change is checked when it is proposed and again when it is
//! carried out.

use crate::policy::Policy;
use crate::registry::{Filing, KeyPurpose, Licence, Role};
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::keys::PublicKey;
use serde::{Deserialize, Serialize};

/// One change of the zone. The order of the variants is permanent; new ones stand at the end.
#[allow(
    clippy::large_enum_variant,
    reason = "a proposal has a few of them, and is read when somebody votes"
)]
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case", tag = "change", deny_unknown_fields)]
pub enum Change {
    /// An organisation joins.
    Admit {
        /// Its code, under which nobody is registered.
        organisation: OrganisationCode,
        /// What is registered of it.
        description: Description,
        /// Its first keys.
        keys: Vec<NewKey>,
    },
    /// An organisation may not act for the time being.
    Suspend {
        /// Which.
        organisation: OrganisationCode,
    },
    /// A suspended organisation may act again.
    Readmit {
        /// Which.
        organisation: OrganisationCode,
    },
    /// What is registered of an organisation is replaced.
    Describe {
        /// Which.
        organisation: OrganisationCode,
        /// All of what is registered from then on.
        description: Description,
    },
    /// Keys of an organisation, for one that lost its own.
    Keys {
        /// Which.
        organisation: OrganisationCode,
        /// What changes, in order.
        keys: Vec<KeyChange>,
    },
    /// A new version of the policy, in force `EXECUTION_LAG` heights after it becomes active,
    /// because headers state the policy before that height was executed.
    Policy {
        /// All of it.
        policy: Policy,
    },
    /// The next protocol version, in force `EXECUTION_LAG` heights after it becomes active.
    Protocol {
        /// The version after the current one.
        version: u16,
    },
    /// An agency gets a validator. Whatever the validator changes of one proposal come to decides
    /// from `EXECUTION_LAG + 1` heights after they became active on.
    AddValidator {
        /// The agency.
        organisation: OrganisationCode,
        /// The key that signs votes, batches and acknowledgements; never registered before.
        key: PublicKey,
        /// The key that its node shows on connections; never registered before.
        node: PublicKey,
    },
    /// A validator leaves.
    RemoveValidator {
        /// The key that signs its votes.
        key: PublicKey,
    },
    /// A validator goes on under new keys, for one that lost its own or moves.
    ReplaceValidator {
        /// The key that signs its votes now.
        key: PublicKey,
        /// The key that will; never registered before.
        new_key: PublicKey,
        /// The key that its node will show on connections; never registered before.
        new_node: PublicKey,
    },
}

/// What is registered of an organisation beside its code, its status and its keys.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// Its registered name.
    pub name: String,
    /// Its roles, ascending without repeats.
    pub roles: Vec<Role>,
    /// The park (园区) it belongs to, where it belongs to one.
    #[serde(default)]
    pub park: Option<String>,
    /// Its filing (备案), where it has one.
    #[serde(default)]
    pub filing: Option<Filing>,
    /// Its licences (许可), ascending by kind and number without repeats.
    #[serde(default)]
    pub licences: Vec<Licence>,
}

/// A key that an organisation gets. No key is ever registered twice.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields)]
pub struct NewKey {
    /// The key.
    pub key: PublicKey,
    /// What it is for.
    pub purpose: KeyPurpose,
    /// The first height at which it is valid; where it says nothing, as early as can be.
    #[serde(default)]
    pub from: Option<u64>,
    /// The last height at which it is valid, where it has an end.
    #[serde(default)]
    pub until: Option<u64>,
}

/// A change of an organisation's keys. A rotation adds the new key and ends the old one.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case", tag = "action", deny_unknown_fields)]
pub enum KeyChange {
    /// A key begins.
    Add {
        /// Which, and for what.
        new: NewKey,
    },
    /// A key ends, sooner than it would.
    Revoke {
        /// Which.
        key: PublicKey,
        /// The last height at which it is valid; where it says nothing, as soon as can be.
        #[serde(default)]
        last: Option<u64>,
    },
}

impl Change {
    /// The organisation that it is about, where it is about one.
    pub fn organisation(&self) -> Option<&OrganisationCode> {
        match self {
            Self::Admit { organisation, .. }
            | Self::Suspend { organisation }
            | Self::Readmit { organisation }
            | Self::Describe { organisation, .. }
            | Self::Keys { organisation, .. }
            | Self::AddValidator { organisation, .. } => Some(organisation),
            Self::Policy { .. }
            | Self::Protocol { .. }
            | Self::RemoveValidator { .. }
            | Self::ReplaceValidator { .. } => None,
        }
    }
}
