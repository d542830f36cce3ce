//! Frozen lots: who does what to them, what is found, and that no weight is made or lost.

use super::*;
use crate::document::{ColdPlace, ColdReadings, Excursion, FrozenLotAct, LotDecision, LotFacts};
use crate::fixture::export::SITE;
use crate::fixture::goods::{
    arrive, cold_readings, cold_store, frozen_lot, lot_documents, lot_facts,
};
use crate::fixture::{AGENCY, CARRIER, DECLARANT, MERCHANT, PLATFORM, code, decimal, time};
use crate::register::{self, ColdRule, Content, EntryKey, FrozenLot, LotState, Register};
use crate::registry::Role;
use kanhe_types::decimal::Decimal;
use proptest::prelude::*;

const MARKET: &str = "TESTMKT001";
const LOT: &str = "TESTLOT01";

fn trading() -> World {
    let mut organisations = fixture::export::exporters();
    let roles = [Role::Agency, Role::Market];
    organisations.push(fixture::organisation(&code(MARKET), "测试市监甲", &roles));
    organisations.sort_by(|one, two| one.code.cmp(&two.code));
    World::with(&organisations)
}

impl World {
    fn lot(&self, number: &str) -> Option<FrozenLot> {
        let register = Register::FrozenLot;
        let key = EntryKey { register, owner: code(MERCHANT), number: number.to_owned() };
        match register::entry(&self.state, &key).unwrap()?.content {
            Content::FrozenLot(own) => Some(own),
            other => panic!("{other:?}"),
        }
    }

    fn lot_does(&mut self, signer: &str, act: FrozenLotAct) {
        let outcome = self.send_as(&code(signer), &frozen_lot(LOT, act));
        assert_eq!(outcome, Outcome::Accepted { case: None });
    }

    fn lot_refuses(&mut self, signer: &str, act: FrozenLotAct) -> Rejection {
        rejection(&refusal(self.send_as(&code(signer), &frozen_lot(LOT, act))))
    }

    fn found(&self) -> Vec<(ColdRule, &'static str)> {
        let findings = self.lot(LOT).unwrap().findings(&self.policy);
        findings.iter().map(|own| (own.rule, own.field)).collect()
    }
}

fn open() -> FrozenLotAct {
    FrozenLotAct::Open(Box::new(lot_facts()))
}

fn open_with(change: impl FnOnce(&mut LotFacts)) -> FrozenLotAct {
    let mut facts = lot_facts();
    change(&mut facts);
    FrozenLotAct::Open(Box::new(facts))
}

fn readings(from: &str, to: &str) -> FrozenLotAct {
    FrozenLotAct::Readings(cold_readings(from, to))
}

fn read_with(from: &str, to: &str, change: impl FnOnce(&mut ColdReadings)) -> FrozenLotAct {
    let mut own = cold_readings(from, to);
    change(&mut own);
    FrozenLotAct::Readings(own)
}

fn excursion(from: &str, to: &str, peak_tenths: i16) -> Excursion {
    Excursion { from: time(from), to: time(to), peak_tenths }
}

fn split(number: &str, weight: &str) -> FrozenLotAct {
    FrozenLotAct::Split { number: number.into(), weight: decimal(weight), pieces: 1 }
}

fn sell(weight: &str) -> FrozenLotAct {
    FrozenLotAct::Sell { buyer: Hash([4; 32]), weight: decimal(weight) }
}

fn decide(decision: LotDecision) -> FrozenLotAct {
    FrozenLotAct::Decide { decision, document: Hash([5; 32]) }
}

fn inspect(passed: bool) -> FrozenLotAct {
    FrozenLotAct::Inspect { passed, report: Hash([6; 32]) }
}

