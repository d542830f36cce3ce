//! Observers: what a validator serves them, how they follow, and what never reaches them.

use super::*;
use crate::node::genesis_state;
use crate::observer::follow::{Ask, Follower, Note, Step};
use kanhe_api::risk::AlertAnswer;
use kanhe_api::view::{DocumentView, ExportView, TradeView, TradesPage};
use kanhe_contracts::document::Body as Content;
use kanhe_contracts::fixture::{
    AGENCY, DECLARANT, PLATFORM, Trade, export, list, order, payment, signer, waybill,
};
use kanhe_contracts::policy::{Measures, ZoneGrade, ZoneSupervision};
use kanhe_contracts::state_key::{case_key_bytes, payment_key_bytes};
use kanhe_ledger::observer::Lie;
use kanhe_ledger::store::{Column, Direction, MemoryStore, Store};
use kanhe_ledger::{CaseFilter, FoundCase, ObserverLedger, Replica};
use kanhe_types::decimal::Decimal;
use kanhe_types::hash::{Domain, sha256_of};
use kanhe_types::merkle::{Salt, leaf};
use kanhe_types::redacted::RedactedBlock;
use kanhe_types::state_proof::{place_of, value_hash};
use kanhe_types::submission::document_id;

/// An observer's follower, whose servers all are one node.
struct Watcher {
    organisation: &'static str,
    ledger: Arc<ObserverLedger<MemoryStore>>,
    store: MemoryStore,
    follower: Follower<MemoryStore>,
    /// Every answer as it arrived.
    wire: Vec<u8>,
    notes: Vec<Note>,
    now: u64,
}

/// What one lie makes of an answer.
type Spoil<'a> = &'a dyn Fn(Vec<u8>) -> Vec<u8>;

/// What a dishonest server makes of an answer.
type Change<'a> = &'a dyn Fn(&Ask, Vec<u8>) -> Result<Vec<u8>, String>;

impl Watcher {
    fn new(zone: &Zone, organisation: &'static str) -> Self {
        let store = MemoryStore::default();
        let genesis = genesis_state(&zone.handle.genesis);
        let code = fixture::code(organisation);
        let ledger = ObserverLedger::open(store.clone(), genesis, code).expect("a new store");
        let ledger = Arc::new(ledger);
        let apis = vec!["http://one".to_owned(), "http://two".to_owned()];
        let follower = Follower::new(Arc::clone(&ledger), apis, 1);
        let (wire, notes) = (Vec::new(), Vec::new());
        Self { organisation, ledger, store, follower, wire, notes, now: 1 }
    }

    /// Asks and answers once; servers that `change` names lie.
    async fn step(&mut self, zone: &Zone, change: Change<'_>) {
        self.now += 10;
        let (step, notes) = self.follower.next(self.now).expect("memory does not fail");
        self.notes.extend(notes);
        let ask = match step {
            Step::Ask(ask) => ask,
            Step::Rest { until } => {
                self.now = until;
                return;
            }
        };
        let method = if ask.what.body().is_some() { "POST" } else { "GET" };
        let mut draft = zone.draft(method, ask.what.target(), self.organisation);
        draft.body = ask.what.body().unwrap_or_default();
        let answer = zone.send(&draft).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", String::from_utf8_lossy(&answer.body));
        self.wire.extend(&answer.body);
        let answer = change(&ask, answer.body);
        let notes = self.follower.answered(self.now, &ask, answer).expect("memory does not fail");
        self.notes.extend(notes);
    }

    /// Follows until there is nothing more to be shown of what was executed until now.
    async fn catch_up(&mut self, zone: &Zone, change: Change<'_>) {
        let goal = zone.handle.ledger.executed_height();
        for _ in 0..1_000 {
            self.step(zone, change).await;
            let wanted = self.ledger.wanted_count().expect("memory does not fail");
            if goal <= self.ledger.effects_height() && wanted == 0 {
                return;
            }
        }
        panic!("not caught up at height {}: {:?}", self.ledger.height(), self.notes);
    }

    fn disk(&self) -> Vec<u8> {
        let columns = Column::OBSERVER.into_iter().flat_map(|column| {
            let all = self.store.scan(column, &[], Direction::Forward, usize::MAX);
            all.expect("memory does not fail")
        });
        columns.flat_map(|(key, value)| [key, value].concat()).collect()
    }
}

