//! Encrypted key files.
//!
//! A key file is PKCS#8 under PBES2 with scrypt and AES-256-CBC, written as PEM, so that `openssl
//! pkey -in FILE -text` reads it; what OpenSSL writes under PBES2 is read, too. It is created only
//! where nothing stands, readable by its owner alone, in a folder that only its owner enters. A
//! file that others may read is refused: whoever read it can try passphrases at leisure.

mod form;

use kanhe_types::keys::{PublicKey, Scheme, SecretKey};
use pkcs8::pkcs5::{EncryptionScheme, pbes2, scrypt};
use pkcs8::{EncryptedPrivateKeyInfoRef, LineEnding};
use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Bytes of a key file, at most.
const FILE_BYTES_MAX: u64 = 16 * 1024;
/// The label of the PEM block.
const PEM_LABEL: &str = "ENCRYPTED PRIVATE KEY";
/// scrypt's N above which a file is refused unread: it would take more than 1 GiB.
const SCRYPT_COST_MAX: u64 = 1 << 20;
/// scrypt's r and p above which a file is refused unread.
const SCRYPT_FACTOR_MAX: u16 = 8;
/// Iterations of PBKDF2 above which a file is refused unread.
const PBKDF2_ITERATIONS_MAX: u32 = 10_000_000;

/// What a key file is encrypted with. Wiped from memory when dropped; never printed.
#[derive(Clone)]
pub struct Passphrase(Zeroizing<String>);

/// What trying one passphrase costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cost {
    /// scrypt with N = 2^14 (16 MiB): the most that OpenSSL reads without being told to.
    Standard,
    /// scrypt with N = 2^12 (4 MiB). For a localnet only: its passphrase lies beside its keys, so
    /// that a higher cost would delay the start and protect nothing.
    Localnet,
}

/// A key file cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum KeystoreError {
    /// Something stands there already.
    #[error("{} exists; key files are never overwritten, choose another path", .path.display())]
    Exists {
        /// The path.
        path: PathBuf,
    },
    /// The system refuses.
    #[error("cannot {verb} {}", .path.display())]
    Io {
        /// What was tried.
        verb: &'static str,
        /// The path.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Others than the owner may read or write the file.
    #[error(
        "key file {} has mode {mode:04o}, expected 0600 or stricter; \
         run `chmod 600 {}`, and replace the key if others use this machine",
        .path.display(), .path.display()
    )]
    Mode {
        /// The path.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// Another passphrase was used.
    #[error("wrong passphrase for {}", .path.display())]
    Passphrase {
        /// The path.
        path: PathBuf,
    },
    /// The passphrase is empty.
    #[error("the passphrase is empty; give one of at least one character")]
    EmptyPassphrase,
    /// The file is no key file.
    #[error(
        "{} is not a key file: {reason}; expected an Ed25519 or SM2 key as -----BEGIN {PEM_LABEL}-----",
        .path.display()
    )]
    Malformed {
        /// The path.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The system has no randomness to give.
    #[error("the system gives no randomness: {0}")]
    Randomness(getrandom::Error),
}

impl Passphrase {
    /// A passphrase.
    ///
    /// # Errors
    /// When it is empty.
    pub fn new(text: String) -> Result<Self, KeystoreError> {
        let text = Zeroizing::new(text);
        if text.is_empty() {
            return Err(KeystoreError::EmptyPassphrase);
        }
        Ok(Self(text))
    }

    /// The text, to be handed to a process or written to a localnet's folder.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(…)")
    }
}

impl Cost {
    fn log_n(self) -> u8 {
        match self {
            Self::Standard => 14,
            Self::Localnet => 12,
        }
    }
}

/// Fills a new array with the system's randomness.
///
/// # Errors
/// When the system gives none.
pub fn random<const LENGTH: usize>() -> Result<[u8; LENGTH], KeystoreError> {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes).map_err(KeystoreError::Randomness)?;
    Ok(bytes)
}

