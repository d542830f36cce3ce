//! What cases share: quotas (M12) and account books (B01).

use super::*;
use crate::case::Case;
use crate::clearance::{self, Pool, PoolKey, WarehouseRecord};
use crate::document::{BookCount, CountedGoods, EntryAct, StocktakeAct};
use crate::fixture::{decimal, export, import, time};
use crate::matching::Reason;
use crate::register::{self, Content, EntryKey, Register, Stocktake, StocktakeState};
use kanhe_types::decimal::Decimal;
use proptest::prelude::*;

/// A zone whose account books are on the ledger.
fn importing() -> World {
    let mut world = World::with(&export::exporters());
    for mode in &mut world.policy.modes {
        mode.waived.clear();
    }
    world
}

#[test]
fn b01_is_not_asked_until_the_policy_says_that_books_are_on_the_ledger() {
    let (mut world, trade) = (World::with(&export::exporters()), Trade::new(1));
    for mut document in worth(&trade, "3", "20") {
        bonded(&mut document, "1");
        world.accept(&document);
    }
    let case = world.case(&trade);
    assert_eq!(case.state, CaseState::Matched);
    assert_eq!(outcome(&case, RuleId::B01), Verdict::NotApplicable);
    assert_eq!(book(&world, "1"), Pool::default());
}

/// A trade of one orderer: number and goods of its own.
fn of_orderer(number: u64) -> Trade {
    Trade { buyer: "测试甲".to_owned(), ..Trade::new(number) }
}

/// The documents of a trade with one line of `qty` pieces at `price`, without freight.
fn worth(trade: &Trade, qty: &str, price: &str) -> [Document; 4] {
    let total = decimal(qty).checked_mul(decimal(price)).unwrap();
    documents(trade).map(|mut document| {
        order(&mut document, |order| {
            order.lines.truncate(1);
            order.lines[0].qty = decimal(qty);
            order.lines[0].price = decimal(price);
            order.lines[0].total_price = total;
            order.goods_value = total;
            (order.freight, order.discount, order.tax_total) = Default::default();
            order.actural_paid = total;
        });
        payment(&mut document, |payment| payment.amount_paid = total);
        waybill(&mut document, |waybill| waybill.freight = Some(Decimal::ZERO));
        list(&mut document, |list| {
            list.lines.truncate(1);
            list.lines[0].qty = decimal(qty);
            list.lines[0].price = decimal(price);
            list.lines[0].total_price = total;
            list.freight = Decimal::ZERO;
        });
        document
    })
}

/// The list as one of bonded goods: number `item` of the fixture's account book.
fn bonded(document: &mut Document, item: &str) {
    list(document, |list| {
        list.trade_mode = "1210".to_owned();
        list.country = "142".to_owned();
        list.ems_no = Some(import::BOOK.to_owned());
        list.area_code = Some(export::site());
        list.area_name = Some("测试监管场所甲".to_owned());
        for line in &mut list.lines {
            line.item_record_no = Some(item.to_owned());
        }
    });
}

fn outcome(case: &Case, rule: RuleId) -> Verdict {
    case.outcomes.iter().find(|own| own.rule == rule).unwrap().verdict
}

fn reason(world: &World, trade: &Trade, rule: RuleId) -> Option<Reason> {
    let findings = world.case(trade).findings(&world.policy);
    findings.into_iter().find(|own| own.rule == rule).unwrap().reason
}

fn send_all(world: &mut World, documents: &[Document]) {
    for document in documents {
        world.accept(document);
    }
}

#[test]
fn m12_one_trade_is_worth_at_most_the_limit_unless_it_is_one_piece() {
    let run = |qty: &str, price: &str| {
        let (mut world, trade) = (importing(), Trade::new(1));
        send_all(&mut world, &worth(&trade, qty, price));
        (world.case(&trade).state, reason(&world, &trade, RuleId::M12).unwrap())
    };
    let (matched, mismatched) = (CaseState::Matched, CaseState::Mismatched);
    assert_eq!(run("2", "2500"), (matched, Reason::WithinLimits));
    assert_eq!(run("2", "2500.01"), (mismatched, Reason::OverSingleLimit));
    assert_eq!(run("1", "5000.01"), (matched, Reason::SinglePiece));
    assert_eq!(run("1", "26000"), (matched, Reason::SinglePiece));
    assert_eq!(run("1", "26000.01"), (mismatched, Reason::OverAnnualLimit));
}

