use super::*;
use crate::cases::CaseFilter;
use crate::evidence::Shown;
use crate::ledger::Ledger;
use crate::replica::Replica;
use crate::store::MemoryStore;
use crate::store::Pair;
use crate::testing::{GENESIS_BYTES, Network, ORGANISATION, genesis_hash};
use kanhe_contracts::event::{CaseState, Event};
use kanhe_types::limits::EXECUTION_LAG;
use kanhe_types::receipt::CaseKey;
use kanhe_types::redacted::{RedactedBlock, ShownChange};
use proptest::prelude::*;

/// Everything that an observer's store holds.
fn content(store: &MemoryStore) -> Vec<(Column, Vec<Pair>)> {
    let all = |column| store.scan(column, &[], Direction::Forward, usize::MAX).unwrap();
    Column::OBSERVER.into_iter().map(|column| (column, all(column))).collect()
}

fn own() -> OrganisationCode {
    ORGANISATION.parse().unwrap()
}

fn open(network: &Network, store: MemoryStore) -> ObserverLedger<MemoryStore> {
    ObserverLedger::open(store, network.genesis.clone(), own()).unwrap()
}

fn chain(network: &Network) -> Ledger<MemoryStore> {
    let ledger = network.open(MemoryStore::default());
    network.grow(&ledger, &[&["case o1 0", "nonsense"], &["put b 2"]]);
    network.grow(&ledger, &[&["case o1 1"]]);
    for _ in 0..3 {
        network.grow(&ledger, &[]);
    }
    ledger
}

/// What the chain's server answers for heights.
fn parts(
    ledger: &Ledger<MemoryStore>,
    heights: std::ops::RangeInclusive<u64>,
) -> Vec<RedactedBlock> {
    let parts = heights.flat_map(|height| {
        let block = ledger.whole_block(height).unwrap().unwrap();
        let effects = height.saturating_sub(EXECUTION_LAG);
        let executed = ledger.whole_block(effects).unwrap();
        let events = ledger.events_at(effects).unwrap();
        let changes = events.into_iter().filter_map(|event| match event {
            Event::CaseChanged { case, .. } => Some(ShownChange::Case(case)),
            _ => None,
        });
        ledger.redact(&block, executed.as_ref(), &own(), changes.collect()).unwrap()
    });
    parts.collect()
}

fn lie(result: Result<u64, ObserverError>) -> String {
    match result {
        Err(ObserverError::Lie(lie)) => lie.to_string(),
        other => panic!("expected a lie, found {other:?}"),
    }
}

fn case(order_no: &str) -> CaseKey {
    CaseKey { platform: own(), order_no: order_no.into() }
}

/// Asks the chain for everything that is wanted.
fn ask_all(observer: &ObserverLedger<MemoryStore>, ledger: &Ledger<MemoryStore>) {
    for (wanted, _) in observer.wanted(None, 100).unwrap() {
        let shown = match wanted.state_key(&own()) {
            Some(key) => {
                let (_, mut found) = ledger.value_evidence(&[key]).unwrap();
                Shown::Value(found.pop().flatten().unwrap())
            }
            None => {
                let Wanted::Document(id) = wanted else { unreachable!("all others have a key") };
                Shown::Document(Box::new(ledger.document_evidence(&id).unwrap().unwrap()))
            }
        };
        let pending = Pending { wanted, shown, since: observer.effects_height() };
        assert_eq!(observer.take_evidence(&pending).unwrap(), Taken::Kept);
    }
}

#[test]
fn receipts_documents_and_proofs_are_those_of_the_chain() {
    let network = Network::new();
    let ledger = chain(&network);
    let store = MemoryStore::default();
    let observer = open(&network, store.clone());
    assert_eq!(observer.take_blocks(parts(&ledger, 1..=2)).unwrap(), 2);
    assert_eq!(observer.take_blocks(parts(&ledger, 3..=5)).unwrap(), 3);
    // Opened again it is the same.
    for observer in [observer, open(&network, store)] {
        assert_eq!((observer.height(), observer.effects_height()), (5, 3));
        for height in 1..=2 {
            for receipt in ledger.receipts_at(height).unwrap() {
                let ids = [receipt.submission];
                let expected = ledger.receipts_of_all(&ids).unwrap();
                assert_eq!(observer.receipts_of_all(&ids).unwrap(), expected);
                let document = ledger.document(&receipt.document).unwrap();
                assert_eq!(Replica::document(&observer, &receipt.document).unwrap(), document);
                if document.is_none() {
                    continue;
                }
                let prove = |replica: &dyn Replica| {
                    replica.prove_document(&receipt.document, GENESIS_BYTES.to_vec()).unwrap()
                };
                assert_eq!(prove(&observer), prove(&ledger));
                let verdict =
                    prove(&observer).verify(&genesis_hash(), |bytes| network.validators_of(bytes));
                assert_eq!(verdict, Ok(()));
            }
        }
    }
}

