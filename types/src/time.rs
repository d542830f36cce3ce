//! Instants: block time in milliseconds, and the times that customs messages carry.

#![allow(
    clippy::arithmetic_side_effects,
    reason = "every number here is bounded by the calendar check or by the modulus beside it"
)]

use crate::codec::bincode::{de::Decoder, error::DecodeError};
use crate::codec::{Decode, Encode};
use std::fmt;
use std::str::FromStr;

/// Milliseconds since 1970-01-01T00:00:00Z. Written as RFC 3339 in UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[bincode(crate = "crate::codec::bincode")]
pub struct Millis(pub u64);

/// A date and time of a customs message, `YYYYMMDDhhmmss` in China Standard Time (UTC+8).
///
/// Held as the number that its fourteen digits form, so that later is greater.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode)]
#[bincode(crate = "crate::codec::bincode")]
pub struct CustomsTime(u64);

/// A date of a customs message, `YYYYMMDD`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode)]
#[bincode(crate = "crate::codec::bincode")]
pub struct CustomsDate(u32);

/// A text is not a time of customs' form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}, found {found:?}")]
pub struct ParseTimeError {
    expected: &'static str,
    found: String,
}

const DAY_MS: u64 = 86_400_000;
/// China Standard Time is eight hours ahead of UTC.
const CHINA_OFFSET_MS: u64 = 8 * 3_600_000;

impl CustomsTime {
    /// The instant.
    pub fn millis(self) -> Millis {
        let (date, clock) = (self.0 / 1_000_000, self.0 % 1_000_000);
        let seconds = (clock / 10_000) * 3_600 + (clock / 100 % 100) * 60 + clock % 100;
        let days = days_since_1970(date / 10_000, date / 100 % 100, date % 100);
        Millis((days * DAY_MS + seconds * 1_000).saturating_sub(CHINA_OFFSET_MS))
    }

    /// The customs time of an instant, to the second.
    pub fn from_millis(millis: Millis) -> Self {
        let local = millis.0.saturating_add(CHINA_OFFSET_MS);
        let (year, month, day) = civil(local / DAY_MS);
        let seconds = local % DAY_MS / 1_000;
        let clock = (seconds / 3_600) * 10_000 + (seconds / 60 % 60) * 100 + seconds % 60;
        Self((year * 10_000 + month * 100 + day) * 1_000_000 + clock)
    }

    /// The calendar year in China.
    pub fn year(self) -> u64 {
        self.0 / 10_000_000_000
    }

    /// The calendar month in China, as the number that the digits `YYYYMM` form.
    pub fn year_month(self) -> u64 {
        self.0 / 100_000_000
    }
}

impl CustomsDate {
    /// The day of an instant in China.
    pub fn from_millis(millis: Millis) -> Self {
        let (year, month, day) = civil(millis.0.saturating_add(CHINA_OFFSET_MS) / DAY_MS);
        Self(u32::try_from(year * 10_000 + month * 100 + day).unwrap_or(u32::MAX))
    }

    /// The calendar year.
    pub fn year(self) -> u16 {
        u16::try_from(self.0 / 10_000).unwrap_or(u16::MAX)
    }
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn days_of_month(year: u64, month: u64) -> u64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a date of 1970 or later.
fn days_since_1970(year: u64, month: u64, day: u64) -> u64 {
    let before = year.saturating_sub(1);
    let leaps = before / 4 - before / 100 + before / 400 - 477;
    let years = year.saturating_sub(1970) * 365 + leaps;
    let months: u64 = (1..month).map(|month| days_of_month(year, month)).sum();
    years + months + day.saturating_sub(1)
}

/// Year, month and day of a number of days since 1970-01-01.
fn civil(days: u64) -> (u64, u64, u64) {
    let mut year = 1970 + days / 366;
    while days_since_1970(year + 1, 1, 1) <= days {
        year += 1;
    }
    let mut rest = days - days_since_1970(year, 1, 1);
    let mut month = 1;
    while days_of_month(year, month) <= rest {
        rest -= days_of_month(year, month);
        month += 1;
    }
    (year, month, rest + 1)
}

fn is_date(number: u64) -> bool {
    let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100);
    (1970..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=days_of_month(year, month)).contains(&day)
}

fn is_time(number: u64) -> bool {
    let clock = number % 1_000_000;
    is_date(number / 1_000_000) && clock / 10_000 < 24 && clock / 100 % 100 < 60 && clock % 100 < 60
}

