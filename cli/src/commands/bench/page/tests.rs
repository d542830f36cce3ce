//! What the page holds, tried with sample reports.

use super::super::report::{Run, TimePoint};
use super::sample::{empty, full};
use super::{page, rates};

/// The headings of sections, in their order.
fn headings(html: &str) -> Vec<&str> {
    html.split("<h2>").skip(1).filter_map(|rest| rest.split("</h2>").next()).collect()
}

#[test]
fn an_empty_report_gives_a_page_without_sections() {
    let html = page(&empty());
    assert!(html.starts_with("<!DOCTYPE html>") && html.ends_with("</html>\n"));
    assert!(html.contains("<title>Kanhe 勘合: benchmark</title>"));
    assert!(headings(&html).is_empty(), "{html}");
}

#[test]
fn every_section_appears_with_data() {
    let html = page(&full());
    let expected = [
        "Summary",
        "Throughput",
        "Latency",
        "Where the CPU time goes",
        "Every run over time",
        "Growth",
        "Number of validators",
        "Faults",
        "Idle",
        "The machine&#39;s parts",
    ];
    assert_eq!(headings(&html), expected);
    // Loads, validators and faults share one plot each; runs and growth have one per panel.
    assert_eq!(html.matches("role=\"img\"").count(), 5 + 5 + 6);
}

#[test]
fn numbers_have_separators_of_thousands() {
    let html = page(&full());
    for text in ["8,234", "1,234,567", "700 MiB", "24.0 GiB", "61 %"] {
        assert!(html.contains(text), "{text}");
    }
}

#[test]
fn cpu_time_is_for_one_document_and_one_validator() {
    // 0.94 of 0.86 s go to validators: 1,000 documents, four validators.
    assert!(page(&full()).contains("202 µs, load generator 23.7 µs"));
}

#[test]
fn texts_of_the_report_are_escaped() {
    let hostile = "<script>\"&'";
    let mut report = full();
    report.version = hostile.to_owned();
    report.time = hostile.to_owned();
    report.machine.processor = hostile.to_owned();
    report.machine.kernel = hostile.to_owned();
    report.kinds.iter_mut().for_each(|kind| kind.kind = hostile.to_owned());
    report.scale.iter_mut().for_each(|point| point.how = hostile.to_owned());
    report.faults.iter_mut().for_each(|fault| fault.what = hostile.to_owned());
    let html = page(&report);
    assert!(html.contains("&lt;script&gt;&quot;&amp;&#39;"));
    assert!(!html.contains("<script") && !html.contains(hostile));
}

#[test]
fn the_page_loads_nothing() {
    let html = page(&full());
    for reference in ["http://", "https://", "src=", "href=", "url(", "@import"] {
        assert!(!html.contains(reference), "{reference}");
    }
}

#[test]
fn what_is_no_number_is_shown_as_missing() {
    let mut report = full();
    report.kinds[0].documents_per_second = f64::NAN;
    report.kinds[0].ratio = f64::INFINITY;
    report.growth[0].proof_ms_p99 = f64::NEG_INFINITY;
    report.validators = 0;
    let html = page(&report);
    for text in ["NaN", "inf"] {
        assert!(!html.contains(&format!("\"{text}")) && !html.contains(&format!(">{text}")));
    }
}

#[test]
fn a_rate_is_what_became_final_in_its_interval() {
    let point = |second: f64, documents: u64| TimePoint { second, documents };
    let timeline = vec![point(2.0, 10), point(2.0, 30), point(3.0, 40), point(4.0, 35)];
    let run = Run { documents_per_second: 10.0, seconds: 4.0, timeline };
    let expected = [(0.0, 5.0), (2.0, 5.0), (2.0, 30.0), (3.0, 30.0), (3.0, 0.0), (4.0, 0.0)];
    assert_eq!(rates(&run), expected);
}
