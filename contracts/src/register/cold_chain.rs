//! What the documents of a frozen lot show: C01 to C05. Findings stop nothing; customs decides.

use super::FrozenLot;
use crate::document::{ColdReadings, Excursion};
use crate::limits::FINDINGS_PER_RULE_MAX;
use crate::policy::Policy;
use kanhe_types::time::{CustomsDate, CustomsTime};
use serde::Serialize;
use std::fmt;

/// A rule about frozen lots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum ColdRule {
    /// The documents are there and in force when the lot arrives.
    C01,
    /// It is not too warm for longer than the policy allows.
    C02,
    /// Its cold is shown without gaps longer than the policy allows.
    C03,
    /// What arrived, and what is weighed, is what the documents say.
    C04,
    /// Readings and their excursions agree.
    C05,
}

/// What a rule found of a lot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ColdFinding {
    /// Which rule.
    pub rule: ColdRule,
    /// What was compared.
    pub field: &'static str,
    /// What was to be,
    pub expected: String,
    /// and what is.
    pub found: String,
}

impl ColdFinding {
    /// The finding in an English sentence.
    pub fn english(&self) -> String {
        let Self { expected, found, .. } = self;
        let what = match self.rule {
            ColdRule::C01 => "a document is missing or out of validity at arrival",
            ColdRule::C02 => "the lot was too warm for too long",
            ColdRule::C03 => "nobody shows how cold the lot was",
            ColdRule::C04 => "the weight does not add up",
            ColdRule::C05 => "readings contradict their excursions",
        };
        format!("{what}: expected {expected}, found {found} ({})", self.field)
    }

    /// The finding in a Chinese sentence.
    pub fn chinese(&self) -> String {
        let Self { expected, found, .. } = self;
        let what = match self.rule {
            ColdRule::C01 => "到港时证件缺失或不在有效期内",
            ColdRule::C02 => "温度超标时间过长",
            ColdRule::C03 => "温度记录中断",
            ColdRule::C04 => "重量不符",
            ColdRule::C05 => "温度读数与超温记录矛盾",
        };
        format!("{what}：应为 {expected}，实为 {found}（{}）", self.field)
    }
}

/// A temperature, for people.
struct Celsius(i16);

impl fmt::Display for Celsius {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let tenths = self.0.unsigned_abs();
        write!(f, "{sign}{}.{} °C", tenths / 10, tenths % 10)
    }
}

/// A period, for people.
struct Period(CustomsTime, CustomsTime);

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} min from {} to {}", minutes(self.0, self.1), self.0, self.1)
    }
}

/// Whole minutes between two times, rounded up; none where the second is not later.
fn minutes(from: CustomsTime, to: CustomsTime) -> u64 {
    to.millis().0.saturating_sub(from.millis().0).div_ceil(60_000)
}

impl FrozenLot {
    /// The warmest that it may be under `policy`, in tenths of a degree Celsius.
    pub fn warmest_tenths(&self, policy: &Policy) -> i16 {
        self.facts.warmest_tenths.map_or(policy.cold_max_tenths, |own| {
            // A lot's own bound is never above the policy's.
            own.min(policy.cold_max_tenths)
        })
    }

    /// What the rules find of it under `policy`, ordered by rule; nothing where all is well. Of
    /// each rule the first [`FINDINGS_PER_RULE_MAX`] only.
    pub fn findings(&self, policy: &Policy) -> Vec<ColdFinding> {
        let rules = [
            self.documents_in_force(),
            self.long_excursions(policy),
            self.gaps(policy),
            self.weights(policy),
            self.contradictions(policy),
        ];
        rules
            .into_iter()
            .flat_map(|findings| findings.into_iter().take(FINDINGS_PER_RULE_MAX))
            .collect()
    }

    /// The readings by when they begin.
    fn in_order(&self) -> Vec<&ColdReadings> {
        let mut readings: Vec<&ColdReadings> = self.readings.iter().collect();
        readings.sort_by_key(|own| (own.from, own.to));
        readings
    }

