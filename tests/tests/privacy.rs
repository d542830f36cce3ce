//! No personal value that goes into the gateway is in any store, log or message of any node, nor in
//! what the pseudonym service is asked and answers, nor in a vault or a letter.

use kanhe_contracts::document::Document;
use kanhe_contracts::fixture::{self, code};
use kanhe_gateway::convert::convert;
use kanhe_gateway::field_table::Treatment;
use kanhe_gateway::personal::{Known, PersonalValue, Scopes, Wanted};
use kanhe_gateway::world::{Codes, PlannedFile, World, WorldConfig};
use kanhe_ledger::store::{Column, Direction, Store};
use kanhe_privacy::oprf::{Blinded, EvaluationKey};
use kanhe_privacy::seal::{ReaderKey, seal};
use kanhe_privacy::vault::{self, About, Original, Vault};
use kanhe_tests::network::Network;
use kanhe_types::hash::sha256_of;
use kanhe_types::limits::EVALUATIONS_MAX;
use kanhe_types::pseudonym::{Pseudonym, PseudonymScope};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::Path;
use std::sync::Mutex;

fn world() -> World {
    let organisations = Codes {
        platform: code(fixture::PLATFORM),
        merchant: code(fixture::MERCHANT),
        payment: code(fixture::PAYMENT_FIRM),
        carrier: code(fixture::CARRIER),
        agency: code(fixture::AGENCY),
    };
    let start = "20261123080000".parse().expect("a time");
    World::generate(&WorldConfig { seed: 3, trades: 40, organisations, first_person: 0, start })
}

/// Every value of a field that the table calls personal or free text.
fn withheld(files: &[PlannedFile]) -> BTreeSet<String> {
    let (mut values, mut kept) = (BTreeSet::new(), String::new());
    for file in files {
        let table = file.raw.message_type.table();
        for document in &file.raw.documents {
            let head = table.head_fields.iter().map(|field| (field, &document.head));
            let lines = document
                .lines
                .iter()
                .flat_map(|line| table.line_fields().iter().map(move |field| (field, line)));
            for (field, values_of) in head.chain(lines) {
                let Some(value) = values_of.get(field.name) else { continue };
                if field.treatment == Treatment::Kept {
                    kept.push_str(value);
                    kept.push('\n');
                } else {
                    values.insert(value.to_owned());
                }
            }
        }
    }
    // Short texts stand anywhere by chance, and free text may repeat what is kept: a goods' name.
    values.retain(|value| 6 <= value.len() && !kept.contains(value.as_str()));
    values
}

fn found_in(bytes: &[u8], values: &BTreeSet<String>, place: &str) {
    // One pass for each value would be slow; their first four bytes tell nearly all apart.
    let starts: BTreeSet<&[u8]> = values.iter().map(|value| &value.as_bytes()[..4]).collect();
    for position in 0..bytes.len().saturating_sub(4) {
        if starts.contains(&bytes[position..position + 4]) {
            let rest = &bytes[position..];
            let hit = values.iter().find(|value| rest.starts_with(value.as_bytes()));
            assert!(hit.is_none(), "a personal value stands in {place}");
        }
    }
}

fn search_store(store: &impl Store, values: &BTreeSet<String>) -> usize {
    let mut pairs = 0;
    for column in Column::ALL {
        let mut from = Vec::new();
        loop {
            let page = store.scan(column, &from, Direction::Forward, 1_000).expect("readable");
            for (key, value) in &page {
                found_in(key, values, column.name());
                found_in(value, values, column.name());
            }
            pairs += page.len();
            match page.last() {
                Some((last, _)) if page.len() == 1_000 => {
                    from = [last.as_slice(), &[0]].concat();
                }
                _ => break,
            }
        }
    }
    pairs
}

fn search_file(path: &Path, values: &BTreeSet<String>) -> usize {
    let bytes = std::fs::read(path).expect("readable");
    found_in(&bytes, values, &path.display().to_string());
    bytes.len()
}

/// The pseudonym service of an agency, asked as members ask it.
struct Service {
    key: EvaluationKey,
    scopes: Scopes,
}

impl Service {
    fn new() -> Self {
        let scope = PseudonymScope { key_id: 1, epoch: 2026 };
        let key = EvaluationKey::derive(&[7; 32], scope);
        Self { key, scopes: Scopes::new([scope], None) }
    }

