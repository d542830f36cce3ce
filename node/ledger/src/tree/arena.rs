//! The nodes above the buckets, in memory: 72 bytes for each bucket, without an allocation each.

use kanhe_types::hash::Hash;
use kanhe_types::limits::STATE_BUCKET_LEAVES_MAX;
use kanhe_types::state_proof::fork_hash;

/// Pairs that are allocated in one go: growing moves none of the others.
const CHUNK_PAIRS: usize = 4_096;
/// The links below it count the leaves of a bucket; those from it on stand for a fork's pair.
const FORK_LINKS: u32 = 256;

const _: () = assert!(STATE_BUCKET_LEAVES_MAX < FORK_LINKS as usize);
const _: () = assert!(size_of::<Pair>() == 72);

/// What a subtree's parent needs to know of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) hash: Hash,
    /// A leaf count or, from [`FORK_LINKS`] on, where the halves are: four bytes for both.
    link: u32,
}

/// The halves of a fork, left first.
pub(super) type Pair = [Node; 2];

/// Where a pair stands in its arena.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PairIndex(u32);

/// What a node stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The leaves are in the store, unless there are none.
    Bucket { leaves: usize },
    /// The halves are in the arena.
    Fork { halves: PairIndex },
}

impl Node {
    pub(super) const EMPTY: Self = Self { hash: Hash([0; 32]), link: 0 };

    pub(super) fn bucket(hash: Hash, leaves: usize) -> Self {
        assert!((1..=STATE_BUCKET_LEAVES_MAX).contains(&leaves), "a bucket of {leaves} leaves");
        Self { hash, link: u32::try_from(leaves).expect("a bucket's leaves are few") }
    }

    pub(super) fn fork(index: PairIndex, [left, right]: &Pair) -> Self {
        Self { hash: fork_hash(&left.hash, &right.hash), link: FORK_LINKS + index.0 }
    }

    pub(super) fn kind(&self) -> Kind {
        match self.link.checked_sub(FORK_LINKS) {
            Some(halves) => Kind::Fork { halves: PairIndex(halves) },
            None => Kind::Bucket { leaves: self.link as usize },
        }
    }

    /// How many leaves the bucket has, if it is one.
    pub(super) fn leaves(&self) -> Option<usize> {
        match self.kind() {
            Kind::Bucket { leaves } => Some(leaves),
            Kind::Fork { .. } => None,
        }
    }
}

/// The pairs of a tree's forks.
#[derive(Debug, Default)]
pub(super) struct Arena {
    chunks: Vec<Vec<Pair>>,
    /// Pairs that no fork has.
    free: Vec<PairIndex>,
}

/// What turns an arena into the next one; until then the arena is as it was.
#[derive(Debug, Default)]
pub(super) struct Edits {
    /// Pairs with their new content.
    set: Vec<(PairIndex, Pair)>,
    /// Pairs that no fork has any longer. They are taken again by later edits only.
    freed: Vec<PairIndex>,
    /// How many of `set` had no fork before: the last free ones, then such behind the end.
    taken: usize,
}

impl Arena {
    pub(super) fn pair(&self, index: PairIndex) -> &Pair {
        let (chunk, place) = split(index);
        &self.chunks[chunk][place]
    }

    /// Adds a pair while the tree is assembled.
    pub(super) fn push(&mut self, pair: Pair) -> PairIndex {
        let index = PairIndex(u32::try_from(self.len()).expect("2^32 pairs do not fit memory"));
        match self.chunks.last_mut() {
            Some(chunk) if chunk.len() < CHUNK_PAIRS => chunk.push(pair),
            _ => {
                let mut chunk = Vec::with_capacity(CHUNK_PAIRS);
                chunk.push(pair);
                self.chunks.push(chunk);
            }
        }
        index
    }

    pub(super) fn apply(&mut self, edits: Edits) {
        let Edits { set, freed, taken } = edits;
        let reused = taken.min(self.free.len());
        self.free.truncate(self.free.len() - reused);
        for _ in reused..taken {
            self.push([Node::EMPTY; 2]);
        }
        for (index, pair) in set {
            let (chunk, place) = split(index);
            self.chunks[chunk][place] = pair;
        }
        self.free.extend(freed);
    }

    fn len(&self) -> usize {
        let full = self.chunks.len().saturating_sub(1) * CHUNK_PAIRS;
        full + self.chunks.last().map_or(0, Vec::len)
    }

    pub(super) fn memory_bytes(&self) -> u64 {
        (self.chunks.len() * CHUNK_PAIRS * size_of::<Pair>()) as u64
    }

    #[cfg(test)]
    pub(super) fn used(&self) -> usize {
        self.len() - self.free.len()
    }
}

fn split(PairIndex(index): PairIndex) -> (usize, usize) {
    (index as usize / CHUNK_PAIRS, index as usize % CHUNK_PAIRS)
}

impl Edits {
    /// None yet, with room for so many.
    pub(super) fn with_capacity(pairs: usize) -> Self {
        Self { set: Vec::with_capacity(pairs), ..Self::default() }
    }

    /// A pair that no fork of `arena` has.
    pub(super) fn take(&mut self, arena: &Arena) -> PairIndex {
        let taken = self.taken;
        self.taken += 1;
        match arena.free.iter().rev().nth(taken) {
            Some(index) => *index,
            None => {
                let index = arena.len() + taken - arena.free.len();
                PairIndex(u32::try_from(index).expect("2^32 pairs do not fit memory"))
            }
        }
    }

    pub(super) fn set(&mut self, index: PairIndex, pair: Pair) {
        self.set.push((index, pair));
    }

    pub(super) fn free(&mut self, index: PairIndex) {
        self.freed.push(index);
    }
}
