//! The keys and values of each column, and the format version.
//!
//! Numbers in keys are big-endian, so that keys sort as numbers do. Values that are not given
//! bytewise here are the canonical encoding of their type. `docs/spec/ledger.md` has the tables.

use crate::ledger::LedgerError;
use crate::store::Column;
use kanhe_contracts::event::CaseState;
use kanhe_contracts::policy::Direction;
use kanhe_types::block::Executed;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{self, Decode, Encode};
use kanhe_types::hash::Hash;
use kanhe_types::keys::PublicKey;
use kanhe_types::merkle::Salt;
use kanhe_types::receipt::CaseKey;

/// The version of everything in this module. It rises with every change of a key or a value.
pub const FORMAT_VERSION: u32 = 14;

/// The key of the format version in [`Column::Meta`].
pub const META_FORMAT: &[u8] = b"format";
/// The key of the genesis hash in [`Column::Meta`].
pub const META_GENESIS: &[u8] = b"genesis";

/// Bytes of one value that is read back and decoded.
const STORED_BYTES_MAX: usize = 16 * 1024 * 1024;

/// What [`Column::Executed`] holds for a height.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct ExecutedRecord {
    /// The roots.
    pub executed: Executed,
    /// The secret that the height's salts are derived from.
    pub secret: Hash,
    /// How many receipts the height gave.
    pub receipt_count: u64,
    /// How many events the height gave.
    pub event_count: u64,
    /// The generation of the keys that the height created.
    pub generation: u16,
    /// How many keys were created in it so far.
    pub generation_keys: u64,
}

/// Receipts or events that stand in one value: the values of a height are subtrees of its tree.
pub const CHUNK: usize = kanhe_types::hidden::RECEIPTS_TOGETHER;

/// What [`Column::Submissions`] holds: where a submission and its receipts are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct SubmissionPlace {
    /// The height that executed it.
    pub height: u64,
    /// The index of the batch that first carried it, among those of the height's block.
    pub batch: u32,
    /// Its index in that batch.
    pub index: u32,
    /// The position of its first receipt among the height's.
    pub position: u64,
    /// How many receipts.
    pub count: u64,
}

/// What [`Column::Documents`] holds: where the receipt of an accepted document is. The receipt
/// names submission and index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct DocumentPlace {
    /// The height that executed it.
    pub height: u64,
    /// The position of its receipt among the height's.
    pub position: u64,
}

/// The key of a height.
pub fn height_key(height: u64) -> Vec<u8> {
    height.to_be_bytes().to_vec()
}

/// The height that a key of [`height_key`] stands for.
pub(crate) fn height_of(column: Column, key: &[u8]) -> Result<u64, LedgerError> {
    let bytes = key.try_into().map_err(|_| corrupt(column, key, "the key is not a height"))?;
    Ok(u64::from_be_bytes(bytes))
}

/// The key of the receipts or events from `position` on, a multiple of [`CHUNK`], at a height.
pub fn chunk_key(height: u64, position: u64) -> Vec<u8> {
    [height.to_be_bytes(), position.to_be_bytes()].concat()
}

/// The key of the hashes of a height's receipts, one for each chunk: it sorts after all chunks.
pub fn chunk_tops_key(height: u64) -> Vec<u8> {
    chunk_key(height, u64::MAX)
}

/// What the keys of an author's batches start with.
pub fn author_prefix(author: &PublicKey) -> Vec<u8> {
    codec::encode(author)
}

/// The key of a batch by author, number and digest: two digests of one number stand side by side.
pub fn batch_number_key(author: &PublicKey, number: u64, digest: &Hash) -> Vec<u8> {
    [author_prefix(author).as_slice(), &number.to_be_bytes(), digest.as_bytes()].concat()
}

/// The key of a case. A code holds no zero byte, so that no two cases share a key.
pub fn case_key(case: &CaseKey) -> Vec<u8> {
    [case.platform.as_str().as_bytes(), &[0], case.order_no.as_bytes()].concat()
}

/// What the index keys of an organisation start with; `None` stands for all cases.
pub fn scope_prefix(organisation: Option<&OrganisationCode>) -> Vec<u8> {
    let mut prefix = organisation.map(|code| code.as_str().as_bytes().to_vec()).unwrap_or_default();
    prefix.push(0);
    prefix
}

/// The byte of a case's state in keys: its number in the canonical encoding.
pub fn state_byte(state: CaseState) -> u8 {
    match codec::encode(&state).as_slice() {
        [byte] => *byte,
        _ => unreachable!("a state without fields is encoded in one byte"),
    }
}

/// The key of [`Column::CaseCounts`].
pub fn case_count_key(organisation: Option<&OrganisationCode>, state: CaseState) -> Vec<u8> {
    let mut key = scope_prefix(organisation);
    key.push(state_byte(state));
    key
}

/// Stands in the index for cases in any state. No state has this number.
const ANY_STATE: u8 = u8::MAX;

