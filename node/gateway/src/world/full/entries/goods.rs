//! Registers of goods: frozen lots with their cold chain, and stock of overseas warehouses.

use super::super::cast::{CARRIERS, CUSTOMS, MARKET, MERCHANTS, Member, WAREHOUSES};
use super::super::draft::{HOUR_MS, later};
use super::super::export::Export;
use super::said::day;
use super::{Entries, Rng, Story, code, digest, hundredths, of_export, whole};
use kanhe_contracts::document::{
    Body, ColdPlace, ColdReadings, Excursion, FrozenLotAct, HealthCertificate, LotDecision,
    LotDocuments, LotFacts, MovedLine, OverseasStockAct, QuarantinePermit, SoldLine, StockFacts,
    StockLine, StockMove, StockSale,
};
use kanhe_contracts::register::Register;
use kanhe_types::time::{CustomsTime, Millis};

/// The weight of a lot in kilograms,
const LOADED: u64 = 20_000;
/// its pieces,
const PIECES: u32 = 1_000;
/// and what is split off and sold.
const PART: u64 = 5_000;
const SOLD: u64 = 1_000;
/// Hours from loading to arrival.
const VOYAGE_HOURS: u64 = 14 * 24;

fn time(at: Millis) -> CustomsTime {
    CustomsTime::from_millis(at)
}

/// Who owns a lot and keeps it.
struct Hands {
    owner: &'static Member,
    carrier: &'static Member,
    store: &'static Member,
}

impl Hands {
    fn of(number: usize) -> Self {
        let one = |all: &'static [Member]| {
            all.get(number.checked_rem(all.len()).unwrap_or_default()).unwrap_or(&MERCHANTS[0])
        };
        Self { owner: one(&MERCHANTS), carrier: one(&CARRIERS), store: one(&WAREHOUSES) }
    }
}

fn lot(number: &str, loaded: Millis, hands: &Hands, has_permit: bool, rng: &mut Rng) -> LotFacts {
    let health = HealthCertificate {
        number: format!("TESTH{number}"),
        issued: day(loaded),
        digest: digest(rng),
    };
    let permit = has_permit.then(|| QuarantinePermit {
        number: format!("TESTP{number}"),
        valid_until: day(later(loaded, 90 * 24)),
        digest: digest(rng),
    });
    LotFacts {
        batch_no: format!("TESTB{number}"),
        gname: "测试冻牛肉".to_owned(),
        gcode: "0202300090".to_owned(),
        country: "601".to_owned(),
        plant_no: "TESTPLANT1".to_owned(),
        container_no: "TEST0000001".to_owned(),
        loaded: time(loaded),
        net_weight: whole(LOADED),
        pieces: PIECES,
        warmest_tenths: None,
        keeper: code(hands.carrier),
        documents: LotDocuments { health: Some(health), permit },
    }
}

/// Readings of the container from the loading on, for so many hours.
fn readings(loaded: Millis, hours: u64, maximum: i16, rng: &mut Rng) -> ColdReadings {
    ColdReadings {
        place: ColdPlace::Container,
        place_no: "TEST0000001".to_owned(),
        from: time(loaded),
        to: time(later(loaded, hours)),
        count: 1_000,
        minimum_tenths: -215,
        maximum_tenths: maximum,
        series: digest(rng),
        excursions: Vec::new(),
    }
}

impl Entries {
    /// A lot that stays cold, is split and sold, and its part.
    pub(super) fn cold_lot(&mut self, count: usize, name: &str, loaded: Millis, rng: &mut Rng) {
        let (hands, at) = (Hands::of(count), |days: u64| later(loaded, days.saturating_mul(24)));
        let (owner, carrier, store) = (hands.owner, hands.carrier, hands.store);
        let (number, part) = (format!("{name}A"), format!("{name}P"));
        let facts = lot(&number, loaded, &hands, true, rng);
        let arrive = FrozenLotAct::Arrive {
            time: time(later(loaded, VOYAGE_HOURS)),
            weight: whole(LOADED),
            pieces: PIECES,
        };
        let decide = |rng: &mut Rng| FrozenLotAct::Decide {
            decision: LotDecision::Release,
            document: digest(rng),
        };
        let sell = |kilograms: u64, rng: &mut Rng| FrozenLotAct::Sell {
            buyer: digest(rng),
            weight: whole(kilograms),
        };
        let split =
            FrozenLotAct::Split { number: part.clone(), weight: whole(PART), pieces: PIECES / 4 };
        let weigh =
            FrozenLotAct::Weigh { weight: whole(LOADED - PART - SOLD), report: digest(rng) };
        let inspect = FrozenLotAct::Inspect { passed: true, report: digest(rng) };
        let read = FrozenLotAct::Readings(readings(loaded, VOYAGE_HOURS, -185, rng));
        let mut story = Story::new(Register::FrozenLot, owner, number.clone());
        for (who, days, act, refused) in [
            (owner, 1, FrozenLotAct::Open(Box::new(facts)), None),
            (owner, 2, sell(SOLD, rng), Some(904)),
            (carrier, 15, arrive, None),
            (carrier, 15, read, None),
            (&MARKET, 16, inspect, None),
            (&MARKET, 17, decide(rng), Some(903)),
            (&CUSTOMS, 18, decide(rng), None),
            (owner, 19, FrozenLotAct::Move { keeper: code(store) }, None),
            (owner, 20, split, None),
            (owner, 21, sell(SOLD, rng), None),
            (owner, 22, sell(LOADED, rng), Some(907)),
            (store, 23, weigh, None),
        ] {
            let body = Body::FrozenLot(story.on(act));
            story.does(who, at(days), body, refused, rng);
        }
        self.end(story, "released");
        let mut story = Story::new(Register::FrozenLot, owner, part);
        let body = Body::FrozenLot(story.on(FrozenLotAct::Part { of: number }));
        story.act(owner, at(24), body, rng);
        self.end(story, "released");
    }

