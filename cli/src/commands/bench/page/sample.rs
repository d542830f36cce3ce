//! Reports to try the page with.

use super::super::report::{
    FaultResult, GrowthPoint, HalfLoad, IdleResult, KindResult, Latency, Machine, Parts, Queries,
    Report, Run, ScalePoint, Stages, TimePoint,
};

fn latency(p50: f64) -> Latency {
    Latency { p50, p95: p50 * 1.7, p99: p50 * 2.4, max: p50 * 6.1 }
}

fn run(rate: f64, period: f64) -> Run {
    let mut documents = 0.0;
    let timeline = (1..=60u32)
        .map(|index| {
            let second = f64::from(index);
            documents += rate * (1.0 + 0.15 * (second / period).sin()) - rate * 0.5 / second;
            let text = format!("{documents:.0}");
            TimePoint { second, documents: text.parse().expect("a sum of rates is positive") }
        })
        .collect();
    Run { documents_per_second: rate, seconds: 60.0, timeline }
}

fn kind(kind: &str, rate: f64, cost: f64) -> KindResult {
    KindResult {
        validators: 4,
        kind: kind.to_owned(),
        documents_per_submission: 12.5,
        documents_per_second: rate,
        documents_per_second_min: rate * 0.93,
        documents_per_second_max: rate * 1.04,
        submissions_per_second: rate / 12.5,
        bound_documents_per_second: rate / 0.61,
        ratio: 0.61,
        latency_ms: latency(640.0),
        half_load: Some(HalfLoad {
            documents_per_second: rate / 2.0,
            latency_ms: latency(84.0),
            proved_ms: Some(latency(165.0)),
            cpu_seconds_per_1000: stages(1.3 * cost),
            heights_per_second: 11.0,
        }),
        cpu_seconds_per_1000: stages(cost),
        disk_bytes_per_document: 1_934.0,
        wire_bytes_per_document: 1_288.0,
        document_bytes: 402.0,
        memory_bytes_max: 734_003_200,
        heights_per_second: 6.4,
        accepted: 1_234_567,
        rejected: 89,
        queries: None,
        runs: vec![run(rate, 9.0), run(rate * 1.04, 5.0), run(rate * 0.93, 13.0)],
    }
}

fn stages(cost: f64) -> Stages {
    Stages {
        http: 0.08 * cost,
        verify: 0.25 * cost,
        order: 0.05 * cost,
        execute: 0.12 * cost,
        state_tree: 0.1 * cost,
        store: 0.15 * cost,
        compaction: 0.09 * cost,
        network: 0.06 * cost,
        other: 0.04 * cost,
        client: 0.11 * cost,
    }
}

fn growth(documents: u64, share: f64) -> GrowthPoint {
    GrowthPoint {
        documents,
        documents_per_second: 8_200.0 * share,
        cpu_us_per_document: 27.0 / share,
        cpu_seconds_per_1000: Stages::default(),
        latency_p50_ms: 90.0 / share,
        latency_p99_ms: 210.0 / share,
        disk_bytes_per_document: 1_900.0 / share,
        memory_bytes_max: 400 << 20,
        proof_ms_p99: 1.8 / share,
        case_ms_p99: 2.6 / share,
        matched_percent: 85.0,
    }
}

fn fault(what: &str, gap_ms: f64) -> FaultResult {
    FaultResult {
        what: what.to_owned(),
        gap_ms,
        before_documents_per_second: 8_150.0,
        live_us: 36.0,
        catch_up_us: 28.0,
        catch_up_seconds: 4.0,
        after_documents_per_second: 7_420.0,
    }
}

fn scale(validators: usize, documents_per_second: f64, how: &str) -> ScalePoint {
    ScalePoint { validators, documents_per_second, how: how.to_owned() }
}

/// Nothing was measured.
pub(crate) fn empty() -> Report {
    Report {
        version: "0.1.0".to_owned(),
        time: "2026-03-01T08:00:00Z".to_owned(),
        machine: Machine {
            processor: "Intel(R) Xeon(R) Platinum 8481C".to_owned(),
            cores: 2,
            memory_bytes: 24 << 30,
            kernel: "Linux 6.1.0-18-amd64".to_owned(),
        },
        validators: 4,
        scheme: "ed25519".to_owned(),
        parts: Parts {
            sign_us: 0.0,
            verify_single_us: 0.0,
            verify_batch_us: 0.0,
            sm2_sign_us: 0.0,
            sm2_verify_us: 0.0,
            sha256_us: 0.0,
            codec_us: 0.0,
            put_us: 0.0,
            read_us: 0.0,
            state_us: 0.0,
            stream_us_per_mb: 0.0,
            gateway_us: 0.0,
            evaluate_us: 0.0,
            pseudonym_us: 0.0,
        },
        kinds: Vec::new(),
        growth: Vec::new(),
        scale: Vec::new(),
        faults: Vec::new(),
        idle: None,
    }
}

/// Everything was measured; the numbers are made up.
pub(crate) fn full() -> Report {
    let queries = Queries { per_second: 3_120.0, latency_ms: latency(1.3) };
    Report {
        parts: Parts {
            sign_us: 14.6,
            verify_single_us: 33.2,
            verify_batch_us: 7.5,
            sm2_sign_us: 140.0,
            sm2_verify_us: 190.0,
            sha256_us: 0.31,
            codec_us: 0.46,
            put_us: 4.02,
            read_us: 5.1,
            state_us: 2.75,
            stream_us_per_mb: 1_612.0,
            gateway_us: 55.0,
            evaluate_us: 96.0,
            pseudonym_us: 330.0,
        },
        kinds: vec![
            kind("single", 2_210.0, 3.1),
            kind("message", 8_234.0, 0.86),
            kind("mixed", 6_120.0, 1.15),
            kind("hot", 5_870.0, 1.2),
            KindResult { queries: Some(queries), ..kind("read", 3_350.0, 1.7) },
        ],
        growth: vec![
            growth(10_000, 1.0),
            growth(100_000, 0.97),
            growth(400_000, 0.9),
            growth(1_000_000, 0.84),
        ],
        scale: vec![
            scale(4, 8_234.0, "processes of this machine"),
            scale(7, 4_610.0, "processes of this machine"),
            scale(10, 3_150.0, "processes of this machine, two minutes each"),
        ],
        faults: vec![
            fault("one of four validators is killed", 1_420.0),
            fault("the proposer is stopped for ten seconds and goes on afterwards", 2_810.0),
        ],
        idle: Some(IdleResult {
            seconds: 60.0,
            cpu_percent_of_core: 1.7,
            logical_bytes_per_second: 2_410.0,
            heights: 12,
        }),
        ..empty()
    }
}
