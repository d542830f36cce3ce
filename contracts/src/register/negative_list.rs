//! The negative list: notified → objected to → entered → rectified → repaired, or withdrawn. A
//! listing ends by itself with its term.

use super::Registered;
use super::desk::{Desk, days_after, not_now, numbered_already};
use crate::credit::{self, Listed};
use crate::document::{Evidence, ListNotice, NegativeListAct, ObjectionAnswer, ObjectionOutcome};
use crate::limits::RECTIFICATIONS_MAX;
use crate::registry::Role;
use crate::rejection::{Rejected, Rejection, Stop};
use crate::state::StateRead;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::hash::Hash;
use kanhe_types::time::Millis;
use serde::{Deserialize, Serialize};

/// An entry of the negative list.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase")]
pub struct NegativeList {
    /// Where it stands.
    pub state: ListingState,
    /// Who is to be listed, and why.
    pub notice: ListNotice,
    /// The block time until which the organisation may object.
    pub objection_until: Millis,
    /// What it objected.
    pub objection: Option<Objection>,
    /// Since when it is listed, in block time.
    pub entered: Option<Millis>,
    /// The block time from which on it may report that it put things right.
    pub rectify_from: Option<Millis>,
    /// What it reported.
    pub rectifications: Vec<Rectification>,
    /// How the listing was repaired.
    pub repair: Option<Repair>,
}

/// Where an entry of the negative list stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum ListingState {
    /// The organisation was told, and may object until its term.
    Notified,
    /// It objected, and waits for the answer.
    Objected,
    /// The objection was upheld: it is not listed.
    Dropped,
    /// The objection was dismissed: it may be listed.
    Dismissed,
    /// It is listed, until the term ends.
    Entered,
    /// It is listed, and has reported that it put things right.
    Rectified,
    /// The listing ends, or ended, before its term.
    Repaired,
    /// The agency took it back.
    Withdrawn,
}

/// An objection, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase")]
pub struct Objection {
    /// What shows it.
    pub evidence: Vec<Evidence>,
    /// When it was made, in block time.
    pub time: Millis,
    /// The block time until which it has to be answered.
    pub answer_until: Millis,
    /// The answer.
    pub answer: Option<ObjectionAnswer>,
}

/// A report that things were put right.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase")]
pub struct Rectification {
    /// The SHA-256 of the report.
    pub report: Hash,
    /// What shows it.
    pub evidence: Vec<Evidence>,
    /// When it was made, in block time.
    pub time: Millis,
    /// Why the agency did not repair the listing, and the SHA-256 of that decision.
    pub refusal: Option<(String, Hash)>,
}

/// That a listing ends before its term.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase")]
pub struct Repair {
    /// The SHA-256 of the decision.
    pub decision: Hash,
    /// From when on.
    pub from: Millis,
    /// When it was decided, in block time.
    pub time: Millis,
}

impl NegativeList {
    /// From when until when the organisation is listed by it; none where it is not.
    pub fn term(&self) -> Option<(Millis, Millis)> {
        let entered = self.entered.filter(|_| self.state != ListingState::Withdrawn)?;
        let until = self.repair.as_ref().map_or(self.notice.until, |repair| repair.from);
        Some((self.notice.from.max(entered), until.min(self.notice.until)))
    }

    /// Whether the organisation is listed by it at an instant.
    pub fn holds(&self, now: Millis) -> bool {
        self.term().is_some_and(|(from, until)| from <= now && now < until)
    }

    /// Whether nothing can be done about it any more at an instant.
    pub fn is_over(&self, now: Millis) -> bool {
        let is_closed = matches!(self.state, ListingState::Dropped | ListingState::Withdrawn);
        is_closed || self.notice.until <= now || self.term().is_some_and(|(_, until)| until <= now)
    }

