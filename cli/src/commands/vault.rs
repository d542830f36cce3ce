//! `kanhe vault`: the originals of the documents that a home has sent.

use super::spotcheck::refused;
use super::trade::case_key;
use crate::admin::{document, say};
use crate::answer::{Answer, CliError};
use crate::args::{HomeArgs, VaultCommand};
use crate::member::Member;
use crate::progress::Progress;
use crate::table::table;
use kanhe_api::path;
use kanhe_api::submission::ReceiptView;
use kanhe_api::view::DocumentView;
use kanhe_contracts::document::{Body, Document, Erasure};
use kanhe_contracts::rejection::Rejection;
use kanhe_privacy::vault::{About, Erased, Held, commitment};
use kanhe_types::hash::Hash;
use kanhe_types::receipt::{CaseKey, Outcome};
use kanhe_types::time::CustomsTime;
use serde_json::json;

pub(super) fn run(command: &VaultCommand) -> Result<Answer, CliError> {
    match command {
        VaultCommand::List { home } => list(home),
        VaultCommand::Show { document, home } => show(document, home),
        VaultCommand::Verify { home } => verify(home),
        VaultCommand::Erase { document, trade, reason, whole_message, home } => {
            let trade = trade.as_deref().map(|trade| case_key(trade, None)).transpose()?;
            let wish = Wish { trade, reason, whole_message: *whole_message };
            erase(document, &wish, home)
        }
    }
}

fn list(home: &HomeArgs) -> Result<Answer, CliError> {
    let member = Member::of(home)?;
    let all = member.vault()?.all()?;
    let mut rows = vec![["stored", "kind", "order", "document"].map(str::to_owned).to_vec()];
    let mut entries = Vec::new();
    for (_, held) in &all {
        match held {
            Held::Original(about) => {
                let stored = CustomsTime::from_millis(about.stored).to_string();
                let order_no = about.order_no.clone().unwrap_or_default();
                entries.push(json!({
                    "document": about.document,
                    "kind": about.kind,
                    "order_no": about.order_no,
                    "stored": about.stored,
                    "commitment": about.commitment,
                    "erased": null,
                }));
                rows.push(vec![stored, about.kind.clone(), order_no, about.document.to_string()]);
            }
            Held::Erased(erased) => {
                entries.push(json!({
                    "document": erased.document,
                    "commitment": erased.commitment,
                    "erased": erased.record,
                }));
                let record = format!("by {}", erased.record.short());
                rows.push(vec!["erased".into(), record, "-".into(), erased.document.to_string()]);
            }
        }
    }
    let text = if all.is_empty() { "no originals".into() } else { table(&rows) };
    Ok(Answer::yes(text, json!({ "originals": entries })))
}

fn show(id: &Hash, home: &HomeArgs) -> Result<Answer, CliError> {
    let member = Member::of(home)?;
    let own = member.vault()?;
    let (name, held) = own.of_document(id)?;
    let Some(original) = own.vault.get(&name)? else {
        let Held::Erased(erased) = held else {
            return Err(CliError::unknown("the original has just gone"));
        };
        let text = format!("erased by record {}", erased.record);
        return Ok(Answer::no(text, json!({ "document": id, "erased": erased.record })));
    };
    let text = String::from_utf8_lossy(&original.bytes).into_owned();
    let json = json!({ "document": id, "commitment": original.about.commitment, "original": text });
    Ok(Answer::yes(text, json))
}

