//! What stands on the ledger instead of names, identity numbers, phones and addresses.
//!
//! A pseudonym is 16 bytes that follow from the kind of value and the normalised value under a
//! secret key and a yearly epoch. An agency's pseudonym service holds the key and evaluates an
//! oblivious pseudorandom function (RFC 9497) with it; a localnet may have a shared key instead,
//! under which it is HMAC-SHA-256. Equal values have equal pseudonyms within one key and epoch,
//! which is what matching and per-person limits need; whoever lacks the key cannot try identity
//! numbers one by one.

use crate::code::OrganisationCode;
use crate::codec::{Decode, Encode};
use crate::hash::{Domain, Hash, hmac_sha256};
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

/// Bytes of the oblivious function's output: SHA-512.
pub const FUNCTION_OUTPUT_BYTES: usize = 64;

/// The public key of an oblivious function: a group element of ristretto255. Written as 64 hex
/// digits.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[bincode(crate = "crate::codec::bincode")]
pub struct FunctionKey(pub [u8; 32]);

/// A key of the zone's pseudonym service, as the policy states it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, serde::Serialize, serde::Deserialize)]
#[bincode(crate = "crate::codec::bincode")]
#[serde(deny_unknown_fields)]
pub struct PseudonymServiceKey {
    /// Its number and its year.
    pub scope: PseudonymScope,
    /// The agency whose node evaluates the function.
    pub organisation: OrganisationCode,
    /// What answers are checked against.
    pub public_key: FunctionKey,
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

    /// What the oblivious function of a service is asked about a value that was normalised
    /// already: a name never equals an address.
    pub fn function_input(kind: PersonalKind, value: &str) -> Vec<u8> {
        [b"kanhe/1/pseudonym".as_slice(), &[kind as u8], value.as_bytes()].concat()
    }

    /// The pseudonym of the value for which the service's function gives `output`.
    pub fn of_output(
        scope: PseudonymScope,
        kind: PersonalKind,
        output: &[u8; FUNCTION_OUTPUT_BYTES],
    ) -> Self {
        let (key_id, epoch) = (scope.key_id.to_le_bytes(), scope.epoch.to_le_bytes());
        let hash = Hash::of(Domain::Pseudonym, &[&key_id, &epoch, &[kind as u8], output]);
        let (half, _) = hash.0.split_at(16);
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

impl fmt::Display for FunctionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for FunctionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}…", self.to_string().chars().take(8).collect::<String>())
    }
}

/// A text is not a function's public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a function's public key of 64 hex digits")]
pub struct ParseFunctionKeyError;

impl FromStr for FunctionKey {
    type Err = ParseFunctionKeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| ParseFunctionKeyError)?;
        Ok(Self(bytes))
    }
}

crate::code::serde_as_text!(FunctionKey);

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

    #[test]
    fn kind_and_scope_separate_equal_outputs_and_kinds_equal_inputs() {
        let scope = PseudonymScope { key_id: 1, epoch: 2026 };
        let output = [9; FUNCTION_OUTPUT_BYTES];
        let base = Pseudonym::of_output(scope, PersonalKind::Name, &output);
        for other in [
            Pseudonym::of_output(scope, PersonalKind::Address, &output),
            Pseudonym::of_output(
                PseudonymScope { epoch: 2027, ..scope },
                PersonalKind::Name,
                &output,
            ),
            Pseudonym::of_output(
                PseudonymScope { key_id: 2, ..scope },
                PersonalKind::Name,
                &output,
            ),
            Pseudonym::of_output(scope, PersonalKind::Name, &[8; FUNCTION_OUTPUT_BYTES]),
        ] {
            assert_ne!(base, other);
        }
        let input = |kind| Pseudonym::function_input(kind, "x");
        assert_ne!(input(PersonalKind::Name), input(PersonalKind::Address));
    }

    #[test]
    fn a_functions_key_comes_back_from_its_text() {
        let key = FunctionKey([0xAB; 32]);
        assert_eq!(key.to_string().parse(), Ok(key));
        assert_eq!("ab".parse::<FunctionKey>(), Err(ParseFunctionKeyError));
    }
}
