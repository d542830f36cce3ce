//! What follows an import list: states, cancellation, return, tax, and what customs says.

use super::*;
use crate::case::{Case, ListFacts};
use crate::clearance::{self, PoolKey, UnfitReason};
use crate::document::StatusSubject;
use crate::fixture::{decimal, export, import, time};
use crate::limits::STRANGERS_MAX;
use crate::matching::Reason;
use crate::policy::{CodeRange, CodeTable, Table, TaxRate};
use crate::registry::{Role, Status};

const DAY_MS: u64 = 86_400_000;

fn importing() -> World {
    World::with(&export::exporters())
}

impl World {
    fn accept_all(&mut self, documents: &[Document]) {
        for document in documents {
            self.accept(document);
        }
    }

    fn declared(&mut self, trade: &Trade) -> Case {
        self.accept_all(&documents(trade));
        self.case(trade)
    }

    /// A trade that customs has released.
    fn released(&mut self, trade: &Trade) -> Case {
        self.declared(trade);
        self.accept(&import::list_status(trade, "800"));
        self.case(trade)
    }

    fn after_days(&mut self, days: u64) {
        self.time = Millis(self.time.0 + days * DAY_MS);
        self.execute(&[]);
    }

    fn reason(&self, trade: &Trade, rule: RuleId) -> (Verdict, Option<Reason>) {
        let case = self.case(trade);
        let findings = case.findings(&self.policy);
        let own: Vec<&Finding> = findings.iter().filter(|own| own.rule == rule).collect();
        assert_eq!(own.len(), 1, "{own:#?}");
        (own[0].verdict, own[0].reason)
    }
}

fn cancellation(document: &mut Document) -> &mut crate::document::ListCancellation {
    let Body::ListCancellation(own) = &mut document.body else { panic!("another document") };
    own
}

fn list_return(document: &mut Document) -> &mut crate::document::ListReturn {
    let Body::ListReturn(own) = &mut document.body else { panic!("another document") };
    own
}

fn quota(trade: &Trade) -> PoolKey {
    let Body::InventoryList(list) = fixture::list(trade).body else { unreachable!() };
    PoolKey::Quota { scope: fixture::SCOPE, buyer_id_number: list.buyer_id_number }
}

fn used(world: &World, trade: &Trade) -> String {
    let pool = clearance::pool(&world.state, &quota(trade)).unwrap();
    pool.unwrap_or_default().taken.to_string()
}

#[test]
fn a_released_trade_is_delivered_and_closed_when_the_time_for_returns_is_over() {
    let (mut world, trade) = (importing(), Trade::new(1));
    assert_eq!(world.declared(&trade).state, CaseState::Matched);
    world.accept(&import::list_status(&trade, "120"));
    assert_eq!(world.case(&trade).state, CaseState::Matched);
    world.accept(&import::list_status(&trade, "500"));
    assert_eq!(world.case(&trade).state, CaseState::Held);
    world.accept(&import::customs_says(&trade, StatusSubject::List, "800", "20261124090000"));
    assert_eq!(world.case(&trade).state, CaseState::Released);
    world.accept(&import::waybill_status(&trade));
    assert_eq!(world.case(&trade).state, CaseState::Delivered);
    world.after_days(44);
    assert_eq!(world.case(&trade).state, CaseState::Delivered);
    world.after_days(1);
    assert_eq!(world.case(&trade).state, CaseState::Closed);
    assert!(matches!(world.events.as_slice(), [Event::CaseChanged { .. }]));
}

#[test]
fn customs_closes_a_list_before_the_time_for_returns_is_over() {
    let (mut world, trade) = (importing(), Trade::new(1));
    world.released(&trade);
    world.accept(&import::list_status(&trade, "899"));
    assert_eq!(world.case(&trade).state, CaseState::Closed);
}

