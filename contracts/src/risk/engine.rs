//! Features and rules, compiled once for each version of the policy, and how they are asked.

use super::fact::{FACT_SLOTS, Fact, Observation, Subject};
use super::feature::{FeatureRecord, Held, Window};
use super::policy::{Feature, Measure, RiskPolicy, RiskRule, Target};
use crate::expression::{Fault, Program, Scope, Type, Value};
use crate::limits::{
    FEATURE_KEYS_MAX, REACHES_MAX, RISK_COST_MAX, RISK_FEATURES_MAX, RISK_RULES_MAX,
};
use crate::policy::{Direction, PolicyFault};
use crate::state::StateError;
use crate::state_key::feature_key_bytes;
use kanhe_types::codec;
use kanhe_types::decimal::Decimal;
use kanhe_types::hash::sha256_of;
use kanhe_types::receipt::CaseKey;
use kanhe_types::time::Millis;

/// The features and rules of one policy.
#[derive(Debug, Default)]
pub struct Engine {
    features: Vec<CompiledFeature>,
    groups: Vec<Group>,
    rules: Vec<CompiledRule>,
    /// What there is to do for each subject, in their order.
    plans: Vec<Plan>,
}

/// A feature that can be observed and read.
#[derive(Debug)]
struct CompiledFeature {
    name: String,
    /// The first bytes of the hash of its declaration.
    id: u32,
    on: Subject,
    when: Option<Program>,
    measure: Measure,
    of: Option<Program>,
    percent: u8,
    window: Window,
    blank: Held,
    /// What it gives.
    kind: Type,
}

/// The features of one key: they share a record.
#[derive(Debug)]
struct Group {
    /// The first bytes of the hash of the names of its key.
    id: u32,
    /// The facts of its key.
    key: Vec<Fact>,
    features: Vec<usize>,
    /// For how many days its records are kept.
    days: u32,
}

#[derive(Debug)]
struct CompiledRule {
    index: usize,
    target: Target,
    weight: u8,
    when: Program,
    /// The features whose trades it reaches back to.
    reaches: Vec<Reach>,
}

/// The trades that a feature remembers of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Reach {
    feature: usize,
    /// Of the window before.
    is_last: bool,
}

/// What there is to do when something is observed.
#[derive(Debug, Default)]
struct Plan {
    groups: Vec<Visit>,
    rules: Vec<usize>,
}

/// What there is to do with one record.
#[derive(Debug)]
struct Visit {
    group: usize,
    /// The features that observe,
    updates: Vec<usize>,
    /// and those that rules read.
    reads: Vec<usize>,
}

/// The state keys of the records that an observation needs, by what there is to do; none where a
/// fact of the key is not known.
#[derive(Debug)]
pub(crate) struct Places(Vec<Option<Vec<u8>>>);

/// The values of a key, and where its record stands.
#[derive(Clone)]
struct Place {
    values: Vec<u8>,
    key: Vec<u8>,
}

impl Places {
    /// Those that there are.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &Vec<u8>> {
        self.0.iter().flatten()
    }
}

/// Where records of features are kept.
pub trait FeatureStore {
    /// The record with this state key, a blank one if there is none; `is_changed` if it will be
    /// changed, and for how many days from now it is to be kept then.
    ///
    /// # Errors
    /// When this machine cannot read its state.
    fn record(&mut self, key: &[u8], change: Option<u32>)
    -> Result<&mut FeatureRecord, StateError>;
}

/// A rule that fired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fired {
    /// Its place in the policy.
    pub rule: usize,
    /// Whom or what it suspects.
    pub target: Target,
    /// How much it adds.
    pub weight: u8,
    /// What it looked at: names with their values.
    pub values: Vec<(String, String)>,
    /// Earlier trades that it reaches back to, each once.
    pub reached: Vec<(Direction, CaseKey)>,
}

/// What expressions can name when something is observed.
struct Names<'a> {
    subject: Subject,
    features: &'a [(String, Type)],
}