#[test]
fn a_lot_goes_from_its_loading_to_its_sale_without_a_finding() {
    let mut world = trading();
    world.lot_does(MERCHANT, open());
    world.lot_does(CARRIER, readings("20261101080000", "20261120080000"));
    world.lot_does(CARRIER, arrive());
    world.lot_does(CARRIER, FrozenLotAct::Move { keeper: cold_store() });
    let in_store = |own: &mut ColdReadings| {
        own.place = ColdPlace::ColdStore;
        own.place_no = "ROOM1".into();
    };
    world.lot_does(SITE, read_with("20261120085900", "20261123080000", in_store));
    world.lot_does(AGENCY, inspect(true));
    assert_eq!(world.lot_refuses(MERCHANT, sell("1")), Rejection::ActNotNow);
    world.lot_does(AGENCY, decide(LotDecision::Release));
    world.lot_does(MERCHANT, sell("15000"));
    let weigh = FrozenLotAct::Weigh { weight: decimal("5000.1"), report: Hash([7; 32]) };
    world.lot_does(SITE, weigh);
    let lot = world.lot(LOT).unwrap();
    assert_eq!((lot.left(), lot.state), (decimal("5000"), LotState::Released));
    assert_eq!(lot.findings(&world.policy), []);
    assert_eq!(world.lot_refuses(MERCHANT, sell("5000.00001")), Rejection::AmountUnfit);
    world.lot_does(MERCHANT, sell("5000"));
    assert_eq!(world.lot(LOT).unwrap().left(), Decimal::ZERO);
}

#[test]
fn each_act_is_one_organisations_to_do() {
    let mut world = trading();
    let other = frozen_lot(LOT, open());
    let outcome = world.send_as(&code(PLATFORM), &other);
    assert_eq!(rejection(&refusal(outcome)), Rejection::EntryUnknown);
    world.lot_does(MERCHANT, open());
    assert_eq!(world.lot_refuses(SITE, arrive()), Rejection::NotItsPart);
    assert_eq!(
        world.lot_refuses(MERCHANT, readings("20261101080000", "20261102080000")),
        Rejection::NotItsPart
    );
    let to = |keeper: &str| FrozenLotAct::Move { keeper: code(keeper) };
    assert_eq!(world.lot_refuses(SITE, to(SITE)), Rejection::NotItsPart);
    assert_eq!(world.lot_refuses(MERCHANT, to(DECLARANT)), Rejection::CounterpartyUnfit);
    assert_eq!(world.lot_refuses(MERCHANT, to("NOBODY")), Rejection::CounterpartyUnfit);
    assert_eq!(
        world.lot_refuses(AGENCY, decide(LotDecision::Release)),
        Rejection::ActNotNow,
        "it has not arrived"
    );
    world.lot_does(CARRIER, arrive());
    assert_eq!(world.lot_refuses(CARRIER, arrive_again()), Rejection::ActNotNow);
    world.lot_does(MARKET, inspect(false));
    assert_eq!(world.lot_refuses(MARKET, decide(LotDecision::Hold)), Rejection::NotItsPart);
    assert_eq!(world.lot_refuses(MERCHANT, decide(LotDecision::Hold)), Rejection::NotItsPart);
    assert_eq!(world.lot_refuses(CARRIER, inspect(true)), Rejection::NotItsPart);
    assert_eq!(world.lot_refuses(CARRIER, split("TESTLOT02", "1")), Rejection::NotItsPart);
    world.lot_does(AGENCY, decide(LotDecision::Hold));
    assert_eq!(world.lot_refuses(MERCHANT, split("TESTLOT02", "1")), Rejection::ActNotNow);
    world.lot_does(AGENCY, decide(LotDecision::Destroy));
    let lot = world.lot(LOT).unwrap();
    assert_eq!((lot.destroyed, lot.left()), (decimal("20000"), Decimal::ZERO));
    assert_eq!(world.lot_refuses(AGENCY, decide(LotDecision::Release)), Rejection::ActNotNow);
}

fn arrive_again() -> FrozenLotAct {
    let time = time("20261121080000");
    FrozenLotAct::Arrive { time, weight: decimal("20000"), pieces: 1_000 }
}

