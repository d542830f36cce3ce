//! What tests share: the simulator of whole networks in virtual time, and real nodes on loopback.
//!
//! Tests that span crates stand in `tests/tests`.

pub mod network;
pub mod simulator;