impl Scope for Names<'_> {
    fn resolve(&self, name: &str) -> Option<(usize, Type)> {
        if let Some(fact) = Fact::from_name(name).filter(|fact| fact.is_of(self.subject)) {
            return Some((fact.slot(), fact.kind()));
        }
        let (is_last, own) = match name.split_once('.')? {
            ("feature", own) => (false, own),
            ("last", own) => (true, own),
            _ => return None,
        };
        let index = self.features.iter().position(|(name, _)| name == own)?;
        let kind = self.features.get(index)?.1;
        Some((slot_of(index, is_last), kind))
    }

    fn names(&self) -> Vec<String> {
        let facts = Fact::ALL.iter().filter(|fact| fact.is_of(self.subject));
        let facts = facts.map(|fact| fact.name().to_owned());
        let now = self.features.iter().map(|(name, _)| format!("feature.{name}"));
        let last = self.features.iter().map(|(name, _)| format!("last.{name}"));
        facts.chain(now).chain(last).collect()
    }
}

/// The slot of what a feature says of the window that runs, or of the last.
fn slot_of(feature: usize, is_last: bool) -> usize {
    FACT_SLOTS.saturating_add(feature.saturating_mul(2)).saturating_add(usize::from(is_last))
}

/// The feature of a slot.
fn feature_of(slot: usize) -> Option<usize> {
    slot.checked_sub(FACT_SLOTS)?.checked_div(2)
}

fn id_of(bytes: &[u8]) -> u32 {
    let [a, b, c, d, ..] = sha256_of(bytes).0;
    u32::from_be_bytes([a, b, c, d])
}

fn fault(path: String, fault: &Fault) -> PolicyFault {
    PolicyFault {
        path,
        expected: fault.expected.clone(),
        found: Some(fault.found.clone()),
        position: Some((fault.line, fault.column)),
    }
}

impl Engine {
    /// The engine of no policy.
    pub const NONE: Self =
        Self { features: Vec::new(), groups: Vec::new(), rules: Vec::new(), plans: Vec::new() };

    /// The engine of a policy, and everything in the policy that cannot be compiled: what is
    /// faulty is left out, and never fires.
    pub fn compile(policy: &RiskPolicy) -> (Self, Vec<PolicyFault>) {
        let mut faults = Vec::new();
        let mut engine = Self::default();
        let mut names: Vec<(String, Type)> = Vec::new();
        for (index, feature) in policy.features.iter().enumerate().take(RISK_FEATURES_MAX) {
            let path = format!("risk.features[{index}]");
            let compiled = CompiledFeature::new(feature, &path, &mut faults);
            names.push((feature.name.clone(), compiled.kind));
            let key: Vec<Fact> =
                feature.key.iter().filter_map(|name| Fact::from_name(name)).collect();
            engine.join(index, key, compiled.window);
            engine.features.push(compiled);
        }
        for (index, rule) in policy.rules.iter().enumerate().take(RISK_RULES_MAX) {
            let scope = Names { subject: rule.on, features: &names };
            match Program::compile(&rule.when, &scope, Type::Bool, RISK_COST_MAX) {
                Err(found) => faults.push(fault(format!("risk.rules[{index}].when"), &found)),
                Ok(when) => {
                    if let Some(found) = engine.unreachable(rule, &when, &names) {
                        let path = format!("risk.rules[{index}].when");
                        faults.push(PolicyFault { path, ..found });
                        continue;
                    }
                    let path = format!("risk.rules[{index}].reaches");
                    let found = engine.reaches_of(rule, &path, &scope, &names);
                    let reaches = found.unwrap_or_else(|found| {
                        faults.push(found);
                        Vec::new()
                    });
                    let RiskRule { target, weight, .. } = *rule;
                    engine.rules.push(CompiledRule { index, target, weight, when, reaches });
                }
            }
        }
        engine.plan(policy);
        (engine, faults)
    }

    /// Puts a feature to those with the same key.
    fn join(&mut self, feature: usize, key: Vec<Fact>, window: Window) {
        let days = window.days_kept();
        if let Some(group) = self.groups.iter_mut().find(|group| group.key == key) {
            group.features.push(feature);
            group.days = group.days.max(days);
            return;
        }
        let names: Vec<&str> = key.iter().map(|fact| fact.name()).collect();
        let id = id_of(names.join(",").as_bytes());
        self.groups.push(Group { id, key, features: vec![feature], days });
    }

    /// A rule may read features only whose keys what it looks at has.
    fn unreachable(
        &self,
        rule: &RiskRule,
        when: &Program,
        names: &[(String, Type)],
    ) -> Option<PolicyFault> {
        let mut features = when.slots().iter().filter_map(|slot| feature_of(*slot));
        features.find_map(|index| self.kept_apart(rule, index, names))
    }

