//! The state between the store and the rules: what they read, and where what they write stands.

use crate::ledger::{Ledger, LedgerError};
use crate::salts;
use crate::schema::{ExecutedRecord, StateValue};
use crate::store::{Column, Store, WriteBatch};
use crate::tree::{LeafChange, Tree, Update};
use kanhe_contracts::state::{StateError, StateRead, Writes, is_in_tree};
use kanhe_types::hash::Hash;
use kanhe_types::merkle::Salt;
use kanhe_types::state_proof;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// The state keys that heights before have written; the store does not have them yet.
pub(crate) type Pending = BTreeMap<Vec<u8>, Written>;

/// What was written for a key.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    /// The stored form of the new value, or none when the key was removed.
    stored: Option<Vec<u8>>,
    /// The generation under which the store has the key, if it has it.
    before: Option<u16>,
}

/// The state as the rules read it.
pub struct StateView<'a, S> {
    store: &'a S,
    pending: &'a Pending,
    /// Submissions with receipts that the store does not have yet.
    executed: &'a BTreeSet<Hash>,
    /// What the rules read of the store's tree: it tells the generations of what they write.
    found: RefCell<Vec<Found>>,
}

/// A key that was read from the store, and its generation if the store has it.
pub(crate) type Found = (Vec<u8>, Option<u16>);

impl<'a, S: Store> StateView<'a, S> {
    /// The state in `store` with changes that it does not have yet.
    pub(crate) fn new(store: &'a S, pending: &'a Pending, executed: &'a BTreeSet<Hash>) -> Self {
        Self { store, pending, executed, found: RefCell::default() }
    }

    /// What was read.
    pub(crate) fn into_found(self) -> Vec<Found> {
        self.found.into_inner()
    }

    /// The value of a key in the store.
    fn note(&self, key: &[u8], stored: Option<Vec<u8>>) -> Result<Option<Vec<u8>>, StateError> {
        let read = StateValue::read_any(key, stored.as_deref()).map_err(state_error)?;
        let own = read.map_or(0, |read| read.value.len());
        if is_in_tree(key) {
            let generation = read.map(|read| read.generation);
            self.found.borrow_mut().push((key.to_vec(), generation));
        }
        // The value is what the stored bytes end with.
        Ok(stored.map(|mut stored| {
            stored.drain(..stored.len().saturating_sub(own));
            stored
        }))
    }
}

impl Written {
    fn read(&self, key: &[u8]) -> Result<Option<StateValue<'_>>, LedgerError> {
        StateValue::read_any(key, self.stored.as_deref())
    }

    fn value(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StateError> {
        Ok(self.read(key).map_err(state_error)?.map(|read| read.value.to_vec()))
    }
}

impl<S: Store> StateRead for StateView<'_, S> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StateError> {
        match self.pending.get(key) {
            Some(written) => written.value(key),
            None => self.note(key, self.store.get(Column::State, key).map_err(state_error)?),
        }
    }

    fn get_sorted(&self, keys: &[Vec<u8>]) -> Result<Vec<Option<Vec<u8>>>, StateError> {
        if self.pending.is_empty() {
            let stored = self.store.multi_get(Column::State, keys).map_err(state_error)?;
            return keys.iter().zip(stored).map(|(key, stored)| self.note(key, stored)).collect();
        }
        let is_stored = |key: &&Vec<u8>| !self.pending.contains_key(*key);
        let asked: Vec<Vec<u8>> = keys.iter().filter(is_stored).cloned().collect();
        let mut stored =
            self.store.multi_get(Column::State, &asked).map_err(state_error)?.into_iter();
        let mut value = |key| match self.pending.get(key) {
            Some(written) => written.value(key),
            None => self.note(key, stored.next().expect("every key not pending was read")),
        };
        keys.iter().map(|key| value(key)).collect()
    }

    fn executed(&self, submissions: &[Hash]) -> Result<Vec<bool>, StateError> {
        let keys: Vec<Vec<u8>> = submissions.iter().map(|id| id.0.to_vec()).collect();
        let stored = self.store.multi_get(Column::Submissions, &keys).map_err(state_error)?;
        let both = submissions.iter().zip(stored);
        Ok(both.map(|(id, place)| place.is_some() || self.executed.contains(id)).collect())
    }
}

fn state_error(error: impl Into<LedgerError>) -> StateError {
    StateError(error.into().to_string())
}

/// Nothing that the store does not have.
static NO_KEYS: Pending = Pending::new();
static NO_SUBMISSIONS: BTreeSet<Hash> = BTreeSet::new();

