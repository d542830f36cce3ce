//! Trade cases: everything the ledger knows about one order of one platform.
//!
//! A case holds what matching compares of its current documents, the identities of their earlier
//! versions, and what each rule says of all of them. It is enough to ask the rules again and to
//! have them explain themselves. Documents in full stand in the blocks.

use crate::capital::{RefundFacts, ShareFacts};
use crate::clearance::{Clearance, SignedFacts};
use crate::document::{DocumentKind, InventoryList, Order, Payment, Waybill};
use crate::event::CaseState;
use crate::matching::{self, Finding, RuleId, RuleOutcome, Severity, Standing, Verdict};
use crate::policy::Policy;
use crate::risk::CaseRisk;
use crate::spot_check::CaseSpotCheck;
use crate::state::{StateError, StateRead};
use crate::state_key;
use crate::statistics::Declared;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{self, Decode, Encode};
use kanhe_types::decimal::Decimal;
use kanhe_types::hash::Hash;
use kanhe_types::limits::STATE_VALUE_BYTES_MAX;
use kanhe_types::pseudonym::{Pseudonym, PseudonymScope};
use kanhe_types::receipt::CaseKey;
use kanhe_types::time::{CustomsTime, Millis};
use serde::{Deserialize, Serialize};

/// One version of a document that the ledger accepted.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct Version {
    /// The document's identity.
    pub document: Hash,
    /// When the sender reported it.
    pub app_time: CustomsTime,
    /// Who sent it.
    pub signer: OrganisationCode,
    /// The height at which it was accepted.
    pub height: u64,
}

/// Which document holds, and which ones it replaced.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct DocumentMeta {
    /// The document's identity.
    pub document: Hash,
    /// Its kind.
    pub kind: DocumentKind,
    /// When the sender reported it.
    pub app_time: CustomsTime,
    /// Who sent it.
    pub signer: OrganisationCode,
    /// The height at which it was accepted.
    pub height: u64,
    /// The versions before it, oldest first.
    pub versions: Vec<Version>,
}

impl DocumentMeta {
    /// The height at which `document` was accepted, if it is this version or an earlier one.
    pub fn height_of(&self, document: &Hash) -> Option<u64> {
        if self.document == *document {
            return Some(self.height);
        }
        self.versions.iter().find(|version| version.document == *document).map(|v| v.height)
    }

    /// This version as one of a successor's.
    pub(crate) fn as_version(&self) -> Version {
        Version {
            document: self.document,
            app_time: self.app_time,
            signer: self.signer.clone(),
            height: self.height,
        }
    }
}

/// The current version of a document and what it says; nothing after a delete.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct Entry<F> {
    /// Which document, and its history.
    pub meta: DocumentMeta,
    /// What it says; none when the last version withdrew it.
    pub facts: Option<F>,
}

/// One line of goods, as matching compares it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct LineFacts {
    /// The line's number, from 1.
    pub gnum: u32,
    /// The goods' name.
    pub name: String,
    /// Quantity.
    pub qty: Decimal,
    /// Price of one unit.
    pub price: Decimal,
    /// Price of the line.
    pub total_price: Decimal,
}

/// What matching compares of an order.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct OrderFacts {
    /// The merchant.
    pub ebc_code: OrganisationCode,
    /// The payment firm that the order names.
    pub pay_code: Option<OrganisationCode>,
    /// The price of the goods.
    pub goods_value: Decimal,
    /// The tax that was collected with it.
    pub tax_total: Decimal,
    /// What was paid.
    pub actural_paid: Decimal,
    /// Currency code.
    pub currency: String,
    /// Which key the pseudonyms were made with.
    pub pseudonyms: PseudonymScope,
    /// The orderer's identity number.
    pub buyer_id_number: Pseudonym,
    /// The orderer's name.
    pub buyer_name: Pseudonym,
    /// The consignee's name.
    pub consignee: Pseudonym,
    /// The consignee's telephone.
    pub consignee_telephone: Pseudonym,
    /// The consignee's address.
    pub consignee_address: Pseudonym,
    /// The goods.
    pub lines: Vec<LineFacts>,
}

/// What matching compares of a payment.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct PaymentFacts {
    /// The payment firm.
    pub pay_code: OrganisationCode,
    /// Its transaction number.
    pub pay_transaction_id: String,
    /// The amount paid.
    pub amount_paid: Decimal,
    /// Currency code.
    pub currency: String,
    /// Which key the pseudonyms were made with.
    pub pseudonyms: PseudonymScope,
    /// The payer's identity number.
    pub payer_id_number: Pseudonym,
    /// The payer's name.
    pub payer_name: Pseudonym,
    /// When it was paid.
    pub pay_time: CustomsTime,
    /// Where an allocation divides the payment, of what it is a share: `amount_paid` is the share.
    pub share: Option<ShareFacts>,
}

