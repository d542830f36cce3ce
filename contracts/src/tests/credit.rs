//! Credit: what is attested, what trades say, what rights holders complain about, and the score.

use super::*;
use crate::credit::{self, CreditEvent, GradeStanding, MonthTrades, Part, TradeCounts};
use crate::document::{
    CreditFact, CreditRecordAct, CustomsGradeAct, DisputeAct, EnterpriseGrade, EntryAct, FactKind,
    GradeFacts, ObjectionAnswer, ObjectionOutcome, Outcome as Due, Severity,
};
use crate::fixture::register::{dispute, dispute_claim, evidence};
use crate::fixture::{AGENCY, CARRIER, DECLARANT, MERCHANT, PAYMENT_FIRM, PLATFORM, code};
use crate::policy::ZoneGrade;
use crate::registry::Role;
use crate::state::Overlay;
use crate::statistics::Month;
use kanhe_types::decimal::Decimal;
use proptest::prelude::*;
use std::collections::BTreeMap;

const COMMERCE: &str = "TESTCOM001";
const TAX: &str = "TESTTAX001";
const DAY: u64 = 86_400_000;

/// A world with customs, commerce and tax.
pub(super) fn zone() -> World {
    let mut organisations = fixture::organisations();
    for (own, role) in [(COMMERCE, Role::Commerce), (TAX, Role::Tax)] {
        organisations.push(fixture::organisation(&code(own), "测试部门", &[Role::Agency, role]));
    }
    organisations.sort_by(|one, two| one.code.cmp(&two.code));
    World::with(&organisations)
}

fn done(world: &mut World, signer: &str, document: &Document) {
    let outcome = world.send_as(&code(signer), document);
    assert_eq!(outcome, Outcome::Accepted { case: None });
}

fn refused(world: &mut World, signer: &str, document: &Document) -> Rejection {
    rejection(&refusal(world.send_as(&code(signer), document)))
}

fn pass(world: &mut World, days: u64) {
    world.time = Millis(world.time.0 + days * DAY);
}

fn record(owner: &str, number: &str, act: CreditRecordAct) -> Document {
    let (owner, number) = (code(owner), number.to_owned());
    fixture::governance(Body::CreditRecord(EntryAct { owner, number, act }))
}

fn fact(kind: FactKind) -> CreditFact {
    CreditFact {
        organisation: code(MERCHANT),
        kind,
        severity: kind.is_discredit().then_some(Severity::Minor),
        amount: kind.is_debt().then(|| "1000".parse().unwrap()),
        date: "20261101".parse().unwrap(),
        decision: Hash([1; 32]),
    }
}

fn grade(number: &str, act: CustomsGradeAct) -> Document {
    let (owner, number) = (code(AGENCY), number.to_owned());
    fixture::governance(Body::CustomsGrade(EntryAct { owner, number, act }))
}

fn write(world: &World, grade: EnterpriseGrade) -> GradeFacts {
    GradeFacts {
        organisation: code(MERCHANT),
        grade,
        since: world.time,
        until: None,
        decision: Hash([1; 32]),
    }
}

fn assessed(world: &World) -> credit::Assessment {
    credit::assess(&world.state, &world.policy, &code(MERCHANT), world.time).unwrap()
}

fn value(assessment: &credit::Assessment, name: &str) -> i64 {
    assessment.facts.iter().find(|fact| fact.name == name).unwrap().value
}

fn held_grade(world: &World) -> Option<GradeStanding> {
    credit::customs_grade(&world.state, &code(MERCHANT), world.time).unwrap()
}

