//! What the host tells the agreement.

use crate::log::LogEntry;
use crate::message::Message;
use crate::output::{Timer, TimerKind};
use kanhe_types::block::Block;
use kanhe_types::hash::Hash;
use kanhe_types::keys::PublicKey;
use kanhe_types::signer::Signer;
use kanhe_types::validator::ValidatorSet;
use std::sync::Arc;

/// What stays the same over all heights.
#[derive(Clone, Debug)]
pub struct Config {
    /// The genesis hash, which every signature covers.
    pub genesis: Hash,
    /// Who signs votes and proposals. A node whose key is in no validator set follows the
    /// agreement without a voice.
    pub signer: Arc<dyn Signer>,
    /// How long each step waits.
    pub timeouts: Timeouts,
}

/// How long each step of a round waits for the others, in milliseconds.
///
/// Waits grow with the round, so that slow networks get their chance, and are capped, so that a
/// returning quorum never waits long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For the proposal of round 0.
    pub propose_ms: u64,
    /// For the missing prevotes of round 0, once a quorum has prevoted.
    pub prevote_ms: u64,
    /// For the missing precommits of round 0, once a quorum has precommitted.
    pub precommit_ms: u64,
    /// Added to each of these for every further round.
    pub delta_ms: u64,
    /// Between repetitions of our votes while a round lasts.
    pub rebroadcast_ms: u64,
    /// The cap on all of them.
    pub max_ms: u64,
}

impl Timeouts {
    /// How long a timer of `kind` runs in `round`, in milliseconds.
    pub fn after_ms(&self, kind: TimerKind, round: u32) -> u64 {
        let (base_ms, delta_ms) = match kind {
            TimerKind::Propose => (self.propose_ms, self.delta_ms),
            TimerKind::Prevote => (self.prevote_ms, self.delta_ms),
            TimerKind::Precommit => (self.precommit_ms, self.delta_ms),
            TimerKind::Rebroadcast => (self.rebroadcast_ms, 0),
        };
        base_ms.saturating_add(delta_ms.saturating_mul(u64::from(round))).min(self.max_ms)
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            propose_ms: 1_000,
            prevote_ms: 500,
            precommit_ms: 500,
            delta_ms: 250,
            rebroadcast_ms: 1_000,
            max_ms: 5_000,
        }
    }
}

/// What the host found out about a block that it was asked to check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The block may be voted for.
    Valid,
    /// The header, or something that its hash covers, breaks a rule: no copy of the block can be
    /// good. The validator prevotes for no block at once.
    Invalid,
    /// The batches' acknowledgements do not hold. They are outside the header's hash, so that
    /// anybody could have spoilt this copy: it is forgotten, and another may come.
    Unproven,
}

/// What the host tells the agreement.
#[derive(Clone, Debug)]
pub enum Input {
    /// Starts a height above the current one, whose state is abandoned.
    ///
    /// # Correctness
    /// After a restart within a height, `validators` and `proposers` must be what they were and
    /// `replay` must be everything of the height's log that survived, in order; otherwise the
    /// validator may contradict itself.
    StartHeight {
        /// The height, above every height started before.
        height: u64,
        /// Who decides it.
        validators: ValidatorSet,
        /// Who proposes: round `r` belongs to element `r` modulo the length. Not empty; members
        /// of `validators`.
        proposers: Vec<PublicKey>,
        /// The log of this height after a restart, empty otherwise. Entries of other heights are
        /// skipped.
        replay: Vec<LogEntry>,
    },
    /// A peer's message. Whose connection brought it does not matter: everything is signed.
    Message(Message),
    /// The block that [`crate::Output::Propose`] asked for. Ignored when it comes too late.
    Proposed {
        /// The height that asked.
        height: u64,
        /// The round that asked.
        round: u32,
        /// The block, valid by construction.
        block: Block,
    },
    /// The answer to [`crate::Output::Check`], at any later time or never.
    Checked {
        /// The checked block's header hash; ignored unless it is being checked.
        block: Hash,
        /// What was found.
        verdict: Verdict,
    },
    /// A timer has run out. Ignored if it was cancelled.
    TimerElapsed(Timer),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_by_round_up_to_the_cap() {
        let timeouts = Timeouts::default();
        assert_eq!(timeouts.after_ms(TimerKind::Propose, 0), 1_000);
        assert_eq!(timeouts.after_ms(TimerKind::Prevote, 2), 1_000);
        assert_eq!(timeouts.after_ms(TimerKind::Precommit, 18), 5_000);
        assert_eq!(timeouts.after_ms(TimerKind::Precommit, 17), 4_750);
        assert_eq!(timeouts.after_ms(TimerKind::Propose, u32::MAX), 5_000);
        assert_eq!(timeouts.after_ms(TimerKind::Rebroadcast, 9), 1_000);
    }
}
