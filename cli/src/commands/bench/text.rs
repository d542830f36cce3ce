//! A benchmark's report for people.

use super::report::{KindResult, Report, Stages, us_each};
use crate::table::table;
use std::fmt::Write;

/// The report as tables.
pub(super) fn table_of(report: &Report) -> String {
    let mut text = String::new();
    let machine = &report.machine;
    let _ = writeln!(
        text,
        "{} validators and the load generator on one machine: {} cores, {}; {} signatures",
        report.validators, machine.cores, machine.processor, report.scheme
    );
    if !report.kinds.is_empty() {
        text.push_str(&table(&kinds(report)));
        text.push_str("\nmicroseconds of CPU for each document and validator\n");
        text.push_str(&table(&stages(report)));
    }
    for (title, rows) in [
        ("as the chain grows", growth(report)),
        ("a validator is killed, and comes back", faults(report)),
        ("more validators", scale(report)),
    ] {
        if 1 < rows.len() {
            let _ = writeln!(text, "\n{title}\n{}", table(&rows));
        }
    }
    if let Some(idle) = &report.idle {
        let _ = writeln!(
            text,
            "\nidle for {:.0} s: {:.2} % of a core, {:.0} bytes/s written, {} heights",
            idle.seconds, idle.cpu_percent_of_core, idle.logical_bytes_per_second, idle.heights
        );
    }
    text.push_str(&queries(report));
    text.push_str(&pseudonyms(report));
    text
}

/// What a core of the pseudonym service evaluates, and whole rounds of one value on one core.
fn pseudonyms(report: &Report) -> String {
    let parts = &report.parts;
    if parts.evaluate_us <= 0.0 || parts.pseudonym_us <= 0.0 {
        return String::new();
    }
    format!(
        "\npseudonyms, a second and core: {:.0} evaluated by the service, {:.0} whole rounds with \
         both ends\n",
        1e6 / parts.evaluate_us,
        1e6 / parts.pseudonym_us
    )
}

fn whole(number: f64) -> String {
    format!("{number:.0}")
}

fn growth(report: &Report) -> Vec<Vec<String>> {
    let head = [
        "documents",
        "documents/s",
        "CPU us",
        "p50 ms",
        "p99 ms",
        "disk B",
        "memory MB",
        "proof p99 ms",
        "trade p99 ms",
        "matched %",
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(report.growth.iter().map(|point| {
        vec![
            point.documents.to_string(),
            whole(point.documents_per_second),
            format!("{:.1}", point.cpu_us_per_document),
            whole(point.latency_p50_ms),
            whole(point.latency_p99_ms),
            whole(point.disk_bytes_per_document),
            whole(point.memory_bytes_max as f64 / 1e6),
            format!("{:.1}", point.proof_ms_p99),
            format!("{:.1}", point.case_ms_p99),
            whole(point.matched_percent),
        ]
    }));
    rows
}

fn faults(report: &Report) -> Vec<Vec<String>> {
    let head = ["fault", "gap ms", "before/s", "after/s", "live us", "catch-up us", "catch-up s"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(report.faults.iter().map(|fault| {
        vec![
            fault.what.clone(),
            whole(fault.gap_ms),
            whole(fault.before_documents_per_second),
            whole(fault.after_documents_per_second),
            format!("{:.1}", fault.live_us),
            format!("{:.1}", fault.catch_up_us),
            format!("{:.1}", fault.catch_up_seconds),
        ]
    }));
    rows
}

fn scale(report: &Report) -> Vec<Vec<String>> {
    let mut rows = vec![["validators", "documents/s", "how"].map(str::to_owned).to_vec()];
    rows.extend(report.scale.iter().map(|point| {
        vec![point.validators.to_string(), whole(point.documents_per_second), point.how.clone()]
    }));
    rows
}

fn queries(report: &Report) -> String {
    let asked = report.kinds.iter().filter_map(|kind| kind.queries.as_ref());
    let lines = asked.map(|queries| {
        format!(
            "\ntrades and proofs under half load: {:.0}/s, p50 {:.1} ms, p99 {:.1} ms\n",
            queries.per_second, queries.latency_ms.p50, queries.latency_ms.p99
        )
    });
    lines.collect()
}

fn kinds(report: &Report) -> Vec<Vec<String>> {
    let head = [
        "kind",
        "documents/s",
        "min-max",
        "bound",
        "ratio",
        "p50 ms",
        "p99 ms",
        "half p50",
        "half p99",
        "proved p50",
        "disk B",
        "wire B",
        "doc B",
        "memory MB",
        "heights/s",
        "half heights/s",
        "rejected",
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(report.kinds.iter().map(kind_row));
    rows
}

fn kind_row(kind: &KindResult) -> Vec<String> {
    let half = kind.half_load.unwrap_or_default();
    vec![
        kind.kind.clone(),
        whole(kind.documents_per_second),
        format!("{:.0}-{:.0}", kind.documents_per_second_min, kind.documents_per_second_max),
        whole(kind.bound_documents_per_second),
        format!("{:.2}", kind.ratio),
        whole(kind.latency_ms.p50),
        whole(kind.latency_ms.p99),
        whole(half.latency_ms.p50),
        whole(half.latency_ms.p99),
        half.proved_ms.map_or("-".into(), |proved| whole(proved.p50)),
        whole(kind.disk_bytes_per_document),
        whole(kind.wire_bytes_per_document),
        whole(kind.document_bytes),
        whole(kind.memory_bytes_max as f64 / 1e6),
        format!("{:.1}", kind.heights_per_second),
        format!("{:.1}", half.heights_per_second),
        kind.rejected.to_string(),
    ]
}

fn stages(report: &Report) -> Vec<Vec<String>> {
    let head = [
        "kind",
        "http",
        "verify",
        "order",
        "execute",
        "tree",
        "store",
        "compaction",
        "network",
        "other",
        "sum",
        "client",
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for kind in &report.kinds {
        rows.push(stages_row(kind.kind.clone(), &kind.cpu_seconds_per_1000, report));
        if let Some(half) = &kind.half_load {
            let name = format!("{}, half load", kind.kind);
            rows.push(stages_row(name, &half.cpu_seconds_per_1000, report));
        }
    }
    rows
}

fn stages_row(name: String, stages: &Stages, report: &Report) -> Vec<String> {
    let Stages {
        http,
        verify,
        order,
        execute,
        state_tree,
        store,
        compaction,
        network,
        other,
        client,
    } = *stages;
    let own = [http, verify, order, execute, state_tree, store, compaction, network, other];
    let each = |seconds: f64| format!("{:.1}", us_each(seconds, report.validators));
    let mut row = vec![name];
    row.extend(own.into_iter().chain([stages.sum(), client]).map(each));
    row
}
