//! Computes the next tree from a height's changes, without touching the one that stands.

use super::arena::{Edits, Kind, Node, PairIndex};
use super::{Leaf, LeafChange, Tree, bucket};
use crate::ledger::LedgerError;
use crate::schema::corrupt;
use crate::store::{Column, Store, WriteBatch};
use kanhe_types::hash::Hash;
use kanhe_types::limits::STATE_BUCKET_LEAVES_MAX;

/// Forks that a change edits, of which the upper ones are shared with others.
const PAIRS_PER_CHANGE: usize = 6;

/// The next tree: what [`Tree::apply`] takes once the buckets are written.
#[derive(Debug)]
#[must_use]
pub struct Update {
    pub(super) before: Node,
    pub(super) root: Node,
    pub(super) edits: Edits,
}

impl Update {
    /// The next state root.
    pub fn root(&self) -> Hash {
        self.root.hash
    }
}

/// A subtree after the changes.
enum Subtree {
    /// No change touches it.
    Kept(Node),
    /// All its leaves, any number. They are not written yet: its parent may be a bucket.
    Leaves {
        leaves: Vec<Leaf>,
        /// Under which a bucket on its path is stored, if one is.
        key: Option<Vec<u8>>,
    },
    /// Written, with more leaves than a bucket holds.
    Fork(Node),
}

impl Subtree {
    /// How many leaves, unless there are more than a bucket holds for sure.
    fn leaves(&self) -> Option<usize> {
        match self {
            Self::Kept(node) => node.leaves(),
            Self::Leaves { leaves, .. } => Some(leaves.len()),
            Self::Fork(_) => None,
        }
    }
}

pub(super) fn update<S: Store>(
    tree: &Tree,
    store: &S,
    changes: &[LeafChange],
    batch: &mut WriteBatch,
) -> Result<Update, LedgerError> {
    let mut keys = Vec::with_capacity(changes.len());
    find_touched(tree, tree.root, 0, changes, &mut keys);
    let values = store.multi_get(Column::Tree, &keys)?;
    let touched = keys.into_iter().zip(values);
    let edits = Edits::with_capacity(changes.len().saturating_mul(PAIRS_PER_CHANGE));
    let mut walk = Walk { tree, store, batch, touched, edits, spare: Vec::new() };
    let before = tree.root;
    let root = match changes.first() {
        None => before,
        Some((place, _)) => {
            let subtree = walk.subtree(before, 0, changes)?;
            walk.settle(subtree, place, 0)
        }
    };
    Ok(Update { before, root, edits: walk.edits })
}

/// Collects the keys of the stored buckets that `changes` touch, ascending.
fn find_touched(
    tree: &Tree,
    node: Node,
    depth: usize,
    changes: &[LeafChange],
    keys: &mut Vec<Vec<u8>>,
) {
    let Some((place, _)) = changes.first() else {
        return;
    };
    match node.kind() {
        Kind::Bucket { leaves: 0 } => {}
        Kind::Bucket { .. } => keys.push(bucket::key(place, depth)),
        Kind::Fork { halves } => {
            let pair = tree.arena.pair(halves);
            for (half, changes) in pair.iter().zip(bucket::halves(changes, depth)) {
                find_touched(tree, *half, depth + 1, changes, keys);
            }
        }
    }
}

struct Walk<'a, S, T> {
    tree: &'a Tree,
    store: &'a S,
    batch: &'a mut WriteBatch,
    /// What [`find_touched`] has found, in its order.
    touched: T,
    edits: Edits,
    /// Lists that are used again: there is one for each bucket.
    spare: Vec<Vec<Leaf>>,
}

