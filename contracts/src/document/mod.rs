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

/// What a family of kinds is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// An import, up to its list.
    Import,
    /// What follows an import list: what is said of it after it was declared, and of its goods.
    Clearance,
    /// An export.
    Export,
    /// The zone itself.
    Governance,
    /// Originals, and what becomes of them.
    Originals,
    /// Who sees what.
    Access,
}

/// From one table: `Body` with a variant for each kind of document, and `DocumentKind` with what
/// is true of all documents of a kind. The order is the encoding's; new kinds come last. The
/// attributes of `Body` stand with the table, because its derived code must see the same names.
macro_rules! kinds {
    (
        Body: $(#[$($body:tt)*])*;
        $($(#[$doc:meta])* $kind:ident: $name:literal, $purpose:ident, $family:ident;)+
    ) => {
        $(#[$($body)*])*
        pub enum Body {
            $($(#[$doc])* #[serde(rename = $name)] $kind($kind),)+
        }

        /// The kinds of documents.
        #[derive(
            Clone,
            Copy,
            Debug,
            PartialEq,
            Eq,
            PartialOrd,
            Ord,
            Encode,
            Decode,
            Serialize,
            Deserialize,
        )]
        #[bincode(crate = "kanhe_types::codec::bincode")]
        pub enum DocumentKind {
            $($(#[$doc])* #[serde(rename = $name)] $kind,)+
        }

        impl Body {
            /// What kind of document it makes.
            pub fn kind(&self) -> DocumentKind {
                match self {
                    $(Self::$kind(_) => DocumentKind::$kind,)+
                }
            }
        }

        impl DocumentKind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$kind,)+];

            /// The name that JSON and the command line use.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)+
                }
            }

            /// The purpose of the keys that sign it: whoever only operates neither governs, nor
            /// opens more than one case at a time to others.
            pub fn key_purpose(self) -> KeyPurpose {
                match self {
                    $(Self::$kind => KeyPurpose::$purpose,)+
                }
            }

            /// What it is about.
            pub fn family(self) -> Family {
                match self {
                    $(Self::$kind => Family::$family,)+
                }
            }
        }
    };
}

kinds! {
    Body:
    /// What a document says: one variant for each kind.
    #[allow(
        clippy::large_enum_variant,
        reason = "documents are decoded and dropped one by one; a box would only add an allocation"
    )]
    #[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
    #[bincode(crate = "kanhe_types::codec::bincode")]
    #[serde(tag = "kind")];

    /// Import order, message 311.
    Order: "order", Operator, Import;
    /// Payment, message 411.
    Payment: "payment", Operator, Import;
    /// Waybill, message 511.
    Waybill: "waybill", Operator, Import;
    /// Inventory list, message 621.
    InventoryList: "inventory_list", Operator, Import;
    /// An agency's statement that an orderer's identity was checked.
    IdentityAttestation: "identity_attestation", Operator, Import;
    /// An agency proposes changes of the zone.
    GovernanceProposal: "governance_proposal", Admin, Governance;
    /// An agency votes on a proposal.
    GovernanceVote: "governance_vote", Admin, Governance;
    /// An agency takes its proposal back.
    GovernanceWithdrawal: "governance_withdrawal", Admin, Governance;
    /// An organisation changes its own keys.
    OwnKeys: "own_keys", Admin, Governance;
    /// An agency asks to see an original.
    SpotCheck: "spot_check", Operator, Originals;
    /// The sender answers.
    SpotCheckAnswer: "spot_check_answer", Operator, Originals;
    /// The agency says what the original shows.
    SpotCheckResult: "spot_check_result", Operator, Originals;
    /// A sender destroyed an original.
    Erasure: "erasure", Operator, Originals;
    /// A party lets another organisation see a case.
    CaseGrant: "case_grant", Operator, Access;
    /// An organisation lets another see its cases of a period.
    PeriodGrant: "period_grant", Admin, Access;
    /// A grant is taken back.
    GrantWithdrawal: "grant_withdrawal", Operator, Access;
    /// An agency asks another to let it see.
    AssistanceRequest: "assistance_request", Operator, Access;
    /// The agency that was asked answers.
    AssistanceAnswer: "assistance_answer", Admin, Access;
    /// An agency has inspected a trade.
    Inspection: "inspection", Operator, Access;
    /// What agencies read, said by the node that showed it.
    ReadReport: "read_report", Node, Access;
    /// Export order, message 303.
    ExportOrder: "export_order", Operator, Export;
    /// Receipt of funds, message 403.
    FundsReceipt: "funds_receipt", Operator, Export;
    /// Export waybill, message 505.
    ExportWaybill: "export_waybill", Operator, Export;
    /// Arrival at the supervised site, message 507.
    Arrival: "arrival", Operator, Export;
    /// Departure from the country, message 509.
    Departure: "departure", Operator, Export;
    /// Export list, message 603.
    ExportList: "export_list", Operator, Export;
    /// Cancellation of an export list, message 605.
    ExportListCancellation: "export_list_cancellation", Operator, Export;
    /// Master and house bill, message 607.
    ConsolidationBill: "consolidation_bill", Operator, Export;
    /// Summary application, message 701.
    SummaryApplication: "summary_application", Operator, Export;
    /// Return of exported goods, message 213.
    ExportReturn: "export_return", Operator, Export;
    /// Tally of a return, message 215.
    ReturnTally: "return_tally", Operator, Export;
    /// Status of a waybill, message 513.
    WaybillStatus: "waybill_status", Operator, Clearance;
    /// Cancellation of an import list, message 623.
    ListCancellation: "list_cancellation", Operator, Clearance;
    /// Return of imported goods, message 625.
    ListReturn: "list_return", Operator, Clearance;
    /// Receipt at a supervised site, message 711.
    WarehouseReceipt: "warehouse_receipt", Operator, Clearance;
    /// Electronic tax bill, message 816.
    TaxBill: "tax_bill", Operator, Clearance;
    /// Where a tax bill stands, message 818.
    TaxBillStatus: "tax_bill_status", Operator, Clearance;
    /// Where customs says that a list stands.
    ListStatus: "list_status", Operator, Clearance;
}

impl DocumentKind {
    /// Whether it belongs to a trade; the others change the zone, or who sees what.
    pub fn is_of_trade(self) -> bool {
        matches!(self.family(), Family::Import | Family::Clearance | Family::Export)
    }

    /// Whether it follows an import list.
    pub fn is_of_clearance(self) -> bool {
        self.family() == Family::Clearance
    }

    /// Whether it belongs to an export.
    pub fn is_of_export(self) -> bool {
        self.family() == Family::Export
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
        self.body.kind()
    }
}
