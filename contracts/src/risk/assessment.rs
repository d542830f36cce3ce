//! What the rules said of a trade or an organisation, and the alerts that came of it.

use super::fact::Subject;
use super::policy::{Level, Target};
use crate::case::load;
use crate::policy::Direction;
use crate::state::{StateError, StateRead};
use crate::state_key;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::decimal::Decimal;
use kanhe_types::hash::Hash;
use kanhe_types::receipt::CaseKey;
use kanhe_types::time::Millis;
use serde::{Deserialize, Serialize};

/// Whom or what an assessment is of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum Suspect {
    /// A trade.
    Trade {
        /// Which way its goods go.
        direction: Direction,
        /// Which.
        case: CaseKey,
    },
    /// An organisation.
    Organisation {
        /// Which.
        organisation: OrganisationCode,
    },
}

/// What the rules said of a trade or an organisation. There is one where any rule fired.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct Assessment {
    /// The weights of what fired, each rule once, at most 100.
    pub score: u8,
    /// What that means by the policy in force then.
    pub level: Level,
    /// What fired, in the order in which it did; of one rule the last time.
    pub hits: Vec<Hit>,
    /// The last alert about it.
    pub alert: Option<u64>,
    /// Of an import, whether it came by the green channel, because of its merchant's grade.
    pub is_green: bool,
    /// The height of the last change.
    pub height: u64,
}

/// A rule that fired, or a signal.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct Hit {
    /// The rule's identity; of a signal `signal`.
    pub rule: String,
    /// The version of the policy that has the rule.
    pub policy_version: u32,
    /// How much it adds to the score.
    pub weight: u8,
    /// What was observed.
    pub on: Option<Subject>,
    /// The trade of which it was observed; of an assessment of another trade the later one that had
    /// the rule fire, which reaches back.
    pub case: Option<(Direction, CaseKey)>,
    /// When: the height,
    pub height: u64,
    /// and its time.
    pub time: Millis,
    /// What the rule looked at, by name.
    pub values: Vec<(String, String)>,
    /// The document that says it, of a signal.
    pub document: Option<Hash>,
}

/// An alert: what an agency is to look at, by when, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct Alert {
    /// Its number, from 1.
    pub number: u64,
    /// Whom or what it is about.
    pub suspect: Suspect,
    /// The agency that has to look at it.
    pub owner: OrganisationCode,
    /// The merchant of the trade, where one is known.
    pub merchant: Option<OrganisationCode>,
    /// The agencies that have or had it, each once, in the order in which they got it.
    pub agencies: Vec<OrganisationCode>,
    /// Why it was raised.
    pub cause: AlertCause,
    /// The rules that had fired when it was raised,
    pub rules: Vec<String>,
    /// their score,
    pub score: u8,
    /// and its level.
    pub level: Level,
    /// The policy by which it was raised.
    pub policy_version: u32,
    /// The height at which it was raised,
    pub height: u64,
    /// and its time.
    pub raised: Millis,
    /// By when it is to be disposed of.
    pub due: Millis,
    /// Whether it holds its trade.
    pub holds: bool,
    /// When it went to another agency because nobody had disposed of it in time.
    pub escalated: Option<Millis>,
    /// Where it stands.
    pub state: AlertState,
    /// What was done about it, in order.
    pub steps: Vec<AlertStep>,
}

/// Why an alert was raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum AlertCause {
    /// The score reached the level of alerts.
    Score,
    /// It was chosen for inspection by its score.
    InspectionByRisk,
    /// It was chosen for inspection by chance.
    InspectionByChance,
    /// An agency or a holder of rights said so.
    Signal,
}

/// Where an alert stands.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize,
)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    /// Nobody has taken it.
    Raised,
    /// Somebody looks at it.
    Assigned,
    /// It was decided what to do.
    Disposed,
    /// It is known what it was.
    Reviewed,
}

/// What was done about an alert.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct AlertStep {
    /// The document that says so.
    pub document: Hash,
    /// The agency that did it.
    pub signer: OrganisationCode,
    /// The height,
    pub height: u64,
    /// and its time.
    pub time: Millis,
    /// What it did.
    pub act: AlertAct,
}

