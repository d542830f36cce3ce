//! What was said of trades and organisations against what is so.

use kanhe_contracts::risk::{Assessment, Hit, RiskPolicy, RiskRule, Suspect, Target};
use kanhe_gateway::world::full::risk::{LookAlike, RiskPattern, RiskTruth, TradeRisk};
use kanhe_types::time::Millis;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Shares of trades that may be inspected, in hundredths.
const BUDGETS: [u32; 2] = [1, 5];

/// What was said of one trade.
#[derive(Clone, Debug, Default)]
pub(super) struct TradeVerdict {
    pub(super) score: u8,
    /// The score without what was said by reaching back to it after its release,
    pub(super) in_time: u8,
    /// and with nothing that was said after its release.
    pub(super) before_release: u8,
    /// The rules that fired, by identity.
    pub(super) rules: BTreeSet<String>,
}

/// What was said of one organisation at any time.
#[derive(Clone, Debug, Default)]
pub(super) struct OrganisationVerdict {
    /// The most.
    pub(super) score: u8,
    /// Every rule that ever fired.
    pub(super) rules: BTreeSet<String>,
}

/// Everything that was said.
#[derive(Debug)]
pub(super) struct Verdicts {
    /// Of trades, in the truth's order.
    pub(super) trades: Vec<TradeVerdict>,
    /// Of organisations, by code.
    pub(super) organisations: BTreeMap<String, OrganisationVerdict>,
    /// How often each rule fired.
    pub(super) fired: BTreeMap<String, u64>,
}

/// How good the rules are.
#[derive(Debug, Serialize)]
pub(super) struct Judgement {
    pub(super) overall: Overall,
    pub(super) patterns: Vec<PatternRow>,
    /// Of organisations, by pattern; those at the end that offend in nothing.
    pub(super) organisations: Vec<OrganisationRow>,
    pub(super) rules: Vec<RuleRow>,
    pub(super) budgets: Vec<BudgetRow>,
}

/// All patterns together.
#[derive(Debug, Default, Serialize)]
pub(super) struct Overall {
    /// Trades that offend,
    pub(super) planted: usize,
    /// those of them whose score is worth an alert,
    pub(super) found: usize,
    /// of these, those that only a later trade showed, after their release,
    pub(super) late: usize,
    /// in hundredths of what was found,
    pub(super) late_percent: f64,
    /// and all whose score is.
    pub(super) alerts: usize,
    pub(super) recall_percent: f64,
    pub(super) precision_percent: f64,
}

/// One pattern.
#[derive(Debug, Serialize)]
pub(super) struct PatternRow {
    pub(super) pattern: RiskPattern,
    /// Trades with it,
    pub(super) planted: usize,
    /// those whose score is worth an alert, for whatever reason,
    pub(super) found: usize,
    pub(super) recall_percent: f64,
    /// and those that a rule of this pattern hit.
    pub(super) named: usize,
    /// All trades that a rule of this pattern hit.
    pub(super) hit: usize,
    /// Of a hundred of these, how many have it.
    pub(super) precision_percent: Option<f64>,
    /// Value of these trades in CNY cents.
    pub(super) value: u64,
    /// The rules that look for it.
    pub(super) rules: Vec<String>,
}

/// Organisations with one pattern.
#[derive(Debug, Serialize)]
pub(super) struct OrganisationRow {
    /// None for those that offend in nothing.
    pub(super) pattern: Option<RiskPattern>,
    pub(super) organisations: usize,
    /// Those whose score was worth an alert at any time,
    pub(super) found: usize,
    /// and those that a rule of this pattern hit.
    pub(super) named: usize,
}

/// One rule.
#[derive(Debug, Serialize)]
pub(super) struct RuleRow {
    pub(super) rule: String,
    pub(super) pattern: String,
    pub(super) target: Target,
    /// How often it fired.
    pub(super) fired: u64,
    /// Different trades, or organisations by its target, that it hit:
    pub(super) hit: usize,
    /// those with the pattern that it looks for,
    pub(super) right: usize,
    /// with another one,
    pub(super) other: usize,
    /// and with none. Look-alikes are among them,
    pub(super) wrong: usize,
    /// by kind.
    pub(super) look_alikes: BTreeMap<LookAlikeName, usize>,
}

/// The name of a look-alike, as it stands in the truth.
pub(super) type LookAlikeName = String;

/// What an inspection of the most suspicious recovers.
#[derive(Debug, Serialize)]
pub(super) struct BudgetRow {
    /// Of a hundred trades so many are inspected.
    pub(super) budget_percent: u32,
    pub(super) inspected: usize,
    /// Those of them that offend.
    pub(super) offending: usize,
    /// Their value in CNY cents,
    pub(super) value: u64,
    /// in hundredths of all planted value,
    pub(super) value_percent: f64,
    /// the same if nothing counts that was said after a trade's release,
    pub(super) before_release_percent: f64,
    /// what as many trades have on average,
    pub(super) random_percent: f64,
    /// and what those with the most value have.
    pub(super) best_percent: f64,
}

