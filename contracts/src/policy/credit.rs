//! What the policy states of credit: the negative list, indicators, grades, and what follows.

use super::grading::{
    self, CreditIndicator, CustomsSupervision, GradeFrom, Measures, ZoneGrade, ZoneSupervision,
};
use super::{PolicyFault, PolicyFaults};
use crate::access::BUSINESS_ROLES;
use crate::document::EnterpriseGrade;
use crate::limits::{
    CATEGORIES_MAX, CATEGORY_CHARS_MAX, CREDIT_MONTHS_MAX, CREDIT_SCORE_MAX, DESCRIPTION_CHARS_MAX,
    INDICATORS_MAX, REGISTER_TERM_DAYS_MAX,
};
use crate::registry::Role;
use crate::role;
use kanhe_types::codec::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// The policy's section on credit.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields, default)]
pub struct CreditPolicy {
    /// Within how many days of a notice an organisation may object,
    pub objection_days: u32,
    /// and within how many days of its objection the agency has to answer.
    pub answer_days: u32,
    /// The categories of the negative list, ascending by code.
    pub categories: Vec<NegativeCategory>,
    /// What of credit is made public, ascending.
    pub public_fields: Vec<PublicField>,
    /// Of how many months facts are looked at, with the current one.
    pub months: u32,
    /// The score of an organisation of which nothing is known.
    pub base: i64,
    /// What is added to it, in the order of explanations.
    pub indicators: Vec<CreditIndicator>,
    /// From which score on each grade holds, the best first.
    pub grades: Vec<GradeFrom>,
    /// How organisations are supervised by the grade that the zone computes,
    pub zone_supervision: Vec<ZoneSupervision>,
    /// and by the grade that customs gave; the stricter of both holds.
    pub customs_supervision: Vec<CustomsSupervision>,
}

/// A category of the negative list.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields)]
pub struct NegativeCategory {
    /// What notices name it by.
    pub code: String,
    /// What it is called in English,
    pub en: String,
    /// and in Chinese.
    pub zh: String,
    /// What follows for who is listed under it.
    pub consequence: Consequence,
    /// The agencies whose business it is, by their roles, ascending.
    pub by: Vec<Role>,
    /// The most days that a listing may last.
    pub days_max: u32,
    /// After how many days on the list an organisation may report that it put things right.
    #[serde(default)]
    pub repair_days: u32,
}

/// What follows for an organisation that is on the negative list; the stricter comes later.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize,
)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum Consequence {
    /// It is shown.
    Warn,
    /// Its trades are inspected.
    Hold,
    /// Its documents of trades are refused.
    Refuse,
}

/// What of credit can be made public.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize,
)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum PublicField {
    /// Who is listed, or graded.
    Organisation,
    /// Of a listing, its category;
    Category,
    /// the provision of law on which it rests;
    Basis,
    /// the SHA-256 of the decision;
    Decision,
    /// the agency;
    Authority,
    /// when it began;
    From,
    /// when it ends.
    Until,
    /// The grade that customs gave.
    CustomsGrade,
    /// The grade that the zone computes.
    ZoneGrade,
    /// The score that it comes from.
    Score,
    /// How many penalties are on record.
    Penalties,
}

impl CreditPolicy {
    /// The category with this code.
    pub fn category(&self, code: &str) -> Option<&NegativeCategory> {
        self.categories.iter().find(|own| own.code == code)
    }

    /// What follows from being listed under a category. Who stands under one that the policy has
    /// no more is only shown.
    pub fn consequence_of(&self, category: &str) -> Consequence {
        self.category(category).map_or(Consequence::Warn, |own| own.consequence)
    }

    /// The grade of a score.
    pub fn grade_of(&self, score: i64) -> ZoneGrade {
        let own = self.grades.iter().find(|own| own.from <= score);
        own.map_or(ZoneGrade::Bb, |own| own.grade)
    }

    /// How an organisation with these grades is supervised. A grade without a row states nothing.
    pub fn supervision(&self, zone: ZoneGrade, customs: Option<EnterpriseGrade>) -> Measures {
        let of_zone = self.zone_supervision.iter().find(|row| row.grade == zone);
        let of_customs = self.customs_supervision.iter().find(|row| Some(row.grade) == customs);
        let of_zone = of_zone.map(|row| row.measures).unwrap_or_default();
        of_zone.and(of_customs.map(|row| row.measures).unwrap_or_default())
    }