#[test]
fn a_parcel_is_signed_for_before_or_after_everything_else_is_said() {
    let (mut world, trade) = (importing(), Trade::new(1));
    world.accept(&import::waybill_status(&trade));
    world.accept(&import::list_status(&trade, "800"));
    world.accept_all(&documents(&trade));
    assert_eq!(world.case(&trade).state, CaseState::Delivered);
    // Withdrawn, it was not.
    world.accept(&later(&import::waybill_status(&trade), AppType::Delete, 5));
    assert_eq!(world.case(&trade).state, CaseState::Released);
}

#[test]
fn a_case_that_still_collects_is_overdue_by_block_time() {
    let (mut world, trade) = (importing(), Trade::new(1));
    world.accept(&fixture::order(&trade));
    world.accept(&fixture::payment(&trade));
    world.after_days(6);
    assert_eq!(world.case(&trade).state, CaseState::Collecting);
    world.after_days(1);
    assert_eq!(world.case(&trade).state, CaseState::Overdue);
    world.accept(&fixture::waybill(&trade));
    world.accept(&fixture::list(&trade));
    assert_eq!(world.case(&trade).state, CaseState::Matched);
    assert_eq!(world.reason(&trade, RuleId::M15), (Verdict::Fail, Some(Reason::DeadlinePassed)));
}

#[test]
fn a_case_that_was_complete_in_time_is_touched_by_no_deadline() {
    let (mut world, trade) = (importing(), Trade::new(1));
    world.declared(&trade);
    world.after_days(8);
    assert_eq!(world.events, []);
    assert_eq!(world.case(&trade).state, CaseState::Matched);
}

#[test]
fn m18_a_list_is_cancelled_by_who_declared_it_and_before_release() {
    let (mut world, trade) = (importing(), Trade::new(1));
    world.declared(&trade);
    world.accept(&import::cancellation(&trade));
    let case = world.case(&trade);
    assert_eq!(case.state, CaseState::Cancelled);
    assert_eq!(world.reason(&trade, RuleId::M18), (Verdict::Pass, Some(Reason::Cancelled)));
    // What is cancelled is neither changed nor declared again.
    let changed = world.reject(&later(&fixture::list(&trade), AppType::Change, 5));
    assert_eq!(rejection(&changed), Rejection::CaseMatched);
    let mut again = fixture::list(&trade);
    again.guid = "F".repeat(36);
    assert_eq!(rejection(&world.reject(&again)), Rejection::ListExists);
    // What customs says of it is a fact all the same, and the conflict shows.
    world.accept(&import::list_status(&trade, "800"));
    assert_eq!(world.reason(&trade, RuleId::M18), (Verdict::Fail, Some(Reason::ReleasedBefore)));
    assert_eq!(world.case(&trade).state, CaseState::Released);
    assert_eq!(used(&world, &trade), used_by_list(&trade));
}

/// The value of the trade's list.
fn used_by_list(trade: &Trade) -> String {
    let Body::InventoryList(list) = fixture::list(trade).body else { unreachable!() };
    ListFacts::new(list, fixture::SCOPE).value().unwrap().to_string()
}

#[test]
fn customs_sends_a_list_back_and_its_declarant_declares_again() {
    let (mut world, trade) = (importing(), Trade::new(1));
    world.declared(&trade);
    assert_eq!(used(&world, &trade), used_by_list(&trade));
    world.accept(&import::list_status(&trade, "100"));
    assert_eq!(world.case(&trade).state, CaseState::Refused);
    assert_eq!(used(&world, &trade), "0");
    let mut changed = later(&fixture::list(&trade), AppType::Change, 5);
    changed.app_time = time("20261123180000");
    world.accept(&changed);
    assert_eq!(world.case(&trade).state, CaseState::Matched);
    assert_eq!(used(&world, &trade), used_by_list(&trade));
    // It may be sent back more than once, and released in the end.
    let says = |status, at| import::customs_says(&trade, StatusSubject::List, status, at);
    world.accept(&says("100", "20261123190000"));
    assert_eq!(world.case(&trade).state, CaseState::Refused);
    world.accept(&says("800", "20261123200000"));
    assert_eq!(world.case(&trade).state, CaseState::Released);
}

