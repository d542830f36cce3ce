use super::*;
use crate::registry::Role;
use proptest::prelude::*;
use std::collections::BTreeMap;

#[derive(Default)]
struct Memory(BTreeMap<Vec<u8>, FeatureRecord>);

impl FeatureStore for Memory {
    fn record(&mut self, key: &[u8], _: Option<u32>) -> Result<&mut FeatureRecord, StateError> {
        Ok(self.0.entry(key.to_vec()).or_default())
    }
}

fn feature(name: &str, on: Subject, key: &[&str], measure: Measure, of: Option<&str>) -> Feature {
    Feature {
        name: name.to_owned(),
        on,
        key: key.iter().map(|name| (*name).to_owned()).collect(),
        when: None,
        measure,
        of: of.map(str::to_owned),
        percent: (measure == Measure::Quantile).then_some(50),
        window: Window::Day,
    }
}

fn rule(id: &str, on: Subject, when: &str) -> RiskRule {
    RiskRule {
        id: id.to_owned(),
        pattern: "testing".to_owned(),
        on,
        target: Target::Trade,
        when: when.to_owned(),
        reaches: Vec::new(),
        weight: 40,
        owner: Role::Customs,
        en: "a test".to_owned(),
        zh: "测试".to_owned(),
    }
}

fn policy(features: Vec<Feature>, rules: Vec<RiskRule>) -> RiskPolicy {
    RiskPolicy { features, rules, ..RiskPolicy::none() }
}

fn sound(policy: &RiskPolicy) -> Engine {
    let (engine, faults) = Engine::compile(policy);
    assert_eq!(faults, []);
    engine
}

const NOON: Millis = Millis(1_795_420_800_000);

fn trade<'a>(payer: &'a [u8], buyer: &'a [u8]) -> Observation<'a> {
    let mut said = Observation::new(Subject::Trade);
    said.set(Fact::Payer, Value::Key(payer));
    said.set(Fact::Buyer, Value::Key(buyer));
    said.set(Fact::Merchant, Value::Text("TESTMERCHANT01"));
    said
}

#[test]
fn a_rule_fires_when_what_was_counted_reaches_its_bound() {
    let buyers =
        feature("buyers", Subject::Trade, &["trade.payer"], Measure::Distinct, Some("trade.buyer"));
    let engine =
        sound(&policy(vec![buyers], vec![rule("R01", Subject::Trade, "feature.buyers >= 3")]));
    let mut memory = Memory::default();
    let mut ask = |payer: &[u8], buyer: &[u8], now| {
        engine.observe(&trade(payer, buyer), now, &mut memory).unwrap()
    };
    assert_eq!(ask(&[1], &[1], NOON), []);
    assert_eq!(ask(&[1], &[2], NOON), []);
    assert_eq!(ask(&[1], &[2], NOON), [], "the same buyer again is no third");
    assert_eq!(ask(&[2], &[3], NOON), [], "another payer's");
    let fired = ask(&[1], &[3], NOON);
    let values = vec![("feature.buyers".to_owned(), "3".to_owned())];
    let (target, reached) = (Target::Trade, Vec::new());
    assert_eq!(fired, [Fired { rule: 0, target, weight: 40, values, reached }]);
    assert_eq!(ask(&[1], &[4], Millis(NOON.0 + 86_400_000)), [], "the next day begins again");
}

#[test]
fn a_median_is_that_of_the_article() {
    let price =
        feature("price", Subject::Line, &["line.sku"], Measure::Quantile, Some("line.price"));
    let count = feature("sold", Subject::Line, &["line.sku"], Measure::Count, None);
    let when = "feature.sold >= 5 && line.price * 10 < feature.price * 7";
    let engine = sound(&policy(vec![price, count], vec![rule("R02", Subject::Line, when)]));
    let mut memory = Memory::default();
    let mut ask = |sku: &'static str, price: i64| {
        let mut line = Observation::new(Subject::Line);
        line.set(Fact::Sku, Value::Text(sku));
        line.set(Fact::Price, Value::Decimal(Decimal::from_integer(price).unwrap()));
        !engine.observe(&line, NOON, &mut memory).unwrap().is_empty()
    };
    for price in [100, 102, 98, 101, 99] {
        assert!(!ask("A", price));
    }
    assert!(ask("A", 60));
    assert!(!ask("A", 80));
    assert!(!ask("B", 60), "another article has a median of its own");
    assert_eq!(memory.0.len(), 2, "features of one key share a record");
}

