//! Flows: what cases say, document by document, and that the sums are those of the documents.

use super::*;
use crate::document::StatusSubject;
use crate::export;
use crate::fixture::export as own;
use crate::fixture::{capital, code, decimal, import};
use crate::flows::{
    self, CaseFlow, Entry, Figure, Figures, Filter, FlowDimension, OpenedFlow, ReceiptGap, Row,
    entries, entries_of, tabulate,
};
use crate::policy::Direction;
use crate::statistics::Month;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Trades of a history.
const TRADES: u64 = 3;
/// Enough milliseconds for the next month.
const MONTH_MS: u64 = 31 * 86_400_000;

fn zone() -> World {
    World::with(&own::exporters())
}

fn sender(document: &Document) -> OrganisationCode {
    match document.body {
        Body::Arrival(_) | Body::ReturnTally(_) => own::site(),
        _ => fixture::signer(&Trade::new(0), document),
    }
}

impl World {
    fn told(&mut self, document: &Document) {
        let outcome = self.send_as(&sender(document), document);
        assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
    }

    fn now(&self) -> Month {
        Month::of(self.time)
    }

    fn flows(&self, month: Month) -> Vec<Entry> {
        entries(&self.state, month).unwrap()
    }

    /// The sums of a month with one place.
    fn flow(&self, month: Month) -> Figures {
        let all = self.flows(month);
        assert_eq!(all.len(), 1, "{all:#?}");
        all[0].figures
    }

    /// What all cases say, as sums and opened.
    fn of_all_cases(&self) -> Vec<(CaseFlow, OpenedFlow)> {
        let mut all = Vec::new();
        for key in (0..TRADES).chain([8]).map(|number| Trade::new(number).case_key()) {
            if let Some(case) = self.find(&key) {
                all.push((flows::of_import(&case), flows::opened_import(&case)));
            }
            if let Some(case) = export::case(&self.state, &key).unwrap() {
                all.push((flows::of_export(&case), flows::opened_export(&case)));
            }
        }
        all
    }
}

fn delayed(document: &Document, app_type: AppType, minute: u64) -> Document {
    let text = format!("202611231{:01}{:02}00", 7 + minute / 60, minute % 60);
    Document { app_type, app_time: fixture::time(&text), ..document.clone() }
}

fn export_list(document: &mut Document, change: impl FnOnce(&mut crate::document::ExportList)) {
    if let Body::ExportList(list) = &mut document.body {
        change(list);
    }
}

fn receipt(document: &mut Document, change: impl FnOnce(&mut crate::document::FundsReceipt)) {
    if let Body::FundsReceipt(receipt) = &mut document.body {
        change(receipt);
    }
}

/// Money and weights as decimals, counts as they are.
fn check(figures: &Figures, expected: &[(Figure, &str)]) {
    for (figure, text) in expected {
        let sum = match figure.unit() {
            flows::Unit::Count => figures.get(*figure).to_string(),
            flows::Unit::Money | flows::Unit::Weight => {
                crate::statistics::units_text(figures.get(*figure))
            }
        };
        assert_eq!(sum, *text, "{figure:?}");
    }
}

#[test]
fn an_import_flows_from_its_order_to_the_return_of_a_piece() {
    use Figure::*;
    let (mut world, trade) = (zone(), Trade::new(1));
    let month = world.now();
    world.told(&fixture::order(&trade));
    let figures = world.flow(month);
    check(&figures, &[(Ordered, "118.5"), (TaxOrdered, "9.1"), (Declared, "0"), (Paid, "0")]);
    check(&figures, &[(Cases, "1"), (Incomplete, "1"), (Missing, "3"), (Documents, "1")]);
    assert_eq!(figures.outstanding(Direction::Import), decimal("118.5").units());

    for document in &documents(&trade)[1..] {
        world.told(document);
    }
    let figures = world.flow(month);
    check(&figures, &[(Paid, "118.5"), (Declared, "110"), (Lists, "1"), (Missing, "0")]);
    check(&figures, &[(DeclaredParcels, "1"), (ShippedParcels, "1"), (UnderWayParcels, "1")]);
    check(&figures, &[(Incomplete, "0"), (Documents, "4"), (Cases, "1"), (ArrivedParcels, "0")]);
    assert_eq!(figures.get(DeclaredGross), figures.get(ShippedGross));
    assert_eq!(figures.outstanding(Direction::Import), 0);

    for document in &import::documents(&trade)[..5] {
        world.told(document);
    }
    let figures = world.flow(month);
    check(&figures, &[(ArrivedParcels, "1"), (ReleasedParcels, "1"), (DeliveredParcels, "1")]);
    check(&figures, &[(UnderWayParcels, "0"), (UnderWayNet, "0"), (ReturnedParcels, "0")]);
    check(&figures, &[(TaxBilled, "10.01"), (TaxSummedUp, "10.01"), (Documents, "9")]);

    world.time = Millis(world.time.0 + 7 * 86_400_000);
    for document in &import::documents(&trade)[5..7] {
        world.told(document);
    }
    let figures = world.flow(month);
    // One of three pieces of 60 yuan.
    check(&figures, &[(Returned, "20"), (ReturnedParcels, "1"), (DeliveredParcels, "1")]);
    assert_eq!(figures.outstanding(Direction::Import), -decimal("20").units(), "to be paid back");
    assert!(0 < figures.get(ReturnedNet) && figures.get(ReturnedNet) < figures.get(DeclaredNet));
}

