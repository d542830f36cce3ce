//! Insurance covers: on trades whose documents agree, claimed on within their terms.

use super::money::*;
use super::*;
use crate::document::{
    CaseRef, Cover, CoverAct, CoverFacts, Evidence, EvidenceKind, LossClaim, Risk,
};
use crate::fixture::export as own;
use crate::fixture::{CARRIER, MERCHANT, PAYMENT_FIRM, PLATFORM, code, decimal};
use crate::limits::{ACCESS_TERM_MS_MAX, EVIDENCE_MAX, LOSS_CLAIMS_MAX};
use crate::policy::Direction;
use crate::register::{self, Content, LossState, Register};
use proptest::prelude::*;

/// The term begins tomorrow, lasts ten days, and claims may come for twenty more.
fn facts(world: &World, case: CaseRef) -> CoverFacts {
    let day = |days: u64| Millis(world.time.0 + days * DAY);
    CoverFacts {
        insured: code(MERCHANT),
        case,
        risk: Risk::Transport,
        policy_no: "TESTPOLICY1".into(),
        amount: decimal("100"),
        currency: "502".into(),
        from: day(1),
        until: day(11),
        claim_until: day(31),
    }
}

fn act_of(owner: &str, number: &str, act: CoverAct) -> Document {
    let (owner, number) = (code(owner), number.to_owned());
    fixture::governance(Body::Cover(Cover { owner, number, act }))
}

fn act(act: CoverAct) -> Document {
    act_of(INSURER, "V1", act)
}

fn claim(world: &World, reference: &str, amount: &str) -> Document {
    claim_for(reference, amount, world.time)
}

fn claim_for(reference: &str, amount: &str, lost: Millis) -> Document {
    let (reference, amount) = (reference.to_owned(), decimal(amount));
    act(CoverAct::Claim(LossClaim { reference, amount, lost, evidence: Vec::new() }))
}

fn settle(reference: &str, accepted: Option<&str>) -> Document {
    let (reference, accepted) = (reference.to_owned(), accepted.map(decimal));
    act(CoverAct::Settle { reference, accepted, decision: Hash([1; 32]) })
}

fn paid(reference: &str) -> Document {
    act(CoverAct::Paid { reference: reference.into(), payment: Hash([2; 32]) })
}

fn end() -> Document {
    act(CoverAct::End)
}

/// An export that left, covered; the term has begun.
fn covered() -> World {
    let mut world = zone();
    world.departed(&Trade::new(1), "30");
    let facts = facts(&world, export_ref(&Trade::new(1)));
    world.does(INSURER, &act(CoverAct::Cover(facts)));
    world.time = Millis(world.time.0 + DAY);
    world
}

fn held(world: &World) -> register::Cover {
    let entry = world.entry(Register::Cover, INSURER, "V1").unwrap();
    let Content::Cover(own) = entry.content else { unreachable!() };
    own
}

#[test]
fn losses_are_claimed_settled_and_paid_up_to_the_amount() {
    let mut world = covered();
    world.does(MERCHANT, &claim(&world, "L1", "80"));
    world.does(MERCHANT, &claim(&world, "L2", "60"));
    world.does(MERCHANT, &claim(&world, "L3", "10"));
    assert_eq!(world.declines(INSURER, &settle("L1", Some("80.00001"))), Rejection::AmountUnfit);
    assert_eq!(world.declines(INSURER, &paid("L1")), Rejection::ActNotNow);
    world.does(INSURER, &settle("L1", Some("70")));
    assert_eq!(world.declines(INSURER, &settle("L2", Some("30.00001"))), Rejection::AmountUnfit);
    world.does(INSURER, &settle("L2", Some("30")));
    world.does(INSURER, &settle("L3", None));
    for reference in ["L1", "L3"] {
        let again = settle(reference, Some("1"));
        assert_eq!(world.declines(INSURER, &again), Rejection::ActNotNow);
    }
    assert_eq!(world.declines(INSURER, &paid("L3")), Rejection::ActNotNow, "it was refused");
    world.does(INSURER, &paid("L1"));
    let states: Vec<LossState> = held(&world).claims.iter().map(|loss| loss.state).collect();
    assert_eq!(states, [LossState::Paid, LossState::Accepted, LossState::Refused]);
    assert_eq!(world.declines(INSURER, &end()), Rejection::ActNotNow, "the term runs");
    world.time = Millis(world.time.0 + 30 * DAY);
    assert_eq!(world.declines(INSURER, &end()), Rejection::ActNotNow, "something is to be paid");
    world.does(INSURER, &paid("L2"));
    world.does(INSURER, &end());
    assert!(held(&world).is_ended);
    assert_eq!(world.declines(MERCHANT, &claim(&world, "L4", "1")), Rejection::ActNotNow);
}