fn honest(_: &Ask, answer: Vec<u8>) -> Result<Vec<u8>, String> {
    Ok(answer)
}

/// Submits a document with a salt that nobody guesses.
async fn trade(zone: &Zone, documents: &[Document], who: &OrganisationCode) -> Submission {
    static SALTS: AtomicU64 = AtomicU64::new(1);
    let salt = SALTS.fetch_add(1, Ordering::Relaxed).to_le_bytes();
    let salt = sha256_of(&salt).0.split_at(16).0.try_into().expect("half a digest");
    let bytes = documents.iter().map(Document::encode).collect();
    let genesis = &zone.handle.genesis_hash;
    let secret = fixture::secret(who);
    let signed = Submission::sign(genesis, who.clone(), &secret, EXPIRES, Salt(salt), bytes);
    let submission = signed.expect("a few documents");
    let answer = zone.post(std::slice::from_ref(&submission), who.as_str()).await;
    let answer: SubmissionsAnswer = answer.json(StatusCode::ACCEPTED);
    let id = answer.submissions[0].id.expect("an identity");
    let view = zone.get(path::submission(&id, 20_000), who.as_str()).await;
    let view: SubmissionView = view.json(StatusCode::OK);
    assert!(view.receipts.iter().all(|own| own.receipt.is_accepted()), "{:?}", view.receipts);
    submission
}

fn rivals(number: u64) -> Trade {
    Trade { platform: fixture::code(RIVAL), ..Trade::new(number) }
}

/// A zone with a whole trade, and orders and payments of a rival before, between and after. Its
/// import is inspected, and not held.
async fn traded() -> (Zone, Trade, Vec<(Trade, Submission)>) {
    let mut policy = Policy::default();
    policy.risk.inspection.budget_per_mille = 1_000;
    policy.risk.inspection.hold = false;
    let measures = Measures { inspection_per_mille: Some(1_000), ..Measures::default() };
    let row = |grade| ZoneSupervision { grade, measures };
    policy.credit.zone_supervision = ZoneGrade::ALL.into_iter().map(row).collect();
    let zone = Zone::start_under(&[], policy).await;
    let (own, mut rival) = (Trade::new(1), Vec::new());
    let documents = [order(&own), payment(&own), waybill(&own), list(&own)];
    for (number, document) in (50..).zip(documents) {
        let other = rivals(number);
        let submission = trade(&zone, &[order(&other)], &other.platform).await;
        let who = signer(&own, &document);
        trade(&zone, &[document], &who).await;
        trade(&zone, &[payment(&other)], &other.payment_firm).await;
        rival.push((other, submission));
    }
    (zone, own, rival)
}

#[tokio::test]
async fn an_observer_holds_what_its_organisation_may_see_and_answers_it_alike() {
    let (zone, own, _) = traded().await;
    let mut watcher = Watcher::new(&zone, DECLARANT);
    watcher.catch_up(&zone, &honest).await;
    let page: TradesPage = zone.get(path::TRADES, DECLARANT).await.json(StatusCode::OK);
    let cases = watcher.ledger.cases(&CaseFilter::default(), None, 100).expect("readable").cases;
    let cases: Vec<_> = cases.into_iter().filter_map(kanhe_ledger::FoundCase::import).collect();
    let summaries: Vec<_> = cases.iter().map(kanhe_contracts::case::Case::summary).collect();
    assert_eq!(summaries, page.trades);
    assert_eq!(summaries.len(), 1);
    let trade = zone.get(path::trade(&own.case_key()), DECLARANT).await;
    let trade: TradeView = trade.json(StatusCode::OK);
    // There is an alert about it, which neither shows.
    zone.get(path::alert(1), AGENCY).await.json::<AlertAnswer>(StatusCode::OK);
    assert_eq!(cases, [trade.case]);
    // Its own list and the others' documents of its case, each with its proof.
    let genesis = zone.handle.genesis.canonical();
    let mut documents = 0;
    for document in [order(&own), payment(&own), waybill(&own), list(&own)] {
        let who = signer(&own, &document);
        let id = document_id(&zone.handle.genesis_hash, &who, &document.encode());
        let view: DocumentView =
            zone.get(path::document(&id), DECLARANT).await.json(StatusCode::OK);
        let held = watcher.ledger.document(&id).expect("readable").expect("held");
        assert_eq!((held.organisation, held.receipt), (view.organisation, view.receipt.receipt));
        let proof = Replica::prove_document(&*watcher.ledger, &id, genesis.clone());
        let validators = |bytes: &[u8]| Genesis::from_canonical(bytes).map(|g| g.validator_set());
        proof
            .expect("it is certified")
            .verify(&zone.handle.genesis_hash, validators)
            .expect("holds");
        documents += 1;
    }
    assert_eq!(documents, 4);
    zone.stop().await;
}

