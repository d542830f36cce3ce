//! What is said of the zone itself goes to the zone.

use super::{Applied, Arrival};
use crate::governance::{Done, Said};
use crate::incoming::Governance;
use crate::rejection::Stop;
use crate::state::StateRead;
use crate::working_set::WorkingSet;

pub(super) fn apply<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    arrival: &Arrival<'_>,
    governance: Governance,
) -> Result<Applied, Stop> {
    let said = Said { document: arrival.id, signer: arrival.signer };
    let zone = work.zone();
    let done = match governance {
        Governance::Proposal(proposal) => zone.propose(&said, proposal),
        Governance::Vote(vote) => zone.vote(&said, vote),
        Governance::Withdrawal(withdrawal) => zone.withdraw(&said, withdrawal),
        Governance::OwnKeys(change) => zone.change_own_keys(&said, &change),
    };
    Ok(match done? {
        Done::Accepted => Applied::Accepted { case: None },
        Done::Repeated { first_height } => Applied::Repeated { first_height },
    })
}
