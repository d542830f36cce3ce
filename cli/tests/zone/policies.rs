//! The parameters of the rules as people change them: a file is shown, changed, checked, proposed,
//! voted on and in force; and what is turned away says why.

use super::support::{Zone, json, kanhe, length, text};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The file of the zone's policy in force.
fn shown(zone: &Zone, name: &str) -> (PathBuf, String) {
    let output = kanhe(&["policy", "show", "--yaml", "--home", zone.dir()]);
    let yaml = String::from_utf8(output.stdout).expect("a text");
    let file = zone.folder.path().join(name);
    let show = ["policy", "show", "1", "--out", text(&file), "--home", zone.dir()];
    assert_eq!(json(&show).0, 0);
    assert_eq!(std::fs::read_to_string(&file).expect("readable"), yaml);
    (file, yaml)
}

/// The file with one text in the place of another.
fn changed(file: &Path, from: &str, to: &str) {
    let yaml = std::fs::read_to_string(file).expect("readable");
    assert_eq!(yaml.matches(from).count(), 1, "{from:?} stands once in\n{yaml}");
    std::fs::write(file, yaml.replace(from, to)).expect("writable");
}

fn propose(zone: &Zone, agency: &str, file: &Path, terms: &[&str]) -> (i32, Value) {
    let words = ["policy", "propose", text(file), "--reason", "test", "--approve"];
    zone.ask_as(agency, &[&words[..], terms].concat())
}

fn vote(zone: &Zone, agency: &str, verb: &str, number: &Value) -> (i32, Value) {
    zone.ask_as(agency, &["policy", verb, &number.to_string(), "--reason", "checked"])
}

/// The rejection of the first document that the rules refused.
fn rejected(answer: &Value) -> &str {
    let receipts = answer["receipts"].as_array().into_iter().flatten();
    let names = receipts.filter_map(|receipt| receipt["rejection"]["name"].as_str());
    names.into_iter().next().unwrap_or_else(|| panic!("nothing was rejected: {answer}"))
}

