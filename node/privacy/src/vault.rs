//! A sender's originals, each encrypted with a key of its own.
//!
//! ```text
//! FOLDER/NAME.original   one original
//! FOLDER/NAME.erased     that there was one: which document, which record; nothing of its content
//! ```
//!
//! An original's file is `"KANHEV1\n"`, a nonce of 24 bytes, the length of the sealed head (`u32`
//! LE), the head sealed with the vault's key, and the original sealed with the key in the head. The
//! head holds that key and the salt of the commitment. Whoever loses the head has lost the original
//! and what its commitment was made of, even where a disk keeps older copies of the rest. Both are
//! XChaCha20-Poly1305, and the file's name is part of what they authenticate.
//!
//! A name is the digest of the document with pseudonyms, so that the same document sent again finds
//! its original, and gets the same commitment.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use kanhe_types::codec::{self, Decode, Encode};
use kanhe_types::hash::{Domain, Hash, hmac_sha256};
use kanhe_types::limits::HTTP_BODY_BYTES_MAX;
use kanhe_types::receipt::CaseKey;
use kanhe_types::time::Millis;
use std::collections::BTreeSet;
use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use zeroize::{Zeroize, Zeroizing};

/// Bytes of an original, at most: one HTTP request carries it, sealed.
pub const ORIGINAL_BYTES_MAX: usize = HTTP_BODY_BYTES_MAX - 64 * 1024;
/// Bytes of a commitment's salt.
pub const SALT_BYTES: usize = 32;

const MAGIC: &[u8; 8] = b"KANHEV1\n";
const NONCE_BYTES: usize = 24;
const TAG_BYTES: usize = 16;
const HEAD_BYTES_MAX: usize = 4 * 1024;
const FILE_BYTES_MAX: usize =
    MAGIC.len() + NONCE_BYTES + 4 + HEAD_BYTES_MAX + ORIGINAL_BYTES_MAX + TAG_BYTES;
const ORIGINAL: &str = "original";
const ERASED: &str = "erased";
const UNFINISHED: &str = "unfinished";
/// Originals that wait for [`Vault::sync`] at most; the next one syncs them.
const UNSYNCED_MAX: usize = 1_024;
/// Threads that sync: a disk carries out together what comes at once.
const SYNC_THREADS: usize = 8;

/// A folder of originals, and the key that opens their heads.
pub struct Vault {
    folder: PathBuf,
    key: Zeroizing<[u8; 32]>,
    /// What was put and is not synced yet; it stands in files that are not finished.
    unsynced: Mutex<BTreeSet<Hash>>,
}

/// What is known of an original without its content.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct About {
    /// The document that it is the original of, as the ledger names it.
    pub document: Hash,
    /// The kind of document.
    pub kind: String,
    /// The case that the document says it belongs to; none for a waybill.
    pub case: Option<CaseKey>,
    /// The number of the order that it is about.
    pub order_no: Option<String>,
    /// What the document on the ledger commits to.
    pub commitment: Hash,
    /// Which originals are one message that could not be taken apart, because it is signed.
    pub message: Option<[u8; 16]>,
    /// When it was put here.
    pub stored: Millis,
}

/// An original with everything that its commitment was made of. Wiped from memory when dropped.
pub struct Original {
    /// What is known of it.
    pub about: About,
    /// What hides it in its commitment.
    pub salt: Zeroizing<[u8; SALT_BYTES]>,
    /// The bytes.
    pub bytes: Zeroizing<Vec<u8>>,
}

/// That there was an original.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct Erased {
    /// The document whose original it was.
    pub document: Hash,
    /// What the ledger commits to, which says nothing any more.
    pub commitment: Hash,
    /// The deletion record.
    pub record: Hash,
}

/// What a vault holds under a name.
#[derive(Debug)]
pub enum Held {
    /// An original.
    Original(About),
    /// That there was one.
    Erased(Erased),
}

#[derive(Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
struct Head {
    key: [u8; 32],
    salt: [u8; SALT_BYTES],
    about: About,
}

impl Drop for Head {
    fn drop(&mut self) {
        self.key.zeroize();
        self.salt.zeroize();
    }
}

