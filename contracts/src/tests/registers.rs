//! Entries of registers: opened by whoever has a part in a trade, acted on by whoever may.

use super::*;
use crate::document::{
    Answer, CertificateAct, CertificateFacts, Dispute, DisputeAct, DisputeClaim, EntryAct,
    Outcome as Due, Position,
};
use crate::fixture::register::{certificate_facts, dispute_claim, evidence};
use crate::fixture::{AGENCY, CARRIER, DECLARANT, MERCHANT, PLATFORM, code};
use crate::limits::{ENTRY_STEPS_MAX, EVIDENCE_MAX};
use crate::policy::Direction;
use crate::register::{self, Content, DisputeState, Entry, EntryKey, Register};
use crate::registry::Role;
use kanhe_types::decimal::Decimal;
use std::slice;

const COMMERCE: &str = "TESTCOM001";
const TAX: &str = "TESTTAX001";
const DAY: u64 = 86_400_000;
/// More evidence than one party may show.
const MORE: u8 = 65;
const _: () = assert!(MORE as usize == EVIDENCE_MAX + 1);

/// A world with customs, commerce, tax, and one matched trade.
fn traded() -> (World, Trade) {
    let mut organisations = fixture::organisations();
    for (own, role) in [(COMMERCE, Role::Commerce), (TAX, Role::Tax)] {
        organisations.push(fixture::organisation(&code(own), "测试部门", &[Role::Agency, role]));
    }
    organisations.sort_by(|one, two| one.code.cmp(&two.code));
    let (mut world, trade) = (World::with(&organisations), Trade::new(1));
    world.trade_with(&trade, |_| {});
    (world, trade)
}

fn dispute(act: DisputeAct) -> Document {
    fixture::register::dispute(&Trade::new(1), act)
}

fn certificate(act: CertificateAct) -> Document {
    fixture::register::certificate(&Trade::new(1), act)
}

fn decide(outcome: Due, amount: Option<&str>) -> Document {
    let amount: Option<Decimal> = amount.map(|amount| amount.parse().unwrap());
    dispute(DisputeAct::Decide { outcome, amount, decision: Hash([3; 32]) })
}

fn answer() -> Document {
    let evidence = evidence(2);
    dispute(DisputeAct::Answer(Answer { position: Position::Denied, evidence }))
}

fn done(world: &mut World, signer: &str, document: &Document) {
    let outcome = world.send_as(&code(signer), document);
    assert_eq!(outcome, Outcome::Accepted { case: None });
}

fn refused(world: &mut World, signer: &str, document: &Document) -> Rejection {
    rejection(&refusal(world.send_as(&code(signer), document)))
}

fn entry(world: &World, register: Register, owner: &str, number: &str) -> Option<Entry> {
    let key = EntryKey { register, owner: code(owner), number: number.to_owned() };
    register::entry(&world.state, &key).unwrap()
}

fn stands(world: &World) -> DisputeState {
    let entry = entry(world, Register::Dispute, MERCHANT, "TESTDISPUTE01").unwrap();
    let Content::Dispute(own) = entry.content else { unreachable!() };
    own.state
}

#[test]
fn a_dispute_goes_from_claim_to_a_final_decision() {
    let (mut world, trade) = traded();
    done(&mut world, MERCHANT, &dispute(DisputeAct::Open(dispute_claim(&trade))));
    assert_eq!(stands(&world), DisputeState::Open);
    done(&mut world, CARRIER, &answer());
    assert_eq!(stands(&world), DisputeState::Answered);
    done(&mut world, MERCHANT, &dispute(DisputeAct::Evidence(evidence(3))));
    let first = decide(Due::PartlyUpheld, Some("20"));
    done(&mut world, COMMERCE, &first);
    assert_eq!(stands(&world), DisputeState::Decided);
    assert!(matches!(world.send_as(&code(COMMERCE), &first), Outcome::Repeated { .. }));
    done(&mut world, CARRIER, &dispute(DisputeAct::Appeal(Vec::new())));
    assert_eq!(
        refused(&mut world, COMMERCE, &decide(Due::Dismissed, None)),
        Rejection::NotItsPart,
        "who decided does not decide the appeal"
    );
    done(&mut world, AGENCY, &decide(Due::Dismissed, None));
    assert_eq!(stands(&world), DisputeState::Final);
    for (signer, act) in [
        (MERCHANT, DisputeAct::Appeal(Vec::new())),
        (CARRIER, DisputeAct::Evidence(evidence(1))),
        (MERCHANT, DisputeAct::Close { settlement: None }),
    ] {
        assert_eq!(refused(&mut world, signer, &dispute(act)), Rejection::ActNotNow);
    }
    let steps = entry(&world, Register::Dispute, MERCHANT, "TESTDISPUTE01").unwrap().steps;
    let signers: Vec<&str> = steps.iter().map(|step| step.signer.as_str()).collect();
    assert_eq!(signers, [MERCHANT, CARRIER, MERCHANT, COMMERCE, CARRIER, AGENCY]);
}

