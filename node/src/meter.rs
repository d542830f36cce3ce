//! Where a node's CPU time goes: seconds for each stage of a document's way.
//!
//! Threads are named after their stage, so that the system tells most of it. The two threads that
//! have several stages, holding and executing, tell their own with a clock of the thread.

use rustix::time::{ClockId, clock_gettime};
use std::sync::atomic::{AtomicU64, Ordering};

/// A stage that shares its thread with others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Checking the signatures and commitments of batches.
    Verify,
    /// Writing to the store: bodies, and the effects of heights.
    Store,
    /// Applying the rules.
    Execute,
    /// Computing the state root.
    StateTree,
}

impl Stage {
    /// Every stage.
    pub const ALL: [Self; 4] = [Self::Verify, Self::Store, Self::Execute, Self::StateTree];

    /// Its name in figures.
    pub fn name(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Store => "store",
            Self::Execute => "execute",
            Self::StateTree => "state_tree",
        }
    }
}

/// CPU time by stage since the node started.
#[derive(Debug, Default)]
pub struct Meter {
    nanoseconds: [AtomicU64; Stage::ALL.len()],
}

/// Measures one thread; what lies between two readings belongs to the stage that is named at the
/// second.
#[derive(Debug)]
pub struct Stopwatch<'a> {
    meter: &'a Meter,
    last: u64,
}

impl Meter {
    /// A stopwatch of the calling thread, which must not be given to another one.
    pub fn stopwatch(&self) -> Stopwatch<'_> {
        Stopwatch { meter: self, last: thread_nanoseconds() }
    }

    /// The CPU seconds of a stage.
    pub fn seconds(&self, stage: Stage) -> f64 {
        let counted = self.nanoseconds.get(stage as usize);
        let counted = counted.map_or(0, |counter| counter.load(Ordering::Relaxed));
        std::time::Duration::from_nanos(counted).as_secs_f64()
    }
}

impl Stopwatch<'_> {
    /// What the thread did since the last reading was `stage`.
    pub fn count(&mut self, stage: Stage) {
        let now = thread_nanoseconds();
        if let Some(counter) = self.meter.nanoseconds.get(stage as usize) {
            counter.fetch_add(now.saturating_sub(self.last), Ordering::Relaxed);
        }
        self.last = now;
    }

    /// What the thread did since the last reading belongs to no stage.
    pub fn skip(&mut self) {
        self.last = thread_nanoseconds();
    }
}

/// The CPU time of the calling thread.
fn thread_nanoseconds() -> u64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let rest = u64::try_from(time.tv_nsec).unwrap_or(0);
    seconds.saturating_mul(1_000_000_000).saturating_add(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_counted_for_the_stage_that_ends_it_and_skipped_work_is_not() {
        let work = || {
            let mut sum = 0u64;
            for number in 0..3_000_000u64 {
                sum = std::hint::black_box(sum.wrapping_mul(31).wrapping_add(number));
            }
        };
        let meter = Meter::default();
        let mut watch = meter.stopwatch();
        work();
        watch.skip();
        assert_eq!(Stage::ALL.map(|stage| meter.seconds(stage)), [0.0; 4]);
        work();
        watch.count(Stage::Execute);
        assert!(0.0 < meter.seconds(Stage::Execute));
        assert_eq!(meter.seconds(Stage::Verify), 0.0);
    }
}
