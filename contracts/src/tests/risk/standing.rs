//! What the negative list and holders of rights do to trades.

use super::*;
use crate::document::{
    Complaint, ComplaintSubject, EntryAct, ListNotice, NegativeListAct, RightAct, RightFacts,
    RightHolder, RightKind,
};
use crate::fixture::register::{evidence, import as trade_of};
use crate::fixture::{CARRIER, MERCHANT};
use crate::policy::PublicField;
use crate::risk::AlertCause;

/// Nothing is suspicious by itself; what is said weighs next to nothing.
fn quiet() -> RiskPolicy {
    let mut policy = ruled(Vec::new());
    policy.alerts.complaint_weight = 1;
    policy.alerts.complaints_hold = true;
    policy
}

fn listing(act: NegativeListAct) -> Document {
    let (owner, number) = (code(AGENCY), "L1".to_owned());
    fixture::governance(Body::NegativeList(EntryAct { owner, number, act }))
}

/// Lists the merchant so that its trades are held.
fn list_merchant(world: &mut World) {
    let notice = ListNotice {
        organisation: code(MERCHANT),
        category: "counterfeit".into(),
        basis: "测试规定第一条".into(),
        decision: Hash([1; 32]),
        from: world.time,
        until: Millis(world.time.0 + 365 * DAY),
        public: vec![PublicField::Organisation],
    };
    world.does(AGENCY, &listing(NegativeListAct::Notify(notice)));
    world.wait(20 * DAY + 1);
    world.does(AGENCY, &listing(NegativeListAct::Enter));
}

fn right(act: RightAct) -> Document {
    let (owner, number) = (code(CARRIER), "TESTRIGHT01".to_owned());
    fixture::governance(Body::Right(EntryAct { owner, number, act }))
}

/// The carrier holds a brand whose word stands in the fixture's lists, and complains.
fn complain(world: &mut World, subject: ComplaintSubject) {
    let facts = RightFacts {
        kind: RightKind::Trademark,
        title: "测试商标".into(),
        registration_no: "TESTREG0001".into(),
        holder: RightHolder::Owner,
        words: vec!["面膜".into()],
        codes: Vec::new(),
        from: "20260101".parse().unwrap(),
        until: "20261231".parse().unwrap(),
        evidence: evidence(1),
    };
    world.does(CARRIER, &right(RightAct::Record(facts)));
    world.does(AGENCY, &right(RightAct::Confirm));
    let (reference, evidence) = ("C1".to_owned(), evidence(1));
    let said = Complaint { reference, subject, hold: true, evidence };
    world.does(CARRIER, &right(RightAct::Complain(said)));
}

fn rules(world: &World, trade: &Trade) -> Vec<String> {
    let found = world.assessed(&suspect(trade)).unwrap();
    found.hits.into_iter().map(|hit| hit.rule).collect()
}

#[test]
fn imports_of_a_listed_merchant_are_held_however_little_it_weighs() {
    let mut world = watching(quiet());
    list_merchant(&mut world);
    let trade = Trade::new(1);
    assert_eq!(world.traded(&trade).state, CaseState::Held);
    let raised = world.alert(1);
    assert_eq!((raised.cause, raised.level, raised.holds), (AlertCause::Signal, Level::Low, true));
    assert_eq!((&raised.owner, &raised.merchant), (&code(AGENCY), &Some(code(MERCHANT))));
    assert_eq!(rules(&world, &trade), ["negative_list"]);
    assert_eq!(rejection(&refusal(world.releases(&trade))), Rejection::HeldByAlert);

    // An alert that was open before holds it, and no second is raised.
    let other = Trade::new(2);
    world.accept(&fixture::order(&other));
    world.does(MARKET, &signal(suspect(&other), 3, false));
    assert!(!world.alert(2).holds);
    for document in &documents(&other)[1..] {
        world.accept(document);
    }
    assert_eq!(world.case(&other).state, CaseState::Held);
    assert!(world.alert(2).holds);
    assert_eq!(alert(&world.state, 3).unwrap(), None);
}

#[test]
fn goods_with_the_word_of_a_complaint_are_held_and_others_are_not() {
    let mut world = watching(quiet());
    let merchant = code(MERCHANT);
    complain(&mut world, ComplaintSubject::Merchant { merchant, word: "面膜".into() });
    let (trade, other) = (Trade::new(1), Trade::new(2));
    assert_eq!(world.traded(&trade).state, CaseState::Held);
    assert_eq!(rules(&world, &trade), ["complaint"]);
    let hit = &world.assessed(&suspect(&trade)).unwrap().hits[0];
    assert!(hit.values.contains(&("reference".to_owned(), "C1".to_owned())), "{hit:?}");
    world.trade_with(&other, |document| {
        order(document, |own| own.lines[0].item_name = "测试香皂".to_owned());
        list(document, |own| own.lines[0].gname = "测试香皂".to_owned());
    });
    assert_eq!(world.assessed(&suspect(&other)), None);
}

#[test]
fn a_complaint_about_a_trade_that_is_there_holds_it() {
    let (mut world, trade) = (watching(quiet()), Trade::new(1));
    assert_eq!(world.traded(&trade).state, CaseState::Matched);
    let about = [trade.clone(), Trade::new(2)].map(|own| trade_of(&own));
    complain(&mut world, ComplaintSubject::Trades(about.to_vec()));
    assert_eq!(world.case(&trade).state, CaseState::Held);
    assert_eq!(rules(&world, &trade), ["complaint"]);
    assert_eq!(world.assessed(&suspect(&Trade::new(2))), None, "there is none yet");
    world.does(AGENCY, &dispose(1, Disposition::Release));
    assert_eq!(world.case(&trade).state, CaseState::Matched);
}
