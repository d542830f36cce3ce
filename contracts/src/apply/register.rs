//! Acts on entries of registers go beside the trades, and change none.

use super::{Applied, Arrival};
use crate::governance::Done;
use crate::register::{Actor, Recorded, act};
use crate::rejection::Stop;
use crate::state::StateRead;
use crate::working_set::WorkingSet;

pub(super) fn apply<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    arrival: &Arrival<'_>,
    said: Recorded,
) -> Result<Applied, Stop> {
    let (document, signer, height) = (arrival.id, arrival.signer, arrival.height);
    let actor = Actor { document, signer, height, time: work.context.time };
    let (before, policy) = (work.state, work.context.policy);
    Ok(match act(work.zone().state_mut(), before, policy, &actor, said)? {
        Done::Accepted => Applied::Accepted { case: None },
        Done::Repeated { first_height } => Applied::Repeated { first_height },
    })
}
