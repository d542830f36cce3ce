//! Two policies over the same stream, against labels.

use super::replay::{Run, Strike};
use kanhe_contracts::risk::Suspect;
use kanhe_types::decimal::Decimal;
use kanhe_types::time::Millis;
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Shares of trades that may be inspected, in hundredths.
const BUDGETS: [u32; 2] = [1, 5];
/// Examples of what is gained or lost, of each rule.
const EXAMPLES: usize = 3;

/// What is known of a trade or an organisation from elsewhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Label {
    /// Whether it offends.
    pub is_true: bool,
    /// What was recovered because of it.
    pub value: Decimal,
}

/// What both policies are compared by.
#[derive(Debug, Default)]
pub struct Ground {
    /// The trades that were observed where it counts, in the order in which they first were.
    pub trades: Vec<Suspect>,
    /// What is known of trades and organisations from elsewhere.
    pub labels: BTreeMap<Suspect, Label>,
}

/// What another policy would have changed.
#[derive(Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// The policy in force; nothing where there is none.
    pub old: Option<Side>,
    /// The candidate.
    pub new: Side,
    /// Trades that were observed where it counts,
    pub trades: usize,
    /// those of them with a label,
    pub labelled: usize,
    /// those whose label says that they offend,
    pub offending: usize,
    /// and what was recovered because of them.
    pub value: Decimal,
    /// Rules of either, by identity.
    pub rules: Vec<RuleRow>,
}

/// One policy as a whole.
#[derive(Debug, PartialEq, Serialize)]
pub struct Side {
    /// Trades whose score is worth an alert.
    pub alerts: Count,
    /// What an inspection of the most suspicious recovers.
    pub budgets: Vec<Budget>,
}

/// How many were hit, trades or organisations, and what labels say of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Count {
    /// How many.
    pub hits: usize,
    /// With a label that says that they offend,
    pub right: usize,
    /// or that they do not.
    pub wrong: usize,
    /// Of a hundred with a label so many offend; nothing without labels.
    pub precision_percent: Option<f64>,
    /// Of a hundred that are labelled as offending so many are hit; nothing without any.
    pub recall_percent: Option<f64>,
    /// What was recovered because of them.
    pub recovered: Decimal,
}

/// What an inspection of the most suspicious recovers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Budget {
    /// Of a hundred trades so many are inspected.
    pub budget_percent: u32,
    /// How many these are,
    pub inspected: usize,
    /// those that are labelled as offending,
    pub right: usize,
    /// and what was recovered because of them,
    pub recovered: Decimal,
    /// in hundredths of all that was; nothing where nothing was.
    pub recovered_percent: Option<f64>,
}

/// One rule under both policies.
#[derive(Debug, PartialEq, Serialize)]
pub struct RuleRow {
    /// Its identity.
    pub rule: String,
    /// Under the policy in force, if that has it,
    pub old: Option<Count>,
    /// and under the candidate, likewise.
    pub new: Option<Count>,
    /// Those that only the candidate's hits,
    pub gained: usize,
    /// and those that only the other's does.
    pub lost: usize,
    /// Some of those that are gained,
    pub gained_examples: Vec<Example>,
    /// and of those that are lost.
    pub lost_examples: Vec<Example>,
}

/// Somebody whom a rule hit.
#[derive(Debug, PartialEq, Serialize)]
pub struct Example {
    /// Who.
    pub suspect: Suspect,
    /// The height; of a table the line.
    pub height: u64,
    /// The time.
    pub time: Millis,
    /// What the rule looked at.
    pub values: Vec<(String, String)>,
}

impl Label {
    /// What is said of the same once more: it offends if any of it says so.
    pub(super) fn take(&mut self, is_true: bool, value: Decimal) {
        self.is_true |= is_true;
        if is_true {
            self.value = self.value.checked_add(value).unwrap_or(self.value);
        }
    }
}

/// What the candidate would have said, compared with the policy in force if there is one.
pub fn compare(ground: &Ground, old: Option<&Run>, new: &Run) -> Comparison {
    let labelled = ground.labelled();
    let mut ids: Vec<&str> = new.policy.rules.iter().map(|rule| rule.id.as_str()).collect();
    for rule in old.iter().flat_map(|old| &old.policy.rules) {
        if !ids.contains(&rule.id.as_str()) {
            ids.push(&rule.id);
        }
    }
    Comparison {
        old: old.map(|old| ground.side(old)),
        new: ground.side(new),
        trades: ground.trades.len(),
        labelled: labelled.clone().count(),
        offending: labelled.clone().filter(|label| label.is_true).count(),
        value: sum(labelled),
        rules: ids.into_iter().map(|id| ground.rule(id, old, new)).collect(),
    }
}

