//! Deadlines by block time: when cases that still collect count as overdue.
//!
//! Cases of one block share a deadline and stand in chunks under ascending numbers, one queue for
//! each length of time that policies state, so that a block reads one record to see whether
//! anything is due, and opening a case costs a few bytes.

use kanhe_types::codec::{Decode, Encode};
use kanhe_types::receipt::CaseKey;
use kanhe_types::time::Millis;

/// The queues, of one record. It is absent while nothing waits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct Deadlines {
    /// One for each number of days, in the order in which policies stated them.
    pub queues: Vec<DeadlineQueue>,
}

/// The deadlines of one length of time.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct DeadlineQueue {
    /// After how many days they fall due.
    pub days: u32,
    /// The number of the first chunk that waits,
    pub head: u64,
    /// and of the next that will be written.
    pub tail: u64,
    /// When the first falls due.
    pub due: Millis,
}

/// Cases with the same deadline.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct DeadlineChunk {
    /// When they fall due.
    pub due: Millis,
    /// The cases.
    pub cases: Vec<CaseKey>,
}

/// Milliseconds of a day.
const DAY_MS: u64 = 86_400_000;

/// The instant so many days after another.
pub(crate) fn after(from: Millis, days: u32) -> Millis {
    Millis(from.0.saturating_add(u64::from(days).saturating_mul(DAY_MS)))
}