#[test]
fn two_settlements_in_one_block_do_not_exceed_the_amount() {
    let mut world = covered();
    world.does(MERCHANT, &claim(&world, "L1", "80"));
    world.does(MERCHANT, &claim(&world, "L2", "80"));
    let both = [settle("L1", Some("60")), settle("L2", Some("60"))];
    assert_eq!(world.in_one_block(INSURER, &both), [None, Some(Rejection::AmountUnfit)]);
}

#[test]
fn only_trades_whose_documents_agree_are_covered_and_only_for_their_parties() {
    let mut world = zone();
    world.departed(&Trade::new(1), "30");
    for document in own::documents(&Trade::new(2)).iter().take(3) {
        world.hears_of(document);
    }
    for document in own::documents(&Trade::new(3)).iter().take(4) {
        world.hears_of(document);
    }
    world.hears_of(&own::cancellation(&Trade::new(3)));
    let import = Trade::new(5);
    world.trade_with(&import, |_| {});
    type Change = fn(&mut CoverFacts);
    let changes: [(Rejection, Change); 16] = [
        (Rejection::TradeUnfit, |facts| facts.case.order_no = "NONE".into()),
        (Rejection::TradeUnfit, |facts| facts.case = export_ref(&Trade::new(2))),
        (Rejection::TradeUnfit, |facts| facts.case = export_ref(&Trade::new(3))),
        (Rejection::TradeUnfit, |facts| facts.case.direction = Direction::Import),
        // A payment firm is party to an import, and not to an export.
        (Rejection::TradeUnfit, |facts| facts.insured = code(PAYMENT_FIRM)),
        (Rejection::CounterpartyUnfit, |facts| facts.insured = code("TESTEBC999")),
        (Rejection::CounterpartyUnfit, |facts| facts.insured = code(INSURER)),
        (Rejection::DatesUnfit, |facts| facts.until = facts.from),
        (Rejection::DatesUnfit, |facts| facts.claim_until = Millis(facts.until.0 - 1)),
        (Rejection::DatesUnfit, |facts| facts.claim_until = Millis(u64::MAX)),
        (Rejection::DatesUnfit, |facts| {
            facts.claim_until = Millis(facts.from.0 + ACCESS_TERM_MS_MAX + 1);
        }),
        (Rejection::DatesUnfit, |facts| {
            facts.from = Millis(facts.from.0 - 2 * DAY);
            facts.until = Millis(facts.from.0 + DAY);
        }),
        (Rejection::NumberNotPositive, |facts| facts.amount = decimal("0")),
        (Rejection::CurrencyUnknown, |facts| facts.currency = "999".into()),
        (Rejection::TextEmpty, |facts| facts.policy_no = " ".into()),
        (Rejection::TextEmpty, |facts| facts.case.order_no = String::new()),
    ];
    for (expected, change) in changes {
        let mut facts = facts(&world, export_ref(&Trade::new(1)));
        change(&mut facts);
        let document = act(CoverAct::Cover(facts.clone()));
        assert_eq!(world.declines(INSURER, &document), expected, "{facts:?}");
    }
    let good = CoverAct::Cover(facts(&world, export_ref(&Trade::new(1))));
    assert_eq!(world.declines(BANK, &act_of(BANK, "V1", good.clone())), Rejection::NotItsPart);
    assert_eq!(world.declines(INSURER, &end()), Rejection::ActNotNow, "nothing is there");
    world.does(INSURER, &act(good));
    let case = CaseRef { direction: Direction::Import, ..export_ref(&import) };
    world.does(INSURER, &act_of(INSURER, "V2", CoverAct::Cover(facts(&world, case))));
}

#[test]
fn a_trade_is_covered_once_for_each_insured_and_risk() {
    let mut world = covered();
    world.time = Millis(world.time.0 - DAY);
    let mut again = facts(&world, export_ref(&Trade::new(1)));
    let cover = |owner: &str, number: &str, facts: &CoverFacts| {
        act_of(owner, number, CoverAct::Cover(facts.clone()))
    };
    let other = CoverFacts { policy_no: "TESTPOLICY2".into(), ..again.clone() };
    assert_eq!(world.declines(INSURER, &cover(INSURER, "V1", &other)), Rejection::EntryExists);
    for owner in [INSURER, OTHER_INSURER] {
        let second = cover(owner, "V2", &again);
        assert_eq!(world.declines(owner, &second), Rejection::TakenByAnother);
    }
    again.risk = Risk::Credit;
    world.does(OTHER_INSURER, &cover(OTHER_INSURER, "V2", &again));
    again.insured = code(PLATFORM);
    world.does(OTHER_INSURER, &cover(OTHER_INSURER, "V3", &again));
    // Ended before it began, it leaves its place to another.
    world.does(INSURER, &end());
    again = facts(&world, export_ref(&Trade::new(1)));
    world.does(OTHER_INSURER, &cover(OTHER_INSURER, "V4", &again));
}

