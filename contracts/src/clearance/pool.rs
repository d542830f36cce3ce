//! A pool that several cases take from: a person's quota of a year, the goods of one number in a
//! bonded account book.
//!
//! What is taken never exceeds what there is. A case that asks for more than is left stands in
//! line, and gets it as soon as enough comes back or in: whoever asked first is asked first, and
//! whoever asks for less than is left does not wait for those who ask for more.

use crate::limits::POOL_WAITING_MAX;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::decimal::Decimal;
use kanhe_types::receipt::CaseKey;
use serde::{Deserialize, Serialize};

/// A pool.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct Pool {
    /// What was put in; nought for quotas, whose size is the policy's.
    pub put_in: Decimal,
    /// What cases have taken.
    pub taken: Decimal,
    /// The cases that wait, in the order in which they asked.
    pub waiting: Vec<Wanting>,
}

/// A case that waits for more than is left.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct Wanting {
    /// Which.
    pub case: CaseKey,
    /// How much it asks for.
    pub amount: Decimal,
}

impl Pool {
    /// Whether nothing is in it, nothing taken and nobody waits.
    pub fn is_blank(&self) -> bool {
        self.put_in == Decimal::ZERO && self.taken == Decimal::ZERO && self.waiting.is_empty()
    }

    /// How much of what was put in no case has taken; below nought where there is less than that.
    pub fn free(&self) -> Decimal {
        self.put_in.checked_sub(self.taken).unwrap_or(Decimal::ZERO)
    }

    /// Has `case` ask for `wanted` where it had `held` (an amount, and whether it was taken), of
    /// `size` in all. Whether it has it then.
    pub(super) fn ask(
        &mut self,
        case: &CaseKey,
        held: Option<(Decimal, bool)>,
        wanted: Option<Decimal>,
        size: Decimal,
    ) -> bool {
        let mut had = false;
        if let Some((amount, is_taken)) = held {
            let is_in_line = || self.waiting.iter().any(|waiting| waiting.case == *case);
            if !is_taken && wanted == Some(amount) && is_in_line() {
                return false;
            }
            had = is_taken;
            if is_taken {
                self.taken = self.taken.checked_sub(amount).unwrap_or(Decimal::ZERO);
            } else {
                self.waiting.retain(|waiting| waiting.case != *case);
            }
        }
        let Some(amount) = wanted else { return false };
        // Who gives some back keeps the rest, even where less is left than there was.
        let is_less = had && held.is_some_and(|(before, _)| amount <= before);
        if let Some(taken) = self.taken.checked_add(amount)
            && (is_less || taken <= size)
        {
            self.taken = taken;
            return true;
        }
        if self.waiting.len() < POOL_WAITING_MAX {
            self.waiting.push(Wanting { case: case.clone(), amount });
        }
        false
    }

    /// Gives those who wait what is left, of `size` in all. Which cases got something.
    pub(super) fn serve(&mut self, size: Decimal) -> Vec<CaseKey> {
        let mut served = Vec::new();
        let taken = &mut self.taken;
        self.waiting.retain(|waiting| match taken.checked_add(waiting.amount) {
            Some(after) if after <= size => {
                *taken = after;
                served.push(waiting.case.clone());
                false
            }
            _ => true,
        });
        served
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{Trade, decimal};

    fn case(number: u64) -> CaseKey {
        Trade::new(number).case_key()
    }

    #[test]
    fn who_asks_for_more_than_is_left_waits_and_the_others_do_not() {
        let (mut pool, ten) = (Pool::default(), decimal("10"));
        assert!(pool.ask(&case(1), None, Some(decimal("8")), ten));
        assert!(!pool.ask(&case(2), None, Some(decimal("5")), ten));
        assert!(pool.ask(&case(3), None, Some(decimal("2")), ten));
        assert_eq!(pool.serve(ten), []);
        // The first gives half back: it keeps the rest, and the second still asks for more.
        let first = Some((decimal("8"), true));
        assert!(pool.ask(&case(1), first, Some(decimal("4")), ten));
        assert_eq!((pool.serve(ten), pool.taken), (vec![], decimal("6")));
        assert!(!pool.ask(&case(1), Some((decimal("4"), true)), None, ten));
        assert_eq!((pool.serve(ten), pool.taken), (vec![case(2)], decimal("7")));
        assert!(pool.waiting.is_empty());
    }

    #[test]
    fn who_has_something_keeps_it_when_the_pool_shrinks() {
        let mut pool = Pool::default();
        assert!(pool.ask(&case(1), None, Some(decimal("8")), decimal("10")));
        let held = Some((decimal("8"), true));
        assert!(pool.ask(&case(1), held, Some(decimal("7")), decimal("5")));
        assert!(!pool.ask(&case(1), Some((decimal("7"), true)), Some(decimal("9")), decimal("5")));
        assert_eq!((pool.taken, pool.waiting.len()), (Decimal::ZERO, 1));
    }

    #[test]
    fn the_line_is_bounded() {
        let mut pool = Pool::default();
        for number in 0..POOL_WAITING_MAX as u64 + 3 {
            assert!(!pool.ask(&case(number), None, Some(decimal("1")), Decimal::ZERO));
        }
        assert_eq!(pool.waiting.len(), POOL_WAITING_MAX);
    }
}
