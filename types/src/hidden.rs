//! Merkle trees that do not tell how many leaves they have.
//!
//! A proof of inclusion in a tree of RFC 6962's shape states the number of leaves and the place
//! of one: how many documents a height has, and so how much others trade. Here the tree always
//! has the same number of places. The leaves stand one behind the other from a secret place on,
//! around the end to the beginning, and every subtree without a leaf is a digest that nobody
//! without the secret tells from any other. What one proof shows is the same for every count;
//! two places under one root show how far the two leaves are apart, and no more.
//!
//! Proofs are [`InclusionProof`]s as of any other tree, with the number of places as their count.

use crate::hash::{Domain, Hash};
use crate::limits::{BATCH_SUBMISSIONS_MAX, BLOCK_BATCHES_MAX, BLOCK_DOCUMENTS_MAX};
use crate::merkle::{self, InclusionProof};

/// The shape of a kind of tree. Part of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    domain: Domain,
    /// The tree has two to this many places.
    levels: u32,
    /// The first leaf stands at a multiple of two to this many.
    aligned: u32,
}

/// The batches of a block.
pub const BATCHES: Shape = Shape { domain: Domain::BatchesRoot, levels: 6, aligned: 0 };
/// The submissions of a batch.
pub const SUBMISSIONS: Shape = Shape { domain: Domain::SubmissionsRoot, levels: 12, aligned: 0 };
/// The receipts of a height. They are kept sixty-four together, so that they begin at such places.
pub const RECEIPTS: Shape =
    Shape { domain: Domain::ReceiptsRoot, levels: 18, aligned: RECEIPTS_TOGETHER.trailing_zeros() };
/// Receipts that are kept together: a subtree of their tree.
pub const RECEIPTS_TOGETHER: usize = 64;

// Every block, batch and height has room.
const _: () = assert!(BLOCK_BATCHES_MAX <= 1 << BATCHES.levels);
const _: () = assert!(BATCH_SUBMISSIONS_MAX <= 1 << SUBMISSIONS.levels);
const _: () = assert!(BLOCK_DOCUMENTS_MAX <= 1 << RECEIPTS.levels);
const _: () = assert!(RECEIPTS_TOGETHER.is_power_of_two());

/// A tree of a [`Shape`] under a secret.
#[derive(Clone, Copy, Debug)]
pub struct Hidden<'a> {
    shape: Shape,
    secret: &'a [u8],
    /// The place of the first leaf.
    start: u64,
}

/// A tree from the level of its hashes up.
#[derive(Clone, Debug)]
pub struct HiddenTree<'a> {
    hidden: Hidden<'a>,
    /// The level of the first of [`Self::levels`].
    base: u32,
    levels: Vec<Level>,
}

/// The hashes of a level that are no fillers, side by side, around the end.
#[derive(Clone, Debug)]
struct Level {
    /// Where the first of them stands.
    start: u64,
    hashes: Vec<Hash>,
}

impl<'a> Hidden<'a> {
    /// A tree under `secret`, which whoever is shown a proof must not know.
    pub fn new(shape: Shape, secret: &'a [u8]) -> Self {
        let drawn = Hash::of(Domain::HiddenStart, &[secret]);
        let (eight, _) = drawn.0.split_first_chunk().expect("a digest has 32 bytes");
        let start = u64::from_le_bytes(*eight);
        let start = start.wrapping_shr(shape.aligned).wrapping_shl(shape.aligned);
        let hidden = Self { shape, secret, start };
        Self { start: hidden.within(0, start), ..hidden }
    }

