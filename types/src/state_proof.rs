//! The authenticated state: a binary Merkle trie over hashed keys, cut into buckets.
//!
//! A key's place is the number of its generation, then its hash (the key's purpose and the genesis
//! hash are part of it). Keys that were created about the same time are of one generation: what is
//! changed stands together in the tree, and old generations rest. A key keeps its generation until
//! it is removed. Within a generation nobody chooses where a key stands.
//!
//! A subtree without leaves is [`Hash::default`]. One with at most [`STATE_BUCKET_LEAVES_MAX`]
//! leaves is a bucket: the hash of the list of its places and of the list of its values, both in
//! the order of the places. Any other is a fork: the hash of its two halves. So the root depends
//! on the content alone, not on its history, and a path is as long as a crowd of neighbours shares
//! a prefix: lengthening a path by one bit doubles the work of whoever chooses keys for that
//! purpose.
//!
//! A value is committed with its place and a salt of 16 bytes. It says by itself whose it is, so
//! that a proof of presence shows the bucket's values and withholds the places: nobody can
//! guess from it which other keys exist. A proof of absence shows the places of one bucket.

use crate::codec::{self, Decode, DecodeError, Encode};
use crate::hash::{Domain, Hash};
use crate::limits::{STATE_BUCKET_LEAVES_MAX, STATE_PROOF_BYTES_MAX, STATE_PROOF_SIBLINGS_MAX};
use crate::merkle::Salt;
use serde::{Deserialize, Serialize};

/// Where a key of this generation stands in the tree of the chain with this genesis: the
/// generation, big-endian, in the stead of the first bytes of the key's hash.
pub fn place_of(genesis: &Hash, generation: u16, key: &[u8]) -> Hash {
    let mut place = Hash::of(Domain::StateKey, &[genesis.as_bytes(), key]);
    for (byte, number) in place.0.iter_mut().zip(generation.to_be_bytes()) {
        *byte = number;
    }
    place
}

/// What the tree commits to for the value of the key at `place`.
pub fn value_hash(place: &Hash, salt: &Salt, value: &[u8]) -> Hash {
    Hash::of(Domain::StateValue, &[place.as_bytes(), &salt.0, value])
}

/// The hash of a bucket, from its places and its values: whole hashes, as many of the one as of
/// the other, at least one.
pub fn bucket_hash(places: &[u8], values: &[u8]) -> Hash {
    bucket_of(&list_hash(places), &list_hash(values))
}

/// The digest of one of a bucket's lists. Having one part it is no bucket, which has two.
fn list_hash(list: &[u8]) -> Hash {
    Hash::of(Domain::StateLeaf, &[list])
}

fn bucket_of(places: &Hash, values: &Hash) -> Hash {
    Hash::of_two(Domain::StateLeaf, places, values)
}

/// The hash of a subtree with more leaves than a bucket holds.
pub fn fork_hash(left: &Hash, right: &Hash) -> Hash {
    Hash::of_two(Domain::StateInner, left, right)
}

/// What stands at the end of a key's path.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "crate::codec::bincode")]
pub enum Terminal {
    /// No leaf: the key is absent.
    Empty,
    /// A bucket that holds the key: each value names its place.
    Values {
        /// The digest of the bucket's places.
        places: Hash,
        /// What the bucket's values are committed as, in the order of the places.
        values: Vec<Hash>,
    },
    /// A bucket that does not hold the key.
    Places {
        /// The bucket's places, ascending.
        places: Vec<Hash>,
        /// The digest of the bucket's values.
        values: Hash,
    },
}

/// Shows what the state holds for a key, or that it holds nothing.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "crate::codec::bincode")]
pub struct StateProof {
    /// The siblings from the root down.
    pub siblings: Vec<Hash>,
    /// What stands below the last of them.
    pub terminal: Terminal,
}

/// A state proof does not show what it is said to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StateProofError {
    /// The path does not lead to the root.
    #[error("the path does not lead to the state root")]
    Root,
    /// The proof shows another value than the one given.
    #[error("the proof shows another value, or that the key is absent")]
    Value,
    /// The proof shows that the key is present.
    #[error("the proof shows that the key is present")]
    Present,
    /// A later generation may hold the key.
    #[error("the proof does not cover every generation of keys")]
    Generations,
}

