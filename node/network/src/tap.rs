//! A copy of what leaves the node, before encryption.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};

/// Appends every outgoing frame to a file, for tests of what leaves a node. Off by default.
///
/// The file holds whole frames, one after another in the order of writing, of all peers and
/// channels; it does not say which.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tap {
    file: Option<Arc<Mutex<File>>>,
}

impl Tap {
    /// Opens or creates the file.
    pub(crate) fn to_file(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(Self { file: Some(Arc::new(Mutex::new(file))) })
    }

    /// Appends whole frames given in parts. Blocks on the disk, which a test can bear.
    pub(crate) fn append(&self, parts: &[&[u8]]) -> io::Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        let mut file = file.lock().expect("no task panics while it appends to the tap");
        parts.iter().try_for_each(|part| file.write_all(part))
    }
}