    /// The documents of a message; what the service sees of it is searched.
    fn convert(&self, file: &PlannedFile, values: &BTreeSet<String>) -> Vec<Document> {
        let wanted = Wanted::new(&self.scopes);
        drop(convert(&file.raw, &file.path, &wanted));
        let mut pseudonyms = BTreeMap::new();
        let asked: Vec<PersonalValue> = wanted.into_values().into_iter().collect();
        for part in asked.chunks(EVALUATIONS_MAX) {
            let input = |own: &PersonalValue| Pseudonym::function_input(own.kind, &own.normal);
            let blinded = Blinded::new(part.iter().map(input).collect()).expect("few values");
            found_in(&blinded.elements().concat(), values, "a request for pseudonyms");
            let evaluated = self.key.evaluate(blinded.elements()).expect("well formed");
            found_in(&evaluated.elements.concat(), values, "an answer with pseudonyms");
            let outputs = blinded.finish(self.key.public_key(), &evaluated).expect("proved");
            for (own, output) in part.iter().zip(&outputs) {
                let pseudonym = Pseudonym::of_output(own.scope, own.kind, output);
                pseudonyms.insert(own.clone(), pseudonym);
            }
        }
        let known = Known::new(&self.scopes, &pseudonyms);
        let converted = convert(&file.raw, &file.path, &known).into_iter();
        converted.map(|found| found.expect("the world's documents are good").1).collect()
    }
}

/// Puts a document's original into the vault and commits to it; seals it for an agency, too.
fn keep(
    vault: &Vault,
    (number, index): (usize, usize),
    document: &mut Document,
    bytes: &[u8],
    values: &BTreeSet<String>,
) {
    let salt = vault::new_salt().expect("randomness");
    let commitment = vault::commitment(&salt, bytes);
    document.original = Some(commitment);
    let about = About {
        document: commitment,
        kind: document.kind().name().into(),
        case: None,
        order_no: None,
        commitment,
        message: None,
        stored: kanhe_types::time::Millis(1),
    };
    let name = sha256_of(format!("{number} {index}").as_bytes());
    let original = Original { about, salt, bytes: bytes.to_vec().into() };
    vault.put(&name, &original).expect("writable");
    let letter = seal(&ReaderKey::derive(&[9; 32]).public(), &name, bytes).expect("a key");
    found_in(&letter, values, "a letter");
}

#[test]
fn no_personal_value_reaches_a_store_a_log_or_the_wire() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let mut network = Network::found(4, 0);
        let log_path = network.home(0).with_extension("log");
        let log = Mutex::new(File::create(&log_path).expect("a file"));
        tracing_subscriber::fmt()
            .with_env_filter("trace,libp2p=info,yamux=info")
            .with_writer(log)
            .with_ansi(false)
            .init();
        for index in 0..4 {
            let mut config = network.config(index);
            config.tap = Some(network.home(index).join("tap"));
            network.start_with(index, config).await.expect("it starts");
        }
        let world = world();
        let values = withheld(&world.messages);
        assert!(100 < values.len(), "{} values", values.len());
        let service = Service::new();
        let vault_folder = network.home(0).join("vault");
        let vault = Vault::new(&vault_folder, &[8; 32]);
        let genesis = network.world().genesis.hash();
        for (number, file) in world.messages.iter().enumerate() {
            let mut documents = service.convert(file, &values);
            for (index, document) in documents.iter_mut().enumerate() {
                keep(&vault, (number, index), document, &file.bytes(), &values);
            }
            let expires = 1_000 + number as u64;
            let submission = fixture::submission(&genesis, &file.sender, expires, &documents);
            let id = submission.header.id(&genesis);
            let submission = submission.verify(&genesis).expect("valid");
            let node = number % 4;
            network.handle(node).submit(vec![submission]).await.expect("it runs");
            network.receipts(node, &id).await;
        }
        let height = network.handle(0).ledger.executed_height();
        for index in 0..4 {
            network.reach(index, height).await;
            let store = network.handle(index).ledger.store();
            assert!(500 < search_store(store, &values), "the store is not empty");
        }
        network.stop_all().await;
        for index in 0..4 {
            assert!(10_000 < search_file(&network.home(index).join("tap"), &values));
        }
        let originals = std::fs::read_dir(vault_folder).expect("readable");
        let lengths = originals.map(|entry| search_file(&entry.expect("readable").path(), &values));
        assert!(100_000 < lengths.sum::<usize>(), "the vault is not empty");
        assert!(1_000 < search_file(&log_path, &values), "the log is not empty");
    });
}

#[test]
#[expect(clippy::unwrap_used, reason = "the panic is what is looked for")]
fn the_search_finds_what_is_there() {
    let values: BTreeSet<String> = ["测试某甲".to_owned()].into();
    let text = "before 测试某甲 after";
    let found = std::panic::catch_unwind(|| found_in(text.as_bytes(), &values, "a text"));
    assert!(found.unwrap_err().downcast_ref::<String>().unwrap().contains("a text"));
    found_in("测试某乙".as_bytes(), &values, "a text");
}
