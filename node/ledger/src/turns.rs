//! When this validator flushes its store: in turn with the others.
//!
//! Validators execute the same documents, so that their memory fills at the same moment; all of
//! them flushing at once would be felt by every client. Each has its turn by the time of blocks.

use kanhe_types::time::Millis;
use std::ops::RangeInclusive;

/// How long a turn is: longer than a flush takes.
const TURN_MS: u64 = 1_500;
/// Less than this is not worth a flush.
const FLUSH_BYTES_MIN: usize = 48 * 1024 * 1024;
/// After so many heights there is a flush in any case, so that a restart executes a bounded number
/// again even when heights are small and memory never fills.
const FLUSH_HEIGHTS: u64 = 2_000;

/// Whose turn it is.
#[derive(Debug)]
pub(crate) struct Turns {
    index: u64,
    count: u64,
    bytes: usize,
}

impl Default for Turns {
    fn default() -> Self {
        Self { index: 0, count: 1, bytes: 0 }
    }
}

impl Turns {
    /// The turn of the validator at `index` among `count`.
    pub(crate) fn new(index: usize, count: usize) -> Self {
        let count = u64::try_from(count).unwrap_or(1).max(1);
        Self { index: u64::try_from(index).unwrap_or(0) % count, count, bytes: 0 }
    }

    /// Notes what heights wrote; whether the store is to be flushed now.
    pub(crate) fn written(
        &mut self,
        heights: RangeInclusive<u64>,
        time: Millis,
        bytes: usize,
    ) -> bool {
        self.bytes = self.bytes.saturating_add(bytes);
        let is_own_turn = time.0 / TURN_MS % self.count == self.index;
        let before = heights.start().saturating_sub(1) / FLUSH_HEIGHTS;
        let is_late = before < heights.end() / FLUSH_HEIGHTS;
        let is_due = is_late || (is_own_turn && FLUSH_BYTES_MIN <= self.bytes);
        if is_due {
            self.bytes = 0;
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_flush_at_one_time_and_everyone_does() {
        let mut all: Vec<Turns> = (0..4).map(|index| Turns::new(index, 4)).collect();
        let mut flushed = [0; 4];
        for step in 0..400u64 {
            let time = Millis(1_795_420_800_000 + step * 100);
            let now: Vec<usize> = (0..4)
                .filter(|index| all[*index].written(step + 1..=step + 1, time, FLUSH_BYTES_MIN / 4))
                .collect();
            assert!(now.len() <= 1, "step {step}: {now:?}");
            now.iter().for_each(|index| flushed[*index] += 1);
        }
        assert!(flushed.iter().all(|count| 5 < *count), "{flushed:?}");
    }

    #[test]
    fn little_waits_but_not_for_ever() {
        let mut turns = Turns::default();
        let mut written = |first, last, bytes| turns.written(first..=last, Millis(0), bytes);
        assert!(!written(1, FLUSH_HEIGHTS - 1, FLUSH_BYTES_MIN - 1));
        assert!(written(FLUSH_HEIGHTS, FLUSH_HEIGHTS, 0));
        assert!(!written(FLUSH_HEIGHTS + 1, FLUSH_HEIGHTS + 1, 1));
        assert!(written(FLUSH_HEIGHTS + 2, FLUSH_HEIGHTS + 9, FLUSH_BYTES_MIN));
        assert!(written(FLUSH_HEIGHTS + 10, 2 * FLUSH_HEIGHTS + 5, 0));
    }
}
