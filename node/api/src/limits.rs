//! Bounds of requests and answers. Those of bodies and submissions stand in `kanhe_types::limits`.

/// Items of a list where the request names no limit.
pub const LIST_ITEMS_DEFAULT: usize = 50;
/// Items of one page of a list.
pub const LIST_ITEMS_MAX: usize = 500;
/// Months of one question about flows.
pub const FLOW_MONTHS_MAX: usize = 36;
/// Cases of one page behind flows, where the request names no limit,
pub const FLOW_CASES_DEFAULT: usize = 50;
/// and at most: each has dozens of amounts.
pub const FLOW_CASES_MAX: usize = 100;
/// Organisations of one page of credit: each is assessed by months of facts.
pub const CREDIT_ROWS_MAX: usize = 50;
/// Earlier states of an organisation in one answer.
pub const REVISIONS_MAX: usize = 100;
/// A long poll waits at most this many milliseconds; longer wishes are cut to it.
pub const WAIT_MS_MAX: u64 = 30_000;
/// Submissions whose receipts one request may ask for.
pub const RECEIPTS_SUBMISSIONS_MAX: usize = 1_000;
/// Decisions of one answer.
pub const DECISIONS_MAX: usize = 64;
/// Blocks of one answer that shows them redacted.
pub const REDACTED_BLOCKS_MAX: usize = 1_000;
/// Bytes of such an answer; the last block in it may exceed them.
pub const REDACTED_ANSWER_BYTES_TARGET: usize = 4 * 1024 * 1024;
/// Things that one request may ask evidence of.
pub const EVIDENCE_WANTED_MAX: usize = 256;
/// Bytes of evidence in one answer; the last thing in it may exceed them.
pub const EVIDENCE_ANSWER_BYTES_TARGET: usize = 4 * 1024 * 1024;
/// Bytes of such an answer, and of the request for it.
pub const EVIDENCE_BYTES_MAX: usize = 14 * 1024 * 1024;
/// Bytes of a path with its query, as sent.
pub const TARGET_BYTES_MAX: usize = 4 * 1024;
/// Bytes of a list's cursor in hex.
pub const CURSOR_BYTES_MAX: usize = 1024;
/// Bytes of a request's nonce.
pub const NONCE_BYTES: usize = 16;

const _: () = assert!(LIST_ITEMS_DEFAULT <= LIST_ITEMS_MAX);
// The longest order number, percent-encoded and as a cursor in hex, fits its bound.
const _: () = assert!(3 * kanhe_contracts::limits::NUMBER_BYTES_MAX + 256 < TARGET_BYTES_MAX);
const _: () = assert!(2 * (kanhe_contracts::limits::NUMBER_BYTES_MAX + 32) < CURSOR_BYTES_MAX);
const _: () = assert!(CURSOR_BYTES_MAX + 512 < TARGET_BYTES_MAX);