/// What an agency does about an alert.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum AlertAct {
    /// A desk of the agency looks at it.
    Assign {
        /// The desk, by its number or name in the agency; no person's name.
        desk: String,
    },
    /// It is decided what to do.
    Dispose {
        /// What.
        disposition: Disposition,
        /// Why.
        reason: String,
    },
    /// It is known what it was.
    Review {
        /// What it was.
        outcome: ReviewOutcome,
        /// What was recovered because of it, in CNY.
        #[serde(default)]
        recovered: Option<Decimal>,
        /// Why.
        reason: String,
    },
}

/// What is done with what an alert is about.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum Disposition {
    /// Nothing: it may go on.
    Release,
    /// The goods are inspected; an alert that is inspected still holds.
    Inspect,
    /// It is held; an alert that is held is disposed of again.
    Hold,
    /// It goes to another agency, which disposes of it.
    Transfer {
        /// Which.
        to: OrganisationCode,
    },
    /// It may not go on.
    Reject,
}

/// What an alert turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum ReviewOutcome {
    /// What was suspected.
    TruePositive,
    /// Nothing wrong.
    FalsePositive,
}

/// How one rule of one policy version did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct RuleRecord {
    /// How often it fired.
    pub fired: u64,
    /// Alerts with it that turned out to be true,
    pub true_positives: u32,
    /// and those that did not.
    pub false_positives: u32,
    /// What was recovered because of those that were true, in CNY.
    pub recovered: Decimal,
}

/// How one policy version did as a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct VersionRecord {
    /// Trades that were observed.
    pub trades: u64,
    /// Alerts that were raised, inspections among them.
    pub alerts: u64,
    /// Inspections by risk,
    pub by_risk: u64,
    /// and by chance.
    pub by_chance: u64,
    /// Inspections that were reviewed and true, by risk,
    pub risk_true: u32,
    /// and not true;
    pub risk_false: u32,
    /// by chance and true: what the rules did not find,
    pub chance_true: u32,
    /// and not true.
    pub chance_false: u32,
    /// What was recovered, in CNY.
    pub recovered: Decimal,
}

impl Suspect {
    /// Under which key its assessment stands.
    pub fn state_key(&self) -> Vec<u8> {
        match self {
            Self::Trade { direction, case } => {
                state_key::trade_assessment_key_bytes(*direction, case)
            }
            Self::Organisation { organisation } => {
                state_key::organisation_assessment_key_bytes(organisation)
            }
        }
    }
}

impl Alert {
    /// Gives it to an agency. Says whether that did not have it before.
    pub(crate) fn give(&mut self, owner: OrganisationCode) -> bool {
        self.owner = owner;
        let is_new = !self.agencies.contains(&self.owner);
        if is_new {
            self.agencies.push(self.owner.clone());
        }
        is_new
    }

    /// Whether it is overdue at an instant.
    pub fn is_overdue(&self, now: Millis) -> bool {
        self.is_open() && self.due < now
    }

    /// Whether nobody has decided what to do.
    pub fn is_open(&self) -> bool {
        matches!(self.state, AlertState::Raised | AlertState::Assigned)
    }
}

impl Target {
    /// Its name in policies.
    pub fn name(self) -> &'static str {
        match self {
            Self::Trade => "trade",
            Self::Merchant => "merchant",
            Self::Platform => "platform",
            Self::PaymentFirm => "payment_firm",
            Self::Carrier => "carrier",
        }
    }
}

/// What the rules said of a trade or organisation.
///
/// # Errors
/// When this machine cannot read its state.
pub fn assessment(
    state: &impl StateRead,
    suspect: &Suspect,
) -> Result<Option<Assessment>, StateError> {
    load(state, &suspect.state_key())
}

/// The alert with this number.
///
/// # Errors
/// When this machine cannot read its state.
pub fn alert(state: &impl StateRead, number: u64) -> Result<Option<Alert>, StateError> {
    load(state, &state_key::alert_key_bytes(number))
}

/// How a rule of a policy version did.
///
/// # Errors
/// When this machine cannot read its state.
pub fn rule_record(
    state: &impl StateRead,
    policy_version: u32,
    rule: &str,
) -> Result<RuleRecord, StateError> {
    Ok(load(state, &state_key::rule_record_key_bytes(policy_version, rule))?.unwrap_or_default())
}

/// How a policy version did.
///
/// # Errors
/// When this machine cannot read its state.
pub fn version_record(
    state: &impl StateRead,
    policy_version: u32,
) -> Result<VersionRecord, StateError> {
    let key = state_key::version_record_key_bytes(policy_version);
    Ok(load(state, &key)?.unwrap_or_default())
}
