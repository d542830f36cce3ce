//! What execution reads and writes: a map from byte keys to byte values.

use crate::execute::Effects;
use crate::state_key::BESIDE_THE_TREE;
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

/// Whether the state's tree has a key, so that its value can be proved. It does not have records
/// that only execution reads: those of features, and those that say what a number was used for.
/// There are more of them than of everything else, nobody asks for the proof of one, and a running
/// digest (`beside.rs`) commits to what became of each.
pub fn is_in_tree(key: &[u8]) -> bool {
    key.first().is_none_or(|prefix| !BESIDE_THE_TREE.contains(prefix))
}

/// What execution changes: the new value of each key, `None` to remove it.
pub type Writes = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// A state with changes on top that are not written yet.
pub struct Overlay<'a, S> {
    base: &'a S,
    writes: Writes,
    /// What was written before, for each change since the last [`Overlay::begin`], in order.
    undo: Option<Vec<Undo>>,
}

/// A key, and what was written under it before: nothing, a value, or that it is removed.
type Undo = (Vec<u8>, Option<Option<Vec<u8>>>);

impl<'a, S: StateRead> Overlay<'a, S> {
    /// `base` without changes.
    pub fn new(base: &'a S) -> Self {
        Self { base, writes: Writes::new(), undo: None }
    }

    /// Sets `key` to `value`.
    pub fn put(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.write(key, Some(value));
    }

    /// Removes `key`.
    pub fn remove(&mut self, key: Vec<u8>) {
        self.write(key, None);
    }

    fn write(&mut self, key: Vec<u8>, value: Option<Vec<u8>>) {
        match &mut self.undo {
            None => {
                self.writes.insert(key, value);
            }
            Some(undo) => {
                let before = self.writes.insert(key.clone(), value);
                undo.push((key, before));
            }
        }
    }

    /// From here on changes can be taken back, until [`Self::end`].
    pub(crate) fn begin(&mut self) {
        self.undo = Some(Vec::new());
    }

    /// Keeps the changes since [`Self::begin`], or takes them back.
    pub(crate) fn end(&mut self, is_kept: bool) {
        for (key, before) in self.undo.take().unwrap_or_default().into_iter().rev() {
            match before {
                _ if is_kept => {}
                Some(written) => drop(self.writes.insert(key, written)),
                None => drop(self.writes.remove(&key)),
            }
        }
    }

    /// Takes over changes that were tried on top of this state.
    pub fn absorb(&mut self, writes: Writes) {
        writes.into_iter().for_each(|(key, value)| self.write(key, value));
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

    /// How many keys begin with a prefix.
    #[cfg(test)]
    pub(crate) fn count(&self, prefix: u8) -> usize {
        self.values.keys().filter(|key| key.first() == Some(&prefix)).count()
    }

    /// The bytes of the longest value whose key begins with a prefix.
    #[cfg(test)]
    pub(crate) fn longest(&self, prefix: u8) -> Option<usize> {
        let own = self.values.iter().filter(|(key, _)| key.first() == Some(&prefix));
        own.map(|(_, value)| value.len()).max()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_that_are_taken_back_leave_what_was_there_before() {
        let mut base = MemoryState::default();
        let value = |own: u8| Some(vec![own]);
        base.apply(&Writes::from([(vec![1], value(1)), (vec![2], value(2)), (vec![3], value(3))]));
        let mut state = Overlay::new(&base);
        state.put(vec![1], vec![9]);
        state.remove(vec![2]);
        let before = state.writes.clone();
        let change = |state: &mut Overlay<'_, MemoryState>| {
            state.put(vec![1], vec![7]);
            state.put(vec![1], vec![8]);
            state.put(vec![2], vec![7]);
            state.remove(vec![3]);
            state.put(vec![4], vec![7]);
        };
        state.begin();
        change(&mut state);
        state.end(false);
        assert_eq!(state.writes, before);
        state.begin();
        change(&mut state);
        state.end(true);
        let found: Vec<_> = (1..=4).map(|key| state.get(&[key]).unwrap()).collect();
        assert_eq!(found, [value(8), value(7), None, value(7)]);
    }
}
