//! Exports: the cases of orders that go out, and what the ledger keeps beside them.
//!
//! An export's waybill names no order, and most of its documents name parcels or lists: the records
//! of these, [`ParcelRecord`] and [`ListNumberRecord`], join them with the cases whose lists claim
//! them, whichever comes first.

mod case;
mod facts;
mod records;
mod working;

pub use case::ExportCase;
pub use facts::{
    ExportListFacts, ExportOrderFacts, ExportWaybillFacts, NoticeFacts, ReceiptFacts, ReturnedLine,
    SummedGoods,
};
pub use records::{Claim, ListNumberRecord, Notice, NoticeRecord, ParcelRecord, ReceiptRecord};

pub(crate) use working::{EvaluatedExports, ExportSet, known_export};

use crate::case::load;
use crate::state::{StateError, StateRead};
use crate::state_key;
use kanhe_types::code::OrganisationCode;
use kanhe_types::receipt::CaseKey;

/// The export case of a platform's order.
///
/// # Errors
/// When this machine cannot read its state.
pub fn case(state: &impl StateRead, key: &CaseKey) -> Result<Option<ExportCase>, StateError> {
    load(state, &state_key::export_case_key_bytes(key))
}

/// What is known of a carrier's number for an export parcel, in its current use.
///
/// # Errors
/// When this machine cannot read its state.
pub fn parcel(
    state: &impl StateRead,
    logistics_code: &OrganisationCode,
    logistics_no: &str,
) -> Result<Option<ParcelRecord>, StateError> {
    load(state, &state_key::parcel_key_bytes(logistics_code, logistics_no))
}

/// What is known of a list's number.
///
/// # Errors
/// When this machine cannot read its state.
pub fn list_number(
    state: &impl StateRead,
    invt_no: &str,
) -> Result<Option<ListNumberRecord>, StateError> {
    load(state, &state_key::list_number_key_bytes(invt_no))
}