impl TradeVerdict {
    /// `released` is when customs released the trade, if it did.
    pub(super) fn of(said: &Assessment, suspect: &Suspect, released: Option<Millis>) -> Self {
        let rules = said.hits.iter().map(|hit| hit.rule.clone()).collect();
        let is_early = |hit: &Hit| released.is_none_or(|released| hit.time < released);
        let is_own = |hit: &Hit| {
            let of = hit.case.clone().map(|(direction, case)| Suspect::Trade { direction, case });
            of.is_none_or(|of| of == *suspect)
        };
        Self {
            score: said.score,
            in_time: score_of(said, |hit| is_own(hit) || is_early(hit)),
            before_release: score_of(said, is_early),
            rules,
        }
    }
}

/// The weights of those hits that count, at most 100.
fn score_of(said: &Assessment, counts: impl Fn(&Hit) -> bool) -> u8 {
    let weights = said.hits.iter().filter(|hit| counts(hit)).map(|hit| hit.weight);
    weights.fold(0, u8::saturating_add).min(100)
}

impl OrganisationVerdict {
    /// Takes note of what is said now.
    pub(super) fn take(&mut self, said: &Assessment) {
        self.score = self.score.max(said.score);
        self.rules.extend(said.hits.iter().map(|hit| hit.rule.clone()));
    }
}

/// The planted pattern that a rule looks for, by the name of its own.
pub(super) fn pattern_of(name: &str) -> Option<RiskPattern> {
    let name = match name {
        // Whose identities are used is whose quota is.
        "quota_theft" => RiskPattern::StolenIdentities.name().to_owned(),
        other => other.replace('_', "-"),
    };
    RiskPattern::ALL.into_iter().find(|own| own.name() == name)
}

fn percent(part: usize, whole: usize) -> f64 {
    share(part as f64, whole as f64)
}

fn share(part: f64, whole: f64) -> f64 {
    if whole == 0.0 { 0.0 } else { (part * 1_000.0 / whole).round() / 10.0 }
}

/// A rule with the pattern that it looks for.
struct Looking<'a> {
    rule: &'a RiskRule,
    pattern: Option<RiskPattern>,
}

/// Counts what was said against what is so.
pub(super) fn judge(policy: &RiskPolicy, truth: &RiskTruth, said: &Verdicts) -> Judgement {
    let looking: Vec<Looking<'_>> = policy
        .rules
        .iter()
        .map(|rule| Looking { rule, pattern: pattern_of(&rule.pattern) })
        .collect();
    let medium = policy.levels.medium;
    let pairs: Vec<(&TradeRisk, &TradeVerdict)> = truth.trades.iter().zip(&said.trades).collect();
    let patterns = RiskPattern::ALL.into_iter().filter(|pattern| {
        truth.planted.contains_key(pattern) || looking.iter().any(|own| own.is_for(*pattern))
    });
    Judgement {
        overall: overall(&pairs, medium),
        patterns: patterns.map(|own| pattern_row(own, &looking, &pairs, medium)).collect(),
        organisations: organisation_rows(truth, said, &looking, medium),
        rules: looking.iter().map(|own| rule_row(own, &pairs, truth, said)).collect(),
        budgets: BUDGETS.into_iter().map(|budget| budget_row(budget, &pairs)).collect(),
    }
}

impl Looking<'_> {
    fn is_for(&self, pattern: RiskPattern) -> bool {
        self.pattern == Some(pattern)
    }
}

fn overall(pairs: &[(&TradeRisk, &TradeVerdict)], medium: u8) -> Overall {
    let planted = pairs.iter().filter(|(trade, _)| trade.pattern.is_some()).count();
    let alerts = pairs.iter().filter(|(_, said)| medium <= said.score);
    let right = alerts.clone().filter(|(trade, _)| trade.pattern.is_some());
    let late = right.clone().filter(|(_, said)| said.in_time < medium).count();
    let (found, alerts) = (right.count(), alerts.count());
    let (recall_percent, precision_percent) = (percent(found, planted), percent(found, alerts));
    let late_percent = percent(late, found);
    Overall { planted, found, late, late_percent, alerts, recall_percent, precision_percent }
}