#[test]
fn an_export_flows_from_its_order_to_its_return() {
    use Figure::*;
    let (mut world, trade) = (zone(), Trade::new(1));
    let month = world.now();
    let all = own::documents(&trade);
    world.told(&all[0]);
    world.told(&all[1]);
    let figures = world.flow(month);
    check(&figures, &[(Ordered, "110"), (Received, "110"), (Declared, "0")]);
    let undeclared = figures.outstanding(Direction::Export);
    assert_eq!(undeclared, -decimal("110").units(), "received and not declared");
    for document in &all[2..6] {
        world.told(document);
    }
    let figures = world.flow(month);
    check(&figures, &[(Declared, "110"), (ArrivedParcels, "1"), (DepartedParcels, "0")]);
    check(&figures, &[(DeclaredGross, "2.5"), (ShippedGross, "2.5"), (UnderWayNet, "2")]);
    assert_eq!(figures.outstanding(Direction::Export), 0);
    for document in &all[6..] {
        world.told(document);
    }
    let figures = world.flow(month);
    check(&figures, &[(DepartedParcels, "1"), (DepartedNet, "2"), (UnderWayParcels, "0")]);
    // The pot of 40 of the 100 came back, with its part of the weight.
    check(&figures, &[(Returned, "40"), (ReturnedParcels, "1"), (ReturnedNet, "0.8")]);
    check(&figures, &[(Documents, "10"), (Incomplete, "0"), (Findings, "0"), (Corrections, "0")]);
    assert_eq!(figures.outstanding(Direction::Export), -decimal("40").units());
}

#[test]
fn a_cancelled_list_leaves_nothing_outstanding_but_what_was_paid() {
    use Figure::*;
    let (mut world, trade) = (zone(), Trade::new(1));
    let month = world.now();
    for document in documents(&trade) {
        world.told(&document);
    }
    world.told(&import::cancellation(&trade));
    assert_eq!(world.case(&trade).state, CaseState::Cancelled);
    let figures = world.flow(month);
    check(&figures, &[(Cancelled, "118.5"), (CancelledParcels, "1"), (UnderWayParcels, "0")]);
    check(&figures, &[(Declared, "110"), (Lists, "1"), (DeclaredParcels, "1")]);
    assert_eq!(figures.outstanding(Direction::Import), -decimal("118.5").units());

    let mut world = zone();
    for document in &own::documents(&trade)[..4] {
        world.told(document);
    }
    world.told(&own::cancellation(&trade));
    let figures = world.flow(month);
    check(&figures, &[(Cancelled, "110"), (CancelledNet, "2"), (UnderWayNet, "0")]);
    assert_eq!(figures.outstanding(Direction::Export), -decimal("110").units());
}

#[test]
fn goods_that_are_shipped_back_are_not_under_way_and_not_to_be_paid() {
    use Figure::*;
    let (mut world, trade) = (zone(), Trade::new(1));
    let month = world.now();
    for document in documents(&trade) {
        world.told(&document);
    }
    world.told(&import::list_status(&trade, "500"));
    check(&world.flow(month), &[(ArrivedParcels, "1"), (UnderWayParcels, "1")]);
    world.told(&import::customs_says(&trade, StatusSubject::List, "700", "20261124170000"));
    let figures = world.flow(month);
    check(&figures, &[(Returned, "118.5"), (ReturnedParcels, "1"), (UnderWayParcels, "0")]);
    assert_eq!(figures.get(ReturnedNet), figures.get(DeclaredNet));
}

