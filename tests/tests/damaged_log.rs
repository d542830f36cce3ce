//! A node whose log lost synced entries does not know what it signed: it says so, and signs
//! nothing until the others have decided the height.

use kanhe_consensus::Message as Agreement;
use kanhe_ledger::Ledger;
use kanhe_ledger::store::MemoryStore;
use kanhe_node::core::message::Message;
use kanhe_node::core::{Action, Core, CoreConfig, Event, Now, Replay, Report};
use kanhe_node::node::genesis_state;
use kanhe_tests::simulator::world::{FOUNDED_MS, World};
use kanhe_types::time::Millis;
use std::sync::Arc;

/// A validator that starts on a log, is connected to the others, and lets a minute pass. A
/// heartbeat falls due each second, so that it would start the first height.
fn actions(replay: Replay) -> (Vec<Action>, Option<u64>) {
    let world = World::new(4, 0);
    let ledger = Ledger::open(MemoryStore::default(), genesis_state(&world.genesis));
    let config = CoreConfig {
        genesis: world.genesis.hash(),
        genesis_time: world.genesis.time,
        signer: std::sync::Arc::new(world.secrets[0].clone()),
        timeouts: world.timeouts,
        heartbeat_ms: 1_000,
        replay,
        is_restored: false,
    };
    let mut core = Core::new(config, Arc::new(ledger.expect("memory does not fail")));
    let at = |elapsed_ms| Now { elapsed_ms, time: Millis(FOUNDED_MS + 1_000 + elapsed_ms) };
    let mut actions = core.handle(at(0), Event::Tick);
    for key in &world.keys[1..] {
        actions.extend(core.handle(at(1), Event::Connected(*key)));
        let seen = Message::Seen { decided: 0, statement: None, batch: None };
        let (from, message) = (*key, Box::new(seen));
        actions.extend(core.handle(at(1), Event::Message { from, message }));
    }
    for second in 1..60 {
        actions.extend(core.handle(at(second * 1_000), Event::Tick));
    }
    (actions, core.status().not_signing)
}

fn statements(actions: &[Action]) -> usize {
    let is_statement = |action: &&Action| match action {
        Action::Send { message, .. } => match message.as_ref() {
            Message::Agreement(said) => {
                matches!(**said, Agreement::Vote(_) | Agreement::Proposal { .. })
            }
            _ => false,
        },
        _ => false,
    };
    actions.iter().filter(is_statement).count()
}

fn warnings(actions: &[Action]) -> Vec<u64> {
    let warning = |action: &Action| match action {
        Action::Report(Report::NotSigning { height }) => Some(*height),
        _ => None,
    };
    actions.iter().filter_map(warning).collect()
}

#[test]
fn a_damaged_log_is_told_once_and_nothing_is_signed() {
    let (actions, not_signing) = actions(Replay::Damaged);
    assert_eq!((warnings(&actions), not_signing), (vec![1], Some(1)));
    assert_eq!(statements(&actions), 0);
}

#[test]
fn a_sound_log_is_not_mentioned_and_votes_are_cast() {
    let (actions, not_signing) = actions(Replay::Entries(Vec::new()));
    assert_eq!((warnings(&actions), not_signing), (vec![], None));
    assert!(0 < statements(&actions));
}
