//! Risk, with real processes: a policy with two rules, an alert that holds its trade, and the same
//! again from genesis.

use super::clearance::{about, list};
use super::governance::{enact, propose};
use super::support::{Zone, length, text};
use kanhe_gateway::field_table::MessageType;
use kanhe_gateway::write::json;
use serde_json::{Value, json as value};
use std::fs;

/// The zone's policy, with two rules: an import is worth a look, and a merchant's second is more.
fn policy(zone: &Zone) -> Value {
    let mut policy = zone.ask(&["chain", "status"]).1["policy"].clone();
    let version = policy["version"].as_u64().expect("a number");
    policy["version"] = value!(version + 1);
    let rule = |id: &str, when: &str, weight: u8| {
        value!({
            "id": id, "pattern": "testing", "on": "trade", "when": when, "weight": weight,
            "owner": "tax", "en": "a test", "zh": "测试",
        })
    };
    let risk = &mut policy["risk"];
    risk["features"] = value!([{
        "name": "parcels", "on": "trade", "key": ["trade.merchant"], "measure": "count",
        "window": "year",
    }]);
    risk["rules"] =
        value!([rule("R01", "trade.lines >= 1", 40), rule("R02", "feature.parcels >= 2", 10)]);
    risk["alerts"]["hold_from"] = value!("medium");
    risk["inspection"]["budget_per_mille"] = value!(0);
    risk["inspection"]["random_per_mille"] = value!(0);
    policy
}

#[test]
fn an_alert_holds_its_trade_until_it_is_disposed_of_and_is_found_again_from_genesis() {
    let zone = Zone::up();
    let file = zone.folder.path().join("policy.json");
    fs::write(&file, policy(&zone).to_string()).expect("writable");
    enact(&zone, &propose(&zone, &["policy", text(&file)]));
    let (world, files) = zone.day(40);
    zone.ask(&["submit", text(&files)]);

    let listed = zone.until(&["risk", "list", "--state", "raised", "--as", "TAX"], |listed| {
        1 < length(&listed["alerts"])
    });
    let alert = &listed["alerts"][0];
    assert_eq!(alert["holds"], true, "{alert}");
    let number = alert["number"].to_string();
    let order_no = alert["suspect"]["trade"]["case"]["order_no"].as_str().expect("a trade's");
    zone.until(&["trade", "show", "TESTPLATFORM01", order_no], |shown| {
        shown["case"]["state"] == "held"
    });
    // Those whom it is about see that the trade is held, and no more.
    for member in ["TESTMERCHANT01", "TESTRIVAL01"] {
        assert_eq!(zone.ask_as(member, &["risk", "show", &number]).0, 1);
        assert_eq!(zone.ask_as(member, &["risk", "list"]).0, 1);
    }

    let own = list(&world, order_no);
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
        let message = about(own, MessageType::ListStatus, &said);
        fs::write(&file, json(&message)).expect("writable");
        zone.ask(&["submit", text(&file), "--wait"])
    };
    let (exit, refused) = release("00000000-0000-4000-8000-000000000801");
    assert_eq!(exit, 1, "{refused}");
    assert!(refused.to_string().contains("HeldByAlert"), "{refused}");

    let says = |words: &[&str]| {
        let (exit, answer) = zone.ask_as("TAX", &[&["risk"], words].concat());
        assert_eq!(exit, 0, "{answer}");
        answer
    };
    assert_eq!(says(&["assign", &number, "--desk", "D1"])["state"], "assigned");
    let disposed = says(&["dispose", &number, "release", "--reason", "checked"]);
    assert_eq!((&disposed["state"], &disposed["holds"]), (&value!("disposed"), &value!(false)));
    let (exit, released) = release("00000000-0000-4000-8000-000000000802");
    assert_eq!(exit, 0, "{released}");
    let words = ["review", &number, "true_positive", "--recovered", "10", "--reason", "found"];
    assert_eq!(says(&words)["state"], "reviewed");
    let (exit, again) = zone.ask_as("TAX", &["risk", "assign", &number, "--desk", "D2"]);
    assert_eq!(exit, 1, "{again}");

    let rules = zone.until(&["risk", "rules", "--as", "CUSTOMS"], |rules| {
        rules["rules"][0]["precision_per_mille"] == 1_000
    });
    assert_eq!(rules["rules"][0]["record"]["recovered"], "10", "{rules}");

    let explained = says(&["explain", &number, "--replay"]);
    assert_eq!(explained["replay"]["same"], true, "{explained}");
    let hits = explained["assessment"]["assessment"]["hits"].as_array().expect("hits");
    assert!(hits.iter().any(|hit| hit["rule"] == "R01"), "{explained}");
    assert_eq!(explained["assessment"]["rules"][0]["when"], "trade.lines >= 1");
    assert!(3 < length(&explained["assessment"]["trades"][0]["documents"]), "{explained}");
    let trade = format!("TESTPLATFORM01/{order_no}");
    says(&["explain", "--import", &trade]);
    let merchant = ["signal", "--organisation", "TESTMERCHANT01", "--weight", "35"];
    let signal = says(&[&merchant[..], &["--reason", "a test"]].concat());
    assert!(signal["document"].is_string(), "{signal}");
}