#[test]
fn a_second_payment_shows_as_paid_too_much() {
    use Figure::*;
    let (mut world, trade) = (zone(), Trade::new(1));
    for document in documents(&trade) {
        world.told(&document);
    }
    let mut second = fixture::payment(&trade);
    payment(&mut second, |own| own.pay_transaction_id = "TESTSECOND".into());
    world.told(&second);
    let figures = world.flow(world.now());
    check(&figures, &[(Paid, "237"), (Findings, "1")]);
    assert_eq!(figures.outstanding(Direction::Import), -decimal("118.5").units());
}

#[test]
fn money_in_another_currency_stands_in_its_own_place() {
    use Figure::*;
    let (mut world, trade) = (zone(), Trade::new(1));
    let mut list = own::list(&trade);
    export_list(&mut list, |list| {
        list.f_currency = "300".into();
        (list.insured_fee, list.i_flag) = (decimal("7"), "1".into());
    });
    let mut other = own::receipt(&trade);
    receipt(&mut other, |own| {
        (own.currency, own.pay_no) = ("300".into(), Some("TESTEURO".into()));
        own.charge = decimal("9");
    });
    for document in [&own::order(&trade), &own::receipt(&trade), &list, &other] {
        world.told(document);
    }
    let all = world.flows(world.now());
    let places: Vec<(u16, u16)> =
        all.iter().map(|entry| (entry.place.mode, entry.place.currency)).collect();
    assert_eq!(places, [(9610, 300), (9610, 502)]);
    check(&all[0].figures, &[(Declared, "10"), (Received, "9"), (Cases, "0"), (Lists, "0")]);
    // A rate of insurance is no amount.
    check(&all[1].figures, &[(Declared, "100"), (Received, "110"), (Cases, "1"), (Lists, "1")]);
}

#[test]
fn a_divided_payment_is_paid_in_shares_and_what_goes_back_is_refunded() {
    use Figure::*;
    let (mut world, trade, other) = (zone(), Trade::new(1), Trade::new(2));
    let shares = [(trade.order_no.as_str(), "100"), (other.order_no.as_str(), "18.5")];
    let allocation = capital::allocation(&trade, &shares);
    world.told(&fixture::order(&trade));
    world.told(&fixture::order(&other));
    world.told(&allocation);
    world.told(&fixture::payment(&trade));
    let figures = world.flow(world.now());
    check(&figures, &[(Ordered, "237"), (Paid, "118.5"), (Cases, "2")]);
    let case = world.case(&other);
    let opened = flows::opened_import(&case);
    let paid = opened.parts.iter().find(|part| part.figure == Paid).unwrap();
    assert_eq!(paid.amount, decimal("18.5").units());
    let kinds: Vec<_> = paid.documents.iter().map(|source| source.kind.name()).collect();
    assert_eq!(kinds, ["payment", "payment_allocation"]);

    world.told(&capital::refund(&trade, "TESTREFUND1", "30", "20261124160000"));
    let figures = world.flow(world.now());
    check(&figures, &[(Refunded, "30"), (Paid, "118.5")]);
    let due = decimal("237").units() - decimal("118.5").units() + decimal("30").units();
    assert_eq!(figures.outstanding(Direction::Import), due);
    // Of a payment that the order does not have, nothing is refunded.
    let mut foreign = capital::refund(&trade, "TESTREFUND2", "5", "20261124160000");
    if let Body::PaymentRefund(own) = &mut foreign.body {
        own.pay_transaction_id = "TESTUNKNOWN".into();
    }
    world.told(&foreign);
    check(&world.flow(world.now()), &[(Refunded, "30"), (Documents, "6")]);
}

#[test]
fn a_case_that_nothing_speaks_of_any_more_says_nothing() {
    let (mut world, trade) = (zone(), Trade::new(1));
    world.told(&fixture::payment(&trade));
    assert_eq!(world.flow(world.now()).get(Figure::Cases), 1);
    world.told(&delayed(&fixture::payment(&trade), AppType::Delete, 1));
    assert_eq!(world.flows(world.now()), []);
}