#[test]
fn what_cannot_be_is_refused() {
    let mut world = trading();
    for (act, expected) in [
        (open_with(|own| own.gcode = "0402300090".into()), Rejection::CodeMalformed),
        (open_with(|own| own.gcode = "0202".into()), Rejection::CodeMalformed),
        (open_with(|own| own.pieces = 0), Rejection::NumberNotPositive),
        (open_with(|own| own.net_weight = Decimal::ZERO), Rejection::NumberNotPositive),
        (open_with(|own| own.warmest_tenths = Some(-179)), Rejection::AmountUnfit),
        (open_with(|own| own.loaded = time("20261124080000")), Rejection::DatesUnfit),
        (open_with(|own| own.keeper = code(PLATFORM)), Rejection::CounterpartyUnfit),
        (arrive(), Rejection::ActNotNow),
        (FrozenLotAct::Part { of: "TESTLOT00".into() }, Rejection::EntryUnknown),
    ] {
        assert_eq!(world.lot_refuses(MERCHANT, act.clone()), expected, "{act:?}");
    }
    world.lot_does(MERCHANT, open_with(|own| own.warmest_tenths = Some(-180)));
    assert_eq!(world.lot_refuses(MERCHANT, open()), Rejection::EntryExists);
    let day = ("20261102080000", "20261103080000");
    let many = |own: &mut ColdReadings| {
        let one = |number| {
            let at = |second: u32| format!("20261102090{}{:02}", second / 60, second % 60);
            excursion(&at(number), &at(number + 1), -100)
        };
        own.excursions = (0..33).map(one).collect();
    };
    for (act, expected) in [
        (readings("20261103080000", "20261103080000"), Rejection::DatesUnfit),
        (readings("20261103080000", "20261123160001"), Rejection::DatesUnfit),
        (readings("20261001080000", "20261101075959"), Rejection::DatesUnfit),
        (read_with(day.0, day.1, |own| own.count = 0), Rejection::NumberNotPositive),
        (read_with(day.0, day.1, |own| own.minimum_tenths = -184), Rejection::AmountUnfit),
        (read_with(day.0, day.1, |own| own.minimum_tenths = -1_001), Rejection::AmountUnfit),
        (read_with(day.0, day.1, many), Rejection::PartsMalformed),
        (
            read_with(day.0, day.1, |own| {
                own.excursions = vec![excursion("20261102075959", "20261102090000", -100)];
            }),
            Rejection::DatesUnfit,
        ),
    ] {
        assert_eq!(world.lot_refuses(CARRIER, act.clone()), expected, "{act:?}");
    }
    world.lot_does(CARRIER, readings(day.0, day.1));
    let overlapping = readings("20261103075959", "20261104080000");
    assert_eq!(world.lot_refuses(CARRIER, overlapping), Rejection::DatesUnfit);
    let elsewhere = |own: &mut ColdReadings| own.place_no = "TEST0000002".into();
    world.lot_does(CARRIER, read_with("20261103075959", "20261104080000", elsewhere));
    world.lot_does(CARRIER, readings("20261103080000", "20261104080000"));
}

