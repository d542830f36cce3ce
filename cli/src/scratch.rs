//! Folders that last as long as a command.

use crate::answer::CliError;
use kanhe_node::keystore;
use std::fs;
use std::path::{Path, PathBuf};

/// A new folder for this command alone, removed when dropped.
pub struct Scratch {
    path: PathBuf,
}

impl Scratch {
    /// A new folder among the system's temporary ones.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn new(what: &str) -> Result<Self, CliError> {
        let random = hex::encode(keystore::random::<8>()?);
        let path = std::env::temp_dir().join(format!("kanhe-{what}-{random}"));
        keystore::create_private_folder(&path)?;
        Ok(Self { path })
    }

    /// A new folder at `path`.
    ///
    /// # Errors
    /// When something stands there already, or the system refuses.
    pub fn at(path: &Path) -> Result<Self, CliError> {
        if path.exists() {
            return Err(CliError::Usage(format!("{} exists; give a new folder", path.display())));
        }
        keystore::create_private_folder(path)?;
        Ok(Self { path: path.to_owned() })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A temporary folder that cannot be removed is the system's to clear.
        let _ = fs::remove_dir_all(&self.path);
    }
}
