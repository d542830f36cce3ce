//! Free ports of loopback.

use super::{LocalnetError, VALIDATORS_MAX};
use crate::keystore::{self, KeystoreError};
use std::net::{Ipv4Addr, TcpListener};

/// Picked ports are from here on,
pub(super) const PORT_MIN: u16 = 12_000;
/// and below this one.
pub(super) const PORT_END: u16 = 32_000;
/// How many ports are tried; far more than any localnet needs.
const PICKS_MAX: usize = 1_000;

const _: () = assert!(VALIDATORS_MAX * 2 < PICKS_MAX);

/// Ports of loopback that are free now. They stay in the files, so that a localnet comes back at
/// the same addresses.
pub(super) fn pick_ports(count: usize, base: Option<u16>) -> Result<Vec<u16>, LocalnetError> {
    // All are held until the last is picked, so that none is picked twice.
    let mut held = Vec::with_capacity(count);
    let Some(base) = base else {
        let mut refused = None;
        for _ in 0..PICKS_MAX {
            if held.len() == count {
                return Ok(held.into_iter().map(|(port, _)| port).collect());
            }
            let port = random_port()?;
            match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
                Ok(listener) => held.push((port, listener)),
                Err(source) => refused = Some(LocalnetError::Port { port, source }),
            }
        }
        return Err(refused.expect("so many picks only end because ports were refused"));
    };
    let ports: Vec<u16> = (base..=u16::MAX).take(count).collect();
    if ports.len() < count {
        return Err(LocalnetError::Ports { base, count });
    }
    for port in &ports {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, *port));
        held.push((*port, listener.map_err(|source| LocalnetError::Port { port: *port, source })?));
    }
    Ok(ports)
}

/// A port below those that systems lend to outgoing connections: one of these would often be
/// lent out while the localnet is down.
fn random_port() -> Result<u16, KeystoreError> {
    let random = u16::from_le_bytes(keystore::random()?);
    Ok(PORT_MIN + random % (PORT_END - PORT_MIN))
}
