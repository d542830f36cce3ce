//! The core's bounds on memory and time. Durations are in milliseconds.

use kanhe_types::limits::{
    BATCH_BYTES_MAX, BATCH_BYTES_TARGET, BLOCK_BATCHES_MAX, BLOCK_BYTES_MAX, EXECUTION_LAG,
    MESSAGE_BYTES_MAX,
};

/// Bytes of submissions that one organisation may have in flight on one validator.
pub const ORGANISATION_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Bytes of submissions in flight on one validator.
pub const POOL_BYTES_MAX: usize = 128 * 1024 * 1024;
/// Submissions in flight on one validator.
pub const POOL_SUBMISSIONS_MAX: usize = 100_000;
/// How long a submission may wait for others to share its batch.
pub const BATCH_DELAY_MS: u64 = 15;
/// Own batches that may be on their way to certification.
pub const OWN_BATCHES_OPEN_MAX: usize = 8;
/// Batches of one peer that may be under check.
pub const PEER_BATCHES_CHECKING_MAX: usize = 16;
/// Certified batches that wait to be ordered.
pub const CERTIFIED_MAX: usize = 4_096;
/// A block orders about as many documents as are executed in this time.
pub const BLOCK_EXECUTION_MS: u64 = 400;
/// A height begins so long after the one before when nothing but documents asks for it, and fewer
/// than a block's worth wait: each height costs every validator its votes, their syncs and a write,
/// whatever number of documents it has, and documents of one trade that meet in a block cost less.
pub const HEIGHT_PACE_MS: u64 = 60;
/// A block may always order so many documents.
pub const BLOCK_DOCUMENTS_MIN: u64 = 500;
/// How often what may have been lost is sent again.
pub const RESEND_MS: u64 = 400;
/// How often a validator says how far it is, and looks whether it is behind.
pub const STATUS_MS: u64 = 500;
/// An idle chain still makes a block this often, unless a node's configuration says otherwise, so
/// that deadlines have a clock.
pub const HEARTBEAT_MS: u64 = 10_000;
/// A request for decisions or batches is repeated to another peer after this time.
pub const FETCH_MS: u64 = 300;
/// Decisions of one answer.
pub const DECISIONS_MAX: usize = 64;
/// Bytes of decisions of one answer: the last may exceed it.
pub const DECISIONS_BYTES_TARGET: usize = 2 * 1024 * 1024;
/// Batches that one request may name.
pub const FETCH_BATCHES_MAX: usize = 64;
/// Batches that are fetched at one time for heights that are decided, unless one height needs more.
pub const FETCH_AHEAD_MAX: usize = 24;
/// Decided heights beyond the next one whose bodies are fetched while others execute.
pub const FETCH_HEIGHTS_AHEAD: u64 = 64;
/// Heights that may be decided and not executed while catching up.
pub const DECIDED_AHEAD_MAX: u64 = 128;
/// Messages of the agreement kept while it has not started.
pub const EARLY_MESSAGES_MAX: usize = 512;

const _: () = assert!(BATCH_BYTES_TARGET <= BATCH_BYTES_MAX);
const _: () = assert!(BATCH_BYTES_MAX < POOL_BYTES_MAX);
const _: () = assert!(BATCH_BYTES_MAX < ORGANISATION_BYTES_MAX);
const _: () = assert!(DECISIONS_BYTES_TARGET + 2 * BLOCK_BYTES_MAX < MESSAGE_BYTES_MAX);
const _: () = assert!(EXECUTION_LAG < DECIDED_AHEAD_MAX);
const _: () = assert!(BLOCK_DOCUMENTS_MIN < kanhe_types::limits::BLOCK_DOCUMENTS_MAX);
const _: () = assert!(BLOCK_BATCHES_MAX <= CERTIFIED_MAX);
const _: () = assert!(HEIGHT_PACE_MS < BLOCK_EXECUTION_MS);
