//! Journeys: legs that follow one another, reported by who carries the goods.

use super::desk::{Desk, not_now};
use super::{EntryKey, Register, Registered};
use crate::document::{JourneyAct, JourneyPlan, JourneyReport, Leg};
use crate::export::{ExportCase, NoticeFacts};
use crate::limits::{JOURNEY_REPORTS_MAX, JOURNEY_SEALS_MAX};
use crate::registry::Role;
use crate::rejection::{Rejected, Rejection, Stop};
use crate::state::{StateError, StateRead};
use crate::state_key::register_claim_key_bytes;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::time::CustomsTime;
use serde::{Deserialize, Serialize};

/// A journey.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase")]
pub struct Journey {
    /// Where it stands.
    pub state: JourneyState,
    /// The bill.
    pub bill_no: String,
    /// Its legs, in their order.
    pub legs: Vec<LegRecord>,
    /// The seals, in the order in which they were reported.
    pub seals: Vec<SealRecord>,
    /// What else happened, likewise.
    pub reports: Vec<JourneyReport>,
}

/// Where a journey stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum JourneyState {
    /// Nothing left yet.
    Planned,
    /// The goods travel.
    Travelling,
    /// They wait between two legs.
    Transhipping,
    /// They came to the end of the last leg.
    Arrived,
}

/// A leg, and what is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase")]
pub struct LegRecord {
    /// As it was planned.
    pub plan: Leg,
    /// The train, voyage, flight or vehicle, once it left.
    pub conveyance: Option<String>,
    /// When it left,
    pub departed: Option<CustomsTime>,
    /// and when it arrived.
    pub arrived: Option<CustomsTime>,
}

/// A seal.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase")]
pub struct SealRecord {
    /// On which leg.
    pub leg: u32,
    /// Its number.
    pub seal_no: String,
    /// When it was put on.
    pub time: CustomsTime,
}

/// The journey of a carrier's bill.
///
/// # Errors
/// When this machine cannot read its state.
pub fn journey_of(
    state: &impl StateRead,
    carrier: &OrganisationCode,
    bill_no: &str,
) -> Result<Option<EntryKey>, StateError> {
    let parts = [carrier.as_bytes(), bill_no.as_bytes()];
    crate::case::load(state, &register_claim_key_bytes(Register::Journey, &parts))
}

/// The journeys of an export's parcel: of the bills under which it travels, as its carriers'
/// consolidation bills and departures name them, and of the list's own.
///
/// # Errors
/// When this machine cannot read its state.
pub fn journeys_of(state: &impl StateRead, case: &ExportCase) -> Result<Vec<EntryKey>, StateError> {
    let mut bills: Vec<(&OrganisationCode, &str)> = Vec::new();
    for notice in &case.notices {
        let bill_no = match &notice.facts {
            NoticeFacts::Bill { bill_no, .. } => Some(bill_no),
            NoticeFacts::Departure { bill_no, .. } => bill_no.as_ref(),
            _ => None,
        };
        bills.extend(bill_no.map(|bill_no| (&notice.meta.signer, bill_no.as_str())));
    }
    if let Some(list) = case.list_facts() {
        bills.extend(list.bill_no.as_deref().map(|bill_no| (&list.logistics_code, bill_no)));
    }
    bills.sort_unstable();
    bills.dedup();
    let mut found = Vec::new();
    for (carrier, bill_no) in bills {
        found.extend(journey_of(state, carrier, bill_no)?);
    }
    Ok(found)
}

impl Journey {
    /// The leg with this number, of which only its carrier or the owner speaks.
    fn leg<S: StateRead>(
        &mut self,
        desk: &Desk<'_, '_, S>,
        number: u32,
    ) -> Result<&mut LegRecord, Stop> {
        let legs = self.legs.len();
        let place = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
        let leg = place.and_then(|place| self.legs.get_mut(place)).ok_or_else(|| {
            let expected = format!("1 to {legs}");
            Rejected::new(Rejection::PartsMalformed, "leg", expected, number)
        })?;
        match &leg.plan.carrier {
            Some(carrier) => desk.must_be(&[carrier, &desk.key.owner])?,
            None => desk.must_be_owner()?,
        }
        Ok(leg)
    }