/// A vault cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The system refuses.
    #[error("cannot {verb} {}; check that the path exists, has room, and that this user may", .path.display())]
    Io {
        /// What was tried.
        verb: &'static str,
        /// The path.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file is not what was written, or was written with another key.
    #[error("{} is damaged, or was written with another vault key; restore it from a backup", .path.display())]
    Damaged {
        /// The path.
        path: PathBuf,
    },
    /// An original is too long.
    #[error("an original has {found} bytes, expected at most {ORIGINAL_BYTES_MAX}")]
    TooLong {
        /// Its length in bytes.
        found: usize,
    },
    /// The system has no randomness to give.
    #[error("the system gives no randomness")]
    Randomness(#[from] getrandom::Error),
}

/// What a document commits to: an original behind a salt.
pub fn commitment(salt: &[u8; SALT_BYTES], original: &[u8]) -> Hash {
    Hash::of(Domain::Original, &[salt, original])
}

/// A new salt.
///
/// # Errors
/// When the system gives no randomness.
pub fn new_salt() -> Result<Zeroizing<[u8; SALT_BYTES]>, VaultError> {
    let mut salt = Zeroizing::new([0; SALT_BYTES]);
    getrandom::fill(salt.as_mut_slice())?;
    Ok(salt)
}

impl Vault {
    /// The vault in `folder`, opened with a home's secret. Nothing is read.
    pub fn new(folder: impl Into<PathBuf>, secret: &[u8; 32]) -> Self {
        let key = Zeroizing::new(hmac_sha256(secret, &[b"kanhe/1/vault"]));
        Self { folder: folder.into(), key, unsynced: Mutex::default() }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What stands under `name`.
    ///
    /// # Errors
    /// When the folder cannot be read, or the file is damaged.
    pub fn find(&self, name: &Hash) -> Result<Option<Held>, VaultError> {
        let erased = self.path(name, ERASED);
        if let Some(bytes) = read(&erased, HEAD_BYTES_MAX)? {
            let erased = codec::decode(&bytes, HEAD_BYTES_MAX)
                .map_err(|_| VaultError::Damaged { path: erased })?;
            return Ok(Some(Held::Erased(erased)));
        }
        let path = self.original_path(name);
        match open(&path)? {
            None => Ok(None),
            Some(mut file) => {
                let head = self.head(name, &path, &mut file)?;
                Ok(Some(Held::Original(head.about.clone())))
            }
        }
    }

    /// Puts an original under `name`. It lasts once [`Self::sync`] has ended the series; until then
    /// only this value finds it.
    ///
    /// # Errors
    /// When it is too long, or the folder cannot be written.
    pub fn put(&self, name: &Hash, original: &Original) -> Result<(), VaultError> {
        if ORIGINAL_BYTES_MAX < original.bytes.len() {
            return Err(VaultError::TooLong { found: original.bytes.len() });
        }
        self.make_folder()?;
        let mut key = Zeroizing::new([0; 32]);
        getrandom::fill(key.as_mut_slice())?;
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce)?;
        let head = Head { key: *key, salt: *original.salt, about: original.about.clone() };
        let head = Zeroizing::new(codec::encode_secret(&head));
        let head = encrypt(&self.key, &nonce, name, &head);
        let body = encrypt(&key, &[0; NONCE_BYTES], name, &original.bytes);
        let length = u32::try_from(head.len()).unwrap_or(u32::MAX).to_le_bytes();
        let bytes = [MAGIC.as_slice(), &nonce, &length, &head, &body].concat();
        let path = self.path(name, UNFINISHED);
        create(&path, &bytes).map_err(|source| io_error("write", &path, source))?;
        let count = {
            let mut unsynced = self.unsynced();
            unsynced.insert(*name);
            unsynced.len()
        };
        if UNSYNCED_MAX <= count { self.sync() } else { Ok(()) }
    }

    /// Writes to disk what was put.
    ///
    /// # Errors
    /// When the system refuses. Whatever is not on disk then is tried again by the next call.
    pub fn sync(&self) -> Result<(), VaultError> {
        let names: Vec<Hash> = self.unsynced().iter().copied().collect();
        if names.is_empty() {
            return Ok(());
        }
        let share = names.len().div_ceil(SYNC_THREADS);
        thread::scope(|scope| {
            let shares = names.chunks(share);
            let threads: Vec<_> =
                shares.map(|names| scope.spawn(move || self.finish(names))).collect();
            let ended = threads.into_iter().map(|thread| thread.join().expect("no thread panics"));
            ended.fold(Ok(()), Result::and)
        })?;
        self.sync_folder()?;
        let mut unsynced = self.unsynced();
        names.iter().for_each(|name| {
            unsynced.remove(name);
        });
        Ok(())
    }

    /// Syncs files and gives them their names.
    fn finish(&self, names: &[Hash]) -> Result<(), VaultError> {
        for name in names {
            let (unfinished, path) = (self.path(name, UNFINISHED), self.path(name, ORIGINAL));
            // A call before this one got so far, or the original was erased since.
            let Some(file) = open(&unfinished)? else { continue };
            let finished = file.sync_all().and_then(|()| fs::rename(&unfinished, &path));
            finished.map_err(|source| io_error("write", &path, source))?;
        }
        Ok(())
    }

    fn sync_folder(&self) -> Result<(), VaultError> {
        let synced = File::open(&self.folder).and_then(|folder| folder.sync_all());
        synced.map_err(|source| io_error("sync", &self.folder, source))
    }

    /// The original under `name`.
    ///
    /// # Errors
    /// When it cannot be read or is damaged.
    pub fn get(&self, name: &Hash) -> Result<Option<Original>, VaultError> {
        let path = self.original_path(name);
        let Some(mut file) = open(&path)? else { return Ok(None) };
        let head = self.head(name, &path, &mut file)?;
        let mut rest = Vec::new();
        let bound = u64::try_from(FILE_BYTES_MAX).unwrap_or(u64::MAX);
        file.take(bound)
            .read_to_end(&mut rest)
            .map_err(|source| io_error("read", &path, source))?;
        let bytes = decrypt(&head.key, &[0; NONCE_BYTES], name, &rest);
        let bytes = bytes.ok_or(VaultError::Damaged { path })?;
        let salt = Zeroizing::new(head.salt);
        Ok(Some(Original { about: head.about.clone(), salt, bytes }))
    }

    /// The names of everything in the vault, ascending.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn names(&self) -> Result<Vec<Hash>, VaultError> {
        let folder = match fs::read_dir(&self.folder) {
            Ok(folder) => folder,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(io_error("read", &self.folder, source)),
        };
        let mut names = Vec::new();
        for entry in folder {
            let path = entry.map_err(|source| io_error("read", &self.folder, source))?.path();
            let ending = path.extension().and_then(|ending| ending.to_str());
            let name =
                path.file_stem().and_then(|name| name.to_str()).and_then(|name| name.parse().ok());
            if let (Some(ORIGINAL | ERASED), Some(name)) = (ending, name) {
                names.push(name);
            }
        }
        names.sort_unstable();
        names.dedup();
        Ok(names)
    }

    /// Destroys an original and its salt: what remains is that there was one. Writes over the file
    /// before it is removed; where a disk keeps older copies, they are of no use without the key
    /// that stood in the head, and the head's copies need the vault's key.
    ///
    /// # Errors
    /// When the system refuses. The same again goes on where it stopped.
    pub fn erase(&self, name: &Hash, erased: &Erased) -> Result<(), VaultError> {
        let tomb = self.path(name, ERASED);
        if !tomb.exists() {
            self.make_folder()?;
            self.write_new(&tomb, &codec::encode(erased))?;
        }
        // What a crash left half written is an original too.
        for path in [self.path(name, ORIGINAL), self.path(name, UNFINISHED)] {
            if path.exists() {
                write_over(&path)?;
                fs::remove_file(&path).map_err(|source| io_error("remove", &path, source))?;
            }
        }
        self.unsynced().remove(name);
        self.sync_folder()
    }

    fn unsynced(&self) -> MutexGuard<'_, BTreeSet<Hash>> {
        self.unsynced.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where the original under `name` stands, if it does. What a crash left half written is none.
    fn original_path(&self, name: &Hash) -> PathBuf {
        let path = self.path(name, ORIGINAL);
        match self.unsynced().contains(name) && !path.exists() {
            true => self.path(name, UNFINISHED),
            false => path,
        }
    }

    fn path(&self, name: &Hash, ending: &str) -> PathBuf {
        self.folder.join(format!("{name}.{ending}"))
    }

    fn make_folder(&self) -> Result<(), VaultError> {
        if self.folder.is_dir() {
            return Ok(());
        }
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&self.folder);
        made.map_err(|source| io_error("create", &self.folder, source))
    }

    /// Writes a file that nobody sees before it is whole.
    fn write_new(&self, path: &Path, bytes: &[u8]) -> Result<(), VaultError> {
        let unfinished = path.with_extension(UNFINISHED);
        let written = create(&unfinished, bytes).and_then(|file| file.sync_all());
        written
            .and_then(|()| fs::rename(&unfinished, path))
            .map_err(|source| io_error("write", path, source))
    }

    /// The head of an original's file, which is read so far.
    fn head(&self, name: &Hash, path: &Path, file: &mut File) -> Result<Head, VaultError> {
        let damaged = || VaultError::Damaged { path: path.to_owned() };
        let mut start = [0; MAGIC.len() + NONCE_BYTES + 4];
        file.read_exact(&mut start).map_err(|_| damaged())?;
        let (magic, rest) = start.split_first_chunk::<8>().ok_or_else(damaged)?;
        let (nonce, rest) = rest.split_first_chunk::<NONCE_BYTES>().ok_or_else(damaged)?;
        let length = rest.first_chunk::<4>().ok_or_else(damaged)?;
        let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|_| damaged())?;
        if magic != MAGIC || HEAD_BYTES_MAX < length {
            return Err(damaged());
        }
        let mut sealed = vec![0; length];
        file.read_exact(&mut sealed).map_err(|_| damaged())?;
        let plain = decrypt(&self.key, nonce, name, &sealed).ok_or_else(damaged)?;
        codec::decode(&plain, HEAD_BYTES_MAX).map_err(|_| damaged())
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl fmt::Debug for Original {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Original").field("about", &self.about).finish_non_exhaustive()
    }
}