#[test]
fn each_agency_attests_what_is_its_business_and_nobody_else_attests_anything() {
    let mut world = zone();
    for (signer, kind) in [
        (MERCHANT, FactKind::Honour),
        (PLATFORM, FactKind::Penalty),
        (COMMERCE, FactKind::Smuggling),
        (COMMERCE, FactKind::TaxArrears),
        (TAX, FactKind::Smuggling),
        (TAX, FactKind::Filing),
    ] {
        let document = record(signer, "R1", CreditRecordAct::Record(fact(kind)));
        assert_eq!(refused(&mut world, signer, &document), Rejection::NotItsPart, "{signer}");
    }
    for (change, expected) in [
        ((|own| own.severity = None) as fn(&mut CreditFact), Rejection::PartsMalformed),
        (|own| own.amount = None, Rejection::AmountUnfit),
        (|own| own.amount = Some(Decimal::ZERO), Rejection::NumberNotPositive),
        (|own| own.date = "20261201".parse().unwrap(), Rejection::DatesUnfit),
        (|own| own.organisation = code(COMMERCE), Rejection::CounterpartyUnfit),
        (|own| own.organisation = code("TESTNOBODY"), Rejection::CounterpartyUnfit),
    ] {
        let mut own = fact(FactKind::TaxArrears);
        change(&mut own);
        let document = record(TAX, "R1", CreditRecordAct::Record(own));
        assert_eq!(refused(&mut world, TAX, &document), expected);
    }
    let mut praise = fact(FactKind::Honour);
    praise.amount = Some("1".parse().unwrap());
    let document = record(COMMERCE, "R1", CreditRecordAct::Record(praise));
    assert_eq!(refused(&mut world, COMMERCE, &document), Rejection::AmountUnfit);
    done(&mut world, TAX, &record(TAX, "R1", CreditRecordAct::Record(fact(FactKind::TaxArrears))));
    let settle = record(TAX, "R1", CreditRecordAct::Settle { decision: Hash([2; 32]) });
    assert_eq!(refused(&mut world, AGENCY, &settle), Rejection::NotItsPart, "another's record");
}

#[test]
fn a_record_counts_until_it_is_settled_withdrawn_or_an_objection_is_upheld() {
    let mut world = zone();
    let arrears = |number: &str, act| record(TAX, number, act);
    for number in ["R1", "R2", "R3"] {
        let act = CreditRecordAct::Record(fact(FactKind::TaxArrears));
        done(&mut world, TAX, &arrears(number, act));
    }
    let own = assessed(&world);
    assert_eq!((value(&own, "arrears.open"), value(&own, "arrears.cny")), (3, 3_000));
    assert_eq!(own.records.len(), 3);

    done(&mut world, TAX, &arrears("R1", CreditRecordAct::Settle { decision: Hash([2; 32]) }));
    let object = |number: &str| arrears(number, CreditRecordAct::Object(evidence(1)));
    assert_eq!(refused(&mut world, CARRIER, &object("R2")), Rejection::NotItsPart);
    let answer = |number: &str, outcome| {
        let reason = "测试理由".into();
        arrears(number, CreditRecordAct::Answer(ObjectionAnswer { outcome, reason }))
    };
    let dismissed = answer("R2", ObjectionOutcome::Dismissed);
    assert_eq!(refused(&mut world, TAX, &dismissed), Rejection::ActNotNow, "nobody objected");
    done(&mut world, MERCHANT, &object("R2"));
    done(&mut world, TAX, &answer("R2", ObjectionOutcome::Upheld));
    assert_eq!(value(&assessed(&world), "arrears.open"), 1);
    pass(&mut world, 20);
    world.time = Millis(world.time.0 + 1);
    assert_eq!(refused(&mut world, MERCHANT, &object("R3")), Rejection::ActNotNow, "too late");
    let withdraw = CreditRecordAct::Withdraw { reason: "测试理由".into() };
    done(&mut world, TAX, &arrears("R3", withdraw));
    let own = assessed(&world);
    assert_eq!((value(&own, "arrears.open"), value(&own, "arrears.cny")), (0, 0));
    assert_eq!(own.records.len(), 1, "what was settled stays on file");
    let again = CreditRecordAct::Withdraw { reason: "测试又一理由".into() };
    assert_eq!(refused(&mut world, TAX, &arrears("R3", again)), Rejection::ActNotNow);
}

