//! A document on its way into the ledger: read, checked by itself, and cut down to what the ledger
//! keeps of it.

mod clearance;
mod export;

pub(crate) use clearance::Cleared;
pub(crate) use export::{Export, Noticed, receipt_key};

use crate::capital::{AllocationFacts, RefundFacts};
use crate::case::{ListFacts, OrderFacts, PaymentFacts, WaybillFacts};
use crate::check::check;
use crate::document::{
    AppType, AssistanceAnswer, AssistanceRequest, Body, CaseGrant, Document, DocumentKind, Erasure,
    GovernanceProposal, GovernanceVote, GovernanceWithdrawal, GrantWithdrawal, Inspection, OwnKeys,
    PeriodGrant, ReadReport, RiskAct, RiskSignal, SpotCheck, SpotCheckAnswer, SpotCheckResult,
};
use crate::policy::Policy;
use crate::register::Recorded;
use crate::registry::{KeyPurpose, Organisation};
use crate::rejection::{Rejected, Rejection};
use crate::role::{check_declarant, check_role};
use crate::state_key;
use kanhe_types::code::OrganisationCode;
use kanhe_types::hash::Hash;
use kanhe_types::keys::PublicKey;
use kanhe_types::pseudonym::{Pseudonym, PseudonymScope};
use kanhe_types::receipt::{CaseKey, Refusal};
use kanhe_types::time::CustomsTime;

/// A document that passed every check that needs nothing but the document and its signer.
pub(crate) struct Incoming<'a> {
    pub(crate) id: Hash,
    pub(crate) signer: &'a OrganisationCode,
    pub(crate) key: &'a PublicKey,
    pub(crate) kind: DocumentKind,
    pub(crate) app_type: AppType,
    pub(crate) app_time: CustomsTime,
    pub(crate) said: Said,
}

/// What a document says, as far as the ledger keeps it, and where it belongs.
#[allow(
    clippy::large_enum_variant,
    reason = "a block's documents stand in one list, in which a box each would cost more"
)]
pub(crate) enum Said {
    Order { case: CaseKey, facts: OrderFacts },
    Payment { case: CaseKey, facts: PaymentFacts },
    Waybill { number: WaybillNumber, facts: WaybillFacts },
    InventoryList { case: CaseKey, facts: ListFacts },
    Allocation { number: PaymentNumber, facts: AllocationFacts },
    Refund { case: CaseKey, facts: RefundFacts },
    IdentityAttestation(Person),
    Governance(Box<Governance>),
    Originals(Box<Originals>),
    Access(Box<Access>),
    Export(Box<Export>),
    Clearance(Box<Cleared>),
    Register(Box<Recorded>),
    Risk(Box<RiskSaid>),
}

/// What a document says of risk.
pub(crate) enum RiskSaid {
    Signal(RiskSignal),
    Act(RiskAct),
}

/// What a document says of the zone itself.
pub(crate) enum Governance {
    Proposal(GovernanceProposal),
    Vote(GovernanceVote),
    Withdrawal(GovernanceWithdrawal),
    OwnKeys(OwnKeys),
}

/// What a document says of originals.
pub(crate) enum Originals {
    Asked(SpotCheck),
    Answered(SpotCheckAnswer),
    Judged(SpotCheckResult),
    Erased(Erasure),
}

/// What a document says of who sees what.
pub(crate) enum Access {
    CaseGrant(CaseGrant),
    PeriodGrant(PeriodGrant),
    GrantWithdrawal(GrantWithdrawal),
    Request(AssistanceRequest),
    Answer(AssistanceAnswer),
    Inspection(Inspection),
    Report(ReadReport),
}

/// Who signed a submission, with a key that is one of the organisation's.
#[derive(Clone, Copy)]
pub(crate) struct Signer<'a> {
    pub(crate) organisation: &'a Organisation,
    pub(crate) key: &'a PublicKey,
    pub(crate) height: u64,
    /// Whether it is the node key of one of its validators.
    pub(crate) is_validators_node: bool,
}

