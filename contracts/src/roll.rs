//! Which enterprises a month has: their codes, numbered, so that they can be listed from the state
//! without ranges and the list shown to be complete.

use crate::case;
use crate::limits::ROLL_CODES_MAX;
use crate::state::{StateError, StateRead};
use crate::statistics::Month;
use crate::working_set::Write;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{self, Decode};
use std::collections::{BTreeMap, btree_map};

/// Where a list of enterprises stands in the state.
pub(crate) struct Roll {
    /// How many there are.
    pub(crate) count_key: fn(Month) -> Vec<u8>,
    /// Some of them.
    pub(crate) chunk_key: fn(Month, u32) -> Vec<u8>,
}

impl Roll {
    /// Enters enterprises that are not there yet.
    pub(crate) fn enter(
        &self,
        joined: &[OrganisationCode],
        state: &impl StateRead,
        month: Month,
        writes: &mut Vec<Write>,
    ) -> Result<(), StateError> {
        if joined.is_empty() {
            return Ok(());
        }
        let month_key = (self.count_key)(month);
        let mut count: u32 = case::load(state, &month_key)?.unwrap_or(0);
        let mut chunks: BTreeMap<u32, Vec<OrganisationCode>> = BTreeMap::new();
        for enterprise in joined {
            let number = chunk_of(count);
            let codes = match chunks.entry(number) {
                btree_map::Entry::Occupied(entry) => entry.into_mut(),
                btree_map::Entry::Vacant(entry) => {
                    let stored = case::load(state, &(self.chunk_key)(month, number))?;
                    entry.insert(stored.unwrap_or_default())
                }
            };
            codes.push(enterprise.clone());
            count = count.saturating_add(1);
        }
        for (number, codes) in chunks {
            writes.push(((self.chunk_key)(month, number), Some(codec::encode(&codes))));
        }
        writes.push((month_key, Some(codec::encode(&count))));
        Ok(())
    }

    /// All enterprises of a month, in the order in which they were entered.
    pub(crate) fn codes(
        &self,
        state: &impl StateRead,
        month: Month,
    ) -> Result<Vec<OrganisationCode>, StateError> {
        let count: u32 = case::load(state, &(self.count_key)(month))?.unwrap_or(0);
        let mut all = Vec::new();
        for number in 0..count.div_ceil(ROLL_CODES_MAX) {
            let codes: Option<Vec<OrganisationCode>> =
                case::load(state, &(self.chunk_key)(month, number))?;
            all.extend(codes.unwrap_or_default());
        }
        Ok(all)
    }
}

/// Where the enterprise with this index stands.
fn chunk_of(index: u32) -> u32 {
    index.checked_div(ROLL_CODES_MAX).unwrap_or(0)
}

/// The records with these keys, which ascend.
pub(crate) fn read<T: Decode<()>>(
    state: &impl StateRead,
    keys: &[Vec<u8>],
) -> Result<Vec<Option<T>>, StateError> {
    let values = keys.iter().zip(state.get_sorted(keys)?);
    values.map(|(key, bytes)| bytes.map(|bytes| case::decode(key, &bytes)).transpose()).collect()
}
