//! What a trade says of those who act in it: a function of the case, and of nothing else.
//!
//! Only who spoke for itself is counted: the documents of others name whom they like. A merchant is
//! counted, too, where order and list of the case both name it.

use crate::case::Case;
use crate::clearance::Clearance;
use crate::event::CaseState;
use crate::export::ExportCase;
use crate::matching::{RuleId, RuleOutcome, Severity, Verdict};
use crate::statistics::Month;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::time::Millis;
use serde::{Deserialize, Serialize};

/// As what an organisation acts in a trade.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize,
)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// It sent the order as a platform.
    Platform,
    /// It sold.
    Merchant,
    /// It was paid.
    Payment,
    /// It carried.
    Carrier,
    /// It declared.
    Declarant,
}

impl Part {
    /// Every part.
    pub const ALL: [Self; 5] =
        [Self::Platform, Self::Merchant, Self::Payment, Self::Carrier, Self::Declarant];

    /// Its name in expressions.
    pub fn name(self) -> &'static str {
        match self {
            Self::Platform => "platform",
            Self::Merchant => "merchant",
            Self::Payment => "payment",
            Self::Carrier => "carrier",
            Self::Declarant => "declarant",
        }
    }
}

/// How many trades there are of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct TradeCounts {
    /// All of them.
    pub opened: i64,
    /// Those whose documents are all there;
    pub complete: i64,
    /// of these, those whose documents agree,
    pub matched: i64,
    /// and those of which a rule found that they differ.
    pub mismatched: i64,
    /// Those whose documents are missing although their time is over;
    pub overdue: i64,
    /// those that were complete later than that.
    pub late: i64,
    /// Those whose goods came back, or are to.
    pub returned: i64,
    /// Those whose list was cancelled.
    pub cancelled: i64,
}

impl TradeCounts {
    /// Names in expressions, in the order of [`Self::values`].
    pub const NAMES: [&str; 8] =
        ["opened", "complete", "matched", "mismatched", "overdue", "late", "returned", "cancelled"];

    /// The counts, in the order of [`Self::NAMES`].
    pub fn values(&self) -> [i64; 8] {
        let Self { opened, complete, matched, mismatched, overdue, late, returned, cancelled } =
            *self;
        [opened, complete, matched, mismatched, overdue, late, returned, cancelled]
    }

    fn of_values(values: [i64; 8]) -> Self {
        let [opened, complete, matched, mismatched, overdue, late, returned, cancelled] = values;
        Self { opened, complete, matched, mismatched, overdue, late, returned, cancelled }
    }

    /// Adds others.
    pub fn add(&mut self, other: &Self) {
        let mut sums = self.values();
        for (sum, one) in sums.iter_mut().zip(other.values()) {
            *sum = sum.saturating_add(one);
        }
        *self = Self::of_values(sums);
    }

    /// What takes them away again.
    pub(crate) fn negated(&self) -> Self {
        Self::of_values(self.values().map(i64::saturating_neg))
    }

    /// Whether nothing is counted.
    pub fn is_zero(&self) -> bool {
        *self == Self::default()
    }
}

/// What a case says of those who act in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CaseCredit {
    /// The month of its first document.
    pub(crate) month: Month,
    /// The same for each of them.
    pub(crate) counts: TradeCounts,
    /// Who they are, in the order of [`Part::ALL`].
    pub(crate) actors: [Option<OrganisationCode>; 5],
}

/// What the rules and the state of a case come to.
struct Facts<'a> {
    opened: Millis,
    state: CaseState,
    outcomes: &'a [RuleOutcome],
    is_complete: bool,
    is_late: bool,
}

impl Facts<'_> {
    fn counts(&self) -> TradeCounts {
        let differs = self
            .outcomes
            .iter()
            .any(|own| own.verdict == Verdict::Fail && own.rule.severity() == Severity::Reject);
        let is_cancelled = self.state == CaseState::Cancelled;
        let is_complete = self.is_complete && !is_cancelled;
        TradeCounts {
            opened: 1,
            complete: i64::from(is_complete),
            matched: i64::from(is_complete && !differs),
            mismatched: i64::from(is_complete && differs),
            overdue: i64::from(self.state == CaseState::Overdue),
            late: i64::from(is_complete && self.is_late),
            returned: i64::from(matches!(self.state, CaseState::Returned | CaseState::Returning)),
            cancelled: i64::from(is_cancelled),
        }
    }
}