#[test]
fn a_receipt_for_another_merchant_is_not_received_by_the_exporter() {
    use Figure::*;
    let (mut world, trade) = (zone(), Trade::new(1));
    let mut foreign = own::receipt(&trade);
    receipt(&mut foreign, |own| own.ebc_code = code("TESTEBC999"));
    world.told(&foreign);
    let entry = &world.flows(world.now())[0];
    assert_eq!(entry.merchant, trade.platform, "nobody has the trade yet");
    check(&entry.figures, &[(Received, "110"), (ReceivedByOthers, "0")]);
    world.told(&own::order(&trade));
    let all = world.flows(world.now());
    assert_eq!((all.len(), &all[0].merchant), (1, &trade.merchant));
    check(&all[0].figures, &[(Received, "0"), (ReceivedByOthers, "110")]);
}

#[test]
fn a_trade_stands_in_the_month_of_its_list_whatever_comes_later() {
    use Figure::*;
    let (mut world, trade) = (zone(), Trade::new(1));
    let opened = world.now();
    let all = own::documents(&trade);
    world.told(&all[0]);
    check(&world.flow(opened), &[(Ordered, "110")]);
    world.time = Millis(world.time.0 + MONTH_MS);
    let declared = world.now();
    world.told(&all[2]);
    world.told(&all[3]);
    assert_eq!(world.flows(opened), [], "it moved to the month of its list");
    world.time = Millis(world.time.0 + 3 * MONTH_MS);
    world.told(&all[1]);
    let figures = world.flow(declared);
    check(&figures, &[(Ordered, "110"), (Declared, "110"), (Received, "110"), (Cases, "1")]);
    assert_eq!(entries_of(&world.state, declared, &trade.merchant).unwrap().len(), 1);
    assert_eq!(entries_of(&world.state, declared, &trade.platform).unwrap(), []);
}

#[test]
fn rows_add_up_by_any_dimension_and_count_gaps() {
    let mut world = zone();
    let first = world.now();
    for number in 0..2 {
        let trade = Trade::new(number);
        for document in own::documents(&trade)
            .iter()
            .take(4)
            .filter(|document| number == 0 || !matches!(document.body, Body::FundsReceipt(_)))
        {
            world.told(document);
        }
        world.time = Millis(world.time.0 + MONTH_MS);
    }
    for document in documents(&Trade::new(5)) {
        world.told(&document);
    }
    let months = [first, first.after(), first.after().after()];
    let all: Vec<Entry> = months.iter().flat_map(|month| world.flows(*month)).collect();
    let rows = |by: &[FlowDimension], filter: &Filter, days: u64| -> Vec<Row> {
        let now = Millis(world.time.0 + days * 86_400_000);
        tabulate(&all, filter, by, &world.policy, now)
    };
    let whole = rows(&[], &Filter::default(), 0);
    let placed: Vec<(Direction, u16)> =
        whole.iter().map(|row| (row.direction, row.currency)).collect();
    assert_eq!(placed, [(Direction::Import, 142), (Direction::Export, 502)]);
    assert_eq!(whole[1].figures.get(Figure::Lists), 2);
    assert_eq!(whole[1].gaps, BTreeMap::from([(ReceiptGap::Open, 1)]));
    let exports = Filter { direction: Some(Direction::Export), ..Filter::default() };
    let later = rows(&FlowDimension::ALL, &exports, 200);
    assert_eq!(later.len(), 2);
    assert_eq!(later[0].labels, [first.to_string(), "9610".into(), "TESTEBC001".into()]);
    assert_eq!(later[0].gaps, BTreeMap::new());
    assert_eq!(later[1].gaps, BTreeMap::from([(ReceiptGap::Unexplained, 1)]));
    let mut sum = later[0].figures;
    sum.add(&later[1].figures);
    assert_eq!(sum, whole[1].figures);
    let none = Filter { mode: Some(9810), ..Filter::default() };
    assert_eq!(rows(&[], &none, 0), []);
}

