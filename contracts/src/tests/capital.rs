//! One payment for several orders, and what goes back of it.

use super::properties::without_heights;
use super::*;
use crate::capital::{self as ledger, ShareFacts};
use crate::document::{PaymentAllocation, PaymentRefund};
use crate::fixture::capital::{allocation, refund};
use crate::fixture::{code, decimal, import};
use crate::limits::{EXTRA_PAYMENTS_MAX, PAYMENT_SHARES_MAX, REFUNDS_MAX, STRANGERS_MAX};
use crate::matching::Reason;
use crate::registry::Role;
use crate::state::{StateError, StateRead};
use crate::state_key;
use kanhe_types::decimal::Decimal;
use proptest::prelude::*;
use std::cell::RefCell;

/// Before and after the fixture's lists are declared.
const BEFORE: &str = "20261123155959";
const AFTER: &str = "20261123160001";

/// Trade `number` of the orderer of trade 1.
fn of_one_buyer(number: u64) -> Trade {
    Trade { buyer: Trade::new(1).buyer, ..Trade::new(number) }
}

/// The payment of trade 1, of this amount.
fn paid(amount: &str) -> Document {
    let mut document = fixture::payment(&Trade::new(1));
    payment(&mut document, |payment| payment.amount_paid = decimal(amount));
    document
}

/// The payment of trade 1, divided between trades of these numbers.
fn divided(shares: &[(u64, &str)]) -> Document {
    let orders: Vec<String> =
        shares.iter().map(|(number, _)| Trade::new(*number).order_no).collect();
    let shares =
        orders.iter().zip(shares).map(|(order_no, (_, share))| (order_no.as_str(), *share));
    allocation(&Trade::new(1), &shares.collect::<Vec<_>>())
}

/// A refund of the payment of trade 1 for the order of trade `number`.
fn back(number: u64, refund_no: &str, amount: &str, time: &str) -> Document {
    let mut document = refund(&Trade::new(1), refund_no, amount, time);
    own_refund(&mut document).order_no = Trade::new(number).order_no;
    document
}

fn own_allocation(document: &mut Document) -> &mut PaymentAllocation {
    let Body::PaymentAllocation(own) = &mut document.body else { panic!("another document") };
    own
}

fn own_refund(document: &mut Document) -> &mut PaymentRefund {
    let Body::PaymentRefund(own) = &mut document.body else { panic!("another document") };
    own
}

/// Everything of a trade but its payment.
fn unpaid(number: u64) -> [Document; 3] {
    let trade = of_one_buyer(number);
    [fixture::order(&trade), fixture::waybill(&trade), fixture::list(&trade)]
}

impl World {
    fn take(&mut self, documents: &[Document]) {
        for document in documents {
            self.accept(document);
        }
    }

    fn number(&self, number: u64) -> Case {
        self.case(&Trade::new(number))
    }

    /// What a rule says of the case of trade `number`: each verdict and reason.
    fn says(&self, number: u64, rule: RuleId) -> Vec<(Verdict, Option<Reason>)> {
        let found = self.number(number).findings(&self.policy);
        let found = found.into_iter().filter(|own| own.rule == rule);
        found.map(|own| (own.verdict, own.reason)).collect()
    }

    /// The values of the first finding of a rule.
    fn values(&self, number: u64, rule: RuleId) -> (String, String) {
        let found = self.number(number).findings(&self.policy);
        let own = found.into_iter().find(|own| own.rule == rule).unwrap();
        assert!(!own.sentence_en().contains(": ."), "{}", own.sentence_en());
        assert!(!own.sentence_zh().contains("：。"), "{}", own.sentence_zh());
        (own.left, own.right)
    }

    fn verdict_of(&self, number: u64, rule: RuleId) -> Verdict {
        self.says(number, rule)[0].0
    }

    fn states(&self, numbers: &[u64]) -> Vec<CaseState> {
        numbers.iter().map(|number| self.number(*number).state).collect()
    }
}

fn pair(left: &str, right: &str) -> (String, String) {
    (left.to_owned(), right.to_owned())
}