/// A new key of a scheme.
///
/// # Errors
/// When the system gives no randomness.
pub fn generate(scheme: Scheme) -> Result<SecretKey, KeystoreError> {
    loop {
        let bytes = Zeroizing::new(random()?);
        // One in 2^32 is no scalar of SM2.
        if let Ok(secret) = SecretKey::new(scheme, *bytes) {
            return Ok(secret);
        }
    }
}

/// Makes a key and writes it to `path`.
///
/// # Errors
/// As [`generate`] and [`store`].
pub fn create(
    path: &Path,
    scheme: Scheme,
    passphrase: &Passphrase,
    cost: Cost,
) -> Result<PublicKey, KeystoreError> {
    let secret = generate(scheme)?;
    store(path, &secret, passphrase, cost)?;
    Ok(secret.public_key())
}

/// Writes a key to a new file, synced. Missing folders above it are made with mode 0700.
///
/// # Errors
/// When something stands there already, or the system refuses.
pub fn store(
    path: &Path,
    secret: &SecretKey,
    passphrase: &Passphrase,
    cost: Cost,
) -> Result<(), KeystoreError> {
    let text = encrypt(secret, passphrase, cost)?;
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        create_private_folder(parent)?;
    }
    write_private(path, text.as_bytes())
}

/// Makes a folder that only its owner enters, and those above it. One that exists stays as it is.
///
/// # Errors
/// When the system refuses.
pub fn create_private_folder(path: &Path) -> Result<(), KeystoreError> {
    if path.is_dir() {
        return Ok(());
    }
    let folder = DirBuilder::new().recursive(true).mode(0o700).create(path);
    folder.map_err(|source| io_error("create the folder", path, source))
}

/// Writes a new file that only its owner reads, synced.
///
/// # Errors
/// When something stands there already, or the system refuses.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<(), KeystoreError> {
    let mut options = OpenOptions::new();
    let file = options.write(true).create_new(true).mode(0o600).open(path);
    let mut file = file.map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => KeystoreError::Exists { path: path.to_owned() },
        _ => io_error("create", path, source),
    })?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    written.map_err(|source| io_error("write", path, source))
}

/// Reads the key in a file.
///
/// # Errors
/// When the file cannot be read, others may read it too, it is no key file, or the passphrase is
/// not its own.
pub fn load(path: &Path, passphrase: &Passphrase) -> Result<SecretKey, KeystoreError> {
    let text = read_private(path)?;
    let malformed = |reason: String| KeystoreError::Malformed { path: path.to_owned(), reason };
    let text = str::from_utf8(&text).map_err(|_| malformed("it is not a text".into()))?;
    let (label, document) = pkcs8::SecretDocument::from_pem(text)
        .map_err(|error| malformed(format!("it is not PEM ({error})")))?;
    if label != PEM_LABEL {
        return Err(malformed(format!("it holds {label:?}")));
    }
    let encrypted = EncryptedPrivateKeyInfoRef::try_from(document.as_bytes())
        .map_err(|error| malformed(format!("it is not encrypted PKCS#8 ({error})")))?;
    check_cost(&encrypted.encryption_algorithm).map_err(malformed)?;
    // With the wrong passphrase the padding does not come out right, or, by chance, it does and
    // what is inside is no key.
    let wrong = || KeystoreError::Passphrase { path: path.to_owned() };
    let key = encrypted.decrypt(passphrase.expose()).map_err(|_| wrong())?;
    let key = pkcs8::PrivateKeyInfoRef::try_from(key.as_bytes()).map_err(|_| wrong())?;
    form::read(&key).map_err(malformed)
}

/// The bytes of a short file that only its owner may read.
///
/// # Errors
/// When it cannot be read, is too long, or others may read it too.
pub fn read_private(path: &Path) -> Result<Zeroizing<Vec<u8>>, KeystoreError> {
    let file = File::open(path).map_err(|source| io_error("open", path, source))?;
    let metadata = file.metadata().map_err(|source| io_error("read", path, source))?;
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(KeystoreError::Mode { path: path.to_owned(), mode });
    }
    let mut bytes = Zeroizing::new(Vec::new());
    file.take(FILE_BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(|source| io_error("read", path, source))?;
    if u64::try_from(bytes.len()).is_ok_and(|found| FILE_BYTES_MAX < found) {
        let reason = format!("expected at most {FILE_BYTES_MAX} bytes, it has more");
        return Err(KeystoreError::Malformed { path: path.to_owned(), reason });
    }
    Ok(bytes)
}

