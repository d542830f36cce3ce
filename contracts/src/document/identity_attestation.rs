//! An agency's statement that an orderer's identity was checked (rule M06). Not a customs message.

use kanhe_types::codec::{Decode, Encode};
use kanhe_types::pseudonym::Pseudonym;
use serde::{Deserialize, Serialize};

/// An agency states that this name and identity number belong together.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IdentityAttestation {
    /// The number of the identity document.
    pub id_number: Pseudonym,
    /// The name.
    pub name: Pseudonym,
}