impl<S: Store, T: Iterator<Item = (Vec<u8>, Option<Vec<u8>>)>> Walk<'_, S, T> {
    fn subtree(
        &mut self,
        node: Node,
        depth: usize,
        changes: &[LeafChange],
    ) -> Result<Subtree, LedgerError> {
        let Some((place, _)) = changes.first() else {
            return Ok(Subtree::Kept(node));
        };
        let halves = match node.kind() {
            Kind::Fork { halves } => halves,
            Kind::Bucket { .. } => return self.bucket(node, place, depth, changes),
        };
        let [left, right] = *self.tree.arena.pair(halves);
        let [low, high] = bucket::halves(changes, depth);
        let left = self.subtree(left, depth + 1, low)?;
        let right = self.subtree(right, depth + 1, high)?;
        match (left.leaves(), right.leaves()) {
            (Some(low), Some(high)) if low + high <= STATE_BUCKET_LEAVES_MAX => {
                self.join(halves, [left, right], place, depth)
            }
            _ => {
                let left = self.settle(left, &bucket::side(place, depth, 0), depth + 1);
                let right = self.settle(right, &bucket::side(place, depth, 1), depth + 1);
                let pair = [left, right];
                self.edits.set(halves, pair);
                Ok(Subtree::Fork(Node::fork(halves, &pair)))
            }
        }
    }

    fn bucket(
        &mut self,
        node: Node,
        place: &Hash,
        depth: usize,
        changes: &[LeafChange],
    ) -> Result<Subtree, LedgerError> {
        let mut leaves = self.spare.pop().unwrap_or_default();
        if node.leaves() == Some(0) {
            bucket::merge(&[], changes, &mut leaves);
            return Ok(Subtree::Leaves { leaves, key: None });
        }
        let (key, value) = self.touched.next().expect("every touched bucket was read");
        let value = value.ok_or_else(|| corrupt(Column::Tree, &key, "the bucket is missing"))?;
        bucket::check(place, depth, &value)?;
        bucket::merge(&value, changes, &mut leaves);
        Ok(Subtree::Leaves { leaves, key: Some(key) })
    }

    /// The bucket that a fork becomes when it has lost enough leaves.
    fn join(
        &mut self,
        index: PairIndex,
        halves: [Subtree; 2],
        place: &Hash,
        depth: usize,
    ) -> Result<Subtree, LedgerError> {
        let mut joined = Vec::with_capacity(STATE_BUCKET_LEAVES_MAX);
        for (side, half) in halves.into_iter().enumerate() {
            let key = match half {
                Subtree::Leaves { leaves, key } => {
                    joined.extend(leaves);
                    key
                }
                Subtree::Kept(node) | Subtree::Fork(node) => {
                    let place = bucket::side(place, depth, side);
                    let value = self.tree.bucket(self.store, &node, &place, depth + 1)?;
                    joined.extend(bucket::leaves(&value));
                    (!value.is_empty()).then(|| bucket::key(&place, depth + 1))
                }
            };
            if let Some(key) = key {
                self.batch.remove(Column::Tree, key);
            }
        }
        self.edits.free(index);
        Ok(Subtree::Leaves { leaves: joined, key: None })
    }

    /// Writes what is not written yet of the subtree on the path to `place`.
    fn settle(&mut self, subtree: Subtree, place: &Hash, depth: usize) -> Node {
        let (mut leaves, key) = match subtree {
            Subtree::Kept(node) | Subtree::Fork(node) => return node,
            Subtree::Leaves { leaves, key } => (leaves, key),
        };
        let node = if (1..=STATE_BUCKET_LEAVES_MAX).contains(&leaves.len()) {
            let key = key.unwrap_or_else(|| bucket::key(place, depth));
            self.write(key, &leaves)
        } else {
            if let Some(key) = key {
                self.batch.remove(Column::Tree, key);
            }
            self.build(&leaves, depth)
        };
        leaves.clear();
        self.spare.push(leaves);
        node
    }

    /// Writes leaves that share `depth` bits into as many buckets as it takes.
    fn build(&mut self, leaves: &[Leaf], depth: usize) -> Node {
        let Some((place, _)) = leaves.first() else {
            return Node::EMPTY;
        };
        if leaves.len() <= STATE_BUCKET_LEAVES_MAX {
            return self.write(bucket::key(place, depth), leaves);
        }
        let pair = bucket::halves(leaves, depth).map(|half| self.build(half, depth + 1));
        let index = self.edits.take(&self.tree.arena);
        self.edits.set(index, pair);
        Node::fork(index, &pair)
    }

    fn write(&mut self, key: Vec<u8>, leaves: &[Leaf]) -> Node {
        let value = bucket::encode(leaves);
        let hash = bucket::hash_of(&value);
        self.batch.put(Column::Tree, key, value);
        Node::bucket(hash, leaves.len())
    }
}