#[test]
fn m20_one_payment_pays_two_orders() {
    let mut world = world();
    world.take(&unpaid(1));
    world.take(&unpaid(2));
    world.take(&[paid("237"), divided(&[(1, "118.5"), (2, "118.5")])]);
    assert_eq!(world.states(&[1, 2]), [CaseState::Matched; 2]);
    for number in [1, 2] {
        assert_eq!(world.says(number, RuleId::M20), [(Verdict::Pass, Some(Reason::Shared))]);
        assert_eq!(world.values(number, RuleId::M20), pair("118.5", "237"));
        assert_eq!(world.values(number, RuleId::M03), pair("118.5", "118.5"));
        assert_eq!(world.verdict_of(number, RuleId::M06), Verdict::Pass);
        assert_eq!(world.says(number, RuleId::M21), []);
    }
    let case = world.number(2);
    let share = case.payment_facts().unwrap().share.clone();
    let document = share.as_ref().map(|share| share.allocation);
    let (allocated, paid) = (decimal("237"), decimal("237"));
    let expected = ShareFacts {
        allocation: document.unwrap(),
        orders: 2,
        allocated,
        paid,
        is_of_platform: true,
    };
    assert_eq!(share, Some(expected));
    assert!(case.has(crate::document::DocumentKind::PaymentAllocation));
}

#[test]
fn an_order_that_shares_a_payment_learns_nothing_of_the_others_but_how_many_there_are() {
    let mut world = world();
    world.take(&unpaid(2));
    world.take(&[paid("237"), divided(&[(1, "100"), (2, "118.5"), (3, "18.5")])]);
    let case = world.number(2);
    let findings = case.findings(&world.policy);
    let shown = serde_json::to_string(&(&case, &findings)).unwrap();
    assert!(shown.contains(&Trade::new(2).order_no));
    for other in [1, 3] {
        assert!(!shown.contains(&Trade::new(other).order_no), "{shown}");
    }
    // Nor do receipts lead there: whoever is party to a receipt's case may read its document.
    let mut world = super::world();
    let outcome = world.send(&divided(&[(2, "118.5"), (3, "118.5")]));
    assert_eq!(outcome, Outcome::Accepted { case: None });
    assert_eq!(world.send(&paid("237")), Outcome::Accepted { case: None });
}

#[test]
fn the_parts_of_an_order_are_paid_with_the_payment_that_names_the_order() {
    let mut world = world();
    // The payment comes first, and opens a case for an order that never comes.
    world.accept(&paid("237"));
    let shares = [(2, "118.5"), (3, "118.5")];
    world.accept(&divided(&shares));
    world.take(&unpaid(2));
    world.take(&unpaid(3));
    assert_eq!(world.states(&[2, 3]), [CaseState::Matched; 2]);
    assert_eq!(world.number(1).payment, None);
    // Nothing speaks of it any more, so that nothing of it falls due.
    world.time = Millis(world.time.0 + 8 * 86_400_000);
    world.execute(&[]);
    assert_eq!(world.states(&[1]), [CaseState::Collecting]);
}

#[test]
fn m20_shares_that_are_less_or_more_than_was_paid_are_found_in_each_order() {
    for share in ["118.49999", "118.50001"] {
        let mut world = world();
        world.take(&unpaid(1));
        world.take(&unpaid(2));
        world.take(&[paid("237"), divided(&[(1, "118.5"), (2, share)])]);
        assert_eq!(world.states(&[1, 2]), [CaseState::Mismatched; 2]);
        let sum = decimal("118.5").checked_add(decimal(share)).unwrap().to_string();
        for number in [1, 2] {
            let reason = Some(Reason::SharesNotPaid);
            assert_eq!(world.says(number, RuleId::M20), [(Verdict::Fail, reason)]);
            assert_eq!(world.values(number, RuleId::M20), pair(&sum, "237"));
        }
        assert_eq!(world.verdict_of(1, RuleId::M03), Verdict::Pass);
        assert_eq!(world.verdict_of(2, RuleId::M03), Verdict::Fail);
    }
}

