//! The `kanhe` program with real validators: four processes, real files, real refusals.

use kanhe_gateway::world::{Codes, FaultId, World, WorldConfig};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// Runs the program without a terminal.
fn kanhe(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kanhe"));
    command.args(arguments).stdin(Stdio::null());
    for name in ["KANHE_HOME", "KANHE_PASSPHRASE", "KANHE_PASSPHRASE_FILE"] {
        command.env_remove(name);
    }
    command.output().expect("the program starts")
}

/// Runs the program; its exit code and its JSON.
fn json(arguments: &[&str]) -> (i32, Value) {
    let output = kanhe(&[arguments, &["--json"]].concat());
    let exit = output.status.code().expect("it was not killed");
    let value = serde_json::from_slice(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    (exit, value.unwrap_or_else(|error| panic!("{arguments:?}: {error}: {stderr}")))
}

/// A localnet of four validators that ends with the test, whatever happens.
struct Zone {
    folder: tempfile::TempDir,
    dir: PathBuf,
}

impl Zone {
    fn up() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let zone = Self { dir: folder.path().join("zone"), folder };
        assert_eq!(json(&["localnet", "init", "--dir", zone.dir()]).0, 0);
        let (exit, up) = json(&["localnet", "up", "--dir", zone.dir()]);
        assert_eq!(exit, 0, "{up}");
        zone
    }

    fn dir(&self) -> &str {
        text(&self.dir)
    }

    /// What `kanhe ... --home DIR --json` answers.
    fn ask(&self, arguments: &[&str]) -> (i32, Value) {
        json(&[arguments, &["--home", self.dir()]].concat())
    }

    /// The same, speaking as `member`.
    fn ask_as(&self, member: &str, arguments: &[&str]) -> (i32, Value) {
        self.ask(&[arguments, &["--as", member]].concat())
    }

    /// A generated day of trade as files.
    fn day(&self, trades: usize) -> (World, PathBuf) {
        let code = |text: &str| text.parse().expect("a code");
        let world = World::generate(&WorldConfig {
            seed: 3,
            trades,
            organisations: Codes {
                platform: code("TESTPLATFORM01"),
                merchant: code("TESTMERCHANT01"),
                payment: code("TESTPAYMENT01"),
                carrier: code("TESTCARRIER01"),
                agency: code("CUSTOMS"),
            },
            start: "20260901080000".parse().expect("a time"),
        });
        let files = self.folder.path().join("messages");
        world.write_to(&files).expect("writable");
        (world, files)
    }

    /// Ends validators as a power cut would.
    fn kill(&self, codes: [&str; 2]) {
        for code in codes {
            let lock = self.dir.join("nodes").join(code).join("lock");
            let pid = std::fs::read_to_string(lock).expect("a running node writes its number");
            let killed = Command::new("kill").args(["-9", pid.trim()]).status();
            assert!(killed.expect("kill exists").success());
        }
    }

    /// Asks for the chain's status until `is_wanted` says that it is as expected.
    fn status_until(&self, is_wanted: impl Fn(&Value) -> bool) -> Value {
        let started = Instant::now();
        loop {
            let (_, status) = self.ask(&["chain", "status"]);
            if is_wanted(&status) {
                return status;
            }
            assert!(started.elapsed() < Duration::from_secs(30), "{status}");
        }
    }
}

impl Drop for Zone {
    fn drop(&mut self) {
        kanhe(&["localnet", "down", "--dir", self.dir()]);
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary folders have plain names")
}

fn length(value: &Value) -> usize {
    value.as_array().map_or(0, Vec::len)
}

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
    zone.kill(["FOREX", "COMMERCE"]);
    let waits = |status: &Value| status["waiting_for"] == serde_json::json!(["COMMERCE", "FOREX"]);
    let status = zone.status_until(waits);
    let before = status["height"].as_u64().expect("a height");
    assert_eq!(json(&["localnet", "status", "--dir", zone.dir()]).0, 1);

    assert_eq!(json(&["localnet", "up", "--dir", zone.dir()]).0, 0);
    let after = zone.status_until(|status| length(&status["waiting_for"]) == 0);
    assert!(before < after["height"].as_u64().expect("a height"), "{after}");

    // A home in use is not started again.
    let home = zone.dir.join("nodes").join("TAX");
    let second = kanhe(&["node", "run", "--home", text(&home)]);
    let stderr = String::from_utf8_lossy(&second.stderr);
    assert!(second.status.code() == Some(3) && stderr.contains("is in use by"), "{stderr}");
}

#[test]
fn a_demo_finds_what_it_planted() {
    // So many trades that every fault is planted.
    let (exit, demo) = json(&["demo", "--trades", "120", "--seed", "7"]);
    assert_eq!(demo["planted"], demo["found"]);
    assert_eq!(demo["planted"].as_object().map(serde_json::Map::len), Some(FaultId::ALL.len()));
    assert_eq!(exit, 0, "{demo}");
    assert_eq!(demo["verified"], true);
    assert_eq!(demo["validators"], 4);
}
