//! A chain without load: what it costs to be ready.

use super::report::IdleResult;
use super::watch::{process_seconds, written_bytes};
use super::zone::BenchZone;
use crate::answer::CliError;
use std::thread;
use std::time::{Duration, Instant};

/// Until the start is over.
const SETTLE: Duration = Duration::from_secs(5);
/// How long it is watched: several heartbeats.
const WATCHED: Duration = Duration::from_secs(60);

/// Watches an idle zone.
pub(super) fn watch(zone: &BenchZone) -> Result<IdleResult, CliError> {
    thread::sleep(SETTLE);
    let read = || -> Vec<(f64, u64)> {
        let each = zone.watched.iter();
        each.map(|own| (process_seconds(&own.pid.to_string()), written_bytes(own.pid))).collect()
    };
    let (first, before, started) = (zone.height()?, read(), Instant::now());
    thread::sleep(WATCHED);
    let (last, after) = (zone.height()?, read());
    let seconds = started.elapsed().as_secs_f64();
    let differences = before.iter().zip(&after);
    let differences = differences.map(|((cpu, bytes), (cpu_now, bytes_now))| {
        ((cpu_now - cpu) / seconds * 100.0, bytes_now.saturating_sub(*bytes) as f64 / seconds)
    });
    let mut result =
        IdleResult { seconds, heights: last.saturating_sub(first), ..IdleResult::default() };
    for (cpu, bytes) in differences {
        result.cpu_percent_of_core = result.cpu_percent_of_core.max(cpu);
        result.logical_bytes_per_second = result.logical_bytes_per_second.max(bytes);
    }
    Ok(result)
}