#[test]
fn only_customs_writes_grades_and_the_last_one_holds() {
    let mut world = zone();
    let certified = write(&world, EnterpriseGrade::Certified);
    let (owner, number) = (code(COMMERCE), "G1".to_owned());
    let act = CustomsGradeAct::Write(certified.clone());
    let others = fixture::governance(Body::CustomsGrade(EntryAct { owner, number, act }));
    assert_eq!(refused(&mut world, COMMERCE, &others), Rejection::NotItsPart);
    for (change, expected) in [
        (
            (|own, now| own.since = Millis(now + 1)) as fn(&mut GradeFacts, u64),
            Rejection::DatesUnfit,
        ),
        (|own, now| own.until = Some(Millis(now)), Rejection::DatesUnfit),
        (|own, _| own.organisation = code(TAX), Rejection::CounterpartyUnfit),
    ] {
        let mut own = certified.clone();
        change(&mut own, world.time.0);
        let document = grade("G1", CustomsGradeAct::Write(own));
        assert_eq!(refused(&mut world, AGENCY, &document), expected);
    }
    done(&mut world, AGENCY, &grade("G1", CustomsGradeAct::Write(certified)));
    let before = assessed(&world).supervision;
    assert_eq!(before.green_channel, Some(false), "the zone's own grade is fair only");
    assert_eq!(held_grade(&world).unwrap().grade, EnterpriseGrade::Certified);

    let until = Millis(world.time.0 + 90 * DAY);
    let suspend = |until, number| CustomsGradeAct::Suspend { until, decision: Hash([number; 32]) };
    let too_long = Millis(world.time.0 + 367 * DAY);
    let document = grade("G1", suspend(too_long, 1));
    assert_eq!(refused(&mut world, AGENCY, &document), Rejection::DatesUnfit);
    done(&mut world, AGENCY, &grade("G1", suspend(until, 2)));
    let document = grade("G1", suspend(until, 3));
    assert_eq!(refused(&mut world, AGENCY, &document), Rejection::ActNotNow);
    assert!(assessed(&world).is_suspended);
    assert_eq!(held_grade(&world).unwrap().treated_as(world.time), EnterpriseGrade::Regular);
    done(&mut world, AGENCY, &grade("G1", CustomsGradeAct::Resume { decision: Hash([4; 32]) }));
    assert!(!assessed(&world).is_suspended);

    let mut bad = write(&world, EnterpriseGrade::Discredited);
    bad.until = Some(Millis(world.time.0 + DAY));
    done(&mut world, AGENCY, &grade("G2", CustomsGradeAct::Write(bad)));
    assert_eq!(assessed(&world).supervision.inspection_per_mille, Some(500));
    let end = |number: &str| grade(number, CustomsGradeAct::End { decision: Hash([5; 32]) });
    assert_eq!(refused(&mut world, AGENCY, &end("G1")), Rejection::ActNotNow, "it was replaced");
    pass(&mut world, 1);
    assert_eq!(held_grade(&world), None, "its term is over");
    assert_eq!(refused(&mut world, AGENCY, &end("G2")), Rejection::ActNotNow);
}

/// What all cases of a world say, as its records should have it.
fn recounted(world: &World, trades: &[Trade]) -> BTreeMap<(Month, String), MonthTrades> {
    let mut sums: BTreeMap<(Month, String), BTreeMap<Part, TradeCounts>> = BTreeMap::new();
    for case in trades.iter().filter_map(|trade| world.find(&trade.case_key())) {
        let Some(own) = credit::of_import(&case) else { continue };
        for (part, actor) in Part::ALL.into_iter().zip(own.actors) {
            let Some(actor) = actor else { continue };
            let parts = sums.entry((own.month, actor.to_string())).or_default();
            parts.entry(part).or_default().add(&own.counts);
        }
    }
    let records = sums.into_iter().map(|(key, parts)| {
        let parts = parts.into_iter().filter(|(_, counts)| !counts.is_zero()).collect();
        (key, MonthTrades { parts })
    });
    records.filter(|(_, record)| !record.parts.is_empty()).collect()
}

