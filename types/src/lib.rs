//! The data of the chain: what is encoded, hashed, signed and proved.
//!
//! Everything here is a pure function of its arguments. The crate never does I/O, reads a clock,
//! logs, or draws randomness, so that every node computes the same bytes from the same input.
//!
//! Modules in reading order:
//! - [`limits`]: every bound, and the relations between them.
//! - [`codec`]: canonical bytes; the only user of bincode.
//! - [`hash`]: domain-separated SHA-256; the only user of sha2.
//! - [`sm2`]: SM2 signatures and SM3; the only user of these crates.
//! - [`keys`]: signing and the one validity rule for signatures.
//! - [`decimal`], [`time`], [`code`]: numbers, instants and the codes of organisations.
//! - [`merkle`], [`hidden`], [`state_proof`]: what can be proved to somebody who holds only a root.
//! - [`pseudonym`]: what stands on the ledger instead of personal data.
//! - [`submission`], [`receipt`]: what an organisation says and what the ledger answers.
//! - [`validator`], [`block`], [`certificate`]: what validators agree on and how they show it.
//! - [`handover`]: which validators follow which, by headers and certificates alone.
//! - [`redacted`]: a block as somebody sees it who may not see all of it.
//! - [`signer`]: everything that is signed, and who signs: a key here, or another process.

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

pub mod block;
pub mod certificate;
pub mod code;
pub mod codec;
pub mod decimal;
pub mod handover;
pub mod hash;
pub mod hidden;
pub mod keys;
pub mod limits;
pub mod merkle;
pub mod pseudonym;
pub mod receipt;
pub mod redacted;
pub mod signer;
pub mod sm2;
pub mod state_proof;
pub mod submission;
pub mod time;
pub mod validator;
