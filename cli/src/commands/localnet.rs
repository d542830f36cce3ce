//! `kanhe localnet`: a whole zone on this machine.

use crate::admin;
use crate::answer::{Answer, CliError};
use crate::args::{HomeArgs, LocalnetCommand};
use crate::clock;
use crate::member::{Member, not_a_member, passphrase};
use crate::table::table;
use crate::validators::{self, Life, Seen, Validators};
use kanhe_api::path;
use kanhe_api::view::StatusView;
use kanhe_contracts::document::{Body, OwnKeys};
use kanhe_contracts::governance::{KeyChange, NewKey};
use kanhe_contracts::policy::Policy;
use kanhe_contracts::registry::{KeyPurpose, Role};
use kanhe_node::home::{Home, NewObserver, NodeKeys, found_observer};
use kanhe_node::keystore::{self, Cost};
use kanhe_node::localnet::{Localnet, LocalnetConfig, LocalnetNode};
use kanhe_types::code::OrganisationCode;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

/// How long an observer may take to answer.
const OBSERVER_TIMEOUT: Duration = Duration::from_secs(30);
/// How often it is looked at meanwhile.
const OBSERVER_LOOK: Duration = Duration::from_millis(50);

pub(super) fn run(command: &LocalnetCommand) -> Result<Answer, CliError> {
    match command {
        LocalnetCommand::Init { dir, validators, scheme, base_port, enterprises, policy } => {
            let read = |file: &PathBuf| super::policy::read(file, &Policy::default());
            let config = LocalnetConfig {
                validators: *validators,
                schemes: *scheme,
                base_port: *base_port,
                enterprises: enterprises.clone(),
                registered: Vec::new(),
                policy: policy.as_ref().map(read).transpose()?.map(|file| file.policy),
                time: clock::now(),
            };
            init(dir, config)
        }
        LocalnetCommand::Up(args) => up(&args.dir),
        LocalnetCommand::Down(args) => down(&args.dir),
        LocalnetCommand::Status(args) => status(&args.dir),
        LocalnetCommand::AddNode { dir, code } => add_node(dir, code),
        LocalnetCommand::DropNode { dir, name } => drop_node(dir, name),
        LocalnetCommand::Observer { code, at } => observer(&at.dir, code),
    }
}

fn init(dir: &Path, config: LocalnetConfig) -> Result<Answer, CliError> {
    let localnet = Localnet::init(dir, config)?;
    let members = localnet.members().iter().map(|member| {
        vec![format!("  {}", member.organisation), member.name.clone(), roles(&member.roles)]
    });
    let members: Vec<Vec<String>> = members.collect();
    let text = format!(
        "founded a zone in {}: genesis {}\n{}next: kanhe localnet up --dir {}",
        dir.display(),
        localnet.genesis_hash(),
        table(&members),
        dir.display()
    );
    let json = json!({
        "dir": dir,
        "genesis": localnet.genesis_hash(),
        "nodes": localnet.nodes(),
        "members": localnet.members(),
    });
    Ok(Answer::yes(text, json))
}

fn roles(roles: &[kanhe_contracts::registry::Role]) -> String {
    roles.iter().map(super::name_of).collect::<Vec<_>>().join(", ")
}

fn up(dir: &Path) -> Result<Answer, CliError> {
    let localnet = Localnet::load(dir)?;
    let mut started = Validators::new(Life::Detached);
    let result = start_and_wait(&localnet, &mut started);
    if let Err(error) = result {
        // Half a zone is not left running.
        started.stop_all();
        return Err(error);
    }
    for code in localnet.observers() {
        start_observer(&localnet, &code)?;
    }
    let seen = validators::look(&localnet)?;
    let text = format!(
        "{}next: kanhe submit PATH --home {} --wait\n      kanhe localnet down --dir {}",
        describe(&localnet, &seen),
        dir.display(),
        dir.display()
    );
    Ok(Answer::yes(text, as_json(&localnet, &seen)))
}

