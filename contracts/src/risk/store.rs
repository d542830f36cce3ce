//! The records of features that a block works on, and when they are forgotten.

use super::engine::FeatureStore;
use super::feature::FeatureRecord;
use super::records::RiskRecord;
use crate::case;
use crate::limits::{FORGET_DAYS_PER_HEIGHT_MAX, FORGET_KEYS_MAX};
use crate::state::{StateError, StateRead};
use crate::state_key::{FEATURE, forget_chunk_key_bytes, forget_count_key_bytes};
use crate::working_set::Write;
use kanhe_types::codec;
use kanhe_types::time::Millis;
use std::collections::{BTreeMap, BTreeSet};

/// The records of features that a block works on.
pub(super) struct BlockFeatures<'a, S> {
    state: &'a S,
    today: u32,
    /// Ascending by key.
    cells: Vec<(Vec<u8>, FeatureCell)>,
    /// How the keys of the cells begin, in their order: what a search looks at lies together.
    heads: Vec<u128>,
}

/// How a key begins, behind the byte that all have, with the names of its facts and more than half
/// of their hash: keys ascend as these do.
fn head_of(key: &[u8]) -> u128 {
    let bytes = key.get(1..17).and_then(|head| head.try_into().ok());
    u128::from_be_bytes(bytes.unwrap_or_default())
}

#[derive(Default)]
struct FeatureCell {
    record: FeatureRecord,
    is_stored: bool,
    is_changed: bool,
}

/// The day of an instant, since 1970.
pub(super) fn day_of(time: Millis) -> u32 {
    u32::try_from(time.0.checked_div(86_400_000).unwrap_or(0)).unwrap_or(u32::MAX)
}

impl<'a, S: StateRead> BlockFeatures<'a, S> {
    /// None so far.
    pub(super) fn new(state: &'a S, now: Millis) -> Self {
        Self { state, today: day_of(now), cells: Vec::new(), heads: Vec::new() }
    }

    /// Reads the records with these keys in one go, but for those that are there already; they may
    /// be in any order and repeat.
    pub(super) fn read(&mut self, mut keys: Vec<Vec<u8>>) -> Result<(), StateError> {
        keys.sort_unstable();
        keys.dedup();
        keys.retain(|key| self.place_of(key).is_err());
        if keys.is_empty() {
            return Ok(());
        }
        let values = self.state.get_sorted(&keys)?;
        self.cells.reserve(keys.len());
        for (key, bytes) in keys.into_iter().zip(values) {
            let cell = FeatureCell::new(&key, bytes)?;
            self.cells.push((key, cell));
        }
        // Two ascending runs: they are merged.
        self.cells.sort_by(|(one, _), (other, _)| one.cmp(other));
        self.heads = self.cells.iter().map(|(key, _)| head_of(key)).collect();
        Ok(())
    }

    /// Where the record of a key stands, or would.
    fn place_of(&self, key: &[u8]) -> Result<usize, usize> {
        let head = head_of(key);
        let from = self.heads.partition_point(|own| *own < head);
        let to = self.heads.partition_point(|own| *own <= head);
        let same = self.cells.get(from..to).unwrap_or_default();
        let place = same.binary_search_by(|(own, _)| own.as_slice().cmp(key));
        place.map(|own| own.saturating_add(from)).map_err(|own| own.saturating_add(from))
    }

    /// Adds what was changed to `writes`, and notes when new records may be forgotten, together
    /// with those that are noted again.
    pub(super) fn write(
        self,
        forgetting: Forgetting,
        record: &mut RiskRecord,
        writes: &mut Vec<Write>,
    ) -> Result<(), StateError> {
        let Forgetting { forgotten, mut again } = forgetting;
        for (key, cell) in self.cells {
            if !cell.is_changed {
                continue;
            }
            if !cell.is_stored || forgotten.contains(&key) {
                again.entry(cell.record.until).or_default().push(key.clone());
            }
            writes.push((key, Some(codec::encode(&cell.record))));
        }
        if record.forget_day == 0 && !again.is_empty() {
            record.forget_day = self.today;
        }
        for (day, keys) in again {
            enlist(self.state, day, keys, writes)?;
        }
        Ok(())
    }
}

/// What was forgotten, and what was used since it was noted, by the day after which it may be
/// forgotten.
#[derive(Default)]
pub(super) struct Forgetting {
    forgotten: BTreeSet<Vec<u8>>,
    again: BTreeMap<u32, Vec<Vec<u8>>>,
}