    fn documents_in_force(&self) -> Vec<ColdFinding> {
        let Some(arrival) = &self.arrival else { return Vec::new() };
        let day = CustomsDate::from_millis(arrival.time.millis());
        let mut findings = Vec::new();
        let mut say = |field, expected: String, found: String| {
            findings.push(ColdFinding { rule: ColdRule::C01, field, expected, found });
        };
        match &self.facts.documents.health {
            None => say("health", format!("a certificate on {day}"), "none".to_owned()),
            Some(own) if day < own.issued => {
                say("health.issued", format!("at the latest {day}"), own.issued.to_string());
            }
            Some(_) => {}
        }
        match &self.facts.documents.permit {
            None => say("permit", format!("a permit on {day}"), "none".to_owned()),
            Some(own) if own.valid_until < day => {
                say("permit.validUntil", format!("{day} or later"), own.valid_until.to_string());
            }
            Some(_) => {}
        }
        findings
    }

    fn long_excursions(&self, policy: &Policy) -> Vec<ColdFinding> {
        let bound = self.warmest_tenths(policy);
        let allowed = policy.cold_excursion_minutes;
        let is_long = |own: &&Excursion| {
            bound < own.peak_tenths && u64::from(allowed) < minutes(own.from, own.to)
        };
        let all = self.in_order().into_iter().flat_map(|own| &own.excursions);
        let findings = all.filter(is_long).map(|own| ColdFinding {
            rule: ColdRule::C02,
            field: "readings.excursions",
            expected: format!("above {} for at most {allowed} min", Celsius(bound)),
            found: format!("{}, {}", Celsius(own.peak_tenths), Period(own.from, own.to)),
        });
        findings.collect()
    }

    /// Between its loading (or split), its readings, and its arrival.
    fn gaps(&self, policy: &Policy) -> Vec<ColdFinding> {
        let allowed = policy.cold_gap_minutes;
        let mut shown_until = self.since;
        let mut findings = Vec::new();
        let mut periods: Vec<(CustomsTime, CustomsTime)> =
            self.in_order().into_iter().map(|own| (own.from, own.to)).collect();
        let last = periods.iter().map(|(_, to)| *to).max().unwrap_or(self.since);
        if let Some(arrival) = self.arrival.as_ref().filter(|arrival| last < arrival.time) {
            periods.push((arrival.time, arrival.time));
        }
        for (from, to) in periods {
            if u64::from(allowed) < minutes(shown_until, from) {
                findings.push(ColdFinding {
                    rule: ColdRule::C03,
                    field: "readings",
                    expected: format!("at most {allowed} min without readings"),
                    found: Period(shown_until, from).to_string(),
                });
            }
            shown_until = shown_until.max(to);
        }
        findings
    }

    fn weights(&self, policy: &Policy) -> Vec<ColdFinding> {
        let mut findings = Vec::new();
        let mut compare = |field, expected: String, found: String, fits: bool| {
            if !fits {
                findings.push(ColdFinding { rule: ColdRule::C04, field, expected, found });
            }
        };
        let tolerance = policy.weight_tolerance_kg;
        let kilograms = |weight| format!("{weight} kg ± {tolerance} kg");
        let facts = &self.facts;
        if let Some(own) = &self.arrival {
            let is_near = own.weight.distance(facts.net_weight).is_some_and(|by| by <= tolerance);
            let expected = kilograms(facts.net_weight);
            compare("arrival.weight", expected, format!("{} kg", own.weight), is_near);
            let (expected, found) = (facts.pieces.to_string(), own.pieces.to_string());
            compare("arrival.pieces", expected, found, facts.pieces == own.pieces);
        }
        for own in &self.weighings {
            let is_near = own.found.distance(own.expected).is_some_and(|by| by <= tolerance);
            let expected = kilograms(own.expected);
            compare("weighings.found", expected, format!("{} kg", own.found), is_near);
        }
        findings
    }

    fn contradictions(&self, policy: &Policy) -> Vec<ColdFinding> {
        let bound = self.warmest_tenths(policy);
        let mut findings = Vec::new();
        for own in self.in_order() {
            let peak = own.excursions.iter().map(|excursion| excursion.peak_tenths).max();
            let expected = match peak {
                // What is above the bound is an excursion,
                None if bound < own.maximum_tenths => format!("at most {}", Celsius(bound)),
                // and the warmest reading is the warmest of them.
                Some(peak) if peak.max(bound) < own.maximum_tenths => Celsius(peak).to_string(),
                Some(peak) if own.maximum_tenths < peak => Celsius(peak).to_string(),
                _ => continue,
            };
            let field = "readings.maximumTenths";
            let found = Celsius(own.maximum_tenths).to_string();
            findings.push(ColdFinding { rule: ColdRule::C05, field, expected, found });
        }
        findings
    }
}