impl Signer<'_> {
    pub(crate) fn has_key_for(&self, purpose: KeyPurpose) -> bool {
        // A validator's node key is registered with the set, not in the organisation's record.
        self.organisation.has_key(self.key, purpose, self.height)
            || (purpose == KeyPurpose::Node && self.is_validators_node)
    }

    /// Checks that the key is for documents of this kind.
    fn check_key(&self, kind: DocumentKind) -> Result<(), Rejected> {
        let purpose = kind.key_purpose();
        if self.has_key_for(purpose) {
            return Ok(());
        }
        Err(self.key_refused(purpose))
    }

    /// The key is not valid for a purpose.
    pub(crate) fn key_refused(&self, purpose: KeyPurpose) -> Rejected {
        let (code, height) = (&self.organisation.code, self.height);
        let purpose = match purpose {
            KeyPurpose::Operator => "an operator",
            KeyPurpose::Admin => "an admin",
            KeyPurpose::Node => "a node",
        };
        let expected = format!("{purpose} key of {code} at height {height}");
        Rejected::new(Rejection::KeyNotValid, "key", expected, self.key)
    }
}

/// A carrier and its number for a parcel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WaybillNumber {
    pub(crate) code: OrganisationCode,
    pub(crate) number: String,
}

/// A payment firm and its number for a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PaymentNumber {
    pub(crate) code: OrganisationCode,
    pub(crate) number: String,
}

/// Who would have to be attested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) scope: PseudonymScope,
    pub(crate) id_number: Pseudonym,
    pub(crate) name: Pseudonym,
}

impl Person {
    pub(crate) fn attestation_key(&self) -> Vec<u8> {
        state_key::attestation_key_bytes(self.scope, &self.id_number, &self.name)
    }

    pub(crate) fn waiting_key(&self) -> Vec<u8> {
        state_key::waiting_key_bytes(self.scope, &self.id_number, &self.name)
    }
}

impl<'a> Incoming<'a> {
    /// Reads and checks the document with these bytes and this identity.
    ///
    /// # Errors
    /// When the rules refuse it whatever the ledger holds.
    pub(crate) fn read(
        signer: Signer<'a>,
        id: Hash,
        bytes: &[u8],
        policy: &Policy,
    ) -> Result<Self, Refusal> {
        let document = Document::decode(bytes).map_err(|error| {
            let expected = "canonical bytes of a document";
            Rejected::new(Rejection::NotCanonical, "document", expected, error).refusal(None)
        })?;
        let kind = document.kind();
        signer
            .check_key(kind)
            .and_then(|()| check_role(signer.organisation, &document))
            .and_then(|()| check_declarant(signer.organisation, &document, policy))
            .and_then(|()| check(&document, policy))
            .map_err(|rejected| rejected.refusal(Some(kind)))?;
        let Document { guid, app_type, app_time, pseudonyms, body, .. } = document;
        let said = Said::new(body, pseudonyms, guid);
        let Signer { organisation, key, .. } = signer;
        Ok(Self { id, signer: &organisation.code, key, kind, app_type, app_time, said })
    }

