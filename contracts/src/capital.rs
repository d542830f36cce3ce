//! The capital flow beyond one payment for one order: allocations, which divide a payment between
//! orders, and refunds.
//!
//! A payment that is divided stands whole under its own number, and in each case that it pays with
//! that case's share. Which cases these are follows from payment and allocation alone, whichever
//! came first.

use crate::case::{self, DocumentMeta, Entry, PaymentFacts};
use crate::document::{PaymentAllocation, PaymentRefund};
use crate::state::{StateError, StateRead};
use crate::state_key;
use crate::working_set::{Sheet, Table, WorkingSet, Write};
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::decimal::Decimal;
use kanhe_types::hash::Hash;
use kanhe_types::receipt::CaseKey;
use kanhe_types::time::CustomsTime;
use serde::{Deserialize, Serialize};

/// Of what a case's payment is a share. It says nothing of the other orders but how many there
/// are: they may be competitors'.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct ShareFacts {
    /// The allocation's document.
    pub allocation: Hash,
    /// Between how many orders the payment is divided.
    pub orders: u32,
    /// What the shares are together.
    pub allocated: Decimal,
    /// What was paid in all.
    pub paid: Decimal,
    /// Whether the allocation is of the platform that the payment names. One of another platform
    /// divides nothing.
    pub is_of_platform: bool,
}

/// What is kept of an allocation.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct AllocationFacts {
    /// The platform whose orders are paid.
    pub platform: OrganisationCode,
    /// Each order's number and share.
    pub shares: Vec<(String, Decimal)>,
    /// What the shares are together.
    pub allocated: Decimal,
}

/// A payment transaction that is or was divided.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct AllocationRecord {
    /// What divides the payment: the version held and its history.
    pub allocation: Entry<AllocationFacts>,
    /// The payment, once it came.
    pub payment: Option<WholePayment>,
}

/// A payment as its firm sent it, before anything divides it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct WholePayment {
    /// The case of the order that it names.
    pub named: CaseKey,
    /// The version held and its history.
    pub entry: Entry<PaymentFacts>,
}

/// What is kept of a refund.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct RefundFacts {
    /// The payment firm.
    pub pay_code: OrganisationCode,
    /// The transaction number of the payment.
    pub pay_transaction_id: String,
    /// The payment firm's number for the refund.
    pub refund_no: String,
    /// How much, in the currency of imports.
    pub amount: Decimal,
    /// When it was paid back.
    pub refund_time: CustomsTime,
}

/// A refund: to which case it belongs.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct RefundRecord {
    /// The case that has it.
    pub case: CaseKey,
    /// The last version and its history, after that withdrew the refund; before, they stand in
    /// the case.
    pub withdrawn: Option<DocumentMeta>,
}

impl AllocationFacts {
    /// What is kept of `own`; that the sum of its shares fits was checked.
    pub(crate) fn new(own: PaymentAllocation) -> Self {
        let shares: Vec<(String, Decimal)> =
            own.lines.into_iter().map(|share| (share.order_no, share.amount)).collect();
        let sum = shares.iter().try_fold(Decimal::ZERO, |sum, (_, share)| sum.checked_add(*share));
        Self { platform: own.ebp_code, shares, allocated: sum.unwrap_or_default() }
    }

    /// The cases that it names, in its order.
    pub(crate) fn cases(&self) -> impl Iterator<Item = CaseKey> {
        self.shares.iter().map(|(order_no, _)| self.case(order_no))
    }

    fn case(&self, order_no: &str) -> CaseKey {
        CaseKey { platform: self.platform.clone(), order_no: order_no.to_owned() }
    }
}

impl RefundFacts {
    /// What is kept of `own`.
    pub(crate) fn new(own: PaymentRefund) -> Self {
        Self {
            pay_code: own.pay_code,
            pay_transaction_id: own.pay_transaction_id,
            refund_no: own.refund_no,
            amount: own.amount,
            refund_time: own.refund_time,
        }
    }

