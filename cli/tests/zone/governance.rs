//! Governance as people do it: an enterprise comes, is suspended, comes back; a key is rotated.

use super::support::{Zone, json, kanhe, text};
use kanhe_gateway::field_table::MessageType;
use kanhe_gateway::world::PlannedFile;
use kanhe_gateway::write::{XmlStyle, xml};
use serde_json::Value;
use std::path::{Path, PathBuf};

const AGENCIES: [&str; 4] = ["CUSTOMS", "TAX", "FOREX", "COMMERCE"];
const NEWCOMER: &str = "TESTNEW001";

/// Makes a key file with the localnet's passphrase; its public key.
fn new_key(zone: &Zone, file: &Path) -> String {
    let passphrase = std::fs::read_to_string(zone.dir.join("passphrase")).expect("a localnet's");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_kanhe"))
        .args(["keys", "new", text(file), "--json"])
        .env("KANHE_PASSPHRASE", passphrase.trim())
        .output()
        .expect("the program starts");
    let made: Value = serde_json::from_slice(&output.stdout).expect("one JSON document");
    made["public_key"].as_str().expect("a key").to_owned()
}

/// The home of a member that the localnet knew nothing of: the rival's, with other keys and code.
fn newcomer(zone: &Zone) -> (PathBuf, [String; 2]) {
    let home = zone.dir.join("members").join(NEWCOMER);
    let keys = home.join("keys");
    std::fs::create_dir_all(&keys).expect("writable");
    let rival = zone.dir.join("members").join("TESTRIVAL01");
    std::fs::copy(rival.join("genesis.json"), home.join("genesis.json")).expect("copied");
    let member = std::fs::read_to_string(rival.join("member.json")).expect("readable");
    let member = member.replace("TESTRIVAL01", NEWCOMER);
    std::fs::write(home.join("member.json"), member).expect("writable");
    let operator = new_key(zone, &keys.join("operator.pem"));
    let admin = new_key(zone, &keys.join("admin.pem"));
    (home, [operator, admin])
}

/// Lets three agencies approve the proposal, and waits until it is active.
pub(super) fn enact(zone: &Zone, proposed: &(i32, Value)) -> Value {
    let (exit, proposal) = proposed;
    assert_eq!(*exit, 0, "{proposal}");
    let number = proposal["number"].to_string();
    for agency in &AGENCIES[1..3] {
        let (exit, voted) =
            zone.ask_as(agency, &["gov", "approve", &number, "--reason", "checked"]);
        assert_eq!(exit, 0, "{voted}");
    }
    let (_, shown) = zone.ask(&["gov", "show", &number]);
    assert_eq!(shown["votes"].as_array().map(Vec::len), Some(3), "{shown}");
    let activates = shown["activates"].as_u64().expect("it is approved");
    zone.status_until(|status| status["height"].as_u64().is_some_and(|at| activates <= at));
    let (_, shown) = zone.ask(&["gov", "show", &number]);
    assert_eq!(shown["status"], "active", "{shown}");
    shown
}

pub(super) fn propose(zone: &Zone, words: &[&str]) -> (i32, Value) {
    let terms = ["--reason", "test", "--active-in", "2", "--approve"];
    zone.ask_as("CUSTOMS", &[&["gov", "propose"], words, &terms].concat())
}

/// Sends an order of the newcomer as a customs message.
fn order(zone: &Zone, home: &Path, number: u64) -> (i32, Value) {
    let (world, _) = zone.day(4);
    let is_order = |file: &&PlannedFile| file.raw.message_type == MessageType::Ceb311;
    let mut raw = world.messages.iter().find(is_order).expect("a day has orders").raw.clone();
    raw.documents.truncate(1);
    raw.documents[0].head.set("orderNo", format!("NEW{number:06}"));
    raw.documents[0].head.set("ebpCode", NEWCOMER);
    let file = zone.folder.path().join(format!("order-{number}.xml"));
    std::fs::write(&file, xml(&raw, XmlStyle::default())).expect("writable");
    let answer = json(&["submit", text(&file), "--wait", "--home", text(home)]);
    (answer.0, answer.1["documents"][0].clone())
}

