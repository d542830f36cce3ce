//! `kanhe localnet`: a whole zone on this machine.

use crate::answer::{Answer, CliError};
use crate::args::LocalnetCommand;
use crate::clock;
use crate::table::table;
use crate::validators::{self, Life, Seen, Validators};
use kanhe_node::home::{Home, NodeKeys};
use kanhe_node::localnet::{Localnet, LocalnetConfig};
use kanhe_types::code::OrganisationCode;
use serde_json::{Value, json};
use std::path::Path;

pub(super) fn run(command: &LocalnetCommand) -> Result<Answer, CliError> {
    match command {
        LocalnetCommand::Init { dir, validators, scheme, base_port, enterprises } => {
            let config = LocalnetConfig {
                validators: *validators,
                schemes: *scheme,
                base_port: *base_port,
                enterprises: enterprises.clone(),
                registered: Vec::new(),
                time: clock::now(),
            };
            init(dir, config)
        }
        LocalnetCommand::Up(args) => up(&args.dir),
        LocalnetCommand::Down(args) => down(&args.dir),
        LocalnetCommand::Status(args) => status(&args.dir),
        LocalnetCommand::AddNode { dir, code } => add_node(dir, code),
        LocalnetCommand::DropNode { dir, name } => drop_node(dir, name),
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
    let text = match stopped.len() {
        0 => "nothing ran".to_owned(),
        count => format!("stopped {count} validators: {}", stopped.join(", ")),
    };
    Ok(Answer::yes(text, json!({ "stopped": stopped })))
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
