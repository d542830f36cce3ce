//! A validator is killed under load: how long nothing is final, and how fast the others go on.

use super::drive::{Pace, drive};
use super::load::prepare;
use super::report::FaultResult;
use super::watch::process_seconds;
use super::zone::BenchZone;
use super::{Kind, kinds};
use crate::answer::CliError;
use crate::args::BenchArgs;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

/// How long a run goes on at the speed of its warm-up. Three validators that share the machine may
/// be faster than four.
const LOAD: Duration = Duration::from_secs(15);
/// Load before the kill.
const BEFORE: Duration = Duration::from_secs(5);
/// What is left out of the speed before, while the closed loop fills.
const FILLING: Duration = Duration::from_secs(2);
/// Within this time after the kill the longest gap is looked for.
const AROUND: Duration = Duration::from_secs(6);
/// The speed after is taken from here on, when clients have turned to the others.
const SETTLED: Duration = Duration::from_secs(2);

/// How long catching up may take, and how often it is looked at.
const CATCH_UP_TIMEOUT: Duration = Duration::from_secs(120);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Kills the validator with this index as a power cut would.
pub(super) fn kill_one(
    zone: &BenchZone,
    args: &BenchArgs,
    victim: usize,
) -> Result<FaultResult, CliError> {
    let speed = kinds::warm_up(zone, Kind::Message, args.seed)?;
    let load = prepare(
        &zone.context()?,
        Kind::Message,
        args.seed + 1,
        kinds::documents_in(LOAD, speed).max(args.documents),
        Kind::Message.streams(),
    )?;
    let survivor = zone.watched.iter().find(|own| own.index != victim);
    let survivor = survivor.ok_or_else(|| CliError::unknown("one validator cannot be spared"))?;
    let spent_before = process_seconds(&survivor.pid.to_string());
    let started = Instant::now();
    let (outcomes, killed) = thread::scope(|scope| {
        let killing = scope.spawn(move || {
            thread::sleep(BEFORE);
            let dead = zone.is_dead.get(victim);
            zone.kill(victim)?;
            dead.into_iter().for_each(|dead| dead.store(true, Ordering::Relaxed));
            Ok::<Instant, CliError>(Instant::now())
        });
        (drive(&zone.target(), load, Pace::Closed), killing.join())
    });
    let outcomes = outcomes?;
    let killed = killed.map_err(|_| CliError::unknown("killing failed; see above"))??;
    let at = killed.saturating_duration_since(started);
    let end = Duration::from_secs_f64(outcomes.seconds);
    if end < at + SETTLED {
        return Err(CliError::unknown(
            "the load ended before the kill could be felt; give more --documents",
        ));
    }
    let live = process_seconds(&survivor.pid.to_string()) - spent_before;
    zone.count_documents(outcomes.documents());
    let missed: u64 = outcomes.finals.iter().filter(|(t, _)| at < *t).map(|(_, n)| n).sum();
    let (spent, took) = come_back(zone, victim)?;
    let gap = outcomes.longest_gap(at.saturating_sub(Duration::from_secs(1)), at + AROUND);
    Ok(FaultResult {
        what: format!("{} killed", zone.name(victim)),
        gap_ms: gap.as_secs_f64() * 1_000.0,
        before_documents_per_second: outcomes.rate(FILLING, at),
        after_documents_per_second: outcomes.rate(at + SETTLED, end),
        live_us: live * 1e6 / (outcomes.documents() as f64).max(1.0),
        catch_up_us: spent * 1e6 / (missed as f64).max(1.0),
        catch_up_seconds: took.as_secs_f64(),
    })
}

/// Starts the killed validator again and waits until it is level with the others: the CPU seconds
/// and the time that it took.
fn come_back(zone: &BenchZone, victim: usize) -> Result<(f64, Duration), CliError> {
    let target = zone.height_of(usize::from(victim == 0))?;
    let started = Instant::now();
    let pid = zone.restart(victim)?;
    while started.elapsed() < CATCH_UP_TIMEOUT {
        if zone.height_of(victim).is_ok_and(|height| target <= height) {
            return Ok((process_seconds(&pid.to_string()), started.elapsed()));
        }
        thread::sleep(LOOK_EVERY);
    }
    Err(CliError::unknown(format!("{} did not catch up", zone.name(victim))))
}