    /// Adds the keys that applying the document will surely read.
    pub(crate) fn collect_keys(&self, keys: &mut Vec<Vec<u8>>) {
        match &self.said {
            Said::Order { case, .. } => keys.push(state_key::case_key_bytes(case)),
            Said::Payment { case, facts } => {
                keys.push(state_key::case_key_bytes(case));
                let (code, transaction) = (&facts.pay_code, &facts.pay_transaction_id);
                keys.push(state_key::payment_key_bytes(code, transaction));
            }
            Said::Waybill { number, .. } => {
                keys.push(state_key::waybill_key_bytes(&number.code, &number.number));
            }
            Said::InventoryList { case, facts } => {
                keys.push(state_key::case_key_bytes(case));
                let (code, number) = (&facts.logistics_code, &facts.logistics_no);
                keys.push(state_key::waybill_key_bytes(code, number));
                clearance::pools_of(facts, keys);
            }
            Said::Allocation { number, facts } => {
                keys.push(state_key::payment_key_bytes(&number.code, &number.number));
                keys.push(state_key::allocation_key_bytes(&number.code, &number.number));
                keys.extend(facts.cases().map(|case| state_key::case_key_bytes(&case)));
            }
            Said::Refund { case, facts } => {
                keys.push(state_key::case_key_bytes(case));
                keys.push(state_key::refund_key_bytes(&facts.pay_code, &facts.refund_no));
            }
            Said::IdentityAttestation(person) => {
                keys.push(person.attestation_key());
                keys.push(person.waiting_key());
            }
            // Rare, and read one by one.
            Said::Governance(_)
            | Said::Originals(_)
            | Said::Access(_)
            | Said::Register(_)
            | Said::Risk(_) => {}
            Said::Clearance(said) => said.collect_keys(keys),
            Said::Export(said) => said.collect_keys(self.kind, self.signer, keys),
        }
    }
}

impl Said {
    fn governance(said: Governance) -> Self {
        Self::Governance(Box::new(said))
    }

    fn originals(said: Originals) -> Self {
        Self::Originals(Box::new(said))
    }

    fn access(said: Access) -> Self {
        Self::Access(Box::new(said))
    }

    fn export(said: Export) -> Self {
        Self::Export(Box::new(said))
    }

    fn cleared(said: Cleared) -> Self {
        Self::Clearance(Box::new(said))
    }

    fn recorded(said: Recorded) -> Self {
        Self::Register(Box::new(said))
    }

    fn noticed(said: Noticed) -> Self {
        Self::export(Export::Notice(said))
    }

