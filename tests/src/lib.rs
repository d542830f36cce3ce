//! What tests share: the simulator of whole networks in virtual time.
//!
//! Tests that span crates stand in `tests/tests`.

pub mod simulator;