#[test]
fn only_parties_of_a_trade_dispute_it_and_only_its_agencies_decide() {
    let (mut world, trade) = traded();
    let open = dispute(DisputeAct::Open(dispute_claim(&trade)));
    // Of another's entry nobody makes a first act.
    assert_eq!(refused(&mut world, CARRIER, &open), Rejection::EntryUnknown);
    for (change, expected) in [
        (
            (|claim| claim.respondent = code(MERCHANT)) as fn(&mut DisputeClaim),
            Rejection::CounterpartyUnfit,
        ),
        (|claim| claim.respondent = code(COMMERCE), Rejection::CounterpartyUnfit),
        (|claim| claim.case.order_no = "NONE".into(), Rejection::TradeUnfit),
        (|claim| claim.case.direction = Direction::Export, Rejection::TradeUnfit),
        (|claim| claim.currency = None, Rejection::AmountUnfit),
        (|claim| claim.evidence = evidence(MORE), Rejection::PartsMalformed),
    ] {
        let mut claim = dispute_claim(&trade);
        change(&mut claim);
        let document = dispute(DisputeAct::Open(claim));
        assert_eq!(refused(&mut world, MERCHANT, &document), expected);
    }
    assert_eq!(refused(&mut world, MERCHANT, &answer()), Rejection::ActNotNow, "nothing is open");

    done(&mut world, MERCHANT, &open);
    let again =
        dispute(DisputeAct::Open(DisputeClaim { evidence: evidence(2), ..dispute_claim(&trade) }));
    assert_eq!(refused(&mut world, MERCHANT, &again), Rejection::EntryExists);
    for stranger in [PLATFORM, DECLARANT, MERCHANT] {
        assert_eq!(refused(&mut world, stranger, &answer()), Rejection::NotItsPart, "{stranger}");
    }
    let decision = decide(Due::Upheld, Some("120"));
    assert_eq!(refused(&mut world, AGENCY, &decision), Rejection::ActNotNow, "the term runs");
    done(&mut world, CARRIER, &answer());
    for stranger in [TAX, CARRIER, MERCHANT] {
        assert_eq!(refused(&mut world, stranger, &decision), Rejection::NotItsPart, "{stranger}");
    }
    for (outcome, amount) in [
        (Due::Upheld, Some("119")),
        (Due::Upheld, None),
        (Due::PartlyUpheld, Some("120")),
        (Due::PartlyUpheld, Some("121")),
        (Due::Dismissed, Some("1")),
    ] {
        let decision = decide(outcome, amount);
        assert_eq!(refused(&mut world, AGENCY, &decision), Rejection::AmountUnfit, "{amount:?}");
    }
    done(&mut world, AGENCY, &decision);
}

#[test]
fn terms_run_in_block_time() {
    let (mut world, trade) = traded();
    done(&mut world, MERCHANT, &dispute(DisputeAct::Open(dispute_claim(&trade))));
    let decision = decide(Due::Upheld, Some("120"));
    world.time = Millis(world.time.0 + 10 * DAY);
    assert_eq!(refused(&mut world, AGENCY, &decision), Rejection::ActNotNow, "the last instant");
    world.time = Millis(world.time.0 + 1);
    done(&mut world, AGENCY, &decision);
    world.time = Millis(world.time.0 + 15 * DAY + 1);
    let appeal = dispute(DisputeAct::Appeal(Vec::new()));
    assert_eq!(refused(&mut world, CARRIER, &appeal), Rejection::ActNotNow, "it is final");
    assert_eq!(stands(&world), DisputeState::Decided);
}

#[test]
fn a_claimant_ends_a_dispute_and_evidence_has_bounds() {
    let (mut world, trade) = traded();
    done(&mut world, MERCHANT, &dispute(DisputeAct::Open(dispute_claim(&trade))));
    done(&mut world, CARRIER, &dispute(DisputeAct::Evidence(evidence(MORE - 1))));
    let more = dispute(DisputeAct::Evidence(evidence(1)));
    assert_eq!(refused(&mut world, CARRIER, &more), Rejection::EntryFull);
    done(&mut world, MERCHANT, &more);
    let close = dispute(DisputeAct::Close { settlement: Some(Hash([9; 32])) });
    assert_eq!(refused(&mut world, CARRIER, &close), Rejection::NotItsPart);
    done(&mut world, MERCHANT, &close);
    assert_eq!(stands(&world), DisputeState::Settled);
    assert_eq!(refused(&mut world, CARRIER, &answer()), Rejection::ActNotNow);
}

#[test]
fn entries_are_listed_for_their_parties_and_in_their_register() {
    let (mut world, trade) = traded();
    done(&mut world, MERCHANT, &dispute(DisputeAct::Open(dispute_claim(&trade))));
    done(&mut world, MERCHANT, &certificate(CertificateAct::Attach(certificate_facts(&trade))));
    let of = |list, number| {
        register::entry_of(&world.state, list, number).unwrap().map(|key| key.register)
    };
    let (merchant, carrier) = (code(MERCHANT), code(CARRIER));
    assert_eq!(of(Err(&merchant), 1), Some(Register::Dispute));
    assert_eq!(of(Err(&merchant), 2), Some(Register::Certificate));
    assert_eq!(of(Err(&carrier), 1), Some(Register::Dispute));
    assert_eq!(of(Err(&carrier), 2), None);
    assert_eq!(of(Ok(Register::Certificate), 1), Some(Register::Certificate));
    assert_eq!(register::entries(&world.state, Register::Dispute).unwrap(), 1);
}

