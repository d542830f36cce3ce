//! Bounds of the HTTP server. Sizes are in bytes, durations in milliseconds.

use kanhe_api::limits::WAIT_MS_MAX;
use kanhe_types::limits::{HTTP_BODY_BYTES_MAX, HTTP_REQUEST_AGE_MS_MAX};

/// Connections at one time; each carries one request at a time.
pub const CONNECTIONS_MAX: usize = 1_024;
/// Bytes of a request's line and headers.
pub const HEAD_BYTES_MAX: usize = 16 * 1024;
/// A connection that has not sent a request's headers in this time is closed. Longer than clients
/// keep idle connections, so that none of them sends a request into one that is being closed.
pub const HEAD_MS_MAX: u64 = 30_000;
/// A body that has not arrived in this time is given up.
pub const BODY_MS_MAX: u64 = 20_000;
/// Bytes of bodies that may be arriving or waiting for their check at one time.
pub const BODIES_BYTES_MAX: usize = 128 * 1024 * 1024;
/// A request is answered in this time, or the answer says that it was not.
pub const ANSWER_MS_MAX: u64 = 60_000;
/// Requests of one organisation in flight.
pub const REQUESTS_PER_ORGANISATION_MAX: usize = 128;
/// Nonces of one organisation that are remembered.
pub const NONCES_PER_ORGANISATION_MAX: usize = 250_000;
/// Nonces that are remembered.
pub const NONCES_MAX: usize = 1_000_000;
/// Requests that check submissions or read much at one time; others wait.
pub const HEAVY_MAX: usize = 4;
/// Submissions of our clients whose organisation is remembered.
pub const RECENT_MAX: usize = 200_000;
/// Bytes of decisions in one answer; the last may exceed it.
pub const DECISIONS_BYTES_TARGET: usize = 4 * 1024 * 1024;
/// Versions of the policy in one page: each of them is read, and may be large.
pub const POLICIES_READ_MAX: usize = 20;
/// Bytes of reads that are logged and not reported yet; with more no read of others' trades is
/// answered.
pub const READ_LOG_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// What agencies read is reported so long after a first read,
pub const REPORT_FIRST_AFTER_MS: u64 = 2_000;
/// and not more often than this.
pub const REPORT_EVERY_MS: u64 = 60_000;
/// How often it is looked whether something is to be reported.
pub const REPORT_LOOK_MS: u64 = 500;
/// A report's receipts are waited for so long.
pub const REPORT_WAIT_MS: u64 = 30_000;
/// Heights within which a report must be executed.
pub const REPORT_EXPIRES_HEIGHTS: u64 = 10_000;
/// Blocks that are remembered with their bodies, for observers that ask for the same ones.
pub const BLOCKS_REMEMBERED_MAX: usize = 8;
/// Proposals that one request for a list reads, whatever it shows of them.
pub const PROPOSALS_READ_MAX: usize = 1_000;
/// Heights over which the chain's latest pace is measured.
pub const PACE_HEIGHTS: u64 = 10_000;
/// A key that ends within so many days is warned of in the log,
pub const ENDING_SOON_DAYS: u64 = 28;
/// so often.
pub const WARNING_INTERVAL: std::time::Duration = std::time::Duration::from_secs(86_400);
/// Requests in flight may end by themselves for this long when the server stops.
pub const STOP_MS: u64 = 3_000;

// A long poll is answered before the request is given up, even when its head came late.
const _: () = assert!(WAIT_MS_MAX + BODY_MS_MAX < ANSWER_MS_MAX);
// A request does not become stale while its body arrives.
const _: () = assert!(BODY_MS_MAX < HTTP_REQUEST_AGE_MS_MAX);
// Several bodies of the largest size may arrive at one time.
const _: () = assert!(4 * HTTP_BODY_BYTES_MAX <= BODIES_BYTES_MAX);
const _: () = assert!(NONCES_PER_ORGANISATION_MAX < NONCES_MAX);
const _: () = assert!(kanhe_api::limits::TARGET_BYTES_MAX < HEAD_BYTES_MAX);
// What waits for receipts is remembered.
const _: () = assert!(crate::core::limits::POOL_SUBMISSIONS_MAX <= RECENT_MAX);
