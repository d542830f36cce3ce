//! The benchmark's report as one HTML page that needs nothing from elsewhere.

use super::markup::{
    Cell, cell, count, escape, float, number, percent, section, size, table, tick,
};
use super::plot::{
    Axis, Line, Row, Scale, Span, Swatch, bars, legend, lines, share_bar, swatch_html,
};
use super::report::{
    FaultResult, GrowthPoint, KindResult, Latency, Machine, Report, Run, Stages, us_each,
};

const STYLE: &str = include_str!("page/style.css");

const SECTIONS: [fn(&Report) -> String; 10] =
    [summary, throughput, latency, stages, timelines, growth, scale, faults, idle, parts];

/// A part of a plot: its class, its name, and what it reads from a measurement.
type Series<T> = (&'static str, &'static str, fn(&T) -> f64);

const STAGES: [(Series<Stages>, &str); 10] = [
    (("c-http", "http", |s| s.http), "takes submissions and answers requests"),
    (("c-verify", "verify", |s| s.verify), "checks signatures"),
    (("c-order", "order", |s| s.order), "makes batches and agrees on blocks"),
    (("c-execute", "execute", |s| s.execute), "applies the rules to each document"),
    (("c-state", "state tree", |s| s.state_tree), "hashes the state"),
    (("c-store", "store", |s| s.store), "reads and writes the database"),
    (("c-compact", "compaction", |s| s.compaction), "the database's work in the background"),
    (("c-network", "network", |s| s.network), "streams between validators"),
    (("c-other", "other", |s| s.other), "what is put down to none of the above"),
    (("c-client", "load generator", |s| s.client), "makes and signs the load; not in the total"),
];

/// A panel of growth: its heading, its unit and its lines.
type GrowthPanel = (&'static str, &'static str, &'static [Series<GrowthPoint>]);

const GROWTH: [GrowthPanel; 6] = [
    ("Throughput", "documents/s", &[("c-main", "", |p| p.documents_per_second)]),
    ("CPU of a validator", "microseconds/document", &[("c-main", "", |p| p.cpu_us_per_document)]),
    (
        "Latency",
        "milliseconds",
        &[("c-verify", "p50", |p| p.latency_p50_ms), ("c-order", "p99", |p| p.latency_p99_ms)],
    ),
    (
        "Reading",
        "milliseconds, p99",
        &[
            ("c-verify", "a proof", |p| p.proof_ms_p99),
            ("c-order", "a trade case", |p| p.case_ms_p99),
        ],
    ),
    ("Disk", "bytes/document", &[("c-main", "", |p| p.disk_bytes_per_document)]),
    ("Memory", "MiB", &[("c-main", "", |p| float(p.memory_bytes_max) / 1_048_576.0)]),
];

const RUN_CLASSES: [&str; 5] = ["c-verify", "c-order", "c-store", "c-execute", "c-state"];

/// The page of a report: one HTML file, with its styles and plots inside.
///
/// Sections without data are left out.
pub(super) fn page(report: &Report) -> String {
    let body: String = SECTIONS.iter().map(|section| section(report)).collect();
    let header = header(report);
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" \
         content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>Kanhe 勘合: benchmark</title>\n<style>\n{STYLE}</style>\n</head>\n\
         <body>\n<main>\n{header}{body}</main>\n</body>\n</html>\n"
    )
}

fn header(report: &Report) -> String {
    let Machine { processor, cores, memory_bytes, kernel } = &report.machine;
    let memory = size(*memory_bytes);
    let facts = [
        ("version", report.version.clone()),
        ("measured", report.time.clone()),
        ("validators", format!("{}, all on this machine", report.validators)),
        ("signatures", report.scheme.clone()),
        ("processor", format!("{processor}, {cores} cores, {memory} of memory")),
        ("kernel", kernel.clone()),
    ];
    let items: String = facts
        .iter()
        .map(|(name, fact)| format!("<dt>{name}</dt><dd>{}</dd>\n", escape(fact)))
        .collect();
    format!(
        "<header>\n<h1>Kanhe <span lang=\"zh\">勘合</span>: benchmark</h1>\n\
         <dl>\n{items}</dl>\n</header>\n"
    )
}

