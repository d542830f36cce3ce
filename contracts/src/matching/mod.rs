//! What the documents of a case say of each other: the rules of docs/spec/rules.md.
//!
//! One file for each group of rules. Verdicts are computed from the case's current documents after
//! every block that changed one of them, never adjusted, so that the order in which documents
//! arrive does not show in them. Findings explain verdicts: they are made again from the stored
//! case and the policy when somebody asks, and stored nowhere.

mod completeness;
mod goods;
mod money;
mod originals;
mod person;
mod report;
mod sentence;
mod single_use;

pub(crate) use person::is_payer_the_buyer;

use crate::case::{Case, DocumentMeta, Entry, ListFacts, OrderFacts, PaymentFacts, WaybillFacts};
use crate::document::DocumentKind;
use crate::event::CaseState;
use crate::limits::FINDING_VALUE_CHARS_MAX;
use crate::policy::Policy;
use crate::rejection::Rejection;
use crate::spot_check::CaseSpotCheck;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::hash::Hash;
use report::{Findings, Report, Verdicts};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The rules of matching. The numbers are permanent.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize,
)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub enum RuleId {
    /// Order, payment, waybill and list are all there.
    M01,
    /// What was paid is goods, freight and tax less the discount.
    M02,
    /// The payment is what the order says was paid.
    M03,
    /// The order's lines add up.
    M04,
    /// The list's orderer and merchant are the order's.
    M05,
    /// The orderer is authenticated, or paid.
    M06,
    /// The consignee of order, waybill and list is the same.
    M07,
    /// The list's goods are the order's.
    M08,
    /// The list's weight is the waybill's.
    M09,
    /// The list's freight is the waybill's.
    M10,
    /// Waybill and order are used once.
    M11,
    /// What was declared is not changed.
    M17,
    /// An original that an agency asks for is shown, and says what the document says.
    S01,
}

impl RuleId {
    /// Every rule.
    pub const ALL: [Self; 13] = [
        Self::M01,
        Self::M02,
        Self::M03,
        Self::M04,
        Self::M05,
        Self::M06,
        Self::M07,
        Self::M08,
        Self::M09,
        Self::M10,
        Self::M11,
        Self::M17,
        Self::S01,
    ];

    /// What a difference does.
    pub fn severity(self) -> Severity {
        match self {
            Self::M10 | Self::S01 => Severity::Warn,
            _ => Severity::Reject,
        }
    }

    /// The rule's version under protocol 1. A changed rule gets the next one.
    pub fn version(self) -> u16 {
        1
    }

    /// The rule that a rejection enforces on one document, where it enforces one.
    pub fn of(rejection: Rejection) -> Option<Self> {
        match rejection {
            Rejection::PaidNotSum => Some(Self::M02),
            Rejection::LinesNotSum | Rejection::LineTotal => Some(Self::M04),
            Rejection::PackNotOne | Rejection::NetAboveGross => Some(Self::M09),
            Rejection::AlreadyDeclared | Rejection::CaseMatched | Rejection::OldMessage => {
                Some(Self::M17)
            }
            _ => None,
        }
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// What a rule says of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It holds.
    Pass,
    /// It does not hold.
    Fail,
    /// It cannot be told yet.
    Pending,
    /// It has nothing to compare.
    NotApplicable,
}

impl Verdict {
    /// What a rule says that says both: a difference outweighs waiting, and that a pass.
    fn and(self, other: Self) -> Self {
        let weight = |verdict| match verdict {
            Self::Fail => 3,
            Self::Pending => 2,
            Self::Pass => 1,
            Self::NotApplicable => 0,
        };
        if weight(self) < weight(other) { other } else { self }
    }
}

/// What one rule says of a case in all, as the case keeps it. The findings say why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct RuleOutcome {
    /// Which rule.
    pub rule: RuleId,
    /// Which version of it.
    pub version: u16,
    /// What it says: of several findings the gravest verdict.
    pub verdict: Verdict,
}

