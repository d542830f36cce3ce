//! An attestation authenticates an orderer for every case in which the orderer is not the payer.

use super::{Admission, Applied, Incoming, Person, Work};
use crate::case::{AttestationRecord, load};
use crate::document::IdentityAttestation;
use crate::rejection::Stop;
use crate::state::StateRead;
use kanhe_types::codec;

pub(super) fn apply<S: StateRead>(
    work: &mut Work<'_, '_, S>,
    incoming: &Incoming<'_>,
    attested: &IdentityAttestation,
) -> Result<Applied, Stop> {
    let person =
        Person { scope: incoming.scope(), id_number: attested.id_number, name: attested.name };
    let key = person.attestation_key();
    let held: Option<AttestationRecord> = load(work.state, &key)?;
    let meta = held.as_ref().map(|held| &held.meta);
    if let Admission::Repeated { first_height } = incoming.admit(meta, false, &[], false)? {
        return Ok(Applied::Repeated { first_height });
    }
    let record = AttestationRecord { meta: incoming.meta(meta, work.context.height) };
    work.state.put(key, codec::encode(&record));
    // Each case takes itself off the list when it is written.
    let waiting = work.waiting(person)?;
    work.touch(&waiting)?;
    Ok(Applied::Accepted { case: None })
}