    /// When the leg before this one arrived; none where it is the first.
    fn before(&self, number: u32) -> Result<Option<CustomsTime>, Stop> {
        let place = usize::try_from(number).ok().and_then(|number| number.checked_sub(2));
        let Some(before) = place.and_then(|place| self.legs.get(place)) else { return Ok(None) };
        match before.arrived {
            Some(time) => Ok(Some(time)),
            None => Err(not_now("the leg before to have arrived", "not arrived")),
        }
    }

    fn depart<S: StateRead>(
        &mut self,
        desk: &Desk<'_, '_, S>,
        number: u32,
        conveyance: String,
        time: CustomsTime,
    ) -> Result<(), Stop> {
        // Who may speak is looked at first, so that a stranger learns nothing of the legs.
        self.leg(desk, number)?;
        let earliest = self.before(number)?;
        let leg = self.leg(desk, number)?;
        if leg.departed.is_some() {
            return Err(not_now("a leg that has not left", "left already"));
        }
        not_before(earliest, time)?;
        leg.conveyance = Some(conveyance);
        leg.departed = Some(time);
        self.state = JourneyState::Travelling;
        Ok(())
    }

    fn arrive<S: StateRead>(
        &mut self,
        desk: &Desk<'_, '_, S>,
        number: u32,
        time: CustomsTime,
    ) -> Result<(), Stop> {
        let leg = self.leg(desk, number)?;
        if leg.departed.is_none() || leg.arrived.is_some() {
            return Err(not_now("a leg that has left and not arrived", "another"));
        }
        not_before(leg.departed, time)?;
        leg.arrived = Some(time);
        let is_last = self.legs.iter().all(|leg| leg.arrived.is_some());
        self.state = match is_last {
            true => JourneyState::Arrived,
            false => JourneyState::Transhipping,
        };
        Ok(())
    }
}

/// Times of a journey do not run backwards.
fn not_before(earliest: Option<CustomsTime>, time: CustomsTime) -> Result<(), Rejected> {
    match earliest {
        Some(earliest) if time < earliest => {
            let expected = format!("{earliest} or later");
            Err(Rejected::new(Rejection::DatesUnfit, "time", expected, time))
        }
        _ => Ok(()),
    }
}

/// One more must fit.
fn check_room(held: usize, max: usize, field: &'static str) -> Result<(), Rejected> {
    if held < max {
        return Ok(());
    }
    let expected = format!("at most {max} of one journey");
    Err(Rejected::new(Rejection::EntryFull, field, expected, "one more"))
}

impl Registered for Journey {
    type Act = JourneyAct;

    fn open<S: StateRead>(desk: &mut Desk<'_, '_, S>, act: JourneyAct) -> Result<Self, Stop> {
        let JourneyAct::Plan(JourneyPlan { bill_no, legs }) = act else {
            return Err(not_now("plan", "a journey that is not there"));
        };
        let owner = desk.key.owner.clone();
        desk.must_be_registered("owner", &owner, Some(Role::Carrier))?;
        for carrier in legs.iter().filter_map(|leg| leg.carrier.as_ref()) {
            desk.must_be_registered("carrier", carrier, Some(Role::Carrier))?;
        }
        desk.take("billNo", &[owner.as_bytes(), bill_no.as_bytes()])?;
        let record = |plan| LegRecord { plan, conveyance: None, departed: None, arrived: None };
        Ok(Self {
            state: JourneyState::Planned,
            bill_no,
            legs: legs.into_iter().map(record).collect(),
            seals: Vec::new(),
            reports: Vec::new(),
        })
    }

    fn follow<S: StateRead>(
        &mut self,
        desk: &mut Desk<'_, '_, S>,
        act: JourneyAct,
    ) -> Result<(), Stop> {
        match act {
            JourneyAct::Plan(_) => {
                let rejection = Rejection::EntryExists;
                Err(Rejected::new(rejection, "number", "another number", "a journey's").into())
            }
            JourneyAct::Depart { leg, conveyance, time } => {
                self.depart(desk, leg, conveyance, time)
            }
            JourneyAct::Arrive { leg, time } => self.arrive(desk, leg, time),
            JourneyAct::Seal { leg, seal_no, time } => {
                self.leg(desk, leg)?;
                check_room(self.seals.len(), JOURNEY_SEALS_MAX, "sealNo")?;
                self.seals.push(SealRecord { leg, seal_no, time });
                Ok(())
            }
            JourneyAct::Report(report) => {
                self.leg(desk, report.leg)?;
                check_room(self.reports.len(), JOURNEY_REPORTS_MAX, "act")?;
                self.reports.push(report);
                Ok(())
            }
        }
    }
}
