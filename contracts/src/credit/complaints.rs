//! Complaints of rights holders that wait for customs, by what they are about: signals for whoever
//! assesses a trade or a merchant.

use crate::case::load;
use crate::document::{CaseRef, Complaint, ComplaintSubject};
use crate::limits::{COMPLAINTS_OF_MERCHANT_MAX, COMPLAINTS_OF_TRADE_MAX};
use crate::register::EntryKey;
use crate::rejection::{Rejected, Rejection, Stop};
use crate::state::{Overlay, StateError, StateRead};
use crate::state_key::{complaints_of_merchant_key_bytes, complaints_of_trade_key_bytes};
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{self, Decode, Encode};
use kanhe_types::time::Millis;
use serde::{Deserialize, Serialize};

/// A complaint that waits for customs.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase")]
pub struct OpenComplaint {
    /// The right that is said to be infringed.
    pub right: EntryKey,
    /// The holder's number for the complaint.
    pub reference: String,
    /// A word in the names of the goods, where it is about a merchant.
    pub word: Option<String>,
    /// Whether customs is asked to hold the goods.
    pub asks_hold: bool,
    /// When it was made, in block time.
    pub time: Millis,
}

/// The open complaints about a trade, in the order in which they were made.
///
/// # Errors
/// When this machine cannot read its state.
pub fn complaints_of_trade(
    state: &impl StateRead,
    trade: &CaseRef,
) -> Result<Vec<OpenComplaint>, StateError> {
    Ok(load(state, &complaints_of_trade_key_bytes(trade))?.unwrap_or_default())
}

/// The open complaints about what a merchant sells, in the order in which they were made.
///
/// # Errors
/// When this machine cannot read its state.
pub fn complaints_of_merchant(
    state: &impl StateRead,
    merchant: &OrganisationCode,
) -> Result<Vec<OpenComplaint>, StateError> {
    Ok(load(state, &complaints_of_merchant_key_bytes(merchant))?.unwrap_or_default())
}

/// Where complaints about a subject stand, and how many there may be under each key.
fn places(complaint: &Complaint) -> (Vec<Vec<u8>>, usize) {
    match &complaint.subject {
        ComplaintSubject::Trades(trades) => {
            (trades.iter().map(complaints_of_trade_key_bytes).collect(), COMPLAINTS_OF_TRADE_MAX)
        }
        ComplaintSubject::Merchant { merchant, .. } => {
            (vec![complaints_of_merchant_key_bytes(merchant)], COMPLAINTS_OF_MERCHANT_MAX)
        }
    }
}

/// Enters a complaint with everything that it is about.
pub(crate) fn open_complaint<S: StateRead>(
    state: &mut Overlay<'_, S>,
    open: &OpenComplaint,
    complaint: &Complaint,
) -> Result<(), Stop> {
    let (keys, max) = places(complaint);
    for key in keys {
        let mut all: Vec<OpenComplaint> = load(&*state, &key)?.unwrap_or_default();
        if max <= all.len() {
            let expected = format!("at most {max} open complaints about one trade or merchant");
            let rejection = Rejection::EntryFull;
            return Err(Rejected::new(rejection, "subject", expected, "one more").into());
        }
        all.push(open.clone());
        state.put(key, codec::encode(&all));
    }
    Ok(())
}

/// Takes a complaint out wherever it stands.
pub(crate) fn close_complaint<S: StateRead>(
    state: &mut Overlay<'_, S>,
    right: &EntryKey,
    complaint: &Complaint,
) -> Result<(), StateError> {
    for key in places(complaint).0 {
        let mut all: Vec<OpenComplaint> = load(&*state, &key)?.unwrap_or_default();
        all.retain(|own| own.right != *right || own.reference != complaint.reference);
        match all.is_empty() {
            true => state.remove(key),
            false => state.put(key, codec::encode(&all)),
        }
    }
    Ok(())
}
