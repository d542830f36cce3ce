//! The official samples and schemas, where somebody has them: set KANHE_SAMPLES to the folder of
//! edition 202205 (with `import`, `export` and `xsd` in it), or run `tests/official-samples`. They
//! are not part of the project.
//!
//! Every sample goes in, or is refused for a reason that names what is wrong; and what answers it
//! holds against the official schema, checked by `xmllint` where that is installed.

use kanhe_gateway::convert::convert;
use kanhe_gateway::error::Problem;
use kanhe_gateway::field_table::MessageType;
use kanhe_gateway::pseudonymise::PseudonymKey;
use kanhe_gateway::receipt::{self, DocumentReceipt, ReceiptKeys, ReturnStatus};
use kanhe_gateway::{signature, xml};
use kanhe_types::hash::Hash;
use kanhe_types::pseudonym::PseudonymScope;
use kanhe_types::time::Millis;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

#[allow(clippy::print_stderr, reason = "whoever has the samples wants to see what became of them")]
fn say(text: &str) {
    eprintln!("{text}");
}

/// The folder, where it was named.
fn samples() -> Option<PathBuf> {
    let folder = std::env::var_os("KANHE_SAMPLES").map(PathBuf::from).filter(|path| path.is_dir());
    if folder.is_none() {
        say("KANHE_SAMPLES names no folder: the official samples were not read");
    }
    folder
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder has the official layout");
    let paths = entries.map(|entry| entry.expect("the folder can be read").path());
    let mut paths: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|own| own == ending)).collect();
    paths.sort();
    paths
}

/// Every sample message with its name.
fn messages(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let paths = ["import", "export"].into_iter().flat_map(|part| files(&folder.join(part), "xml"));
    paths
        .map(|path| {
            let name = path.file_stem().expect("a file has a name").to_string_lossy().into_owned();
            (name, fs::read(&path).expect("a sample can be read"))
        })
        .collect()
}

/// The official schema that defines a message, if `xmllint` can be asked.
fn schema(folder: &Path, name: &str) -> Option<PathBuf> {
    Command::new("xmllint").arg("--version").output().ok()?;
    let defines = |path: &PathBuf| {
        let text = fs::read_to_string(path).expect("a schema can be read");
        text.contains(&format!("element name=\"{name}\""))
    };
    files(&folder.join("xsd"), "xsd").into_iter().find(defines)
}

/// Holds a message against the official schema.
fn assert_valid(folder: &Path, name: &str, bytes: &[u8]) {
    let Some(schema) = schema(folder, name) else {
        say(&format!("no xmllint or no schema: {name} was not checked"));
        return;
    };
    let file = tempfile::Builder::new().suffix(".xml").tempfile().expect("a temporary file");
    fs::write(file.path(), bytes).expect("writable");
    let mut lint = Command::new("xmllint");
    lint.args(["--noout", "--nonet", "--schema"]).arg(schema).arg(file.path());
    let output = lint.output().expect("xmllint starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {said}\n{}", String::from_utf8_lossy(bytes));
}

fn accepted(number: usize) -> DocumentReceipt {
    DocumentReceipt {
        id: Some(Hash([u8::try_from(number % 256).expect("below 256"); 32])),
        status: ReturnStatus::Accepted,
        time: Millis(1_795_849_200_123),
        info: format!("accepted at height {number}"),
    }
}

/// What became of a sample: how many documents went in, and why the others did not.
fn outcome(folder: &Path, name: &str, bytes: &[u8]) -> String {
    let message = match xml::parse(bytes) {
        Ok(message) => message,
        Err(error) => match error.problem {
            Problem::Receipt(_) => return "a receipt".to_owned(),
            Problem::Unsupported(_) => return "not read".to_owned(),
            problem => return format!("refused: {problem}"),
        },
    };
    assert_eq!(message.message_type.name(), name);
    let key = PseudonymKey { scope: PseudonymScope::default(), key: [1; 32] };
    let (mut taken, mut receipts, mut reasons) = (0, Vec::new(), BTreeMap::new());
    for (number, found) in (1..).zip(convert(&message, name, &key)) {
        match found {
            Ok(_) => {
                taken += 1;
                receipts.push(accepted(number));
            }
            Err(error) => {
                let (_, field) = error.path.rsplit_once('/').expect("a path has parts");
                let reason = format!("{field}: expected {}", error.expected);
                *reasons.entry(reason.clone()).or_insert(0) += 1;
                let status = ReturnStatus::of_field_error(message.message_type);
                receipts.push(DocumentReceipt { id: None, status, info: reason, ..accepted(0) });
            }
        }
    }
    if let Some(keys) = ReceiptKeys::of(&message) {
        let table = message.message_type.table().receipt.expect("it has keys");
        assert_valid(folder, table.name, &keys.message(&receipts));
    }
    let reasons: Vec<String> =
        reasons.iter().map(|(reason, count)| format!("{count} refused, {reason}")).collect();
    let signed = match signature::read_signed(bytes) {
        Ok((_, Some(_))) => "its signature holds",
        Ok((_, None)) => "unsigned",
        Err(error) => match error.problem {
            Problem::Signature(_) => "its signature does not hold",
            problem => panic!("{name} reads, but not with its signature: {problem}"),
        },
    };
    [vec![format!("{taken} taken")], reasons, vec![signed.to_owned()]].concat().join("; ")
}

