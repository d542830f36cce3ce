//! What execution reads and writes: a map from byte keys to byte values.

use crate::execute::Effects;
use kanhe_types::hash::Hash;
use std::collections::{BTreeMap, BTreeSet};

/// This machine cannot read its state. Never an answer of the rules.
#[derive(Debug, thiserror::Error)]
#[error("state cannot be read: {0}")]
pub struct StateError(pub String);

/// The state before a block. Implemented by the ledger and, for tests, by [`MemoryState`].
pub trait StateRead {
    /// The value of `key`, or `None` when it is absent.
    ///
    /// # Errors
    /// When the machine cannot read.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StateError>;

    /// The values of ascending keys without repeats, in their order. A store that reads many keys
    /// at once cheaper than one by one has its own.
    ///
    /// # Errors
    /// When the machine cannot read.
    fn get_sorted(&self, keys: &[Vec<u8>]) -> Result<Vec<Option<Vec<u8>>>, StateError> {
        keys.iter().map(|key| self.get(key)).collect()
    }

    /// Whether each of these submissions, which ascend without repeats, has receipts already. The
    /// chain commits to them with its receipts: no key of the state says it again.
    ///
    /// # Errors
    /// When the machine cannot read.
    fn executed(&self, submissions: &[Hash]) -> Result<Vec<bool>, StateError>;
}

/// What execution changes: the new value of each key, `None` to remove it.
pub type Writes = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// A state with changes on top that are not written yet.
pub struct Overlay<'a, S> {
    base: &'a S,
    writes: Writes,
}

impl<'a, S: StateRead> Overlay<'a, S> {
    /// `base` without changes.
    pub fn new(base: &'a S) -> Self {
        Self { base, writes: Writes::new() }
    }

    /// Sets `key` to `value`.
    pub fn put(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.writes.insert(key, Some(value));
    }

    /// Removes `key`.
    pub fn remove(&mut self, key: Vec<u8>) {
        self.writes.insert(key, None);
    }

    /// Takes over changes that were tried on top of this state.
    pub fn absorb(&mut self, writes: Writes) {
        self.writes.extend(writes);
    }

    /// The changes.
    pub fn into_writes(self) -> Writes {
        self.writes
    }
}

impl<S: StateRead> StateRead for Overlay<'_, S> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StateError> {
        match self.writes.get(key) {
            Some(written) => Ok(written.clone()),
            None => self.base.get(key),
        }
    }

    fn executed(&self, submissions: &[Hash]) -> Result<Vec<bool>, StateError> {
        self.base.executed(submissions)
    }

    fn get_sorted(&self, keys: &[Vec<u8>]) -> Result<Vec<Option<Vec<u8>>>, StateError> {
        let mut values = self.base.get_sorted(keys)?;
        if self.writes.is_empty() {
            return Ok(values);
        }
        for (key, value) in keys.iter().zip(&mut values) {
            if let Some(written) = self.writes.get(key) {
                value.clone_from(written);
            }
        }
        Ok(values)
    }
}

/// A state in memory.
#[derive(Clone, Debug, Default)]
pub struct MemoryState {
    values: BTreeMap<Vec<u8>, Vec<u8>>,
    executed: BTreeSet<Hash>,
}

impl MemoryState {
    /// Applies changes.
    pub fn apply(&mut self, writes: &Writes) {
        for (key, value) in writes {
            match value {
                Some(value) => self.values.insert(key.clone(), value.clone()),
                None => self.values.remove(key),
            };
        }
    }

    /// Applies what a block did.
    pub fn apply_block(&mut self, effects: &Effects) {
        self.apply(&effects.writes);
        self.executed.extend(effects.receipts.iter().map(|receipt| receipt.submission));
    }
}

impl StateRead for MemoryState {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StateError> {
        Ok(self.values.get(key).cloned())
    }

    fn executed(&self, submissions: &[Hash]) -> Result<Vec<bool>, StateError> {
        Ok(submissions.iter().map(|id| self.executed.contains(id)).collect())
    }
}
