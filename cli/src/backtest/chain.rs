//! The stream of a chain: every block is executed again from genesis, in a ledger that is thrown
//! away, and whatever it observes goes to both policies, each on a thread of its own.

use super::compare::{Comparison, Ground, Label, compare};
use super::replay::{Event, Replay, Run};
use crate::answer::CliError;
use crate::verify::{self, Verified};
use kanhe_contracts::execute::{BlockContext, Effects, execute};
use kanhe_contracts::policy::Policy;
use kanhe_contracts::risk::{
    AlertAct, AlertState, ReviewOutcome, RiskPolicy, Seen, Suspect, alert,
};
use kanhe_contracts::state::{StateError, StateRead};
use kanhe_genesis::Genesis;
use kanhe_ledger::state::StateView;
use kanhe_ledger::{Ledger, RocksStore, Store};
use kanhe_types::hash::Hash;
use kanhe_types::submission::Submission;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread;

/// Blocks that a policy may be behind.
const BEHIND_BLOCKS_MAX: usize = 64;

/// The observations of one block.
type Block = Arc<Vec<Event>>;

/// What becomes of what is observed.
struct Tap {
    heights: RangeInclusive<u64>,
    ways: Vec<SyncSender<Block>>,
    /// The trades that were observed where it counts, in their order,
    trades: Vec<Suspect>,
    /// and the same to look them up.
    known: BTreeSet<Suspect>,
}

/// What a back-test found, and the state root of the chain that it went over.
pub struct Tested {
    /// What would be otherwise.
    pub comparison: Comparison,
    /// What the chain led to, which is what its headers say.
    pub verified: Verified,
}

/// Goes over a chain with the policy in force and a candidate; what fires at `heights` counts.
///
/// # Errors
/// When this machine cannot.
pub fn backtest<S: Store>(
    source: &Ledger<S>,
    genesis: &Genesis,
    old: &Policy,
    new: &Policy,
    heights: RangeInclusive<u64>,
) -> Result<Tested, CliError> {
    let (old_way, old_blocks) = sync_channel(BEHIND_BLOCKS_MAX);
    let (new_way, new_blocks) = sync_channel(BEHIND_BLOCKS_MAX);
    let tap =
        Tap { heights, ways: vec![old_way, new_way], trades: Vec::new(), known: BTreeSet::new() };
    let tap = Arc::new(Mutex::new(tap));
    thread::scope(move |scope| {
        let old = scope.spawn(move || run(&old.risk, &old_blocks));
        let new = scope.spawn(move || run(&new.risk, &new_blocks));
        let again = verify::execute_again(source, genesis, executor(Arc::clone(&tap)));
        let trades = {
            let mut tap = tap.lock().expect("no thread has panicked while looking on");
            // Whoever waits for more has it all.
            tap.ways.clear();
            std::mem::take(&mut tap.trades)
        };
        let (old, new) = (joined(old), joined(new));
        let again = again?;
        let labels = labels(&again.ledger.state()).map_err(unreadable)?;
        let ground = Ground { trades, labels };
        let comparison = compare(&ground, Some(&old), &new);
        Ok(Tested { comparison, verified: again.verified })
    })
}

fn joined(thread: thread::ScopedJoinHandle<'_, Run>) -> Run {
    thread.join().expect("a policy goes over observations without panic")
}

fn run(policy: &RiskPolicy, blocks: &Receiver<Block>) -> Run {
    let mut replay = Replay::new(policy.clone());
    for block in blocks {
        block.iter().for_each(|event| replay.observe(event));
    }
    replay.finish()
}

/// The rules of trade, and somebody who looks on.
#[allow(clippy::type_complexity, reason = "the form that a ledger asks for")]
fn executor(
    tap: Arc<Mutex<Tap>>,
) -> impl Fn(
    &BlockContext<'_>,
    &StateView<'_, RocksStore>,
    &mut dyn Iterator<Item = (Hash, &Submission)>,
) -> Result<Effects, StateError>
+ Send
+ Sync
+ 'static {
    move |context, state, submissions| {
        let watched = BlockContext { is_watched: true, ..context.clone() };
        let mut effects = execute(&watched, state, submissions)?;
        let seen = std::mem::take(&mut effects.seen);
        tap.lock().expect("no thread has panicked while looking on").take(seen);
        Ok(effects)
    }
}

impl Tap {
    fn take(&mut self, seen: Vec<Seen>) {
        let mut events = Vec::with_capacity(seen.len());
        for seen in seen {
            let trade = seen.trade();
            let counts = self.heights.contains(&seen.height);
            if counts && self.known.insert(trade.clone()) {
                self.trades.push(trade);
            }
            events.push(Event { counts, seen });
        }
        if events.is_empty() {
            return;
        }
        let block = Arc::new(events);
        for way in &self.ways {
            // Whoever went away says why when it is joined.
            let _ = way.send(Arc::clone(&block));
        }
    }
}

/// What agencies found out, by whom it is of.
fn labels(state: &impl StateRead) -> Result<BTreeMap<Suspect, Label>, StateError> {
    let mut labels = BTreeMap::<Suspect, Label>::new();
    let mut number = 1;
    while let Some(own) = alert(state, number)? {
        number += 1;
        if own.state != AlertState::Reviewed {
            continue;
        }
        let reviewed = own.steps.iter().rev().find_map(|step| match &step.act {
            AlertAct::Review { outcome, recovered, .. } => Some((*outcome, *recovered)),
            AlertAct::Assign { .. } | AlertAct::Dispose { .. } => None,
        });
        let Some((outcome, recovered)) = reviewed else { continue };
        let is_true = outcome == ReviewOutcome::TruePositive;
        labels.entry(own.suspect).or_default().take(is_true, recovered.unwrap_or_default());
    }
    Ok(labels)
}

fn unreadable(error: StateError) -> CliError {
    CliError::because("the state cannot be read", error)
}
