//! How many documents a block should order: as many as this validator executes in a moment.
//!
//! Whatever a block orders is executed before the headers two heights later can be built, so that
//! a block which takes long to execute holds everything up behind it, a dead proposer's timeout
//! included. Small blocks cost agreement. Any choice is valid: this is the proposer's own.

use super::limits::{BLOCK_DOCUMENTS_MIN, BLOCK_EXECUTION_MS};
use kanhe_types::limits::BLOCK_DOCUMENTS_MAX;

/// Of the last heights with documents: how fast they were executed.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// The height under execution: when it began, and its documents.
    running: Option<(u64, u64)>,
    /// Documents a second, averaged; none before the first.
    per_second: Option<u64>,
}

impl Pace {
    /// A height with so many documents begins to execute.
    pub(super) fn begin(&mut self, now_ms: u64, documents: u64) {
        self.running = Some((now_ms, documents));
    }

    /// The height is executed.
    pub(super) fn end(&mut self, now_ms: u64) {
        let Some((begun_ms, documents)) = self.running.take() else { return };
        // A small height tells of its overhead only.
        if documents < BLOCK_DOCUMENTS_MIN {
            return;
        }
        let took_ms = now_ms.saturating_sub(begun_ms).max(1);
        let measured = documents.saturating_mul(1_000) / took_ms;
        let before = self.per_second.unwrap_or(measured);
        // A quarter of the new: one slow height, during a flush, changes little.
        self.per_second = Some(before.saturating_mul(3).saturating_add(measured) / 4);
    }

    /// The documents that the next block should order at most.
    pub(super) fn documents(&self) -> u64 {
        let Some(per_second) = self.per_second else { return BLOCK_DOCUMENTS_MAX };
        let wanted = per_second.saturating_mul(BLOCK_EXECUTION_MS) / 1_000;
        wanted.clamp(BLOCK_DOCUMENTS_MIN, BLOCK_DOCUMENTS_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wanted_size_follows_the_measured_speed_within_its_bounds() {
        let mut pace = Pace::default();
        assert_eq!(pace.documents(), BLOCK_DOCUMENTS_MAX);
        let mut execute = |took_ms: u64, documents| {
            pace.begin(5, documents);
            pace.end(5 + took_ms);
            pace.documents()
        };
        assert_eq!(execute(1_000, 10_000), 10_000 * BLOCK_EXECUTION_MS / 1_000);
        let slower = execute(10_000, 10_000);
        assert!(slower < 10_000 * BLOCK_EXECUTION_MS / 1_000);
        for _ in 0..50 {
            execute(60_000, 10_000);
        }
        assert_eq!(execute(60_000, 10_000), BLOCK_DOCUMENTS_MIN);
        // Too small to tell anything.
        assert_eq!(execute(0, 1), BLOCK_DOCUMENTS_MIN);
        for _ in 0..80 {
            execute(0, 150_000);
        }
        assert_eq!(execute(0, 150_000), BLOCK_DOCUMENTS_MAX);
    }
}
