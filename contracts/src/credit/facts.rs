//! The facts that a policy's indicators are computed from, each with a name.

use super::file::{FiledFact, credit_file};
use super::negative::negative_list;
use super::records::{month_events, month_trades};
use super::trades::{Part, TradeCounts};
use crate::document::{FactKind, Severity};
use crate::expression::{Scope, Type, Value};
use crate::registry::organisation;
use crate::state::{StateError, StateRead};
use crate::statistics::Month;
use kanhe_types::code::OrganisationCode;
use kanhe_types::time::{CustomsDate, Millis};
use serde::{Deserialize, Serialize};

/// Facts that do not come from trades. Their order is that of [`Gathered::others`].
const OTHERS: [&str; 19] = [
    "disputes.lost",
    "alerts.confirmed",
    "alerts.dismissed",
    "penalties.minor",
    "penalties.general",
    "penalties.serious",
    "arrears.open",
    "arrears.cny",
    "fines.open",
    "fines.cny",
    "smuggling",
    "obstruction",
    "bribery",
    "filing",
    "honours",
    "listed",
    "settled",
    "months.active",
    "months.looked",
];

/// Units of a decimal that make one.
const ONE: i128 = 100_000;

/// A fact with its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedFact {
    /// The name by which expressions read it.
    pub name: String,
    /// Its value.
    pub value: i64,
}

/// The names of all facts, in the order of their slots: those of trades in all parts, those of each
/// part, and the others.
pub fn fact_names() -> Vec<String> {
    let parts = std::iter::once("trades").chain(Part::ALL.into_iter().map(Part::name));
    let of_trades =
        parts.flat_map(|part| TradeCounts::NAMES.map(|count| format!("{part}.{count}")));
    of_trades.chain(OTHERS.map(str::to_owned)).collect()
}

/// The names that indicators may read; all facts are ints.
#[derive(Clone, Copy, Debug)]
pub struct CreditScope;

impl Scope for CreditScope {
    fn resolve(&self, name: &str) -> Option<(usize, Type)> {
        let slot = fact_names().iter().position(|own| own == name)?;
        Some((slot, Type::Int))
    }

    fn names(&self) -> Vec<String> {
        fact_names()
    }
}

/// The facts of an organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The first month that was looked at,
    pub from: Month,
    /// and the last.
    pub to: Month,
    /// The records of its file, by which the attested facts were counted.
    pub file: Vec<FiledFact>,
    values: Vec<i64>,
}

impl Facts {
    /// The facts of an organisation in the `months` months up to that of `now`.
    ///
    /// # Errors
    /// When this machine cannot read its state.
    pub fn gather(
        state: &impl StateRead,
        code: &OrganisationCode,
        months: u32,
        now: Millis,
    ) -> Result<Self, StateError> {
        let to = Month::of(now);
        let from = (1..months).fold(to, |month, _| month.before());
        let mut own = Gathered::default();
        let mut month = to;
        for _ in 0..months {
            own.add_month(state, month, code)?;
            month = month.before();
        }
        own.looked = i64::from(months);
        let is_filed = organisation(state, code)?.is_some_and(|own| own.filing.is_some());
        own.filing = i64::from(is_filed);
        let is_listed = |one: &super::Listed| one.organisation == *code && one.holds(now);
        own.listed = i64::from(negative_list(state)?.iter().any(is_listed));
        let file = credit_file(state, code)?;
        file.iter().for_each(|fact| own.add_record(fact, from));
        Ok(Self { from, to, file, values: own.values() })
    }

    /// The facts in their slots.
    pub fn slots(&self) -> Vec<Value<'_>> {
        self.values.iter().map(|value| Value::Int(*value)).collect()
    }

    /// Every fact with its name, in the order of their slots.
    pub fn named(&self) -> Vec<NamedFact> {
        let all = fact_names().into_iter().zip(&self.values);
        all.map(|(name, value)| NamedFact { name, value: *value }).collect()
    }
}

#[derive(Default)]
struct Gathered {
    parts: [TradeCounts; 5],
    lost: i64,
    confirmed: i64,
    dismissed: i64,
    /// Minor, general and serious.
    penalties: [i64; 3],
    arrears: Debts,
    fines: Debts,
    smuggling: i64,
    obstruction: i64,
    bribery: i64,
    filing: i64,
    honours: i64,
    listed: i64,
    settled: i64,
    active: i64,
    looked: i64,
}

