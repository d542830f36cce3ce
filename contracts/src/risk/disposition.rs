//! Signals, and what agencies do about alerts: raised → assigned → disposed → reviewed.

use super::assessment::{
    Alert, AlertAct, AlertCause, AlertState, AlertStep, Disposition, Hit, ReviewOutcome,
    RuleRecord, Suspect, VersionRecord,
};
use super::working::{About, Risk};
use crate::access::{Book, append_value};
use crate::case::load;
use crate::document::{RiskAct, RiskSignal};
use crate::governance::{active_agencies, zone};
use crate::limits::ALERT_STEPS_MAX;
use crate::rejection::{Rejected, Rejection, Stop};
use crate::state::{StateError, StateRead};
use crate::state_key::{rule_record_key_bytes, version_record_key_bytes};
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec;
use kanhe_types::decimal::Decimal;
use kanhe_types::hash::Hash;

/// Who says it, in which document.
#[derive(Clone, Copy)]
pub(crate) struct Acting<'a> {
    pub(crate) document: Hash,
    pub(crate) signer: &'a OrganisationCode,
}

/// What became of a document that the rules do not refuse.
pub(crate) enum Done<T> {
    Accepted(T),
    Repeated { first_height: u64 },
}

/// Under which rule a signal stands among what fired.
const SIGNAL: &str = "signal";

impl<S: StateRead> Risk<'_, '_, S> {
    /// An agency says that something is suspicious: it adds to the score and raises an alert, if
    /// none is open. Says whether an alert holds the trade.
    pub(crate) fn signal(
        &mut self,
        acting: Acting<'_>,
        signal: RiskSignal,
        merchant: Option<OrganisationCode>,
    ) -> Result<Done<bool>, Stop> {
        let RiskSignal { suspect, source, weight, hold, reason, evidence } = signal;
        let held = super::assessment::assessment(&*self.state, &suspect)?.unwrap_or_default();
        let known = held.hits.iter().find(|hit| hit.document == Some(acting.document));
        if let Some(hit) = known {
            return Ok(Done::Repeated { first_height: hit.height });
        }
        let mut values = vec![
            ("source".to_owned(), source.name().to_owned()),
            ("agency".to_owned(), acting.signer.to_string()),
            ("reason".to_owned(), reason),
        ];
        values.extend(evidence.map(|own| ("evidence".to_owned(), own.to_string())));
        let hit = Hit {
            rule: SIGNAL.to_owned(),
            policy_version: self.at.policy.version,
            weight,
            on: None,
            case: None,
            height: self.at.height,
            time: self.at.now,
            values,
            document: Some(acting.document),
        };
        let is_trade = matches!(suspect, Suspect::Trade { .. });
        let alert = self.assess_or_last(&suspect, merchant.as_ref(), hit)?;
        Ok(Done::Accepted(self.hold(alert.filter(|_| is_trade), hold)?))
    }

    /// The alert that a hit raises, or the last one where it raises none.
    pub(super) fn assess_or_last(
        &mut self,
        suspect: &Suspect,
        merchant: Option<&OrganisationCode>,
        hit: Hit,
    ) -> Result<Option<Alert>, StateError> {
        match self.assess(About::new(suspect.clone(), merchant), vec![hit], None)? {
            Some(raised) => Ok(Some(raised)),
            None => self.last_alert(suspect),
        }
    }

    /// The last alert about something.
    pub(crate) fn last_alert(&self, suspect: &Suspect) -> Result<Option<Alert>, StateError> {
        let held = super::assessment::assessment(&*self.state, suspect)?;
        match held.and_then(|held| held.alert) {
            None => Ok(None),
            Some(number) => super::assessment::alert(&*self.state, number),
        }
    }

