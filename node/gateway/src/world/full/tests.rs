use super::*;
use crate::pseudonymise::PseudonymKey;
use crate::read::read_paths;
use kanhe_types::pseudonym::PseudonymScope;
use std::collections::BTreeSet;

fn world(seed: u64, trades: usize) -> FullWorld {
    let start = "20260901080000".parse().unwrap();
    FullWorld::generate(&FullConfig { seed, trades, start })
}

#[test]
fn a_seed_gives_the_same_bytes_and_another_one_others() {
    let bytes = |world: &FullWorld| -> Vec<(String, Vec<u8>)> {
        let files = world.files.iter();
        files.map(|file| (format!("{}/{}", file.sender, file.name), file.bytes())).collect()
    };
    let one = world(1, 60);
    assert_eq!(one.truth, world(1, 60).truth);
    assert_eq!(bytes(&one), bytes(&world(1, 60)));
    assert_ne!(bytes(&one), bytes(&world(2, 60)));
}

#[test]
fn a_thousand_trades_hold_every_fault_of_both_directions() {
    let truth = world(3, 1_000).truth;
    let planted: Vec<FaultId> = truth.planted.keys().copied().collect();
    assert_eq!(planted, FaultId::ALL);
    for trade in &truth.trades {
        let is_export = trade.direction == Direction::Export;
        assert!(trade.fault.is_none_or(|fault| fault.is_of_export() == is_export));
        let says = trade.failed.len() + trade.rejected.len() + trade.repeated.len();
        assert_eq!(trade.fault.is_some(), 0 < says, "{trade:?}");
        assert!(trade.fault.is_none() || trade.benign.is_none());
    }
    let modes: BTreeSet<_> =
        truth.trades.iter().map(|trade| (trade.direction, trade.mode.as_str())).collect();
    assert_eq!(modes.len(), policy().modes.len());
    // Everything that looks like a fault is there, too.
    assert_eq!(truth.benign.len(), 19);
}

#[test]
fn small_worlds_have_as_many_trades_as_they_should() {
    for trades in [0, 1, 2, 5, 19] {
        let world = world(4, trades);
        assert_eq!(world.truth.trades.len(), trades);
        let documents: usize = world.files.iter().map(|file| file.guids().len()).sum();
        assert_eq!(documents, world.truth.documents.values().sum::<usize>());
    }
}

#[test]
fn a_world_on_disk_is_read_back_with_its_truth_by_sender_and_time() {
    let folder = tempfile::tempdir().unwrap();
    let world = world(5, 60);
    let mut count = 0;
    world.write_to(folder.path(), |wrote| count = wrote).unwrap();
    assert_eq!(count, world.files.len());
    assert_eq!(FullTruth::read_from(&folder.path().join(TRUTH_FILE)).unwrap(), world.truth);
    let csv = fs::read_to_string(folder.path().join("organisations.csv")).unwrap();
    assert_eq!(csv.lines().count(), members().len() + 1);
    let scope = PseudonymScope { key_id: 0, epoch: 2026 };
    let key = PseudonymKey { scope, key: [1; 32] };
    for member in members() {
        let own: Vec<&FullFile> =
            world.files.iter().filter(|file| file.sender.as_str() == member.code).collect();
        assert!(own.is_sorted_by_key(|file| file.at) && own.is_sorted_by_key(|file| &file.name));
        if own.is_empty() {
            continue;
        }
        let paths = [folder.path().join(member.code)];
        let read: Vec<_> = read_paths(&paths, &key).unwrap().map(Result::unwrap).collect();
        assert_eq!(read.len(), own.len());
        for (message, file) in read.iter().zip(own) {
            assert_eq!(message.path.file_name().unwrap(), file.name.as_str());
            let guids: Vec<&str> = message
                .documents
                .iter()
                .map(|document| document.as_ref().unwrap().guid.as_str())
                .collect();
            assert_eq!(guids, file.guids());
        }
    }
}
