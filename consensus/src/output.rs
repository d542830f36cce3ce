//! What the agreement asks of its host.

use crate::evidence::Evidence;
use crate::log::LogEntry;
use crate::message::Message;
use kanhe_types::block::Block;
use kanhe_types::certificate::Certificate;

/// What a timer waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TimerKind {
    /// The round's proposal.
    Propose,
    /// The prevotes beyond a quorum.
    Prevote,
    /// The precommits beyond a quorum.
    Precommit,
    /// The time to repeat our votes.
    Rebroadcast,
}

/// One timer. Scheduling it again replaces it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timer {
    /// The height it belongs to.
    pub height: u64,
    /// The round it belongs to.
    pub round: u32,
    /// What it waits for.
    pub kind: TimerKind,
}

/// What the host must do, in the order given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Add an entry to the current height's log. Order matters; durability waits for `Sync`.
    Append(LogEntry),
    /// Make everything appended durable before any later output is carried out. A vote that
    /// leaves before it is on disk may be contradicted after a crash.
    Sync,
    /// Send to all validators; not to ourselves.
    Broadcast(Message),
    /// Start a timer, or start it anew.
    Schedule {
        /// Which.
        timer: Timer,
        /// When it runs out, in milliseconds from now.
        after_ms: u64,
    },
    /// Stop a timer.
    Cancel(Timer),
    /// Stop all timers.
    CancelAll,
    /// Build a block and answer with [`crate::Input::Proposed`], within the proposal's wait.
    Propose {
        /// The height to build for.
        height: u64,
        /// The round that asks.
        round: u32,
    },
    /// Check a block (link, clock, batches, availability) and answer with
    /// [`crate::Input::Checked`]. That its batches are the header's was checked already.
    Check {
        /// The block.
        block: Block,
    },
    /// The height is decided. Make both durable before starting the next height.
    Decided {
        /// The block.
        block: Block,
        /// The precommits that decided it, checked.
        certificate: Certificate,
    },
    /// A validator contradicted itself. Repeated after a restart.
    Evidence(Evidence),
}
