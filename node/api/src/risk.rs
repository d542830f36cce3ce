//! Alerts, what rules said of trades and organisations, and how rules did, as JSON. For agencies.

use kanhe_contracts::document::DocumentKind;
use kanhe_contracts::registry::Role;
use kanhe_contracts::risk::{
    Alert, AlertState, Assessment, CaseRisk, Level, Levels, RiskRule, RuleRecord, Suspect,
    VersionRecord,
};
use kanhe_types::code::OrganisationCode;
use kanhe_types::hash::Hash;
use serde::{Deserialize, Serialize};

/// Which alerts are asked for; the query of `GET /v1/risk/alerts`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlertsQuery {
    /// Only those that stand so.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub state: Option<AlertState>,
    /// Only those of this level.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub level: Option<Level>,
    /// Only those that are overdue, or that are not.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub overdue: Option<bool>,
    /// Only those with a lower place in the agency's book: the `next` of the page before.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub before: Option<u64>,
    /// How many are looked at at most.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub limit: Option<usize>,
}

/// Answer of `GET /v1/risk/alerts`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertsPage {
    /// The alerts that the agency has, the last first.
    pub alerts: Vec<AlertView>,
    /// The `before` of the next page; none when there is no more.
    pub next: Option<u64>,
}

/// An alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertView {
    /// The alert with everything that was done about it.
    #[serde(flatten)]
    pub alert: Alert,
    /// Whether its term is over, by the time of the last executed height, and nobody disposed of
    /// it.
    pub is_overdue: bool,
}

/// Answer of `GET /v1/risk/alerts/{number}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertAnswer {
    /// The alert.
    #[serde(flatten)]
    pub view: AlertView,
    /// What is said of what it is about.
    pub assessment: AssessmentView,
}

/// Answer of `GET /v1/risk/cases/…` and `GET /v1/risk/organisations/{code}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssessmentView {
    /// Whom or what it is of.
    pub suspect: Suspect,
    /// What fired, as it is recorded.
    pub assessment: Assessment,
    /// The rules of what fired, in the order of the hits, each by the policy of its hit; none for a
    /// signal.
    pub rules: Vec<Option<RuleText>>,
    /// The scores from which levels begin, by the policy in force.
    pub levels: Levels,
    /// The documents of the trades of the hits, in their order; each trade once.
    pub trades: Vec<TradeDocuments>,
    /// What risk put down in the trade's case; none of an organisation.
    pub case_risk: Option<CaseRisk>,
    /// The last executed height.
    pub height: u64,
}

/// What a rule said under one version of the policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleText {
    /// Its identity.
    pub id: String,
    /// What it suspects.
    pub pattern: String,
    /// When it fires.
    pub when: String,
    /// How much it adds to the score.
    pub weight: u8,
    /// The role of the agency whose business it is.
    pub owner: Role,
    /// What it means, in English,
    pub en: String,
    /// and in Chinese.
    pub zh: String,
}

/// The documents that a trade has now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TradeDocuments {
    /// The trade.
    pub trade: Suspect,
    /// Its documents, by height and identity. What they say is read where one may.
    pub documents: Vec<TradeDocument>,
}

/// A document of a trade.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TradeDocument {
    /// Its identity.
    pub id: Hash,
    /// Its kind.
    pub kind: DocumentKind,
    /// Who sent it.
    pub signer: OrganisationCode,
    /// The height at which it was accepted.
    pub height: u64,
}

/// Of which policy the rules are asked for; the query of `GET /v1/risk/rules`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RulesQuery {
    /// Its version; the one in force without it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub policy_version: Option<u32>,
}

/// Answer of `GET /v1/risk/rules`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RulesView {
    /// The version of the policy.
    pub policy_version: u32,
    /// Its rules, in its order.
    pub rules: Vec<RuleFigures>,
    /// How the version did as a whole.
    pub version: VersionFigures,
    /// The last executed height.
    pub height: u64,
}

/// How a rule did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleFigures {
    /// What it says.
    #[serde(flatten)]
    pub rule: RuleText,
    /// How often it fired, what its alerts turned out to be, and what was recovered.
    pub record: RuleRecord,
    /// How many alerts with it were reviewed.
    pub reviewed: u64,
    /// How many of a thousand of those were true; none without any.
    pub precision_per_mille: Option<u64>,
}

