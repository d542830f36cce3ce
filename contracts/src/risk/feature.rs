//! Features: counters, sums, distinct counts, quantiles and the last trades over windows, one
//! record for each key.
//!
//! A record has a slot for each feature of its key, with the window in which something was last
//! observed and the one before that. Nothing here is a float, and everything is bounded.

use crate::limits::{DISTINCT_MAX, RECENT_MAX, SPREAD_BUCKETS_MAX};
use crate::policy::Direction;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::decimal::Decimal;
use kanhe_types::receipt::CaseKey;
use kanhe_types::time::{CustomsTime, Millis};
use serde::{Deserialize, Serialize};

/// How long a feature counts before it begins again: tumbling, in China's time.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize,
)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// An hour.
    Hour,
    /// A day.
    Day,
    /// A calendar month.
    Month,
    /// A calendar year.
    Year,
}

/// China is eight hours ahead of UTC.
const OFFSET_MS: u64 = 8 * 3_600_000;
const HOUR_MS: u64 = 3_600_000;
const DAY_MS: u64 = 86_400_000;

impl Window {
    /// The number of the window of an instant: one more than that of the window before.
    pub fn number(self, time: Millis) -> u32 {
        let local = time.0.saturating_add(OFFSET_MS);
        let number = match self {
            Self::Hour => local.checked_div(HOUR_MS).unwrap_or(0),
            Self::Day => local.checked_div(DAY_MS).unwrap_or(0),
            Self::Month => {
                let digits = CustomsTime::from_millis(time).year_month();
                let (year, month) = (digits.checked_div(100), digits.checked_rem(100));
                year.unwrap_or(0).saturating_mul(12).saturating_add(month.unwrap_or(0))
            }
            Self::Year => CustomsTime::from_millis(time).year(),
        };
        u32::try_from(number).unwrap_or(u32::MAX)
    }

    /// In how many days, at the latest, what is observed now counts in no window any more.
    pub fn days_kept(self) -> u32 {
        match self {
            Self::Hour | Self::Day => 2,
            Self::Month => 62,
            Self::Year => 732,
        }
    }
}

/// What is kept of one window.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub enum Held {
    /// How often.
    Count(u32),
    /// How much: of decimals in hundred-thousandths.
    Sum(i128),
    /// Different values, by the first bytes of their hashes, ascending; so many or more.
    Distinct(Vec<u32>),
    /// How values are spread: buckets, ascending, with how many are in each.
    Spread(Vec<(u16, u32)>),
    /// The last trades, the earliest first, each once.
    Recent(Vec<(Direction, CaseKey)>),
}

/// What is kept of one feature.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct Slot {
    /// Which: the first bytes of the hash of its declaration. A feature that is declared otherwise
    /// begins again.
    pub feature: u32,
    /// The window in which something was last observed.
    pub window: u32,
    /// What that window has,
    pub now: Held,
    /// and the one right before it.
    pub last: Option<Held>,
}

/// Everything that is kept of one key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct FeatureRecord {
    /// The features that observed something, ascending.
    pub slots: Vec<Slot>,
    /// The day after which it may be forgotten.
    pub until: u32,
}

impl Held {
    /// One more.
    pub(crate) fn count(&mut self) {
        if let Self::Count(count) = self {
            *count = count.saturating_add(1);
        }
    }

    /// So much more.
    pub(crate) fn sum(&mut self, amount: i128) {
        if let Self::Sum(sum) = self {
            *sum = sum.saturating_add(amount);
        }
    }

    /// One value, that may have been there before.
    pub(crate) fn distinct(&mut self, value: u32) {
        if let Self::Distinct(values) = self
            && values.len() < DISTINCT_MAX
            && let Err(place) = values.binary_search(&value)
        {
            values.insert(place, value);
        }
    }

    /// One value, in hundred-thousandths.
    pub(crate) fn spread(&mut self, units: i128) {
        let Self::Spread(buckets) = self else { return };
        let bucket = bucket_of(units);
        let place = match buckets.binary_search_by_key(&bucket, |(own, _)| *own) {
            Ok(place) => place,
            Err(place) if buckets.len() < SPREAD_BUCKETS_MAX => {
                buckets.insert(place, (bucket, 0));
                place
            }
            // No room for another bucket: the nearest below counts it, or the first.
            Err(place) => place.saturating_sub(1),
        };
        if let Some((_, count)) = buckets.get_mut(place) {
            *count = count.saturating_add(1);
        }
    }

