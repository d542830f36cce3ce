//! The `kanhe` program with real validators: four processes, real files, real refusals.

mod bad_input;
mod bench;
mod clearance;
mod deposits;
mod governance;
mod observer;
mod originals;
mod policies;
mod receipts;
mod registers;
mod risk;
mod signer;
mod sm2;
mod support;
mod trade;
mod validators;
mod walk;

use kanhe_gateway::world::FaultId;
use serde_json::Value;
use support::{Zone, json, kanhe, length, text};

#[test]
fn members_trade_prove_and_verify_and_a_rival_sees_nothing() {
    let zone = Zone::up();
    let (world, files) = zone.day(40);
    let (exit, sent) = zone.ask(&["submit", text(&files), "--wait"]);
    let expected: usize = world.truth.documents.values().sum();
    assert_eq!(length(&sent["documents"]), expected);
    assert_eq!(exit, i32::from(0 < world.truth.rejected), "{}", sent["counts"]);
    let (_, again) = zone.ask(&["submit", text(&files.join("TESTCARRIER01")), "--wait"]);
    let waybills = again["counts"]["repeated"].as_u64().expect("all are repeated");
    assert_eq!(usize::try_from(waybills).expect("small"), length(&again["documents"]));

    let (_, matched) = zone.ask(&["trade", "list", "--state", "matched"]);
    assert_eq!(length(&matched["trades"]), world.truth.matched);
    let (_, all) = zone.ask(&["trade", "list", "--limit", "1000"]);
    assert_eq!(length(&all["trades"]), 40);

    let key = &matched["trades"][0]["key"];
    let platform = key["platform"].as_str().expect("a code");
    let order_no = key["order_no"].as_str().expect("a number");
    let show = ["trade", "show", platform, order_no];
    assert_eq!(zone.ask_as("TESTCARRIER01", &show).1["case"]["state"], "matched");
    let accepted = sent["documents"].as_array().expect("outcomes");
    let accepted = accepted.iter().find(|outcome| outcome["status"] == "accepted");
    let document = accepted.expect("some are accepted")["id"].as_str().expect("an identity");

    // What a rival may not see is as if it did not exist.
    let none = "0".repeat(64);
    let hidden = zone.ask_as("TESTRIVAL01", &["document", "show", document]);
    assert_eq!(hidden, zone.ask_as("TESTRIVAL01", &["document", "show", &none]));
    assert_eq!(hidden.0, 1);
    assert_eq!(zone.ask_as("TESTRIVAL01", &show).0, 1);
    assert_eq!(length(&zone.ask_as("TESTRIVAL01", &["trade", "list"]).1["trades"]), 0);
    assert_eq!(zone.ask_as("TESTRIVAL01", &["chain", "verify"]).0, 1);

    let proof = zone.folder.path().join("x.proof");
    let (exit, got) = zone.ask(&["proof", "get", document, "--out", text(&proof)]);
    assert_eq!(exit, 0, "{got}");
    let genesis = got["genesis"].as_str().expect("a hash");
    let verify = |genesis: &str| json(&["proof", "verify", text(&proof), "--genesis", genesis]);
    assert_eq!(verify(genesis).1["document"], document);
    assert_eq!(verify(&none).0, 1);

    // On a busy machine the node that is asked may be a height behind.
    zone.status_until(|status| status["height"] == status["decided"]);
    let (exit, online) = zone.ask(&["chain", "verify"]);
    assert_eq!((exit, online["verified"].as_bool()), (0, Some(true)), "{online}");
    assert_eq!(json(&["localnet", "down", "--dir", zone.dir()]).0, 0);
    let home = zone.dir.join("nodes").join("TAX");
    let (exit, offline) = json(&["chain", "verify", "--home", text(&home)]);
    assert_eq!(exit, 0, "{offline}");
    assert!(online["documents"] == offline["documents"] && offline["receipts"] != 0, "{offline}");
}

#[test]
fn two_dead_of_four_are_named_and_the_chain_goes_on_when_they_come_back() {
    let zone = Zone::up();
    zone.kill(&["FOREX", "COMMERCE"]);
    let waits = |status: &Value| status["waiting_for"] == serde_json::json!(["COMMERCE", "FOREX"]);
    let status = zone.status_until(waits);
    let before = status["height"].as_u64().expect("a height");
    assert_eq!(json(&["localnet", "status", "--dir", zone.dir()]).0, 1);

    assert_eq!(json(&["localnet", "up", "--dir", zone.dir()]).0, 0);
    let after = zone.status_until(|status| length(&status["waiting_for"]) == 0);
    assert!(before < after["height"].as_u64().expect("a height"), "{after}");

    // The allocator has its setting, whoever started the process.
    let environment = std::fs::read(format!("/proc/{}/environ", zone.pid("TAX")));
    let environment = environment.expect("the process is ours");
    let setting = b"MIMALLOC_PURGE_DELAY=1000";
    assert!(environment.split(|byte| *byte == 0).any(|variable| variable == setting));

    // A home in use is not started again.
    let home = zone.dir.join("nodes").join("TAX");
    let second = kanhe(&["node", "run", "--home", text(&home)]);
    let stderr = String::from_utf8_lossy(&second.stderr);
    assert!(second.status.code() == Some(3) && stderr.contains("is in use by"), "{stderr}");
}

#[test]
fn validators_killed_in_turn_under_load_lose_nothing_and_agree() {
    let zone = Zone::up();
    let (world, files) = zone.day(600);
    let sent = std::thread::scope(|scope| {
        let sending = scope.spawn(|| zone.ask(&["submit", text(&files), "--wait"]).1);
        for code in ["TAX", "CUSTOMS", "COMMERCE", "FOREX"] {
            zone.kill(&[code]);
            let (exit, up) = json(&["localnet", "up", "--dir", zone.dir()]);
            assert_eq!(exit, 0, "{up}");
        }
        sending.join().expect("the sender does not panic")
    });
    let count = |status: &str| {
        let count = sent["counts"][status].as_u64().unwrap_or(0);
        usize::try_from(count).expect("small")
    };
    let documents: usize = world.truth.documents.values().sum();
    assert_eq!(count("rejected"), world.truth.rejected, "{sent}");
    assert_eq!(count("repeated"), world.truth.repeated, "{sent}");
    assert_eq!(count("accepted") + count("rejected") + count("repeated"), documents);

    // A validator that was down a moment ago catches up before all are stopped.
    let height = zone.ask(&["chain", "status"]).1["height"].as_u64().expect("a height");
    for code in ["TAX", "CUSTOMS", "COMMERCE", "FOREX"] {
        let home = zone.dir.join("nodes").join(code);
        zone.reaches(&home, height);
    }
    assert_eq!(json(&["localnet", "down", "--dir", zone.dir()]).0, 0);
    for code in ["TAX", "CUSTOMS", "COMMERCE", "FOREX"] {
        let home = zone.dir.join("nodes").join(code);
        let (exit, verified) = json(&["chain", "verify", "--home", text(&home)]);
        assert_eq!((exit, verified["documents"].as_u64()), (0, u64::try_from(documents).ok()));
    }
}

#[test]
fn a_demo_finds_what_it_planted() {
    // So many trades that every fault is planted.
    let (exit, demo) = json(&["demo", "--trades", "120", "--seed", "7"]);
    assert_eq!(demo["planted"], demo["found"]);
    assert_eq!(demo["planted"].as_object().map(serde_json::Map::len), Some(FaultId::DAY.len()));
    assert_eq!(exit, 0, "{demo}");
    assert_eq!(demo["verified"], true);
    assert_eq!(demo["validators"], 4);
}
