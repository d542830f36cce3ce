//! The `kanhe` program without a running validator: usage, keys, localnet folders, exit codes.

use serde_json::Value;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Runs the program without a terminal; with a passphrase only where `passphrase` says so.
fn run(passphrase: Option<&str>, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kanhe"));
    command.args(arguments).stdin(Stdio::null());
    for name in ["KANHE_HOME", "KANHE_PASSPHRASE", "KANHE_PASSPHRASE_FILE"] {
        command.env_remove(name);
    }
    command.envs(passphrase.map(|text| ("KANHE_PASSPHRASE", text)));
    command.output().expect("the program starts")
}

fn kanhe(arguments: &[&str]) -> Output {
    run(None, arguments)
}

fn exit(output: &Output) -> i32 {
    output.status.code().expect("it was not killed")
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).expect("one JSON document on stdout")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary folders have plain names")
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// A localnet of one validator that does not run.
fn localnet(folder: &tempfile::TempDir) -> PathBuf {
    let dir = folder.path().join("zone");
    let made = kanhe(&["localnet", "init", "--dir", text(&dir), "--validators", "1"]);
    assert_eq!(exit(&made), 0, "{}", stderr(&made));
    dir
}

#[test]
fn wrong_usage_exits_with_2() {
    for arguments in [&["nonsense"][..], &["submit"], &["chain", "block", "0", "--home", "x"]] {
        assert_eq!(exit(&kanhe(arguments)), 2, "{arguments:?}");
    }
    assert_eq!(exit(&kanhe(&["--help"])), 0);
}

#[test]
fn a_key_is_made_once_and_shown_to_whoever_knows_the_passphrase() {
    let folder = folder();
    let file = folder.path().join("own.pem");
    let made = run(Some("open sesame"), &["keys", "new", text(&file), "--json"]);
    assert_eq!(exit(&made), 0, "{}", stderr(&made));
    let shown = run(Some("open sesame"), &["keys", "show", text(&file), "--json"]);
    assert_eq!(json(&shown)["public_key"], json(&made)["public_key"]);
    let wrong = run(Some("open barley"), &["keys", "show", text(&file)]);
    assert_eq!(exit(&wrong), 3);
    assert!(stderr(&wrong).contains("wrong passphrase"), "{}", stderr(&wrong));
    let again = run(Some("open sesame"), &["keys", "new", text(&file)]);
    assert_eq!(exit(&again), 3);
    assert!(stderr(&again).contains("never overwritten"), "{}", stderr(&again));
}

#[test]
fn without_passphrase_and_terminal_the_remedy_is_said() {
    let folder = folder();
    let refused = kanhe(&["keys", "new", text(&folder.path().join("own.pem"))]);
    assert_eq!(exit(&refused), 2);
    assert!(stderr(&refused).contains("KANHE_PASSPHRASE_FILE"), "{}", stderr(&refused));
}

#[test]
fn a_localnet_is_founded_in_an_empty_folder_only() {
    let folder = folder();
    let dir = folder.path().join("zone");
    let made = kanhe(&["localnet", "init", "--dir", text(&dir), "--json"]);
    assert_eq!(exit(&made), 0, "{}", stderr(&made));
    assert_eq!(json(&made)["nodes"].as_array().map(Vec::len), Some(4));
    let again = kanhe(&["localnet", "init", "--dir", text(&dir)]);
    assert_eq!(exit(&again), 3);
    assert!(stderr(&again).contains("is not empty"), "{}", stderr(&again));
    let many = ["localnet", "init", "--dir", "unused", "--validators", "26"];
    let many = stderr(&kanhe(&many));
    assert!(many.contains("expected 1 to 25 validators, found 26"), "{many}");
}

