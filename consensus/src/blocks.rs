//! The bodies of one height's proposals, and what the host found out about them.

use crate::input::Verdict;
use crate::log::Source;
use kanhe_types::block::Block;
use kanhe_types::hash::Hash;
use std::collections::{BTreeMap, BTreeSet};

/// Different blocks of one round's proposer that are looked at. An honest one sends one; the
/// second is evidence.
const BLOCKS_PER_ROUND_MAX: usize = 2;

/// Copies of one block that wait behind the one that is being checked.
const COPIES_MAX: usize = 4;

/// The bodies of one height's proposals.
#[derive(Debug, Default)]
pub(crate) struct Blocks {
    known: BTreeMap<Hash, Body>,
    by_round: BTreeMap<u32, BTreeSet<Hash>>,
}

#[derive(Debug)]

enum Body {
    /// The host was asked about the first copy. Copies differ in their acknowledgements.
    Checking {
        source: Source,
        checked: Block,
        copies: Vec<Block>,
    },
    Valid(Block),
    Invalid,
}

/// What follows from a verdict.
#[derive(Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "a judgement lives until it is carried out")]
pub(crate) enum Judgement {
    /// The agreement learns it.
    Final { source: Source, valid: bool },
    /// The next copy is to be checked.
    Next(Block),
    /// Nothing.
    Nothing,
}

impl Blocks {
    /// Keeps a block that needs no check.
    pub(crate) fn insert_valid(&mut self, hash: Hash, block: Block) {
        self.known.insert(hash, Body::Valid(block));
    }

    /// Keeps in mind that a block is invalid.
    pub(crate) fn insert_invalid(&mut self, hash: Hash) {
        self.known.insert(hash, Body::Invalid);
    }

    /// A block that was found valid.
    pub(crate) fn valid(&self, hash: &Hash) -> Option<&Block> {
        match self.known.get(hash) {
            Some(Body::Valid(block)) => Some(block),
            Some(Body::Checking { .. } | Body::Invalid) | None => None,
        }
    }

    /// Takes in a block of a signed proposal; whether the host shall check it now.
    ///
    /// `wanted` blocks have the prevotes of a quorum and are taken in beyond the bound.
    pub(crate) fn offer(
        &mut self,
        source: Source,
        hash: Hash,
        block: &Block,
        wanted: bool,
    ) -> bool {
        let round = self.by_round.entry(source.round).or_default();
        if !round.contains(&hash) && BLOCKS_PER_ROUND_MAX <= round.len() && !wanted {
            return false;
        }
        round.insert(hash);
        match self.known.get_mut(&hash) {
            Some(Body::Valid(_) | Body::Invalid) => false,
            Some(Body::Checking { checked, copies, .. }) => {
                let known = checked == block || copies.contains(block);
                if !known && copies.len() < COPIES_MAX {
                    copies.push(block.clone());
                }
                false
            }
            None => {
                let body = Body::Checking { source, checked: block.clone(), copies: Vec::new() };
                self.known.insert(hash, body);
                true
            }
        }
    }

    /// Takes the host's verdict on the copy that it was given.
    pub(crate) fn judge(&mut self, hash: &Hash, verdict: Verdict) -> Judgement {
        let Some(Body::Checking { source, checked, copies }) = self.known.get_mut(hash) else {
            return Judgement::Nothing;
        };
        let source = *source;
        match verdict {
            Verdict::Valid => {
                let block = checked.clone();
                self.insert_valid(*hash, block);
                Judgement::Final { source, valid: true }
            }
            Verdict::Invalid => {
                self.insert_invalid(*hash);
                Judgement::Final { source, valid: false }
            }
            Verdict::Unproven if copies.is_empty() => {
                self.known.remove(hash);
                Judgement::Nothing
            }
            Verdict::Unproven => {
                *checked = copies.remove(0);
                Judgement::Next(checked.clone())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn source(round: u32) -> Source {
        let proposer = sample::secret(0).public_key();
        Source { height: sample::HEIGHT, round, valid_round: None, proposer }
    }

    fn offer(blocks: &mut Blocks, round: u32, number: u8, copy: u8) -> bool {
        let block = sample::block(number, copy);
        blocks.offer(source(round), block.header.hash(), &block, false)
    }

    #[test]
    fn a_block_is_checked_once() {
        let mut blocks = Blocks::default();
        let hash = sample::block(1, 0).header.hash();
        assert!(offer(&mut blocks, 0, 1, 0));
        assert!(!offer(&mut blocks, 1, 1, 0));
        assert_eq!(blocks.valid(&hash), None);
        let judgement = blocks.judge(&hash, Verdict::Valid);
        assert_eq!(judgement, Judgement::Final { source: source(0), valid: true });
        assert_eq!(blocks.judge(&hash, Verdict::Invalid), Judgement::Nothing);
        assert!(!offer(&mut blocks, 2, 1, 0));
        assert_eq!(blocks.valid(&hash), Some(&sample::block(1, 0)));
    }

    #[test]
    fn a_spoilt_copy_does_not_spoil_the_block() {
        let mut blocks = Blocks::default();
        let hash = sample::block(1, 0).header.hash();
        assert!(offer(&mut blocks, 0, 1, 7));
        assert!(!offer(&mut blocks, 0, 1, 7));
        assert!(!offer(&mut blocks, 0, 1, 0));
        let next = Judgement::Next(sample::block(1, 0));
        assert_eq!(blocks.judge(&hash, Verdict::Unproven), next);
        assert_eq!(blocks.judge(&hash, Verdict::Unproven), Judgement::Nothing);
        assert!(offer(&mut blocks, 0, 1, 0), "all copies were bad: another may come");
    }

    #[test]
    fn a_third_block_of_a_round_is_not_looked_at_unless_wanted() {
        let mut blocks = Blocks::default();
        assert!(offer(&mut blocks, 0, 1, 0));
        assert!(offer(&mut blocks, 0, 2, 0));
        assert!(!offer(&mut blocks, 0, 3, 0));
        assert!(offer(&mut blocks, 1, 3, 0));
        let wanted = sample::block(4, 0);
        assert!(blocks.offer(source(0), wanted.header.hash(), &wanted, true));
    }
}
