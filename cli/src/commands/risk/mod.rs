//! `kanhe risk`: alerts, why they were raised, what is done about them, and how rules do.

mod explain;
mod figures;

use crate::admin;
use crate::answer::{Answer, CliError};
use crate::args::{
    AlertsArgs, Disposal, DisposeArgs, HomeArgs, ReviewArgs, RiskCommand, SignalArgs, SuspectArgs,
};
use crate::member::Member;
use crate::table::table;
use kanhe_api::path;
use kanhe_api::risk::{AlertAnswer, AlertView, AlertsPage, AssessmentView};
use kanhe_contracts::document::{Body, RiskAct, RiskSignal};
use kanhe_contracts::policy::Direction;
use kanhe_contracts::risk::{Alert, AlertAct, Disposition, Suspect};
use std::fmt::Write;

pub(super) fn run(command: &RiskCommand) -> Result<Answer, CliError> {
    match command {
        RiskCommand::List(args) => list(args),
        RiskCommand::Show { alert, home } => {
            let member = Member::of(home)?;
            Ok(answer("", &find(&member, *alert)?))
        }
        RiskCommand::Explain(args) => explain::run(args),
        RiskCommand::Signal(args) => signal(args),
        RiskCommand::Assign { alert, desk, home } => {
            act(home, *alert, AlertAct::Assign { desk: desk.clone() })
        }
        RiskCommand::Dispose(args) => dispose(args),
        RiskCommand::Review(args) => review(args),
        RiskCommand::Rules { policy_version, home } => figures::run(home, *policy_version),
    }
}

fn find(member: &Member, alert: u64) -> Result<AlertAnswer, CliError> {
    Ok(member.client.get(&path::alert(alert))?)
}

/// Whom or what is meant; `None` where nothing is stated.
fn suspect(args: &SuspectArgs) -> Result<Option<Suspect>, CliError> {
    let trade = |direction, text: &str| {
        let case = super::trade::case_key(text, None)?;
        Ok(Some(Suspect::Trade { direction, case }))
    };
    match args {
        SuspectArgs { import: Some(text), .. } => trade(Direction::Import, text),
        SuspectArgs { export: Some(text), .. } => trade(Direction::Export, text),
        SuspectArgs { organisation: Some(code), .. } => {
            Ok(Some(Suspect::Organisation { organisation: code.clone() }))
        }
        _ => Ok(None),
    }
}

/// The flag that states a suspect.
fn flag(suspect: &Suspect) -> String {
    match suspect {
        Suspect::Trade { direction, case } => {
            let order_no = case.order_no.replace('\'', "'\\''");
            format!("--{} '{}/{order_no}'", direction.name(), case.platform)
        }
        Suspect::Organisation { organisation } => format!("--organisation {organisation}"),
    }
}

fn named(suspect: &Suspect) -> String {
    match suspect {
        Suspect::Trade { direction, case } => {
            format!("{} {}/{}", direction.name(), case.platform, case.order_no)
        }
        Suspect::Organisation { organisation } => format!("organisation {organisation}"),
    }
}

