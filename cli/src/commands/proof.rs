//! `kanhe proof`: proofs for somebody who trusts nobody.

use crate::answer::{Answer, CliError};
use crate::args::{HomeArgs, ProofCommand};
use crate::client::{Client, ClientError};
use crate::member::Member;
use crate::progress::Progress;
use kanhe_api::{ErrorCode, path};
use kanhe_contracts::document::Document;
use kanhe_genesis::Genesis;
use kanhe_ledger::proof::{DocumentProof, PROOF_BYTES_MAX};
use kanhe_types::hash::Hash;
use serde_json::json;
use std::error::Error;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A proof exists two heights after its document; it is waited for this long.
const PROVED_WITHIN: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_secs(5);

pub(super) fn run(command: &ProofCommand) -> Result<Answer, CliError> {
    match command {
        ProofCommand::Get { id, out, home } => get(home, id, out.as_deref()),
        ProofCommand::Verify { file, genesis } => verify(file, genesis),
    }
}

fn get(home: &HomeArgs, id: &Hash, out: Option<&Path>) -> Result<Answer, CliError> {
    let member = Member::of(home)?;
    let bytes = fetch(&member.client, id)?;
    let file = out.map_or_else(|| PathBuf::from(format!("{}.proof", id.short())), Path::to_owned);
    store(&file, &bytes)?;
    let genesis = member.client.genesis();
    let text = format!(
        "wrote {} ({} bytes)\ncheck it anywhere: kanhe proof verify {} --genesis {genesis}",
        file.display(),
        bytes.len(),
        file.display()
    );
    let json = json!({ "document": id, "file": file, "bytes": bytes.len(), "genesis": genesis });
    Ok(Answer::yes(text, json))
}

fn store(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    let mut file = file.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => {
            CliError::Usage(format!("{} exists; give another path with --out", path.display()))
        }
        _ => CliError::because(format!("cannot write {}", path.display()), error),
    })?;
    file.write_all(bytes)
        .map_err(|error| CliError::because(format!("cannot write {}", path.display()), error))
}

/// The proof of a document, once the chain has gone on far enough.
pub(super) fn fetch(client: &Client, id: &Hash) -> Result<Vec<u8>, CliError> {
    let started = Instant::now();
    let mut progress = Progress::new("waiting for the proof", 0);
    let wait_ms = u64::try_from(POLL.as_millis()).unwrap_or_default();
    loop {
        match client.get_bytes(&path::document_proof(id, wait_ms), POLL) {
            Ok(bytes) => return Ok(bytes),
            Err(error) if is_early(&error) && started.elapsed() < PROVED_WITHIN => progress.show(),
            Err(error) => return Err(error.into()),
        }
    }
}

fn is_early(error: &ClientError) -> bool {
    error.code() == Some(ErrorCode::NotYetProved)
}

fn verify(path: &Path, genesis: &Hash) -> Result<Answer, CliError> {
    let bytes = load(path)?;
    match check(&bytes, genesis) {
        Ok(proof) => Ok(valid(&proof, genesis)),
        Err(reason) => {
            let text = format!("NOT VALID: {reason}");
            Ok(Answer::no(text, json!({ "valid": false, "reason": reason })))
        }
    }
}

fn load(path: &Path) -> Result<Vec<u8>, CliError> {
    let cannot = |error| CliError::because(format!("cannot read {}", path.display()), error);
    let bound = u64::try_from(PROOF_BYTES_MAX).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    File::open(path).map_err(cannot)?.take(bound).read_to_end(&mut bytes).map_err(cannot)?;
    Ok(bytes)
}

/// Checks every link from the genesis hash to the document.
pub(super) fn check(bytes: &[u8], genesis: &Hash) -> Result<DocumentProof, String> {
    let proof = DocumentProof::decode(bytes)
        .map_err(|error| format!("the file is no proof of this release ({error})"))?;
    let validators = |bytes: &[u8]| Ok(Genesis::from_canonical(bytes)?.validator_set());
    match proof.verify(genesis, validators) {
        Ok(()) => Ok(proof),
        Err(error) => Err(match error.source() {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        }),
    }
}

fn valid(proof: &DocumentProof, genesis: &Hash) -> Answer {
    let document = Document::decode(&proof.document).ok();
    let kind = document.as_ref().map(|document| super::name_of(&document.kind()));
    let (header, receipt) = (&proof.certified.header, &proof.receipt);
    let signers = proof.certified.certificate.signatures.len();
    let text = format!(
        "valid: {} {}\nsigned by {} with key {}\naccepted at height {} of the chain with genesis \
         {genesis}\nstated by block {} ({}), which {signers} validators signed",
        kind.as_deref().unwrap_or("document"),
        receipt.document,
        proof.submission.organisation,
        proof.submission.key,
        receipt.height,
        header.height,
        header.time,
    );
    let json = json!({
        "valid": true,
        "genesis": genesis,
        "document": receipt.document,
        "content": document,
        "organisation": proof.submission.organisation,
        "key": proof.submission.key,
        "height": receipt.height,
        "block": header.hash(),
        "time": header.time,
        "signers": signers,
    });
    Answer::yes(text, json)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_proof_is_said_to_be_none() {
        for bytes in [b"".as_slice(), b"{", &[7; 100]] {
            assert!(check(bytes, &Hash::default()).is_err());
        }
    }

    #[test]
    fn a_proof_is_never_written_over_a_file() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("x.proof");
        store(&path, b"one").expect("the path is free");
        assert_eq!(store(&path, b"two").expect_err("taken").exit_code(), 2);
        assert_eq!(load(&path).expect("readable"), b"one");
    }
}
