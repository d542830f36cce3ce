//! The authenticated state: the trie of [`kanhe_types::state_proof`], kept in buckets.
//!
//! Each of the trie's buckets stands on disk as one value, so that a block costs what the buckets
//! of its keys cost, however large the state is. The nodes above them stand in memory: 72 bytes
//! for each bucket, which is less than 8 for each key. Which buckets there are follows from the
//! content alone, as the root does.
//!
//! A tree never changes before its buckets are written: [`Tree::update`] computes the next
//! one, and [`Tree::apply`] makes it the current one.
//!
//! Known limit: opening reads every bucket once, a quarter of a second for a million keys.

mod arena;
mod bucket;
mod update;

pub use update::Update;

use crate::ledger::LedgerError;
use crate::schema::corrupt;
use crate::store::{Column, Direction, Pair, Store, WriteBatch, just_after};
use arena::{Arena, Kind, Node};
use kanhe_types::hash::Hash;
use kanhe_types::limits::STATE_BUCKET_LEAVES_MAX;
use kanhe_types::state_proof::{StateProof, Terminal, shared_bits};

/// Buckets that are read in one go while opening.
const OPEN_PAGE: usize = 4_096;

/// Where a leaf stands, and what its value is committed as.
pub type Leaf = (Hash, Hash);
/// A leaf's new commitment, or none to remove it.
pub type LeafChange = (Hash, Option<Hash>);

/// The tree at one height: its upper nodes, with the buckets in a store.
#[derive(Debug)]
pub struct Tree {
    root: Node,
    arena: Arena,
}

impl Default for Tree {
    /// The empty tree.
    fn default() -> Self {
        Self { root: Node::EMPTY, arena: Arena::default() }
    }
}

impl Tree {
    /// The tree whose buckets are in `store`.
    ///
    /// # Errors
    /// When the machine cannot read, or the buckets do not form a tree.
    pub fn open<S: Store>(store: &S) -> Result<Self, LedgerError> {
        let mut opening = Opening {
            store,
            from: Vec::new(),
            page: Vec::new().into_iter(),
            next: None,
            arena: Arena::default(),
        };
        opening.advance()?;
        let root = opening.subtree(&Hash::default(), 0)?;
        match opening.next {
            None => Ok(Self { root, arena: opening.arena }),
            Some(next) => Err(next.error("the bucket overlaps another")),
        }
    }

    /// The state root.
    pub fn root(&self) -> Hash {
        self.root.hash
    }

    /// Bytes of the nodes in memory.
    pub fn memory_bytes(&self) -> u64 {
        self.arena.memory_bytes()
    }

    /// The tree after `changes`, which ascend without repeats. The buckets that change are added
    /// to `batch`; once it is written, [`Self::apply`] must follow before anything reads.
    ///
    /// # Errors
    /// When the machine cannot read, or a bucket is not what this program wrote.
    pub fn update<S: Store>(
        &self,
        store: &S,
        changes: &[LeafChange],
        batch: &mut WriteBatch,
    ) -> Result<Update, LedgerError> {
        assert!(changes.is_sorted_by(|one, two| one.0 < two.0), "changes ascend without repeats");
        update::update(self, store, changes, batch)
    }

    /// Makes the tree that [`Self::update`] computed the current one.
    ///
    /// # Panics
    /// If it was computed from another tree than this one.
    pub fn apply(&mut self, update: Update) {
        assert_eq!(self.root, update.before, "an update fits the tree that it was computed from");
        self.arena.apply(update.edits);
        self.root = update.root;
    }

    /// Shows what the tree holds at `place`. The store must hold this tree's buckets.
    ///
    /// # Errors
    /// When the machine cannot read, or a bucket is not what this program wrote.
    pub fn prove<S: Store>(&self, store: &S, place: &Hash) -> Result<StateProof, LedgerError> {
        let (mut node, mut siblings) = (self.root, Vec::new());
        while let Kind::Fork { halves } = node.kind() {
            let [left, right] = *self.arena.pair(halves);
            let (own, other) =
                if place.bit(siblings.len()) { (right, left) } else { (left, right) };
            siblings.push(other.hash);
            node = own;
        }
        let value = self.bucket(store, &node, place, siblings.len())?;
        let leaves: Vec<Leaf> = bucket::leaves(&value).collect();
        Ok(StateProof { siblings, terminal: Terminal::new(&leaves, place) })
    }

