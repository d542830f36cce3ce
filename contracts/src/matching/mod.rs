//! What the documents of a case say of each other: the rules of docs/spec/rules.md.
//!
//! One file for each group of rules. Verdicts are computed from the case's current documents after
//! every block that changed one of them, never adjusted, so that the order in which documents
//! arrive does not show in them. Findings explain verdicts: they are made again from the stored
//! case and the policy when somebody asks, and stored nowhere.

mod capital;
mod clearance;
mod completeness;
mod export;
mod goods;
mod money;
mod originals;
mod person;
mod report;
mod sentence;
mod single_use;

pub(crate) use capital::lowers_payment;
pub(crate) use clearance::{is_cancelled, is_refused, judge_returns, tax_of};
pub(crate) use export::{evaluate_export, explain_export, is_of_list, own_returns};
pub(crate) use person::is_payer_the_buyer;

use crate::case::{
    Case, DocumentMeta, Entry, ListFacts, OrderFacts, PaymentFacts, REQUIRED, WaybillFacts,
};
use crate::clearance::{SignedFacts, Unfit};
use crate::document::DocumentKind;
use crate::event::CaseState;
use crate::limits::FINDING_VALUE_CHARS_MAX;
use crate::policy::{Direction, ModeProfile, Policy};
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
    /// Order, list and receipts of an export are one merchant's.
    X01,
    /// The order's type is one of the mode's.
    X02,
    /// What was received for an export is its value.
    X03,
    /// An export's documents and movements follow each other in time.
    X04,
    /// What was cancelled did not leave.
    X05,
    /// An export's documents came before the deadline.
    X06,
    /// The bill under which a parcel travels is the list's.
    X07,
    /// A list is summed up once, by its parties.
    X08,
    /// A list is cancelled by its parties.
    X09,
    /// The list's value is within the mode's limit.
    X10,
    /// What comes back was exported, and comes back in time.
    X11,
    /// The list is within the limits of one trade and of a year.
    M12,
    /// The goods are on the positive list.
    M13,
    /// The tax that is stated is the one that is due.
    M14,
    /// The documents follow each other in time.
    M15,
    /// Whoever acts in the trade is registered for it.
    M16,
    /// A list is cancelled by who declared it, before its release.
    M18,
    /// What comes back was declared, and comes back in time.
    M19,
    /// The account book holds what a bonded list takes out of it.
    B01,
    /// A payment is divided exactly, and no more goes back of it than was paid.
    M20,
    /// What goes back after the declaration goes back for goods that do.
    M21,
    /// The deposit that the merchant's grade demands of the tax is there.
    D01,
}

impl RuleId {
    /// Every rule.
    pub const ALL: [Self; 35] = [
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
        Self::X01,
        Self::X02,
        Self::X03,
        Self::X04,
        Self::X05,
        Self::X06,
        Self::X07,
        Self::X08,
        Self::X09,
        Self::X10,
        Self::X11,
        Self::M12,
        Self::M13,
        Self::M14,
        Self::M15,
        Self::M16,
        Self::M18,
        Self::M19,
        Self::B01,
        Self::M20,
        Self::M21,
        Self::D01,
    ];