fn io_error(verb: &'static str, path: &Path, source: io::Error) -> KeystoreError {
    KeystoreError::Io { verb, path: path.to_owned(), source }
}

fn encrypt(
    secret: &SecretKey,
    passphrase: &Passphrase,
    cost: Cost,
) -> Result<Zeroizing<String>, KeystoreError> {
    let inner = form::Inner::of(secret);
    let scrypt = scrypt::Params::new(cost.log_n(), 8, 1).expect("the parameters are in range");
    let (salt, vector) = (random::<16>()?, random::<16>()?);
    let parameters = pbes2::Parameters::generate_scrypt_aes256cbc(scrypt, &salt, vector)
        .expect("the parameters are in range");
    let encrypted = inner
        .info()
        .encrypt_with_params(parameters, passphrase.expose())
        .expect("so short a key can be encrypted");
    Ok(encrypted.to_pem(PEM_LABEL, LineEnding::LF).expect("a label of letters makes PEM"))
}

/// Refuses what would take all memory or hours, before it is tried.
fn check_cost(scheme: &EncryptionScheme) -> Result<(), String> {
    let EncryptionScheme::Pbes2(parameters) = scheme else {
        return Err("its encryption is not PBES2".into());
    };
    if let Some(scrypt) = parameters.kdf.scrypt() {
        let factor = scrypt.block_size.max(scrypt.parallelization);
        if SCRYPT_COST_MAX < scrypt.cost_parameter || SCRYPT_FACTOR_MAX < factor {
            return Err("its scrypt parameters would take too much memory".into());
        }
    }
    if let Some(pbkdf2) = parameters.kdf.pbkdf2()
        && PBKDF2_ITERATIONS_MAX < pbkdf2.iteration_count
    {
        return Err("its PBKDF2 iterations would take too long".into());
    }
    Ok(())
}

/// Makes a file readable by its owner alone, such as one that was written by other code.
///
/// # Errors
/// When the system refuses.
pub fn make_private(path: &Path) -> Result<(), KeystoreError> {
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))
        .map_err(|source| io_error("set the mode of", path, source))
}

#[cfg(test)]
mod tests {
    use super::*;
    use pkcs8::der::asn1::UintRef;
    use pkcs8::der::{Decode, Encode, Reader, SliceReader};
    use std::process::{Command, Stdio};