fn stored(world: &World, first: Month) -> BTreeMap<(Month, String), MonthTrades> {
    let who = [PLATFORM, MERCHANT, PAYMENT_FIRM, CARRIER, DECLARANT, AGENCY];
    let all = [first, first.after()].into_iter().flat_map(|month| who.map(|own| (month, own)));
    let all = all.map(|(month, own)| {
        let mut record = credit::month_trades(&world.state, month, &code(own)).unwrap();
        record.parts.retain(|(_, counts)| !counts.is_zero());
        ((month, own.to_owned()), record)
    });
    all.filter(|(_, record)| !record.parts.is_empty()).collect()
}

#[test]
fn a_trade_counts_for_everybody_who_spoke_in_it() {
    let mut world = zone();
    let trade = Trade::new(1);
    world.accept(&fixture::payment(&trade));
    let month = Month::of(world.time);
    assert_eq!(stored(&world, month).len(), 1, "nobody else has said anything");
    world.accept(&fixture::order(&trade));
    let opened = TradeCounts { opened: 1, ..TradeCounts::default() };
    let of =
        |world: &World, own: &str| credit::month_trades(&world.state, month, &code(own)).unwrap();
    assert_eq!(of(&world, PLATFORM).parts, [(Part::Platform, opened)]);
    assert_eq!(of(&world, MERCHANT).parts, [], "an order alone only names it");
    world.accept(&fixture::waybill(&trade));
    world.accept(&fixture::list(&trade));
    let matched = TradeCounts { complete: 1, matched: 1, ..opened };
    for (own, part) in [
        (PLATFORM, Part::Platform),
        (MERCHANT, Part::Merchant),
        (PAYMENT_FIRM, Part::Payment),
        (CARRIER, Part::Carrier),
        (DECLARANT, Part::Declarant),
    ] {
        assert_eq!(of(&world, own).parts, [(part, matched)], "{own}");
    }
    let mut all = credit::organisations_of(&world.state, month).unwrap();
    all.sort();
    assert_eq!(all.len(), 5);
    let own = assessed(&world);
    assert_eq!((value(&own, "trades.matched"), value(&own, "merchant.matched")), (1, 1));
    assert_eq!((value(&own, "months.active"), value(&own, "platform.opened")), (1, 0));
}

#[test]
fn a_dispute_that_is_lost_counts_until_an_appeal_and_by_the_last_decision() {
    let mut world = zone();
    let trade = Trade::new(1);
    world.trade_with(&trade, |_| {});
    let lost = |world: &World| {
        credit::month_events(&world.state, Month::of(world.time), &code(CARRIER))
            .unwrap()
            .disputes_lost
    };
    let act = |act| dispute(&trade, act);
    done(&mut world, MERCHANT, &act(DisputeAct::Open(dispute_claim(&trade))));
    pass(&mut world, 6);
    world.time = Millis(world.time.0 + 4 * DAY + 1);
    let decide = |outcome, amount: Option<&str>| {
        let amount = amount.map(|amount| amount.parse().unwrap());
        act(DisputeAct::Decide { outcome, amount, decision: Hash([3; 32]) })
    };
    done(&mut world, COMMERCE, &decide(Due::PartlyUpheld, Some("20")));
    assert_eq!(lost(&world), 1);
    done(&mut world, CARRIER, &act(DisputeAct::Appeal(Vec::new())));
    assert_eq!(lost(&world), 0);
    done(&mut world, AGENCY, &decide(Due::Upheld, Some("120")));
    assert_eq!(lost(&world), 1);
}

