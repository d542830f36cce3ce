//! What a block does about risk: it observes what its cases show, asks the rules, and raises
//! alerts.

use super::assessment::{
    Alert, AlertCause, AlertState, Assessment, Hit, RuleRecord, Suspect, VersionRecord,
};
use super::engine::{Fired, Places};
use super::fact::{Fact, Observation, Subject};
use super::feature::Window;
use super::observe::Circumstances;
use super::policy::{Level, Target};
use super::records::{Candidate, Chosen, RiskRecord};
use super::seen::Seen;
use super::standing::Standing;
use super::store::{BlockFeatures, Forgetting, forget};
use super::terms::SupervisionTerms;
use crate::access::{Book, append_value};
use crate::case::load;
use crate::credit::Listed;
use crate::deadlines;
use crate::expression::Value;
use crate::governance::{active_agencies, zone};
use crate::limits::{ALERTS_PER_HEIGHT_MAX, ALERTS_TOGETHER, HITS_MAX, HOURS_PER_HEIGHT_MAX};
use crate::policy::{Direction, Programs};
use crate::registry::{Organisation, Role};
use crate::state::{Overlay, StateError, StateRead};
use crate::state_key::{
    alert_chunk_key_bytes, alert_count_key_bytes, alert_key_bytes, risk_key_bytes,
    rule_record_key_bytes, version_record_key_bytes,
};
use crate::working_set::Write;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec;
use kanhe_types::hash::{Hash, sha256_of};
use kanhe_types::receipt::CaseKey;
use kanhe_types::time::Millis;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A case of the block with what it shows.
pub(crate) struct Shown<'a> {
    pub(crate) direction: Direction,
    pub(crate) case: CaseKey,
    pub(crate) observations: Vec<Observation<'a>>,
}

/// What a block knows of features while it observes its cases, and what it forgets of them.
pub(crate) struct Observing<'b, S> {
    features: BlockFeatures<'b, S>,
    forgetting: Forgetting,
}

/// What comes of it for the case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// Whether it was observed as a whole,
    pub(crate) is_observed: bool,
    /// and whether its delivery was.
    pub(crate) is_delivery_observed: bool,
    /// Whether an alert about it holds it.
    pub(crate) is_held: bool,
}

/// What is known of an earlier trade that a rule reaches back to.
pub(crate) struct Reached {
    /// The merchant, where one is known.
    pub(crate) merchant: Option<OrganisationCode>,
    /// Whether it can still be held.
    pub(crate) can_be_held: bool,
}

/// Of whom or what something is said.
pub(super) struct About<'m> {
    suspect: Suspect,
    /// The merchant of whose trade it is said.
    merchant: Option<&'m OrganisationCode>,
    /// Whether it has left already: nothing is held of it any more.
    is_gone: bool,
    /// Whether it comes by the green channel.
    is_green: bool,
}

impl<'m> About<'m> {
    pub(super) fn new(suspect: Suspect, merchant: Option<&'m OrganisationCode>) -> Self {
        Self { suspect, merchant, is_gone: false, is_green: false }
    }
}

/// What risk does in one block.
pub(crate) struct Risk<'r, 'a, S> {
    pub(super) programs: &'r Programs,
    pub(super) at: Circumstances<'r>,
    /// What nobody knew before the block.
    seed: Hash,
    pub(super) state: &'r mut Overlay<'a, S>,
    pub(super) record: RiskRecord,
    agencies: Option<Vec<Organisation>>,
    pub(super) standings: BTreeMap<OrganisationCode, Rc<Standing>>,
    /// What is demanded of merchants' trades, where merchants are assessed.
    pub(super) terms: Option<SupervisionTerms>,
    /// Who is on the negative list, once somebody asked.
    pub(super) listed: Option<Vec<Listed>>,
    fired: BTreeMap<String, u64>,
    version: VersionRecord,
    /// What was observed, if anybody wants to see it.
    seen: Option<Vec<Seen>>,
    /// Earlier trades that a rule reached back to, and that an alert holds now.
    held_back: Vec<(Direction, CaseKey)>,
}

