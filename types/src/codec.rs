//! Canonical bytes: one value, one encoding.
//!
//! bincode alone is not canonical: it decodes integers that are longer than needed, leaves bytes
//! over, and believes lengths. [`decode`] bounds the input first, then refuses leftovers and
//! whatever does not encode to the same bytes again. What this machine encoded itself and kept is
//! read with [`decode_own`], which does without the last. This module is the only user of bincode,
//! so that it can be replaced; the golden tests hold the format.

pub use bincode;
pub use bincode::{Decode, Encode};

use bincode::config::{Configuration, Limit, LittleEndian, Varint};
use bincode::enc::write::Writer;
use bincode::error::EncodeError;
use std::cell::RefCell;

/// The most that one decode may claim for containers before it has read their content.
const CLAIM_BYTES_MAX: usize = 16 * 1024 * 1024;

const fn config() -> Configuration<LittleEndian, Varint, Limit<CLAIM_BYTES_MAX>> {
    bincode::config::standard().with_limit::<CLAIM_BYTES_MAX>()
}

/// Why bytes are not the canonical encoding of a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The input is longer than its type allows; nothing was parsed.
    #[error("expected at most {max} bytes, found {found}")]
    TooLong {
        /// The bound, in bytes.
        max: usize,
        /// The input's length, in bytes.
        found: usize,
    },
    /// The bytes do not form a value of the type.
    #[error("malformed bytes: {0}")]
    Malformed(String),
    /// A value was read and bytes were left over.
    #[error("expected the value to end at byte {end}, found {found} bytes")]
    Leftover {
        /// Where the value ended.
        end: usize,
        /// The input's length, in bytes.
        found: usize,
    },
    /// The value has another, canonical encoding.
    #[error("bytes are not the canonical encoding of their value")]
    NotCanonical,
}

thread_local! {
    /// Where values are encoded until their length is known: memory that is warm, and long enough
    /// for most.
    static SCRATCH: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Bytes of scratch memory that a thread keeps.
const SCRATCH_BYTES_MAX: usize = 64 * 1024;

/// The canonical encoding of `value`, in memory of its length.
///
/// # Panics
/// If the value claims more than 16 MiB, which the limits of every encoded type exclude.
pub fn encode<T: Encode>(value: &T) -> Vec<u8> {
    let mut scratch = encode_behind(SCRATCH.take(), value);
    if SCRATCH_BYTES_MAX < scratch.capacity() {
        scratch.shrink_to_fit();
        return scratch;
    }
    let exact = scratch.as_slice().to_vec();
    scratch.clear();
    SCRATCH.set(scratch);
    exact
}

/// The same in memory that was not and will not be used for anything else: for secrets, whose
/// encoding the caller wipes.
///
/// # Panics
/// As [`encode`].
pub fn encode_secret<T: Encode>(value: &T) -> Vec<u8> {
    // Encodings of fixed fields do not outgrow this, so that nothing is left behind elsewhere.
    encode_behind(Vec::with_capacity(size_of::<T>().saturating_mul(2)), value)
}

fn encode_behind<T: Encode>(bytes: Vec<u8>, value: &T) -> Vec<u8> {
    let mut bytes = Encoded(bytes);
    bincode::encode_into_writer(value, &mut bytes, bincode::config::standard())
        .expect("encoding to memory fails only for types that cannot be encoded");
    bytes.0
}

/// The bytes of an encoding so far.
struct Encoded(Vec<u8>);

impl Writer for &mut Encoded {
    fn write(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}

/// Reads a value from its canonical encoding.
///
/// # Errors
/// When `bytes` is longer than `bytes_max`, malformed, has leftovers, or is not canonical.
pub fn decode<T: Encode + Decode<()>>(bytes: &[u8], bytes_max: usize) -> Result<T, DecodeError> {
    let value = decode_own(bytes, bytes_max)?;
    let mut rest = Unmatched(bytes);
    let is_same =
        bincode::encode_into_writer(&value, &mut rest, bincode::config::standard()).is_ok();
    if !is_same || !rest.0.is_empty() {
        return Err(DecodeError::NotCanonical);
    }
    Ok(value)
}

/// Reads a value that this machine encoded itself and kept.
///
/// # Correctness
/// It accepts encodings that are not canonical. Bytes from anybody else go through [`decode`]:
/// otherwise two byte strings could stand for one value.
///
/// # Errors
/// When `bytes` is longer than `bytes_max`, malformed, or has leftovers.
pub fn decode_own<T: Decode<()>>(bytes: &[u8], bytes_max: usize) -> Result<T, DecodeError> {
    if bytes_max < bytes.len() {
        return Err(DecodeError::TooLong { max: bytes_max, found: bytes.len() });
    }
    let (value, end) = bincode::decode_from_slice::<T, _>(bytes, config())
        .map_err(|error| DecodeError::Malformed(describe(&error)))?;
    if end != bytes.len() {
        return Err(DecodeError::Leftover { end, found: bytes.len() });
    }
    Ok(value)
}

/// The bytes that an encoding still has to match. Writing takes them away, or fails at the first
/// that differs, so that a comparison needs no second buffer.
struct Unmatched<'a>(&'a [u8]);

impl Writer for &mut Unmatched<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
        self.0 = self.0.strip_prefix(bytes).ok_or(EncodeError::Other("other bytes"))?;
        Ok(())
    }
}

