//! Validators that come and go in a real zone: a fifth is added, one is replaced, one is removed,
//! and trade goes on.

use super::governance::{enact, propose};
use super::support::{Zone, json, length, text};
use kanhe_gateway::field_table::MessageType;
use kanhe_gateway::world::PlannedFile;
use kanhe_gateway::write::{XmlStyle, xml};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A zone whose idle chain makes a block every moment, so that heights pass.
fn quick_zone() -> Zone {
    let zone = Zone::founded();
    for code in ["CUSTOMS", "TAX", "FOREX", "COMMERCE"] {
        let path = zone.dir.join("nodes").join(code).join("node.json");
        let text = std::fs::read_to_string(&path).expect("readable");
        let mut file: Value = serde_json::from_str(&text).expect("JSON");
        file["heartbeat_ms"] = 50.into();
        std::fs::write(&path, file.to_string()).expect("writable");
    }
    zone.start();
    zone
}

/// Makes a home for another node of an agency: its name, home and keys.
fn add_node(zone: &Zone, code: &str) -> (PathBuf, String, String) {
    let (exit, made) = json(&["localnet", "add-node", "--dir", zone.dir(), "--code", code]);
    assert_eq!(exit, 0, "{made}");
    let word = |field: &str| made[field].as_str().expect("a text").to_owned();
    (PathBuf::from(word("home")), word("key"), word("node"))
}

fn status_of(home: &Path) -> Value {
    json(&["chain", "status", "--home", text(home)]).1
}

/// Waits until the node of `home` says what is wanted.
fn until(home: &Path, is_wanted: impl Fn(&Value) -> bool) -> Value {
    let started = Instant::now();
    loop {
        let status = status_of(home);
        if is_wanted(&status) {
            return status;
        }
        assert!(started.elapsed() < Duration::from_secs(60), "{status}");
    }
}

fn keys(status: &Value) -> Vec<String> {
    let all = status["validators"].as_array().expect("validators").iter();
    all.map(|own| own["key"].as_str().expect("a key").to_owned()).collect()
}

/// A file with one order of the localnet's platform.
fn order(zone: &Zone, number: u64) -> PathBuf {
    let (world, _) = zone.day(4);
    let is_order = |file: &&PlannedFile| file.raw.message_type == MessageType::Ceb311;
    let mut raw = world.messages.iter().find(is_order).expect("a day has orders").raw.clone();
    raw.documents.truncate(1);
    raw.documents[0].head.set("orderNo", format!("VAL{number:06}"));
    let file = zone.folder.path().join(format!("order-{number}.xml"));
    std::fs::write(&file, xml(&raw, XmlStyle::default())).expect("writable");
    file
}

/// Sends an order; its identity.
fn trade(zone: &Zone, number: u64) -> String {
    let (exit, sent) = zone.ask(&["submit", text(&order(zone, number)), "--wait"]);
    assert_eq!(exit, 0, "{sent}");
    sent["documents"][0]["id"].as_str().expect("an identity").to_owned()
}

fn prove(zone: &Zone, document: &str, genesis: &str) {
    let proof = zone.folder.path().join(format!("{}.proof", &document[..8]));
    let (exit, got) = zone.ask(&["proof", "get", document, "--out", text(&proof)]);
    assert_eq!(exit, 0, "{got}");
    let (exit, verified) = json(&["proof", "verify", text(&proof), "--genesis", genesis]);
    assert_eq!((exit, verified["document"].as_str()), (0, Some(document)), "{verified}");
}

#[test]
fn a_fifth_validator_is_added_one_replaced_one_removed_and_trade_goes_on() {
    let zone = quick_zone();
    let first = trade(&zone, 1);

    // A fifth joins. It is admitted once the agencies have decided, and decides with the others.
    let (fifth, key, node) = add_node(&zone, "CUSTOMS");
    enact(&zone, &propose(&zone, &["add-validator", "CUSTOMS", "--key", &key, "--node", &node]));
    zone.start();
    let status = until(&fifth, |status| status["is_validator"] == true);
    assert!(keys(&status).contains(&key), "{status}");
    let status = zone.status_until(|status| length(&status["validators"]) == 5);
    assert!(keys(&status).contains(&key), "{status}");
    trade(&zone, 2);

    // One loses its key: another takes its place.
    let (_, status) = zone.ask(&["chain", "status"]);
    let all = status["validators"].as_array().expect("validators").iter();
    let lost = all.clone().find(|own| own["organisation"] == "TAX").expect("a validator")["key"]
        .as_str()
        .expect("a key");
    let (second, new_key, new_node) = add_node(&zone, "TAX");
    let words = ["replace-validator", "TAX", "--key", &new_key, "--node", &new_node];
    enact(&zone, &propose(&zone, &words));
    zone.start();
    let status = until(&second, |status| status["is_validator"] == true);
    assert!(!keys(&status).iter().any(|key| key == lost), "{status}");
    let dropped = json(&["localnet", "drop-node", "--dir", zone.dir(), "--name", "TAX"]);
    assert_eq!((dropped.0, dropped.1["stopped"].as_bool()), (0, Some(true)), "{}", dropped.1);
    trade(&zone, 3);

    // The fifth is removed. It follows for a while and takes nothing in; then nobody talks to it.
    let words = ["remove-validator", key.as_str()];
    let removed = enact(&zone, &propose(&zone, &words));
    let removed = removed["activates"].as_u64().expect("a height");
    until(&fifth, |status| status["is_validator"] == false);
    let file = order(&zone, 4);
    let (exit, refused) = json(&["submit", text(&file), "--wait", "--home", text(&fifth)]);
    assert_ne!(exit, 0, "{refused}");
    let status = zone.status_until(|status| {
        status["height"].as_u64().is_some_and(|height| removed + 110 < height)
    });
    assert_eq!(length(&status["validators"]), 4, "{status}");
    let former = until(&fifth, |status| {
        let all = status["validators"].as_array().expect("validators").iter();
        all.clone().all(|own| own["connected"] == false)
    });
    let behind = former["height"].as_u64().expect("a height");
    zone.status_until(|status| status["height"].as_u64().is_some_and(|at| behind + 5 < at));
    assert!(status_of(&fifth)["height"].as_u64().expect("a height") <= behind + 1);

    // What was said before, between and after is proved from the genesis hash, and audited.
    let last = trade(&zone, 5);
    let genesis = status["genesis"].as_str().expect("a hash");
    zone.status_until(|status| status["height"].as_u64().is_some_and(|at| behind + 9 < at));
    prove(&zone, &first, genesis);
    prove(&zone, &last, genesis);
    let (exit, audit) = zone.ask(&["chain", "verify"]);
    assert_eq!((exit, audit["verified"].as_bool()), (0, Some(true)), "{audit}");
}
