//! Credit records (信用记录) and customs grades (海关信用等级): what agencies attest of enterprises.

use super::{Evidence, ObjectionAnswer};
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::decimal::Decimal;
use kanhe_types::hash::Hash;
use kanhe_types::time::{CustomsDate, Millis};
use serde::{Deserialize, Serialize};

/// What is done about a credit record.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum CreditRecordAct {
    /// An agency records a fact.
    Record(CreditFact),
    /// The organisation objects.
    Object(Vec<Evidence>),
    /// The agency answers the objection; what is upheld counts no more.
    Answer(ObjectionAnswer),
    /// The agency says that it was paid or put right.
    Settle {
        /// The SHA-256 of what shows it.
        decision: Hash,
    },
    /// The agency takes it back: it was recorded wrongly.
    Withdraw {
        /// Why.
        reason: String,
    },
}

/// A fact about an organisation's credit.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreditFact {
    /// The organisation.
    pub organisation: OrganisationCode,
    /// What it is.
    pub kind: FactKind,
    /// How grave it is; of discredit always, of other facts never.
    #[serde(default)]
    pub severity: Option<Severity>,
    /// Of money that is owed or was fined, how much, in CNY.
    #[serde(default)]
    pub amount: Option<Decimal>,
    /// The day of the decision.
    pub date: CustomsDate,
    /// The SHA-256 of the decision.
    pub decision: Hash,
}

/// What a credit record is of.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize,
)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum FactKind {
    /// An administrative penalty (行政处罚).
    Penalty,
    /// Taxes that are due and not paid (欠税).
    TaxArrears,
    /// A fine that is not paid (罚款未缴).
    FineUnpaid,
    /// Smuggling (走私).
    Smuggling,
    /// Obstruction of supervision (妨碍监管).
    Obstruction,
    /// Bribery (行贿).
    Bribery,
    /// A filing or registration that stands (备案).
    Filing,
    /// An honour (表彰).
    Honour,
}

impl FactKind {
    /// Whether it speaks against the organisation.
    pub fn is_discredit(self) -> bool {
        !matches!(self, Self::Filing | Self::Honour)
    }

    /// Whether it is money that is owed until it is settled.
    pub fn is_debt(self) -> bool {
        matches!(self, Self::TaxArrears | Self::FineUnpaid)
    }
}

/// The three severities of discredit information (Order 282 of 2026).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize,
)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Minor (轻微).
    Minor,
    /// General (一般).
    General,
    /// Serious (严重).
    Serious,
}

/// What is done about a customs grade.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum CustomsGradeAct {
    /// Customs writes an organisation's grade; the one before ends.
    Write(GradeFacts),
    /// Customs gives time to rectify: the grade is kept, its benefits are suspended.
    Suspend {
        /// The first instant at which they are not any more.
        until: Millis,
        /// The SHA-256 of the decision.
        decision: Hash,
    },
    /// Customs ends that time: what had to be rectified was.
    Resume {
        /// The SHA-256 of the decision.
        decision: Hash,
    },
    /// Customs ends the grade without another.
    End {
        /// The SHA-256 of the decision.
        decision: Hash,
    },
}

/// A grade that customs gives.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GradeFacts {
    /// The organisation.
    pub organisation: OrganisationCode,
    /// The grade.
    pub grade: EnterpriseGrade,
    /// The first instant at which it holds, not later than it is written.
    pub since: Millis,
    /// The first at which it does not any more, where it has a term.
    #[serde(default)]
    pub until: Option<Millis>,
    /// The SHA-256 of the decision.
    pub decision: Hash,
}

/// The five grades of enterprises (Order 282 of 2026); the stricter treatment comes later.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize,
)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum EnterpriseGrade {
    /// Advanced certified (高级认证企业).
    AdvancedCertified,
    /// Certified (认证企业).
    Certified,
    /// Regular (常规企业).
    Regular,
    /// Discredited (失信企业).
    Discredited,
    /// Seriously discredited (严重失信企业).
    SeriouslyDiscredited,
}

impl EnterpriseGrade {
    /// Every grade, the best first.
    pub const ALL: [Self; 5] = [
        Self::AdvancedCertified,
        Self::Certified,
        Self::Regular,
        Self::Discredited,
        Self::SeriouslyDiscredited,
    ];

    /// Whether it has benefits that can be suspended.
    pub fn is_certified(self) -> bool {
        self <= Self::Certified
    }
}
