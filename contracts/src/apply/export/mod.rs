//! What the documents of an export change.

mod list;
mod notice;
mod order;
mod receipt;
mod waybill;

use super::{Applied, Arrival};
use crate::incoming::Export;
use crate::rejection::Stop;
use crate::state::StateRead;
use crate::working_set::WorkingSet;

pub(super) fn apply<S: StateRead>(
    work: &mut WorkingSet<'_, S>,
    arrival: &Arrival<'_>,
    said: Export,
) -> Result<Applied, Stop> {
    match said {
        Export::Order { case, facts } => order::apply(work, arrival, case, facts),
        Export::Receipt { case, facts } => receipt::apply(work, arrival, case, facts),
        Export::Waybill { number, facts } => waybill::apply(work, arrival, &number, facts),
        Export::List { case, facts } => list::apply(work, arrival, case, facts),
        Export::Notice(noticed) => notice::apply(work, arrival, noticed),
    }
}
