//! Codes of organisations, and how values that are texts outside are written in JSON.

use crate::codec::bincode::de::{Decoder, read::Reader};
use crate::codec::bincode::enc::Encoder;
use crate::codec::bincode::error::{DecodeError, EncodeError};
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
///
/// Held in place: documents and cases are full of codes, and memory for each of them would be the
/// larger part of reading one. Noughts follow the characters, so that codes compare as texts do.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrganisationCode {
    characters: [u8; ORGANISATION_CODE_CHARS_MAX],
    length: u8,
}

/// A text is not an organisation's code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected 1 to 18 letters and digits, found {found:?}")]
pub struct ParseCodeError {
    found: String,
}

impl OrganisationCode {
    /// The code's characters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(self.as_bytes()).expect("letters and digits are UTF-8")
    }

    /// The same as bytes, for keys and encodings.
    pub fn as_bytes(&self) -> &[u8] {
        let characters = self.characters.get(..usize::from(self.length));
        characters.expect("a code is not longer than its place")
    }

    /// The code with these bytes, if they are one.
    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut characters = [0; ORGANISATION_CODE_CHARS_MAX];
        characters.get_mut(..bytes.len())?.copy_from_slice(bytes);
        let is_code = !bytes.is_empty() && bytes.iter().all(u8::is_ascii_alphanumeric);
        let length = u8::try_from(bytes.len()).ok()?;
        is_code.then_some(Self { characters, length })
    }
}

impl FromStr for OrganisationCode {
    type Err = ParseCodeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::from_bytes(text.as_bytes())
            .ok_or_else(|| ParseCodeError { found: text.chars().take(40).collect() })
    }
}

impl Encode for OrganisationCode {
    fn encode<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        // As the text, which is not looked through once more.
        self.as_bytes().encode(encoder)
    }
}

impl<Context> Decode<Context> for OrganisationCode {
    fn decode<D: Decoder<Context = Context>>(decoder: &mut D) -> Result<Self, DecodeError> {
        let error = DecodeError::Other("an organisation's code has 1 to 18 letters and digits");
        let mut place = [0; ORGANISATION_CODE_CHARS_MAX];
        let length = usize::try_from(u64::decode(decoder)?).ok();
        let Some(bytes) = length.and_then(|length| place.get_mut(..length)) else {
            return Err(error);
        };
        decoder.claim_bytes_read(bytes.len())?;
        decoder.reader().read(bytes)?;
        Self::from_bytes(bytes).ok_or(error)
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
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for OrganisationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
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
        assert!(decode::<OrganisationCode>(&encode(&"A".repeat(18)), 100).is_ok());
        assert!(decode::<OrganisationCode>(&encode(&"A".repeat(19)), 100).is_err());
        assert!(decode::<OrganisationCode>(&encode(&String::new()), 100).is_err());
        // A length that the input does not have.
        assert!(decode::<OrganisationCode>(&[5, b'A', b'B'], 100).is_err());
    }

    #[test]
    fn codes_compare_as_texts_do() {
        let mut texts = ["B", "A", "AB", "A0", "Ab", "ABC", "9", "AAAAAAAAAAAAAAAAAA"];
        let mut codes = texts.map(|text| text.parse::<OrganisationCode>().unwrap());
        texts.sort_unstable();
        codes.sort_unstable();
        assert_eq!(codes.each_ref().map(OrganisationCode::as_str), texts);
    }
}
