//! What the documents of a case say of each other: the rules of docs/spec/rules.md.
//!
//! One file for each group of rules. Findings are computed from the case's current documents every
//! time one of them changes, never adjusted, so that the order in which documents arrive does not
//! show in them.

mod completeness;
mod goods;
mod money;
mod person;
mod sentence;
mod single_use;

pub(crate) use person::is_payer_the_buyer;

use crate::case::{Case, DocumentMeta, ListFacts, OrderFacts, PaymentFacts, WaybillFacts};
use crate::document::DocumentKind;
use crate::event::CaseState;
use crate::limits::{FINDING_VALUE_CHARS_MAX, FINDINGS_PER_RULE_MAX};
use crate::policy::Policy;
use crate::rejection::Rejection;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::hash::Hash;
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
}

impl RuleId {
    /// Every rule.
    pub const ALL: [Self; 12] = [
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
    ];

    /// What a difference does.
    pub fn severity(self) -> Severity {
        match self {
            Self::M10 => Severity::Warn,
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

/// A rule waits for a document.
fn missing(rule: RuleId) -> Vec<Finding> {
    vec![Finding::new(rule, Verdict::Pending).because(Reason::DocumentMissing)]
}

/// A current document: which, and what it says.
type Present<'a, F> = (&'a DocumentMeta, &'a F);

/// How the waybill that a list names stands to the list's case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
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
    policy: &'a Policy,
}

/// What the rules find in `case`, and where it stands by that.
pub(crate) fn evaluate(
    case: &Case,
    standing: Standing,
    policy: &Policy,
) -> (Vec<Finding>, CaseState) {
    fn present<F>(entry: Option<&crate::case::Entry<F>>) -> Option<Present<'_, F>> {
        entry.and_then(|entry| entry.facts.as_ref().map(|facts| (&entry.meta, facts)))
    }
    let subject = Subject {
        order: present(case.order.as_ref()),
        payment: present(case.payment.as_ref()),
        extra_payment: present(case.extra_payments.first()),
        list: present(case.list.as_ref()),
        waybill: present(case.waybill.as_ref()),
        standing,
        attestation: case.attestation,
        policy,
    };
    let rules = [
        completeness::m01,
        money::m02,
        money::m03,
        money::m04,
        person::m05,
        person::m06,
        person::m07,
        goods::m08,
        goods::m09,
        goods::m10,
        single_use::m11,
    ];
    let findings: Vec<Finding> = rules.into_iter().flat_map(|rule| rule(&subject)).collect();
    let state = state_of(&subject, &findings);
    (findings, state)
}

/// A complete case with a difference is mismatched. It matches only when every rule that could
/// hold it back was really checked: one that still waits, for documents or for pseudonyms that can
/// be compared, keeps the case collecting.
fn state_of(subject: &Subject<'_>, findings: &[Finding]) -> CaseState {
    let has = |verdict| {
        findings
            .iter()
            .any(|finding| finding.verdict == verdict && finding.severity == Severity::Reject)
    };
    let is_complete = subject.order.is_some()
        && subject.payment.is_some()
        && subject.list.is_some()
        && subject.standing.is_settled();
    if is_complete && has(Verdict::Fail) {
        return CaseState::Mismatched;
    }
    if is_complete && !has(Verdict::Pending) {
        return CaseState::Matched;
    }
    CaseState::Collecting
}

/// One comparison of a rule.
struct Comparison {
    field: String,
    left: String,
    right: String,
    is_equal: bool,
}

impl Comparison {
    /// Two values that must be equal.
    fn equal<T: PartialEq + fmt::Display + ?Sized>(field: &str, left: &T, right: &T) -> Self {
        Self {
            field: field.to_owned(),
            left: left.to_string(),
            right: right.to_string(),
            is_equal: left == right,
        }
    }
}

/// The findings of a rule that compares two documents: each difference, up to the bound, or one
/// pass over all the fields. A pass over a single field shows its values.
fn compare(
    rule: RuleId,
    left: &DocumentMeta,
    right: &DocumentMeta,
    comparisons: Vec<Comparison>,
) -> Vec<Finding> {
    let finding = |verdict, comparison: &Comparison| {
        Finding::new(rule, verdict)
            .field(&comparison.field)
            .left(left, &comparison.left)
            .right(right, &comparison.right)
    };
    let failed: Vec<Finding> = comparisons
        .iter()
        .filter(|comparison| !comparison.is_equal)
        .take(FINDINGS_PER_RULE_MAX)
        .map(|comparison| finding(Verdict::Fail, comparison))
        .collect();
    if !failed.is_empty() {
        return failed;
    }
    if let [single] = comparisons.as_slice() {
        return vec![finding(Verdict::Pass, single)];
    }
    let mut fields: Vec<&str> = comparisons.iter().map(|c| c.field.as_str()).collect();
    fields.dedup();
    let fields: String = fields.join(", ").chars().take(FINDING_VALUE_CHARS_MAX).collect();
    vec![Finding::new(rule, Verdict::Pass).field(fields).left(left, "").right(right, "")]
}

/// A rule that compares pseudonyms of different scopes waits.
fn scopes_differ(rule: RuleId, left: &DocumentMeta, right: &DocumentMeta) -> Finding {
    Finding::new(rule, Verdict::Pending)
        .because(Reason::ScopesDiffer)
        .field("pseudonyms")
        .left(left, "")
        .right(right, "")
}
