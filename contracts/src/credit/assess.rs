//! An organisation's score, grades and supervision, with everything from which they follow.

use super::facts::{Facts, NamedFact};
use super::file::{FiledFact, GradeStanding, customs_grade};
use super::negative::{Listed, consequence};
use crate::expression::{Program, Value};
use crate::limits::CREDIT_SCORE_MAX;
use crate::policy::{Consequence, Measures, Policy, ZoneGrade};
use crate::state::{StateError, StateRead};
use crate::statistics::Month;
use kanhe_types::code::OrganisationCode;
use kanhe_types::time::Millis;
use serde::{Deserialize, Serialize};

/// What is to be said of an organisation's credit at an instant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Assessment {
    /// The organisation.
    pub organisation: OrganisationCode,
    /// The policy that says how.
    pub policy_version: u32,
    /// The instant.
    pub time: Millis,
    /// The first month whose facts were looked at,
    pub from: Month,
    /// and the last.
    pub to: Month,
    /// The facts.
    pub facts: Vec<NamedFact>,
    /// What of its file the attested facts were counted by.
    pub records: Vec<FiledFact>,
    /// The score of an organisation of which nothing is known.
    pub base: i64,
    /// What was added to it.
    pub indicators: Vec<IndicatorResult>,
    /// The sum, between 0 and 1,000.
    pub score: i64,
    /// The grade that the zone computes from it.
    pub zone_grade: ZoneGrade,
    /// The grade that customs gave.
    pub customs_grade: Option<GradeStanding>,
    /// Whether the benefits of that grade are suspended.
    pub is_suspended: bool,
    /// How it is supervised by both.
    pub supervision: Measures,
    /// What follows from being on the negative list.
    pub listing: Option<ListingResult>,
}

/// What an indicator adds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndicatorResult {
    /// Its name,
    pub name: String,
    /// in English,
    pub en: String,
    /// and in Chinese.
    pub zh: String,
    /// The expression.
    pub expression: String,
    /// The facts that it reads.
    pub facts: Vec<NamedFact>,
    /// Its value,
    pub value: i64,
    /// what of it counts between floor and cap,
    pub counted: i64,
    /// points for each one,
    pub weight: i64,
    /// and what that comes to.
    pub points: i64,
}

/// What follows from a listing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListingResult {
    /// The consequence.
    pub consequence: Consequence,
    /// The listing from which it follows.
    pub listed: Listed,
}

/// The indicators of a policy, compiled. One is made for each version of the policy.
#[derive(Clone, Debug, Default)]
pub struct CompiledCredit(Vec<Option<Program>>);

impl CompiledCredit {
    /// Those of no policy.
    pub const NONE: Self = Self(Vec::new());

    /// Compiles the indicators of a policy. One that does not compile, which no policy in force
    /// has, counts nothing.
    pub fn new(policy: &Policy) -> Self {
        Self(policy.credit.indicators.iter().map(|own| own.compile().ok()).collect())
    }

    /// What each expression costs at most, by its path in the policy.
    pub fn costs(&self) -> Vec<(String, u32)> {
        let cost = |(index, program): (usize, &Option<Program>)| {
            let path = format!("credit.indicators[{index}].expression");
            Some((path, program.as_ref()?.cost()))
        };
        self.0.iter().enumerate().filter_map(cost).collect()
    }
}

/// Assesses an organisation at an instant. Pure: the same state, policy and instant give the same.
///
/// # Errors
/// When this machine cannot read its state.
pub fn assess(
    state: &impl StateRead,
    policy: &Policy,
    organisation: &OrganisationCode,
    now: Millis,
) -> Result<Assessment, StateError> {
    assess_with(state, policy, &CompiledCredit::new(policy), organisation, now)
}

/// The same with the indicators of `policy` compiled before.
///
/// # Errors
/// When this machine cannot read its state.
pub fn assess_with(
    state: &impl StateRead,
    policy: &Policy,
    compiled: &CompiledCredit,
    organisation: &OrganisationCode,
    now: Millis,
) -> Result<Assessment, StateError> {
    let credit = &policy.credit;
    let facts = Facts::gather(state, organisation, credit.months, now)?;
    let named = facts.named();
    let indicators = results(policy, compiled, &facts, &named);
    let points = indicators.iter().map(|own| own.points);
    let sum = points.fold(credit.base, i64::saturating_add);
    let score = sum.clamp(0, CREDIT_SCORE_MAX);
    let zone_grade = credit.grade_of(score);
    let customs_grade = customs_grade(state, organisation, now)?;
    let treated_as = customs_grade.as_ref().map(|own| own.treated_as(now));
    let listing = consequence(state, policy, organisation, now)?;
    Ok(Assessment {
        organisation: organisation.clone(),
        policy_version: policy.version,
        time: now,
        from: facts.from,
        to: facts.to,
        facts: named,
        records: facts.file,
        base: credit.base,
        indicators,
        score,
        zone_grade,
        is_suspended: customs_grade.as_ref().is_some_and(|own| own.is_suspended(now)),
        customs_grade,
        supervision: credit.supervision(zone_grade, treated_as),
        listing: listing.map(|(consequence, listed)| ListingResult { consequence, listed }),
    })
}

fn results(
    policy: &Policy,
    compiled: &CompiledCredit,
    facts: &Facts,
    named: &[NamedFact],
) -> Vec<IndicatorResult> {
    let slots = facts.slots();
    let all = policy.credit.indicators.iter().zip(&compiled.0);
    let result = |(own, program): (&crate::policy::CreditIndicator, &Option<Program>)| {
        let value = match program.as_ref().map(|program| program.evaluate(&slots)) {
            Some(Value::Int(value)) => value,
            _ => 0,
        };
        let read = program.as_ref().map(Program::slots).unwrap_or_default();
        let counted = value.max(own.floor).min(own.cap);
        IndicatorResult {
            name: own.name.clone(),
            en: own.en.clone(),
            zh: own.zh.clone(),
            expression: own.expression.clone(),
            facts: read.iter().filter_map(|slot| named.get(*slot)).cloned().collect(),
            value,
            counted,
            weight: own.weight,
            points: counted.saturating_mul(own.weight),
        }
    };
    all.map(result).collect()
}
