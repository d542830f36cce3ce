//! The part of a policy that says what is observed, what is suspicious, and what comes of it.

use super::engine::Engine;
use super::fact::Subject;
use super::feature::Window;
use crate::limits::{RISK_FEATURES_MAX, RISK_RULES_MAX, RISK_TEXT_CHARS_MAX};
use crate::policy::PolicyFault;
use crate::registry::Role;
use kanhe_types::codec::{Decode, Encode};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Features, rules, and what follows from what they say.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields)]
pub struct RiskPolicy {
    /// What is counted, each under a name of its own.
    pub features: Vec<Feature>,
    /// What is suspicious, each under an identity of its own.
    pub rules: Vec<RiskRule>,
    /// From which score on a trade has which level.
    pub levels: Levels,
    /// What alerts there are, and for how long they may wait.
    pub alerts: AlertPolicy,
    /// How many trades are inspected.
    pub inspection: InspectionPolicy,
}

/// Something that is counted.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields)]
pub struct Feature {
    /// Its name: `feature.NAME` in rules is what it says of the window that runs, with what is
    /// observed, and `last.NAME` of the window before.
    pub name: String,
    /// What it observes.
    pub on: Subject,
    /// The facts by which it is kept apart: one or two.
    pub key: Vec<String>,
    /// Which observations count; all without it.
    #[serde(default)]
    pub when: Option<String>,
    /// How they count.
    pub measure: Measure,
    /// What is added up, told apart or spread; an expression.
    #[serde(default)]
    pub of: Option<String>,
    /// Of quantiles which, in percent: 50 is the median.
    #[serde(default)]
    pub percent: Option<u8>,
    /// For how long.
    pub window: Window,
}

/// How observations count.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize,
)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// How many there are.
    Count,
    /// The sum of a number.
    Sum,
    /// How many different values there are, up to 32.
    Distinct,
    /// A quantile of a number, within a sixteenth of its value.
    Quantile,
    /// The last trades, up to 8, to which rules reach back. As a number it is how many these are.
    Recent,
}

/// Something suspicious.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields)]
pub struct RiskRule {
    /// Its identity, like `R01`; it stays the same when the rule changes.
    pub id: String,
    /// What it suspects, like `quota_theft`; several rules may suspect the same.
    pub pattern: String,
    /// What it looks at.
    pub on: Subject,
    /// Whom or what it suspects.
    #[serde(default)]
    pub target: Target,
    /// When it fires; an expression.
    pub when: String,
    /// What else it says the same of when it fires, because it belongs together: the trades that
    /// features with the measure `recent` remember, by `feature.NAME` of the window that runs and
    /// `last.NAME` of the window before. Only of rules that suspect the trade.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reaches: Vec<String>,
    /// How much it adds to the score, 1 to 100.
    pub weight: u8,
    /// The role of the agency whose business it is.
    pub owner: Role,
    /// What it means, in English,
    pub en: String,
    /// and in Chinese.
    pub zh: String,
}

/// Whom or what a rule suspects.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Encode,
    Decode,
    Serialize,
    Deserialize,
)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// The trade.
    #[default]
    Trade,
    /// The merchant.
    Merchant,
    /// The platform.
    Platform,
    /// The payment firm.
    PaymentFirm,
    /// The carrier.
    Carrier,
}

/// How suspicious something is.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Encode,
    Decode,
    Serialize,
    Deserialize,
)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// No rule fired, or only what means little by itself.
    #[default]
    Low,
    /// Worth a look.
    Medium,
    /// Worth a look soon.
    High,
    /// Worth a look now.
    Critical,
}

/// The scores from which a level begins, ascending, 1 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields)]
pub struct Levels {
    /// Medium,
    pub medium: u8,
    /// high,
    pub high: u8,
    /// critical.
    pub critical: u8,
}

/// What alerts there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields)]
pub struct AlertPolicy {
    /// The level from which an alert is raised,
    pub from: Level,
    /// and the one from which it holds the trade until it is disposed of; none holds without it.
    #[serde(default)]
    pub hold_from: Option<Level>,
    /// Within how many hours an alert of medium level is to be disposed of,
    pub medium_hours: u16,
    /// of high level,
    pub high_hours: u16,
    /// and of critical level.
    pub critical_hours: u16,
    /// The role of the agency to which what is overdue goes.
    pub escalate_to: Role,
    /// For how many days what fired counts against an organisation.
    pub remember_days: u32,
    /// How much a complaint of a holder of rights adds to the score, and being on the negative
    /// list with the consequence `hold`; 1 to 100.
    pub complaint_weight: u8,
    /// Whether a complaint that asks for it holds the trade.
    pub complaints_hold: bool,
}

/// How many trades are inspected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields)]
pub struct InspectionPolicy {
    /// Of a thousand imports so many may be inspected, by risk and by chance together,
    pub budget_per_mille: u16,
    /// of these so many by chance, so that what no rule finds shows, too,
    pub random_per_mille: u16,
    /// Whether an inspection holds the trade until its alert is disposed of.
    pub hold: bool,
}

/// Hours that an alert may wait: a year.
const HOURS_MAX: u16 = 8_784;

/// Days that what fired may count.
const REMEMBER_DAYS_MAX: u32 = 3_660;

impl Levels {
    /// The level of a score.
    pub fn of(self, score: u8) -> Level {
        match score {
            score if self.critical <= score => Level::Critical,
            score if self.high <= score => Level::High,
            score if self.medium <= score => Level::Medium,
            _ => Level::Low,
        }
    }

