//! Rights and complaints of their holders, and help with cases abroad.

use super::credit::zone;
use super::*;
use crate::credit::{complaints_of_merchant, complaints_of_trade};
use crate::document::{
    AidRequest, AidSubject, Complaint, ComplaintSubject, EntryAct, Outcome as Due, OverseasAidAct,
    RightAct, RightFacts, RightHolder, RightKind,
};
use crate::fixture::register::{evidence, import};
use crate::fixture::{AGENCY, CARRIER, MERCHANT, PLATFORM, code};
use crate::limits::{COMPLAINT_TRADES_MAX, RIGHT_COMPLAINTS_MAX};
use crate::register::{self, AidState, ComplaintState, Content, EntryKey, Register, Right};

const COMMERCE: &str = "TESTCOM001";
const DAY: u64 = 86_400_000;

fn done(world: &mut World, signer: &str, document: &Document) {
    let outcome = world.send_as(&code(signer), document);
    assert_eq!(outcome, Outcome::Accepted { case: None });
}

fn refused(world: &mut World, signer: &str, document: &Document) -> Rejection {
    rejection(&refusal(world.send_as(&code(signer), document)))
}

/// The carrier holds a brand.
fn right(owner: &str, act: RightAct) -> Document {
    let (owner, number) = (code(owner), "TESTRIGHT01".to_owned());
    fixture::governance(Body::Right(EntryAct { owner, number, act }))
}

fn facts() -> RightFacts {
    RightFacts {
        kind: RightKind::Trademark,
        title: "测试商标".into(),
        registration_no: "TESTREG0001".into(),
        holder: RightHolder::Owner,
        words: vec!["测试牌".into()],
        codes: vec!["3304".into(), "33049900".into()],
        from: "20260101".parse().unwrap(),
        until: "20261231".parse().unwrap(),
        evidence: evidence(1),
    }
}

fn complaint(reference: &str, subject: ComplaintSubject) -> RightAct {
    let (reference, evidence) = (reference.to_owned(), evidence(1));
    RightAct::Complain(Complaint { reference, subject, hold: true, evidence })
}

fn about_merchant() -> ComplaintSubject {
    ComplaintSubject::Merchant { merchant: code(MERCHANT), word: "测试牌".into() }
}

fn decide(reference: &str, outcome: Due) -> RightAct {
    let reference = reference.to_owned();
    RightAct::Decide { reference, outcome, decision: Hash([7; 32]) }
}

fn held(world: &World, owner: &str) -> Right {
    let (register, owner) = (Register::Right, code(owner));
    let key = EntryKey { register, owner, number: "TESTRIGHT01".into() };
    match register::entry(&world.state, &key).unwrap().unwrap().content {
        Content::Right(own) => own,
        _ => unreachable!(),
    }
}

fn confirmed(world: &mut World) {
    done(world, CARRIER, &right(CARRIER, RightAct::Record(facts())));
    done(world, AGENCY, &right(CARRIER, RightAct::Confirm));
}

