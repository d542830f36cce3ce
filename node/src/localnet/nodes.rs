//! Nodes that come to a localnet, and go, after its founding.

use super::ports::pick_ports;
use super::{Localnet, LocalnetError, LocalnetMember, LocalnetNode};
use crate::home::{
    self, Home, LOCALNET_FILE, NewNode, NodeKeys, PASSPHRASE_FILE, PeerConfig, TimeoutsConfig,
    store_json,
};
use crate::keystore::{self, Cost, Passphrase};
use kanhe_contracts::registry::Role;
use kanhe_types::code::OrganisationCode;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

impl Localnet {
    /// Makes a home for another node of an agency, with new keys and the addresses of all nodes.
    /// It is no validator before the agencies say so.
    ///
    /// # Errors
    /// When the agency is no member, or the folder cannot be written.
    pub fn add_node(
        &mut self,
        code: &OrganisationCode,
    ) -> Result<(LocalnetNode, NodeKeys), LocalnetError> {
        let is_agency = |member: &&LocalnetMember| {
            member.organisation == *code && member.roles.contains(&Role::Agency)
        };
        if self.file.members.iter().find(is_agency).is_none() {
            return Err(LocalnetError::NotAnAgency { code: code.clone() });
        }
        let nodes = self.folder.join("nodes");
        let mut names = (2u32..).map(|number| format!("{code}-{number}"));
        let folder = match nodes.join(code.as_str()).exists() {
            false => None,
            true => names.find(|name| !nodes.join(name).exists()),
        };
        let mut ports = pick_ports(2, None)?.into_iter();
        let mut address = || {
            let port = ports.next().expect("two ports were picked");
            SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)
        };
        let (listen, http) = (address(), address());
        let node = LocalnetNode { organisation: code.clone(), listen, http, folder };
        let home = Home::new(self.home_of(&node));
        let passphrase = self.passphrase()?;
        let peers = self.peers(&passphrase)?;
        let own = Home::new(self.member_home(code)).operator_key_path();
        let scheme = keystore::load(&own, &passphrase)?.scheme();
        let timeouts = Some(TimeoutsConfig::NEAR);
        let organisation = code.clone();
        let new = NewNode { organisation, scheme, listen, http, peers, timeouts };
        let keys = home::init(&home, &self.genesis()?, new, &passphrase, Cost::Localnet)?;
        // The agency asks its node with the key that it speaks with.
        let operator = keystore::read_private(&own)?;
        keystore::write_private(&home.operator_key_path(), &operator)?;
        self.file.nodes.push(node.clone());
        self.rewrite()?;
        Ok((node, keys))
    }

    /// Takes a node off the list of those that are started; its home stays.
    ///
    /// # Errors
    /// When there is none of this name, or the folder cannot be written.
    pub fn drop_node(&mut self, name: &str) -> Result<LocalnetNode, LocalnetError> {
        let place = self.file.nodes.iter().position(|node| node.name() == name);
        let place = place.ok_or_else(|| LocalnetError::UnknownNode {
            name: name.to_owned(),
            known: self.file.nodes.iter().map(|node| node.name().to_owned()).collect(),
        })?;
        let node = self.file.nodes.remove(place);
        self.rewrite()?;
        Ok(node)
    }

    fn passphrase(&self) -> Result<Passphrase, LocalnetError> {
        let bytes = keystore::read_private(&self.folder.join(PASSPHRASE_FILE))?;
        let text = String::from_utf8_lossy(&bytes).trim_end_matches(['\r', '\n']).to_owned();
        Ok(Passphrase::new(text)?)
    }

    /// Where every node is, and which key it shows.
    fn peers(&self, passphrase: &Passphrase) -> Result<Vec<PeerConfig>, LocalnetError> {
        let peer = |node: &LocalnetNode| -> Result<PeerConfig, LocalnetError> {
            let path = Home::new(self.home_of(node)).node_key_path();
            let key = keystore::load(&path, passphrase)?.public_key();
            let (organisation, address) = (node.organisation.clone(), node.listen.to_string());
            Ok(PeerConfig { organisation, node: key, address })
        };
        self.file.nodes.iter().map(peer).collect()
    }

    /// Writes `localnet.json` anew, whole or not at all.
    fn rewrite(&self) -> Result<(), LocalnetError> {
        let path = self.folder.join(LOCALNET_FILE);
        let fresh = path.with_extension("new");
        store_json(&fresh, &self.file)?;
        std::fs::rename(&fresh, &path).map_err(|source| LocalnetError::Io { path, source })
    }
}