#[test]
fn a_stopped_localnet_says_so_and_stopping_it_again_is_done() {
    let folder = folder();
    let dir = localnet(&folder);
    let status = kanhe(&["localnet", "status", "--dir", text(&dir), "--json"]);
    assert_eq!(exit(&status), 1);
    assert_eq!(json(&status)["nodes"][0]["running"], false);
    let down = kanhe(&["localnet", "down", "--dir", text(&dir), "--json"]);
    assert_eq!((exit(&down), json(&down)["stopped"].as_array().map(Vec::len)), (0, Some(0)));
}

#[test]
fn when_no_validator_answers_the_exit_code_is_3() {
    let folder = folder();
    let dir = localnet(&folder);
    let status = kanhe(&["chain", "status", "--home", text(&dir), "--json"]);
    assert_eq!(exit(&status), 3);
    let error = json(&status)["error"]["message"].as_str().unwrap_or_default().to_owned();
    assert!(error.contains("no validator answers"), "{error}");
    assert!(!error.contains("something else"), "nothing answered at all: {error}");
}

#[test]
fn a_folder_that_is_no_home_and_a_stranger_are_wrong_usage() {
    let folder = folder();
    let refused = kanhe(&["trade", "list", "--home", text(folder.path())]);
    assert_eq!(exit(&refused), 2);
    assert!(stderr(&refused).contains("expected a folder with node.json"), "{}", stderr(&refused));
    let dir = localnet(&folder);
    let refused = kanhe(&["trade", "list", "--home", text(&dir), "--as", "NOBODY"]);
    assert_eq!(exit(&refused), 2);
    assert!(stderr(&refused).contains("its members are CUSTOMS"), "{}", stderr(&refused));
}

#[test]
fn a_taken_port_is_named() {
    let folder = folder();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("bound").port().to_string();
    let dir = folder.path().join("zone");
    let refused = kanhe(&["localnet", "init", "--dir", text(&dir), "--base-port", &port]);
    assert_eq!(exit(&refused), 3);
    assert!(stderr(&refused).contains(&format!("port {port}")), "{}", stderr(&refused));
}

#[test]
fn a_file_that_is_no_proof_is_not_valid_and_an_absent_one_not_known() {
    let folder = folder();
    let file = folder.path().join("x.proof");
    std::fs::write(&file, "hello").expect("writable");
    let hash = "0".repeat(64);
    let refused = kanhe(&["proof", "verify", text(&file), "--genesis", &hash, "--json"]);
    assert_eq!((exit(&refused), json(&refused)["valid"].as_bool()), (1, Some(false)));
    let absent = folder.path().join("absent");
    let unknown = kanhe(&["proof", "verify", text(&absent), "--genesis", &hash]);
    assert_eq!(exit(&unknown), 3);
}

#[test]
fn messages_that_cannot_be_read_are_named_with_file_and_place() {
    let folder = folder();
    let dir = localnet(&folder);
    let messages = folder.path().join("messages");
    std::fs::create_dir(&messages).expect("writable");
    for (name, content) in [
        ("broken.xml", "<a>\n  <b></a>"),
        ("entities.xml", "<!DOCTYPE a [<!ENTITY b \"b\">]><a>&b;</a>"),
        ("another.xml", "<letter/>"),
        ("number.json", "{\"message\":1}"),
    ] {
        std::fs::write(messages.join(name), content).expect("writable");
    }
    // Nothing is sent, so that no validator needs to run.
    let sent = kanhe(&["submit", text(&messages), "--home", text(&dir), "--json"]);
    assert_eq!(exit(&sent), 1, "{}", stderr(&sent));
    let outcomes = json(&sent)["documents"].as_array().cloned().unwrap_or_default();
    assert_eq!(outcomes.len(), 4);
    for outcome in &outcomes {
        let (file, reason) = (&outcome["file"], &outcome["reason"]["message"]);
        let file = file.as_str().expect("each names its file");
        let name = file.rsplit('/').next().expect("a name");
        let reason = reason.as_str().expect("each has a reason");
        assert!(outcome["status"] == "unreadable" && reason.contains(name), "{outcome}");
    }
}