#[test]
fn m12_the_year_of_an_orderer_has_room_for_the_first_and_for_who_comes_after_a_cancellation() {
    let mut world = importing();
    for number in 1..=5 {
        send_all(&mut world, &worth(&of_orderer(number), "1", "5000"));
        assert_eq!(world.case(&of_orderer(number)).state, CaseState::Matched);
    }
    send_all(&mut world, &worth(&of_orderer(6), "1", "1000"));
    assert_eq!(world.case(&of_orderer(6)).state, CaseState::Matched);
    send_all(&mut world, &worth(&of_orderer(7), "1", "0.01"));
    assert_eq!(world.case(&of_orderer(7)).state, CaseState::Mismatched);
    assert_eq!(reason(&world, &of_orderer(7), RuleId::M12), Some(Reason::OverAnnualLimit));
    // Another orderer has another year.
    send_all(&mut world, &worth(&Trade::new(8), "1", "5000"));
    assert_eq!(world.case(&Trade::new(8)).state, CaseState::Matched);
    // The cancellation makes room, and who waits has it in the same block.
    world.accept(&import::cancellation(&of_orderer(6)));
    assert_eq!(world.case(&of_orderer(6)).state, CaseState::Cancelled);
    assert_eq!(world.case(&of_orderer(7)).state, CaseState::Matched);
}

#[test]
fn m12_a_list_is_declared_in_the_year_of_its_pseudonyms() {
    let (mut world, trade) = (importing(), Trade::new(1));
    let case = world.trade_with(&trade, |document| {
        list(document, |list| list.decl_time = "20270101".parse().unwrap());
    });
    assert_eq!(case.state, CaseState::Mismatched);
    assert_eq!(reason(&world, &trade, RuleId::M12), Some(Reason::YearDiffers));
}

#[test]
fn m12_a_changed_list_takes_what_it_is_worth_then_and_a_deleted_one_nothing() {
    let (mut world, trade) = (importing(), of_orderer(1));
    let [order, _, waybill, list] = worth(&trade, "2", "2500");
    // Without a payment nothing matches, so that the list may still change.
    send_all(&mut world, &[order, waybill, list]);
    let used = |world: &World| {
        let claims = world.case(&trade).clearance.claims;
        let pool = claims.first().map(|claim| clearance::pool(&world.state, &claim.key).unwrap());
        pool.flatten().unwrap_or_default().taken
    };
    assert_eq!(used(&world), decimal("5000"));
    let [_, _, _, smaller] = worth(&trade, "2", "1000");
    world.accept(&later(&smaller, AppType::Change, 5));
    assert_eq!(used(&world), decimal("2000"));
    world.accept(&later(&smaller, AppType::Delete, 6));
    assert_eq!(used(&world), Decimal::ZERO);
}

fn stock(item: &str) -> PoolKey {
    PoolKey::Stock {
        area_code: export::site(),
        ems_no: import::BOOK.to_owned(),
        item_record_no: item.to_owned(),
        unit: "011".to_owned(),
    }
}

fn book(world: &World, item: &str) -> Pool {
    clearance::pool(&world.state, &stock(item)).unwrap().unwrap_or_default()
}