    /// An agency does something about an alert. Gives the alert as it stands then.
    pub(crate) fn act(&mut self, acting: Acting<'_>, act: RiskAct) -> Result<Done<Alert>, Stop> {
        let RiskAct { alert: number, act } = act;
        let Some(mut alert) = super::assessment::alert(&*self.state, number)? else {
            let expected = format!("an alert of 1 to {}", self.record.alerts);
            return Err(Rejected::new(Rejection::AlertUnknown, "alert", expected, number).into());
        };
        if let Some(step) = alert.steps.iter().find(|step| step.document == acting.document) {
            return Ok(Done::Repeated { first_height: step.height });
        }
        if alert.owner != *acting.signer {
            let (rejection, found) = (Rejection::AlertNotIts, acting.signer);
            return Err(Rejected::new(rejection, "signer", &alert.owner, found).into());
        }
        if ALERT_STEPS_MAX <= alert.steps.len() {
            let expected = format!("at most {ALERT_STEPS_MAX} acts on one alert");
            return Err(Rejected::new(Rejection::AlertNotNow, "act", expected, "more").into());
        }
        match &act {
            AlertAct::Assign { .. } => {
                must_stand(&alert, alert.is_open(), "an alert that is not disposed of")?;
                alert.state = AlertState::Assigned;
            }
            AlertAct::Dispose { disposition, .. } => self.dispose(&mut alert, disposition)?,
            AlertAct::Review { outcome, recovered, .. } => {
                let is_disposed = alert.state == AlertState::Disposed;
                must_stand(&alert, is_disposed, "an alert that is disposed of")?;
                alert.state = AlertState::Reviewed;
                self.review(&alert, *outcome, recovered.unwrap_or_default())?;
                self.count_for_credit(&alert, *outcome == ReviewOutcome::TruePositive)?;
            }
        }
        alert.steps.push(AlertStep {
            document: acting.document,
            signer: acting.signer.clone(),
            height: self.at.height,
            time: self.at.now,
            act,
        });
        self.put_alert(&alert);
        Ok(Done::Accepted(alert))
    }

    fn dispose(&mut self, alert: &mut Alert, disposition: &Disposition) -> Result<(), Stop> {
        let is_waiting = alert.is_open() || alert.is_interim();
        must_stand(alert, is_waiting, "an alert that is not disposed of for good")?;
        let is_trade = matches!(alert.suspect, Suspect::Trade { .. });
        match disposition {
            Disposition::Release => alert.holds = false,
            Disposition::Inspect | Disposition::Hold | Disposition::Reject => {
                alert.holds = is_trade;
            }
            Disposition::Transfer { to } => {
                let agencies = active_agencies(&*self.state, &zone(&*self.state)?.agencies)?;
                let is_other = *to != alert.owner && agencies.iter().any(|own| own.code == *to);
                if !is_other {
                    let expected = "another active agency";
                    let rejection = Rejection::CounterpartyUnfit;
                    return Err(Rejected::new(rejection, "to", expected, to).into());
                }
                let is_new = alert.give(to.clone());
                alert.state = AlertState::Raised;
                alert.escalated = None;
                alert.due = self.due(alert.level);
                self.enqueue(alert.number, alert.due)?;
                if is_new {
                    let entry = codec::encode(&alert.number);
                    append_value(self.state, Book::Alerts, to, entry)?;
                }
                return Ok(());
            }
        }
        alert.state = AlertState::Disposed;
        Ok(())
    }

    /// Counts what an alert turned out to be, for its rules and its policy version.
    fn review(
        &mut self,
        alert: &Alert,
        outcome: ReviewOutcome,
        recovered: Decimal,
    ) -> Result<(), StateError> {
        let is_true = outcome == ReviewOutcome::TruePositive;
        let one = |count: &mut u32| *count = count.saturating_add(1);
        let more = |sum: &mut Decimal| *sum = sum.checked_add(recovered).unwrap_or(*sum);
        for rule in &alert.rules {
            let key = rule_record_key_bytes(alert.policy_version, rule);
            let mut record: RuleRecord = load(&*self.state, &key)?.unwrap_or_default();
            match is_true {
                true => one(&mut record.true_positives),
                false => one(&mut record.false_positives),
            }
            more(&mut record.recovered);
            self.state.put(key, codec::encode(&record));
        }
        let key = version_record_key_bytes(alert.policy_version);
        let mut record: VersionRecord = load(&*self.state, &key)?.unwrap_or_default();
        match (alert.cause, is_true) {
            (AlertCause::InspectionByChance, true) => one(&mut record.chance_true),
            (AlertCause::InspectionByChance, false) => one(&mut record.chance_false),
            (_, true) => one(&mut record.risk_true),
            (_, false) => one(&mut record.risk_false),
        }
        more(&mut record.recovered);
        self.state.put(key, codec::encode(&record));
        Ok(())
    }
}

fn must_stand(alert: &Alert, fits: bool, expected: &str) -> Result<(), Rejected> {
    if fits {
        return Ok(());
    }
    let found = format!("{:?}", alert.state).to_lowercase();
    Err(Rejected::new(Rejection::AlertNotNow, "act", expected, found))
}

impl Alert {
    /// Whether it is disposed of for the time being: what is inspected or held waits for more.
    pub fn is_interim(&self) -> bool {
        let last = self.steps.iter().rev().find_map(|step| match &step.act {
            AlertAct::Dispose { disposition, .. } => Some(disposition),
            AlertAct::Assign { .. } | AlertAct::Review { .. } => None,
        });
        self.state == AlertState::Disposed
            && matches!(last, Some(Disposition::Inspect | Disposition::Hold))
    }
}