    fn must_stand<S>(
        &self,
        desk: &Desk<'_, '_, S>,
        states: &[ListingState],
        expected: &str,
    ) -> Result<(), Stop> {
        match self.is_over(desk.actor.time) {
            false if states.contains(&self.state) => Ok(()),
            true => Err(not_now(expected, "over")),
            false => Err(not_now(expected, format!("{:?}", self.state).to_lowercase())),
        }
    }

    fn object<S: StateRead>(
        &mut self,
        desk: &Desk<'_, '_, S>,
        evidence: Vec<Evidence>,
    ) -> Result<(), Stop> {
        desk.must_be(&[&self.notice.organisation])?;
        self.must_stand(desk, &[ListingState::Notified], "a notice that nobody objected to")?;
        let now = desk.actor.time;
        if self.objection_until < now {
            return Err(not_now(format!("an objection until {}", self.objection_until), now));
        }
        let answer_until = desk.in_days(desk.policy.credit.answer_days);
        self.objection = Some(Objection { evidence, time: now, answer_until, answer: None });
        self.state = ListingState::Objected;
        Ok(())
    }

    fn answer<S: StateRead>(
        &mut self,
        desk: &Desk<'_, '_, S>,
        answer: ObjectionAnswer,
    ) -> Result<(), Stop> {
        desk.must_be_owner()?;
        self.must_stand(desk, &[ListingState::Objected], "an objection to answer")?;
        self.state = match answer.outcome {
            ObjectionOutcome::Upheld => ListingState::Dropped,
            ObjectionOutcome::Dismissed => ListingState::Dismissed,
        };
        if let Some(objection) = &mut self.objection {
            objection.answer = Some(answer);
        }
        Ok(())
    }

    fn enter<S: StateRead>(&mut self, desk: &mut Desk<'_, '_, S>) -> Result<(), Stop> {
        desk.must_be_owner()?;
        must_list(desk, &self.notice.category)?;
        let states = [ListingState::Notified, ListingState::Dismissed];
        self.must_stand(desk, &states, "a notice without an objection that is open or upheld")?;
        let now = desk.actor.time;
        if self.state == ListingState::Notified && now <= self.objection_until {
            let expected = format!("after {}, the term of objections", self.objection_until);
            return Err(not_now(expected, now));
        }
        let listed = Listed {
            organisation: self.notice.organisation.clone(),
            entry: desk.key.clone(),
            category: self.notice.category.clone(),
            from: self.notice.from.max(now),
            until: self.notice.until,
        };
        credit::enter(desk.state, listed, now)?;
        let category = desk.policy.credit.category(&self.notice.category);
        let days = category.map_or(0, |category| category.repair_days);
        (self.entered, self.rectify_from) = (Some(now), Some(desk.in_days(days)));
        self.state = ListingState::Entered;
        Ok(())
    }

    fn rectify<S: StateRead>(
        &mut self,
        desk: &Desk<'_, '_, S>,
        report: Hash,
        evidence: Vec<Evidence>,
    ) -> Result<(), Stop> {
        desk.must_be(&[&self.notice.organisation])?;
        self.must_stand(desk, &[ListingState::Entered], "a listing without an open report")?;
        let now = desk.actor.time;
        if let Some(from) = self.rectify_from.filter(|from| now < *from) {
            return Err(not_now(format!("a report from {from} on"), now));
        }
        if RECTIFICATIONS_MAX <= self.rectifications.len() {
            let expected = format!("at most {RECTIFICATIONS_MAX} reports");
            return Err(Rejected::new(Rejection::EntryFull, "act", expected, "one more").into());
        }
        self.rectifications.push(Rectification { report, evidence, time: now, refusal: None });
        self.state = ListingState::Rectified;
        Ok(())
    }

    fn repair<S: StateRead>(
        &mut self,
        desk: &mut Desk<'_, '_, S>,
        decision: Hash,
        from: Millis,
    ) -> Result<(), Stop> {
        desk.must_be_owner()?;
        let states = [ListingState::Entered, ListingState::Rectified];
        self.must_stand(desk, &states, "a listing")?;
        let (now, until) = (desk.actor.time, self.notice.until);
        if from < now || until < from {
            let expected = format!("{now} to {until}");
            return Err(Rejected::new(Rejection::DatesUnfit, "from", expected, from).into());
        }
        credit::end(desk.state, &desk.key, from, now)?;
        self.repair = Some(Repair { decision, from, time: now });
        self.state = ListingState::Repaired;
        Ok(())
    }