#[test]
fn an_allocation_that_changes_takes_the_payment_along() {
    let mut world = world();
    world.take(&[paid("237"), divided(&[(1, "118.5"), (2, "118.5")])]);
    let next = later(&divided(&[(1, "100"), (3, "137")]), AppType::Change, 5);
    world.accept(&next);
    let share = |world: &World, number| {
        let case = world.number(number);
        case.payment_facts().map(|payment| payment.amount_paid.to_string())
    };
    let shares = [1, 2, 3].map(|number| share(&world, number));
    assert_eq!(shares, [Some("100".to_owned()), None, Some("137".to_owned())]);
    // Without one, the payment is its order's again, and comes back divided.
    world.accept(&later(&next, AppType::Delete, 6));
    let shares = [1, 2, 3].map(|number| share(&world, number));
    assert_eq!(shares, [Some("237".to_owned()), None, None]);
    assert_eq!(world.number(1).payment_facts().unwrap().share, None);
    world.accept(&later(&divided(&[(2, "237")]), AppType::Add, 7));
    let shares = [1, 2, 3].map(|number| share(&world, number));
    assert_eq!(shares, [None, Some("237".to_owned()), None]);
}

#[test]
fn a_divided_payment_changes_and_goes_with_all_its_shares() {
    let mut world = world();
    world.take(&[divided(&[(1, "118.5"), (2, "118.5")]), paid("200")]);
    assert_eq!(world.verdict_of(2, RuleId::M20), Verdict::Fail);
    world.accept(&later(&paid("237"), AppType::Change, 5));
    assert_eq!(world.verdict_of(2, RuleId::M20), Verdict::Pass);
    assert_eq!(world.number(2).payment.unwrap().meta.versions.len(), 1);
    world.accept(&later(&paid("237"), AppType::Delete, 6));
    assert!(world.number(1).payment.is_none() && world.number(2).payment.is_none());
    assert_eq!(
        rejection(&world.reject(&later(&paid("237"), AppType::Change, 7))),
        Rejection::UnknownDocument
    );
    world.accept(&later(&paid("237"), AppType::Add, 8));
    assert_eq!(world.number(2).payment.unwrap().meta.versions.len(), 3);
}

#[test]
fn what_a_declared_order_was_paid_with_is_neither_changed_nor_deleted() {
    let mut world = world();
    let shares = divided(&[(1, "118.5"), (2, "118.5")]);
    world.take(&[paid("237"), shares.clone()]);
    world.take(&unpaid(2));
    for document in [&shares, &paid("237")] {
        for app_type in [AppType::Change, AppType::Delete] {
            let refusal = world.reject(&later(document, app_type, 5));
            assert_eq!(rejection(&refusal), Rejection::AlreadyDeclared);
        }
        assert!(matches!(world.send(document), Outcome::Repeated { .. }));
    }
    let other = divided(&[(1, "237")]);
    assert_eq!(rejection(&world.reject(&other)), Rejection::Duplicate);
}

#[test]
fn an_older_allocation_does_not_take_the_place_of_a_newer_one() {
    let mut world = world();
    world.accept(&later(&divided(&[(1, "1")]), AppType::Add, 9));
    let refusal = world.reject(&later(&divided(&[(2, "1")]), AppType::Change, 9));
    assert_eq!(rejection(&refusal), Rejection::OldMessage);
}

/// A world with a second payment firm and a second platform.
fn strangers() -> World {
    let mut organisations = fixture::organisations();
    for (own, roles) in [("TESTPAY002", [Role::Payment]), ("TESTEBP002", [Role::Platform])] {
        organisations.push(fixture::organisation(&code(own), "测试乙", &roles));
    }
    World::with(&organisations)
}