#[test]
fn a_block_writes_the_page_of_a_merchant_once() {
    let mut world = zone();
    let submissions = |trades: std::ops::Range<u64>| -> Vec<Submission> {
        let all = trades.map(Trade::new).flat_map(|trade| documents(&trade));
        let each = all.map(|document| {
            fixture::submission(&GENESIS, &sender(&document), 9, std::slice::from_ref(&document))
        });
        each.collect()
    };
    let of_flows = |effects: &Effects| {
        effects.writes.keys().filter(|key| (0x48..0x50).contains(&key[0])).count()
    };
    // Month, codes, page.
    assert_eq!(of_flows(&world.execute(&submissions(0..20))), 3);
    assert_eq!(world.flow(world.now()).get(Figure::Cases), 20);
    assert_eq!(of_flows(&world.execute(&submissions(20..21))), 1, "the page is there");
}

/// One thing that happens in a history.
#[derive(Clone, Debug)]
enum Deed {
    /// A document: of which trade, which, and how it is changed.
    Document { trade: u64, index: usize, app_type: AppType, variant: u8 },
    /// A month passes.
    Month,
    /// The rules change.
    Policy,
}

/// All documents that a trade can have, imports first.
fn documents_of(trade: &Trade) -> Vec<Document> {
    let mut all = documents(trade).to_vec();
    all.extend(import::documents(trade));
    all.push(import::cancellation(trade));
    all.push(import::list_status(trade, "500"));
    all.push(import::customs_says(trade, StatusSubject::List, "700", "20261124170000"));
    all.extend(own::documents(trade));
    all.push(own::cancellation(trade));
    let next = Trade::new(8);
    let shares = [(trade.order_no.as_str(), "60"), (next.order_no.as_str(), "58.5")];
    all.push(capital::allocation(trade, &shares));
    let number = format!("TESTREFUND{}", trade.order_no);
    all.push(capital::refund(trade, &number, "5.5", "20261124160000"));
    all
}

fn deed() -> impl Strategy<Value = Deed> {
    let (add, change, delete) = (AppType::Add, AppType::Change, AppType::Delete);
    let app_type = prop_oneof![4 => Just(add), 2 => Just(change), 1 => Just(delete)];
    let count = documents_of(&Trade::new(0)).len();
    let document =
        (0..TRADES, 0..count, app_type, 0u8..5).prop_map(|(trade, index, app_type, variant)| {
            Deed::Document { trade, index, app_type, variant }
        });
    prop_oneof![20 => document, 1 => Just(Deed::Month), 1 => Just(Deed::Policy)]
}

/// The document of a deed, if it is one.
fn document_of(deed: &Deed, minute: u64) -> Option<Document> {
    let Deed::Document { trade, index, app_type, variant } = *deed else { return None };
    let mut document = documents_of(&Trade::new(trade)).swap_remove(index);
    let amount = decimal(&format!("{}.00001", 1 + variant));
    match variant {
        1 => {
            export_list(&mut document, |list| list.f_currency = "300".into());
            payment(&mut document, |own| own.amount_paid = amount);
            receipt(&mut document, |own| own.charge = amount);
        }
        2 => {
            export_list(&mut document, |list| list.ebc_code = code("TESTEBC002"));
            list(&mut document, |list| list.ebc_code = code("TESTEBC002"));
            receipt(&mut document, |own| own.ebc_code = code("TESTEBC002"));
            payment(&mut document, |own| own.order_no = Trade::new((trade + 1) % TRADES).order_no);
        }
        3 => {
            export_list(&mut document, |list| list.lines[1].total_price = decimal("40.00001"));
            receipt(&mut document, |own| {
                (own.pay_no, own.charge) = (Some("TESTMORE".into()), amount);
            });
            payment(&mut document, |own| own.pay_transaction_id = format!("TESTMORE{trade}"));
            list(&mut document, |list| list.net_weight = decimal("0.1"));
        }
        _ => {}
    }
    if app_type != AppType::Add || 0 < variant {
        document = delayed(&document, app_type, minute);
    }
    Some(document)
}

/// The documents that stand, kept without the ledger: by what identifies them.
#[derive(Default)]
struct Book(BTreeMap<String, Document>);

/// Submissions of one document each, for the next block.
type Waiting = Vec<(Submission, Document)>;

impl Book {
    /// Executes a block, and takes what was accepted.
    fn execute(&mut self, world: &mut World, waiting: &mut Waiting) {
        let (submissions, documents): (Vec<_>, Vec<_>) = waiting.drain(..).unzip();
        let receipts = world.execute(&submissions).receipts;
        for (receipt, document) in receipts.iter().zip(&documents) {
            if matches!(receipt.outcome, Outcome::Accepted { .. }) {
                self.take(document);
            }
        }
    }

