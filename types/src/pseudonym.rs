//! What stands on the ledger instead of names, identity numbers, phones and addresses.
//!
//! A pseudonym is the first 16 bytes of HMAC-SHA-256 over the kind of value and the normalised
//! value, under a key of a pseudonym service and a yearly epoch. Equal values have equal pseudonyms
//! within one key and epoch, which is what matching and per-person limits need; whoever lacks the
//! key cannot try identity numbers one by one.

use crate::codec::{Decode, Encode};
use crate::hash::hmac_sha256;
use std::fmt;
use std::str::FromStr;

/// A keyed pseudonym of 16 bytes. Written as 32 hex digits.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[bincode(crate = "crate::codec::bincode")]
pub struct Pseudonym(pub [u8; 16]);

/// The kind of personal value: a name never equals an address. The numbers are permanent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum PersonalKind {
    /// A person's name.
    Name = 1,
    /// The number of an identity document.
    IdentityNumber = 2,
    /// A telephone number.
    Telephone = 3,
    /// A postal address.
    Address = 4,
    /// A buyer's registration at a platform.
    PlatformAccount = 5,
}

/// Which key and epoch a document's pseudonyms were made with. Pseudonyms of different scopes
/// cannot be compared.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Encode,
    Decode,
    serde::Serialize,
    serde::Deserialize,
)]
#[bincode(crate = "crate::codec::bincode")]
pub struct PseudonymScope {
    /// The key's number; 0 is a localnet's own key.
    pub key_id: u32,
    /// The calendar year (UTC+8) that the key is valid for.
    pub epoch: u16,
}

impl Pseudonym {
    /// The pseudonym of a value that was normalised already.
    pub fn derive(key: &[u8; 32], scope: PseudonymScope, kind: PersonalKind, value: &str) -> Self {
        let mac = hmac_sha256(
            key,
            &[
                b"kanhe/1/pseudonym",
                &scope.key_id.to_le_bytes(),
                &scope.epoch.to_le_bytes(),
                &[kind as u8],
                value.as_bytes(),
            ],
        );
        let (half, _) = mac.split_at(16);
        Self(half.try_into().expect("half a digest has 16 bytes"))
    }
}

impl fmt::Display for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}…", self.to_string().chars().take(8).collect::<String>())
    }
}

/// A text is not a pseudonym.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a pseudonym of 32 hex digits")]
pub struct ParsePseudonymError;

impl FromStr for Pseudonym {
    type Err = ParsePseudonymError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; 16];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| ParsePseudonymError)?;
        Ok(Self(bytes))
    }
}

crate::code::serde_as_text!(Pseudonym);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kind_epoch_and_key_separate_equal_values() {
        let scope = PseudonymScope { key_id: 0, epoch: 2026 };
        let base = Pseudonym::derive(&[1; 32], scope, PersonalKind::Name, "x");
        assert_eq!(base, Pseudonym::derive(&[1; 32], scope, PersonalKind::Name, "x"));
        assert_ne!(base, Pseudonym::derive(&[2; 32], scope, PersonalKind::Name, "x"));
        assert_ne!(base, Pseudonym::derive(&[1; 32], scope, PersonalKind::Address, "x"));
        let next = PseudonymScope { epoch: 2027, ..scope };
        assert_ne!(base, Pseudonym::derive(&[1; 32], next, PersonalKind::Name, "x"));
    }
}