#[test]
fn every_sample_goes_in_or_is_refused_for_a_stated_reason() {
    let Some(folder) = samples() else { return };
    let found: Vec<(String, String)> = messages(&folder)
        .into_iter()
        .map(|(name, bytes)| (name.clone(), outcome(&folder, &name, &bytes)))
        .collect();
    for (name, outcome) in &found {
        say(&format!("{name}: {outcome}"));
    }
    let expected: Vec<(String, String)> = EXPECTED
        .iter()
        .map(|(name, outcome)| ((*name).to_owned(), (*outcome).to_owned()))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn what_answers_a_file_that_is_no_message_holds_against_the_schema() {
    let Some(folder) = samples() else { return };
    assert_valid(
        &folder,
        "CEB900Message",
        &receipt::of_file(Millis(0), "x.xml: <not XML> & so on"),
    );
}

#[test]
fn a_receipt_of_nothing_but_gaps_holds_against_the_schema() {
    let Some(folder) = samples() else { return };
    for message_type in MessageType::ALL {
        let document = kanhe_gateway::raw::RawDocument::default();
        let message = kanhe_gateway::raw::RawMessage {
            message_type,
            sender: None,
            documents: vec![document],
        };
        let Some(keys) = ReceiptKeys::of(&message) else { continue };
        let status = ReturnStatus::Rejected(None);
        let receipt = DocumentReceipt { id: None, status, info: String::new(), ..accepted(0) };
        let table = message_type.table().receipt.expect("it has keys");
        assert_valid(&folder, table.name, &keys.message(&[receipt]));
    }
}

/// What becomes of each sample. None has a signature that holds: they were edited after it was made.
const EXPECTED: [(&str, &str); 39] = [
    ("CEB311Message", "6 taken; its signature does not hold"),
    ("CEB312Message", "a receipt"),
    ("CEB411Message", "10 taken; its signature does not hold"),
    ("CEB412Message", "a receipt"),
    ("CEB511Message", "6 taken; its signature does not hold"),
    ("CEB512Message", "a receipt"),
    (
        "CEB513Message",
        "0 taken; 10 refused, logisticsStatus: expected S; its signature does not hold",
    ),
    ("CEB514Message", "a receipt"),
    ("CEB621Message", "10 taken; its signature does not hold"),
    ("CEB622Message", "a receipt"),
    ("CEB623Message", "10 taken; its signature does not hold"),
    ("CEB624Message", "a receipt"),
    ("CEB625Message", "10 taken; its signature does not hold"),
    ("CEB626Message", "a receipt"),
    ("CEB711Message", "1 taken; its signature does not hold"),
    ("CEB712Message", "a receipt"),
    ("CEB213Message", "10 taken; its signature does not hold"),
    (
        "CEB214Message",
        "refused: expected a customs message such as CEB311Message, or a DxpMsg that holds one, found CEB214",
    ),
    ("CEB215Message", "10 taken; its signature does not hold"),
    ("CEB216Message", "a receipt"),
    (
        "CEB303Message",
        "0 taken; 10 refused, unit: expected a code of exactly 3 digits of customs' table: unit; its signature does not hold",
    ),
    ("CEB304Message", "a receipt"),
    ("CEB403Message", "10 taken; its signature does not hold"),
    ("CEB404Message", "a receipt"),
    ("CEB505Message", "10 taken; its signature does not hold"),
    ("CEB506Message", "a receipt"),
    ("CEB507Message", "10 taken; its signature does not hold"),
    ("CEB508Message", "a receipt"),
    ("CEB509Message", "10 taken; its signature does not hold"),
    ("CEB510Message", "a receipt"),
    ("CEB603Message", "0 taken; 10 refused, ieFlag: expected I or E; its signature does not hold"),
    ("CEB604Message", "a receipt"),
    ("CEB605Message", "10 taken; its signature does not hold"),
    ("CEB606Message", "a receipt"),
    ("CEB607Message", "10 taken; its signature does not hold"),
    ("CEB608Message", "a receipt"),
    ("CEB701Message", "10 taken; its signature does not hold"),
    ("CEB702Message", "a receipt"),
    ("CEB792Message", "10 taken; unsigned"),
];