fn summary(report: &Report) -> String {
    let rows: Vec<Vec<Cell>> = report.kinds.iter().map(summary_row).collect();
    let results = table(
        &[
            "load",
            "documents/s, median",
            "slowest to fastest run",
            "bound, documents/s",
            "of the bound",
            "half load p50, ms",
            "half load p99, ms",
            "disk, bytes/ document",
            "wire, bytes/ document",
            "memory, most",
        ],
        &rows,
    );
    let rows: Vec<Vec<Cell>> = report.kinds.iter().map(load_row).collect();
    let loads = table(
        &[
            "load",
            "documents/ submission",
            "bytes/ document",
            "submissions/s",
            "heights/s",
            "accepted",
            "rejected",
            "half load documents/s",
            "queries/s",
            "query p99, ms",
            "runs",
        ],
        &rows,
    );
    section(
        "Summary",
        "A document counts when it is final, which is when it is ordered, executed and has its \
         receipt; the first table shows what each kind of load reached, the second what the load \
         was.",
        &(results + &loads),
    )
}

fn summary_row(kind: &KindResult) -> Vec<Cell> {
    let half = kind.half_load.as_ref().map(|half| &half.latency_ms);
    let (least, greatest) = (kind.documents_per_second_min, kind.documents_per_second_max);
    vec![
        Cell::Text(kind.kind.clone()),
        cell(kind.documents_per_second),
        Cell::Number(format!("{} – {}", number(least), number(greatest))),
        cell(kind.bound_documents_per_second),
        Cell::Drawn(percent(kind.ratio), share_bar(kind.ratio)),
        optional(half.map(|latency| latency.p50)),
        optional(half.map(|latency| latency.p99)),
        cell(kind.disk_bytes_per_document),
        cell(kind.wire_bytes_per_document),
        Cell::Number(size(kind.memory_bytes_max)),
    ]
}

fn load_row(kind: &KindResult) -> Vec<Cell> {
    let queries = kind.queries.as_ref();
    vec![
        Cell::Text(kind.kind.clone()),
        cell(kind.documents_per_submission),
        cell(kind.document_bytes),
        cell(kind.submissions_per_second),
        cell(kind.heights_per_second),
        Cell::Number(count(kind.accepted)),
        Cell::Number(count(kind.rejected)),
        optional(kind.half_load.as_ref().map(|half| half.documents_per_second)),
        optional(queries.map(|queries| queries.per_second)),
        optional(queries.map(|queries| queries.latency_ms.p99)),
        Cell::Number(kind.runs.len().to_string()),
    ]
}

fn throughput(report: &Report) -> String {
    if report.kinds.is_empty() {
        return String::new();
    }
    let rows: Vec<Row> = report.kinds.iter().map(throughput_row).collect();
    let axis = Axis { label: "documents/s", scale: Scale::Linear };
    let plot = bars("Documents per second of each load, against the bound", &axis, &rows);
    let key = legend(&[
        (Swatch::Fill("c-main"), "median of the runs".to_owned()),
        (Swatch::Range, "slowest to fastest run".to_owned()),
        (Swatch::Mark, "this machine's bound".to_owned()),
    ]);
    section(
        "Throughput",
        "The bound is computed, not measured: it is what this machine's cores would reach if \
         they did for each document only what cannot be left out, at the cost of the parts that \
         the last table shows.",
        &(plot + &key),
    )
}

fn throughput_row(kind: &KindResult) -> Row {
    let (reached, bound) = (kind.documents_per_second, kind.bound_documents_per_second);
    Row {
        label: kind.kind.clone(),
        note: format!("{}, {} of {}", number(reached), percent(kind.ratio), number(bound)),
        spans: vec![span(reached, "c-main", format!("{} documents/s", number(reached)))],
        range: Some((kind.documents_per_second_min, kind.documents_per_second_max)),
        mark: Some(bound),
    }
}

fn latency(report: &Report) -> String {
    let rows: Vec<Row> = report.kinds.iter().flat_map(latency_rows).collect();
    if rows.is_empty() {
        return String::new();
    }
    let axis =
        Axis { label: "milliseconds, each step ten times the one before", scale: Scale::Log };
    let plot = bars("Latency of each load: p50, p95, p99 and the longest", &axis, &rows);
    let key = legend(&[
        (Swatch::Mark, "p50".to_owned()),
        (Swatch::Fill("c-t1"), "p50 to p95".to_owned()),
        (Swatch::Fill("c-t2"), "p95 to p99".to_owned()),
        (Swatch::Fill("c-t3"), "p99 to the longest".to_owned()),
    ]);
    section(
        "Latency",
        "How long a sender waits from submitting until the document is final, and, where it says \
         proved, until a certified header commits to the receipt; at full load most of it is \
         waiting in queues, so half load is what a user sees. The numbers are p50, p95, p99 and \
         the longest.",
        &(plot + &key),
    )
}