    /// What is wrong if a rule names a feature whose key what it looks at does not have.
    fn kept_apart(
        &self,
        rule: &RiskRule,
        index: usize,
        names: &[(String, Type)],
    ) -> Option<PolicyFault> {
        let group = self.group_of(index)?;
        let fact = group.key.iter().find(|fact| !fact.is_of(rule.on))?;
        let name = names.get(index).map_or("", |(name, _)| name.as_str());
        let expected = format!("features whose keys a {} has", rule.on.name());
        let found = format!("{name}, which is kept by {}", fact.name());
        let fault = PolicyFault::at(String::new(), expected);
        Some(PolicyFault { found: Some(found), ..fault })
    }

    /// The group that a feature is of.
    fn group_of(&self, feature: usize) -> Option<&Group> {
        self.groups.iter().find(|group| group.features.contains(&feature))
    }

    /// Which trades a rule reaches back to, or what is wrong with it.
    fn reaches_of(
        &self,
        rule: &RiskRule,
        path: &str,
        scope: &Names<'_>,
        names: &[(String, Type)],
    ) -> Result<Vec<Reach>, PolicyFault> {
        if !rule.reaches.is_empty() && rule.target != Target::Trade {
            return Err(PolicyFault::at(path, "nothing, unless the rule suspects the trade"));
        }
        if REACHES_MAX < rule.reaches.len() {
            return Err(PolicyFault::at(path, format!("at most {REACHES_MAX} names")));
        }
        let mut reaches = Vec::with_capacity(rule.reaches.len());
        for (place, name) in rule.reaches.iter().enumerate() {
            let path = format!("{path}[{place}]");
            let slot = scope.resolve(name).map(|(slot, _)| slot);
            let reach = slot.and_then(|slot| {
                let feature = feature_of(slot)?;
                let is_recent = self.features.get(feature)?.measure == Measure::Recent;
                is_recent.then(|| Reach { feature, is_last: slot == slot_of(feature, true) })
            });
            let Some(reach) = reach else {
                let expected = "feature.NAME or last.NAME of a feature that measures recent";
                let fault = PolicyFault::at(path, expected);
                return Err(PolicyFault { found: Some(name.clone()), ..fault });
            };
            if let Some(found) = self.kept_apart(rule, reach.feature, names) {
                return Err(PolicyFault { path, ..found });
            }
            reaches.push(reach);
        }
        Ok(reaches)
    }

    /// What there is to do for each subject.
    fn plan(&mut self, policy: &RiskPolicy) {
        for subject in Subject::ALL {
            let mut plan = Plan::default();
            let (mut read, mut reached): (Vec<usize>, Vec<usize>) = (Vec::new(), Vec::new());
            for (place, rule) in self.rules.iter().enumerate() {
                if policy.rules.get(rule.index).is_some_and(|own| own.on == subject) {
                    plan.rules.push(place);
                    read.extend(rule.when.slots().iter().filter_map(|slot| feature_of(*slot)));
                    reached.extend(rule.reaches.iter().map(|reach| reach.feature));
                }
            }
            for (place, group) in self.groups.iter().enumerate() {
                let own = group.features.iter().copied();
                let updates = own.clone().filter(|index| {
                    self.features.get(*index).is_some_and(|feature| feature.on == subject)
                });
                let updates: Vec<usize> = updates.collect();
                // What a rule reaches stands in records that are there when it fires.
                let is_reached = own.clone().any(|index| reached.contains(&index));
                let reads: Vec<usize> = own.filter(|index| read.contains(index)).collect();
                if !updates.is_empty() || !reads.is_empty() || is_reached {
                    plan.groups.push(Visit { group: place, updates, reads });
                }
            }
            self.plans.push(plan);
        }
    }

    /// Whether nothing is ever observed.
    pub fn is_idle(&self) -> bool {
        self.plans.is_empty()
    }

    fn plan_of(&self, subject: Subject) -> Option<&Plan> {
        self.plans.get(subject as usize)
    }

    /// The keys by which features are kept: the names' hash, as it stands in state keys, and the
    /// names.
    pub fn keys(&self) -> Vec<(u32, String)> {
        let names = |group: &Group| {
            let names: Vec<&str> = group.key.iter().map(|fact| fact.name()).collect();
            names.join(" and ")
        };
        self.groups.iter().map(|group| (group.id, names(group))).collect()
    }

