//! Fixed values of every encoded type, for the golden bytes.

use kanhe_consensus::message::SignedVote;
use kanhe_contracts::document::{
    AssistanceAnswer, AssistanceRequest, Body, Choice, Document, DocumentKind, Erasure, Ground,
    Inspection, InspectionResult, OriginalAnswer, OriginalResult, ReadEntry, ReadReport, SpotCheck,
    SpotCheckAnswer, SpotCheckResult, Subject,
};
use kanhe_contracts::fixture::{self, Trade};
use kanhe_contracts::governance::{Change, Description, KeyChange, NewKey};
use kanhe_contracts::policy::Policy;
use kanhe_contracts::registry::{Filing, KeyPurpose, Licence, LicenceKind, Organisation, Role};
use kanhe_genesis::Genesis;
use kanhe_types::block::{Block, Decision, Executed, Header, batches_root};
use kanhe_types::certificate::{
    Certificate, CertifiedBatch, IndexedSignature, Proposal, Vote, VoteKind,
};
use kanhe_types::code::OrganisationCode;
use kanhe_types::handover::Handover;
use kanhe_types::hash::{Domain, Hash};
use kanhe_types::keys::SecretKey;
use kanhe_types::pseudonym::{FunctionKey, PseudonymScope, PseudonymServiceKey};
use kanhe_types::receipt::{Outcome, Receipt, Refusal};
use kanhe_types::submission::{Batch, Submission, document_id};
use kanhe_types::time::Millis;
use kanhe_types::validator::{Validator, ValidatorSet};

/// The genesis hash that everything here is signed under.
pub(crate) const GENESIS: Hash = Hash([7; 32]);

/// A bank that is party to no trade.
const BANK: &str = "TESTBANK01";
/// A tax authority.
const TAX: &str = "TESTTAX001";

/// Every domain.
pub(crate) const DOMAINS: [Domain; 34] = [
    Domain::Genesis,
    Domain::Submission,
    Domain::Document,
    Domain::DocumentsRoot,
    Domain::LeafSalt,
    Domain::Batch,
    Domain::SubmissionsRoot,
    Domain::Acknowledgement,
    Domain::Header,
    Domain::BatchesRoot,
    Domain::Vote,
    Domain::Proposal,
    Domain::ReceiptsRoot,
    Domain::EventsRoot,
    Domain::StateKey,
    Domain::StateValue,
    Domain::StateLeaf,
    Domain::StateInner,
    Domain::SaltChain,
    Domain::ValidatorSet,
    Domain::Policy,
    Domain::HttpRequest,
    Domain::Original,
    Domain::Hello,
    Domain::SignatureBatch,
    Domain::LogRecord,
    Domain::Pseudonym,
    Domain::VaultName,
    Domain::Letter,
    Domain::HiddenFiller,
    Domain::HiddenStart,
    Domain::BatchRest,
    Domain::BatchSalt,
    Domain::BlockSecret,
];

/// Every role.
pub(crate) const ROLES: [Role; 16] = [
    Role::Agency,
    Role::Platform,
    Role::Merchant,
    Role::Payment,
    Role::Carrier,
    Role::Declarant,
    Role::Warehouse,
    Role::Bank,
    Role::Insurer,
    Role::Auditor,
    Role::Customs,
    Role::Tax,
    Role::Forex,
    Role::Commerce,
    Role::Market,
    Role::Post,
];

pub(crate) fn hash(byte: u8) -> Hash {
    Hash([byte; 32])
}

pub(crate) fn secret(byte: u8) -> SecretKey {
    SecretKey::from_seed([byte; 32])
}

/// One document of each kind.
pub(crate) fn documents(trade: &Trade) -> [Document; 5] {
    [
        fixture::order(trade),
        fixture::payment(trade),
        fixture::waybill(trade),
        fixture::list(trade),
        fixture::attestation(trade),
    ]
}