fn latency_rows(kind: &KindResult) -> Vec<Row> {
    let half = kind.half_load.as_ref();
    let candidates = [
        ("final, half load", half.map(|half| &half.latency_ms)),
        ("proved, half load", half.and_then(|half| half.proved_ms.as_ref())),
        ("final, full load", Some(&kind.latency_ms)),
        ("query", kind.queries.as_ref().map(|queries| &queries.latency_ms)),
    ];
    candidates
        .into_iter()
        .filter_map(|(what, latency)| Some((what, latency?)))
        .filter(|(_, latency)| is_measured(latency.max))
        .map(|(what, latency)| latency_row(&format!("{}: {what}", kind.kind), latency))
        .collect()
}

fn latency_row(label: &str, latency: &Latency) -> Row {
    let Latency { p50, p95, p99, max } = *latency;
    let part = |from: f64, to: f64, class: &'static str| {
        let name = format!("{} to {} ms", number(from), number(to));
        Span { from, to, class, name }
    };
    Row {
        label: label.to_owned(),
        note: format!("{} ms", [p50, p95, p99, max].map(number).join(" / ")),
        spans: vec![part(p50, p95, "c-t1"), part(p95, p99, "c-t2"), part(p99, max, "c-t3")],
        range: None,
        mark: Some(p50),
    }
}

fn stage_us(report: &Report, seconds: f64) -> f64 {
    us_each(seconds, report.validators)
}

/// What validators spend; the load generator is no part of the ledger.
fn total_us(report: &Report, stages: &Stages) -> f64 {
    stage_us(report, stages.sum())
}

fn stages(report: &Report) -> String {
    let kinds: Vec<&KindResult> = report
        .kinds
        .iter()
        .filter(|kind| is_measured(total_us(report, &kind.cpu_seconds_per_1000)))
        .collect();
    if kinds.is_empty() {
        return String::new();
    }
    let rows: Vec<Row> = kinds.iter().map(|kind| stages_row(report, kind)).collect();
    let axis =
        Axis { label: "microseconds of CPU per document and validator", scale: Scale::Linear };
    let plot = bars("CPU time of each stage, for each load", &axis, &rows);
    section(
        "Where the CPU time goes",
        "CPU time of all validators while the load ran, divided by the documents that became \
         final and by the validators; the load generator is drawn after the total because it \
         took its share of the same cores.",
        &(plot + &stages_table(report, &kinds)),
    )
}

fn stages_row(report: &Report, kind: &KindResult) -> Row {
    let mut from = 0.0;
    let mut spans = Vec::new();
    for ((class, name, read), _) in STAGES {
        let cost = stage_us(report, read(&kind.cpu_seconds_per_1000));
        if is_measured(cost) {
            let name = format!("{name}: {} µs", number(cost));
            spans.push(Span { from, to: from + cost, class, name });
            from += cost;
        }
    }
    let total = number(total_us(report, &kind.cpu_seconds_per_1000));
    let client = number(stage_us(report, kind.cpu_seconds_per_1000.client));
    Row {
        label: kind.kind.clone(),
        note: format!("{total} µs, load generator {client} µs"),
        spans,
        ..Row::default()
    }
}

fn stages_table(report: &Report, kinds: &[&KindResult]) -> String {
    let mut headers = vec!["stage"];
    headers.extend(kinds.iter().map(|kind| kind.kind.as_str()));
    headers.push("");
    let mut rows = Vec::new();
    for ((class, name, read), what) in STAGES {
        let costs = kinds.iter().map(|kind| read(&kind.cpu_seconds_per_1000));
        let mut row = vec![Cell::Keyed(swatch_html(Swatch::Fill(class)), name.to_owned())];
        row.extend(costs.map(|seconds| cell(stage_us(report, seconds))));
        row.push(Cell::Text(what.to_owned()));
        rows.push(row);
    }
    let totals = kinds.iter().map(|kind| cell(total_us(report, &kind.cpu_seconds_per_1000)));
    let mut total = vec![Cell::Text("total".to_owned())];
    total.extend(totals);
    total.push(Cell::Text("of the validators, in microseconds like all of these".to_owned()));
    rows.insert(rows.len() - 1, total);
    table(&headers, &rows)
}

fn timelines(report: &Report) -> String {
    let panels: String = report.kinds.iter().map(timeline).collect();
    section(
        "Every run over time",
        "Documents that became final in each interval, run by run, so that a warm-up, a stall or \
         a slow end can be seen; the dashed line is the median that the summary reports.",
        &grid(&panels),
    )
}

