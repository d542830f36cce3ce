//! The bytes of everything that is encoded, hashed or signed, from fixed values.
//!
//! A difference here is a change of format: whoever meant it raises the version that the format
//! carries, writes a decision record, and runs the tests once with `UPDATE_EXPECT=1`.
//! Short encodings stand in full, long ones as length and SHA-256. Each is also decoded again.

mod sample;

use expect_test::{ExpectFile, expect_file};
use kanhe::commands::register::examples::examples;
use kanhe_api::pseudonym::EvaluationRequest;
use kanhe_consensus::message as agreement;
use kanhe_consensus::{Evidence, LogEntry, Message as AgreementMessage, log};
use kanhe_contracts::access::{
    Assistance, AssistanceRef, Grant, GrantRef, InspectionRecord, ReadRecord,
};
use kanhe_contracts::capital::{AllocationRecord, RefundRecord};
use kanhe_contracts::case::{AttestationRecord, Case, PaymentRecord, WaybillRecord};
use kanhe_contracts::clearance::{ListNumberRecord, Pool, WarehouseRecord};
use kanhe_contracts::credit;
use kanhe_contracts::deadlines::{DeadlineChunk, Deadlines};
use kanhe_contracts::document::DocumentKind;
use kanhe_contracts::event::{CaseState, Event};
use kanhe_contracts::execute::{BlockContext, execute};
use kanhe_contracts::fixture;
use kanhe_contracts::flows::FlowPage;
use kanhe_contracts::governance::{
    AgendaEntry, PolicyRecord, Proposal, Revision, Step, ValidatorSetRecord, ZoneRecord,
    genesis_writes,
};
use kanhe_contracts::matching::{RuleId, Severity, Verdict};
use kanhe_contracts::policy::Policy;
use kanhe_contracts::register::{Entry, EntryKey, Register};
use kanhe_contracts::registry::{KeyPurpose, Organisation, Status};
use kanhe_contracts::risk::{
    Alert, Assessment, FeatureRecord, MerchantDay, RiskRecord, RuleRecord, SupervisionTerms,
    VersionRecord,
};
use kanhe_contracts::spot_check::{ErasureRecord, SpotCheckQueue};
use kanhe_contracts::state::MemoryState;
use kanhe_contracts::statistics::{EnterpriseMonth, Page};
use kanhe_ledger::observer::{HeldDocument, KeptHeader};
use kanhe_ledger::{DocumentEvidence, EvidenceAnswer, Shown, ValueEvidence, Wanted, proof, schema};
use kanhe_node::core::message::{Message, Statement};
use kanhe_privacy::oprf::EvaluationKey;
use kanhe_privacy::seal::{ReaderKey, letter_digest};
use kanhe_privacy::vault::commitment;
use kanhe_types::block::{Executed, batches_root};
use kanhe_types::certificate::VoteKind;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{self, Decode, Encode};
use kanhe_types::decimal::Decimal;
use kanhe_types::hash::{Domain, Hash, hmac_sha256, sha256_of};
use kanhe_types::hidden::{self, Hidden};
use kanhe_types::keys::{Scheme, SecretKey};
use kanhe_types::limits::STATE_VALUE_BYTES_MAX;
use kanhe_types::merkle::{self, InclusionProof, Salt};
use kanhe_types::pseudonym::{PersonalKind, Pseudonym, PseudonymScope};
use kanhe_types::receipt::Outcome;
use kanhe_types::redacted::{
    RedactedBatch, RedactedBlock, RedactedSubmission, ShownChange, ShownReceipt,
};
use kanhe_types::state_proof::{self, StateProof, Terminal};
use kanhe_types::submission::{document_id, document_leaves};
use kanhe_types::time::{CustomsDate, CustomsTime, Millis};
use sample::{GENESIS, hash, secret};
use serde_json::json;
use std::fmt::{Debug, Write};

/// Encodings up to this length stand in full.
const FULL_BYTES_MAX: usize = 160;
const BYTES_MAX: usize = 8 * 1024 * 1024;

/// The lines of one golden file.
#[derive(Default)]
struct Golden {
    text: String,
}

impl Golden {
    /// Adds a value's encoding, after it came back from its bytes.
    fn encoded<T: Encode + Decode<()> + PartialEq + Debug>(&mut self, name: &str, value: &T) {
        let bytes = codec::encode(value);
        let again: T = codec::decode(&bytes, BYTES_MAX).expect("canonical bytes decode");
        assert_eq!(again, *value, "{name} does not come back from its bytes");
        self.bytes(name, &bytes);
    }

