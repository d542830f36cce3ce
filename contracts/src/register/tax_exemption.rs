//! Tax-exempt exports without invoices: registered line by line as the list has them, confirmed or
//! refused by the tax authority.

use super::Registered;
use super::desk::{Desk, not_now, numbered_already};
use crate::document::{ExemptLine, ExemptionFacts, ExemptionRefusal, TaxExemptionAct};
use crate::event::CaseState;
use crate::export::{ExportCase, ExportListFacts};
use crate::rejection::{Rejected, Rejection, Stop};
use crate::state::StateRead;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::hash::Hash;
use kanhe_types::time::Millis;
use serde::{Deserialize, Serialize};

/// A registration of lines of an export.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase")]
pub struct TaxExemption {
    /// Where it stands.
    pub state: ExemptionState,
    /// What is registered.
    pub facts: ExemptionFacts,
    /// What the tax authority decided.
    pub decision: Option<TaxDecision>,
}

/// Where a registration stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum ExemptionState {
    /// It waits for the tax authority.
    Registered,
    /// The tax authority confirmed it.
    Confirmed,
    /// The tax authority refused it.
    Refused,
    /// The exporter took it back.
    Withdrawn,
}

/// What the tax authority decided.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase")]
pub struct TaxDecision {
    /// The agency.
    pub agency: OrganisationCode,
    /// Why it refused, and the SHA-256 of that decision; none where it confirmed.
    pub refusal: Option<(ExemptionRefusal, Hash)>,
    /// When, in block time.
    pub time: Millis,
}

/// The export left and has not come back.
fn must_have_left(case: &ExportCase) -> Result<&ExportListFacts, Rejected> {
    let has_left = matches!(case.state, CaseState::Departed | CaseState::Closed);
    case.list_facts().filter(|_| has_left).ok_or_else(|| {
        let found = format!("{:?}", case.state).to_lowercase();
        Rejected::new(Rejection::TradeUnfit, "case", "an export that left", found)
    })
}

/// What is stated is what the list says, line by line.
fn must_be_facts(stated: &ExemptionFacts, list: &ExportListFacts) -> Result<(), Rejected> {
    let differs = |field: String, expected: String, found: String| {
        Err(Rejected::new(Rejection::FactsDiffer, field, expected, found))
    };
    if stated.export_date != list.ie_date {
        let (expected, found) = (list.ie_date.to_string(), stated.export_date.to_string());
        return differs("exportDate".into(), expected, found);
    }
    if stated.currency != list.currency {
        return differs("currency".into(), list.currency.clone(), stated.currency.clone());
    }
    for (index, line) in stated.lines.iter().enumerate() {
        let mut goods = list.lines.iter().zip(&list.units);
        let Some((own, unit)) = goods.find(|(own, _)| own.gnum == line.gnum) else {
            let expected = format!("one of the list's {} lines", list.lines.len());
            return differs(format!("lines[{index}].gnum"), expected, line.gnum.to_string());
        };
        // Names are free text, which stays out of receipts.
        let name = |is_own: bool| if is_own { "the list's name" } else { "another" }.to_owned();
        let values = [
            ("gname", own.name == line.gname, name(true), name(false)),
            ("unit", *unit == line.unit, unit.clone(), line.unit.clone()),
            ("qty", own.qty == line.qty, own.qty.to_string(), line.qty.to_string()),
            ("price", own.price == line.price, own.price.to_string(), line.price.to_string()),
            (
                "totalPrice",
                own.total_price == line.total_price,
                own.total_price.to_string(),
                line.total_price.to_string(),
            ),
        ];
        if let Some((field, _, expected, found)) = values.into_iter().find(|(_, same, ..)| !same) {
            return differs(format!("lines[{index}].{field}"), expected, found);
        }
    }
    Ok(())
}

impl TaxExemption {
    fn must_wait(&self) -> Result<(), Stop> {
        match self.state {
            ExemptionState::Registered => Ok(()),
            other => {
                let found = format!("{other:?}").to_lowercase();
                Err(not_now("a registration on which nothing is decided", found))
            }
        }
    }

    fn decide<S: StateRead>(
        &mut self,
        desk: &Desk<'_, '_, S>,
        refusal: Option<(ExemptionRefusal, Hash)>,
    ) {
        self.state = match refusal {
            Some(_) => ExemptionState::Refused,
            None => ExemptionState::Confirmed,
        };
        let (agency, time) = (desk.actor.signer.clone(), desk.actor.time);
        self.decision = Some(TaxDecision { agency, refusal, time });
    }

    /// Its lines may be registered again.
    fn give_back<S: StateRead>(&self, desk: &mut Desk<'_, '_, S>) {
        let gnums = gnums(&self.facts.lines);
        for thing in things(&self.facts, &gnums) {
            desk.give_back(&thing);
        }
    }
}

fn gnums(lines: &[ExemptLine]) -> Vec<[u8; 4]> {
    lines.iter().map(|line| line.gnum.to_be_bytes()).collect()
}

/// What names each line among those that registrations have.
fn things<'a>(facts: &'a ExemptionFacts, gnums: &'a [[u8; 4]]) -> Vec<Vec<&'a [u8]>> {
    let case = [facts.case.platform.as_bytes(), facts.case.order_no.as_bytes()];
    let [platform, order_no] = case;
    gnums.iter().map(|gnum| vec![platform, order_no, &gnum[..]]).collect()
}

impl Registered for TaxExemption {
    type Act = TaxExemptionAct;

    fn open<S: StateRead>(desk: &mut Desk<'_, '_, S>, act: TaxExemptionAct) -> Result<Self, Stop> {
        let TaxExemptionAct::Register(facts) = act else {
            return Err(not_now("register", "a registration that is not there"));
        };
        desk.must_be_of_a_park()?;
        let case = desk.own_export(&facts.case)?;
        must_be_facts(&facts, must_have_left(&case)?)?;
        let gnums = gnums(&facts.lines);
        desk.take_all("lines", &things(&facts, &gnums))?;
        Ok(Self { state: ExemptionState::Registered, facts, decision: None })
    }

    fn follow<S: StateRead>(
        &mut self,
        desk: &mut Desk<'_, '_, S>,
        act: TaxExemptionAct,
    ) -> Result<(), Stop> {
        match act {
            TaxExemptionAct::Register(_) => Err(numbered_already("number", "a registration's")),
            TaxExemptionAct::Confirm => {
                desk.must_be_its_agency()?;
                self.must_wait()?;
                // What is confirmed holds when it is: nothing has come back, nothing was changed.
                let case = desk.export_of(&desk.key.owner, &self.facts.case)?;
                must_be_facts(&self.facts, must_have_left(&case)?)?;
                self.decide(desk, None);
                Ok(())
            }
            TaxExemptionAct::Refuse { reason, decision } => {
                desk.must_be_its_agency()?;
                self.must_wait()?;
                self.decide(desk, Some((reason, decision)));
                self.give_back(desk);
                Ok(())
            }
            TaxExemptionAct::Withdraw => {
                desk.must_be_owner()?;
                self.must_wait()?;
                self.state = ExemptionState::Withdrawn;
                self.give_back(desk);
                Ok(())
            }
        }
    }
}
