//! What offenders do, and what the honest do that looks like it.

use serde::{Deserialize, Serialize};

/// What offenders do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RiskPattern {
    /// A ring buys on the identities and the quotas of many others.
    StolenIdentities,
    /// A merchant's own people order and pay in bursts (刷单).
    OrderStuffing,
    /// One purchase above the limit of a transaction is split into several orders.
    Splitting,
    /// A merchant declares goods far below their price.
    UnderPricing,
    /// Parcels of many orderers end with one reseller (二次销售).
    Resale,
    /// A parcel is signed for before its release, or minutes after it.
    SignedTooSoon,
    /// Parcels of many people are signed for in one minute, hours after their release.
    SignedInBulk,
    /// The parcel weighs something else than its goods.
    WeightWrong,
    /// The order was made after payment and waybill, to fit them (推单).
    OrderPushed,
    /// More is sold from an account book than was taken into it.
    StockMismatch,
    /// Money for exported goods never comes.
    ReceiptMissing,
    /// What comes is far below or far above what was declared.
    ReceiptFarOff,
    /// Money comes for an export that never was.
    ReceiptWithoutExport,
    /// Goods go out and come back, and who pays for them here is who sent them.
    RoundTrip,
    /// Goods that nobody may trade in this way, by their code or in their name.
    SensitiveGoods,
    /// Goods with a recorded brand, cheap, by somebody who may not use it.
    RightsInfringement,
    /// An exporter's receipts of a year end just below the threshold of closer control. It is no
    /// single trade's, so only organisations have it.
    ThresholdHugging,
}

impl RiskPattern {
    /// Every pattern; those of trades first, in the order of [`super::RiskParameters::offences`].
    pub const ALL: [Self; 17] = [
        Self::StolenIdentities,
        Self::OrderStuffing,
        Self::Splitting,
        Self::UnderPricing,
        Self::Resale,
        Self::SignedTooSoon,
        Self::SignedInBulk,
        Self::WeightWrong,
        Self::OrderPushed,
        Self::StockMismatch,
        Self::ReceiptMissing,
        Self::ReceiptFarOff,
        Self::ReceiptWithoutExport,
        Self::RoundTrip,
        Self::SensitiveGoods,
        Self::RightsInfringement,
        Self::ThresholdHugging,
    ];

    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::StolenIdentities => "stolen-identities",
            Self::OrderStuffing => "order-stuffing",
            Self::Splitting => "splitting",
            Self::UnderPricing => "under-pricing",
            Self::Resale => "resale",
            Self::SignedTooSoon => "signed-too-soon",
            Self::SignedInBulk => "signed-in-bulk",
            Self::WeightWrong => "weight-wrong",
            Self::OrderPushed => "order-pushed",
            Self::StockMismatch => "stock-mismatch",
            Self::ReceiptMissing => "receipt-missing",
            Self::ReceiptFarOff => "receipt-far-off",
            Self::ReceiptWithoutExport => "receipt-without-export",
            Self::RoundTrip => "round-trip",
            Self::SensitiveGoods => "sensitive-goods",
            Self::RightsInfringement => "rights-infringement",
            Self::ThresholdHugging => "threshold-hugging",
        }
    }
}

/// What the honest do that looks like an offence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LookAlike {
    /// Somebody pays for a relative at the same address.
    FamilyPays,
    /// Many people have their parcels sent to their office or dormitory.
    SharedAddress,
    /// Many people have their parcels sent to one locker.
    PickUpLocker,
    /// Somebody buys one present for each of several people in one season.
    GiftSeason,
    /// Many people buy one article in some minutes, at a real discount.
    FlashSale,
    /// An assistant pays for colleagues, all at one office.
    AssistantPays,
    /// Somebody buys dear goods up to the annual limit.
    HeavyBuyer,
    /// Husband and wife each buy one of the same dear article.
    CoupleBuys,
    /// Money for exported goods comes weeks later.
    SlowReceipt,
    /// What comes is less by the platform's commission.
    Commission,
    /// A merchant sells the rest of its stock cheaply.
    Clearance,
    /// A carrier's scans of a day all carry the minute of their upload.
    BulkUpload,
    /// A courier delivers around the corner an hour or two after the release.
    NextDoor,
    /// A platform reports its orders hours after their payment, once a day.
    LateUpload,
    /// A warehouse reports some days late what it took in.
    StockReportedLate,
    /// Genuine goods with a recorded brand, by somebody who may not use it, at their price.
    ParallelImport,
    /// A name that begins like that of goods nobody may trade.
    SimilarWord,
}

impl LookAlike {
    /// Every one, in the order of [`super::RiskParameters::look_alikes`].
    pub const ALL: [Self; 17] = [
        Self::FamilyPays,
        Self::SharedAddress,
        Self::PickUpLocker,
        Self::GiftSeason,
        Self::FlashSale,
        Self::AssistantPays,
        Self::HeavyBuyer,
        Self::CoupleBuys,
        Self::SlowReceipt,
        Self::Commission,
        Self::Clearance,
        Self::BulkUpload,
        Self::NextDoor,
        Self::LateUpload,
        Self::StockReportedLate,
        Self::ParallelImport,
        Self::SimilarWord,
    ];
}