#[tokio::test]
async fn an_observer_holds_exports_as_imports_and_nothing_of_a_rivals() {
    let site = fixture::organisation(&export::site(), "测试监管场所甲", &[Role::Warehouse]);
    let (zone, own) = (Zone::start_with(&[site]).await, Trade::new(1));
    let rival = rivals(51);
    let mut ids = Vec::new();
    trade(&zone, &[export::order(&rival)], &rival.platform).await;
    for document in export::documents(&own).into_iter().take(4) {
        let who = signer(&own, &document);
        ids.push(document_id(&zone.handle.genesis_hash, &who, &document.encode()));
        trade(&zone, &[document], &who).await;
    }
    let arrival = export::arrival(std::slice::from_ref(&own));
    let arrived = document_id(&zone.handle.genesis_hash, &export::site(), &arrival.encode());
    trade(&zone, &[arrival], &export::site()).await;
    let mut watcher = Watcher::new(&zone, DECLARANT);
    watcher.catch_up(&zone, &honest).await;
    let found = watcher.ledger.cases(&CaseFilter::default(), None, 100).expect("readable").cases;
    let view: ExportView =
        zone.get(path::trade(&own.case_key()), DECLARANT).await.json(StatusCode::OK);
    assert_eq!(found, [FoundCase::Export(view.export.clone())]);
    let in_state = CaseFilter { state: Some(view.export.state), ..CaseFilter::default() };
    assert_eq!(watcher.ledger.cases(&in_state, None, 100).expect("readable").cases, found);
    let genesis = zone.handle.genesis.canonical();
    let validators = |bytes: &[u8]| Genesis::from_canonical(bytes).map(|g| g.validator_set());
    for id in &ids {
        let proof = Replica::prove_document(&*watcher.ledger, id, genesis.clone());
        let verdict = proof.expect("it is certified").verify(&zone.handle.genesis_hash, validators);
        assert_eq!(verdict, Ok(()));
    }
    // The case has what the arrival says of its parcel; the message names the parcels of others.
    assert!(!view.export.notices.is_empty());
    assert_eq!(watcher.ledger.document(&arrived).expect("readable"), None);
    let (wire, disk) = (watcher.wire.clone(), watcher.disk());
    assert!(holds(&wire, own.order_no.as_bytes()) && holds(&disk, own.order_no.as_bytes()));
    assert!(!holds(&wire, rival.order_no.as_bytes()) && !holds(&disk, rival.order_no.as_bytes()));
    zone.stop().await;
}

/// What somebody who wants to know tries: values as they stand, and every hash that could be made
/// of them without a secret.
fn guesses(genesis: &Hash, trade: &Trade, submission: &Submission) -> Vec<(String, Vec<u8>)> {
    let mut guesses: Vec<(String, Vec<u8>)> = Vec::new();
    let mut add = |what: &str, bytes: Vec<u8>| guesses.push((what.to_owned(), bytes));
    for text in [&trade.order_no, &trade.transaction, &trade.buyer] {
        add(text, text.as_bytes().to_vec());
        add("hash of a text", sha256_of(text.as_bytes()).0.to_vec());
    }
    add("code", trade.platform.as_str().as_bytes().to_vec());
    add("key", codec::encode(&fixture::secret(&trade.platform).public_key()));
    let documents = [(order(trade), &trade.platform), (payment(trade), &trade.payment_firm)];
    for (document, who) in &documents {
        let bytes = document.encode();
        let id = document_id(genesis, who, &bytes);
        add("document", bytes.clone());
        add("document's identity", id.0.to_vec());
        add("unsalted leaf", leaf(&Salt::default(), &bytes).0.to_vec());
        add("leaf under the submission's salt", leaf(&submission.salt, &bytes).0.to_vec());
        for index in 0..4 {
            let salt = Salt::derive(&submission.salt.0, index);
            add("salted leaf", leaf(&salt, &bytes).0.to_vec());
        }
        add("digest of the document", sha256_of(&bytes).0.to_vec());
        add("plain leaf", Hash::of(Domain::Document, &[&bytes]).0.to_vec());
        if let Content::Order(order) = &document.body {
            let amount: Decimal = order.actural_paid;
            add("amount as a leaf", leaf(&Salt::default(), &codec::encode(&amount)).0.to_vec());
        }
    }
    add("submission", submission.header.id(genesis).0.to_vec());
    add("documents root", submission.header.documents.0.to_vec());
    add("salt", submission.salt.0.to_vec());
    add("signature", codec::encode(&submission.signature));
    let case = case_key_bytes(&trade.case_key());
    let paid = payment_key_bytes(&trade.payment_firm, &trade.transaction);
    for key in [case, paid] {
        add("state key", key.clone());
        for generation in 0..2 {
            let place = place_of(genesis, generation, &key);
            // Of a place all but the generation.
            add("place", place.0[2..].to_vec());
            add("unsalted value", value_hash(&place, &Salt::default(), &[]).0.to_vec());
        }
    }
    guesses
}

fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

#[tokio::test]
async fn nothing_of_a_rival_is_on_the_wire_or_on_disk_and_no_guess_finds_it() {
    let (zone, own, rival) = traded().await;
    let mut watcher = Watcher::new(&zone, DECLARANT);
    watcher.catch_up(&zone, &honest).await;
    let (wire, disk) = (watcher.wire.clone(), watcher.disk());
    assert!(10_000 < wire.len() && 10_000 < disk.len());
    // The search finds what is there.
    assert!(holds(&wire, own.order_no.as_bytes()) && holds(&disk, own.order_no.as_bytes()));
    let list = document_id(&zone.handle.genesis_hash, &own.declarant, &list(&own).encode());
    assert!(holds(&wire, &list.0) && holds(&disk, &list.0));
    for (trade, submission) in &rival {
        for (what, guess) in guesses(&zone.handle.genesis_hash, trade, submission) {
            assert!(!holds(&wire, &guess), "{what} on the wire");
            assert!(!holds(&disk, &guess), "{what} on disk");
        }
    }
    // Nor the batches: whose they are, which number they have, how many they hold.
    let ledger = &zone.handle.ledger;
    for height in 1..=ledger.decided_height() {
        let decision = ledger.decision(height).expect("readable").expect("decided");
        for batch in &decision.block.batches {
            assert!(!holds(&wire, &batch.header.salt.0), "a batch's salt");
            assert!(!holds(&wire, &codec::encode(&batch.header)), "a batch's header");
        }
        let record = ledger.executed(height).expect("readable");
        assert!(record.is_none_or(|executed| executed.height == height));
    }
    zone.stop().await;
}

