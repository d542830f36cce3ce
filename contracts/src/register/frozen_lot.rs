//! Frozen lots: under way → arrived → released, held or destroyed; what is left of their weight.

use super::desk::{Desk, not_now};
use super::{Content, Registered};
use crate::document::{
    ColdReadings, FrozenLotAct, HealthCertificate, LotDecision, LotDocuments, LotFacts,
    QuarantinePermit,
};
use crate::register::{Entry, EntryKey};
use crate::registry::Role;
use crate::rejection::{Rejected, Rejection, Stop};
use crate::state::StateRead;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::decimal::Decimal;
use kanhe_types::hash::Hash;
use kanhe_types::time::{CustomsTime, Millis};
use serde::{Deserialize, Serialize};

/// A lot of frozen meat.
///
/// # Correctness
/// What arrived is what is left, sold, split off and destroyed together; [`FrozenLot::left`] never
/// falls below nought.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase")]
pub struct FrozenLot {
    /// Where it stands.
    pub state: LotState,
    /// What was loaded, or split off. The documents are those that were shown last.
    pub facts: Box<LotFacts>,
    /// The number of the lot that was split for it.
    pub part_of: Option<String>,
    /// From when on its cold is shown here: its loading, or the split.
    pub since: CustomsTime,
    /// Who kept it, in order; the last does.
    pub keepers: Vec<OrganisationCode>,
    /// Its arrival in the country.
    pub arrival: Option<LotArrival>,
    /// How cold it was, in the order in which it was said.
    pub readings: Vec<ColdReadings>,
    /// What its keepers weighed after its arrival.
    pub weighings: Vec<Weighing>,
    /// What agencies found.
    pub inspections: Vec<LotInspection>,
    /// The lots that it was split for.
    pub parts: Vec<LotPart>,
    /// What was sold, in kilograms.
    pub sold: Decimal,
    /// What was destroyed, in kilograms.
    pub destroyed: Decimal,
}

/// Where a lot stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum LotState {
    /// It has not arrived.
    UnderWay,
    /// It waits for customs.
    Arrived,
    /// It may be sold.
    Released,
    /// It may not be sold for now.
    Held,
    /// It was destroyed.
    Destroyed,
}

/// A lot's arrival.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase")]
pub struct LotArrival {
    /// When.
    pub time: CustomsTime,
    /// Net weight in kilograms.
    pub weight: Decimal,
    /// Pieces.
    pub pieces: u32,
}

/// What a keeper weighed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase")]
pub struct Weighing {
    /// The keeper.
    pub keeper: OrganisationCode,
    /// What was left of the lot by its documents, in kilograms,
    pub expected: Decimal,
    /// and by the scales.
    pub found: Decimal,
    /// The SHA-256 of the report.
    pub report: Hash,
    /// When, in block time.
    pub time: Millis,
}

/// What an agency found.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase")]
pub struct LotInspection {
    /// The agency.
    pub agency: OrganisationCode,
    /// Whether it is as it should be.
    pub passed: bool,
    /// The SHA-256 of the report.
    pub report: Hash,
    /// When, in block time.
    pub time: Millis,
}

/// A part that became a lot of its own.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase")]
pub struct LotPart {
    /// Its number.
    pub number: String,
    /// Net weight in kilograms.
    pub weight: Decimal,
    /// Pieces.
    pub pieces: u32,
    /// When it was split off, in block time.
    pub time: Millis,
}

impl FrozenLot {
    /// Who keeps it.
    pub fn keeper(&self) -> &OrganisationCode {
        self.keepers.last().unwrap_or(&self.facts.keeper)
    }

    /// What is left of it by its documents, in kilograms: of what arrived, or of what was loaded
    /// as long as it is under way.
    pub fn left(&self) -> Decimal {
        let received =
            self.arrival.as_ref().map_or(self.facts.net_weight, |arrival| arrival.weight);
        let gone = self.parts.iter().map(|part| part.weight).chain([self.sold, self.destroyed]);
        // Never more than was received: what would be is refused.
        gone.fold(received, |left, weight| left.checked_sub(weight).unwrap_or(Decimal::ZERO))
    }

    fn whole(facts: Box<LotFacts>) -> Self {
        Self {
            state: LotState::UnderWay,
            part_of: None,
            since: facts.loaded,
            keepers: vec![facts.keeper.clone()],
            arrival: None,
            readings: Vec::new(),
            weighings: Vec::new(),
            inspections: Vec::new(),
            parts: Vec::new(),
            sold: Decimal::ZERO,
            destroyed: Decimal::ZERO,
            facts,
        }
    }

