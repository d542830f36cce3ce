//! The authenticated state: the trie of [`kanhe_types::state_proof`], kept in buckets.
//!
//! A bucket holds the leaves below one path, at most [`BUCKET_LEAVES_MAX`] of them, and stands
//! on disk as one value. One that grows beyond is split in two, so that a block's cost follows the
//! number of keys it changes, however large the state is. The nodes above the buckets stand in
//! memory: about 150 bytes for each bucket, so 70 MB for ten million keys. The root does not
//! depend on where the buckets are cut.
//!
//! Known limits: opening reads every bucket once (some seconds for ten million keys), and a bucket
//! that removals have emptied is not joined with its neighbour before the next opening.

use crate::ledger::LedgerError;
use crate::schema::corrupt;
use crate::store::{Column, Direction, Store, WriteBatch, just_after};
use kanhe_types::hash::Hash;
use kanhe_types::state_proof::{StateProof, Terminal, inner_hash, leaf_hash};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Leaves of one bucket. Smaller buckets cost memory, larger ones bytes written for each change.
pub const BUCKET_LEAVES_MAX: usize = 32;
/// Buckets that are read in one go while opening.
const REBUILD_PAGE: usize = 4_096;
const LEAF_BYTES: usize = 64;
/// The deepest bucket. Leaves that share more bits cannot be found with any amount of work.
const DEPTH_MAX: usize = 255;

/// Where a leaf stands, and what its value is committed as.
pub type Leaf = (Hash, Hash);
/// A leaf's new commitment, or none to remove it.
pub type LeafChange = (Hash, Option<Hash>);

/// The tree at one height: its upper nodes, with the buckets in a store.
///
/// A tree never changes; [`Tree::update`] gives the next one, which shares what is untouched.
#[derive(Clone, Debug)]
pub struct Tree {
    top: Arc<Node>,
    bucket_leaves_max: usize,
}

#[derive(Debug)]
enum Node {
    /// Its leaves are in the store, unless it has none.
    Bucket(Summary),
    /// Its two halves, left first.
    Fork(Summary, [Arc<Node>; 2]),
}

/// What a subtree's parent needs to know of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Summary {
    hash: Hash,
    leaves: Population,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Population {
    None,
    One,
    Many,
}

/// The bits from the root to a subtree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Path {
    /// The bits, the unused ones zero.
    bits: Hash,
    depth: usize,
}

impl Summary {
    const EMPTY: Self = Self { hash: Hash([0; 32]), leaves: Population::None };

    /// A subtree with one leaf is that leaf, so that the root does not depend on its depth.
    fn join(left: Self, right: Self) -> Self {
        match (left.leaves, right.leaves) {
            (Population::None, Population::None | Population::One) => right,
            (Population::One, Population::None) => left,
            _ => Self { hash: inner_hash(&left.hash, &right.hash), leaves: Population::Many },
        }
    }

    /// The summary of the leaves below a path of `depth` bits.
    fn of(leaves: &[Leaf], depth: usize) -> Self {
        match leaves {
            [] => Self::EMPTY,
            [(place, value)] => Self { hash: leaf_hash(place, value), leaves: Population::One },
            many => {
                let (left, right) = split_leaves(many, depth);
                Self::join(Self::of(left, depth + 1), Self::of(right, depth + 1))
            }
        }
    }
}

fn split_leaves(leaves: &[Leaf], depth: usize) -> (&[Leaf], &[Leaf]) {
    leaves.split_at(leaves.partition_point(|(place, _)| !place.bit(depth)))
}

impl Node {
    fn summary(&self) -> Summary {
        let (Self::Bucket(summary) | Self::Fork(summary, _)) = self;
        *summary
    }

    fn fork(left: Arc<Self>, right: Arc<Self>) -> Arc<Self> {
        let summary = Summary::join(left.summary(), right.summary());
        Arc::new(Self::Fork(summary, [left, right]))
    }
}

impl Path {
    const ROOT: Self = Self { bits: Hash([0; 32]), depth: 0 };

    fn child(self, right: bool) -> Self {
        let mut bits = self.bits;
        if right {
            bits.0[self.depth / 8] |= 0x80 >> (self.depth % 8);
        }
        Self { bits, depth: self.depth + 1 }
    }

