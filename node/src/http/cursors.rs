//! Cursors of lists that leave most of what they pass out: they name no case, because the case
//! where a page ends may be one that the caller does not see.

use crate::keystore;
use kanhe_types::code::OrganisationCode;
use kanhe_types::receipt::CaseKey;
use std::collections::{BTreeMap, VecDeque};

/// How many are remembered; the oldest is forgotten first.
const CURSORS_MAX: usize = 4_096;
/// Bytes of a cursor's random name.
const NAME_BYTES: usize = 16;

/// Where pages ended, by names that only their callers know.
#[derive(Default)]
pub(super) struct Cursors {
    places: BTreeMap<[u8; NAME_BYTES], (OrganisationCode, CaseKey)>,
    order: VecDeque<[u8; NAME_BYTES]>,
}

impl Cursors {
    /// A cursor for a place behind `case`; none where the system gives no randomness.
    pub(super) fn issue(&mut self, caller: &OrganisationCode, case: CaseKey) -> Option<String> {
        let name = keystore::random::<NAME_BYTES>().ok()?;
        self.places.insert(name, (caller.clone(), case));
        self.order.push_back(name);
        if CURSORS_MAX < self.order.len()
            && let Some(oldest) = self.order.pop_front()
        {
            self.places.remove(&oldest);
        }
        Some(hex::encode(name))
    }

    /// The place of a cursor of this caller.
    pub(super) fn place(&self, caller: &OrganisationCode, cursor: &str) -> Option<CaseKey> {
        let mut name = [0; NAME_BYTES];
        hex::decode_to_slice(cursor, &mut name).ok()?;
        let (owner, case) = self.places.get(&name)?;
        (owner == caller).then(|| case.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_its_callers_alone_and_the_oldest_is_forgotten() {
        let code = |text: &str| text.parse().expect("a code");
        let case = |number: usize| CaseKey { platform: code("P1"), order_no: number.to_string() };
        let (own, other) = (code("A1"), code("A2"));
        let mut cursors = Cursors::default();
        let first = cursors.issue(&own, case(0)).expect("the system gives randomness");
        assert_eq!(cursors.place(&own, &first), Some(case(0)));
        assert_eq!(cursors.place(&other, &first), None);
        assert_eq!(cursors.place(&own, "no cursor"), None);
        for number in 0..CURSORS_MAX {
            cursors.issue(&own, case(number)).expect("the system gives randomness");
        }
        assert_eq!(cursors.place(&own, &first), None);
        assert_eq!(cursors.places.len(), CURSORS_MAX);
    }
}