    /// The tree over `leaves`.
    pub fn tree(&self, leaves: Vec<Hash>) -> HiddenTree<'a> {
        self.grow(0, self.shape.levels, self.start, leaves)
    }

    /// The subtrees that hold so many leaves each as the shape aligns; the last may hold fewer.
    pub fn tops(&self, leaves: &[Hash]) -> Vec<Hash> {
        let chunks = (0u64..).zip(leaves.chunks(self.together()));
        chunks.map(|(number, chunk)| self.chunk(number, chunk.to_vec()).top()).collect()
    }

    /// The subtree of the leaves that are kept together under `number`, counted from 0.
    pub fn chunk(&self, number: u64, leaves: Vec<Hash>) -> HiddenTree<'a> {
        let first = number.wrapping_shl(self.shape.aligned);
        self.grow(0, self.shape.aligned, self.place(first), leaves)
    }

    /// The tree above [`Self::tops`].
    pub fn tree_of_tops(&self, tops: Vec<Hash>) -> HiddenTree<'a> {
        let base = self.shape.aligned;
        self.grow(base, self.shape.levels, self.start.wrapping_shr(base), tops)
    }

    /// The proof for leaf `index`, from the subtree of the leaves that are kept together with it
    /// and the tree above; `None` when there is no such leaf.
    pub fn prove_from_chunk(
        &self,
        chunk: &HiddenTree<'_>,
        above: &HiddenTree<'_>,
        index: u64,
    ) -> Option<InclusionProof> {
        let place = self.place(index);
        if !chunk.holds(place) || !above.holds(place) {
            return None;
        }
        let siblings = chunk.siblings(place).chain(above.siblings(place)).collect();
        Some(InclusionProof { index: place, count: self.places(0), siblings })
    }

    fn together(&self) -> usize {
        1usize.wrapping_shl(self.shape.aligned)
    }

    /// The places of a level.
    fn places(&self, level: u32) -> u64 {
        1u64.wrapping_shl(self.shape.levels.saturating_sub(level))
    }

    /// A place of a level, counted around the end.
    fn within(&self, level: u32, place: u64) -> u64 {
        place & self.places(level).wrapping_sub(1)
    }

    /// Where leaf `index` stands.
    fn place(&self, index: u64) -> u64 {
        self.within(0, self.start.wrapping_add(index))
    }

    /// What stands for a subtree without leaves.
    fn filler(&self, level: u32, place: u64) -> Hash {
        let (level, place) = (level.to_le_bytes(), place.to_le_bytes());
        Hash::of(Domain::HiddenFiller, &[self.secret, &level, &place])
    }

    /// The levels above `hashes`, which stand at `base` from `start` on.
    fn grow(&self, base: u32, end: u32, start: u64, hashes: Vec<Hash>) -> HiddenTree<'a> {
        let mut levels = vec![Level { start, hashes }];
        for level in base..end {
            let below = levels.last().expect("there is a first level");
            let start = below.start.wrapping_shr(1);
            let odd = usize::from(below.start & 1 == 1);
            let needed = below.hashes.len().saturating_add(odd).div_ceil(2);
            let needed = if below.hashes.is_empty() { 0 } else { needed as u64 };
            let up = level.saturating_add(1);
            let parents = (0..needed.min(self.places(up))).map(|behind| {
                let left = self.within(up, start.wrapping_add(behind)).wrapping_shl(1);
                let of = |place| below.at(self, level, place);
                merkle::node(&of(left), &of(left | 1))
            });
            let hashes = parents.collect();
            levels.push(Level { start, hashes });
        }
        HiddenTree { hidden: *self, base, levels }
    }
}

impl Level {
    /// How far behind the first hash a place is, where one of the hashes stands there.
    fn position(&self, hidden: &Hidden<'_>, level: u32, place: u64) -> Option<usize> {
        let behind = hidden.within(level, place.wrapping_sub(self.start));
        usize::try_from(behind).ok().filter(|behind| *behind < self.hashes.len())
    }

    fn at(&self, hidden: &Hidden<'_>, level: u32, place: u64) -> Hash {
        let position = self.position(hidden, level, place);
        let found = position.and_then(|position| self.hashes.get(position));
        found.copied().unwrap_or_else(|| hidden.filler(level, place))
    }
}