#[tokio::test]
async fn a_server_that_lies_is_left_and_nothing_of_it_is_kept() {
    let (zone, own, _) = traded().await;
    let first = Watcher::new(&zone, DECLARANT).follower.current().api.clone();
    // The server that is asked first changes what it serves, each in its way.
    let flip = |answer: Vec<u8>, at: usize| {
        let mut answer = answer;
        if let Some(byte) = answer.get_mut(at) {
            *byte ^= 1;
        }
        answer
    };
    let blocks = |answer: &[u8]| -> Vec<RedactedBlock> {
        let frames = kanhe_api::frames::split(answer).expect("frames");
        frames.into_iter().map(|frame| RedactedBlock::decode(frame).expect("a block")).collect()
    };
    let framed = |blocks: Vec<RedactedBlock>| {
        let mut answer = Vec::new();
        blocks.iter().for_each(|one| kanhe_api::frames::push(&mut answer, &codec::encode(one)));
        answer
    };
    let withhold = |answer: Vec<u8>| {
        let mut blocks = blocks(&answer);
        blocks.iter_mut().for_each(|block| block.receipts.clear());
        framed(blocks)
    };
    let forge = |answer: Vec<u8>| {
        let mut blocks = blocks(&answer);
        blocks.iter_mut().for_each(|block| block.header.executed.state = Hash([7; 32]));
        framed(blocks)
    };
    let lies: [(&str, Spoil<'_>); 4] = [
        ("a byte", &|answer| flip(answer, 40)),
        ("a root", &forge),
        ("receipts", &withhold),
        ("garbage", &|_| vec![1, 2, 3]),
    ];
    for (what, lie) in lies {
        let mut watcher = Watcher::new(&zone, DECLARANT);
        let change = |ask: &Ask, answer: Vec<u8>| {
            let is_blocks = ask.what.body().is_none();
            Ok(if ask.api == first && is_blocks { lie(answer) } else { answer })
        };
        watcher.catch_up(&zone, &change).await;
        let lied: Vec<&String> = watcher
            .notes
            .iter()
            .filter_map(|note| match note {
                Note::Lied { api, .. } => Some(api),
                _ => None,
            })
            .collect();
        assert_eq!(lied, [&first], "{what}");
        assert_ne!(watcher.follower.current().api, first);
        // What it holds is what an honest server says.
        let case = watcher.ledger.cases(&CaseFilter::default(), None, 9).expect("readable");
        assert_eq!(*case.cases[0].key(), own.case_key());
    }
    zone.stop().await;
}

#[tokio::test]
async fn a_server_that_forges_a_case_is_found_out_by_the_headers_that_follow() {
    let (zone, _, _) = traded().await;
    let first = Watcher::new(&zone, DECLARANT).follower.current().api.clone();
    let mut watcher = Watcher::new(&zone, DECLARANT);
    let forge = |ask: &Ask, answer: Vec<u8>| {
        if ask.api != first || ask.what.body().is_none() {
            return Ok(answer);
        }
        let mut evidence: kanhe_ledger::EvidenceAnswer =
            codec::decode(&answer, usize::MAX).expect("evidence");
        for shown in &mut evidence.shown {
            if let kanhe_ledger::Shown::Value(value) = shown {
                value.value.value.push(0);
            }
        }
        Ok(codec::encode(&evidence))
    };
    // The chain makes a block every tenth of a second.
    while !watcher.notes.iter().any(|note| matches!(note, Note::Lied { .. })) {
        watcher.step(&zone, &forge).await;
        let held = watcher.ledger.cases(&CaseFilter::default(), None, 9).expect("readable");
        assert_eq!(held.cases, []);
    }
    let lie = watcher.notes.iter().find_map(|note| match note {
        Note::Lied { lie, .. } => Some(lie),
        _ => None,
    });
    assert!(matches!(lie, Some(Lie::Evidence { .. })), "{lie:?}");
    watcher.catch_up(&zone, &honest).await;
    zone.stop().await;
}

#[tokio::test]
async fn a_silent_server_is_left_and_tried_again_later() {
    let (zone, _, _) = traded().await;
    let mut watcher = Watcher::new(&zone, PLATFORM);
    let first = watcher.follower.current().api.clone();
    let silent = |ask: &Ask, answer: Vec<u8>| {
        if ask.api == first { Err("connection refused".into()) } else { Ok(answer) }
    };
    watcher.catch_up(&zone, &silent).await;
    assert_ne!(watcher.follower.current().api, first);
    let all_silent = |_: &Ask, _: Vec<u8>| Err("connection refused".into());
    let before = watcher.now;
    for _ in 0..40 {
        watcher.step(&zone, &all_silent).await;
    }
    // It rests longer each time, up to a bound.
    assert!(before + 40_000 < watcher.now, "{}", watcher.now - before);
    watcher.catch_up(&zone, &honest).await;
    zone.stop().await;
}

#[tokio::test]
async fn agencies_are_sent_to_validators_and_bad_questions_are_refused() {
    let zone = Zone::start().await;
    let target = path::redacted(1, 10, 0);
    zone.get(&target, AGENCY).await.error(ErrorCode::BadRequest);
    let mut draft = zone.draft("POST", path::EVIDENCE, PLATFORM);
    draft.body = vec![0xff; 9];
    zone.send(&draft).await.error(ErrorCode::BadRequest);
    let wanted = vec![kanhe_ledger::Wanted::Organisation; 257];
    draft = zone.draft("POST", path::EVIDENCE, PLATFORM);
    draft.body = codec::encode(&wanted);
    zone.send(&draft).await.error(ErrorCode::BadRequest);
    let beyond = zone.get(path::redacted(1_000_000, 10, 0), PLATFORM).await;
    assert_eq!((beyond.status, beyond.body), (StatusCode::OK, vec![]));
    zone.stop().await;
}
