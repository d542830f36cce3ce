//! What travels over HTTP between a node and its members: paths, JSON types, errors, signatures.
//!
//! Server and client share this crate, so that they cannot drift apart. It opens no connection,
//! reads no clock, draws no randomness and holds no key: callers bring all of them.
//!
//! Modules in reading order:
//! - [`limits`]: bounds of requests and answers.
//! - [`path`]: where things are, and how order numbers stand in a path.
//! - [`error`]: what an answer says when it is not the one that was asked for.
//! - [`signing`]: how a request shows whose it is.
//! - [`frames`]: answers of several parts.
//! - [`submission`]: sending documents, and their receipts.
//! - [`view`]: trades, documents, blocks and the node's status as JSON.
//! - [`governance`]: proposals and organisations as JSON.
//! - [`policy`]: versions of the policy as JSON.
//! - [`spot_check`]: spot checks of originals as JSON.
//! - [`pseudonym`]: what the pseudonym service is asked, and what it answers.
//! - [`access`]: grants, assistance, and what agencies read.
//! - [`statistics`]: what lists come to, month by month.
//! - [`flows`]: the three flows of cases, and the cases behind them.
//! - [`register`]: entries of registers.
//! - [`credit`]: scores, grades, and the negative list.
//! - [`risk`]: alerts, what rules said and why, and how they did.

pub mod access;
pub mod credit;
pub mod error;
pub mod flows;
pub mod frames;
pub mod governance;
pub mod limits;
pub mod path;
pub mod policy;
pub mod pseudonym;
pub mod register;
pub mod risk;
pub mod signing;
pub mod spot_check;
pub mod statistics;
pub mod submission;
pub mod view;

pub use error::{ApiError, ErrorCode};
pub use signing::{Nonce, RequestHeaders, RequestToSign};