    /// What a difference does.
    pub fn severity(self) -> Severity {
        match self {
            Self::M10
            | Self::S01
            | Self::X03
            | Self::X04
            | Self::X06
            | Self::X07
            | Self::X08
            | Self::X09
            | Self::X10
            | Self::X11
            | Self::M14
            | Self::M15
            | Self::M18
            | Self::M19
            | Self::B01
            | Self::M21
            | Self::D01 => Severity::Warn,
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
            Rejection::ReleasedAlready => Some(Self::M18),
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
    /// There is nothing that the rule could compare.
    NothingToCompare,
    /// The mode of trade does without the rule.
    Waived,
    /// The amounts are in different currencies.
    CurrenciesDiffer,
    /// The waybill is another consignor's.
    ConsignorDiffers,
    /// Another case's list stated the list's number first.
    NumberTaken,
    /// The document is not by the list's consignor or declarant.
    NotByParty,
    /// There are two where one is meant.
    CameTwice,
    /// The list was cancelled.
    ListCancelled,
    /// The parcel left without having arrived at a supervised site.
    NotArrived,
    /// The documents were not there when their time was over.
    DeadlinePassed,
    /// The list is declared in another year than its pseudonyms are of.
    YearDiffers,
    /// The list is worth more than one trade may be.
    OverSingleLimit,
    /// The orderer buys more than may be bought in a year.
    OverAnnualLimit,
    /// The list is within the limits.
    WithinLimits,
    /// The list is worth more than one trade may be, and is a single piece.
    SinglePiece,
    /// The goods are not on the positive list.
    NotOnList,
    /// All goods are.
    OnList,
    /// One time is later than the other allows.
    OutOfOrder,
    /// The times follow each other.
    InOrder,
    /// An organisation is not registered.
    Unregistered,
    /// An organisation is suspended.
    Suspended,
    /// An organisation does not have the role in which it acts.
    WithoutRole,
    /// All organisations are registered for what they do.
    AllFit,
    /// An application waits for the list, or for what customs says of it.
    ListAwaited,
    /// The list is cancelled.
    Cancelled,
    /// The goods came back in time.
    ReturnBack,
    /// The goods are to come back.
    ReturnOpen,
    /// The goods came back too late.
    ReturnLate,
    /// Customs had released the list.
    ReleasedBefore,
    /// The application came too late.
    TooLate,
    /// The application says another than the list.
    OtherThanList,
    /// The account book does not hold what the list takes out.
    StockShort,
    /// The account book holds it.
    StockHeld,
    /// What is to be deposited of the tax is not there.
    DepositShort,
    /// What is to be deposited of the tax is.
    Deposited,
    /// The payment is of another platform than what divides it.
    SharesOfAnotherPlatform,
    /// The shares of a payment are together more or less than was paid.
    SharesNotPaid,
    /// The payment is divided, and the shares are together what was paid.
    Shared,
    /// More went back than was paid for the order.
    RefundedMore,
    /// No more went back than was paid.
    RefundedLess,
    /// A refund is of a payment that the order does not have.
    PaymentAwaited,
    /// All refunds were made before the declaration.
    RefundedBefore,
    /// Returns or a cancellation cover what went back after the declaration.
    RefundCovered,
    /// They do not.
    RefundUncovered,
    /// An organisation does not have a licence that its role needs.
    LicenceMissing,
    /// The licence of an organisation is not valid when it reports its document.
    LicenceNotValid,
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
    case: &'a Case,
    order: Option<Present<'a, OrderFacts>>,
    payment: Option<Present<'a, PaymentFacts>>,
    extra_payment: Option<Present<'a, PaymentFacts>>,
    list: Option<Present<'a, ListFacts>>,
    waybill: Option<Present<'a, WaybillFacts>>,
    standing: Standing,
    attestation: Option<Hash>,
    delivery: Option<&'a Entry<SignedFacts>>,
    unfit: &'a [Unfit],
    is_late: bool,
    spot_checks: &'a [CaseSpotCheck],
    policy: &'a Policy,
}

/// What stands beside a case's own documents: the waybill, and the orderer's attestation.
#[derive(Clone, Copy)]
pub(crate) struct Joined<'a> {
    pub(crate) standing: Standing,
    pub(crate) waybill: Option<&'a Entry<WaybillFacts>>,
    pub(crate) attestation: Option<Hash>,
    pub(crate) delivery: Option<&'a Entry<SignedFacts>>,
    pub(crate) unfit: &'a [Unfit],
}

impl<'a> Subject<'a> {
    fn new(case: &'a Case, joined: Joined<'a>, policy: &'a Policy) -> Self {
        fn present<F>(entry: Option<&Entry<F>>) -> Option<Present<'_, F>> {
            entry.and_then(|entry| entry.facts.as_ref().map(|facts| (&entry.meta, facts)))
        }
        Self {
            case,
            order: present(case.order.as_ref()),
            payment: present(case.payment.as_ref()),
            extra_payment: present(case.extra_payments.first()),
            list: present(case.list.as_ref()),
            waybill: present(joined.waybill),
            standing: joined.standing,
            attestation: joined.attestation,
            delivery: joined.delivery,
            unfit: joined.unfit,
            is_late: case.clearance.is_late,
            spot_checks: &case.spot_checks,
            policy,
        }
    }

    /// What the list's mode of trade demands; none while no list says which mode it is.
    fn mode(&self) -> Option<&'a ModeProfile> {
        let (_, list) = self.list?;
        self.policy.mode(Direction::Import, &list.trade_mode)
    }

    /// The documents that the mode demands and that are missing, ascending.
    fn missing(&self) -> Vec<DocumentKind> {
        let required = self.mode().map_or(&REQUIRED[..], |mode| &mode.required);
        let is_missing = |kind: &DocumentKind| match kind {
            DocumentKind::Order => self.order.is_none(),
            DocumentKind::Payment => self.payment.is_none(),
            DocumentKind::Waybill => !self.standing.is_settled(),
            DocumentKind::InventoryList => self.list.is_none(),
            _ => false,
        };
        required.iter().copied().filter(is_missing).collect()
    }

    fn is_complete(&self) -> bool {
        self.missing().is_empty()
    }
}

