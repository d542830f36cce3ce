//! How often offenders and look-alikes come, how many belong together, and how openly they do it.

use super::pattern::{LookAlike, RiskPattern};

/// A range, both ends included.
pub type Range = (u64, u64);

/// What a risk world is like. Rates are trades of 100,000.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RiskParameters {
    /// The set's name.
    pub name: &'static str,
    /// How many trades have each pattern, in the order of [`RiskPattern::ALL`]; of the last one,
    /// which no trade has, how many organisations.
    pub offences: [u32; 17],
    /// How many trades look so, in the order of [`LookAlike::ALL`].
    pub look_alikes: [u32; 17],
    /// Trades of a ring that uses others' identities,
    pub identity_ring: Range,
    /// who pays for them,
    pub identity_payers: Range,
    /// telephones and addresses to which they go,
    pub identity_places: Range,
    /// orders on each identity,
    pub identity_uses: Range,
    /// days over which they spread,
    pub identity_days: Range,
    /// and of a hundred rings those that pay from accounts in the orderers' own names.
    pub own_account_percent: usize,
    /// Trades of a burst of stuffed orders,
    pub stuffing_ring: Range,
    /// those who pay for them,
    pub stuffing_payers: Range,
    /// seconds between two payments,
    pub stuffing_seconds: Range,
    /// by how many seconds these vary,
    pub stuffing_jitter: u64,
    /// and minutes from release to signature.
    pub stuffing_signed_minutes: Range,
    /// Orders into which a purchase is split,
    pub split_orders: Range,
    /// and minutes between two of them.
    pub split_minutes: Range,
    /// Trades of an under-priced article,
    pub price_ring: Range,
    /// their price in hundredths of what it was,
    pub price_percent: Range,
    /// and days over which they spread.
    pub price_days: Range,
    /// Trades of a reseller,
    pub resale_ring: Range,
    /// days over which they spread,
    pub resale_days: Range,
    /// and ways to write its address.
    pub address_spellings: Range,
    /// Minutes from release to a signature that cannot be.
    pub soon_minutes: Range,
    /// Parcels that are signed for together.
    pub bulk_parcels: Range,
    /// The parcel's weight in hundredths of its goods', where that is wrong.
    pub weight_percent: Range,
    /// Orders that are pushed together.
    pub push_ring: Range,
    /// What was taken in, in hundredths of what is sold, where it is not enough.
    pub stock_percent: Range,
    /// Of a hundred receipts that are far off, those that are above what was declared.
    pub above_percent: usize,
    /// Of a hundred trades with a forbidden word those that write it with a point inside.
    pub disguised_percent: usize,
}

const WRITTEN: RiskParameters = RiskParameters {
    name: "written",
    offences: [500, 450, 250, 400, 350, 150, 120, 120, 150, 200, 120, 80, 40, 60, 100, 120, 6],
    look_alikes: [
        2_500, 2_500, 4_000, 1_500, 1_500, 600, 600, 150, 700, 1_500, 300, 3_000, 300, 600, 150,
        200, 150,
    ],
    identity_ring: (15, 60),
    identity_payers: (1, 3),
    identity_places: (1, 4),
    identity_uses: (1, 3),
    identity_days: (3, 21),
    own_account_percent: 30,
    stuffing_ring: (20, 60),
    stuffing_payers: (2, 5),
    stuffing_seconds: (5, 60),
    stuffing_jitter: 1,
    stuffing_signed_minutes: (5, 45),
    split_orders: (2, 4),
    split_minutes: (1, 40),
    price_ring: (15, 60),
    price_percent: (35, 70),
    price_days: (7, 40),
    resale_ring: (15, 50),
    resale_days: (14, 60),
    address_spellings: (1, 2),
    soon_minutes: (3, 40),
    bulk_parcels: (8, 30),
    weight_percent: (10, 35),
    push_ring: (10, 40),
    stock_percent: (40, 75),
    above_percent: 40,
    disguised_percent: 10,
};

const HELD_OUT_A: RiskParameters = RiskParameters {
    name: "held_out_a",
    offences: [350, 300, 300, 250, 250, 120, 80, 150, 100, 120, 90, 100, 30, 40, 60, 80, 4],
    look_alikes: [
        3_500, 3_000, 5_000, 2_500, 2_500, 900, 900, 250, 900, 2_500, 400, 4_000, 450, 900, 200,
        300, 200,
    ],
    identity_ring: (8, 30),
    identity_payers: (1, 2),
    identity_places: (1, 3),
    identity_uses: (1, 2),
    identity_days: (5, 30),
    own_account_percent: 40,
    stuffing_ring: (12, 35),
    stuffing_payers: (2, 6),
    stuffing_seconds: (10, 90),
    stuffing_jitter: 2,
    stuffing_signed_minutes: (10, 80),
    split_orders: (2, 3),
    split_minutes: (2, 75),
    price_ring: (10, 35),
    price_percent: (50, 75),
    price_days: (5, 25),
    resale_ring: (10, 30),
    resale_days: (20, 70),
    address_spellings: (1, 3),
    soon_minutes: (5, 60),
    bulk_parcels: (6, 18),
    weight_percent: (15, 45),
    push_ring: (6, 20),
    stock_percent: (55, 85),
    above_percent: 50,
    disguised_percent: 20,
};

