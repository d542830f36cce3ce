//! `kanhe signer`: a key in a process of its own.

use crate::answer::{Answer, CliError};
use crate::args::SignerCommand;
use crate::member;
use crate::scratch::Scratch;
use crate::table::table;
use kanhe_ledger::Ledger;
use kanhe_ledger::store::RocksStore;
use kanhe_node::home::Home;
use kanhe_node::keystore;
use kanhe_node::node::genesis_state;
use kanhe_node::signer::{
    Floor, Memory, RemoteSigner, Role, Server, ServerConfig, SignerConfig, SignerHome,
};
use kanhe_types::certificate::{Vote, VoteKind};
use kanhe_types::hash::Hash;
use kanhe_types::keys::{Scheme, SecretKey};
use kanhe_types::signer::{Signer, Statement};
use kanhe_types::submission::SubmissionHeader;
use serde_json::json;
use std::path::Path;
use std::thread;
use std::time::Instant;
use tracing_subscriber::EnvFilter;

pub(super) fn run(command: &SignerCommand) -> Result<Answer, CliError> {
    match command {
        SignerCommand::Init { dir, home, users } => init(dir, home, users),
        SignerCommand::Run { dir } => serve(dir),
        SignerCommand::Skip { dir, height } => skip(dir, *height),
        SignerCommand::Bench { statements, scheme } => bench(*statements, *scheme),
    }
}

fn refused(error: impl std::error::Error + Send + Sync + 'static) -> CliError {
    CliError::because("the signer cannot be used", error)
}

fn init(dir: &Path, home: &Path, users: &[u32]) -> Result<Answer, CliError> {
    let home = Home::new(home);
    let passphrase = member::passphrase(&home, "passphrase of the home's keys")?;
    let decided = if home.is_node() { decided(&home)? } else { 0 };
    let key = SignerHome::new(dir).init(&home, &passphrase, decided, users).map_err(refused)?;
    let text = format!(
        "{key}\nis now in {} and no longer in {}\nnext: kanhe signer run --dir {}\n",
        dir.display(),
        home.path().display(),
        dir.display()
    );
    Ok(Answer::yes(text, json!({ "dir": dir, "home": home.path(), "public_key": key })))
}

/// The last height that a stopped node has decided.
fn decided(home: &Home) -> Result<u64, CliError> {
    if !home.data_path().exists() {
        return Ok(0);
    }
    let _lock = home.lock()?;
    let store = RocksStore::open(&home.data_path()).map_err(refused)?;
    let ledger = Ledger::open(store, genesis_state(&home.genesis()?)).map_err(refused)?;
    Ok(ledger.decided_height())
}

fn serve(dir: &Path) -> Result<Answer, CliError> {
    let filter =
        EnvFilter::try_from_env("KANHE_LOG").unwrap_or_else(|_| "warn,kanhe_node=info".into());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .init();
    let passphrase = member::passphrase(&Home::new(dir), "passphrase of the signer's key")?;
    let (server, _lock) = SignerHome::new(dir).open(&passphrase).map_err(refused)?;
    server.run().map_err(refused)?;
    Ok(Answer::yes("stopped\n", json!({ "stopped": true })))
}

fn skip(dir: &Path, height: u64) -> Result<Answer, CliError> {
    SignerHome::new(dir).skip(height).map_err(refused)?;
    let text = format!("votes and proposals are signed from height {height} on, or later\n");
    Ok(Answer::yes(text, json!({ "dir": dir, "height": height })))
}

/// A signer of the benchmark's own, and the way to ask it.
fn started(
    folder: &Path,
    name: &str,
    secret: &SecretKey,
    genesis: Hash,
    role: Role,
) -> Result<std::sync::Arc<RemoteSigner>, CliError> {
    let socket = folder.join(name);
    let (key, secret) = (secret.public_key(), secret.clone());
    let config = ServerConfig { socket: socket.clone(), genesis, secret, role, users: Vec::new() };
    let server = Server::bind(config).map_err(refused)?;
    // It ends with the process.
    thread::spawn(move || server.run());
    let config = SignerConfig { socket, key, user: None, timeout_ms: Some(5_000) };
    RemoteSigner::start(folder, &config, genesis).map_err(refused)
}

/// What is signed, who signs it, and the statement with a number.
type Kind<'a> = (&'a str, &'a dyn Signer, &'a dyn Fn(u64) -> Statement);

fn bench(statements: u64, scheme: Scheme) -> Result<Answer, CliError> {
    let scratch = Scratch::new("signer")?;
    let folder = scratch.path();
    let secret = keystore::generate(scheme)?;
    let genesis = Hash(keystore::random()?);
    let memory = folder.join("memory");
    Memory::create(&memory, Floor::default()).map_err(refused)?;
    let validator = Role::Validator(Memory::open(&memory).map_err(refused)?);
    let validator = started(folder, "validator", &secret, genesis, validator)?;
    let code: kanhe_types::code::OrganisationCode = "TESTSIGNER".parse().expect("a code");
    let sender = started(folder, "sender", &secret, genesis, Role::Organisation(code.clone()))?;
    let vote =
        |height| Statement::Vote(Vote { height, round: 0, kind: VoteKind::Prevote, block: None });
    let acknowledgement = |number: u64| {
        let mut digest = Hash::default();
        digest.0.iter_mut().zip(number.to_le_bytes()).for_each(|(to, from)| *to = from);
        Statement::Acknowledgement(digest)
    };
    let submission = |expires| {
        let (organisation, key, documents) = (code.clone(), secret.public_key(), Hash::default());
        Statement::Submission(SubmissionHeader { organisation, key, expires, count: 1, documents })
    };
    let kinds: [Kind<'_>; 4] = [
        ("in memory", &secret, &vote),
        ("vote, remembered", &*validator, &vote),
        ("acknowledgement", &*validator, &acknowledgement),
        ("submission", &*sender, &submission),
    ];
    let (mut rows, mut figures) = (Vec::new(), Vec::new());
    for (name, signer, statement) in kinds {
        let mut micros = Vec::new();
        for number in 1..=statements {
            let statement = statement(number);
            let begun = Instant::now();
            signer.sign_statement(&genesis, &statement).map_err(refused)?;
            micros.push(begun.elapsed().as_secs_f64() * 1e6);
        }
        micros.sort_by(f64::total_cmp);
        let at = |share: usize| micros.get(micros.len() * share / 100).copied().unwrap_or(0.0);
        rows.push(vec![name.to_owned(), format!("{:.0}", at(50)), format!("{:.0}", at(99))]);
        figures.push(json!({ "what": name, "p50_us": at(50), "p99_us": at(99) }));
    }
    let head = ["signature", "p50 us", "p99 us"].map(str::to_owned).to_vec();
    let text = format!(
        "{statements} {scheme} signatures of each kind, one after the other\n{}",
        table(&[vec![head], rows].concat())
    );
    Ok(Answer::yes(
        text,
        json!({ "scheme": scheme.name(), "statements": statements, "kinds": figures }),
    ))
}