#[test]
fn b01_a_bonded_list_takes_goods_out_of_the_book_or_waits_for_them() {
    let mut world = importing();
    let trade = Trade::new(1);
    for mut document in worth(&trade, "3", "20") {
        bonded(&mut document, "1");
        world.accept(&document);
    }
    let case = world.case(&trade);
    // A shortage is a warning: the case matches.
    assert_eq!((case.state, outcome(&case, RuleId::B01)), (CaseState::Matched, Verdict::Fail));
    world.accept(&import::warehouse_receipt(&Trade::new(9), &[("1", "2")]));
    assert_eq!(outcome(&world.case(&trade), RuleId::B01), Verdict::Fail);
    world.accept(&import::warehouse_receipt(&Trade::new(10), &[("1", "2"), ("2", "7")]));
    assert_eq!(outcome(&world.case(&trade), RuleId::B01), Verdict::Pass);
    assert_eq!((book(&world, "1").put_in, book(&world, "1").taken), (decimal("4"), decimal("3")));
    // A warehouse that counts less than went out says so, and its receipt says what is short.
    let less =
        later(&import::warehouse_receipt(&Trade::new(10), &[("2", "7")]), AppType::Change, 5);
    world.accept(&less);
    assert_eq!((book(&world, "1").put_in, book(&world, "1").taken), (decimal("2"), decimal("3")));
    assert_eq!(receipt(&world, 10).short, [stock("1")]);
    let less =
        later(&import::warehouse_receipt(&Trade::new(10), &[("1", "1")]), AppType::Change, 6);
    world.accept(&less);
    assert_eq!((book(&world, "1").put_in, book(&world, "2").put_in), (decimal("3"), Decimal::ZERO));
    assert_eq!(receipt(&world, 10).short, []);
    // Cancelled, the goods are there again.
    world.accept(&import::cancellation(&trade));
    assert_eq!(book(&world, "1").taken, Decimal::ZERO);
}

fn receipt(world: &World, number: u64) -> WarehouseRecord {
    let number = format!("TESTIN{number:010}");
    clearance::warehouse_receipt(&world.state, &export::site(), &number).unwrap().unwrap()
}

#[test]
fn b01_what_comes_back_comes_into_the_book_again() {
    let (mut world, trade) = (importing(), Trade::new(1));
    world.accept(&import::warehouse_receipt(&Trade::new(9), &[("1", "5")]));
    for mut document in worth(&trade, "3", "20") {
        bonded(&mut document, "1");
        world.accept(&document);
    }
    world.accept(&import::list_status(&trade, "800"));
    world.accept(&import::list_return(&trade));
    assert_eq!(book(&world, "1").taken, decimal("3"));
    world.accept(&import::return_status(&trade));
    assert_eq!(book(&world, "1").taken, decimal("2"));
}

/// A stocktake of the fixture's account book: numbers of goods, and how much of each is there.
fn count(owner: &OrganisationCode, number: &str, lines: &[(&str, &str)]) -> Document {
    let lines = lines.iter().map(|(item, qty)| CountedGoods {
        item_record_no: (*item).to_owned(),
        unit: "011".to_owned(),
        qty: decimal(qty),
    });
    let act = StocktakeAct::Count(BookCount {
        area_code: export::site(),
        ems_no: import::BOOK.to_owned(),
        counted: time("20261123170000"),
        lines: lines.collect(),
        report: Hash([7; 32]),
    });
    let (owner, number) = (owner.clone(), number.to_owned());
    fixture::governance(Body::Stocktake(EntryAct { owner, number, act }))
}

fn counted(world: &World, owner: &OrganisationCode, number: &str) -> Option<Stocktake> {
    let (owner, number) = (owner.clone(), number.to_owned());
    let key = EntryKey { register: Register::Stocktake, owner, number };
    match register::entry(&world.state, &key).unwrap()?.content {
        Content::Stocktake(own) => Some(own),
        other => unreachable!("{other:?}"),
    }
}

/// What the fixture's book has that no list took out.
fn left(world: &World, item: &str) -> Decimal {
    let pool = book(world, item);
    pool.put_in.checked_sub(pool.taken).unwrap()
}

