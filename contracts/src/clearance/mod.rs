//! What follows an import list: where customs says that it stands, delivery, cancellation, return,
//! tax, and what the case takes from pools that it shares with others.

mod claims;
mod facts;
mod pool;
mod working;

pub use claims::{Claim, PoolKey};
pub use facts::{
    Bill, BillStatus, CancellationFacts, Clearance, CustomsStatus, ListNumberRecord, ReceiptEntry,
    ReturnEntry, ReturnFacts, ReturnedLine, SignedFacts, Unfit, UnfitReason, WarehouseRecord,
};
pub use pool::{Pool, Wanting};

pub(crate) use claims::value_of;
pub(crate) use facts::{CLOSED, HELD, RELEASED, SHIPPED_BACK};
pub(crate) use working::{ClearanceSet, is_due, is_over};

use crate::case::load;
use crate::state::{StateError, StateRead};
use crate::state_key;
use kanhe_types::code::OrganisationCode;

/// What is left of a pool, and who waits for it; of quotas how much is used.
///
/// # Errors
/// When this machine cannot read its state.
pub fn pool(state: &impl StateRead, key: &PoolKey) -> Result<Option<Pool>, StateError> {
    load(state, &state_key::pool_key_bytes(key))
}

/// What is known of the number that customs gave an import list.
///
/// # Errors
/// When this machine cannot read its state.
pub fn list_number(
    state: &impl StateRead,
    invt_no: &str,
) -> Result<Option<ListNumberRecord>, StateError> {
    load(state, &state_key::import_number_key_bytes(invt_no))
}

/// A receipt of a supervised site, by its operator and its number (or `guid`).
///
/// # Errors
/// When this machine cannot read its state.
pub fn warehouse_receipt(
    state: &impl StateRead,
    operator_code: &OrganisationCode,
    number: &str,
) -> Result<Option<WarehouseRecord>, StateError> {
    load(state, &state_key::warehouse_receipt_key_bytes(operator_code, number))
}
