//! Customs grades: written by customs only, suspended while something is rectified, replaced by the
//! next.

use super::Registered;
use super::desk::{Desk, not_now, numbered_already};
use super::{Content, Entry};
use crate::credit::{self, GradeStanding};
use crate::document::{CustomsGradeAct, GradeFacts};
use crate::limits::SUSPENSION_MS_MAX;
use crate::registry::Role;
use crate::rejection::{Rejected, Rejection, Stop};
use crate::state::StateRead;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::hash::Hash;
use kanhe_types::time::Millis;
use serde::{Deserialize, Serialize};

/// A grade that customs gave, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase")]
pub struct CustomsGrade {
    /// The grade.
    pub facts: GradeFacts,
    /// The times for which its benefits were suspended, in their order.
    pub suspensions: Vec<Suspension>,
    /// When it ended before its term, in block time: customs ended it, or wrote another.
    pub ended: Option<Millis>,
    /// The SHA-256 of the decision by which customs ended it.
    pub end_decision: Option<Hash>,
}

/// A time in which an enterprise rectifies, and the benefits of its grade are suspended.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase")]
pub struct Suspension {
    /// The first instant, in block time,
    pub from: Millis,
    /// and the first after the last.
    pub until: Millis,
    /// The SHA-256 of the decision.
    pub decision: Hash,
    /// The SHA-256 of the decision that ended it before its term.
    pub resumed: Option<Hash>,
}

impl CustomsGrade {
    fn standing(&self, entry: super::EntryKey) -> GradeStanding {
        GradeStanding {
            entry,
            grade: self.facts.grade,
            since: self.facts.since,
            until: self.facts.until,
            suspended_until: self.suspensions.last().map(|own| own.until),
        }
    }

    fn is_suspended(&self, now: Millis) -> bool {
        self.suspensions.last().is_some_and(|own| now < own.until)
    }

    fn suspend<S: StateRead>(
        &mut self,
        desk: &Desk<'_, '_, S>,
        until: Millis,
        decision: Hash,
    ) -> Result<(), Stop> {
        let now = desk.actor.time;
        if !self.facts.grade.is_certified() || self.is_suspended(now) {
            let found = if self.is_suspended(now) { "suspended" } else { "another grade" };
            return Err(not_now("a certified enterprise whose benefits are not suspended", found));
        }
        desk.must_be_ahead("until", until, SUSPENSION_MS_MAX)?;
        self.suspensions.push(Suspension { from: now, until, decision, resumed: None });
        Ok(())
    }

    fn resume<S: StateRead>(&mut self, desk: &Desk<'_, '_, S>, decision: Hash) -> Result<(), Stop> {
        let now = desk.actor.time;
        let Some(last) = self.suspensions.last_mut().filter(|own| now < own.until) else {
            return Err(not_now("benefits that are suspended", "none"));
        };
        (last.until, last.resumed) = (now, Some(decision));
        Ok(())
    }
}

/// The signer must be customs, as an agency.
fn must_be_customs<S: StateRead>(desk: &Desk<'_, '_, S>) -> Result<(), Stop> {
    desk.must_be_its_agency()?;
    desk.must_have_role(Role::Customs)
}

/// The grade before ends.
fn end_earlier<S: StateRead>(
    desk: &mut Desk<'_, '_, S>,
    earlier: &GradeStanding,
) -> Result<(), Stop> {
    let Some(entry) = desk.entry(&earlier.entry)? else { return Ok(()) };
    let Entry { key, steps, content } = entry;
    if let Content::CustomsGrade(mut own) = content {
        own.ended.get_or_insert(desk.actor.time);
        desk.put_entry(&Entry { key, steps, content: Content::CustomsGrade(own) });
    }
    Ok(())
}

impl Registered for CustomsGrade {
    type Act = CustomsGradeAct;

    fn open<S: StateRead>(desk: &mut Desk<'_, '_, S>, act: CustomsGradeAct) -> Result<Self, Stop> {
        let CustomsGradeAct::Write(facts) = act else {
            return Err(not_now("write", "a grade that is not there"));
        };
        must_be_customs(desk)?;
        desk.must_not_have("organisation", &facts.organisation, Role::Agency)?;
        let now = desk.actor.time;
        let is_past = facts.until.is_some_and(|until| until <= now);
        if now < facts.since || is_past {
            let field = if is_past { "until" } else { "since" };
            let expected = format!("since {now} or earlier, until after it");
            return Err(Rejected::new(Rejection::DatesUnfit, field, expected, "another").into());
        }
        let organisation = facts.organisation.clone();
        if let Some(earlier) = credit::written_grade(&*desk.state, &organisation)? {
            end_earlier(desk, &earlier)?;
        }
        let own = Self { facts, suspensions: Vec::new(), ended: None, end_decision: None };
        let standing = own.standing(desk.key.clone());
        credit::put_grade(desk.state, &organisation, Some(&standing));
        Ok(own)
    }

    fn follow<S: StateRead>(
        &mut self,
        desk: &mut Desk<'_, '_, S>,
        act: CustomsGradeAct,
    ) -> Result<(), Stop> {
        must_be_customs(desk)?;
        let now = desk.actor.time;
        if self.ended.is_some() || self.facts.until.is_some_and(|until| until <= now) {
            return Err(not_now("a grade that holds", "ended"));
        }
        match act {
            CustomsGradeAct::Write(_) => return Err(numbered_already("number", "a grade's")),
            CustomsGradeAct::Suspend { until, decision } => self.suspend(desk, until, decision)?,
            CustomsGradeAct::Resume { decision } => self.resume(desk, decision)?,
            CustomsGradeAct::End { decision } => {
                (self.ended, self.end_decision) = (Some(now), Some(decision));
            }
        }
        let standing = self.standing(desk.key.clone());
        let standing = Some(&standing).filter(|_| self.ended.is_none());
        credit::put_grade(desk.state, &self.facts.organisation, standing);
        Ok(())
    }
}