fn start_and_wait(localnet: &Localnet, started: &mut Validators) -> Result<(), CliError> {
    // Looked at again while waiting: one that was killed a moment ago holds its home a little longer.
    validators::wait_until_up(localnet, || {
        started.start_missing(localnet)?;
        started.check()
    })
    .map(drop)
}

fn down(dir: &Path) -> Result<Answer, CliError> {
    let localnet = Localnet::load(dir)?;
    let mut stopped = Vec::new();
    for node in localnet.nodes() {
        if validators::stop(&Home::new(localnet.home_of(node)))? {
            stopped.push(node.name().to_owned());
        }
    }
    let mut observers = Vec::new();
    for code in localnet.observers() {
        if validators::stop(&Home::new(localnet.observer_home(&code)))? {
            observers.push(code.to_string());
        }
    }
    let mut text = match stopped.len() {
        0 => "no validator ran".to_owned(),
        count => format!("stopped {count} validators: {}", stopped.join(", ")),
    };
    if !observers.is_empty() {
        text.push_str(&format!("\nstopped the observers of {}", observers.join(", ")));
    }
    Ok(Answer::yes(text, json!({ "stopped": stopped, "observers": observers })))
}

/// Makes an enterprise's observer where it has none, and starts it where it does not run.
fn observer(dir: &Path, code: &OrganisationCode) -> Result<Answer, CliError> {
    let localnet = Localnet::load(dir)?;
    let member = localnet.members().iter().find(|member| member.organisation == *code);
    let member = member.ok_or_else(|| CliError::Usage(not_a_member(&localnet, code)))?;
    if member.roles.contains(&Role::Agency) {
        return Err(CliError::Usage(format!("{code} is an agency: it has a validator")));
    }
    let folder = localnet.observer_home(code);
    let home = Home::new(&folder);
    if !home.is_observer() {
        found(&localnet, code, &home)?;
    }
    start_observer(&localnet, code)?;
    let api = format!("http://{}", home.observer_file()?.http.listen);
    let text = format!(
        "{code} has an observer at {api}\nnext: kanhe trade list --home {0}\n      \
         kanhe chain status --home {0}",
        folder.display()
    );
    Ok(Answer::yes(text, json!({ "organisation": code, "home": folder, "api": api })))
}

/// The home of a new observer. Its key is registered by the member's admin key.
fn found(localnet: &Localnet, code: &OrganisationCode, home: &Home) -> Result<(), CliError> {
    let genesis = localnet.genesis()?;
    let new = NewObserver {
        organisation: code.clone(),
        genesis: &genesis,
        validators: localnet.nodes().iter().map(LocalnetNode::api).collect(),
        listen: localnet.free_address()?,
        certificate: None,
        cost: Cost::Localnet,
    };
    let member = Home::new(localnet.member_home(code));
    let passphrase = passphrase(&member, "passphrase of the localnet's keys")?;
    let key = found_observer(home.path(), new, &passphrase)?;
    // A localnet's observer sends, too. Elsewhere the operator key stays with whoever sends.
    let operator = std::fs::read(member.operator_key_path())
        .map_err(|error| CliError::because("cannot read the member's key", error))?;
    keystore::write_private(&home.operator_key_path(), &operator)?;
    let member = Member::admin_of(&HomeArgs { home: member.path().to_owned(), member: None })?;
    let add =
        KeyChange::Add { new: NewKey { key, purpose: KeyPurpose::Node, from: None, until: None } };
    let keys = OwnKeys { keys: vec![add], reason: "an observer".into() };
    let receipts = admin::say(&member, &[admin::document(Body::OwnKeys(keys))?])?;
    match receipts.iter().find_map(admin::rejection) {
        None => Ok(()),
        Some(rejection) => Err(CliError::No(rejection)),
    }
}

