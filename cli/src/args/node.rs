//! The flags of `kanhe node init`.

use clap::Args;
use kanhe_node::home::PeerConfig;
use kanhe_types::code::OrganisationCode;
use kanhe_types::keys::{PublicKey, Scheme};
use std::net::SocketAddr;
use std::path::PathBuf;

/// `kanhe node init`.
#[derive(Clone, Debug, Args)]
pub struct NodeInitArgs {
    /// The folder; empty or absent.
    #[arg(long, env = "KANHE_HOME", value_name = "DIR")]
    pub home: PathBuf,
    /// The agency whose node it is.
    #[arg(long, value_name = "CODE")]
    pub organisation: OrganisationCode,
    /// The zone's genesis.json.
    #[arg(long, value_name = "FILE")]
    pub genesis: PathBuf,
    /// How its validator signs: ed25519 or sm2.
    #[arg(long, default_value_t = Scheme::Ed25519)]
    pub scheme: Scheme,
    /// Where it accepts other validators.
    #[arg(long, value_name = "IP:PORT")]
    pub listen: SocketAddr,
    /// Where its HTTP API listens.
    #[arg(long, value_name = "IP:PORT")]
    pub http: SocketAddr,
    /// Another validator's node, such as TAX=10.0.0.2:4000, or where the genesis does not name it
    /// TAX=ed25519:KEY@10.0.0.2:4000; may be repeated.
    #[arg(long = "peer", value_name = "CODE=[KEY@]HOST:PORT", value_parser = peer, required = true)]
    pub peers: Vec<Peer>,
    /// The agency's operator key file, so that it can ask its node; it is copied.
    #[arg(long, value_name = "FILE")]
    pub operator_key: Option<PathBuf>,
}

/// Where another node is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Whose node it is.
    pub organisation: OrganisationCode,
    /// The key that it shows; of whom the genesis names, that is known.
    pub node: Option<PublicKey>,
    /// `host:port`.
    pub address: String,
}

impl Peer {
    /// The peer as `node.json` holds it, under this key.
    pub fn with_key(&self, node: PublicKey) -> PeerConfig {
        let (organisation, address) = (self.organisation.clone(), self.address.clone());
        PeerConfig { organisation, node, address }
    }
}

fn peer(text: &str) -> Result<Peer, String> {
    let (code, rest) = text.split_once('=').ok_or("expected CODE=[KEY@]HOST:PORT")?;
    let organisation = code.parse().map_err(|error| format!("{error}"))?;
    let (node, address) = match rest.split_once('@') {
        None => (None, rest),
        Some((key, address)) => (Some(key.parse().map_err(|error| format!("{error}"))?), address),
    };
    let port = address.rsplit_once(':').map(|(_, port)| port.parse::<u16>());
    if !matches!(port, Some(Ok(_))) {
        return Err(format!("expected HOST:PORT, found {address}"));
    }
    Ok(Peer { organisation, node, address: address.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peers_are_read_with_and_without_their_key() {
        let plain = peer("TAX=node.example:4000").expect("a peer");
        assert_eq!((plain.node, plain.address.as_str()), (None, "node.example:4000"));
        let key = format!("ed25519:{}", "1".repeat(64));
        let keyed = peer(&format!("TAX={key}@10.0.0.2:4000")).expect("a peer");
        assert_eq!(keyed.node.map(|key| key.to_string()), Some(key));
        for bad in ["TAX", "TAX=host", "TAX=x@host:1", "=host:1", "TAX=host:99999"] {
            assert!(peer(bad).is_err(), "{bad}");
        }
    }
}