    /// The bucket's key: the depth in one byte, then as many bytes as the bits need.
    fn key(self) -> Vec<u8> {
        let depth = u8::try_from(self.depth).expect("no bucket is deeper than DEPTH_MAX");
        let mut key = vec![depth];
        key.extend_from_slice(&self.bits.0[..self.depth.div_ceil(8)]);
        key
    }

    fn of_key(key: &[u8]) -> Result<Self, LedgerError> {
        let error = || corrupt(Column::Tree, key, "the key is not the path of a bucket");
        let (depth, bits) = key.split_first().ok_or_else(error)?;
        let depth = usize::from(*depth);
        if bits.len() != depth.div_ceil(8) {
            return Err(error());
        }
        let mut path = Self { bits: Hash::default(), depth };
        path.bits.0[..bits.len()].copy_from_slice(bits);
        if (depth..bits.len() * 8).any(|bit| path.bits.bit(bit)) {
            return Err(error());
        }
        Ok(path)
    }

    fn covers(&self, place: &Hash) -> bool {
        (0..self.depth).all(|bit| self.bits.bit(bit) == place.bit(bit))
    }
}

/// What a bucket's value holds.
fn decode_bucket(path: &Path, bytes: &[u8]) -> Result<Vec<Leaf>, LedgerError> {
    let error = |reason: &str| corrupt(Column::Tree, &path.key(), reason);
    if bytes.is_empty() || !bytes.len().is_multiple_of(LEAF_BYTES) {
        return Err(error("a bucket holds whole leaves, at least one"));
    }
    let hash = |bytes: &[u8]| Hash(bytes.try_into().expect("half a leaf has 32 bytes"));
    let leaves: Vec<Leaf> =
        bytes.chunks_exact(LEAF_BYTES).map(|leaf| (hash(&leaf[..32]), hash(&leaf[32..]))).collect();
    if !leaves.is_sorted_by(|one, two| one.0 < two.0) {
        return Err(error("the leaves of a bucket ascend"));
    }
    match leaves.iter().all(|(place, _)| path.covers(place)) {
        true => Ok(leaves),
        false => Err(error("a leaf stands in another leaf's bucket")),
    }
}

fn encode_bucket(leaves: &[Leaf]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(leaves.len() * LEAF_BYTES);
    for (place, value) in leaves {
        bytes.extend_from_slice(&place.0);
        bytes.extend_from_slice(&value.0);
    }
    bytes
}

fn load_bucket<S: Store>(store: &S, path: &Path, node: &Node) -> Result<Vec<Leaf>, LedgerError> {
    if node.summary().leaves == Population::None {
        return Ok(Vec::new());
    }
    let key = path.key();
    let bytes = store.get(Column::Tree, &key)?;
    let bytes = bytes.ok_or_else(|| corrupt(Column::Tree, &key, "the bucket is missing"))?;
    decode_bucket(path, &bytes)
}

impl Tree {
    /// The empty tree.
    pub fn empty(bucket_leaves_max: usize) -> Self {
        Self { top: Arc::new(Node::Bucket(Summary::EMPTY)), bucket_leaves_max }
    }

    /// The tree whose buckets are in `store`.
    ///
    /// # Errors
    /// When the machine cannot read, or the buckets do not form a tree.
    pub fn open<S: Store>(store: &S, bucket_leaves_max: usize) -> Result<Self, LedgerError> {
        let mut buckets: Vec<(Path, Summary)> = Vec::new();
        let mut from = Vec::new();
        loop {
            let page = store.scan(Column::Tree, &from, Direction::Forward, REBUILD_PAGE)?;
            for (key, value) in &page {
                let path = Path::of_key(key)?;
                buckets.push((path, Summary::of(&decode_bucket(&path, value)?, path.depth)));
            }
            match page.last() {
                Some((key, _)) if page.len() == REBUILD_PAGE => from = just_after(key),
                _ => break,
            }
        }
        buckets.sort_by_key(|(path, _)| *path);
        Ok(Self { top: assemble(&buckets, 0)?, bucket_leaves_max })
    }

    /// The state root.
    pub fn root(&self) -> Hash {
        self.top.summary().hash
    }

