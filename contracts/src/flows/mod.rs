//! Flows: what was declared, paid, received, shipped, delivered, refunded, returned, and what is
//! still outstanding, side by side; every figure can be opened down to its documents.
//!
//! They follow from cases and from nothing else: what a case says before a block is taken away and
//! what it says after it is added, in the month in which its list was accepted. So one row holds
//! what was declared in a month and whatever was paid and delivered for it since, and the sums are
//! those of the cases, which are those of the documents that stand.
//!
//! - [`Figure`], [`Figures`]: what is summed up.
//! - [`CaseFlow`], [`FlowPart`]: what one case says, as sums and document by document. `import` and
//!   `export` say it once for both.
//! - [`FlowPage`]: how sums are kept.
//! - `working`: what a block adds.
//! - [`entries`], [`tabulate`]: how they are read and summed up.
//! - [`ReceiptCheck`]: what was received for exports against what was declared.

mod case_flow;
mod export;
mod figure;
mod import;
mod query;
mod receipts;
mod records;
mod statement;
mod working;

pub use case_flow::{CaseFlow, FlowPart, OpenedFlow, PartSource, Place, Standing};
pub use export::{opened as opened_export, summed as of_export};
pub use figure::{Figure, Figures, Stream, Unit};
pub use import::{opened as opened_import, summed as of_import};
pub use query::{
    Entry, Filter, FlowDimension, Row, entries, entries_of, statements, statements_of, tabulate,
};
pub use receipts::{ReceiptCheck, ReceiptGap};
pub use records::FlowPage;
pub use statement::{Stated, opened as opened_statement};

pub(crate) use working::Flows;