#[test]
fn a_stocktake_sets_the_book_to_what_is_there_and_shows_what_differed() {
    let (mut world, site) = (importing(), export::site());
    world.accept(&import::warehouse_receipt(&Trade::new(9), &[("1", "5"), ("2", "7")]));
    let trade = Trade::new(1);
    for mut document in worth(&trade, "3", "20") {
        bonded(&mut document, "1");
        world.accept(&document);
    }
    // Two of five are left; one is found of the first goods, and all of the second.
    world.accept(&count(&site, "C1", &[("1", "1"), ("2", "7")]));
    let own = counted(&world, &site, "C1").unwrap();
    assert_eq!(own.state, StocktakeState::Differs);
    let findings: Vec<_> = own.findings().map(|line| (line.book, line.counted)).collect();
    assert_eq!(findings, [(decimal("2"), decimal("1"))]);
    let finding = own.findings().next().unwrap();
    assert!(finding.english().contains("the book has 2, counted 1"), "{}", finding.english());
    assert!(finding.chinese().contains("账存 2，实存 1"), "{}", finding.chinese());
    assert_eq!((left(&world, "1"), left(&world, "2")), (decimal("1"), decimal("7")));
    // What lists took stays taken.
    assert_eq!(book(&world, "1").taken, decimal("3"));
    // Said again it changes nothing, and its number serves once.
    world.accept(&import::warehouse_receipt(&Trade::new(10), &[("1", "4")]));
    let first = count(&site, "C1", &[("1", "1"), ("2", "7")]);
    assert!(matches!(world.send(&first), Outcome::Repeated { .. }));
    assert_eq!(left(&world, "1"), decimal("5"));
    let refused = world.reject(&count(&site, "C1", &[("1", "0")]));
    assert_eq!((rejection(&refused), left(&world, "1")), (Rejection::EntryExists, decimal("5")));
    world.accept(&count(&site, "C2", &[("1", "5")]));
    assert_eq!(counted(&world, &site, "C2").unwrap().state, StocktakeState::Agrees);
}

#[test]
fn what_a_stocktake_finds_goes_to_the_lists_that_wait_and_lifts_a_book_from_below_zero() {
    let (mut world, site, trade) = (importing(), export::site(), Trade::new(1));
    for mut document in worth(&trade, "3", "20") {
        bonded(&mut document, "1");
        world.accept(&document);
    }
    assert_eq!(outcome(&world.case(&trade), RuleId::B01), Verdict::Fail);
    world.accept(&count(&site, "C1", &[("1", "4")]));
    assert_eq!(outcome(&world.case(&trade), RuleId::B01), Verdict::Pass);
    assert_eq!(left(&world, "1"), decimal("1"));
    // A receipt that came and goes again leaves the book short; a count says so and sets it right.
    world.accept(&import::warehouse_receipt(&Trade::new(9), &[("1", "2")]));
    world.accept(&count(&site, "C2", &[("1", "0")]));
    let receipt = import::warehouse_receipt(&Trade::new(9), &[("1", "2")]);
    world.accept(&later(&receipt, AppType::Delete, 5));
    assert_eq!(left(&world, "1"), decimal("-2"));
    // Customs counts, too.
    let agency = fixture::code(fixture::AGENCY);
    let by_customs = count(&agency, "C1", &[("1", "0")]);
    assert!(matches!(world.send_as(&agency, &by_customs), Outcome::Accepted { .. }));
    let line = counted(&world, &agency, "C1").unwrap().lines.remove(0);
    assert_eq!((line.book, line.counted), (decimal("-2"), decimal("0")));
    assert_eq!(left(&world, "1"), decimal("0"));
}

#[test]
fn a_stocktake_is_the_warehouses_own_or_customs() {
    let (mut world, site) = (importing(), export::site());
    let merchant = fixture::code(fixture::MERCHANT);
    let mut refused = |signer: &OrganisationCode, document: &Document| {
        rejection(&refusal(world.send_as(signer, document)))
    };
    let own = |owner| count(owner, "C1", &[("1", "1")]);
    assert_eq!(refused(&merchant, &own(&merchant)), Rejection::NotItsPart);
    assert_eq!(refused(&merchant, &own(&site)), Rejection::EntryUnknown);
    let agency = fixture::code(fixture::AGENCY);
    let mut elsewhere = own(&agency);
    let Body::Stocktake(stocktake) = &mut elsewhere.body else { unreachable!() };
    let StocktakeAct::Count(count_of) = &mut stocktake.act;
    count_of.area_code = merchant.clone();
    assert_eq!(refused(&agency, &elsewhere), Rejection::CounterpartyUnfit);
    let with = |lines: &[(&str, &str)]| count(&site, "C1", lines);
    let many: Vec<String> = (0..100).map(|item| item.to_string()).collect();
    let lines = |count: usize| -> Vec<(&str, &str)> {
        many.iter().take(count).map(|item| (item.as_str(), "1")).collect()
    };
    for (document, expected) in [
        (with(&[]), Rejection::LineCount),
        (with(&lines(100)), Rejection::LineCount),
        (with(&[("1", "1"), ("1", "2")]), Rejection::EntryRepeated),
        (with(&[("1", "-1")]), Rejection::NumberNegative),
        (with(&[("", "1")]), Rejection::TextEmpty),
    ] {
        assert_eq!(refused(&site, &document), expected);
    }
    assert_eq!(counted(&world, &site, "C1"), None);
    world.accept(&with(&lines(99)));
}

