//! `kanhe observer`: a node that holds what one organisation may see.

use super::node::{NodeKind, run_until_stopped};
use crate::answer::{Answer, CliError};
use crate::args::ObserverCommand;
use crate::member;
use kanhe_node::home::{Home, NewObserver, found_observer, load_genesis};
use kanhe_node::keystore::Cost;
use kanhe_node::observer::limits::{ADDRESS_BYTES_MAX, SERVERS_MAX};
use serde_json::json;
use std::path::Path;

pub(super) fn run(command: &ObserverCommand) -> Result<Answer, CliError> {
    match command {
        ObserverCommand::Run { home, stop_when_stdin_closes } => {
            run_until_stopped(NodeKind::Observer, home, *stop_when_stdin_closes)
        }
        ObserverCommand::Init { home, organisation, genesis, validators, listen, certificate } => {
            check_addresses(validators)?;
            let genesis = load_genesis(genesis)?;
            let registered = genesis.organisations.iter().find(|own| own.code == *organisation);
            let is_agency =
                registered.is_some_and(|own| own.has_role(kanhe_contracts::registry::Role::Agency));
            if is_agency {
                return Err(CliError::Usage(format!(
                    "{organisation} is an agency: it runs a validator, or asks one"
                )));
            }
            let new = NewObserver {
                organisation: organisation.clone(),
                genesis: &genesis,
                validators: validators.clone(),
                listen: *listen,
                certificate: certificate.clone(),
                cost: Cost::Standard,
            };
            init(home, new)
        }
    }
}

fn check_addresses(validators: &[String]) -> Result<(), CliError> {
    if SERVERS_MAX < validators.len() {
        let found = validators.len();
        return Err(CliError::Usage(format!(
            "expected at most {SERVERS_MAX} validators, found {found}"
        )));
    }
    let is_address = |text: &&String| {
        let has_scheme = text.starts_with("http://") || text.starts_with("https://");
        has_scheme && text.len() <= ADDRESS_BYTES_MAX
    };
    match validators.iter().find(|text| !is_address(text)) {
        None => Ok(()),
        Some(found) => Err(CliError::Usage(format!(
            "expected an address such as https://validator.example:8080, found {found:?}"
        ))),
    }
}

fn init(folder: &Path, new: NewObserver<'_>) -> Result<Answer, CliError> {
    let home = Home::new(folder);
    if home.is_observer() || home.is_node() || home.is_member() {
        return Err(CliError::Usage(format!(
            "{} is a home already; give another",
            folder.display()
        )));
    }
    let passphrase = member::passphrase(&home, "passphrase of the new key")?;
    let (organisation, genesis) = (new.organisation.clone(), new.genesis.hash());
    let key = found_observer(folder, new, &passphrase)?;
    let dir = folder.display();
    let text = format!(
        "an observer of {organisation} in {dir}\nits key is {key}\n\
         next: kanhe keys add {key} --purpose node --home MEMBER_HOME\n      \
         kanhe observer run --home {dir}"
    );
    let json = json!({
        "home": folder, "organisation": organisation, "genesis": genesis, "key": key,
    });
    Ok(Answer::yes(text, json))
}
