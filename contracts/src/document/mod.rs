//! The documents of a trade, those that change the zone, and those that say who sees what, as they
//! stand on the ledger.
//!
//! Fields carry the names of the customs messages (edition 202205), so that whoever knows the
//! messages knows the documents; JSON writes them as the messages do (`orderNo`, `acturalPaid`).
//! Personal values stand as pseudonyms. Free text (`note`, `itemDescribe`, `goodsInfo`) may hold
//! anything, personal data too, and stays in the sender's original.

mod access;
mod assistance;
mod export;
mod governance;
mod identity_attestation;
mod import;
mod inventory_list;
mod order;
mod payment;
pub(crate) mod spot_check;
mod waybill;

pub use access::{CaseGrant, GrantWithdrawal, PeriodGrant};
pub use assistance::{
    AssistanceAnswer, AssistanceRequest, Ground, Inspection, InspectionResult, ReadEntry,
    ReadReport, Subject,
};
pub use export::{
    Arrival, BillLine, ConsolidationBill, Departure, ExportLine, ExportList,
    ExportListCancellation, ExportOrder, ExportOrderLine, ExportReturn, ExportWaybill,
    FundsReceipt, MovementLine, ReturnLine, ReturnTally, SummaryApplication, SummaryLine,
};
pub use governance::{
    Activation, Choice, GovernanceProposal, GovernanceVote, GovernanceWithdrawal, OwnKeys,
};
pub use identity_attestation::IdentityAttestation;
pub use import::{
    ListCancellation, ListReturn, ListReturnLine, ListStatus, ReceivedGoods, ReceivedParcel,
    StatusSubject, TaxBill, TaxBillStatus, TaxLine, WarehouseReceipt, WaybillStatus,
};
pub use inventory_list::{InventoryLine, InventoryList};
pub use order::{Order, OrderLine};
pub use payment::Payment;
pub use spot_check::{
    Erasure, OriginalAnswer, OriginalResult, SpotCheck, SpotCheckAnswer, SpotCheckResult,
};
pub use waybill::Waybill;

use crate::registry::KeyPurpose;
use kanhe_types::codec::{self, Decode, DecodeError, Encode};
use kanhe_types::hash::Hash;
use kanhe_types::limits::DOCUMENT_BYTES_MAX;
use kanhe_types::pseudonym::PseudonymScope;
use kanhe_types::time::CustomsTime;
use serde::{Deserialize, Serialize};

/// One document of a submission.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase")]
pub struct Document {
    /// The sender's own identifier: 36 characters, upper case (`guid`).
    pub guid: String,
    /// Whether the document is new, changes an earlier one, or deletes it (`appType`).
    pub app_type: AppType,
    /// Whether it is declared or only stored (`appStatus`); declared where JSON says nothing.
    #[serde(default)]
    pub app_status: AppStatus,
    /// When the sender reports it (`appTime`); of two versions the later holds.
    pub app_time: CustomsTime,
    /// Which key and year its pseudonyms were made with.
    pub pseudonyms: PseudonymScope,
    /// The salted commitment to the original message in the sender's vault, where one is kept.
    pub original: Option<Hash>,
    /// Who signed the original message, as whoever read it found and vouches for.
    #[serde(default)]
    pub original_signature: OriginalSignature,
    /// What it says.
    pub body: Body,
}

/// Whether a document is new, changes an earlier one, or deletes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum AppType {
    /// `1`: new.
    Add,
    /// `2`: replaces the version with the same business key.
    Change,
    /// `3`: withdraws the version with the same business key.
    Delete,
}

/// Whether a document is declared or only stored. What is only stored says nothing yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum AppStatus {
    /// `1`: kept by the sender for later.
    Stored,
    /// `2`: meant.
    #[default]
    Declared,
}

/// The XML signature of the original message. It was checked by whoever holds the original; the
/// ledger does not see it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case", tag = "algorithm")]
pub enum OriginalSignature {
    /// There is none.
    #[default]
    Unsigned,
    /// SM2 with SM3.
    Sm2Sm3 {
        /// SHA-256 of the signer's certificate in DER.
        certificate: Hash,
    },
    /// RSA with SHA-1.
    RsaSha1 {
        /// SHA-256 of the signer's certificate in DER.
        certificate: Hash,
    },
}