    /// What each expression costs at most, by its path in the policy: that of every feature, then
    /// that of every rule.
    pub fn costs(&self) -> Vec<(String, u32)> {
        let mut costs = Vec::new();
        for (index, feature) in self.features.iter().enumerate() {
            for (field, program) in [("when", &feature.when), ("of", &feature.of)] {
                let cost = program.as_ref().map(Program::cost);
                costs.extend(cost.map(|cost| (format!("risk.features[{index}].{field}"), cost)));
            }
        }
        for CompiledRule { index, when, .. } in &self.rules {
            costs.push((format!("risk.rules[{index}].when"), when.cost()));
        }
        costs
    }

    /// Where the records stand that the observations of one case need, for each of them.
    pub(crate) fn places(&self, observations: &[Observation<'_>]) -> Vec<Places> {
        // The lines of a case share its payer and its address: those are hashed once.
        let mut last: Vec<Option<Place>> = vec![None; self.groups.len()];
        let mut of = |observation: &Observation<'_>| {
            let visits = self.plan_of(observation.subject).map_or(&[][..], |plan| &plan.groups);
            let place = |visit: &Visit| {
                let group = self.groups.get(visit.group)?;
                let values = group.values(observation)?;
                let known = last.get_mut(visit.group)?;
                match known.as_ref().filter(|known| known.values == values) {
                    Some(known) => Some(known.key.clone()),
                    None => {
                        let key = group.state_key(&values);
                        *known = Some(Place { values, key: key.clone() });
                        Some(key)
                    }
                }
            };
            Places(visits.iter().map(place).collect())
        };
        observations.iter().map(&mut of).collect()
    }

    /// Counts what is observed, then asks the rules, which see it counted.
    ///
    /// # Errors
    /// When this machine cannot read its state.
    pub fn observe(
        &self,
        observation: &Observation<'_>,
        now: Millis,
        store: &mut impl FeatureStore,
    ) -> Result<Vec<Fired>, StateError> {
        let places = self.places(std::slice::from_ref(observation));
        let Some(places) = places.first() else { return Ok(Vec::new()) };
        self.observe_at(places, observation, &mut Vec::new(), now, store)
    }

    /// The same, where it is known where the records stand. `facts` is room to work in.
    pub(crate) fn observe_at<'a>(
        &self,
        places: &Places,
        observation: &Observation<'a>,
        facts: &mut Vec<Value<'a>>,
        now: Millis,
        store: &mut impl FeatureStore,
    ) -> Result<Vec<Fired>, StateError> {
        let Some(plan) = self.plan_of(observation.subject) else { return Ok(Vec::new()) };
        observation.tell(facts, slot_of(self.features.len(), false));
        for (visit, place) in plan.groups.iter().zip(&places.0) {
            if let Some(place) = place {
                self.visit(visit, place, (observation, facts.as_mut_slice()), now, store)?;
            }
        }
        let mut fired = Vec::new();
        for rule in plan.rules.iter().filter_map(|place| self.rules.get(*place)) {
            if rule.when.evaluate(facts) == Value::Bool(true) {
                fired.push(Fired {
                    rule: rule.index,
                    target: rule.target,
                    weight: rule.weight,
                    values: self.values(rule, facts),
                    reached: self.reached(rule, observation, now, store)?,
                });
            }
        }
        Ok(fired)
    }

    /// The earlier trades that a rule reaches back to.
    fn reached(
        &self,
        rule: &CompiledRule,
        observation: &Observation<'_>,
        now: Millis,
        store: &mut impl FeatureStore,
    ) -> Result<Vec<(Direction, CaseKey)>, StateError> {
        let mut reached: Vec<(Direction, CaseKey)> = Vec::new();
        let is_own = |(direction, case): &(Direction, CaseKey)| {
            observation.trade.is_some_and(|own| own == (*direction, case))
        };
        for Reach { feature, is_last } in &rule.reaches {
            let key = self.group_of(*feature).and_then(|group| {
                let values = group.values(observation)?;
                Some(group.state_key(&values))
            });
            let Some(key) = key else { continue };
            let Some(feature) = self.features.get(*feature) else { continue };
            let window = feature.window.number(now).checked_sub(u32::from(*is_last));
            let record = store.record(&key, None)?;
            let held = window.and_then(|window| record.slot(feature.id)?.of(window));
            let Some(Held::Recent(trades)) = held else { continue };
            for trade in trades.iter().filter(|trade| !is_own(trade)) {
                if !reached.contains(trade) {
                    reached.push(trade.clone());
                }
            }
        }
        Ok(reached)
    }

    fn visit(
        &self,
        visit: &Visit,
        place: &[u8],
        (observation, facts): (&Observation<'_>, &mut [Value<'_>]),
        now: Millis,
        store: &mut impl FeatureStore,
    ) -> Result<(), StateError> {
        let Some(group) = self.groups.get(visit.group) else { return Ok(()) };
        let counting = visit.updates.iter().filter_map(|index| self.features.get(*index));
        let counting = counting.filter(|feature| feature.counts(facts));
        let counting: Vec<&CompiledFeature> = counting.collect();
        let change = (!counting.is_empty()).then_some(group.days);
        let record = store.record(place, change)?;
        for feature in counting {
            let held = record.open(feature.id, feature.window.number(now), &feature.blank);
            feature.add(held, observation.trade, facts);
        }
        for index in &visit.reads {
            let Some(feature) = self.features.get(*index) else { continue };
            let window = feature.window.number(now);
            for (is_last, window) in [(false, Some(window)), (true, window.checked_sub(1))] {
                let held = window.and_then(|window| record.slot(feature.id)?.of(window));
                let value = held.map_or(feature.zero(), |held| feature.value(held));
                if let Some(slot) = facts.get_mut(slot_of(*index, is_last)) {
                    *slot = value;
                }
            }
        }
        Ok(())
    }

    /// What a rule looked at.
    fn values(&self, rule: &CompiledRule, facts: &[Value<'_>]) -> Vec<(String, String)> {
        let slots = rule.when.slots().iter();
        let known = slots.filter_map(|slot| Some((self.name_of(*slot)?, facts.get(*slot)?)));
        known.map(|(name, value)| (name, value.to_string().chars().take(100).collect())).collect()
    }
}

