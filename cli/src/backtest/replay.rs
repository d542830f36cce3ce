//! One policy over a stream of observations.

use kanhe_contracts::expression::Value;
use kanhe_contracts::risk::{
    Engine, Fact, FeatureRecord, FeatureStore, RiskPolicy, Seen, Suspect, Target,
};
use kanhe_contracts::state::StateError;
use kanhe_types::time::Millis;
use std::collections::{BTreeMap, BTreeSet};

const DAY_MS: u64 = 86_400_000;

/// An observation of the stream.
#[derive(Clone, Debug)]
pub struct Event {
    /// Whether what fires counts; otherwise it only fills the features.
    pub counts: bool,
    /// What was observed.
    pub seen: Seen,
}

/// That a rule fired of somebody, or reached back to it, the first time that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strike {
    /// The height.
    pub height: u64,
    /// The time.
    pub time: Millis,
    /// What the rule looked at, by name.
    pub values: Vec<(String, String)>,
}

/// A policy that goes over a stream.
pub struct Replay {
    policy: RiskPolicy,
    engine: Engine,
    features: Features,
    strikes: Vec<BTreeMap<Suspect, Strike>>,
    /// The trades that were observed where it counts, if any rule reaches back to such.
    counted: Option<BTreeSet<Suspect>>,
}

/// What a policy says of a stream.
#[derive(Debug)]
pub struct Run {
    /// The policy.
    pub policy: RiskPolicy,
    /// Whom each rule hit, in the policy's order, with the first time.
    pub strikes: Vec<BTreeMap<Suspect, Strike>>,
}

/// The records of features, in memory.
#[derive(Default)]
struct Features {
    records: BTreeMap<Vec<u8>, FeatureRecord>,
    /// Today, in days since 1970.
    today: u32,
    /// A record that nothing is kept of.
    blank: FeatureRecord,
}

impl Features {
    /// Goes on to a day. What counts in no window any more is forgotten, as a ledger does.
    fn turn(&mut self, now: Millis) {
        let today = u32::try_from(now.0 / DAY_MS).unwrap_or(u32::MAX);
        if self.today < today {
            self.today = today;
            self.records.retain(|_, record| today <= record.until);
        }
    }
}

impl FeatureStore for Features {
    fn record(
        &mut self,
        key: &[u8],
        change: Option<u32>,
    ) -> Result<&mut FeatureRecord, StateError> {
        let Some(days) = change else {
            if let Some(record) = self.records.get_mut(key) {
                return Ok(record);
            }
            self.blank = FeatureRecord::default();
            return Ok(&mut self.blank);
        };
        let record = self.records.entry(key.to_vec()).or_default();
        record.until = record.until.max(self.today.saturating_add(days));
        Ok(record)
    }
}

impl Replay {
    /// A policy before the first observation.
    pub fn new(policy: RiskPolicy) -> Self {
        let engine = Engine::compile(&policy).0;
        let strikes = vec![BTreeMap::new(); policy.rules.len()];
        let reaches = policy.rules.iter().any(|rule| !rule.reaches.is_empty());
        let counted = reaches.then(BTreeSet::new);
        Self { policy, engine, features: Features::default(), strikes, counted }
    }

    /// Takes the next observation.
    pub fn observe(&mut self, event: &Event) {
        let seen = &event.seen;
        self.features.turn(seen.time);
        if let Some(counted) = self.counted.as_mut().filter(|_| event.counts) {
            counted.insert(seen.trade());
        }
        let observation = seen.observation();
        let fired = self.engine.observe(&observation, seen.time, &mut self.features);
        for one in fired.expect("memory can be read") {
            let Some(strikes) = self.strikes.get_mut(one.rule).filter(|_| event.counts) else {
                continue;
            };
            let Some(suspect) = suspect_of(seen, one.target) else { continue };
            let (height, time, values) = (seen.height, seen.time, one.values);
            let strike = Strike { height, time, values };
            for (direction, case) in one.reached {
                let earlier = Suspect::Trade { direction, case };
                if self.counted.as_ref().is_some_and(|counted| counted.contains(&earlier)) {
                    strikes.entry(earlier).or_insert_with(|| strike.clone());
                }
            }
            strikes.entry(suspect).or_insert(strike);
        }
    }

    /// What it said.
    pub fn finish(self) -> Run {
        Run { policy: self.policy, strikes: self.strikes }
    }
}

impl Run {
    /// The scores of all that any rule hit: the rules' weights, at most 100.
    pub fn scores(&self) -> BTreeMap<&Suspect, u8> {
        let mut scores: BTreeMap<&Suspect, u8> = BTreeMap::new();
        for (rule, strikes) in self.policy.rules.iter().zip(&self.strikes) {
            for suspect in strikes.keys() {
                let score = scores.entry(suspect).or_default();
                *score = score.saturating_add(rule.weight).min(100);
            }
        }
        scores
    }

    /// Whom a rule hit; none where the policy has no such rule.
    pub fn strikes_of(&self, rule: &str) -> Option<&BTreeMap<Suspect, Strike>> {
        let place = self.policy.rules.iter().position(|own| own.id == rule)?;
        self.strikes.get(place)
    }
}

/// Whom a rule suspects of an observation: as the ledger does.
fn suspect_of(seen: &Seen, target: Target) -> Option<Suspect> {
    let fact = match target {
        Target::Trade => return Some(seen.trade()),
        Target::Merchant => Fact::Merchant,
        Target::Platform => Fact::Platform,
        Target::PaymentFirm => Fact::PaymentFirm,
        Target::Carrier => Fact::Carrier,
    };
    let Value::Text(code) = seen.get(fact)? else { return None };
    Some(Suspect::Organisation { organisation: code.parse().ok()? })
}
