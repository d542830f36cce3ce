//! What a merchant's grade demands of the tax of its imports, and what it deposited.

use super::grades::supervised;
use super::*;
use crate::clearance::{self, Pool, PoolKey};
use crate::document::{DepositFacts, EntryAct, TaxDepositAct};
use crate::fixture::{CARRIER, MERCHANT, PLATFORM, decimal};
use crate::matching::RuleId;
use crate::policy::Measures;
use crate::register::{self, Content, DepositState, EntryKey, Register};
use kanhe_types::decimal::Decimal;
use proptest::prelude::*;

fn demanding(deposit_per_cent: u16) -> Measures {
    Measures { deposit_per_cent: Some(deposit_per_cent), ..Measures::default() }
}

/// A world in which the fixture's merchant was assessed today, and has to deposit so much of the
/// tax, 9.1 CNY for each trade.
fn secured(deposit_per_cent: u16) -> World {
    let mut world = watching(ruled(Vec::new()));
    supervised(&mut world, demanding(deposit_per_cent));
    world.traded(&Trade::new(1));
    world
}

fn deposit(number: &str, act: TaxDepositAct) -> Document {
    let (owner, number) = (code(AGENCY), number.to_owned());
    fixture::governance(Body::TaxDeposit(EntryAct { owner, number, act }))
}

fn receive_of(merchant: &str, number: &str, amount: &str) -> Document {
    let (merchant, amount, receipt) = (code(merchant), decimal(amount), Hash([1; 32]));
    deposit(number, TaxDepositAct::Receive(DepositFacts { merchant, amount, receipt }))
}

fn receive(amount: &str) -> Document {
    receive_of(MERCHANT, "D1", amount)
}

fn add(amount: &str) -> Document {
    deposit("D1", TaxDepositAct::Add { amount: decimal(amount), receipt: Hash([2; 32]) })
}

fn pay_back(amount: &str) -> Document {
    deposit("D1", TaxDepositAct::PayBack { amount: decimal(amount), payment: Hash([3; 32]) })
}

fn call(amount: &str) -> Document {
    deposit("D1", TaxDepositAct::Call { amount: decimal(amount), decision: Hash([4; 32]) })
}

fn released(trade: &Trade) -> Document {
    import::list_status(trade, "800")
}

fn pool(world: &World) -> Pool {
    let key = PoolKey::Deposit { merchant: code(MERCHANT) };
    clearance::pool(&world.state, &key).unwrap().unwrap_or_default()
}

fn held(world: &World, number: &str) -> register::TaxDeposit {
    let (owner, number) = (code(AGENCY), number.to_owned());
    let key = EntryKey { register: Register::TaxDeposit, owner, number };
    let entry = register::entry(&world.state, &key).unwrap().unwrap();
    let Content::TaxDeposit(own) = entry.content else { unreachable!() };
    own
}

fn d01(world: &World, trade: &Trade) -> Option<Verdict> {
    let case = world.case(trade);
    case.outcomes.iter().find(|own| own.rule == RuleId::D01).map(|own| own.verdict)
}

#[test]
fn a_release_waits_for_what_the_grade_demands_of_the_tax() {
    let (mut world, trade) = (secured(50), Trade::new(2));
    assert_eq!(d01(&world, &Trade::new(1)), None, "nothing was demanded when it came");
    let case = world.traded(&trade);
    assert_eq!((case.state, case.risk.deposit_per_cent), (CaseState::Matched, Some(50)));
    let found = findings(&case, RuleId::D01);
    assert_eq!((found[0].left.as_str(), found[0].right.as_str()), ("4.55", "50"));
    assert_eq!(found[0].verdict, Verdict::Fail);
    assert!(found[0].sentence_en().contains("of the tax 4.55 CNY (50 %) are to be deposited"));
    let refused = world.reject(&released(&trade));
    assert_eq!(rejection(&refused), Rejection::DepositShort);
    assert_eq!(refused.expected, "4.55 CNY of the merchant's deposit");
    assert_eq!(refused.found, "0 CNY free");
    world.accept(&receive("4.54"));
    assert_eq!(rejection(&world.reject(&released(&trade))), Rejection::DepositShort);
    world.accept(&add("0.01"));
    assert_eq!(d01(&world, &trade), Some(Verdict::Pass));
    world.accept(&released(&trade));
    assert_eq!(world.case(&trade).state, CaseState::Released);
    assert_eq!((pool(&world).put_in, pool(&world).taken), (decimal("4.55"), decimal("4.55")));
}