#[test]
fn a_case_is_kept_once_its_path_leads_to_a_certified_root() {
    let network = Network::new();
    let ledger = chain(&network);
    let observer = open(&network, MemoryStore::default());
    observer.take_blocks(parts(&ledger, 1..=5)).unwrap();
    assert_eq!(observer.wanted(None, 9).unwrap(), [(Wanted::Case(case("o1")), 2)]);
    let list = |state| {
        let filter = CaseFilter { organisation: None, state };
        let page = Replica::cases(&observer, &filter, None, 9).unwrap();
        page.cases
            .into_iter()
            .map(|case| (case.key().order_no.clone(), case.state()))
            .collect::<Vec<_>>()
    };
    assert_eq!(list(None), []);
    ask_all(&observer, &ledger);
    assert_eq!(list(None), [("o1".to_owned(), CaseState::Matched)]);
    assert_eq!(list(Some(CaseState::Collecting)), []);
    assert_eq!(observer.wanted(None, 9).unwrap(), []);
}

#[test]
fn evidence_that_runs_ahead_waits_for_its_header() {
    let network = Network::new();
    let ledger = chain(&network);
    let observer = open(&network, MemoryStore::default());
    observer.take_blocks(parts(&ledger, 1..=5)).unwrap();
    network.grow(&ledger, &[&["case o1 0"], &["put z 9"]]);
    let key = Wanted::Case(case("o1"));
    let (_, mut found) = ledger.value_evidence(&[key.state_key(&own()).unwrap()]).unwrap();
    let shown = Shown::Value(found.pop().flatten().unwrap());
    let pending = Pending { wanted: key, shown, since: observer.effects_height() };
    assert_eq!(observer.take_evidence(&pending).unwrap(), Taken::Pending);
    network.grow(&ledger, &[]);
    observer.take_blocks(parts(&ledger, 6..=7)).unwrap();
    assert_eq!(observer.take_evidence(&pending).unwrap(), Taken::Pending);
    // Meanwhile the state has changed again; the root that the evidence leads to was certified.
    network.grow(&ledger, &[&["put y 8"]]);
    for _ in 0..2 {
        network.grow(&ledger, &[]);
    }
    observer.take_blocks(parts(&ledger, 8..=10)).unwrap();
    assert_eq!(observer.take_evidence(&pending).unwrap(), Taken::Kept);
}

#[test]
fn evidence_that_leads_nowhere_is_a_lie() {
    let network = Network::new();
    let ledger = chain(&network);
    let observer = open(&network, MemoryStore::default());
    observer.take_blocks(parts(&ledger, 1..=5)).unwrap();
    let key = Wanted::Case(case("o1"));
    let (_, mut found) = ledger.value_evidence(&[key.state_key(&own()).unwrap()]).unwrap();
    let mut evidence = found.pop().flatten().unwrap();
    evidence.value.value.push(0);
    let pending = Pending { wanted: key, shown: Shown::Value(evidence), since: 3 };
    assert_eq!(observer.take_evidence(&pending).unwrap(), Taken::Pending);
    for _ in 0..evidence_heights() {
        network.grow(&ledger, &[]);
    }
    observer.take_blocks(parts(&ledger, 6..=5 + evidence_heights())).unwrap();
    let error = observer.take_evidence(&pending).unwrap_err().to_string();
    assert!(error.starts_with("evidence of case o1 of 4300000001 leads to no"), "{error}");
}

fn evidence_heights() -> u64 {
    super::evidence::PENDING_HEIGHTS_MAX
}

