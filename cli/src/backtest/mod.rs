//! What other rules of risk would have said of what was observed: of a chain's history, or of a
//! table of declarations with labels.
//!
//! Observations come in the order in which they were made. Each policy counts all of them, so that
//! its features are warm, and what fires within a range of heights is compared. Nothing is changed:
//! a chain is executed again in a ledger that is thrown away.
//!
//! - [`replay`]: one policy over a stream of observations.
//! - [`compare`]: two policies over the same stream, against labels.
//! - [`chain`]: the stream of a chain.
//! - [`sheet`]: the stream of a table, by a mapping.
//! - `text`: for people.

pub mod chain;
pub mod compare;
pub mod replay;
pub mod sheet;
mod text;

#[cfg(test)]
mod tests;

pub use text::text_of;