#[test]
fn what_is_demanded_is_rounded_up_to_cents_and_nought_demands_nothing() {
    for (share, demanded) in [(0, None), (1, Some("0.1")), (33, Some("3.01")), (100, Some("9.1"))] {
        let (mut world, trade) = (secured(share), Trade::new(2));
        let claims = world.traded(&trade).clearance.claims;
        let is_deposit = |own: &&clearance::Claim| matches!(own.key, PoolKey::Deposit { .. });
        let own = claims.iter().find(is_deposit).map(|own| own.amount);
        assert_eq!(own, demanded.map(decimal), "{share}");
    }
}

#[test]
fn tax_that_follows_from_rates_is_secured_rather_than_what_the_order_states() {
    let (mut world, trade) = (secured(100), Trade::new(2));
    world.policy.tax_rates = vec![crate::policy::TaxRate {
        first: "00000000".into(),
        last: "99999999".into(),
        value_added: decimal("0.13"),
        consumption: Decimal::ZERO,
    }];
    world.traded(&trade);
    let amounts: Vec<Decimal> = pool(&world).waiting.iter().map(|own| own.amount).collect();
    assert_eq!(amounts, [decimal("10.01")], "0.7 x 13 % of 110 CNY");
}

#[test]
fn a_trade_gives_its_part_back_with_the_summing_up_of_its_tax_or_its_end() {
    let (mut world, [one, two]) = (secured(100), [Trade::new(2), Trade::new(3)]);
    world.accept(&receive("18.2"));
    for trade in [&one, &two] {
        world.traded(trade);
    }
    world.accept(&released(&one));
    assert_eq!(pool(&world).taken, decimal("18.2"));
    world.accept(&import::tax_bill(&one));
    assert_eq!(pool(&world).taken, decimal("18.2"), "a bill is not paid");
    world.accept(&import::tax_bill_status(&one, "2"));
    assert_eq!((pool(&world).taken, d01(&world, &one)), (decimal("9.1"), None));
    world.accept(&import::cancellation(&two));
    assert_eq!(world.case(&two).state, CaseState::Cancelled);
    assert_eq!(pool(&world).taken, Decimal::ZERO);
    world.accept(&pay_back("18.2"));
    assert_eq!(held(&world, "D1").state, DepositState::Spent);
    assert_eq!(pool(&world), Pool::default());
}

#[test]
fn who_waits_is_served_by_what_comes_in_in_the_order_of_asking() {
    let (mut world, [one, two]) = (secured(100), [Trade::new(2), Trade::new(3)]);
    for trade in [&one, &two] {
        world.traded(trade);
    }
    world.accept(&receive("10"));
    assert_eq!(d01(&world, &one), Some(Verdict::Pass));
    assert_eq!(d01(&world, &two), Some(Verdict::Fail));
    assert_eq!(rejection(&world.reject(&released(&two))), Rejection::DepositShort);
    world.accept(&receive_of(MERCHANT, "D2", "8.2"));
    assert_eq!(d01(&world, &two), Some(Verdict::Pass), "all deposits of a merchant are one");
    world.accept(&released(&two));
    world.accept(&released(&one));
}