/// A rule and what asks it.
type Rule<R> = (RuleId, fn(&Subject<'_>, &mut R));

/// Asks every rule, in the order of their numbers.
fn ask<R: Report>(subject: &Subject<'_>, report: &mut R) {
    let rules: [Rule<R>; 23] = [
        (RuleId::M01, completeness::m01),
        (RuleId::M02, money::m02),
        (RuleId::M03, money::m03),
        (RuleId::M04, money::m04),
        (RuleId::M05, person::m05),
        (RuleId::M06, person::m06),
        (RuleId::M07, person::m07),
        (RuleId::M08, goods::m08),
        (RuleId::M09, goods::m09),
        (RuleId::M10, goods::m10),
        (RuleId::M11, single_use::m11),
        (RuleId::S01, originals::s01),
        (RuleId::M12, clearance::m12),
        (RuleId::M13, clearance::m13),
        (RuleId::M14, clearance::m14),
        (RuleId::M15, clearance::m15),
        (RuleId::M16, clearance::m16),
        (RuleId::M18, clearance::m18),
        (RuleId::M19, clearance::m19),
        (RuleId::B01, clearance::b01),
        (RuleId::M20, capital::m20),
        (RuleId::M21, capital::m21),
        (RuleId::D01, clearance::d01),
    ];
    let mode = subject.mode();
    for (rule, says) in rules {
        match (mode, subject.list) {
            (Some(mode), Some((meta, list))) if !mode.asks(rule) => {
                report.say(rule, Verdict::NotApplicable, |finding| {
                    finding.because(Reason::Waived).field("tradeMode").left(meta, &list.trade_mode)
                });
            }
            _ => says(subject, report),
        }
    }
}

/// What each rule says of a case, and where it stands by that.
pub(crate) struct Said {
    pub(crate) outcomes: Vec<RuleOutcome>,
    pub(crate) state: CaseState,
    /// Whether it was still collecting when its deadline passed.
    pub(crate) is_late: bool,
}

/// Which of a case's deadlines have passed.
#[derive(Clone, Copy)]
pub(crate) struct Passed {
    /// That of its documents.
    pub(crate) is_due: bool,
    /// That of returns.
    pub(crate) is_over: bool,
}

/// What each rule says of `case`, and where the case stands by that.
pub(crate) fn evaluate(case: &Case, joined: Joined<'_>, policy: &Policy, passed: Passed) -> Said {
    let mut subject = Subject::new(case, joined, policy);
    let is_complete = subject.is_complete();
    subject.is_late |= passed.is_due && !is_complete;
    let mut verdicts = Verdicts(Vec::with_capacity(RuleId::ALL.len()));
    ask(&subject, &mut verdicts);
    let is_delivered = subject.delivery.is_some_and(|delivery| delivery.facts.is_some());
    let after = clearance::state_after(case, is_delivered, passed.is_over, policy);
    let state = after.unwrap_or_else(|| state_of(is_complete, &verdicts.0, passed.is_due));
    let state = case.risk.held(state);
    Said { outcomes: verdicts.0, state, is_late: subject.is_late }
}

/// What the rules say of an evaluated case, explained.
pub(crate) fn explain(case: &Case, policy: &Policy) -> Vec<Finding> {
    let joined = Joined {
        standing: case.standing,
        waybill: case.waybill.as_ref(),
        attestation: case.attestation,
        delivery: case.clearance.delivery.as_ref(),
        unfit: &case.clearance.unfit,
    };
    let mut findings = Findings::default();
    ask(&Subject::new(case, joined, policy), &mut findings);
    findings.0
}

/// A complete case with a difference is mismatched. It matches only when every rule that could
/// hold it back was really checked: one that still waits, for documents or for pseudonyms that can
/// be compared, keeps the case collecting.
fn state_of(is_complete: bool, outcomes: &[RuleOutcome], is_due: bool) -> CaseState {
    let has = |verdict| {
        outcomes.iter().any(|outcome| {
            outcome.verdict == verdict && outcome.rule.severity() == Severity::Reject
        })
    };
    if is_complete && has(Verdict::Fail) {
        return CaseState::Mismatched;
    }
    if is_complete && !has(Verdict::Pending) {
        return CaseState::Matched;
    }
    if !is_complete && is_due {
        return CaseState::Overdue;
    }
    CaseState::Collecting
}
