//! The rules of trade as a deterministic state machine.
//!
//! `(state, submissions, block context) → writes + receipts + events`. The crate does no I/O and
//! knows neither clock nor randomness; it is total: whatever is submitted, it answers.
//!
//! Modules in reading order:
//! - [`document`]: what organisations submit.
//! - [`registry`], [`policy`], [`limits`]: who may speak, the parameters of the rules, the bounds.
//! - [`expression`]: the language in which a policy says what it computes.
//! - [`state`], [`state_key`], [`execute`]: what is read and written, where, and the door.
//! - [`rejection`], `role`, `check`, `incoming`: why a document is refused, what is checked in it
//!   alone, and what is kept of it.
//! - [`case`], [`matching`]: trades, and what their documents say of each other.
//! - [`capital`]: payments that several orders share, and refunds.
//! - [`export`]: the cases of what goes out, and what stands beside them.
//! - [`clearance`]: what follows an import list, and the pools that cases share.
//! - [`deadlines`]: what falls due by block time.
//! - [`spot_check`]: originals that agencies ask for, as cases keep them.
//! - [`statistics`]: what cases count for, month by month.
//! - [`flows`]: the three flows of cases, reconciled over months.
//! - [`risk`]: what is suspicious, by rules that are policy.
//! - [`credit`]: how organisations keep the rules, who is listed, and what follows from it.
//! - `roll`: which enterprises a month has.
//! - `working_set`, `apply`: what a block works on, and what a document changes.
//! - [`governance`]: how the zone itself changes.
//! - [`access`]: who lets whom see what.
//! - [`event`]: what happened, for indexes and subscribers.
//! - [`fixture`]: invented organisations and trades, for tests and demonstrations.

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

pub mod access;
mod apply;
mod beside;
pub mod capital;
pub mod case;
mod check;
pub mod clearance;
pub mod credit;
pub mod deadlines;
pub mod document;
pub mod event;
pub mod execute;
pub mod export;
pub mod expression;
pub mod fixture;
pub mod flows;
pub mod governance;
mod incoming;
pub mod limits;
pub mod matching;
pub mod policy;
pub mod register;
pub mod registry;
pub mod rejection;
pub mod risk;
mod role;
mod roll;
pub mod spot_check;
pub mod state;
pub mod state_key;
pub mod statistics;
mod working_set;

#[cfg(test)]
mod tests;