    /// A trade, that may have been there before. The earliest makes room for it.
    pub(crate) fn remember(&mut self, (direction, case): (Direction, &CaseKey)) {
        let Self::Recent(trades) = self else { return };
        if trades.iter().any(|(own, held)| *own == direction && held == case) {
            return;
        }
        if RECENT_MAX <= trades.len() {
            trades.remove(0);
        }
        trades.push((direction, case.clone()));
    }

    /// How many, of what is counted.
    pub(crate) fn number(&self) -> i64 {
        match self {
            Self::Count(count) => i64::from(*count),
            Self::Sum(sum) => {
                i64::try_from(*sum).unwrap_or(if *sum < 0 { i64::MIN } else { i64::MAX })
            }
            Self::Distinct(values) => i64::try_from(values.len()).unwrap_or(i64::MAX),
            Self::Recent(trades) => i64::try_from(trades.len()).unwrap_or(i64::MAX),
            Self::Spread(buckets) => {
                buckets.iter().fold(0, |sum: i64, (_, count)| sum.saturating_add((*count).into()))
            }
        }
    }

    /// The value below which `percent` of the values lie, within a sixteenth of it.
    pub(crate) fn quantile(&self, percent: u8) -> Decimal {
        let Self::Spread(buckets) = self else { return Decimal::ZERO };
        let total = u64::try_from(self.number()).unwrap_or(0);
        // The rank, rounded up, from 1.
        let rank = total.saturating_mul(percent.into()).div_ceil(100).max(1);
        let mut seen = 0u64;
        for (bucket, count) in buckets {
            seen = seen.saturating_add((*count).into());
            if rank <= seen {
                return Decimal::from_units(middle_of(*bucket)).unwrap_or_default();
            }
        }
        Decimal::ZERO
    }
}

/// Each power of two has eight buckets, as wide as one another; below eight each number has one.
fn bucket_of(units: i128) -> u16 {
    let units = u64::try_from(units.max(0)).unwrap_or(u64::MAX);
    if units < 8 {
        return u16::try_from(units).unwrap_or(0);
    }
    let power = 63u32.saturating_sub(units.leading_zeros());
    let shift = power.saturating_sub(3);
    let eighth = (units >> shift) & 7;
    let bucket = u64::from(shift).saturating_mul(8).saturating_add(8).saturating_add(eighth);
    u16::try_from(bucket).unwrap_or(u16::MAX)
}

/// The middle of a bucket.
fn middle_of(bucket: u16) -> i128 {
    if bucket < 8 {
        return bucket.into();
    }
    let above = bucket.saturating_sub(8);
    let (shift, eighth) = (above >> 3, above & 7);
    let width = 1i128.checked_shl(shift.into()).unwrap_or(0);
    let low = i128::from(eighth).saturating_add(8).saturating_mul(width);
    low.saturating_add(width >> 1)
}

impl Slot {
    /// Begins a new window if another is there than `window`. What lies before the last one is
    /// forgotten.
    pub(crate) fn turn(&mut self, window: u32, blank: &Held) {
        if self.window == window {
            return;
        }
        let before = std::mem::replace(&mut self.now, blank.clone());
        self.last = (self.window.checked_add(1) == Some(window)).then_some(before);
        self.window = window;
    }

    /// What it has of a window.
    pub(crate) fn of(&self, window: u32) -> Option<&Held> {
        if self.window == window {
            return Some(&self.now);
        }
        if self.window.checked_sub(1) == Some(window) {
            return self.last.as_ref();
        }
        None
    }
}

impl FeatureRecord {
    /// The slot of a feature, if it has one.
    pub(crate) fn slot(&self, feature: u32) -> Option<&Slot> {
        let place = self.slots.binary_search_by_key(&feature, |slot| slot.feature).ok()?;
        self.slots.get(place)
    }

