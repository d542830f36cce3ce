//! Overseas stock: what may move, and that no goods are made or lost.

use super::*;
use crate::document::{
    CaseRef, EntryAct, MovedLine, OverseasStockAct as Act, SoldLine, StockFacts, StockLine,
    StockMove, StockSale,
};
use crate::fixture::export as own;
use crate::fixture::{MERCHANT, PLATFORM, code, decimal};
use crate::policy::Direction;
use crate::register::{self, Content, EntryKey, OverseasStock, Register, StockGoods};
use crate::registry::Role;
use kanhe_types::decimal::Decimal;
use proptest::prelude::*;

const STOCK: &str = "TESTSTOCK01";
/// A declarant of none of the exports.
const STRANGER: &str = "TESTAGT009";
const NEXT: &str = "TESTSTOCK02";

/// A world with exports under 9810 that departed: 3 of line 1, 1 of line 2 each.
fn exported(count: u64) -> World {
    let mut organisations = own::exporters();
    organisations.push(fixture::organisation(&code(STRANGER), "测试报关乙", &[Role::Declarant]));
    organisations.sort_by(|one, two| one.code.cmp(&two.code));
    let mut world = World::with(&organisations);
    for trade in (1..=count).map(Trade::new) {
        let mut all = [own::order(&trade), own::waybill(&trade), own::list(&trade)].to_vec();
        all.push(own::departure(std::slice::from_ref(&trade)));
        for mut document in all {
            match &mut document.body {
                Body::ExportOrder(order) => order.order_type = "W".into(),
                Body::ExportList(list) => list.trade_mode = "9810".into(),
                _ => {}
            }
            world.accept(&document);
        }
    }
    world
}

impl World {
    fn stock(&self, number: &str) -> OverseasStock {
        let register = Register::OverseasStock;
        let key = EntryKey { register, owner: code(MERCHANT), number: number.to_owned() };
        match register::entry(&self.state, &key).unwrap().unwrap().content {
            Content::OverseasStock(own) => own,
            other => panic!("{other:?}"),
        }
    }

    fn stock_says(&mut self, number: &str, act: Act) -> Outcome {
        let (owner, number) = (code(MERCHANT), number.to_owned());
        let body = Body::OverseasStock(EntryAct { owner, number, act });
        let mut document = fixture::governance(body);
        // The same said again is another document.
        document.guid = format!("{:036}", self.height);
        self.send_as(&code(MERCHANT), &document)
    }

    fn stock_does(&mut self, number: &str, act: Act) {
        assert_eq!(self.stock_says(number, act), Outcome::Accepted { case: None });
    }

    fn stock_refuses(&mut self, number: &str, act: Act) -> Rejection {
        rejection(&refusal(self.stock_says(number, act)))
    }
}

fn facts(continues: Option<&str>) -> StockFacts {
    StockFacts {
        warehouse_no: "TESTWH01".into(),
        warehouse_name: "测试海外仓".into(),
        country: "502".into(),
        year: 2026,
        continues: continues.map(str::to_owned),
    }
}

fn moved(trade: u64, lines: &[(u32, &str)]) -> StockMove {
    let trade = Trade::new(trade);
    let case = CaseRef {
        direction: Direction::Export,
        platform: trade.platform.clone(),
        order_no: trade.order_no.clone(),
    };
    let line = |(gnum, qty): &(u32, &str)| MovedLine {
        gnum: *gnum,
        item_no: format!("SKU{gnum:03}"),
        unit: "011".into(),
        qty: decimal(qty),
    };
    StockMove { case, lines: lines.iter().map(line).collect() }
}

fn ship(trade: u64, lines: &[(u32, &str)]) -> Act {
    Act::Ship(moved(trade, lines))
}

fn sale(date: &str, qty: &str, amount: &str) -> StockSale {
    let (qty, amount) = (decimal(qty), decimal(amount));
    StockSale {
        date: date.parse().unwrap(),
        currency: "502".into(),
        lines: vec![SoldLine { item_no: "SKU001".into(), qty, amount }],
        orders: Hash([1; 32]),
    }
}

fn sell(qty: &str) -> Act {
    Act::Sell(sale("20261123", qty, "25"))
}

fn line(qty: &str) -> Vec<StockLine> {
    vec![StockLine { item_no: "SKU001".into(), qty: decimal(qty) }]
}

fn scrap(qty: &str) -> Act {
    Act::Scrap { lines: line(qty), evidence: Hash([2; 32]) }
}

fn count(qty: &str) -> Act {
    Act::Count { lines: line(qty), report: Hash([3; 32]) }
}