#[test]
fn a_policy_is_changed_by_its_file_and_what_cannot_be_is_turned_away() {
    let zone = Zone::up();
    let (file, yaml) = shown(&zone, "policy.yaml");
    assert!(yaml.contains("# Cold chain of frozen lots · 冻品冷链"), "{yaml}");

    // Nothing to vote on.
    let words = ["policy", "propose", text(&file), "--reason", "x", "--home", zone.dir()];
    let same = kanhe(&words);
    let stderr = String::from_utf8_lossy(&same.stderr).into_owned();
    assert!(same.status.code() == Some(1) && stderr.contains("nothing to vote on"), "{stderr}");

    // Every fault with its place, also by the program's check alone.
    let bad = zone.folder.path().join("bad.yaml");
    std::fs::write(&bad, &yaml).expect("writable");
    changed(&bad, "collect_days: 7 ", "collect_days: 0 ");
    changed(&bad, "agencies: 2, of: 3", "agencies: 1, of: 2");
    let (exit, checked) = json(&["policy", "check", text(&bad)]);
    let paths: Vec<&str> = checked["faults"]
        .as_array()
        .expect("faults")
        .iter()
        .filter_map(|fault| fault["path"].as_str())
        .collect();
    assert_eq!((exit, paths), (1, vec!["governance_quorum", "collect_days"]), "{checked}");
    let line = yaml.lines().position(|line| line.starts_with("collect_days")).expect("a line") + 1;
    let fault = &checked["faults"][1];
    assert_eq!((fault["line"].as_u64(), fault["column"].as_u64()), (Some(line as u64), Some(15)));
    let told = kanhe(&["policy", "check", text(&bad)]);
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    assert!(told.contains(&format!("bad.yaml:{line}:15: collect_days: expected 1 to")), "{told}");
    changed(&bad, "collect_days: 0 ", "colect_days: 5 ");
    let unknown = kanhe(&["policy", "propose", text(&bad), "--reason", "x", "--home", zone.dir()]);
    let stderr = String::from_utf8_lossy(&unknown.stderr).into_owned();
    assert!(stderr.contains(&format!(":{line}:1: colect_days: expected")), "{stderr}");

    // A change is read as a diff, proposed, and voted on by who may.
    changed(&file, "collect_days: 7 ", "collect_days: 9 ");
    changed(
        &file,
        "{currency: \"502\", cny_per_100: 716}",
        "{currency: \"502\", cny_per_100: 712.3}",
    );
    let (exit, checked) = json(&["policy", "check", text(&file)]);
    assert_eq!((exit, checked["is_sound"].as_bool()), (0, Some(true)), "{checked}");
    assert!(checked["bytes"].as_u64() < checked["bytes_max"].as_u64(), "{checked}");
    let (_, diff) = zone.ask(&["policy", "diff", "1", text(&file)]);
    let paths: Vec<&Value> =
        diff["differences"].as_array().expect("two").iter().map(|own| &own["path"]).collect();
    assert_eq!(paths, ["collect_days", "exchange_rates[502].cny_per_100"], "{diff}");
    let past = propose(&zone, "CUSTOMS", &file, &["--at", "1"]);
    assert_eq!((past.0, rejected(&past.1)), (1, "ProposalHeights"), "{}", past.1);
    let stranger = propose(&zone, "TESTRIVAL01", &file, &[]);
    assert_eq!((stranger.0, rejected(&stranger.1)), (1, "RoleMissing"), "{}", stranger.1);
    let (exit, first) = propose(&zone, "CUSTOMS", &file, &["--after", "2"]);
    assert_eq!((exit, first["content"]["changes"][0]["policy"]["version"].as_u64()), (0, Some(2)));
    let twice = vote(&zone, "CUSTOMS", "reject", &first["number"]);
    assert_eq!((twice.0, rejected(&twice.1)), (1, "VotedAlready"), "{}", twice.1);
    let by_rival = zone.ask_as(
        "TESTRIVAL01",
        &["policy", "approve", &first["number"].to_string(), "--reason", "x"],
    );
    assert_eq!(by_rival.0, 1, "{}", by_rival.1);

    // Another of the same version loses to the first that is in force.
    let (other, _) = shown(&zone, "other.yaml");
    changed(&other, "collect_days: 7 ", "collect_days: 11 ");
    let (exit, second) = propose(&zone, "TAX", &other, &["--after", "1"]);
    assert_eq!(exit, 0, "{second}");
    for agency in ["TAX", "FOREX"] {
        assert_eq!(vote(&zone, agency, "approve", &first["number"]).0, 0);
    }
    for agency in ["CUSTOMS", "FOREX"] {
        assert_eq!(vote(&zone, agency, "approve", &second["number"]).0, 0);
    }
    zone.status_until(|status| status["policy"]["version"] == 2);
    let number = second["number"].to_string();
    zone.status_until(|_| zone.ask(&["gov", "show", &number]).1["status"] == "failed");
    let (_, failed) = zone.ask(&["gov", "show", &number]);
    assert_eq!(failed["failure"]["code"], 519, "{failed}");

    // Every version is kept, with who decided it; enterprises read the rules.
    let (_, history) = zone.ask(&["policy", "history"]);
    assert_eq!(length(&history["policies"]), 2, "{history}");
    let last = &history["policies"][0];
    assert_eq!(
        (last["is_in_force"].as_bool(), &last["proposal"]["number"]),
        (Some(true), &first["number"])
    );
    assert_eq!(length(&last["proposal"]["votes"]), 3, "{last}");
    let (exit, theirs) = zone.ask_as("TESTPLATFORM01", &["policy", "show", "2"]);
    assert_eq!((exit, theirs["policy"]["collect_days"].as_u64()), (0, Some(9)), "{theirs}");
    assert_eq!(theirs["proposal"], Value::Null);
    assert_eq!(zone.ask(&["policy", "show", "1"]).1["policy"]["collect_days"], 7);
    assert_eq!(zone.ask(&["policy", "show", "3"]).0, 1);
    let (exit, audit) = zone.ask(&["chain", "verify"]);
    assert_eq!((exit, audit["verified"].as_bool()), (0, Some(true)), "{audit}");
}

#[test]
fn a_localnet_is_founded_with_the_policy_of_a_file() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("policy.yaml");
    std::fs::write(&file, "collect_days: 3\nwaybill_reuse_days: 90\n").expect("writable");
    let dir = folder.path().join("zone");
    let init = ["localnet", "init", "--dir", text(&dir), "--policy", text(&file)];
    assert_eq!(json(&init).0, 0);
    let genesis = std::fs::read_to_string(dir.join("genesis.json")).expect("readable");
    let genesis: Value = serde_json::from_str(&genesis).expect("JSON");
    let policy = &genesis["policy"];
    assert_eq!((&policy["collect_days"], &policy["waybill_reuse_days"]), (&3.into(), &90.into()));
    assert_eq!((&policy["version"], length(&policy["pseudonym_keys"])), (&1.into(), 3));
    std::fs::write(&file, "collect_days: none\n").expect("writable");
    let other = folder.path().join("other");
    let refused = kanhe(&["localnet", "init", "--dir", text(&other), "--policy", text(&file)]);
    let stderr = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(refused.status.code() == Some(1) && stderr.contains(":1:15: "), "{stderr}");
}
