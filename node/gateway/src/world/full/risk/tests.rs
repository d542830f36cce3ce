use super::*;
use kanhe_types::codec::encode;
use kanhe_types::hash::{Hash, sha256_of};
use std::collections::{BTreeMap, BTreeSet};

fn config(name: &str, seed: u64, trades: usize) -> RiskConfig {
    let parameters = RiskParameters::named(name).unwrap();
    RiskConfig { seed, trades, start: "20260301000000".parse().unwrap(), parameters }
}

fn world(name: &str, seed: u64, trades: usize) -> RiskWorld {
    RiskWorld::new(config(name, seed, trades))
}

/// A digest of all documents with their senders and times.
fn digest(world: &RiskWorld) -> Hash {
    let mut digest = Hash([0; 32]);
    for submission in world.days().flat_map(|day| day.submissions) {
        let mut bytes = digest.0.to_vec();
        bytes.extend(submission.at.0.to_be_bytes());
        bytes.extend(submission.sender.as_str().as_bytes());
        submission.documents.iter().for_each(|document| bytes.extend(encode(document)));
        digest = sha256_of(&bytes);
    }
    digest
}

#[test]
fn a_seed_gives_the_same_documents_and_truth_and_another_one_others() {
    let one = world("written", 1, 600);
    let same = world("written", 1, 600);
    assert_eq!(one.truth(), same.truth());
    assert_eq!(digest(&one), digest(&same));
    let other = world("written", 2, 600);
    assert_ne!(one.truth().digest(), other.truth().digest());
    assert_ne!(digest(&one), digest(&other));
    assert_ne!(one.truth().digest(), world("held_out_a", 1, 600).truth().digest());
}

#[test]
fn every_pattern_and_every_look_alike_is_in_every_set() {
    for name in RiskParameters::NAMES {
        let world = world(name, 3, 2_000);
        let truth = world.truth();
        let of_trades: Vec<RiskPattern> = truth.planted.keys().copied().collect();
        let all = RiskPattern::ALL.split_last().unwrap().1;
        assert_eq!(of_trades, all, "{name}");
        let looks: Vec<LookAlike> = truth.look_alikes.keys().copied().collect();
        assert_eq!(looks, LookAlike::ALL, "{name}");
        let hugs = |own: &&OrganisationRisk| own.pattern == RiskPattern::ThresholdHugging;
        assert!(truth.organisations.iter().any(|own| hugs(&own)), "{name}");
        assert_eq!(truth.trades.len(), 2_000);
    }
}