impl Engine {
    /// How a slot is called.
    fn name_of(&self, slot: usize) -> Option<String> {
        let Some(index) = feature_of(slot) else {
            return Fact::ALL.get(slot).map(|fact| fact.name().to_owned());
        };
        let feature = self.features.get(index)?;
        let space = if slot == slot_of(index, true) { "last" } else { "feature" };
        Some(format!("{space}.{}", feature.name))
    }
}

impl CompiledFeature {
    fn new(feature: &Feature, path: &str, faults: &mut Vec<PolicyFault>) -> Self {
        check_key(feature, path, faults);
        let scope = Names { subject: feature.on, features: &[] };
        let mut compile = |field: &str, source: &str, kinds: &[Type]| {
            let mut last = None;
            for kind in kinds {
                match Program::compile(source, &scope, *kind, RISK_COST_MAX) {
                    Ok(program) => return Some((program, *kind)),
                    Err(found) => last = Some(found),
                }
            }
            let faulty = last.map(|found| fault(format!("{path}.{field}"), &found));
            faults.extend(faulty);
            None
        };
        let when = feature.when.as_deref();
        let when = when.and_then(|source| compile("when", source, &[Type::Bool]));
        let kinds: &[Type] = match feature.measure {
            Measure::Count | Measure::Recent => &[],
            Measure::Sum => &[Type::Int, Type::Decimal],
            Measure::Distinct => &[Type::Key, Type::Text, Type::Int],
            Measure::Quantile => &[Type::Decimal],
        };
        let of = feature.of.as_deref().filter(|_| !kinds.is_empty());
        let of = of.and_then(|source| compile("of", source, kinds));
        check_measure(feature, path, faults);
        let (blank, kind) = match feature.measure {
            Measure::Count => (Held::Count(0), Type::Int),
            Measure::Distinct => (Held::Distinct(Vec::new()), Type::Int),
            Measure::Quantile => (Held::Spread(Vec::new()), Type::Decimal),
            Measure::Recent => (Held::Recent(Vec::new()), Type::Int),
            Measure::Sum => (Held::Sum(0), of.as_ref().map_or(Type::Decimal, |(_, kind)| *kind)),
        };
        Self {
            name: feature.name.clone(),
            id: id_of(&codec::encode(feature)),
            on: feature.on,
            // A condition that cannot be compiled never holds.
            when: when.map(|(program, _)| program),
            measure: feature.measure,
            of: of.map(|(program, _)| program),
            percent: feature.percent.unwrap_or(50),
            window: feature.window,
            blank,
            kind,
        }
    }