/// Starts an observer that does not run, and waits until it answers.
fn start_observer(localnet: &Localnet, code: &OrganisationCode) -> Result<(), CliError> {
    let home = Home::new(localnet.observer_home(code));
    if home.user()?.is_none() {
        drop(validators::start(&home, Life::Detached)?);
    }
    let member = Member::of(&HomeArgs { home: home.path().to_owned(), member: None })?;
    let started = Instant::now();
    loop {
        match member.client.get_once::<StatusView>(path::STATUS) {
            Ok(_) => return Ok(()),
            Err(error) if OBSERVER_TIMEOUT < started.elapsed() => {
                let log = validators::log_tail(&home);
                return Err(CliError::unknown(format!(
                    "the observer of {code} does not answer: {error}; its log ends with:\n{log}"
                )));
            }
            Err(_) => thread::sleep(OBSERVER_LOOK),
        }
    }
}

/// Exit code 1 when a validator does not run.
fn status(dir: &Path) -> Result<Answer, CliError> {
    let localnet = Localnet::load(dir)?;
    let seen = validators::look(&localnet)?;
    let all = seen.iter().all(|seen| seen.is_running && seen.status.is_some());
    Ok(Answer::whether(all, describe(&localnet, &seen), as_json(&localnet, &seen)))
}

fn add_node(dir: &Path, code: &OrganisationCode) -> Result<Answer, CliError> {
    let mut localnet = Localnet::load(dir)?;
    let (node, keys) = localnet.add_node(code)?;
    let NodeKeys { validator, node: node_key } = keys;
    let home = localnet.home_of(&node);
    let verb = if node.folder.is_none() { "add-validator" } else { "replace-validator" };
    let text = format!(
        "made {}\nkey      {validator}\nnode key {node_key}\n\
         next: kanhe gov propose {verb} {code} --key {validator} --node {node_key} --reason WHY \
         --home {}\n      kanhe localnet up --dir {}   once it is approved",
        home.display(),
        dir.display(),
        dir.display()
    );
    let json = json!({ "name": node.name(), "home": home, "key": validator, "node": node_key });
    Ok(Answer::yes(text, json))
}

fn drop_node(dir: &Path, name: &str) -> Result<Answer, CliError> {
    let mut localnet = Localnet::load(dir)?;
    let node = localnet.drop_node(name)?;
    let home = localnet.home_of(&node);
    let was_running = validators::stop(&Home::new(&home))?;
    let text = format!("{name} is not started any more; its home stays in {}", home.display());
    Ok(Answer::yes(text, json!({ "name": name, "stopped": was_running })))
}

fn describe(localnet: &Localnet, seen: &[Seen]) -> String {
    let mut rows =
        vec![["validator", "process", "height", "connected", "API"].map(str::to_owned).to_vec()];
    for seen in seen {
        let connected = seen.status.as_ref().map(|status| {
            let others = status.validators.iter().filter(|validator| validator.connected);
            format!("{} of {}", others.count(), status.validators.len())
        });
        let process = match (seen.is_running, seen.pid) {
            (false, _) => "stopped".to_owned(),
            (true, Some(pid)) => pid.to_string(),
            (true, None) => "running".to_owned(),
        };
        rows.push(vec![
            seen.node.name().to_owned(),
            process,
            seen.status.as_ref().map_or("-".into(), |status| status.height.to_string()),
            connected.unwrap_or_else(|| "-".into()),
            seen.node.api(),
        ]);
    }
    let mut text = format!("genesis {}\n{}", localnet.genesis_hash(), table(&rows));
    let waiting = seen.iter().filter_map(|seen| seen.status.as_ref());
    let mut waiting: Vec<String> = waiting.flat_map(|status| status.waiting_for.clone()).collect();
    waiting.sort();
    waiting.dedup();
    if !waiting.is_empty() {
        text.push_str(&format!("no quorum: waiting for {}\n", waiting.join(", ")));
    }
    text
}

fn as_json(localnet: &Localnet, seen: &[Seen]) -> Value {
    let nodes: Vec<Value> = seen
        .iter()
        .map(|seen| {
            json!({
                "organisation": seen.node.organisation,
                "name": seen.node.name(),
                "api": seen.node.api(),
                "running": seen.is_running,
                "pid": seen.pid,
                "status": seen.status,
            })
        })
        .collect();
    json!({ "genesis": localnet.genesis_hash(), "dir": localnet.folder(), "nodes": nodes })
}