    fn bytes(&mut self, name: &str, bytes: &[u8]) {
        let content = match bytes.len() {
            0..=FULL_BYTES_MAX => hex::encode(bytes),
            _ => format!("sha256 {}", sha256_of(bytes)),
        };
        writeln!(self.text, "{name}\n  {} bytes  {content}", bytes.len())
            .expect("writing to a string cannot fail");
    }

    fn line(&mut self, name: &str, value: impl std::fmt::Display) {
        writeln!(self.text, "{name}\n  {value}").expect("writing to a string cannot fail");
    }

    fn check(&self, expected: &ExpectFile) {
        expected.assert_eq(&self.text);
    }
}

#[test]
fn numbers_and_texts_of_the_types_crate() {
    let mut golden = Golden::default();
    for number in [0, 250, 251, 65_535, 65_536, u64::MAX] {
        golden.encoded(&format!("u64 {number}"), &number);
    }
    for text in ["0", "118.5", "-0.00001", "99999999999999.99999"] {
        let decimal: Decimal = text.parse().expect("a decimal");
        golden.encoded(&format!("decimal {text}"), &decimal);
    }
    golden.encoded("time", &Millis(1_795_420_800_000));
    golden.encoded("customs time", &"20261123160000".parse::<CustomsTime>().expect("a time"));
    golden.encoded("customs date", &"20261123".parse::<CustomsDate>().expect("a date"));
    golden.encoded("organisation code", &fixture::code(fixture::PLATFORM));
    golden.encoded("hash", &hash(1));
    golden.encoded("salt", &Salt([2; 16]));
    golden.encoded("public key", &secret(1).public_key());
    golden.encoded("signature", &secret(1).sign(&hash(1)));
    let sm2 = SecretKey::new(Scheme::Sm2, [1; 32]).expect("a secret");
    golden.encoded("public key of SM2", &sm2.public_key());
    golden.encoded("signature of SM2", &sm2.sign(&hash(1)));
    golden.encoded("pseudonym", &Pseudonym([3; 16]));
    golden.encoded("pseudonym scope", &PseudonymScope { key_id: 1, epoch: 2026 });
    for kind in [VoteKind::Prevote, VoteKind::Precommit] {
        golden.encoded(&format!("vote kind {kind:?}"), &kind);
    }
    golden.check(&expect_file!["../golden/numbers.txt"]);
}

#[test]
fn submissions_batches_blocks_and_certificates() {
    let mut golden = Golden::default();
    let (submission, batch) = (sample::submission(), sample::batch());
    golden.encoded("submission header", &submission.header);
    golden.encoded("submission", &submission);
    golden.encoded("batch header", &batch.header);
    golden.encoded("batch", &batch);
    golden.encoded("certified batch", &sample::certified());
    golden.encoded("vote", &sample::vote(VoteKind::Prevote, Some(hash(5))));
    golden.encoded("vote for no block", &sample::vote(VoteKind::Precommit, None));
    golden.encoded("proposal", &sample::proposal());
    golden.encoded("header", &sample::header());
    golden.encoded("block", &sample::block());
    golden.encoded("certificate", &sample::certificate());
    golden.encoded("decision", &sample::decision());
    golden.encoded("executed", &sample::header().executed);
    golden.encoded("indexed signature", &sample::certificate().signatures.remove(0));
    golden.encoded("validator", &sample::validators().validators()[0]);
    golden.encoded("validator set", &sample::validators());
    for (name, outcome) in sample::outcomes() {
        golden.encoded(&format!("receipt, {name}"), &sample::receipt(outcome));
    }
    golden.check(&expect_file!["../golden/chain.txt"]);
}