    /// Whether something may be made public.
    pub fn publishes(&self, field: PublicField) -> bool {
        self.public_fields.contains(&field)
    }

    pub(super) fn check(&self, faults: &mut PolicyFaults) {
        for (name, days) in
            [("objection_days", self.objection_days), ("answer_days", self.answer_days)]
        {
            faults.in_range(name, days, 1..=REGISTER_TERM_DAYS_MAX);
        }
        faults.within("categories", |own| {
            own.at_most(self.categories.len(), CATEGORIES_MAX, "categories");
            let expected = "categories ascending by code without repeats";
            own.ascend(&self.categories, expected, |category| &category.code);
            own.each(&self.categories, NegativeCategory::check);
        });
        faults.within("public_fields", |own| {
            own.ascend(&self.public_fields, "fields ascending without repeats", |field| *field);
        });
        faults.in_range("months", self.months, 1..=CREDIT_MONTHS_MAX);
        faults.in_range("base", self.base, 0..=CREDIT_SCORE_MAX);
        faults.within("indicators", |own| {
            own.at_most(self.indicators.len(), INDICATORS_MAX, "indicators");
            own.each(&self.indicators, CreditIndicator::check);
            let is_again = |(index, one): &(usize, &CreditIndicator)| {
                self.indicators.iter().take(*index).any(|other| other.name == one.name)
            };
            if let Some((index, one)) = self.indicators.iter().enumerate().find(is_again) {
                let expected = "a name that no indicator before it has";
                let fault = PolicyFault::at(format!("[{index}].name"), expected);
                own.add(fault.but_found(&one.name));
            }
        });
        faults.within("grades", |own| grading::check_grades(&self.grades, own));
        faults.within("zone_supervision", |own| {
            grading::check_zone(&self.zone_supervision, own);
        });
        faults.within("customs_supervision", |own| {
            grading::check_customs(&self.customs_supervision, own);
        });
    }
}

impl NegativeCategory {
    fn check(&self, faults: &mut PolicyFaults) {
        check_name("code", &self.code, faults);
        check_text("en", &self.en, faults);
        check_text("zh", &self.zh, faults);
        faults.within("by", |own| {
            own.require(!self.by.is_empty(), || PolicyFault::at("", "one role or more"));
            own.ascend(&self.by, "roles ascending without repeats", |role| *role);
            own.each(&self.by, |role, own| {
                own.require(BUSINESS_ROLES.contains(role), || {
                    let expected = "the role of an agency with a business of its own";
                    PolicyFault::at("", expected).but_found(role::name(*role))
                });
            });
        });
        faults.in_range("days_max", self.days_max, 1..=REGISTER_TERM_DAYS_MAX);
        faults.in_range("repair_days", self.repair_days, 0..=self.days_max);
    }
}

/// A name by which documents or explanations name something.
pub(super) fn check_name(path: &str, name: &str, faults: &mut PolicyFaults) {
    let is_own = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let fits = (1..=CATEGORY_CHARS_MAX).contains(&name.len()) && name.bytes().all(is_own);
    faults.require(fits, || {
        PolicyFault::at(path, "1 to 32 lower case letters, digits and underscores")
    });
}

/// A text for people.
pub(super) fn check_text(path: &str, text: &str, faults: &mut PolicyFaults) {
    let is_empty = text.trim().is_empty() || text.chars().any(char::is_control);
    faults.require(!is_empty && text.chars().count() <= DESCRIPTION_CHARS_MAX, || {
        PolicyFault::at(path, "1 to 100 printable characters")
    });
}

impl Default for CreditPolicy {
    fn default() -> Self {
        use PublicField::{Authority, Basis, Category, CustomsGrade, From, Organisation, Until};
        Self {
            // Twenty days for either, as customs' rules on credit have it.
            objection_days: 20,
            answer_days: 20,
            categories: categories(),
            public_fields: vec![
                Organisation,
                Category,
                Basis,
                Authority,
                From,
                Until,
                CustomsGrade,
                PublicField::ZoneGrade,
            ],
            months: 12,
            base: 550,
            indicators: grading::indicators(),
            grades: grading::grades(),
            zone_supervision: grading::zone_supervision(),
            customs_supervision: grading::customs_supervision(),
        }
    }
}