#[test]
fn a_home_without_an_admin_key_governs_nothing_and_says_where_the_key_is() {
    let folder = folder();
    let dir = localnet(&folder);
    let node = dir.join("nodes").join("CUSTOMS");
    assert!(dir.join("members").join("CUSTOMS").join("keys").join("admin.pem").is_file());
    let words = ["gov", "propose", "suspend", "TESTRIVAL01", "--reason", "x", "--home"];
    let refused = kanhe(&[&words[..], &[text(&node)]].concat());
    assert_eq!(exit(&refused), 2);
    assert!(stderr(&refused).contains("has no admin key"), "{}", stderr(&refused));
}

#[test]
fn a_messages_schema_is_printed_by_name_number_or_kind() {
    let schema = |name: &str| kanhe(&["document", "schema", name, "--json"]);
    let order = json(&schema("CEB311Message"));
    assert_eq!(order["properties"]["message"]["const"], "CEB311Message");
    assert_eq!(json(&schema("311")), order);
    assert_eq!(json(&schema("order")), order);
    let of_bill = ["816", "CEB816Message", "tax_bill"].map(|name| json(&schema(name)));
    assert!(of_bill[0] == of_bill[1] && of_bill[0] == of_bill[2] && of_bill[0] != order);
    assert_eq!(json(&schema("list_status"))["properties"]["message"]["const"], "ListStatus");
    let unknown = schema("999");
    assert!(exit(&unknown) == 2 && stderr(&unknown).contains("CEB603Message"), "{unknown:?}");
}

#[test]
fn a_table_becomes_messages_by_its_mapping() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../node/gateway/tests/messages");
    let (table, map) = (example.join("shop.csv"), example.join("shop.mapping.json"));
    let folder = folder();
    let out = folder.path().join("messages");
    let import = |table: &Path, map: &Path| {
        kanhe(&["import", "csv", text(table), "--map", text(map), "--out", text(&out), "--json"])
    };
    let answer = json(&import(&table, &map));
    assert_eq!(answer["documents"], 2, "{answer}");
    let message = std::fs::read_to_string(out.join("shop-0001.json")).expect("it was written");
    assert!(message.contains("\"message\": \"CEB303Message\""), "{message}");

    let refused = import(&map, &map);
    assert!(
        exit(&refused) == 1 && stderr(&refused).contains("shop.mapping.json: line"),
        "{refused:?}"
    );
    let refused = import(&table, &table);
    assert!(exit(&refused) == 1 && stderr(&refused).contains("the mapping"), "{refused:?}");
}

#[test]
fn a_policy_is_tested_on_a_table_and_a_faulty_table_is_named() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/backtest");
    let [policy, table, mapping] =
        ["policy.yaml", "declarations.csv", "mapping.yaml"].map(|name| example.join(name));
    let test = |table: &Path| {
        let (policy, mapping) = (text(&policy), text(&mapping));
        kanhe(&["policy", "backtest", policy, "--csv", text(table), "--map", mapping, "--json"])
    };
    let output = test(&table);
    assert_eq!(exit(&output), 0, "{}", stderr(&output));
    let found = json(&output);
    assert_eq!(found["new"]["alerts"]["precision_percent"], 75.0, "{found}");
    assert_eq!(found["rules"][0]["new"]["hits"], 3);
    let folder = folder();
    let faulty = folder.path().join("faulty.csv");
    let lines = std::fs::read_to_string(&table).expect("it is there").replace("9.50", "dear");
    std::fs::write(&faulty, lines).expect("a temporary folder takes files");
    let output = test(&faulty);
    assert_eq!(exit(&output), 1);
    assert!(stderr(&output).contains("line 3, column \"unit price\""), "{}", stderr(&output));
    assert_eq!(exit(&kanhe(&["policy", "backtest", text(&policy)])), 2);
}