    /// A part begins where the lot that was split stands. What was destroyed of that is not this
    /// part, but nobody may sell it before customs says so.
    fn part(of: String, split: &Self, part: &LotPart) -> Self {
        let mut facts = split.facts.clone();
        facts.net_weight = part.weight;
        facts.pieces = part.pieces;
        facts.keeper = split.keeper().clone();
        let state = match split.state {
            LotState::Destroyed => LotState::Held,
            other => other,
        };
        let arrival = split.arrival.as_ref().map(|own| LotArrival {
            time: own.time,
            weight: part.weight,
            pieces: part.pieces,
        });
        let since = CustomsTime::from_millis(part.time);
        Self { state, part_of: Some(of), since, arrival, ..Self::whole(facts) }
    }

    fn must_stand(&self, states: &[LotState], expected: &str) -> Result<(), Stop> {
        if states.contains(&self.state) {
            return Ok(());
        }
        Err(not_now(expected, self.state.name()))
    }

    fn must_have_left(&self, weight: Decimal) -> Result<(), Stop> {
        let left = self.left();
        if weight <= left {
            return Ok(());
        }
        let expected = format!("at most {left} kg, which is left");
        Err(Rejected::new(Rejection::AmountUnfit, "weight", expected, weight).into())
    }

    fn read<S: StateRead>(
        &mut self,
        desk: &Desk<'_, '_, S>,
        readings: ColdReadings,
    ) -> Result<(), Stop> {
        // Who handed it on may still bring what it read.
        desk.must_be(&self.keepers.iter().collect::<Vec<_>>())?;
        let now = CustomsTime::from_millis(desk.actor.time);
        if readings.to < self.since || now < readings.to {
            let expected = format!("{} to {now}", self.since);
            return Err(
                Rejected::new(Rejection::DatesUnfit, "readings.to", expected, readings.to).into()
            );
        }
        let overlaps = |own: &&ColdReadings| {
            own.place == readings.place
                && own.place_no == readings.place_no
                && own.from < readings.to
                && readings.from < own.to
        };
        if let Some(own) = self.readings.iter().find(overlaps) {
            let expected = format!("a period of the place without {} to {}", own.from, own.to);
            let found = format!("{} to {}", readings.from, readings.to);
            let rejection = Rejection::DatesUnfit;
            return Err(Rejected::new(rejection, "readings.from", expected, found).into());
        }
        self.readings.push(readings);
        Ok(())
    }

    fn arrive<S: StateRead>(
        &mut self,
        desk: &Desk<'_, '_, S>,
        arrival: LotArrival,
    ) -> Result<(), Stop> {
        desk.must_be(&[self.keeper()])?;
        self.must_stand(&[LotState::UnderWay], "a lot that is under way")?;
        let now = CustomsTime::from_millis(desk.actor.time);
        if arrival.time < self.facts.loaded || now < arrival.time {
            let expected = format!("{} to {now}", self.facts.loaded);
            return Err(Rejected::new(Rejection::DatesUnfit, "time", expected, arrival.time).into());
        }
        self.arrival = Some(arrival);
        self.state = LotState::Arrived;
        Ok(())
    }

    fn decide<S: StateRead>(
        &mut self,
        desk: &Desk<'_, '_, S>,
        decision: LotDecision,
    ) -> Result<(), Stop> {
        use LotState::{Arrived, Destroyed, Held, Released};
        desk.must_be_its_agency()?;
        desk.must_have_role(Role::Customs)?;
        self.must_stand(&[Arrived, Held, Released], "a lot that arrived and is not destroyed")?;
        self.state = match decision {
            LotDecision::Release => Released,
            LotDecision::Hold => Held,
            LotDecision::Destroy => {
                self.destroyed = self.left();
                Destroyed
            }
        };
        Ok(())
    }

    fn split<S: StateRead>(
        &mut self,
        desk: &mut Desk<'_, '_, S>,
        part: LotPart,
    ) -> Result<(), Stop> {
        desk.must_be_owner()?;
        self.must_stand(&[LotState::Arrived, LotState::Released], "a lot that is not held")?;
        self.must_have_left(part.weight)?;
        let has = self.parts.iter().any(|own| own.number == part.number);
        if has || part.number == desk.key.number {
            let expected = "a number that no lot of the owner has";
            let rejection = Rejection::EntryExists;
            return Err(Rejected::new(rejection, "number", expected, "another lot's").into());
        }
        take_number(desk, &part.number)?;
        self.parts.push(part);
        Ok(())
    }

    fn sell(&mut self, weight: Decimal) -> Result<(), Stop> {
        self.must_stand(&[LotState::Released], "a lot that is released")?;
        self.must_have_left(weight)?;
        self.sold = self.sold.checked_add(weight).unwrap_or(self.sold);
        Ok(())
    }
}

impl LotState {
    fn name(self) -> &'static str {
        match self {
            Self::UnderWay => "under way",
            Self::Arrived => "arrived",
            Self::Released => "released",
            Self::Held => "held",
            Self::Destroyed => "destroyed",
        }
    }
}

