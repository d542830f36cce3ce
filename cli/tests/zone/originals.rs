//! Pseudonyms of the service, originals in the vault, spot checks and erasure, as people do them.

use super::support::{Zone, json, kanhe, text};
use kanhe_gateway::field_table::{MessageType, Treatment};
use kanhe_gateway::raw::RawMessage;
use kanhe_gateway::write::{XmlStyle, xml};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const PLATFORM: &str = "TESTPLATFORM01";

/// Two orders of the platform in one message, and the personal values in them.
fn orders(zone: &Zone) -> (PathBuf, Vec<BTreeSet<String>>) {
    let (world, _) = zone.day(20);
    let mut messages = world.messages.into_iter().map(|file| file.raw);
    let is_orders =
        |raw: &RawMessage| raw.message_type == MessageType::Ceb311 && 2 <= raw.documents.len();
    let mut raw = messages.find(is_orders).expect("a day has a message of two orders");
    raw.documents.truncate(2);
    for (number, document) in (1..).zip(&mut raw.documents) {
        document.head.set("orderNo", format!("PRIVATE{number:04}"));
        document.head.set("buyerName", format!("测试隐私某{number}号"));
        document.head.set("consignee", format!("测试隐私某{number}号"));
        document.head.set("consigneeAddress", format!("虚构省虚构市隐私路{number}号"));
    }
    let values = raw.documents.iter().map(|document| {
        let fields = raw.message_type.table().head_fields.iter();
        let personal = fields.filter(|field| matches!(field.treatment, Treatment::Personal(_)));
        let values = personal.filter_map(|field| document.head.get(field.name));
        values.filter(|value| 8 <= value.len()).map(str::to_owned).collect()
    });
    let values = values.collect();
    let file = zone.folder.path().join("orders.xml");
    fs::write(&file, xml(&raw, XmlStyle::default())).expect("writable");
    (file, values)
}

/// Every file below `folder` that holds one of `values`.
fn files_with(folder: &Path, values: &[&[u8]]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let entries = fs::read_dir(folder).expect("readable");
    for entry in entries {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            found.extend(files_with(&path, values));
            continue;
        }
        // Files of a running store come and go.
        let bytes = fs::read(&path).unwrap_or_default();
        let holds = |value: &&[u8]| bytes.windows(value.len()).any(|part| part == *value);
        if values.iter().any(holds) {
            found.push(path);
        }
    }
    found
}

/// A policy under which originals may be erased at once.
fn let_erase(zone: &Zone) {
    let mut policy = zone.ask(&["chain", "status"]).1["policy"].clone();
    policy["version"] = Value::from(2);
    policy["retention_days"] = Value::from(0);
    let file = zone.folder.path().join("policy.json");
    fs::write(&file, policy.to_string()).expect("writable");
    let terms = ["--reason", "test", "--active-in", "2", "--approve"];
    let propose = [&["gov", "propose", "policy", text(&file)][..], &terms].concat();
    let (exit, proposed) = zone.ask_as("CUSTOMS", &propose);
    assert_eq!(exit, 0, "{proposed}");
    for agency in ["TAX", "FOREX"] {
        let approve = ["gov", "approve", &proposed["number"].to_string(), "--reason", "seen"];
        assert_eq!(zone.ask_as(agency, &approve).0, 0);
    }
    zone.status_until(|status| status["policy"]["version"] == 2);
}

fn show(zone: &Zone, order: usize) -> Value {
    let order_no = format!("PRIVATE{order:04}");
    zone.ask_as("CUSTOMS", &["trade", "show", PLATFORM, &order_no]).1
}

/// What rule S01 says of an order, in both languages.
fn s01(zone: &Zone, order: usize) -> Vec<(String, String, String)> {
    let shown = show(zone, order);
    let findings = shown["findings"].as_array().expect("a list").iter();
    let words = shown["explanations"].as_array().expect("a list");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let of_rule = findings.zip(words).filter(|(finding, _)| finding["rule"] == "S01");
    of_rule
        .map(|(finding, words)| (text(&finding["verdict"]), text(&words["en"]), text(&words["zh"])))
        .collect()
}

fn ask(zone: &Zone, order: usize, document: &str, within: &str) -> String {
    let trade = format!("{PLATFORM}/PRIVATE{order:04}");
    let words = ["spotcheck", "ask", &trade, document, "--within", within, "--reason", "测试抽查"];
    let (exit, asked) = zone.ask_as("TAX", &words);
    assert_eq!(exit, 0, "{asked}");
    asked["check"].as_str().expect("an identity").to_owned()
}

