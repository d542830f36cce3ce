//! The rules of trade as a deterministic state machine.
//!
//! `(state, submissions, block context) → writes + receipts + events`. The crate does no I/O and
//! knows neither clock nor randomness; it is total: whatever is submitted, it answers.
//!
//! Modules in reading order:
//! - [`document`]: what organisations submit.
//! - [`registry`], [`policy`]: who may speak, and the parameters of the rules.
//! - [`state`], [`execute`]: what is read and written, and the door.
//! - [`event`]: what happened, for indexes and subscribers.

pub mod document;
pub mod event;
pub mod execute;
pub mod policy;
pub mod registry;
pub mod state;
