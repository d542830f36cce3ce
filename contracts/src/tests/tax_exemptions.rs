//! Tax-exempt exports: registered as the list has them, each line once.

use super::money::*;
use super::*;
use crate::document::{
    ExemptLine, ExemptionFacts, ExemptionRefusal, TaxExemption, TaxExemptionAct,
};
use crate::fixture::export as own;
use crate::fixture::{AGENCY, MERCHANT, PLATFORM, code, decimal};
use crate::register::{Content, ExemptionState, Register};

fn exemption(number: &str, act: TaxExemptionAct) -> Document {
    let (owner, number) = (code(MERCHANT), number.to_owned());
    fixture::governance(Body::TaxExemption(TaxExemption { owner, number, act }))
}

fn facts(trade: &Trade, gnums: &[u32]) -> ExemptionFacts {
    let line = |gnum, gname: &str, qty: &str, price: &str, total: &str| ExemptLine {
        gnum,
        gname: gname.to_owned(),
        unit: "011".to_owned(),
        qty: decimal(qty),
        price: decimal(price),
        total_price: decimal(total),
    };
    let mut lines =
        vec![line(1, "测试茶杯", "3", "20", "60"), line(2, "测试茶壶", "1", "40", "40")];
    lines.retain(|line| gnums.contains(&line.gnum));
    ExemptionFacts {
        case: export_ref(trade),
        export_date: "20261124".parse().unwrap(),
        currency: "502".into(),
        lines,
    }
}

fn register(number: &str, gnums: &[u32]) -> Document {
    exemption(number, TaxExemptionAct::Register(facts(&Trade::new(1), gnums)))
}

fn refuse() -> TaxExemptionAct {
    TaxExemptionAct::Refuse { reason: ExemptionRefusal::Goods, decision: Hash([7; 32]) }
}

fn left() -> World {
    let mut world = zone();
    world.departed(&Trade::new(1), "30");
    world
}

fn state(world: &World, number: &str) -> ExemptionState {
    let entry = world.entry(Register::TaxExemption, MERCHANT, number).unwrap();
    let Content::TaxExemption(own) = entry.content else { unreachable!() };
    assert_eq!(own.decision.is_some(), own.state != ExemptionState::Registered);
    own.state
}

#[test]
fn lines_of_an_export_are_registered_and_confirmed() {
    let mut world = left();
    world.does(MERCHANT, &register("X1", &[1]));
    world.does(MERCHANT, &register("X2", &[2]));
    assert_eq!(state(&world, "X1"), ExemptionState::Registered);
    let confirm = exemption("X1", TaxExemptionAct::Confirm);
    for stranger in [MERCHANT, PLATFORM, AGENCY, COMMERCE] {
        assert_eq!(world.declines(stranger, &confirm), Rejection::NotItsPart, "{stranger}");
    }
    world.does(TAX, &confirm);
    assert!(matches!(world.send_as(&code(TAX), &confirm), Outcome::Repeated { .. }));
    world.does(TAX, &exemption("X2", refuse()));
    assert_eq!(state(&world, "X1"), ExemptionState::Confirmed);
    assert_eq!(state(&world, "X2"), ExemptionState::Refused);
    for number in ["X1", "X2"] {
        let withdraw = exemption(number, TaxExemptionAct::Withdraw);
        assert_eq!(world.declines(MERCHANT, &withdraw), Rejection::ActNotNow);
    }
    assert_eq!(world.declines(TAX, &exemption("X1", refuse())), Rejection::ActNotNow);
    assert_eq!(
        world.declines(TAX, &exemption("X2", TaxExemptionAct::Confirm)),
        Rejection::ActNotNow
    );
}

#[test]
fn a_line_is_in_one_registration_that_stands() {
    let mut world = left();
    world.does(MERCHANT, &register("X1", &[1]));
    assert_eq!(world.declines(MERCHANT, &register("X2", &[1, 2])), Rejection::TakenByAnother);
    // What was refused has taken nothing.
    world.does(MERCHANT, &register("X3", &[2]));
    assert_eq!(world.declines(MERCHANT, &register("X3", &[1])), Rejection::EntryExists);
    let withdraw = exemption("X1", TaxExemptionAct::Withdraw);
    assert_eq!(world.declines(TAX, &withdraw), Rejection::NotItsPart);
    world.does(MERCHANT, &withdraw);
    world.does(TAX, &exemption("X3", refuse()));
    world.does(MERCHANT, &register("X4", &[1, 2]));
    world.does(TAX, &exemption("X4", TaxExemptionAct::Confirm));
    assert_eq!(world.declines(MERCHANT, &register("X5", &[2])), Rejection::TakenByAnother);

    let mut world = left();
    let both = [register("X1", &[1]), register("X2", &[1])];
    assert_eq!(world.in_one_block(MERCHANT, &both), [None, Some(Rejection::TakenByAnother)]);
}

