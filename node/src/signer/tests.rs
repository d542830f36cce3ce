use super::memory::{Floor, Memory};
use super::server::{Role, Server, ServerConfig};
use super::wire::{Answer, Request, VERSION, Wire};
use super::{RemoteSigner, SignerConfig};
use kanhe_types::certificate::{Proposal, Vote, VoteKind};
use kanhe_types::hash::Hash;
use kanhe_types::keys::{Scheme, SecretKey};
use kanhe_types::merkle::Salt;
use kanhe_types::signer::{SignError, Signer, Statement};
use kanhe_types::submission::{BatchHeader, SubmissionHeader};
use std::fs;
use std::io::Write;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

const GENESIS: Hash = Hash([3; 32]);

fn secret() -> SecretKey {
    SecretKey::new(Scheme::Sm2, [5; 32]).expect("a secret")
}

fn vote(height: u64, round: u32, kind: VoteKind, block: u8) -> Statement {
    let block = (0 < block).then_some(Hash([block; 32]));
    Statement::Vote(Vote { height, round, kind, block })
}

fn proposal(height: u64, round: u32, block: u8) -> Statement {
    let block = Hash([block; 32]);
    Statement::Proposal(Proposal { height, round, block, valid_round: None })
}

fn batch(number: u64, content: u8) -> Statement {
    Statement::Batch(BatchHeader {
        author: secret().public_key(),
        number,
        validators: Hash::default(),
        submissions: Hash([content; 32]),
        submission_count: 1,
        document_count: 1,
        salt: Salt::default(),
    })
}

fn memory(folder: &Path, height: u64) -> Memory {
    let path = folder.join("memory");
    Memory::create(&path, Floor { height, batch: 0 }).expect("the path is free");
    Memory::open(&path).expect("just made")
}

fn remembers(memory: &mut Memory, statement: &Statement) -> bool {
    let digest = statement.digest(&GENESIS);
    memory.remember(statement, &digest).expect("the disk works").is_ok()
}

#[test]
fn one_statement_is_signed_for_each_step_and_none_for_an_earlier_one() {
    use VoteKind::{Precommit, Prevote};
    let folder = tempfile::tempdir().expect("a folder");
    let mut memory = memory(folder.path(), 5);
    let steps = [
        (vote(4, 9, Precommit, 1), false),
        (proposal(5, 0, 1), true),
        (proposal(5, 0, 2), false),
        (proposal(5, 0, 1), true),
        (vote(5, 0, Prevote, 1), true),
        (vote(5, 0, Prevote, 0), false),
        (proposal(5, 0, 1), false),
        (vote(5, 0, Precommit, 1), true),
        (vote(5, 0, Precommit, 1), true),
        (vote(5, 0, Precommit, 2), false),
        (vote(5, 2, Prevote, 1), true),
        (vote(5, 1, Precommit, 1), false),
        (vote(9, 0, Precommit, 0), true),
        (vote(8, 0, Prevote, 1), false),
    ];
    for (index, (statement, expected)) in steps.iter().enumerate() {
        assert_eq!(remembers(&mut memory, statement), *expected, "{index}: {statement:?}");
        // Whatever happens, a new process knows the same.
        memory = Memory::open(&folder.path().join("memory")).expect("whole");
    }
    for (number, content, expected) in
        [(1, 1, true), (1, 2, false), (1, 1, true), (4, 1, true), (3, 3, false), (5, 5, true)]
    {
        let statement = batch(number, content);
        assert_eq!(remembers(&mut memory, &statement), expected, "{statement:?}");
        memory = Memory::open(&folder.path().join("memory")).expect("whole");
    }
    assert_eq!(memory.height(), 9);
}