/// What a failed rule does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The case is mismatched.
    Reject,
    /// The case may match; the difference is shown.
    Warn,
}

/// Why a rule passes, fails, waits or does not apply, where the values do not say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// A document that the rule compares is missing.
    DocumentMissing,
    /// Pseudonyms of different keys or years cannot be compared.
    ScopesDiffer,
    /// An agency attested the orderer's identity.
    Attested,
    /// The orderer paid.
    PayerIsBuyer,
    /// The order has more than one payment.
    PaidTwice,
    /// Another case's list named the waybill first.
    WaybillTaken,
    /// The waybill carries another order's goods.
    WaybillOfAnotherOrder,
    /// One of the documents does not state the value.
    NotStated,
    /// The rule was checked when the document was accepted.
    CheckedOnArrival,
    /// The sender has not answered a spot check yet.
    OriginalAwaited,
    /// The original is with the agency, which has not judged it yet.
    OriginalShown,
    /// The original is and says what was committed to and declared.
    OriginalAgrees,
    /// The original is another, or says something else.
    OriginalDiffers,
    /// The sender has no original.
    OriginalMissing,
    /// The sender did not answer a spot check in time.
    OriginalUnanswered,
    /// The original was erased before it was asked for.
    OriginalErased,
    /// The values are of documents that the asker does not see.
    Withheld,
}

/// What one rule found, with everything needed to see why.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct Finding {
    /// Which rule.
    pub rule: RuleId,
    /// Which version of it.
    pub version: u16,
    /// What it says.
    pub verdict: Verdict,
    /// What a failure does.
    pub severity: Severity,
    /// Why, where the values do not say it.
    pub reason: Option<Reason>,
    /// What was compared; for a pass all of it.
    pub field: String,
    /// The first value; pseudonyms in hex.
    pub left: String,
    /// The second value.
    pub right: String,
    /// What kind of document the first value comes from.
    pub left_kind: Option<DocumentKind>,
    /// What kind of document the second value comes from.
    pub right_kind: Option<DocumentKind>,
    /// The document that the first value comes from.
    pub left_document: Option<Hash>,
    /// The document that the second value comes from.
    pub right_document: Option<Hash>,
}

impl Finding {
    fn new(rule: RuleId, verdict: Verdict) -> Self {
        Self {
            rule,
            version: rule.version(),
            verdict,
            severity: rule.severity(),
            reason: None,
            field: String::new(),
            left: String::new(),
            right: String::new(),
            left_kind: None,
            right_kind: None,
            left_document: None,
            right_document: None,
        }
    }

    fn because(mut self, reason: Reason) -> Self {
        self.reason = Some(reason);
        self
    }

    fn field(mut self, field: impl Into<String>) -> Self {
        self.field = field.into();
        self
    }

    fn left(mut self, meta: &DocumentMeta, value: impl fmt::Display) -> Self {
        self.left_kind = Some(meta.kind);
        self.left_document = Some(meta.document);
        self.left = value.to_string().chars().take(FINDING_VALUE_CHARS_MAX).collect();
        self
    }

    fn right(mut self, meta: &DocumentMeta, value: impl fmt::Display) -> Self {
        self.right_kind = Some(meta.kind);
        self.right_document = Some(meta.document);
        self.right = value.to_string().chars().take(FINDING_VALUE_CHARS_MAX).collect();
        self
    }
}

/// A current document: which, and what it says.
type Present<'a, F> = (&'a DocumentMeta, &'a F);

/// How the waybill that a list names stands to the list's case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// No list names one.
    Unnamed,
    /// It has not come; the case will have it.
    Awaited,
    /// It belongs to the case.
    Held,
    /// Another case's list named it first.
    Taken,
    /// It carries another order's goods.
    OfAnotherOrder,
}

impl Standing {
    /// Whether the waybill came, or never will belong to the case: it is not waited for.
    fn is_settled(self) -> bool {
        matches!(self, Self::Held | Self::Taken | Self::OfAnotherOrder)
    }
}

