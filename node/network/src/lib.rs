//! Authenticated channels of opaque bytes between registered peers.
//!
//! A node listens on one TCP port, dials every peer whose address it knows, and keeps exactly one
//! *link* per registered peer: one outgoing and one incoming stream for each [`Channel`], encrypted
//! and authenticated by Noise with the peers' Ed25519 keys. Whoever is not registered is refused
//! when the handshake has shown the key, before one byte of a message is exchanged.
//!
//! What travels is not understood here: this crate never decodes a message, never decides who is
//! registered (the caller says so, [`NetworkHandle::set_peers`]), never stores a message, and never
//! repeats one. A message accepted by [`NetworkHandle::send`] is lost if the link breaks before it
//! arrives; whoever needs it asks again. Nothing is forwarded from peer to peer.
//!
//! The only user of libp2p in the workspace: no type of libp2p is public.
//!
//! # Frames
//! Each stream carries frames in one direction: a length in bytes (`u32`, big-endian), then that
//! many bytes. The first frame on the agreement stream is the sender's hello; later empty frames on
//! it keep the link alive. The other streams have no empty frames. Bounds stand in [`limits`].
//!
//! # Modules in reading order
//! `peer`, `channel`, [`limits`], `events`: the words. `frame`, `outbox`, `tap`: bytes out and in.
//! `streams`: opening and accepting streams on a libp2p connection. `link`: the life of one peer's
//! streams. `driver`: connections, dialing and membership. `handle`: what the caller holds.

mod channel;
mod driver;
mod events;
mod frame;
mod handle;
pub mod limits;
mod link;
mod outbox;
mod peer;
mod streams;
mod tap;

#[cfg(test)]
mod tests;

pub use channel::Channel;
pub use events::{NetworkEvent, NetworkEvents};
pub use handle::{Network, NetworkConfig, NetworkError, NetworkHandle, PeerStats, SendError};
pub use peer::{PeerAddress, PeerKey};