/// Random bytes over a file's content, on disk before it is shortened.
fn write_over(path: &Path) -> Result<(), VaultError> {
    let refused = |source| io_error("write over", path, source);
    let mut file = OpenOptions::new().write(true).open(path).map_err(refused)?;
    let mut left = usize::try_from(file.metadata().map_err(refused)?.len()).unwrap_or(usize::MAX);
    let mut noise = vec![0; 64 * 1024];
    file.rewind().map_err(refused)?;
    while 0 < left {
        let part = noise.get_mut(..left.min(64 * 1024)).unwrap_or_default();
        getrandom::fill(part)?;
        file.write_all(part).map_err(refused)?;
        left = left.saturating_sub(part.len());
    }
    file.sync_all().map_err(refused)?;
    file.set_len(0).and_then(|()| file.sync_all()).map_err(refused)
}

fn encrypt(key: &[u8; 32], nonce: &[u8; NONCE_BYTES], name: &Hash, plain: &[u8]) -> Vec<u8> {
    let cipher = XChaCha20Poly1305::new(Key::from_slice(key));
    cipher
        .encrypt(XNonce::from_slice(nonce), Payload { msg: plain, aad: name.as_bytes() })
        .expect("content is far shorter than the cipher's limit")
}

fn decrypt(
    key: &[u8; 32],
    nonce: &[u8; NONCE_BYTES],
    name: &Hash,
    sealed: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let cipher = XChaCha20Poly1305::new(Key::from_slice(key));
    let payload = Payload { msg: sealed, aad: name.as_bytes() };
    cipher.decrypt(XNonce::from_slice(nonce), payload).ok().map(Zeroizing::new)
}