/// The hour of an instant, since 1970.
fn hour_of(time: Millis) -> u64 {
    time.0.checked_div(3_600_000).unwrap_or(0)
}

impl<'r, 'a, S: StateRead> Risk<'r, 'a, S> {
    pub(crate) fn begin(
        programs: &'r Programs,
        at: Circumstances<'r>,
        seed: Hash,
        state: &'r mut Overlay<'a, S>,
    ) -> Result<Self, StateError> {
        let record = load(&*state, &risk_key_bytes())?.unwrap_or_default();
        Ok(Self {
            programs,
            at,
            seed,
            state,
            record,
            agencies: None,
            standings: BTreeMap::new(),
            terms: None,
            listed: None,
            fired: BTreeMap::new(),
            version: VersionRecord::default(),
            seen: None,
            held_back: Vec::new(),
        })
    }

    /// Merchants are assessed: so much is demanded of their trades so far.
    pub(crate) fn know_terms(&mut self, terms: SupervisionTerms) {
        self.terms = Some(terms);
    }

    /// Somebody wants to see what is observed.
    pub(crate) fn watch(&mut self) {
        self.seen = Some(Vec::new());
    }

    /// What was observed, where somebody wants to see it.
    pub(crate) fn take_seen(&mut self) -> Vec<Seen> {
        self.seen.take().unwrap_or_default()
    }

    /// The alerts about earlier trades that rules reached back to.
    pub(crate) fn take_held_back(&mut self) -> Vec<(Direction, CaseKey)> {
        std::mem::take(&mut self.held_back)
    }

    /// The day, in China, since 1970.
    pub(super) fn today(&self) -> u32 {
        Window::Day.number(self.at.now)
    }