    /// Whether it is of this payment.
    pub(crate) fn is_of(&self, payment: &PaymentFacts) -> bool {
        self.pay_code == payment.pay_code && self.pay_transaction_id == payment.pay_transaction_id
    }

    /// What it is found by, and by what a case orders its refunds.
    pub(crate) fn key(&self) -> (&OrganisationCode, &str) {
        (&self.pay_code, &self.refund_no)
    }
}

impl WholePayment {
    /// The cases that a payment pays, each with what that case has of it.
    pub(crate) fn places(
        self,
        allocation: Option<&Entry<AllocationFacts>>,
    ) -> Vec<(CaseKey, Entry<PaymentFacts>)> {
        let Self { named, entry } = self;
        let Some(paid) = entry.facts.as_ref().map(|facts| facts.amount_paid) else {
            return Vec::new();
        };
        let in_force =
            allocation.and_then(|own| own.facts.as_ref().map(|facts| (&own.meta, facts)));
        let Some((meta, facts)) = in_force else { return vec![(named, entry)] };
        let is_of_platform = facts.platform == named.platform;
        let share = ShareFacts {
            allocation: meta.document,
            orders: u32::try_from(facts.shares.len()).unwrap_or(u32::MAX),
            allocated: facts.allocated,
            paid,
            is_of_platform,
        };
        let with = |amount| {
            let mut entry = entry.clone();
            if let Some(own) = &mut entry.facts {
                own.amount_paid = amount;
                own.share = Some(share.clone());
            }
            entry
        };
        if !is_of_platform {
            return vec![(named, with(paid))];
        }
        facts
            .shares
            .iter()
            .map(|(order_no, amount)| (facts.case(order_no), with(*amount)))
            .collect()
    }
}

/// The records of the capital flow that a block works on, beside payments and cases.
pub(crate) struct CapitalSet {
    allocations: Table<Sheet<AllocationRecord>>,
    refunds: Table<Sheet<RefundRecord>>,
}

impl CapitalSet {
    /// Takes what was read out of `of_kind`, in the order of the prefixes.
    pub(crate) fn new(of_kind: &mut impl FnMut(u8) -> Vec<Write>) -> Self {
        Self {
            allocations: Table::new(of_kind(state_key::ALLOCATION)),
            refunds: Table::new(of_kind(state_key::REFUND)),
        }
    }

    /// Adds the records that were changed to `writes`.
    pub(crate) fn write(&mut self, writes: &mut Vec<Write>) {
        self.allocations.write(writes);
        self.refunds.write(writes);
    }
}

impl<S: StateRead> WorkingSet<'_, S> {
    /// What divides a payment.
    pub(crate) fn allocation(
        &mut self,
        pay_code: &OrganisationCode,
        transaction: &str,
    ) -> Result<&mut Sheet<AllocationRecord>, StateError> {
        let key = state_key::allocation_key_bytes(pay_code, transaction);
        self.capital.allocations.open(self.state, key, Sheet::new)
    }

    /// A refund.
    pub(crate) fn refund(
        &mut self,
        pay_code: &OrganisationCode,
        refund_no: &str,
    ) -> Result<&mut Sheet<RefundRecord>, StateError> {
        let key = state_key::refund_key_bytes(pay_code, refund_no);
        self.capital.refunds.open(self.state, key, Sheet::new)
    }
}

/// What divides the payment of a payment firm with this number.
///
/// # Errors
/// When this machine cannot read its state.
pub fn allocation(
    state: &impl StateRead,
    pay_code: &OrganisationCode,
    transaction: &str,
) -> Result<Option<AllocationRecord>, StateError> {
    case::load(state, &state_key::allocation_key_bytes(pay_code, transaction))
}

/// The refund of a payment firm with this number.
///
/// # Errors
/// When this machine cannot read its state.
pub fn refund(
    state: &impl StateRead,
    pay_code: &OrganisationCode,
    refund_no: &str,
) -> Result<Option<RefundRecord>, StateError> {
    case::load(state, &state_key::refund_key_bytes(pay_code, refund_no))
}