    /// A lot with everything wrong that can be: no permit, too warm for hours, nothing shown of the
    /// last hours, half a hundred kilograms missing, readings that contradict themselves.
    pub(super) fn warm_lot(&mut self, count: usize, name: &str, loaded: Millis, rng: &mut Rng) {
        let (hands, at) = (Hands::of(count), |days: u64| later(loaded, days.saturating_mul(24)));
        let (owner, carrier) = (hands.owner, hands.carrier);
        let number = format!("{name}W");
        let facts = lot(&number, loaded, &hands, false, rng);
        let mut read = readings(loaded, VOYAGE_HOURS - 5, -140, rng);
        let (from, to) = (time(later(loaded, 30)), time(later(loaded, 33)));
        read.excursions = vec![Excursion { from, to, peak_tenths: -150 }];
        let mut again = read.clone();
        again.excursions = Vec::new();
        let arrive = FrozenLotAct::Arrive {
            time: time(later(loaded, VOYAGE_HOURS)),
            weight: whole(LOADED - 50),
            pieces: PIECES,
        };
        let destroy =
            FrozenLotAct::Decide { decision: LotDecision::Destroy, document: digest(rng) };
        let sell = FrozenLotAct::Sell { buyer: digest(rng), weight: whole(1) };
        let mut story = Story::new(Register::FrozenLot, owner, number);
        for (who, days, act, refused) in [
            (owner, 1, FrozenLotAct::Open(Box::new(facts)), None),
            (carrier, 15, FrozenLotAct::Readings(read), None),
            // Of one place and time there are readings once.
            (carrier, 15, FrozenLotAct::Readings(again), Some(908)),
            (carrier, 16, arrive, None),
            (&CUSTOMS, 18, destroy, None),
            (owner, 19, sell, Some(904)),
        ] {
            let body = Body::FrozenLot(story.on(act));
            story.does(who, at(days), body, refused, rng);
        }
        story.truth.findings = ["C01", "C02", "C03", "C04", "C05"].map(str::to_owned).to_vec();
        self.end(story, "destroyed");
    }

    /// Goods go to a warehouse abroad, some are sold and scrapped, and a count finds one less.
    pub(super) fn overseas(&mut self, trade: &Export, rng: &mut Rng) {
        let Some(line) = trade.lines.first() else { return };
        let (owner, days) = (trade.merchant, |days: u64| trade.days_on(days));
        let item_no = || line.sku.item_no.to_owned();
        let moved = || StockMove {
            case: of_export(trade),
            lines: vec![MovedLine {
                gnum: 1,
                item_no: item_no(),
                unit: line.sku.unit.to_owned(),
                qty: whole(line.qty),
            }],
        };
        let sale = |qty: u64, at: Millis, rng: &mut Rng| StockSale {
            date: day(Millis(at.0.saturating_sub(HOUR_MS))),
            currency: "502".to_owned(),
            lines: vec![SoldLine {
                item_no: item_no(),
                qty: whole(qty),
                amount: hundredths(line.price_cents.saturating_mul(qty).saturating_mul(2)),
            }],
            orders: digest(rng),
        };
        let stock = |qty: u64| vec![StockLine { item_no: item_no(), qty: whole(qty) }];
        let year = u16::try_from(time(days(5)).year()).unwrap_or_default();
        let facts = StockFacts {
            warehouse_no: format!("KW{}", trade.number),
            warehouse_name: "测试海外仓".to_owned(),
            country: "502".to_owned(),
            year,
            continues: None,
        };
        // Sold are 5, of which 1 comes back; scrapped is 1; counted is one less than is there.
        let left = line.qty.saturating_sub(6);
        let scrap = OverseasStockAct::Scrap { lines: stock(1), evidence: digest(rng) };
        let count = OverseasStockAct::Count { lines: stock(left), report: digest(rng) };
        let mut story = Story::new(Register::OverseasStock, owner, format!("KO{}", trade.number));
        for (days_on, act, refused) in [
            (5, OverseasStockAct::Open(facts), None),
            (6, OverseasStockAct::Ship(moved()), None),
            (7, OverseasStockAct::Ship(moved()), Some(907)),
            (10, OverseasStockAct::Sell(sale(5, days(10), rng)), None),
            (11, OverseasStockAct::TakeBack(sale(6, days(11), rng)), Some(907)),
            (12, OverseasStockAct::TakeBack(sale(1, days(12), rng)), None),
            (13, scrap, None),
            (14, OverseasStockAct::Sell(sale(line.qty, days(14), rng)), Some(907)),
            (15, count, None),
            (20, OverseasStockAct::Close, None),
        ] {
            let body = Body::OverseasStock(story.on(act));
            story.does(owner, days(days_on), body, refused, rng);
        }
        story.truth.findings.push(item_no());
        self.end(story, "closed");
    }
}
