//! What the policy states of scores, grades, and how organisations of each grade are supervised.

use super::credit::{check_name, check_text};
use super::{PolicyFault, PolicyFaults};
use crate::credit::CreditScope;
use crate::document::EnterpriseGrade;
use crate::expression::{Program, Type};
use crate::limits::{CREDIT_COST_MAX, CREDIT_COUNT_MAX, CREDIT_SCORE_MAX, CREDIT_WEIGHT_MAX};
use kanhe_types::codec::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// Something that is asked about an organisation's credit. Its value counts between `floor` and
/// `cap`, `weight` points for each one.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields)]
pub struct CreditIndicator {
    /// What explanations name it by.
    pub name: String,
    /// Its value: an expression of type int over the facts of [`crate::credit::fact_names`].
    pub expression: String,
    /// Points for each one of its value.
    pub weight: i64,
    /// The least value that counts,
    pub floor: i64,
    /// and the most.
    pub cap: i64,
    /// What it is called in English,
    pub en: String,
    /// and in Chinese.
    pub zh: String,
}

/// The grades that the zone computes; the worse comes later.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize,
)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "UPPERCASE")]
pub enum ZoneGrade {
    /// Excellent.
    Aaa,
    /// Good.
    Aa,
    /// Sound.
    A,
    /// Fair, and what a newcomer has.
    Bbb,
    /// Poor.
    Bb,
}

impl ZoneGrade {
    /// Every grade, the best first.
    pub const ALL: [Self; 5] = [Self::Aaa, Self::Aa, Self::A, Self::Bbb, Self::Bb];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Aaa => "AAA",
            Self::Aa => "AA",
            Self::A => "A",
            Self::Bbb => "BBB",
            Self::Bb => "BB",
        }
    }
}

/// The least score of a grade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields)]
pub struct GradeFrom {
    /// The grade.
    pub grade: ZoneGrade,
    /// Its least score.
    pub from: i64,
}

/// How an organisation is supervised; what is absent is not stated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields, default)]
pub struct Measures {
    /// Of a thousand trades, how many are inspected.
    pub inspection_per_mille: Option<u16>,
    /// Of the tax, how many per cent are to be deposited.
    pub deposit_per_cent: Option<u16>,
    /// Within how many days documents that are missing, and answers, are due.
    pub deadline_days: Option<u16>,
    /// Whether its trades pass by the green channel.
    pub green_channel: Option<bool>,
}

impl Measures {
    /// What holds of both: the stricter, where either states something.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        fn either<T: Copy>(
            one: Option<T>,
            two: Option<T>,
            stricter: impl Fn(T, T) -> T,
        ) -> Option<T> {
            match (one, two) {
                (Some(one), Some(two)) => Some(stricter(one, two)),
                (one, two) => one.or(two),
            }
        }
        Self {
            inspection_per_mille: either(
                self.inspection_per_mille,
                other.inspection_per_mille,
                u16::max,
            ),
            deposit_per_cent: either(self.deposit_per_cent, other.deposit_per_cent, u16::max),
            deadline_days: either(self.deadline_days, other.deadline_days, u16::min),
            green_channel: either(self.green_channel, other.green_channel, |one, two| one && two),
        }
    }

    fn check(&self, faults: &mut PolicyFaults) {
        if let Some(share) = self.inspection_per_mille {
            faults.in_range("inspection_per_mille", share, 0..=1_000);
        }
        if let Some(share) = self.deposit_per_cent {
            faults.in_range("deposit_per_cent", share, 0..=100);
        }
        if let Some(days) = self.deadline_days {
            faults.in_range("deadline_days", days, 1..=366);
        }
    }
}

/// How organisations of a zone grade are supervised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields)]
pub struct ZoneSupervision {
    /// The grade.
    pub grade: ZoneGrade,
    /// How.
    pub measures: Measures,
}

/// How organisations of a customs grade are supervised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields)]
pub struct CustomsSupervision {
    /// The grade.
    pub grade: EnterpriseGrade,
    /// How.
    pub measures: Measures,
}

impl CreditIndicator {
    /// The expression, compiled.
    ///
    /// # Errors
    /// When it is none, or not within its bounds.
    pub(crate) fn compile(&self) -> Result<Program, crate::expression::Fault> {
        Program::compile(&self.expression, &CreditScope, Type::Int, CREDIT_COST_MAX)
    }

    pub(super) fn check(&self, faults: &mut PolicyFaults) {
        check_name("name", &self.name, faults);
        check_text("en", &self.en, faults);
        check_text("zh", &self.zh, faults);
        faults.in_range("weight", self.weight, -CREDIT_WEIGHT_MAX..=CREDIT_WEIGHT_MAX);
        faults.in_range("floor", self.floor, -CREDIT_COUNT_MAX..=CREDIT_COUNT_MAX);
        faults.in_range("cap", self.cap, self.floor..=CREDIT_COUNT_MAX);
        if let Err(fault) = self.compile() {
            let own = PolicyFault::at("expression", fault.expected).but_found(fault.found);
            faults.add(own.in_expression(fault.line, fault.column));
        }
    }
}

