//! One block of many documents does what many blocks of one document do.

use super::*;
use crate::credit::{MonthTrades, month_trades, organisations_of};
use crate::flows;
use crate::state::{StateError, StateRead, Writes};
use crate::state_key;
use crate::statistics::{Entry, Month, entries};
use kanhe_types::codec;
use kanhe_types::pseudonym::PersonalKind;
use proptest::prelude::*;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// A document of one of three trades, which may name each other's waybill and order.
fn document() -> impl Strategy<Value = Document> {
    let numbers = (1u64..4, 1u64..4, 1u64..4);
    (0usize..5, numbers, any::<[bool; 2]>(), 0u8..4, 0u64..8).prop_map(
        |(kind, (number, parcel, paid), [differs, is_named_well], app_type, minute)| {
            let trade = Trade::new(number);
            let mut all = documents(&trade).to_vec();
            all.push(fixture::attestation(&trade));
            let mut document = all.swap_remove(kind);
            let app_type = match app_type {
                0 => AppType::Change,
                1 => AppType::Delete,
                _ => AppType::Add,
            };
            document = later(&document, app_type, minute);
            payment(&mut document, |payment| {
                if differs {
                    payment.payer_name = fixture::pseudonym(PersonalKind::Name, "测试乙");
                }
                if !is_named_well {
                    payment.order_no = Trade::new(paid).order_no;
                }
            });
            waybill(&mut document, |waybill| {
                if differs {
                    waybill.weight = fixture::decimal("9");
                }
            });
            list(&mut document, |list| {
                if differs {
                    list.lines[0].gname = "测试香皂".to_owned();
                }
                if !is_named_well {
                    list.logistics_no = Trade::new(parcel).logistics_no;
                }
            });
            document
        },
    )
}

/// A submission for each document; the expiry tells those of equal documents apart.
fn submissions(documents: &[Document]) -> Vec<Submission> {
    let expiries = 100u64..;
    expiries
        .zip(documents)
        .map(|(expires, document)| {
            let signer = fixture::signer(&Trade::new(0), document);
            fixture::submission(&GENESIS, &signer, expires, std::slice::from_ref(document))
        })
        .collect()
}

/// What executing submissions leaves, block by block.
#[derive(Clone, Default)]
struct Left {
    state: MemoryState,
    writes: Writes,
    receipts: Vec<kanhe_types::receipt::Receipt>,
    events: BTreeMap<CaseKey, Event>,
}

impl Left {
    fn new() -> Self {
        let world = world();
        Self { state: world.state, ..Self::default() }
    }

    fn execute(&mut self, height: u64, submissions: &[Submission]) {
        let policy = Policy::default();
        let time = Millis(1_795_420_800_000);
        let context = BlockContext::plain(GENESIS, height, time, &policy);
        let identified = submissions.iter().map(|one| (one.header.id(&GENESIS), one));
        let effects = execute(&context, &self.state, identified).unwrap();
        self.state.apply_block(&effects);
        self.writes.extend(effects.writes);
        self.receipts.extend(effects.receipts);
        for event in effects.events {
            if let Event::CaseChanged { case, .. } = &event {
                self.events.insert(case.clone(), event);
            }
        }
    }

    fn statistics(&self) -> Vec<Entry> {
        entries(&self.state, Month::of(Millis(1_795_420_800_000))).unwrap()
    }

    fn flows(&self) -> Vec<flows::Entry> {
        flows::entries(&self.state, Month::of(Millis(1_795_420_800_000))).unwrap()
    }

    /// What each organisation's trades of the month say of it, as far as they say anything.
    fn credit(&self) -> BTreeMap<OrganisationCode, MonthTrades> {
        let month = Month::of(Millis(1_795_420_800_000));
        let all = organisations_of(&self.state, month).unwrap().into_iter().map(|own| {
            let mut trades = month_trades(&self.state, month, &own).unwrap();
            trades.parts.retain(|(_, counts)| !counts.is_zero());
            (own, trades)
        });
        all.filter(|(_, trades)| !trades.parts.is_empty()).collect()
    }

    /// The records; the order in which cases wait, the height of a change that another change of
    /// the same block undid, and pages of statistics, flows and months that it emptied are a
    /// block's own matter.
    fn records(&self) -> Writes {
        self.writes
            .iter()
            .filter(|(key, value)| value.is_some() && !(0x40..0x50).contains(&key[0]))
            .filter(|(key, _)| !(0x5c..0x60).contains(&key[0]))
            // Deadlines stand in chunks of the cases of one block, and a digest is of blocks.
            .filter(|(key, _)| !state_key::is_of_deadlines(key) && key[0] != state_key::BESIDE)
            .map(|(key, value)| {
                let bytes = value.as_ref().unwrap();
                let bytes = match key[0] {
                    state_key::CASE => {
                        let mut case: Case = case::decode(key, bytes).unwrap();
                        case.changed_height = 0;
                        codec::encode(&case)
                    }
                    state_key::WAITING => {
                        let mut waiting: Vec<CaseKey> = case::decode(key, bytes).unwrap();
                        waiting.sort();
                        codec::encode(&waiting)
                    }
                    _ => bytes.clone(),
                };
                (key.clone(), Some(bytes))
            })
            .collect()
    }
}

