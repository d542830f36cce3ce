//! What follows an import list: field tables of messages 513, 623, 625, 711, 816 and 818, and of
//! what customs says of lists.

mod correction;
mod customs;
mod warehouse;

pub(super) use correction::{check_cancellation, check_return};
pub(super) use customs::{check_bill, check_bill_status, check_list_status};
pub(super) use warehouse::{check_receipt, check_waybill_status};
