//! An enterprise's own node, as a process: it follows, answers, moves, catches up, and knows
//! nothing of a rival.

use super::support::{Zone, json, length, text};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

const OWNER: &str = "TESTCARRIER01";
/// How far behind finality an observer may be on a machine that does much else.
const BEHIND_MAX: Duration = Duration::from_secs(20);

/// What an observer's home answers.
fn ask(home: &Path, arguments: &[&str]) -> (i32, Value) {
    json(&[arguments, &["--home", text(home)]].concat())
}

fn observe(zone: &Zone) -> PathBuf {
    let (exit, made) = json(&["localnet", "observer", OWNER, "--dir", zone.dir()]);
    assert_eq!(exit, 0, "{made}");
    PathBuf::from(made["home"].as_str().expect("a path"))
}

/// Waits until the observer's answer is the validators' answer to its owner; how long it took.
fn same_as_validators(zone: &Zone, home: &Path, arguments: &[&str]) -> Duration {
    let (_, expected) = zone.ask_as(OWNER, arguments);
    let started = Instant::now();
    loop {
        let (_, found) = ask(home, arguments);
        if found == expected {
            return started.elapsed();
        }
        let took = started.elapsed();
        assert!(took < BEHIND_MAX, "expected {expected}, found {found}; {}", log(home));
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn log(home: &Path) -> String {
    std::fs::read_to_string(home.join("node.log")).unwrap_or_default()
}

fn status_until(home: &Path, is_wanted: impl Fn(&Value) -> bool) -> Value {
    let started = Instant::now();
    loop {
        let (_, status) = ask(home, &["chain", "status"]);
        if is_wanted(&status) {
            return status;
        }
        assert!(started.elapsed() < Duration::from_secs(60), "{status} {}", log(home));
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Ends the process that uses a home as a power cut would.
fn kill(home: &Path) {
    let pid = std::fs::read_to_string(home.join("lock")).expect("a running one writes its number");
    let killed = Command::new("kill").args(["-9", pid.trim()]).status();
    assert!(killed.expect("kill exists").success());
}

/// Everything that a home holds, file behind file.
fn disk(home: &Path) -> Vec<u8> {
    let (mut bytes, mut folders) = (Vec::new(), vec![home.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("readable") {
            let path = entry.expect("readable").path();
            match path.is_dir() {
                true => folders.push(path),
                false => bytes.extend(std::fs::read(path).unwrap_or_default()),
            }
        }
    }
    bytes
}

fn holds(bytes: &[u8], needle: &str) -> bool {
    let needle = needle.as_bytes();
    bytes.windows(needle.len()).any(|window| window == needle)
}

/// Lets the observer record what reaches it, from its next start on.
fn tap(home: &Path) -> PathBuf {
    let (path, wire) = (home.join("observer.json"), home.join("wire"));
    let file = std::fs::read_to_string(&path).expect("readable");
    let mut file: Value = serde_json::from_str(&file).expect("JSON");
    file["tap"] = wire.to_str().expect("plain").into();
    std::fs::write(&path, file.to_string()).expect("writable");
    wire
}

#[expect(clippy::print_stdout, reason = "a figure for whoever runs the test")]
#[test]
fn an_observer_follows_answers_moves_and_catches_up_and_holds_nothing_of_a_rival() {
    let zone = Zone::up();
    let home = observe(&zone);
    let (world, files) = zone.day(60);
    let (_, sent) = zone.ask(&["submit", text(&files), "--wait"]);
    let list = ["trade", "list", "--limit", "500"];
    let took = same_as_validators(&zone, &home, &list);
    println!("after the last receipt the observer had every case in {} ms", took.as_millis());

    // Its own cases, documents and proofs, as validators answer them.
    let (_, trades) = ask(&home, &list);
    assert!(10 < length(&trades["trades"]), "{trades}");
    let key = &trades["trades"][0]["key"];
    let (platform, order_no) = (key["platform"].as_str(), key["order_no"].as_str());
    let show = ["trade", "show", platform.expect("a code"), order_no.expect("a number")];
    same_as_validators(&zone, &home, &show);
    let (_, case) = ask(&home, &show);
    let waybill = case["case"]["waybill"]["meta"]["document"].as_str().expect("it carries it");
    let order = case["case"]["order"]["meta"]["document"].as_str().expect("there is an order");
    for document in [waybill, order] {
        same_as_validators(&zone, &home, &["document", "show", document]);
        let proof = zone.folder.path().join(format!("{document}.proof"));
        let (exit, got) = ask(&home, &["proof", "get", document, "--out", text(&proof)]);
        assert_eq!(exit, 0, "{got}");
        let genesis = got["genesis"].as_str().expect("a hash");
        assert_eq!(json(&["proof", "verify", text(&proof), "--genesis", genesis]).0, 0);
    }
    // What is not its owner's is as if it did not exist, although the chain has it.
    let (_, all) = zone.ask(&list);
    assert!(length(&trades["trades"]) <= length(&all["trades"]));
    let accepted = sent["documents"].as_array().expect("outcomes");
    let of_rival = accepted.iter().find(|outcome| {
        let id = outcome["id"].as_str().unwrap_or_default();
        outcome["status"] == "accepted" && zone.ask_as(OWNER, &["document", "show", id]).0 == 1
    });
    if let Some(outcome) = of_rival {
        let id = outcome["id"].as_str().expect("an identity");
        let hidden = ask(&home, &["document", "show", id]);
        assert_eq!(hidden, ask(&home, &["document", "show", &"0".repeat(64)]));
    }

    moves_and_catches_up(&zone, &home, &world);
}

fn moves_and_catches_up(zone: &Zone, home: &Path, world: &kanhe_gateway::world::World) {
    // The validator that serves it dies: it moves, and goes on.
    let status = status_until(home, |status| status["observer"]["is_behind"] == false);
    let serving = status["observer"]["serving"].as_str().expect("an address").to_owned();
    let (_, nodes) = json(&["localnet", "status", "--dir", zone.dir()]);
    let nodes = nodes["nodes"].as_array().expect("nodes").clone();
    let node = nodes.iter().find(|node| node["api"] == serving.as_str()).expect("one of them");
    let code = node["organisation"].as_str().expect("a code");
    zone.kill(&[code]);
    let before = status["decided"].as_u64().expect("a height");
    let moved = status_until(home, |status| {
        status["observer"]["serving"] != serving.as_str()
            && status["decided"].as_u64().is_some_and(|height| before < height)
    });
    assert_eq!(moved["observer"]["servers"].as_array().map(Vec::len), Some(4), "{moved}");
    assert_eq!(json(&["localnet", "up", "--dir", zone.dir()]).0, 0);

    // It dies itself; trade goes on; it comes back and catches up. A rival trades meanwhile.
    kill(home);
    let wire = tap(home);
    let rival = rivals_orders(zone, world);
    let (exit, sent) = zone.ask_as("TESTRIVAL01", &["submit", text(&rival), "--wait"]);
    assert_eq!(exit, 0, "{sent}");
    let (exit, up) = json(&["localnet", "observer", OWNER, "--dir", zone.dir()]);
    assert_eq!(exit, 0, "{up}");
    same_as_validators(zone, home, &["trade", "list", "--limit", "500"]);
    let (_, chain) = zone.ask(&["chain", "status"]);
    let height = chain["height"].as_u64().expect("a height");
    status_until(home, |status| status["height"].as_u64().is_some_and(|at| height <= at));

    // Through it an enterprise sends, and is answered.
    let own = new_waybill(zone, world);
    let (exit, answered) = ask(home, &["submit", text(&own), "--wait"]);
    assert!(exit == 0 && answered["counts"]["accepted"] == 1, "{answered}");

    // Neither what reached it nor what it holds has anything of the rival's.
    assert_eq!(json(&["localnet", "down", "--dir", zone.dir()]).0, 0);
    let (wire, disk) = (std::fs::read(wire).expect("recorded"), disk(home));
    assert!(holds(&wire, OWNER) && holds(&disk, OWNER));
    let documents = sent["documents"].as_array().expect("outcomes");
    assert!(!documents.is_empty());
    for document in documents {
        let id = hex::decode(document["id"].as_str().expect("an identity")).expect("hex");
        let is_there = |bytes: &[u8]| bytes.windows(id.len()).any(|window| window == id);
        assert!(!is_there(&wire) && !is_there(&disk));
    }
    assert!(!holds(&wire, "RIVALORDER") && !holds(&wire, "TESTRIVAL01"), "the rival on the wire");
    assert!(!holds(&disk_of_data(home), "RIVALORDER"), "the rival on disk");
}

/// What it has stored of the chain: the genesis file beside it names every founding member.
fn disk_of_data(home: &Path) -> Vec<u8> {
    disk(&home.join("data"))
}

/// A waybill that was not sent before, as a customs message.
fn new_waybill(zone: &Zone, world: &kanhe_gateway::world::World) -> PathBuf {
    use kanhe_gateway::field_table::MessageType;
    use kanhe_gateway::write::{XmlStyle, xml};
    let waybills = world.messages.iter().find(|file| file.raw.message_type == MessageType::Ceb511);
    let mut raw = waybills.expect("a day has waybills").raw.clone();
    raw.documents.truncate(1);
    raw.documents[0].head.set("guid", "0B5E4FED-0000-4000-8000-000000000001");
    raw.documents[0].head.set("logisticsNo", "OBSERVED00001");
    let path = zone.folder.path().join("observed.xml");
    std::fs::write(&path, xml(&raw, XmlStyle::default())).expect("a folder of the test");
    path
}

/// Orders of the rival platform, as a customs message.
fn rivals_orders(zone: &Zone, world: &kanhe_gateway::world::World) -> PathBuf {
    use kanhe_gateway::field_table::MessageType;
    use kanhe_gateway::write::{XmlStyle, xml};
    let orders = world.messages.iter().find(|file| file.raw.message_type == MessageType::Ceb311);
    let mut raw = orders.expect("a day has orders").raw.clone();
    raw.documents.truncate(3);
    for (number, document) in raw.documents.iter_mut().enumerate() {
        document.head.set("orderNo", format!("RIVALORDER{number:06}"));
        document.head.set("ebpCode", "TESTRIVAL01");
    }
    let file = zone.folder.path().join("rival.xml");
    std::fs::write(&file, xml(&raw, XmlStyle::default())).expect("writable");
    file
}

#[test]
fn an_observer_is_for_enterprises_and_says_what_to_do_first() {
    let zone = Zone::up();
    let (exit, refused) = json(&["localnet", "observer", "CUSTOMS", "--dir", zone.dir()]);
    assert_eq!(exit, 2, "{refused}");
    let home = zone.folder.path().join("observer");
    let genesis = zone.dir.join("genesis.json");
    let init = |organisation: &str, validators: &str| {
        let passphrase =
            std::fs::read_to_string(zone.dir.join("passphrase")).expect("a localnet's");
        let output = Command::new(env!("CARGO_BIN_EXE_kanhe"))
            .args(["observer", "init", "--json", "--home", text(&home), "--genesis"])
            .args([text(&genesis), "--organisation", organisation, "--validators", validators])
            .env("KANHE_PASSPHRASE", passphrase.trim())
            .output();
        let output = output.expect("the program starts");
        let made: Value = serde_json::from_slice(&output.stdout).expect("one JSON document");
        (output.status.code(), made)
    };
    assert_eq!(init("TAX", "http://127.0.0.1:1").0, Some(2));
    assert_eq!(init(OWNER, "127.0.0.1:1").0, Some(2));
    let (exit, made) = init(OWNER, "http://127.0.0.1:1,http://127.0.0.1:2");
    assert_eq!(exit, Some(0), "{made}");
    assert!(made["key"].as_str().is_some_and(|key| key.starts_with("ed25519:")), "{made}");
    let exit = init(OWNER, "http://127.0.0.1:1").0;
    assert_eq!(exit, Some(2), "a home is not made twice");
}
