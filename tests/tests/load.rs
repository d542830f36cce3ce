//! Documents per second of four nodes, and of three when one was killed.

use kanhe_contracts::fixture;
use kanhe_tests::network::Network;
use kanhe_types::submission::VerifiedSubmission;
use std::time::Instant;

/// Submissions of 100 documents each, all of one kind's signer, over distinct trades.
fn messages(network: &Network, first: u64, count: u64) -> Vec<VerifiedSubmission> {
    let genesis = network.world().genesis.hash();
    (first..first + count)
        .map(|number| {
            let documents: Vec<_> =
                (0..100).map(|i| fixture::order(&fixture::Trade::new(number * 100 + i))).collect();
            let signer = fixture::code(fixture::PLATFORM);
            let submission = fixture::submission(&genesis, &signer, 50_000, &documents);
            submission.verify(&genesis).expect("a valid submission")
        })
        .collect()
}

/// Documents per second from the first submission to the last receipt.
async fn rate(network: &Network, nodes: &[usize], messages: Vec<VerifiedSubmission>) -> f64 {
    let documents = messages.len() * 100;
    let started = Instant::now();
    let mut waiting = Vec::new();
    for (number, submission) in messages.into_iter().enumerate() {
        let node = nodes[number % nodes.len()];
        waiting.push((node, submission.id()));
        let answers = network.handle(node).submit(vec![submission]).await.expect("it runs");
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    }
    for (node, id) in waiting {
        let receipts = network.receipts(node, &id).await;
        assert!(receipts.iter().all(kanhe_types::receipt::Receipt::is_accepted));
    }
    documents as f64 / started.elapsed().as_secs_f64()
}

#[test]
fn three_of_four_nodes_keep_more_than_half_the_rate() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let mut network = Network::found(4, 1);
        network.start_all().await;
        network.submit_and_wait(0, 0).await;
        let all = rate(&network, &[0, 1, 2, 3], messages(&network, 1, 60)).await;
        network.stop(3).await;
        let three = rate(&network, &[0, 1, 2], messages(&network, 100, 60)).await;
        network.stop_all().await;
        #[expect(clippy::print_stdout, reason = "the figures are wanted, not only the verdict")]
        {
            println!("four nodes: {all:.0} documents/s; three: {three:.0}");
        }
        assert!(all / 2.0 < three, "four nodes: {all:.0} documents/s; three: {three:.0}");
    });
}