#[test]
fn what_is_registered_is_what_the_list_says() {
    type Change = fn(&mut ExemptionFacts);
    let changes: [(&str, Change); 8] = [
        ("exportDate", |facts| facts.export_date = "20261125".parse().unwrap()),
        ("currency", |facts| facts.currency = "142".into()),
        ("lines[1].gnum", |facts| facts.lines[1].gnum = 3),
        ("lines[0].gname", |facts| facts.lines[0].gname = "测试花瓶".into()),
        ("lines[1].unit", |facts| facts.lines[1].unit = "035".into()),
        ("lines[0].qty", |facts| facts.lines[0].qty = decimal("3.00001")),
        ("lines[0].price", |facts| facts.lines[0].price = decimal("21")),
        ("lines[1].totalPrice", |facts| facts.lines[1].total_price = decimal("40.01")),
    ];
    let mut world = left();
    for (field, change) in changes {
        let mut stated = facts(&Trade::new(1), &[1, 2]);
        change(&mut stated);
        let document = exemption("X1", TaxExemptionAct::Register(stated));
        let refusal = refusal(world.send_as(&code(MERCHANT), &document));
        assert_eq!((rejection(&refusal), refusal.field.as_str()), (Rejection::FactsDiffer, field));
        assert!(!refusal.found.contains("测试"), "names stay out of receipts");
    }
    let malformed: [(Rejection, Change); 7] = [
        (Rejection::PartsMalformed, |facts| facts.lines.clear()),
        (Rejection::PartsMalformed, |facts| facts.lines.reverse()),
        (Rejection::PartsMalformed, |facts| {
            facts.case.direction = crate::policy::Direction::Import;
        }),
        (Rejection::PartsMalformed, |facts| {
            facts.lines =
                (1..=101).map(|gnum| ExemptLine { gnum, ..facts.lines[0].clone() }).collect();
        }),
        (Rejection::CodeMalformed, |facts| facts.lines[0].unit = "11".into()),
        (Rejection::NumberNegative, |facts| facts.lines[0].qty = decimal("-1")),
        (Rejection::TextTooLong, |facts| facts.lines[0].gname = "茶".repeat(251)),
    ];
    for (expected, change) in malformed {
        let mut stated = facts(&Trade::new(1), &[1, 2]);
        change(&mut stated);
        let document = exemption("X1", TaxExemptionAct::Register(stated));
        assert_eq!(world.declines(MERCHANT, &document), expected);
    }
    world.does(MERCHANT, &register("X1", &[1, 2]));
}

#[test]
fn only_an_enterprise_of_a_park_registers_its_own_exports_that_left() {
    let mut world = left();
    let stated = facts(&Trade::new(1), &[1]);
    let act = TaxExemptionAct::Register(stated);
    let (owner, number) = (code(PLATFORM), "X1".to_owned());
    let document = fixture::governance(Body::TaxExemption(TaxExemption { owner, number, act }));
    assert_eq!(world.declines(PLATFORM, &document), Rejection::NotItsPart, "it is of no park");
    for document in own::documents(&Trade::new(2)).iter().take(4) {
        world.hears_of(document);
    }
    let act = TaxExemptionAct::Register(facts(&Trade::new(2), &[1]));
    assert_eq!(
        world.declines(MERCHANT, &exemption("X1", act)),
        Rejection::TradeUnfit,
        "it is here"
    );
    let act = TaxExemptionAct::Register(facts(&Trade::new(3), &[1]));
    assert_eq!(world.declines(MERCHANT, &exemption("X1", act)), Rejection::TradeUnfit);
    let act = TaxExemptionAct::Withdraw;
    assert_eq!(world.declines(MERCHANT, &exemption("X1", act)), Rejection::ActNotNow);
}

#[test]
fn what_came_back_is_not_confirmed() {
    let mut world = left();
    world.does(MERCHANT, &register("X1", &[1]));
    world.hears_of(&own::application(&Trade::new(1)));
    world.hears_of(&own::tally(&Trade::new(1)));
    let confirm = exemption("X1", TaxExemptionAct::Confirm);
    assert_eq!(world.declines(TAX, &confirm), Rejection::TradeUnfit);
    world.does(TAX, &exemption("X1", refuse()));
}

#[test]
fn a_registration_is_shown_to_its_owner() {
    let mut world = left();
    world.does(MERCHANT, &register("X1", &[1]));
    let entry = world.entry(Register::TaxExemption, MERCHANT, "X1").unwrap();
    assert_eq!(entry.shown_to(&code(MERCHANT)), Some(entry.clone()));
    for stranger in [PLATFORM, BANK] {
        assert_eq!(entry.shown_to(&code(stranger)), None);
    }
    let business = |role| {
        let roles = [crate::registry::Role::Agency, role];
        let agency = fixture::organisation(&code("TESTGOV009"), "测试", &roles);
        crate::access::business(&agency).contains(&Register::TaxExemption.kind())
    };
    assert!(business(crate::registry::Role::Tax) && !business(crate::registry::Role::Forex));
}
