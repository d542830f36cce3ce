//! Journeys: legs in their order, told by who carries the goods, and found by bill.

use super::*;
use crate::document::{JourneyAct, JourneyReport, ReportKind};
use crate::fixture::register::{journey, journey_plan};
use crate::fixture::{AGENCY, CARRIER, MERCHANT, PLATFORM, code, export};
use crate::limits::{JOURNEY_LEGS_MAX, JOURNEY_REPORTS_MAX};
use crate::register::{self, Content, EntryKey, Journey, JourneyState, Register};
use crate::registry::Role;
use kanhe_types::time::CustomsTime;

const RAIL: &str = "TESTRAIL01";

fn begun() -> World {
    let mut organisations = fixture::organisations();
    organisations.push(fixture::organisation(&code(RAIL), "测试铁路", &[Role::Carrier]));
    organisations.sort_by(|one, two| one.code.cmp(&two.code));
    World::with(&organisations)
}

fn said(act: JourneyAct) -> Document {
    journey(&Trade::new(1), act)
}

fn at(time: &str) -> CustomsTime {
    time.parse().unwrap()
}

fn depart(leg: u32, time: &str) -> Document {
    said(JourneyAct::Depart { leg, conveyance: "TESTTRAIN01".into(), time: at(time) })
}

fn arrive(leg: u32, time: &str) -> Document {
    said(JourneyAct::Arrive { leg, time: at(time) })
}

fn done(world: &mut World, signer: &str, document: &Document) {
    let outcome = world.send_as(&code(signer), document);
    assert_eq!(outcome, Outcome::Accepted { case: None });
}

fn refused(world: &mut World, signer: &str, document: &Document) -> Rejection {
    rejection(&refusal(world.send_as(&code(signer), document)))
}

fn stands(world: &World) -> Journey {
    let (owner, number) = (code(CARRIER), "TESTJOURNEY01".to_owned());
    let key = EntryKey { register: Register::Journey, owner, number };
    let Content::Journey(own) = register::entry(&world.state, &key).unwrap().unwrap().content
    else {
        unreachable!()
    };
    own
}

/// A journey whose second leg the railway carries.
fn planned(world: &mut World) {
    let mut plan = journey_plan("TESTBILL01");
    plan.legs[1].carrier = Some(code(RAIL));
    done(world, CARRIER, &said(JourneyAct::Plan(plan)));
}

#[test]
fn a_journey_is_told_leg_by_leg_by_who_carries_the_goods() {
    let mut world = begun();
    planned(&mut world);
    assert_eq!(stands(&world).state, JourneyState::Planned);
    let first = depart(1, "20261101080000");
    assert_eq!(refused(&mut world, RAIL, &first), Rejection::NotItsPart, "not its leg");
    assert_eq!(refused(&mut world, MERCHANT, &first), Rejection::NotItsPart);
    let early = arrive(1, "20261103080000");
    assert_eq!(refused(&mut world, CARRIER, &early), Rejection::ActNotNow, "it has not left");
    done(&mut world, CARRIER, &first);
    assert_eq!(stands(&world).state, JourneyState::Travelling);
    let again = depart(1, "20261101090000");
    assert_eq!(refused(&mut world, CARRIER, &again), Rejection::ActNotNow);
    let second = depart(2, "20261104080000");
    assert_eq!(refused(&mut world, RAIL, &second), Rejection::ActNotNow, "the first travels");
    let before = arrive(1, "20261101075959");
    assert_eq!(refused(&mut world, CARRIER, &before), Rejection::DatesUnfit);
    done(&mut world, CARRIER, &arrive(1, "20261103080000"));
    assert_eq!(stands(&world).state, JourneyState::Transhipping);
    let before = depart(2, "20261103075959");
    assert_eq!(refused(&mut world, RAIL, &before), Rejection::DatesUnfit);
    done(&mut world, RAIL, &second);
    let (leg, seal_no) = (2, "TESTSEAL01".to_owned());
    done(&mut world, RAIL, &said(JourneyAct::Seal { leg, seal_no, time: at("20261104070000") }));
    // Who planned it speaks of every leg.
    done(&mut world, CARRIER, &arrive(2, "20261118080000"));
    let own = stands(&world);
    assert_eq!((own.state, own.seals.len()), (JourneyState::Arrived, 1));
    for leg in [0, 3] {
        let none = arrive(leg, "20261118080000");
        assert_eq!(refused(&mut world, CARRIER, &none), Rejection::PartsMalformed, "{leg}");
    }
}

