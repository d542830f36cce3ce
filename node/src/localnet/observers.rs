//! The observers of a localnet.

use super::ports::pick_ports;
use super::{Localnet, LocalnetError};
use crate::home::Home;
use kanhe_types::code::OrganisationCode;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

impl Localnet {
    /// The home of an enterprise's observer, where it has one.
    pub fn observer_home(&self, code: &OrganisationCode) -> PathBuf {
        self.folder.join("observers").join(code.as_str())
    }

    /// The observers of its members that have one.
    pub fn observers(&self) -> Vec<OrganisationCode> {
        let codes = self.members().iter().map(|member| &member.organisation);
        let has_one = |code: &&OrganisationCode| Home::new(self.observer_home(code)).is_observer();
        codes.filter(has_one).cloned().collect()
    }

    /// A free port of this machine for an observer's HTTP API.
    ///
    /// # Errors
    /// When none is found.
    pub fn free_address(&self) -> Result<SocketAddr, LocalnetError> {
        let port = pick_ports(1, None)?.into_iter().next().expect("one was asked for");
        Ok(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port))
    }
}