impl Terminal {
    /// What shows the presence or the absence of `place` in the bucket with these leaves, which
    /// ascend.
    pub fn new(leaves: &[(Hash, Hash)], place: &Hash) -> Self {
        let (places, values): (Vec<Hash>, Vec<Hash>) = leaves.iter().copied().unzip();
        match places.binary_search(place) {
            _ if leaves.is_empty() => Self::Empty,
            Ok(_) => Self::Values { places: list_hash(&concatenate(&places)), values },
            Err(_) => Self::Places { values: list_hash(&concatenate(&values)), places },
        }
    }

    fn hash(&self) -> Hash {
        match self {
            Self::Empty => Hash::default(),
            Self::Values { places, values } => bucket_of(places, &list_hash(&concatenate(values))),
            Self::Places { places, values } => bucket_of(&list_hash(&concatenate(places)), values),
        }
    }
}

fn concatenate(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

impl StateProof {
    /// Reads a proof from its canonical bytes.
    ///
    /// # Errors
    /// When the bytes are too long or not canonical.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        codec::decode(bytes, STATE_PROOF_BYTES_MAX)
    }

    /// Checks that the state under `root` holds `value` (with its salt) at `place`.
    ///
    /// # Errors
    /// When the path leads elsewhere or ends at other values.
    pub fn verify_present(
        &self,
        root: &Hash,
        place: &Hash,
        salt: &Salt,
        value: &[u8],
    ) -> Result<(), StateProofError> {
        let Terminal::Values { values, .. } = &self.terminal else {
            return Err(StateProofError::Value);
        };
        check_length(values)?;
        if !values.contains(&value_hash(place, salt, value)) {
            return Err(StateProofError::Value);
        }
        self.verify_path(place, root)
    }

    /// Checks that the state under `root` holds nothing at `place`.
    ///
    /// # Errors
    /// When the path leads elsewhere or ends at the place itself.
    pub fn verify_absent(&self, root: &Hash, place: &Hash) -> Result<(), StateProofError> {
        match &self.terminal {
            Terminal::Empty => {}
            // Nobody shows the values of a bucket for a key that it does not hold.
            Terminal::Values { .. } => return Err(StateProofError::Present),
            Terminal::Places { places, .. } => {
                check_length(places)?;
                if places.contains(place) {
                    return Err(StateProofError::Present);
                }
                // The bucket at the end of this path holds such leaves only.
                let depth = self.siblings.len();
                if places.iter().any(|other| shared_bits(other, place) < depth) {
                    return Err(StateProofError::Root);
                }
            }
        }
        self.verify_path(place, root)
    }

    /// Whether its path, which ends in this generation, shows that there is no later one: every
    /// sibling that would hold later generations is empty, and so is the bucket, where the path
    /// ends before it comes to a generation of its own.
    fn shows_the_last(&self, generation: u16) -> bool {
        let bits = u16::BITS as usize;
        let mut first = Hash::default();
        let number = generation.to_be_bytes();
        first.0.iter_mut().zip(number).for_each(|(byte, number)| *byte = number);
        let earlier = self.siblings.iter().take(bits).enumerate();
        let mut later = earlier.filter(|(bit, _)| !first.bit(*bit));
        if later.any(|(_, sibling)| *sibling != Hash::default()) {
            return false;
        }
        match &self.terminal {
            Terminal::Places { places, .. } if self.siblings.len() < bits => {
                places.iter().all(|place| generation_of(place) <= generation)
            }
            Terminal::Values { .. } => false,
            Terminal::Empty | Terminal::Places { .. } => true,
        }
    }

    fn verify_path(&self, place: &Hash, root: &Hash) -> Result<(), StateProofError> {
        if STATE_PROOF_SIBLINGS_MAX < self.siblings.len() {
            return Err(StateProofError::Root);
        }
        let mut hash = self.terminal.hash();
        for (bit, sibling) in self.siblings.iter().enumerate().rev() {
            hash =
                if place.bit(bit) { fork_hash(sibling, &hash) } else { fork_hash(&hash, sibling) };
        }
        if hash == *root { Ok(()) } else { Err(StateProofError::Root) }
    }
}

