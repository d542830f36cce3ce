//! `kanhe spotcheck` and `kanhe document reveal`: originals, asked for, shown, judged.

use super::trade::case_key;
use crate::admin::{document, rejection, say};
use crate::answer::{Answer, CliError};
use crate::args::{HomeArgs, SpotcheckCommand};
use crate::client::{Client, ClientError};
use crate::member::Member;
use crate::original::{Letter, Shown, compare};
use crate::table::table;
use kanhe_api::path;
use kanhe_api::spot_check::{LetterAnswer, SpotCheckView, SpotChecksAnswer};
use kanhe_api::submission::ReceiptView;
use kanhe_api::view::{DocumentView, StatusView};
use kanhe_contracts::document::{
    Body, OriginalAnswer, OriginalResult, SpotCheck, SpotCheckAnswer, SpotCheckResult,
};
use kanhe_contracts::spot_check::SpotCheckStatus;
use kanhe_privacy::seal::{letter_digest, seal};
use kanhe_privacy::vault::Held;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec;
use kanhe_types::hash::Hash;
use kanhe_types::time::CustomsTime;
use serde_json::json;
use std::fmt::Write;
use std::time::Duration;
use zeroize::Zeroizing;

pub(super) fn run(command: &SpotcheckCommand) -> Result<Answer, CliError> {
    match command {
        SpotcheckCommand::Ask { trade, document, within, reason, home } => {
            ask(trade, document, *within, reason, home)
        }
        SpotcheckCommand::List { home } => list(home),
        SpotcheckCommand::Show { check, home } => show(check, home),
        SpotcheckCommand::Verify { check, dry_run, home } => verify(check, *dry_run, home),
    }
}

/// A receipt that says no, as an answer.
pub(super) fn refused(receipts: &[ReceiptView]) -> Option<Answer> {
    let receipt = receipts.iter().find(|receipt| receipt.rejection.is_some())?;
    Some(Answer::no(rejection(receipt)?, json!({ "receipt": receipt })))
}

fn ask(
    trade: &str,
    asked: &Hash,
    seconds: u32,
    reason: &str,
    home: &HomeArgs,
) -> Result<Answer, CliError> {
    let (member, case) = (Member::of(home)?, case_key(trade, None)?);
    let reply_key = member.vault()?.reader.public();
    let reason = reason.to_owned();
    let said = SpotCheck { case, document: *asked, reply_key, seconds, reason };
    let receipts = say(&member, &[document(Body::SpotCheck(said))?])?;
    if let Some(no) = refused(&receipts) {
        return Ok(no);
    }
    let check = receipts.first().map(|view| view.receipt.document).unwrap_or_default();
    let view: SpotCheckView = member.client.get(&path::spot_check(&check))?;
    Ok(Answer::yes(describe(&view), super::to_json(&view)))
}

fn list(home: &HomeArgs) -> Result<Answer, CliError> {
    let member = Member::of(home)?;
    let answer: SpotChecksAnswer = member.client.get(path::SPOT_CHECKS)?;
    let mut rows = vec![
        ["status", "due", "kind", "asked by", "asked", "trade", "spot check"]
            .map(str::to_owned)
            .to_vec(),
    ];
    rows.extend(answer.checks.iter().map(|view| {
        let check = &view.check;
        vec![
            check.status.name().into(),
            CustomsTime::from_millis(check.due).to_string(),
            super::name_of(&check.kind),
            check.agency.to_string(),
            check.sender.to_string(),
            format!("{}/{}", view.case.platform, view.case.order_no),
            check.check.to_string(),
        ]
    }));
    let text = match answer.checks.is_empty() {
        true => "no spot check is open".into(),
        false => table(&rows),
    };
    Ok(Answer::yes(text, super::to_json(&answer)))
}

fn show(check: &Hash, home: &HomeArgs) -> Result<Answer, CliError> {
    let member = Member::of(home)?;
    let view: SpotCheckView = member.client.get(&path::spot_check(check))?;
    Ok(Answer::yes(describe(&view), super::to_json(&view)))
}

fn describe(view: &SpotCheckView) -> String {
    let check = &view.check;
    let mut text = format!(
        "spot check {}: {}\n{} asks {} for the original of {} {} of trade {}/{}\nreason: {}\n",
        check.check,
        check.status.name(),
        check.agency,
        check.sender,
        super::name_of(&check.kind),
        check.document,
        view.case.platform,
        view.case.order_no,
        check.reason,
    );
    let more = match &check.status {
        SpotCheckStatus::Asked => {
            let due = CustomsTime::from_millis(check.due);
            format!("due {due}; answer: kanhe document reveal {}", check.check)
        }
        SpotCheckStatus::Shown { letter } => {
            format!("sealed letter {letter}; judge: kanhe spotcheck verify {}", check.check)
        }
        SpotCheckStatus::Differs { field, ledger, original } => {
            format!("{field}: the ledger has {ledger}, the original has {original}")
        }
        SpotCheckStatus::Missing { reason } => format!("there is none: {reason}"),
        SpotCheckStatus::Erased { record } => format!("deletion record {record}"),
        SpotCheckStatus::Unanswered => {
            format!("no answer until {}", CustomsTime::from_millis(check.due))
        }
        SpotCheckStatus::Agrees => "the original says what the ledger says".into(),
    };
    writeln!(text, "{more}").expect("writing to a string cannot fail");
    text
}