#[test]
fn an_original_is_kept_shown_judged_and_erased_and_nothing_of_it_is_left() {
    let zone = Zone::up();
    let (file, values) = orders(&zone);
    let (exit, sent) = zone.ask_as(PLATFORM, &["submit", text(&file), "--wait"]);
    assert_eq!(exit, 0, "{sent}");
    let id =
        |index: usize| sent["documents"][index]["id"].as_str().expect("an identity").to_owned();
    let (first, second) = (id(0), id(1));
    // The same again finds its originals, and is the same.
    let (_, again) = zone.ask_as(PLATFORM, &["submit", text(&file), "--wait"]);
    assert_eq!(again["counts"]["repeated"], 2, "{again}");
    let (_, listed) = zone.ask_as(PLATFORM, &["vault", "list"]);
    assert_eq!(listed["originals"].as_array().map(Vec::len), Some(2));
    let (exit, verified) = zone.ask_as(PLATFORM, &["vault", "verify"]);
    assert_eq!((exit, verified["good"].as_u64()), (0, Some(2)), "{verified}");
    // The key is the service's, of the documents' year.
    let (_, document) = zone.ask_as(PLATFORM, &["document", "show", &first]);
    assert_eq!(document["document"]["pseudonyms"]["key_id"], 1, "{document}");
    let (_, shown) = zone.ask_as(PLATFORM, &["vault", "show", &first]);
    let original = shown["original"].as_str().expect("a text").to_owned();
    assert!(original.contains("测试隐私某1号") && !original.contains("测试隐私某2号"));

    // A spot check that is answered: only who asked and who is asked see it.
    let check = ask(&zone, 1, &first, "1h");
    assert_eq!(s01(&zone, 1)[0].0, "pending");
    assert_eq!(zone.ask_as(PLATFORM, &["spotcheck", "list"]).1["checks"][0]["check"], check);
    for other in ["TESTRIVAL01", "TESTMERCHANT01", "CUSTOMS"] {
        assert_eq!(zone.ask_as(other, &["spotcheck", "show", &check]).0, 1);
        assert_eq!(zone.ask_as(other, &["document", "reveal", &check]).0, 1);
        let (_, none) = zone.ask_as(other, &["spotcheck", "list"]);
        assert_eq!(none["checks"].as_array().map(Vec::len), Some(0));
    }
    let (exit, early) = zone.ask_as("TAX", &["spotcheck", "verify", &check]);
    assert_eq!(exit, 1, "{early}");
    let (exit, revealed) = zone.ask_as(PLATFORM, &["document", "reveal", &check]);
    assert_eq!(exit, 0, "{revealed}");
    let (exit, judged) = zone.ask_as("TAX", &["spotcheck", "verify", &check]);
    assert_eq!((exit, judged["shown"]["difference"].is_null()), (0, true), "{judged}");
    let (verdict, en, zh) = s01(&zone, 1).remove(0);
    assert_eq!(verdict, "pass");
    assert!(en.contains("TAX saw the original") && zh.contains("已核验订单原始报文"), "{en} {zh}");

    // One that is not answered in time becomes a finding by itself.
    let late = ask(&zone, 2, &second, "1s");
    zone.status_until(|_| s01(&zone, 2)[0].0 == "fail");
    let (_, en, zh) = s01(&zone, 2).remove(0);
    assert!(en.contains("did not show the original") && zh.contains("前出示订单原始报文"), "{en}");
    assert_eq!(zone.ask_as(PLATFORM, &["document", "reveal", &late]).0, 1);

    // Too early, then allowed by the policy.
    let erase = ["vault", "erase", &first, "--reason", "本人请求"];
    let (exit, refused) = zone.ask_as(PLATFORM, &erase);
    assert_eq!(
        (exit, refused["receipt"]["rejection"]["code"].as_u64()),
        (1, Some(609)),
        "{refused}"
    );
    let_erase(&zone);
    let (exit, erased) = zone.ask_as(PLATFORM, &erase);
    assert_eq!(exit, 0, "{erased}");
    let record = erased["erased"][0]["record"].as_str().expect("an identity").to_owned();
    assert_eq!(
        zone.ask_as(PLATFORM, &["document", "show", &record]).1["document"]["body"]["kind"],
        "erasure"
    );
    assert_eq!(zone.ask_as(PLATFORM, &["vault", "show", &first]).0, 1);
    let asked_again = ask(&zone, 1, &first, "1h");
    let (_, status) = zone.ask_as("TAX", &["spotcheck", "show", &asked_again]);
    assert_eq!(status["status"]["erased"]["record"], record.as_str(), "{status}");
    assert_eq!(s01(&zone, 1)[1].0, "not_applicable");
    // Sent again it is still the same document, and its original does not come back.
    let (_, again) = zone.ask_as(PLATFORM, &["submit", text(&file), "--wait"]);
    assert_eq!(again["counts"]["repeated"], 2, "{again}");
    assert_eq!(zone.ask_as(PLATFORM, &["vault", "verify"]).1["erased"], 1);

    // No file of any home has the values, not even of the one that is still kept.
    assert_eq!(json(&["localnet", "down", "--dir", zone.dir()]).0, 0);
    let of_both: Vec<&[u8]> = values.iter().flatten().map(|value| value.as_bytes()).collect();
    assert!(10 <= of_both.len(), "{}", of_both.len());
    assert_eq!(files_with(&zone.dir, &of_both), Vec::<PathBuf>::new());
    // The search would find them.
    assert!(files_with(file.parent().expect("a folder"), &of_both[..1]).contains(&file));
}

