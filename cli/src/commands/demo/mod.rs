//! `kanhe demo`: the whole story in a minute.
//!
//! A zone is founded, a generated day of trade is submitted the way an enterprise would do it, one
//! validator is killed half way and comes back, and everything that is told at the end was asked
//! over the API: what was planted is only compared with it.

mod count;
mod report;

use crate::answer::{Answer, CliError};
use crate::args::{DemoArgs, HomeArgs};
use crate::client::Client;
use crate::clock;
use crate::commands::{chain, proof, trade};
use crate::member::Member;
use crate::progress::note;
use crate::sender::{self, Outcome, SendOptions, Speakers, Status};
use crate::verify::{self, Verified};
use crate::zone::{Place, Zone};
use count::Found;
use kanhe_api::path;
use kanhe_api::view::{StatusView, TradeView};
use kanhe_contracts::case::CaseSummary;
use kanhe_contracts::event::CaseState;
use kanhe_gateway::world::{Codes, World, WorldConfig};
use kanhe_node::localnet::{ENTERPRISES, Localnet, LocalnetConfig, VALIDATORS_DEFAULT};
use kanhe_types::hash::Hash;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

/// When the generated day begins. Fixed, so that one seed always gives the same files.
const DAY: &str = "20260901080000";
/// The demo waits for every receipt.
const SENT: SendOptions = SendOptions { wait: true, year: None, has_vault: true };
/// How long the killed validator stays away at least, so that its absence is felt.
const ABSENCE: Duration = Duration::from_secs(2);
/// How long it may take to catch up.
const RETURN_TIMEOUT: Duration = Duration::from_secs(60);
/// How often something is looked at while it is waited for.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Everything that was measured and found.
struct Story {
    localnet: Localnet,
    world: World,
    outcomes: Vec<Outcome>,
    submitting: Duration,
    absence: Absence,
    cases: Vec<CaseSummary>,
    found: Found,
    mismatched: Option<TradeView>,
    verified: Verified,
    verifying: Duration,
    proof: Proof,
    status: StatusView,
}

/// What happened to the validator that was killed.
struct Absence {
    organisation: String,
    duration: Duration,
    /// The height when it was killed, and when it had come back.
    heights: (u64, u64),
}

/// A document that was proved.
struct Proof {
    document: Hash,
    bytes: usize,
    checked: Result<(), String>,
}

pub(super) fn run(args: &DemoArgs) -> Result<Answer, CliError> {
    let zone = found(args)?;
    let story = tell(&zone, args)?;
    let answer = report::answer(&story, args, zone.folder());
    zone.close();
    Ok(answer)
}

/// The demo's zone.
fn found(args: &DemoArgs) -> Result<Zone, CliError> {
    let place = match &args.dir {
        Some(dir) if args.keep => Place::Kept(dir),
        Some(dir) => Place::At(dir),
        None => Place::Temporary("demo"),
    };
    let config = LocalnetConfig {
        validators: VALIDATORS_DEFAULT,
        schemes: args.scheme,
        base_port: None,
        enterprises: Vec::new(),
        registered: Vec::new(),
        policy: None,
        time: clock::now(),
    };
    let zone = Zone::found(place, config)?;
    let localnet = zone.localnet();
    let enterprises = localnet.members().len() - localnet.nodes().len();
    let codes: Vec<&str> = localnet.nodes().iter().map(|node| node.organisation.as_str()).collect();
    note(&format!(
        "1. a zone is founded: {} as validators, {enterprises} enterprises, each with its own \
         key; genesis {}",
        codes.join(", "),
        localnet.genesis_hash()
    ));
    Ok(zone)
}