    fn refuse<S: StateRead>(
        &mut self,
        desk: &Desk<'_, '_, S>,
        decision: Hash,
        reason: String,
    ) -> Result<(), Stop> {
        desk.must_be_owner()?;
        self.must_stand(desk, &[ListingState::Rectified], "a report that waits")?;
        if let Some(last) = self.rectifications.last_mut() {
            last.refusal = Some((reason, decision));
        }
        self.state = ListingState::Entered;
        Ok(())
    }

    fn withdraw<S: StateRead>(&mut self, desk: &mut Desk<'_, '_, S>) -> Result<(), Stop> {
        desk.must_be_owner()?;
        if matches!(self.state, ListingState::Dropped | ListingState::Withdrawn) {
            let found = format!("{:?}", self.state).to_lowercase();
            return Err(not_now("a notice or listing that stands", found));
        }
        // One that is over is withdrawn, too: it should not have been.
        credit::end(desk.state, &desk.key, Millis(0), desk.actor.time)?;
        self.state = ListingState::Withdrawn;
        Ok(())
    }
}

/// The signer must be an agency whose business the category is.
fn must_list<S: StateRead>(desk: &Desk<'_, '_, S>, category: &str) -> Result<(), Stop> {
    desk.must_be_its_agency()?;
    let Some(category) = desk.policy.credit.category(category) else {
        let codes: Vec<&str> =
            desk.policy.credit.categories.iter().map(|own| own.code.as_str()).collect();
        let (expected, rejection) = (codes.join(" or "), Rejection::CategoryUnknown);
        return Err(Rejected::new(rejection, "category", expected, "another").into());
    };
    desk.must_have_one_of(&category.by)
}

impl Registered for NegativeList {
    type Act = NegativeListAct;

    fn open<S: StateRead>(desk: &mut Desk<'_, '_, S>, act: NegativeListAct) -> Result<Self, Stop> {
        let NegativeListAct::Notify(notice) = act else {
            return Err(not_now("notify", "an entry that is not there"));
        };
        must_list(desk, &notice.category)?;
        desk.must_not_have("organisation", &notice.organisation, Role::Agency)?;
        let now = desk.actor.time;
        let days = desk.policy.credit.category(&notice.category).map_or(0, |own| own.days_max);
        let last = days_after(notice.from, days);
        if notice.until <= now || last < notice.until {
            let expected = format!("after {now}, at most {last}");
            let found = notice.until;
            return Err(Rejected::new(Rejection::DatesUnfit, "until", expected, found).into());
        }
        Ok(Self {
            state: ListingState::Notified,
            notice,
            objection_until: desk.in_days(desk.policy.credit.objection_days),
            objection: None,
            entered: None,
            rectify_from: None,
            rectifications: Vec::new(),
            repair: None,
        })
    }

    fn follow<S: StateRead>(
        &mut self,
        desk: &mut Desk<'_, '_, S>,
        act: NegativeListAct,
    ) -> Result<(), Stop> {
        match act {
            NegativeListAct::Notify(_) => Err(numbered_already("number", "an entry's")),
            NegativeListAct::Object(evidence) => self.object(desk, evidence),
            NegativeListAct::Answer(answer) => self.answer(desk, answer),
            NegativeListAct::Enter => self.enter(desk),
            NegativeListAct::Rectify { report, evidence } => self.rectify(desk, report, evidence),
            NegativeListAct::Repair { decision, from } => self.repair(desk, decision, from),
            NegativeListAct::Refuse { decision, reason } => self.refuse(desk, decision, reason),
            NegativeListAct::Withdraw { .. } => self.withdraw(desk),
        }
    }
}
