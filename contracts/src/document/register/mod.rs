//! What is said of entries of registers. Not customs messages.
//!
//! Every such document names an entry by its owner and the owner's number, and does one act: the
//! first opens the entry, later ones follow, and none is changed or deleted. How an act is judged
//! stands with its register in `crate::register`.

mod certificate;
mod cover;
mod credit_record;
mod dispute;
mod frozen_lot;
mod journey;
mod negative_list;
mod netting;
mod overseas_aid;
mod overseas_stock;
mod receivable;
mod right;
mod stocktake;
mod subsidy;
mod tax_deposit;
mod tax_exemption;

pub use certificate::{CertificateAct, CertificateFacts, CertificateKind};
pub use cover::{CoverAct, CoverFacts, LossClaim, Risk};
pub use credit_record::{
    CreditFact, CreditRecordAct, CustomsGradeAct, EnterpriseGrade, FactKind, GradeFacts, Severity,
};
pub use dispute::{Answer, DisputeAct, DisputeClaim, DisputeGround, Outcome, Position};
pub use frozen_lot::{
    ColdPlace, ColdReadings, Excursion, FrozenLotAct, HealthCertificate, LotDecision, LotDocuments,
    LotFacts, QuarantinePermit,
};
pub use journey::{JourneyAct, JourneyPlan, JourneyReport, Leg, ReportKind};
pub use negative_list::{ListNotice, NegativeListAct, ObjectionAnswer, ObjectionOutcome};
pub use netting::{Deduction, DeductionKind, NettingFacts, NettingStatementAct};
pub use overseas_aid::{AidRequest, AidSubject, OverseasAidAct};
pub use overseas_stock::{
    MovedLine, OverseasStockAct, SoldLine, StockFacts, StockLine, StockMove, StockSale,
};
pub use receivable::{PledgeFacts, ReceivableAct, ReceivableFacts};
pub use right::{Complaint, ComplaintSubject, RightAct, RightFacts, RightHolder, RightKind};
pub use stocktake::{BookCount, CountedGoods, StocktakeAct};
pub use subsidy::{FundAct, FundFacts, FundRef, FundTrade, SubsidyBasis, SubsidyClaimAct};
pub use tax_deposit::{DepositFacts, TaxDepositAct};
pub use tax_exemption::{ExemptLine, ExemptionFacts, ExemptionRefusal, TaxExemptionAct};

use crate::policy::Direction;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::hash::Hash;
use kanhe_types::receipt::CaseKey;
use serde::{Deserialize, Serialize};

/// An act on an entry of a register.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EntryAct<A> {
    /// Whose entry it is: who opened it.
    pub owner: OrganisationCode,
    /// The owner's number for it.
    pub number: String,
    /// What is done.
    pub act: A,
}

/// A dispute over a trade.
pub type Dispute = EntryAct<DisputeAct>;
/// A certificate of goods.
pub type Certificate = EntryAct<CertificateAct>;
/// A receivable.
pub type Receivable = EntryAct<ReceivableAct>;
/// An insurance cover.
pub type Cover = EntryAct<CoverAct>;
/// A registration of tax-exempt exports.
pub type TaxExemption = EntryAct<TaxExemptionAct>;
/// A special fund.
pub type Fund = EntryAct<FundAct>;
/// A claim of a subsidy.
pub type SubsidyClaim = EntryAct<SubsidyClaimAct>;
/// A journey of goods under one bill.
pub type Journey = EntryAct<JourneyAct>;
/// A lot of frozen meat.
pub type FrozenLot = EntryAct<FrozenLotAct>;
/// The stock of an overseas warehouse.
pub type OverseasStock = EntryAct<OverseasStockAct>;
/// An entry of the negative list.
pub type NegativeList = EntryAct<NegativeListAct>;
/// A credit record.
pub type CreditRecord = EntryAct<CreditRecordAct>;
/// A grade that customs gives.
pub type CustomsGrade = EntryAct<CustomsGradeAct>;
/// A right in a brand, work or invention.
pub type Right = EntryAct<RightAct>;
/// A case of overseas aid.
pub type OverseasAid = EntryAct<OverseasAidAct>;
/// A count of an account book's goods.
pub type Stocktake = EntryAct<StocktakeAct>;
/// A deposit of a merchant for the tax of its imports.
pub type TaxDeposit = EntryAct<TaxDepositAct>;
/// What was kept back of an exporter's receipts, and what reached it.
pub type NettingStatement = EntryAct<NettingStatementAct>;

/// The trade that an entry is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CaseRef {
    /// Which way its goods go.
    pub direction: Direction,
    /// Its platform.
    pub platform: OrganisationCode,
    /// Its order number.
    pub order_no: String,
}

impl CaseRef {
    /// The key of the case.
    pub fn key(&self) -> CaseKey {
        CaseKey { platform: self.platform.clone(), order_no: self.order_no.clone() }
    }
}

/// Something that shows what is said. It stays with whoever names it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Evidence {
    /// What it is.
    pub kind: EvidenceKind,
    /// Its SHA-256.
    pub digest: Hash,
}

/// What a piece of evidence is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum EvidenceKind {
    /// A contract or order.
    Contract,
    /// A record of a payment.
    Payment,
    /// A record of transport.
    Transport,
    /// A picture or film.
    Picture,
    /// A report of somebody who looked at it: inspection, laboratory, appraisal.
    Report,
    /// Letters and messages.
    Correspondence,
    /// A certificate or licence.
    Certificate,
    /// Something else.
    Other,
}