    /// The tree after `changes`, which ascend without repeats. The buckets that change are added
    /// to `batch`; the new tree holds once the batch is written.
    ///
    /// # Errors
    /// When the machine cannot read, or a bucket is not what this program wrote.
    pub fn update<S: Store>(
        &self,
        store: &S,
        changes: &[LeafChange],
        batch: &mut WriteBatch,
    ) -> Result<Self, LedgerError> {
        assert!(changes.is_sorted_by(|one, two| one.0 < two.0), "changes ascend without repeats");
        let mut touched = BTreeMap::new();
        find_touched(&self.top, Path::ROOT, changes, &mut touched);
        let keys: Vec<Vec<u8>> = touched.keys().cloned().collect();
        let values = store.multi_get(Column::Tree, &keys)?;
        let mut buckets = BTreeMap::new();
        for ((key, path), value) in touched.into_iter().zip(values) {
            let value =
                value.ok_or_else(|| corrupt(Column::Tree, &key, "the bucket is missing"))?;
            buckets.insert(path, decode_bucket(&path, &value)?);
        }
        let mut update = Update { bucket_leaves_max: self.bucket_leaves_max, buckets, batch };
        let top = update.apply(&self.top, Path::ROOT, changes);
        Ok(Self { top, bucket_leaves_max: self.bucket_leaves_max })
    }

    /// Shows what the tree holds at `place`. The store must hold this tree's buckets.
    ///
    /// # Errors
    /// When the machine cannot read, or a bucket is not what this program wrote.
    pub fn prove<S: Store>(&self, store: &S, place: &Hash) -> Result<StateProof, LedgerError> {
        let (mut node, mut path, mut siblings) = (&self.top, Path::ROOT, Vec::new());
        while let Node::Fork(summary, halves) = &**node {
            let is_right = match summary.leaves {
                Population::Many => place.bit(path.depth),
                // Below a lone leaf there are no siblings: the path follows the leaf.
                Population::One => halves[1].summary().leaves == Population::One,
                Population::None => false,
            };
            let (own, other) = (usize::from(is_right), usize::from(!is_right));
            if summary.leaves == Population::Many {
                siblings.push(halves[other].summary().hash);
            }
            node = &halves[own];
            path = path.child(is_right);
        }
        let leaves = load_bucket(store, &path, node)?;
        let mut rest = leaves.as_slice();
        while 1 < rest.len() {
            let depth = siblings.len();
            let (left, right) = split_leaves(rest, depth);
            let (own, other) = if place.bit(depth) { (right, left) } else { (left, right) };
            siblings.push(Summary::of(other, depth + 1).hash);
            rest = own;
        }
        let terminal = match rest.first() {
            None => Terminal::Empty,
            Some((key_hash, value_hash)) => {
                Terminal::Leaf { key_hash: *key_hash, value_hash: *value_hash }
            }
        };
        Ok(StateProof { siblings, terminal })
    }
}

/// The nodes above buckets that are sorted by path.
fn assemble(buckets: &[(Path, Summary)], depth: usize) -> Result<Arc<Node>, LedgerError> {
    match buckets {
        [] => Ok(Arc::new(Node::Bucket(Summary::EMPTY))),
        [(path, summary)] if path.depth == depth => Ok(Arc::new(Node::Bucket(*summary))),
        [(path, _), ..] if path.depth <= depth => {
            Err(corrupt(Column::Tree, &path.key(), "the bucket overlaps another"))
        }
        many => {
            let middle = many.partition_point(|(path, _)| !path.bits.bit(depth));
            let (left, right) = many.split_at(middle);
            Ok(Node::fork(assemble(left, depth + 1)?, assemble(right, depth + 1)?))
        }
    }
}

/// Collects the stored buckets that `changes` touch, by key.
fn find_touched(
    node: &Node,
    path: Path,
    changes: &[LeafChange],
    touched: &mut BTreeMap<Vec<u8>, Path>,
) {
    match node {
        _ if changes.is_empty() => {}
        Node::Bucket(summary) if summary.leaves == Population::None => {}
        Node::Bucket(_) => {
            touched.insert(path.key(), path);
        }
        Node::Fork(_, [left, right]) => {
            let middle = changes.partition_point(|(place, _)| !place.bit(path.depth));
            let (low, high) = changes.split_at(middle);
            find_touched(left, path.child(false), low, touched);
            find_touched(right, path.child(true), high, touched);
        }
    }
}

