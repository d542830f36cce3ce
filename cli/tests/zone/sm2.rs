//! Zones that sign with SM2.

use crate::support::{Zone, json, kanhe, length, text};
use kanhe_types::keys::{PublicKey, Scheme};

/// The scheme of a key in JSON.
fn scheme(key: &serde_json::Value) -> Scheme {
    let key: PublicKey = key.as_str().and_then(|text| text.parse().ok()).expect("a key");
    key.scheme()
}

/// A day of trade, and what a member, a rival and a stranger with a proof make of it.
fn trades_and_proves(schemes: &str, sm2_validators: usize) {
    let zone = Zone::up_with(&["--scheme", schemes]);
    let genesis = std::fs::read(zone.dir.join("genesis.json")).expect("founded");
    let genesis: serde_json::Value = serde_json::from_slice(&genesis).expect("JSON");
    let validators = genesis["validators"].as_array().expect("a list");
    let of_sm2 = validators.iter().filter(|own| scheme(&own["key"]) == Scheme::Sm2);
    assert_eq!(of_sm2.count(), sm2_validators);
    assert!(validators.iter().all(|own| scheme(&own["node"]) == Scheme::Ed25519));

    let (world, files) = zone.day(30);
    let (exit, sent) = zone.ask(&["submit", text(&files), "--wait"]);
    let expected: usize = world.truth.documents.values().sum();
    assert_eq!(length(&sent["documents"]), expected);
    assert_eq!(exit, i32::from(0 < world.truth.rejected), "{}", sent["counts"]);
    let (_, matched) = zone.ask(&["trade", "list", "--state", "matched"]);
    assert_eq!(length(&matched["trades"]), world.truth.matched);
    assert_eq!(length(&zone.ask_as("TESTRIVAL01", &["trade", "list"]).1["trades"]), 0);

    let accepted = sent["documents"].as_array().expect("outcomes");
    let accepted = accepted.iter().find(|outcome| outcome["status"] == "accepted");
    let document = accepted.expect("some are accepted")["id"].as_str().expect("an identity");
    let proof = zone.folder.path().join("x.proof");
    let (exit, got) = zone.ask(&["proof", "get", document, "--out", text(&proof)]);
    assert_eq!(exit, 0, "{got}");
    let genesis = got["genesis"].as_str().expect("a hash");
    assert_eq!(json(&["proof", "verify", text(&proof), "--genesis", genesis]).0, 0);
    let mut bytes = std::fs::read(&proof).expect("just written");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&proof, bytes).expect("writable");
    assert_eq!(json(&["proof", "verify", text(&proof), "--genesis", genesis]).0, 1);

    let (exit, online) = zone.ask(&["chain", "verify"]);
    assert_eq!((exit, online["verified"].as_bool()), (0, Some(true)), "{online}");

    // An organisation's next key is of its own scheme.
    let rotate = ["keys", "rotate", "--purpose", "operator", "--reason", "a year is over"];
    let (exit, rotated) = zone.ask_as("TESTCARRIER01", &rotate);
    assert_eq!(exit, 0, "{rotated}");
    assert_eq!(scheme(&rotated["new"]), scheme(&rotated["old"]));
    assert_eq!(zone.ask_as("TESTCARRIER01", &["keys", "list"]).0, 0);
}

#[test]
fn a_zone_wholly_on_sm2_trades_proves_and_is_verified() {
    trades_and_proves("sm2", 4);
}

#[test]
fn a_zone_of_both_schemes_trades_proves_and_is_verified() {
    trades_and_proves("mixed", 2);
}

#[test]
fn a_demo_on_sm2_finds_what_it_planted() {
    let (exit, demo) = json(&["demo", "--trades", "120", "--seed", "7", "--scheme", "sm2"]);
    assert_eq!(demo["planted"], demo["found"]);
    assert_eq!(exit, 0, "{demo}");
}

#[test]
fn a_new_key_is_of_the_scheme_that_was_asked_for() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, scheme) in [("ed25519", Scheme::Ed25519), ("sm2", Scheme::Sm2)] {
        let file = folder.path().join(name);
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_kanhe"));
        command.args(["keys", "new", text(&file), "--scheme", name]).env("KANHE_PASSPHRASE", "abc");
        let output = command.output().expect("the program starts");
        let said = String::from_utf8_lossy(&output.stdout);
        let key: PublicKey = said.lines().next().expect("a line").parse().expect("a key");
        assert_eq!(key.scheme(), scheme);
    }
    let other = text(folder.path()).to_owned() + "/other";
    assert_eq!(kanhe(&["keys", "new", &other, "--scheme", "rsa"]).status.code(), Some(2));
}

#[test]
fn a_signed_message_states_its_signer_and_a_changed_one_is_not_sent() {
    let zone = Zone::up();
    let fixture =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../node/gateway/tests/signatures/sm2-plain.xml");
    let message = std::fs::read_to_string(fixture).expect("it is checked in");
    let file = zone.folder.path().join("payment.xml");
    std::fs::write(&file, message.replace("118.50", "118.51")).expect("writable");
    let (exit, refused) = zone.ask(&["submit", text(&file), "--wait"]);
    let refused = &refused["documents"][0];
    assert_eq!((exit, &refused["status"]), (1, &"unreadable".into()), "{refused}");
    let reason = refused["reason"]["message"].as_str().expect("a reason");
    assert!(reason.contains("payment.xml:"), "{reason}");
    assert!(
        reason.contains("CEB411Message/Signature/SignedInfo/Reference/DigestValue"),
        "{reason}"
    );
    assert!(reason.contains("sign the message again"), "{reason}");

    std::fs::write(&file, message).expect("writable");
    let (exit, sent) = zone.ask(&["submit", text(&file), "--wait"]);
    assert_eq!(exit, 0, "{sent}");
    let document = sent["documents"][0]["id"].as_str().expect("an identity");
    let (_, shown) = zone.ask(&["document", "show", document]);
    let stated = &shown["document"]["originalSignature"];
    assert_eq!(stated["algorithm"], "sm2_sm3", "{shown}");
    let certificate = "7745013bf209db8ef3877cad9ebf0709beb628316be95803e6a82a61ca47df4b";
    assert_eq!(stated["certificate"], certificate);
}