    /// `guid` is the document's own identifier.
    fn new(body: Body, scope: PseudonymScope, guid: String) -> Self {
        let case = |platform: &OrganisationCode, order_no: &str| CaseKey {
            platform: platform.clone(),
            order_no: order_no.to_owned(),
        };
        match body {
            Body::Order(order) => Self::Order {
                case: case(&order.ebp_code, &order.order_no),
                facts: OrderFacts::new(order, scope),
            },
            Body::Payment(payment) => Self::Payment {
                case: case(&payment.ebp_code, &payment.order_no),
                facts: PaymentFacts::new(payment, scope),
            },
            Body::Waybill(waybill) => Self::Waybill {
                number: WaybillNumber {
                    code: waybill.logistics_code.clone(),
                    number: waybill.logistics_no.clone(),
                },
                facts: WaybillFacts::new(waybill, scope),
            },
            Body::InventoryList(list) => Self::InventoryList {
                case: case(&list.ebp_code, &list.order_no),
                facts: ListFacts::new(list, scope),
            },
            Body::PaymentAllocation(own) => Self::Allocation {
                number: PaymentNumber {
                    code: own.pay_code.clone(),
                    number: own.pay_transaction_id.clone(),
                },
                facts: AllocationFacts::new(own),
            },
            Body::PaymentRefund(own) => Self::Refund {
                case: case(&own.ebp_code, &own.order_no),
                facts: RefundFacts::new(own),
            },
            Body::IdentityAttestation(attested) => Self::IdentityAttestation(Person {
                scope,
                id_number: attested.id_number,
                name: attested.name,
            }),
            Body::GovernanceProposal(proposal) => Self::governance(Governance::Proposal(proposal)),
            Body::GovernanceVote(vote) => Self::governance(Governance::Vote(vote)),
            Body::GovernanceWithdrawal(withdrawal) => {
                Self::governance(Governance::Withdrawal(withdrawal))
            }
            Body::OwnKeys(change) => Self::governance(Governance::OwnKeys(change)),
            Body::SpotCheck(asked) => Self::originals(Originals::Asked(asked)),
            Body::SpotCheckAnswer(answer) => Self::originals(Originals::Answered(answer)),
            Body::SpotCheckResult(result) => Self::originals(Originals::Judged(result)),
            Body::Erasure(erasure) => Self::originals(Originals::Erased(erasure)),
            Body::CaseGrant(grant) => Self::access(Access::CaseGrant(grant)),
            Body::PeriodGrant(grant) => Self::access(Access::PeriodGrant(grant)),
            Body::GrantWithdrawal(withdrawal) => Self::access(Access::GrantWithdrawal(withdrawal)),
            Body::AssistanceRequest(request) => Self::access(Access::Request(request)),
            Body::AssistanceAnswer(answer) => Self::access(Access::Answer(answer)),
            Body::Inspection(inspection) => Self::access(Access::Inspection(inspection)),
            Body::ReadReport(report) => Self::access(Access::Report(report)),
            Body::ExportOrder(order) => Self::export(Export::order(order)),
            Body::FundsReceipt(receipt) => Self::export(Export::receipt(receipt, guid)),
            Body::ExportWaybill(waybill) => Self::export(Export::waybill(waybill)),
            Body::ExportList(list) => Self::export(Export::list(list)),
            Body::Arrival(own) => Self::noticed(Noticed::arrival(own)),
            Body::Departure(own) => Self::noticed(Noticed::departure(own)),
            Body::ExportListCancellation(own) => Self::noticed(Noticed::cancellation(own)),
            Body::ConsolidationBill(own) => Self::noticed(Noticed::bill(own)),
            Body::SummaryApplication(own) => Self::noticed(Noticed::summary(own)),
            Body::SummaryResult(own) => Self::noticed(Noticed::result(own)),
            Body::ExportReturn(own) => Self::noticed(Noticed::application(own)),
            Body::ReturnTally(own) => Self::noticed(Noticed::tally(own)),
            Body::WaybillStatus(own) => Self::cleared(Cleared::signed(own)),
            Body::ListCancellation(own) => Self::cleared(Cleared::cancelled(own, scope)),
            Body::ListReturn(own) => Self::cleared(Cleared::returned(own, scope)),
            Body::WarehouseReceipt(own) => Self::cleared(Cleared::received(own, guid)),
            Body::TaxBill(own) => Self::cleared(Cleared::Taxed(own)),
            Body::TaxBillStatus(own) => Self::cleared(Cleared::TaxStands(own)),
            Body::ListStatus(own) => Self::cleared(Cleared::stands(own)),
            Body::RiskSignal(own) => Self::Risk(Box::new(RiskSaid::Signal(own))),
            Body::RiskAct(own) => Self::Risk(Box::new(RiskSaid::Act(own))),
            Body::Dispute(own) => Self::recorded(Recorded::Dispute(own)),
            Body::Certificate(own) => Self::recorded(Recorded::Certificate(own)),
            Body::Cover(own) => Self::recorded(Recorded::Cover(own)),
            Body::SubsidyClaim(own) => Self::recorded(Recorded::SubsidyClaim(own)),
            Body::Fund(own) => Self::recorded(Recorded::Fund(own)),
            Body::TaxExemption(own) => Self::recorded(Recorded::TaxExemption(own)),
            Body::Receivable(own) => Self::recorded(Recorded::Receivable(own)),
            Body::FrozenLot(own) => Self::recorded(Recorded::FrozenLot(own)),
            Body::OverseasStock(own) => Self::recorded(Recorded::OverseasStock(own)),
            Body::Journey(own) => Self::recorded(Recorded::Journey(own)),
            Body::NegativeList(own) => Self::recorded(Recorded::NegativeList(own)),
            Body::CreditRecord(own) => Self::recorded(Recorded::CreditRecord(own)),
            Body::CustomsGrade(own) => Self::recorded(Recorded::CustomsGrade(own)),
            Body::Right(own) => Self::recorded(Recorded::Right(own)),
            Body::OverseasAid(own) => Self::recorded(Recorded::OverseasAid(own)),
            Body::Stocktake(own) => Self::recorded(Recorded::Stocktake(own)),
            Body::TaxDeposit(own) => Self::recorded(Recorded::TaxDeposit(own)),
            Body::NettingStatement(own) => Self::recorded(Recorded::NettingStatement(own)),
        }
    }
}
