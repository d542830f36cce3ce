//! The rules of trade as a deterministic state machine.

pub mod document;