#[test]
fn a_damaged_memory_signs_nothing_until_it_is_told_from_where_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("memory");
    let mut memory = memory(folder.path(), 0);
    assert!(remembers(&mut memory, &vote(7, 0, VoteKind::Prevote, 1)));
    assert!(remembers(&mut memory, &batch(3, 1)));
    drop(memory);
    let bytes = fs::read(&path).expect("readable");
    for place in [0, 33, 40, 4_096, 4_140] {
        let mut spoilt = bytes.clone();
        spoilt[place] ^= 1;
        fs::write(&path, spoilt).expect("writable");
        let error = Memory::open(&path).expect_err("damaged").to_string();
        assert!(error.contains("kanhe signer skip"), "{error}");
    }
    Memory::raise(&path, Floor { height: 20, batch: 0 }).expect("writable");
    let mut memory = Memory::open(&path).expect("whole again");
    assert!(!remembers(&mut memory, &vote(19, 0, VoteKind::Precommit, 1)));
    assert!(!remembers(&mut memory, &batch(4, 1)), "the number may have been used");
    assert!(remembers(&mut memory, &proposal(20, 0, 1)));
    // What is whole and higher than asked for counts.
    drop(memory);
    Memory::raise(&path, Floor { height: 1, batch: 0 }).expect("writable");
    let mut memory = Memory::open(&path).expect("whole");
    assert!(!remembers(&mut memory, &vote(20, 3, VoteKind::Prevote, 1)));
    assert!(remembers(&mut memory, &vote(21, 0, VoteKind::Prevote, 1)));
}

fn serve(folder: &Path, role: Role) {
    let config = ServerConfig {
        socket: folder.join("socket"),
        genesis: GENESIS,
        secret: secret(),
        role,
        users: Vec::new(),
    };
    let server = Server::bind(config).expect("the folder is ours");
    thread::spawn(move || server.run());
}

fn remote(folder: &Path, timeout_ms: u64) -> Arc<RemoteSigner> {
    let config = SignerConfig {
        socket: "socket".into(),
        key: secret().public_key(),
        user: None,
        timeout_ms: Some(timeout_ms),
    };
    RemoteSigner::start(folder, &config, GENESIS).expect("a thread can be started")
}