/// One change of each kind.
pub(crate) fn changes() -> Vec<Change> {
    let organisation = fixture::code("TESTNEW001");
    let filing = Filing {
        number: "4300A001".into(),
        authority: "CUSTOMS".into(),
        date: "20260901".parse().expect("a day of the calendar"),
    };
    let licence = Licence {
        kind: LicenceKind::PaymentInternet,
        number: "Z200000001".into(),
        from: "20260101".parse().expect("a day of the calendar"),
        until: Some("20301231".parse().expect("a day of the calendar")),
    };
    let description = Description {
        name: "测试新平台".into(),
        roles: vec![Role::Platform, Role::Merchant],
        park: Some("测试园区".into()),
        filing: Some(filing),
        licences: vec![licence],
    };
    let new = |byte, purpose| NewKey {
        key: secret(byte).public_key(),
        purpose,
        from: None,
        until: Some(9_000),
    };
    let keys = vec![
        KeyChange::Add { new: new(62, KeyPurpose::Admin) },
        KeyChange::Revoke { key: secret(61).public_key(), last: None },
    ];
    vec![
        Change::Admit {
            organisation: organisation.clone(),
            description: description.clone(),
            keys: vec![new(61, KeyPurpose::Operator)],
        },
        Change::Suspend { organisation: organisation.clone() },
        Change::Readmit { organisation: organisation.clone() },
        Change::Describe {
            organisation: organisation.clone(),
            description: Description {
                park: None,
                filing: None,
                licences: Vec::new(),
                ..description
            },
        },
        Change::Keys { organisation, keys },
        Change::Policy { policy: Policy { version: 2, ..Policy::default() } },
        Change::Protocol { version: 2 },
        Change::AddValidator {
            organisation: fixture::code(fixture::AGENCY),
            key: secret(40).public_key(),
            node: secret(41).public_key(),
        },
        Change::RemoveValidator { key: fixture::validator_secret(1).public_key() },
        Change::ReplaceValidator {
            key: fixture::validator_secret(2).public_key(),
            new_key: secret(42).public_key(),
            new_node: secret(43).public_key(),
        },
    ]
}

/// One document of each kind that changes the zone.
pub(crate) fn governance() -> [Document; 4] {
    let key = secret(63).public_key();
    let (purpose, from, until) = (KeyPurpose::Operator, Some(20), None);
    let own = KeyChange::Add { new: NewKey { key, purpose, from, until } };
    [
        fixture::proposal(changes(), 100, 1),
        fixture::vote(hash(1), Choice::Reject),
        fixture::withdrawal(hash(1)),
        fixture::own_keys(vec![own]),
    ]
}

/// What is said of the original of one document, in every way in which it can be said.
pub(crate) fn originals(document: Hash, check: Hash) -> Vec<Document> {
    let (case, reason) = (Trade::new(1).case_key(), "测试抽查".to_owned());
    let asked = SpotCheck {
        case: case.clone(),
        document,
        reply_key: [9; 32],
        seconds: 86_400,
        reason: reason.clone(),
    };
    let answer = |answer| Body::SpotCheckAnswer(SpotCheckAnswer { check, answer });
    let result = |result| Body::SpotCheckResult(SpotCheckResult { check, result });
    let differs = OriginalResult::Differs {
        field: "acturalPaid".into(),
        ledger: "118.5".into(),
        original: "108.5".into(),
    };
    let bodies = [
        Body::SpotCheck(asked),
        answer(OriginalAnswer::Shown(hash(4))),
        answer(OriginalAnswer::Missing(reason.clone())),
        result(OriginalResult::Agrees),
        result(differs),
        Body::Erasure(Erasure { case, document, reason }),
    ];
    bodies.into_iter().map(fixture::governance).collect()
}

/// A policy under which originals may be erased at once.
pub(crate) fn policy_without_term() -> Policy {
    let key = PseudonymServiceKey {
        scope: PseudonymScope { key_id: 1, epoch: 2026 },
        organisation: fixture::code(fixture::AGENCY),
        public_key: FunctionKey([5; 32]),
    };
    Policy { retention_days: 0, pseudonym_keys: vec![key], ..Policy::default() }
}

/// An order whose original is asked for, shown, judged and erased, a height for each.
pub(crate) fn with_originals() -> Vec<Submission> {
    let (platform, agency) = (fixture::code(fixture::PLATFORM), fixture::code(fixture::AGENCY));
    let order = fixture::order(&Trade::new(1));
    let id = |signer: &OrganisationCode, document: &Document| {
        document_id(&GENESIS, signer, &document.encode())
    };
    let document = id(&platform, &order);
    let check = id(&agency, &originals(document, Hash::default())[0]);
    let said = originals(document, check);
    let signed = [
        (&platform, &order),
        (&agency, &said[0]),
        (&platform, &said[1]),
        (&agency, &said[4]),
        (&platform, &said[5]),
    ];
    let sign = |(signer, document): (&OrganisationCode, &Document)| {
        fixture::submission(&GENESIS, signer, 100, std::slice::from_ref(document))
    };
    signed.into_iter().map(sign).collect()
}

/// The fixture's organisations, a bank, and a tax authority.
pub(crate) fn members() -> Vec<Organisation> {
    let mut members = fixture::organisations();
    members.push(fixture::organisation(&fixture::code(BANK), "测试银行甲", &[Role::Bank]));
    let roles = [Role::Agency, Role::Tax];
    members.push(fixture::organisation(&fixture::code(TAX), "测试税务甲", &roles));
    members.sort_by(|one, two| one.code.cmp(&two.code));
    members
}