    /// The value of the bucket that `node` is, `depth` bits down the path to `place`; nothing for
    /// one without leaves.
    fn bucket<S: Store>(
        &self,
        store: &S,
        node: &Node,
        place: &Hash,
        depth: usize,
    ) -> Result<Vec<u8>, LedgerError> {
        if node.leaves() == Some(0) {
            return Ok(Vec::new());
        }
        let key = bucket::key(place, depth);
        let value = store.get(Column::Tree, &key)?;
        let value = value.ok_or_else(|| corrupt(Column::Tree, &key, "the bucket is missing"))?;
        bucket::check(place, depth, &value)?;
        Ok(value)
    }
}

/// A tree that is made from its buckets, in the order of their paths.
struct Opening<'a, S> {
    store: &'a S,
    /// Where the page after the current one starts.
    from: Vec<u8>,
    page: std::vec::IntoIter<Pair>,
    next: Option<Found>,
    arena: Arena,
}

/// A stored bucket.
struct Found {
    bits: Hash,
    depth: usize,
    node: Node,
}

impl Found {
    fn error(&self, reason: &str) -> LedgerError {
        corrupt(Column::Tree, &bucket::key(&self.bits, self.depth), reason)
    }
}

impl<S: Store> Opening<'_, S> {
    fn advance(&mut self) -> Result<(), LedgerError> {
        let mut pair = self.page.next();
        if pair.is_none() {
            let page = self.store.scan(Column::Tree, &self.from, Direction::Forward, OPEN_PAGE)?;
            if let Some((key, _)) = page.last() {
                self.from = just_after(key);
            }
            self.page = page.into_iter();
            pair = self.page.next();
        }
        self.next = match pair {
            None => None,
            Some((key, value)) => {
                let (bits, depth) = bucket::path_of(&key)?;
                bucket::check(&bits, depth, &value)?;
                let leaves = bucket::leaves(&value).count();
                let node = Node::bucket(bucket::hash_of(&value), leaves);
                Some(Found { bits, depth, node })
            }
        };
        Ok(())
    }

    /// The subtree `depth` bits down the path to `place`.
    fn subtree(&mut self, place: &Hash, depth: usize) -> Result<Node, LedgerError> {
        let next = match &self.next {
            Some(next) if depth <= shared_bits(&next.bits, place) => next,
            _ => return Ok(Node::EMPTY),
        };
        if next.depth < depth {
            return Err(next.error("the bucket overlaps another"));
        }
        if next.depth == depth {
            let node = next.node;
            self.advance()?;
            return Ok(node);
        }
        let left = self.subtree(place, depth + 1)?;
        let right = self.subtree(&bucket::side(place, depth, 1), depth + 1)?;
        if let (Some(low), Some(high)) = (left.leaves(), right.leaves())
            && low + high <= STATE_BUCKET_LEAVES_MAX
        {
            let key = bucket::key(place, depth);
            return Err(corrupt(Column::Tree, &key, "the buckets below would fit one"));
        }
        let pair = [left, right];
        let index = self.arena.push(pair);
        Ok(Node::fork(index, &pair))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Durability, MemoryStore};
    use crate::testing::content;
    use kanhe_types::merkle::Salt;
    use kanhe_types::state_proof::{place_of, root_of, value_hash};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    const GENESIS: Hash = Hash([9; 32]);
    const BUCKET: u8 = 8;
    const _: () = assert!(BUCKET as usize == STATE_BUCKET_LEAVES_MAX);

    /// Sets (`Some`) or removes (`None`) small keys, block by block.
    type Block = BTreeMap<u8, Option<u8>>;

    #[derive(Default)]
    struct Model {
        store: MemoryStore,
        tree: Tree,
        content: BTreeMap<Hash, Hash>,
    }

    impl Model {
        fn of(block: &Block) -> Self {
            let mut model = Self::default();
            model.apply(block);
            model
        }

        fn apply(&mut self, block: &Block) {
            let change = |(key, value): (&u8, &Option<u8>)| {
                (place(*key), value.map(|value| committed(*key, value)))
            };
            let changes: BTreeMap<Hash, Option<Hash>> = block.iter().map(change).collect();
            for (place, value) in &changes {
                match value {
                    Some(value) => self.content.insert(*place, *value),
                    None => self.content.remove(place),
                };
            }
            let changes: Vec<LeafChange> = changes.into_iter().collect();
            let mut batch = WriteBatch::default();
            let update = self.tree.update(&self.store, &changes, &mut batch).unwrap();
            self.store.write(batch, Durability::Synced).unwrap();
            self.tree.apply(update);
        }

        fn expected_root(&self) -> Hash {
            root_of(&self.content.iter().map(|(k, v)| (*k, *v)).collect::<Vec<_>>())
        }

        fn buckets(&self) -> Vec<Pair> {
            self.store.scan(Column::Tree, &[], Direction::Forward, usize::MAX).unwrap()
        }
    }

    fn place(key: u8) -> Hash {
        place_of(&GENESIS, u16::from(key / 64), &[key])
    }

    fn committed(key: u8, value: u8) -> Hash {
        value_hash(&place(key), &Salt([value; 16]), &[value])
    }

    fn set(keys: impl Iterator<Item = u8>) -> Block {
        keys.map(|key| (key, Some(1))).collect()
    }

    fn block() -> impl Strategy<Value = Block> {
        proptest::collection::btree_map(any::<u8>(), any::<Option<u8>>(), 0..100)
    }

    /// Blocks of which about half take away most of what there is, so that forks come and go.
    fn blocks() -> impl Strategy<Value = Vec<Block>> {
        let purge = proptest::collection::btree_set(any::<u8>(), 0..80).prop_map(|kept| {
            (0..=u8::MAX).filter(|key| !kept.contains(key)).map(|key| (key, None)).collect()
        });
        proptest::collection::vec(prop_oneof![block(), purge], 1..8)
    }

    proptest! {
        #[test]
        fn the_updated_tree_is_the_one_from_scratch(blocks in blocks()) {
            let mut model = Model::default();
            for block in &blocks {
                model.apply(block);
                prop_assert_eq!(model.tree.root(), model.expected_root());
                let opened = Tree::open(&model.store).unwrap();
                prop_assert_eq!(opened.root(), model.expected_root());
                prop_assert_eq!(opened.arena.used(), model.tree.arena.used());
            }
        }

        #[test]
        fn what_is_stored_follows_from_the_content_alone(blocks in blocks()) {
            let mut model = Model::default();
            blocks.iter().for_each(|block| model.apply(block));
            let merged: Block = blocks.into_iter().flatten().collect();
            prop_assert_eq!(content(&model.store), content(&Model::of(&merged).store));
        }

        #[test]
        fn every_key_is_proved_present_or_absent(blocks in blocks()) {
            let mut model = Model::default();
            blocks.iter().for_each(|block| model.apply(block));
            let root = model.tree.root();
            for key in 0..=u8::MAX {
                let proof = model.tree.prove(&model.store, &place(key)).unwrap();
                match model.content.get(&place(key)) {
                    None => prop_assert_eq!(proof.verify_absent(&root, &place(key)), Ok(())),
                    Some(value) => {
                        let value = (0..=u8::MAX).find(|v| committed(key, *v) == *value).unwrap();
                        let verify = |value: u8| {
                            let salt = Salt([value; 16]);
                            proof.verify_present(&root, &place(key), &salt, &[value])
                        };
                        prop_assert_eq!(verify(value), Ok(()));
                        prop_assert!(verify(value.wrapping_add(1)).is_err());
                        prop_assert!(proof.verify_absent(&root, &place(key)).is_err());
                    }
                }
            }
        }
    }

    #[test]
    fn a_bucket_splits_beyond_its_bound_and_is_joined_again_at_it() {
        let mut model = Model::of(&set(0..BUCKET));
        assert_eq!((model.buckets().len(), model.tree.arena.used()), (1, 0));
        model.apply(&set(BUCKET..BUCKET + 1));
        assert!(1 < model.buckets().len() && 0 < model.tree.arena.used());
        model.apply(&Block::from([(0, None)]));
        assert_eq!((model.buckets().len(), model.tree.arena.used()), (1, 0));
        model.apply(&(0..=BUCKET).map(|key| (key, None)).collect());
        assert_eq!((model.buckets().len(), model.tree.root()), (0, Hash::default()));
    }

    #[test]
    fn pairs_that_forks_have_given_up_are_used_again() {
        let mut model = Model::of(&set(0..200));
        let used = model.tree.arena.used();
        for _ in 0..3 {
            model.apply(&(0..200).map(|key| (key, None)).collect());
            assert_eq!(model.tree.arena.used(), 0);
            model.apply(&set(0..200));
            assert_eq!(model.tree.arena.used(), used);
        }
        assert_eq!(model.tree.root(), model.expected_root());
    }

    #[test]
    fn an_update_that_is_not_applied_leaves_the_tree_as_it_was() {
        let mut model = Model::of(&set(0..50));
        let before = model.tree.root();
        let changes = [(place(1), None)];
        let update = model.tree.update(&model.store, &changes, &mut WriteBatch::default()).unwrap();
        assert_ne!(update.root(), before);
        drop(update);
        assert_eq!(model.tree.root(), before);
        let proof = model.tree.prove(&model.store, &place(1)).unwrap();
        let verdict = proof.verify_present(&before, &place(1), &Salt([1; 16]), &[1]);
        assert_eq!(verdict, Ok(()));
        model.apply(&set(50..60));
        assert_eq!(model.tree.root(), model.expected_root());
    }

    #[test]
    fn buckets_that_form_no_tree_are_refused() {
        let model = Model::of(&set(0..50));
        let buckets = model.buckets();
        let (key, value) = buckets[0].clone();
        let refused = |changes: &[(&[u8], Option<Vec<u8>>)]| {
            let store = MemoryStore::default();
            let mut batch = WriteBatch::default();
            buckets.iter().cloned().for_each(|(key, value)| batch.put(Column::Tree, key, value));
            for (key, value) in changes {
                match value {
                    Some(value) => batch.put(Column::Tree, key.to_vec(), value.clone()),
                    None => batch.remove(Column::Tree, key.to_vec()),
                }
            }
            store.write(batch, Durability::Synced).unwrap();
            let error = Tree::open(&store).unwrap_err();
            assert!(matches!(error, LedgerError::Corrupt { .. }), "{error}");
        };
        // No path, the path of another bucket, and paths above and below one that is there.
        refused(&[(&[0], Some(value.clone()))]);
        refused(&[(&[0xff, 0xff], Some(value.clone()))]);
        refused(&[(&[0x80], Some(value.clone()))]);
        let (_, depth) = bucket::path_of(&key).unwrap();
        let leaf = bucket::leaves(&value).next().unwrap();
        let below = bucket::key(&leaf.0, depth + 3);
        refused(&[(&below, Some(bucket::encode(&[leaf])))]);
        // Half a leaf, none, one twice, too many.
        refused(&[(&key, Some(value[1..].to_vec()))]);
        refused(&[(&key, Some(Vec::new()))]);
        refused(&[(&key, Some(bucket::encode(&[leaf, leaf])))]);
        refused(&[(&key, Some(bucket::encode(&[leaf; STATE_BUCKET_LEAVES_MAX + 1])))]);
        // A bucket that is missing, so that its neighbour would not be one.
        let removed: Vec<_> = buckets[1..].iter().map(|(key, _)| (key.as_slice(), None)).collect();
        refused(&removed);
    }

    #[test]
    fn a_bucket_that_is_missing_is_an_error() {
        let mut model = Model::of(&set(0..50));
        model.tree = Tree::open(&model.store).unwrap();
        model.store = MemoryStore::default();
        assert!(model.tree.prove(&model.store, &place(1)).is_err());
        let changes = [(place(1), None)];
        assert!(model.tree.update(&model.store, &changes, &mut WriteBatch::default()).is_err());
    }
}
