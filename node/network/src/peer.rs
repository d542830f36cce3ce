//! Who a peer is and where it is found.

use libp2p::PeerId;
use libp2p::identity::Keypair;
use std::fmt;
use zeroize::Zeroizing;

/// What libp2p writes before an Ed25519 key in a peer id: an identity multihash (code 0, length 36)
/// of a protobuf message (key type 1, then 32 bytes of key).
const PEER_ID_PREFIX: [u8; 6] = [0x00, 0x24, 0x08, 0x01, 0x12, 0x20];

/// A peer's Ed25519 public key, RFC 8032 encoding. Written as 64 hex digits.
///
/// Bytes that are no point of the curve are allowed: nobody can authenticate with such a key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerKey([u8; 32]);

/// A registered peer and where to reach it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerAddress {
    /// The key with which the peer authenticates.
    pub key: PeerKey,
    /// `host:port` or `ip:port`. A host name is looked up at every attempt. `None`: the peer may
    /// connect to us, we do not dial it.
    pub address: Option<String>,
}

impl PeerKey {
    /// The peer with this public key.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The peer whose secret key has this seed.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self::from_peer_id(&keypair(seed).public().to_peer_id())
            .expect("the peer id of an Ed25519 key holds the key")
    }

    /// The public key.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    pub(crate) fn to_peer_id(self) -> PeerId {
        let mut bytes = PEER_ID_PREFIX.to_vec();
        bytes.extend_from_slice(&self.0);
        PeerId::from_bytes(&bytes).expect("an identity multihash of 36 bytes is a peer id")
    }

    /// `None` for a peer whose key is not Ed25519.
    pub(crate) fn from_peer_id(peer_id: &PeerId) -> Option<Self> {
        let bytes = peer_id.to_bytes();
        let key = bytes.strip_prefix(&PEER_ID_PREFIX)?;
        Some(Self(key.try_into().ok()?))
    }
}

impl From<[u8; 32]> for PeerKey {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for PeerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for PeerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PeerKey({self})")
    }
}

/// The key pair of a seed, as libp2p wants it.
pub(crate) fn keypair(seed: &[u8; 32]) -> Keypair {
    // libp2p wipes the buffer it is given; the copy is wiped here in any case.
    let mut copy = Zeroizing::new(*seed);
    Keypair::ed25519_from_bytes(&mut copy[..]).expect("any 32 bytes are an Ed25519 seed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_id_holds_the_key_and_gives_it_back() {
        let id = keypair(&[7; 32]).public().to_peer_id();
        let key = PeerKey::from_peer_id(&id).expect("an Ed25519 peer id");
        assert_eq!(key.to_peer_id(), id);
        assert_eq!(key, PeerKey::from_seed(&[7; 32]));
        let public = keypair(&[7; 32]).public().try_into_ed25519().expect("Ed25519").to_bytes();
        assert_eq!(*key.as_bytes(), public);
    }

    #[test]
    fn a_key_that_is_no_curve_point_still_has_a_peer_id() {
        let key = PeerKey::from_bytes([0xff; 32]);
        assert_eq!(PeerKey::from_peer_id(&key.to_peer_id()), Some(key));
    }

    #[test]
    fn a_peer_id_of_another_kind_is_no_key() {
        let hashed = [&[0x12, 0x20][..], &[1; 32]].concat();
        let id = PeerId::from_bytes(&hashed).expect("a SHA-256 multihash");
        assert_eq!(PeerKey::from_peer_id(&id), None);
    }

    #[test]
    fn a_key_is_written_as_64_hex_digits() {
        assert_eq!(PeerKey::from_bytes([0x0a; 32]).to_string(), "0a".repeat(32));
    }
}
