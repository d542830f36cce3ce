//! The risk world: months of trade with patterns of risk at known rates, and with what looks like
//! them and is in order.
//!
//! It is there to say how good rules of risk are, so it is written before they are and by what
//! offenders and the honest do, not by what a rule asks (decision 0048). [`RiskWorld::new`] plans
//! all trades, some hundred bytes each; [`RiskWorld::days`] makes their documents day by day, in
//! the order of time, so that a world of 100,000 trades never is in memory as documents.
//!
//! ```
//! use kanhe_gateway::world::full::risk::{RiskConfig, RiskParameters, RiskWorld};
//!
//! let world = RiskWorld::new(RiskConfig {
//!     seed: 1,
//!     trades: 1_000,
//!     start: "20260301000000".parse()?,
//!     parameters: RiskParameters::written(),
//! });
//! let documents: usize = world
//!     .days()
//!     .flat_map(|day| day.submissions)
//!     .map(|submission| submission.documents.len())
//!     .sum();
//! assert!(world.truth().trades.len() * 4 < documents);
//! # Ok::<(), kanhe_types::time::ParseTimeError>(())
//! ```

mod bursts;
mod capital;
mod cast;
mod deal;
mod files;
mod identities;
mod logistics;
mod neighbours;
mod parameters;
mod pattern;
mod people;
mod plan;
mod prices;
mod stock;
mod stream;
mod truth;

pub use parameters::{Range, RiskParameters};
pub use pattern::{LookAlike, RiskPattern};
pub use stream::{RiskDay, RiskDays, RiskSubmission};
pub use truth::{OrganisationRisk, RiskTruth, TradeRisk};

use super::cast::Member;
use crate::pseudonymise::PseudonymKey;
use deal::{Deal, Way};
use kanhe_contracts::policy::{Direction, Policy};
use kanhe_types::pseudonym::PseudonymScope;
use kanhe_types::time::{CustomsTime, Millis};
use plan::Planned;

/// What to generate.
#[derive(Clone, Debug)]
pub struct RiskConfig {
    /// Where the randomness comes from.
    pub seed: u64,
    /// How many trades. Of each pattern there are three at least, so that a world of less than
    /// some thousand has more offences than its rates say, and may have more trades than this.
    pub trades: usize,
    /// Midnight of the first day. Orders come for ninety days, money for some exports up to
    /// forty-five days later; all of it has to be in one year.
    pub start: CustomsTime,
    /// What it is like.
    pub parameters: RiskParameters,
}

/// A brand with who holds it: names of goods that contain it are its.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Brand {
    /// The brand.
    pub name: &'static str,
    /// The holder's customs code.
    pub holder: &'static str,
}

/// A planned world.
pub struct RiskWorld {
    config: RiskConfig,
    planned: Planned,
    truth: RiskTruth,
}

impl RiskWorld {
    /// Plans a world. The same configuration gives the same world.
    pub fn new(config: RiskConfig) -> Self {
        let planned = plan::plan(&config);
        let truth = truth_of(&config, &planned);
        Self { config, planned, truth }
    }

    /// What is planted in it.
    pub fn truth(&self) -> &RiskTruth {
        &self.truth
    }

    /// Its documents, by day and in each day by time.
    pub fn days(&self) -> RiskDays<'_> {
        RiskDays::new(&self.config, &self.planned)
    }

    /// Every organisation that is registered, by code. The same for all worlds.
    pub fn organisations(&self) -> Vec<Member> {
        cast::members()
    }

    /// The policy under which its documents are right. It has no rules of risk.
    pub fn policy(&self) -> Policy {
        cast::policy()
    }

    /// The recorded brands.
    pub fn brands(&self) -> Vec<Brand> {
        let holders = cast::BRANDS.iter().zip(cast::IMPORTERS_OF.iter());
        holders.map(|(name, holder)| Brand { name, holder: holder.code }).collect()
    }

    /// Commodity codes that are watched.
    pub fn watched_codes(&self) -> Vec<&'static str> {
        cast::watched_codes()
    }

    /// Words in names of goods that are watched.
    pub fn watched_words(&self) -> Vec<&'static str> {
        cast::WATCHED_WORDS.to_vec()
    }

    /// The key of all its pseudonyms: known to everybody, as nobody in the world exists.
    pub fn pseudonym_key(&self) -> PseudonymKey {
        key(&self.config)
    }
}

fn key(config: &RiskConfig) -> PseudonymKey {
    let epoch = u16::try_from(config.start.year()).unwrap_or_default();
    PseudonymKey { scope: PseudonymScope { key_id: 0, epoch }, key: [7; 32] }
}

/// The number of a trade in all its documents: those of different worlds differ.
fn number(config: &RiskConfig, index: usize) -> String {
    let world = plan::mixed(config.seed, &[0]).next() >> 32;
    format!("{world:08X}{index:07}")
}

fn truth_of(config: &RiskConfig, planned: &Planned) -> RiskTruth {
    let trades = planned.deals.iter().enumerate().map(|(index, deal)| {
        let number = number(config, index);
        let (direction, platform, order_no) = match &deal.way {
            Way::Import(purchase) => (Direction::Import, purchase.platform, format!("KIO{number}")),
            Way::Export(sale) => (Direction::Export, sale.platform, format!("KEO{number}")),
        };
        TradeRisk {
            direction,
            platform: platform.code.to_owned(),
            order_no,
            pattern: deal.label.pattern,
            look_alike: deal.label.look_alike,
            ring: deal.label.ring,
            value: deal.label.value_cents,
        }
    });
    let mut truth = RiskTruth {
        seed: config.seed,
        parameters: config.parameters.name.to_owned(),
        start: config.start,
        end: end(config, &planned.deals),
        planted: Default::default(),
        look_alikes: Default::default(),
        organisations: planned.organisations.clone(),
        trades: trades.collect(),
    };
    for trade in &truth.trades {
        let add = |count: &mut usize| *count = count.saturating_add(1);
        if let Some(pattern) = trade.pattern {
            add(truth.planted.entry(pattern).or_default());
        }
        if let Some(look) = trade.look_alike {
            add(truth.look_alikes.entry(look).or_default());
        }
    }
    truth
}

/// A moment after every document.
fn end(config: &RiskConfig, deals: &[Deal]) -> CustomsTime {
    let last = deals.last().map_or(config.start.millis(), Deal::begins);
    CustomsTime::from_millis(Millis(last.0.saturating_add(capital::TAIL_MS)))
}

#[cfg(test)]
mod tests;
