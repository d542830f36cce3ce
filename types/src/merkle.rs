//! Merkle trees of RFC 6962's shape over salted leaves.
//!
//! A leaf is `SHA-256(0x00 ‖ salt ‖ content)`, a node `SHA-256(0x01 ‖ left ‖ right)` (RFC 6962,
//! section 2.1), and the root that others see covers the tree's purpose and its leaf count, so
//! that a tree can neither stand for another nor hide a leaf. The salt of 16 bytes keeps a leaf
//! that is withheld from being guessed. Where the count itself is to be withheld, [`crate::hidden`]
//! has trees of the same nodes whose proofs do not tell it.

use crate::codec::{Decode, Encode};
use crate::hash::{Domain, Hash, sha256};
use crate::limits::INCLUSION_PROOF_SIBLINGS_MAX;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Sixteen secret bytes in front of a leaf's content. Written as 32 hex digits.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[bincode(crate = "crate::codec::bincode")]
pub struct Salt(pub [u8; 16]);

impl Salt {
    /// The salt of leaf `index` under a secret `seed`: showing one shows nothing of the others.
    pub fn derive(seed: &[u8], index: u64) -> Self {
        let hash = Hash::of(Domain::LeafSalt, &[seed, &index.to_le_bytes()]);
        let (half, _) = hash.0.split_at(16);
        Self(half.try_into().expect("half a digest has 16 bytes"))
    }
}

/// The hash of a leaf.
pub fn leaf(salt: &Salt, content: &[u8]) -> Hash {
    sha256(&[&[0], &salt.0, content])
}

pub(crate) fn node(left: &Hash, right: &Hash) -> Hash {
    sha256(&[&[1], left.as_bytes(), right.as_bytes()])
}

/// The root over `leaves` in `domain`. An empty list has a root of its own.
pub fn root(domain: Domain, leaves: &[Hash]) -> Hash {
    bind(domain, leaves.len() as u64, &subtree(leaves))
}

pub(crate) fn bind(domain: Domain, count: u64, top: &Hash) -> Hash {
    Hash::of(domain, &[&count.to_le_bytes(), top.as_bytes()])
}

fn subtree(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => sha256(&[]),
        [one] => *one,
        many => {
            let (left, right) = many.split_at(split(many.len()));
            node(&subtree(left), &subtree(right))
        }
    }
}

/// The largest power of two below `count`, for `count` of two or more.
fn split(count: usize) -> usize {
    count.next_power_of_two() >> 1
}

/// Shows that a leaf is one of those under a root.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "crate::codec::bincode")]
pub struct InclusionProof {
    /// The leaf's index, from 0.
    pub index: u64,
    /// The number of leaves.
    pub count: u64,
    /// The siblings from the leaf up to the root.
    pub siblings: Vec<Hash>,
}

/// A proof does not lead from its leaf to the root.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the path does not lead from the leaf to the root")]
pub struct InclusionError;

impl InclusionProof {
    /// The proof for leaf `index`, or `None` when there is no such leaf.
    pub fn new(leaves: &[Hash], index: usize) -> Option<Self> {
        leaves.get(index)?;
        let mut siblings = Vec::new();
        collect(leaves, index, &mut siblings);
        Some(Self { index: index as u64, count: leaves.len() as u64, siblings })
    }

    /// Checks that `leaf` stands at [`Self::index`] of the [`Self::count`] leaves under `root`.
    ///
    /// # Errors
    /// When the path leads elsewhere, is too long or too short, or the index is beyond the count.
    pub fn verify(&self, domain: Domain, leaf: &Hash, root: &Hash) -> Result<(), InclusionError> {
        if self.count <= self.index || INCLUSION_PROOF_SIBLINGS_MAX < self.siblings.len() {
            return Err(InclusionError);
        }
        let mut siblings = self.siblings.iter();
        let top = climb(self.index, self.count, leaf, &mut siblings).ok_or(InclusionError)?;
        let complete = siblings.next().is_none();
        if complete && bind(domain, self.count, &top) == *root {
            return Ok(());
        }
        Err(InclusionError)
    }
}

