//! `kanhe pseudonym`: the keys of the pseudonym service.

use crate::answer::{Answer, CliError};
use crate::args::{HomeArgs, PseudonymCommand};
use crate::member::{Member, passphrase};
use crate::pseudonyms::{short, stated_keys};
use crate::table::table;
use kanhe_node::home::{Home, PseudonymServiceConfig};
use kanhe_node::keystore::{self, Cost};
use kanhe_node::pseudonyms::{PseudonymService, key_file};
use kanhe_types::keys::Scheme;
use kanhe_types::pseudonym::{PseudonymScope, PseudonymServiceKey};
use serde_json::json;
use std::path::Path;

pub(super) fn run(command: &PseudonymCommand) -> Result<Answer, CliError> {
    match command {
        PseudonymCommand::Keys { home } => keys(home),
        PseudonymCommand::Prepare { home, number, years } => prepare(home, *number, years),
    }
}

fn keys(home: &HomeArgs) -> Result<Answer, CliError> {
    let keys = stated_keys(&Member::of(home)?)?;
    let text = match keys.is_empty() {
        true => "the policy states no pseudonym keys".into(),
        false => table(&rows(&keys)),
    };
    Ok(Answer::yes(text, json!({ "pseudonym_keys": keys })))
}

fn rows(keys: &[PseudonymServiceKey]) -> Vec<Vec<String>> {
    let mut rows = vec![["year", "key", "kept by", "public key"].map(str::to_owned).to_vec()];
    rows.extend(keys.iter().map(|key| {
        vec![
            key.scope.epoch.to_string(),
            key.scope.key_id.to_string(),
            key.organisation.to_string(),
            format!("{}…", short(key.public_key)),
        ]
    }));
    rows
}

fn prepare(home: &Path, number: u32, years: &[u16]) -> Result<Answer, CliError> {
    let home = Home::new(home);
    let file = home.node_file()?;
    let passphrase = passphrase(&home, "passphrase of the home's keys")?;
    let path = home.keys_path().join(key_file(number));
    let is_new = !path.exists();
    if is_new {
        let cost = if home.localnet().is_some() { Cost::Localnet } else { Cost::Standard };
        keystore::create(&path, Scheme::Ed25519, &passphrase, cost)?;
    }
    let config = PseudonymServiceConfig { keys: vec![number], ..PseudonymServiceConfig::default() };
    let organisation = file.organisation;
    let service = PseudonymService::open(organisation, &config, &home.keys_path(), &passphrase)?;
    let mut years = years.to_vec();
    years.sort_unstable();
    years.dedup();
    let scopes = years.into_iter().map(|epoch| PseudonymScope { key_id: number, epoch });
    let entries: Vec<_> = scopes.filter_map(|scope| service.entry(scope)).collect();
    let json = json!({ "file": path, "is_new": is_new, "pseudonym_keys": entries });
    let lines = serde_json::to_string_pretty(&entries).expect("a key has text keys");
    let made = if is_new { "made" } else { "found" };
    let serves = file.pseudonym_service.is_some_and(|config| config.keys.contains(&number));
    let next = match serves {
        true => String::new(),
        false => format!("add {number} to pseudonym_service.keys in node.json, restart the node\n"),
    };
    let text = format!(
        "{made} {}\n{next}add to pseudonym_keys of the next policy version, ascending by year and \
         number, and propose it with `kanhe gov propose policy`:\n{lines}",
        path.display()
    );
    Ok(Answer::yes(text, json))
}