impl HiddenTree<'_> {
    /// The root that others see. More hashes than places have one of another form, which no proof
    /// leads to.
    pub fn root(&self) -> Hash {
        let Hidden { shape, .. } = self.hidden;
        let first = self.levels.first().expect("there is a first level");
        if self.hidden.places(self.base) < first.hashes.len() as u64 {
            return merkle::root(shape.domain, &first.hashes);
        }
        merkle::bind(shape.domain, self.hidden.places(0), &self.top())
    }

    /// The proof for leaf `index`, or `None` when there is no such leaf.
    pub fn prove(&self, index: usize) -> Option<InclusionProof> {
        let place = self.hidden.place(u64::try_from(index).ok()?);
        self.levels.first()?.hashes.get(index)?;
        let siblings = self.siblings(place).collect();
        Some(InclusionProof { index: place, count: self.hidden.places(0), siblings })
    }

    /// The hash of the highest level.
    fn top(&self) -> Hash {
        let last = self.levels.last().expect("there is a first level");
        let level = self.base.saturating_add(u32::try_from(self.levels.len()).unwrap_or(1));
        last.at(&self.hidden, level.saturating_sub(1), last.start)
    }

    /// Whether the first level has a hash above or at a place of leaves.
    fn holds(&self, place: u64) -> bool {
        let first = self.levels.first();
        let at = place.wrapping_shr(self.base);
        first.is_some_and(|first| first.position(&self.hidden, self.base, at).is_some())
    }

    /// The siblings of a leaf's path at the levels of this tree.
    fn siblings(&self, place: u64) -> impl Iterator<Item = Hash> {
        let below_top = self.levels.len().saturating_sub(1);
        let levels = (self.base..).zip(self.levels.iter().take(below_top));
        levels.map(move |(number, level)| {
            level.at(&self.hidden, number, place.wrapping_shr(number) ^ 1)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merkle::{Salt, leaf};
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn leaves(count: usize) -> Vec<Hash> {
        (0..count as u64).map(|i| leaf(&Salt::derive(b"seed", i), &i.to_le_bytes())).collect()
    }

    proptest! {
        #[test]
        fn every_leaf_has_a_proof_and_no_other_passes(
            count in 1usize..65,
            pick in any::<usize>(),
            other in any::<usize>(),
            secret in any::<[u8; 16]>(),
        ) {
            let leaves = leaves(count);
            let tree = Hidden::new(BATCHES, &secret).tree(leaves.clone());
            let (root, index) = (tree.root(), pick % count);
            let proof = tree.prove(index).unwrap();
            prop_assert_eq!(proof.verify(Domain::BatchesRoot, &leaves[index], &root), Ok(()));
            let other = other % count;
            if other != index {
                prop_assert!(proof.verify(Domain::BatchesRoot, &leaves[other], &root).is_err());
            }
            prop_assert!(tree.prove(count).is_none());
        }

        #[test]
        fn chunks_give_the_root_and_the_proofs_of_the_whole(
            count in 1usize..700,
            pick in any::<usize>(),
            secret in any::<[u8; 16]>(),
        ) {
            let (leaves, hidden) = (leaves(count), Hidden::new(RECEIPTS, &secret));
            let whole = hidden.tree(leaves.clone());
            let above = hidden.tree_of_tops(hidden.tops(&leaves));
            prop_assert_eq!(above.root(), whole.root());
            let index = pick % count;
            let number = index / RECEIPTS_TOGETHER;
            let own = leaves.chunks(RECEIPTS_TOGETHER).nth(number).unwrap();
            let own = hidden.chunk(number as u64, own.to_vec());
            let proof = hidden.prove_from_chunk(&own, &above, index as u64);
            prop_assert_eq!(proof, whole.prove(index));
        }

        #[test]
        fn what_a_proof_shows_is_as_long_for_every_count(
            one in 1usize..4_000,
            other in 1usize..4_000,
            secret in any::<[u8; 16]>(),
        ) {
            let hidden = Hidden::new(SUBMISSIONS, &secret);
            let prove = |count| hidden.tree(leaves(count)).prove(0).unwrap();
            let [one, other] = [one, other].map(prove);
            prop_assert_eq!((one.count, one.index), (other.count, other.index));
            prop_assert_eq!(one.siblings.len(), other.siblings.len());
        }
    }

    #[test]
    fn a_full_tree_and_an_empty_one_have_roots() {
        let hidden = Hidden::new(BATCHES, b"secret");
        let full = leaves(1 << BATCHES.levels);
        let tree = hidden.tree(full.clone());
        for index in [0, 31, 63] {
            let proof = tree.prove(index).unwrap();
            assert_eq!(proof.verify(Domain::BatchesRoot, &full[index], &tree.root()), Ok(()));
        }
        let empty = hidden.tree(vec![]).root();
        assert_ne!(empty, Hidden::new(BATCHES, b"another").tree(vec![]).root());
        assert_ne!(empty, hidden.tree(full[..1].to_vec()).root());
    }

    #[test]
    fn more_leaves_than_places_have_a_root_and_no_two_the_same() {
        let hidden = Hidden::new(BATCHES, b"secret");
        let roots = [64, 65, 66, 200].map(|count| hidden.tree(leaves(count)).root());
        assert_eq!(BTreeSet::from(roots).len(), 4);
    }

    #[test]
    fn the_root_tells_the_count_to_whoever_knows_the_secret() {
        let (hidden, leaves) = (Hidden::new(BATCHES, b"secret"), leaves(9));
        let roots: BTreeSet<Hash> =
            (0..=9).map(|count| hidden.tree(leaves[..count].to_vec()).root()).collect();
        assert_eq!(roots.len(), 10);
    }

    #[test]
    fn where_the_first_leaf_stands_depends_on_the_secret_alone() {
        let starts = (0u8..200).map(|byte| Hidden::new(BATCHES, &[byte]).place(0));
        let starts: BTreeSet<u64> = starts.collect();
        assert!(50 < starts.len(), "{}", starts.len());
        let aligned = (0u8..200).map(|byte| Hidden::new(RECEIPTS, &[byte]).place(0));
        assert!(aligned.into_iter().all(|place| place % RECEIPTS_TOGETHER as u64 == 0));
    }
}
