//! An attestation authenticates an orderer for every case in which the orderer is not the payer.

use super::{Admission, Applied, Arrival, Holding};
use crate::case::AttestationRecord;
use crate::incoming::Person;
use crate::rejection::Stop;
use crate::state::StateRead;
use crate::working_set::WorkingSet;

pub(super) fn apply<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    arrival: &Arrival<'_>,
    person: Person,
) -> Result<Applied, Stop> {
    let sheet = work.attestation(person)?;
    let meta = sheet.get().map(|held| &held.meta);
    if let Admission::Repeated { first_height } = arrival.admit(meta, &Holding::default())? {
        return Ok(Applied::Repeated { first_height });
    }
    let record = AttestationRecord { meta: arrival.meta(meta) };
    sheet.put(Some(record));
    // Each case takes itself off the list when it is evaluated.
    let waiting = work.waiting(person)?.get().cloned().unwrap_or_default();
    work.touch(&waiting)?;
    Ok(Applied::Accepted { case: None })
}
