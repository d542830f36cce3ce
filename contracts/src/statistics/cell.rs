//! What is counted for one place of the tables.

use kanhe_types::codec::{Decode, Encode};

/// Sums over lists. Corrections of earlier months can make them negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct Figures {
    /// Lists.
    pub lists: i64,
    /// Parcels.
    pub parcels: i64,
    /// Net weight in hundred-thousandths of a kilogram.
    pub net_weight: i128,
    /// Value in hundred-thousandths of CNY.
    pub cny: i128,
    /// Value in hundred-thousandths of USD.
    pub usd: i128,
    /// Lists in a currency without a rate, which add nothing to the values.
    pub unvalued: i64,
}

/// What lists of one place come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct Cell {
    /// Lists that pass the three conditions.
    pub counted: Figures,
    /// Lists that were accepted and do not pass them, or not yet.
    pub outside: Figures,
    /// What came back of lists that are counted.
    pub returned: Figures,
    /// Counted lists of which the clearance is known,
    pub cleared: i64,
    /// and the milliseconds that it took, in all.
    pub clearance_ms: i128,
}

impl Figures {
    /// Adds others.
    pub fn add(&mut self, other: &Self) {
        self.lists = self.lists.saturating_add(other.lists);
        self.parcels = self.parcels.saturating_add(other.parcels);
        self.net_weight = self.net_weight.saturating_add(other.net_weight);
        self.cny = self.cny.saturating_add(other.cny);
        self.usd = self.usd.saturating_add(other.usd);
        self.unvalued = self.unvalued.saturating_add(other.unvalued);
    }

    fn negated(&self) -> Self {
        Self {
            lists: self.lists.saturating_neg(),
            parcels: self.parcels.saturating_neg(),
            net_weight: self.net_weight.saturating_neg(),
            cny: self.cny.saturating_neg(),
            usd: self.usd.saturating_neg(),
            unvalued: self.unvalued.saturating_neg(),
        }
    }

    /// Whether nothing is counted.
    pub fn is_zero(&self) -> bool {
        *self == Self::default()
    }

    /// Whether more is counted than was taken back. A list counts with one line only: goods of the
    /// others have a value and no list.
    pub fn is_active(&self) -> bool {
        0 < self.lists || 0 < self.cny
    }
}

impl Cell {
    /// Adds another.
    pub fn add(&mut self, other: &Self) {
        self.counted.add(&other.counted);
        self.outside.add(&other.outside);
        self.returned.add(&other.returned);
        self.cleared = self.cleared.saturating_add(other.cleared);
        self.clearance_ms = self.clearance_ms.saturating_add(other.clearance_ms);
    }

    /// What takes it away again.
    pub(crate) fn negated(&self) -> Self {
        Self {
            counted: self.counted.negated(),
            outside: self.outside.negated(),
            returned: self.returned.negated(),
            cleared: self.cleared.saturating_neg(),
            clearance_ms: self.clearance_ms.saturating_neg(),
        }
    }

    /// Whether nothing is counted.
    pub fn is_zero(&self) -> bool {
        *self == Self::default()
    }

    /// What a counted list is worth on the average, in hundred-thousandths of CNY.
    pub fn average_ticket(&self) -> Option<i128> {
        let lists = self.counted.lists.checked_sub(self.counted.unvalued)?;
        share(self.counted.cny, i128::from(lists))
    }

    /// Returned lists for every 10,000 that are counted.
    pub fn return_share(&self) -> Option<i128> {
        let returned = i128::from(self.returned.lists).saturating_mul(10_000);
        share(returned, i128::from(self.counted.lists))
    }

    /// Milliseconds that clearance took on the average.
    pub fn average_clearance_ms(&self) -> Option<i128> {
        share(self.clearance_ms, i128::from(self.cleared))
    }
}

/// A quotient, rounded towards nought; none where nothing is counted.
fn share(sum: i128, count: i128) -> Option<i128> {
    if count <= 0 { None } else { sum.checked_div(count) }
}

/// Hundred-thousandths as a decimal. Sums may have more digits than a document's decimals.
pub fn units_text(units: i128) -> String {
    const ONE: u128 = 100_000;
    let magnitude = units.unsigned_abs();
    let whole = magnitude.checked_div(ONE).unwrap_or_default();
    let fraction = format!("{:05}", magnitude.checked_rem(ONE).unwrap_or_default());
    let fraction = fraction.trim_end_matches('0');
    let (sign, point) =
        (if units < 0 { "-" } else { "" }, if fraction.is_empty() { "" } else { "." });
    format!("{sign}{whole}{point}{fraction}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_written_as_decimals() {
        let texts = [0, 1, -150_000, 100_000, i128::MIN].map(units_text);
        let least = "-1701411834604692317316873037158841.05728";
        assert_eq!(texts, ["0", "0.00001", "-1.5", "1", least]);
    }
}