/// Something that happens to a few trades and receipts.
#[derive(Clone, Debug)]
enum Step {
    List { trade: u64, qty: u32 },
    Change { trade: u64, qty: u32 },
    Delete { trade: u64 },
    Cancel { trade: u64 },
    Release { trade: u64 },
    Return { trade: u64, qty: u32 },
    Back { trade: u64 },
    Receive { receipt: u64, qty: u32 },
    Correct { receipt: u64, qty: u32 },
    Undo { receipt: u64 },
    Count { qty: u32 },
}

fn step() -> impl Strategy<Value = Step> {
    let (trade, receipt, qty) = (1u64..5, 11u64..14, 1u32..9);
    prop_oneof![
        4 => (trade.clone(), qty.clone()).prop_map(|(trade, qty)| Step::List { trade, qty }),
        2 => (trade.clone(), qty.clone()).prop_map(|(trade, qty)| Step::Change { trade, qty }),
        1 => trade.clone().prop_map(|trade| Step::Delete { trade }),
        1 => trade.clone().prop_map(|trade| Step::Cancel { trade }),
        2 => trade.clone().prop_map(|trade| Step::Release { trade }),
        2 => (trade.clone(), qty.clone()).prop_map(|(trade, qty)| Step::Return { trade, qty }),
        2 => trade.prop_map(|trade| Step::Back { trade }),
        3 => (receipt.clone(), qty.clone())
            .prop_map(|(receipt, qty)| Step::Receive { receipt, qty }),
        2 => (receipt.clone(), qty).prop_map(|(receipt, qty)| Step::Correct { receipt, qty }),
        1 => receipt.prop_map(|receipt| Step::Undo { receipt }),
        1 => (0u32..9).prop_map(|qty| Step::Count { qty }),
    ]
}

/// The document of a step; `minute` keeps versions apart.
fn said(step: &Step, minute: usize) -> Document {
    let clock = time(&format!("2026112316{:02}{:02}", minute / 60, minute % 60));
    let listed = |trade: u64, qty: u32, app_type| {
        let [_, _, _, mut document] = worth(&of_orderer(trade), &qty.to_string(), "1000");
        bonded(&mut document, "1");
        (document.app_type, document.app_time) = (app_type, clock);
        document
    };
    let received = |receipt: u64, qty: u32, app_type| {
        let qty = qty.to_string();
        let mut document = import::warehouse_receipt(&Trade::new(receipt), &[("1", &qty)]);
        (document.app_type, document.app_time) = (app_type, clock);
        document
    };
    match *step {
        Step::List { trade, qty } => listed(trade, qty, AppType::Add),
        Step::Change { trade, qty } => listed(trade, qty, AppType::Change),
        Step::Delete { trade } => listed(trade, 1, AppType::Delete),
        Step::Cancel { trade } => import::cancellation(&of_orderer(trade)),
        Step::Release { trade } => import::list_status(&of_orderer(trade), "800"),
        Step::Return { trade, qty } => {
            let mut document = import::list_return(&of_orderer(trade));
            let Body::ListReturn(own) = &mut document.body else { unreachable!() };
            own.lines[0].qty = decimal(&qty.to_string());
            document
        }
        Step::Back { trade } => import::return_status(&of_orderer(trade)),
        Step::Receive { receipt, qty } => received(receipt, qty, AppType::Add),
        Step::Correct { receipt, qty } => received(receipt, qty, AppType::Change),
        Step::Undo { receipt } => received(receipt, 1, AppType::Delete),
        Step::Count { qty } => {
            count(&export::site(), &format!("C{minute}"), &[("1", &qty.to_string())])
        }
    }
}