struct Update<'a> {
    bucket_leaves_max: usize,
    /// The stored buckets that change, as they were.
    buckets: BTreeMap<Path, Vec<Leaf>>,
    batch: &'a mut WriteBatch,
}

impl Update<'_> {
    fn apply(&mut self, node: &Arc<Node>, path: Path, changes: &[LeafChange]) -> Arc<Node> {
        if changes.is_empty() {
            return Arc::clone(node);
        }
        match &**node {
            Node::Fork(_, [left, right]) => {
                let middle = changes.partition_point(|(place, _)| !place.bit(path.depth));
                let (low, high) = changes.split_at(middle);
                let left = self.apply(left, path.child(false), low);
                let right = self.apply(right, path.child(true), high);
                Node::fork(left, right)
            }
            Node::Bucket(_) => {
                let before = self.buckets.remove(&path).unwrap_or_default();
                let leaves = merge(&before, changes);
                let splits = self.splits(&leaves, path);
                if !before.is_empty() && (splits || leaves.is_empty()) {
                    self.batch.remove(Column::Tree, path.key());
                }
                self.build(&leaves, path)
            }
        }
    }

    fn splits(&self, leaves: &[Leaf], path: Path) -> bool {
        self.bucket_leaves_max < leaves.len() && path.depth < DEPTH_MAX
    }

    /// The subtree of `leaves`, in as many buckets as it takes.
    fn build(&mut self, leaves: &[Leaf], path: Path) -> Arc<Node> {
        if self.splits(leaves, path) {
            let (left, right) = split_leaves(leaves, path.depth);
            let left = self.build(left, path.child(false));
            let right = self.build(right, path.child(true));
            return Node::fork(left, right);
        }
        if !leaves.is_empty() {
            self.batch.put(Column::Tree, path.key(), encode_bucket(leaves));
        }
        Arc::new(Node::Bucket(Summary::of(leaves, path.depth)))
    }
}