pub(super) fn check_grades(grades: &[GradeFrom], faults: &mut PolicyFaults) {
    let are_all = grades.iter().map(|own| own.grade).eq(ZoneGrade::ALL);
    faults.require(are_all, || PolicyFault::at("", "AAA, AA, A, BBB and BB, in this order"));
    let falls = |pair: &[GradeFrom]| matches!(pair, [one, two] if two.from < one.from);
    faults.require(grades.windows(2).all(falls), || {
        PolicyFault::at("", "scores that fall from grade to grade")
    });
    let bounds = 0..=CREDIT_SCORE_MAX;
    faults.each(grades, |own, faults| faults.in_range("from", own.from, bounds.clone()));
    // Every score has a grade.
    faults.require(grades.last().is_some_and(|own| own.from == 0), || {
        PolicyFault::at("", "the last grade from 0")
    });
}

pub(super) fn check_zone(rows: &[ZoneSupervision], faults: &mut PolicyFaults) {
    faults.ascend(rows, "grades in their order without repeats", |row| row.grade);
    faults.each(rows, |row, own| own.within("measures", |own| row.measures.check(own)));
}

pub(super) fn check_customs(rows: &[CustomsSupervision], faults: &mut PolicyFaults) {
    faults.ascend(rows, "grades in their order without repeats", |row| row.grade);
    faults.each(rows, |row, own| own.within("measures", |own| row.measures.check(own)));
}

/// What a merchant is rated by (GB/T 39053-2020: registration, performance, disputes, penalties),
/// as far as the ledger holds it.
pub(super) fn indicators() -> Vec<CreditIndicator> {
    let own = |name: &str, expression: &str, counts: (i64, i64), en: &str, zh: &str| {
        let (weight, cap) = counts;
        CreditIndicator {
            name: name.to_owned(),
            expression: expression.to_owned(),
            weight,
            floor: 0,
            cap,
            en: en.to_owned(),
            zh: zh.to_owned(),
        }
    };
    let differing = "percent(trades.mismatched, trades.complete, 0)";
    let late = "percent(trades.late + trades.overdue, trades.opened, 0)";
    let returned = "max(percent(trades.returned, trades.complete, 0) - 10, 0)";
    let graded = "penalties.minor + 3 * penalties.general + 10 * penalties.serious";
    let crimes = "smuggling + obstruction + bribery";
    vec![
        own("filing", "filing", (40, 1), "has a filing", "已备案"),
        own("activity", "months.active", (5, 12), "months with trades", "有交易的月数"),
        own(
            "agreement",
            "percent(trades.matched, trades.complete, 0)",
            (2, 100),
            "per cent of its trades whose documents agree",
            "单证一致的交易占比",
        ),
        own("differences", differing, (-4, 50), "per cent that differ", "单证不一致的交易占比"),
        own("lateness", late, (-2, 50), "per cent late or overdue", "迟交或逾期的交易占比"),
        own("returns", returned, (-1, 40), "per cent returned beyond 10", "退货率超过10%的部分"),
        own("disputes", "disputes.lost", (-15, 10), "disputes lost", "败诉纠纷"),
        own("alerts", "alerts.confirmed", (-25, 10), "alerts confirmed", "经核实的风险预警"),
        own("penalties", graded, (-15, 20), "penalties, by severity", "行政处罚（按轻重计）"),
        own("debts", "arrears.open + fines.open", (-50, 4), "unpaid taxes or fines", "欠税欠罚"),
        own("crimes", crimes, (-200, 3), "smuggling, obstruction, bribery", "走私、妨碍监管、行贿"),
        own("honours", "honours", (10, 3), "honours", "表彰"),
        own("listed", "listed", (-200, 1), "on the negative list", "列入负面清单"),
    ]
}

pub(super) fn grades() -> Vec<GradeFrom> {
    let from = [840, 740, 640, 500, 0];
    ZoneGrade::ALL.into_iter().zip(from).map(|(grade, from)| GradeFrom { grade, from }).collect()
}

fn measures(inspected: u16, deposit: u16, days: u16, is_green: bool) -> Measures {
    Measures {
        inspection_per_mille: Some(inspected),
        deposit_per_cent: Some(deposit),
        deadline_days: Some(days),
        green_channel: Some(is_green),
    }
}

pub(super) fn zone_supervision() -> Vec<ZoneSupervision> {
    let all = [
        measures(5, 0, 30, true),
        measures(10, 0, 20, true),
        measures(20, 0, 15, false),
        measures(50, 0, 10, false),
        measures(200, 100, 5, false),
    ];
    let rows = ZoneGrade::ALL.into_iter().zip(all);
    rows.map(|(grade, measures)| ZoneSupervision { grade, measures }).collect()
}

/// Of a regular enterprise nothing is stated: the zone's grade says it.
pub(super) fn customs_supervision() -> Vec<CustomsSupervision> {
    let row = |grade, measures| CustomsSupervision { grade, measures };
    vec![
        row(EnterpriseGrade::AdvancedCertified, measures(5, 0, 30, true)),
        row(EnterpriseGrade::Certified, measures(10, 0, 20, true)),
        row(EnterpriseGrade::Discredited, measures(500, 100, 5, false)),
        row(EnterpriseGrade::SeriouslyDiscredited, measures(1_000, 100, 5, false)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_tables_the_stricter_holds_where_either_states_something() {
        let one = measures(5, 0, 30, true);
        assert_eq!(one.and(Measures::default()), one);
        assert_eq!(Measures::default().and(one), one);
        let other = Measures { green_channel: None, ..measures(500, 50, 40, true) };
        assert_eq!(one.and(other), measures(500, 50, 30, true));
        assert_eq!(other.and(one), one.and(other));
        assert_eq!(one.and(measures(1, 0, 60, false)), measures(5, 0, 30, false));
    }
}
