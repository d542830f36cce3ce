//! Journeys (运输行程): the legs of a bill by rail, water, road and air, and what happens on them.

use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::hash::Hash;
use kanhe_types::time::CustomsTime;
use serde::{Deserialize, Serialize};

/// What is done about a journey. Legs are numbered from 1.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum JourneyAct {
    /// A carrier says how a bill will travel.
    Plan(JourneyPlan),
    /// The goods left on a leg.
    Depart {
        /// Which leg.
        leg: u32,
        /// The train, voyage, flight or vehicle.
        conveyance: String,
        /// When.
        time: CustomsTime,
    },
    /// The goods came to the end of a leg.
    Arrive {
        /// Which leg.
        leg: u32,
        /// When.
        time: CustomsTime,
    },
    /// A seal was put on, at the beginning of a leg or on it.
    Seal {
        /// Which leg.
        leg: u32,
        /// The seal's number.
        seal_no: String,
        /// When.
        time: CustomsTime,
    },
    /// Something else happened on a leg.
    Report(JourneyReport),
}

/// How a bill travels.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct JourneyPlan {
    /// The bill, as waybills, lists and consolidation bills name it.
    pub bill_no: String,
    /// Its legs, in their order.
    pub legs: Vec<Leg>,
}

/// A leg as it is planned.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Leg {
    /// Mode of transport: `2` water, `3` rail, `4` road, `5` air.
    pub traf_mode: String,
    /// Where it begins,
    pub from: String,
    /// and where it ends.
    pub to: String,
    /// Who carries the goods, where it is another member than who plans.
    #[serde(default)]
    pub carrier: Option<OrganisationCode>,
}

/// What happened on a leg.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct JourneyReport {
    /// Which leg.
    pub leg: u32,
    /// What.
    pub kind: ReportKind,
    /// When.
    pub time: CustomsTime,
    /// The SHA-256 of what shows it.
    #[serde(default)]
    pub evidence: Option<Hash>,
}

/// What can happen on a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum ReportKind {
    /// It takes longer than planned.
    Delay,
    /// Goods are damaged.
    Damage,
    /// Goods are missing.
    Loss,
    /// A border or customs office looked at the goods.
    Control,
    /// A seal is broken or another than was put on.
    SealBroken,
    /// Something else.
    Other,
}