    fn take(&mut self, document: &Document) {
        let key = match &document.body {
            Body::Order(own) => format!("order {}", own.order_no),
            Body::Payment(own) => format!("payment {}", own.pay_transaction_id),
            Body::InventoryList(own) => format!("list {}", own.order_no),
            Body::ExportOrder(own) => format!("export order {}", own.order_no),
            Body::FundsReceipt(own) => format!("receipt {:?}", own.pay_no),
            Body::ExportList(own) => format!("export list {}", own.order_no),
            Body::PaymentAllocation(own) => format!("allocation {}", own.pay_transaction_id),
            Body::PaymentRefund(own) => format!("refund {}", own.refund_no),
            _ => return,
        };
        match document.app_type {
            AppType::Delete => self.0.remove(&key),
            AppType::Add | AppType::Change => self.0.insert(key, document.clone()),
        };
    }

    /// Whether the order of a list names its merchant, or is not there.
    fn is_own(&self, order: &str, merchant: &OrganisationCode) -> bool {
        match self.0.get(order).map(|document| &document.body) {
            Some(Body::Order(own)) => own.ebc_code == *merchant,
            Some(Body::ExportOrder(own)) => own.ebc_code == *merchant,
            _ => true,
        }
    }

    /// Which orders a payment pays, and how much.
    fn shares(&self, transaction: &str) -> Vec<(&str, kanhe_types::decimal::Decimal)> {
        let body = |key: String| self.0.get(&key).map(|document| &document.body);
        let Some(Body::Payment(paid)) = body(format!("payment {transaction}")) else {
            return Vec::new();
        };
        match body(format!("allocation {transaction}")) {
            Some(Body::PaymentAllocation(own)) if own.ebp_code == paid.ebp_code => {
                own.lines.iter().map(|line| (line.order_no.as_str(), line.amount)).collect()
            }
            _ => vec![(paid.order_no.as_str(), paid.amount_paid)],
        }
    }

    /// What the documents come to: money by currency, parcels and weights under 0.
    fn sums(&self) -> BTreeMap<(u16, Figure), i128> {
        let mut sums = BTreeMap::new();
        let mut add = |currency: &str, figure: Figure, amount: kanhe_types::decimal::Decimal| {
            *sums.entry((currency.parse().unwrap(), figure)).or_default() += amount.units();
        };
        for document in self.0.values() {
            match &document.body {
                Body::Order(own) => {
                    add(&own.currency, Figure::Ordered, own.actural_paid);
                    add(&own.currency, Figure::TaxOrdered, own.tax_total);
                }
                Body::Payment(own) => {
                    for (_, amount) in self.shares(&own.pay_transaction_id) {
                        add(&own.currency, Figure::Paid, amount);
                    }
                }
                Body::PaymentRefund(own) => {
                    let shares = self.shares(&own.pay_transaction_id);
                    if shares.iter().any(|(order, _)| *order == own.order_no) {
                        add("142", Figure::Refunded, own.amount);
                    }
                }
                Body::ExportOrder(own) => {
                    add(&own.currency, Figure::Ordered, own.goods_value);
                    add(&own.currency, Figure::Ordered, own.freight);
                }
                Body::FundsReceipt(own) => add(&own.currency, Figure::Received, own.charge),
                Body::InventoryList(own)
                    if self.is_own(&format!("order {}", own.order_no), &own.ebc_code) =>
                {
                    own.lines
                        .iter()
                        .for_each(|line| add(&own.currency, Figure::Declared, line.total_price));
                    add(&own.currency, Figure::Declared, own.freight);
                    add(&own.currency, Figure::Declared, own.insured_fee);
                    add("0", Figure::DeclaredNet, own.net_weight);
                    add("0", Figure::DeclaredGross, own.gross_weight);
                }
                Body::ExportList(own)
                    if self.is_own(&format!("export order {}", own.order_no), &own.ebc_code) =>
                {
                    own.lines
                        .iter()
                        .for_each(|line| add(&line.currency, Figure::Declared, line.total_price));
                    add(&own.f_currency, Figure::Declared, own.freight);
                    add("0", Figure::DeclaredNet, own.net_weight);
                    add("0", Figure::DeclaredGross, own.gross_weight);
                }
                _ => {}
            }
        }
        sums.retain(|_, sum| *sum != 0);
        sums
    }
}

