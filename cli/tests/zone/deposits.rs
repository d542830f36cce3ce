//! Deposits for tax, with real processes: a merchant of a poor grade, a release that waits for its
//! deposit, and its assessment again from genesis.

use super::clearance::{about, list};
use super::support::{Zone, length, text};
use kanhe_gateway::field_table::MessageType;
use kanhe_gateway::write::json;
use serde_json::Value;
use std::fs;

/// What is found of a trade by the rule of deposits.
fn found(shown: &Value) -> Option<&str> {
    let findings = shown["findings"].as_array().expect("findings");
    let own = findings.iter().find(|finding| finding["rule"] == "D01")?;
    own["verdict"].as_str()
}

#[test]
fn a_release_waits_for_the_deposit_that_a_poor_grade_demands() {
    let zone = Zone::up();
    let (digest, customs) = ("1".repeat(64), "CUSTOMS");
    let act = |register: &str, number: &str, act: &str| {
        zone.ask_as(customs, &["register", "act", register, number, act])
    };
    let grade = format!(
        r#"{{"write":{{"organisation":"TESTMERCHANT01","grade":"discredited",
            "since":"2026-11-01T00:00:00.000Z","until":null,"decision":"{digest}"}}}}"#
    );
    let (exit, written) = act("customs_grade", "G1", &grade);
    assert_eq!(exit, 0, "{written}");

    let (world, files) = zone.day(40);
    zone.ask(&["submit", text(&files)]);
    let matched = ["trade", "list", "--state", "matched"];
    let matched = zone.until(&matched, |matched| 0 < length(&matched["trades"]));
    let order_no = matched["trades"][0]["key"]["order_no"].as_str().expect("one matches");
    let release = |guid: &str| {
        let said = [
            ("guid", guid),
            ("appTime", "20260902090000"),
            ("subject", "list"),
            ("invtNo", "51002026I000000001"),
            ("returnStatus", "800"),
            ("returnTime", "20260902090000"),
        ];
        let file = zone.folder.path().join(format!("{guid}.json"));
        let message = about(list(&world, order_no), MessageType::ListStatus, &said);
        fs::write(&file, json(&message)).expect("writable");
        zone.ask(&["submit", text(&file), "--wait"])
    };
    let (exit, refused) = release("00000000-0000-4000-8000-000000000811");
    assert_eq!(exit, 1, "{refused}");
    assert!(refused.to_string().contains("DepositShort"), "{refused}");

    let receive = format!(
        r#"{{"receive":{{"merchant":"TESTMERCHANT01","amount":"50000","receipt":"{digest}"}}}}"#
    );
    let (exit, received) = act("tax_deposit", "D1", &receive);
    assert_eq!((exit, &received["content"]["tax_deposit"]["state"]), (0, &"held".into()));
    let (exit, released) = release("00000000-0000-4000-8000-000000000812");
    assert_eq!(exit, 0, "{released}");
    zone.until(&["trade", "show", "TESTPLATFORM01", order_no], |shown| {
        found(shown) == Some("pass") && shown["case"]["state"] == "released"
    });

    let show = ["register", "show", "tax_deposit", customs, "D1", "--as", "TESTMERCHANT01"];
    let shown = zone.until(&show, |shown| shown["deposits"]["taken"] != "0");
    let all = format!(r#"{{"pay_back":{{"amount":"50000","payment":"{digest}"}}}}"#);
    let (exit, refused) = act("tax_deposit", "D1", &all);
    assert_eq!(exit, 1, "{shown} {refused}");
    assert!(refused.to_string().contains("secures no trade"), "{refused}");
    assert_eq!(
        zone.ask_as("TESTRIVAL01", &["register", "show", "tax_deposit", customs, "D1"]).0,
        1
    );

    let explain = ["credit", "explain", "TESTMERCHANT01", "--replay"];
    let (exit, explained) = zone.ask_as(customs, &explain);
    assert_eq!((exit, &explained["replay"]["same"]), (0, &true.into()), "{explained}");
    assert_eq!(explained["assessment"]["supervision"]["deposit_per_cent"], 100, "{explained}");
}
