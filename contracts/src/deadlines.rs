//! Deadlines by block time: when cases that still collect count as overdue, and when released
//! trades are closed.
//!
//! Cases of one block share a deadline and stand in chunks under ascending numbers, one queue for
//! each length of time that policies state, so that a block reads one record to see whether
//! anything is due, and opening a case costs a few bytes. Imports and exports have books of their
//! own.

use crate::case;
use crate::limits::{DEADLINE_CASES_MAX, DEADLINE_CHUNKS_PER_HEIGHT_MAX, DEADLINE_QUEUES_MAX};
use crate::policy::Direction;
use crate::state::{StateError, StateRead};
use crate::state_key;
use crate::working_set::{Sheet, Table, Write};
use kanhe_types::codec::{self, Decode, Encode};
use kanhe_types::receipt::CaseKey;
use kanhe_types::time::Millis;
use std::collections::BTreeSet;

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

/// In how many days from now something is due that is due so many days after `from`; none when it
/// is due already.
pub(crate) fn days_left(from: Millis, days: u32, now: Millis) -> Option<u32> {
    let rest = after(from, days).0.saturating_sub(now.0);
    let days = u32::try_from(rest.div_ceil(DAY_MS)).unwrap_or(u32::MAX);
    (0 < days).then_some(days)
}

/// The deadlines of one direction, as a block works on them.
pub(crate) struct DeadlineBook {
    direction: Direction,
    table: Table<Sheet<Deadlines>>,
    /// Chunks of deadlines that passed,
    passed: Vec<Write>,
    /// and the cases in them.
    due: BTreeSet<CaseKey>,
}

impl DeadlineBook {
    /// The book of a direction, whose record was read.
    pub(crate) fn new(direction: Direction, read: Vec<(Vec<u8>, Option<Vec<u8>>)>) -> Self {
        Self { direction, table: Table::new(read), passed: Vec::new(), due: BTreeSet::new() }
    }

    fn record(&mut self, state: &impl StateRead) -> Result<&mut Sheet<Deadlines>, StateError> {
        self.table.open(state, state_key::deadlines_key_bytes(self.direction), Sheet::new)
    }

    fn chunk_key(&self, days: u32, number: u64) -> Vec<u8> {
        state_key::deadline_chunk_key_bytes(self.direction, days, number)
    }

    /// Takes the cases whose deadline is over off the queues.
    pub(crate) fn pass(
        &mut self,
        state: &impl StateRead,
        now: Millis,
    ) -> Result<Vec<CaseKey>, StateError> {
        let Some(mut held) = self.record(state)?.get().cloned() else { return Ok(Vec::new()) };
        let mut due = Vec::new();
        let mut room = DEADLINE_CHUNKS_PER_HEIGHT_MAX;
        for queue in &mut held.queues {
            while 0 < room && queue.head < queue.tail && queue.due <= now {
                room = room.saturating_sub(1);
                let key = self.chunk_key(queue.days, queue.head);
                if let Some(chunk) = case::load::<DeadlineChunk>(state, &key)? {
                    due.extend(chunk.cases);
                }
                self.passed.push((key, None));
                queue.head = queue.head.saturating_add(1);
                if queue.head < queue.tail {
                    let next = self.chunk_key(queue.days, queue.head);
                    let next: Option<DeadlineChunk> = case::load(state, &next)?;
                    queue.due = next.map_or(now, |chunk| chunk.due);
                }
            }
        }
        self.due.extend(due.iter().cloned());
        if !self.passed.is_empty() {
            held.queues.retain(|queue| queue.head < queue.tail);
            self.record(state)?.put(Some(held).filter(|held| !held.queues.is_empty()));
        }
        Ok(due)
    }

    /// Whether a case's deadline passed in this block. The policy may have moved it since.
    pub(crate) fn is_passed(&self, case: &CaseKey) -> bool {
        self.due.contains(case)
    }

    /// Begins the changes of a block: a new chunk may take the number of one that passed.
    pub(crate) fn begin_writes(&mut self, writes: &mut Vec<Write>) {
        writes.append(&mut self.passed);
    }

    /// Queues cases that fall due so many days from now, or somewhat earlier or later where too
    /// many lengths of time are queued: whoever is early is queued again.
    pub(crate) fn queue(
        &mut self,
        state: &impl StateRead,
        now: Millis,
        days: u32,
        cases: &[CaseKey],
        writes: &mut Vec<Write>,
    ) -> Result<(), StateError> {
        if cases.is_empty() {
            return Ok(());
        }
        let direction = self.direction;
        let held = self.record(state)?.change();
        let is_known = held.queues.iter().any(|queue| queue.days == days);
        if !is_known && held.queues.len() < DEADLINE_QUEUES_MAX {
            // Numbers begin again: the chunks of an earlier queue of the same length are gone.
            held.queues.push(DeadlineQueue { days, head: 0, tail: 0, due: after(now, days) });
        }
        let nearest = held.queues.iter_mut().min_by_key(|queue| queue.days.abs_diff(days));
        let Some(queue) = nearest else { return Ok(()) };
        let (days, due) = (queue.days, after(now, queue.days));
        for cases in cases.chunks(DEADLINE_CASES_MAX) {
            let key = state_key::deadline_chunk_key_bytes(direction, days, queue.tail);
            let chunk = DeadlineChunk { due, cases: cases.to_vec() };
            writes.push((key, Some(codec::encode(&chunk))));
            queue.tail = queue.tail.saturating_add(1);
        }
        Ok(())
    }

    /// Ends the changes of a block.
    pub(crate) fn finish_writes(&mut self, writes: &mut Vec<Write>) {
        self.table.write(writes);
    }
}
