//! A validator and a sender whose keys are in processes of their own.

use crate::support::{Zone, json, length, text};
use kanhe_node::home::Home;
use kanhe_node::signer::RemoteSigner;
use kanhe_types::certificate::{Vote, VoteKind};
use kanhe_types::hash::Hash;
use kanhe_types::signer::{SignError, Signer, Statement};
use serde_json::Value;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A process that ends with the test.
struct Process(Child);

impl Process {
    fn signer(dir: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kanhe"));
        command.args(["signer", "run", "--dir", text(dir)]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Self(command.spawn().expect("the program starts"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // As a power cut would.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Asks a node for its status until `is_wanted` says that it is as expected.
fn status_until(home: &Path, is_wanted: impl Fn(&Value) -> bool) -> Value {
    let started = Instant::now();
    loop {
        let (_, status) = json(&["chain", "status", "--home", text(home)]);
        if is_wanted(&status) {
            return status;
        }
        assert!(started.elapsed() < Duration::from_secs(40), "{status}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_validator_signs_through_a_signer_that_dies_comes_back_and_contradicts_nothing() {
    let zone = Zone::up();
    assert_eq!(json(&["localnet", "down", "--dir", zone.dir()]).0, 0);
    let (home, dir) = (zone.dir.join("nodes/TAX"), zone.dir.join("tax-signer"));
    let init = ["signer", "init", "--dir", text(&dir), "--home", text(&home)];
    let (exit, made) = json(&init);
    assert_eq!(exit, 0, "{made}");
    assert!(!home.join("keys/validator.pem").exists());
    assert_eq!(json(&init).0, 3, "a home has one signer");

    // A sender's key in a signer of its own.
    let (member, sender_dir) =
        (zone.dir.join("members/TESTPAYMENT01"), zone.dir.join("pay-signer"));
    let init = ["signer", "init", "--dir", text(&sender_dir), "--home", text(&member)];
    assert_eq!(json(&init).0, 0);
    assert!(!member.join("keys/operator.pem").exists());

    let signer = Process::signer(&dir);
    let sender = Process::signer(&sender_dir);
    let (exit, up) = json(&["localnet", "up", "--dir", zone.dir()]);
    assert_eq!(exit, 0, "{up}");
    let (world, files) = zone.day(30);
    let (_, sent) = zone.ask(&["submit", text(&files), "--wait"]);
    let expected: usize = world.truth.documents.values().sum();
    assert_eq!(length(&sent["documents"]), expected);
    assert_eq!(sent["counts"]["pending"], Value::Null, "{}", sent["counts"]);
    let status = status_until(&home, |status| status["signer_away"].is_null());
    let height = status["decided"].as_u64().expect("a height");

    // It dies: the node says so, the others go on.
    drop(signer);
    let (_, away) = zone.ask(&["submit", text(&files.join("TESTCARRIER01")), "--wait"]);
    assert!(0 < length(&away["documents"]));
    let status = status_until(&home, |status| status["signer_away"].is_string());
    assert!(status["waiting_for"].as_array().is_some_and(Vec::is_empty), "{status}");

    // It comes back: the same process of the node takes part again.
    let pid = zone.pid("TAX");
    let signer = Process::signer(&dir);
    let status = status_until(&home, |status| status["signer_away"].is_null());
    assert_eq!(zone.pid("TAX"), pid);
    // With another validator gone, nothing is decided without it.
    zone.kill(&["FOREX"]);
    let (_, again) = zone.ask(&["submit", text(&files.join("TESTCARRIER01")), "--wait"]);
    assert_eq!(again["counts"]["pending"], Value::Null, "{}", again["counts"]);
    let decided = status_until(&home, |now| status["decided"].as_u64() < now["decided"].as_u64());
    assert!(decided["signer_away"].is_null(), "{decided}");

    // A statement about what is over is refused, whoever asks.
    let config = Home::new(&home).node_file().expect("valid").signer.expect("it has a signer");
    let genesis: Hash = zone.ask(&["chain", "status"]).1["genesis"]
        .as_str()
        .and_then(|text| text.parse().ok())
        .expect("a hash");
    let other = RemoteSigner::start(&home, &config, genesis).expect("a thread");
    let vote = |block| Statement::Vote(Vote { height, round: 0, kind: VoteKind::Precommit, block });
    for block in [None, Some(Hash([1; 32]))] {
        let refused = other.sign_statement(&genesis, &vote(block));
        assert!(matches!(refused, Err(SignError::Refused(_))), "{refused:?}");
    }
    drop((signer, sender));
    // Without its signer a sender sends nothing, and says why.
    let (exit, silent) = json(&["trade", "list", "--home", text(&member)]);
    assert_eq!(exit, 3, "{silent}");
    assert!(silent.to_string().contains("kanhe signer run"), "{silent}");
    // Nobody has seen a contradiction.
    for code in ["CUSTOMS", "TAX", "FOREX", "COMMERCE"] {
        let evidence = std::fs::read(zone.dir.join("nodes").join(code).join("evidence"));
        assert!(evidence.unwrap_or_default().is_empty(), "{code}");
    }
}

#[test]
fn the_price_of_a_signer_is_measured() {
    let (exit, report) = json(&["signer", "bench", "--statements", "50", "--scheme", "sm2"]);
    assert_eq!(exit, 0, "{report}");
    assert_eq!(length(&report["kinds"]), 4);
    for kind in report["kinds"].as_array().expect("a list") {
        assert!(0.0 < kind["p50_us"].as_f64().expect("a figure"), "{report}");
    }
}
