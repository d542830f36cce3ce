//! Which keys a localnet's members get.

use kanhe_types::keys::Scheme;
use std::fmt;
use std::str::FromStr;

/// How the members of a localnet sign. Nodes' own keys, those of connections, are always Ed25519.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Schemes {
    /// Everybody with Ed25519.
    #[default]
    Ed25519,
    /// Everybody with SM2.
    Sm2,
    /// Every second member with SM2.
    Mixed,
}

/// A text names no such choice.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected ed25519, sm2 or mixed")]
pub struct ParseSchemesError;

impl Schemes {
    /// The scheme of the member at an index, from 0.
    pub fn of(self, index: usize) -> Scheme {
        match self {
            Self::Ed25519 => Scheme::Ed25519,
            Self::Mixed if index.is_multiple_of(2) => Scheme::Ed25519,
            Self::Sm2 | Self::Mixed => Scheme::Sm2,
        }
    }
}

impl fmt::Display for Schemes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ed25519 => "ed25519",
            Self::Sm2 => "sm2",
            Self::Mixed => "mixed",
        })
    }
}

impl FromStr for Schemes {
    type Err = ParseSchemesError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let all = [Self::Ed25519, Self::Sm2, Self::Mixed];
        all.into_iter().find(|one| one.to_string() == text).ok_or(ParseSchemesError)
    }
}
