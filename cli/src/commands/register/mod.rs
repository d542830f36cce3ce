//! `kanhe register`: what is recorded beside trades.

pub mod examples;

use crate::admin;
use crate::answer::{Answer, CliError};
use crate::args::{ActArgs, HomeArgs, RegisterCommand};
use crate::member::Member;
use crate::table::table;
use examples::examples;
use kanhe_api::path;
use kanhe_api::register::{AvailableView, EntriesPage, EntryView};
use kanhe_contracts::document::Body;
use kanhe_contracts::register::{EntryKey, Register};
use kanhe_types::code::OrganisationCode;
use kanhe_types::limits::DOCUMENT_BYTES_MAX;
use serde_json::{Value, json};
use std::fmt::Write;
use std::fs::File;
use std::io::Read;

pub(super) fn run(command: &RegisterCommand) -> Result<Answer, CliError> {
    match command {
        RegisterCommand::Act(args) => act(args),
        RegisterCommand::List { register, before, limit, home } => {
            list(home, *register, *before, *limit)
        }
        RegisterCommand::Show { register, owner, number, home } => {
            let member = Member::of(home)?;
            let key = entry_key(*register, owner, number);
            Ok(answer("", &find(&member, &key)?))
        }
        RegisterCommand::Available { owner, number, home } => {
            let member = Member::of(home)?;
            let view: AvailableView = member.client.get(&path::receivable(owner, number))?;
            let AvailableView { currency, available, height } = &view;
            let text = format!("{available} in currency {currency}, at height {height}\n");
            Ok(Answer::yes(text, super::to_json(&view)))
        }
        RegisterCommand::Example { register } => Ok(show_examples(*register)),
    }
}

fn entry_key(register: Register, owner: &OrganisationCode, number: &str) -> EntryKey {
    EntryKey { register, owner: owner.clone(), number: number.to_owned() }
}

fn find(member: &Member, key: &EntryKey) -> Result<EntryView, CliError> {
    Ok(member.client.get(&path::register_entry(key))?)
}

pub(super) fn act(args: &ActArgs) -> Result<Answer, CliError> {
    let member = Member::of(&args.home)?;
    let owner = args.owner.as_ref().unwrap_or_else(|| member.client.organisation());
    let key = entry_key(args.register, owner, &args.number);
    let body = body(&key, &read(&args.act)?)?;
    let document = admin::document(body)?;
    let receipts = admin::say(&member, &[document])?;
    if let Some(no) = super::gov::refused(&receipts) {
        return Ok(no);
    }
    Ok(answer("done\n", &find(&member, &key)?))
}

/// The act as it was given, or what the file that was named holds.
fn read(act: &str) -> Result<String, CliError> {
    let Some(path) = act.strip_prefix('@') else { return Ok(act.to_owned()) };
    let mut text = String::new();
    let max = u64::try_from(DOCUMENT_BYTES_MAX).unwrap_or(u64::MAX);
    let read = File::open(path).and_then(|file| file.take(max).read_to_string(&mut text));
    read.map_err(|error| CliError::Usage(format!("{path}: {error}")))?;
    Ok(text)
}

/// The document's body: what is done, to which entry.
fn body(key: &EntryKey, act: &str) -> Result<Body, CliError> {
    let register = key.register.name();
    let wrong = |error: serde_json::Error| {
        let remedy = format!("`kanhe register example {register}` prints what can be said");
        CliError::Usage(format!("the act is not one of a {register}: {error}; {remedy}"))
    };
    let act: Value = match act.trim() {
        // An act without particulars is one word.
        word if word.chars().all(|own| own.is_ascii_lowercase() || own == '_') => json!(word),
        text => serde_json::from_str(text).map_err(wrong)?,
    };
    let (owner, number) = (&key.owner, &key.number);
    let said = json!({ "kind": register, "owner": owner, "number": number, "act": act });
    serde_json::from_value(said).map_err(wrong)
}

fn list(
    home: &HomeArgs,
    register: Option<Register>,
    before: Option<u64>,
    limit: usize,
) -> Result<Answer, CliError> {
    let member = Member::of(home)?;
    let mut target = format!("{}?limit={limit}", path::REGISTERS);
    if let Some(register) = register {
        target.push_str(&format!("&register={}", register.name()));
    }
    if let Some(before) = before {
        target.push_str(&format!("&before={before}"));
    }
    let page: EntriesPage = member.client.get(&target)?;
    let mut rows =
        vec![["register", "owner", "number", "acts", "stands", "last"].map(str::to_owned).to_vec()];
    rows.extend(page.entries.iter().map(|view| {
        let (key, steps) = (&view.entry.key, &view.entry.steps);
        vec![
            key.register.name().to_owned(),
            key.owner.to_string(),
            key.number.clone(),
            steps.len().to_string(),
            standing(view),
            steps.last().map(|step| step.time.to_string()).unwrap_or_default(),
        ]
    }));
    let mut text = table(&rows);
    if page.entries.is_empty() {
        text = "no entries\n".into();
    }
    if let Some(next) = page.next {
        text.push_str(&format!("more: --before {next}\n"));
    }
    Ok(Answer::yes(text, super::to_json(&page)))
}

/// What the register itself keeps of an entry.
fn content(view: &EntryView) -> Value {
    let content = super::to_json(&view.entry.content);
    let inner = content.as_object().and_then(|own| own.values().next().cloned());
    inner.unwrap_or(content)
}

/// Where an entry stands, where its register says so in one word.
fn standing(view: &EntryView) -> String {
    content(view).get("state").and_then(Value::as_str).unwrap_or("-").replace('_', " ")
}