#[test]
fn what_a_policy_gets_wrong_is_named_with_its_place() {
    let counted = feature("parcels", Subject::Delivery, &["trade.address"], Measure::Count, None);
    let wrong_key = feature("bad_key", Subject::Export, &["trade.payer"], Measure::Count, None);
    let no_of = feature("bad_sum", Subject::Trade, &["trade.payer"], Measure::Sum, None);
    let rules = vec![
        rule("R1", Subject::Trade, "feature.parcel > 3"),
        rule("R2", Subject::Export, "feature.parcels > 3"),
        rule("R3", Subject::Trade, "trade.value / 2 > 3"),
        rule("R4", Subject::Trade, "delivery.time > 3"),
        rule("R5", Subject::Trade, "trade.value"),
    ];
    let (engine, faults) = Engine::compile(&policy(vec![counted, wrong_key, no_of], rules));
    let paths: Vec<&str> = faults.iter().map(|fault| fault.path.as_str()).collect();
    let expected = [
        "risk.features[1].key",
        "risk.features[2].of",
        "risk.rules[0].when",
        "risk.rules[1].when",
        "risk.rules[2].when",
        "risk.rules[3].when",
        "risk.rules[4].when",
    ];
    assert_eq!(paths, expected);
    assert_eq!(faults[2].position, Some((1, 1)));
    assert!(faults[3].to_string().contains("trade.address"), "{}", faults[3]);
    assert_eq!(engine.rules.len(), 0, "nothing faulty ever fires");
}

#[test]
fn a_feature_that_is_declared_otherwise_begins_again() {
    let old = feature("seen", Subject::Trade, &["trade.payer"], Measure::Count, None);
    let new = Feature { when: Some("trade.lines == 0".to_owned()), ..old.clone() };
    let fires = |feature: &Feature| {
        let rules = vec![rule("R", Subject::Trade, "feature.seen >= 2")];
        sound(&policy(vec![feature.clone()], rules))
    };
    let (old, new) = (fires(&old), fires(&new));
    let mut memory = Memory::default();
    let mut ask = |engine: &Engine| {
        !engine.observe(&trade(&[1], &[1]), NOON, &mut memory).unwrap().is_empty()
    };
    assert!(!ask(&old));
    assert!(ask(&old));
    assert!(!ask(&new));
}

#[test]
fn what_has_no_key_is_not_counted() {
    let seen = feature("seen", Subject::Trade, &["trade.book"], Measure::Count, None);
    let engine = sound(&policy(vec![seen], vec![rule("R", Subject::Trade, "feature.seen > 0")]));
    let mut memory = Memory::default();
    let mut said = trade(&[1], &[1]);
    said.set(Fact::Book, Value::Text(""));
    assert_eq!(engine.observe(&said, NOON, &mut memory).unwrap(), []);
    assert!(memory.0.is_empty());
}

#[test]
fn a_rule_reaches_only_what_features_remember() {
    let recent =
        |name: &str, key: &str| feature(name, Subject::Trade, &[key], Measure::Recent, None);
    let counted = feature("seen", Subject::Trade, &["trade.payer"], Measure::Count, None);
    let features = vec![recent("payers", "trade.payer"), recent("books", "trade.book"), counted];
    let reaching = |on: Subject, names: &[&str]| RiskRule {
        reaches: names.iter().map(|name| (*name).to_owned()).collect(),
        ..rule("R", on, "true")
    };
    let check = |rule: RiskRule, expected: &[&str]| {
        let faults = Engine::compile(&policy(features.clone(), vec![rule])).1;
        let paths: Vec<&str> = faults.iter().map(|fault| fault.path.as_str()).collect();
        assert_eq!(paths, expected, "{faults:?}");
    };
    let (first, last) = ("feature.payers", "last.payers");
    check(reaching(Subject::Trade, &[first, last, "feature.books", "last.books"]), &[]);
    check(reaching(Subject::Trade, &[first; REACHES_MAX + 1]), &["risk.rules[0].reaches"]);
    for wrong in ["payers", "feature.seen", "feature.nobody", "trade.payer"] {
        check(reaching(Subject::Trade, &[first, wrong]), &["risk.rules[0].reaches[1]"]);
    }
    check(reaching(Subject::Turn, &[first]), &["risk.rules[0].reaches[0]"]);
    let of_merchant = RiskRule { target: Target::Merchant, ..reaching(Subject::Trade, &[first]) };
    check(of_merchant, &["risk.rules[0].reaches"]);
    let summed = Feature { of: Some("trade.paid".to_owned()), ..features[0].clone() };
    let faults = Engine::compile(&policy(vec![summed], Vec::new())).1;
    assert_eq!(faults[0].path, "risk.features[0].of");
}