/// What the keys of [`Column::CaseIndex`] start with: a scope, and one state or any.
pub fn case_index_prefix(
    organisation: Option<&OrganisationCode>,
    state: Option<CaseState>,
) -> Vec<u8> {
    let mut key = scope_prefix(organisation);
    key.push(state.map_or(ANY_STATE, state_byte));
    key
}

/// The key of a case in [`Column::CaseIndex`], under a prefix.
pub fn case_index_key(prefix: &[u8], case: &CaseKey) -> Vec<u8> {
    [prefix, &*case_key(case)].concat()
}

/// The key of an export case in [`Column::CaseIndex`], under a prefix: behind the import case of
/// the same platform and number, should there be one. No order number ends with a zero byte.
pub fn export_index_key(prefix: &[u8], case: &CaseKey) -> Vec<u8> {
    [prefix, &*case_key(case), &[0]].concat()
}

/// The case that an index key names behind its prefix, and which way its goods go.
pub(crate) fn case_of_index(bytes: &[u8]) -> Option<(Direction, CaseKey)> {
    let zero = bytes.iter().position(|byte| *byte == 0)?;
    let (platform, order_no) = bytes.split_at(zero);
    let order_no = order_no.get(1..)?;
    let (direction, order_no) = match order_no.strip_suffix(&[0]) {
        Some(order_no) => (Direction::Export, order_no),
        None => (Direction::Import, order_no),
    };
    let key = CaseKey {
        platform: std::str::from_utf8(platform).ok()?.parse().ok()?,
        order_no: std::str::from_utf8(order_no).ok()?.to_owned(),
    };
    Some((direction, key))
}

/// A value of the state as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateValue<'a> {
    /// The generation of its key.
    pub generation: u16,
    /// The salt that it is committed with.
    pub salt: Salt,
    /// What the rules wrote.
    pub value: &'a [u8],
}

impl<'a> StateValue<'a> {
    /// The stored bytes.
    pub fn encode(&self) -> Vec<u8> {
        [&self.generation.to_be_bytes(), self.salt.0.as_slice(), self.value].concat()
    }

    /// Splits what is stored for `key`.
    pub(crate) fn read(key: &[u8], stored: &'a [u8]) -> Result<Self, LedgerError> {
        let error = || corrupt(Column::State, key, "the value is shorter than its salt");
        let (generation, rest) = stored.split_first_chunk().ok_or_else(error)?;
        let (salt, value) = rest.split_first_chunk().ok_or_else(error)?;
        Ok(Self { generation: u16::from_be_bytes(*generation), salt: Salt(*salt), value })
    }

    /// The same of what may be absent.
    pub(crate) fn read_any(
        key: &[u8],
        stored: Option<&'a [u8]>,
    ) -> Result<Option<Self>, LedgerError> {
        stored.map(|stored| Self::read(key, stored)).transpose()
    }
}

/// Decodes a stored value.
pub(crate) fn decode<T: Encode + Decode<()>>(
    column: Column,
    key: &[u8],
    bytes: &[u8],
) -> Result<T, LedgerError> {
    codec::decode(bytes, STORED_BYTES_MAX).map_err(|error| corrupt(column, key, error))
}

/// The error for a key whose stored bytes cannot be what this program wrote.
pub(crate) fn corrupt(column: Column, key: &[u8], reason: impl ToString) -> LedgerError {
    LedgerError::Corrupt {
        column: column.name(),
        key: hex::encode(key),
        reason: reason.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(platform: &str, order_no: &str) -> CaseKey {
        CaseKey { platform: platform.parse().unwrap(), order_no: order_no.into() }
    }

    #[test]
    fn the_specification_names_the_format_version() {
        let text = include_str!("../../../docs/spec/ledger.md");
        assert!(text.contains(&format!("Format version **{FORMAT_VERSION}**")));
    }

    #[test]
    fn no_two_cases_share_a_key() {
        assert_ne!(case_key(&case("P", "1x")), case_key(&case("P1", "x")));
        assert_ne!(case_key(&case("P", "a\0b")), case_key(&case("P", "a")));
    }

    #[test]
    fn keys_of_heights_sort_as_heights() {
        assert!(height_key(255) < height_key(256));
        assert!(chunk_key(1, u64::MAX) < chunk_key(2, 0));
    }

    #[test]
    fn no_scope_is_a_prefix_of_another() {
        let (a, ab) = ("A".parse().unwrap(), "AB".parse().unwrap());
        assert!(!scope_prefix(Some(&ab)).starts_with(&scope_prefix(Some(&a))));
        assert!(!scope_prefix(Some(&ab)).starts_with(&scope_prefix(None)));
    }

    #[test]
    fn a_value_shorter_than_its_salt_is_corrupt() {
        let salt = Salt([1; 16]);
        for generation in [0, 7, u16::MAX] {
            let value = StateValue { generation, salt, value: b"" };
            let stored = value.encode();
            assert_eq!(StateValue::read(b"k", &stored).unwrap(), value);
            assert!(StateValue::read(b"k", &stored[1..]).is_err());
        }
    }
}
