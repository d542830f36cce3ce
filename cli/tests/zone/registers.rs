//! Registers, with real processes: what is claimed of a trade, and what agencies say of it.

use crate::support::{Zone, length, text};

#[test]
fn a_dispute_is_opened_answered_decided_and_seen_by_whom_it_concerns() {
    let zone = Zone::up();
    let (_, files) = zone.day(40);
    zone.ask(&["submit", text(&files)]);
    let list = ["trade", "list", "--state", "matched"];
    let matched = zone.until(&list, |matched| 0 < length(&matched["trades"]));
    let order_no = matched["trades"][0]["key"]["order_no"].as_str().expect("one matches");

    let digest = "1".repeat(64);
    let claim = format!(
        r#"{{"open":{{"case":{{"direction":"import","platform":"TESTPLATFORM01","orderNo":"{order_no}"}},
            "respondent":"TESTCARRIER01","ground":"delivery",
            "evidence":[{{"kind":"picture","digest":"{digest}"}}]}}}}"#
    );
    let file = zone.folder.path().join("claim.json");
    std::fs::write(&file, &claim).expect("writable");
    let from_file = format!("@{}", text(&file));
    let open = ["register", "act", "dispute", "D/1 甲", &from_file];
    let (exit, opened) = zone.ask_as("TESTMERCHANT01", &open);
    assert_eq!((exit, &opened["content"]["dispute"]["state"]), (0, &"open".into()), "{opened}");

    let answer = r#"{"answer":{"position":"denied","evidence":[]}}"#;
    let by = |act| ["register", "act", "dispute", "D/1 甲", act, "--owner", "TESTMERCHANT01"];
    let (exit, refused) = zone.ask_as("TESTPLATFORM01", &by(answer));
    assert_eq!(exit, 1, "{refused}");
    let (exit, answered) = zone.ask_as("TESTCARRIER01", &by(answer));
    assert_eq!(exit, 0, "{answered}");
    let decision = format!(r#"{{"decide":{{"outcome":"dismissed","decision":"{digest}"}}}}"#);
    let (exit, decided) = zone.ask_as("CUSTOMS", &by(&decision));
    assert_eq!(exit, 0, "{decided}");
    assert_eq!(decided["content"]["dispute"]["state"], "decided");
    assert_eq!(length(&decided["steps"]), 3);

    let show = ["register", "show", "dispute", "TESTMERCHANT01", "D/1 甲"];
    assert_eq!(zone.ask_as("TESTRIVAL01", &show).0, 1);
    assert_eq!(zone.ask_as("TESTPLATFORM01", &show).0, 1);
    let shown = zone.until(&[&show[..], &["--as", "TESTCARRIER01"]].concat(), |shown| {
        shown["steps"] == decided["steps"]
    });
    zone.until(&["register", "list", "dispute", "--as", "CUSTOMS"], |listed| {
        length(&listed["entries"]) == 1
    });
    let of_platform = zone.ask_as("TESTPLATFORM01", &["register", "list", "dispute"]).1;
    assert_eq!(length(&of_platform["entries"]), 0);

    // Each act can be proved to somebody who holds the genesis hash only.
    let document = shown["steps"][2]["document"].as_str().expect("an identity");
    let proof = zone.folder.path().join("decision.proof");
    let get = ["proof", "get", document, "--out", text(&proof)];
    assert_eq!(zone.ask_as("TESTMERCHANT01", &get).0, 0);
}