/// How a version of the policy did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionFigures {
    /// What was counted.
    pub record: VersionRecord,
    /// How many of a thousand imports that were observed were inspected, by risk and by chance;
    /// none without any.
    pub inspected_per_mille: Option<u64>,
    /// Of a thousand alerts that were not by chance and were reviewed, how many were true.
    pub precision_per_mille: Option<u64>,
    /// Of a thousand imports with something wrong, how many an alert that was not by chance found,
    /// as far as reviews show: see [`recall_per_mille`].
    pub recall_per_mille: Option<u64>,
}

impl From<&RiskRule> for RuleText {
    fn from(rule: &RiskRule) -> Self {
        Self {
            id: rule.id.clone(),
            pattern: rule.pattern.clone(),
            when: rule.when.clone(),
            weight: rule.weight,
            owner: rule.owner,
            en: rule.en.clone(),
            zh: rule.zh.clone(),
        }
    }
}

impl RuleFigures {
    /// How a rule did by its record.
    pub fn new(rule: &RiskRule, record: RuleRecord) -> Self {
        let (found, wrong) = (record.true_positives.into(), record.false_positives.into());
        let reviewed = u64::saturating_add(found, wrong);
        Self {
            rule: rule.into(),
            record,
            reviewed,
            precision_per_mille: per_mille(found, reviewed),
        }
    }
}

impl VersionFigures {
    /// How a version did by its record.
    pub fn new(record: VersionRecord) -> Self {
        let (found, wrong): (u64, u64) = (record.risk_true.into(), record.risk_false.into());
        let inspected = record.by_risk.saturating_add(record.by_chance);
        Self {
            record,
            inspected_per_mille: per_mille(inspected, record.trades),
            precision_per_mille: per_mille(found, found.saturating_add(wrong)),
            recall_per_mille: recall_per_mille(&record),
        }
    }
}

/// So many of a thousand, down to a whole; none of nothing.
fn per_mille(part: u64, whole: u64) -> Option<u64> {
    part.saturating_mul(1_000).checked_div(whole)
}

/// What was found of what there was to find, in thousandths:
///
/// ```text
/// risk_true / (risk_true + chance_true × trades / (chance_true + chance_false))
/// ```
///
/// `chance_true + chance_false` of all observed imports were drawn by chance and reviewed, whatever
/// the rules said of them: that is the share of the sample, and what was true in it stands for so
/// many more. None before an inspection by chance was reviewed, and where nothing was found at all.
pub fn recall_per_mille(record: &VersionRecord) -> Option<u64> {
    let (found, missed): (u64, u64) = (record.risk_true.into(), record.chance_true.into());
    let drawn = missed.saturating_add(record.chance_false.into());
    let there = missed.saturating_mul(record.trades).checked_div(drawn)?;
    per_mille(found, found.saturating_add(there))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_shares_and_none_of_nothing() {
        let none = VersionFigures::new(VersionRecord::default());
        assert_eq!((none.inspected_per_mille, none.precision_per_mille), (None, None));
        assert_eq!(none.recall_per_mille, None);
        // One of ten that were drawn was wrong, of 200: twenty in all, of which three were found.
        let record = VersionRecord {
            trades: 200,
            by_risk: 5,
            by_chance: 12,
            risk_true: 3,
            risk_false: 1,
            chance_true: 1,
            chance_false: 9,
            ..VersionRecord::default()
        };
        let figures = VersionFigures::new(record);
        assert_eq!(figures.inspected_per_mille, Some(85));
        assert_eq!(figures.precision_per_mille, Some(750));
        assert_eq!(figures.recall_per_mille, Some(130));
        let all_found = VersionRecord { chance_true: 0, ..record };
        assert_eq!(recall_per_mille(&all_found), Some(1_000));
        let undrawn = VersionRecord { chance_true: 0, chance_false: 0, ..record };
        assert_eq!(recall_per_mille(&undrawn), None);
        let huge = VersionRecord { trades: u64::MAX, chance_true: u32::MAX, ..record };
        assert_eq!(recall_per_mille(&huge), Some(0));
    }
}
