//! The authenticated state: a binary Merkle trie over hashed keys.
//!
//! A key's place is its hash (the key's purpose and the genesis hash are part of it). A subtree
//! with no leaf is [`Hash::default`], one with a single leaf *is* that leaf, any other is the
//! hash of its two halves. So the root depends on the content alone, not on how a node stores the
//! tree, and a path is as long as the longest prefix shared with a neighbour: lengthening a path by
//! one bit doubles the work of whoever chooses keys for that purpose.
//!
//! A value is committed with a salt of 16 bytes, so that a sibling on somebody else's path cannot
//! be guessed.

use crate::codec::{Decode, Encode};
use crate::hash::{Domain, Hash};
use crate::limits::STATE_PROOF_SIBLINGS_MAX;
use crate::merkle::Salt;
use serde::{Deserialize, Serialize};

/// Where `key` stands in the tree of the chain with this genesis.
pub fn key_hash(genesis: &Hash, key: &[u8]) -> Hash {
    Hash::of(Domain::StateKey, &[genesis.as_bytes(), key])
}

/// What the tree commits to for a value.
pub fn value_hash(salt: &Salt, value: &[u8]) -> Hash {
    Hash::of(Domain::StateValue, &[&salt.0, value])
}

/// The hash of a leaf.
pub fn leaf_hash(key_hash: &Hash, value_hash: &Hash) -> Hash {
    Hash::of(Domain::StateLeaf, &[key_hash.as_bytes(), value_hash.as_bytes()])
}

/// The hash of a subtree with at least two leaves.
pub fn inner_hash(left: &Hash, right: &Hash) -> Hash {
    Hash::of(Domain::StateInner, &[left.as_bytes(), right.as_bytes()])
}

/// What stands at the end of a key's path.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "crate::codec::bincode")]
pub enum Terminal {
    /// No leaf: the key is absent.
    Empty,
    /// A leaf: of the key itself, or of another key that shares the path.
    Leaf {
        /// Where the leaf's key stands.
        key_hash: Hash,
        /// What its value is committed as.
        value_hash: Hash,
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
}

impl StateProof {
    /// Checks that the state under `root` holds `value` (with its salt) for `key`.
    ///
    /// # Errors
    /// When the path leads elsewhere or ends at another value.
    pub fn verify_present(
        &self,
        genesis: &Hash,
        root: &Hash,
        key: &[u8],
        salt: &Salt,
        value: &[u8],
    ) -> Result<(), StateProofError> {
        let place = key_hash(genesis, key);
        let expected = Terminal::Leaf { key_hash: place, value_hash: value_hash(salt, value) };
        if self.terminal != expected {
            return Err(StateProofError::Value);
        }
        self.verify_path(&place, root)
    }

    /// Checks that the state under `root` holds nothing for `key`.
    ///
    /// # Errors
    /// When the path leads elsewhere or ends at the key itself.
    pub fn verify_absent(
        &self,
        genesis: &Hash,
        root: &Hash,
        key: &[u8],
    ) -> Result<(), StateProofError> {
        let place = key_hash(genesis, key);
        if let Terminal::Leaf { key_hash, .. } = &self.terminal
            && *key_hash == place
        {
            return Err(StateProofError::Present);
        }
        self.verify_path(&place, root)
    }

