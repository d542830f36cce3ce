//! What a run costs: CPU by thread and stage, memory, disk and wire. Read from the system and from
//! the validators' own figures.

use super::door::Door;
use super::load::Signer;
use super::report::{Machine, Stages};
use crate::answer::CliError;
use kanhe_api::path;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Clock ticks of a second in `/proc`: a constant of Linux's interface on every machine.
const TICKS_PER_SECOND: f64 = 100.0;
/// How the names of the store's own threads begin.
const STORE_THREADS: &str = kanhe_ledger::store::BACKGROUND_THREADS;
/// How often memory is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// One validator's process.
#[derive(Clone, Debug)]
pub(super) struct Watched {
    pub(super) pid: u32,
    /// The folder of its home.
    pub(super) home: PathBuf,
    /// The index of its API.
    pub(super) index: usize,
}

/// Everything counted since the processes started.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts {
    /// CPU seconds by thread name, validators together.
    threads: BTreeMap<String, f64>,
    /// CPU seconds of the validators' processes, ended threads included.
    total: f64,
    /// CPU seconds of this process.
    client: f64,
    /// CPU seconds by stage, as the validators tell.
    stages: BTreeMap<String, f64>,
    /// Bytes that validators received from each other.
    pub(super) received: f64,
}

impl Counts {
    /// Reads all counters.
    pub(super) fn read(
        watched: &[Watched],
        doors: &[Door],
        agency: &Signer,
    ) -> Result<Self, CliError> {
        let mut counts = Self { client: process_seconds("self"), ..Self::default() };
        for process in watched {
            counts.total += process_seconds(&process.pid.to_string());
            for (name, seconds) in thread_seconds(process.pid) {
                *counts.threads.entry(name).or_default() += seconds;
            }
            let door = doors.get(process.index).expect("there is a door to every validator");
            counts.read_figures(door, agency)?;
        }
        Ok(counts)
    }

    fn read_figures(&mut self, door: &Door, agency: &Signer) -> Result<(), CliError> {
        let reply = door.ask(agency, path::METRICS, None)?;
        for line in String::from_utf8_lossy(&reply.body).lines() {
            let Some((name, value)) = line.rsplit_once(' ') else { continue };
            let Ok(value) = value.parse::<f64>() else { continue };
            if let Some(rest) = name.strip_prefix("kanhe_stage_cpu_seconds{stage=\"") {
                let stage = rest.trim_end_matches("\"}").to_owned();
                *self.stages.entry(stage).or_default() += value;
            }
            if name == "kanhe_network_bytes{direction=\"received\"}" {
                self.received += value;
            }
        }
        Ok(())
    }

    /// CPU seconds for 1,000 documents between two readings.
    pub(super) fn stages_since(&self, before: &Self, documents: u64) -> Stages {
        let scale = 1_000.0 / (documents as f64).max(1.0);
        let difference = |now: &BTreeMap<String, f64>, then: &BTreeMap<String, f64>, name: &str| {
            let read = |map: &BTreeMap<String, f64>| map.get(name).copied().unwrap_or(0.0);
            (read(now) - read(then)).max(0.0) * scale
        };
        let thread = |prefix: &str| -> f64 {
            let names = self.threads.keys().filter(|name| name.starts_with(prefix));
            names.map(|name| difference(&self.threads, &before.threads, name)).sum()
        };
        let stage = |name: &str| difference(&self.stages, &before.stages, name);
        let mut stages = Stages {
            http: thread("kanhe-http"),
            verify: stage("verify"),
            order: thread("kanhe-core"),
            execute: stage("execute"),
            state_tree: stage("state_tree"),
            store: stage("store"),
            compaction: thread(STORE_THREADS),
            network: thread("kanhe-network"),
            other: 0.0,
            client: (self.client - before.client) * scale,
        };
        let known = stages.http
            + stages.verify
            + stages.order
            + stages.execute
            + stages.state_tree
            + stages.store
            + stages.compaction
            + stages.network;
        stages.other = ((self.total - before.total) * scale - known).max(0.0);
        stages
    }
}

