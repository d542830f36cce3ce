//! `kanhe risk rules`: how the rules of a policy do.

use crate::answer::{Answer, CliError};
use crate::args::HomeArgs;
use crate::member::Member;
use crate::table::table;
use kanhe_api::path;
use kanhe_api::risk::RulesView;
use std::fmt::Write;

pub(super) fn run(home: &HomeArgs, policy_version: Option<u32>) -> Result<Answer, CliError> {
    let member = Member::of(home)?;
    let version = policy_version.map(|version| version.to_string());
    let target = super::super::with_query(path::RISK_RULES, [("policy_version", version)]);
    let view: RulesView = member.client.get(&target)?;
    Ok(Answer::yes(described(&view), super::super::to_json(&view)))
}

/// So many of a thousand as percent.
fn percent(per_mille: Option<u64>) -> String {
    per_mille.map_or_else(
        || "-".to_owned(),
        |own| {
            let (whole, rest) = (own.checked_div(10), own.checked_rem(10));
            format!("{}.{} %", whole.unwrap_or(0), rest.unwrap_or(0))
        },
    )
}

fn described(view: &RulesView) -> String {
    let head = ["rule", "pattern", "weight", "fired", "reviewed", "true", "precision", "recovered"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(view.rules.iter().map(|own| {
        vec![
            own.rule.id.clone(),
            own.rule.pattern.clone(),
            own.rule.weight.to_string(),
            own.record.fired.to_string(),
            own.reviewed.to_string(),
            own.record.true_positives.to_string(),
            percent(own.precision_per_mille),
            format!("{} CNY", own.record.recovered),
        ]
    }));
    let (version, record) = (&view.version, &view.version.record);
    let mut text = format!("policy {}, height {}\n", view.policy_version, view.height);
    text.push_str(&table(&rows));
    let _ = writeln!(
        text,
        "observed {} imports, raised {} alerts; inspected {} by risk and {} by chance, {} of the \
         imports",
        record.trades,
        record.alerts,
        record.by_risk,
        record.by_chance,
        percent(version.inspected_per_mille),
    );
    let _ = writeln!(
        text,
        "reviewed, not by chance: {} true, {} not, precision {}\nreviewed, by chance: {} true, {} \
         not, recall {}\nrecovered {} CNY",
        record.risk_true,
        record.risk_false,
        percent(version.precision_per_mille),
        record.chance_true,
        record.chance_false,
        percent(version.recall_per_mille),
        record.recovered,
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_have_one_digit_and_none_is_a_dash() {
        assert_eq!(percent(Some(755)), "75.5 %");
        assert_eq!(percent(Some(1_000)), "100.0 %");
        assert_eq!(percent(None), "-");
    }
}