/// Nothing is lost and nothing made: what is in the book is what receipts put there, what is out is
/// what cases have, and neither a book nor a year is overdrawn.
fn check_conservation(world: &World) {
    let cases: Vec<Case> =
        (1..5).filter_map(|number| world.find(&of_orderer(number).case_key())).collect();
    let claims = || cases.iter().flat_map(|case| &case.clearance.claims);
    let total = |key: &PoolKey| {
        let of_key = claims().filter(|claim| claim.key == *key && claim.is_taken);
        of_key.fold(Decimal::ZERO, |sum, claim| sum.checked_add(claim.amount).unwrap())
    };
    let own = book(world, "1");
    let received = (11..14).filter_map(|number| {
        let number = format!("TESTIN{number:010}");
        let record =
            clearance::warehouse_receipt(&world.state, &export::site(), &number).unwrap()?;
        Some(record.entry.facts?.goods.iter().map(|goods| goods.qty).collect::<Vec<_>>())
    });
    let received = received.flatten().fold(Decimal::ZERO, |sum, qty| sum.checked_add(qty).unwrap());
    // Counts put in what they found more, and take out what they found less.
    let counts = (0..=STEPS_MAX)
        .filter_map(|minute| counted(world, &export::site(), &format!("C{minute}")))
        .flat_map(|own| own.lines);
    let adjusted = counts.fold(received, |sum, line| {
        sum.checked_add(line.counted).and_then(|sum| sum.checked_sub(line.book)).unwrap()
    });
    assert_eq!(own.put_in, adjusted);
    assert_eq!(own.taken, total(&stock("1")));
    for key in claims().map(|claim| &claim.key).filter(|key| matches!(key, PoolKey::Quota { .. })) {
        let pool = clearance::pool(&world.state, key).unwrap().unwrap_or_default();
        assert_eq!(pool.taken, total(key));
        assert!(pool.taken <= world.policy.annual_limit);
    }
    // Whoever waits asks for more than is left, and whoever does not have it waits.
    let left = own.put_in.checked_sub(own.taken).unwrap();
    // Only a correction takes a book below zero, and its receipt says so.
    let is_said = |number| {
        clearance::warehouse_receipt(&world.state, &export::site(), &format!("TESTIN{number:010}"))
            .unwrap()
            .is_some_and(|record| !record.short.is_empty())
    };
    assert!(!left.is_negative() || (11..14).any(is_said), "{own:?}");
    assert!(own.waiting.iter().all(|waiting| left < waiting.amount), "{own:?}");
    let wanting = claims().filter(|claim| claim.key == stock("1") && !claim.is_taken).count();
    assert_eq!(own.waiting.len(), wanting);
}

/// Steps of one history.
const STEPS_MAX: usize = 40;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn what_is_put_in_is_taken_once_and_never_more(
        steps in proptest::collection::vec(step(), 1..STEPS_MAX),
        blocks in proptest::collection::vec(1usize..5, STEPS_MAX),
    ) {
        let mut world = importing();
        let mut minute = 0;
        let mut rest = steps.as_slice();
        for size in blocks {
            let (block, behind) = rest.split_at(size.min(rest.len()));
            if block.is_empty() {
                break;
            }
            rest = behind;
            let submissions: Vec<Submission> = block
                .iter()
                .map(|step| {
                    minute += 1;
                    let document = said(step, minute);
                    let signer = fixture::signer(&Trade::new(0), &document);
                    let expires = world.height + 10;
                    fixture::submission(&GENESIS, &signer, expires, &[document])
                })
                .collect();
            world.execute(&submissions);
            check_conservation(&world);
        }
    }
}