#[test]
fn documents_organisations_and_policy() {
    let mut golden = Golden::default();
    let trade = fixture::Trade::new(1);
    for document in sample::documents(&trade) {
        golden.encoded(&format!("document {}", document.kind().name()), &document);
    }
    for document in fixture::export::documents(&trade) {
        golden.encoded(&format!("document {}", document.kind().name()), &document);
    }
    let cancellation = fixture::export::cancellation(&trade);
    golden.encoded("document export_list_cancellation", &cancellation);
    for document in fixture::import::documents(&trade) {
        golden.encoded(&format!("document {}", document.kind().name()), &document);
    }
    let cancellation = fixture::import::cancellation(&trade);
    golden.encoded("document list_cancellation", &cancellation);
    for organisation in fixture::organisations() {
        golden.encoded(&format!("organisation {}", organisation.code), &organisation);
    }
    for &kind in DocumentKind::ALL {
        golden.encoded(&format!("document kind {}", kind.name()), &kind);
    }
    for role in sample::ROLES {
        golden.encoded(&format!("role {role:?}"), &role);
    }
    for purpose in [KeyPurpose::Operator, KeyPurpose::Admin, KeyPurpose::Node] {
        golden.encoded(&format!("key purpose {purpose:?}"), &purpose);
    }
    for status in [Status::Active, Status::Suspended] {
        golden.encoded(&format!("status {status:?}"), &status);
    }
    for state in [
        CaseState::Collecting,
        CaseState::Matched,
        CaseState::Mismatched,
        CaseState::Overdue,
        CaseState::Arrived,
        CaseState::Departed,
        CaseState::Closed,
        CaseState::Cancelled,
        CaseState::Returned,
        CaseState::Held,
        CaseState::Released,
        CaseState::Delivered,
        CaseState::Returning,
        CaseState::Refused,
    ] {
        golden.encoded(&format!("case state {state:?}"), &state);
    }
    for rule in RuleId::ALL {
        golden.encoded(&format!("rule {rule}"), &rule);
    }
    for verdict in [Verdict::Pass, Verdict::Fail, Verdict::Pending, Verdict::NotApplicable] {
        golden.encoded(&format!("verdict {verdict:?}"), &verdict);
    }
    for severity in [Severity::Reject, Severity::Warn] {
        golden.encoded(&format!("severity {severity:?}"), &severity);
    }
    golden.encoded("policy", &Policy::default());
    golden.line("policy hash", Policy::default().hash());
    golden.encoded("genesis", &sample::genesis());
    golden.line("genesis hash", sample::genesis().hash());
    golden.check(&expect_file!["../golden/trade.txt"]);
}

/// Executes one trade whose payment is too low, and writes down what stands in the state.
#[test]
fn state_receipts_and_events_of_one_mismatched_trade() {
    let mut golden = Golden::default();
    let mut state = MemoryState::default();
    state.apply(&genesis_writes(
        &fixture::organisations(),
        &Policy::default(),
        1,
        &fixture::validator_set(4),
    ));
    let (submissions, policy) = (sample::mismatched_trade(), Policy::default());
    let time = Millis(1_795_420_801_000);
    let context = BlockContext::plain(GENESIS, 3, time, &policy);
    let identified = submissions.iter().map(|one| (one.header.id(&GENESIS), one));
    let effects = execute(&context, &state, identified).expect("memory can be read");
    for (number, receipt) in effects.receipts.iter().enumerate() {
        golden.encoded(&format!("receipt {number}"), receipt);
    }
    for (number, event) in effects.events.iter().enumerate() {
        golden.encoded::<Event>(&format!("event {number}"), event);
    }
    for (key, value) in &effects.writes {
        let value = value.as_ref().map_or(&[][..], Vec::as_slice);
        golden.bytes(&format!("state {}", hex::encode(key)), value);
        check_state_value(key, value);
    }
    golden.check(&expect_file!["../golden/state.txt"]);
}