#[test]
fn goods_that_are_shipped_back_were_not_bought() {
    let (mut world, trade) = (importing(), Trade::new(1));
    world.declared(&trade);
    world.accept(&import::list_status(&trade, "700"));
    assert_eq!(world.case(&trade).state, CaseState::Returned);
    assert_eq!(used(&world, &trade), "0");
}

#[test]
fn a_declarant_alone_uses_up_nobodys_quota() {
    let (mut world, trade) = (importing(), Trade::new(1));
    world.accept(&fixture::list(&trade));
    assert_eq!(used(&world, &trade), "0");
    world.accept(&fixture::order(&trade));
    assert_eq!(used(&world, &trade), used_by_list(&trade));
    // The order names another orderer.
    let mut world = importing();
    let mut order = fixture::order(&trade);
    let Body::Order(own) = &mut order.body else { unreachable!() };
    let Body::Order(other) = fixture::order(&Trade::new(2)).body else { unreachable!() };
    own.buyer_id_number = other.buyer_id_number;
    world.accept(&fixture::list(&trade));
    world.accept(&order);
    assert_eq!(used(&world, &trade), "0");
}

#[test]
fn strangers_leave_room_and_a_refused_cancellation_is_followed_by_another() {
    let code = |number: usize| fixture::code(&format!("TESTAGT1{number:02}"));
    let mut organisations = export::exporters();
    let strangers = (0..=STRANGERS_MAX).map(code);
    organisations.extend(
        strangers.map(|code| fixture::organisation(&code, "测试报关乙", &[Role::Declarant])),
    );
    let (mut world, trade) = (World::with(&organisations), Trade::new(1));
    // They name themselves as the declarant of somebody's order.
    for number in 0..=STRANGERS_MAX {
        let trade = Trade { declarant: code(number), ..trade.clone() };
        let document = import::cancellation(&trade);
        let outcome = world.send_as(&trade.declarant, &document);
        if number < STRANGERS_MAX {
            assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
        } else {
            assert_eq!(rejection(&refusal(outcome)), Rejection::TooManyOfList);
        }
    }
    world.declared(&trade);
    assert_eq!(world.case(&trade).state, CaseState::Matched);
    let mut wrong = import::cancellation(&trade);
    wrong.guid = "A".repeat(36);
    cancellation(&mut wrong).logistics_no = "OTHER".to_owned();
    world.accept(&wrong);
    assert_eq!(world.case(&trade).state, CaseState::Matched);
    world.accept(&import::cancellation(&trade));
    assert_eq!(world.case(&trade).state, CaseState::Cancelled);
    assert_eq!(rejection(&world.reject(&wrong_again(&wrong))), Rejection::Duplicate);
}

fn wrong_again(document: &Document) -> Document {
    Document { guid: "B".repeat(36), ..document.clone() }
}

#[test]
fn a_policy_that_moves_a_deadline_moves_it_for_cases_that_wait() {
    let (mut world, trade) = (importing(), Trade::new(1));
    world.accept(&fixture::order(&trade));
    world.policy.collect_days = 9;
    world.after_days(7);
    assert_eq!(world.case(&trade).state, CaseState::Collecting);
    world.after_days(1);
    assert_eq!(world.case(&trade).state, CaseState::Collecting);
    world.after_days(1);
    assert_eq!(world.case(&trade).state, CaseState::Overdue);
}

#[test]
fn m18_a_released_list_is_not_cancelled_any_more() {
    let (mut world, trade) = (importing(), Trade::new(1));
    world.released(&trade);
    let refusal = world.reject(&import::cancellation(&trade));
    assert_eq!(
        (rejection(&refusal), refusal.official),
        (Rejection::ReleasedAlready, Some(-623_005))
    );
}

