//! `kanhe submit`: messages in, receipts out.

use crate::answer::{Answer, CliError};
use crate::args::SubmitArgs;
use crate::sender::receipts::Plan;
use crate::sender::{self, Outcome, SendOptions, Speakers, Status};
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Outcomes that are shown one by one, at most; the rest is counted.
const ACCEPTED_SHOWN_MAX: usize = 20;

pub(super) fn run(args: &SubmitArgs) -> Result<Answer, CliError> {
    let mut speakers = Speakers::of(&args.home)?;
    let plan = match &args.receipts {
        Some(folder) => Some(Plan::new(&args.paths, folder)?),
        None => None,
    };
    let options = SendOptions {
        wait: args.wait || plan.is_some(),
        year: args.pseudonym_year,
        has_vault: !args.no_vault,
    };
    let sent = sender::send(&mut speakers, &args.paths, options)?;
    let receipts = match plan {
        Some(plan) => plan.write(&mut speakers, &sent)?,
        None => Vec::new(),
    };
    let outcomes = sent.outcomes;
    let counts = count(&outcomes);
    let mut text = describe(&outcomes, &counts);
    if args.receipts.is_some() {
        let written = receipts.iter().filter(|file| file.receipt.is_some()).count();
        writeln!(text, "{written} receipt messages for {} files", receipts.len())
            .expect("writing to a string cannot fail");
    }
    let pending = counts.get(&Status::Pending).copied().unwrap_or(0);
    let is_no = outcomes.iter().any(|outcome| outcome.status.is_no());
    let counted: BTreeMap<String, usize> =
        counts.iter().map(|(status, count)| (super::name_of(status), *count)).collect();
    let json = json!({ "documents": outcomes, "counts": counted, "receipts": receipts });
    if 0 < pending && !is_no {
        let text = format!(
            "{text}{pending} documents have no receipt yet; they may still become final: ask again \
             with the same command, the ledger takes nothing twice"
        );
        return Ok(Answer::not_yet_known(text, json));
    }
    Ok(Answer::whether(!is_no, text, json))
}

fn count(outcomes: &[Outcome]) -> BTreeMap<Status, usize> {
    let mut counts = BTreeMap::new();
    for outcome in outcomes {
        *counts.entry(outcome.status).or_insert(0) += 1;
    }
    counts
}

fn describe(outcomes: &[Outcome], counts: &BTreeMap<Status, usize>) -> String {
    let mut text = String::new();
    let mut shown = 0;
    for outcome in outcomes {
        let is_good = !outcome.status.is_no() && outcome.status != Status::Pending;
        if is_good && ACCEPTED_SHOWN_MAX <= shown {
            continue;
        }
        shown += usize::from(is_good);
        describe_one(&mut text, outcome).expect("writing to a string cannot fail");
    }
    let counted: Vec<String> = counts
        .iter()
        .map(|(status, count)| format!("{count} {}", super::name_of(status)))
        .collect();
    writeln!(text, "{} documents: {}", outcomes.len(), counted.join(", "))
        .expect("writing to a string cannot fail");
    text
}

fn describe_one(text: &mut String, outcome: &Outcome) -> std::fmt::Result {
    let status = super::name_of(&outcome.status);
    let place = match outcome.document {
        Some(number) => format!("{} [{number}]", outcome.file),
        None => outcome.file.clone(),
    };
    write!(text, "{status:<10} {place}")?;
    if let Some(kind) = &outcome.kind {
        write!(text, "  {}", super::name_of(kind))?;
    }
    if let Some(order_no) = &outcome.order_no {
        write!(text, "  {order_no}")?;
    }
    if let Some(height) = outcome.height {
        write!(text, "  height {height}")?;
    }
    if let Some(id) = &outcome.id {
        write!(text, "  {id}")?;
    }
    writeln!(text)?;
    let Some(reason) = &outcome.reason else {
        return Ok(());
    };
    write!(text, "           ")?;
    if let (Some(code), Some(name)) = (reason.code, &reason.name) {
        write!(text, "rule {code} {name}")?;
        if let Some(official) = reason.official {
            write!(text, ", customs code {official}")?;
        }
        write!(text, ": ")?;
    }
    writeln!(text, "{}", reason.message)?;
    if !reason.remedy.is_empty() {
        writeln!(text, "           what to do: {}", reason.remedy)?;
    }
    Ok(())
}
