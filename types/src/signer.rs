//! Who signs: a key in this process's memory, or another process that holds it.
//!
//! Whatever is asked to sign gets the statement in full and not its digest, so that it can know
//! what it signs and remember what it must not contradict.

use crate::certificate::{Proposal, Vote};
use crate::code::OrganisationCode;
use crate::codec::{Decode, Encode};
use crate::hash::{Domain, Hash};
use crate::keys::{PublicKey, SecretKey, Signature};
use crate::submission::{BatchHeader, SubmissionHeader};
use crate::time::Millis;
use std::fmt;

/// Bytes of a signed request's method and of its path with query, together.
const TARGET_BYTES_MAX: usize = 8 * 1024;
/// Bytes of one encoded statement.
pub const STATEMENT_BYTES_MAX: usize = TARGET_BYTES_MAX + 1024;

/// Everything that keys of this chain sign, but for what proves a connection.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "crate::codec::bincode")]
pub enum Statement {
    /// A validator votes.
    Vote(Vote),
    /// A validator proposes a block.
    Proposal(Proposal),
    /// A validator puts a batch forward.
    Batch(BatchHeader),
    /// A validator holds the batch with this digest on its disk.
    Acknowledgement(Hash),
    /// A validator draws the salt of a batch: nobody else can know what it signs here.
    BatchSalt {
        /// The batch's number.
        number: u64,
        /// What stands for its submissions.
        submissions: Hash,
    },
    /// An organisation submits documents.
    Submission(SubmissionHeader),
    /// An organisation asks a validator over HTTP.
    Request(Request),
}

/// A request over HTTP as its sender signs it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "crate::codec::bincode")]
pub struct Request {
    /// The method, upper case.
    pub method: String,
    /// Path and query exactly as they are sent.
    pub target: String,
    /// Who asks.
    pub organisation: OrganisationCode,
    /// The sender's time.
    pub date: Millis,
    /// Fresh random bytes.
    pub nonce: [u8; 16],
    /// SHA-256 of the body.
    pub body: Hash,
}

/// What a statement is for, without its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// What validators sign: votes, proposals, batches, acknowledgements.
    Validator,
    /// What organisations sign: submissions and requests.
    Organisation,
}

/// A statement was not signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// Whoever holds the key does not answer.
    #[error("the signer does not answer: {0}")]
    Away(String),
    /// Whoever holds the key refuses: it signed something else, or it signs no such statements.
    #[error("the signer refuses: {0}")]
    Refused(String),
}

/// Signs with one key.
pub trait Signer: fmt::Debug + Send + Sync {
    /// The public half of the key.
    fn public_key(&self) -> PublicKey;

    /// Signs a statement for the chain with this genesis hash.
    ///
    /// # Errors
    /// When whoever holds the key does not answer in time, or refuses.
    fn sign_statement(&self, genesis: &Hash, statement: &Statement)
    -> Result<Signature, SignError>;
}

impl Signer for SecretKey {
    fn public_key(&self) -> PublicKey {
        Self::public_key(self)
    }

    fn sign_statement(
        &self,
        genesis: &Hash,
        statement: &Statement,
    ) -> Result<Signature, SignError> {
        Ok(self.sign(&statement.digest(genesis)))
    }
}

impl Statement {
    /// What the signature covers.
    pub fn digest(&self, genesis: &Hash) -> Hash {
        match self {
            Self::Vote(vote) => vote.digest(genesis),
            Self::Proposal(proposal) => proposal.digest(genesis),
            Self::Batch(header) => header.digest(genesis),
            Self::Acknowledgement(batch) => {
                Hash::of(Domain::Acknowledgement, &[genesis.as_bytes(), batch.as_bytes()])
            }
            Self::BatchSalt { number, submissions } => {
                let parts: [&[u8]; 3] = [&genesis.0, &number.to_le_bytes(), &submissions.0];
                Hash::of(Domain::BatchSalt, &parts)
            }
            Self::Submission(header) => header.id(genesis),
            Self::Request(request) => request.digest(genesis),
        }
    }

    /// What it is for.
    pub fn purpose(&self) -> Purpose {
        match self {
            Self::Vote(_)
            | Self::Proposal(_)
            | Self::Batch(_)
            | Self::Acknowledgement(_)
            | Self::BatchSalt { .. } => Purpose::Validator,
            Self::Submission(_) | Self::Request(_) => Purpose::Organisation,
        }
    }

    /// Its name, for people.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Vote(_) => "vote",
            Self::Proposal(_) => "proposal",
            Self::Batch(_) => "batch",
            Self::Acknowledgement(_) => "acknowledgement",
            Self::BatchSalt { .. } => "batch salt",
            Self::Submission(_) => "submission",
            Self::Request(_) => "request",
        }
    }
}

impl Request {
    /// What the signature covers.
    pub fn digest(&self, genesis: &Hash) -> Hash {
        let date = self.date.0.to_string();
        Hash::of(
            Domain::HttpRequest,
            &[
                genesis.as_bytes(),
                self.method.as_bytes(),
                self.target.as_bytes(),
                self.organisation.as_str().as_bytes(),
                date.as_bytes(),
                &self.nonce,
                self.body.as_bytes(),
            ],
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::VoteKind;
    use crate::merkle::Salt;

    #[test]
    fn a_key_in_memory_signs_what_the_statement_says() {
        let secret = SecretKey::from_seed([1; 32]);
        let genesis = Hash([2; 32]);
        let vote = Vote { height: 3, round: 0, kind: VoteKind::Prevote, block: None };
        let header = BatchHeader {
            author: secret.public_key(),
            number: 4,
            validators: Hash([5; 32]),
            submissions: Hash([6; 32]),
            submission_count: 1,
            document_count: 1,
            salt: Salt::default(),
        };
        let expected = [
            (Statement::Vote(vote.clone()), vote.digest(&genesis)),
            (Statement::Batch(header.clone()), header.digest(&genesis)),
            (Statement::Acknowledgement(header.digest(&genesis)), header.acknowledgement(&genesis)),
        ];
        for (statement, digest) in expected {
            assert_eq!(statement.purpose(), Purpose::Validator);
            let signature = secret.sign_statement(&genesis, &statement).unwrap();
            assert_eq!(signature, secret.sign(&digest));
        }
    }
}