#[test]
fn m18_a_cancellation_of_another_list_or_by_another_changes_nothing() {
    let changes: [fn(&mut crate::document::ListCancellation); 5] = [
        |own| own.logistics_no = "PARCEL9".into(),
        |own| own.ebc_code = fixture::code("TESTEBC009"),
        |own| own.invt_no = "490320269999999999".into(),
        |own| own.buyer_name = own.buyer_id_number,
        |own| own.logistics_code = fixture::code("TESTLOG009"),
    ];
    for change in changes {
        let (mut world, trade) = (importing(), Trade::new(1));
        world.declared(&trade);
        world.accept(&import::list_status(&trade, "120"));
        let mut document = import::cancellation(&trade);
        change(cancellation(&mut document));
        world.accept(&document);
        assert_eq!(world.case(&trade).state, CaseState::Matched);
        let found = world.reason(&trade, RuleId::M18);
        assert_eq!(found, (Verdict::Fail, Some(Reason::OtherThanList)));
    }
    // The list was declared by the declarant: its merchant does not take it back.
    let (mut world, trade) = (importing(), Trade::new(1));
    world.declared(&trade);
    let outcome = world.send_as(&trade.merchant, &import::cancellation(&trade));
    assert!(matches!(outcome, Outcome::Accepted { .. }));
    assert_eq!(world.reason(&trade, RuleId::M18), (Verdict::Fail, Some(Reason::NotByParty)));
    // And does not keep the declarant from it.
    world.accept(&import::cancellation(&trade));
    assert_eq!(world.case(&trade).state, CaseState::Cancelled);
    let twice = {
        let mut document = import::cancellation(&trade);
        document.guid = "E".repeat(36);
        world.reject(&document)
    };
    assert_eq!(rejection(&twice), Rejection::Duplicate);
}

#[test]
fn m18_a_cancellation_waits_for_its_list() {
    let (mut world, trade) = (importing(), Trade::new(1));
    world.accept(&import::cancellation(&trade));
    assert_eq!(world.reason(&trade, RuleId::M18), (Verdict::Pending, Some(Reason::ListAwaited)));
    world.declared(&trade);
    assert_eq!(world.case(&trade).state, CaseState::Cancelled);
    assert_eq!(used(&world, &trade), "0");
}

#[test]
fn m19_goods_that_are_back_in_time_give_their_quota_back() {
    let (mut world, trade) = (importing(), Trade::new(1));
    world.released(&trade);
    assert_eq!(used(&world, &trade), "110");
    world.accept(&import::list_return(&trade));
    assert_eq!(world.case(&trade).state, CaseState::Returning);
    assert_eq!(world.reason(&trade, RuleId::M19), (Verdict::Pending, Some(Reason::ReturnOpen)));
    assert_eq!(used(&world, &trade), "110");
    world.accept(&import::return_status(&trade));
    assert_eq!(world.case(&trade).state, CaseState::Returned);
    assert_eq!(world.reason(&trade, RuleId::M19), (Verdict::Pass, Some(Reason::ReturnBack)));
    assert_eq!(used(&world, &trade), "90");
    // What is settled stands.
    let mut change = import::list_return(&trade);
    (change.app_type, change.app_time) = (AppType::Change, time("20261212000000"));
    assert_eq!(rejection(&world.reject(&change)), Rejection::AlreadyDeclared);
}

#[test]
fn m19_a_return_that_never_comes_back_is_over_with_its_time() {
    let (mut world, trade) = (importing(), Trade::new(1));
    world.released(&trade);
    world.accept(&import::list_return(&trade));
    world.after_days(45);
    assert_eq!(world.case(&trade).state, CaseState::Closed);
    assert_eq!(used(&world, &trade), "110");
}

#[test]
fn m19_a_return_is_applied_for_and_back_in_time() {
    let at = |applied: &str, back: &str| {
        let (mut world, trade) = (importing(), Trade::new(1));
        world.released(&trade);
        let mut document = import::list_return(&trade);
        // Its sender says that it applied at once; what counts is when it came.
        document.app_time = time("20261123180000");
        world.time = time(applied).millis();
        world.accept(&document);
        let subject = import::return_of(&trade.declarant);
        world.accept(&import::customs_says(&trade, subject, "899", back));
        (world.reason(&trade, RuleId::M19), used(&world, &trade))
    };
    // Released on 2026-11-23 at 17:00.
    let (pass, fail) = (Verdict::Pass, Verdict::Fail);
    let in_time = at("20261223170000", "20270107170000");
    assert_eq!(in_time, ((pass, Some(Reason::ReturnBack)), "90".to_owned()));
    let late = at("20261223170001", "20270107170000");
    assert_eq!(late, ((fail, Some(Reason::TooLate)), "110".to_owned()));
    let back = at("20261223170000", "20270107170001");
    assert_eq!(back, ((fail, Some(Reason::ReturnLate)), "110".to_owned()));
}

