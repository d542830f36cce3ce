//! `kanhe risk explain`: why, and the same again from genesis.

use super::{described, flag, named};
use crate::answer::{Answer, CliError};
use crate::args::ExplainArgs;
use crate::member::Member;
use crate::verify::{self, Replayed};
use kanhe_api::path;
use kanhe_api::risk::{AssessmentView, RuleText};
use kanhe_contracts::risk::{Assessment, Hit, Subject, Suspect};
use kanhe_types::codec;
use kanhe_types::hash::sha256_of;
use serde_json::{Value, json};
use std::fmt::Write;

pub(super) fn run(args: &ExplainArgs) -> Result<Answer, CliError> {
    let member = Member::of(&args.home)?;
    let (mut text, mut json, view) = match (args.alert, super::suspect(&args.suspect)?) {
        (Some(alert), None) => {
            let found = super::find(&member, alert)?;
            let json = super::super::to_json(&found);
            (described(&found.view), json, found.assessment)
        }
        (None, Some(suspect)) => {
            let view: AssessmentView = member.client.get(&path::assessment(&suspect))?;
            (format!("{}\n", named(&suspect)), super::super::to_json(&view), view)
        }
        _ => {
            let expected = "state an alert's number, or one of --import, --export, --organisation";
            return Err(CliError::Usage(expected.into()));
        }
    };
    text.push_str(&explained(&view));
    let command = format!("kanhe risk explain {} --replay", flag(&view.suspect));
    if !args.replay {
        let _ = writeln!(text, "the same again from genesis: {command}");
        if let Value::Object(fields) = &mut json {
            fields.insert("reproduce".into(), command.into());
        }
        return Ok(Answer::yes(text, json));
    }
    replay(&member, &view, text, json)
}

/// Where a suspect stands, in a few words.
pub(super) fn standing(view: &AssessmentView) -> String {
    let Assessment { score, level, hits, .. } = &view.assessment;
    let levels = view.levels;
    let mut text = format!(
        "{}: score {score}, {} (medium from {}, high from {}, critical from {})\n",
        named(&view.suspect),
        super::super::name_of(level),
        levels.medium,
        levels.high,
        levels.critical,
    );
    for (hit, rule) in hits.iter().zip(&view.rules) {
        let what = rule.as_ref().map_or_else(|| reason(hit), |rule| rule.en.clone());
        let _ = writeln!(text, "  +{:<3} {}  {what}", hit.weight, hit.rule);
    }
    text
}

/// Why an agency signals something.
fn reason(hit: &Hit) -> String {
    let reason = hit.values.iter().find(|(name, _)| name == "reason");
    reason.map(|(_, reason)| reason.clone()).unwrap_or_default()
}

/// Everything that fired, and the documents behind it.
fn explained(view: &AssessmentView) -> String {
    let mut text = standing(view);
    if let Some(risk) = &view.case_risk {
        text.push_str(&super::super::trade::grade(*risk));
    }
    if view.assessment.is_green {
        text.push_str(
            "green channel by its merchant's grade: not inspected for a score below what is held\n",
        );
    }
    for (hit, rule) in view.assessment.hits.iter().zip(&view.rules) {
        text.push('\n');
        describe(&mut text, &view.suspect, hit, rule.as_ref());
    }
    for trade in &view.trades {
        let _ = writeln!(text, "\ndocuments of {}:", named(&trade.trade));
        for document in &trade.documents {
            let kind = super::super::name_of(&document.kind);
            let _ = writeln!(
                text,
                "  height {:<6} {kind:<16} from {:<14} {}",
                document.height, document.signer, document.id
            );
        }
    }
    if !view.trades.is_empty() {
        text.push_str("what one says, and its proof: kanhe document show ID, kanhe proof get ID\n");
    }
    text.push('\n');
    text
}

/// The later trade that had a rule fire, where that reaches back to the one that is explained.
fn later(hit: &Hit, of: &Suspect) -> Option<Suspect> {
    let (direction, case) = hit.case.clone()?;
    let later = Suspect::Trade { direction, case };
    (matches!(of, Suspect::Trade { .. }) && later != *of).then_some(later)
}