/// What a document says: one variant for each kind.
#[allow(
    clippy::large_enum_variant,
    reason = "documents are decoded and dropped one by one; a box would only add an allocation"
)]
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Body {
    /// Import order, message 311.
    Order(Order),
    /// Payment, message 411.
    Payment(Payment),
    /// Waybill, message 511.
    Waybill(Waybill),
    /// Inventory list, message 621.
    InventoryList(InventoryList),
    /// An agency's statement that an orderer's identity was checked.
    IdentityAttestation(IdentityAttestation),
    /// An agency proposes changes of the zone.
    GovernanceProposal(GovernanceProposal),
    /// An agency votes on a proposal.
    GovernanceVote(GovernanceVote),
    /// An agency takes its proposal back.
    GovernanceWithdrawal(GovernanceWithdrawal),
    /// An organisation changes its own keys.
    OwnKeys(OwnKeys),
    /// An agency asks to see an original.
    SpotCheck(SpotCheck),
    /// The sender answers.
    SpotCheckAnswer(SpotCheckAnswer),
    /// The agency says what the original shows.
    SpotCheckResult(SpotCheckResult),
    /// A sender destroyed an original.
    Erasure(Erasure),
    /// A party lets another organisation see a case.
    CaseGrant(CaseGrant),
    /// An organisation lets another see its cases of a period.
    PeriodGrant(PeriodGrant),
    /// A grant is taken back.
    GrantWithdrawal(GrantWithdrawal),
    /// An agency asks another to let it see.
    AssistanceRequest(AssistanceRequest),
    /// The agency that was asked answers.
    AssistanceAnswer(AssistanceAnswer),
    /// An agency has inspected a trade.
    Inspection(Inspection),
    /// What agencies read, said by the node that showed it.
    ReadReport(ReadReport),
    /// Export order, message 303.
    ExportOrder(ExportOrder),
    /// Receipt of funds, message 403.
    FundsReceipt(FundsReceipt),
    /// Export waybill, message 505.
    ExportWaybill(ExportWaybill),
    /// Arrival at the supervised site, message 507.
    Arrival(Arrival),
    /// Departure from the country, message 509.
    Departure(Departure),
    /// Export list, message 603.
    ExportList(ExportList),
    /// Cancellation of an export list, message 605.
    ExportListCancellation(ExportListCancellation),
    /// Master and house bill, message 607.
    ConsolidationBill(ConsolidationBill),
    /// Summary application, message 701.
    SummaryApplication(SummaryApplication),
    /// Return of exported goods, message 213.
    ExportReturn(ExportReturn),
    /// Tally of a return, message 215.
    ReturnTally(ReturnTally),
    /// Status of a waybill, message 513.
    WaybillStatus(WaybillStatus),
    /// Cancellation of an import list, message 623.
    ListCancellation(ListCancellation),
    /// Return of imported goods, message 625.
    ListReturn(ListReturn),
    /// Receipt at a supervised site, message 711.
    WarehouseReceipt(WarehouseReceipt),
    /// Electronic tax bill, message 816.
    TaxBill(TaxBill),
    /// Where a tax bill stands, message 818.
    TaxBillStatus(TaxBillStatus),
    /// Where customs says that a list stands.
    ListStatus(ListStatus),
}

/// The kinds of documents.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize,
)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// Import order, message 311.
    Order,
    /// Payment, message 411.
    Payment,
    /// Waybill, message 511.
    Waybill,
    /// Inventory list, message 621.
    InventoryList,
    /// An agency's statement that an orderer's identity was checked.
    IdentityAttestation,
    /// An agency's proposal to change the zone.
    GovernanceProposal,
    /// An agency's vote on a proposal.
    GovernanceVote,
    /// A proposal taken back.
    GovernanceWithdrawal,
    /// An organisation's change of its own keys.
    OwnKeys,
    /// An agency's wish to see an original.
    SpotCheck,
    /// A sender's answer to it.
    SpotCheckAnswer,
    /// What the original showed.
    SpotCheckResult,
    /// A deletion record.
    Erasure,
    /// A party's grant of one case.
    CaseGrant,
    /// An organisation's grant of its cases of a period.
    PeriodGrant,
    /// A grant taken back.
    GrantWithdrawal,
    /// An agency's request to see what is another's business.
    AssistanceRequest,
    /// The answer to a request.
    AssistanceAnswer,
    /// An agency's inspection of a trade.
    Inspection,
    /// A node's report of what agencies read there.
    ReadReport,
    /// Export order, message 303.
    ExportOrder,
    /// Receipt of funds, message 403.
    FundsReceipt,
    /// Export waybill, message 505.
    ExportWaybill,
    /// Arrival at the supervised site, message 507.
    Arrival,
    /// Departure from the country, message 509.
    Departure,
    /// Export list, message 603.
    ExportList,
    /// Cancellation of an export list, message 605.
    ExportListCancellation,
    /// Master and house bill, message 607.
    ConsolidationBill,
    /// Summary application, message 701.
    SummaryApplication,
    /// Return of exported goods, message 213.
    ExportReturn,
    /// Tally of a return, message 215.
    ReturnTally,
    /// Status of a waybill, message 513.
    WaybillStatus,
    /// Cancellation of an import list, message 623.
    ListCancellation,
    /// Return of imported goods, message 625.
    ListReturn,
    /// Receipt at a supervised site, message 711.
    WarehouseReceipt,
    /// Electronic tax bill, message 816.
    TaxBill,
    /// Where a tax bill stands, message 818.
    TaxBillStatus,
    /// Where customs says that a list stands.
    ListStatus,
}