#[test]
fn m19_what_comes_back_is_of_the_list_and_not_more_of_it() {
    type Change = fn(&mut crate::document::ListReturn);
    let changes: [(Change, &str); 5] = [
        (|own| own.lines[0].qty = decimal("3.00001"), "line 1 qty"),
        (|own| own.lines[0].gcode = "3304990010".into(), "line 1 gcode"),
        (|own| own.lines[0].gname = "测试香皂".into(), "line 1 gname"),
        (|own| own.lines[0].unit = "035".into(), "line 1 unit"),
        (|own| own.lines[0].gnum = 3, "line 3 gcode"),
    ];
    for (change, field) in changes {
        let (mut world, trade) = (importing(), Trade::new(1));
        world.released(&trade);
        let mut document = import::list_return(&trade);
        change(list_return(&mut document));
        world.accept(&document);
        let case = world.case(&trade);
        let findings = case.findings(&world.policy);
        let own = findings.iter().find(|own| own.rule == RuleId::M19).unwrap();
        let found = (own.verdict, own.reason, own.field.as_str());
        assert_eq!(found, (Verdict::Fail, Some(Reason::OtherThanList), field));
        assert_eq!(case.state, CaseState::Released);
    }
}

#[test]
fn m19_of_two_returns_the_first_has_the_goods() {
    let (mut world, trade) = (importing(), Trade::new(1));
    world.released(&trade);
    let part = |cop_no: &str, qty: &str| {
        let mut document = import::list_return(&trade);
        document.guid = cop_no.repeat(36).chars().take(36).collect();
        let own = list_return(&mut document);
        own.cop_no = Some(cop_no.to_owned());
        own.lines[0].qty = decimal(qty);
        document
    };
    world.accept(&part("A", "2"));
    world.accept(&part("B", "2"));
    let verdicts = |world: &World| {
        let findings = world.case(&trade).findings(&world.policy);
        let own = findings.into_iter().filter(|own| own.rule == RuleId::M19);
        own.map(|own| own.verdict).collect::<Vec<_>>()
    };
    assert_eq!(verdicts(&world), [Verdict::Pending, Verdict::Fail]);
    let mut withdrawn = part("A", "2");
    (withdrawn.app_type, withdrawn.app_time) = (AppType::Delete, time("20261201000000"));
    world.accept(&withdrawn);
    assert_eq!(verdicts(&world), [Verdict::Pending]);
}

#[test]
fn a_status_is_said_once_and_under_one_number() {
    let (mut world, trade) = (importing(), Trade::new(1));
    world.declared(&trade);
    let released = import::list_status(&trade, "800");
    world.accept(&released);
    assert_eq!(world.send(&released), Outcome::Repeated { first_height: world.height - 1 });
    let mut again = later(&released, AppType::Add, 5);
    let Body::ListStatus(own) = &mut again.body else { unreachable!() };
    own.customs_code = "4904".into();
    assert_eq!(rejection(&world.reject(&again)), Rejection::Duplicate);
    let mut other = import::list_status(&trade, "899");
    let Body::ListStatus(own) = &mut other.body else { unreachable!() };
    own.invt_no = "490320269999999999".into();
    assert_eq!(rejection(&world.reject(&other)), Rejection::ListNumberDiffers);
    // A number has one list.
    let mut taken = import::list_status(&Trade::new(2), "120");
    let Body::ListStatus(own) = &mut taken.body else { unreachable!() };
    own.invt_no = import::invt_no(&trade);
    assert_eq!(rejection(&world.reject(&taken)), Rejection::ListNumberDiffers);
}

