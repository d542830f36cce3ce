use super::*;
use crate::read::read_paths;
use kanhe_contracts::document::{Body, Document, DocumentKind};
use kanhe_types::codec::encode;
use kanhe_types::hash::{Hash, sha256_of};
use std::collections::BTreeMap;

fn world(name: &str, seed: u64, trades: usize) -> RiskWorld {
    let parameters = RiskParameters::named(name).unwrap();
    let start = "20260301000000".parse().unwrap();
    RiskWorld::new(RiskConfig { seed, trades, start, parameters })
}

fn submissions(world: &RiskWorld) -> impl Iterator<Item = RiskSubmission> {
    world.days().flat_map(|day| day.submissions)
}

/// A digest of all documents with their senders and times.
fn digest(world: &RiskWorld) -> Hash {
    let mut digest = Hash([0; 32]);
    for submission in submissions(world) {
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

/// Rules are judged by these worlds: what changes here makes their figures worthless, and belongs
/// into a further set under another name (decision 0048).
#[test]
fn the_sets_are_frozen() {
    let digests: Vec<String> = RiskParameters::NAMES
        .iter()
        .map(|name| world(name, 1, 10_000).truth().digest().to_string())
        .collect();
    assert_eq!(
        digests,
        [
            "c61d1ed309e5c6c0ed0772dfb60e2ae132189acd82e881dcaacb780aaa20713c",
            "efa2d3f6ed4154b4d3930bb7834f917b122229ef8bebd473d76d00a9bcd1d7c0",
            "6d63207eb3d171a4d891da5264ca9512c9aaf9567a878e469a8ba31bc14f68ec",
            "51f505e7925e2360af9c7c3dd78f3f2036ef0b9f020a36230451dd27cdb33de3",
        ]
    );
    assert_eq!(
        world("written", 1, 100_000).truth().digest().to_string(),
        "8d64db47d03234639dc680f53f99b836d9659c5d41457ffb21e0b51f18f66777"
    );
    assert_eq!(
        digest(&world("written", 1, 1_000)).to_string(),
        "5f43d279ce948ce07567f14c1aa2e3dcdcaac3b95f6ee095ab85148e9ced32c6"
    );
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
        let hugs = |own: &OrganisationRisk| own.pattern == RiskPattern::ThresholdHugging;
        assert!(truth.organisations.iter().any(hugs), "{name}");
        assert_eq!(truth.trades.len(), 2_000);
        for trade in &truth.trades {
            assert!(trade.pattern.is_none() || trade.look_alike.is_none(), "{trade:?}");
            assert_eq!(trade.pattern.is_some(), 0 < trade.value, "{trade:?}");
            assert!(trade.pattern.is_none() || trade.ring.is_some(), "{trade:?}");
        }
    }
}

#[test]
fn rates_are_those_of_the_set() {
    for name in RiskParameters::NAMES {
        let world = world(name, 4, 40_000);
        let (truth, set) = (world.truth(), &world.config.parameters);
        assert_eq!(truth.trades.len(), 40_000);
        let near = |found: usize, rate: u32| {
            let wanted = usize::try_from(rate).unwrap() * 40_000 / 100_000;
            found.abs_diff(wanted) <= 3.max(wanted / 10)
        };
        for (pattern, found) in &truth.planted {
            assert!(near(*found, set.offences_of(*pattern)), "{name} {pattern:?}: {found}");
        }
        for (look, found) in &truth.look_alikes {
            assert!(near(*found, set.look_alikes_of(*look)), "{name} {look:?}: {found}");
        }
        let offences: usize = truth.planted.values().sum();
        assert!((800..=1_600).contains(&offences), "{name}: {offences}");
    }
}

#[test]
fn documents_come_in_the_order_of_time_and_few_wait() {
    let world = world("held_out_c", 5, 3_000);
    let mut days = world.days();
    let (mut all, mut most, mut last) = (0, 0, Millis(0));
    while let Some(day) = days.next() {
        most = most.max(days.waiting());
        for submission in day.submissions {
            assert!(last <= submission.at && day.begins <= submission.at);
            assert!(submission.documents.is_sorted_by_key(|document| document.app_time));
            last = submission.at;
            all += submission.documents.len();
        }
    }
    assert!(3_000 * 5 < all && most * 8 < all, "{most} of {all} wait");
    assert!(last < world.truth().end.millis());
}

/// What an exporter received over the year, in units of a hundred-thousandth of a dollar.
#[test]
fn exporters_that_hug_the_threshold_end_just_below_it() {
    let world = world("held_out_b", 6, 12_000);
    let mut received: BTreeMap<String, i128> = BTreeMap::new();
    for document in submissions(&world).flat_map(|submission| submission.documents) {
        if let Body::FundsReceipt(receipt) = document.body {
            *received.entry(receipt.ebc_code.to_string()).or_default() += receipt.charge.units();
        }
    }
    let organisations = world.truth().organisations.iter();
    let hugging: Vec<&OrganisationRisk> =
        organisations.filter(|own| own.pattern == RiskPattern::ThresholdHugging).collect();
    assert_eq!(hugging.len(), 1);
    for own in hugging {
        let dollars = received[&own.code] / 100_000;
        assert!((180_000..200_000).contains(&dollars), "{own:?}: {dollars}");
        assert_eq!(u64::try_from(dollars).unwrap(), own.value / 700);
    }
}

#[test]
fn every_order_of_the_truth_has_its_documents() {
    let world = world("written", 7, 1_000);
    let mut kinds: BTreeMap<String, Vec<DocumentKind>> = BTreeMap::new();
    for document in submissions(&world).flat_map(|submission| submission.documents) {
        let order_no = match &document.body {
            Body::Order(own) => own.order_no.clone(),
            Body::Payment(own) => own.order_no.clone(),
            Body::Waybill(own) => own.order_no.clone(),
            Body::InventoryList(own) => own.order_no.clone(),
            _ => continue,
        };
        kinds.entry(order_no).or_default().push(document.kind());
    }
    let imports = world.truth().trades.iter().filter(|own| own.direction == Direction::Import);
    for trade in imports {
        let own = kinds.get_mut(&trade.order_no).unwrap();
        own.sort();
        use DocumentKind::{InventoryList, Order, Payment, Waybill};
        assert_eq!(*own, [Order, Payment, Waybill, InventoryList]);
    }
}

#[test]
fn a_world_on_disk_is_read_back_document_by_document() {
    let folder = tempfile::tempdir().unwrap();
    let world = world("written", 8, 30);
    let mut count = 0;
    world.write_to(folder.path(), |wrote| count = wrote).unwrap();
    let mut written: Vec<Document> = Vec::new();
    for member in world.organisations() {
        let own = folder.path().join(member.code);
        if !own.is_dir() {
            continue;
        }
        for message in read_paths(&[own], &world.pseudonym_key()).unwrap() {
            let documents = message.unwrap().documents.into_iter();
            written.extend(documents.map(|document| document.unwrap()));
        }
    }
    let mut made: Vec<Document> =
        submissions(&world).flat_map(|submission| submission.documents).collect();
    assert_eq!(made.len(), count);
    made.sort_by(|one, two| one.guid.cmp(&two.guid));
    written.sort_by(|one, two| one.guid.cmp(&two.guid));
    assert_eq!(made, written);
    let truth = fs_truth(folder.path());
    assert_eq!(truth, *world.truth());
}

fn fs_truth(folder: &std::path::Path) -> RiskTruth {
    let bytes = std::fs::read(folder.join(super::super::TRUTH_FILE)).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}