#[test]
fn a_complaint_stands_with_what_it_is_about_until_it_is_decided_or_taken_back() {
    let mut world = zone();
    confirmed(&mut world);
    let trades = [Trade::new(1), Trade::new(2)].map(|trade| import(&trade));
    let about = ComplaintSubject::Trades(trades.to_vec());
    done(&mut world, CARRIER, &right(CARRIER, complaint("C1", about)));
    done(&mut world, CARRIER, &right(CARRIER, complaint("C2", about_merchant())));
    let of_trade = |world: &World| complaints_of_trade(&world.state, &trades[1]).unwrap();
    let of_merchant =
        |world: &World| complaints_of_merchant(&world.state, &code(MERCHANT)).unwrap();
    let [own] = of_trade(&world).try_into().unwrap();
    assert_eq!((own.reference.as_str(), own.word.as_deref(), own.asks_hold), ("C1", None, true));
    let [own] = of_merchant(&world).try_into().unwrap();
    assert_eq!((own.reference.as_str(), own.word.as_deref()), ("C2", Some("测试牌")));

    let upheld = right(CARRIER, decide("C1", Due::Upheld));
    for stranger in [COMMERCE, CARRIER, PLATFORM] {
        assert_eq!(refused(&mut world, stranger, &upheld), Rejection::NotItsPart, "{stranger}");
    }
    done(&mut world, AGENCY, &upheld);
    assert_eq!(of_trade(&world), []);
    let take_back = |reference: &str| {
        right(CARRIER, RightAct::WithdrawComplaint { reference: reference.into() })
    };
    assert_eq!(refused(&mut world, CARRIER, &take_back("C1")), Rejection::ActNotNow, "decided");
    assert_eq!(refused(&mut world, CARRIER, &take_back("C9")), Rejection::EntryUnknown);
    done(&mut world, CARRIER, &take_back("C2"));
    assert_eq!(of_merchant(&world), []);
    let states: Vec<ComplaintState> =
        held(&world, CARRIER).complaints.iter().map(|own| own.state).collect();
    assert_eq!(states, [ComplaintState::Upheld, ComplaintState::Withdrawn]);

    done(&mut world, CARRIER, &right(CARRIER, complaint("C3", about_merchant())));
    done(&mut world, CARRIER, &right(CARRIER, RightAct::End));
    assert_eq!(of_merchant(&world), [], "nobody holds the right any more");
}

#[test]
fn only_who_holds_a_confirmed_right_complains_within_its_term() {
    let mut world = zone();
    let complain = right(CARRIER, complaint("C1", about_merchant()));
    assert_eq!(refused(&mut world, CARRIER, &complain), Rejection::ActNotNow, "none is recorded");
    done(&mut world, CARRIER, &right(CARRIER, RightAct::Record(facts())));
    assert_eq!(refused(&mut world, CARRIER, &complain), Rejection::ActNotNow, "not confirmed");
    let confirm = right(CARRIER, RightAct::Confirm);
    for stranger in [COMMERCE, CARRIER] {
        assert_eq!(refused(&mut world, stranger, &confirm), Rejection::NotItsPart, "{stranger}");
    }
    done(&mut world, AGENCY, &confirm);
    assert_eq!(refused(&mut world, PLATFORM, &complain), Rejection::NotItsPart);
    for (subject, expected) in [
        (ComplaintSubject::Trades(Vec::new()), Rejection::PartsMalformed),
        (ComplaintSubject::Trades(vec![import(&Trade::new(1)); 2]), Rejection::PartsMalformed),
        (
            ComplaintSubject::Trades(
                (0..=COMPLAINT_TRADES_MAX as u64)
                    .map(|number| import(&Trade::new(number)))
                    .collect(),
            ),
            Rejection::PartsMalformed,
        ),
        (
            ComplaintSubject::Merchant { merchant: code("TESTNOBODY"), word: "测试牌".into() },
            Rejection::CounterpartyUnfit,
        ),
    ] {
        let document = right(CARRIER, complaint("C1", subject));
        assert_eq!(refused(&mut world, CARRIER, &document), expected);
    }
    // The term ends, and is confirmed for longer.
    world.time = Millis(world.time.0 + 60 * DAY);
    assert_eq!(refused(&mut world, CARRIER, &complain), Rejection::ActNotNow, "its term is over");
    let renew = |until: &str| {
        let (until, evidence) = (until.parse().unwrap(), Hash([6; 32]));
        right(CARRIER, RightAct::Renew { until, evidence })
    };
    assert_eq!(refused(&mut world, CARRIER, &renew("20361231")), Rejection::NotItsPart);
    assert_eq!(refused(&mut world, AGENCY, &renew("20261231")), Rejection::DatesUnfit);
    done(&mut world, AGENCY, &renew("20361231"));
    done(&mut world, CARRIER, &complain);
    let mut held = held(&world, CARRIER);
    assert_eq!(held.complaints.len(), 1);
    held.complaints = vec![held.complaints[0].clone(); RIGHT_COMPLAINTS_MAX];
    let size = kanhe_types::codec::encode(&held).len();
    assert!(size < kanhe_types::limits::STATE_VALUE_BYTES_MAX / 2, "{size}");
}