#[test]
fn claims_are_the_insureds_within_the_term() {
    let mut world = zone();
    world.departed(&Trade::new(1), "30");
    let terms = facts(&world, export_ref(&Trade::new(1)));
    world.does(INSURER, &act(CoverAct::Cover(terms.clone())));
    let before = claim_for("L1", "1", world.time);
    assert_eq!(world.declines(MERCHANT, &before), Rejection::DatesUnfit, "it has not begun");
    world.time = Millis(terms.until.0 + DAY);
    let last = Millis(terms.until.0 - 1);
    for (signer, document, expected) in [
        (CARRIER, claim_for("L1", "1", last), Rejection::NotItsPart),
        (INSURER, claim_for("L1", "1", last), Rejection::NotItsPart),
        (MERCHANT, claim_for("L1", "1", terms.until), Rejection::DatesUnfit),
        (MERCHANT, claim_for("L1", "1", Millis(terms.from.0 - 1)), Rejection::DatesUnfit),
        (MERCHANT, claim_for("L1", "1", Millis(world.time.0 + 1)), Rejection::DatesUnfit),
        (MERCHANT, claim_for("L1", "100.00001", last), Rejection::AmountUnfit),
        (MERCHANT, claim_for("L1", "0", last), Rejection::NumberNotPositive),
        (MERCHANT, claim_for("", "1", last), Rejection::TextEmpty),
        (INSURER, settle("L1", None), Rejection::EntryUnknown),
        (MERCHANT, settle("L1", None), Rejection::NotItsPart),
        (MERCHANT, end(), Rejection::NotItsPart),
        (MERCHANT, paid("L1"), Rejection::NotItsPart),
    ] {
        assert_eq!(world.declines(signer, &document), expected, "{:?}", document.body);
    }
    world.does(MERCHANT, &claim_for("L1", "100", last));
    world.does(MERCHANT, &claim_for("L2", "1", terms.from));
    assert_eq!(world.declines(MERCHANT, &claim_for("L2", "2", last)), Rejection::EntryExists);
    assert_eq!(world.declines(OTHER_INSURER, &settle("L1", None)), Rejection::NotItsPart);
    let one = Evidence { kind: EvidenceKind::Report, digest: Hash([1; 32]) };
    let evidence = vec![one; EVIDENCE_MAX + 1];
    let (reference, amount, lost) = ("L3".to_owned(), decimal("1"), last);
    let many = act(CoverAct::Claim(LossClaim { reference, amount, lost, evidence }));
    assert_eq!(world.declines(MERCHANT, &many), Rejection::PartsMalformed);
    for number in 2..LOSS_CLAIMS_MAX {
        world.does(MERCHANT, &claim_for(&format!("M{number}"), "1", last));
    }
    assert_eq!(world.declines(MERCHANT, &claim_for("L9", "1", last)), Rejection::EntryFull);
    world.time = terms.claim_until;
    assert_eq!(world.declines(MERCHANT, &claim_for("L9", "1", last)), Rejection::ActNotNow);
    let entry = world.entry(Register::Cover, INSURER, "V1").unwrap();
    assert_eq!(entry.shown_to(&code(MERCHANT)), Some(entry.clone()));
    assert_eq!(entry.shown_to(&code(CARRIER)), None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]
    #[test]
    fn what_is_accepted_stays_within_the_amount(
        claims in proptest::collection::vec(1u32..100, 1..8),
        settlements in proptest::collection::vec(
            (0usize..8, proptest::option::of(1u32..100)),
            1..16,
        ),
    ) {
        let mut world = covered();
        for (number, amount) in claims.iter().enumerate() {
            world.does(MERCHANT, &claim(&world, &format!("L{number}"), &amount.to_string()));
        }
        for (number, accepted) in settlements {
            let accepted = accepted.map(|accepted| accepted.to_string());
            let document = settle(&format!("L{number}"), accepted.as_deref());
            world.send_as(&code(INSURER), &document);
            let own = held(&world);
            let sum = own.claims.iter().filter_map(|loss| loss.accepted).map(|one| one.units());
            prop_assert!(sum.sum::<i128>() <= own.facts.amount.units());
            let fits = |loss: &register::Loss| {
                loss.accepted.is_none_or(|one| one <= loss.claim.amount)
            };
            prop_assert!(own.claims.iter().all(fits));
        }
    }
}