/// CPU seconds in the fields of a `stat` file, which follow the name in brackets.
fn seconds_of_stat(text: &str) -> f64 {
    let after_name = text.rsplit_once(')').map_or("", |(_, rest)| rest);
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<f64>().ok());
    // utime and stime are the 14th and 15th fields of all, 12th and 13th after the name.
    (ticks(11).unwrap_or(0.0) + ticks(12).unwrap_or(0.0)) / TICKS_PER_SECOND
}

/// CPU seconds of a process.
pub(super) fn process_seconds(pid: &str) -> f64 {
    fs::read_to_string(format!("/proc/{pid}/stat")).map_or(0.0, |text| seconds_of_stat(&text))
}

fn thread_seconds(pid: u32) -> Vec<(String, f64)> {
    let Ok(tasks) = fs::read_dir(format!("/proc/{pid}/task")) else { return Vec::new() };
    let seconds = tasks.flatten().filter_map(|task| {
        let name = fs::read_to_string(task.path().join("comm")).ok()?;
        let stat = fs::read_to_string(task.path().join("stat")).ok()?;
        Some((name.trim().to_owned(), seconds_of_stat(&stat)))
    });
    seconds.collect()
}

/// A number of kilobytes in a `status` file, in bytes.
fn status_bytes(pid: u32, field: &str) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(field));
    let kilobytes = line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}

/// Bytes that a process handed to the system to be written.
pub(super) fn written_bytes(pid: u32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/io")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("wchar: "));
    line.and_then(|bytes| bytes.trim().parse().ok()).unwrap_or(0)
}

/// Bytes of the files below a folder.
pub(super) fn folder_bytes(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let sizes = entries.flatten().map(|entry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => folder_bytes(&entry.path()),
        Ok(metadata) => metadata.len(),
        // Compaction removes files meanwhile.
        Err(_) => 0,
    });
    sizes.sum()
}

/// Watches the memory of processes until it is stopped.
pub(super) struct MemoryWatch {
    stop: Arc<AtomicBool>,
    most: Arc<AtomicU64>,
    thread: Option<JoinHandle<()>>,
}

impl MemoryWatch {
    /// Starts watching.
    pub(super) fn start(watched: &[Watched]) -> Self {
        let pids: Vec<u32> = watched.iter().map(|process| process.pid).collect();
        let (stop, most) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (told, seen) = (Arc::clone(&stop), Arc::clone(&most));
        let thread = thread::spawn(move || {
            while !told.load(Ordering::Relaxed) {
                let now = pids.iter().map(|pid| status_bytes(*pid, "VmRSS:")).max();
                seen.fetch_max(now.unwrap_or(0), Ordering::Relaxed);
                thread::sleep(LOOK_EVERY);
            }
        });
        Self { stop, most, thread: Some(thread) }
    }

    /// The most resident memory of one of the processes, in bytes.
    pub(super) fn finish(mut self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // It cannot panic: it reads files and numbers.
            let _ = thread.join();
        }
        self.most.load(Ordering::Relaxed)
    }
}

/// The machine as the system describes it.
pub(super) fn machine() -> Machine {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let processor = cpu.lines().find_map(|line| line.strip_prefix("model name"));
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let memory = memory.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    let kilobytes = memory.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok());
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    Machine {
        processor: processor
            .map_or("unknown", |name| name.trim_start_matches([':', '\t', ' ']))
            .to_owned(),
        cores: thread::available_parallelism().map_or(1, usize::from),
        memory_bytes: kilobytes.unwrap_or(0) * 1024,
        kernel: kernel.trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stat_line_is_read_whatever_the_name_holds() {
        let line = "12 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 250 50 0 0";
        assert_eq!(seconds_of_stat(line), 3.0);
        assert_eq!(seconds_of_stat(""), 0.0);
    }

    #[test]
    fn stages_are_differences_for_a_thousand_documents() {
        let counts = |http: f64, verify: f64, total: f64| Counts {
            threads: BTreeMap::from([("kanhe-http".into(), http), ("kanhe-hold".into(), verify)]),
            stages: BTreeMap::from([("verify".into(), verify)]),
            total,
            ..Counts::default()
        };
        let stages = counts(3.0, 4.0, 10.0).stages_since(&counts(1.0, 2.0, 5.0), 2_000);
        assert_eq!((stages.http, stages.verify, stages.other), (1.0, 1.0, 0.5));
    }
}