/// A short text for a decoder's error, without the value that caused it.
fn describe(error: &bincode::error::DecodeError) -> String {
    use bincode::error::DecodeError as E;
    match error {
        E::UnexpectedEnd { .. } => "input ends in the middle of a value".into(),
        E::LimitExceeded => "a length exceeds what one value may hold".into(),
        E::UnexpectedVariant { type_name, found, .. } => {
            format!("unknown variant {found} of {type_name}")
        }
        E::Utf8 { .. } => "a text is not UTF-8".into(),
        _ => "a field has an impossible value".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Clone, Debug, PartialEq, Encode, Decode)]
    struct Sample {
        number: u64,
        signed: i128,
        text: String,
        list: Vec<(u16, Option<u32>)>,
    }

    fn sample() -> impl Strategy<Value = Sample> {
        (
            any::<u64>(),
            any::<i128>(),
            ".{0,20}",
            proptest::collection::vec(any::<(u16, Option<u32>)>(), 0..5),
        )
            .prop_map(|(number, signed, text, list)| Sample { number, signed, text, list })
    }

    #[test]
    fn long_values_are_encoded_as_short_ones() {
        for length in [0, 3, SCRATCH_BYTES_MAX - 4, SCRATCH_BYTES_MAX, 3 * SCRATCH_BYTES_MAX, 3] {
            let value = vec![7u8; length];
            let bytes = encode(&value);
            assert_eq!(decode::<Vec<u8>>(&bytes, bytes.len()).unwrap(), value);
            assert_eq!(encode_secret(&value), bytes);
        }
    }

    proptest! {
        #[test]
        fn every_value_comes_back(value in sample()) {
            prop_assert_eq!(decode::<Sample>(&encode(&value), 4096).unwrap(), value);
        }

        #[test]
        fn leftovers_are_refused(value in sample(), extra in 1usize..9) {
            let mut bytes = encode(&value);
            bytes.extend(vec![0; extra]);
            let answer = decode::<Sample>(&bytes, 4096);
            let refused = matches!(answer, Err(DecodeError::Leftover { .. }));
            prop_assert!(refused);
        }

        #[test]
        fn whatever_decodes_is_canonical(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            if let Ok(value) = decode::<Sample>(&bytes, 4096) {
                prop_assert_eq!(encode(&value), bytes);
            }
        }
    }

    #[test]
    fn the_longest_input_is_accepted_and_one_byte_more_refused() {
        let bytes = encode(&vec![7u8; 10]);
        assert!(decode::<Vec<u8>>(&bytes, bytes.len()).is_ok());
        assert_eq!(
            decode::<Vec<u8>>(&bytes, bytes.len() - 1),
            Err(DecodeError::TooLong { max: 10, found: 11 })
        );
    }

    #[test]
    fn a_number_longer_than_needed_is_not_canonical() {
        // 251 announces a two-byte number; 5 fits one byte.
        assert_eq!(decode::<u64>(&[251, 5, 0], 9), Err(DecodeError::NotCanonical));
        assert_eq!(decode_own::<u64>(&[251, 5, 0], 9), Ok(5));
        assert_eq!(decode::<u64>(&[5], 9), Ok(5));
    }

    #[test]
    fn a_length_beyond_the_input_allocates_nothing_large() {
        // 253 announces an eight-byte length of 2^60.
        let bytes = [253, 0, 0, 0, 0, 0, 0, 0, 16];
        assert!(matches!(decode::<Vec<u64>>(&bytes, 100), Err(DecodeError::Malformed(_))));
    }
}
