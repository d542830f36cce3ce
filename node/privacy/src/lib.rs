//! What keeps personal values from those who need not know them.
//!
//! The crate owns the cryptography of it and nothing else: it opens no connection, knows no ledger
//! and no message, and never shows a value or a key, not in an error and not in debug output.
//!
//! Modules in reading order:
//! - [`oprf`]: a secret function that an agency evaluates on values it does not see (RFC 9497).
//! - [`vault`]: a sender's originals, each encrypted with a key of its own, and their commitments.
//! - [`seal`]: letters that one reader opens.

#![deny(clippy::float_arithmetic, clippy::indexing_slicing)]
#![cfg_attr(test, allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "tests may panic"))]

pub mod oprf;
mod random;
pub mod seal;
pub mod vault;
