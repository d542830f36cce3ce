//! Agreement on the next block: Tendermint, as a function from inputs to outputs.
//!
//! [`Consensus::handle`] takes one [`Input`] and answers with the [`Output`]s to carry out, in
//! their order. The crate never does I/O, reads a clock, spawns, logs, or draws randomness: the
//! same inputs give the same outputs, so that a simulator drives the production code. It is the
//! only user of the agreement library (docs/decisions/0003-agreement-engine.md), none of whose
//! types appears in the public interface.
//!
//! Modules in reading order:
//! - [`input`], [`output`]: the whole contract with the host.
//! - [`message`]: what validators send each other. Hostile until checked.
//! - [`log`]: what must be durable before a vote leaves, and how it is replayed.
//! - [`evidence`]: proof that a validator said two things.
//! - [`proposers`]: who proposes in which round, from what headers record.
//! - `context`: our types as the library wants them.
//! - `blocks`, `early`: bodies of proposals, and messages that come before their height.
//! - `effects`: one height's answers to what the library asks.
//! - `engine`: [`Consensus`] itself.

#![deny(clippy::arithmetic_side_effects, clippy::float_arithmetic, clippy::indexing_slicing)]
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::cast_possible_truncation,
        reason = "tests may panic"
    )
)]

mod blocks;
mod context;
mod early;
mod effects;
mod engine;
pub mod evidence;
pub mod input;
pub mod log;
pub mod message;
pub mod output;
pub mod proposers;
#[cfg(test)]
mod sample;

pub use engine::Consensus;
pub use evidence::Evidence;
pub use input::{Config, Input, Timeouts, Verdict};
pub use log::LogEntry;
pub use message::Message;
pub use output::{Output, Timer, TimerKind};