/// What matching compares of a waybill. Its carrier and number are those under which it is found.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct WaybillFacts {
    /// The order whose goods it carries.
    pub order_no: String,
    /// Freight, where stated.
    pub freight: Option<Decimal>,
    /// Gross weight in kilograms.
    pub weight: Decimal,
    /// Which key the pseudonyms were made with.
    pub pseudonyms: PseudonymScope,
    /// The consignee's name.
    pub consignee: Pseudonym,
    /// The consignee's telephone.
    pub consignee_telephone: Pseudonym,
    /// The consignee's address.
    pub consignee_address: Pseudonym,
}

/// What matching compares of a list.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct ListFacts {
    /// The merchant.
    pub ebc_code: OrganisationCode,
    /// The declarant.
    pub agent_code: OrganisationCode,
    /// The carrier of the waybill that the list names.
    pub logistics_code: OrganisationCode,
    /// That waybill's number.
    pub logistics_no: String,
    /// The mode of trade.
    pub trade_mode: String,
    /// The year of the declaration.
    pub decl_year: u16,
    /// The bonded account book.
    pub ems_no: Option<String>,
    /// The bonded warehouse.
    pub area_code: Option<OrganisationCode>,
    /// Freight.
    pub freight: Decimal,
    /// Insurance.
    pub insured_fee: Decimal,
    /// Gross weight in kilograms.
    pub gross_weight: Decimal,
    /// Which key the pseudonyms were made with.
    pub pseudonyms: PseudonymScope,
    /// The orderer's identity number.
    pub buyer_id_number: Pseudonym,
    /// The orderer's name.
    pub buyer_name: Pseudonym,
    /// The consignee's address.
    pub consignee_address: Pseudonym,
    /// The goods.
    pub lines: Vec<LineFacts>,
    /// What is declared of each line of goods beside that.
    pub goods: Vec<GoodsFacts>,
    /// What statistics need of it.
    pub declared: Declared,
}

/// What a list declares of one line of goods, as rules over tax, positive list, account book and
/// returns look at it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct GoodsFacts {
    /// Commodity code of ten digits.
    pub gcode: String,
    /// Unit of measure.
    pub unit: String,
    /// Number in the bonded account book.
    pub item_record_no: Option<String>,
}

impl OrderFacts {
    /// What matching compares of `order`, whose pseudonyms were made in `pseudonyms`.
    pub fn new(order: Order, pseudonyms: PseudonymScope) -> Self {
        let lines = order.lines.into_iter().map(|line| LineFacts {
            gnum: line.gnum,
            name: line.item_name,
            qty: line.qty,
            price: line.price,
            total_price: line.total_price,
        });
        Self {
            ebc_code: order.ebc_code,
            pay_code: order.pay_code,
            goods_value: order.goods_value,
            tax_total: order.tax_total,
            actural_paid: order.actural_paid,
            currency: order.currency,
            pseudonyms,
            buyer_id_number: order.buyer_id_number,
            buyer_name: order.buyer_name,
            consignee: order.consignee,
            consignee_telephone: order.consignee_telephone,
            consignee_address: order.consignee_address,
            lines: lines.collect(),
        }
    }
}

impl PaymentFacts {
    /// What matching compares of `payment`.
    pub fn new(payment: Payment, pseudonyms: PseudonymScope) -> Self {
        Self {
            pay_code: payment.pay_code,
            pay_transaction_id: payment.pay_transaction_id,
            amount_paid: payment.amount_paid,
            currency: payment.currency,
            pseudonyms,
            payer_id_number: payment.payer_id_number,
            payer_name: payment.payer_name,
            pay_time: payment.pay_time,
            share: None,
        }
    }
}

impl WaybillFacts {
    /// What matching compares of `waybill`.
    pub fn new(waybill: Waybill, pseudonyms: PseudonymScope) -> Self {
        Self {
            order_no: waybill.order_no,
            freight: waybill.freight,
            weight: waybill.weight,
            pseudonyms,
            consignee: waybill.consignee,
            consignee_telephone: waybill.consignee_telephone,
            consignee_address: waybill.consignee_address,
        }
    }
}