    fn passphrase(text: &str) -> Passphrase {
        Passphrase::new(text.into()).expect("not empty")
    }

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().expect("a temporary folder")
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("it exists").permissions().mode() & 0o7777
    }

    fn stored(folder: &Path, cost: Cost) -> (PathBuf, SecretKey) {
        let (path, secret) = (folder.join("keys/operator.pem"), SecretKey::from_seed([7; 32]));
        store(&path, &secret, &passphrase("open sesame"), cost).expect("the path is free");
        (path, secret)
    }

    #[test]
    fn a_key_comes_back_with_its_passphrase_and_not_with_another() {
        let folder = folder();
        let (path, secret) = stored(folder.path(), Cost::Localnet);
        let loaded = load(&path, &passphrase("open sesame")).expect("the same passphrase");
        assert_eq!(loaded.public_key(), secret.public_key());
        let error = load(&path, &passphrase("open sesam")).expect_err("another passphrase");
        assert!(matches!(error, KeystoreError::Passphrase { .. }), "{error}");
    }

    #[test]
    fn the_file_and_its_folder_are_the_owners_alone_and_stay() {
        let folder = folder();
        let (path, secret) = stored(folder.path(), Cost::Localnet);
        assert_eq!((mode(&path), mode(path.parent().expect("keys"))), (0o600, 0o700));
        let before = fs::read(&path).expect("readable");
        let again = store(&path, &secret, &passphrase("x"), Cost::Localnet);
        assert!(matches!(again, Err(KeystoreError::Exists { .. })));
        assert_eq!(fs::read(&path).expect("readable"), before);
    }

    #[test]
    fn a_file_that_others_may_read_is_refused_with_the_remedy() {
        let folder = folder();
        let (path, _) = stored(folder.path(), Cost::Localnet);
        for mode in [0o640, 0o604, 0o660] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("own file");
            let error = load(&path, &passphrase("open sesame")).expect_err("too open");
            assert!(error.to_string().contains("run `chmod 600 "), "{error}");
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).expect("own file");
        assert!(load(&path, &passphrase("open sesame")).is_ok());
    }

    #[test]
    fn what_is_no_key_file_is_refused() {
        let folder = folder();
        let pem = "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n";
        for (name, text) in [("empty", ""), ("text", "hello"), ("clear", pem)] {
            let path = folder.path().join(name);
            write_private(&path, text.as_bytes()).expect("the path is free");
            let error = load(&path, &passphrase("x")).expect_err("no key file");
            assert!(matches!(error, KeystoreError::Malformed { .. }), "{error}");
        }
        let absent = load(&folder.path().join("absent"), &passphrase("x"));
        assert!(matches!(absent, Err(KeystoreError::Io { .. })));
    }

    #[test]
    fn a_cost_beyond_the_bound_is_refused_unread() {
        let scheme = |log_n| {
            let scrypt = scrypt::Params::new(log_n, 8, 1).expect("in range");
            let parameters =
                pbes2::Parameters::generate_scrypt_aes256cbc(scrypt, &[0; 16], [0; 16]);
            EncryptionScheme::Pbes2(parameters.expect("in range"))
        };
        assert!(check_cost(&scheme(20)).is_ok());
        assert!(check_cost(&scheme(21)).is_err());
    }

    #[test]
    fn an_empty_passphrase_is_refused_and_none_is_printed() {
        assert!(matches!(Passphrase::new(String::new()), Err(KeystoreError::EmptyPassphrase)));
        assert!(!format!("{:?}", passphrase("sesame")).contains("sesame"));
    }

    /// Runs OpenSSL in a folder; none where it is not installed.
    fn openssl(folder: &Path, arguments: &[&str]) -> Option<std::process::Output> {
        let mut openssl = Command::new("openssl");
        let output = openssl.args(arguments).current_dir(folder).stdin(Stdio::null()).output();
        if output.is_err() {
            let mut notice = io::stderr();
            writeln!(notice, "openssl is not installed: not compared").expect("stderr");
        }
        output.ok()
    }

    /// The hex digits in what OpenSSL prints of a key.
    fn digits(output: &std::process::Output) -> String {
        let text = String::from_utf8_lossy(&output.stdout);
        text.chars().filter(|c| !c.is_whitespace() && *c != ':').collect()
    }

    /// The digits of a key as OpenSSL prints them.
    fn printed(key: PublicKey) -> String {
        match key {
            PublicKey::Ed25519(bytes) => hex::encode(bytes),
            PublicKey::Sm2(bytes) => {
                hex::encode(kanhe_types::sm2::point_of_key(&bytes).expect("a point"))
            }
        }
    }

    #[test]
    fn openssl_reads_the_file() {
        for scheme in [Scheme::Ed25519, Scheme::Sm2] {
            for cost in [Cost::Standard, Cost::Localnet] {
                let folder = folder();
                let secret = generate(scheme).expect("randomness");
                let path = folder.path().join("key.pem");
                store(&path, &secret, &passphrase("open sesame"), cost).expect("free");
                let show = ["pkey", "-passin", "pass:open sesame", "-noout", "-text", "-in"];
                let show = [&show[..], &["key.pem"]].concat();
                let Some(output) = openssl(folder.path(), &show) else { return };
                let public = printed(secret.public_key());
                let errors = String::from_utf8_lossy(&output.stderr);
                assert!(digits(&output).contains(&public), "{errors}");
            }
        }
    }

    #[test]
    fn a_key_that_openssl_made_is_read() {
        let folder = folder();
        for algorithm in ["ED25519", "SM2"] {
            let file = format!("{algorithm}.pem");
            let make = ["genpkey", "-algorithm", algorithm, "-aes-256-cbc", "-pass", "pass:abc"];
            let make = [&make[..], &["-out", &file]].concat();
            let Some(made) = openssl(folder.path(), &make) else { return };
            assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
            let path = folder.path().join(&file);
            make_private(&path).expect("own file");
            let secret = load(&path, &passphrase("abc")).expect("PKCS#8 under PBES2");
            let show = ["pkey", "-passin", "pass:abc", "-noout", "-text", "-in", &file];
            let shown = openssl(folder.path(), &show).expect("it ran before");
            assert!(digits(&shown).contains(&printed(secret.public_key())));
            assert!(digits(&shown).contains(&hex::encode(secret.bytes())));
        }
    }

    #[test]
    fn openssl_and_this_program_check_each_others_sm2_signatures() {
        let folder = folder();
        let (folder, secret) = (folder.path(), generate(Scheme::Sm2).expect("randomness"));
        store(&folder.join("key.pem"), &secret, &passphrase("abc"), Cost::Localnet).expect("free");
        let digest = kanhe_types::hash::Hash([5; 32]);
        fs::write(folder.join("digest"), digest.as_bytes()).expect("writable");
        let key = ["-inkey", "key.pem", "-passin", "pass:abc", "-rawin", "-in", "digest"];
        let id = format!("distid:{}", kanhe_types::sm2::DISTINGUISHING_ID);
        let rest = ["-digest", "sm3", "-pkeyopt", &id];
        let sign = [&["pkeyutl", "-sign", "-out", "theirs"], &key[..], &rest].concat();
        let Some(signed) = openssl(folder, &sign) else { return };
        assert!(signed.status.success(), "{}", String::from_utf8_lossy(&signed.stderr));
        let theirs = fs::read(folder.join("theirs")).expect("OpenSSL wrote it");
        let theirs = kanhe_types::keys::Signature::Sm2(from_der(&theirs));
        assert!(secret.public_key().verify(&digest, &theirs).is_ok());

        let ours = to_der(secret.sign(&digest).as_bytes());
        fs::write(folder.join("ours"), ours).expect("writable");
        let verify = [&["pkeyutl", "-verify", "-sigfile", "ours"], &key[..], &rest].concat();
        let verified = openssl(folder, &verify).expect("it ran before");
        let said = String::from_utf8_lossy(&verified.stdout);
        assert!(said.contains("Signature Verified Successfully"), "{said}");
        fs::write(folder.join("digest"), [6; 32]).expect("writable");
        let verified = openssl(folder, &verify).expect("it ran before");
        assert!(!verified.status.success());
    }

    /// r ‖ s out of a sequence of two integers.
    fn from_der(bytes: &[u8]) -> [u8; 64] {
        let mut reader = SliceReader::new(bytes).expect("short");
        let pair = reader.sequence(|reader| {
            Ok::<_, pkcs8::der::Error>((UintRef::decode(reader)?, UintRef::decode(reader)?))
        });
        let (r, s) = pair.expect("a sequence of two integers");
        let mut both = [0; 64];
        both[32 - r.as_bytes().len()..32].copy_from_slice(r.as_bytes());
        both[64 - s.as_bytes().len()..].copy_from_slice(s.as_bytes());
        both
    }

    /// A sequence of two integers out of r ‖ s.
    fn to_der(both: &[u8]) -> Vec<u8> {
        let halves = both.chunks(32).map(|half| UintRef::new(half).expect("short"));
        let halves: Vec<Vec<u8>> = halves.map(|half| half.to_der().expect("short")).collect();
        let halves = halves.concat();
        let length = u8::try_from(halves.len()).expect("at most 70 bytes");
        [&[0x30, length], halves.as_slice()].concat()
    }
}
