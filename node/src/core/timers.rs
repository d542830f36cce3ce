//! Deadlines of the core, in the order in which they are due.

use std::collections::{BTreeMap, BTreeSet};

/// What is due at a deadline.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// A timer of the agreement.
    Agreement(kanhe_consensus::Timer),
    /// Close the open batch.
    Batch,
    /// Start the next height with what has come.
    Height,
    /// Send again what may have been lost.
    Resend,
    /// Say how far we are; look whether we are behind.
    Status,
    /// Make a block although nothing is to be ordered.
    Heartbeat,
}

/// Deadlines by timer and by time; each timer has one deadline at most.
#[derive(Debug, Default)]
pub struct Timers {
    due: BTreeSet<(u64, Timer)>,
    deadlines: BTreeMap<Timer, u64>,
}

impl Timers {
    /// Sets `timer` to be due at `deadline_ms`; an earlier setting is forgotten.
    pub fn set(&mut self, timer: Timer, deadline_ms: u64) {
        self.cancel(&timer);
        self.due.insert((deadline_ms, timer.clone()));
        self.deadlines.insert(timer, deadline_ms);
    }

    /// Sets `timer` unless it is set already.
    pub fn set_if_unset(&mut self, timer: Timer, deadline_ms: u64) {
        if !self.deadlines.contains_key(&timer) {
            self.set(timer, deadline_ms);
        }
    }

    /// Forgets `timer`.
    pub fn cancel(&mut self, timer: &Timer) {
        if let Some(deadline) = self.deadlines.remove(timer) {
            self.due.remove(&(deadline, timer.clone()));
        }
    }

    /// Forgets every timer of the agreement.
    pub fn cancel_agreement(&mut self) {
        self.deadlines.retain(|timer, _| !matches!(timer, Timer::Agreement(_)));
        self.due.retain(|(_, timer)| !matches!(timer, Timer::Agreement(_)));
    }

    /// The earliest deadline.
    pub fn next_deadline(&self) -> Option<u64> {
        self.due.first().map(|(deadline, _)| *deadline)
    }

    /// Takes the earliest timer that is due at `now_ms`.
    pub fn take_due(&mut self, now_ms: u64) -> Option<Timer> {
        let (deadline, timer) = self.due.first()?.clone();
        if now_ms < deadline {
            return None;
        }
        self.cancel(&timer);
        Some(timer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timers_come_when_due_in_order_and_once() {
        let mut timers = Timers::default();
        timers.set(Timer::Status, 20);
        timers.set(Timer::Batch, 10);
        timers.set(Timer::Resend, 30);
        timers.set(Timer::Resend, 5);
        timers.cancel(&Timer::Batch);
        assert_eq!(timers.next_deadline(), Some(5));
        assert_eq!(timers.take_due(4), None);
        assert_eq!(timers.take_due(25), Some(Timer::Resend));
        assert_eq!(timers.take_due(25), Some(Timer::Status));
        assert_eq!(timers.take_due(25), None);
    }
}
