//! Domain-separated SHA-256; the only user of sha2.
//!
//! A digest covers `"kanhe/1"`, one byte for the [`Domain`], and for each part its length (eight
//! bytes, little-endian) and its bytes. No two domains and no two lists of parts share a
//! preimage, so that a value hashed for one purpose can never stand for another.

use crate::codec::{Decode, Encode};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;

/// A SHA-256 digest. Written as 64 lower-case hex digits.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[bincode(crate = "crate::codec::bincode")]
pub struct Hash(pub [u8; 32]);

/// What a digest or a signature is for. The numbers are permanent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Domain {
    /// The genesis document.
    Genesis = 1,
    /// What an organisation signs: a submission's header.
    Submission = 2,
    /// A document's identity: its author and content.
    Document = 3,
    /// The root of a submission's documents.
    DocumentsRoot = 4,
    /// The salt of one leaf, derived from a secret seed.
    LeafSalt = 5,
    /// A batch's digest: its header.
    Batch = 6,
    /// The root of a batch's submissions.
    SubmissionsRoot = 7,
    /// What a validator signs when it holds a batch: availability.
    Acknowledgement = 8,
    /// A block's identity: its header.
    Header = 9,
    /// The root of a block's batches.
    BatchesRoot = 10,
    /// A vote of the agreement.
    Vote = 11,
    /// A proposal of the agreement.
    Proposal = 12,
    /// The root of a height's receipts.
    ReceiptsRoot = 13,
    /// The root of a height's events.
    EventsRoot = 14,
    /// A state key's place in the state tree.
    StateKey = 15,
    /// A state value with its salt.
    StateValue = 16,
    /// A bucket of the state tree, and its lists of keys and of values.
    StateLeaf = 17,
    /// A fork of the state tree.
    StateInner = 18,
    /// The running secret that state values and receipts are salted from.
    SaltChain = 19,
    /// A validator set.
    ValidatorSet = 20,
    /// A policy set.
    Policy = 21,
    /// A signed HTTP request.
    HttpRequest = 22,
    /// A commitment to a message in its sender's vault.
    Original = 23,
    /// What two validators show each other when they connect.
    Hello = 24,
    /// A digest over many signatures, from which their batched check draws its coefficients.
    SignatureBatch = 25,
    /// An integrity check of a record in a write-ahead log.
    LogRecord = 26,
    /// An integrity check of what a signer remembers.
    SignerMemory = 30,
    /// A pseudonym, from the output of the pseudonym service's function.
    Pseudonym = 34,
    /// The name of an original in its sender's vault.
    VaultName = 35,
    /// A sealed letter with an original.
    Letter = 36,
    /// A subtree without leaves of a tree that hides how many it has.
    HiddenFiller = 44,
    /// Where the leaves of such a tree begin.
    HiddenStart = 45,
    /// What a batch's header says besides its submissions: author, number, counts.
    BatchRest = 46,
    /// What an author signs to draw a batch's salt.
    BatchSalt = 47,
    /// The secret of a block's tree of batches.
    BlockSecret = 48,
    /// The running digest of what became of records that the state's tree does not have.
    BesideTheTree = 49,
}

impl Hash {
    /// The digest of `parts` in `domain`.
    pub fn of(domain: Domain, parts: &[&[u8]]) -> Self {
        let mut hasher = Hasher::new(domain);
        for part in parts {
            hasher.part(part);
        }
        hasher.finish()
    }

    /// [`Self::of`] with two digests as its parts, from one buffer: for trees, whose updates hash
    /// little else.
    pub(crate) fn of_two(domain: Domain, left: &Self, right: &Self) -> Self {
        const LENGTH: [u8; 8] = 32u64.to_le_bytes();
        let mut buffer = [0; 88];
        let mut rest = buffer.as_mut_slice();
        for part in [CHAIN, &[domain as u8], &LENGTH, &left.0, &LENGTH, &right.0] {
            let (own, after) = rest.split_at_mut(part.len());
            own.copy_from_slice(part);
            rest = after;
        }
        Self(Sha256::digest(buffer).into())
    }

    /// The digest's bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The first eight hex digits, for people.
    pub fn short(&self) -> String {
        hex::encode(self.0.split_at(4).0)
    }

    /// Bit `index` counted from the most significant bit of the first byte.
    ///
    /// # Panics
    /// If `index` is 256 or more.
    pub fn bit(&self, index: usize) -> bool {
        let byte = self.0.get(index >> 3).expect("a hash has 256 bits");
        byte & (0x80 >> (index & 7)) != 0
    }
}

/// What every digest starts with.
const CHAIN: &[u8] = b"kanhe/1";

/// A digest under construction, for parts that arrive one by one.
pub struct Hasher(Sha256);

impl Hasher {
    /// An empty list of parts in `domain`.
    pub fn new(domain: Domain) -> Self {
        let mut sha = Sha256::new();
        sha.update(CHAIN);
        sha.update([domain as u8]);
        Self(sha)
    }

    /// Adds one part.
    pub fn part(&mut self, bytes: &[u8]) {
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }

    /// The digest of the parts so far.
    pub fn finish(self) -> Hash {
        Hash(self.0.finalize().into())
    }
}

/// Plain SHA-256 of `bytes` without a domain: RFC 6962 nodes, and digests that other systems check.
pub(crate) fn sha256(parts: &[&[u8]]) -> Hash {
    let mut sha = Sha256::new();
    for part in parts {
        sha.update(part);
    }
    Hash(sha.finalize().into())
}

/// Plain SHA-256 of a file or a message, as other systems compute it.
pub fn sha256_of(bytes: &[u8]) -> Hash {
    sha256(&[bytes])
}

/// HMAC-SHA-256 of length-delimited `parts` under `key`.
pub fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(&(part.len() as u64).to_le_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}…", self.short())
    }
}

/// A text is not 64 hex digits.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected 64 hex digits, found {found:?}")]
pub struct ParseHashError {
    found: String,
}

impl FromStr for Hash {
    type Err = ParseHashError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes)
            .map_err(|_| ParseHashError { found: text.chars().take(80).collect() })?;
        Ok(Self(bytes))
    }
}

crate::code::serde_as_text!(Hash);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_delimited() {
        assert_ne!(Hash::of(Domain::Vote, &[b"ab", b"c"]), Hash::of(Domain::Vote, &[b"a", b"bc"]));
        assert_ne!(Hash::of(Domain::Vote, &[b"ab"]), Hash::of(Domain::Vote, &[b"ab", b""]));
    }

    #[test]
    fn two_digests_hash_as_any_two_parts() {
        let [left, right] = [Hash([1; 32]), Hash([2; 32])];
        let expected = Hash::of(Domain::Vote, &[&left.0, &right.0]);
        assert_eq!(Hash::of_two(Domain::Vote, &left, &right), expected);
    }

    #[test]
    fn domains_are_separate() {
        assert_ne!(Hash::of(Domain::Vote, &[b"x"]), Hash::of(Domain::Proposal, &[b"x"]));
    }

    #[test]
    fn text_comes_back() {
        let hash = Hash::of(Domain::Header, &[b"x"]);
        assert_eq!(hash.to_string().parse::<Hash>().unwrap(), hash);
        assert!("00".parse::<Hash>().is_err());
    }

    #[test]
    fn bits_count_from_the_most_significant() {
        let mut bytes = [0; 32];
        bytes[1] = 0b0100_0000;
        assert!(Hash(bytes).bit(9));
        assert!(!Hash(bytes).bit(8));
    }
}