#[test]
fn what_secures_a_trade_is_not_paid_back_but_may_be_called() {
    let (mut world, trade) = (secured(100), Trade::new(2));
    world.accept(&receive("10"));
    world.traded(&trade);
    world.accept(&released(&trade));
    for (amount, expected) in [("0.91", "at most 0.9, which"), ("10.01", "at most 10, what")] {
        let refused = world.reject(&pay_back(amount));
        assert_eq!(rejection(&refused), Rejection::AmountUnfit);
        assert!(refused.expected.starts_with(expected), "{}", refused.expected);
    }
    world.accept(&pay_back("0.9"));
    assert_eq!(rejection(&world.reject(&call("9.11"))), Rejection::AmountUnfit);
    world.accept(&call("9"));
    let own = held(&world, "D1");
    assert_eq!((own.received, own.paid_back), (decimal("10"), decimal("0.9")));
    assert_eq!((own.called, own.balance), (decimal("9"), decimal("0.1")));
    assert_eq!(d01(&world, &trade), Some(Verdict::Pass), "it was released with it");
    let next = Trade::new(3);
    world.traded(&next);
    let refused = world.reject(&released(&next));
    assert_eq!(
        (rejection(&refused), refused.found.as_str()),
        (Rejection::DepositShort, "-9 CNY free")
    );
}

#[test]
fn a_better_grade_demands_nothing_of_what_is_not_released() {
    let (mut world, trade) = (secured(100), Trade::new(2));
    world.traded(&trade);
    supervised(&mut world, Measures::default());
    world.wait(DAY);
    assert_eq!(rejection(&world.reject(&released(&trade))), Rejection::DepositShort);
    world.traded(&Trade::new(3));
    world.accept(&released(&trade));
    assert_eq!((world.case(&trade).risk.deposit_per_cent, d01(&world, &trade)), (None, None));
    let waiting: Vec<CaseKey> = pool(&world).waiting.into_iter().map(|own| own.case).collect();
    assert_eq!(waiting, [Trade::new(3).case_key()], "which came before its assessment");
}

#[test]
fn customs_alone_says_what_it_received_and_of_merchants_only() {
    let mut world = secured(100);
    let as_agency = |world: &mut World, own: &str, document: &Document| {
        rejection(&refusal(world.send_as(&code(own), document)))
    };
    let mut of_tax = receive("10");
    let Body::TaxDeposit(own) = &mut of_tax.body else { unreachable!() };
    own.owner = code(TAX);
    assert_eq!(as_agency(&mut world, TAX, &of_tax), Rejection::NotItsPart);
    let mut own_word = receive("10");
    let Body::TaxDeposit(own) = &mut own_word.body else { unreachable!() };
    own.owner = code(MERCHANT);
    assert_eq!(as_agency(&mut world, MERCHANT, &own_word), Rejection::NotItsPart);
    for (who, amount, expected) in [
        (CARRIER, "10", Rejection::CounterpartyUnfit),
        ("TESTNOBODY01", "10", Rejection::CounterpartyUnfit),
        (MERCHANT, "0", Rejection::NumberNotPositive),
        (MERCHANT, "-1", Rejection::NumberNegative),
    ] {
        assert_eq!(rejection(&world.reject(&receive_of(who, "D1", amount))), expected, "{who}");
    }
    assert_eq!(rejection(&world.reject(&add("1"))), Rejection::ActNotNow);
    assert_eq!(pool(&world), Pool::default(), "what is refused leaves nothing behind");
    world.accept(&receive("10"));
    assert_eq!(rejection(&world.reject(&receive("11"))), Rejection::EntryExists);
    assert_eq!(as_agency(&mut world, TAX, &add("1")), Rejection::NotItsPart);
    assert_eq!(as_agency(&mut world, PLATFORM, &call("1")), Rejection::NotItsPart);
    world.accept(&add("1"));
    world.send(&add("1"));
    assert_eq!(pool(&world).put_in, decimal("11"), "the same document adds once");
}

/// What may happen to deposits and trades.
#[derive(Clone, Debug)]
enum Step {
    Trade(u64),
    Release(u64),
    SumUp(u64),
    Cancel(u64),
    Receive(u8, u8),
    Add(u8),
    PayBack(u8),
    Call(u8),
}