#[test]
fn a_stranger_firm_divides_nobody_elses_payment() {
    let mut world = strangers();
    let stranger = code("TESTPAY002");
    world.take(&unpaid(1));
    world.accept(&paid("118.5"));
    let as_own = divided(&[(2, "118.5")]);
    let refusal = refusal(world.send_as(&stranger, &as_own));
    assert_eq!(rejection(&refusal), Rejection::NotOwnCode);
    // Under its own code it is another transaction.
    let mut own = divided(&[(2, "118.5")]);
    own_allocation(&mut own).pay_code = stranger.clone();
    let outcome = world.send_as(&stranger, &own);
    assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
    assert_eq!(world.states(&[1]), [CaseState::Matched]);
    assert_eq!(world.find(&Trade::new(2).case_key()), None);
    let record = ledger::allocation(&world.state, &stranger, &Trade::new(1).transaction).unwrap();
    assert_eq!(record.unwrap().payment, None);
}

#[test]
fn m20_an_allocation_of_another_platform_divides_nothing() {
    let mut world = strangers();
    world.take(&unpaid(1));
    let mut other = divided(&[(1, "118.5"), (2, "118.5")]);
    own_allocation(&mut other).ebp_code = code("TESTEBP002");
    world.take(&[other, paid("118.5")]);
    let reason = Some(Reason::SharesOfAnotherPlatform);
    assert_eq!(world.says(1, RuleId::M20), [(Verdict::Fail, reason)]);
    assert_eq!(world.states(&[1]), [CaseState::Mismatched]);
    for number in [1, 2] {
        let order_no = Trade::new(number).order_no;
        let key = CaseKey { platform: code("TESTEBP002"), order_no };
        assert_eq!(world.find(&key), None);
    }
}

#[test]
fn an_allocation_is_checked_by_itself() {
    let mut world = world();
    let mut check = |change: &dyn Fn(&mut PaymentAllocation)| {
        let mut document = divided(&[(1, "1"), (2, "2")]);
        change(own_allocation(&mut document));
        match world.send_as(&code(fixture::PAYMENT_FIRM), &document) {
            Outcome::Rejected(refusal) => Some((rejection(&refusal), refusal.field)),
            _ => None,
        }
    };
    let is = |rejection, field: &str| Some((rejection, field.to_owned()));
    assert_eq!(check(&|own| own.lines.clear()), is(Rejection::LineCount, "lines"));
    let many = |count: usize| {
        move |own: &mut PaymentAllocation| {
            let first = own.lines[0].clone();
            let numbered = |number| format!("ORDER{number}");
            own.lines = (0..count)
                .map(|n| crate::document::PaymentShare { order_no: numbered(n), ..first.clone() })
                .collect();
        }
    };
    assert_eq!(check(&many(PAYMENT_SHARES_MAX + 1)), is(Rejection::LineCount, "lines"));
    assert_eq!(
        check(&|own| own.lines[1].order_no = own.lines[0].order_no.clone()),
        is(Rejection::OrderRepeated, "lines[1].orderNo")
    );
    let most = Decimal::from_units(9_999_999_999_999_999_999).unwrap();
    assert_eq!(check(&|own| own.lines[0].amount = most), is(Rejection::NumberTooLarge, "amount"));
    let below = Decimal::from_units(-1).unwrap();
    assert_eq!(
        check(&|own| own.lines[1].amount = below),
        is(Rejection::NumberNegative, "lines[1].amount")
    );
    assert_eq!(
        check(&|own| own.lines[1].order_no = " ".into()),
        is(Rejection::TextEmpty, "lines[1].orderNo")
    );
    assert_eq!(
        check(&|own| own.pay_transaction_id = "长".repeat(61)),
        is(Rejection::TextTooLong, "payTransactionId")
    );
    assert_eq!(check(&many(PAYMENT_SHARES_MAX)), None);
}

