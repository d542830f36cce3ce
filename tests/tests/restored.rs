//! Homes that are older than what their validators signed: real nodes on copies of real disks.

use kanhe_tests::network::Network;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime")
}

/// Copies a folder with files and one level of folders.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        match entry.file_type().expect("a type").is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).expect("copied")),
        }
    }
}

/// Copies the home of a stopped node, all but its log.
fn back_up(network: &Network, index: usize, to: &Path) {
    copy(&network.home(index), to);
    fs::remove_file(to.join("agreement.wal")).expect("a home has a log");
}

/// Puts a copy in the place of a stopped node's home.
fn restore(network: &Network, index: usize, from: &Path) {
    fs::remove_dir_all(network.home(index)).expect("removed");
    copy(from, &network.home(index));
}

/// Waits until something of a node is as wanted.
async fn until(what: &str, is_so: impl Fn() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < Duration::from_secs(30), "{what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[test]
fn a_restored_validator_signs_only_past_what_it_may_have_signed() {
    runtime().block_on(async {
        let folder = tempfile::tempdir().expect("a folder");
        let mut network = Network::found(4, 8);
        network.start_all().await;
        network.submit_and_wait(3, 0).await;
        network.stop(3).await;
        back_up(&network, 3, folder.path());
        network.start(3).await.expect("it starts again");
        for number in 1..4 {
            network.submit_and_wait(3, number).await;
        }
        network.stop(3).await;
        restore(&network, 3, folder.path());
        let mark = network.home(3).join("agreement.restored");
        assert!(!mark.exists());
        let before = network.handle(0).ledger.decided_height();
        network.start(3).await.expect("it starts on the copy");
        assert!(mark.exists(), "a home without a log is restored");
        let status = || network.handle(3).status().core;
        until("it knows what it must not sign", || status().not_signing.is_some()).await;
        let last = status().not_signing.unwrap_or(u64::MAX);
        assert!(before + 2 <= last, "{before} {last}");
        until("it signs again", || status().not_signing.is_none()).await;
        assert!(last <= network.handle(3).ledger.decided_height());
        until("the mark is gone", || !mark.exists()).await;
        // It takes part: with another one down it is needed.
        network.stop(0).await;
        network.submit_and_wait(3, 4).await;
        network.stop_all().await;
    });
}

#[test]
fn a_network_that_halted_goes_on_when_all_are_restored_by_the_procedure() {
    runtime().block_on(async {
        let folder = tempfile::tempdir().expect("a folder");
        let mut network = Network::found(4, 8);
        network.start_all().await;
        // Copies of different ages.
        for index in 0..4 {
            network.submit_and_wait(index, index).await;
            network.stop(index).await;
            back_up(&network, index, &folder.path().join(index.to_string()));
            network.start(index).await.expect("it starts again");
        }
        network.submit_and_wait(0, 4).await;
        network.stop_all().await;
        let highest = |network: &Network| {
            (0..4).map(|index| network.handle(index).ledger.decided_height()).max()
        };
        for index in 0..4 {
            restore(&network, index, &folder.path().join(index.to_string()));
        }
        // Nobody remembers more than the copies hold: whoever has the newest one waits. Whoever
        // heard of it late may think itself past it (decision 0025), which is why operators agree.
        network.start_all().await;
        let waits = |index| network.handle(index).status().core.not_signing.is_some();
        until("the newest copy waits", || waits(3)).await;
        let before = highest(&network);
        network.stop_all().await;
        // The operators agree that no other copy will be started, and say so to each home.
        for index in 0..4 {
            let mark = network.home(index).join("agreement.restored");
            if mark.exists() {
                fs::remove_file(mark).expect("the home can be written");
            }
            fs::write(network.home(index).join("agreement.wal"), []).expect("writable");
        }
        network.start_all().await;
        for number in 4..8 {
            network.submit_and_wait(number - 4, number).await;
        }
        assert!(before < highest(&network));
        network.stop_all().await;
    });
}