/// `leaves` after `changes`; both ascend.
fn merge(leaves: &[Leaf], changes: &[LeafChange]) -> Vec<Leaf> {
    let mut merged = Vec::with_capacity(leaves.len() + changes.len());
    let mut rest = leaves.iter().peekable();
    for (place, value) in changes {
        while let Some(leaf) = rest.next_if(|leaf| leaf.0 < *place) {
            merged.push(*leaf);
        }
        // The leaf that is overwritten or removed.
        let _replaced = rest.next_if(|leaf| leaf.0 == *place);
        merged.extend(value.map(|value| (*place, value)));
    }
    merged.extend(rest);
    merged
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Durability, MemoryStore};
    use kanhe_types::merkle::Salt;
    use kanhe_types::state_proof::{key_hash, root_of, value_hash};
    use proptest::prelude::*;

    const GENESIS: Hash = Hash([9; 32]);

    /// Sets (`Some`) or removes (`None`) small keys, block by block.
    type Blocks = Vec<BTreeMap<u8, Option<u8>>>;

    struct Model {
        store: MemoryStore,
        tree: Tree,
        content: BTreeMap<Hash, Hash>,
    }

    impl Model {
        fn new(bucket_leaves_max: usize) -> Self {
            let tree = Tree::empty(bucket_leaves_max);
            Self { store: MemoryStore::default(), tree, content: BTreeMap::new() }
        }

        fn apply(&mut self, block: &BTreeMap<u8, Option<u8>>) {
            let changes: BTreeMap<Hash, Option<Hash>> =
                block.iter().map(|(key, value)| (place(*key), value.map(committed))).collect();
            for (place, value) in &changes {
                match value {
                    Some(value) => self.content.insert(*place, *value),
                    None => self.content.remove(place),
                };
            }
            let changes: Vec<LeafChange> = changes.into_iter().collect();
            let mut batch = WriteBatch::default();
            self.tree = self.tree.update(&self.store, &changes, &mut batch).unwrap();
            self.store.write(batch, Durability::Synced).unwrap();
        }

        fn expected_root(&self) -> Hash {
            root_of(&self.content.iter().map(|(k, v)| (*k, *v)).collect::<Vec<_>>())
        }
    }

    fn place(key: u8) -> Hash {
        key_hash(&GENESIS, &[key])
    }

    fn committed(value: u8) -> Hash {
        value_hash(&Salt([value; 16]), &[value])
    }

    fn blocks() -> impl Strategy<Value = Blocks> {
        let block = proptest::collection::btree_map(any::<u8>(), any::<Option<u8>>(), 0..60);
        proptest::collection::vec(block, 1..8)
    }

    proptest! {
        #[test]
        fn the_incremental_root_is_the_root_from_scratch(blocks in blocks(), max in 1usize..40) {
            let mut model = Model::new(max);
            for block in &blocks {
                model.apply(block);
                prop_assert_eq!(model.tree.root(), model.expected_root());
                // Opened with another bucket size, so that cut points differ from now on.
                model.tree = Tree::open(&model.store, max * 2 % 41 + 1).unwrap();
                prop_assert_eq!(model.tree.root(), model.expected_root());
            }
        }

        #[test]
        fn every_key_is_proved_present_or_absent(blocks in blocks(), max in 1usize..40) {
            let mut model = Model::new(max);
            blocks.iter().for_each(|block| model.apply(block));
            let root = model.tree.root();
            for key in 0..=u8::MAX {
                let proof = model.tree.prove(&model.store, &place(key)).unwrap();
                match model.content.get(&place(key)) {
                    None => prop_assert_eq!(proof.verify_absent(&GENESIS, &root, &[key]), Ok(())),
                    Some(value) => {
                        let value = (0..=u8::MAX).find(|v| committed(*v) == *value).unwrap();
                        let salt = Salt([value; 16]);
                        let verdict =
                            proof.verify_present(&GENESIS, &root, &[key], &salt, &[value]);
                        prop_assert_eq!(verdict, Ok(()));
                        prop_assert!(proof.verify_absent(&GENESIS, &root, &[key]).is_err());
                    }
                }
            }
        }
    }

    #[test]
    fn a_bucket_splits_beyond_its_bound_and_not_at_it() {
        let mut model = Model::new(4);
        let buckets = |model: &Model| {
            model.store.scan(Column::Tree, &[], Direction::Forward, 99).unwrap().len()
        };
        model.apply(&(0..4).map(|key| (key, Some(1))).collect());
        assert_eq!(buckets(&model), 1);
        model.apply(&BTreeMap::from([(4, Some(1))]));
        assert!(1 < buckets(&model));
        model.apply(&(0..5).map(|key| (key, None)).collect());
        assert_eq!((buckets(&model), model.tree.root()), (0, Hash::default()));
    }

    #[test]
    fn a_failed_write_leaves_the_tree_as_it_was() {
        let mut model = Model::new(4);
        model.apply(&(0..50).map(|key| (key, Some(1))).collect());
        let before = model.tree.root();
        let changes = [(place(1), None)];
        model.tree.update(&model.store, &changes, &mut WriteBatch::default()).unwrap();
        assert_eq!(model.tree.root(), before);
        assert!(model.tree.prove(&model.store, &place(1)).is_ok());
    }

    #[test]
    fn buckets_that_form_no_tree_are_refused() {
        let mut model = Model::new(4);
        model.apply(&(0..50).map(|key| (key, Some(1))).collect());
        let (key, value) =
            model.store.scan(Column::Tree, &[], Direction::Forward, 1).unwrap().remove(0);
        let refused = |key: Vec<u8>, value: Vec<u8>| {
            let store = MemoryStore::default();
            let pairs = model.store.scan(Column::Tree, &[], Direction::Forward, 99).unwrap();
            let mut batch = WriteBatch::default();
            pairs.into_iter().for_each(|(key, value)| batch.put(Column::Tree, key, value));
            batch.put(Column::Tree, key, value);
            store.write(batch, Durability::Synced).unwrap();
            assert!(Tree::open(&store, 4).is_err());
        };
        refused(vec![0], value.clone());
        refused(vec![9, 1], value.clone());
        refused(vec![4, 0xff], value.clone());
        refused(key.clone(), value[1..].to_vec());
        refused(key.clone(), Vec::new());
        refused(key, [value.clone(), value].concat());
    }
}
