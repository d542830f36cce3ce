//! What holds after every sequence of documents about risk.

use super::*;
use crate::risk::RiskRecord;
use crate::state::StateRead;
use crate::state_key::risk_key_bytes;
use kanhe_types::codec;
use proptest::prelude::*;
use std::collections::BTreeSet;

const AGENCIES: [&str; 3] = [AGENCY, TAX, MARKET];

/// One thing that happens.
#[derive(Clone, Debug)]
enum Step {
    Act(usize, u64, AlertAct),
    Signal(usize, u64, u8, bool),
    Redeclare(u64, u64),
    Release(u64),
    Trade(u64),
    Wait(u64),
}

fn disposition() -> impl Strategy<Value = Disposition> {
    prop_oneof![
        Just(Disposition::Release),
        Just(Disposition::Inspect),
        Just(Disposition::Hold),
        Just(Disposition::Reject),
        (0usize..3).prop_map(|own| Disposition::Transfer { to: code(AGENCIES[own]) }),
    ]
}

fn an_act() -> impl Strategy<Value = AlertAct> {
    let reason = |own: u8| format!("测试{own}");
    prop_oneof![
        any::<u8>().prop_map(|own| AlertAct::Assign { desk: format!("D{own}") }),
        (disposition(), any::<u8>()).prop_map(move |(disposition, own)| AlertAct::Dispose {
            disposition,
            reason: reason(own)
        }),
        (any::<bool>(), 0u8..9).prop_map(move |(is_true, own)| AlertAct::Review {
            outcome: match is_true {
                true => ReviewOutcome::TruePositive,
                false => ReviewOutcome::FalsePositive,
            },
            recovered: is_true.then(|| fixture::decimal(&own.to_string())),
            reason: reason(own),
        }),
    ]
}

fn a_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0usize..3, 0u64..6, an_act()).prop_map(|(by, alert, act)| Step::Act(by, alert, act)),
        3 => (0usize..3, 1u64..5, 1u8..=100, any::<bool>())
            .prop_map(|(by, trade, weight, hold)| Step::Signal(by, trade, weight, hold)),
        1 => (1u64..4, 1u64..50).prop_map(|(trade, minute)| Step::Redeclare(trade, minute)),
        1 => (1u64..4).prop_map(Step::Release),
        1 => (11u64..40).prop_map(Step::Trade),
        1 => (1u64..100).prop_map(Step::Wait),
    ]
}

fn take(world: &mut World, step: Step) {
    match step {
        // What is refused is refused; nothing panics.
        Step::Act(by, alert, own) => {
            world.send_as(&code(AGENCIES[by]), &act(alert, own));
        }
        Step::Signal(by, 4, weight, _) => {
            let merchant = organisation_of(fixture::MERCHANT);
            world.send_as(&code(AGENCIES[by]), &signal(merchant, weight, false));
        }
        Step::Signal(by, trade, weight, hold) => {
            let suspect = suspect(&Trade::new(trade));
            world.send_as(&code(AGENCIES[by]), &signal(suspect, weight, hold));
        }
        Step::Redeclare(trade, minute) => {
            let list = fixture::list(&Trade::new(trade));
            world.send(&later(&list, AppType::Delete, minute));
            world.send(&later(&list, AppType::Add, minute + 1));
        }
        Step::Release(trade) => {
            let is_held = world.case(&Trade::new(trade)).risk.is_held;
            let outcome = world.releases(&Trade::new(trade));
            assert!(!is_held || !matches!(outcome, Outcome::Accepted { .. }));
        }
        // One that is there already is refused.
        Step::Trade(trade) => {
            for document in documents(&Trade::new(trade)) {
                world.send(&document);
            }
        }
        Step::Wait(hours) => world.wait(hours * HOUR),
    }
}

fn check(world: &World) {
    let bytes = world.state.get(&risk_key_bytes()).unwrap();
    let record: RiskRecord =
        bytes.map(|own| codec::decode(&own, own.len()).unwrap()).unwrap_or_default();
    let all: BTreeSet<u64> = (1..=record.alerts).collect();
    let booked: BTreeSet<u64> = AGENCIES.iter().flat_map(|own| world.book(own)).collect();
    assert_eq!(booked, all, "alerts in books are those that there are");
    assert_eq!(world.state.count(0x64), all.len());
    for number in all {
        let alert = world.alert(number);
        assert_eq!(alert.number, number);
        assert!(world.book(alert.owner.as_str()).contains(&number), "its owner has it");
        let is_decided = matches!(alert.state, AlertState::Disposed | AlertState::Reviewed);
        let disposed = alert.steps.iter().any(|own| matches!(own.act, AlertAct::Dispose { .. }));
        assert!(!is_decided || disposed);
    }
    for number in 1..=3 {
        let trade = Trade::new(number);
        let (case, found) = (world.case(&trade), world.assessed(&suspect(&trade)));
        let last = found.and_then(|own| own.alert);
        let holds = last.is_some_and(|number| world.alert(number).holds);
        assert_eq!(case.risk.is_held, holds);
        if holds {
            use CaseState::{Collecting, Matched, Mismatched};
            assert!(!matches!(case.state, Collecting | Matched | Mismatched), "{case:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn alerts_cases_and_books_agree_after_whatever_is_done(
        steps in proptest::collection::vec(a_step(), 1..40),
        policy in prop_oneof![
            Just(every_import()),
            Just(every_import_held()),
            Just(super::reaches::held_ring_of(4)),
        ],
    ) {
        let mut world = watching(policy);
        for number in 1..=3 {
            world.traded(&Trade::new(number));
        }
        check(&world);
        for step in steps {
            take(&mut world, step);
            check(&world);
        }
    }
}