/// Whatever stands in the state decodes as the type of its prefix (contracts/src/state_key.rs).
fn check_state_value(key: &[u8], value: &[u8]) {
    fn decodes<T: Encode + Decode<()>>(value: &[u8]) -> bool {
        codec::decode::<T>(value, STATE_VALUE_BYTES_MAX).is_ok()
    }
    let is_known = match key.first() {
        Some(3) => decodes::<Case>(value),
        Some(4) => decodes::<PaymentRecord>(value),
        Some(5) => decodes::<WaybillRecord>(value),
        Some(6) => decodes::<AttestationRecord>(value),
        Some(1) => decodes::<Organisation>(value),
        Some(7) => value.is_empty() || decodes::<Vec<kanhe_types::receipt::CaseKey>>(value),
        Some(8) => decodes::<ZoneRecord>(value),
        Some(9) => value.is_empty() || decodes::<Vec<AgendaEntry>>(value),
        Some(10) => decodes::<Proposal>(value),
        Some(11) => decodes::<u64>(value),
        Some(12) => decodes::<PolicyRecord>(value),
        Some(13) => decodes::<Revision>(value),
        Some(14) => decodes::<OrganisationCode>(value),
        Some(15) => decodes::<u64>(value),
        Some(20) => decodes::<kanhe_types::receipt::CaseKey>(value),
        Some(21) => value.is_empty() || decodes::<SpotCheckQueue>(value),
        Some(22) => decodes::<ErasureRecord>(value),
        Some(16) => decodes::<ValidatorSetRecord>(value),
        Some(26) => decodes::<Grant>(value),
        Some(27 | 28) => value.is_empty() || decodes::<Vec<GrantRef>>(value),
        Some(29) => decodes::<u64>(value) || decodes::<Hash>(value) || decodes::<ReadRecord>(value),
        Some(30) => {
            decodes::<Assistance>(value)
                || decodes::<Vec<AssistanceRef>>(value)
                || decodes::<u64>(value)
        }
        Some(31) => decodes::<Vec<InspectionRecord>>(value),
        Some(32) => decodes::<ListNumberRecord>(value),
        Some(33 | 34 | 40) => decodes::<Pool>(value),
        Some(35) => decodes::<WarehouseRecord>(value),
        Some(36) => decodes::<Deadlines>(value),
        Some(37) => decodes::<DeadlineChunk>(value),
        Some(38) => decodes::<AllocationRecord>(value),
        Some(39) => decodes::<RefundRecord>(value),
        Some(64) => decodes::<u32>(value),
        Some(65) => decodes::<Vec<OrganisationCode>>(value),
        Some(66) => decodes::<EnterpriseMonth>(value),
        Some(67) => decodes::<Page>(value),
        Some(72) => decodes::<u32>(value),
        Some(73) => decodes::<Vec<OrganisationCode>>(value),
        Some(74) => decodes::<FlowPage>(value),
        Some(80) => decodes::<Entry>(value),
        Some(81) => decodes::<EntryKey>(value) || decodes::<Decimal>(value),
        Some(82) => decodes::<u64>(value) || decodes::<EntryKey>(value),
        Some(83) => decodes::<Decimal>(value),
        Some(88) => value.is_empty() || decodes::<Vec<credit::Listed>>(value),
        Some(89) => value.is_empty() || decodes::<Vec<credit::FiledFact>>(value),
        Some(90) => decodes::<credit::GradeStanding>(value),
        Some(91) => value.is_empty() || decodes::<Vec<credit::OpenComplaint>>(value),
        Some(92) => decodes::<credit::MonthTrades>(value),
        Some(93) => decodes::<credit::MonthEvents>(value),
        Some(94) => decodes::<u32>(value),
        Some(95) => decodes::<Vec<OrganisationCode>>(value),
        Some(96) => value.is_empty() || decodes::<FeatureRecord>(value),
        Some(97 | 98) => decodes::<Assessment>(value),
        Some(99) => decodes::<RiskRecord>(value),
        Some(100) => decodes::<Alert>(value),
        Some(101) => value.is_empty() || decodes::<Vec<u64>>(value),
        Some(102) => value.is_empty() || decodes::<u64>(value) || decodes::<Vec<Vec<u8>>>(value),
        Some(103) => decodes::<RuleRecord>(value),
        Some(104) => decodes::<VersionRecord>(value),
        Some(105) => decodes::<MerchantDay>(value),
        Some(106) => decodes::<SupervisionTerms>(value),
        Some(107) => decodes::<Hash>(value),
        _ => false,
    };
    assert!(is_known, "state key {} does not hold what its prefix says", hex::encode(key));
}

/// Every act of every register, as `kanhe register example` prints it.
#[test]
fn acts_of_registers() {
    let mut golden = Golden::default();
    for register in Register::ALL {
        for (number, (_, act)) in (1..).zip(examples(*register)) {
            let act: serde_json::Value = serde_json::from_str(act).expect("examples are JSON");
            let (kind, owner) = (register.name(), "TESTOWNER01");
            let said = json!({ "kind": kind, "owner": owner, "number": "1", "act": act });
            let body = serde_json::from_value(said).expect("examples are acts");
            golden.encoded(&format!("{kind}, act {number}"), &fixture::governance(body));
        }
    }
    golden.check(&expect_file!["../golden/registers.txt"]);
}