#[test]
fn one_right_is_confirmed_once_and_strangers_are_represented_by_customs() {
    let mut world = zone();
    confirmed(&mut world);
    done(&mut world, PLATFORM, &right(PLATFORM, RightAct::Record(facts())));
    let confirm = right(PLATFORM, RightAct::Confirm);
    assert_eq!(refused(&mut world, AGENCY, &confirm), Rejection::TakenByAnother);
    done(&mut world, CARRIER, &right(CARRIER, RightAct::End));
    done(&mut world, AGENCY, &confirm);

    let holder = RightHolder::Represented { name: Hash([8; 32]) };
    let registration_no = "TESTREG0002".to_owned();
    let foreign = RightFacts { holder, registration_no, ..facts() };
    let document = right(MERCHANT, RightAct::Record(foreign.clone()));
    assert_eq!(refused(&mut world, MERCHANT, &document), Rejection::NotItsPart);
    done(&mut world, AGENCY, &right(AGENCY, RightAct::Record(foreign)));
    for (change, expected) in [
        ((|own| own.words.push("测".into())) as fn(&mut RightFacts), Rejection::PartsMalformed),
        (|own| own.codes = vec!["3".into()], Rejection::PartsMalformed),
        (|own| own.codes.reverse(), Rejection::PartsMalformed),
        (|own| own.until = "20251231".parse().unwrap(), Rejection::DatesUnfit),
    ] {
        let mut own = facts();
        change(&mut own);
        let document = right(MERCHANT, RightAct::Record(own));
        assert_eq!(refused(&mut world, MERCHANT, &document), expected);
    }
}

#[test]
fn an_organisation_is_helped_with_a_case_abroad() {
    let mut world = zone();
    let aid = |act| {
        let (owner, number) = (code(MERCHANT), "TESTAID01".to_owned());
        fixture::governance(Body::OverseasAid(EntryAct { owner, number, act }))
    };
    let request = AidRequest {
        subject: AidSubject::Rights,
        country: "502".into(),
        case: Some(import(&Trade::new(1))),
        summary: Hash([1; 32]),
        evidence: evidence(1),
    };
    let ask = aid(OverseasAidAct::Ask(request));
    assert_eq!(refused(&mut world, MERCHANT, &ask), Rejection::TradeUnfit, "not its trade");
    world.trade_with(&Trade::new(1), |_| {});
    done(&mut world, MERCHANT, &ask);
    let advise = |number| aid(OverseasAidAct::Advise { advice: Hash([number; 32]) });
    assert_eq!(refused(&mut world, COMMERCE, &advise(1)), Rejection::NotItsPart, "nobody took it");
    let accept = aid(OverseasAidAct::Accept);
    assert_eq!(refused(&mut world, AGENCY, &accept), Rejection::NotItsPart, "not customs'");
    done(&mut world, COMMERCE, &accept);
    done(&mut world, MERCHANT, &aid(OverseasAidAct::Evidence(evidence(2))));
    done(&mut world, COMMERCE, &advise(2));
    let close = aid(OverseasAidAct::Close { outcome: Some(Hash([9; 32])) });
    assert_eq!(refused(&mut world, PLATFORM, &close), Rejection::NotItsPart);
    done(&mut world, MERCHANT, &close);
    assert_eq!(refused(&mut world, COMMERCE, &advise(3)), Rejection::ActNotNow);
    let (register, owner) = (Register::OverseasAid, code(MERCHANT));
    let key = EntryKey { register, owner, number: "TESTAID01".into() };
    let Content::OverseasAid(own) = register::entry(&world.state, &key).unwrap().unwrap().content
    else {
        unreachable!()
    };
    assert_eq!((own.state, own.advices.len()), (AidState::Closed, 1));
}