    /// Before the first case is observed.
    pub(crate) fn begin_observing<'b>(
        &mut self,
        base: &'b S,
        writes: &mut Vec<Write>,
    ) -> Result<Observing<'b, S>, StateError> {
        // What is forgotten stands before what is observed: a record may begin again.
        let forgetting = forget(base, &mut self.record, self.at.now, writes)?;
        Ok(Observing { features: BlockFeatures::new(base, self.at.now), forgetting })
    }

    /// Observes what some cases show, in their order, and says what comes of it for each that shows
    /// something. `know` says of an earlier trade what the block has of it; nothing where there is
    /// none.
    pub(crate) fn observe(
        &mut self,
        observing: &mut Observing<'_, S>,
        shown: Vec<Option<Shown<'_>>>,
        know: &impl Fn(Direction, &CaseKey) -> Result<Option<Reached>, StateError>,
    ) -> Result<Vec<Option<Outcome>>, StateError> {
        let engine = &self.programs.risk;
        let places = shown.iter().flatten().map(|own| engine.places(&own.observations));
        let places: Vec<Vec<Places>> = places.collect();
        let features = &mut observing.features;
        features.read(places.iter().flatten().flat_map(Places::keys).cloned().collect())?;
        let (mut places, mut outcomes) = (places.iter(), Vec::with_capacity(shown.len()));
        for own in shown {
            let outcome = match own {
                None => None,
                Some(own) => {
                    let places = places.next().map_or(&[][..], Vec::as_slice);
                    Some(self.observe_case(own, places, know, features)?)
                }
            };
            outcomes.push(outcome);
        }
        Ok(outcomes)
    }

    /// After the last case was observed.
    pub(crate) fn end_observing(
        &mut self,
        observing: Observing<'_, S>,
        writes: &mut Vec<Write>,
    ) -> Result<(), StateError> {
        observing.features.write(observing.forgetting, &mut self.record, writes)
    }

    fn observe_case(
        &mut self,
        shown: Shown<'_>,
        places: &[Places],
        know: &impl Fn(Direction, &CaseKey) -> Result<Option<Reached>, StateError>,
        features: &mut BlockFeatures<'_, S>,
    ) -> Result<Outcome, StateError> {
        let mut outcome = Outcome::default();
        let mut of_trade: Vec<Hit> = Vec::new();
        let place = (shown.direction, shown.case);
        let mut observations = shown.observations;
        let merchant = observations.first().and_then(|own| named(own, Target::Merchant));
        let standing = self.know_merchant(&mut observations)?;
        if let Some(seen) = &mut self.seen {
            let (height, time) = (self.at.height, self.at.now);
            seen.extend(observations.iter().map(|own| Seen::of(own, &place, height, time)));
        }
        let mut holds = false;
        if let Some(standing) = standing.as_deref() {
            (of_trade, holds) = self.said_of_goods(standing, &observations, &place);
        }
        let engine = &self.programs.risk;
        let mut facts = Vec::new();
        for (observation, places) in observations.iter().zip(places) {
            outcome.is_observed |= matches!(observation.subject, Subject::Trade | Subject::Export);
            outcome.is_delivery_observed |= observation.subject == Subject::Delivery;
            let fired =
                engine.observe_at(places, observation, &mut facts, self.at.now, features)?;
            for mut one in fired {
                let suspected = named(observation, one.target);
                let earlier = std::mem::take(&mut one.reached);
                let Some(hit) = self.hit(one, observation.subject, &place) else { continue };
                for trade in earlier {
                    self.reach(&hit, trade, know)?;
                }
                match suspected {
                    None => of_trade.push(hit),
                    Some(organisation) => {
                        let suspect = Suspect::Organisation { organisation };
                        self.assess(About::new(suspect, merchant.as_ref()), vec![hit], None)?;
                    }
                }
            }
        }
        let (mut chosen, mut is_green) = (None, false);
        if outcome.is_observed && place.0 == Direction::Import {
            let standing = standing.as_deref();
            is_green = standing.is_some_and(Standing::is_green);
            chosen = self.choose(&place.1, &of_trade, standing);
        }
        if !of_trade.is_empty() || chosen.is_some() {
            let (direction, case) = place;
            let suspect = Suspect::Trade { direction, case };
            let about = About { is_green, ..About::new(suspect.clone(), merchant.as_ref()) };
            let alert = match self.assess(about, of_trade, chosen)? {
                // One that is open holds it, if something does.
                None if holds => self.last_alert(&suspect)?,
                raised => raised,
            };
            outcome.is_held = self.hold(alert, holds)?;
        }
        Ok(outcome)
    }

    /// Says of an earlier trade what fired of a later one, unless the rule has said so before.
    fn reach(
        &mut self,
        hit: &Hit,
        (direction, case): (Direction, CaseKey),
        know: &impl Fn(Direction, &CaseKey) -> Result<Option<Reached>, StateError>,
    ) -> Result<(), StateError> {
        let suspect = Suspect::Trade { direction, case: case.clone() };
        let held = super::assessment::assessment(&*self.state, &suspect)?;
        if held.is_some_and(|held| held.hits.iter().any(|own| own.rule == hit.rule)) {
            return Ok(());
        }
        let Some(known) = know(direction, &case)? else { return Ok(()) };
        let Reached { merchant, can_be_held } = known;
        self.count_fired(&hit.rule);
        let about = About { is_gone: !can_be_held, ..About::new(suspect, merchant.as_ref()) };
        if self.assess(about, vec![hit.clone()], None)?.is_some_and(|alert| alert.holds) {
            self.held_back.push((direction, case));
        }
        Ok(())
    }

    fn count_fired(&mut self, rule: &str) {
        let count = self.fired.entry(rule.to_owned()).or_default();
        *count = count.saturating_add(1);
    }

    fn hit(&mut self, fired: Fired, on: Subject, case: &(Direction, CaseKey)) -> Option<Hit> {
        let policy = self.at.policy;
        let rule = policy.risk.rules.get(fired.rule)?.id.clone();
        self.count_fired(&rule);
        Some(Hit {
            rule,
            policy_version: policy.version,
            weight: fired.weight,
            on: Some(on),
            case: Some(case.clone()),
            height: self.at.height,
            time: self.at.now,
            values: fired.values,
            document: None,
        })
    }

    /// Whether an import that was observed as a whole is inspected.
    fn choose(
        &mut self,
        case: &CaseKey,
        hits: &[Hit],
        standing: Option<&Standing>,
    ) -> Option<Chosen> {
        self.version.trades = self.version.trades.saturating_add(1);
        let policy = self.at.policy;
        let case = codec::encode(case);
        let [a, b, c, d, ..] = sha256_of(&[self.seed.as_bytes(), case.as_slice()].concat()).0;
        let draw = u32::from_be_bytes([a, b, c, d]).checked_rem(1_000).unwrap_or(0);
        let draw = u16::try_from(draw).unwrap_or(0);
        let (score, share, from) = (score_of(hits), self.share(standing), self.least(standing));
        self.record.choose(policy, self.today(), &Candidate { score, draw, share, from })
    }

    /// Adds hits to what is said of a trade or organisation, and raises an alert where the level
    /// says so and none is open.
    pub(super) fn assess(
        &mut self,
        about: About<'_>,
        hits: Vec<Hit>,
        chosen: Option<Chosen>,
    ) -> Result<Option<Alert>, StateError> {
        let key = about.suspect.state_key();
        let mut held: Assessment = load(&*self.state, &key)?.unwrap_or_default();
        // What somebody says, and no rule: a signal, a complaint, a listing.
        let is_signal = hits.iter().any(|hit| hit.on.is_none());
        if matches!(about.suspect, Suspect::Organisation { .. }) {
            let days = self.at.policy.risk.alerts.remember_days;
            held.forget(deadlines::after(Millis(0), days), self.at.now);
        }
        // What was forgotten raises an alert when it comes again.
        let before = self.at.policy.risk.levels.of(score_of(&held.hits));
        for hit in hits {
            held.take(hit);
        }
        held.is_green |= about.is_green;
        held.score = score_of(&held.hits);
        held.level = self.at.policy.risk.levels.of(held.score);
        held.height = self.at.height;
        let from = self.at.policy.risk.alerts.from;
        let last = match held.alert {
            None => None,
            Some(number) => super::assessment::alert(&*self.state, number)?,
        };
        let is_open = last.as_ref().is_some_and(|own| own.is_open() || own.is_interim());
        let was_held = last.is_some_and(|own| own.holds);
        let rises = from <= held.level && (held.alert.is_none() || before < held.level);
        let cause = match chosen {
            Some(Chosen::ByRisk) => Some(AlertCause::InspectionByRisk),
            Some(Chosen::ByChance) => Some(AlertCause::InspectionByChance),
            None if is_signal => Some(AlertCause::Signal),
            None if rises => Some(AlertCause::Score),
            None => None,
        };
        let alert = match cause.filter(|_| !is_open) {
            None => None,
            Some(cause) => self.raise(about, &held, cause, was_held)?,
        };
        if let Some(alert) = &alert {
            held.alert = Some(alert.number);
        }
        self.state.put(key, codec::encode(&held));
        Ok(alert)
    }

    fn raise(
        &mut self,
        about: About<'_>,
        held: &Assessment,
        cause: AlertCause,
        was_held: bool,
    ) -> Result<Option<Alert>, StateError> {
        let About { suspect, merchant, is_gone, .. } = about;
        let policy = &self.at.policy.risk;
        let dearest = held.hits.iter().rev().max_by_key(|hit| hit.weight);
        let role = dearest.and_then(|hit| policy.rules.iter().find(|own| own.id == hit.rule));
        let role = role.map_or(policy.alerts.escalate_to, |rule| rule.owner);
        let Some(owner) = self.agency(role)? else { return Ok(None) };
        let inspects =
            matches!(cause, AlertCause::InspectionByRisk | AlertCause::InspectionByChance);
        let holds = matches!(suspect, Suspect::Trade { .. })
            && !is_gone
            && (policy.alerts.hold_from.is_some_and(|from| from <= held.level)
                || (inspects && policy.inspection.hold)
                // What an agency does not let go on goes on by no later alert.
                || was_held);
        let number = self.record.alerts.saturating_add(1);
        self.record.alerts = number;
        let due = self.due(held.level);
        let alert = Alert {
            number,
            suspect,
            agencies: vec![owner.clone()],
            owner,
            merchant: merchant.cloned(),
            cause,
            rules: held.rules(),
            score: held.score,
            level: held.level,
            policy_version: self.at.policy.version,
            height: self.at.height,
            raised: self.at.now,
            due,
            holds,
            escalated: None,
            state: AlertState::Raised,
            steps: Vec::new(),
        };
        self.version.alerts = self.version.alerts.saturating_add(1);
        match cause {
            AlertCause::InspectionByRisk => {
                self.version.by_risk = self.version.by_risk.saturating_add(1);
            }
            AlertCause::InspectionByChance => {
                self.version.by_chance = self.version.by_chance.saturating_add(1);
            }
            AlertCause::Score | AlertCause::Signal => {}
        }
        self.put_alert(&alert);
        self.enqueue(number, due)?;
        append_value(self.state, Book::Alerts, &alert.owner, codec::encode(&number))?;
        Ok(Some(alert))
    }

    /// By when an alert of a level is to be disposed of that is raised now.
    pub(super) fn due(&self, level: Level) -> Millis {
        let hours = u64::from(self.at.policy.risk.alerts.hours(level));
        Millis(self.at.now.0.saturating_add(hours.saturating_mul(3_600_000)))
    }

    pub(super) fn put_alert(&mut self, alert: &Alert) {
        self.state.put(alert_key_bytes(alert.number), codec::encode(alert));
    }

    /// The agency with a role: the first by code of those that are active; the first of all where
    /// nobody has the role.
    fn agency(&mut self, role: Role) -> Result<Option<OrganisationCode>, StateError> {
        if self.agencies.is_none() {
            self.agencies = Some(active_agencies(&*self.state, &zone(&*self.state)?.agencies)?);
        }
        let all = self.agencies.as_deref().unwrap_or_default();
        let own = all.iter().find(|agency| agency.has_role(role)).or(all.first());
        Ok(own.map(|agency| agency.code.clone()))
    }

    /// Notes that an alert is to be looked at in the hour after its term.
    pub(super) fn enqueue(&mut self, number: u64, due: Millis) -> Result<(), StateError> {
        let hour = hour_of(due).saturating_add(1);
        // A later alert may have a shorter term. None is due before an hour that was looked at.
        if self.record.due_hour == 0 || hour < self.record.due_hour {
            self.record.due_hour = hour;
        }
        let count_key = alert_count_key_bytes(hour);
        let count: u64 = load(&*self.state, &count_key)?.unwrap_or_default();
        let key = alert_chunk_key_bytes(hour, count / ALERTS_TOGETHER);
        let mut numbers: Vec<u64> = load(&*self.state, &key)?.unwrap_or_default();
        numbers.push(number);
        self.state.put(key, codec::encode(&numbers));
        self.state.put(count_key, codec::encode(&count.saturating_add(1)));
        Ok(())
    }

    /// What nobody disposed of in time goes to the agency that the policy names.
    pub(crate) fn escalate(&mut self) -> Result<(), StateError> {
        let now = hour_of(self.at.now);
        if self.record.due_hour == 0 {
            return Ok(());
        }
        let mut room = ALERTS_PER_HEIGHT_MAX;
        for _ in 0..HOURS_PER_HEIGHT_MAX {
            let hour = self.record.due_hour;
            if now < hour || !self.look_at_hour(hour, &mut room)? {
                return Ok(());
            }
            self.record.due_hour = hour.saturating_add(1);
        }
        Ok(())
    }

    /// Looks at the alerts of an hour, the last that were noted first, as long as there is room.
    /// Says whether it was all of them.
    fn look_at_hour(&mut self, hour: u64, room: &mut usize) -> Result<bool, StateError> {
        let count_key = alert_count_key_bytes(hour);
        let mut left: u64 = load(&*self.state, &count_key)?.unwrap_or_default();
        while let Some(last) = left.checked_sub(1) {
            if *room == 0 {
                self.state.put(count_key, codec::encode(&left));
                return Ok(false);
            }
            let chunk = last / ALERTS_TOGETHER;
            let key = alert_chunk_key_bytes(hour, chunk);
            let mut numbers: Vec<u64> = load(&*self.state, &key)?.unwrap_or_default();
            let looked_at = numbers.split_off(numbers.len().saturating_sub(*room));
            *room = room.saturating_sub(looked_at.len());
            for number in looked_at {
                self.escalate_one(number)?;
            }
            left = chunk.saturating_mul(ALERTS_TOGETHER).saturating_add(numbers.len() as u64);
            if numbers.is_empty() {
                self.state.remove(key);
            } else {
                self.state.put(key, codec::encode(&numbers));
            }
        }
        self.state.remove(count_key);
        Ok(true)
    }

    fn escalate_one(&mut self, number: u64) -> Result<(), StateError> {
        let Some(mut alert) = super::assessment::alert(&*self.state, number)? else {
            return Ok(());
        };
        // One that was transferred has a later term, and stands in its hour, too.
        if !alert.is_open() || alert.escalated.is_some() || self.at.now < alert.due {
            return Ok(());
        }
        let role = self.at.policy.risk.alerts.escalate_to;
        if let Some(owner) = self.agency(role)?.filter(|owner| *owner != alert.owner)
            && alert.give(owner.clone())
        {
            append_value(self.state, Book::Alerts, &owner, codec::encode(&number))?;
        }
        alert.escalated = Some(self.at.now);
        alert.state = AlertState::Raised;
        self.put_alert(&alert);
        Ok(())
    }

    /// Ends the block: what was counted is written.
    pub(crate) fn finish(mut self) -> Result<(), StateError> {
        let version = self.at.policy.version;
        for (rule, fired) in std::mem::take(&mut self.fired) {
            let key = rule_record_key_bytes(version, &rule);
            let mut record: RuleRecord = load(&*self.state, &key)?.unwrap_or_default();
            record.fired = record.fired.saturating_add(fired);
            self.state.put(key, codec::encode(&record));
        }
        if self.version != VersionRecord::default() {
            let key = version_record_key_bytes(version);
            let mut record: VersionRecord = load(&*self.state, &key)?.unwrap_or_default();
            record.add(&self.version);
            self.state.put(key, codec::encode(&record));
        }
        let held: Option<RiskRecord> = load(&*self.state, &risk_key_bytes())?;
        if held.unwrap_or_default() != self.record {
            self.state.put(risk_key_bytes(), codec::encode(&self.record));
        }
        Ok(())
    }
}