#[test]
fn m14_tax_is_compared_with_order_and_bill_where_the_policy_has_a_rate() {
    let rate = TaxRate {
        first: "33049900".into(),
        last: "33049900".into(),
        value_added: decimal("0.13"),
        consumption: decimal("0"),
    };
    let run = |tax_total: &str, bill: Option<&str>, is_void: bool| {
        let (mut world, trade) = (importing(), Trade::new(1));
        world.policy.tax_rates = vec![rate.clone()];
        for mut document in documents(&trade) {
            order(&mut document, |order| {
                order.tax_total = decimal(tax_total);
                let sum = decimal("109.4").checked_add(order.tax_total);
                order.actural_paid = sum.unwrap();
            });
            payment(&mut document, |payment| {
                let sum = decimal("109.4").checked_add(decimal(tax_total));
                payment.amount_paid = sum.unwrap();
            });
            world.accept(&document);
        }
        if let Some(tax) = bill {
            let mut document = import::tax_bill(&trade);
            let Body::TaxBill(own) = &mut document.body else { unreachable!() };
            own.value_added_tax = decimal(tax);
            world.accept(&document);
            world.accept(&import::list_status(&trade, "800"));
        }
        if is_void {
            world.accept(&import::tax_bill_status(&trade, "3"));
        }
        let case = world.case(&trade);
        case.outcomes.iter().find(|own| own.rule == RuleId::M14).unwrap().verdict
    };
    let (pass, fail) = (Verdict::Pass, Verdict::Fail);
    assert_eq!(run("10.01", None, false), pass);
    assert_eq!(run("10.11", None, false), pass);
    assert_eq!(run("10.12", None, false), fail);
    assert_eq!(run("9.9", None, false), fail);
    assert_eq!(run("10.01", Some("10.01"), false), pass);
    assert_eq!(run("10.01", Some("20"), false), fail);
    assert_eq!(run("10.01", Some("20"), true), pass);
    // Without a rate nothing is said.
    let (mut world, trade) = (importing(), Trade::new(1));
    world.declared(&trade);
    let found = world.reason(&trade, RuleId::M14);
    assert_eq!(found, (Verdict::NotApplicable, Some(Reason::NothingToCompare)));
}

#[test]
fn tax_bills_wait_for_the_number_and_come_once() {
    let (mut world, trade) = (importing(), Trade::new(1));
    let bill = import::tax_bill(&trade);
    world.accept(&bill);
    world.accept(&import::tax_bill_status(&trade, "2"));
    world.declared(&trade);
    assert!(world.case(&trade).clearance.bills.is_empty());
    assert_eq!(world.send(&bill), Outcome::Repeated { first_height: 1 });
    world.accept(&import::list_status(&trade, "120"));
    let clearance = world.case(&trade).clearance;
    assert_eq!((clearance.bills.len(), clearance.bill_statuses.len()), (1, 1));
    assert_eq!(world.send(&bill), Outcome::Repeated { first_height: 1 });
    let mut other = bill;
    other.guid = "A".repeat(36);
    assert_eq!(rejection(&world.reject(&other)), Rejection::Duplicate);
}

#[test]
fn m13_goods_are_on_the_positive_list_where_there_is_one() {
    let run = |first: &str, last: &str| {
        let (mut world, trade) = (importing(), Trade::new(1));
        let codes = vec![CodeRange { first: first.into(), last: last.into() }];
        let table = Table::RetailImport;
        world.policy.code_tables.push(CodeTable { table, version: 2022, codes });
        assert_eq!(world.policy.check(), Ok(()));
        let case = world.declared(&trade);
        let findings = case.findings(&world.policy);
        let own = findings.into_iter().filter(|own| own.rule == RuleId::M13);
        (case.state, own.map(|own| (own.verdict, own.field)).collect::<Vec<_>>())
    };
    let (state, found) = run("33049900", "33049900");
    assert_eq!((state, found), (CaseState::Matched, vec![(Verdict::Pass, "gcode".to_owned())]));
    let (state, found) = run("33041000", "33049899");
    let fail = |field: &str| (Verdict::Fail, field.to_owned());
    assert_eq!(state, CaseState::Mismatched);
    assert_eq!(found, [fail("line 1 gcode"), fail("line 2 gcode")]);
}

