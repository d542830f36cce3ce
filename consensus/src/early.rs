//! Messages that come before their height.
//!
//! A validator that decides a moment later than the others receives the next height's proposal
//! before it is ready for it. Whoever is further behind learns decisions from the host.

use crate::message::{Message, ROUNDS_AHEAD_MAX};
use kanhe_types::hash::Hash;
use kanhe_types::keys::PublicKey;
use kanhe_types::validator::ValidatorSet;
use std::collections::BTreeMap;

/// Heights beyond the current one whose messages are kept.
pub(crate) const HEIGHTS_AHEAD_MAX: u64 = 2;

/// Votes of one validator that are kept for one height: those of three rounds.
const VOTES_MAX: usize = 6;

/// Proposals of one validator that are kept for one height. They carry blocks.
const PROPOSALS_MAX: usize = 1;

/// Signed messages of coming heights, by height and sender.
#[derive(Debug, Default)]
pub(crate) struct Early {
    heights: BTreeMap<u64, BTreeMap<PublicKey, Vec<Message>>>,
}

impl Early {
    /// Keeps a message of a height after `current` if its sender, a validator of the current
    /// height, may say that much. Certificates are not kept: they are repeated.
    pub(crate) fn keep(
        &mut self,
        message: Message,
        current: u64,
        set: &ValidatorSet,
        genesis: &Hash,
    ) {
        let near = message.height().checked_sub(current).is_some_and(|ahead| {
            (1..=HEIGHTS_AHEAD_MAX).contains(&ahead) && message.round() <= ROUNDS_AHEAD_MAX
        });
        let (sender, most) = match &message {
            Message::Proposal { proposer, .. } => (*proposer, PROPOSALS_MAX),
            Message::Vote(signed) => (signed.validator, VOTES_MAX),
            Message::Polka(_) | Message::Round(_) => return,
        };
        if !near || set.index_of(&sender).is_none() {
            return;
        }
        let is_vote = |one: &Message| matches!(one, Message::Vote(_));
        let kept = self.heights.entry(message.height()).or_default().entry(sender).or_default();
        let alike = kept.iter().filter(|one| is_vote(one) == is_vote(&message)).count();
        if alike < most && !kept.contains(&message) && is_signed(&message, genesis) {
            kept.push(message);
        }
    }

    /// The messages of a height that starts; those of earlier heights are dropped.
    pub(crate) fn take(&mut self, height: u64) -> Vec<Message> {
        let mut rest = self.heights.split_off(&height);
        let messages = rest.remove(&height).unwrap_or_default();
        self.heights = rest;
        messages.into_values().flatten().collect()
    }
}

fn is_signed(message: &Message, genesis: &Hash) -> bool {
    match message {
        Message::Proposal { proposal, proposer, signature, .. } => {
            proposer.verify(&proposal.digest(genesis), signature).is_ok()
        }
        Message::Vote(signed) => signed.is_signed(genesis),
        Message::Polka(_) | Message::Round(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{self, GENESIS, HEIGHT};
    use std::slice;

    fn kept(messages: &[Message], current: u64) -> Vec<Message> {
        let mut early = Early::default();
        for message in messages {
            early.keep(message.clone(), current, &sample::validators(4), &GENESIS);
        }
        early.take(HEIGHT)
    }

    #[test]
    fn the_next_two_heights_are_kept() {
        let vote = Message::Vote(sample::vote(0));
        assert_eq!(kept(slice::from_ref(&vote), HEIGHT).len(), 0);
        assert_eq!(kept(slice::from_ref(&vote), HEIGHT - 1).len(), 1);
        assert_eq!(kept(slice::from_ref(&vote), HEIGHT - 2).len(), 1);
        assert_eq!(kept(&[vote], HEIGHT - 3).len(), 0);
    }

    #[test]
    fn one_validator_fills_its_own_share_only() {
        let mut votes: Vec<Message> = (0..8u8)
            .map(|number| {
                let mut vote = sample::vote(0);
                vote.vote.block = Some(Hash([number; 32]));
                vote.signature = sample::secret(0).sign(&vote.vote.digest(&GENESIS));
                Message::Vote(vote)
            })
            .collect();
        votes.push(Message::Vote(sample::vote(1)));
        assert_eq!(kept(&votes, HEIGHT - 1).len(), VOTES_MAX + 1);
        let proposal = sample::proposal_message();
        assert_eq!(kept(&[proposal.clone(), proposal], HEIGHT - 1).len(), 1);
    }

    #[test]
    fn strangers_and_forgers_are_not_kept() {
        let mut forged = sample::vote(0);
        forged.validator = sample::secret(1).public_key();
        let stranger = sample::vote(5);
        let messages = [Message::Vote(forged), Message::Vote(stranger)];
        assert_eq!(kept(&messages, HEIGHT - 1), []);
    }
}