impl ListFacts {
    /// What matching compares of `list`.
    pub fn new(list: InventoryList, pseudonyms: PseudonymScope) -> Self {
        let declared = Declared::import(&list);
        let (mut lines, mut goods) =
            (Vec::with_capacity(list.lines.len()), Vec::with_capacity(list.lines.len()));
        for line in list.lines {
            lines.push(LineFacts {
                gnum: line.gnum,
                name: line.gname,
                qty: line.qty,
                price: line.price,
                total_price: line.total_price,
            });
            let (gcode, unit, item_record_no) = (line.gcode, line.unit, line.item_record_no);
            goods.push(GoodsFacts { gcode, unit, item_record_no });
        }
        Self {
            ebc_code: list.ebc_code,
            agent_code: list.agent_code,
            logistics_code: list.logistics_code,
            logistics_no: list.logistics_no,
            trade_mode: list.trade_mode,
            decl_year: list.decl_time.year(),
            ems_no: list.ems_no,
            area_code: list.area_code,
            freight: list.freight,
            insured_fee: list.insured_fee,
            gross_weight: list.gross_weight,
            pseudonyms,
            buyer_id_number: list.buyer_id_number,
            buyer_name: list.buyer_name,
            consignee_address: list.consignee_address,
            lines,
            goods,
            declared,
        }
    }

    /// The price of the goods, if it has at most 19 digits.
    pub(crate) fn goods_value(&self) -> Option<Decimal> {
        self.lines.iter().try_fold(Decimal::ZERO, |sum, line| sum.checked_add(line.total_price))
    }

    /// The value that is taxed: goods, freight and insurance.
    pub(crate) fn value(&self) -> Option<Decimal> {
        self.goods_value()?.checked_add(self.freight)?.checked_add(self.insured_fee)
    }

    /// Whether it declares one piece of goods, which cannot be divided.
    pub(crate) fn is_single_piece(&self) -> bool {
        matches!(self.lines.as_slice(), [line] if Some(line.qty) == Decimal::from_integer(1))
    }
}

/// One order of one platform: its documents, what they say of each other, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct Case {
    /// Platform and order number.
    pub key: CaseKey,
    /// Where it stands.
    pub state: CaseState,
    /// The order.
    pub order: Option<Entry<OrderFacts>>,
    /// The payment; of several the first.
    pub payment: Option<Entry<PaymentFacts>>,
    /// Further payments for the same order, which rule M11 refuses.
    pub extra_payments: Vec<Entry<PaymentFacts>>,
    /// The list.
    pub list: Option<Entry<ListFacts>>,
    /// The waybill that the list names, once it is there and belongs to this case.
    pub waybill: Option<Entry<WaybillFacts>>,
    /// The attestation of the orderer's identity, where rule M06 needs one and there is one.
    pub attestation: Option<Hash>,
    /// How the waybill that the list names stands to this case.
    pub standing: Standing,
    /// What each rule says of all documents, ordered by rule; [`Case::findings`] explains it.
    pub outcomes: Vec<RuleOutcome>,
    /// The policy under which the rules said it.
    pub policy_version: u32,
    /// The block time at which the first document came.
    pub opened: Millis,
    /// The height of the last change.
    pub changed_height: u64,
    /// The spot checks of its documents' originals, in the order in which they were asked for.
    pub spot_checks: Vec<CaseSpotCheck>,
    /// What happened after the list was declared.
    pub clearance: Clearance,
    /// What goes back to the payer, ascending by payment firm and number.
    pub refunds: Vec<Entry<RefundFacts>>,
    /// What risk knows of it.
    pub risk: CaseRisk,
}

/// A case in a few words, for lists of cases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseSummary {
    /// Platform and order number.
    pub key: CaseKey,
    /// Where it stands.
    pub state: CaseState,
    /// The kinds of documents that are there.
    pub present: Vec<DocumentKind>,
    /// The kinds that are missing.
    pub missing: Vec<DocumentKind>,
    /// The rules that found a difference and hold the case back.
    pub failed: Vec<RuleId>,
    /// The rules that found a difference and only warn.
    pub warned: Vec<RuleId>,
    /// What was paid according to the order, in its currency.
    pub actural_paid: Option<Decimal>,
    /// The block time at which the first document came.
    pub opened: Millis,
    /// The height of the last change.
    pub changed_height: u64,
}

/// The kinds of documents that a complete case has where its mode of trade does not say otherwise.
pub const REQUIRED: [DocumentKind; 4] = [
    DocumentKind::Order,
    DocumentKind::Payment,
    DocumentKind::Waybill,
    DocumentKind::InventoryList,
];

impl Case {
    /// A case without documents.
    pub fn new(key: CaseKey, opened: Millis) -> Self {
        Self {
            key,
            state: CaseState::Collecting,
            order: None,
            payment: None,
            extra_payments: Vec::new(),
            list: None,
            waybill: None,
            attestation: None,
            standing: Standing::Unnamed,
            outcomes: Vec::new(),
            policy_version: 0,
            opened,
            changed_height: 0,
            spot_checks: Vec::new(),
            clearance: Clearance::default(),
            refunds: Vec::new(),
            risk: CaseRisk::default(),
        }
    }