#[test]
fn m15_documents_follow_each_other() {
    let run = |change: fn(&mut Document)| {
        let (mut world, trade) = (importing(), Trade::new(1));
        for mut document in documents(&trade) {
            change(&mut document);
            world.accept(&document);
        }
        let case = world.case(&trade);
        assert_eq!(case.state, CaseState::Matched);
        let findings = case.findings(&world.policy);
        let own = findings.into_iter().filter(|own| own.rule == RuleId::M15);
        own.map(|own| (own.verdict, own.field)).collect::<Vec<_>>()
    };
    let passes = vec![(Verdict::Pass, String::new())];
    let fails = |field: &str| vec![(Verdict::Fail, field.to_owned())];
    assert_eq!(run(|_| {}), passes);
    // Paid a day before the order was reported, and a second more.
    assert_eq!(
        run(|document| payment(document, |own| own.pay_time = time("20261122160000"))),
        passes
    );
    let late = run(|document| payment(document, |own| own.pay_time = time("20261122155959")));
    assert_eq!(late, fails("appTime <= payTime"));
    let after = run(|document| payment(document, |own| own.pay_time = time("20261123160001")));
    assert_eq!(after, fails("payTime <= appTime"));
    let carried = run(|document| {
        if matches!(document.body, Body::Waybill(_)) {
            document.app_time = time("20261123160001");
        }
    });
    assert_eq!(carried, fails("appTime"));
}

#[test]
fn m15_a_parcel_is_signed_for_after_its_release() {
    let (mut world, trade) = (importing(), Trade::new(1));
    world.released(&trade);
    let mut signed = import::waybill_status(&trade);
    let Body::WaybillStatus(own) = &mut signed.body else { unreachable!() };
    own.logistics_time = time("20261123165959");
    world.accept(&signed);
    assert_eq!(world.reason(&trade, RuleId::M15), (Verdict::Fail, Some(Reason::OutOfOrder)));
    assert_eq!(world.case(&trade).state, CaseState::Delivered);
}

#[test]
fn m16_whoever_acts_is_registered_in_that_role_and_not_suspended() {
    let run = |change: fn(&mut Vec<Organisation>)| {
        let mut organisations = export::exporters();
        change(&mut organisations);
        let (mut world, trade) = (World::with(&organisations), Trade::new(1));
        for document in documents(&trade) {
            // The declarant declares for a merchant that signs nothing itself.
            let _ = world.send(&document);
        }
        let case = world.case(&trade);
        let unfit = case.clearance.unfit.iter().map(|own| (own.role, own.reason));
        (case.state, unfit.collect::<Vec<_>>())
    };
    assert_eq!(run(|_| {}), (CaseState::Matched, vec![]));
    let merchant = |organisations: &mut Vec<Organisation>| {
        organisations.iter().position(|own| own.code.as_str() == fixture::MERCHANT).unwrap()
    };
    let _ = merchant;
    let unregistered = run(|all| all.retain(|own| own.code.as_str() != fixture::MERCHANT));
    let expected = vec![(Role::Merchant, UnfitReason::Unregistered)];
    assert_eq!(unregistered, (CaseState::Mismatched, expected));
    let suspended = run(|all| {
        for own in all.iter_mut().filter(|own| own.code.as_str() == fixture::MERCHANT) {
            own.status = Status::Suspended;
        }
    });
    let expected = vec![(Role::Merchant, UnfitReason::Suspended)];
    assert_eq!(suspended, (CaseState::Mismatched, expected));
    let without = run(|all| {
        for own in all.iter_mut().filter(|own| own.code.as_str() == fixture::MERCHANT) {
            own.roles = vec![Role::Bank];
        }
    });
    let expected = vec![(Role::Merchant, UnfitReason::RoleMissing)];
    assert_eq!(without, (CaseState::Mismatched, expected));
}