#[test]
fn a_refund_is_checked_by_itself() {
    let mut world = world();
    let mut check = |change: &dyn Fn(&mut PaymentRefund)| {
        let mut document = back(1, "BACK1", "1", BEFORE);
        change(own_refund(&mut document));
        let refusal = refusal(world.send_as(&code(fixture::PAYMENT_FIRM), &document));
        (rejection(&refusal), refusal.field)
    };
    let is = |rejection, field: &str| (rejection, field.to_owned());
    assert_eq!(
        check(&|own| own.amount = Decimal::ZERO),
        is(Rejection::NumberNotPositive, "amount")
    );
    assert_eq!(check(&|own| own.refund_no.clear()), is(Rejection::TextEmpty, "refundNo"));
    assert_eq!(
        check(&|own| own.currency = "502".into()),
        is(Rejection::CurrencyNotYuan, "currency")
    );
    assert_eq!(check(&|own| own.order_no = " x".into()), is(Rejection::TextMalformed, "orderNo"));
    assert_eq!(
        check(&|own| own.pay_code = code("TESTPAY002")),
        is(Rejection::NotOwnCode, "payCode")
    );
}

#[test]
fn twenty_orders_are_paid_in_one_block() {
    let mut world = world();
    let numbers: Vec<u64> = (1..=PAYMENT_SHARES_MAX as u64).collect();
    let shares: Vec<(u64, &str)> = numbers.iter().map(|number| (*number, "118.5")).collect();
    let mut all = vec![divided(&shares), paid("2370")];
    all.extend(numbers.iter().flat_map(|number| unpaid(*number)));
    let submissions: Vec<Submission> = all
        .iter()
        .map(|document| {
            let signer = fixture::signer(&Trade::new(1), document);
            fixture::submission(&GENESIS, &signer, 9, std::slice::from_ref(document))
        })
        .collect();
    let effects = world.execute(&submissions);
    assert!(effects.receipts.iter().all(kanhe_types::receipt::Receipt::is_accepted));
    assert_eq!(world.states(&numbers), vec![CaseState::Matched; numbers.len()]);
}

#[test]
fn an_allocation_into_a_case_that_is_full_of_payments_is_refused() {
    let mut world = world();
    for number in 0..=EXTRA_PAYMENTS_MAX {
        let mut document = fixture::payment(&Trade::new(2));
        payment(&mut document, |own| own.pay_transaction_id = format!("MORE{number}"));
        world.accept(&document);
    }
    world.accept(&paid("237"));
    let refusal = world.reject(&divided(&[(1, "118.5"), (2, "118.5")]));
    assert_eq!(rejection(&refusal), Rejection::TooManyPayments);
    assert_eq!(world.number(1).payment_facts().unwrap().share, None);
    let firm = code(fixture::PAYMENT_FIRM);
    let record = ledger::allocation(&world.state, &firm, &Trade::new(1).transaction).unwrap();
    assert_eq!(record, None);
}

#[test]
fn m03_what_goes_back_before_the_declaration_lowers_what_was_paid() {
    let mut world = world();
    world.take(&unpaid(1));
    world.accept(&paid("128.5"));
    assert_eq!(world.verdict_of(1, RuleId::M03), Verdict::Fail);
    world.accept(&back(1, "BACK1", "7", BEFORE));
    assert_eq!(world.values(1, RuleId::M03), pair("118.5", "121.5"));
    world.accept(&back(1, "BACK2", "3", "20261123160000"));
    assert_eq!(world.states(&[1]), [CaseState::Matched]);
    let less = Some(Reason::RefundedLess);
    assert_eq!(world.says(1, RuleId::M20), [(Verdict::Pass, less)]);
    assert_eq!(world.values(1, RuleId::M20), pair("10", "128.5"));
    let before = Some(Reason::RefundedBefore);
    assert_eq!(world.says(1, RuleId::M21), [(Verdict::Pass, before)]);
}