fn tell(zone: &Zone, args: &DemoArgs) -> Result<Story, CliError> {
    let localnet = zone.localnet().clone();
    zone.start_all()?;
    let world = generate(args)?;
    let [first_half, second_half] = write(&world, &zone.folder().join("messages"))?;
    let documents: usize = world.truth.documents.values().sum();
    note(&format!(
        "2. a day of trade: {} orders, {documents} documents in {} customs messages, seed {}",
        args.trades,
        world.messages.len(),
        args.seed
    ));

    let customs = reader(&localnet)?;
    let started = Instant::now();
    let mut speakers = Speakers::of_localnet(localnet.clone());
    let mut outcomes = sender::send(&mut speakers, &first_half, SENT)?.outcomes;
    // The rest is on its way while a validator dies.
    let sending = thread::spawn(move || {
        let outcomes = sender::send(&mut speakers, &second_half, SENT);
        (outcomes, started.elapsed())
    });
    let mut absence = kill(zone, &localnet, &customs.client)?;
    let killed = Instant::now();
    thread::sleep(ABSENCE);
    come_back(zone, &localnet, &customs.client, &mut absence)?;
    absence.duration = killed.elapsed();
    let (second, submitting) =
        sending.join().map_err(|_| CliError::unknown("sending failed; see above"))?;
    outcomes.extend(second?.outcomes);
    all_answered(&outcomes)?;
    note(&format!(
        "3. {} was killed at height {}, the others went on, and {:.1} s later it was back at \
         height {}",
        absence.organisation,
        absence.heights.0,
        absence.duration.as_secs_f64(),
        absence.heights.1
    ));

    let cases = trade::all(&customs.client)?;
    let found = count::found(&customs.client, &cases, &outcomes)?;
    let mismatched = mismatched(&customs.client, &cases)?;
    let verifying = Instant::now();
    let verified = verify::from_api(&customs.client, &customs.genesis)?;
    let verifying = verifying.elapsed();
    let proof = prove(&customs.client, &outcomes, &localnet.genesis_hash())?;
    let status = customs.client.get(path::STATUS)?;
    Ok(Story {
        localnet,
        world,
        outcomes,
        submitting,
        absence,
        cases,
        found,
        mismatched,
        verified,
        verifying,
        proof,
        status,
    })
}

/// What got no receipt would only show as a trade that lacks a document, which is planted too.
fn all_answered(outcomes: &[Outcome]) -> Result<(), CliError> {
    let is_open = |own: &&Outcome| matches!(own.status, Status::Pending | Status::Refused);
    let open: Vec<&Outcome> = outcomes.iter().filter(is_open).collect();
    let Some(first) = open.first() else { return Ok(()) };
    let reason = first
        .reason
        .as_ref()
        .map_or("its receipt did not come in time", |reason| reason.message.as_str());
    Err(CliError::unknown(format!(
        "{} of {} documents got no receipt, the first of them in {}: {reason}; if this machine is \
         busy with other work, run the demo again when it is not; otherwise run it with --keep and \
         --dir DIR, and look at DIR/nodes/*/node.log",
        open.len(),
        outcomes.len(),
        first.file,
    )))
}

/// Customs, which sees all.
fn reader(localnet: &Localnet) -> Result<Member, CliError> {
    Member::of(&HomeArgs { home: localnet.folder().to_owned(), member: None })
}

fn generate(args: &DemoArgs) -> Result<World, CliError> {
    let code = |index: usize| {
        let enterprise = ENTERPRISES.get(index).expect("a localnet has these enterprises");
        enterprise.code.parse().expect("invented codes have the form of codes")
    };
    let organisations = Codes {
        platform: code(0),
        merchant: code(1),
        payment: code(2),
        carrier: code(3),
        agency: "CUSTOMS".parse().expect("a code"),
    };
    let trades = usize::try_from(args.trades)
        .map_err(|error| CliError::because("too many trades for this machine", error))?;
    let start = DAY.parse().expect("the day begins at a customs time");
    Ok(World::generate(&WorldConfig {
        seed: args.seed,
        trades,
        organisations,
        first_person: 0,
        start,
    }))
}

/// Writes the day's messages; the files of each sender are cut in half.
fn write(world: &World, folder: &Path) -> Result<[Vec<PathBuf>; 2], CliError> {
    world.write_to(folder).map_err(|error| {
        CliError::because(format!("cannot write the messages to {}", folder.display()), error)
    })?;
    let mut by_sender: BTreeMap<_, Vec<PathBuf>> = BTreeMap::new();
    for message in &world.messages {
        let path = folder.join(message.sender.as_str()).join(&message.path);
        by_sender.entry(&message.sender).or_default().push(path);
    }
    let mut halves = [Vec::new(), Vec::new()];
    for mut files in by_sender.into_values() {
        let second = files.split_off(files.len() / 2);
        let [first_half, second_half] = &mut halves;
        first_half.append(&mut files);
        second_half.extend(second);
    }
    Ok(halves)
}