fn describe(text: &mut String, of: &Suspect, hit: &Hit, rule: Option<&RuleText>) {
    let _ = match rule {
        Some(rule) => writeln!(
            text,
            "{} ({}), policy {}, +{}\n  {}\n  {}\n  fires when {}",
            hit.rule, rule.pattern, hit.policy_version, hit.weight, rule.en, rule.zh, rule.when
        ),
        None => writeln!(text, "{}, policy {}, +{}", hit.rule, hit.policy_version, hit.weight),
    };
    for (name, value) in &hit.values {
        let _ = writeln!(text, "  {name} = {value}");
    }
    if let Some(later) = later(hit, of) {
        let _ = writeln!(text, "  reaches back from {}", named(&later));
    }
    let on = hit.on.map_or("said", Subject::name);
    let _ = writeln!(text, "  {on} at height {}, {}", hit.height, hit.time);
    if let Some(document) = hit.document {
        let _ = writeln!(text, "  in document {document}");
    }
}

/// Executes the chain again, and compares what it says of the suspect byte for byte.
fn replay(
    member: &Member,
    view: &AssessmentView,
    mut text: String,
    mut json: Value,
) -> Result<Answer, CliError> {
    let key = view.suspect.state_key();
    let (report, again) = match verify::replay(&member.client, &member.genesis, &key)? {
        Replayed::Value { report, value } => (report, value),
        Replayed::Diverges(found) => {
            return Ok(super::super::chain::describe("the API", &found, 0.0));
        }
    };
    let answered = codec::encode(&view.assessment);
    let is_same = again.as_deref() == Some(answered.as_slice());
    let decoded: Option<Assessment> =
        again.as_ref().and_then(|bytes| codec::decode(bytes, bytes.len()).ok());
    let is_later = decoded.is_some_and(|own| view.assessment.height < own.height);
    let (ours, theirs) = (again.as_deref().map(sha256_of), sha256_of(&answered));
    if let Value::Object(fields) = &mut json {
        let replay = json!({
            "same": is_same, "height": report.height, "documents": report.documents,
            "bytes": answered.len(), "answered": theirs, "again": ours,
        });
        fields.insert("replay".into(), replay);
    }
    let _ = writeln!(
        text,
        "executed again: {} documents up to height {}, every signature, certificate and root \
         checked",
        report.documents, report.height
    );
    if is_same {
        let _ =
            writeln!(text, "THE SAME: {} bytes under the state's key, {theirs}", answered.len());
        return Ok(Answer::yes(text, json));
    }
    if is_later {
        text.push_str("it has changed since the node answered: ask again\n");
        return Ok(Answer::not_yet_known(text, json));
    }
    let ours = ours.map_or_else(|| "nothing".to_owned(), |hash| hash.to_string());
    let _ = writeln!(
        text,
        "NOT THE SAME: executed again {ours}, answered {theirs}\ndo not trust this node; compare \
         with another validator"
    );
    Ok(Answer::no(text, json))
}

#[cfg(test)]
mod tests {
    use super::*;
    use kanhe_contracts::fixture::Trade;
    use kanhe_contracts::policy::{Direction, Policy};

    #[test]
    fn the_green_channel_is_named_where_a_trade_came_by_it() {
        let (direction, case) = (Direction::Import, Trade::new(1).case_key());
        let mut view = AssessmentView {
            suspect: Suspect::Trade { direction, case },
            assessment: Assessment::default(),
            rules: Vec::new(),
            levels: Policy::default().risk.levels,
            trades: Vec::new(),
            case_risk: None,
            height: 1,
        };
        for is_green in [false, true] {
            view.assessment.is_green = is_green;
            let text = explained(&view);
            assert_eq!(
                text.contains("green channel by its merchant's grade: "),
                is_green,
                "{text}"
            );
        }
    }
}