#[test]
fn stock_is_shipped_sold_taken_back_scrapped_counted_and_settled() {
    let mut world = exported(1);
    world.stock_does(STOCK, Act::Open(facts(None)));
    world.stock_does(STOCK, ship(1, &[(1, "3"), (2, "1")]));
    world.stock_does(STOCK, sell("2"));
    assert_eq!(world.stock_refuses(STOCK, sell("1.00001")), Rejection::AmountUnfit);
    let back = |qty: &str| Act::TakeBack(sale("20261123", qty, "10"));
    assert_eq!(world.stock_refuses(STOCK, back("2.00001")), Rejection::AmountUnfit);
    world.stock_does(STOCK, back("1"));
    assert_eq!(world.stock_refuses(STOCK, scrap("2.00001")), Rejection::AmountUnfit);
    world.stock_does(STOCK, scrap("0.5"));
    world.stock_does(STOCK, count("1"));
    let stock = world.stock(STOCK);
    assert_eq!(stock.counts.len(), 1);
    assert_eq!(stock.counts[0].chinese(), "SKU001 盘点不符：账存 1.5，实存 1");
    let settled = &stock.settlement()[0];
    assert_eq!((settled.shipped, settled.sold), (decimal("3"), decimal("1")));
    assert_eq!((settled.adjusted, settled.there), (decimal("-0.5"), decimal("1")));
    assert_eq!(settled.sold_share, decimal("0.33333"));
    assert_eq!(settled.proceeds[0].amount, decimal("15"));
    assert_eq!(stock.settlement()[1].sold_share, Decimal::ZERO);
    world.stock_does(STOCK, count("1.00000"));
    assert_eq!(world.stock(STOCK).counts.len(), 1, "a count that agrees is none");
}

#[test]
fn only_goods_of_own_departed_exports_under_9810_are_shipped_and_once() {
    let mut world = exported(1);
    let plain = Trade::new(2);
    for document in own::documents(&plain).into_iter().take(4) {
        world.accept(&document);
    }
    world.stock_does(STOCK, Act::Open(facts(None)));
    for (act, expected) in [
        (ship(2, &[(1, "1")]), Rejection::TradeUnfit),
        (ship(3, &[(1, "1")]), Rejection::TradeUnfit),
        (ship(1, &[(3, "1")]), Rejection::AmountUnfit),
        (ship(1, &[(2, "1"), (1, "1")]), Rejection::PartsMalformed),
        (ship(1, &[]), Rejection::PartsMalformed),
        (ship(1, &[(1, "0")]), Rejection::NumberNotPositive),
        (sell("1"), Rejection::FactsDiffer),
        (Act::Sell(sale("20251231", "1", "1")), Rejection::DatesUnfit),
        (Act::Sell(sale("20261124", "1", "1")), Rejection::DatesUnfit),
    ] {
        assert_eq!(world.stock_refuses(STOCK, act.clone()), expected, "{act:?}");
    }
    // What is refused because of its second line has not taken its first.
    let too_much = ship(1, &[(1, "3"), (2, "1.1")]);
    assert_eq!(world.stock_refuses(STOCK, too_much), Rejection::AmountUnfit);
    world.stock_does(STOCK, ship(1, &[(1, "2")]));
    let mut other_unit = moved(1, &[(1, "1")]);
    other_unit.lines[0].unit = "035".into();
    assert_eq!(world.stock_refuses(STOCK, Act::Ship(other_unit)), Rejection::FactsDiffer);
    assert_eq!(world.stock_refuses(STOCK, ship(1, &[(1, "1.1")])), Rejection::AmountUnfit);
    world.stock_does(STOCK, ship(1, &[(1, "1")]));
    let outcome = {
        let act = Act::Open(facts(None));
        let (owner, number) = (code(PLATFORM), STOCK.to_owned());
        let document = fixture::governance(Body::OverseasStock(EntryAct { owner, number, act }));
        world.send_as(&code(PLATFORM), &document)
    };
    assert_eq!(rejection(&refusal(outcome)), Rejection::NotItsPart, "no merchant");
}

#[test]
fn goods_go_back_under_a_return_of_their_export() {
    let mut world = exported(1);
    world.stock_does(STOCK, Act::Open(facts(None)));
    world.stock_does(STOCK, ship(1, &[(1, "3"), (2, "1")]));
    let back = |lines: &[(u32, &str)]| Act::SendBack(moved(1, lines));
    assert_eq!(world.stock_refuses(STOCK, back(&[(2, "1")])), Rejection::AmountUnfit);
    // The application returns one of line 2.
    let mut application = own::application(&Trade::new(1));
    if let Body::ExportReturn(application) = &mut application.body {
        application.trade_mode = Some("9810".into());
    }
    let mut strange = application.clone();
    if let Body::ExportReturn(strange) = &mut strange.body {
        strange.agent_code = code(STRANGER);
    }
    let outcome = world.send_as(&code(STRANGER), &strange);
    assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
    let is_noticed = |world: &World| {
        let case = crate::export::case(&world.state, &Trade::new(1).case_key()).unwrap().unwrap();
        case.has(crate::document::DocumentKind::ExportReturn)
    };
    assert!(is_noticed(&world), "the stranger's return stands in the case");
    assert_eq!(world.stock_refuses(STOCK, back(&[(2, "1")])), Rejection::AmountUnfit);
    world.accept(&application);
    assert_eq!(world.stock_refuses(STOCK, back(&[(1, "1")])), Rejection::AmountUnfit);
    world.stock_does(STOCK, back(&[(2, "1")]));
    assert_eq!(world.stock_refuses(STOCK, back(&[(2, "1")])), Rejection::AmountUnfit);
    assert_eq!(world.stock(STOCK).goods[1].there(), Decimal::ZERO);
}

