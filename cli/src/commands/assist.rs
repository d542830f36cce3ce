//! `kanhe assist`: what agencies let each other see, and what one inspected for all.

use crate::admin;
use crate::answer::{Answer, CliError};
use crate::args::{AssistCommand, HomeArgs, RequestArgs};
use crate::clock;
use crate::member::Member;
use crate::table::table;
use kanhe_api::access::{AssistancePage, AssistanceView};
use kanhe_api::path;
use kanhe_api::view::TradeView;
use kanhe_contracts::access::AssistanceState;
use kanhe_contracts::document::{
    AssistanceAnswer, AssistanceRequest, Body, DocumentKind, Inspection, Subject,
};
use kanhe_types::hash::Hash;
use kanhe_types::receipt::CaseKey;
use kanhe_types::time::Millis;

const DAY_MS: u64 = 86_400_000;

pub(super) fn run(command: &AssistCommand) -> Result<Answer, CliError> {
    match command {
        AssistCommand::Request(args) => request(args),
        AssistCommand::Answer { id, grant, reason, home, .. } => give(home, id, *grant, reason),
        AssistCommand::List { before, limit, home } => list(home, *before, *limit),
        AssistCommand::Show { id, home } => {
            let member = Member::of(home)?;
            Ok(answer("", &find(&member, id)?))
        }
        AssistCommand::Inspect { platform, order_no, result, inspected, evidence, home } => {
            let CaseKey { platform, order_no } =
                super::trade::case_key(platform, order_no.as_deref())?;
            let (result, inspected, evidence) = (*result, inspected.clone(), *evidence);
            inspect(home, Inspection { platform, order_no, result, inspected, evidence })
        }
    }
}

fn find(member: &Member, id: &Hash) -> Result<AssistanceView, CliError> {
    Ok(member.client.get(&path::assistance(id))?)
}

fn request(args: &RequestArgs) -> Result<Answer, CliError> {
    let subject = match (&args.organisation, &args.period) {
        (Some(code), Some(period)) => {
            Subject::Organisation { code: code.clone(), from: period.from, end: period.end }
        }
        _ => {
            let platform = args.platform.as_deref().unwrap_or_default();
            Subject::Case(super::trade::case_key(platform, args.order_no.as_deref())?)
        }
    };
    let mut kinds = args.kinds.clone();
    kinds.sort_unstable();
    kinds.dedup();
    let member = Member::of(&args.home)?;
    let (agency, purpose) = (args.agency.clone(), args.purpose.clone());
    let basis = args.basis.clone();
    let said = AssistanceRequest { agency, subject, kinds, purpose, basis };
    let document = admin::document(Body::AssistanceRequest(said))?;
    let id = admin::id_of(&member, &document);
    if let Some(no) = super::gov::refused(&admin::say(&member, &[document])?) {
        return Ok(no);
    }
    Ok(answer("asked\n", &find(&member, &id)?))
}

fn give(home: &HomeArgs, id: &Hash, days: Option<u64>, reason: &str) -> Result<Answer, CliError> {
    let member = Member::admin_of(home)?;
    let until = days.map(|days| Millis(clock::now().0.saturating_add(days.saturating_mul(DAY_MS))));
    let said = AssistanceAnswer { request: *id, until, reason: reason.to_owned() };
    let document = admin::document(Body::AssistanceAnswer(said))?;
    if let Some(no) = super::gov::refused(&admin::say(&member, &[document])?) {
        return Ok(no);
    }
    Ok(answer("answered\n", &find(&member, id)?))
}

fn inspect(home: &HomeArgs, said: Inspection) -> Result<Answer, CliError> {
    let member = Member::of(home)?;
    let case = CaseKey { platform: said.platform.clone(), order_no: said.order_no.clone() };
    let document = admin::document(Body::Inspection(said))?;
    if let Some(no) = super::gov::refused(&admin::say(&member, &[document])?) {
        return Ok(no);
    }
    let view: TradeView = super::trade::one(&member.client, &case)?;
    let text = format!("recorded; every agency recognises it\n{}", super::trade::describe(&view));
    Ok(Answer::yes(text, super::to_json(&view)))
}

fn list(home: &HomeArgs, before: Option<u64>, limit: usize) -> Result<Answer, CliError> {
    let member = Member::of(home)?;
    let before = before.map_or_else(String::new, |before| format!("&before={before}"));
    let target = format!("{}?limit={limit}{before}", path::ASSISTANCES);
    let page: AssistancePage = member.client.get(&target)?;
    let mut rows =
        vec![["request", "by", "to", "of", "kinds", "stands"].map(str::to_owned).to_vec()];
    rows.extend(page.requests.iter().map(|view| {
        let (assistance, request) = (&view.assistance, &view.assistance.request);
        vec![
            assistance.id.to_string(),
            assistance.requester.to_string(),
            request.agency.to_string(),
            subject(&request.subject),
            kinds(&request.kinds),
            state(view.state).to_owned(),
        ]
    }));
    let mut text = table(&rows);
    if page.requests.is_empty() {
        text = "no requests\n".into();
    }
    if let Some(next) = page.next {
        text.push_str(&format!("more: --before {next}\n"));
    }
    Ok(Answer::yes(text, super::to_json(&page)))
}

fn answer(said: &str, view: &AssistanceView) -> Answer {
    let (assistance, request) = (&view.assistance, &view.assistance.request);
    let mut text = format!(
        "{said}request {}\nby {} to {}: {} of {}\npurpose: {}\nlegal basis: {}\nasked at height \
         {}\nstands: {}\n",
        assistance.id,
        assistance.requester,
        request.agency,
        kinds(&request.kinds),
        subject(&request.subject),
        request.purpose,
        request.basis,
        assistance.height,
        state(view.state),
    );
    if let Some(answered) = &assistance.answer {
        let until = answered
            .until
            .map_or_else(|| "refused".to_owned(), |until| format!("granted until {until}"));
        text.push_str(&format!("{until} at height {}: {}\n", answered.height, answered.reason));
    }
    Answer::yes(text, super::to_json(view))
}

fn subject(subject: &Subject) -> String {
    match subject {
        Subject::Case(case) => format!("case {}/{}", case.platform, case.order_no),
        Subject::Organisation { code, from, end } => format!("{code}, {from} to {end}"),
    }
}

fn kinds(kinds: &[DocumentKind]) -> String {
    kinds.iter().map(super::name_of).collect::<Vec<_>>().join(", ")
}

fn state(state: AssistanceState) -> &'static str {
    match state {
        AssistanceState::Open => "open",
        AssistanceState::Granted => "granted",
        AssistanceState::Refused => "refused",
        AssistanceState::Expired => "its time is over",
        AssistanceState::Ended => "ended with the key or the business of who granted it",
    }
}
