//! `kanhe access`: who looked at our trades.

use crate::answer::{Answer, CliError};
use crate::args::{AccessCommand, HomeArgs};
use crate::member::Member;
use crate::table::table;
use kanhe_api::access::ReadsPage;
use kanhe_api::path;
use kanhe_contracts::document::Ground;

pub(super) fn run(command: &AccessCommand) -> Result<Answer, CliError> {
    match command {
        AccessCommand::Log { before, limit, home } => log(home, *before, *limit),
    }
}

fn log(home: &HomeArgs, before: Option<u64>, limit: usize) -> Result<Answer, CliError> {
    let member = Member::of(home)?;
    let before = before.map_or_else(String::new, |before| format!("&before={before}"));
    let target = format!("{}?limit={limit}{before}", path::READS);
    let page: ReadsPage = member.client.get(&target)?;
    let head = ["agency", "times", "why", "first", "last", "at", "cases"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(page.reads.iter().map(|record| {
        let entry = &record.entry;
        let cases = entry.cases.iter().map(|case| case.order_no.as_str()).collect::<Vec<_>>();
        vec![
            entry.reader.to_string(),
            entry.count.to_string(),
            ground(&entry.ground),
            entry.first.to_string(),
            entry.last.to_string(),
            record.server.to_string(),
            cases.join(", "),
        ]
    }));
    let mut text = table(&rows);
    if page.reads.is_empty() {
        text = "no agency read anything of our trades\n".into();
    }
    if let Some(next) = page.next {
        text.push_str(&format!("more: --before {next}\n"));
    }
    Ok(Answer::yes(text, super::to_json(&page)))
}

fn ground(ground: &Ground) -> String {
    match ground {
        Ground::Standing => "where trades stand".into(),
        Ground::Business => "its own business".into(),
        Ground::Assistance(id) => {
            let id = id.to_string();
            format!("assistance {}", id.get(..8).unwrap_or(&id))
        }
        Ground::Grant => "a party's grant".into(),
        Ground::Audit => "audit of the chain".into(),
    }
}
