//! `kanhe bench`, on a zone of its own and on one that runs.

use crate::support::{Zone, json, length};
use serde_json::Value;

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

#[test]
fn a_bench_founds_a_zone_and_reports_speed_bound_latency_and_cost() {
    let (exit, report) =
        json(&["bench", "--kind", "mixed", "--documents", "4000", "--runs", "1", "--seed", "5"]);
    assert_eq!(exit, 0, "{report}");
    let kind = &report["kinds"][0];
    assert_eq!(kind["kind"], "mixed");
    assert_eq!(kind["validators"], 4);
    let (accepted, rejected) = (number(&kind["accepted"]), number(&kind["rejected"]));
    // A generated day has planted faults.
    assert!(3_500.0 < accepted && 0.0 < rejected && rejected < accepted / 20.0, "{kind}");
    let (speed, bound) =
        (number(&kind["documents_per_second"]), number(&kind["bound_documents_per_second"]));
    assert!((number(&kind["ratio"]) - speed / bound).abs() < 0.001, "{kind}");
    let run = &kind["runs"][0];
    assert!((speed * number(&run["seconds"]) - accepted).abs() < 1.0, "{kind}");
    for latency in [&kind["latency_ms"], &kind["half_load"]["latency_ms"]] {
        let of = |name: &str| number(&latency[name]);
        assert!(0.0 < of("p50") && of("p50") <= of("p99") && of("p99") <= of("max"), "{latency}");
    }
    for load in [kind, &kind["half_load"]] {
        for stage in ["execute", "state_tree", "store", "order", "client"] {
            assert!(0.0 < number(&load["cpu_seconds_per_1000"][stage]), "{stage}: {load}");
        }
        assert!(0.0 < number(&load["heights_per_second"]), "{load}");
    }
    // Every validator receives each document once, and keeps it.
    let bytes = number(&kind["document_bytes"]);
    assert!(bytes < number(&kind["wire_bytes_per_document"]) * 1.05, "{kind}");
    assert!(bytes / 2.0 < number(&kind["disk_bytes_per_document"]), "{kind}");
}

#[test]
fn a_running_localnet_is_measured_at_a_rate() {
    let zone = Zone::up();
    let rate =
        ["bench", "--home", zone.dir(), "--rate", "400", "--documents", "1200", "--runs", "1"];
    let (exit, report) = json(&rate);
    assert_eq!(exit, 0, "{report}");
    let kind = &report["kinds"][0];
    assert!(1_100.0 < number(&kind["accepted"]), "{kind}");
    // What was sent three seconds long cannot have been faster, whatever the machine.
    assert!(number(&kind["documents_per_second"]) < 440.0, "{kind}");
    // The chain is the one that runs.
    let (exit, trades) = zone.ask(&["trade", "list", "--state", "matched", "--limit", "100"]);
    assert_eq!(exit, 0, "{trades}");
    assert_eq!(length(&trades["trades"]), 100);
    assert_eq!(json(&["localnet", "down", "--dir", zone.dir()]).0, 0);
    assert_eq!(json(&rate).0, 2, "a localnet that does not run is wrong usage");
}

#[test]
fn the_rules_alone_are_measured_kind_by_kind() {
    let (exit, report) = json(&["bench", "--contracts", "--documents", "300"]);
    assert_eq!(exit, 0, "{report}");
    let kinds = report["kinds"].as_array().expect("a list");
    assert!(14 <= kinds.len(), "{report}");
    for kind in kinds {
        assert_eq!(kind["documents"], 300);
        assert!(0.0 < number(&kind["rules_us"]) && 0.0 < number(&kind["reads_us"]), "{kind}");
    }
}
