//! What risk asks of a merchant's credit: how often its trades are inspected, whether it is listed,
//! and what holders of rights say of its goods.

use super::assessment::{Alert, Hit, Suspect};
use super::fact::{Fact, Observation, Subject};
use super::policy::Level;
use super::working::Risk;
use crate::case::load;
use crate::credit::{self, CreditEvent, OpenComplaint};
use crate::expression::Value;
use crate::policy::{Consequence, Direction};
use crate::state::{StateError, StateRead};
use crate::state_key::merchant_day_key_bytes;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{self, Decode, Encode};
use kanhe_types::hash::Hash;
use kanhe_types::receipt::CaseKey;
use std::rc::Rc;

/// A merchant's credit as it stood when its first import of a day was observed. The whole day goes
/// by it, so that facts of many months are read once a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct MerchantDay {
    /// The day, since 1970.
    pub day: u32,
    /// The policy by which it was assessed.
    pub policy_version: u32,
    /// Its score.
    pub score: i64,
    /// Of a thousand of its imports, how many are inspected by chance; as the policy says of all
    /// where that is not stated.
    pub inspection_per_mille: Option<u16>,
    /// Whether its imports come by the green channel.
    pub green_channel: bool,
}

/// How a merchant stands in a block.
#[derive(Clone, Debug)]
pub(super) struct Standing {
    day: MerchantDay,
    /// Whether what it sells is held because of the negative list.
    is_held: bool,
    complaints: Vec<OpenComplaint>,
}

impl Standing {
    /// Whether what it sells comes by the green channel.
    pub(super) fn is_green(&self) -> bool {
        self.day.green_channel
    }
}

/// Under which rule a complaint stands among what fired,
const COMPLAINT: &str = "complaint";
/// and a listing.
const LISTED: &str = "negative_list";

impl<S: StateRead> Risk<'_, '_, S> {
    /// How a merchant stands, asked once a block.
    fn standing(&mut self, merchant: &OrganisationCode) -> Result<Rc<Standing>, StateError> {
        if let Some(held) = self.standings.get(merchant) {
            return Ok(Rc::clone(held));
        }
        let (day, version) = (self.today(), self.at.policy.version);
        let key = merchant_day_key_bytes(merchant);
        let held: Option<MerchantDay> = load(&*self.state, &key)?;
        let fits = |own: &MerchantDay| own.day == day && own.policy_version == version;
        let known = match held.filter(fits) {
            Some(known) => known,
            None => {
                let (policy, now) = (self.at.policy, self.at.now);
                let compiled = &self.programs.credit;
                let own = credit::assess_with(&*self.state, policy, compiled, merchant, now)?;
                let measures = own.supervision;
                let known = MerchantDay {
                    day,
                    policy_version: version,
                    score: own.score,
                    inspection_per_mille: measures.inspection_per_mille,
                    green_channel: measures.green_channel == Some(true),
                };
                self.state.put(key, codec::encode(&known));
                self.keep_terms(merchant, measures);
                known
            }
        };
        if self.listed.is_none() {
            self.listed = Some(credit::negative_list(&*self.state)?);
        }
        let listed = self.listed.as_deref().unwrap_or_default();
        let listed = credit::consequence_of(listed, self.at.policy, merchant, self.at.now);
        let is_held = listed.is_some_and(|(own, _)| own == Consequence::Hold);
        let complaints = credit::complaints_of_merchant(&*self.state, merchant)?;
        let standing = Rc::new(Standing { day: known, is_held, complaints });
        self.standings.insert(merchant.clone(), Rc::clone(&standing));
        Ok(standing)
    }

