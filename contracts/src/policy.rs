//! Policy: the parameters of the rules. Genesis states the first version.

mod check;
mod codes;
mod credit;
mod fault;
mod grading;
mod licences;
mod modes;
mod programs;
mod rates;
mod taxes;

pub use codes::{CodeRange, CodeTable, Table};
pub use credit::{Consequence, CreditPolicy, NegativeCategory, PublicField};
pub use fault::{PolicyFault, PolicyFaults};
pub use grading::{
    CreditIndicator, CustomsSupervision, GradeFrom, Measures, ZoneGrade, ZoneSupervision,
};
pub use licences::LicenceDemand;
pub use modes::{Direction, Limit, ModeProfile};
pub use programs::{PolicyInForce, Programs};
pub use rates::{CNY, ExchangeRate, USD};
pub use taxes::TaxRate;

use crate::risk::RiskPolicy;
use kanhe_types::codec::{self, Decode, Encode};
use kanhe_types::decimal::Decimal;
use kanhe_types::hash::{Domain, Hash};
use kanhe_types::pseudonym::{PseudonymScope, PseudonymServiceKey};
use serde::{Deserialize, Serialize};

/// The parameters in force. Tolerances are absolute and inclusive.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The version, from 1.
    pub version: u32,
    /// M03: payment against order, in CNY. The schema says they are equal, so 0.
    pub amount_tolerance: Decimal,
    /// M04: a line's total against quantity × price, in CNY for each unit of quantity.
    pub line_total_tolerance: Decimal,
    /// M09: the list's gross weight against the waybill's, in kilograms.
    pub weight_tolerance_kg: Decimal,
    /// M10: the list's freight against the waybill's, in CNY.
    pub freight_tolerance: Decimal,
    /// How long a case may collect its documents before it counts as overdue, in days.
    pub collect_days: u32,
    /// How many of the active agencies must approve a proposal.
    pub governance_quorum: Quorum,
    /// The keys of the pseudonym service, ascending by year and number, those of past years too;
    /// of one year the highest number is in use.
    #[serde(default)]
    pub pseudonym_keys: Vec<PseudonymServiceKey>,
    /// How long a sender keeps originals before it may erase them, in days.
    #[serde(default = "retention_days")]
    pub retention_days: u32,
    /// The shortest time for the answer to a spot check, in seconds of block time.
    #[serde(default = "spot_check_seconds_min")]
    pub spot_check_seconds_min: u32,
    /// The modes of trade, ascending by direction and code. What is declared under no mode of the
    /// policy is refused.
    #[serde(default = "modes::defaults")]
    pub modes: Vec<ModeProfile>,
    /// The code tables, each once; codes of absent tables are not checked.
    #[serde(default = "codes::defaults")]
    pub code_tables: Vec<CodeTable>,
    /// After how many days a carrier may use the number of an export waybill again.
    #[serde(default = "waybill_reuse_days")]
    pub waybill_reuse_days: u32,
    /// X03: what was received for an export against its value, in the order's currency.
    #[serde(default)]
    pub receipt_tolerance: Decimal,
    /// Flows: how many days after the month of its lists an export's receipts may take.
    #[serde(default = "receipt_days")]
    pub receipt_days: u32,
    /// M12: the most that one import list may be worth, in CNY, unless it is a single piece.
    #[serde(default = "single_limit")]
    pub single_limit: Decimal,
    /// M12: the most that one orderer may buy in a year, in CNY.
    #[serde(default = "annual_limit")]
    pub annual_limit: Decimal,
    /// M14: the rates by commodity codes, ascending; goods without a rate are not checked.
    #[serde(default)]
    pub tax_rates: Vec<TaxRate>,
    /// M14: the share of the legal tax that is due on retail imports.
    #[serde(default = "tax_share")]
    pub tax_share: Decimal,
    /// M14: the tax that is stated against the one that is due, in CNY.
    #[serde(default = "tax_tolerance")]
    pub tax_tolerance: Decimal,
    /// M15: after how many hours an order may be reported that was paid.
    #[serde(default = "order_report_hours")]
    pub order_report_hours: u32,
    /// M19: within how many days after release a return is applied for,
    #[serde(default = "return_days")]
    pub return_days: u32,
    /// and its goods are back.
    #[serde(default = "return_back_days")]
    pub return_back_days: u32,
    /// What currencies are worth in CNY, ascending by code: statistics value every list at the
    /// rates of the policy under which it was accepted.
    #[serde(default = "rates::defaults")]
    pub exchange_rates: Vec<ExchangeRate>,
    /// Within how many days the respondent of a dispute answers before an agency may decide,
    #[serde(default = "dispute_answer_days")]
    pub dispute_answer_days: u32,
    /// and within how many days after that a party may appeal.
    #[serde(default = "dispute_appeal_days")]
    pub dispute_appeal_days: u32,
    /// M16: the licences that whoever acts in a trade must hold, ascending by role and licence.
    #[serde(default)]
    pub licences_required: Vec<LicenceDemand>,
    /// C02: the warmest that frozen lots may be, in tenths of a degree Celsius,
    #[serde(default = "cold_max_tenths")]
    pub cold_max_tenths: i16,
    /// and for how many minutes they may be warmer.
    #[serde(default = "cold_excursion_minutes")]
    pub cold_excursion_minutes: u32,
    /// C03: for how many minutes there may be no readings of them.
    #[serde(default = "cold_gap_minutes")]
    pub cold_gap_minutes: u32,
    /// What is observed of trades, what of it is suspicious, and what comes of that.
    #[serde(default)]
    pub risk: RiskPolicy,
    /// Credit: the negative list, indicators, grades, and what follows from them.
    #[serde(default)]
    pub credit: CreditPolicy,
}

