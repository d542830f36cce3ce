//! Codes of organisations, and how values that are texts outside are written in JSON.

use crate::codec::bincode::{de::Decoder, error::DecodeError};
use crate::codec::{Decode, Encode};
use crate::limits::ORGANISATION_CODE_CHARS_MAX;
use std::fmt;
use std::str::FromStr;

/// Implements `serde` for a type through its `Display` and `FromStr`.
///
/// A macro because the four trait methods differ in nothing but the type's name.
macro_rules! serde_as_text {
    ($type:ty) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use serde_as_text;

/// The code that identifies an organisation: customs registration (10 characters), unified social
/// credit code (18 characters), or an agency's short name. 1 to 18 letters and digits, upper case
/// letters kept as written.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Encode)]
#[bincode(crate = "crate::codec::bincode")]
pub struct OrganisationCode(String);

/// A text is not an organisation's code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected 1 to 18 letters and digits, found {found:?}")]
pub struct ParseCodeError {
    found: String,
}

impl OrganisationCode {
    /// The code's characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for OrganisationCode {
    type Err = ParseCodeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fits = (1..=ORGANISATION_CODE_CHARS_MAX).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !fits {
            return Err(ParseCodeError { found: text.chars().take(40).collect() });
        }
        Ok(Self(text.to_owned()))
    }
}

impl<Context> Decode<Context> for OrganisationCode {
    fn decode<D: Decoder<Context = Context>>(decoder: &mut D) -> Result<Self, DecodeError> {
        String::decode(decoder)?.parse().map_err(|_| {
            DecodeError::Other("an organisation's code has 1 to 18 letters and digits")
        })
    }
}

impl<'de, Context> crate::codec::bincode::BorrowDecode<'de, Context> for OrganisationCode {
    fn borrow_decode<D: crate::codec::bincode::de::BorrowDecoder<'de, Context = Context>>(
        decoder: &mut D,
    ) -> Result<Self, DecodeError> {
        Self::decode(decoder)
    }
}

impl fmt::Display for OrganisationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for OrganisationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

serde_as_text!(OrganisationCode);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{decode, encode};

    #[test]
    fn eighteen_characters_fit_and_nineteen_do_not() {
        assert!("A".repeat(18).parse::<OrganisationCode>().is_ok());
        assert!("A".repeat(19).parse::<OrganisationCode>().is_err());
        assert!("".parse::<OrganisationCode>().is_err());
        assert!("A B".parse::<OrganisationCode>().is_err());
    }

    #[test]
    fn a_bad_code_does_not_decode() {
        assert!(decode::<OrganisationCode>(&encode(&"A B".to_owned()), 100).is_err());
        assert!(decode::<OrganisationCode>(&encode(&"AB".to_owned()), 100).is_ok());
    }
}
