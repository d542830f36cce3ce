//! Bad input over real processes: a clear answer each time, and nothing is lost.

use crate::support::{Zone, json, text};
use kanhe_gateway::field_table::MessageType;
use kanhe_gateway::raw::{RawDocument, RawMessage};
use kanhe_gateway::write::{XmlStyle, xml};
use serde_json::Value;

const PLATFORM: &str = "TESTPLATFORM01";

/// Submits `bytes` as one file of `member` and returns the exit code and the outcomes.
fn submit(zone: &Zone, member: &str, name: &str, bytes: &[u8]) -> (i32, Vec<Value>) {
    let path = zone.folder.path().join(name);
    std::fs::write(&path, bytes).expect("writable");
    let (exit, sent) = zone.ask_as(member, &["submit", text(&path), "--wait"]);
    let documents = sent["documents"].as_array().cloned();
    (exit, documents.unwrap_or_else(|| panic!("{name}: {sent}")))
}

/// The first message of a kind in a generated day.
fn message(zone: &Zone, kind: MessageType) -> RawMessage {
    let (world, _) = zone.day(4);
    let found = world.messages.into_iter().find(|file| file.raw.message_type == kind);
    found.expect("a day has every kind").raw
}

/// One order under `number`, changed.
fn order(orders: &RawMessage, number: &str, change: impl Fn(&mut RawDocument)) -> RawMessage {
    let mut document = orders.documents[0].clone();
    document.head.set("orderNo", number);
    change(&mut document);
    RawMessage { documents: vec![document], ..orders.clone() }
}

fn written(message: &RawMessage) -> Vec<u8> {
    xml(message, XmlStyle::default())
}

/// Checks that the first outcome has this status and says all of `words`.
fn expect(outcomes: &[Value], status: &str, words: &[&str]) {
    let outcome = outcomes.first().expect("an outcome");
    assert_eq!(outcome["status"], status, "{outcome}");
    let said = outcome["reason"].to_string();
    for word in words {
        assert!(said.contains(word), "expected {word:?} in {said}");
    }
}

#[test]
fn bad_messages_get_a_clear_answer_and_good_ones_go_on() {
    let zone = Zone::up();
    let orders = message(&zone, MessageType::Ceb311);

    let (exit, outcomes) = submit(&zone, PLATFORM, "malformed.xml", b"<a><b></a>");
    expect(&outcomes, "unreadable", &["malformed.xml", "1:"]);
    assert_eq!(exit, 1);

    let foreign = "<?xml version=\"1.0\" encoding=\"GB2312\"?><a/>";
    let (_, outcomes) = submit(&zone, PLATFORM, "foreign.xml", foreign.as_bytes());
    expect(&outcomes, "unreadable", &["UTF-8"]);

    let many = RawMessage { documents: vec![orders.documents[0].clone(); 101], ..orders.clone() };
    let (_, outcomes) = submit(&zone, PLATFORM, "many.xml", &written(&many));
    expect(&outcomes, "unreadable", &["at most 100 documents", "holds more", "split"]);

    let long = order(&orders, "LONG-1", |order| order.head.set("ebpName", "长".repeat(101)));
    let (_, outcomes) = submit(&zone, PLATFORM, "long.xml", &written(&long));
    expect(&outcomes, "unreadable", &["OrderHead/ebpName", "100"]);

    let dollars = order(&orders, "USD-1", |order| order.head.set("currency", "502"));
    let (_, outcomes) = submit(&zone, PLATFORM, "dollars.xml", &written(&dollars));
    let status = outcomes[0]["status"].as_str().expect("a status").to_owned();
    expect(&outcomes, &status, &["currency", "142"]);
    assert_ne!(status, "accepted");

    let good = order(&orders, "GOOD-1", |_| {});
    let (exit, outcomes) = submit(&zone, PLATFORM, "good.xml", &written(&good));
    assert_eq!((exit, outcomes[0]["status"].as_str()), (0, Some("accepted")), "{outcomes:?}");
    let (exit, outcomes) = submit(&zone, PLATFORM, "again.xml", &written(&good));
    assert_eq!((exit, outcomes[0]["status"].as_str()), (0, Some("repeated")), "{outcomes:?}");

    let other = order(&orders, "GOOD-1", |order| order.head.set("buyerRegNo", "another-account"));
    let (exit, outcomes) = submit(&zone, PLATFORM, "other.xml", &written(&other));
    expect(&outcomes, "rejected", &["403", "-301010"]);
    assert_eq!(exit, 1);

    let payments = message(&zone, MessageType::Ceb411);
    let (_, outcomes) = submit(&zone, PLATFORM, "payment.xml", &written(&payments));
    expect(&outcomes, "rejected", &["105"]);
}

#[test]
fn a_signer_that_is_not_registered_is_refused_with_the_remedy() {
    let zone = Zone::up();
    let orders = message(&zone, MessageType::Ceb311);
    // The platform's home with a key that the genesis does not name.
    let home = zone.dir.join("members").join(PLATFORM);
    let key = home.join("keys").join("operator.pem");
    std::fs::remove_file(&key).expect("the key is there");
    let stranger = zone.dir.join("members").join("TESTRIVAL01").join("keys").join("operator.pem");
    std::fs::copy(stranger, &key).expect("writable");
    let path = zone.folder.path().join("order.xml");
    std::fs::write(&path, written(&orders)).expect("writable");
    let (exit, answer) = json(&["submit", text(&path), "--wait", "--home", text(&home)]);
    assert_eq!(exit, 1, "{answer}");
    let said = answer.to_string();
    assert!(said.contains("key") && said.contains(PLATFORM), "{said}");
}
