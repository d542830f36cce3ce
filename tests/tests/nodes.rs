//! Real nodes on loopback: agreement, restart, and the answers to a bad start.

use kanhe_node::node::NodeError;
use kanhe_tests::network::Network;
use std::time::{Duration, Instant};

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime")
}

#[test]
fn four_nodes_execute_the_same_and_a_restarted_one_catches_up() {
    runtime().block_on(async {
        let mut network = Network::found(4, 12);
        network.start_all().await;
        for number in 0..4 {
            let receipts = network.submit_and_wait(number, number).await;
            assert!(receipts.iter().all(kanhe_types::receipt::Receipt::is_accepted));
        }
        network.stop(3).await;
        for number in 4..8 {
            network.submit_and_wait(number % 3, number).await;
        }
        network.start(3).await.expect("it starts again");
        for number in 8..12 {
            network.submit_and_wait(3, number).await;
        }
        let height = network.handle(3).ledger.executed_height();
        for index in 0..4 {
            network.reach(index, height).await;
        }
        let effects: Vec<_> = (0..4)
            .map(|index| network.handle(index).ledger.executed(height).expect("readable"))
            .collect();
        assert!(effects.iter().all(|effect| effect.is_some() && *effect == effects[0]));
        network.stop_all().await;
    });
}

#[test]
fn half_the_nodes_wait_by_name_and_go_on_within_five_seconds_of_a_return() {
    runtime().block_on(async {
        let mut network = Network::found(4, 2);
        network.start_all().await;
        network.submit_and_wait(0, 0).await;
        network.stop(2).await;
        network.stop(3).await;
        let deadline = Instant::now() + Duration::from_secs(10);
        let expected = vec!["AGENCY02".to_owned(), "AGENCY03".to_owned()];
        while network.handle(0).status().core.waiting_for != expected {
            assert!(Instant::now() < deadline, "{:?}", network.handle(0).status());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        network.start(2).await.expect("it starts again");
        let returned = Instant::now();
        network.submit_and_wait(0, 1).await;
        assert!(returned.elapsed() < Duration::from_secs(5), "{:?}", returned.elapsed());
        network.stop_all().await;
    });
}

#[test]
fn a_home_in_use_a_taken_port_and_a_foreign_key_are_named() {
    runtime().block_on(async {
        let mut network = Network::found(4, 0);
        network.start(0).await.expect("it starts");
        let in_use = network.start(0).await.expect_err("the folder is in use");
        assert!(matches!(in_use, NodeError::Store(_)), "{in_use}");
        let mut taken = network.config(1);
        taken.listen = network.config(0).listen;
        let taken = kanhe_node::node::Node::start(taken).await.err().expect("the port is taken");
        assert!(taken.to_string().contains("in use"), "{taken}");
        let mut foreign = network.config(2);
        foreign.node_secret = network.world().node_secrets[3].clone();
        let foreign = kanhe_node::node::Node::start(foreign).await.err().expect("a foreign key");
        assert!(foreign.to_string().contains("on the chain, this home's is"), "{foreign}");
        network.stop_all().await;
    });
}

#[test]
fn a_peer_on_another_genesis_is_named_and_not_used() {
    runtime().block_on(async {
        let mut network = Network::found(4, 0);
        network.start(0).await.expect("it starts");
        let mut other = network.config(1);
        other.genesis.zone = "虚构的另一个综试区".into();
        network.start_with(1, other).await.expect("it starts: the keys are right");
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            let status = network.handle(0).status();
            if let Some(text) = status.other_genesis.values().next() {
                let (own, theirs) =
                    (network.handle(0).genesis_hash, network.handle(1).genesis_hash);
                assert!(text.contains(&own.to_string()), "{text}");
                assert!(text.contains(&theirs.to_string()), "{text}");
                assert!(text.contains("genesis.json"), "{text}");
                assert_eq!(status.core.connected, 0);
                break;
            }
            assert!(Instant::now() < deadline, "{status:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        network.stop_all().await;
    });
}
