//! What statistics need of a list beside what matching compares.

use super::cell::Figures;
use crate::case::LineFacts;
use crate::document::{ExportList, InventoryList};
use crate::policy::{CNY, Policy, USD};
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::decimal::Decimal;
use kanhe_types::time::Millis;
use serde::{Deserialize, Serialize};

/// The code of China.
const CHINA: &str = "142";

/// What statistics need of a list: what it says, and at which rates and when it was accepted.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct Declared {
    /// The currency of its values.
    pub currency: String,
    /// Whether its goods cross the border: the first condition.
    pub is_cross_border: bool,
    /// Parcels.
    pub parcels: u32,
    /// Net weight in kilograms.
    pub net_weight: Decimal,
    /// Chapter (the first two digits of the commodity code) and country of each line: of origin on
    /// import, of final destination on export.
    pub goods: Vec<(u8, u16)>,
    /// The block time at which it was accepted.
    pub accepted: Millis,
    /// CNY for 100 units of its currency then; none without a rate.
    pub cny_per_100: Option<Decimal>,
    /// CNY for 100 USD then; none without a rate.
    pub usd_per_100: Option<Decimal>,
    /// The milliseconds until it was cleared, once it was.
    pub clearance_ms: Option<u64>,
}

impl Declared {
    /// What an import list says.
    pub(crate) fn import(list: &InventoryList) -> Self {
        let lines = list.lines.iter().map(|line| (line.gcode.as_str(), line.country.as_str()));
        Self::new(&list.currency, list.pack_no, list.net_weight, &list.country, lines)
    }

    /// What an export list says.
    pub(crate) fn export(list: &ExportList) -> Self {
        let lines = list.lines.iter().map(|line| (line.gcode.as_str(), line.country.as_str()));
        let currency = list.lines.first().map(|line| line.currency.as_str()).unwrap_or(CNY);
        Self::new(currency, list.pack_no, list.net_weight, &list.country, lines)
    }

    fn new<'a>(
        currency: &str,
        parcels: u32,
        net_weight: Decimal,
        country: &str,
        lines: impl Iterator<Item = (&'a str, &'a str)> + Clone,
    ) -> Self {
        // A bonded import departs from inside the country; then the goods' origin decides.
        let is_abroad = country != CHINA || lines.clone().any(|(_, country)| country != CHINA);
        let goods = lines.map(|(gcode, country)| {
            // The forms were checked; what is no number stands under 0.
            let chapter = gcode.get(..2).and_then(|chapter| chapter.parse().ok());
            (chapter.unwrap_or(0), country.parse().unwrap_or(0))
        });
        Self {
            currency: currency.to_owned(),
            is_cross_border: is_abroad,
            parcels,
            net_weight,
            goods: goods.collect(),
            accepted: Millis(0),
            cny_per_100: None,
            usd_per_100: None,
            clearance_ms: None,
        }
    }

    /// The list is accepted: in the place of `changed`, whose time, rates and clearance it keeps.
    pub(crate) fn list_accepted(&mut self, changed: Option<&Self>, now: Millis, policy: &Policy) {
        if let Some(held) = changed.filter(|held| held.currency == self.currency) {
            self.keep(held);
            return;
        }
        let rate = |currency| policy.rate_of(currency).and_then(Decimal::from_units);
        self.accepted = now;
        self.cny_per_100 = rate(&self.currency);
        self.usd_per_100 = rate(USD);
    }

    /// The list is released: by customs on import, with its departure on export. The first time
    /// counts.
    pub(crate) fn list_released(&mut self, now: Millis) {
        if self.clearance_ms.is_none() {
            self.clearance_ms = Some(now.0.saturating_sub(self.accepted.0));
        }
    }

    /// The same list, accepted as `other` was.
    pub(crate) fn accepted_as(&self, other: &Self) -> Self {
        let mut own = self.clone();
        own.keep(other);
        own
    }

    fn keep(&mut self, held: &Self) {
        self.accepted = held.accepted;
        self.cny_per_100 = held.cny_per_100;
        self.usd_per_100 = held.usd_per_100;
        self.clearance_ms = held.clearance_ms;
    }

    /// What a line is worth in CNY and USD.
    fn values(&self, line: &LineFacts) -> Option<(i128, i128)> {
        let rate = self.cny_per_100?.units();
        let usd_rate = self.usd_per_100?.units();
        // At most 19 digits by 16: far from the end of the numbers.
        let product = line.total_price.units().max(0).saturating_mul(rate);
        Some((rounded(product, CNY_RATE_UNITS), rounded(product, usd_rate)))
    }

    /// The figures of each line, which add up to those of the list: values by line, net weight by
    /// value, and the list with its parcels with the dearest line.
    pub(crate) fn figures(&self, lines: &[LineFacts]) -> Vec<Figures> {
        let prices = || lines.iter().map(|line| line.total_price.units().max(0));
        let total = prices().fold(0, i128::saturating_add);
        let net_weight = self.net_weight.units();
        let (mut rest, mut dearest) = (net_weight, (0, i128::MIN));
        let mut all: Vec<Figures> = Vec::with_capacity(lines.len());
        for (index, (line, price)) in lines.iter().zip(prices()).enumerate() {
            let weight = net_weight.saturating_mul(price).checked_div(total).unwrap_or(0);
            rest = rest.saturating_sub(weight);
            if dearest.1 < price {
                dearest = (index, price);
            }
            let (cny, usd) = self.values(line).unwrap_or_default();
            all.push(Figures { net_weight: weight, cny, usd, ..Figures::default() });
        }
        if let Some(line) = all.get_mut(dearest.0) {
            line.lists = 1;
            line.parcels = i64::from(self.parcels);
            line.net_weight = line.net_weight.saturating_add(rest);
            let is_valued = self.cny_per_100.is_some() && self.usd_per_100.is_some();
            line.unvalued = i64::from(!is_valued);
        }
        all
    }
}

/// Hundred-thousandths of CNY that 100 CNY have.
const CNY_RATE_UNITS: i128 = 100 * 100_000;

/// A quotient of what is not negative, rounded half up.
fn rounded(dividend: i128, divisor: i128) -> i128 {
    let half = divisor.checked_div(2).unwrap_or(0);
    dividend.saturating_add(half).checked_div(divisor).unwrap_or(0)
}