    /// Whether no document speaks of it, as after a payment that went to other orders.
    pub(crate) fn is_blank(&self) -> bool {
        let clearance = &self.clearance;
        self.order.is_none()
            && self.payment.is_none()
            && self.list.is_none()
            && self.refunds.is_empty()
            && clearance.statuses.is_empty()
            && clearance.cancellations.is_empty()
            && clearance.returns.is_empty()
    }

    /// The order's facts, unless it is missing or withdrawn.
    pub fn order_facts(&self) -> Option<&OrderFacts> {
        self.order.as_ref()?.facts.as_ref()
    }

    /// The payment's facts, unless it is missing.
    pub fn payment_facts(&self) -> Option<&PaymentFacts> {
        self.payment.as_ref()?.facts.as_ref()
    }

    /// The payment with this number, if it is one of the case's.
    pub(crate) fn payment_of(
        &self,
        pay_code: &OrganisationCode,
        transaction: &str,
    ) -> Option<&Entry<PaymentFacts>> {
        let mut payments = self.payment.iter().chain(&self.extra_payments);
        payments.find(|payment| {
            payment.facts.as_ref().is_some_and(|facts| {
                facts.pay_code == *pay_code && facts.pay_transaction_id == transaction
            })
        })
    }

    /// The list's facts, unless it is missing or withdrawn.
    pub fn list_facts(&self) -> Option<&ListFacts> {
        self.list.as_ref()?.facts.as_ref()
    }

    /// When the parcel was signed for, where its carrier said so.
    pub(crate) fn delivered(&self) -> Option<&SignedFacts> {
        self.clearance.delivery.as_ref()?.facts.as_ref()
    }

    /// Whether the order is declared: it has a list, and of its own merchant.
    pub fn is_declared(&self) -> bool {
        self.list_facts().is_some() && !self.has_foreign_list()
    }

    /// Whether the list was sent under another merchant than the order's. Such a list makes nobody
    /// a party, and the order's merchant may replace it.
    pub fn has_foreign_list(&self) -> bool {
        match (self.order_facts(), self.list_facts()) {
            (Some(order), Some(list)) => order.ebc_code != list.ebc_code,
            _ => false,
        }
    }

    /// Whether a document of `kind` is there.
    pub fn has(&self, kind: DocumentKind) -> bool {
        match kind {
            DocumentKind::Order => self.order_facts().is_some(),
            DocumentKind::Payment => self.payment.is_some(),
            DocumentKind::PaymentAllocation => {
                self.payment_facts().is_some_and(|payment| payment.share.is_some())
            }
            DocumentKind::PaymentRefund => !self.refunds.is_empty(),
            DocumentKind::Waybill => self.waybill.is_some(),
            DocumentKind::InventoryList => self.list_facts().is_some(),
            DocumentKind::IdentityAttestation => self.attestation.is_some(),
            DocumentKind::WaybillStatus => self.clearance.delivery.is_some(),
            DocumentKind::ListCancellation => !self.clearance.cancellations.is_empty(),
            DocumentKind::ListReturn => !self.clearance.returns.is_empty(),
            DocumentKind::TaxBill => !self.clearance.bills.is_empty(),
            DocumentKind::TaxBillStatus => !self.clearance.bill_statuses.is_empty(),
            DocumentKind::ListStatus => !self.clearance.statuses.is_empty(),
            _ => false,
        }
    }

    /// The organisations that are party to the case and may see it, ascending: who signed the order
    /// and the list, and whom these two name.
    ///
    /// A payment makes nobody a party: any payment firm could name any order and read its case.
    /// The firm that the order names is one.
    pub fn parties(&self) -> Vec<OrganisationCode> {
        let mut parties = vec![&self.key.platform];
        if let Some(order) = &self.order {
            parties.push(&order.meta.signer);
            parties.extend(order.facts.iter().map(|facts| &facts.ebc_code));
            parties.extend(order.facts.iter().filter_map(|facts| facts.pay_code.as_ref()));
        }
        if let Some(list) = self.list.as_ref().filter(|_| !self.has_foreign_list()) {
            parties.push(&list.meta.signer);
            if let Some(facts) = &list.facts {
                parties.extend([&facts.ebc_code, &facts.agent_code, &facts.logistics_code]);
            }
        }
        parties.sort_unstable();
        parties.dedup();
        parties.into_iter().cloned().collect()
    }