#[test]
fn m21_what_goes_back_after_the_declaration_is_covered_by_returns() {
    let mut world = world();
    world.take(&unpaid(1));
    world.take(&[paid("118.5"), back(1, "BACK1", "21.82", AFTER)]);
    // It lowers nothing, and holds nothing back.
    assert_eq!(world.states(&[1]), [CaseState::Matched]);
    let not = Some(Reason::RefundUncovered);
    assert_eq!(world.says(1, RuleId::M21), [(Verdict::Fail, not)]);
    assert_eq!(world.values(1, RuleId::M21), pair("21.82", "0"));
    // One piece of 20 comes back, with its part of 9.10 tax on goods of 100.
    world.accept(&import::list_status(&Trade::new(1), "800"));
    let mut application = import::list_return(&of_one_buyer(1));
    application.app_time = fixture::time("20261124160000");
    world.accept(&application);
    let covered = Some(Reason::RefundCovered);
    assert_eq!(world.says(1, RuleId::M21), [(Verdict::Pass, covered)]);
    assert_eq!(world.values(1, RuleId::M21), pair("21.82", "21.82"));
    world.accept(&back(1, "BACK2", "0.00001", AFTER));
    assert_eq!(world.says(1, RuleId::M21), [(Verdict::Fail, not)]);
    // Of all goods, all may go back.
    let mut rest = application;
    rest.guid = format!("Z{}", &rest.guid[1..]);
    if let Body::ListReturn(own) = &mut rest.body {
        own.cop_no = Some("TESTRET02".into());
        own.lines[0].qty = decimal("2");
        let mut second = own.lines[0].clone();
        (second.gnum, second.gname, second.qty) = (2, "测试牙刷".into(), decimal("4"));
        let Body::InventoryList(list) = fixture::list(&Trade::new(1)).body else { unreachable!() };
        second.gcode.clone_from(&list.lines[1].gcode);
        second.unit.clone_from(&list.lines[1].unit);
        own.lines.push(second);
    }
    world.accept(&rest);
    assert_eq!(world.values(1, RuleId::M21), pair("21.82001", "118.5"));
}

#[test]
fn m21_a_cancelled_list_covers_all_that_was_paid() {
    let mut world = world();
    world.take(&unpaid(1));
    world.take(&[paid("118.5"), back(1, "BACK1", "118.5", AFTER)]);
    assert_eq!(world.verdict_of(1, RuleId::M21), Verdict::Fail);
    world.accept(&import::cancellation(&of_one_buyer(1)));
    assert_eq!(world.verdict_of(1, RuleId::M21), Verdict::Pass);
}

#[test]
fn m20_no_more_goes_back_of_an_order_than_its_share() {
    let mut world = world();
    world.take(&unpaid(1));
    world.take(&unpaid(2));
    world.take(&[paid("237"), divided(&[(1, "118.5"), (2, "118.5")])]);
    world.take(&[back(2, "BACK1", "100", AFTER), back(2, "BACK2", "18.5", AFTER)]);
    assert_eq!(world.verdict_of(2, RuleId::M20), Verdict::Pass);
    world.accept(&back(2, "BACK3", "0.00001", AFTER));
    let more = Some(Reason::RefundedMore);
    assert_eq!(world.says(2, RuleId::M20), [(Verdict::Fail, more)]);
    assert_eq!(world.values(2, RuleId::M20), pair("118.50001", "118.5"));
    assert_eq!(world.states(&[1, 2]), [CaseState::Matched, CaseState::Mismatched]);
    // A sum beyond 19 digits is more, too.
    let most = "99999999999999.99999";
    world.take(&[back(1, "MOST1", most, BEFORE), back(1, "MOST2", most, BEFORE)]);
    assert_eq!(world.values(1, RuleId::M20), pair("more than 19 digits", "118.5"));
    assert_eq!(world.values(1, RuleId::M03), pair("118.5", "0"));
}

#[test]
fn m21_a_refund_of_a_payment_that_the_order_does_not_have_waits_and_holds_nothing() {
    let mut world = world();
    world.take(&unpaid(2));
    world.accept(&fixture::payment(&of_one_buyer(2)));
    world.accept(&back(2, "BACK1", "5", BEFORE));
    let waits = Some(Reason::PaymentAwaited);
    assert_eq!(world.says(2, RuleId::M21), [(Verdict::Pending, waits)]);
    assert_eq!(world.says(2, RuleId::M20), []);
    assert_eq!(world.states(&[2]), [CaseState::Matched]);
}