/// Waits until the signer is there, or is away.
fn wait(remote: &RemoteSigner, is_away: bool) {
    let started = Instant::now();
    while remote.status().away.is_some() != is_away {
        assert!(started.elapsed() < Duration::from_secs(20), "{:?}", remote.status());
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_signer_signs_what_its_key_is_for_and_refuses_the_rest() {
    let folder = tempfile::tempdir().expect("a folder");
    serve(folder.path(), Role::Validator(memory(folder.path(), 0)));
    let remote = remote(folder.path(), 5_000);
    wait(&remote, false);
    let statement = vote(1, 0, VoteKind::Prevote, 1);
    let signature = remote.sign_statement(&GENESIS, &statement).expect("it signs votes");
    assert_eq!(signature, secret().sign(&statement.digest(&GENESIS)));
    assert_eq!(remote.sign_statement(&GENESIS, &statement), Ok(signature), "the same again");
    let submission = Statement::Submission(SubmissionHeader {
        organisation: "TESTCODE01".parse().expect("a code"),
        key: secret().public_key(),
        expires: 9,
        count: 1,
        documents: Hash::default(),
    });
    let other = vote(1, 0, VoteKind::Prevote, 2);
    for refused in [&other, &submission] {
        let error = remote.sign_statement(&GENESIS, refused).expect_err("refused");
        assert!(matches!(error, SignError::Refused(_)), "{error}");
    }
    assert!(remote.sign_statement(&Hash([9; 32]), &statement).is_err(), "another chain");
    let status = remote.status();
    assert_eq!((status.signed, status.refused, status.failed), (2, 3, 0));
}

#[test]
fn an_organisations_signer_speaks_in_its_name_only() {
    let folder = tempfile::tempdir().expect("a folder");
    serve(folder.path(), Role::Organisation("TESTCODE01".parse().expect("a code")));
    let remote = remote(folder.path(), 5_000);
    wait(&remote, false);
    let submission = |code: &str| {
        Statement::Submission(SubmissionHeader {
            organisation: code.parse().expect("a code"),
            key: secret().public_key(),
            expires: 9,
            count: 1,
            documents: Hash::default(),
        })
    };
    assert!(remote.sign_statement(&GENESIS, &submission("TESTCODE01")).is_ok());
    assert!(remote.sign_statement(&GENESIS, &submission("TESTOTHER1")).is_err());
    assert!(remote.sign_statement(&GENESIS, &vote(1, 0, VoteKind::Prevote, 0)).is_err());
}

#[test]
fn a_signer_that_hangs_costs_one_timeout_and_is_found_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let socket = folder.path().join("socket");
    // One that greets and then says nothing.
    let listener = UnixListener::bind(&socket).expect("the folder is ours");
    let hanging = thread::spawn(move || {
        let (stream, _) = listener.accept().expect("somebody connects");
        let until = Instant::now() + Duration::from_secs(10);
        let mut wire = Wire::new(stream);
        let hello = wire.receive::<Request>(Some(until)).expect("readable");
        assert!(matches!(hello, Some(Request::Hello { genesis: GENESIS, .. })));
        let key = secret().public_key();
        wire.send(&Answer::Hello { version: VERSION, key }, until).expect("writable");
        wire
    });
    let remote = remote(folder.path(), 100);
    wait(&remote, false);
    let wire = hanging.join().expect("it greeted");
    let statement = vote(1, 0, VoteKind::Prevote, 1);
    let away = |remote: &RemoteSigner| match remote.sign_statement(&GENESIS, &statement) {
        Err(SignError::Away(reason)) => reason,
        other => panic!("{other:?}"),
    };
    assert_eq!(away(&remote), "it does not answer in time");
    // From then on nothing is waited for.
    let started = Instant::now();
    for _ in 0..100 {
        away(&remote);
    }
    assert!(started.elapsed() < Duration::from_millis(90), "{:?}", started.elapsed());
    drop(wire);
    serve(folder.path(), Role::Validator(memory(folder.path(), 0)));
    wait(&remote, false);
    assert!(remote.sign_statement(&GENESIS, &statement).is_ok());
}

#[test]
fn whoever_is_not_greeted_or_says_too_much_gets_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    serve(folder.path(), Role::Validator(memory(folder.path(), 0)));
    let until = Instant::now() + Duration::from_secs(10);
    let connect = || UnixStream::connect(folder.path().join("socket")).expect("it listens");
    let ask = |request: Request| {
        let mut wire = Wire::new(connect());
        wire.send(&request, until).expect("writable");
        wire.receive::<Answer>(Some(until)).expect("readable")
    };
    let statement = vote(1, 0, VoteKind::Prevote, 1);
    let refused = [
        ask(Request::Sign { number: 1, statement: statement.clone() }),
        ask(Request::Hello { version: VERSION, genesis: Hash::default() }),
        ask(Request::Hello { version: VERSION + 1, genesis: GENESIS }),
    ];
    for answer in refused {
        assert!(matches!(answer, Some(Answer::Refused { number: 0, .. })), "{answer:?}");
    }
    // A number that does not rise, as in a request that is repeated.
    let mut wire = Wire::new(connect());
    wire.send(&Request::Hello { version: VERSION, genesis: GENESIS }, until).expect("writable");
    let _ = wire.receive::<Answer>(Some(until)).expect("readable");
    for is_signed in [true, false] {
        let request = Request::Sign { number: 1, statement: statement.clone() };
        wire.send(&request, until).expect("writable");
        let answer = wire.receive::<Answer>(Some(until)).expect("readable");
        assert_eq!(matches!(answer, Some(Answer::Signed { .. })), is_signed, "{answer:?}");
    }
    // A frame beyond the bound, and bytes that are no message.
    for bytes in [&[0xff, 0xff, 0xff, 0xff][..], &[0, 0, 0, 1, 99]] {
        let mut stream = connect();
        stream.write_all(bytes).expect("writable");
        let mut wire = Wire::new(stream);
        assert_eq!(wire.receive::<Answer>(Some(until)).ok().flatten(), None);
    }
}