/// The generation of a place.
pub fn generation_of(place: &Hash) -> u16 {
    u16::from_be_bytes([place.0[0], place.0[1]])
}

/// Checks that the state under `root` holds nothing for `key`: `proofs` has one for each
/// generation, and the last shows that there is no later one.
///
/// # Errors
/// Names what does not hold.
pub fn verify_absent_everywhere(
    proofs: &[StateProof],
    genesis: &Hash,
    root: &Hash,
    key: &[u8],
) -> Result<(), StateProofError> {
    let mut last = None;
    for (number, proof) in proofs.iter().enumerate() {
        let generation = u16::try_from(number).map_err(|_| StateProofError::Generations)?;
        proof.verify_absent(root, &place_of(genesis, generation, key))?;
        last = Some((generation, proof));
    }
    match last {
        Some((generation, proof)) if proof.shows_the_last(generation) => Ok(()),
        _ => Err(StateProofError::Generations),
    }
}

/// What no bucket holds leads to no root; it is refused before anything is hashed.
fn check_length(list: &[Hash]) -> Result<(), StateProofError> {
    match (1..=STATE_BUCKET_LEAVES_MAX).contains(&list.len()) {
        true => Ok(()),
        false => Err(StateProofError::Root),
    }
}

/// How many leading bits two places share.
pub fn shared_bits(one: &Hash, two: &Hash) -> usize {
    let mut shared = 0usize;
    for (one, two) in one.0.iter().zip(&two.0) {
        let bits = (one ^ two).leading_zeros();
        shared = shared.saturating_add(bits as usize);
        if bits < u8::BITS {
            break;
        }
    }
    shared
}

/// The root over leaves given as (place, value's commitment), sorted by place without repeats.
///
/// The definition of the tree, for tests; a node updates its tree in place.
pub fn root_of(leaves: &[(Hash, Hash)]) -> Hash {
    subtree(leaves, 0)
}