#[test]
fn a_refund_is_corrected_as_long_as_no_list_stands_on_it() {
    let mut world = world();
    let first = back(1, "BACK1", "5", BEFORE);
    world.accept(&first);
    assert!(matches!(world.send(&first), Outcome::Repeated { .. }));
    assert_eq!(rejection(&world.reject(&back(1, "BACK1", "6", BEFORE))), Rejection::Duplicate);
    // To another order, away, and back again.
    let mut moved = later(&back(2, "BACK1", "5", BEFORE), AppType::Change, 5);
    world.accept(&moved);
    assert_eq!([1, 2].map(|number| world.number(number).refunds.len()), [0, 1]);
    moved = later(&moved, AppType::Delete, 6);
    world.accept(&moved);
    assert_eq!(world.number(2).refunds, []);
    let firm = code(fixture::PAYMENT_FIRM);
    let record = ledger::refund(&world.state, &firm, "BACK1").unwrap().unwrap();
    assert_eq!(record.withdrawn.unwrap().versions.len(), 2);
    world.accept(&later(&first, AppType::Add, 7));
    world.accept(&back(1, "BACK2", "5", AFTER));
    world.take(&unpaid(1));
    let refusal = world.reject(&later(&first, AppType::Delete, 8));
    assert_eq!(rejection(&refusal), Rejection::AlreadyDeclared);
    // One that came after the declaration lowered nothing.
    world.accept(&later(&back(1, "BACK2", "5", AFTER), AppType::Delete, 8));
    assert_eq!(world.number(1).refunds.len(), 1);
}

#[test]
fn a_case_keeps_a_bounded_number_of_refunds_and_few_of_strangers() {
    let mut world = strangers();
    let stranger = code("TESTPAY002");
    let by_stranger = |number: usize| {
        let mut document = back(1, &format!("OTHER{number}"), "1", BEFORE);
        own_refund(&mut document).pay_code = code("TESTPAY002");
        document
    };
    world.accept(&paid("118.5"));
    for number in 0..STRANGERS_MAX {
        let outcome = world.send_as(&stranger, &by_stranger(number));
        assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
    }
    let refusal = refusal(world.send_as(&stranger, &by_stranger(STRANGERS_MAX)));
    assert_eq!(rejection(&refusal), Rejection::TooManyRefunds);
    for number in STRANGERS_MAX..REFUNDS_MAX {
        world.accept(&back(1, &format!("BACK{number:02}"), "1", BEFORE));
    }
    let refusal = world.reject(&back(1, "BACK99", "1", BEFORE));
    assert_eq!(rejection(&refusal), Rejection::TooManyRefunds);
    let changed = later(&back(1, "BACK09", "2", BEFORE), AppType::Change, 5);
    world.accept(&changed);
    let says = world.says(1, RuleId::M21);
    assert_eq!(says.len(), STRANGERS_MAX, "{says:?}");
}

/// A state that remembers which of its keys were asked for.
struct Watched<'a> {
    state: &'a MemoryState,
    asked: RefCell<Vec<u8>>,
}

impl StateRead for Watched<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StateError> {
        self.asked.borrow_mut().push(key[0]);
        self.state.get(key)
    }

    fn executed(&self, submissions: &[Hash]) -> Result<Vec<bool>, StateError> {
        self.state.executed(submissions)
    }
}

#[test]
fn a_trade_without_allocation_and_refund_reads_nothing_of_them() {
    let (world, trade) = (world(), Trade::new(1));
    let watched = Watched { state: &world.state, asked: RefCell::default() };
    let context = BlockContext::plain(GENESIS, 1, world.time, &world.policy);
    let submissions: Vec<Submission> = documents(&trade)
        .iter()
        .map(|document| {
            let signer = fixture::signer(&trade, document);
            fixture::submission(&GENESIS, &signer, 9, std::slice::from_ref(document))
        })
        .collect();
    let identified = submissions.iter().map(|own| (own.header.id(&GENESIS), own));
    let effects = execute(&context, &watched, identified).unwrap();
    assert_eq!(effects.receipts.len(), 4);
    let of_capital = [
        &state_key::allocation_key_bytes(&trade.platform, "1")[0],
        &state_key::refund_key_bytes(&trade.platform, "1")[0],
    ];
    assert!(!watched.asked.borrow().iter().any(|prefix| of_capital.contains(&prefix)));
}