/// `kanhe document reveal`.
pub(super) fn reveal(
    check: &Hash,
    missing: Option<&str>,
    home: &HomeArgs,
) -> Result<Answer, CliError> {
    let member = Member::of(home)?;
    let view: SpotCheckView = member.client.get(&path::spot_check(check))?;
    if view.check.sender != *member.client.organisation() {
        return Err(CliError::No(format!(
            "{} is asked, this is the home of {}",
            view.check.sender,
            member.client.organisation()
        )));
    }
    let answer = match missing {
        Some(reason) => OriginalAnswer::Missing(reason.to_owned()),
        None => OriginalAnswer::Shown(send_letter(&member, &view)?),
    };
    let said = SpotCheckAnswer { check: *check, answer };
    let receipts = say(&member, &[document(Body::SpotCheckAnswer(said))?])?;
    if let Some(no) = refused(&receipts) {
        return Ok(no);
    }
    let view: SpotCheckView = member.client.get(&path::spot_check(check))?;
    Ok(Answer::yes(describe(&view), super::to_json(&view)))
}

/// Seals the original for the agency, and leaves it at the agency's node; the letter's digest.
fn send_letter(member: &Member, view: &SpotCheckView) -> Result<Hash, CliError> {
    let home = member.vault()?;
    let (name, held) = home.of_document(&view.check.document)?;
    if let Held::Erased(erased) = held {
        return Err(CliError::No(format!(
            "the original was erased by record {}; nothing can be shown any more",
            erased.record
        )));
    }
    let original = home.vault.get(&name)?;
    let original = original.ok_or_else(|| CliError::unknown("the original has just gone"))?;
    let letter = Letter { salt: *original.salt, bytes: original.bytes.to_vec() };
    let content = Zeroizing::new(codec::encode(&letter));
    let check = &view.check.check;
    let sealed = seal(&view.check.reply_key, check, &content)
        .map_err(|error| CliError::because("the original cannot be sealed", error))?;
    let client = node_of(&member.client, &view.check.agency)?;
    let kept: LetterAnswer = client.post(&path::spot_check_original(check), &sealed)?;
    let own = letter_digest(&sealed);
    if kept.letter != own {
        return Err(CliError::unknown("the agency's node has another letter than was sent"));
    }
    Ok(own)
}

/// A client of the node of an agency, which is one of those that the member knows.
fn node_of(client: &Client, agency: &OrganisationCode) -> Result<Client, CliError> {
    let mut found = None;
    client.get_from_each(path::STATUS, |answer: Result<StatusView, ClientError>| {
        if answer.is_ok_and(|status| status.organisation == *agency) {
            found = Some(client.current_api());
        }
        found.is_some()
    });
    let api = found.ok_or_else(|| {
        CliError::unknown(format!(
            "the node of {agency} does not answer; check that it runs, and that its address is \
             among `api` in member.json"
        ))
    })?;
    Ok(client.at(&[api])?)
}

fn verify(check: &Hash, dry_run: bool, home: &HomeArgs) -> Result<Answer, CliError> {
    let member = Member::of(home)?;
    let view: SpotCheckView = member.client.get(&path::spot_check(check))?;
    let SpotCheckStatus::Shown { letter: expected } = view.check.status else {
        return Ok(Answer::no(describe(&view), super::to_json(&view)));
    };
    let client = node_of(&member.client, &view.check.agency)?;
    let sealed = client.get_bytes(&path::spot_check_original(check), Duration::ZERO)?;
    let is_expected = letter_digest(&sealed) == expected;
    let content = match is_expected {
        true => member.vault()?.reader.open(check, &sealed).ok(),
        false => None,
    };
    let ledger: DocumentView = member.client.get(&path::document(&view.check.document))?;
    let content = content.as_ref().map(|content| content.as_slice());
    let mut pseudonyms = member.pseudonyms_of(ledger.document.pseudonyms)?;
    let shown = compare(&mut pseudonyms, &ledger.document, content)?;
    if !dry_run {
        let said = SpotCheckResult { check: *check, result: result(&shown) };
        let receipts = say(&member, &[document(Body::SpotCheckResult(said))?])?;
        if let Some(no) = refused(&receipts) {
            return Ok(no);
        }
    }
    let json = json!({ "check": check, "shown": shown, "is_said": !dry_run });
    Ok(Answer::whether(shown.difference.is_none(), judgement(&view, &shown), json))
}

fn result(shown: &Shown) -> OriginalResult {
    match &shown.difference {
        None => OriginalResult::Agrees,
        Some(difference) => OriginalResult::Differs {
            field: difference.field.clone(),
            ledger: difference.ledger.clone(),
            original: difference.original.clone(),
        },
    }
}

fn judgement(view: &SpotCheckView, shown: &Shown) -> String {
    let kind = super::name_of(&view.check.kind);
    let mut text = match &shown.difference {
        None => format!("the original of {kind} {} is and says the same\n", view.check.document),
        Some(difference) => format!(
            "the original of {kind} {} differs\n{}: the ledger has {}, the original has {}\n",
            view.check.document, difference.field, difference.ledger, difference.original
        ),
    };
    if shown.is_signed && shown.difference.is_none() {
        text.push_str("its XML signature is valid, by the certificate that the ledger states\n");
    }
    text
}