fn digits(text: &str, count: usize) -> Option<u64> {
    (text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

impl FromStr for CustomsTime {
    type Err = ParseTimeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        digits(text, 14).filter(|number| is_time(*number)).map(Self).ok_or_else(|| ParseTimeError {
            expected: "a time YYYYMMDDhhmmss",
            found: text.chars().take(30).collect(),
        })
    }
}

impl FromStr for CustomsDate {
    type Err = ParseTimeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        digits(text, 8)
            .filter(|number| is_date(*number))
            .and_then(|number| u32::try_from(number).ok())
            .map(Self)
            .ok_or_else(|| ParseTimeError {
                expected: "a date YYYYMMDD",
                found: text.chars().take(30).collect(),
            })
    }
}

/// Implements decoding for a checked number: only numbers that `$check` accepts come in.
macro_rules! decode_checked {
    ($type:ty, $inner:ty, $check:expr, $text:literal) => {
        impl<Context> Decode<Context> for $type {
            fn decode<D: Decoder<Context = Context>>(decoder: &mut D) -> Result<Self, DecodeError> {
                let number = <$inner>::decode(decoder)?;
                if !$check(u64::from(number)) {
                    return Err(DecodeError::Other($text));
                }
                Ok(Self(number))
            }
        }

        impl<'de, Context> crate::codec::bincode::BorrowDecode<'de, Context> for $type {
            fn borrow_decode<
                D: crate::codec::bincode::de::BorrowDecoder<'de, Context = Context>,
            >(
                decoder: &mut D,
            ) -> Result<Self, DecodeError> {
                Self::decode(decoder)
            }
        }
    };
}

decode_checked!(CustomsTime, u64, is_time, "a customs time is a date and a time of day");
decode_checked!(CustomsDate, u32, is_date, "a customs date is a day of the calendar");

impl fmt::Display for CustomsTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:014}", self.0)
    }
}

impl fmt::Display for CustomsDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08}", self.0)
    }
}

impl fmt::Debug for CustomsTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for CustomsDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Beyond the year 9999 the calendar says nothing to anybody.
        let days = (self.0 / DAY_MS).min(2_932_896);
        let (year, month, day) = civil(days);
        let ms = self.0 % DAY_MS;
        let (hour, minute, second) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z",
            ms % 1_000
        )
    }
}

crate::code::serde_as_text!(CustomsTime);
crate::code::serde_as_text!(CustomsDate);

impl serde::Serialize for Millis {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Millis {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <String as serde::Deserialize>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl FromStr for Millis {
    type Err = ParseTimeError;

    /// Reads what `Display` writes: `2026-11-23T08:00:00.000Z`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || ParseTimeError {
            expected: "a time like 2026-11-23T08:00:00.000Z",
            found: text.chars().take(40).collect(),
        };
        let number: String = text.chars().filter(char::is_ascii_digit).collect();
        let all = digits(&number, 17).ok_or_else(error)?;
        let time = Some(all / 1_000).filter(|time| is_time(*time)).ok_or_else(error)?;
        let millis = CustomsTime(time).millis().0.saturating_add(CHINA_OFFSET_MS) + all % 1_000;
        let back = Self(millis);
        if back.to_string() != text {
            return Err(error());
        }
        Ok(back)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_instants() {
        assert_eq!(Millis(0).to_string(), "1970-01-01T00:00:00.000Z");
        assert_eq!(Millis(1_795_420_800_000).to_string(), "2026-11-23T08:00:00.000Z");
        let time: CustomsTime = "20261123160000".parse().unwrap();
        assert_eq!(time.millis(), Millis(1_795_420_800_000));
        assert_eq!(time.year(), 2026);
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        for text in ["20260229120000", "20261301000000", "20260101240000", "2026010112000", "x"] {
            assert!(text.parse::<CustomsTime>().is_err(), "{text}");
        }
        assert!("20240229".parse::<CustomsDate>().is_ok());
        assert!("20230229".parse::<CustomsDate>().is_err());
    }

    #[test]
    fn a_time_that_does_not_exist_does_not_decode() {
        let bytes = crate::codec::encode(&20_261_301_000_000u64);
        assert!(crate::codec::decode::<CustomsTime>(&bytes, 100).is_err());
    }

    proptest! {
        #[test]
        fn instants_come_back(seconds in 0u64..4_000_000_000) {
            let millis = Millis(seconds * 1_000);
            prop_assert_eq!(CustomsTime::from_millis(millis).millis(), millis);
            prop_assert_eq!(millis.to_string().parse::<Millis>().unwrap(), millis);
        }
    }
}