    /// The score from which a level begins.
    pub fn begin(self, level: Level) -> u8 {
        match level {
            Level::Low => 0,
            Level::Medium => self.medium,
            Level::High => self.high,
            Level::Critical => self.critical,
        }
    }
}

impl AlertPolicy {
    /// Within how many hours an alert of a level is to be disposed of.
    pub fn hours(&self, level: Level) -> u16 {
        match level {
            Level::Low | Level::Medium => self.medium_hours,
            Level::High => self.high_hours,
            Level::Critical => self.critical_hours,
        }
    }
}

impl Default for RiskPolicy {
    fn default() -> Self {
        Self {
            features: super::starting::features(),
            rules: super::starting::rules(),
            levels: Levels { medium: 30, high: 60, critical: 90 },
            alerts: AlertPolicy {
                from: Level::Medium,
                hold_from: None,
                medium_hours: 72,
                high_hours: 24,
                critical_hours: 4,
                escalate_to: Role::Customs,
                remember_days: 90,
                complaint_weight: 40,
                complaints_hold: false,
            },
            inspection: InspectionPolicy { budget_per_mille: 20, random_per_mille: 2, hold: false },
        }
    }
}

impl RiskPolicy {
    /// A policy by which nothing is observed.
    pub fn none() -> Self {
        Self { features: Vec::new(), rules: Vec::new(), ..Self::default() }
    }

    /// Checks that everything in it can be worked with, and every fault there is.
    pub(crate) fn faults(&self) -> Vec<PolicyFault> {
        let mut faults = Vec::new();
        self.check_parameters(&mut faults);
        self.check_names(&mut faults);
        faults.extend(Engine::compile(self).1);
        faults
    }

    fn check_parameters(&self, faults: &mut Vec<PolicyFault>) {
        let Levels { medium, high, critical } = self.levels;
        if !(0 < medium && medium < high && high < critical && critical <= 100) {
            faults.push(PolicyFault::at("risk.levels", "ascending scores of 1 to 100"));
        }
        let alerts = &self.alerts;
        if alerts.from == Level::Low || alerts.hold_from.is_some_and(|hold| hold < alerts.from) {
            let expected = "medium, high or critical, and hold_from not below from";
            faults.push(PolicyFault::at("risk.alerts.from", expected));
        }
        for (field, hours) in [
            ("risk.alerts.medium_hours", alerts.medium_hours),
            ("risk.alerts.high_hours", alerts.high_hours),
            ("risk.alerts.critical_hours", alerts.critical_hours),
        ] {
            if !(1..=HOURS_MAX).contains(&hours) {
                faults.push(PolicyFault::at(field, "1 to 8784"));
            }
        }
        if !(1..=REMEMBER_DAYS_MAX).contains(&alerts.remember_days) {
            faults.push(PolicyFault::at("risk.alerts.remember_days", "1 to 3660"));
        }
        if !(1..=100).contains(&alerts.complaint_weight) {
            faults.push(PolicyFault::at("risk.alerts.complaint_weight", "1 to 100"));
        }
        let inspection = &self.inspection;
        if 1_000 < inspection.budget_per_mille
            || inspection.budget_per_mille < inspection.random_per_mille
        {
            let expected = "0 to 1000, and random_per_mille not above it";
            faults.push(PolicyFault::at("risk.inspection.budget_per_mille", expected));
        }
    }

    fn check_names(&self, faults: &mut Vec<PolicyFault>) {
        if RISK_FEATURES_MAX < self.features.len() {
            let expected = format!("at most {RISK_FEATURES_MAX} features");
            faults.push(PolicyFault::at("risk.features", expected));
        }
        if RISK_RULES_MAX < self.rules.len() {
            let expected = format!("at most {RISK_RULES_MAX} rules");
            faults.push(PolicyFault::at("risk.rules", expected));
        }
        let mut names = BTreeSet::new();
        for (index, feature) in self.features.iter().enumerate() {
            if !is_name(&feature.name) || !names.insert(feature.name.as_str()) {
                let path = format!("risk.features[{index}].name");
                faults.push(PolicyFault::at(path, NAME));
            }
        }
        let mut ids = BTreeSet::new();
        for (index, rule) in self.rules.iter().enumerate() {
            let path = |field| format!("risk.rules[{index}].{field}");
            if !is_name(&rule.id) || !ids.insert(rule.id.as_str()) {
                faults.push(PolicyFault::at(path("id"), NAME));
            }
            if !is_name(&rule.pattern) {
                faults.push(PolicyFault::at(path("pattern"), NAME));
            }
            if !(1..=100).contains(&rule.weight) {
                faults.push(PolicyFault::at(path("weight"), "1 to 100"));
            }
            for (field, text) in [("en", &rule.en), ("zh", &rule.zh)] {
                let is_text = !text.is_empty() && text.chars().count() <= RISK_TEXT_CHARS_MAX;
                if !is_text || text.chars().any(char::is_control) {
                    let expected = format!("1 to {RISK_TEXT_CHARS_MAX} characters");
                    faults.push(PolicyFault::at(path(field), expected));
                }
            }
        }
    }
}

const NAME: &str =
    "1 to 40 letters, digits and underscores, beginning with a letter, used once only";

/// Whether a text can be a name in expressions.
fn is_name(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    (1..=40).contains(&text.len())
        && text.bytes().all(is_part)
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
}