/// A quarter, rounded.
fn receipt_days() -> u32 {
    90
}

/// 财关税〔2018〕49.
fn single_limit() -> Decimal {
    whole(5_000)
}

/// 财关税〔2018〕49.
fn annual_limit() -> Decimal {
    whole(26_000)
}

fn whole(number: i64) -> Decimal {
    Decimal::from_integer(number).expect("constants have few digits")
}

/// Seventy hundredths, 财关税〔2016〕18.
fn tax_share() -> Decimal {
    Decimal::from_units(70_000).expect("constants have few digits")
}

/// Ten fen: each line's tax is rounded.
fn tax_tolerance() -> Decimal {
    Decimal::from_units(10_000).expect("constants have few digits")
}

/// One day, as ports have it.
fn order_report_hours() -> u32 {
    24
}

/// Announcement 45 of 2020.
fn return_days() -> u32 {
    30
}

/// Announcement 45 of 2020.
fn return_back_days() -> u32 {
    45
}

/// Ten days.
fn dispute_answer_days() -> u32 {
    10
}

/// Fifteen days.
fn dispute_appeal_days() -> u32 {
    15
}

/// Eighteen degrees below nought, as cold chains keep frozen food.
fn cold_max_tenths() -> i16 {
    -180
}

/// Half an hour: a door that is open while goods are moved.
fn cold_excursion_minutes() -> u32 {
    30
}

/// One hour.
fn cold_gap_minutes() -> u32 {
    60
}

/// Three years: E-Commerce Law of 2018, article 31, and as long as customs may audit after release
/// (Customs Audit Regulations, article 3).
fn retention_days() -> u32 {
    3 * 365 + 1
}

/// One day.
fn spot_check_seconds_min() -> u32 {
    86_400
}

/// Six months, message 505.
fn waybill_reuse_days() -> u32 {
    183
}

/// A share of the agencies: at least `agencies` of every `of`. More than half, so that no two
/// quorums are strangers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields)]
pub struct Quorum {
    /// So many,
    pub agencies: u16,
    /// of so many.
    pub of: u16,
}

impl Quorum {
    /// How many of `active` agencies form a quorum: rounded up, and never none.
    pub fn needed(self, active: usize) -> usize {
        let (agencies, of) = (usize::from(self.agencies), usize::from(self.of.max(1)));
        active.saturating_mul(agencies).div_ceil(of).max(1)
    }

    fn is_majority(self) -> bool {
        self.agencies <= self.of && u32::from(self.of) < u32::from(self.agencies).saturating_mul(2)
    }
}

impl Policy {
    /// What a mode demands in one direction, if there is such a mode.
    pub fn mode(&self, direction: Direction, code: &str) -> Option<&ModeProfile> {
        self.modes.iter().find(|mode| mode.direction == direction && mode.code == code)
    }