#[test]
fn a_lot_is_found_with_missing_or_expired_documents() {
    let mut world = trading();
    world.lot_does(MERCHANT, open_with(|own| own.documents = Default::default()));
    world.lot_does(CARRIER, readings("20261101080000", "20261120080000"));
    assert_eq!(world.found(), [], "it has not arrived");
    world.lot_does(CARRIER, arrive());
    assert_eq!(world.found(), [(ColdRule::C01, "health"), (ColdRule::C01, "permit")]);
    let mut late = lot_documents();
    late.health.as_mut().unwrap().issued = "20261121".parse().unwrap();
    late.permit.as_mut().unwrap().valid_until = "20261119".parse().unwrap();
    world.lot_does(MERCHANT, FrozenLotAct::Show(late));
    let fields = [(ColdRule::C01, "health.issued"), (ColdRule::C01, "permit.validUntil")];
    assert_eq!(world.found(), fields);
    let finding = &world.lot(LOT).unwrap().findings(&world.policy)[1];
    assert_eq!(
        (finding.expected.as_str(), finding.found.as_str()),
        ("20261120 or later", "20261119")
    );
    let expected =
        "到港时证件缺失或不在有效期内：应为 20261120 or later，实为 20261119（permit.validUntil）";
    assert_eq!(finding.chinese(), expected);
    let mut last_day = lot_documents();
    last_day.health.as_mut().unwrap().issued = "20261120".parse().unwrap();
    last_day.permit.as_mut().unwrap().valid_until = "20261120".parse().unwrap();
    world.lot_does(MERCHANT, FrozenLotAct::Show(last_day));
    assert_eq!(world.found(), []);
}

#[test]
fn warmth_gaps_and_contradictions_are_found() {
    let mut world = trading();
    world.lot_does(MERCHANT, open());
    // Thirty minutes are allowed; a second more is not, and a cold peak is none.
    world.lot_does(
        CARRIER,
        read_with("20261101090000", "20261110080000", |own| {
            own.maximum_tenths = -121;
            own.excursions = vec![
                excursion("20261102080000", "20261102083000", -121),
                excursion("20261103080000", "20261103083001", -130),
                excursion("20261104080000", "20261104180000", -180),
            ];
        }),
    );
    assert_eq!(world.found(), [(ColdRule::C02, "readings.excursions")]);
    let finding = &world.lot(LOT).unwrap().findings(&world.policy)[0];
    assert_eq!(finding.expected, "above -18.0 °C for at most 30 min");
    assert_eq!(finding.found, "-13.0 °C, 31 min from 20261103080000 to 20261103083001");
    // A gap of an hour is allowed; a second more is not.
    world.lot_does(CARRIER, readings("20261110090001", "20261119080000"));
    let gap = (ColdRule::C03, "readings");
    assert_eq!(world.found()[1..], [gap]);
    world.lot_does(CARRIER, arrive());
    assert_eq!(world.found()[1..], [gap, gap], "and a day before it arrives");
    for (maximum_tenths, peak) in [(-179, None), (-120, Some(-121)), (-122, Some(-121))] {
        let mut world = trading();
        world.lot_does(MERCHANT, open());
        let contradicts = |own: &mut ColdReadings| {
            own.maximum_tenths = maximum_tenths;
            let excursion = |peak| excursion("20261102080000", "20261102080001", peak);
            own.excursions = peak.map(excursion).into_iter().collect();
        };
        world.lot_does(CARRIER, read_with("20261101080000", "20261103080000", contradicts));
        assert_eq!(world.found(), [(ColdRule::C05, "readings.maximumTenths")], "{peak:?}");
    }
}

#[test]
fn weights_that_do_not_add_up_are_found() {
    let mut world = trading();
    world.lot_does(MERCHANT, open());
    world.lot_does(CARRIER, readings("20261101080000", "20261120080000"));
    let arrive = |weight, pieces| FrozenLotAct::Arrive {
        time: time("20261120080000"),
        weight: decimal(weight),
        pieces,
    };
    // The policy's tolerance of weights is a hundred grams.
    world.lot_does(CARRIER, arrive("19999.89999", 999));
    let fields = [(ColdRule::C04, "arrival.weight"), (ColdRule::C04, "arrival.pieces")];
    assert_eq!(world.found(), fields);
    let weigh = |weight| FrozenLotAct::Weigh { weight: decimal(weight), report: Hash([7; 32]) };
    world.lot_does(CARRIER, weigh("19999.79999"));
    assert_eq!(world.found(), fields);
    world.lot_does(CARRIER, weigh("19999.79998"));
    assert_eq!(world.found()[2..], [(ColdRule::C04, "weighings.found")]);
}

