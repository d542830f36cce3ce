//! `kanhe grant`: what organisations let each other see.

use crate::admin;
use crate::answer::{Answer, CliError};
use crate::args::{GiveArgs, GrantCommand, HomeArgs};
use crate::clock;
use crate::member::Member;
use crate::table::table;
use kanhe_api::access::{GrantView, GrantsPage};
use kanhe_api::path;
use kanhe_contracts::access::{GrantState, Scope};
use kanhe_contracts::document::{Body, CaseGrant, GrantWithdrawal, PeriodGrant};
use kanhe_types::hash::Hash;
use kanhe_types::time::{CustomsDate, Millis};

const DAY_MS: u64 = 86_400_000;

pub(super) fn run(command: &GrantCommand) -> Result<Answer, CliError> {
    match command {
        GrantCommand::Give(args) => give(args),
        GrantCommand::Withdraw { id, reason, home } => withdraw(home, id, reason),
        GrantCommand::List { before, limit, home } => list(home, *before, *limit),
        GrantCommand::Show { id, home } => {
            let member = Member::of(home)?;
            Ok(answer("", &find(&member, id)?))
        }
    }
}

fn find(member: &Member, id: &Hash) -> Result<GrantView, CliError> {
    Ok(member.client.get(&path::grant(id))?)
}

fn give(args: &GiveArgs) -> Result<Answer, CliError> {
    let (receiver, purpose) = (args.receiver.clone(), args.purpose.clone());
    let until =
        args.days.map(|days| Millis(clock::now().0.saturating_add(days.saturating_mul(DAY_MS))));
    let (member, body) = match (&args.period, &args.platform) {
        (Some(period), _) => {
            let (from, end) = (period.from, period.end);
            let grant = PeriodGrant { receiver, from, end, until, purpose };
            (Member::admin_of(&args.home)?, Body::PeriodGrant(grant))
        }
        (None, platform) => {
            let platform = platform.as_deref().unwrap_or_default();
            let case = super::trade::case_key(platform, args.order_no.as_deref())?;
            let (platform, order_no) = (case.platform, case.order_no);
            let grant = CaseGrant { receiver, platform, order_no, until, purpose };
            (Member::of(&args.home)?, Body::CaseGrant(grant))
        }
    };
    let document = admin::document(body)?;
    let id = admin::id_of(&member, &document);
    let receipts = admin::say(&member, &[document])?;
    if let Some(no) = super::gov::refused(&receipts) {
        return Ok(no);
    }
    Ok(answer("given; take it back with `kanhe grant withdraw`\n", &find(&member, &id)?))
}

fn withdraw(home: &HomeArgs, id: &Hash, reason: &str) -> Result<Answer, CliError> {
    let member = Member::of(home)?;
    let withdrawal = GrantWithdrawal { grant: *id, reason: reason.to_owned() };
    let document = admin::document(Body::GrantWithdrawal(withdrawal))?;
    if let Some(no) = super::gov::refused(&admin::say(&member, &[document])?) {
        return Ok(no);
    }
    Ok(answer("withdrawn\n", &find(&member, id)?))
}

fn list(home: &HomeArgs, before: Option<u64>, limit: usize) -> Result<Answer, CliError> {
    let member = Member::of(home)?;
    let before = before.map_or_else(String::new, |before| format!("&before={before}"));
    let target = format!("{}?limit={limit}{before}", path::GRANTS);
    let page: GrantsPage = member.client.get(&target)?;
    let mut rows =
        vec![["grant", "from", "to", "what", "until", "stands"].map(str::to_owned).to_vec()];
    rows.extend(page.grants.iter().map(|view| {
        let grant = &view.grant;
        vec![
            grant.id.to_string(),
            grant.giver.to_string(),
            grant.receiver.to_string(),
            scope(&grant.scope),
            until(grant.until),
            state(view.state).to_owned(),
        ]
    }));
    let mut text = table(&rows);
    if page.grants.is_empty() {
        text = "no grants\n".into();
    }
    if let Some(next) = page.next {
        text.push_str(&format!("more: --before {next}\n"));
    }
    Ok(Answer::yes(text, super::to_json(&page)))
}

fn answer(said: &str, view: &GrantView) -> Answer {
    let grant = &view.grant;
    let mut text = format!(
        "{said}grant {}\nfrom {} to {}: {}, until {}\npurpose: {}\ngiven at height {}, {}\nstands: \
         {}\n",
        grant.id,
        grant.giver,
        grant.receiver,
        scope(&grant.scope),
        until(grant.until),
        grant.purpose,
        grant.height,
        grant.time,
        state(view.state),
    );
    if let Some(end) = &grant.ended {
        text.push_str(&format!("withdrawn at height {}: {}\n", end.height, end.reason));
    }
    Answer::yes(text, super::to_json(view))
}

fn scope(scope: &Scope) -> String {
    match scope {
        Scope::Case(case) => format!("case {}/{}", case.platform, case.order_no),
        Scope::Period { from, end } => {
            let first = CustomsDate::from_millis(*from);
            let last = CustomsDate::from_millis(Millis(end.0.saturating_sub(1)));
            format!("cases opened {first} to {last}")
        }
    }
}

fn until(until: Option<Millis>) -> String {
    until.map_or_else(|| "withdrawn".into(), |until| until.to_string())
}

fn state(state: GrantState) -> &'static str {
    match state {
        GrantState::Standing => "yes",
        GrantState::Withdrawn => "no, withdrawn",
        GrantState::Expired => "no, its time is over",
        GrantState::KeyEnded => "no, the key that signed it has ended; give it again",
        GrantState::Resting => "no, its giver is suspended",
    }
}
