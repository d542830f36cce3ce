//! One invented message of each kind, as an enterprise writes it, and the typed document that it
//! becomes. `UPDATE_EXPECT=1` writes the documents again.

use kanhe_gateway::convert::convert;
use kanhe_gateway::field_table::{MessageType, Treatment};
use kanhe_gateway::pseudonymise::PseudonymKey;
use kanhe_gateway::raw::RawMessage;
use kanhe_gateway::write::{self, XmlStyle};
use kanhe_gateway::{json, xml};
use kanhe_types::pseudonym::PseudonymScope;
use std::path::{Path, PathBuf};

fn path(message_type: MessageType, ending: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/messages");
    folder.join(format!("{message_type}.{ending}"))
}

/// The messages that have no day of trade to show them: all but those of the generated world.
fn written() -> Vec<(MessageType, RawMessage)> {
    let is_written = |message_type: &MessageType| path(*message_type, "xml").exists();
    let types = MessageType::ALL.into_iter().filter(is_written);
    types
        .map(|message_type| {
            let bytes = std::fs::read(path(message_type, "xml")).expect("the file was just seen");
            let message =
                xml::parse(&bytes).unwrap_or_else(|error| panic!("{message_type}{error}"));
            assert_eq!(message.message_type, message_type);
            (message_type, message)
        })
        .collect()
}

#[test]
fn every_message_that_the_generated_world_does_not_write_is_written_by_hand() {
    use MessageType::{Ceb311, Ceb411, Ceb511, Ceb621};
    for message_type in MessageType::ALL {
        let is_generated = matches!(message_type, Ceb311 | Ceb411 | Ceb511 | Ceb621);
        let is_written = message_type.is_customs() && !is_generated;
        assert_eq!(path(message_type, "xml").exists(), is_written, "{message_type}");
    }
}

#[test]
fn each_message_becomes_its_typed_document() {
    let key = PseudonymKey { scope: PseudonymScope { key_id: 1, epoch: 2026 }, key: [7; 32] };
    for (message_type, message) in written() {
        let mut documents = convert(&message, "invented.xml", &key);
        assert_eq!(documents.len(), 1, "{message_type}");
        let document = documents.remove(0).unwrap_or_else(|error| panic!("{error}")).1;
        let found = serde_json::to_string_pretty(&document).expect("text keys") + "\n";
        let file = path(message_type, "json");
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&file, &found).expect("writable");
        }
        let expected = std::fs::read_to_string(&file).unwrap_or_default();
        assert_eq!(found, expected, "{message_type}");

        // What is personal or free text is not in it.
        let table = message_type.table();
        for field in table.head_fields.iter().filter(|own| own.treatment != Treatment::Kept) {
            let text = message.documents[0].head.get(field.name).unwrap_or("nothing");
            assert!(!found.contains(text), "{message_type} {}", field.name);
        }
    }
}

#[test]
fn each_message_is_the_same_as_json_and_written_again() {
    for (message_type, message) in written() {
        let again = xml::parse(&write::xml(&message, XmlStyle::default()));
        assert_eq!(again.as_ref(), Ok(&message), "{message_type}");
        let content = json::parse(&write::json(&message));
        assert_eq!(content, Ok(json::Content::Message(message)), "{message_type}");
    }
}

#[test]
fn what_customs_says_of_a_list_stands_in_the_specification_as_json() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/spec/customs-xml.md");
    let page = std::fs::read_to_string(page).expect("the page is part of the project");
    let example = page.split("```json\n").find(|text| text.contains("\"ListStatus\""));
    let example = example.and_then(|text| text.split("```").next()).expect("the page has one");
    let Ok(json::Content::Message(message)) = json::parse(example.as_bytes()) else {
        panic!("not a message: {example}");
    };
    let key = PseudonymKey { scope: PseudonymScope { key_id: 1, epoch: 2026 }, key: [7; 32] };
    let document = convert(&message, "customs-xml.md", &key).remove(0);
    let document = document.unwrap_or_else(|error| panic!("{error}")).1;
    let body = serde_json::to_value(&document.body).expect("text keys");
    assert_eq!((&body["kind"], &body["subject"]), (&"list_status".into(), &"list".into()));
    assert_eq!(body["returnTime"], "20260905101112");
    // As XML there is none.
    assert!(xml::parse(&write::xml(&message, XmlStyle::default())).is_err());
}
