//! Records of one kind that a block works on: read and decoded when they are first needed, and
//! written when they were changed.

use crate::case;
use crate::state::{StateError, StateRead};
use kanhe_types::codec::{self, Decode, Encode};
use std::collections::btree_map;
use std::collections::{BTreeMap, BTreeSet};

/// A record, and whether the block changed it.
pub(crate) struct Sheet<T> {
    value: Option<T>,
    is_changed: bool,
}

impl<T> Sheet<T> {
    pub(crate) fn new(value: Option<T>) -> Self {
        Self { value, is_changed: false }
    }

    /// The record as the block has it now.
    pub(crate) fn get(&self) -> Option<&T> {
        self.value.as_ref()
    }

    /// Sets or removes the record.
    pub(crate) fn put(&mut self, value: Option<T>) {
        self.value = value;
        self.is_changed = true;
    }

    /// The record, to be changed; a blank one if there is none.
    pub(crate) fn change(&mut self) -> &mut T
    where
        T: Default,
    {
        self.is_changed = true;
        self.value.get_or_insert_default()
    }
}

/// A change of the state: the new value of a key, or none to remove it.
pub(crate) type Write = (Vec<u8>, Option<Vec<u8>>);

/// Records by their state keys.
pub(crate) struct Table<V>(BTreeMap<Vec<u8>, Cell<V>>);

/// What was read for a key, and what was made of it when it was first needed. Boxed, because a
/// table moves its cells, and a case is large.
struct Cell<V> {
    bytes: Option<Vec<u8>>,
    value: Option<Box<V>>,
}

impl<V> Table<V> {
    /// The records with these keys and values, which ascend by key.
    pub(crate) fn new(read: Vec<(Vec<u8>, Option<Vec<u8>>)>) -> Self {
        let cells = read.into_iter().map(|(key, bytes)| (key, Cell { bytes, value: None }));
        Self(cells.collect())
    }

    /// The record of `key`, made from the stored value when it is first needed.
    pub(crate) fn open<T: Decode<()>>(
        &mut self,
        state: &impl StateRead,
        key: Vec<u8>,
        make: impl FnOnce(Option<T>) -> V,
    ) -> Result<&mut V, StateError> {
        let cell = match self.0.entry(key) {
            btree_map::Entry::Occupied(entry) if entry.get().value.is_some() => entry.into_mut(),
            btree_map::Entry::Occupied(mut entry) => {
                let bytes = entry.get_mut().bytes.take();
                let stored = bytes.map(|bytes| case::decode(entry.key(), &bytes)).transpose()?;
                entry.get_mut().value = Some(Box::new(make(stored)));
                entry.into_mut()
            }
            btree_map::Entry::Vacant(entry) => {
                let stored = case::load(state, entry.key())?;
                entry.insert(Cell { bytes: None, value: Some(Box::new(make(stored))) })
            }
        };
        Ok(cell.value.as_deref_mut().expect("the record was made above"))
    }

    /// The keys of records that were read and are there.
    pub(crate) fn present_keys(&self) -> Vec<Vec<u8>> {
        let present = self.0.iter().filter(|(_, cell)| cell.bytes.is_some());
        present.map(|(key, _)| key.clone()).collect()
    }

    /// Those of `keys` that were not read yet.
    pub(crate) fn unread(&self, keys: impl IntoIterator<Item = Vec<u8>>) -> Vec<Vec<u8>> {
        let unread: BTreeSet<Vec<u8>> =
            keys.into_iter().filter(|key| !self.0.contains_key(key)).collect();
        unread.into_iter().collect()
    }

    /// Adds values that were read later.
    pub(crate) fn add(&mut self, read: impl IntoIterator<Item = (Vec<u8>, Option<Vec<u8>>)>) {
        for (key, bytes) in read {
            self.0.entry(key).or_insert(Cell { bytes, value: None });
        }
    }

    /// The records that were needed, ascending by key.
    pub(crate) fn take(&mut self) -> impl Iterator<Item = (Vec<u8>, Box<V>)> + use<V> {
        let cells = std::mem::take(&mut self.0).into_iter();
        cells.filter_map(|(key, cell)| Some((key, cell.value?)))
    }
}

impl<T: Encode> Table<Sheet<T>> {
    /// Adds the records that were changed to `writes`.
    pub(crate) fn write(&mut self, writes: &mut Vec<Write>) {
        let changed = self.take().filter(|(_, sheet)| sheet.is_changed);
        writes.extend(changed.map(|(key, sheet)| (key, sheet.value.as_ref().map(codec::encode))));
    }
}
