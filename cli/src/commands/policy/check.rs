//! `kanhe policy check`: whether a file is a policy, how large it is, and what it costs.

use super::{bytes_of, last_of, told};
use crate::answer::{Answer, CliError};
use crate::args::HomeArgs;
use crate::member::Member;
use crate::table::table;
use kanhe_contracts::limits::POLICY_BYTES_MAX;
use kanhe_contracts::policy::{Policy, Programs};
use kanhe_genesis::policy_file::{self, PolicyFile};
use serde_json::json;
use std::path::Path;

/// Names of what a file leaves out that are said; the rest is counted.
const LEFT_OUT_SHOWN: usize = 8;

pub(super) fn run(file: &Path, home: Option<&Path>) -> Result<Answer, CliError> {
    let (base, whose) = match home {
        None => (Policy::default(), "this program's defaults".to_owned()),
        Some(home) => {
            let home = HomeArgs { home: home.to_owned(), member: None };
            let last = last_of(&Member::of(&home)?.client)?.policy;
            let whose = format!("the zone's version {}", last.version);
            (last, whose)
        }
    };
    match policy_file::read(&bytes_of(file)?, &base) {
        Ok(read) => Ok(sound(file, &read, &whose)),
        Err(faults) => {
            let count =
                if faults.len() == 1 { "1 fault" } else { &format!("{} faults", faults.len()) };
            let text = format!("{}\n{count}", told(file, &faults));
            let json = json!({ "file": file, "is_sound": false, "faults": faults });
            Ok(Answer::no(text, json))
        }
    }
}

fn sound(file: &Path, read: &PolicyFile, whose: &str) -> Answer {
    let PolicyFile { policy, states_version, left_out } = read;
    let bytes = policy.encoded_bytes();
    let costs = Programs::of(policy).costs();
    let cost = costs.iter().fold(0_u32, |sum, (_, cost)| sum.saturating_add(*cost));
    let version = match states_version {
        true => format!("version {}", policy.version),
        false => "a version that the proposal will set".to_owned(),
    };
    let mut text = format!(
        "{} is a policy: {version}, {bytes} canonical bytes of at most {POLICY_BYTES_MAX} ({} %)\n",
        file.display(),
        bytes.saturating_mul(100).div_ceil(POLICY_BYTES_MAX)
    );
    let stated: Vec<&String> = left_out.iter().filter(|path| *path != "version").collect();
    if !stated.is_empty() {
        let names: Vec<&str> =
            stated.iter().take(LEFT_OUT_SHOWN).map(|path| path.as_str()).collect();
        let more = match stated.len().saturating_sub(LEFT_OUT_SHOWN) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        text.push_str(&format!("left out, so as in {whose}: {}{more}\n", names.join(", ")));
    }
    let rows: Vec<Vec<String>> = costs
        .iter()
        .map(|(path, cost)| vec![format!("  {}", called(policy, path)), cost.to_string()])
        .collect();
    if !rows.is_empty() {
        text.push_str(&format!("expressions cost at most {cost} steps together\n{}", table(&rows)));
    }
    let costs: Vec<_> =
        costs.iter().map(|(path, cost)| json!({ "path": path, "cost": cost })).collect();
    let json = json!({
        "file": file,
        "is_sound": true,
        "version": states_version.then_some(policy.version),
        "hash": policy.hash(),
        "bytes": bytes,
        "bytes_max": POLICY_BYTES_MAX,
        "left_out": left_out,
        "base": whose,
        "cost": cost,
        "expressions": costs,
        "faults": [],
    });
    Answer::yes(text, json)
}

/// A path with what its item is called in the place of its index.
fn called(policy: &Policy, path: &str) -> String {
    let Some((list, rest)) = path.split_once('[') else { return path.to_owned() };
    let Some((index, field)) = rest.split_once(']') else { return path.to_owned() };
    let index: usize = index.parse().unwrap_or(usize::MAX);
    let name = match list {
        "risk.rules" => policy.risk.rules.get(index).map(|rule| &rule.id),
        "credit.indicators" => policy.credit.indicators.get(index).map(|own| &own.name),
        "risk.features" => policy.risk.features.get(index).map(|feature| &feature.name),
        _ => None,
    };
    name.map_or_else(|| path.to_owned(), |name| format!("{list}[{name}]{field}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_expression_belongs_to_is_named() {
        let policy = Policy::default();
        assert_eq!(called(&policy, "risk.rules[9999].when"), "risk.rules[9999].when");
        if let Some(rule) = policy.risk.rules.first() {
            let expected = format!("risk.rules[{}].when", rule.id);
            assert_eq!(called(&policy, "risk.rules[0].when"), expected);
        }
        let own = &policy.credit.indicators[0].name;
        let expected = format!("credit.indicators[{own}].expression");
        assert_eq!(called(&policy, "credit.indicators[0].expression"), expected);
    }

    #[test]
    fn what_indicators_cost_is_told_beside_what_rules_do() {
        let policy = Policy::default();
        let costs = Programs::of(&policy).costs();
        for list in ["risk.features[", "risk.rules[", "credit.indicators["] {
            let own = costs.iter().filter(|(path, cost)| path.starts_with(list) && 0 < *cost);
            let count = own.count();
            assert!(0 < count, "{list}");
            if list == "credit.indicators[" {
                assert_eq!(count, policy.credit.indicators.len());
            }
        }
    }
}