fn pattern_row(
    pattern: RiskPattern,
    looking: &[Looking<'_>],
    pairs: &[(&TradeRisk, &TradeVerdict)],
    medium: u8,
) -> PatternRow {
    let own: Vec<&Looking<'_>> = looking.iter().filter(|own| own.is_for(pattern)).collect();
    let is_hit = |said: &TradeVerdict| own.iter().any(|own| said.rules.contains(&own.rule.id));
    let planted = pairs.iter().filter(|(trade, _)| trade.pattern == Some(pattern));
    let found = planted.clone().filter(|(_, said)| medium <= said.score).count();
    let named = planted.clone().filter(|(_, said)| is_hit(said)).count();
    let value = planted.clone().map(|(trade, _)| trade.value).sum();
    let hit = pairs.iter().filter(|(_, said)| is_hit(said));
    let hit = hit.count();
    let planted = planted.count();
    PatternRow {
        pattern,
        planted,
        found,
        recall_percent: percent(found, planted),
        named,
        hit,
        precision_percent: (hit != 0).then(|| percent(named, hit)),
        value,
        rules: own.iter().map(|own| own.rule.id.clone()).collect(),
    }
}

fn organisation_rows(
    truth: &RiskTruth,
    said: &Verdicts,
    looking: &[Looking<'_>],
    medium: u8,
) -> Vec<OrganisationRow> {
    let mut offending: BTreeMap<RiskPattern, BTreeSet<&str>> = BTreeMap::new();
    for own in &truth.organisations {
        offending.entry(own.pattern).or_default().insert(&own.code);
    }
    let row = |pattern: Option<RiskPattern>, codes: &BTreeSet<&str>| {
        let said = codes.iter().filter_map(|code| said.organisations.get(*code));
        let is_named = |own: &Looking<'_>, rules: &BTreeSet<String>| {
            pattern.is_none_or(|pattern| own.is_for(pattern)) && rules.contains(&own.rule.id)
        };
        let named =
            said.clone().filter(|said| looking.iter().any(|own| is_named(own, &said.rules)));
        OrganisationRow {
            pattern,
            organisations: codes.len(),
            found: said.clone().filter(|said| medium <= said.score).count(),
            named: named.count(),
        }
    };
    let mut rows: Vec<OrganisationRow> =
        offending.iter().map(|(pattern, codes)| row(Some(*pattern), codes)).collect();
    let all: BTreeSet<&str> = offending.into_values().flatten().collect();
    let others = said.organisations.keys().map(String::as_str);
    rows.push(row(None, &others.filter(|code| !all.contains(code)).collect()));
    rows
}

fn rule_row(
    own: &Looking<'_>,
    pairs: &[(&TradeRisk, &TradeVerdict)],
    truth: &RiskTruth,
    said: &Verdicts,
) -> RuleRow {
    let RiskRule { id, pattern, target, .. } = own.rule;
    let mut row = RuleRow {
        rule: id.clone(),
        pattern: pattern.clone(),
        target: *target,
        fired: said.fired.get(id).copied().unwrap_or(0),
        hit: 0,
        right: 0,
        other: 0,
        wrong: 0,
        look_alikes: BTreeMap::new(),
    };
    if *target == Target::Trade {
        for (trade, _) in pairs.iter().filter(|(_, said)| said.rules.contains(id)) {
            row.count(own, trade.pattern.as_slice());
            if let (None, Some(look)) = (trade.pattern, trade.look_alike) {
                *row.look_alikes.entry(look_name(look)).or_default() += 1;
            }
        }
        return row;
    }
    for (code, _) in said.organisations.iter().filter(|(_, said)| said.rules.contains(id)) {
        let patterns = truth.organisations.iter().filter(|own| own.code == *code);
        let patterns: Vec<RiskPattern> = patterns.map(|own| own.pattern).collect();
        row.count(own, &patterns);
    }
    row
}

impl RuleRow {
    fn count(&mut self, own: &Looking<'_>, patterns: &[RiskPattern]) {
        self.hit += 1;
        match patterns {
            [] => self.wrong += 1,
            all if all.iter().any(|pattern| own.is_for(*pattern)) => self.right += 1,
            _ => self.other += 1,
        }
    }
}

fn look_name(look: LookAlike) -> LookAlikeName {
    match serde_json::to_value(look) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}

/// What those with the highest scores are worth, and how many of them offend; of those with the
/// same score the one that came first.
fn top(
    pairs: &[(&TradeRisk, &TradeVerdict)],
    inspected: usize,
    score: impl Fn(&TradeVerdict) -> u8,
) -> (u64, usize) {
    let mut ranked: Vec<&(&TradeRisk, &TradeVerdict)> = pairs.iter().collect();
    ranked.sort_by_key(|(_, said)| std::cmp::Reverse(score(said)));
    let top = ranked.iter().take(inspected);
    let offending = top.clone().filter(|(trade, _)| trade.pattern.is_some()).count();
    (top.map(|(trade, _)| trade.value).sum(), offending)
}

/// The most suspicious first. What a later trade showed of one that was released already is not
/// inspected because of it.
fn budget_row(budget_percent: u32, pairs: &[(&TradeRisk, &TradeVerdict)]) -> BudgetRow {
    let budget = usize::try_from(budget_percent).unwrap_or(0);
    let inspected = pairs.len() * budget / 100;
    let (value, offending) = top(pairs, inspected, |said| said.in_time);
    let (before_release, _) = top(pairs, inspected, |said| said.before_release);
    let mut values: Vec<u64> = pairs.iter().map(|(trade, _)| trade.value).collect();
    let all: u64 = values.iter().sum();
    values.sort_unstable_by_key(|value| std::cmp::Reverse(*value));
    let best: u64 = values.iter().take(inspected).sum();
    BudgetRow {
        budget_percent,
        inspected,
        offending,
        value,
        value_percent: share(value as f64, all as f64),
        before_release_percent: share(before_release as f64, all as f64),
        random_percent: percent(inspected, pairs.len()),
        best_percent: share(best as f64, all as f64),
    }
}