fn step() -> impl Strategy<Value = Step> {
    let trade = 2u64..6;
    prop_oneof![
        3 => trade.clone().prop_map(Step::Trade),
        2 => trade.clone().prop_map(Step::Release),
        1 => trade.clone().prop_map(Step::SumUp),
        1 => trade.prop_map(Step::Cancel),
        1 => (1u8..3, 1u8..30).prop_map(|(number, amount)| Step::Receive(number, amount)),
        1 => (1u8..30).prop_map(Step::Add),
        1 => (1u8..30).prop_map(Step::PayBack),
        1 => (1u8..30).prop_map(Step::Call),
    ]
}

/// The documents of a step. Amounts differ by the step's place: no two acts are the same document.
fn said(step: &Step, place: usize) -> Vec<Document> {
    let amount = |own: &u8| format!("{own}.{:03}", place.saturating_add(1));
    match step {
        Step::Trade(number) => documents(&Trade::new(*number)).to_vec(),
        Step::Release(number) => vec![released(&Trade::new(*number))],
        Step::SumUp(number) => {
            let trade = Trade::new(*number);
            vec![import::tax_bill(&trade), import::tax_bill_status(&trade, "2")]
        }
        Step::Cancel(number) => vec![import::cancellation(&Trade::new(*number))],
        Step::Receive(number, own) => {
            vec![receive_of(MERCHANT, &format!("D{number}"), &amount(own))]
        }
        Step::Add(own) => vec![add(&amount(own))],
        Step::PayBack(own) => vec![pay_back(&amount(own))],
        Step::Call(own) => vec![call(&amount(own))],
    }
}

fn check_conservation(world: &World) {
    let own = pool(world);
    let balance = |number: &str| {
        let (owner, number) = (code(AGENCY), number.to_owned());
        let key = EntryKey { register: Register::TaxDeposit, owner, number };
        let entry = register::entry(&world.state, &key).unwrap()?;
        let Content::TaxDeposit(held) = entry.content else { unreachable!() };
        let left = held.received.checked_sub(held.paid_back).unwrap();
        assert_eq!(left.checked_sub(held.called).unwrap(), held.balance);
        assert!(!held.balance.is_negative());
        Some(held.balance)
    };
    let balances = ["D1", "D2"].into_iter().filter_map(balance);
    let put_in = balances.fold(Decimal::ZERO, |sum, own| sum.checked_add(own).unwrap());
    assert_eq!(own.put_in, put_in);
    let cases: Vec<Case> =
        (2..6).filter_map(|number| world.find(&Trade::new(number).case_key())).collect();
    let claims = cases.iter().flat_map(|case| &case.clearance.claims);
    let claims = claims.filter(|claim| matches!(claim.key, PoolKey::Deposit { .. }));
    let (taken, waiting): (Vec<_>, Vec<_>) = claims.partition(|claim| claim.is_taken);
    let sum = taken.iter().fold(Decimal::ZERO, |sum, own| sum.checked_add(own.amount).unwrap());
    assert_eq!((own.taken, own.waiting.len()), (sum, waiting.len()));
    assert!(own.waiting.iter().all(|waiting| own.free() < waiting.amount), "{own:?}");
    for case in &cases {
        let is_short = case
            .clearance
            .claims
            .iter()
            .any(|own| matches!(own.key, PoolKey::Deposit { .. }) && !own.is_taken);
        assert!(!is_short || case.clearance.released.is_none(), "{:?}", case.key);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn deposits_are_neither_lost_nor_made_and_nothing_is_released_without(
        steps in proptest::collection::vec(step(), 1..24),
    ) {
        let mut world = secured(100);
        for (place, step) in steps.iter().enumerate() {
            for document in said(step, place) {
                world.send(&document);
            }
            check_conservation(&world);
        }
    }
}