#[test]
fn documents_and_records_of_governance() {
    let mut golden = Golden::default();
    for document in sample::governance() {
        golden.encoded(&format!("document {}", document.kind().name()), &document);
    }
    let names = [
        "admit",
        "suspend",
        "readmit",
        "describe",
        "keys",
        "policy",
        "protocol",
        "add validator",
        "remove validator",
        "replace validator",
    ];
    for (name, change) in names.into_iter().zip(sample::changes()) {
        golden.encoded(&format!("change {name}"), &change);
    }
    for step in [Step::Expire, Step::Activate] {
        let entry = AgendaEntry { height: 300, number: 2, step };
        golden.encoded(&format!("agenda entry {step:?}"), &entry);
    }
    // The state of a zone in which one agency decides.
    let mut state = MemoryState::default();
    let writes = genesis_writes(
        &fixture::organisations(),
        &Policy::default(),
        1,
        &fixture::validator_set(4),
    );
    golden_writes(&mut golden, 0, &writes);
    state.apply(&writes);
    for (height, submissions) in (1..).zip(sample::governed()) {
        let (policy, time) = (Policy::default(), Millis(1_795_420_801_000));
        let context = BlockContext::plain(GENESIS, height, time, &policy);
        let identified = submissions.iter().map(|one| (one.header.id(&GENESIS), one));
        let effects = execute(&context, &state, identified).expect("memory can be read");
        for (number, receipt) in effects.receipts.iter().enumerate() {
            assert!(receipt.is_accepted(), "{receipt:?}");
            golden.encoded(&format!("height {height} receipt {number}"), receipt);
        }
        for (number, event) in effects.events.iter().enumerate() {
            golden.encoded::<Event>(&format!("height {height} event {number}"), event);
        }
        golden_writes(&mut golden, height, &effects.writes);
        state.apply(&effects.writes);
    }
    golden.check(&expect_file!["../golden/governance.txt"]);
}

#[test]
fn documents_and_records_of_originals_and_pseudonyms() {
    let mut golden = Golden::default();
    for (number, document) in sample::originals(hash(1), hash(2)).iter().enumerate() {
        golden.encoded(&format!("document {} {number}", document.kind().name()), document);
    }
    // The state of a trade whose order is asked for, shown, judged and erased.
    let (mut state, policy) = (MemoryState::default(), sample::policy_without_term());
    state.apply(&genesis_writes(&fixture::organisations(), &policy, 1, &fixture::validator_set(4)));
    for (height, submission) in (1..).zip(sample::with_originals()) {
        let time = Millis(1_795_420_801_000);
        let context = BlockContext::plain(GENESIS, height, time, &policy);
        let identified = [(submission.header.id(&GENESIS), &submission)];
        let effects = execute(&context, &state, identified).expect("memory can be read");
        for receipt in &effects.receipts {
            assert!(receipt.is_accepted(), "height {height}: {receipt:?}");
        }
        golden_writes(&mut golden, height, &effects.writes);
        state.apply(&effects.writes);
    }
    let scope = PseudonymScope { key_id: 1, epoch: 2026 };
    let key = EvaluationKey::derive(&[7; 32], scope);
    golden.line("function key of a seed", key.public_key());
    golden.encoded("policy without term", &policy);
    let input = Pseudonym::function_input(PersonalKind::Name, "测试某甲");
    golden.bytes("function input", &input);
    let output = key.output(&input).expect("a short value");
    golden.line("pseudonym", Pseudonym::of_output(scope, PersonalKind::Name, &output));
    let request = EvaluationRequest { scope, elements: vec![[1; 32], [2; 32]] };
    golden.encoded("evaluation request", &request);
    golden.line("commitment", commitment(&[3; 32], b"original"));
    golden.line("letter digest", letter_digest(b"letter"));
    golden.line("reply key", Hash(ReaderKey::derive(&[4; 32]).public()));
    golden.check(&expect_file!["../golden/originals.txt"]);
}

#[test]
fn documents_and_records_of_access() {
    let mut golden = Golden::default();
    for (_, document) in sample::access() {
        golden.encoded(&format!("document {}", document.kind().name()), &document);
    }
    let mut state = MemoryState::default();
    state.apply(&genesis_writes(
        &sample::members(),
        &Policy::default(),
        1,
        &fixture::validator_set(4),
    ));
    let policy = Policy::default();
    let orders = vec![sample::first_order()];
    let said = sample::access().into_iter().map(|(signer, document)| {
        vec![fixture::submission(&GENESIS, &fixture::code(signer), 100, &[document])]
    });
    for (height, submissions) in (1..).zip(std::iter::once(orders).chain(said)) {
        let time = Millis(1_795_420_801_000);
        let context = BlockContext::plain(GENESIS, height, time, &policy);
        let identified = submissions.iter().map(|one| (one.header.id(&GENESIS), one));
        let effects = execute(&context, &state, identified).expect("memory can be read");
        assert!(effects.receipts.iter().all(|receipt| receipt.is_accepted()), "{effects:?}");
        if 1 < height {
            golden_writes(&mut golden, height, &effects.writes);
        }
        state.apply(&effects.writes);
    }
    golden.check(&expect_file!["../golden/access.txt"]);
}