fn with_month(facts: &Facts<'_>, actors: [Option<OrganisationCode>; 5]) -> Option<CaseCredit> {
    let is_anybodys = actors.iter().any(Option::is_some);
    let month = Month::of(facts.opened);
    is_anybodys.then(|| CaseCredit { month, counts: facts.counts(), actors })
}

/// What an import case says; nothing where nobody spoke for itself.
pub(crate) fn of_import(case: &Case) -> Option<CaseCredit> {
    let Clearance { is_late, .. } = case.clearance;
    let is_said = |own: &RuleOutcome| own.rule == RuleId::M01 && own.verdict == Verdict::Pass;
    let facts = Facts {
        opened: case.opened,
        state: case.state,
        outcomes: &case.outcomes,
        is_complete: case.outcomes.iter().any(is_said),
        is_late,
    };
    let order = case.order.as_ref().and_then(|own| Some((&own.meta.signer, own.facts.as_ref()?)));
    let list = case.list.as_ref().and_then(|own| Some((&own.meta.signer, own.facts.as_ref()?)));
    let payment = case.payment_facts().map(|own| &own.pay_code);
    let carrier = list.filter(|_| case.waybill.is_some()).map(|(_, own)| &own.logistics_code);
    let actors = Actors {
        platform: &case.key.platform,
        order: order.map(|(signer, own)| (signer, &own.ebc_code)),
        list: list.map(|(signer, own)| (signer, &own.ebc_code, &own.agent_code)),
        payment,
        carrier,
    };
    with_month(&facts, actors.spoke())
}

/// What an export case says; nothing where nobody spoke for itself.
pub(crate) fn of_export(case: &ExportCase) -> Option<CaseCredit> {
    let facts = Facts {
        opened: case.opened,
        state: case.state,
        outcomes: &case.outcomes,
        // Before it is evaluated for the first time it misses everything.
        is_complete: case.missing.is_empty() && !case.outcomes.is_empty(),
        is_late: case.is_late,
    };
    let order = case.order.as_ref().and_then(|own| Some((&own.meta.signer, own.facts.as_ref()?)));
    let list = case.list.as_ref().and_then(|own| Some((&own.meta.signer, own.facts.as_ref()?)));
    let receipts = case.receipts.iter().filter_map(|own| own.facts.as_ref());
    let payment = receipts.filter_map(|own| own.pay_code.as_ref()).next();
    let carrier = list.filter(|_| case.waybill.is_some()).map(|(_, own)| &own.logistics_code);
    let actors = Actors {
        platform: &case.key.platform,
        order: order.map(|(signer, own)| (signer, &own.ebc_code)),
        list: list.map(|(signer, own)| (signer, &own.ebc_code, &own.agent_code)),
        payment,
        carrier,
    };
    with_month(&facts, actors.spoke())
}

/// Whom a case names, and who signed.
struct Actors<'a> {
    platform: &'a OrganisationCode,
    /// Signer and merchant of the order.
    order: Option<(&'a OrganisationCode, &'a OrganisationCode)>,
    /// Signer, merchant and declarant of the list.
    list: Option<(&'a OrganisationCode, &'a OrganisationCode, &'a OrganisationCode)>,
    payment: Option<&'a OrganisationCode>,
    carrier: Option<&'a OrganisationCode>,
}

impl Actors<'_> {
    /// Who spoke, in the order of [`Part::ALL`].
    fn spoke(&self) -> [Option<OrganisationCode>; 5] {
        let platform = self.order.filter(|(signer, _)| *signer == self.platform);
        let ordered = self.order.map(|(_, merchant)| merchant);
        let listed = self.list.map(|(_, merchant, _)| merchant);
        let of_order = self.order.filter(|(signer, merchant)| signer == merchant);
        let of_list = self.list.filter(|(signer, merchant, _)| signer == merchant);
        let merchant = match () {
            () if ordered.is_some() && ordered == listed => ordered,
            () if of_order.is_some() => ordered,
            () => of_list.map(|(_, merchant, _)| merchant),
        };
        let declarant = self.list.filter(|(signer, _, declarant)| signer == declarant);
        [
            platform.map(|_| self.platform.clone()),
            merchant.cloned(),
            self.payment.cloned(),
            self.carrier.cloned(),
            declarant.map(|(_, _, declarant)| declarant.clone()),
        ]
    }
}
