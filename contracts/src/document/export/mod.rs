//! The documents of an export: messages 303, 403, 505, 507, 509, 603, 605, 607, 701, 792, 213 and 215.

mod consolidation;
mod funds_receipt;
mod list;
mod movement;
mod order;
mod returns;
mod summary_result;
mod waybill;

pub use consolidation::{BillLine, ConsolidationBill, SummaryApplication, SummaryLine};
pub use funds_receipt::FundsReceipt;
pub use list::{ExportLine, ExportList, ExportListCancellation};
pub use movement::{Arrival, Departure, MovementLine};
pub use order::{ExportOrder, ExportOrderLine};
pub use returns::{ExportReturn, ReturnLine, ReturnTally};
pub use summary_result::{SummaryResult, SummedLine};
pub use waybill::ExportWaybill;
