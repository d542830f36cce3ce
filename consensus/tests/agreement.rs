//! Whole networks of validators: agreement, progress, and no contradictions.
//!
//! A failure names its seed; `Network::new` with that seed and the test's other arguments
//! repeats it event by event.

#![allow(
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    unreachable_pub,
    reason = "tests may panic; the harness is shared by several test files"
)]

mod harness;

use harness::Conduct::{
    ChecksSlowly, Dead, Equivocates, Honest, ProposesInvalid, SignsAtTimes, Spoils,
};
use harness::{Conduct, Faults, Network};

fn run(conducts: &[Conduct], faults: &Faults, height: u64, seed: u64) -> Network {
    let mut network = Network::new(conducts, faults.clone(), seed);
    network.run_to(height);
    network
}

#[test]
fn four_validators_decide_twenty_heights() {
    let network = run(&[Honest; 4], &Faults::default(), 20, 1);
    assert!(network.rounds.range(1..20).all(|(_, round)| *round == 0));
    assert_eq!(network.winners().len(), 4, "all take turns");
    assert!(network.now_ms < 20 * 60, "three hops a height, took {} ms", network.now_ms);
    assert!(network.evidence.is_empty());
}

#[test]
fn one_validator_decides_alone() {
    let network = run(&[Honest], &Faults::default(), 20, 1);
    assert!(network.now_ms <= 20 * 3);
}

#[test]
fn two_and_three_validators_decide() {
    run(&[Honest; 2], &Faults::default(), 10, 1);
    run(&[Honest; 3], &Faults::default(), 10, 1);
}

#[test]
fn one_seed_gives_one_transcript() {
    let faults =
        Faults { until_ms: 3_000, loss: 0.1, late: 0.1, crashes_per_s: 1, keep_logs: true };
    let transcript = || run(&[Honest; 4], &faults, 10, 7).transcript;
    assert_eq!(transcript(), transcript());
    assert_ne!(transcript(), run(&[Honest; 4], &faults, 10, 8).transcript);
}

#[test]
fn a_dead_validator_is_skipped_after_it_was_missed() {
    let network = run(&[Honest, Honest, Honest, Dead], &Faults::default(), 30, 1);
    let lost: u32 = network.rounds.values().sum();
    assert!((1..=2).contains(&lost), "lost {lost} rounds");

    let mut network = Network::new(&[Honest, Honest, Honest, Dead], Faults::default(), 1);
    network.skips_absent = false;
    network.run_to(30);
    let lost: u32 = network.rounds.values().sum();
    assert!(6 <= lost, "without skipping every fourth height loses a round, lost {lost}");
}

#[test]
fn a_network_that_loses_and_delays_heals() {
    let faults = Faults { until_ms: 5_000, loss: 0.15, late: 0.1, ..Faults::default() };
    for seed in 0..30 {
        run(&[Honest; 4], &faults, 12, seed);
    }
}

#[test]
fn an_equivocating_validator_is_convicted_and_harmless() {
    let mut convicted = 0;
    for seed in 0..30 {
        let network = run(&[Honest, Equivocates, Honest, Honest], &Faults::default(), 12, seed);
        convicted += usize::from(!network.evidence.is_empty());
        let guilty = network.key(1);
        assert!(network.evidence.iter().all(|evidence| evidence.validator() == guilty));
    }
    assert!(25 <= convicted, "convicted in {convicted} of 30");
}

#[test]
fn two_equivocating_validators_of_seven_are_harmless() {
    let mut conducts = [Honest; 7];
    (conducts[0], conducts[4]) = (Equivocates, Equivocates);
    for seed in 0..6 {
        run(&conducts, &Faults::default(), 8, seed);
    }
}

#[test]
fn a_validator_whose_key_is_away_at_times_is_missed_at_times_and_contradicts_nothing() {
    let faults =
        Faults { until_ms: 6_000, loss: 0.05, late: 0.1, crashes_per_s: 3, keep_logs: true };
    for seed in 0..30 {
        run(&[Honest, SignsAtTimes, Honest, Honest], &faults, 12, seed);
    }
    // Three of four sign, and each but at times: it takes rounds, and goes on.
    let network = run(&[SignsAtTimes, SignsAtTimes, SignsAtTimes, Honest], &faults, 6, 1);
    assert_eq!(network.contradictions, 0);
}

#[test]
fn crashes_never_make_a_validator_contradict_itself() {
    let faults =
        Faults { until_ms: 6_000, loss: 0.05, late: 0.1, crashes_per_s: 3, keep_logs: true };
    let mut crashes = 0;
    for seed in 0..40 {
        crashes += run(&[Honest; 4], &faults, 30, seed).crashes;
    }
    assert!(500 <= crashes, "only {crashes} crashes");
}

#[test]
fn crashes_beside_an_equivocating_validator_are_harmless() {
    let faults = Faults { until_ms: 4_000, crashes_per_s: 2, ..Faults::default() };
    for seed in 0..30 {
        run(&[Honest, Honest, Equivocates, Honest], &faults, 8, seed);
    }
}

#[test]
fn without_logs_the_harness_sees_contradictions() {
    let faults =
        Faults { until_ms: 6_000, crashes_per_s: 3, keep_logs: false, ..Faults::default() };
    let contradictions: usize = (0..10)
        .map(|seed| {
            let mut network = Network::new(&[Honest; 4], faults.clone(), seed);
            // Agreement itself may break as well; only the watch's teeth are of interest.
            network.run_to(3);
            network.contradictions
        })
        .sum();
    assert!(0 < contradictions);
}

#[test]
fn an_invalid_proposal_loses_its_round_and_the_next_proposer_wins() {
    let network = run(&[Honest, Honest, ProposesInvalid, Honest], &Faults::default(), 12, 1);
    assert!(!network.winners().contains(&network.key(2)));
    assert!(network.rounds.values().all(|round| *round <= 1));
    assert!(network.now_ms < 12 * 400, "nobody waits for a timeout of the proposal");
}

#[test]
fn spoilt_copies_of_proposals_do_not_cost_their_round() {
    let network = run(&[Honest, Spoils, Honest, Honest], &Faults::default(), 12, 1);
    assert!(network.rounds.values().all(|round| *round == 0), "{:?}", network.rounds);
}

#[test]
fn a_slow_check_does_not_hold_the_others_back() {
    let network = run(&[Honest, ChecksSlowly(5_000), Honest, Honest], &Faults::default(), 12, 1);
    let undisturbed = network.rounds.values().filter(|round| **round == 0).count();
    assert!(6 <= undisturbed, "{:?}", network.rounds);
}

#[test]
fn checks_slower_than_the_first_waits_are_waited_for() {
    run(&[ChecksSlowly(900); 4], &Faults::default(), 5, 1);
}

#[test]
fn everything_at_once_is_survived() {
    let faults =
        Faults { until_ms: 8_000, loss: 0.1, late: 0.1, crashes_per_s: 3, keep_logs: true };
    let mut seven = [Honest; 7];
    (seven[1], seven[2], seven[5]) = (ChecksSlowly(300), Equivocates, Equivocates);
    for seed in 0..2 {
        run(&[Honest, Equivocates, Honest, Honest], &faults, 15, seed);
        run(&[Honest, Honest, Honest, Spoils], &faults, 15, seed);
        run(&[Honest, ProposesInvalid, ChecksSlowly(300), Honest], &faults, 15, seed);
        run(&seven, &faults, 15, seed);
    }
}