/// Terms follow the three severities of discredit information: up to three months, a year, and
/// three years.
fn categories() -> Vec<NegativeCategory> {
    use Consequence::{Hold, Refuse, Warn};
    use Role::{Commerce, Customs, Forex, Market, Post, Tax};
    let category = |code: &str, en: &str, zh: &str, consequence, by: &[Role], days: (u32, u32)| {
        let (days_max, repair_days) = days;
        NegativeCategory {
            code: code.to_owned(),
            en: en.to_owned(),
            zh: zh.to_owned(),
            consequence,
            by: by.to_vec(),
            days_max,
            repair_days,
        }
    };
    vec![
        category(
            "consumers",
            "many complaints of consumers",
            "消费投诉集中",
            Warn,
            &[Commerce, Market, Post],
            (92, 0),
        ),
        category(
            "counterfeit",
            "counterfeit goods",
            "侵权售假",
            Hold,
            &[Customs, Market],
            (366, 90),
        ),
        category("debt", "unpaid taxes or fines", "欠缴税款罚款", Hold, &[Customs, Tax], (366, 0)),
        category(
            "false_trade",
            "trades that are none",
            "虚假交易",
            Refuse,
            &[Customs, Tax, Forex],
            (1_098, 183),
        ),
        category("serious", "serious discredit", "严重失信", Refuse, &[Customs], (1_098, 366)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Policy;

    #[test]
    fn a_section_on_credit_that_cannot_be_is_named_by_its_place() {
        let fault = |change: fn(&mut CreditPolicy)| {
            let mut policy = Policy::default();
            change(&mut policy.credit);
            policy.check().err().map(|fault| fault.path)
        };
        for (change, path) in [
            ((|_| {}) as fn(&mut CreditPolicy), None),
            (|own| own.objection_days = 0, Some("credit.objection_days")),
            (|own| own.answer_days = 3_661, Some("credit.answer_days")),
            (|own| own.categories.swap(0, 1), Some("credit.categories[1]")),
            (|own| own.public_fields.swap(0, 1), Some("credit.public_fields[1]")),
            (|own| own.categories[1].code = "A".into(), Some("credit.categories[1]")),
            (|own| own.categories[0].code = "A".into(), Some("credit.categories[0].code")),
            (|own| own.categories[1].zh = " ".into(), Some("credit.categories[1].zh")),
            (|own| own.categories[1].by.clear(), Some("credit.categories[1].by")),
            (|own| own.categories[1].by[0] = Role::Merchant, Some("credit.categories[1].by[0]")),
            (|own| own.categories[1].days_max = 0, Some("credit.categories[1].days_max")),
            (|own| own.categories[1].repair_days = 9_999, Some("credit.categories[1].repair_days")),
            (|own| own.months = 37, Some("credit.months")),
            (|own| own.base = -1, Some("credit.base")),
            (|own| own.indicators[2].weight = 1_001, Some("credit.indicators[2].weight")),
            (|own| own.indicators[2].cap = -1, Some("credit.indicators[2].cap")),
            (|own| own.indicators[2].name = "filing".into(), Some("credit.indicators[2].name")),
            (
                |own| own.indicators[2].expression = "filing > 0".into(),
                Some("credit.indicators[2].expression"),
            ),
            (
                |own| own.indicators[2].expression = "nothing.known".into(),
                Some("credit.indicators[2].expression"),
            ),
            (|own| own.grades.swap(0, 1), Some("credit.grades")),
            (|own| own.grades[4].from = 1, Some("credit.grades")),
            (|own| own.grades[0].from = 1_001, Some("credit.grades[0].from")),
            (|own| own.zone_supervision.swap(0, 1), Some("credit.zone_supervision[1]")),
            (
                |own| own.customs_supervision[0].measures.deposit_per_cent = Some(101),
                Some("credit.customs_supervision[0].measures.deposit_per_cent"),
            ),
        ] {
            assert_eq!(fault(change).as_deref(), path);
        }
    }

    #[test]
    fn who_stands_under_a_category_that_is_gone_is_only_shown() {
        let own = CreditPolicy::default();
        assert_eq!(own.consequence_of("serious"), Consequence::Refuse);
        assert_eq!(own.consequence_of("gone"), Consequence::Warn);
    }
}