fn verify(home: &HomeArgs) -> Result<Answer, CliError> {
    let member = Member::of(home)?;
    let own = member.vault()?;
    let names = own.vault.names()?;
    let mut progress = Progress::new("originals", u64::try_from(names.len()).unwrap_or(0));
    let (mut good, mut erased, mut bad) = (0, 0, Vec::new());
    for name in names {
        progress.step();
        let original = match own.vault.get(&name) {
            Ok(Some(original)) => original,
            Ok(None) => {
                erased += 1;
                continue;
            }
            Err(error) => {
                bad.push(json!({ "name": name, "why": error.to_string() }));
                continue;
            }
        };
        let document = original.about.document;
        let found = commitment(&original.salt, &original.bytes);
        let stated = match member.client.get::<DocumentView>(&path::document(&document)) {
            Ok(view) => view.document.original,
            Err(error) if error.code() == Some(kanhe_api::ErrorCode::NotFound) => {
                bad.push(json!({ "document": document, "why": "it is not on the ledger" }));
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        if stated == Some(found) {
            good += 1;
        } else {
            bad.push(json!({ "document": document, "why": "the ledger commits to another" }));
        }
    }
    let mut text =
        format!("{good} originals are what the ledger commits to, {erased} are erased\n");
    for one in &bad {
        text.push_str(&format!("{one}\n"));
    }
    let json = json!({ "good": good, "erased": erased, "bad": bad });
    Ok(Answer::whether(bad.is_empty(), text, json))
}

/// What is to be erased, and why.
struct Wish<'a> {
    trade: Option<CaseKey>,
    reason: &'a str,
    whole_message: bool,
}

fn erase(id: &Hash, wish: &Wish<'_>, home: &HomeArgs) -> Result<Answer, CliError> {
    let member = Member::of(home)?;
    let own = member.vault()?;
    let (name, held) = own.of_document(id)?;
    let about = match held {
        Held::Original(about) => about,
        // An erasure that was interrupted goes on: the record stands already.
        Held::Erased(erased) => {
            own.vault.erase(&name, &erased)?;
            return Ok(done(&[erased]));
        }
    };
    let together = own.of_message(&about)?;
    if 1 < together.len() && !wish.whole_message {
        return Err(CliError::No(format!(
            "the original is a signed message of {} documents, which cannot be taken apart; erase \
             all of them with --whole-message",
            together.len()
        )));
    }
    let records: Vec<Document> =
        together.iter().map(|(_, about)| record(about, wish)).collect::<Result<_, _>>()?;
    // First the record, then the destruction: what is destroyed without a record looks like a loss.
    let receipts = say(&member, &records)?;
    let stand: Vec<Option<Hash>> = receipts.iter().map(record_of).collect();
    if let (true, Some(no)) = (stand.iter().any(Option::is_none), refused(&receipts)) {
        return Ok(no);
    }
    let mut erased = Vec::new();
    for ((name, about), record) in together.iter().zip(stand) {
        let record = record.unwrap_or_default();
        let (document, commitment) = (about.document, about.commitment);
        let one = Erased { document, commitment, record };
        own.vault.erase(name, &one)?;
        erased.push(one);
    }
    Ok(done(&erased))
}

/// The deletion record that stands after this receipt: its own, or one from an erasure that was
/// interrupted before the original was destroyed.
fn record_of(view: &ReceiptView) -> Option<Hash> {
    match &view.receipt.outcome {
        Outcome::Accepted { .. } | Outcome::Repeated { .. } => Some(view.receipt.document),
        Outcome::Rejected(refusal) if refusal.code == Rejection::ErasedAlready.code() => {
            refusal.found.parse().ok()
        }
        Outcome::Rejected(_) => None,
    }
}

fn record(about: &About, wish: &Wish<'_>) -> Result<Document, CliError> {
    let case = about.case.clone().or_else(|| wish.trade.clone()).ok_or_else(|| {
        CliError::Usage(format!(
            "document {} names no platform; give its trade with --trade PLATFORM/ORDER",
            about.document
        ))
    })?;
    let said = Erasure { case, document: about.document, reason: wish.reason.to_owned() };
    document(Body::Erasure(said))
}

fn done(erased: &[Erased]) -> Answer {
    let lines = erased.iter().map(|one| {
        format!("original of {} erased, deletion record {}\n", one.document, one.record)
    });
    let entries: Vec<_> = erased
        .iter()
        .map(|one| json!({ "document": one.document, "record": one.record }))
        .collect();
    Answer::yes(lines.collect::<String>(), json!({ "erased": entries }))
}