fn collect(leaves: &[Hash], index: usize, siblings: &mut Vec<Hash>) {
    if leaves.len() < 2 {
        return;
    }
    let middle = split(leaves.len());
    let (left, right) = leaves.split_at(middle);
    if index < middle {
        collect(left, index, siblings);
        siblings.push(subtree(right));
    } else {
        collect(right, index.saturating_sub(middle), siblings);
        siblings.push(subtree(left));
    }
}

/// The top of a subtree of `count` leaves, from leaf `index` and the siblings below it.
fn climb<'a>(
    index: u64,
    count: u64,
    leaf: &Hash,
    siblings: &mut impl Iterator<Item = &'a Hash>,
) -> Option<Hash> {
    // The sides on the way down; a proof of 2^32 leaves at most keeps this short.
    let mut sides = Vec::new();
    let (mut index, mut count) = (index, count);
    while 1 < count {
        if INCLUSION_PROOF_SIBLINGS_MAX < sides.len() {
            return None;
        }
        let middle = count.checked_next_power_of_two()? >> 1;
        let is_right = middle <= index;
        sides.push(is_right);
        if is_right {
            index = index.checked_sub(middle)?;
            count = count.checked_sub(middle)?;
        } else {
            count = middle;
        }
    }
    let mut hash = *leaf;
    for is_right in sides.into_iter().rev() {
        let sibling = siblings.next()?;
        hash = if is_right { node(sibling, &hash) } else { node(&hash, sibling) };
    }
    Some(hash)
}

impl fmt::Display for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Salt(…)")
    }
}

/// A text is not a salt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected 32 hex digits")]
pub struct ParseSaltError;

impl std::str::FromStr for Salt {
    type Err = ParseSaltError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; 16];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| ParseSaltError)?;
        Ok(Self(bytes))
    }
}

crate::code::serde_as_text!(Salt);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn leaves(count: usize) -> Vec<Hash> {
        (0..count).map(|i| leaf(&Salt::derive(b"seed", i as u64), &[i as u8])).collect()
    }

    #[test]
    fn nodes_have_the_shape_of_rfc_6962() {
        let l = leaves(3);
        let expected = node(&node(&l[0], &l[1]), &l[2]);
        assert_eq!(root(Domain::ReceiptsRoot, &l), bind(Domain::ReceiptsRoot, 3, &expected));
    }

    #[test]
    fn the_purpose_and_the_count_are_part_of_the_root() {
        let l = leaves(2);
        assert_ne!(root(Domain::ReceiptsRoot, &l), root(Domain::EventsRoot, &l));
        let inner = vec![node(&l[0], &l[1])];
        assert_ne!(root(Domain::ReceiptsRoot, &l), root(Domain::ReceiptsRoot, &inner));
    }

    proptest! {
        #[test]
        fn every_leaf_has_a_proof_and_no_other_leaf_passes(
            count in 1usize..40,
            pick in any::<usize>(),
            other in any::<usize>(),
        ) {
            let l = leaves(count);
            let root = root(Domain::DocumentsRoot, &l);
            let index = pick % count;
            let proof = InclusionProof::new(&l, index).unwrap();
            prop_assert_eq!(proof.verify(Domain::DocumentsRoot, &l[index], &root), Ok(()));
            let other = other % count;
            if other != index {
                prop_assert!(proof.verify(Domain::DocumentsRoot, &l[other], &root).is_err());
                let moved = InclusionProof { index: other as u64, ..proof };
                prop_assert!(moved.verify(Domain::DocumentsRoot, &l[index], &root).is_err());
            }
        }

        #[test]
        fn hostile_proofs_are_refused_and_end(
            index in any::<u64>(),
            count in any::<u64>(),
            depth in 0usize..40,
        ) {
            let proof = InclusionProof { index, count, siblings: vec![Hash::default(); depth] };
            let (leaf, root) = (Hash::default(), Hash::default());
            prop_assert!(proof.verify(Domain::EventsRoot, &leaf, &root).is_err());
        }
    }

    #[test]
    fn there_is_no_proof_beyond_the_last_leaf() {
        assert_eq!(InclusionProof::new(&leaves(3), 3), None);
    }
}