#[test]
fn each_lie_of_a_server_is_told_apart_and_nothing_of_it_is_kept() {
    let network = Network::new();
    let ledger = chain(&network);
    let check = |change: &dyn Fn(&mut Vec<RedactedBlock>), expected: &str| {
        let store = MemoryStore::default();
        let observer = open(&network, store.clone());
        let before = content(&store);
        let mut parts = parts(&ledger, 1..=4);
        change(&mut parts);
        let found = lie(observer.take_blocks(parts));
        assert!(found.contains(expected), "{found}");
        assert_eq!(content(&store), before);
        assert_eq!(observer.height(), 0);
    };
    let other = Hash([1; 32]);
    check(&|parts| drop(parts.remove(0)), "expected height 1, found 2");
    check(&|parts| parts.swap(1, 2), "expected height 2, found 3");
    check(&|parts| parts[1].header.parent = other, "height 2: expected parent");
    check(&|parts| parts[1].header.genesis = other, "height 2: the header names another genesis");
    check(
        &|parts| parts[1].header.validators = other,
        "height 2: the header names another validator set",
    );
    check(&|parts| parts[1].header.time.0 = 0, "height 2: expected a time after");
    check(&|parts| parts[1].header.policy = other, "the certificate is of another block");
    check(&|parts| parts[1].certificate.round = 1, "the certificate does not hold");
    check(&|parts| parts[1].certificate.signatures.truncate(2), "the certificate does not hold");
    check(&|parts| parts[0].batches[0].head.rest = other, "not under the header's batches root");
    let documents = |parts: &mut Vec<RedactedBlock>| {
        parts[0].batches[0].submissions[0].submission.documents[0] = b"case o2 0".to_vec();
    };
    check(&documents, "height 1: a submission is not valid");
    check(&|parts| parts[2].receipts[0].salt.0[0] ^= 1, "not under the header's receipts root");
    check(&|parts| parts[2].receipts.clear(), "receipts of submission");
    check(&|parts| drop(parts[2].receipts.remove(0)), "height 1");
    check(&|parts| parts[0].batches.clear(), "answers nothing that was sent");
    check(&|parts| parts[3].more = true, "height 4 lacks a part");
    check(&|parts| parts[1].more = true, "height 2 lacks a part");
}

#[test]
fn the_validators_to_whom_a_header_hands_over_are_followed_and_kept() {
    let network = Network::handing_over(4);
    let ledger = chain(&network);
    let store = MemoryStore::default();
    let observer = open(&network, store.clone());
    let all = parts(&ledger, 1..=5);
    let mut hidden = all.clone();
    hidden[2].next = None;
    assert!(lie(observer.take_blocks(hidden)).contains("hands over to validators not shown"));
    let mut other = all.clone();
    other[2].next = Some(network.genesis.validators.clone());
    assert!(lie(observer.take_blocks(other)).contains("not those that the header names"));
    observer.take_blocks(all).unwrap();
    for observer in [observer, open(&network, store)] {
        let sets = [3, 4].map(|height| observer.validators_at(height).hash());
        assert_eq!(sets, [3, 4].map(|height| ledger.validators_at(height).hash()));
        assert_ne!(sets[0], sets[1]);
        let document = ledger.receipts_at(2).unwrap()[0].document;
        let prove = |replica: &dyn Replica| {
            replica.prove_document(&document, GENESIS_BYTES.to_vec()).unwrap()
        };
        assert_eq!(prove(&observer), prove(&ledger));
        let verdict =
            prove(&observer).verify(&genesis_hash(), |bytes| network.validators_of(bytes));
        assert_eq!(verdict, Ok(()));
    }
}

#[test]
fn another_chain_organisation_or_format_is_refused() {
    let network = Network::new();
    let store = MemoryStore::default();
    open(&network, store.clone());
    let stranger = "SOMEBODY".parse().unwrap();
    let found = ObserverLedger::open(store.clone(), network.genesis.clone(), stranger);
    assert!(matches!(found, Err(ObserverError::OtherOrganisation { .. })));
    let other = GenesisState { hash: Hash([1; 32]), ..network.genesis.clone() };
    let found = ObserverLedger::open(store, other, own());
    assert!(matches!(found, Err(ObserverError::Ledger(LedgerError::OtherGenesis { .. }))));
}

proptest! {
    #[test]
    fn whatever_is_changed_in_an_answer_is_refused_or_changes_nothing_that_is_believed(
        at in any::<prop::sample::Index>(),
        bit in 0u8..8,
        which in 0usize..5,
    ) {
        let network = Network::new();
        let ledger = chain(&network);
        let store = MemoryStore::default();
        let observer = open(&network, store.clone());
        let mut answer = parts(&ledger, 1..=5);
        let honest = open(&network, MemoryStore::default());
        honest.take_blocks(answer.clone()).unwrap();
        let mut bytes = codec::encode(&answer[which]);
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let Ok(changed) = RedactedBlock::decode(&bytes) else { return Ok(()) };
        answer[which] = changed;
        if observer.take_blocks(answer).is_ok() {
            // Hints are no claims; all else is what an honest server says.
            let believed = |ledger: &ObserverLedger<MemoryStore>| {
                let mut content = content(&ledger.store);
                content.retain(|(column, _)| *column != Column::Wanted);
                content
            };
            prop_assert_eq!(believed(&observer), believed(&honest));
        }
    }
}