#[test]
fn a_warehouse_has_one_open_entry_which_the_next_goes_on_with() {
    let mut world = exported(1);
    world.stock_does(STOCK, Act::Open(facts(None)));
    world.stock_does(STOCK, ship(1, &[(1, "3"), (2, "1")]));
    world.stock_does(STOCK, sell("2"));
    assert_eq!(world.stock_refuses(NEXT, Act::Open(facts(None))), Rejection::TakenByAnother);
    let next = Act::Open(facts(Some(STOCK)));
    assert_eq!(world.stock_refuses(NEXT, next.clone()), Rejection::ActNotNow);
    world.stock_does(STOCK, Act::Close);
    assert_eq!(world.stock_refuses(STOCK, scrap("1")), Rejection::ActNotNow);
    assert_eq!(world.stock_refuses(NEXT, Act::Open(facts(None))), Rejection::TakenByAnother);
    let elsewhere = StockFacts { warehouse_no: "TESTWH02".into(), ..facts(Some(STOCK)) };
    assert_eq!(world.stock_refuses(NEXT, Act::Open(elsewhere)), Rejection::FactsDiffer);
    let unknown = Act::Open(facts(Some("TESTSTOCK09")));
    assert_eq!(world.stock_refuses(NEXT, unknown), Rejection::EntryUnknown);
    world.stock_does(NEXT, next.clone());
    let goods = world.stock(NEXT).goods;
    assert_eq!(goods[0].opening, decimal("1"));
    assert_eq!(goods[1].opening, decimal("1"));
    assert_eq!(world.stock_refuses("TESTSTOCK03", next), Rejection::TakenByAnother);
    let back = |qty: &str| Act::TakeBack(sale("20261123", qty, "10"));
    assert_eq!(world.stock_refuses(NEXT, back("3")), Rejection::AmountUnfit);
    world.stock_does(NEXT, back("2"));
    assert_eq!(world.stock(NEXT).settlement()[0].sold, decimal("-2"));
    assert_eq!(world.stock_refuses(NEXT, ship(1, &[(1, "1")])), Rejection::AmountUnfit);
}

fn conserved(goods: &StockGoods) -> bool {
    let sum = |all: &[Decimal]| all.iter().map(|own| own.units()).sum::<i128>();
    let came = [goods.opening, goods.shipped, goods.taken_back, goods.surplus];
    let went = [goods.sold, goods.sent_back, goods.scrapped, goods.shortage, goods.there()];
    sum(&came) == sum(&went) && !came.iter().chain(&went).any(|own| own.is_negative())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// What came is what went and what is there, after whatever acts, over two periods.
    #[test]
    fn no_goods_are_made_or_lost(acts in prop::collection::vec((0u8..7, 1u32..40), 1..30)) {
        let mut world = exported(2);
        world.stock_does(STOCK, Act::Open(facts(None)));
        let mut number = STOCK;
        for (act, tenths) in acts {
            let qty = format!("{}.{}", tenths / 10, tenths % 10);
            let trade = u64::from(tenths % 2) + 1;
            let act = match act {
                0 => ship(trade, &[(1, &qty)]),
                1 => sell(&qty),
                2 => Act::TakeBack(sale("20261123", &qty, "1")),
                3 => scrap(&qty),
                4 => count(&qty),
                5 => ship(trade, &[(1, &qty), (2, "1")]),
                _ if number == STOCK && tenths % 4 == 0 => {
                    world.stock_does(STOCK, Act::Close);
                    world.stock_does(NEXT, Act::Open(facts(Some(STOCK))));
                    let before = world.stock(STOCK);
                    for goods in &world.stock(NEXT).goods {
                        let own = before.goods.iter().find(|own| own.item_no == goods.item_no);
                        prop_assert_eq!(own.unwrap().there(), goods.opening);
                    }
                    number = NEXT;
                    continue;
                }
                _ => sell("0.1"),
            };
            world.stock_says(number, act);
            prop_assert!(world.stock(number).goods.iter().all(conserved));
        }
        let shipped = [STOCK, number].map(|own| {
            let stock = world.stock(own);
            stock.goods.first().map_or(0, |goods| goods.shipped.units())
        });
        let total = if number == STOCK { shipped[0] } else { shipped.iter().sum() };
        prop_assert!(total <= decimal("6").units());
    }
}