    /// What the rules say of the case and why: each difference, what a rule waits for, or that it
    /// holds. Of `policy`, which must be the one of [`Self::policy_version`], and of nothing else
    /// outside the case; it is what [`Self::outcomes`] sums up.
    pub fn findings(&self, policy: &Policy) -> Vec<Finding> {
        matching::explain(self, policy)
    }

    /// The case in a few words.
    pub fn summary(&self) -> CaseSummary {
        let rules = |severity| {
            let failed = self.outcomes.iter().filter(|outcome| {
                outcome.verdict == Verdict::Fail && outcome.rule.severity() == severity
            });
            failed.map(|outcome| outcome.rule).collect()
        };
        let (present, mut missing): (Vec<_>, Vec<_>) =
            REQUIRED.into_iter().partition(|kind| self.has(*kind));
        // The mode may do without some of them.
        let is_complete =
            |outcome: &RuleOutcome| outcome.rule == RuleId::M01 && outcome.verdict == Verdict::Pass;
        if self.outcomes.iter().any(is_complete) {
            missing.clear();
        }
        CaseSummary {
            key: self.key.clone(),
            state: self.state,
            present,
            missing,
            failed: rules(Severity::Reject),
            warned: rules(Severity::Warn),
            actural_paid: self.order_facts().map(|order| order.actural_paid),
            opened: self.opened,
            changed_height: self.changed_height,
        }
    }
}

/// A payment transaction: to which case it belongs.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub enum PaymentRecord {
    /// It belongs to one case.
    Whole {
        /// The case that it pays, and that has it.
        case: CaseKey,
        /// The last version and its history, after that withdrew the payment; before, they stand
        /// in the case.
        withdrawn: Option<DocumentMeta>,
    },
    /// There is, or was, an allocation: [`crate::capital::AllocationRecord`] has the payment, too.
    /// So a payment without one reads nothing more.
    Divided,
}

/// A waybill number: its document, and the cases whose lists name it.
///
/// Message 511 names no platform, so the list joins order and waybill. The record exists from the
/// first of waybill and list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct WaybillRecord {
    /// The waybill, once it came.
    pub entry: Option<Entry<WaybillFacts>>,
    /// The cases whose lists name it, in the order of their lists.
    pub claims: Vec<CaseKey>,
    /// That the parcel was signed for, once the carrier said so.
    pub signed: Option<Entry<SignedFacts>>,
}

impl WaybillRecord {
    /// The case to which the waybill belongs: the first that names it and whose order it carries
    /// or, as long as it did not come, the first that names it.
    pub fn claimed_by(&self) -> Option<&CaseKey> {
        let facts = self.entry.as_ref().and_then(|entry| entry.facts.as_ref());
        let fits = |case: &&CaseKey| facts.is_none_or(|waybill| waybill.order_no == case.order_no);
        self.claims.iter().find(fits)
    }
}

/// An attestation of an identity.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct AttestationRecord {
    /// Which document.
    pub meta: DocumentMeta,
}

/// Decodes the value of a key, which this node encoded itself.
pub(crate) fn decode<T: Decode<()>>(key: &[u8], bytes: &[u8]) -> Result<T, StateError> {
    codec::decode_own(bytes, STATE_VALUE_BYTES_MAX).map_err(|error| {
        StateError(format!("a value of kind {:?} is damaged: {error}", key.first()))
    })
}

/// Reads and decodes a value of the state.
pub(crate) fn load<T: Decode<()>>(
    state: &impl StateRead,
    key: &[u8],
) -> Result<Option<T>, StateError> {
    state.get(key)?.map(|bytes| decode(key, &bytes)).transpose()
}

/// The trade case of a platform's order.
///
/// # Errors
/// When this machine cannot read its state.
pub fn case(state: &impl StateRead, key: &CaseKey) -> Result<Option<Case>, StateError> {
    load(state, &state_key::case_key_bytes(key))
}

/// The waybill of a carrier with this number.
///
/// # Errors
/// When this machine cannot read its state.
pub fn waybill(
    state: &impl StateRead,
    logistics_code: &OrganisationCode,
    logistics_no: &str,
) -> Result<Option<WaybillRecord>, StateError> {
    load(state, &state_key::waybill_key_bytes(logistics_code, logistics_no))
}

/// The payment transaction of a payment firm with this number.
///
/// # Errors
/// When this machine cannot read its state.
pub fn payment(
    state: &impl StateRead,
    pay_code: &OrganisationCode,
    transaction: &str,
) -> Result<Option<PaymentRecord>, StateError> {
    load(state, &state_key::payment_key_bytes(pay_code, transaction))
}