impl DocumentKind {
    /// Every kind.
    pub const ALL: [Self; 38] = [
        Self::Order,
        Self::Payment,
        Self::Waybill,
        Self::InventoryList,
        Self::IdentityAttestation,
        Self::GovernanceProposal,
        Self::GovernanceVote,
        Self::GovernanceWithdrawal,
        Self::OwnKeys,
        Self::SpotCheck,
        Self::SpotCheckAnswer,
        Self::SpotCheckResult,
        Self::Erasure,
        Self::CaseGrant,
        Self::PeriodGrant,
        Self::GrantWithdrawal,
        Self::AssistanceRequest,
        Self::AssistanceAnswer,
        Self::Inspection,
        Self::ReadReport,
        Self::ExportOrder,
        Self::FundsReceipt,
        Self::ExportWaybill,
        Self::Arrival,
        Self::Departure,
        Self::ExportList,
        Self::ExportListCancellation,
        Self::ConsolidationBill,
        Self::SummaryApplication,
        Self::ExportReturn,
        Self::ReturnTally,
        Self::WaybillStatus,
        Self::ListCancellation,
        Self::ListReturn,
        Self::WarehouseReceipt,
        Self::TaxBill,
        Self::TaxBillStatus,
        Self::ListStatus,
    ];

    /// The name that JSON and the command line use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Payment => "payment",
            Self::Waybill => "waybill",
            Self::InventoryList => "inventory_list",
            Self::IdentityAttestation => "identity_attestation",
            Self::GovernanceProposal => "governance_proposal",
            Self::GovernanceVote => "governance_vote",
            Self::GovernanceWithdrawal => "governance_withdrawal",
            Self::OwnKeys => "own_keys",
            Self::SpotCheck => "spot_check",
            Self::SpotCheckAnswer => "spot_check_answer",
            Self::SpotCheckResult => "spot_check_result",
            Self::Erasure => "erasure",
            Self::CaseGrant => "case_grant",
            Self::PeriodGrant => "period_grant",
            Self::GrantWithdrawal => "grant_withdrawal",
            Self::AssistanceRequest => "assistance_request",
            Self::AssistanceAnswer => "assistance_answer",
            Self::Inspection => "inspection",
            Self::ReadReport => "read_report",
            Self::ExportOrder => "export_order",
            Self::FundsReceipt => "funds_receipt",
            Self::ExportWaybill => "export_waybill",
            Self::Arrival => "arrival",
            Self::Departure => "departure",
            Self::ExportList => "export_list",
            Self::ExportListCancellation => "export_list_cancellation",
            Self::ConsolidationBill => "consolidation_bill",
            Self::SummaryApplication => "summary_application",
            Self::ExportReturn => "export_return",
            Self::ReturnTally => "return_tally",
            Self::WaybillStatus => "waybill_status",
            Self::ListCancellation => "list_cancellation",
            Self::ListReturn => "list_return",
            Self::WarehouseReceipt => "warehouse_receipt",
            Self::TaxBill => "tax_bill",
            Self::TaxBillStatus => "tax_bill_status",
            Self::ListStatus => "list_status",
        }
    }

    /// The purpose of the keys that sign it: whoever only operates neither governs, nor opens more
    /// than one case at a time to others.
    pub fn key_purpose(self) -> KeyPurpose {
        match self {
            Self::Order
            | Self::Payment
            | Self::Waybill
            | Self::InventoryList
            | Self::IdentityAttestation
            | Self::SpotCheck
            | Self::SpotCheckAnswer
            | Self::SpotCheckResult
            | Self::Erasure
            | Self::CaseGrant
            | Self::GrantWithdrawal
            | Self::AssistanceRequest
            | Self::Inspection
            | Self::ExportOrder
            | Self::FundsReceipt
            | Self::ExportWaybill
            | Self::Arrival
            | Self::Departure
            | Self::ExportList
            | Self::ExportListCancellation
            | Self::ConsolidationBill
            | Self::SummaryApplication
            | Self::ExportReturn
            | Self::ReturnTally
            | Self::WaybillStatus
            | Self::ListCancellation
            | Self::ListReturn
            | Self::WarehouseReceipt
            | Self::TaxBill
            | Self::TaxBillStatus
            | Self::ListStatus => KeyPurpose::Operator,
            Self::GovernanceProposal
            | Self::GovernanceVote
            | Self::GovernanceWithdrawal
            | Self::OwnKeys
            | Self::PeriodGrant
            | Self::AssistanceAnswer => KeyPurpose::Admin,
            Self::ReadReport => KeyPurpose::Node,
        }
    }

    /// Whether it belongs to a trade; the others change the zone, or who sees what.
    pub fn is_of_trade(self) -> bool {
        self.is_of_export()
            || self.is_of_clearance()
            || matches!(
                self,
                Self::Order
                    | Self::Payment
                    | Self::Waybill
                    | Self::InventoryList
                    | Self::IdentityAttestation
            )
    }

    /// Whether it follows an import list: what is said of it after it was declared, and of its
    /// goods.
    pub fn is_of_clearance(self) -> bool {
        matches!(
            self,
            Self::WaybillStatus
                | Self::ListCancellation
                | Self::ListReturn
                | Self::WarehouseReceipt
                | Self::TaxBill
                | Self::TaxBillStatus
                | Self::ListStatus
        )
    }

    /// Whether it belongs to an export.
    pub fn is_of_export(self) -> bool {
        matches!(
            self,
            Self::ExportOrder
                | Self::FundsReceipt
                | Self::ExportWaybill
                | Self::Arrival
                | Self::Departure
                | Self::ExportList
                | Self::ExportListCancellation
                | Self::ConsolidationBill
                | Self::SummaryApplication
                | Self::ExportReturn
                | Self::ReturnTally
        )
    }
}