fn golden_writes(golden: &mut Golden, height: u64, writes: &kanhe_contracts::state::Writes) {
    for (key, value) in writes {
        let value = value.as_ref().map_or(&[][..], Vec::as_slice);
        golden.bytes(&format!("height {height} state {}", hex::encode(key)), value);
        check_state_value(key, value);
    }
}

#[test]
fn messages_log_entries_and_evidence() {
    let mut golden = Golden::default();
    let vote = sample::signed_vote(Some(hash(5)));
    let signatures = sample::certificate().signatures;
    let polka = agreement::PolkaCertificate { height: 7, round: 1, block: hash(5), signatures };
    let round = agreement::RoundCertificate {
        height: 7,
        round: 2,
        kind: agreement::RoundCertificateKind::Skip,
        votes: vec![agreement::RoundVote {
            validator: 1,
            kind: VoteKind::Prevote,
            block: None,
            signature: vote.signature,
        }],
    };
    let (proposer, signature) = (secret(1).public_key(), vote.signature);
    let (proposal, block) = (sample::proposal(), sample::block());
    let said = AgreementMessage::Proposal {
        proposal: proposal.clone(),
        proposer,
        signature,
        block: block.clone(),
    };
    golden.encoded("agreement proposal", &Message::Agreement(Box::new(said)));
    let said = AgreementMessage::Vote(vote.clone());
    golden.encoded("agreement vote", &Message::Agreement(Box::new(said)));
    let said = AgreementMessage::Polka(polka.clone());
    golden.encoded("agreement polka", &Message::Agreement(Box::new(said)));
    let said = AgreementMessage::Round(round);
    golden.encoded("agreement round", &Message::Agreement(Box::new(said)));
    golden.encoded("batch", &Message::Batch(sample::batch().into()));
    golden.encoded("acknowledge", &Message::Acknowledge { digest: hash(6), signature });
    golden.encoded("certified", &Message::Certified(sample::certified()));
    golden.encoded("fetch batches", &Message::FetchBatches(vec![hash(6), hash(7)]));
    golden.encoded("status", &Message::Status { decided: 300 });
    golden.encoded("fetch decisions", &Message::FetchDecisions { from: 300 });
    golden.encoded("decisions", &Message::Decisions(vec![sample::decision()]));
    golden.encoded("ask seen", &Message::AskSeen);
    let batch = sample::batch();
    let batch = Some(Box::new((batch.header.clone(), batch.signature)));
    let statement = Some(Box::new(Statement::Vote(vote.clone())));
    golden.encoded("seen vote", &Message::Seen { decided: 6, statement, batch });
    let said = Statement::Proposal { proposal: proposal.clone(), proposer, signature };
    let (statement, batch) = (Some(Box::new(said)), None);
    golden.encoded("seen proposal", &Message::Seen { decided: 6, statement, batch });

    let source = log::Source { height: 7, round: 1, valid_round: Some(0), proposer };
    golden.encoded("log vote", &LogEntry::Vote(vote.clone()));
    let entry = LogEntry::Proposal { proposal: proposal.clone(), proposer, signature };
    golden.encoded("log proposal", &entry);
    golden.encoded("log block", &LogEntry::Block { source, block });
    golden.encoded("log refused", &LogEntry::Refused { source, block: hash(5) });
    golden.encoded("log timeout", &LogEntry::Timeout { height: 7, round: 1, step: 2 });
    golden.encoded("log polka", &LogEntry::Polka(polka));
    let second = sample::signed_vote(None);
    golden.encoded("evidence votes", &Evidence::Votes { first: vote, second });
    let first = (proposal.clone(), signature);
    let other = kanhe_types::certificate::Proposal { block: hash(6), ..proposal };
    let second = (other, signature);
    golden.encoded("evidence proposals", &Evidence::Proposals { proposer, first, second });
    golden.check(&expect_file!["../golden/messages.txt"]);
}

