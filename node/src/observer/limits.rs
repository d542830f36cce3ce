//! Bounds of an observer. Durations are in milliseconds.

use kanhe_api::limits::{EVIDENCE_WANTED_MAX, REDACTED_BLOCKS_MAX, WAIT_MS_MAX};

/// Blocks that are asked for at one time: one synced write each.
pub const BLOCKS_MAX: usize = 512;
/// A server may wait so long for the next block before it answers that there is none.
pub const WAIT_MS: u64 = 2_000;
/// An answer that was not asked to wait takes at most this long; whoever takes longer is slow.
pub const ANSWER_MS_MAX: u64 = 8_000;
/// A server that has had no new block for so long is not asked on: a chain makes one every ten
/// seconds when nothing happens.
pub const STALE_MS: u64 = 15_000;
/// A server that did not answer is left alone for so long at first, and twice as long each time,
pub const SILENT_MS_MIN: u64 = 250;
/// up to this.
pub const SILENT_MS_MAX: u64 = 10_000;
/// A server that said something that is not true is left alone for so long, while others answer.
pub const LIAR_MS: u64 = 3_600_000;
/// Things that evidence is asked of at one time.
pub const WANTED_MAX: usize = 128;
/// Things of which evidence waits for its header at one time.
pub const PENDING_MAX: usize = 1_024;
/// How often something is denied before it is no longer asked for, in rounds of all servers.
pub const DENIALS_MAX: u32 = 3;
/// What was denied is asked for again after this time.
pub const DENIED_MS: u64 = 2_000;
/// Bytes of an answer.
pub const ANSWER_BYTES_MAX: u64 = 512 * 1024 * 1024;
/// Servers that an observer knows.
pub const SERVERS_MAX: usize = 100;
/// Bytes of a server's address.
pub const ADDRESS_BYTES_MAX: usize = 512;

const _: () = assert!(BLOCKS_MAX <= REDACTED_BLOCKS_MAX);
const _: () = assert!(WANTED_MAX <= EVIDENCE_WANTED_MAX);
const _: () = assert!(WANTED_MAX <= PENDING_MAX);
const _: () = assert!(WAIT_MS < WAIT_MS_MAX);
// Whoever lies is left alone longer than whoever is silent.
const _: () = assert!(SILENT_MS_MAX < LIAR_MS);
