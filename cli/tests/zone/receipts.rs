//! Receipt messages beside the messages that they answer.

use crate::support::{Zone, text};
use kanhe_gateway::field_table::MessageType;
use kanhe_gateway::raw::RawMessage;
use kanhe_gateway::world::PlannedFile;
use kanhe_gateway::write::{XmlStyle, xml};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Every receipt file below a folder.
fn receipts(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("readable") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            found.extend(receipts(&path));
        } else if text(&path).ends_with(".receipt.xml") {
            let content = fs::read_to_string(&path).expect("UTF-8");
            found.insert(path, content);
        }
    }
    found
}

/// The texts of an element, wherever it stands in these messages.
fn texts<'a>(messages: impl IntoIterator<Item = &'a String>, element: &str) -> Vec<&'a str> {
    let (start, end) = (format!("<ceb:{element}>"), format!("</ceb:{element}>"));
    let in_one = |message: &'a String| {
        let parts = message.split(start.as_str()).skip(1);
        parts.filter_map(|part| part.split(end.as_str()).next()).collect::<Vec<_>>()
    };
    messages.into_iter().flat_map(in_one).collect()
}

fn counted(sent: &Value, status: &str) -> usize {
    let count = sent["counts"][status].as_u64().unwrap_or(0);
    usize::try_from(count).expect("small")
}

#[test]
fn every_message_gets_its_receipt_and_the_same_one_again() {
    let zone = Zone::up();
    let (world, files) = zone.day(12);
    let documents: usize = world.truth.documents.values().sum();
    let arguments = ["submit", text(&files), "--receipts", text(&files)];
    let (_, sent) = zone.ask(&arguments);
    let first = receipts(&files);
    let customs = world.messages.iter().filter(|file| file.raw.message_type.is_customs());
    let customs: Vec<&RawMessage> = customs.map(|file| &file.raw).collect();
    assert_eq!(first.len(), customs.len(), "{}", sent["receipts"]);
    let accepted = counted(&sent, "accepted") + counted(&sent, "repeated");
    let statuses = texts(first.values(), "returnStatus");
    let answered: usize = customs.iter().map(|message| message.documents.len()).sum();
    assert_eq!(statuses.len(), answered);
    let taken = statuses.iter().filter(|status| **status == "120").count();
    assert_eq!(taken + documents - answered, accepted, "{statuses:?}");
    // Whoever wrote the message finds its own identifiers in the answer.
    for message in customs {
        let guid = message.documents[0].head.get("guid").expect("every document has one");
        assert!(first.values().any(|receipt| receipt.contains(guid)), "{guid}");
    }

    // Receipts are no messages, and what was accepted is answered as it was.
    let (_, again) = zone.ask(&arguments);
    assert_eq!(again["documents"].as_array().map(Vec::len), Some(documents));
    let second = receipts(&files);
    for (path, receipt) in &first {
        if texts([receipt], "returnStatus").iter().all(|status| *status == "120") {
            assert_eq!(second.get(path), Some(receipt));
        }
    }
}

#[test]
fn a_receipt_says_what_is_wrong_with_a_document_and_with_a_file() {
    let zone = Zone::up();
    let (world, _) = zone.day(4);
    let is_orders = |file: &&PlannedFile| file.raw.message_type == MessageType::Ceb311;
    let mut orders = world.messages.iter().find(is_orders).expect("a day has orders").raw.clone();
    orders.documents = vec![orders.documents[0].clone(); 4];
    for (document, number) in orders.documents.iter_mut().zip(["A-1", "B-2", "C-3", "A-1"]) {
        document.head.set("orderNo", number);
    }
    orders.documents[1].head.set("ebpName", "长".repeat(101));
    orders.documents[2].head.set("currency", "502");
    orders.documents[3].head.set("buyerRegNo", "another-account");
    let (messages, answers) = (zone.folder.path().join("in"), zone.folder.path().join("out"));
    fs::create_dir(&messages).expect("writable");
    fs::write(messages.join("orders.xml"), xml(&orders, XmlStyle::default())).expect("writable");
    fs::write(messages.join("broken.xml"), "<a><b></a>").expect("writable");
    let (exit, sent) = zone.ask(&["submit", text(&messages), "--receipts", text(&answers)]);
    assert_eq!(exit, 1, "{sent}");

    let answer = |name: &str| {
        let path = answers.join(name);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}: {sent}"))
    };
    let answered = [answer("orders.xml.receipt.xml")];
    let statuses = texts(&answered, "returnStatus");
    assert_eq!(statuses, ["120", "-301008", "-301008", "-301010"]);
    assert_eq!(texts(&answered, "orderNo").first(), Some(&"A-1"));
    let words = texts(&answered, "returnInfo");
    assert!(words[0].contains("accepted at height"), "{words:?}");
    assert!(words[1].contains("Order[2]/OrderHead/ebpName"), "{words:?}");
    assert!(words[2].contains("142") && words[2].contains("currency"), "{words:?}");
    assert!(words[3].contains("rule 403"), "{words:?}");
    let times = texts(&answered, "returnTime");
    assert!(times.iter().all(|time| time.len() == 17), "{times:?}");

    let broken = answer("broken.xml.receipt.xml");
    assert!(broken.contains("CEB900Message") && broken.contains("broken.xml:1:"), "{broken}");
}
