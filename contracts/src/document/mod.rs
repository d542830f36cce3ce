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
mod register;
mod risk;
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
    SummaryResult, SummedLine,
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
pub use payment::{Payment, PaymentAllocation, PaymentRefund, PaymentShare};
pub use register::{
    AidRequest, AidSubject, Answer, BookCount, CaseRef, Certificate, CertificateAct,
    CertificateFacts, CertificateKind, ColdPlace, ColdReadings, Complaint, ComplaintSubject,
    CountedGoods, Cover, CoverAct, CoverFacts, CreditFact, CreditRecord, CreditRecordAct,
    CustomsGrade, CustomsGradeAct, Deduction, DeductionKind, DepositFacts, Dispute, DisputeAct,
    DisputeClaim, DisputeGround, EnterpriseGrade, EntryAct, Evidence, EvidenceKind, Excursion,
    ExemptLine, ExemptionFacts, ExemptionRefusal, FactKind, FrozenLot, FrozenLotAct, Fund, FundAct,
    FundFacts, FundRef, FundTrade, GradeFacts, HealthCertificate, Journey, JourneyAct, JourneyPlan,
    JourneyReport, Leg, ListNotice, LossClaim, LotDecision, LotDocuments, LotFacts, MovedLine,
    NegativeList, NegativeListAct, NettingFacts, NettingStatement, NettingStatementAct,
    ObjectionAnswer, ObjectionOutcome, Outcome, OverseasAid, OverseasAidAct, OverseasStock,
    OverseasStockAct, PledgeFacts, Position, QuarantinePermit, Receivable, ReceivableAct,
    ReceivableFacts, ReportKind, Right, RightAct, RightFacts, RightHolder, RightKind, Risk,
    Severity, SoldLine, StockFacts, StockLine, StockMove, StockSale, Stocktake, StocktakeAct,
    SubsidyBasis, SubsidyClaim, SubsidyClaimAct, TaxDeposit, TaxDepositAct, TaxExemption,
    TaxExemptionAct,
};
pub use risk::{RiskAct, RiskSignal, SignalSource};
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

/// What kinds of documents are about.
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
    /// Entries of registers.
    Register,
    /// Risk: signals and alerts.
    Risk,
}