fn answer(said: &str, view: &EntryView) -> Answer {
    let key = &view.entry.key;
    let mut text = format!("{said}{} {} of {}\n", key.register.name(), key.number, key.owner);
    let parties: Vec<&str> = view.parties.iter().map(OrganisationCode::as_str).collect();
    text.push_str(&format!(
        "seen by {}, and by agencies whose business it is\n",
        parties.join(", ")
    ));
    lines(&mut text, 0, &content(view));
    if !view.settlement.is_empty() {
        let head = ["article", "unit", "opening", "shipped", "sold", "sent back", "scrapped"];
        let head = head.into_iter().chain(["adjusted", "there", "sold share"]);
        let mut rows: Vec<Vec<String>> = vec![head.map(str::to_owned).collect()];
        rows.extend(view.settlement.iter().map(|own| {
            let quantities = [
                own.opening,
                own.shipped,
                own.sold,
                own.sent_back,
                own.scrapped,
                own.adjusted,
                own.there,
                own.sold_share,
            ];
            let names = [own.item_no.clone(), own.unit.clone()];
            names.into_iter().chain(quantities.map(|own| own.to_string())).collect()
        }));
        text.push_str(&table(&rows));
    }
    if let Some(own) = &view.deposits {
        let _ = writeln!(
            text,
            "all deposits of the merchant: {} CNY, {} secure trades, {} are free; {} trades wait",
            own.put_in, own.taken, own.free, own.waiting
        );
    }
    if !view.findings.is_empty() {
        text.push_str("findings:\n");
        for finding in &view.findings {
            let _ = writeln!(text, "  {}  {}\n       {}", finding.rule, finding.en, finding.zh);
        }
    }
    let mut rows = vec![["act", "by", "height", "time", "document"].map(str::to_owned).to_vec()];
    rows.extend((1usize..).zip(&view.entry.steps).map(|(number, step)| {
        vec![
            number.to_string(),
            step.signer.to_string(),
            step.height.to_string(),
            step.time.to_string(),
            step.document.to_string(),
        ]
    }));
    text.push_str(&table(&rows));
    Answer::yes(text, super::to_json(view))
}

/// A value for people: a line for each field, what is absent left out.
fn lines(text: &mut String, depth: usize, value: &Value) {
    let Value::Object(fields) = value else { return };
    for (name, field) in fields {
        let indent = "  ".repeat(depth);
        let name = words(name);
        match field {
            Value::Null => {}
            Value::Array(items) if items.is_empty() => {}
            Value::Object(_) => {
                let _ = writeln!(text, "{indent}{name}:");
                lines(text, depth.saturating_add(1), field);
            }
            Value::Array(items) => {
                let _ = writeln!(text, "{indent}{name}:");
                for item in items {
                    let _ = writeln!(text, "{indent}  - {}", flat(item));
                }
            }
            field => {
                let _ = writeln!(text, "{indent}{name}: {}", flat(field));
            }
        }
    }
}

/// A value on one line.
fn flat(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(fields) => {
            let present = fields.iter().filter(|(_, value)| !value.is_null());
            let all = present.map(|(name, value)| format!("{} {}", words(name), flat(value)));
            all.collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

/// `answerUntil` and `answer_until` as `answer until`.
fn words(name: &str) -> String {
    let mut words = String::with_capacity(name.len());
    for character in name.chars() {
        if character.is_ascii_uppercase() {
            words.push(' ');
            words.push(character.to_ascii_lowercase());
        } else {
            words.push(if character == '_' { ' ' } else { character });
        }
    }
    words
}

fn show_examples(register: Register) -> Answer {
    let name = register.name();
    let mut text = String::new();
    let mut all = Vec::new();
    for (does, act) in examples(register) {
        let _ = writeln!(text, "# {does}\nkanhe register act {name} NUMBER '{act}'\n");
        let act: Value = serde_json::from_str(act).unwrap_or(Value::Null);
        all.push(json!({ "does": does, "act": act }));
    }
    Answer::yes(text, json!({ "register": name, "acts": all }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(register: Register) -> EntryKey {
        entry_key(register, &"TESTMERCHANT01".parse().expect("a code"), "1")
    }

    #[test]
    fn every_example_is_an_act_of_its_register() {
        for register in Register::ALL {
            assert!(!examples(*register).is_empty(), "{register:?}");
            for (does, act) in examples(*register) {
                let said = body(&key(*register), act);
                assert!(said.is_ok(), "{does}: {said:?}");
            }
        }
    }

    #[test]
    fn a_word_is_an_act_without_particulars_and_another_is_told_what_can_be_said() {
        assert!(body(&key(Register::Certificate), "withdraw").is_ok());
        for wrong in ["withdrawn", "{}", "{\"attach\":{}}", "not json"] {
            let error = body(&key(Register::Certificate), wrong).expect_err(wrong).to_string();
            assert!(error.contains("kanhe register example certificate"), "{error}");
        }
    }

    #[test]
    fn what_is_absent_is_not_shown() {
        let value = json!({
            "state": "open", "answer": null, "decisions": [],
            "claim": { "amount": "120", "currency": null },
            "appealUntil": "x", "evidence": [{ "kind": "picture", "digest": "1" }],
        });
        let mut text = String::new();
        lines(&mut text, 0, &value);
        let expected = "appeal until: x\nclaim:\n  amount: 120\nevidence:\n  - digest 1, kind \
                        picture\nstate: open\n";
        assert_eq!(text, expected);
    }
}
