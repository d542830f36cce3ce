//! What agencies read of whose trades, where the owners find it.

use super::book::{self, Book};
use super::grants::{Giver, Now};
use crate::case::load;
use crate::document::{ReadEntry, ReadReport};
use crate::governance::Done;
use crate::registry::organisation;
use crate::rejection::{Rejected, Rejection, Stop};
use crate::state::{Overlay, StateError, StateRead};
use crate::state_key::{book_entry_key_bytes, report_key_bytes};
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{self, Decode, Encode};
use kanhe_types::hash::Hash;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Reads of an organisation's trades, as a node reported them.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct ReadRecord {
    /// What was read.
    #[serde(flatten)]
    pub entry: ReadEntry,
    /// The agency whose node showed it and reports it.
    pub server: OrganisationCode,
    /// The identity of the report's document.
    pub report: Hash,
    /// The height of the report.
    pub reported: u64,
}

/// The entry of an organisation's book of reads with this number.
///
/// # Errors
/// When this machine cannot read its state.
pub fn read_record(
    state: &impl StateRead,
    owner: &OrganisationCode,
    number: u64,
) -> Result<Option<ReadRecord>, StateError> {
    load(state, &book_entry_key_bytes(Book::Reads as u8, owner, number))
}

/// Enters what a node reports into the owners' books.
pub(crate) fn report<S: StateRead>(
    state: &mut Overlay<'_, S>,
    now: Now,
    server: &Giver<'_>,
    report: ReadReport,
) -> Result<Done, Stop> {
    let key = report_key_bytes(&server.document);
    if let Some(first_height) = load(state, &key)? {
        return Ok(Done::Repeated { first_height });
    }
    let owners: BTreeSet<&OrganisationCode> =
        report.reads.iter().map(|entry| &entry.owner).collect();
    for owner in owners {
        if organisation(state, owner)?.is_none() {
            let (rejection, expected) = (Rejection::OwnerUnknown, "registered organisations");
            return Err(Rejected::new(rejection, "owner", expected, owner).into());
        }
    }
    for entry in report.reads {
        let owner = entry.owner.clone();
        let record = ReadRecord {
            entry,
            server: server.organisation.clone(),
            report: server.document,
            reported: now.height,
        };
        book::append_value(state, Book::Reads, &owner, codec::encode(&record))?;
    }
    state.put(key, codec::encode(&now.height));
    Ok(Done::Accepted)
}
