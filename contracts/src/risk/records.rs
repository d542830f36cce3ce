//! What there is of risk once in a zone.

use crate::limits::SCORES;
use crate::policy::Policy;
use kanhe_types::codec::{Decode, Encode};

/// What there is of risk once in a zone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct RiskRecord {
    /// How many alerts there ever were; they are numbered from 1.
    pub alerts: u64,
    /// The first hour since 1970 whose overdue alerts were not all looked at; 0 before the first.
    pub due_hour: u64,
    /// The first day since 1970 whose features were not all forgotten; 0 before the first,
    pub forget_day: u32,
    /// and the first chunk of that day.
    pub forget_chunk: u64,
    /// The imports of the day that runs,
    pub today: DayTally,
    /// and of the day before it that had any.
    pub before: DayTally,
}

/// The imports that were observed in one day, in China.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct DayTally {
    /// The day.
    pub day: u32,
    /// How many there were.
    pub trades: u32,
    /// How many were chosen for inspection.
    pub inspected: u32,
    /// How many there were with each score above nought, ascending.
    pub scores: Vec<(u8, u32)>,
}

impl DayTally {
    /// One more import.
    fn count(&mut self, score: u8) {
        self.trades = self.trades.saturating_add(1);
        if score == 0 {
            return;
        }
        match self.scores.binary_search_by_key(&score, |(own, _)| *own) {
            Ok(place) => {
                if let Some((_, count)) = self.scores.get_mut(place) {
                    *count = count.saturating_add(1);
                }
            }
            Err(place) => self.scores.insert(place, (score, 1)),
        }
    }

    /// The lowest score above nought at which no more than so many of a thousand imports would be
    /// inspected.
    fn threshold(&self, per_mille: u16) -> u8 {
        let most = u64::from(self.trades).saturating_mul(per_mille.into());
        let (mut above, mut threshold) = (0u64, SCORES);
        for (score, count) in self.scores.iter().rev() {
            above = above.saturating_add((*count).into());
            if most < above.saturating_mul(1_000) {
                break;
            }
            threshold = *score;
        }
        threshold
    }
}

/// Why a trade is inspected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chosen {
    ByRisk,
    ByChance,
}

/// An import that may be inspected.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    /// Its score.
    pub(super) score: u8,
    /// A number below 1000 that nobody knew before.
    pub(super) draw: u16,
    /// Of a thousand like it, how many are inspected by chance.
    pub(super) share: u16,
    /// The score from which on it may be inspected for it: by the green channel only what is held
    /// anyway. None of others.
    pub(super) from: Option<u8>,
}

impl RiskRecord {
    /// Counts an import, and says whether it is inspected.
    pub(super) fn choose(
        &mut self,
        policy: &Policy,
        day: u32,
        import: &Candidate,
    ) -> Option<Chosen> {
        let Candidate { score, draw, share, from } = *import;
        if self.today.day != day {
            self.before = std::mem::take(&mut self.today);
            self.today.day = day;
        }
        self.today.count(score);
        let budget = policy.risk.inspection.budget_per_mille;
        // Of a day that has just begun nobody knows how many there will be.
        let trades = u64::from(self.today.trades.max(self.before.trades));
        let most = trades.saturating_mul(budget.into()).div_ceil(1_000);
        if most <= self.today.inspected.into() {
            return None;
        }
        // By chance first: what is suspicious may be drawn like everything else.
        let by_risk = || {
            let day = if self.before.trades == 0 { &self.today } else { &self.before };
            let threshold = day.threshold(budget.saturating_sub(share.min(budget)));
            0 < score && threshold <= score && from.is_none_or(|from| from <= score)
        };
        let chosen = match draw < share {
            true => Chosen::ByChance,
            false if by_risk() => Chosen::ByRisk,
            false => return None,
        };
        self.today.inspected = self.today.inspected.saturating_add(1);
        Some(chosen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_more_is_inspected_than_the_budget_says(
            imports in proptest::collection::vec(
                (0u8..=100, 0u16..1_000, proptest::option::of(0u8..=100)),
                1..400,
            ),
            budget in 0u16..=100,
        ) {
            let mut policy = Policy::default();
            policy.risk.inspection.budget_per_mille = budget;
            policy.risk.inspection.random_per_mille = budget / 4;
            let mut record = RiskRecord::default();
            let mut chosen = 0u64;
            for (score, draw, from) in &imports {
                let share = policy.risk.inspection.random_per_mille;
                let import = Candidate { score: *score, draw: *draw, share, from: *from };
                let own = record.choose(&policy, 7, &import);
                let is_by_risk = own == Some(Chosen::ByRisk);
                prop_assert!(!is_by_risk || from.is_none_or(|from| from <= *score));
                prop_assert_eq!(own == Some(Chosen::ByChance), own.is_some() && *draw < share);
                chosen += u64::from(own.is_some());
            }
            let most = (imports.len() as u64 * u64::from(budget)).div_ceil(1_000);
            prop_assert!(chosen <= most);
        }
    }

    #[test]
    fn the_most_suspicious_are_inspected_by_the_day_before() {
        let mut policy = Policy::default();
        policy.risk.inspection.budget_per_mille = 10;
        policy.risk.inspection.random_per_mille = 0;
        let mut record = RiskRecord::default();
        for number in 0u16..1_000 {
            record.choose(&policy, 1, &scored(if number < 10 { 80 } else { 20 }));
        }
        // Ten of a thousand had 80 or more.
        assert_eq!(record.choose(&policy, 2, &scored(20)), None);
        assert_eq!(record.choose(&policy, 2, &scored(80)), Some(Chosen::ByRisk));
        assert_eq!(record.choose(&policy, 2, &scored(0)), None);
    }

    /// An import that is not drawn by chance.
    fn scored(score: u8) -> Candidate {
        Candidate { score, draw: 999, share: 0, from: None }
    }

    #[test]
    fn by_the_green_channel_no_score_counts_below_what_is_held() {
        let mut policy = Policy::default();
        policy.risk.inspection.budget_per_mille = 1_000;
        let mut record = RiskRecord::default();
        let mut of = |score, draw, share, from| {
            record.choose(&policy, 1, &Candidate { score, draw, share, from })
        };
        assert_eq!(of(59, 0, 500, Some(60)), Some(Chosen::ByChance));
        assert_eq!(of(59, 999, 0, Some(60)), None);
        assert_eq!(of(60, 0, 0, Some(60)), Some(Chosen::ByRisk));
        assert_eq!(of(59, 0, 500, None), Some(Chosen::ByChance));
        assert_eq!(of(59, 999, 0, None), Some(Chosen::ByRisk));
    }
}