fn subtree(leaves: &[(Hash, Hash)], depth: usize) -> Hash {
    if leaves.is_empty() {
        return Hash::default();
    }
    if leaves.len() <= STATE_BUCKET_LEAVES_MAX {
        let (places, values): (Vec<Hash>, Vec<Hash>) = leaves.iter().copied().unzip();
        return bucket_hash(&concatenate(&places), &concatenate(&values));
    }
    let (left, right) = leaves.split_at(leaves.partition_point(|(place, _)| !place.bit(depth)));
    let below = depth.saturating_add(1);
    fork_hash(&subtree(left, below), &subtree(right, below))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    const GENESIS: Hash = Hash([9; 32]);
    const BUCKET: u8 = 8;
    const _: () = assert!(BUCKET as usize == STATE_BUCKET_LEAVES_MAX);

    /// Where a test's key stands; sixty-four keys are a generation.
    fn place(key: u8) -> Hash {
        place_of(&GENESIS, u16::from(key / 64), &[key])
    }

    /// A proof built from the definition, for checking the verifier.
    fn prove(leaves: &[(Hash, Hash)], key: u8) -> StateProof {
        prove_at(leaves, place(key))
    }

    fn prove_at(leaves: &[(Hash, Hash)], place: Hash) -> StateProof {
        let mut siblings = Vec::new();
        let mut rest = leaves;
        while STATE_BUCKET_LEAVES_MAX < rest.len() {
            let depth = siblings.len();
            let middle = rest.partition_point(|(key, _)| !key.bit(depth));
            let (left, right) = rest.split_at(middle);
            let (own, other) = if place.bit(depth) { (right, left) } else { (left, right) };
            siblings.push(subtree(other, depth + 1));
            rest = own;
        }
        StateProof { siblings, terminal: Terminal::new(rest, &place) }
    }

    fn leaves(count: u8) -> Vec<(Hash, Hash)> {
        let leaf = |key: u8| {
            let place = place(key);
            (place, value_hash(&place, &Salt([key; 16]), &[key, key]))
        };
        (0..count).map(leaf).collect::<BTreeMap<_, _>>().into_iter().collect()
    }

    fn present(proof: &StateProof, root: &Hash, key: u8, value: u8) -> Result<(), StateProofError> {
        proof.verify_present(root, &place(key), &Salt([value; 16]), &[value, value])
    }

    fn absent(proof: &StateProof, root: &Hash, key: u8) -> Result<(), StateProofError> {
        proof.verify_absent(root, &place(key))
    }

    #[test]
    fn present_keys_are_proved_with_their_values_only() {
        for count in [1, 2, BUCKET, BUCKET + 1, 100] {
            let leaves = leaves(count);
            let root = root_of(&leaves);
            for key in 0..count {
                let proof = prove(&leaves, key);
                assert_eq!(present(&proof, &root, key, key), Ok(()));
                assert_eq!(present(&proof, &root, key, key + 1), Err(StateProofError::Value));
                assert_eq!(present(&proof, &root, key + 1, key), Err(StateProofError::Value));
                assert_eq!(absent(&proof, &root, key), Err(StateProofError::Present));
            }
        }
    }

    #[test]
    fn absent_keys_are_proved_absent() {
        for count in [0, 1, BUCKET, BUCKET + 1, 100] {
            let leaves = leaves(count);
            let root = root_of(&leaves);
            for key in 100..130u8 {
                let proof = prove(&leaves, key);
                assert_eq!(absent(&proof, &root, key), Ok(()));
                assert_eq!(present(&proof, &root, key, key), Err(StateProofError::Value));
                assert_eq!(absent(&proof, &Hash([1; 32]), key), Err(StateProofError::Root));
            }
        }
    }

    #[test]
    fn the_value_of_one_key_is_not_shown_as_that_of_another() {
        let leaves = leaves(BUCKET);
        let root = root_of(&leaves);
        let proof = prove(&leaves, 0);
        // One bucket holds them all, so that its proof is the proof of each of them.
        for key in 0..BUCKET {
            for value in 0..BUCKET {
                assert_eq!(present(&proof, &root, key, value).is_ok(), key == value);
            }
        }
    }

    #[test]
    fn a_full_bucket_is_no_fork_and_one_leaf_more_is() {
        for (count, siblings) in [(BUCKET, 0..1), (BUCKET + 1, 1..256)] {
            let leaves = leaves(count);
            assert!(siblings.contains(&prove(&leaves, 0).siblings.len()), "{count} leaves");
        }
    }

    #[test]
    fn a_bucket_from_elsewhere_does_not_show_absence() {
        let leaves = leaves(200);
        let root = root_of(&leaves);
        for key in 200..=u8::MAX {
            let proof = prove(&leaves, key);
            for other in 0..=u8::MAX {
                let [one, two] = [key, other].map(place);
                let same_bucket = proof.siblings.len() <= shared_bits(&one, &two);
                let expected = same_bucket && 200 <= other;
                assert_eq!(absent(&proof, &root, other).is_ok(), expected);
            }
        }
    }

    #[test]
    fn a_bucket_with_a_leaf_left_out_shows_nothing() {
        let leaves = leaves(BUCKET);
        let root = root_of(&leaves);
        for key in 0..BUCKET {
            let place = place(key);
            let rest: Vec<_> = leaves.iter().copied().filter(|leaf| leaf.0 != place).collect();
            let terminal = Terminal::new(&rest, &place);
            let proof = StateProof { siblings: Vec::new(), terminal };
            assert_eq!(absent(&proof, &root, key), Err(StateProofError::Root));
            let proof = StateProof { siblings: Vec::new(), terminal: Terminal::Empty };
            assert_eq!(absent(&proof, &root, key), Err(StateProofError::Root));
        }
    }

    #[test]
    fn what_no_tree_holds_is_refused() {
        let hashes = |count: usize| vec![Hash([1; 32]); count];
        let refused = |terminal: Terminal, siblings: usize| {
            let proof = StateProof { siblings: hashes(siblings), terminal };
            let root = Hash([1; 32]);
            assert!(absent(&proof, &root, 1).is_err() && present(&proof, &root, 1, 1).is_err());
        };
        let values = Hash([1; 32]);
        for count in [0, STATE_BUCKET_LEAVES_MAX + 1, 100_000] {
            refused(Terminal::Places { places: hashes(count), values }, 0);
            refused(Terminal::Values { places: values, values: hashes(count) }, 0);
        }
        refused(Terminal::Empty, STATE_PROOF_SIBLINGS_MAX + 1);
        refused(Terminal::Empty, 100_000);
    }

    #[test]
    fn the_longest_proof_fits_its_bound() {
        let siblings = vec![Hash([1; 32]); STATE_PROOF_SIBLINGS_MAX];
        let places = vec![Hash([2; 32]); STATE_BUCKET_LEAVES_MAX];
        let terminal = Terminal::Places { places, values: Hash([3; 32]) };
        let proof = StateProof { siblings, terminal };
        assert_eq!(StateProof::decode(&codec::encode(&proof)), Ok(proof));
    }

    fn everywhere(leaves: &[(Hash, Hash)], key: &[u8], generations: u16) -> Vec<StateProof> {
        let place = |generation| place_of(&GENESIS, generation, key);
        (0..generations).map(|generation| prove_at(leaves, place(generation))).collect()
    }

    #[test]
    fn a_key_is_absent_when_no_generation_has_it() {
        for (count, needed) in [(0, 1), (1, 1), (8, 1), (64, 1), (65, 2), (129, 3), (200, 4)] {
            let leaves = leaves(count);
            let root = root_of(&leaves);
            let verify = |proofs: &[StateProof], key: &[u8]| {
                verify_absent_everywhere(proofs, &GENESIS, &root, key)
            };
            for generations in 0..=6 {
                let proofs = everywhere(&leaves, b"absent", generations);
                let expected =
                    if generations < needed { Err(StateProofError::Generations) } else { Ok(()) };
                assert_eq!(verify(&proofs, b"absent"), expected, "{count}, {generations}");
            }
            for key in 0..count {
                // The proof of the generation that has it is of no use.
                assert!(verify(&everywhere(&leaves, &[key], 4), &[key]).is_err());
                let mut others = everywhere(&leaves, &[key], 4);
                others.remove(usize::from(key / 64));
                assert!(verify(&others, &[key]).is_err(), "{key} of {count}");
            }
        }
    }

    #[test]
    fn keys_of_a_generation_stand_together() {
        for generation in [0, 1, 0x1234, u16::MAX] {
            let place = place_of(&GENESIS, generation, b"key");
            assert_eq!(generation_of(&place), generation);
            assert_eq!(place.0[2..], place_of(&GENESIS, 0, b"key").0[2..]);
        }
    }

    #[test]
    fn shared_bits_are_counted_from_the_front() {
        let hash = |byte: usize, bits: u8| {
            let mut hash = Hash::default();
            hash.0[byte] = bits;
            hash
        };
        for (other, expected) in [(hash(0, 0x80), 0), (hash(0, 1), 7), (hash(31, 1), 255)] {
            assert_eq!(shared_bits(&Hash::default(), &other), expected);
        }
        assert_eq!(shared_bits(&Hash::default(), &Hash::default()), 256);
    }

    proptest! {
        #[test]
        fn a_proof_with_any_bit_changed_is_refused(
            count in 0u8..200,
            key in any::<u8>(),
            at in any::<prop::sample::Index>(),
            bit in 0u8..8,
        ) {
            let leaves = leaves(count);
            let root = root_of(&leaves);
            let mut bytes = codec::encode(&prove(&leaves, key));
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            if let Ok(proof) = StateProof::decode(&bytes) {
                prop_assert!(absent(&proof, &root, key).is_err());
                prop_assert!(present(&proof, &root, key, key).is_err());
            }
        }
    }
}