/// The order of the trade that documents of access are about.
pub(crate) fn first_order() -> Submission {
    let (trade, platform) = (Trade::new(1), fixture::code(fixture::PLATFORM));
    fixture::submission(&GENESIS, &platform, 100, &[fixture::order(&trade)])
}

/// One document of each kind that says who sees what, with its signer, each accepted in a height
/// of its own after [`first_order`].
pub(crate) fn access() -> Vec<(&'static str, Document)> {
    let (trade, bank) = (Trade::new(1), fixture::code(BANK));
    let id = |signer, document: &Document| {
        document_id(&GENESIS, &fixture::code(signer), &document.encode())
    };
    let until = Some(Millis(1_795_420_900_000));
    let case_grant = fixture::case_grant(&trade, &bank, until);
    let period = (Millis(1_795_420_000_000), Millis(1_795_430_000_000));
    let withdrawal = fixture::grant_withdrawal(id(fixture::MERCHANT, &case_grant));
    let request = fixture::governance(Body::AssistanceRequest(AssistanceRequest {
        agency: fixture::code(fixture::AGENCY),
        subject: Subject::Case(trade.case_key()),
        kinds: vec![DocumentKind::Payment, DocumentKind::Waybill],
        purpose: "测试核查".into(),
        basis: "测试法第一条".into(),
    }));
    let (asked, reason) = (id(TAX, &request), "测试同意".to_owned());
    let answer = AssistanceAnswer { request: asked, until, reason };
    let inspection = Inspection {
        platform: trade.platform.clone(),
        order_no: trade.order_no.clone(),
        result: InspectionResult::Passed,
        inspected: "测试开箱".into(),
        evidence: Some(hash(9)),
    };
    let entry = ReadEntry {
        reader: fixture::code(TAX),
        key: secret(7).public_key(),
        owner: fixture::code(fixture::MERCHANT),
        ground: Ground::Assistance(asked),
        count: 2,
        first: Millis(1_795_420_801_000),
        last: Millis(1_795_420_802_000),
        height: 6,
        cases: vec![trade.case_key()],
    };
    let said = fixture::governance;
    vec![
        (fixture::MERCHANT, case_grant),
        (fixture::MERCHANT, fixture::period_grant(&bank, period)),
        (fixture::MERCHANT, withdrawal),
        (TAX, request),
        (fixture::AGENCY, said(Body::AssistanceAnswer(answer))),
        (TAX, said(Body::Inspection(inspection))),
        (fixture::AGENCY, said(Body::ReadReport(ReadReport { reads: vec![entry] }))),
    ]
}

/// Heights in which the fixture's only agency governs: it proposes two things, approves one and
/// withdraws the other; the first becomes active; its key is replaced.
pub(crate) fn governed() -> Vec<Vec<Submission>> {
    let agency = fixture::code(fixture::AGENCY);
    let mut second = fixture::proposal(vec![changes().swap_remove(0)], 100, 2);
    second.guid = "0".repeat(36);
    // With the last as well, too few validators would be in both sets.
    let mut first = changes();
    first.pop();
    let proposals = [fixture::proposal(first, 100, 1), second];
    let id = |index: usize| document_id(&GENESIS, &agency, &proposals[index].encode());
    let sign =
        |documents: &[Document]| vec![fixture::submission(&GENESIS, &agency, 100, documents)];
    let own = KeyChange::Add {
        new: NewKey {
            key: secret(63).public_key(),
            purpose: KeyPurpose::Admin,
            from: None,
            until: None,
        },
    };
    vec![
        sign(&proposals),
        sign(&[fixture::vote(id(0), Choice::Approve), fixture::withdrawal(id(1))]),
        sign(&[fixture::own_keys(vec![own])]),
    ]
}

/// A trade whose payment is 10 yuan too low, each document in its signer's submission.
pub(crate) fn mismatched_trade() -> Vec<Submission> {
    let trade = Trade::new(1);
    let mut documents = documents(&trade);
    if let Body::Payment(payment) = &mut documents[1].body {
        payment.amount_paid = fixture::decimal("108.5");
    }
    let sign = |document: &Document| {
        let signer = fixture::signer(&trade, document);
        fixture::submission(&GENESIS, &signer, 100, std::slice::from_ref(document))
    };
    documents.iter().map(sign).collect()
}