/// A number is of one lot: of the one that was opened under it, or of a part of the one that was
/// split for it.
fn take_number<S: StateRead>(desk: &mut Desk<'_, '_, S>, number: &str) -> Result<(), Stop> {
    let owner = desk.key.owner.clone();
    desk.take("number", &[owner.as_bytes(), number.as_bytes()])
}

fn open_whole<S: StateRead>(
    desk: &mut Desk<'_, '_, S>,
    facts: Box<LotFacts>,
) -> Result<FrozenLot, Stop> {
    let bound = desk.policy.cold_max_tenths;
    if let Some(warmest) = facts.warmest_tenths.filter(|warmest| bound < *warmest) {
        let expected = format!("at most {bound}, which is the policy's");
        let rejection = Rejection::AmountUnfit;
        return Err(Rejected::new(rejection, "warmestTenths", expected, warmest).into());
    }
    let now = CustomsTime::from_millis(desk.actor.time);
    if now < facts.loaded {
        let expected = format!("at the latest {now}");
        return Err(Rejected::new(Rejection::DatesUnfit, "loaded", expected, facts.loaded).into());
    }
    desk.must_be_one_of("keeper", &facts.keeper, &[Role::Carrier, Role::Warehouse])?;
    let number = desk.key.number.clone();
    take_number(desk, &number)?;
    Ok(FrozenLot::whole(facts))
}

fn open_part<S: StateRead>(desk: &Desk<'_, '_, S>, of: String) -> Result<FrozenLot, Stop> {
    let key = EntryKey { number: of, ..desk.key.clone() };
    let split: Option<Entry> = super::entry(&*desk.state, &key)?;
    if let Some(Entry { content: Content::FrozenLot(split), .. }) = split
        && let Some(part) = split.parts.iter().find(|part| part.number == desk.key.number)
    {
        return Ok(FrozenLot::part(key.number, &split, part));
    }
    let expected = "a lot of the owner that was split for this number";
    Err(Rejected::new(Rejection::EntryUnknown, "of", expected, "none").into())
}

/// What is shown later stands in for what was shown before.
fn show(held: &mut LotDocuments, shown: LotDocuments) {
    let LotDocuments { health, permit } = shown;
    let newer: Option<HealthCertificate> = health.or_else(|| held.health.take());
    held.health = newer;
    let newer: Option<QuarantinePermit> = permit.or_else(|| held.permit.take());
    held.permit = newer;
}

impl Registered for FrozenLot {
    type Act = FrozenLotAct;

    fn open<S: StateRead>(desk: &mut Desk<'_, '_, S>, act: FrozenLotAct) -> Result<Self, Stop> {
        desk.must_have_role(Role::Merchant)?;
        match act {
            FrozenLotAct::Open(facts) => open_whole(desk, facts),
            FrozenLotAct::Part { of } => open_part(desk, of),
            _ => Err(not_now("open or part", "a lot that is not there")),
        }
    }

    fn follow<S: StateRead>(
        &mut self,
        desk: &mut Desk<'_, '_, S>,
        act: FrozenLotAct,
    ) -> Result<(), Stop> {
        let (signer, time) = (desk.actor.signer.clone(), desk.actor.time);
        match act {
            FrozenLotAct::Open(_) | FrozenLotAct::Part { .. } => {
                let rejection = Rejection::EntryExists;
                Err(Rejected::new(rejection, "number", "another number", "a lot's").into())
            }
            FrozenLotAct::Show(documents) => {
                desk.must_be_owner()?;
                show(&mut self.facts.documents, documents);
                Ok(())
            }
            FrozenLotAct::Readings(readings) => self.read(desk, readings),
            FrozenLotAct::Move { keeper } => {
                desk.must_be(&[&desk.key.owner, self.keeper()])?;
                desk.must_be_one_of("keeper", &keeper, &[Role::Carrier, Role::Warehouse])?;
                self.keepers.push(keeper);
                Ok(())
            }
            FrozenLotAct::Arrive { time, weight, pieces } => {
                self.arrive(desk, LotArrival { time, weight, pieces })
            }
            FrozenLotAct::Weigh { weight, report } => {
                desk.must_be(&[self.keeper()])?;
                if self.arrival.is_none() {
                    return Err(not_now("a lot that arrived", self.state.name()));
                }
                let (expected, found) = (self.left(), weight);
                self.weighings.push(Weighing { keeper: signer, expected, found, report, time });
                Ok(())
            }
            FrozenLotAct::Inspect { passed, report } => {
                desk.must_be_its_agency()?;
                self.inspections.push(LotInspection { agency: signer, passed, report, time });
                Ok(())
            }
            FrozenLotAct::Decide { decision, document: _ } => self.decide(desk, decision),
            FrozenLotAct::Split { number, weight, pieces } => {
                self.split(desk, LotPart { number, weight, pieces, time })
            }
            FrozenLotAct::Sell { buyer: _, weight } => {
                desk.must_be_owner()?;
                self.sell(weight)
            }
        }
    }
}