#[test]
fn an_entry_has_a_bounded_number_of_acts() {
    let (mut world, trade) = traded();
    done(&mut world, MERCHANT, &certificate(CertificateAct::Attach(certificate_facts(&trade))));
    let key = EntryKey {
        register: Register::Certificate,
        owner: code(MERCHANT),
        number: "TESTCERT01".into(),
    };
    let mut entry = register::entry(&world.state, &key).unwrap().unwrap();
    entry.steps = vec![entry.steps[0].clone(); ENTRY_STEPS_MAX];
    let key = crate::state_key::register_entry_key_bytes(&key);
    let value = kanhe_types::codec::encode(&entry);
    world.state.apply(&std::collections::BTreeMap::from([(key, Some(value))]));
    let verify = certificate(CertificateAct::Verify { genuine: true, evidence: None });
    assert_eq!(refused(&mut world, AGENCY, &verify), Rejection::EntryFull);
}

#[test]
fn a_certificate_is_attached_to_lines_verified_and_withdrawn() {
    let (mut world, trade) = traded();
    let lines = u32::try_from(world.case(&trade).list_facts().unwrap().goods.len()).unwrap();
    for (change, expected) in [
        (
            (|own, _| own.gnums = Vec::new()) as fn(&mut CertificateFacts, u32),
            Rejection::PartsMalformed,
        ),
        (|own, _| own.gnums = vec![0], Rejection::PartsMalformed),
        (|own, _| own.gnums = vec![1, 1], Rejection::PartsMalformed),
        (|own, lines| own.gnums = vec![lines + 1], Rejection::TradeUnfit),
        (|own, _| own.valid_until = Some("20261031".parse().unwrap()), Rejection::DatesUnfit),
        (|own, _| own.case.order_no = "NONE".into(), Rejection::TradeUnfit),
    ] {
        let mut own = certificate_facts(&trade);
        change(&mut own, lines);
        let document = certificate(CertificateAct::Attach(own));
        assert_eq!(refused(&mut world, MERCHANT, &document), expected);
    }
    done(&mut world, MERCHANT, &certificate(CertificateAct::Attach(certificate_facts(&trade))));
    let verify = certificate(CertificateAct::Verify { genuine: false, evidence: None });
    assert_eq!(refused(&mut world, COMMERCE, &verify), Rejection::NotItsPart, "not its business");
    done(&mut world, AGENCY, &verify);
    assert_eq!(
        refused(&mut world, AGENCY, &certificate(CertificateAct::Withdraw)),
        Rejection::NotItsPart
    );
    done(&mut world, MERCHANT, &certificate(CertificateAct::Withdraw));
    assert_eq!(refused(&mut world, AGENCY, &verify_again()), Rejection::ActNotNow);
    let held = entry(&world, Register::Certificate, MERCHANT, "TESTCERT01").unwrap();
    let Content::Certificate(own) = held.content else { unreachable!() };
    assert_eq!(own.verifications.len(), 1);
    assert!(own.is_withdrawn && !own.verifications[0].genuine);
}

fn verify_again() -> Document {
    certificate(CertificateAct::Verify { genuine: true, evidence: None })
}

#[test]
fn an_act_is_judged_by_the_trades_of_the_height_before() {
    let (mut world, _) = traded();
    let trade = Trade::new(2);
    let open = dispute(DisputeAct::Open(dispute_claim(&trade)));
    let mut submissions: Vec<Submission> = documents(&trade)
        .iter()
        .map(|own| {
            let signer = fixture::signer(&trade, own);
            fixture::submission(&GENESIS, &signer, 100, slice::from_ref(own))
        })
        .collect();
    submissions.push(fixture::submission(&GENESIS, &code(MERCHANT), 100, slice::from_ref(&open)));
    let receipts = world.execute(&submissions).receipts;
    let last = receipts.into_iter().next_back().unwrap().outcome;
    assert_eq!(rejection(&refusal(last)), Rejection::TradeUnfit);
    done(&mut world, MERCHANT, &dispute(DisputeAct::Open(dispute_claim(&trade))));
}

#[test]
fn nobody_changes_or_deletes_an_act() {
    let (mut world, trade) = traded();
    for app_type in [AppType::Change, AppType::Delete] {
        let mut document = dispute(DisputeAct::Open(dispute_claim(&trade)));
        document.app_type = app_type;
        assert_eq!(refused(&mut world, MERCHANT, &document), Rejection::OnlyAdd);
    }
    let act = DisputeAct::Open(dispute_claim(&trade));
    let own: Dispute = EntryAct { owner: code(MERCHANT), number: " D1".into(), act };
    let document = fixture::governance(Body::Dispute(own));
    assert_eq!(refused(&mut world, MERCHANT, &document), Rejection::TextMalformed);
}