impl Document {
    /// Reads a document from its canonical bytes.
    ///
    /// # Errors
    /// When the bytes are too long or not canonical.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        codec::decode(bytes, DOCUMENT_BYTES_MAX)
    }

    /// The canonical bytes.
    pub fn encode(&self) -> Vec<u8> {
        codec::encode(self)
    }

    /// What kind of document it is.
    pub fn kind(&self) -> DocumentKind {
        match self.body {
            Body::Order(_) => DocumentKind::Order,
            Body::Payment(_) => DocumentKind::Payment,
            Body::Waybill(_) => DocumentKind::Waybill,
            Body::InventoryList(_) => DocumentKind::InventoryList,
            Body::IdentityAttestation(_) => DocumentKind::IdentityAttestation,
            Body::GovernanceProposal(_) => DocumentKind::GovernanceProposal,
            Body::GovernanceVote(_) => DocumentKind::GovernanceVote,
            Body::GovernanceWithdrawal(_) => DocumentKind::GovernanceWithdrawal,
            Body::OwnKeys(_) => DocumentKind::OwnKeys,
            Body::SpotCheck(_) => DocumentKind::SpotCheck,
            Body::SpotCheckAnswer(_) => DocumentKind::SpotCheckAnswer,
            Body::SpotCheckResult(_) => DocumentKind::SpotCheckResult,
            Body::Erasure(_) => DocumentKind::Erasure,
            Body::CaseGrant(_) => DocumentKind::CaseGrant,
            Body::PeriodGrant(_) => DocumentKind::PeriodGrant,
            Body::GrantWithdrawal(_) => DocumentKind::GrantWithdrawal,
            Body::AssistanceRequest(_) => DocumentKind::AssistanceRequest,
            Body::AssistanceAnswer(_) => DocumentKind::AssistanceAnswer,
            Body::Inspection(_) => DocumentKind::Inspection,
            Body::ReadReport(_) => DocumentKind::ReadReport,
            Body::ExportOrder(_) => DocumentKind::ExportOrder,
            Body::FundsReceipt(_) => DocumentKind::FundsReceipt,
            Body::ExportWaybill(_) => DocumentKind::ExportWaybill,
            Body::Arrival(_) => DocumentKind::Arrival,
            Body::Departure(_) => DocumentKind::Departure,
            Body::ExportList(_) => DocumentKind::ExportList,
            Body::ExportListCancellation(_) => DocumentKind::ExportListCancellation,
            Body::ConsolidationBill(_) => DocumentKind::ConsolidationBill,
            Body::SummaryApplication(_) => DocumentKind::SummaryApplication,
            Body::ExportReturn(_) => DocumentKind::ExportReturn,
            Body::ReturnTally(_) => DocumentKind::ReturnTally,
            Body::WaybillStatus(_) => DocumentKind::WaybillStatus,
            Body::ListCancellation(_) => DocumentKind::ListCancellation,
            Body::ListReturn(_) => DocumentKind::ListReturn,
            Body::WarehouseReceipt(_) => DocumentKind::WarehouseReceipt,
            Body::TaxBill(_) => DocumentKind::TaxBill,
            Body::TaxBillStatus(_) => DocumentKind::TaxBillStatus,
            Body::ListStatus(_) => DocumentKind::ListStatus,
        }
    }
}