    /// What a feature observes now; a blank one if it observed nothing yet.
    pub(crate) fn open(&mut self, feature: u32, window: u32, blank: &Held) -> &mut Held {
        let place = match self.slots.binary_search_by_key(&feature, |slot| slot.feature) {
            Ok(place) => place,
            Err(place) => {
                let now = blank.clone();
                self.slots.insert(place, Slot { feature, window, now, last: None });
                place
            }
        };
        let slot = self.slots.get_mut(place).expect("the slot is there by now");
        slot.turn(window, blank);
        &mut slot.now
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Millis {
        text.parse::<CustomsTime>().unwrap().millis()
    }

    #[test]
    fn windows_follow_one_another_in_china() {
        let (last, first) = (at("20261231235959"), at("20270101000000"));
        for window in [Window::Hour, Window::Day, Window::Month, Window::Year] {
            assert_eq!(window.number(last) + 1, window.number(first), "{window:?}");
        }
        assert_eq!(Window::Month.number(at("20260101000000")) % 12, 1);
    }

    #[test]
    fn a_window_keeps_the_one_right_before_it() {
        let mut record = FeatureRecord::default();
        let blank = Held::Count(0);
        for window in [7, 7, 8, 8, 8] {
            record.open(1, window, &blank).count();
        }
        let slot = record.slot(1).unwrap();
        assert_eq!(slot.of(8).map(Held::number), Some(3));
        assert_eq!(slot.of(7).map(Held::number), Some(2));
        record.open(1, 10, &blank).count();
        let slot = record.slot(1).unwrap();
        assert_eq!((slot.of(10).map(Held::number), slot.of(9)), (Some(1), None));
    }

    #[test]
    fn distinct_counts_saturate() {
        let mut held = Held::Distinct(Vec::new());
        for value in 0..1_000 {
            held.distinct(value % 500);
        }
        assert_eq!(held.number(), i64::try_from(DISTINCT_MAX).unwrap());
    }

    #[test]
    fn more_buckets_than_there_is_room_for_lose_nothing() {
        let mut held = Held::Spread(Vec::new());
        let mut units: i128 = 1;
        for _ in 0..180 {
            held.spread(units);
            units = units * 5 / 4 + 1;
        }
        assert_eq!(held.number(), 180);
        let Held::Spread(buckets) = held else { unreachable!() };
        assert!(buckets.len() <= SPREAD_BUCKETS_MAX);
    }

    fn case(number: u32) -> CaseKey {
        let platform = "TESTPLAT01".parse().unwrap();
        CaseKey { platform, order_no: format!("TEST{number}") }
    }

    proptest! {
        #[test]
        fn the_last_trades_are_remembered_each_once_and_no_more_than_there_is_room_for(
            seen in proptest::collection::vec((any::<bool>(), 0u32..20), 1..60),
        ) {
            let mut held = Held::Recent(Vec::new());
            let mut all: Vec<(Direction, CaseKey)> = Vec::new();
            for (is_import, number) in seen {
                let direction = if is_import { Direction::Import } else { Direction::Export };
                let trade = (direction, case(number));
                held.remember((direction, &trade.1));
                let Held::Recent(trades) = &held else { unreachable!() };
                if !all.contains(&trade) || !trades.contains(&trade) {
                    all.retain(|own| *own != trade);
                    all.push(trade);
                }
                let from = all.len().saturating_sub(RECENT_MAX);
                all.drain(..from);
                prop_assert_eq!(trades, &all);
            }
        }

        #[test]
        fn a_quantile_is_within_a_sixteenth_of_the_true_one(
            values in proptest::collection::vec(1i128..30_000_000, 1..40),
            percent in 1u8..=100,
        ) {
            let mut held = Held::Spread(Vec::new());
            values.iter().for_each(|value| held.spread(*value));
            let mut sorted = values;
            sorted.sort_unstable();
            let rank = (sorted.len() * usize::from(percent)).div_ceil(100).max(1);
            let (exact, found) = (sorted[rank - 1], held.quantile(percent).units());
            prop_assert!((exact - found).abs() * 16 <= exact, "{} {}", exact, found);
        }

        #[test]
        fn buckets_ascend_and_hold_their_middle(units in 0i128..i128::from(u64::MAX)) {
            let bucket = bucket_of(units);
            prop_assert!(bucket <= bucket_of(units + 1));
            prop_assert_eq!(bucket_of(middle_of(bucket)), bucket);
        }
    }
}