fn sum<'a>(labels: impl Iterator<Item = &'a Label>) -> Decimal {
    let values = labels.filter(|label| label.is_true).map(|label| label.value);
    values.fold(Decimal::ZERO, |sum, value| sum.checked_add(value).unwrap_or(sum))
}

/// In hundredths, to a tenth.
fn percent(part: i128, whole: i128) -> Option<f64> {
    (whole != 0).then(|| (part as f64 * 1_000.0 / whole as f64).round() / 10.0)
}

fn whole(count: usize) -> i128 {
    i128::try_from(count).unwrap_or(i128::MAX)
}

impl Ground {
    /// The labels of trades that were observed where it counts.
    fn labelled(&self) -> impl Iterator<Item = &Label> + Clone {
        self.trades.iter().filter_map(|trade| self.labels.get(trade))
    }

    fn count<'a>(&self, hits: impl Iterator<Item = &'a Suspect> + Clone) -> Count {
        let labels = hits.clone().filter_map(|own| self.labels.get(own));
        let right = labels.clone().filter(|label| label.is_true).count();
        let wrong = labels.clone().count().saturating_sub(right);
        let offending = match hits.clone().next() {
            Some(Suspect::Organisation { .. }) => {
                let others = self.labels.iter().filter(|(own, label)| {
                    label.is_true && matches!(own, Suspect::Organisation { .. })
                });
                others.count()
            }
            _ => self.labelled().filter(|label| label.is_true).count(),
        };
        Count {
            hits: hits.count(),
            right,
            wrong,
            precision_percent: percent(whole(right), whole(right.saturating_add(wrong))),
            recall_percent: percent(whole(right), whole(offending)),
            recovered: sum(labels),
        }
    }

    fn side(&self, run: &Run) -> Side {
        let scores = run.scores();
        let score = |trade: &Suspect| scores.get(trade).copied().unwrap_or(0);
        let medium = run.policy.levels.medium;
        let alerts = self.trades.iter().filter(|trade| medium <= score(trade));
        let mut ranked: Vec<&Suspect> = self.trades.iter().collect();
        // Stable: of the same score the one that came first.
        ranked.sort_by_key(|trade| Reverse(score(trade)));
        let budgets = BUDGETS.into_iter().map(|percent| self.budget(percent, &ranked));
        Side { alerts: self.count(alerts), budgets: budgets.collect() }
    }

    fn budget(&self, budget_percent: u32, ranked: &[&Suspect]) -> Budget {
        let share = usize::try_from(budget_percent).unwrap_or(0);
        // Rounded up, so that of a few trades one is inspected.
        let inspected = ranked.len().saturating_mul(share).div_ceil(100);
        let labels = ranked.iter().take(inspected).filter_map(|trade| self.labels.get(*trade));
        let recovered = sum(labels.clone());
        let all = sum(self.labelled());
        Budget {
            budget_percent,
            inspected,
            right: labels.filter(|label| label.is_true).count(),
            recovered,
            recovered_percent: percent(recovered.units(), all.units()),
        }
    }

    fn rule(&self, id: &str, old: Option<&Run>, new: &Run) -> RuleRow {
        let none = BTreeMap::new();
        let (before, after) = (old.and_then(|old| old.strikes_of(id)), new.strikes_of(id));
        let count = |strikes: &BTreeMap<Suspect, Strike>| self.count(strikes.keys());
        let (first, second) = (before.unwrap_or(&none), after.unwrap_or(&none));
        let is_compared = old.is_some();
        let only = |these: &BTreeMap<Suspect, Strike>, those: &BTreeMap<Suspect, Strike>| {
            let own = these.iter().filter(|(own, _)| is_compared && !those.contains_key(own));
            let examples = own.clone().take(EXAMPLES).map(|(own, strike)| Example {
                suspect: own.clone(),
                height: strike.height,
                time: strike.time,
                values: strike.values.clone(),
            });
            (own.count(), examples.collect::<Vec<Example>>())
        };
        let (gained, gained_examples) = only(second, first);
        let (lost, lost_examples) = only(first, second);
        RuleRow {
            rule: id.to_owned(),
            old: before.map(count),
            new: after.map(count),
            gained,
            lost,
            gained_examples,
            lost_examples,
        }
    }
}