#[test]
fn a_score_is_the_base_and_what_each_indicator_adds_and_says_from_which_facts() {
    let mut world = zone();
    let fresh = assessed(&world);
    assert_eq!((fresh.score, fresh.zone_grade), (550, ZoneGrade::Bbb));
    world.trade_with(&Trade::new(1), |_| {});
    let mut penalty = fact(FactKind::Penalty);
    penalty.severity = Some(Severity::General);
    done(&mut world, AGENCY, &record(AGENCY, "R1", CreditRecordAct::Record(penalty)));
    let own = assessed(&world);
    // One month with trades, all of which agree, and a general penalty.
    assert_eq!(own.score, 550 + 5 + 200 - 45);
    assert_eq!(own.zone_grade, ZoneGrade::A);
    let sum: i64 = own.indicators.iter().map(|own| own.points).sum();
    assert_eq!(own.score, own.base + sum);
    let agreement = own.indicators.iter().find(|own| own.name == "agreement").unwrap();
    let names: Vec<&str> = agreement.facts.iter().map(|fact| fact.name.as_str()).collect();
    assert_eq!(names, ["trades.complete", "trades.matched"]);
    assert_eq!((agreement.value, agreement.counted, agreement.points), (100, 100, 200));

    // A year later neither is looked at any more; what is owed is, until it is paid.
    let act = CreditRecordAct::Record(fact(FactKind::FineUnpaid));
    done(&mut world, AGENCY, &record(AGENCY, "R2", act));
    pass(&mut world, 366);
    let later = assessed(&world);
    assert_eq!((value(&later, "penalties.general"), value(&later, "trades.matched")), (0, 0));
    assert_eq!(later.score, 550 - 50);
    assert_eq!(later.records.len(), 2, "they stay on file");
}

#[test]
fn alerts_are_counted_when_they_are_reviewed() {
    let mut world = zone();
    let mut overlay = Overlay::new(&world.state);
    for (event, count) in [
        (CreditEvent::AlertConfirmed, 1),
        (CreditEvent::AlertConfirmed, 1),
        (CreditEvent::AlertDismissed, 1),
        (CreditEvent::AlertConfirmed, -1),
    ] {
        credit::count_event(&mut overlay, &code(MERCHANT), world.time, event, count).unwrap();
    }
    let writes = overlay.into_writes();
    world.state.apply(&writes);
    let own = assessed(&world);
    assert_eq!((value(&own, "alerts.confirmed"), value(&own, "alerts.dismissed")), (1, 1));
    assert_eq!(own.score, 550 - 25);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever came in whatever order, was changed or withdrawn: the records say what the cases
    /// say now.
    #[test]
    fn records_of_months_are_what_cases_say(
        steps in prop::collection::vec((0..3u64, 0..4usize, 0..3u8), 1..24),
    ) {
        let mut world = zone();
        let trades: Vec<Trade> = (0..3).map(Trade::new).collect();
        let month = Month::of(world.time);
        for (minute, (trade, document, what)) in (1u64..).zip(steps) {
            let own = &trades[usize::try_from(trade).unwrap()];
            let mut said = documents(own)[document].clone();
            if what == 1 {
                waybill(&mut said, |own| own.weight = fixture::decimal("9"));
                payment(&mut said, |own| own.amount_paid = fixture::decimal("9"));
            }
            if what == 2 {
                said = later(&said, AppType::Delete, minute);
            }
            let _ = world.send(&said);
        }
        prop_assert_eq!(stored(&world, month), recounted(&world, &trades));
        // The days that they may take pass, and something comes late.
        pass(&mut world, 8);
        for trade in &trades {
            let _ = world.send(&fixture::list(trade));
        }
        prop_assert_eq!(stored(&world, month), recounted(&world, &trades));
    }

    /// In which order facts are recorded says nothing.
    #[test]
    fn a_score_does_not_depend_on_the_order_of_facts(
        kinds in Just(vec![
            FactKind::Penalty, FactKind::TaxArrears, FactKind::FineUnpaid, FactKind::Smuggling,
            FactKind::Obstruction, FactKind::Honour, FactKind::Penalty, FactKind::Filing,
        ]).prop_shuffle(),
    ) {
        let mut world = zone();
        for (number, kind) in kinds.iter().enumerate() {
            let mut own = fact(*kind);
            own.date = format!("202611{:02}", 1 + (*kind as u8)).parse().unwrap();
            let document = record(AGENCY, &format!("R{number}"), CreditRecordAct::Record(own));
            done(&mut world, AGENCY, &document);
        }
        let own = assessed(&world);
        let expected = 550 + 40 + 10 - 2 * 15 - 2 * 50 - 2 * 200;
        prop_assert_eq!(own.score, expected.max(0));
        let days: Vec<_> = own.records.iter().map(|record| record.date).collect();
        let mut sorted = days.clone();
        sorted.sort();
        prop_assert_eq!(days, sorted);
    }
}