proptest! {
    #[test]
    fn the_order_of_arrival_does_not_show_in_what_a_payment_pays(
        order in Just((0..11).collect::<Vec<usize>>()).prop_shuffle(),
        count in 2usize..=11,
        third in prop_oneof![Just("0"), Just("1"), Just("118.5")],
        has_first in any::<bool>(),
        is_of_platform in any::<bool>(),
        in_one_block in any::<bool>(),
    ) {
        let mut all: Vec<Document> = unpaid(2).into_iter().chain(unpaid(3)).collect();
        let shares = [(1, third), (2, "118.5"), (3, "118.5")];
        let mut shares = divided(&shares[usize::from(!has_first)..]);
        if !is_of_platform {
            own_allocation(&mut shares).ebp_code = code("TESTEBP002");
        }
        all.extend([shares, paid("237"), fixture::order(&Trade::new(1))]);
        all.extend([back(2, "BACK1", "3", BEFORE), back(2, "BACK0", "4", AFTER)]);
        let run = |order: &[usize]| {
            let mut world = strangers();
            let submissions: Vec<Submission> = order
                .iter()
                .map(|index| {
                    let signer = fixture::signer(&Trade::new(1), &all[*index]);
                    fixture::submission(&GENESIS, &signer, 20, &all[*index..=*index])
                })
                .collect();
            if in_one_block {
                world.execute(&submissions);
            } else {
                for submission in submissions {
                    let effects = world.execute(&[submission]);
                    assert!(effects.receipts[0].is_accepted(), "{effects:?}");
                }
            }
            [1, 2, 3].map(|number| {
                let case = world.find(&Trade::new(number).case_key());
                case.filter(|case| !case.is_blank()).map(without_heights)
            })
        };
        let arrived = &order[..count];
        let mut sorted = arrived.to_vec();
        sorted.sort_unstable();
        prop_assert_eq!(run(arrived), run(&sorted));
    }

    #[test]
    fn what_the_orders_have_of_a_payment_is_what_the_allocation_divides(
        shares in proptest::collection::btree_map(1u64..30, 0i128..1_000_000_000, 1..=20),
        paid_units in 0i128..20_000_000_000,
        is_payment_first in any::<bool>(),
    ) {
        let texts: Vec<(u64, String)> = shares
            .iter()
            .map(|(number, units)| (*number, Decimal::from_units(*units).unwrap().to_string()))
            .collect();
        let shares: Vec<(u64, &str)> =
            texts.iter().map(|(number, text)| (*number, text.as_str())).collect();
        let amount = Decimal::from_units(paid_units).unwrap().to_string();
        let mut both = [divided(&shares), paid(&amount)];
        if is_payment_first {
            both.reverse();
        }
        let mut world = world();
        world.take(&both);
        let mut sum = Decimal::ZERO;
        for number in 1..30 {
            let case = world.find(&Trade::new(number).case_key());
            let facts = case.as_ref().and_then(Case::payment_facts);
            let share = shares.iter().find(|(own, _)| *own == number);
            let found = facts.map(|facts| facts.amount_paid.to_string());
            prop_assert_eq!(found.as_deref(), share.map(|(_, text)| *text));
            if let (Some(case), Some(facts)) = (&case, facts) {
                sum = sum.checked_add(facts.amount_paid).unwrap();
                let own = facts.share.as_ref().unwrap();
                let outcome = case.outcomes.iter().find(|own| own.rule == RuleId::M20).unwrap();
                let is_exact = own.allocated.to_string() == amount;
                prop_assert_eq!(outcome.verdict == Verdict::Pass, is_exact);
            }
        }
        let some = shares[0].0;
        let case = world.number(some);
        prop_assert_eq!(case.payment_facts().unwrap().share.as_ref().unwrap().allocated, sum);
    }
}