fn timeline(kind: &KindResult) -> String {
    let runs: Vec<(&'static str, &Run)> = RUN_CLASSES
        .into_iter()
        .cycle()
        .zip(&kind.runs)
        .filter(|(_, run)| !run.timeline.is_empty())
        .collect();
    if runs.is_empty() {
        return String::new();
    }
    let drawn: Vec<Line> = runs.iter().map(|(class, run)| Line::Plain(class, rates(run))).collect();
    let axes = [
        Axis { label: "seconds since the run began", scale: Scale::Linear },
        Axis { label: "documents/s", scale: Scale::Linear },
    ];
    let entries: Vec<(Swatch, String)> = runs
        .iter()
        .map(|(class, run)| {
            let (rate, seconds) = (number(run.documents_per_second), tick(run.seconds));
            (Swatch::Stroke(class), format!("{rate} documents/s in {seconds} s"))
        })
        .collect();
    let title = format!("{}: documents per second over time", kind.kind);
    let plot = lines(&title, &axes, &drawn, Some(kind.documents_per_second));
    panel(&kind.kind, &(plot + &legend(&entries)))
}

/// The steps of a run's throughput: for each interval, what became final in it.
fn rates(run: &Run) -> Vec<(f64, f64)> {
    let (mut second, mut documents) = (0.0, 0);
    let mut points = Vec::new();
    for point in &run.timeline {
        // A point that does not lie later would divide by nothing; the next one covers it.
        if second < point.second {
            let rate = float(point.documents.saturating_sub(documents)) / (point.second - second);
            points.extend([(second, rate), (point.second, rate)]);
            (second, documents) = (point.second, point.documents);
        }
    }
    points
}

fn growth(report: &Report) -> String {
    let drawn: String = GROWTH.iter().map(|panel| growth_panel(&report.growth, panel)).collect();
    section(
        "Growth",
        "The same load again and again on one chain, measured each time the ledger held so many \
         documents: a flat line means that the cost does not depend on what is already there.",
        &grid(&drawn),
    )
}

fn growth_panel(growth: &[GrowthPoint], drawing: &GrowthPanel) -> String {
    let (name, unit, series) = *drawing;
    let mut drawn = Vec::new();
    let mut entries = Vec::new();
    for (class, name, read) in series.iter().copied() {
        let points: Vec<(f64, f64)> =
            growth.iter().map(|point| (float(point.documents), read(point))).collect();
        if points.iter().any(|(_, y)| is_measured(*y)) {
            drawn.push(Line::Dotted(class, points));
            entries.push((Swatch::Stroke(class), name.to_owned()));
        }
    }
    if drawn.is_empty() {
        return String::new();
    }
    let axes = [
        Axis { label: "documents in the ledger", scale: Scale::Log },
        Axis { label: unit, scale: Scale::Linear },
    ];
    let title = format!("{name} against documents in the ledger");
    let plot = lines(&title, &axes, &drawn, None);
    // The panel's heading says what a single line is.
    let key = if series.len() < 2 { String::new() } else { legend(&entries) };
    panel(name, &(plot + &key))
}

fn scale(report: &Report) -> String {
    if report.scale.is_empty() {
        return String::new();
    }
    let mut rows = Vec::new();
    let mut cells = Vec::new();
    for point in &report.scale {
        let reached = number(point.documents_per_second);
        rows.push(Row {
            label: format!("{} validators", point.validators),
            note: format!("{reached} documents/s"),
            spans: vec![span(point.documents_per_second, "c-main", reached)],
            ..Row::default()
        });
        cells.push(vec![
            Cell::Number(point.validators.to_string()),
            cell(point.documents_per_second),
            Cell::Text(point.how.clone()),
        ]);
    }
    let axis = Axis { label: "documents/s", scale: Scale::Linear };
    let plot = bars("Documents per second for each number of validators", &axis, &rows);
    section(
        "Number of validators",
        "Every validator checks and executes every document, so that validators which share a \
         machine divide its cores; the table says how each number was measured.",
        &(plot + &table(&["validators", "documents/s", "how it was measured"], &cells)),
    )
}

fn faults(report: &Report) -> String {
    if report.faults.is_empty() {
        return String::new();
    }
    let rows: Vec<Row> = report.faults.iter().map(faults_row).collect();
    let axis = Axis { label: "documents/s", scale: Scale::Linear };
    let plot = bars("Documents per second before and after each fault", &axis, &rows);
    let key = legend(&[
        (Swatch::Mark, "before the fault".to_owned()),
        (Swatch::Fill("c-main"), "after the fault".to_owned()),
    ]);
    let cells: Vec<Vec<Cell>> = report
        .faults
        .iter()
        .map(|fault| {
            vec![
                Cell::Text(fault.what.clone()),
                cell(fault.gap_ms),
                cell(fault.before_documents_per_second),
                cell(fault.after_documents_per_second),
                cell(fault.live_us),
                cell(fault.catch_up_us),
                cell(fault.catch_up_seconds),
            ]
        })
        .collect();
    let headers = [
        "fault",
        "gap, ms",
        "before, documents/s",
        "after, documents/s",
        "live, µs each",
        "catching up, µs each",
        "catching up, s",
    ];
    section(
        "Faults",
        "A validator was killed while the load went on: the gap is the longest time in which no \
         document became final. Afterwards it was started again: live is the CPU of another \
         validator for each document, catching up that of the killed one for each it had missed.",
        &(plot + &key + &table(&headers, &cells)),
    )
}

fn faults_row(fault: &FaultResult) -> Row {
    let after = fault.after_documents_per_second;
    Row {
        label: fault.what.clone(),
        note: format!("gap {} ms", number(fault.gap_ms)),
        spans: vec![span(after, "c-main", format!("{} documents/s after", number(after)))],
        range: None,
        mark: Some(fault.before_documents_per_second),
    }
}

fn idle(report: &Report) -> String {
    let Some(idle) = &report.idle else {
        return String::new();
    };
    let headers = ["seconds", "heights", "CPU, % of one core", "written, bytes/s"];
    let row = vec![
        cell(idle.seconds),
        Cell::Number(count(idle.heights)),
        cell(idle.cpu_percent_of_core),
        cell(idle.logical_bytes_per_second),
    ];
    section(
        "Idle",
        "What the chain costs the busiest validator while nobody submits anything: written is \
         what its process handed to the system.",
        &table(&headers, &[row]),
    )
}

fn parts(report: &Report) -> String {
    let parts = &report.parts;
    let costs = [
        ("sign", parts.sign_us, "make one Ed25519 signature"),
        ("verify, single", parts.verify_single_us, "check one signature by itself"),
        ("verify, batch", parts.verify_batch_us, "check one signature as a share of a batch"),
        ("sign, SM2", parts.sm2_sign_us, "make one SM2 signature"),
        ("verify, SM2", parts.sm2_verify_us, "check one SM2 signature; there are no batches"),
        ("SHA-256", parts.sha256_us, "hash one document"),
        ("codec", parts.codec_us, "decode one document, with the check for canonical bytes"),
        ("put", parts.put_us, "write one key to the database"),
        ("read", parts.read_us, "read one key from the database"),
        ("state", parts.state_us, "change one leaf of the state tree"),
        ("stream", parts.stream_us_per_mb, "send a megabyte over an authenticated stream"),
        (
            "gateway",
            parts.gateway_us,
            "read one document of a customs XML message and replace personal values; done by the \
             sender, in no other figure",
        ),
        (
            "evaluate",
            parts.evaluate_us,
            "evaluate one blinded value in the pseudonym service, a thousand in a request with one \
             proof; in no other figure",
        ),
        (
            "pseudonym",
            parts.pseudonym_us,
            "the whole round of one value: blind, evaluate, check the proof, unblind",
        ),
    ];
    let rows: Vec<Vec<Cell>> = costs
        .iter()
        .filter(|(_, cost, _)| is_measured(*cost))
        .map(|(name, cost, what)| {
            vec![Cell::Text((*name).to_owned()), cell(*cost), Cell::Text((*what).to_owned())]
        })
        .collect();
    section(
        "The machine's parts",
        "Each part measured by itself on one core just before the loads, in microseconds of CPU: \
         these are the numbers from which the bound is computed.",
        &table(&["part", "µs", "what was measured"], &rows),
    )
}

fn is_measured(value: f64) -> bool {
    value.is_finite() && 0.0 < value
}

fn optional(value: Option<f64>) -> Cell {
    value.map_or_else(|| Cell::Number("–".to_owned()), cell)
}

fn span(to: f64, class: &'static str, name: String) -> Span {
    Span { from: 0.0, to, class, name }
}

fn panel(heading: &str, content: &str) -> String {
    format!("<div>\n<h3>{}</h3>\n{content}</div>\n", escape(heading))
}

/// Panels beside each other where there is room.
fn grid(panels: &str) -> String {
    if panels.is_empty() {
        return String::new();
    }
    format!("<div class=\"panels\">\n{panels}</div>\n")
}

#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod tests;