/// What is owed.
#[derive(Default)]
struct Debts {
    open: i64,
    units: i128,
}

impl Debts {
    fn add(&mut self, fact: &FiledFact) {
        if !fact.is_settled {
            add_one(&mut self.open);
            let units = fact.amount.map_or(0, |amount| amount.units());
            self.units = self.units.saturating_add(units);
        }
    }

    /// In whole CNY.
    fn cny(&self) -> i64 {
        let whole = self.units.checked_div(ONE).unwrap_or(0);
        i64::try_from(whole).unwrap_or(i64::MAX)
    }
}

fn add_one(sum: &mut i64) {
    *sum = sum.saturating_add(1);
}

impl Gathered {
    fn add_month(
        &mut self,
        state: &impl StateRead,
        month: Month,
        code: &OrganisationCode,
    ) -> Result<(), StateError> {
        let trades = month_trades(state, month, code)?;
        for (part, counts) in &trades.parts {
            let place = Part::ALL.into_iter().zip(&mut self.parts).find(|(own, _)| own == part);
            if let Some((_, sums)) = place {
                sums.add(counts);
            }
        }
        if trades.parts.iter().any(|(_, counts)| 0 < counts.complete) {
            add_one(&mut self.active);
        }
        let events = month_events(state, month, code)?;
        self.lost = self.lost.saturating_add(events.disputes_lost);
        self.confirmed = self.confirmed.saturating_add(events.alerts_confirmed);
        self.dismissed = self.dismissed.saturating_add(events.alerts_dismissed);
        Ok(())
    }

    /// What is owed counts until it is settled, and a filing as long as it stands; the rest as long
    /// as its day is in one of the months.
    fn add_record(&mut self, fact: &FiledFact, from: Month) {
        match fact.kind {
            FactKind::TaxArrears => return self.arrears.add(fact),
            FactKind::FineUnpaid => return self.fines.add(fact),
            FactKind::Filing => return self.filing = 1,
            _ => {}
        }
        if month_of(fact.date) < from {
            return;
        }
        if fact.is_settled {
            add_one(&mut self.settled);
        }
        let [minor, general, serious] = &mut self.penalties;
        match (fact.kind, fact.severity) {
            (FactKind::Penalty, Some(Severity::Serious)) => add_one(serious),
            (FactKind::Penalty, Some(Severity::General)) => add_one(general),
            (FactKind::Penalty, _) => add_one(minor),
            (FactKind::Smuggling, _) => add_one(&mut self.smuggling),
            (FactKind::Obstruction, _) => add_one(&mut self.obstruction),
            (FactKind::Bribery, _) => add_one(&mut self.bribery),
            (FactKind::Honour, _) => add_one(&mut self.honours),
            (FactKind::TaxArrears | FactKind::FineUnpaid | FactKind::Filing, _) => {}
        }
    }

    fn others(&self) -> [i64; 19] {
        let [minor, general, serious] = self.penalties;
        [
            self.lost,
            self.confirmed,
            self.dismissed,
            minor,
            general,
            serious,
            self.arrears.open,
            self.arrears.cny(),
            self.fines.open,
            self.fines.cny(),
            self.smuggling,
            self.obstruction,
            self.bribery,
            self.filing,
            self.honours,
            self.listed,
            self.settled,
            self.active,
            self.looked,
        ]
    }

    fn values(&self) -> Vec<i64> {
        let mut all = TradeCounts::default();
        self.parts.iter().for_each(|counts| all.add(counts));
        let of_parts = self.parts.iter().flat_map(TradeCounts::values);
        all.values().into_iter().chain(of_parts).chain(self.others()).collect()
    }
}

/// The month of a day.
fn month_of(date: CustomsDate) -> Month {
    let digits: String = date.to_string().chars().take(6).collect();
    Month(digits.parse().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fact_has_one_slot_and_a_name_that_leads_there() {
        let names = fact_names();
        assert_eq!(names.len(), Gathered::default().values().len());
        for (slot, name) in names.iter().enumerate() {
            assert_eq!(CreditScope.resolve(name), Some((slot, Type::Int)), "{name}");
        }
        assert_eq!(CreditScope.resolve("trades"), None);
        assert_eq!(month_of("20261130".parse().unwrap()), Month(202_611));
    }
}