/// Keys of trades with these numbers.
fn cases(numbers: std::ops::Range<u32>) -> Vec<CaseKey> {
    let case = |own: u32| {
        let platform = "TESTPLAT01".parse().unwrap();
        CaseKey { platform, order_no: format!("TEST{own}") }
    };
    numbers.map(case).collect()
}

proptest! {
    #[test]
    fn what_is_reached_is_earlier_of_the_same_key_and_bounded(
        seen in proptest::collection::vec((0u8..3, 0u8..3, 0usize..30, 0u64..3), 1..80),
    ) {
        let recent = |name: &str, key: &str| {
            feature(name, Subject::Trade, &[key], Measure::Recent, None)
        };
        let features = vec![recent("payers", "trade.payer"), recent("buyers", "trade.buyer")];
        let names = ["feature.payers", "last.payers", "feature.buyers", "last.buyers"];
        let own = RiskRule {
            reaches: names.map(str::to_owned).to_vec(),
            ..rule("R", Subject::Trade, "true")
        };
        let engine = sound(&policy(features, vec![own]));
        let (mut memory, cases, mut day) = (Memory::default(), cases(0..30), 0);
        let mut before: Vec<(u8, u8, usize, u64)> = Vec::new();
        for (payer, buyer, number, days) in seen {
            day += days;
            let (one, two) = ([payer], [buyer]);
            let mut said = trade(&one, &two);
            said.trade = Some((Direction::Import, &cases[number]));
            let now = Millis(NOON.0 + day * 86_400_000);
            let fired = engine.observe(&said, now, &mut memory).unwrap();
            let reached = &fired[0].reached;
            prop_assert!(reached.len() <= REACHES_MAX * crate::limits::RECENT_MAX);
            for (place, own) in reached.iter().enumerate() {
                prop_assert!(own.1 != cases[number] && !reached[..place].contains(own));
                let is_known = before.iter().any(|(a, b, known, when)| {
                    own.1 == cases[*known] && (*a == payer || *b == buyer) && day <= when + 1
                });
                prop_assert!(is_known, "{:?}", own);
            }
            // The trade right before it of the same payer is among them.
            let last = before.iter().rev().find(|(a, _, _, when)| *a == payer && day <= when + 1);
            if let Some((_, _, known, _)) = last.filter(|(_, _, known, _)| *known != number) {
                let last = (Direction::Import, cases[*known].clone());
                prop_assert!(reached.contains(&last));
            }
            before.push((payer, buyer, number, day));
        }
    }

    #[test]
    fn the_order_of_counting_does_not_matter(
        seen in proptest::collection::vec((0u8..4, 0u8..6, 0i64..1_000), 1..60),
        seed in any::<u64>(),
    ) {
        let features = vec![
            feature("a", Subject::Trade, &["trade.payer"], Measure::Count, None),
            feature("b", Subject::Trade, &["trade.payer"], Measure::Distinct, Some("trade.buyer")),
            feature("c", Subject::Trade, &["trade.payer"], Measure::Sum, Some("trade.pay_time")),
            feature("d", Subject::Trade, &["trade.payer"], Measure::Quantile, Some("trade.paid")),
        ];
        let engine = sound(&policy(features, Vec::new()));
        let count = |seen: &[(u8, u8, i64)]| {
            let mut memory = Memory::default();
            for (payer, buyer, number) in seen {
                let (payer, buyer) = ([*payer], [*buyer]);
                let mut said = trade(&payer, &buyer);
                said.set(Fact::PayTime, Value::Int(*number));
                said.set(Fact::Paid, Value::Decimal(Decimal::from_integer(*number).unwrap()));
                engine.observe(&said, NOON, &mut memory).unwrap();
            }
            memory.0
        };
        let mut shuffled = seen.clone();
        let mut state = seed;
        for place in (1..shuffled.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            shuffled.swap(place, usize::try_from(state >> 33).unwrap() % (place + 1));
        }
        prop_assert_eq!(count(&seen), count(&shuffled));
    }
}