/// Two orders of the platform in one submission.
pub(crate) fn submission() -> Submission {
    let orders = [1, 2].map(|number| fixture::order(&Trade::new(number)));
    fixture::submission(&GENESIS, &fixture::code(fixture::PLATFORM), 1_000, &orders)
}

pub(crate) fn validators() -> ValidatorSet {
    let validator = |number: u8| Validator {
        organisation: fixture::code(["CUSTOMS", "TAX", "FOREX", "COMMERCE"][usize::from(number)]),
        key: secret(number + 1).public_key(),
        node: secret(number + 101).public_key(),
    };
    ValidatorSet::new((0..4).map(validator).collect()).expect("four different keys form a set")
}

pub(crate) fn batch() -> Batch {
    let verified = submission().verify(&GENESIS).expect("the fixture signs well");
    Batch::sign(&GENESIS, &secret(1), 9, validators().hash(), vec![verified])
}

fn indexed(digest: &Hash) -> Vec<IndexedSignature> {
    let validators = validators();
    let signature = |byte: u8| {
        let secret = secret(byte);
        let validator = validators.index_of(&secret.public_key()).expect("it is in the set");
        IndexedSignature { validator, signature: secret.sign(digest) }
    };
    let mut signatures: Vec<IndexedSignature> = (1..=3).map(signature).collect();
    signatures.sort_by_key(|own| own.validator);
    signatures
}

pub(crate) fn certified() -> CertifiedBatch {
    let header = batch().header;
    let acknowledgements = indexed(&header.acknowledgement(&GENESIS));
    CertifiedBatch { header, acknowledgements }
}

pub(crate) fn header() -> Header {
    Header {
        protocol: 1,
        genesis: GENESIS,
        height: 7,
        time: Millis(1_795_420_800_000),
        parent: hash(1),
        proposer: secret(1).public_key(),
        validators: validators().hash(),
        policy: Policy::default().hash(),
        batches: batches_root(&GENESIS, &[certified()]),
        executed: Executed { height: 5, receipts: hash(2), events: hash(3), state: hash(4) },
        absent: vec![2],
        next_validators: validators().hash(),
    }
}

/// A handover to the same validators, of the form of one to others.
pub(crate) fn handover() -> Handover {
    Handover { header: header(), certificate: certificate(), next: validators() }
}

pub(crate) fn block() -> Block {
    Block { header: header(), batches: vec![certified()] }
}

pub(crate) fn vote(kind: VoteKind, block: Option<Hash>) -> Vote {
    Vote { height: 7, round: 1, kind, block }
}

pub(crate) fn signed_vote(block: Option<Hash>) -> SignedVote {
    let vote = vote(VoteKind::Prevote, block);
    let signature = secret(1).sign(&vote.digest(&GENESIS));
    SignedVote { vote, validator: secret(1).public_key(), signature }
}

pub(crate) fn proposal() -> Proposal {
    Proposal { height: 7, round: 1, block: header().hash(), valid_round: Some(0) }
}

pub(crate) fn certificate() -> Certificate {
    let block = header().hash();
    let digest = vote(VoteKind::Precommit, Some(block)).digest(&GENESIS);
    Certificate { height: 7, round: 1, block, signatures: indexed(&digest) }
}

pub(crate) fn decision() -> Decision {
    Decision { block: block(), certificate: certificate() }
}

pub(crate) fn outcomes() -> [(&'static str, Outcome); 4] {
    let refusal = Refusal {
        code: 301,
        official: Some(-301_009),
        field: "acturalPaid".into(),
        expected: "118.5".into(),
        found: "108.5".into(),
    };
    let case = Some(Trade::new(1).case_key());
    [
        ("accepted in a case", Outcome::Accepted { case }),
        ("accepted", Outcome::Accepted { case: None }),
        ("repeated", Outcome::Repeated { first_height: 5 }),
        ("rejected", Outcome::Rejected(refusal)),
    ]
}

pub(crate) fn receipt(outcome: Outcome) -> Receipt {
    Receipt { document: hash(1), submission: hash(2), index: 3, height: 7, outcome }
}

pub(crate) fn genesis() -> Genesis {
    let mut organisations = fixture::organisations();
    for validator in validators().validators() {
        let code = &validator.organisation;
        organisations.push(fixture::organisation(code, "虚构机构", &[Role::Agency]));
    }
    organisations.sort_by(|one, two| one.code.cmp(&two.code));
    let genesis = Genesis {
        zone: "虚构试验区".into(),
        protocol: 1,
        time: Millis(1_795_420_800_000),
        validators: validators().validators().to_vec(),
        organisations,
        policy: Policy::default(),
    };
    genesis.check().expect("the sample holds together");
    genesis
}