impl FeatureCell {
    fn new(key: &[u8], bytes: Option<Vec<u8>>) -> Result<Self, StateError> {
        let record = bytes.map(|bytes| case::decode(key, &bytes)).transpose()?;
        let is_stored = record.is_some();
        Ok(Self { record: record.unwrap_or_default(), is_stored, is_changed: false })
    }
}

impl<S: StateRead> FeatureStore for BlockFeatures<'_, S> {
    fn record(
        &mut self,
        key: &[u8],
        change: Option<u32>,
    ) -> Result<&mut FeatureRecord, StateError> {
        let place = match self.place_of(key) {
            Ok(place) => place,
            Err(place) => {
                let cell = FeatureCell::new(key, self.state.get(key)?)?;
                self.cells.insert(place, (key.to_vec(), cell));
                self.heads.insert(place, head_of(key));
                place
            }
        };
        let (_, cell) = self.cells.get_mut(place).expect("the cell was made above");
        if let Some(days) = change {
            cell.is_changed = true;
            cell.record.until = cell.record.until.max(self.today.saturating_add(days));
        }
        Ok(&mut cell.record)
    }
}

/// Notes that the records of `keys` may be forgotten after a day.
fn enlist(
    state: &impl StateRead,
    day: u32,
    keys: Vec<Vec<u8>>,
    writes: &mut Vec<Write>,
) -> Result<(), StateError> {
    let count_key = forget_count_key_bytes(day);
    let mut count: u64 = case::load(state, &count_key)?.unwrap_or(0);
    let most = FORGET_KEYS_MAX as u64;
    let mut chunk: Vec<Vec<u8>> = Vec::new();
    if count.checked_rem(most) != Some(0) {
        let number = count.checked_div(most).unwrap_or(0);
        chunk = case::load(state, &forget_chunk_key_bytes(day, number))?.unwrap_or_default();
    }
    for key in keys {
        // The prefix is the same for all.
        chunk.push(key.get(1..).unwrap_or_default().to_vec());
        count = count.saturating_add(1);
        if count.checked_rem(most) == Some(0) {
            let number = count.checked_div(most).unwrap_or(0).saturating_sub(1);
            let full = std::mem::take(&mut chunk);
            writes.push((forget_chunk_key_bytes(day, number), Some(codec::encode(&full))));
        }
    }
    if !chunk.is_empty() {
        let number = count.checked_div(most).unwrap_or(0);
        writes.push((forget_chunk_key_bytes(day, number), Some(codec::encode(&chunk))));
    }
    writes.push((count_key, Some(codec::encode(&count))));
    Ok(())
}

/// Forgets what may be forgotten by now: one chunk of keys a height.
pub(super) fn forget(
    state: &impl StateRead,
    record: &mut RiskRecord,
    now: Millis,
    writes: &mut Vec<Write>,
) -> Result<Forgetting, StateError> {
    let today = day_of(now);
    if record.forget_day == 0 {
        return Ok(Forgetting::default());
    }
    for _ in 0..FORGET_DAYS_PER_HEIGHT_MAX {
        if today <= record.forget_day {
            break;
        }
        let day = record.forget_day;
        let count_key = forget_count_key_bytes(day);
        let count: u64 = case::load(state, &count_key)?.unwrap_or(0);
        let first = record.forget_chunk.saturating_mul(FORGET_KEYS_MAX as u64);
        if first < count {
            let key = forget_chunk_key_bytes(day, record.forget_chunk);
            record.forget_chunk = record.forget_chunk.saturating_add(1);
            let keys: Vec<Vec<u8>> = case::load(state, &key)?.unwrap_or_default();
            writes.push((key, None));
            return forget_records(state, keys, today, writes);
        }
        if 0 < count {
            writes.push((count_key, None));
        }
        record.forget_day = day.saturating_add(1);
        record.forget_chunk = 0;
    }
    Ok(Forgetting::default())
}

fn forget_records(
    state: &impl StateRead,
    keys: Vec<Vec<u8>>,
    today: u32,
    writes: &mut Vec<Write>,
) -> Result<Forgetting, StateError> {
    let mut keys: Vec<Vec<u8>> =
        keys.into_iter().map(|rest| [&[FEATURE], rest.as_slice()].concat()).collect();
    keys.sort_unstable();
    keys.dedup();
    let values = state.get_sorted(&keys)?;
    let mut done = Forgetting::default();
    for (key, bytes) in keys.into_iter().zip(values) {
        let Some(bytes) = bytes else { continue };
        let held: FeatureRecord = case::decode(&key, &bytes)?;
        if today <= held.until {
            done.again.entry(held.until).or_default().push(key);
        } else {
            writes.push((key.clone(), None));
            done.forgotten.insert(key);
        }
    }
    Ok(done)
}
