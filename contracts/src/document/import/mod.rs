//! What follows an import list: messages 513, 623, 625, 711, 816 and 818, and where customs says
//! that the list stands.

mod correction;
mod list_status;
mod tax_bill;
mod warehouse_receipt;
mod waybill_status;

pub use correction::{ListCancellation, ListReturn, ListReturnLine};
pub use list_status::{ListStatus, StatusSubject};
pub use tax_bill::{TaxBill, TaxBillStatus, TaxLine};
pub use warehouse_receipt::{ReceivedGoods, ReceivedParcel, WarehouseReceipt};
pub use waybill_status::WaybillStatus;
