//! Lots of frozen meat (冻品批次) under general trade (0110): documents, cold, weight.

use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::decimal::Decimal;
use kanhe_types::hash::Hash;
use kanhe_types::time::{CustomsDate, CustomsTime};
use serde::{Deserialize, Serialize};

/// What is done about a lot.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum FrozenLotAct {
    /// Its importer states what was loaded.
    Open(Box<LotFacts>),
    /// Its importer opens a lot that another of its own was split for.
    Part {
        /// The number of the lot that was split.
        of: String,
    },
    /// Its importer shows documents that were missing, or newer ones.
    Show(LotDocuments),
    /// Who keeps it, or kept it, says how cold it was.
    Readings(ColdReadings),
    /// It is handed to another keeper.
    Move {
        /// Who keeps it from now on.
        keeper: OrganisationCode,
    },
    /// Its keeper receives it in the country.
    Arrive {
        /// When.
        time: CustomsTime,
        /// Net weight in kilograms, as weighed.
        weight: Decimal,
        /// Pieces, as counted.
        pieces: u32,
    },
    /// Its keeper weighs what is left.
    Weigh {
        /// Net weight in kilograms.
        weight: Decimal,
        /// The SHA-256 of the report.
        report: Hash,
    },
    /// An agency looked at it.
    Inspect {
        /// Whether it is as it should be.
        passed: bool,
        /// The SHA-256 of the report.
        report: Hash,
    },
    /// Customs decides what becomes of it.
    Decide {
        /// What.
        decision: LotDecision,
        /// The SHA-256 of the decision.
        document: Hash,
    },
    /// A part becomes a lot of its own.
    Split {
        /// The new lot's number.
        number: String,
        /// Net weight in kilograms.
        weight: Decimal,
        /// Pieces.
        pieces: u32,
    },
    /// A part is sold.
    Sell {
        /// The SHA-256 of who bought it and of the order, which the importer keeps.
        buyer: Hash,
        /// Net weight in kilograms.
        weight: Decimal,
    },
}

/// What was loaded.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LotFacts {
    /// The producer's number of the lot.
    pub batch_no: String,
    /// The goods' name.
    pub gname: String,
    /// Commodity code, ten digits.
    pub gcode: String,
    /// Country of origin, three digits.
    pub country: String,
    /// The registered number of the plant.
    pub plant_no: String,
    /// The container.
    pub container_no: String,
    /// When it was loaded.
    pub loaded: CustomsTime,
    /// Net weight in kilograms.
    pub net_weight: Decimal,
    /// Pieces.
    pub pieces: u32,
    /// The warmest that it may be, in tenths of a degree Celsius; the policy's where absent.
    #[serde(default)]
    pub warmest_tenths: Option<i16>,
    /// Who keeps it first: a carrier or a warehouse.
    pub keeper: OrganisationCode,
    /// The documents that came with it.
    #[serde(default)]
    pub documents: LotDocuments,
}

/// The documents of a lot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LotDocuments {
    /// The health certificate of the country of origin.
    #[serde(default)]
    pub health: Option<HealthCertificate>,
    /// The permit to import it.
    #[serde(default)]
    pub permit: Option<QuarantinePermit>,
}

/// A health certificate (卫生证书).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HealthCertificate {
    /// Its number.
    pub number: String,
    /// When it was issued.
    pub issued: CustomsDate,
    /// The SHA-256 of it.
    pub digest: Hash,
}

/// A quarantine permit (检疫许可证).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct QuarantinePermit {
    /// Its number.
    pub number: String,
    /// The last day on which it is valid.
    pub valid_until: CustomsDate,
    /// The SHA-256 of it.
    pub digest: Hash,
}

/// How cold a lot was during a period, at one place.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ColdReadings {
    /// Where.
    pub place: ColdPlace,
    /// The number of the container or of the store's room.
    pub place_no: String,
    /// The first reading,
    pub from: CustomsTime,
    /// and the last.
    pub to: CustomsTime,
    /// How many readings.
    pub count: u32,
    /// The coldest, in tenths of a degree Celsius,
    pub minimum_tenths: i16,
    /// and the warmest.
    pub maximum_tenths: i16,
    /// The SHA-256 of the series, which its keeper keeps.
    pub series: Hash,
    /// When it was too warm, in order.
    #[serde(default)]
    pub excursions: Vec<Excursion>,
}

/// Where readings are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum ColdPlace {
    /// A refrigerated container.
    Container,
    /// A cold store.
    ColdStore,
}

/// A time during which it was too warm.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Excursion {
    /// From when,
    pub from: CustomsTime,
    /// until when.
    pub to: CustomsTime,
    /// The warmest, in tenths of a degree Celsius.
    pub peak_tenths: i16,
}

/// What becomes of a lot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum LotDecision {
    /// It may be sold.
    Release,
    /// It may not, for now.
    Hold,
    /// What is left of it is destroyed.
    Destroy,
}
