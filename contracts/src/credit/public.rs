//! What is public of credit: the fields of the policy's whitelist, of what has not ended.

use super::assess::Assessment;
use super::negative::{Listed, negative_list};
use crate::document::EnterpriseGrade;
use crate::policy::{Policy, PublicField, ZoneGrade};
use crate::register::{Content, NegativeList, entry};
use crate::state::{StateError, StateRead};
use kanhe_types::code::OrganisationCode;
use kanhe_types::hash::Hash;
use kanhe_types::time::Millis;
use serde::{Deserialize, Serialize};

/// What is public of a listing: the fields that both the policy's whitelist and its notice have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicListing {
    /// Who is listed.
    pub organisation: OrganisationCode,
    /// Under which category.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub category: Option<String>,
    /// The provision of law on which it rests.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub basis: Option<String>,
    /// The SHA-256 of the decision.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub decision: Option<Hash>,
    /// The agency.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub authority: Option<OrganisationCode>,
    /// When it began.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub from: Option<Millis>,
    /// When it ends.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub until: Option<Millis>,
}

/// What is public of an organisation's credit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicCredit {
    /// The grade that the zone computes.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub zone_grade: Option<ZoneGrade>,
    /// The score that it comes from.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub score: Option<i64>,
    /// The grade that customs gave.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub customs_grade: Option<EnterpriseGrade>,
    /// How many penalties are on record.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub penalties: Option<i64>,
    /// Its listings that hold now.
    pub listings: Vec<PublicListing>,
}

impl PublicListing {
    /// What is public of a listing; nothing where who is listed is not.
    fn new(policy: &Policy, listed: &Listed, own: &NegativeList) -> Option<Self> {
        let is_public =
            |field| policy.credit.publishes(field) && own.notice.public.contains(&field);
        is_public(PublicField::Organisation).then(|| Self {
            organisation: listed.organisation.clone(),
            category: is_public(PublicField::Category).then(|| listed.category.clone()),
            basis: is_public(PublicField::Basis).then(|| own.notice.basis.clone()),
            decision: is_public(PublicField::Decision).then_some(own.notice.decision),
            authority: is_public(PublicField::Authority).then(|| listed.entry.owner.clone()),
            from: is_public(PublicField::From).then_some(listed.from),
            until: is_public(PublicField::Until).then_some(listed.until),
        })
    }
}

/// What is public of the listings that hold at an instant: of one organisation, or of all.
///
/// # Errors
/// When this machine cannot read its state.
pub fn published(
    state: &impl StateRead,
    policy: &Policy,
    of: Option<&OrganisationCode>,
    now: Millis,
) -> Result<Vec<PublicListing>, StateError> {
    let mut all = Vec::new();
    for listed in negative_list(state)? {
        if !listed.holds(now) || of.is_some_and(|of| *of != listed.organisation) {
            continue;
        }
        if let Some(Content::NegativeList(own)) =
            entry(state, &listed.entry)?.map(|entry| entry.content)
        {
            all.extend(PublicListing::new(policy, &listed, &own));
        }
    }
    Ok(all)
}

/// What is public of an organisation that was assessed by `state` and `policy`.
///
/// # Errors
/// When this machine cannot read its state.
pub fn public_credit(
    state: &impl StateRead,
    policy: &Policy,
    assessment: &Assessment,
) -> Result<PublicCredit, StateError> {
    let publishes = |field| policy.credit.publishes(field);
    if !publishes(PublicField::Organisation) {
        return Ok(PublicCredit::default());
    }
    let names = ["penalties.minor", "penalties.general", "penalties.serious"];
    let penalties = assessment.facts.iter().filter(|fact| names.contains(&fact.name.as_str()));
    let penalties = penalties.fold(0i64, |sum, fact| sum.saturating_add(fact.value));
    let grade = assessment.customs_grade.as_ref().map(|own| own.grade);
    Ok(PublicCredit {
        zone_grade: publishes(PublicField::ZoneGrade).then_some(assessment.zone_grade),
        score: publishes(PublicField::Score).then_some(assessment.score),
        customs_grade: grade.filter(|_| publishes(PublicField::CustomsGrade)),
        penalties: publishes(PublicField::Penalties).then_some(penalties),
        listings: published(state, policy, Some(&assessment.organisation), assessment.time)?,
    })
}
