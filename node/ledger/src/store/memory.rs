//! The store in memory: for the simulator, for tests, and for audits that fit it.

use super::{Change, Column, Direction, Durability, Pair, Store, StoreError, WriteBatch};
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// A store in memory. A clone is another handle of the same store, so that a simulated node can be
/// dropped and opened again on what it had written.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    memory: Arc<RwLock<Memory>>,
}

#[derive(Debug, Default)]
struct Memory {
    columns: BTreeMap<Column, BTreeMap<Vec<u8>, Vec<u8>>>,
    /// What each reproducible write since the last flush replaced, oldest first.
    undo: Vec<Vec<Change>>,
}

impl MemoryStore {
    /// Loses the later half of the reproducible writes, as a power failure does.
    pub fn crash(&self) {
        let mut memory = self.write_memory();
        let kept = memory.undo.len() / 2;
        for write in memory.undo.split_off(kept).into_iter().rev() {
            for (column, key, before) in write.into_iter().rev() {
                memory.set(column, key, before);
            }
        }
    }

    /// A store of its own with the same content, as a copy of a disk is.
    pub fn copy(&self) -> Self {
        let columns = self.read_memory().columns.clone();
        Self { memory: Arc::new(RwLock::new(Memory { columns, undo: Vec::new() })) }
    }

    fn read_memory(&self) -> RwLockReadGuard<'_, Memory> {
        // Every change under the lock is complete even if a thread panics after it.
        self.memory.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_memory(&self) -> RwLockWriteGuard<'_, Memory> {
        self.memory.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Memory {
    fn set(&mut self, column: Column, key: Vec<u8>, value: Option<Vec<u8>>) -> Option<Vec<u8>> {
        let pairs = self.columns.entry(column).or_default();
        match value {
            Some(value) => pairs.insert(key, value),
            None => pairs.remove(&key),
        }
    }

    fn get(&self, column: Column, key: &[u8]) -> Option<&Vec<u8>> {
        self.columns.get(&column)?.get(key)
    }
}

impl Store for MemoryStore {
    fn get(&self, column: Column, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.read_memory().get(column, key).cloned())
    }

    fn has(&self, column: Column, key: &[u8]) -> Result<bool, StoreError> {
        Ok(self.read_memory().get(column, key).is_some())
    }

    fn multi_get(
        &self,
        column: Column,
        keys: &[Vec<u8>],
    ) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let memory = self.read_memory();
        Ok(keys.iter().map(|key| memory.get(column, key).cloned()).collect())
    }

    fn write(&self, batch: WriteBatch, durability: Durability) -> Result<(), StoreError> {
        let mut memory = self.write_memory();
        let mut undo = Vec::new();
        for (column, key, value) in batch.into_changes() {
            let before = memory.set(column, key.clone(), value);
            undo.push((column, key, before));
        }
        if durability == Durability::Reproducible {
            memory.undo.push(undo);
        }
        Ok(())
    }

    fn flush(&self) -> Result<(), StoreError> {
        self.write_memory().undo.clear();
        Ok(())
    }

    fn scan(
        &self,
        column: Column,
        from: &[u8],
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<Pair>, StoreError> {
        let memory = self.read_memory();
        let Some(pairs) = memory.columns.get(&column) else {
            return Ok(Vec::new());
        };
        let copy = |(key, value): (&Vec<u8>, &Vec<u8>)| (key.clone(), value.clone());
        let (above, below) = match direction {
            Direction::Forward => (Bound::Included(from), Bound::Unbounded),
            Direction::Reverse => (Bound::Unbounded, Bound::Included(from)),
        };
        let range = pairs.range::<[u8], _>((above, below));
        Ok(match direction {
            Direction::Forward => range.take(limit).map(copy).collect(),
            Direction::Reverse => range.rev().take(limit).map(copy).collect(),
        })
    }
}