/// What the rules look at.
struct Subject<'a> {
    order: Option<Present<'a, OrderFacts>>,
    payment: Option<Present<'a, PaymentFacts>>,
    extra_payment: Option<Present<'a, PaymentFacts>>,
    list: Option<Present<'a, ListFacts>>,
    waybill: Option<Present<'a, WaybillFacts>>,
    standing: Standing,
    attestation: Option<Hash>,
    spot_checks: &'a [CaseSpotCheck],
    policy: &'a Policy,
}

/// What stands beside a case's own documents: the waybill, and the orderer's attestation.
#[derive(Clone, Copy)]
pub(crate) struct Joined<'a> {
    pub(crate) standing: Standing,
    pub(crate) waybill: Option<&'a Entry<WaybillFacts>>,
    pub(crate) attestation: Option<Hash>,
}

impl<'a> Subject<'a> {
    fn new(case: &'a Case, joined: Joined<'a>, policy: &'a Policy) -> Self {
        fn present<F>(entry: Option<&Entry<F>>) -> Option<Present<'_, F>> {
            entry.and_then(|entry| entry.facts.as_ref().map(|facts| (&entry.meta, facts)))
        }
        Self {
            order: present(case.order.as_ref()),
            payment: present(case.payment.as_ref()),
            extra_payment: present(case.extra_payments.first()),
            list: present(case.list.as_ref()),
            waybill: present(joined.waybill),
            standing: joined.standing,
            attestation: joined.attestation,
            spot_checks: &case.spot_checks,
            policy,
        }
    }

    fn is_complete(&self) -> bool {
        self.order.is_some()
            && self.payment.is_some()
            && self.list.is_some()
            && self.standing.is_settled()
    }
}

/// Asks every rule, in the order of their numbers.
fn ask(subject: &Subject<'_>, report: &mut impl Report) {
    completeness::m01(subject, report);
    money::m02(subject, report);
    money::m03(subject, report);
    money::m04(subject, report);
    person::m05(subject, report);
    person::m06(subject, report);
    person::m07(subject, report);
    goods::m08(subject, report);
    goods::m09(subject, report);
    goods::m10(subject, report);
    single_use::m11(subject, report);
    originals::s01(subject, report);
}

/// What each rule says of `case`, and where the case stands by that.
pub(crate) fn evaluate(
    case: &Case,
    joined: Joined<'_>,
    policy: &Policy,
) -> (Vec<RuleOutcome>, CaseState) {
    let subject = Subject::new(case, joined, policy);
    let mut verdicts = Verdicts(Vec::with_capacity(RuleId::ALL.len()));
    ask(&subject, &mut verdicts);
    let state = state_of(&subject, &verdicts.0);
    (verdicts.0, state)
}

/// What the rules say of an evaluated case, explained.
pub(crate) fn explain(case: &Case, policy: &Policy) -> Vec<Finding> {
    let joined = Joined {
        standing: case.standing,
        waybill: case.waybill.as_ref(),
        attestation: case.attestation,
    };
    let mut findings = Findings::default();
    ask(&Subject::new(case, joined, policy), &mut findings);
    findings.0
}

/// A complete case with a difference is mismatched. It matches only when every rule that could
/// hold it back was really checked: one that still waits, for documents or for pseudonyms that can
/// be compared, keeps the case collecting.
fn state_of(subject: &Subject<'_>, outcomes: &[RuleOutcome]) -> CaseState {
    let has = |verdict| {
        outcomes.iter().any(|outcome| {
            outcome.verdict == verdict && outcome.rule.severity() == Severity::Reject
        })
    };
    if subject.is_complete() && has(Verdict::Fail) {
        return CaseState::Mismatched;
    }
    if subject.is_complete() && !has(Verdict::Pending) {
        return CaseState::Matched;
    }
    CaseState::Collecting
}