#[test]
fn proofs_and_records_of_the_ledger() {
    let mut golden = Golden::default();
    let certified = proof::CertifiedHeader {
        genesis: sample::genesis().canonical(),
        handovers: vec![sample::handover()],
        header: sample::header(),
        certificate: sample::certificate(),
    };
    let submission = sample::submission();
    let header = submission.header.clone();
    let leaves = document_leaves(&submission.salt, &submission.documents);
    let inclusion = InclusionProof::new(&leaves, 0).expect("there is a first leaf");
    golden.encoded("handover", &sample::handover());
    golden.encoded("certified header", &certified);
    golden.encoded("inclusion proof", &inclusion);
    let signed = proof::SignedHeader {
        organisation: header.organisation,
        key: header.key,
        expires: header.expires,
        count: header.count,
        documents: header.documents,
        signature: submission.signature,
    };
    let document = proof::DocumentProof {
        document: submission.documents[0].clone(),
        salt: Salt::derive(&submission.salt.0, 0),
        inclusion: inclusion.clone(),
        submission: signed,
        receipt: sample::receipt(Outcome::Accepted { case: None }),
        receipt_salt: Salt([4; 16]),
        receipt_inclusion: inclusion,
        certified: certified.clone(),
    };
    golden.encoded("document proof", &document);
    let terminal = Terminal::Values { places: hash(1), values: vec![hash(2), hash(5)] };
    let present = StateProof { siblings: vec![hash(3), hash(4)], terminal };
    golden.encoded("state proof, present", &present);
    let terminal = Terminal::Places { places: vec![hash(1)], values: hash(2) };
    let absent = StateProof { siblings: vec![hash(3)], terminal };
    golden.encoded("state proof, absent", &absent);
    let empty = StateProof { siblings: vec![hash(3)], terminal: Terminal::Empty };
    golden.encoded("state proof, empty", &empty);
    let value =
        Some(proof::SaltedValue { generation: 5, salt: Salt([4; 16]), value: vec![1, 2, 3] });
    let value = proof::StateValueProof { key: vec![1, 2], value, proofs: vec![present], certified };
    golden.encoded("state value proof", &value);
    let executed = Executed { height: 7, receipts: hash(1), events: hash(2), state: hash(3) };
    let record = schema::ExecutedRecord {
        executed,
        secret: hash(4),
        receipt_count: 300,
        event_count: 2,
        generation: 2,
        generation_keys: 7,
    };
    golden.encoded("record executed", &record);
    let place = schema::SubmissionPlace { height: 7, batch: 1, index: 2, position: 300, count: 4 };
    golden.encoded("record submission place", &place);
    let batch = hash(5);
    let place = schema::DocumentPlace { height: 7, position: 300 };
    golden.encoded("record document place", &place);
    let case = fixture::Trade::new(1).case_key();
    golden.bytes("key of a batch", &schema::batch_number_key(&secret(1).public_key(), 300, &batch));
    golden.bytes("key of a case", &schema::case_key(&case));
    golden.check(&expect_file!["../golden/ledger.txt"]);
}