#[test]
fn a_sender_without_an_original_has_to_say_so() {
    let zone = Zone::up();
    let (file, _) = orders(&zone);
    let (_, sent) = zone.ask_as(PLATFORM, &["submit", text(&file), "--wait"]);
    let first = sent["documents"][0]["id"].as_str().expect("an identity");
    // A typed document of the sender's, which repeats a commitment, has no original in the vault.
    let (_, shown) = zone.ask_as(PLATFORM, &["document", "show", first]);
    let mut document = shown["document"].clone();
    document["body"]["orderNo"] = Value::from("PRIVATE0009");
    document["body"]["buyerName"] = Value::from("00".repeat(16));
    let forged = zone.folder.path().join("forged.json");
    fs::write(&forged, document.to_string()).expect("writable");
    let (exit, sent) = zone.ask_as(PLATFORM, &["submit", text(&forged), "--wait"]);
    assert_eq!(exit, 0, "{sent}");
    let forged = sent["documents"][0]["id"].as_str().expect("an identity").to_owned();
    let check = ask(&zone, 9, &forged, "1h");
    // It has no original of it, and has to say so.
    let (exit, none) = zone.ask_as(PLATFORM, &["document", "reveal", &check]);
    assert_eq!(exit, 1, "{none}");
    let missing = ["document", "reveal", &check, "--missing", "测试遗失"];
    assert_eq!(zone.ask_as(PLATFORM, &missing).0, 0);
    let (verdict, en, _) = s01(&zone, 9).remove(0);
    assert_eq!(verdict, "fail");
    assert!(en.contains("has no original of the order: 测试遗失"), "{en}");
}

#[test]
fn without_the_service_documents_wait_and_outside_a_localnet_a_shared_key_is_refused() {
    let zone = Zone::up();
    let (file, _) = orders(&zone);
    // A home that names no service, outside of any localnet.
    let home = zone.folder.path().join("elsewhere");
    let own = zone.dir.join("members").join(PLATFORM);
    fs::create_dir_all(home.join("keys")).expect("writable");
    for name in ["genesis.json", "keys/operator.pem"] {
        fs::copy(own.join(name), home.join(name)).expect("copied");
    }
    fs::copy(zone.dir.join("pseudonym.key"), home.join("pseudonym.key")).expect("copied");
    let member = fs::read_to_string(own.join("member.json")).expect("readable");
    let mut member: Value = serde_json::from_str(&member).expect("JSON");
    let service = member["pseudonym_service"].take();
    member.as_object_mut().expect("an object").remove("pseudonym_service");
    fs::write(home.join("member.json"), member.to_string()).expect("writable");
    let submit = |passphrase: &Path| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_kanhe"));
        command.args(["submit", text(&file), "--wait", "--home", text(&home), "--json"]);
        command.env("KANHE_PASSPHRASE_FILE", passphrase).stdin(std::process::Stdio::null());
        let output = command.output().expect("the program starts");
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), stderr)
    };
    let passphrase = zone.dir.join("passphrase");
    let (exit, stderr) = submit(&passphrase);
    assert_eq!(exit, Some(2), "{stderr}");
    assert!(stderr.contains("serves a localnet only"), "{stderr}");
    // With the service's address the same home works.
    member["pseudonym_service"] = service;
    fs::write(home.join("member.json"), member.to_string()).expect("writable");
    let (exit, stderr) = submit(&passphrase);
    assert_eq!(exit, Some(0), "{stderr}");

    let (_, keys) = zone.ask_as(PLATFORM, &["pseudonym", "keys"]);
    let keys = keys["pseudonym_keys"].as_array().expect("a list").clone();
    assert!(keys.len() == 3 && keys.iter().all(|key| key["organisation"] == "CUSTOMS"));
    // The key of the home is the one of the policy.
    let node = zone.dir.join("nodes").join("CUSTOMS");
    let year = keys[1]["scope"]["epoch"].to_string();
    let prepare = ["pseudonym", "prepare", "--number", "1", "--year", &year, "--home", text(&node)];
    let (exit, prepared) = json(&prepare);
    assert_eq!((exit, &prepared["pseudonym_keys"][0]), (0, &keys[1]), "{prepared}");
    assert_eq!(prepared["is_new"], false);
    let new = ["pseudonym", "prepare", "--number", "2", "--year", &year, "--home", text(&node)];
    let text_of = kanhe(&new);
    assert!(String::from_utf8_lossy(&text_of.stdout).contains("add 2 to pseudonym_service.keys"));
}