    fn counts(&self, facts: &[Value<'_>]) -> bool {
        self.when.as_ref().is_none_or(|when| when.evaluate(facts) == Value::Bool(true))
    }

    /// Counts what is observed.
    fn add(&self, held: &mut Held, trade: Option<(Direction, &CaseKey)>, facts: &[Value<'_>]) {
        let value = self.of.as_ref().map(|of| of.evaluate(facts));
        match (self.measure, value) {
            (Measure::Count, _) => held.count(),
            (Measure::Recent, _) => {
                if let Some(trade) = trade {
                    held.remember(trade);
                }
            }
            (Measure::Sum, Some(Value::Int(amount))) => held.sum(amount.into()),
            (Measure::Sum, Some(Value::Decimal(amount))) => held.sum(amount.units()),
            (Measure::Quantile, Some(Value::Decimal(amount))) => held.spread(amount.units()),
            (Measure::Distinct, Some(value)) => {
                let mut bytes = Vec::with_capacity(32);
                append(&mut bytes, &value);
                held.distinct(id_of(&bytes));
            }
            _ => {}
        }
    }

    /// What it says of a window that has nothing.
    fn zero(&self) -> Value<'static> {
        match self.kind {
            Type::Decimal => Value::Decimal(Decimal::ZERO),
            _ => Value::Int(0),
        }
    }

    fn value(&self, held: &Held) -> Value<'static> {
        match (self.measure, self.kind) {
            (Measure::Quantile, _) => Value::Decimal(held.quantile(self.percent)),
            (Measure::Sum, Type::Decimal) => {
                let Held::Sum(sum) = held else { return self.zero() };
                Value::Decimal(Decimal::from_units(*sum).unwrap_or_default())
            }
            _ => Value::Int(held.number()),
        }
    }
}

/// A key is one or two facts of what is observed.
fn check_key(feature: &Feature, path: &str, faults: &mut Vec<PolicyFault>) {
    let path = format!("{path}.key");
    if !(1..=FEATURE_KEYS_MAX).contains(&feature.key.len()) {
        faults.push(PolicyFault::at(path, format!("1 to {FEATURE_KEYS_MAX} facts")));
        return;
    }
    for name in &feature.key {
        let fits = Fact::from_name(name).is_some_and(|fact| {
            fact.is_of(feature.on) && matches!(fact.kind(), Type::Text | Type::Key | Type::Int)
        });
        if !fits {
            let expected = format!("facts of a {} that are text, key or int", feature.on.name());
            let fault = PolicyFault::at(path.clone(), expected);
            faults.push(PolicyFault { found: Some(name.clone()), ..fault });
        }
    }
}

fn check_measure(feature: &Feature, path: &str, faults: &mut Vec<PolicyFault>) {
    let is_counted = matches!(feature.measure, Measure::Count | Measure::Recent);
    if is_counted != feature.of.is_none() {
        let expected = "an expression, unless the measure is count or recent";
        faults.push(PolicyFault::at(format!("{path}.of"), expected));
    }
    let is_quantile = feature.measure == Measure::Quantile;
    let fits = match feature.percent {
        None => !is_quantile,
        Some(percent) => is_quantile && (1..=100).contains(&percent),
    };
    if !fits {
        let expected = "1 to 100 if the measure is quantile, nothing otherwise";
        faults.push(PolicyFault::at(format!("{path}.percent"), expected));
    }
}

/// A value, behind its length.
fn append(bytes: &mut Vec<u8>, value: &Value<'_>) {
    let number;
    let part: &[u8] = match value {
        Value::Text(text) => text.as_bytes(),
        Value::Key(key) => key,
        Value::Int(own) => {
            number = own.to_be_bytes();
            &number
        }
        _ => &[],
    };
    bytes.extend(u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
    bytes.extend_from_slice(part);
}

impl Group {
    /// What an observation has for the facts of the key; nothing if one of them is not known.
    fn values(&self, observation: &Observation<'_>) -> Option<Vec<u8>> {
        let mut bytes = Vec::with_capacity(64);
        for fact in &self.key {
            let value = observation.get(*fact)?;
            if matches!(value, Value::Text("") | Value::Key([])) {
                return None;
            }
            append(&mut bytes, &value);
        }
        Some(bytes)
    }

    /// Where the record with these values stands.
    fn state_key(&self, values: &[u8]) -> Vec<u8> {
        feature_key_bytes(self.id, &sha256_of(values))
    }
}

#[cfg(test)]
mod tests;
