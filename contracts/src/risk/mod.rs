//! Risk: what is observed of trades, what is suspicious of it, and what comes of that.
//!
//! At the end of a block, each trade that became complete, was delivered, or stands somewhere else
//! is observed once. Features of the policy count what is observed, by buyer, payer, address,
//! merchant and whatever else the policy names; rules of the policy look at it and at what was
//! counted. What fires adds up to a score. All of it is policy; nothing here knows a pattern.
//!
//! - [`Fact`], [`Observation`]: what is known, by name.
//! - [`RiskPolicy`]: features, rules, levels, terms. `starting`: those that a zone begins with.
//! - [`FeatureRecord`]: what is counted. [`Engine`]: how it is counted, and asked.
//! - `observe`: what cases show. `working`: what a block does.
//! - [`Assessment`], [`Alert`]: what comes of it.
//! - [`Seen`]: observations for whoever looks on.

mod assessment;
mod disposition;
mod engine;
mod fact;
mod feature;
mod observe;
mod policy;
mod records;
mod seen;
mod standing;
mod starting;
mod store;
mod terms;
mod working;

pub use assessment::{
    Alert, AlertAct, AlertCause, AlertState, AlertStep, Assessment, Disposition, Hit,
    ReviewOutcome, RuleRecord, Suspect, VersionRecord, alert, assessment, rule_record,
    version_record,
};
pub use engine::{Engine, FeatureStore, Fired};
pub use fact::{Fact, Observation, Subject};
pub use feature::{FeatureRecord, Held, Slot, Window};
pub use observe::CaseRisk;
pub use policy::{
    AlertPolicy, Feature, InspectionPolicy, Level, Levels, Measure, RiskPolicy, RiskRule, Target,
};
pub use records::{DayTally, RiskRecord};
pub use seen::{Known, Seen};
pub use standing::MerchantDay;
pub use terms::{MerchantTerms, SupervisionTerms};

pub(crate) use disposition::{Acting, Done};
pub(crate) use observe::{Circumstances, Texts, can_be_held, of_export, of_import};
pub(crate) use working::{Outcome, Reached, Risk, Shown};
