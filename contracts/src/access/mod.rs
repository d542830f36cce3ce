//! Who may see what, as far as the ledger says it.
//!
//! Parties see their cases in full; agencies see where trades stand, and documents that are their
//! business. What else is seen rests on a signed document: a grant of a party, or the answer of the
//! agency whose business it is. Nothing here is read while documents of trade execute.
//!
//! - `business`: what is which agency's own.
//! - `grants`: what organisations let each other see, for ever, and which of it holds.
//! - `assistance`: what agencies ask each other. `inspections`: what one did for all.
//! - `reads`: what agencies read, where the owners find it.
//! - `book`: numbered lists, by which an organisation finds what concerns it.
//! - [`Sight`]: how much of a case somebody sees, and the case cut down to it.

mod assistance;
mod book;
mod business;
mod grants;
mod inspections;
mod reads;
mod sight;

pub use assistance::{
    Answered, Assistance, AssistanceRef, AssistanceState, assistance, granted_to, kinds_for,
};
pub(crate) use assistance::{answer, request};
pub(crate) use book::append_value;
pub use book::{Book, alert_entry, entries, entry};
pub use business::{BUSINESS_ROLES, business};
pub(crate) use grants::{Given, Giver, Now, give, withdraw};
pub use grants::{
    Grant, GrantEnd, GrantRef, GrantState, Scope, givers, grant, grants_of_case, period_is_granted,
};
pub(crate) use inspections::inspect;
pub use inspections::{InspectionRecord, inspections};
pub(crate) use reads::report;
pub use reads::{ReadRecord, read_record};
pub use sight::{ShownCase, ShownExport, Sight, owners};

use crate::case::Case;
use crate::export::ExportCase;
use kanhe_types::code::OrganisationCode;
use kanhe_types::receipt::CaseKey;
use kanhe_types::time::Millis;

/// A trade, import or export, as far as access asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trade<'a> {
    /// Platform and order number.
    pub key: &'a CaseKey,
    /// The block time at which its first document came.
    pub opened: Millis,
    /// The organisations that are party to it, ascending.
    pub parties: Vec<OrganisationCode>,
}

impl<'a> From<&'a Case> for Trade<'a> {
    fn from(case: &'a Case) -> Self {
        Self { key: &case.key, opened: case.opened, parties: case.parties() }
    }
}

impl<'a> From<&'a ExportCase> for Trade<'a> {
    fn from(case: &'a ExportCase) -> Self {
        Self { key: &case.key, opened: case.opened, parties: case.parties() }
    }
}