impl<S: Store> Ledger<S> {
    /// The state after the last executed height, as the rules read it.
    pub fn state(&self) -> StateView<'_, S> {
        StateView::new(&self.store, &NO_KEYS, &NO_SUBMISSIONS)
    }

    /// The generation of keys that are created after a height, and how many it has so far.
    pub(crate) fn generation_after(&self, record: &ExecutedRecord) -> (u16, u64) {
        let ExecutedRecord { generation, generation_keys, .. } = *record;
        match generation.checked_add(1) {
            Some(next) if self.generation_keys <= generation_keys => (next, 0),
            _ => (generation, generation_keys),
        }
    }

    /// Adds a height's writes to those before it: a key keeps its generation until it is removed.
    /// Gives the generation of new keys, and how many it has now.
    pub(crate) fn write_keys(
        &self,
        state: &mut Pending,
        (secret, (generation, mut count)): (&Hash, (u16, u64)),
        writes: Writes,
        mut found: Vec<Found>,
    ) -> Result<(u16, u64), LedgerError> {
        found.sort_unstable();
        let mut written: Vec<(Vec<u8>, Written)> = Vec::with_capacity(writes.len());
        for (key, value) in writes {
            if !is_in_tree(&key) {
                let stored = value.map(|value| beside_the_tree(&value));
                written.push((key, Written { stored, before: None }));
                continue;
            }
            // Of the key: its generation in the store, and the one that it has now.
            let (before, current) = match state.get(&key) {
                Some(own) => (own.before, own.read(&key)?.map(|read| read.generation)),
                None => {
                    let before = self.generation_of(&key, &found)?;
                    (before, before)
                }
            };
            let stored = value.map(|value| {
                let generation = current.unwrap_or_else(|| {
                    count += 1;
                    generation
                });
                let salt = salts::value_salt(secret, &key);
                StateValue { generation, salt, value: &value }.encode()
            });
            written.push((key, Written { stored, before }));
        }
        if state.is_empty() {
            *state = written.into_iter().collect();
        } else {
            state.extend(written);
        }
        Ok((generation, count))
    }

    /// The generation under which the store has a key, from what was read anyway where it was.
    fn generation_of(&self, key: &[u8], found: &[Found]) -> Result<Option<u16>, LedgerError> {
        if let Ok(index) = found.binary_search_by(|(known, _)| known.as_slice().cmp(key)) {
            return Ok(found[index].1);
        }
        let stored = self.store.get(Column::State, key)?;
        let read = StateValue::read_any(key, stored.as_deref())?;
        Ok(read.map(|read| read.generation))
    }
}

/// The state of height 0: every key is of generation 0.
pub(crate) fn founding(secret: &Hash, writes: Writes) -> Pending {
    let written = writes.into_iter().map(|(key, value)| {
        let salt = salts::value_salt(secret, &key);
        let stored = value.map(|value| StateValue { generation: 0, salt, value: &value }.encode());
        (key, Written { stored, before: None })
    });
    written.collect()
}

/// The stored form of a value that the tree does not have: no generation and no salt are its own.
fn beside_the_tree(value: &[u8]) -> Vec<u8> {
    StateValue { generation: 0, salt: Salt::default(), value }.encode()
}

/// Adds the written state and the buckets of its tree to `changes`, and gives the next tree.
pub(crate) fn write_state<S: Store>(
    store: &S,
    genesis: &Hash,
    tree: &Tree,
    state: Pending,
    changes: &mut WriteBatch,
) -> Result<Update, LedgerError> {
    let mut leaves: Vec<LeafChange> = Vec::with_capacity(state.len());
    for (key, Written { stored, before }) in state {
        if !is_in_tree(&key) {
            match stored {
                Some(stored) => changes.put(Column::State, key, stored),
                None => changes.remove(Column::State, key),
            }
            continue;
        }
        let after = StateValue::read_any(&key, stored.as_deref())?;
        let place = |generation| state_proof::place_of(genesis, generation, &key);
        if let Some(before) = before
            && after.is_none_or(|after| after.generation != before)
        {
            leaves.push((place(before), None));
        }
        if let Some(StateValue { generation, salt, value }) = after {
            let place = place(generation);
            leaves.push((place, Some(state_proof::value_hash(&place, &salt, value))));
        }
        match stored {
            Some(stored) => changes.put(Column::State, key, stored),
            None if before.is_some() => changes.remove(Column::State, key),
            // It came and went between two writes.
            None => {}
        }
    }
    leaves.sort_by_key(|(place, _)| *place);
    tree.update(store, &leaves, changes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MemoryStore;
    use crate::testing::{beside_key, genesis_hash};

    #[test]
    fn records_beside_the_tree_change_no_root() {
        let root = |keys: &[(Vec<u8>, &[u8])]| {
            let genesis = genesis_hash();
            let writes = keys.iter().map(|(key, value)| (key.clone(), Some(value.to_vec())));
            let state = founding(&salts::genesis_secret(&genesis), writes.collect());
            let (store, mut changes) = (MemoryStore::default(), WriteBatch::default());
            let update = write_state(&store, &genesis, &Tree::default(), state, &mut changes);
            update.unwrap().root()
        };
        let (put, beside) = (b"put/a".to_vec(), beside_key("a"));
        let alone = root(&[(put.clone(), b"1")]);
        assert_eq!(root(&[(put.clone(), b"1"), (beside.clone(), b"1")]), alone);
        assert_eq!(root(&[(put.clone(), b"1"), (beside, b"2")]), alone);
        assert_ne!(root(&[(put, b"2")]), alone, "what the tree has does");
    }
}
