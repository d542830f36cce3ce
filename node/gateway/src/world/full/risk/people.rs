//! Who buys. Some buy often and most seldom; a quarter live with others who buy.

use super::super::super::rng::Rng;
use super::deal::Recipient;

/// What one orderer may have bought, in cents, before somebody else buys: below the annual limit.
pub(super) const SPENT_CENTS_MAX: u64 = 2_400_000;
/// Those who live together, where people do.
const HOUSEHOLD: usize = 3;

/// A number within a range, its ends included.
pub(super) fn between(rng: &mut Rng, range: (u64, u64)) -> u64 {
    let span = range.1.saturating_sub(range.0).saturating_add(1);
    let drawn = rng.below(usize::try_from(span).unwrap_or(usize::MAX));
    range.0.saturating_add(u64::try_from(drawn).unwrap_or_default())
}

/// As [`between`], as a count.
pub(super) fn count(rng: &mut Rng, range: (u64, u64)) -> usize {
    usize::try_from(between(rng, range)).unwrap_or(usize::MAX)
}

/// Whether something that happens so often in a hundred times happens now.
pub(super) fn happens(rng: &mut Rng, percent: usize) -> bool {
    rng.below(100) < percent
}

/// One of `end`, the first more often than the last.
pub(super) fn skewed(rng: &mut Rng, end: usize) -> usize {
    let (one, two) = (rng.below(end), rng.below(end));
    one.saturating_mul(two) / end.max(1)
}

/// The people of a world.
pub(super) struct People {
    /// What each spent, in cents, by number. Beyond those who buy by themselves stand those who
    /// were made for something.
    spent: Vec<u64>,
    /// How many buy by themselves.
    residents: usize,
}

impl People {
    pub(super) fn new(residents: usize) -> Self {
        let residents = residents.max(60);
        Self { spent: vec![0; residents.saturating_add(1)], residents }
    }

    /// Somebody new, who does not buy by himself.
    pub(super) fn fresh(&mut self) -> usize {
        self.spent.push(0);
        self.spent.len().saturating_sub(1)
    }

    /// Whether somebody may still buy for so much.
    pub(super) fn can_spend(&self, person: usize, cents: u64) -> bool {
        let spent = self.spent.get(person).copied().unwrap_or_default();
        spent.saturating_add(cents) <= SPENT_CENTS_MAX
    }

    pub(super) fn spend(&mut self, person: usize, cents: u64) {
        if let Some(spent) = self.spent.get_mut(person) {
            *spent = spent.saturating_add(cents);
        }
    }

    /// Somebody of the town, whatever he buys.
    pub(super) fn resident(&self, rng: &mut Rng) -> usize {
        rng.below(self.residents).saturating_add(1)
    }

    /// Somebody who buys for so much.
    pub(super) fn buyer(&mut self, cents: u64, rng: &mut Rng) -> usize {
        let mut person = skewed(rng, self.residents).saturating_add(1);
        for _ in 0..20 {
            if self.can_spend(person, cents) {
                self.spend(person, cents);
                return person;
            }
            person = self.resident(rng);
        }
        let person = self.fresh();
        self.spend(person, cents);
        person
    }

    /// Where somebody lives: the number of the household's first.
    pub(super) fn home(&self, person: usize) -> usize {
        let group = person / HOUSEHOLD;
        let is_shared = person <= self.residents && group % 4 == 1;
        if is_shared { group.saturating_mul(HOUSEHOLD) } else { person }
    }

    /// Somebody who does not live alone, and one who lives with him.
    pub(super) fn relatives(&self, rng: &mut Rng) -> (usize, usize) {
        let groups = (self.residents / HOUSEHOLD / 4).max(1);
        let first = rng.below(groups).saturating_mul(4).saturating_add(1).saturating_mul(HOUSEHOLD);
        let one = rng.below(HOUSEHOLD);
        let other = one.saturating_add(1) % HOUSEHOLD;
        (first.saturating_add(one), first.saturating_add(other))
    }

    /// Somebody's own name, telephone and address.
    pub(super) fn at_home(&self, person: usize) -> Recipient {
        Recipient { name: person, telephone: person, place: self.home(person), spelling: 0 }
    }
}