/// The weights of what fired, each rule once.
fn score_of(hits: &[Hit]) -> u8 {
    hits.iter().fold(0u8, |sum, hit| sum.saturating_add(hit.weight)).min(100)
}

/// The organisation that a rule suspects; none where it suspects the trade, or where nobody is
/// known.
fn named(observation: &Observation<'_>, target: Target) -> Option<OrganisationCode> {
    let fact = match target {
        Target::Trade => return None,
        Target::Merchant => Fact::Merchant,
        Target::Platform => Fact::Platform,
        Target::PaymentFirm => Fact::PaymentFirm,
        Target::Carrier => Fact::Carrier,
    };
    match observation.get(fact) {
        Some(Value::Text(code)) => code.parse().ok(),
        _ => None,
    }
}

impl Assessment {
    /// Adds what fired, in the place of what the same rule said before.
    fn take(&mut self, hit: Hit) {
        let is_signal = hit.document.is_some();
        self.hits.retain(|own| is_signal || own.rule != hit.rule);
        if HITS_MAX <= self.hits.len() {
            self.hits.remove(0);
        }
        self.hits.push(hit);
    }
}

impl Assessment {
    /// What fired, each once, in the order in which it did.
    fn rules(&self) -> Vec<String> {
        let mut rules: Vec<String> = Vec::with_capacity(self.hits.len());
        for hit in &self.hits {
            if !rules.contains(&hit.rule) {
                rules.push(hit.rule.clone());
            }
        }
        rules
    }

    /// Leaves out what fired longer ago than so.
    fn forget(&mut self, longest: Millis, now: Millis) {
        self.hits.retain(|own| now.0.saturating_sub(own.time.0) <= longest.0);
    }
}

impl VersionRecord {
    fn add(&mut self, other: &Self) {
        self.trades = self.trades.saturating_add(other.trades);
        self.alerts = self.alerts.saturating_add(other.alerts);
        self.by_risk = self.by_risk.saturating_add(other.by_risk);
        self.by_chance = self.by_chance.saturating_add(other.by_chance);
    }
}