/// From one table: `Body` with a variant for each kind of document, and `DocumentKind` with what
/// is true of all documents of a kind. The order is the encoding's; new kinds come last. The
/// attributes of `Body` stand with the table, because its derived code must see the same names.
macro_rules! kinds {
    (
        Body: $(#[$($body:tt)*])*;
        $($(#[$doc:meta])* $kind:ident: $name:literal, $english:literal, $chinese:literal,
            $purpose:ident, $family:ident;)+
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

            /// What people call it in English.
            pub fn english(self) -> &'static str {
                match self {
                    $(Self::$kind => $english,)+
                }
            }

            /// What people call it in Chinese.
            pub fn chinese(self) -> &'static str {
                match self {
                    $(Self::$kind => $chinese,)+
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
    Order: "order", "order", "订单", Operator, Import;
    /// Payment, message 411.
    Payment: "payment", "payment", "支付单", Operator, Import;
    /// Waybill, message 511.
    Waybill: "waybill", "waybill", "运单", Operator, Import;
    /// Inventory list, message 621.
    InventoryList: "inventory_list", "list", "清单", Operator, Import;
    /// An agency's statement that an orderer's identity was checked.
    IdentityAttestation: "identity_attestation", "attestation", "身份核验", Operator, Import;
    /// An agency proposes changes of the zone.
    GovernanceProposal: "governance_proposal", "proposal", "提案", Admin, Governance;
    /// An agency votes on a proposal.
    GovernanceVote: "governance_vote", "vote", "表决", Admin, Governance;
    /// An agency takes its proposal back.
    GovernanceWithdrawal: "governance_withdrawal", "withdrawal", "撤回", Admin, Governance;
    /// An organisation changes its own keys.
    OwnKeys: "own_keys", "change of keys", "密钥变更", Admin, Governance;
    /// An agency asks to see an original.
    SpotCheck: "spot_check", "spot check", "抽查", Operator, Originals;
    /// The sender answers.
    SpotCheckAnswer: "spot_check_answer", "answer", "答复", Operator, Originals;
    /// The agency says what the original shows.
    SpotCheckResult: "spot_check_result", "result", "核验结果", Operator, Originals;
    /// A sender destroyed an original.
    Erasure: "erasure", "deletion record", "删除记录", Operator, Originals;
    /// A party lets another organisation see a case.
    CaseGrant: "case_grant", "grant", "授权", Operator, Access;
    /// An organisation lets another see its cases of a period.
    PeriodGrant: "period_grant", "grant", "授权", Admin, Access;
    /// A grant is taken back.
    GrantWithdrawal: "grant_withdrawal", "withdrawal of a grant", "撤销授权", Operator, Access;
    /// An agency asks another to let it see.
    AssistanceRequest: "assistance_request", "request for assistance", "协查请求", Operator, Access;
    /// The agency that was asked answers.
    AssistanceAnswer: "assistance_answer", "answer", "协查答复", Admin, Access;
    /// An agency has inspected a trade.
    Inspection: "inspection", "inspection", "查验", Operator, Access;
    /// What agencies read, said by the node that showed it.
    ReadReport: "read_report", "report of reads", "查阅报告", Node, Access;
    /// Export order, message 303.
    ExportOrder: "export_order", "order", "订单", Operator, Export;
    /// Receipt of funds, message 403.
    FundsReceipt: "funds_receipt", "receipt of funds", "收款单", Operator, Export;
    /// Export waybill, message 505.
    ExportWaybill: "export_waybill", "waybill", "运单", Operator, Export;
    /// Arrival at the supervised site, message 507.
    Arrival: "arrival", "arrival", "运抵单", Operator, Export;
    /// Departure from the country, message 509.
    Departure: "departure", "departure", "离境单", Operator, Export;
    /// Export list, message 603.
    ExportList: "export_list", "list", "清单", Operator, Export;
    /// Cancellation of an export list, message 605.
    ExportListCancellation: "export_list_cancellation", "cancellation", "撤销申请单", Operator, Export;
    /// Master and house bill, message 607.
    ConsolidationBill: "consolidation_bill", "consolidation bill", "清单总分单", Operator, Export;
    /// Summary application, message 701.
    SummaryApplication: "summary_application", "summary application", "汇总申请单", Operator, Export;
    /// Return of exported goods, message 213.
    ExportReturn: "export_return", "return application", "退货申请单", Operator, Export;
    /// Tally of a return, message 215.
    ReturnTally: "return_tally", "tally", "理货明细单", Operator, Export;
    /// Status of a waybill, message 513.
    WaybillStatus: "waybill_status", "status of the waybill", "运单状态", Operator, Clearance;
    /// Cancellation of an import list, message 623.
    ListCancellation: "list_cancellation", "cancellation", "撤销申请单", Operator, Clearance;
    /// Return of imported goods, message 625.
    ListReturn: "list_return", "return application", "退货申请单", Operator, Clearance;
    /// Receipt at a supervised site, message 711.
    WarehouseReceipt: "warehouse_receipt", "warehouse receipt", "入库明细单", Operator, Clearance;
    /// Electronic tax bill, message 816.
    TaxBill: "tax_bill", "tax bill", "电子税单", Operator, Clearance;
    /// Where a tax bill stands, message 818.
    TaxBillStatus: "tax_bill_status", "status of the tax bill", "电子税单状态", Operator, Clearance;
    /// Where customs says that a list stands.
    ListStatus: "list_status", "customs' status", "海关回执状态", Operator, Clearance;
    /// A dispute over a trade.
    Dispute: "dispute", "dispute", "纠纷", Operator, Register;
    /// A certificate of goods.
    Certificate: "certificate", "certificate", "货物证书", Operator, Register;
    /// A receivable of an exporter.
    Receivable: "receivable", "receivable", "应收账款", Operator, Register;
    /// An insurance cover of a trade.
    Cover: "cover", "insurance cover", "保险", Operator, Register;
    /// A registration of tax-exempt exports without invoices.
    TaxExemption: "tax_exemption", "tax exemption", "无票免税登记", Operator, Register;
    /// A special fund of an agency.
    Fund: "fund", "special fund", "专项资金", Operator, Register;
    /// A claim of a subsidy.
    SubsidyClaim: "subsidy_claim", "subsidy claim", "补贴申请", Operator, Register;
    /// A journey of goods under one bill.
    Journey: "journey", "journey", "运输行程", Operator, Register;
    /// How a payment is divided between orders.
    PaymentAllocation: "payment_allocation", "allocation", "支付分摊单", Operator, Import;
    /// Money of a payment goes back.
    PaymentRefund: "payment_refund", "refund", "退款单", Operator, Import;
    /// A lot of frozen meat.
    FrozenLot: "frozen_lot", "frozen lot", "冻品批次", Operator, Register;
    /// The stock of an overseas warehouse.
    OverseasStock: "overseas_stock", "overseas stock", "海外仓库存", Operator, Register;
    /// An agency says that something is suspicious.
    RiskSignal: "risk_signal", "signal", "风险信息", Operator, Risk;
    /// An agency does something about an alert.
    RiskAct: "risk_act", "act on an alert", "预警处置", Operator, Risk;
    /// An entry of the negative list.
    NegativeList: "negative_list", "negative list entry", "负面清单", Operator, Register;
    /// A fact about an organisation's credit.
    CreditRecord: "credit_record", "credit record", "信用记录", Operator, Register;
    /// A grade that customs gives.
    CustomsGrade: "customs_grade", "customs grade", "海关信用等级", Operator, Register;
    /// A right in a brand, work or invention.
    Right: "right", "right", "权利备案", Operator, Register;
    /// Help with a case abroad.
    OverseasAid: "overseas_aid", "overseas aid", "海外维权援助", Operator, Register;
    /// What customs made of a summary, message 792.
    SummaryResult: "summary_result", "result of a summary", "汇总结果单", Operator, Export;
    /// A count of an account book's goods.
    Stocktake: "stocktake", "stocktake", "库存盘点", Operator, Register;
    /// A deposit of a merchant for the tax of its imports.
    TaxDeposit: "tax_deposit", "deposit for tax", "税款保证金", Operator, Register;
    /// What was kept back of an exporter's receipts, and what reached it.
    NettingStatement: "netting_statement", "netting statement", "轧差结算单", Operator, Register;
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
