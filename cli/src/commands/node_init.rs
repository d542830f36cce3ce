//! `kanhe node init`: the home of a node that joins a running zone.

use crate::answer::{Answer, CliError};
use crate::args::NodeInitArgs;
use crate::member;
use kanhe_genesis::Genesis;
use kanhe_node::home::{self, Home, NewNode, NodeKeys, PeerConfig, load_genesis};
use kanhe_node::keystore::{self, Cost};
use serde_json::json;

pub(super) fn run(args: &NodeInitArgs) -> Result<Answer, CliError> {
    let home = Home::new(&args.home);
    if home.is_node() || home.validator_key_path().exists() {
        let text = format!("{} holds a node already; give a new folder", args.home.display());
        return Err(CliError::Usage(text));
    }
    let genesis = load_genesis(&args.genesis)?;
    let peers = peers(args, &genesis)?;
    let operator = match &args.operator_key {
        Some(path) => Some(keystore::read_private(path)?),
        None => None,
    };
    let passphrase = member::passphrase(&home, "passphrase for the node's new keys")?;
    let (organisation, listen, http) = (args.organisation.clone(), args.listen, args.http);
    let scheme = args.scheme;
    let new = NewNode { organisation, scheme, listen, http, peers, timeouts: None };
    let NodeKeys { validator, node } =
        home::init(&home, &genesis, new, &passphrase, Cost::Standard)?;
    if let Some(operator) = operator {
        keystore::write_private(&home.operator_key_path(), &operator)?;
    }
    let (code, folder) = (&args.organisation, args.home.display());
    let text = format!(
        "made {folder} for the zone {}\nkey      {validator}\nnode key {node}\n\
         next: an agency proposes: kanhe gov propose add-validator {code} --key {validator} \
         --node {node} --reason WHY\n      then: kanhe node run --home {folder}",
        genesis.hash()
    );
    let json = json!({
        "home": args.home,
        "genesis": genesis.hash(),
        "organisation": code,
        "key": validator,
        "node": node,
    });
    Ok(Answer::yes(text, json))
}

/// The peers with their keys, those of founding validators from the genesis.
fn peers(args: &NodeInitArgs, genesis: &Genesis) -> Result<Vec<PeerConfig>, CliError> {
    let mut peers = Vec::new();
    for peer in &args.peers {
        let founding = genesis.validators.iter().find(|own| own.organisation == peer.organisation);
        let node = peer.node.or(founding.map(|validator| validator.node)).ok_or_else(|| {
            CliError::Usage(format!(
                "the genesis names no validator of {}; give its node key as well: {}=KEY@{}",
                peer.organisation, peer.organisation, peer.address
            ))
        })?;
        peers.push(peer.with_key(node));
    }
    Ok(peers)
}
