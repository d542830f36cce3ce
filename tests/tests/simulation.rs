//! Whole networks in virtual time. A failure prints one line to paste.

use kanhe_node::core::limits::HEIGHT_PACE_MS;
use kanhe_tests::simulator::faults::{Bug, Fault, FaultPlan};
use kanhe_tests::simulator::{Outcome, Simulator};

const LIMIT: u64 = 120_000_000;

fn rough(seed: u64) -> Outcome {
    Simulator::new(seed, 4, 12, FaultPlan::rough()).run(LIMIT)
}

/// Runs every seed; a failing one is named before its panic goes on.
fn run_seeds(seeds: std::ops::Range<u64>) {
    let mut groups = 0;
    for seed in seeds {
        match std::panic::catch_unwind(|| rough(seed)) {
            Ok(outcome) => groups += outcome.groups,
            Err(panic) => {
                let text = panic.downcast_ref::<String>().cloned().unwrap_or_default();
                panic!("run again: KANHE_SEED={seed} cargo sim\n{text}");
            }
        }
    }
    // Whoever comes back from a crash catches up with several heights at once.
    assert!(0 < groups);
}

#[test]
fn a_calm_network_executes_everything_quickly() {
    let outcome = Simulator::new(1, 4, 20, FaultPlan::calm()).run(3_000_000);
    assert_eq!(outcome.submissions, 20);
    assert!(outcome.height >= 3, "{outcome:?}");
}

#[test]
fn under_load_a_height_gathers_what_comes_within_its_pace() {
    let outcome = Simulator::new(3, 4, 200, FaultPlan::calm()).run(5_000_000);
    assert_eq!(outcome.submissions, 200);
    let within_pace = outcome.micros / (HEIGHT_PACE_MS * 1_000);
    // The first height is for nobody's documents.
    assert!(outcome.height <= within_pace + 1, "{outcome:?}");
    assert!(8 < outcome.height, "{outcome:?}");
}

#[test]
fn one_seed_of_choice() {
    let seed = std::env::var("KANHE_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(0);
    rough(seed);
}

#[test]
fn the_same_seed_tells_the_same_story() {
    assert_eq!(rough(11), rough(11));
    assert_ne!(rough(11).transcript, rough(12).transcript);
}

// Two halves, so that two cores share the work.
#[test]
fn rough_networks_lose_and_double_nothing_first_hundred_seeds() {
    run_seeds(100..200);
}

#[test]
fn rough_networks_lose_and_double_nothing_second_hundred_seeds() {
    run_seeds(200..300);
}

#[test]
fn a_network_without_a_quorum_names_whom_it_waits_for_and_goes_on_when_they_return() {
    let mut simulator = Simulator::new(5, 4, 0, FaultPlan::calm());
    simulator.run_for(5_000_000);
    simulator.inject(Fault::Crash(0));
    simulator.inject(Fault::Crash(1));
    simulator.run_for(30_000_000);
    let status = simulator.status(2).expect("it is up");
    assert_eq!(status.waiting_for, ["AGENCY00", "AGENCY01"]);
    let before = simulator.height(2).expect("it is up");
    simulator.run_for(10_000_000);
    assert_eq!(simulator.height(2), Some(before), "no quorum, no height");
    simulator.inject(Fault::Restart(0));
    simulator.run_for(5_000_000);
    assert!(before < simulator.height(2).expect("it is up"), "{:?}", simulator.status(2));
    assert!(simulator.status(2).expect("it is up").waiting_for.is_empty());
}

/// How a planted bug is seen within some seeds: the text of the checker that stopped the run.
fn complaint(plan: &FaultPlan) -> Option<String> {
    (1_000..1_060).find_map(|seed| {
        let plan = plan.clone();
        let run = || Simulator::new(seed, 4, 24, plan).run(LIMIT);
        let panic = std::panic::catch_unwind(run).err()?;
        Some(panic.downcast_ref::<String>().cloned().unwrap_or_default())
    })
}

fn rough_with(bug: Bug) -> FaultPlan {
    FaultPlan { bug: Some(bug), crashes: 12, ..FaultPlan::rough() }
}

#[test]
fn a_log_that_is_not_synced_is_found() {
    let complaint = complaint(&rough_with(Bug::LogNotSynced)).expect("found within sixty seeds");
    assert!(complaint.contains("two votes") || complaint.contains("two proposals"), "{complaint}");
}

#[test]
fn batches_that_are_not_on_disk_are_found() {
    let complaint =
        complaint(&rough_with(Bug::BatchesNotSynced)).expect("found within sixty seeds");
    assert!(complaint.contains("two batches"), "{complaint}");
}

/// Validators come and go while everything breaks, and disks are put back from copies.
fn moving(seed: u64) -> Outcome {
    Simulator::new(seed, 4, 16, FaultPlan::moving()).run(LIMIT)
}

/// Seeds with moving validators: as many as `KANHE_SEEDS` says, for long runs, else a few.
#[test]
fn validators_come_and_go_and_nothing_is_lost_doubled_or_decided_by_others() {
    let count = std::env::var("KANHE_SEEDS").ok().and_then(|count| count.parse().ok());
    let (mut sets, first) = (0, 5_000);
    for seed in first..first + count.unwrap_or(40) {
        match std::panic::catch_unwind(|| moving(seed)) {
            Ok(outcome) => sets += outcome.sets - 1,
            Err(panic) => {
                let text = panic.downcast_ref::<String>().cloned().unwrap_or_default();
                panic!("run again: KANHE_SEED={seed} cargo sim one_moving_seed\n{text}");
            }
        }
    }
    assert!(0 < sets, "the validators never changed");
}

#[test]
fn one_moving_seed_of_choice() {
    let seed = std::env::var("KANHE_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(0);
    assert_eq!(moving(seed), moving(seed));
}

fn moving_with(bug: Bug) -> FaultPlan {
    FaultPlan { bug: Some(bug), ..FaultPlan::moving() }
}

#[test]
fn the_vote_of_a_removed_validator_that_still_counts_is_found() {
    let complaint = complaint(&moving_with(Bug::RemovedVoteCounts)).expect("within sixty seeds");
    assert!(complaint.contains("wrong validators"), "{complaint}");
}

#[test]
fn certificates_that_are_checked_against_the_wrong_set_are_found() {
    let complaint = complaint(&moving_with(Bug::SetTooLate)).expect("within sixty seeds");
    assert!(complaint.contains("wrong validators"), "{complaint}");
}

#[test]
fn batches_of_a_former_set_that_are_dropped_are_found() {
    let trusting = |bug| FaultPlan { bug, clients_trust: true, ..FaultPlan::moving() };
    let complaint = complaint(&trusting(Some(Bug::FormerBatchesDropped)));
    let complaint = complaint.expect("within sixty seeds");
    assert!(complaint.contains("no progress"), "{complaint}");
}