#[test]
fn an_enterprise_is_admitted_suspended_and_readmitted_and_rotates_a_key() {
    let zone = Zone::up();
    let (home, [operator, admin]) = newcomer(&zone);

    // A stranger gets nothing, and an enterprise proposes nothing.
    let (exit, refused) = json(&["chain", "status", "--home", text(&home)]);
    assert_eq!(exit, 1, "{refused}");
    let words = ["gov", "propose", "suspend", "TESTPLATFORM01", "--reason", "x"];
    let (exit, refused) = zone.ask_as("TESTRIVAL01", &words);
    assert_eq!(exit, 1, "{refused}");
    assert_eq!(refused["receipts"][0]["rejection"]["name"], "RoleMissing", "{refused}");

    let (operator_key, admin_key) = (format!("operator:{operator}"), format!("admin:{admin}"));
    let admit = propose(
        &zone,
        &[
            "admit",
            "--code",
            NEWCOMER,
            "--name",
            "测试新平台",
            "--role",
            "platform",
            "--park",
            "测试园区",
            "--filing",
            "4300A001:CUSTOMS:20260901",
            "--key",
            &operator_key,
            "--key",
            &admin_key,
        ],
    );
    enact(&zone, &admit);
    let (exit, sent) = order(&zone, &home, 1);
    assert_eq!((exit, sent["status"].as_str()), (0, Some("accepted")), "{sent}");
    let first = sent["id"].as_str().expect("an identity").to_owned();

    enact(&zone, &propose(&zone, &["suspend", NEWCOMER]));
    let (exit, refused) = order(&zone, &home, 2);
    assert_eq!(exit, 1, "{refused}");
    let (exit, twice) = propose(&zone, &["suspend", NEWCOMER]);
    assert_eq!(exit, 1, "{twice}");
    enact(&zone, &propose(&zone, &["readmit", NEWCOMER]));
    assert_eq!(order(&zone, &home, 2).1["status"], "accepted");

    // What it rotates is replaced at once; what the old key signed stays provable.
    let old = zone.folder.path().join("old.pem");
    std::fs::copy(home.join("keys").join("operator.pem"), &old).expect("copied");
    let rotate = ["keys", "rotate", "--purpose", "operator", "--home", text(&home)];
    let (exit, rotated) = json(&rotate);
    assert_eq!(exit, 0, "{rotated}");
    assert_eq!(rotated["old"], operator.as_str());
    assert_eq!(order(&zone, &home, 3).1["status"], "accepted");
    let (_, keys) = json(&["keys", "list", "--home", text(&home)]);
    let keys = keys["keys"].as_array().expect("keys");
    let ended = keys.iter().find(|key| key["key"] == operator.as_str()).expect("kept");
    assert!(ended["until"].is_u64(), "{ended}");
    let current = home.join("keys").join("operator.pem");
    let kept = std::fs::read(&current).expect("readable");
    std::fs::copy(&old, &current).expect("copied");
    let (exit, refused) = order(&zone, &home, 4);
    assert_eq!(exit, 1, "{refused}");
    std::fs::write(&current, kept).expect("writable");

    // A rotation that was interrupted goes on with the key that the ledger has already.
    let waiting = new_key(&zone, &home.join("keys").join("admin.next.pem"));
    let add = ["keys", "add", &waiting, "--purpose", "admin", "--home", text(&home)];
    assert_eq!(json(&add).0, 0);
    let (exit, rotated) = json(&["keys", "rotate", "--purpose", "admin", "--home", text(&home)]);
    assert_eq!((exit, rotated["new"].as_str()), (0, Some(waiting.as_str())), "{rotated}");
    let revoke = ["keys", "revoke", &admin, "--reason", "replaced", "--home", text(&home)];
    assert_eq!(json(&revoke).0, 0, "the new admin key speaks");

    let proof = zone.folder.path().join("first.proof");
    let (exit, got) = json(&["proof", "get", &first, "--out", text(&proof), "--home", text(&home)]);
    assert_eq!(exit, 0, "{got}");
    let genesis = got["genesis"].as_str().expect("a hash");
    let verified = json(&["proof", "verify", text(&proof), "--genesis", genesis]);
    assert_eq!((verified.0, verified.1["document"].as_str()), (0, Some(first.as_str())));

    // People read what changes; the audit holds across all of it.
    let shown = kanhe(&["gov", "show", "1", "--home", zone.dir()]);
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    for expected in [format!("+ organisation {NEWCOMER}"), "TAX approves at height".into()] {
        assert!(shown.contains(&expected), "{shown}");
    }
    let (exit, audit) = zone.ask(&["chain", "verify"]);
    assert_eq!((exit, audit["verified"].as_bool()), (0, Some(true)), "{audit}");
}