    fn verify_path(&self, place: &Hash, root: &Hash) -> Result<(), StateProofError> {
        let depth = self.siblings.len();
        if STATE_PROOF_SIBLINGS_MAX < depth {
            return Err(StateProofError::Root);
        }
        let mut hash = match &self.terminal {
            Terminal::Empty => Hash::default(),
            Terminal::Leaf { key_hash, value_hash } => {
                // A leaf stands on the path only if its key shares every bit walked so far.
                if (0..depth).any(|bit| key_hash.bit(bit) != place.bit(bit)) {
                    return Err(StateProofError::Root);
                }
                leaf_hash(key_hash, value_hash)
            }
        };
        // A subtree with one leaf is that leaf, so the deepest sibling of a leaf or of nothing
        // can only be an inner node or (for a leaf) another leaf; the root decides.
        for (bit, sibling) in self.siblings.iter().enumerate().rev() {
            hash = if place.bit(bit) {
                inner_hash(sibling, &hash)
            } else {
                inner_hash(&hash, sibling)
            };
        }
        if hash == *root { Ok(()) } else { Err(StateProofError::Root) }
    }
}

/// The root over leaves given as (key hash, value hash), sorted by key hash without repeats.
///
/// The definition of the tree, for tests and for rebuilding; a node updates its tree in place.
pub fn root_of(leaves: &[(Hash, Hash)]) -> Hash {
    subtree(leaves, 0)
}

fn subtree(leaves: &[(Hash, Hash)], depth: usize) -> Hash {
    match leaves {
        [] => Hash::default(),
        [(key, value)] => leaf_hash(key, value),
        many => {
            let middle = many.partition_point(|(key, _)| !key.bit(depth));
            let (left, right) = many.split_at(middle);
            let below = depth.saturating_add(1);
            inner_hash(&subtree(left, below), &subtree(right, below))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    const GENESIS: Hash = Hash([9; 32]);

    /// A proof built from the definition, for checking the verifier.
    fn prove(leaves: &[(Hash, Hash)], place: &Hash) -> StateProof {
        let mut siblings = Vec::new();
        let mut rest = leaves;
        while 1 < rest.len() {
            let depth = siblings.len();
            let middle = rest.partition_point(|(key, _)| !key.bit(depth));
            let (left, right) = rest.split_at(middle);
            let (own, other) = if place.bit(depth) { (right, left) } else { (left, right) };
            siblings.push(subtree(other, depth + 1));
            rest = own;
        }
        let terminal = match rest {
            [] => Terminal::Empty,
            [(key_hash, value_hash), ..] => {
                Terminal::Leaf { key_hash: *key_hash, value_hash: *value_hash }
            }
        };
        StateProof { siblings, terminal }
    }

    fn leaves(count: u8) -> Vec<(Hash, Hash)> {
        let map: BTreeMap<Hash, Hash> = (0..count)
            .map(|i| (key_hash(&GENESIS, &[i]), value_hash(&Salt([i; 16]), &[i, i])))
            .collect();
        map.into_iter().collect()
    }

    #[test]
    fn present_keys_are_proved_with_their_values_only() {
        for count in [1, 2, 3, 50] {
            let leaves = leaves(count);
            let root = root_of(&leaves);
            for i in 0..count {
                let proof = prove(&leaves, &key_hash(&GENESIS, &[i]));
                let check = |salt: u8, value: &[u8]| {
                    proof.verify_present(&GENESIS, &root, &[i], &Salt([salt; 16]), value)
                };
                assert_eq!(check(i, &[i, i]), Ok(()));
                assert_eq!(check(i, &[i]), Err(StateProofError::Value));
                assert_eq!(check(i + 1, &[i, i]), Err(StateProofError::Value));
                let absent = proof.verify_absent(&GENESIS, &root, &[i]);
                assert_eq!(absent, Err(StateProofError::Present));
            }
        }
    }

    #[test]
    fn absent_keys_are_proved_absent() {
        for count in [0, 1, 2, 50] {
            let leaves = leaves(count);
            let root = root_of(&leaves);
            for i in 100..130u8 {
                let proof = prove(&leaves, &key_hash(&GENESIS, &[i]));
                assert_eq!(proof.verify_absent(&GENESIS, &root, &[i]), Ok(()));
                let other_root = Hash([1; 32]);
                assert!(proof.verify_absent(&GENESIS, &other_root, &[i]).is_err());
            }
        }
    }

    #[test]
    fn a_leaf_from_elsewhere_does_not_show_absence() {
        let leaves = leaves(50);
        let root = root_of(&leaves);
        // The proof of one key, said to be the proof that another is absent.
        let mut refused = 0;
        for i in 0..50u8 {
            let proof = prove(&leaves, &key_hash(&GENESIS, &[i]));
            for absent in 100..110u8 {
                refused += usize::from(proof.verify_absent(&GENESIS, &root, &[absent]).is_err());
            }
        }
        // A key whose place shares the whole path is truly shown absent; the rest are refused.
        assert!(480 < refused, "{refused}");
    }
}