    /// Whether there is a mode of a direction.
    pub fn has_direction(&self, direction: Direction) -> bool {
        self.modes.iter().any(|mode| mode.direction == direction)
    }

    /// A code table, if the policy has it.
    pub fn code_table(&self, table: Table) -> Option<&CodeTable> {
        self.code_tables.iter().find(|own| own.table == table)
    }

    /// The rates of goods, if the policy has them.
    pub fn tax_rate(&self, gcode: &str) -> Option<&TaxRate> {
        taxes::find(&self.tax_rates, gcode)
    }

    /// CNY for 100 units of a currency, in hundred-thousandths, if there is a rate.
    pub(crate) fn rate_of(&self, currency: &str) -> Option<i128> {
        rates::rate_of(&self.exchange_rates, currency)
    }

    /// The key in use for documents of a year.
    pub fn pseudonym_key_of_year(&self, year: u16) -> Option<&PseudonymServiceKey> {
        self.pseudonym_keys.iter().rev().find(|key| key.scope.epoch == year)
    }

    /// The key of a scope, in use or not.
    pub fn pseudonym_key(&self, scope: PseudonymScope) -> Option<&PseudonymServiceKey> {
        self.pseudonym_keys.iter().find(|key| key.scope == scope)
    }

    /// The policy's identity.
    pub fn hash(&self) -> Hash {
        Hash::of(Domain::Policy, &[&codec::encode(self)])
    }
}

impl Default for Policy {
    fn default() -> Self {
        let decimal = |units| Decimal::from_units(units).expect("constants have few digits");
        Self {
            version: 1,
            amount_tolerance: Decimal::ZERO,
            line_total_tolerance: decimal(1_000),
            weight_tolerance_kg: decimal(10_000),
            freight_tolerance: Decimal::ZERO,
            collect_days: 7,
            governance_quorum: Quorum { agencies: 2, of: 3 },
            pseudonym_keys: Vec::new(),
            retention_days: retention_days(),
            spot_check_seconds_min: spot_check_seconds_min(),
            modes: modes::defaults(),
            code_tables: codes::defaults(),
            waybill_reuse_days: waybill_reuse_days(),
            receipt_tolerance: Decimal::ZERO,
            receipt_days: receipt_days(),
            single_limit: single_limit(),
            annual_limit: annual_limit(),
            tax_rates: Vec::new(),
            tax_share: tax_share(),
            tax_tolerance: tax_tolerance(),
            order_report_hours: order_report_hours(),
            return_days: return_days(),
            return_back_days: return_back_days(),
            exchange_rates: rates::defaults(),
            dispute_answer_days: dispute_answer_days(),
            dispute_appeal_days: dispute_appeal_days(),
            licences_required: Vec::new(),
            cold_max_tenths: cold_max_tenths(),
            cold_excursion_minutes: cold_excursion_minutes(),
            cold_gap_minutes: cold_gap_minutes(),
            risk: RiskPolicy::default(),
            credit: CreditPolicy::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quorum_is_rounded_up_and_never_none() {
        let two_thirds = Quorum { agencies: 2, of: 3 };
        let needed: Vec<usize> = (0..8).map(|active| two_thirds.needed(active)).collect();
        assert_eq!(needed, [1, 1, 2, 2, 3, 4, 4, 5]);
        assert_eq!(Quorum { agencies: 1, of: 1 }.needed(4), 4);
    }

    #[test]
    fn of_one_year_the_highest_number_is_in_use_and_the_others_stay_known() {
        let key = |key_id, epoch| PseudonymServiceKey {
            scope: PseudonymScope { key_id, epoch },
            organisation: "CUSTOMS".parse().unwrap(),
            public_key: Default::default(),
        };
        let pseudonym_keys = vec![key(1, 2026), key(2, 2026), key(1, 2027)];
        let policy = Policy { pseudonym_keys, ..Policy::default() };
        let in_use = |year| policy.pseudonym_key_of_year(year).map(|key| key.scope.key_id);
        assert_eq!([2025, 2026, 2027].map(in_use), [None, Some(2), Some(1)]);
        let old = PseudonymScope { key_id: 1, epoch: 2026 };
        assert_eq!(policy.pseudonym_key(old).map(|key| key.scope), Some(old));
    }
}