proptest! {
    #[test]
    fn one_block_leaves_what_many_blocks_leave(
        before in proptest::collection::vec(document(), 0..12),
        now in proptest::collection::vec(document(), 1..40),
    ) {
        let all: Vec<Document> = before.iter().chain(&now).cloned().collect();
        let all = submissions(&all);
        let (before, now) = all.split_at(before.len());
        let mut whole = Left::new();
        whole.execute(4, before);
        let mut parts = whole.clone();
        whole.execute(5, now);
        for submission in now {
            parts.execute(5, std::slice::from_ref(submission));
        }
        prop_assert_eq!(&whole.receipts, &parts.receipts);
        prop_assert_eq!(whole.records(), parts.records());
        prop_assert_eq!(whole.statistics(), parts.statistics());
        prop_assert_eq!(whole.flows(), parts.flows());
        prop_assert_eq!(whole.credit(), parts.credit());
        for (case, event) in &whole.events {
            prop_assert_eq!(Some(event), parts.events.get(case));
        }
    }

    #[test]
    fn a_rejected_document_leaves_nothing_behind_whatever_stands_beside_it(
        documents in proptest::collection::vec(document(), 1..40),
    ) {
        let all = submissions(&documents);
        let mut with = Left::new();
        with.execute(5, &all);
        let kept: Vec<Submission> = all
            .iter()
            .zip(&with.receipts)
            .filter(|(_, receipt)| receipt.is_accepted())
            .map(|(submission, _)| submission.clone())
            .collect();
        let mut without = Left::new();
        without.execute(5, &kept);
        prop_assert_eq!(with.records(), without.records());
        prop_assert_eq!(with.events, without.events);
    }

    #[test]
    fn findings_say_in_full_what_the_outcomes_sum_up(
        documents in proptest::collection::vec(document(), 1..40),
    ) {
        let mut left = Left::new();
        left.execute(5, &submissions(&documents));
        for key in left.events.keys() {
            explained(&case::case(&left.state, key).unwrap().unwrap());
        }
    }
}

#[test]
fn the_digest_of_what_the_tree_does_not_have_goes_on_from_block_to_block() {
    let payments = [1, 2].map(|number| fixture::payment(&Trade::new(number)));
    let all = submissions(&payments);
    let digest = |left: &Left| left.state.get(&state_key::beside_key_bytes()).unwrap();
    let mut whole = Left::new();
    assert_eq!(digest(&whole), None);
    whole.execute(4, &all[..1]);
    let first = digest(&whole);
    whole.execute(5, &all[1..]);
    let mut alone = Left::new();
    alone.execute(5, &all[1..]);
    assert!(first.is_some() && digest(&alone).is_some());
    assert_ne!(digest(&whole), first);
    assert_ne!(digest(&whole), digest(&alone), "the same records, after others");
}

/// A state that counts what is read of it.
struct Counting {
    state: MemoryState,
    reads: RefCell<Vec<Vec<u8>>>,
    batches: RefCell<usize>,
}

impl StateRead for Counting {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StateError> {
        self.reads.borrow_mut().push(key.to_vec());
        self.state.get(key)
    }

    fn get_sorted(&self, keys: &[Vec<u8>]) -> Result<Vec<Option<Vec<u8>>>, StateError> {
        assert!(keys.is_sorted_by(|left, right| left < right), "ascending without repeats");
        *self.batches.borrow_mut() += 1;
        self.reads.borrow_mut().extend_from_slice(keys);
        keys.iter().map(|key| self.state.get(key)).collect()
    }

    fn executed(&self, submissions: &[Hash]) -> Result<Vec<bool>, StateError> {
        self.state.executed(submissions)
    }
}

#[test]
fn a_block_reads_each_key_once_and_writes_each_case_once() {
    let trades: Vec<Trade> = (1..4).map(Trade::new).collect();
    let documents: Vec<Document> = trades.iter().flat_map(documents).collect();
    let state =
        Counting { state: world().state, reads: RefCell::default(), batches: RefCell::default() };
    let policy = Policy::default();
    let time = Millis(1_795_420_800_000);
    let context = BlockContext::plain(GENESIS, 1, time, &policy);
    let all = submissions(&documents);
    let identified = all.iter().map(|one| (one.header.id(&GENESIS), one));
    let effects = execute(&context, &state, identified).unwrap();
    let mut reads = state.reads.take();
    let count = reads.len();
    reads.sort();
    reads.dedup();
    // Who speaks, what documents need, pages of statistics, new pages' enterprises, pages of flows,
    // months of organisations.
    assert_eq!((reads.len(), *state.batches.borrow()), (count, 6));
    let changed: Vec<&CaseKey> = effects.cases.iter().map(|change| &change.case).collect();
    let expected: Vec<CaseKey> = trades.iter().map(Trade::case_key).collect();
    assert_eq!(changed, expected.iter().collect::<Vec<_>>());
}

#[test]
fn a_list_of_a_case_that_matched_in_the_same_block_stands_as_it_is() {
    let trade = Trade::new(1);
    let mut documents = documents(&trade).to_vec();
    documents.push(later(&fixture::list(&trade), AppType::Change, 5));
    let mut left = Left::new();
    left.execute(5, &submissions(&documents));
    let last = left.receipts.pop().unwrap().outcome;
    assert_eq!(rejection(&refusal(last)), Rejection::CaseMatched);
}