const HELD_OUT_B: RiskParameters = RiskParameters {
    name: "held_out_b",
    offences: [600, 550, 200, 480, 480, 170, 160, 100, 230, 230, 160, 80, 60, 90, 110, 140, 9],
    look_alikes: [
        2_000, 4_000, 6_000, 1_000, 3_500, 1_200, 500, 100, 1_200, 1_000, 500, 5_000, 300, 1_500,
        250, 200, 100,
    ],
    identity_ring: (40, 120),
    identity_payers: (3, 8),
    identity_places: (3, 9),
    identity_uses: (1, 4),
    identity_days: (10, 45),
    own_account_percent: 20,
    stuffing_ring: (40, 120),
    stuffing_payers: (4, 10),
    stuffing_seconds: (2, 20),
    stuffing_jitter: 0,
    stuffing_signed_minutes: (2, 25),
    split_orders: (2, 5),
    split_minutes: (1, 20),
    price_ring: (30, 100),
    price_percent: (30, 60),
    price_days: (20, 60),
    resale_ring: (30, 90),
    resale_days: (25, 80),
    address_spellings: (1, 1),
    soon_minutes: (1, 20),
    bulk_parcels: (15, 50),
    weight_percent: (5, 25),
    push_ring: (20, 80),
    stock_percent: (30, 60),
    above_percent: 30,
    disguised_percent: 5,
};

const HELD_OUT_C: RiskParameters = RiskParameters {
    name: "held_out_c",
    offences: [550, 350, 350, 300, 450, 100, 100, 80, 120, 160, 70, 60, 20, 80, 90, 100, 5],
    look_alikes: [
        4_000, 2_000, 3_000, 3_000, 1_000, 300, 1_200, 300, 500, 3_000, 200, 2_000, 600, 400, 100,
        400, 300,
    ],
    identity_ring: (12, 45),
    identity_payers: (2, 6),
    identity_places: (2, 8),
    identity_uses: (1, 2),
    identity_days: (2, 14),
    own_account_percent: 55,
    stuffing_ring: (15, 50),
    stuffing_payers: (3, 8),
    stuffing_seconds: (20, 150),
    stuffing_jitter: 6,
    stuffing_signed_minutes: (15, 120),
    split_orders: (2, 4),
    split_minutes: (10, 150),
    price_ring: (12, 50),
    price_percent: (40, 72),
    price_days: (3, 15),
    resale_ring: (12, 40),
    resale_days: (10, 40),
    address_spellings: (2, 4),
    soon_minutes: (4, 50),
    bulk_parcels: (5, 20),
    weight_percent: (12, 40),
    push_ring: (8, 25),
    stock_percent: (45, 80),
    above_percent: 60,
    disguised_percent: 35,
};

impl RiskParameters {
    /// The names of the sets. On the first rules may be written; the others show what they are
    /// worth.
    pub const NAMES: [&'static str; 4] = ["written", "held_out_a", "held_out_b", "held_out_c"];

    /// The set of this name.
    pub fn named(name: &str) -> Option<Self> {
        let sets = [WRITTEN, HELD_OUT_A, HELD_OUT_B, HELD_OUT_C];
        sets.into_iter().find(|set| set.name == name)
    }

    /// On which rules may be written.
    pub fn written() -> Self {
        WRITTEN
    }

    /// How many trades of 100,000 have this pattern, or how many organisations.
    pub fn offences_of(&self, pattern: RiskPattern) -> u32 {
        let mut all = RiskPattern::ALL.iter().zip(self.offences);
        all.find(|(own, _)| **own == pattern).map_or(0, |(_, rate)| rate)
    }

    /// How many trades of 100,000 look so.
    pub fn look_alikes_of(&self, look: LookAlike) -> u32 {
        let mut all = LookAlike::ALL.iter().zip(self.look_alikes);
        all.find(|(own, _)| **own == look).map_or(0, |(_, rate)| rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_to_four_of_a_hundred_trades_offend_in_every_set() {
        for name in RiskParameters::NAMES {
            let set = RiskParameters::named(name).unwrap();
            let trades: u32 = RiskPattern::ALL
                .into_iter()
                .filter(|pattern| *pattern != RiskPattern::ThresholdHugging)
                .map(|pattern| set.offences_of(pattern))
                .sum();
            assert!((2_000..=4_000).contains(&trades), "{name}: {trades}");
            assert!(set.offences.iter().chain(&set.look_alikes).all(|rate| 0 < *rate));
        }
        assert_eq!(RiskParameters::named("other"), None);
    }
}