    /// The merchant of an import that is observed as a whole, with its score put down in what is
    /// observed.
    pub(super) fn know_merchant(
        &mut self,
        observations: &mut [Observation<'_>],
    ) -> Result<Option<Rc<Standing>>, StateError> {
        let whole = observations.iter().find(|own| own.subject == Subject::Trade);
        let Some(Value::Text(code)) = whole.and_then(|own| own.get(Fact::Merchant)) else {
            return Ok(None);
        };
        let Ok(merchant) = code.parse::<OrganisationCode>() else { return Ok(None) };
        let standing = self.standing(&merchant)?;
        for observation in observations {
            observation.set(Fact::MerchantScore, Value::Int(standing.day.score));
        }
        Ok(Some(standing))
    }

    /// Of a thousand imports of a merchant, how many are inspected by chance.
    pub(super) fn share(&self, standing: Option<&Standing>) -> u16 {
        let own = standing.and_then(|own| own.day.inspection_per_mille);
        own.unwrap_or(self.at.policy.risk.inspection.random_per_mille)
    }

    /// The score from which on a merchant's imports are inspected for it; none where they do not
    /// come by the green channel. What policies hold is inspected whoever sells it; where none is
    /// held, what is of high level.
    pub(super) fn least(&self, standing: Option<&Standing>) -> Option<u8> {
        standing.filter(|own| own.is_green())?;
        let risk = &self.at.policy.risk;
        Some(risk.levels.begin(risk.alerts.hold_from.unwrap_or(Level::High)))
    }

    /// What is said of a merchant's goods, and whether it holds the trade.
    pub(super) fn said_of_goods(
        &self,
        standing: &Standing,
        observations: &[Observation<'_>],
        place: &(Direction, CaseKey),
    ) -> (Vec<Hit>, bool) {
        let alerts = &self.at.policy.risk.alerts;
        let (mut hits, mut holds) = (Vec::new(), standing.is_held);
        if standing.is_held {
            hits.push(self.said(LISTED, alerts.complaint_weight, place, Vec::new(), None));
        }
        let names = observations.iter().filter_map(|own| own.get(Fact::LineName));
        let names: Vec<&str> = names
            .filter_map(|name| match name {
                Value::Text(name) => Some(name),
                _ => None,
            })
            .collect();
        for complaint in &standing.complaints {
            let Some(word) = complaint.word.as_deref() else { continue };
            if let Some(name) = names.iter().find(|name| name.contains(word)) {
                let mut values = of_complaint(complaint);
                values.push(("line.name".to_owned(), name.chars().take(100).collect()));
                hits.push(self.said(COMPLAINT, alerts.complaint_weight, place, values, None));
                holds |= complaint.asks_hold && alerts.complaints_hold;
            }
        }
        (hits, holds)
    }

    /// A holder of rights complains about a trade: a signal. Says whether an alert holds the trade.
    pub(crate) fn complained(
        &mut self,
        place: (Direction, CaseKey),
        merchant: Option<OrganisationCode>,
        complaint: &OpenComplaint,
        document: Hash,
    ) -> Result<bool, StateError> {
        let alerts = &self.at.policy.risk.alerts;
        let (weight, holds) = (alerts.complaint_weight, alerts.complaints_hold);
        let values = of_complaint(complaint);
        let hit = self.said(COMPLAINT, weight, &place, values, Some(document));
        let (direction, case) = place;
        let suspect = Suspect::Trade { direction, case };
        let alert = self.assess_or_last(&suspect, merchant.as_ref(), hit)?;
        self.hold(alert, complaint.asks_hold && holds)
    }

    /// Has an alert of a trade hold it, where it does not yet. Says whether it does.
    pub(super) fn hold(&mut self, alert: Option<Alert>, holds: bool) -> Result<bool, StateError> {
        let Some(mut alert) = alert else { return Ok(false) };
        if holds && !alert.holds && alert.is_open() {
            alert.holds = true;
            self.put_alert(&alert);
        }
        Ok(alert.holds)
    }

    fn said(
        &self,
        rule: &str,
        weight: u8,
        place: &(Direction, CaseKey),
        values: Vec<(String, String)>,
        document: Option<Hash>,
    ) -> Hit {
        Hit {
            rule: rule.to_owned(),
            policy_version: self.at.policy.version,
            weight,
            on: None,
            case: Some(place.clone()),
            height: self.at.height,
            time: self.at.now,
            values,
            document,
        }
    }

    /// Counts what an alert turned out to be for whoever it is about.
    pub(super) fn count_for_credit(
        &mut self,
        alert: &Alert,
        is_true: bool,
    ) -> Result<(), StateError> {
        let about = match &alert.suspect {
            Suspect::Organisation { organisation } => Some(organisation),
            Suspect::Trade { .. } => alert.merchant.as_ref(),
        };
        let Some(about) = about else { return Ok(()) };
        let event = match is_true {
            true => CreditEvent::AlertConfirmed,
            false => CreditEvent::AlertDismissed,
        };
        credit::count_event(self.state, about, self.at.now, event, 1)
    }
}

fn of_complaint(complaint: &OpenComplaint) -> Vec<(String, String)> {
    let right = &complaint.right;
    vec![
        ("right".to_owned(), format!("{} of {}", right.number, right.owner)),
        ("reference".to_owned(), complaint.reference.clone()),
    ]
}