fn create(path: &Path, bytes: &[u8]) -> io::Result<File> {
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    Ok(file)
}

fn open(path: &Path) -> Result<Option<File>, VaultError> {
    match File::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(io_error("read", path, source)),
    }
}

fn read(path: &Path, bytes_max: usize) -> Result<Option<Vec<u8>>, VaultError> {
    let Some(file) = open(path)? else { return Ok(None) };
    let mut bytes = Vec::new();
    file.take(u64::try_from(bytes_max).unwrap_or(u64::MAX).saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|source| io_error("read", path, source))?;
    Ok(Some(bytes))
}

fn io_error(verb: &'static str, path: &Path, source: io::Error) -> VaultError {
    VaultError::Io { verb, path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: Hash = Hash([1; 32]);
    const BYTES: &[u8] = "<buyerName>测试某甲</buyerName>".as_bytes();

    fn vault() -> (Vault, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        (Vault::new(folder.path().join("vault"), &[7; 32]), folder)
    }

    fn original() -> Original {
        let salt = Zeroizing::new([0xA5; SALT_BYTES]);
        let about = About {
            document: Hash([2; 32]),
            kind: "order".into(),
            case: None,
            order_no: Some("ORDER1".into()),
            commitment: commitment(&salt, BYTES),
            message: None,
            stored: Millis(5),
        };
        Original { about, salt, bytes: Zeroizing::new(BYTES.to_vec()) }
    }

    fn erased() -> Erased {
        let own = original().about;
        Erased { document: own.document, commitment: own.commitment, record: Hash([3; 32]) }
    }

    /// Whether any file below `folder` holds `bytes`.
    fn is_on_disk(folder: &Path, bytes: &[u8]) -> bool {
        fs::read_dir(folder).unwrap().any(|entry| {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => is_on_disk(&path, bytes),
                false => fs::read(&path).unwrap().windows(bytes.len()).any(|part| part == bytes),
            }
        })
    }

    #[test]
    fn an_original_comes_back_and_nothing_of_it_stands_in_clear() {
        let (vault, folder) = vault();
        assert!(vault.find(&NAME).unwrap().is_none() && vault.names().unwrap().is_empty());
        vault.put(&NAME, &original()).unwrap();
        vault.sync().unwrap();
        let back = vault.get(&NAME).unwrap().unwrap();
        assert_eq!((back.about.clone(), back.bytes.as_slice()), (original().about, BYTES));
        assert_eq!(commitment(&back.salt, &back.bytes), back.about.commitment);
        assert_eq!(vault.names().unwrap(), [NAME]);
        let Some(Held::Original(about)) = vault.find(&NAME).unwrap() else { unreachable!() };
        assert_eq!(about, original().about);
        for secret in [BYTES, "测试某甲".as_bytes(), &[0xA5; SALT_BYTES], b"ORDER1"] {
            assert!(!is_on_disk(folder.path(), secret));
        }
        assert!(!format!("{back:?}").contains("测试"));
    }

    #[test]
    fn what_is_not_synced_is_found_here_alone_and_all_of_it_lasts_after_a_sync() {
        let (vault, folder) = vault();
        let names: Vec<Hash> = (0..40).map(|number| Hash([number; 32])).collect();
        for name in &names {
            vault.put(name, &original()).unwrap();
        }
        let other = Vault::new(folder.path().join("vault"), &[7; 32]);
        for name in &names {
            assert!(vault.find(name).unwrap().is_some() && other.find(name).unwrap().is_none());
            assert_eq!(vault.get(name).unwrap().unwrap().bytes.as_slice(), BYTES);
        }
        assert!(other.names().unwrap().is_empty());
        vault.erase(&names[3], &erased()).unwrap();
        vault.sync().unwrap();
        assert_eq!(other.names().unwrap(), names);
        for (number, name) in names.iter().enumerate() {
            let held = other.find(name).unwrap();
            assert_eq!(matches!(held, Some(Held::Erased(_))), number == 3, "{held:?}");
            assert!(held.is_some());
        }
        let left = fs::read_dir(folder.path().join("vault")).unwrap();
        assert_eq!(left.count(), names.len());
        // One more than may wait is synced on the way.
        for number in 0..UNSYNCED_MAX {
            let number = u32::try_from(number).unwrap().to_le_bytes();
            vault.put(&Hash::of(Domain::VaultName, &[&number]), &original()).unwrap();
        }
        assert_eq!(other.names().unwrap().len(), names.len() + UNSYNCED_MAX);
    }

    #[test]
    fn another_key_another_name_or_a_changed_byte_opens_nothing() {
        let (vault, _folder) = vault();
        vault.put(&NAME, &original()).unwrap();
        vault.sync().unwrap();
        let other = Vault::new(vault.folder(), &[8; 32]);
        assert!(matches!(other.get(&NAME), Err(VaultError::Damaged { .. })));
        let (path, moved) = (vault.path(&NAME, ORIGINAL), vault.path(&Hash([9; 32]), ORIGINAL));
        fs::copy(&path, moved).unwrap();
        assert!(matches!(vault.get(&Hash([9; 32])), Err(VaultError::Damaged { .. })));
        let bytes = fs::read(&path).unwrap();
        for index in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[index] ^= 1;
            fs::write(&path, changed).unwrap();
            assert!(matches!(vault.get(&NAME), Err(VaultError::Damaged { .. })), "byte {index}");
        }
        fs::write(&path, &bytes[..40]).unwrap();
        assert!(matches!(vault.find(&NAME), Err(VaultError::Damaged { .. })));
    }

    #[test]
    fn what_is_erased_is_gone_from_the_disk_and_is_known_to_have_been() {
        let (vault, folder) = vault();
        vault.put(&NAME, &original()).unwrap();
        vault.sync().unwrap();
        let sealed = fs::read(vault.path(&NAME, ORIGINAL)).unwrap();
        // A second name of the same file shows what is written over it.
        let witness = folder.path().join("witness");
        fs::hard_link(vault.path(&NAME, ORIGINAL), &witness).unwrap();
        vault.erase(&NAME, &erased()).unwrap();
        vault.erase(&NAME, &erased()).unwrap();
        assert!(vault.get(&NAME).unwrap().is_none());
        assert_eq!(fs::read(witness).unwrap(), b"");
        assert!(!is_on_disk(folder.path(), &sealed[..64]));
        let Some(Held::Erased(found)) = vault.find(&NAME).unwrap() else { unreachable!() };
        assert_eq!(found, erased());
        assert_eq!(vault.names().unwrap(), [NAME]);
    }

    #[test]
    fn an_erasure_that_was_interrupted_goes_on() {
        let (vault, _folder) = vault();
        vault.put(&NAME, &original()).unwrap();
        vault.sync().unwrap();
        vault.write_new(&vault.path(&NAME, ERASED), &codec::encode(&erased())).unwrap();
        assert!(matches!(vault.find(&NAME).unwrap(), Some(Held::Erased(_))));
        vault.erase(&NAME, &erased()).unwrap();
        assert!(!vault.path(&NAME, ORIGINAL).exists());
        fs::write(vault.path(&NAME, UNFINISHED), b"half").unwrap();
        vault.erase(&NAME, &erased()).unwrap();
        assert!(!vault.path(&NAME, UNFINISHED).exists());
    }

    #[test]
    fn the_longest_original_is_kept_and_a_longer_one_refused() {
        let (vault, _folder) = vault();
        let with = |length| Original { bytes: Zeroizing::new(vec![1; length]), ..original() };
        vault.put(&NAME, &with(ORIGINAL_BYTES_MAX)).unwrap();
        assert_eq!(vault.get(&NAME).unwrap().unwrap().bytes.len(), ORIGINAL_BYTES_MAX);
        let refused = vault.put(&NAME, &with(ORIGINAL_BYTES_MAX + 1));
        assert!(matches!(refused, Err(VaultError::TooLong { .. })));
    }

    #[test]
    fn a_salt_hides_an_original_in_its_commitment() {
        let salts = [new_salt().unwrap(), new_salt().unwrap()];
        assert_ne!(commitment(&salts[0], BYTES), commitment(&salts[1], BYTES));
        assert_ne!(commitment(&salts[0], BYTES), commitment(&salts[0], b"other"));
    }
}