#[test]
fn only_carriers_plan_and_a_bill_has_one_journey_of_its_carrier() {
    let mut world = begun();
    for (change, expected) in [
        ((|plan| plan.legs.clear()) as fn(&mut crate::document::JourneyPlan), 912),
        (|plan| plan.legs = vec![plan.legs[0].clone(); JOURNEY_LEGS_MAX + 1], 912),
        (|plan| plan.legs[0].traf_mode = "rail".into(), 207),
        (|plan| plan.legs[0].traf_mode = "Q".into(), 862),
        (|plan| plan.legs[1].carrier = Some(code(PLATFORM)), 911),
        (|plan| plan.bill_no = String::new(), 204),
    ] {
        let mut plan = journey_plan("TESTBILL01");
        change(&mut plan);
        let refusal = refusal(world.send_as(&code(CARRIER), &said(JourneyAct::Plan(plan))));
        assert_eq!(refusal.code, expected);
    }
    planned(&mut world);
    let other = |owner: &str, number: &str| {
        let mut document = said(JourneyAct::Plan(journey_plan("TESTBILL01")));
        if let Body::Journey(own) = &mut document.body {
            (own.owner, own.number) = (code(owner), number.to_owned());
        }
        document
    };
    let second = other(CARRIER, "TESTJOURNEY02");
    assert_eq!(refused(&mut world, CARRIER, &second), Rejection::TakenByAnother);
    let of_platform = other(PLATFORM, "1");
    assert_eq!(refused(&mut world, PLATFORM, &of_platform), Rejection::CounterpartyUnfit);
    // Another carrier's bill of the same number is another bill.
    done(&mut world, RAIL, &other(RAIL, "1"));
}

#[test]
fn what_happens_is_reported_within_bounds() {
    let mut world = begun();
    planned(&mut world);
    let report = |minute: usize| {
        let (leg, kind, evidence) = (1, ReportKind::Delay, None);
        let time = at(&format!("2026110108{minute:02}00"));
        said(JourneyAct::Report(JourneyReport { leg, kind, time, evidence }))
    };
    for minute in 0..JOURNEY_REPORTS_MAX.min(60) {
        done(&mut world, CARRIER, &report(minute));
    }
    for hour in 60..JOURNEY_REPORTS_MAX {
        let (leg, kind, evidence) = (1, ReportKind::Control, None);
        let time = at(&format!("20261102{:02}0000", hour - 60));
        done(
            &mut world,
            CARRIER,
            &said(JourneyAct::Report(JourneyReport { leg, kind, time, evidence })),
        );
    }
    let (leg, kind, evidence) = (1, ReportKind::Damage, None);
    let last = JourneyReport { leg, kind, time: at("20261103000000"), evidence };
    let last = said(JourneyAct::Report(last));
    assert_eq!(refused(&mut world, CARRIER, &last), Rejection::EntryFull);
    assert_eq!(refused(&mut world, AGENCY, &last), Rejection::NotItsPart);
}

#[test]
fn an_exports_parcel_leads_to_the_journeys_of_its_bills() {
    let mut world = begun();
    let trade = Trade::new(1);
    for document in export::documents(&trade) {
        world.accept(&document);
    }
    let case = crate::export::case(&world.state, &trade.case_key()).unwrap().unwrap();
    assert_eq!(register::journeys_of(&world.state, &case).unwrap(), []);
    let bills: Vec<String> = case
        .notices
        .iter()
        .filter_map(|notice| match &notice.facts {
            crate::export::NoticeFacts::Bill { bill_no, .. } => Some(bill_no.clone()),
            _ => None,
        })
        .collect();
    let bill_no = bills.first().expect("the fixture's parcel travels under a bill");
    let signer = case
        .notices
        .iter()
        .find(|notice| matches!(notice.facts, crate::export::NoticeFacts::Bill { .. }));
    let signer = signer.unwrap().meta.signer.clone();
    let mut document = said(JourneyAct::Plan(journey_plan(bill_no)));
    if let Body::Journey(own) = &mut document.body {
        own.owner = code(CARRIER);
    }
    done(&mut world, CARRIER, &document);
    let found = register::journeys_of(&world.state, &case).unwrap();
    assert_eq!(found.len(), 1, "bill {bill_no} of {signer}");
    assert_eq!(found[0].number, "TESTJOURNEY01");
}