/// The same of the sums in the state.
fn sums_of(entries: &[Entry]) -> BTreeMap<(u16, Figure), i128> {
    use Figure::*;
    let mut sums = BTreeMap::new();
    for entry in entries {
        for figure in [Ordered, TaxOrdered, Paid, Refunded, Declared, Received, ReceivedByOthers] {
            let named = if figure == ReceivedByOthers { Received } else { figure };
            *sums.entry((entry.place.currency, named)).or_default() += entry.figures.get(figure);
        }
        for figure in [DeclaredNet, DeclaredGross] {
            *sums.entry((0, figure)).or_default() += entry.figures.get(figure);
        }
    }
    sums.retain(|_, sum| *sum != 0);
    sums
}

type Sums = BTreeMap<(OrganisationCode, Month, flows::Place, Figure), i128>;

/// The sums in the state are those of the cases, and these are those of the documents.
fn reconcile(world: &World, months: &[Month], book: &Book) -> Result<(), TestCaseError> {
    let all: Vec<Entry> = months.iter().flat_map(|month| world.flows(*month)).collect();
    let mut kept = Sums::new();
    for entry in &all {
        for (figure, sum) in entry.figures.iter().filter(|(_, sum)| *sum != 0) {
            kept.insert((entry.merchant.clone(), entry.month, entry.place, figure), sum);
        }
    }
    let (mut summed, mut opened) = (Sums::new(), Sums::new());
    for (flow, parts) in world.of_all_cases() {
        let flows::Standing { merchant, month, .. } = &flow.standing;
        for (place, figure, sum) in flow.sums() {
            *summed.entry((merchant.clone(), *month, place, figure)).or_default() += sum;
        }
        let place = parts.standing.place;
        for part in &parts.parts {
            let place = flows::Place { currency: part.currency, ..place };
            *opened.entry((merchant.clone(), *month, place, part.figure)).or_default() +=
                part.amount;
        }
        goods_are_conserved(&flow.figures)?;
    }
    for sums in [&mut summed, &mut opened] {
        sums.retain(|_, sum| *sum != 0);
    }
    prop_assert_eq!(&kept, &summed);
    prop_assert_eq!(&kept, &opened);
    prop_assert_eq!(sums_of(&all), book.sums());
    Ok(())
}

/// Of one case: what was declared is cancelled, came to its end, came back before, or is under way.
fn goods_are_conserved(figures: &Figures) -> Result<(), TestCaseError> {
    use Figure::*;
    let net = |figure| figures.get(figure);
    let is_cancelled = net(CancelledNet) != 0;
    let ended = [DeliveredNet, DepartedNet].map(net).into_iter().sum::<i128>();
    let expected = match (is_cancelled, ended != 0) {
        (true, _) => net(CancelledNet),
        (false, true) => ended,
        (false, false) => net(ReturnedNet) + net(UnderWayNet),
    };
    prop_assert_eq!(net(DeclaredNet), expected);
    prop_assert!(net(ReturnedNet) <= net(DeclaredNet));
    Ok(())
}

proptest! {
    #[test]
    fn sums_are_those_of_the_cases_and_of_the_documents_that_stand(
        deeds in proptest::collection::vec(deed(), 1..80),
        in_one_block in any::<bool>(),
    ) {
        let mut world = zone();
        let mut months = vec![world.now()];
        let mut book = Book::default();
        let mut waiting = Waiting::new();
        for (minute, deed) in (1u64..).zip(&deeds) {
            match document_of(deed, minute) {
                Some(document) => {
                    let (signer, alone) = (sender(&document), std::slice::from_ref(&document));
                    let expires = 1_000 + minute;
                    let submission = fixture::submission(&GENESIS, &signer, expires, alone);
                    waiting.push((submission, document));
                    if !in_one_block {
                        book.execute(&mut world, &mut waiting);
                        reconcile(&world, &months, &book)?;
                    }
                }
                None => {
                    book.execute(&mut world, &mut waiting);
                    if let Deed::Policy = deed {
                        world.policy.version += 1;
                        world.policy.return_days = 1;
                        world.policy.return_back_days = 2;
                    } else {
                        world.time = Millis(world.time.0 + MONTH_MS);
                        months.push(world.now());
                    }
                }
            }
        }
        book.execute(&mut world, &mut waiting);
        reconcile(&world, &months, &book)?;
    }
}