fn list(args: &AlertsArgs) -> Result<Answer, CliError> {
    let member = Member::of(&args.home)?;
    let name = |value: serde_json::Value| value.as_str().map(str::to_owned);
    let target = super::with_query(
        path::ALERTS,
        [
            ("state", args.state.and_then(|own| name(super::to_json(&own)))),
            ("level", args.level.and_then(|own| name(super::to_json(&own)))),
            ("overdue", args.overdue.then(|| "true".to_owned())),
            ("before", args.before.map(|own| own.to_string())),
            ("limit", Some(args.limit.to_string())),
        ],
    );
    let page: AlertsPage = member.client.get(&target)?;
    let head = ["alert", "level", "score", "about", "cause", "stands", "due"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(page.alerts.iter().map(|view| {
        let alert = &view.alert;
        vec![
            alert.number.to_string(),
            super::name_of(&alert.level),
            alert.score.to_string(),
            named(&alert.suspect),
            super::name_of(&alert.cause),
            super::name_of(&alert.state),
            due(view),
        ]
    }));
    let mut text = table(&rows);
    if page.alerts.is_empty() {
        text = "no alerts\n".into();
    }
    if let Some(next) = page.next {
        text.push_str(&format!("more: --before {next}\n"));
    }
    Ok(Answer::yes(text, super::to_json(&page)))
}

fn due(view: &AlertView) -> String {
    let late = if view.is_overdue { ", overdue" } else { "" };
    format!("{}{late}", view.alert.due)
}

fn signal(args: &SignalArgs) -> Result<Answer, CliError> {
    let Some(suspect) = suspect(&args.suspect)? else {
        let expected = "state whom or what: --import, --export or --organisation";
        return Err(CliError::Usage(expected.into()));
    };
    let member = Member::of(&args.home)?;
    let (source, weight, hold) = (args.source, args.weight, args.hold);
    let (reason, evidence) = (args.reason.clone(), args.evidence);
    let said = RiskSignal { suspect: suspect.clone(), source, weight, hold, reason, evidence };
    let document = admin::document(Body::RiskSignal(said))?;
    let id = admin::id_of(&member, &document);
    if let Some(no) = super::gov::refused(&admin::say(&member, &[document])?) {
        return Ok(no);
    }
    // What is said of it is customs' to see, and the agency's that has the alert.
    let target = path::assessment(&suspect);
    let found = match member.client.get::<AssessmentView>(&target) {
        Ok(view) => Some(view),
        Err(error) if error.code() == Some(kanhe_api::ErrorCode::NotFound) => None,
        Err(error) => return Err(error.into()),
    };
    let mut text = format!("said, in document {id}\n");
    if let Some(view) = &found {
        text.push_str(&explain::standing(view));
    }
    let json = serde_json::json!({ "document": id, "assessment": found });
    Ok(Answer::yes(text, json))
}

fn dispose(args: &DisposeArgs) -> Result<Answer, CliError> {
    let disposition = match (args.disposal, &args.to) {
        (Disposal::Transfer, Some(to)) => Disposition::Transfer { to: to.clone() },
        (Disposal::Release, None) => Disposition::Release,
        (Disposal::Inspect, None) => Disposition::Inspect,
        (Disposal::Hold, None) => Disposition::Hold,
        (Disposal::Reject, None) => Disposition::Reject,
        (Disposal::Transfer, None) | (_, Some(_)) => {
            return Err(CliError::Usage("--to goes with transfer, and transfer with it".into()));
        }
    };
    let reason = args.reason.clone();
    act(&args.home, args.alert, AlertAct::Dispose { disposition, reason })
}

fn review(args: &ReviewArgs) -> Result<Answer, CliError> {
    let (outcome, recovered) = (args.outcome, args.recovered);
    let reason = args.reason.clone();
    act(&args.home, args.alert, AlertAct::Review { outcome, recovered, reason })
}

fn act(home: &HomeArgs, alert: u64, act: AlertAct) -> Result<Answer, CliError> {
    let member = Member::of(home)?;
    let document = admin::document(Body::RiskAct(RiskAct { alert, act }))?;
    if let Some(no) = super::gov::refused(&admin::say(&member, &[document])?) {
        return Ok(no);
    }
    Ok(answer("done\n", &find(&member, alert)?))
}

fn answer(said: &str, found: &AlertAnswer) -> Answer {
    let mut text = format!("{said}{}", described(&found.view));
    text.push_str(&explain::standing(&found.assessment));
    let _ = writeln!(text, "why: kanhe risk explain {}", found.view.alert.number);
    Answer::yes(text, super::to_json(found))
}

/// An alert with everything that was done about it.
fn described(view: &AlertView) -> String {
    let alert = &view.alert;
    let mut text = format!(
        "alert {} about {}\nof {}, {}\nlevel {}, score {}, raised at height {}, {}, by {}\n",
        alert.number,
        named(&alert.suspect),
        alert.owner,
        stands(alert),
        super::name_of(&alert.level),
        alert.score,
        alert.height,
        alert.raised,
        super::name_of(&alert.cause),
    );
    let _ = writeln!(text, "rules: {}", alert.rules.join(", "));
    let _ = writeln!(text, "due {}", due(view));
    if let Some(escalated) = alert.escalated {
        let _ = writeln!(text, "went to {} because it was overdue, {escalated}", alert.owner);
    }
    for step in &alert.steps {
        let _ = writeln!(
            text,
            "  height {}, {}, by {}: {}",
            step.height,
            step.time,
            step.signer,
            done(&step.act)
        );
    }
    text
}

fn stands(alert: &Alert) -> String {
    let held = if alert.holds { ", HOLDS the trade" } else { "" };
    format!("{}{held}", super::name_of(&alert.state))
}

/// What was done, in words.
fn done(act: &AlertAct) -> String {
    match act {
        AlertAct::Assign { desk } => format!("given to desk {desk}"),
        AlertAct::Dispose { disposition, reason } => {
            let what = match disposition {
                Disposition::Release => "released".to_owned(),
                Disposition::Inspect => "to be inspected".to_owned(),
                Disposition::Hold => "held".to_owned(),
                Disposition::Transfer { to } => format!("transferred to {to}"),
                Disposition::Reject => "rejected".to_owned(),
            };
            format!("{what}: {reason}")
        }
        AlertAct::Review { outcome, recovered, reason } => {
            let recovered =
                recovered.map_or_else(String::new, |amount| format!(", {amount} CNY recovered"));
            format!("{}{recovered}: {reason}", super::name_of(outcome))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suspect_is_stated_by_one_flag_and_read_back() {
        let none = SuspectArgs { import: None, export: None, organisation: None };
        assert_eq!(suspect(&none).expect("nothing is wrong"), None);
        let import = SuspectArgs { import: Some("TESTEBP001/A/b".into()), ..none.clone() };
        let found = suspect(&import).expect("a case").expect("one is stated");
        assert_eq!(flag(&found), "--import 'TESTEBP001/A/b'");
        assert_eq!(named(&found), "import TESTEBP001/A/b");
        let wrong = SuspectArgs { export: Some("TESTEBP001".into()), ..none };
        assert!(suspect(&wrong).is_err());
    }
}