#[test]
fn a_part_begins_where_the_lot_stands_and_its_number_is_its_own() {
    let mut world = trading();
    world.lot_does(MERCHANT, open());
    assert_eq!(world.lot_refuses(MERCHANT, split("TESTLOT02", "1")), Rejection::ActNotNow);
    world.lot_does(CARRIER, arrive());
    let other = frozen_lot("TESTLOT03", open());
    assert_eq!(world.send_as(&code(MERCHANT), &other), Outcome::Accepted { case: None });
    assert_eq!(world.lot_refuses(MERCHANT, split("TESTLOT03", "1")), Rejection::TakenByAnother);
    assert_eq!(world.lot_refuses(MERCHANT, split(LOT, "1")), Rejection::EntryExists);
    assert_eq!(
        world.lot_refuses(MERCHANT, split("TESTLOT02", "20000.00001")),
        Rejection::AmountUnfit
    );
    world.lot_does(MERCHANT, split("TESTLOT02", "8000"));
    assert_eq!(world.lot_refuses(MERCHANT, split("TESTLOT02", "2")), Rejection::EntryExists);
    let whole = frozen_lot("TESTLOT02", open());
    let refused = rejection(&refusal(world.send_as(&code(MERCHANT), &whole)));
    assert_eq!(refused, Rejection::TakenByAnother, "the number is a part's");
    world.lot_does(AGENCY, decide(LotDecision::Destroy));
    let part = frozen_lot("TESTLOT02", FrozenLotAct::Part { of: LOT.into() });
    assert_eq!(world.send_as(&code(MERCHANT), &part), Outcome::Accepted { case: None });
    let part = world.lot("TESTLOT02").unwrap();
    assert_eq!((part.left(), part.state), (decimal("8000"), LotState::Held));
    assert_eq!(part.part_of.as_deref(), Some(LOT));
    assert_eq!(part.findings(&world.policy), []);
    assert_eq!(world.lot(LOT).unwrap().destroyed, decimal("12000"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// What arrived is what is left, sold and destroyed in all lots, and in parts not opened yet.
    #[test]
    fn no_weight_is_made_or_lost(
        acts in prop::collection::vec((0u8..6, 0u8..4, 1u32..9_000), 1..40)
    ) {
        let mut world = trading();
        world.lot_does(MERCHANT, open());
        world.lot_does(CARRIER, arrive());
        world.lot_does(AGENCY, decide(LotDecision::Release));
        let number = |own: u8| format!("TESTLOT0{}", own + 1);
        for (act, lot, weight) in acts {
            let other = number((lot + act) % 4);
            let (signer, act) = match act {
                0 | 1 => (MERCHANT, split(&other, &weight.to_string())),
                2 => (MERCHANT, FrozenLotAct::Part { of: other }),
                3 => (MERCHANT, sell(&weight.to_string())),
                4 if 8_000 < weight => (AGENCY, decide(LotDecision::Destroy)),
                4 => (AGENCY, decide(LotDecision::Hold)),
                _ => (AGENCY, decide(LotDecision::Release)),
            };
            world.send_as(&code(signer), &frozen_lot(&number(lot), act));
        }
        let lots: Vec<(String, FrozenLot)> =
            (0..4).map(number).filter_map(|own| Some((own.clone(), world.lot(&own)?))).collect();
        let mut total = Decimal::ZERO;
        for (_, lot) in &lots {
            prop_assert!(!lot.left().is_negative());
            let unopened = lot
                .parts
                .iter()
                .filter(|part| lots.iter().all(|(own, _)| *own != part.number))
                .map(|part| part.weight);
            for weight in [lot.left(), lot.sold, lot.destroyed].into_iter().chain(unopened) {
                total = total.checked_add(weight).unwrap();
            }
        }
        prop_assert_eq!(total, decimal("20000"));
    }
}