/// Kills the last validator as a power cut would.
fn kill(zone: &Zone, localnet: &Localnet, client: &Client) -> Result<Absence, CliError> {
    let victim = localnet.nodes().last().expect("a localnet has validators");
    let status: StatusView = client.get(path::STATUS)?;
    zone.kill(&victim.organisation)?;
    Ok(Absence {
        organisation: victim.organisation.to_string(),
        duration: Duration::ZERO,
        heights: (status.height, 0),
    })
}

/// Starts the killed validator again and waits until it stands where the others stand.
fn come_back(
    zone: &Zone,
    localnet: &Localnet,
    client: &Client,
    absence: &mut Absence,
) -> Result<(), CliError> {
    let victim = localnet.nodes().last().expect("a localnet has validators");
    let home = localnet.node_home(&victim.organisation);
    zone.start(victim)?;
    let own = Member::of(&HomeArgs { home, member: None })?;
    let started = Instant::now();
    let target = client.get::<StatusView>(path::STATUS)?.height;
    loop {
        zone.check()?;
        match own.client.get_once::<StatusView>(path::STATUS) {
            Ok(status) if target <= status.height => {
                absence.heights.1 = status.height;
                return Ok(());
            }
            _ if RETURN_TIMEOUT < started.elapsed() => {
                return Err(CliError::unknown(format!(
                    "{} did not come back to height {target} in {} s",
                    victim.organisation,
                    RETURN_TIMEOUT.as_secs()
                )));
            }
            _ => thread::sleep(LOOK_EVERY),
        }
    }
}

/// One mismatched trade, to be shown in full.
fn mismatched(client: &Client, cases: &[CaseSummary]) -> Result<Option<TradeView>, CliError> {
    let case = cases.iter().find(|case| case.state == CaseState::Mismatched);
    case.map(|case| trade::one(client, &case.key)).transpose()
}

/// Gets the proof of one accepted document and checks it from the genesis hash alone.
fn prove(client: &Client, outcomes: &[Outcome], genesis: &Hash) -> Result<Proof, CliError> {
    let accepted = outcomes.iter().find(|outcome| outcome.status == Status::Accepted);
    let document = accepted.and_then(|outcome| outcome.id);
    let document =
        document.ok_or_else(|| CliError::No("no document was accepted; see node.log".into()))?;
    let bytes = proof::fetch(client, &document)?;
    let checked = proof::check(&bytes, genesis).map(drop);
    Ok(Proof { document, bytes: bytes.len(), checked })
}

/// The check of the chain, as `kanhe chain verify` tells it.
fn verified_text(story: &Story) -> String {
    chain::describe("the API", &story.verified, story.verifying.as_secs_f64()).text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sender::Reason;

    fn outcome(status: Status) -> Outcome {
        Outcome {
            file: "PAYMENT/7.xml".into(),
            document: Some(1),
            kind: None,
            order_no: None,
            signer: None,
            id: None,
            submission: None,
            status,
            height: None,
            case: None,
            reason: None,
        }
    }

    #[test]
    fn a_document_without_a_receipt_is_an_error_that_names_it() {
        let answered = [Status::Accepted, Status::Rejected, Status::Unreadable].map(outcome);
        assert!(all_answered(&answered).is_ok());
        for status in [Status::Pending, Status::Refused] {
            let mut outcomes = answered.to_vec();
            outcomes.push(outcome(status));
            let error = all_answered(&outcomes).expect_err("one is open").to_string();
            assert!(error.contains("1 of 4") && error.contains("PAYMENT/7.xml"), "{error}");
        }
        let reason = Reason {
            code: None,
            name: None,
            official: None,
            message: "the pool is full".into(),
            remedy: String::new(),
        };
        let refused = Outcome { reason: Some(reason), ..outcome(Status::Refused) };
        let error = all_answered(&[refused]).expect_err("it is refused").to_string();
        assert!(error.contains("the pool is full"), "{error}");
    }
}
