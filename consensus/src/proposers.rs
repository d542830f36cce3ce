//! Who proposes in which round, from what headers record.
//!
//! A dead proposer costs every round of its own the whole wait for a proposal. Headers say from
//! whom their proposers heard nothing, and whoever several proposers missed comes last.

use kanhe_types::block::Header;
use kanhe_types::keys::PublicKey;
use kanhe_types::validator::ValidatorSet;
use std::collections::BTreeMap;

/// The proposers of `height` by round; round `r` belongs to element `r` modulo the length.
///
/// The validators take turns by height. One that more than a third of the validators, and the
/// majority of those asked, missed in their latest header comes after all others. Nobody is ever
/// left out: with enough rounds everybody proposes, whatever the headers claim.
///
/// `recent` are the headers before `height`, newest last; the last two per validator count, and
/// of these only headers of the same validator set, which their `absent` indexes.
pub fn proposers(validators: &ValidatorSet, height: u64, recent: &[Header]) -> Vec<PublicKey> {
    let latest = latest_headers(validators, recent);
    let count = validators.count();
    let start = usize::try_from(height.checked_rem(count as u64).unwrap_or(0)).unwrap_or(0);
    let (gone, coming) = validators.validators().split_at(start.min(count));
    let turns = coming.iter().chain(gone);
    let turns: Vec<PublicKey> = turns.map(|validator| validator.key).collect();
    let (missed, heard): (Vec<_>, Vec<_>) =
        turns.into_iter().partition(|key| is_missed(validators, &latest, key));
    heard.into_iter().chain(missed).collect()
}

/// The latest header of each proposer.
fn latest_headers<'a>(
    validators: &ValidatorSet,
    recent: &'a [Header],
) -> BTreeMap<PublicKey, &'a Header> {
    let (set, window) = (validators.hash(), validators.count().saturating_mul(2));
    recent
        .iter()
        .skip(recent.len().saturating_sub(window))
        .filter(|header| header.validators == set)
        .map(|header| (header.proposer, header))
        .collect()
}

/// Whether enough of the other proposers missed the validator.
fn is_missed(
    validators: &ValidatorSet,
    latest: &BTreeMap<PublicKey, &Header>,
    key: &PublicKey,
) -> bool {
    let Some(index) = validators.index_of(key) else { return false };
    let others = latest.iter().filter(|(proposer, _)| *proposer != key);
    let (mut asked, mut missed) = (0usize, 0usize);
    for (_, header) in others {
        asked = asked.saturating_add(1);
        missed = missed.saturating_add(usize::from(header.absent.contains(&index)));
    }
    validators.faulty_max() < missed && asked < missed.saturating_mul(2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn header(count: usize, proposer: usize, absent: &[u16]) -> Header {
        let set = sample::validators(count);
        Header {
            proposer: set.validators()[proposer].key,
            validators: set.hash(),
            absent: absent.to_vec(),
            ..sample::block(0, 0).header
        }
    }

    fn order(count: usize, height: u64, recent: &[Header]) -> Vec<u16> {
        let set = sample::validators(count);
        proposers(&set, height, recent).iter().map(|key| set.index_of(key).unwrap()).collect()
    }

    #[test]
    fn validators_take_turns_by_height() {
        assert_eq!(order(4, 0, &[]), [0, 1, 2, 3]);
        assert_eq!(order(4, 1, &[]), [1, 2, 3, 0]);
        assert_eq!(order(4, 7, &[]), [3, 0, 1, 2]);
        assert_eq!(order(1, 9, &[]), [0]);
    }

    #[test]
    fn whom_two_of_three_missed_comes_last() {
        let recent = [header(4, 0, &[3]), header(4, 1, &[3]), header(4, 2, &[])];
        assert_eq!(order(4, 3, &recent), [0, 1, 2, 3]);
        assert_eq!(order(4, 2, &recent), [2, 0, 1, 3]);
    }

    #[test]
    fn one_accuser_moves_nobody() {
        assert_eq!(order(4, 3, &[header(4, 0, &[3])]), [3, 0, 1, 2]);
        let again = [header(4, 0, &[3]), header(4, 0, &[3])];
        assert_eq!(order(4, 3, &again), [3, 0, 1, 2]);
    }

    #[test]
    fn a_minority_of_accusers_moves_nobody() {
        let mut recent: Vec<Header> = (0..6).map(|i| header(7, i, &[])).collect();
        recent.iter_mut().take(3).for_each(|header| header.absent = vec![6]);
        assert_eq!(order(7, 6, &recent)[0], 6);
        recent[3].absent = vec![6];
        assert_eq!(order(7, 6, &recent)[6], 6);
    }

    #[test]
    fn a_later_header_takes_the_claim_back() {
        let recent = [header(4, 0, &[3]), header(4, 1, &[3]), header(4, 0, &[])];
        assert_eq!(order(4, 3, &recent), [3, 0, 1, 2]);
    }

    #[test]
    fn headers_beyond_the_window_or_of_another_set_do_not_count() {
        let mut recent = vec![header(4, 0, &[3]), header(4, 1, &[3])];
        assert_eq!(order(4, 3, &recent), [0, 1, 2, 3]);
        recent.extend((0..7).map(|_| header(4, 2, &[])));
        assert_eq!(order(4, 3, &recent), [3, 0, 1, 2]);
        let mut other = [header(4, 0, &[3]), header(4, 1, &[3])];
        other[0].validators = sample::validators(5).hash();
        assert_eq!(order(4, 3, &other), [3, 0, 1, 2]);
    }

    proptest! {
        #[test]
        fn everybody_proposes_once_whatever_headers_claim(
            count in 1usize..8,
            height: u64,
            claims in vec((0usize..8, vec(0u16..9, 0..9)), 0..20),
        ) {
            let recent: Vec<Header> = claims
                .iter()
                .map(|(proposer, absent)| header(count, proposer % count, absent))
                .collect();
            let mut order = order(count, height, &recent);
            order.sort_unstable();
            prop_assert_eq!(order, (0..count as u16).collect::<Vec<_>>());
        }

        #[test]
        fn too_few_liars_move_nobody(count in 4usize..8, height: u64, victim in 0u16..8) {
            let victim = victim % count as u16;
            let liars = (count - 1) / 3;
            let recent: Vec<Header> = (0..count)
                .filter(|proposer| *proposer != usize::from(victim))
                .enumerate()
                .map(|(place, proposer)| {
                    let lie = if place < liars { vec![victim] } else { vec![] };
                    header(count, proposer, &lie)
                })
                .collect();
            prop_assert_eq!(order(count, height, &recent), order(count, height, &[]));
        }
    }
}