#[test]
fn what_an_observer_is_shown_and_keeps() {
    let mut golden = Golden::default();
    let inclusion = InclusionProof { index: 1, count: 64, siblings: vec![hash(1), hash(2)] };
    let (submission, batch) = (sample::submission(), sample::batch());
    golden.encoded("batch head", &batch.header.head());
    let shown = RedactedBatch {
        head: batch.header.head(),
        inclusion: inclusion.clone(),
        submissions: vec![RedactedSubmission {
            inclusion: inclusion.clone(),
            submission: submission.clone(),
        }],
    };
    let receipt = ShownReceipt {
        receipt: sample::receipt(Outcome::Accepted { case: None }),
        salt: Salt([4; 16]),
        inclusion: inclusion.clone(),
    };
    let case = fixture::Trade::new(1).case_key();
    let block = RedactedBlock {
        header: sample::header(),
        certificate: sample::certificate(),
        batches: vec![shown],
        receipts: vec![receipt.clone()],
        changes: vec![ShownChange::Case(case.clone()), ShownChange::Organisation],
        next: Some(sample::validators()),
        more: true,
    };
    golden.encoded("redacted block", &block);
    golden.encoded("shown change of an export", &ShownChange::Export(case.clone()));
    let wanted = [
        Wanted::Case(case.clone()),
        Wanted::Organisation,
        Wanted::Policy(2),
        Wanted::Document(hash(3)),
        Wanted::Export(case),
    ];
    for one in wanted {
        golden.encoded(&format!("wanted {one:?}"), &one);
    }
    let header = submission.header.clone();
    let document = DocumentEvidence {
        document: submission.documents[0].clone(),
        salt: Salt([5; 16]),
        inclusion: inclusion.clone(),
        submission: proof::SignedHeader {
            organisation: header.organisation,
            key: header.key,
            expires: header.expires,
            count: header.count,
            documents: header.documents,
            signature: submission.signature,
        },
        receipt: receipt.receipt.clone(),
        receipt_salt: receipt.salt,
        receipt_inclusion: inclusion,
    };
    let value = ValueEvidence {
        value: proof::SaltedValue { generation: 5, salt: Salt([4; 16]), value: vec![1, 2, 3] },
        proof: StateProof { siblings: vec![hash(3)], terminal: Terminal::Empty },
    };
    let shown = vec![
        Shown::Nothing,
        Shown::Later,
        Shown::Value(value),
        Shown::Document(Box::new(document.clone())),
    ];
    golden.encoded("evidence", &EvidenceAnswer { height: 7, shown });
    let (header, certificate) = (sample::header(), sample::certificate());
    golden.encoded("kept header", &KeptHeader { header, certificate });
    golden.encoded("held, own", &HeldDocument::Own { submission: hash(1), index: 2 });
    golden.encoded("held, another's", &HeldDocument::Others(Box::new(document)));
    for (name, shape) in [
        ("batches", hidden::BATCHES),
        ("submissions", hidden::SUBMISSIONS),
        ("receipts", hidden::RECEIPTS),
    ] {
        for count in [0usize, 1, 3, 64] {
            let leaves = (0..count).map(|i| merkle::leaf(&Salt::default(), &i.to_le_bytes()));
            let root = Hidden::new(shape, b"secret").tree(leaves.collect()).root();
            golden.line(&format!("hidden root of {count} {name}"), root);
        }
    }
    golden.check(&expect_file!["../golden/observer.txt"]);
}

#[test]
fn digests_roots_and_signatures() {
    let mut golden = Golden::default();
    for domain in sample::DOMAINS {
        let name = format!("domain {} {domain:?}", domain as u8);
        golden.line(&name, Hash::of(domain, &[b"ab", b"", b"c"]));
    }
    golden.line("sha256", sha256_of(b"abc"));
    golden.line("hmac", hex::encode(hmac_sha256(b"key", &[b"ab", b"c"])));
    let leaves: Vec<Hash> =
        (0u8..5).map(|i| merkle::leaf(&Salt::derive(b"seed", u64::from(i)), &[i])).collect();
    for count in 0..=leaves.len() {
        golden.line(
            &format!("documents root of {count} leaves"),
            merkle::root(Domain::DocumentsRoot, &leaves[..count]),
        );
    }
    let scope = PseudonymScope { key_id: 1, epoch: 2026 };
    for kind in [
        PersonalKind::Name,
        PersonalKind::IdentityNumber,
        PersonalKind::Telephone,
        PersonalKind::Address,
        PersonalKind::PlatformAccount,
    ] {
        let pseudonym = Pseudonym::derive(&[9; 32], scope, kind, "虚构值");
        golden.line(&format!("pseudonym {kind:?}"), pseudonym);
    }
    let submission = sample::submission();
    let signer = &submission.header.organisation;
    golden.line("submission id", submission.header.id(&GENESIS));
    golden.line("document id", document_id(&GENESIS, signer, &submission.documents[0]));
    golden.line("batch digest", sample::batch().header.digest(&GENESIS));
    golden.line("acknowledgement", sample::batch().header.acknowledgement(&GENESIS));
    golden.line("batches root", batches_root(&GENESIS, &[sample::certified()]));
    golden.line("header hash", sample::header().hash());
    golden.line("vote digest", sample::vote(VoteKind::Prevote, None).digest(&GENESIS));
    golden.line("proposal digest", sample::proposal().digest(&GENESIS));
    golden.line("validator set hash", sample::validators().hash());
    golden.line("signature", secret(1).sign(&hash(1)));
    let receipt = sample::receipt(Outcome::Accepted { case: None });
    golden.line("receipt leaf", receipt.leaf(&hash(8), 3));
    let mut places: Vec<(Hash, Hash)> = [b"a", b"b", b"c"]
        .iter()
        .map(|key| {
            let place = state_proof::place_of(&GENESIS, 0, *key);
            (place, state_proof::value_hash(&place, &Salt([1; 16]), *key))
        })
        .collect();
    places.sort();
    golden.line("state root", state_proof::root_of(&places));
    golden.check(&expect_file!["../golden/digests.txt"]);
}
