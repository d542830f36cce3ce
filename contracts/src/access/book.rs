//! Numbered lists of identities: what concerns an organisation, in the order in which it came.

use crate::case::load;
use crate::state::{Overlay, StateError, StateRead};
use crate::state_key::{book_entry_key_bytes, book_key_bytes};
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec;
use kanhe_types::hash::Hash;

/// Which list. The numbers are permanent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Book {
    /// Grants that it gave or received, and those of others for cases that it is party to.
    Grants = 1,
    /// Requests for assistance that it made, was asked, or that are about its trades.
    Assistance = 2,
    /// What agencies read of its trades.
    Reads = 3,
    /// Entries of registers that it is party to.
    Registers = 4,
    /// Alerts that it has, or had.
    Alerts = 5,
}

/// How many entries a list has; they are numbered from 1.
///
/// # Errors
/// When this machine cannot read its state.
pub fn entries(
    state: &impl StateRead,
    book: Book,
    organisation: &OrganisationCode,
) -> Result<u64, StateError> {
    Ok(load(state, &book_key_bytes(book as u8, organisation))?.unwrap_or(0))
}

/// The entry with this number.
///
/// # Errors
/// When this machine cannot read its state.
pub fn entry(
    state: &impl StateRead,
    book: Book,
    organisation: &OrganisationCode,
    number: u64,
) -> Result<Option<Hash>, StateError> {
    load(state, &book_entry_key_bytes(book as u8, organisation, number))
}

/// The number of the alert that stands at this place of an agency's list.
///
/// # Errors
/// When this machine cannot read its state.
pub fn alert_entry(
    state: &impl StateRead,
    organisation: &OrganisationCode,
    number: u64,
) -> Result<Option<u64>, StateError> {
    load(state, &book_entry_key_bytes(Book::Alerts as u8, organisation, number))
}

/// Adds an identity.
pub(super) fn append<S: StateRead>(
    state: &mut Overlay<'_, S>,
    book: Book,
    organisation: &OrganisationCode,
    id: &Hash,
) -> Result<(), StateError> {
    append_value(state, book, organisation, codec::encode(id))
}

/// Adds an entry, encoded.
pub(crate) fn append_value<S: StateRead>(
    state: &mut Overlay<'_, S>,
    book: Book,
    organisation: &OrganisationCode,
    entry: Vec<u8>,
) -> Result<(), StateError> {
    let number = entries(state, book, organisation)?.saturating_add(1);
    state.put(book_key_bytes(book as u8, organisation), codec::encode(&number));
    state.put(book_entry_key_bytes(book as u8, organisation, number), entry);
    Ok(())
}
