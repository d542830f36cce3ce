//! Originals on their way to the agency that asked for them: sealed letters that the agency's node
//! holds until they are judged. The node has no key to them.

use crate::keystore::{KeystoreError, create_private_folder, write_private};
use kanhe_types::hash::Hash;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Letters that a node holds at one time.
pub const LETTERS_MAX: usize = 256;

const LETTER: &str = "letter";

/// A folder of letters.
#[derive(Clone, Debug)]
pub struct Letters {
    folder: PathBuf,
}

/// A letter cannot be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum LettersError {
    /// The node holds as many as it may.
    #[error("the node holds {LETTERS_MAX} letters, the most; judge what was shown first")]
    Full,
    /// The system refuses.
    #[error("letter {} cannot be used", .path.display())]
    Io {
        /// The path.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The system refuses.
    #[error(transparent)]
    Write(#[from] KeystoreError),
}

impl Letters {
    /// The letters in `folder`. Nothing is read.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Keeps the letter of a spot check; a later one replaces it.
    ///
    /// # Errors
    /// When there are as many as there may be, or the system refuses.
    pub fn put(&self, check: &Hash, letter: &[u8]) -> Result<(), LettersError> {
        create_private_folder(&self.folder)?;
        let path = self.path(check);
        if !path.exists() && LETTERS_MAX <= self.checks()?.len() {
            return Err(LettersError::Full);
        }
        let unfinished = path.with_extension("unfinished");
        remove(&unfinished)?;
        write_private(&unfinished, letter)?;
        fs::rename(&unfinished, &path).map_err(|source| LettersError::Io { path, source })
    }

    /// The letter of a spot check.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn get(&self, check: &Hash) -> Result<Option<Vec<u8>>, LettersError> {
        let path = self.path(check);
        match fs::read(&path) {
            Ok(letter) => Ok(Some(letter)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(LettersError::Io { path, source }),
        }
    }

    /// The spot checks whose letters are here.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn checks(&self) -> Result<Vec<Hash>, LettersError> {
        let refused = |source| LettersError::Io { path: self.folder.clone(), source };
        let folder = match fs::read_dir(&self.folder) {
            Ok(folder) => folder,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(refused(source)),
        };
        let mut checks = Vec::new();
        for entry in folder {
            let path = entry.map_err(refused)?.path();
            let is_letter = path.extension().is_some_and(|ending| ending == LETTER);
            let name = path.file_stem().and_then(|name| name.to_str());
            checks.extend(name.filter(|_| is_letter).and_then(|name| name.parse::<Hash>().ok()));
        }
        Ok(checks)
    }

    /// Removes the letter of a spot check.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn remove(&self, check: &Hash) -> Result<(), LettersError> {
        remove(&self.path(check))
    }

    fn path(&self, check: &Hash) -> PathBuf {
        self.folder.join(format!("{check}.{LETTER}"))
    }
}

fn remove(path: &Path) -> Result<(), LettersError> {
    match fs::remove_file(path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(LettersError::Io { path: path.to_owned(), source }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_kept_replaced_and_removed_and_their_number_is_bounded() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let letters = Letters::new(folder.path().join("letters"));
        let check =
            |number: usize| Hash::of(kanhe_types::hash::Domain::Letter, &[&number.to_le_bytes()]);
        assert_eq!(letters.get(&check(0)).expect("readable"), None);
        for number in 0..LETTERS_MAX {
            letters.put(&check(number), b"x").expect("there is room");
        }
        assert!(matches!(letters.put(&check(LETTERS_MAX), b"x"), Err(LettersError::Full)));
        letters.put(&check(0), b"y").expect("it replaces its own");
        assert_eq!(letters.get(&check(0)).expect("readable").as_deref(), Some(b"y".as_slice()));
        letters.remove(&check(0)).expect("it is there");
        letters.remove(&check(0)).expect("or it is not");
        assert_eq!(letters.checks().expect("readable").len(), LETTERS_MAX - 1);
        letters.put(&check(LETTERS_MAX), b"x").expect("there is room again");
    }
}
