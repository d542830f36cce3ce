//! Overseas stock: what went to a warehouse abroad, and what became of it, by article.

use super::desk::{Desk, not_now};
use super::{Content, Entry, EntryKey, Registered};
use crate::document::{
    CaseRef, MovedLine, OverseasStockAct, SoldLine, StockFacts, StockLine, StockMove, StockSale,
};
use crate::export::ExportCase;
use crate::limits::{PROCEEDS_MAX, STOCK_COUNTS_MAX, STOCK_GOODS_MAX};
use crate::matching::own_returns;
use crate::registry::Role;
use crate::rejection::{Rejected, Rejection, Stop};
use crate::state::StateRead;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::decimal::Decimal;
use kanhe_types::hash::Hash;
use kanhe_types::time::{CustomsDate, Millis};
use serde::{Deserialize, Serialize};

/// The mode under which goods go to overseas warehouses.
const OVERSEAS_MODE: &str = "9810";

/// The stock of one warehouse during one period.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase")]
pub struct OverseasStock {
    /// Which warehouse, and when.
    pub facts: StockFacts,
    /// What became of each article, ascending by its number.
    pub goods: Vec<StockGoods>,
    /// Counts that differed, in their order.
    pub counts: Vec<StockCount>,
    /// Whether its period is over.
    pub is_closed: bool,
}

/// What became of one article.
///
/// # Correctness
/// Opening, shipped, taken back and surplus are sold, sent back, scrapped, shortage and what is
/// there together; nothing is below nought.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase")]
pub struct StockGoods {
    /// The merchant's article number.
    pub item_no: String,
    /// The unit of all quantities.
    pub unit: String,
    /// What was there when the period began.
    pub opening: Decimal,
    /// What was sold before that and may still be taken back.
    pub sold_before: Decimal,
    /// What went there.
    pub shipped: Decimal,
    /// What was sold.
    pub sold: Decimal,
    /// What buyers brought back.
    pub taken_back: Decimal,
    /// What went back to China.
    pub sent_back: Decimal,
    /// What was scrapped.
    pub scrapped: Decimal,
    /// What counts found too much,
    pub surplus: Decimal,
    /// and too little.
    pub shortage: Decimal,
    /// What was paid less what was paid back, ascending by currency.
    pub proceeds: Vec<Proceeds>,
}

/// What was paid in one currency.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase")]
pub struct Proceeds {
    /// Currency code.
    pub currency: String,
    /// The amount; below nought where more was paid back.
    pub amount: Decimal,
}

/// A count that differed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase")]
pub struct StockCount {
    /// The merchant's article number.
    pub item_no: String,
    /// What was to be there,
    pub expected: Decimal,
    /// and what was.
    pub found: Decimal,
    /// The SHA-256 of the report.
    pub report: Hash,
    /// When, in block time.
    pub time: Millis,
}

impl StockCount {
    /// The finding in an English sentence.
    pub fn english(&self) -> String {
        let Self { item_no, expected, found, .. } = self;
        format!("the count of {item_no} differs: expected {expected}, found {found}")
    }

    /// The finding in a Chinese sentence.
    pub fn chinese(&self) -> String {
        let Self { item_no, expected, found, .. } = self;
        format!("{item_no} 盘点不符：账存 {expected}，实存 {found}")
    }
}

/// What tax settles an article by (销售再核算).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Settlement {
    /// The merchant's article number.
    pub item_no: String,
    /// The unit of all quantities.
    pub unit: String,
    /// What was there when the period began,
    pub opening: Decimal,
    /// and what went there in it.
    pub shipped: Decimal,
    /// What was sold less what buyers brought back; below nought where more came back.
    pub sold: Decimal,
    /// What went back to China.
    pub sent_back: Decimal,
    /// What was scrapped.
    pub scrapped: Decimal,
    /// What counts found too much less what they found too little.
    pub adjusted: Decimal,
    /// What is there.
    pub there: Decimal,
    /// What was sold of opening and shipped together, rounded towards nought.
    pub sold_share: Decimal,
    /// What was paid less what was paid back.
    pub proceeds: Vec<Proceeds>,
}

/// What it comes to. Totals are far below the bounds of decimals: each addition was checked when
/// it was recorded.
fn sum(plus: &[Decimal], minus: &[Decimal]) -> Decimal {
    let all = plus.iter().fold(Decimal::ZERO, |sum, own| sum.checked_add(*own).unwrap_or(sum));
    minus.iter().fold(all, |sum, own| sum.checked_sub(*own).unwrap_or(sum))
}

impl StockGoods {
    fn new(item_no: String, unit: String) -> Self {
        let zero = Decimal::ZERO;
        Self {
            item_no,
            unit,
            opening: zero,
            sold_before: zero,
            shipped: zero,
            sold: zero,
            taken_back: zero,
            sent_back: zero,
            scrapped: zero,
            surplus: zero,
            shortage: zero,
            proceeds: Vec::new(),
        }
    }

    /// How many are there.
    pub fn there(&self) -> Decimal {
        let plus = [self.opening, self.shipped, self.taken_back, self.surplus];
        sum(&plus, &[self.sold, self.sent_back, self.scrapped, self.shortage])
    }

    /// How many were sold and may be taken back.
    fn with_buyers(&self) -> Decimal {
        sum(&[self.sold_before, self.sold], &[self.taken_back])
    }

    /// What the next period begins with; nothing where nothing is left to say of it.
    fn carried(&self) -> Option<Self> {
        let (opening, sold_before) = (self.there(), self.with_buyers());
        let goods = Self::new(self.item_no.clone(), self.unit.clone());
        let was_busy = self.shipped.is_positive() || self.sold.is_positive();
        let is_left = opening.is_positive() || (was_busy && sold_before.is_positive());
        is_left.then_some(Self { opening, sold_before, ..goods })
    }

    fn settlement(&self) -> Settlement {
        let sold = sum(&[self.sold], &[self.taken_back]);
        let offered = sum(&[self.opening, self.shipped], &[]);
        let one = Decimal::from_integer(1).map_or(0, Decimal::units);
        let share = sold.units().checked_mul(one).and_then(|own| own.checked_div(offered.units()));
        Settlement {
            item_no: self.item_no.clone(),
            unit: self.unit.clone(),
            opening: self.opening,
            shipped: self.shipped,
            sold,
            sent_back: self.sent_back,
            scrapped: self.scrapped,
            adjusted: sum(&[self.surplus], &[self.shortage]),
            there: self.there(),
            sold_share: share.and_then(Decimal::from_units).unwrap_or(Decimal::ZERO),
            proceeds: self.proceeds.clone(),
        }
    }

    /// Not more than there is of something.
    fn must_have(&self, qty: Decimal, of: Decimal, what: &str) -> Result<(), Stop> {
        if qty <= of {
            return Ok(());
        }
        let expected = format!("at most {of} of {}, {what}", self.item_no);
        Err(Rejected::new(Rejection::AmountUnfit, "qty", expected, qty).into())
    }

    fn earn(&mut self, currency: &str, amount: Decimal) -> Result<(), Stop> {
        let place = self.proceeds.binary_search_by(|own| own.currency.as_str().cmp(currency));
        let index = match place {
            Ok(index) => index,
            Err(index) => {
                if PROCEEDS_MAX <= self.proceeds.len() {
                    let expected = format!("at most {PROCEEDS_MAX} currencies of an article");
                    let rejection = Rejection::EntryFull;
                    return Err(Rejected::new(rejection, "currency", expected, "more").into());
                }
                let new = Proceeds { currency: currency.to_owned(), amount: Decimal::ZERO };
                self.proceeds.insert(index, new);
                index
            }
        };
        match self.proceeds.get_mut(index) {
            Some(own) => add("amount", &mut own.amount, amount),
            None => Ok(()),
        }
    }
}

/// Adds to a total that a decimal must still hold.
fn add(field: &'static str, total: &mut Decimal, more: Decimal) -> Result<(), Stop> {
    // A tenth of what decimals hold, so that sums of totals fit too.
    let fits = |own: &Decimal| own.checked_mul(Decimal::from_integer(10)?).map(|_| ());
    match total.checked_add(more).filter(|own| fits(own).is_some()) {
        Some(sum) => {
            *total = sum;
            Ok(())
        }
        None => {
            let expected = "totals of at most 18 digits";
            Err(Rejected::new(Rejection::AmountUnfit, field, expected, more).into())
        }
    }
}

impl OverseasStock {
    /// What tax settles each article by, ascending by its number.
    pub fn settlement(&self) -> Vec<Settlement> {
        self.goods.iter().map(StockGoods::settlement).collect()
    }

    fn goods(&mut self, item_no: &str) -> Result<&mut StockGoods, Stop> {
        match self.goods.binary_search_by(|own| own.item_no.as_str().cmp(item_no)) {
            Ok(index) => self.goods.get_mut(index),
            Err(_) => None,
        }
        .ok_or_else(|| {
            let expected = "an article of the stock";
            Rejected::new(Rejection::FactsDiffer, "itemNo", expected, "another").into()
        })
    }

    /// The article, which may be new, in its unit.
    fn goods_in(&mut self, item_no: &str, unit: &str) -> Result<&mut StockGoods, Stop> {
        let place = self.goods.binary_search_by(|own| own.item_no.as_str().cmp(item_no));
        if let Err(index) = place {
            if STOCK_GOODS_MAX <= self.goods.len() {
                let expected = format!("at most {STOCK_GOODS_MAX} articles");
                let rejection = Rejection::EntryFull;
                return Err(Rejected::new(rejection, "itemNo", expected, "one more").into());
            }
            self.goods.insert(index, StockGoods::new(item_no.to_owned(), unit.to_owned()));
        }
        let goods = self.goods(item_no)?;
        if goods.unit != unit {
            let expected = goods.unit.clone();
            return Err(Rejected::new(Rejection::FactsDiffer, "unit", expected, unit).into());
        }
        Ok(goods)
    }

    fn ship<S: StateRead>(
        &mut self,
        desk: &mut Desk<'_, '_, S>,
        shipped: StockMove,
    ) -> Result<(), Stop> {
        let case = overseas_export(desk, &shipped.case)?;
        if !case.is_departed() {
            let rejection = Rejection::TradeUnfit;
            return Err(Rejected::new(rejection, "case", "one that departed", "not yet").into());
        }
        let mut moved = Vec::new();
        for line in &shipped.lines {
            let declared = case.list_facts().and_then(|list| {
                list.lines.iter().find(|own| own.gnum == line.gnum).map(|own| own.qty)
            });
            let at_most = declared.unwrap_or(Decimal::ZERO);
            moved.push(moved_with(desk, b"ship", &shipped.case, line, at_most)?);
            let goods = self.goods_in(&line.item_no, &line.unit)?;
            add("qty", &mut goods.shipped, line.qty)?;
        }
        note_moved(desk, b"ship", &shipped.case, &moved);
        Ok(())
    }

    fn send_back<S: StateRead>(
        &mut self,
        desk: &mut Desk<'_, '_, S>,
        sent: StockMove,
    ) -> Result<(), Stop> {
        let case = overseas_export(desk, &sent.case)?;
        let mut moved = Vec::new();
        for line in &sent.lines {
            let returned = returned(&case, line.gnum);
            moved.push(moved_with(desk, b"back", &sent.case, line, returned)?);
            let goods = self.goods_in(&line.item_no, &line.unit)?;
            goods.must_have(line.qty, goods.there(), "which is there")?;
            add("qty", &mut goods.sent_back, line.qty)?;
        }
        note_moved(desk, b"back", &sent.case, &moved);
        Ok(())
    }

    fn must_be_of_year<S: StateRead>(
        &self,
        desk: &Desk<'_, '_, S>,
        date: CustomsDate,
    ) -> Result<(), Stop> {
        let today = CustomsDate::from_millis(desk.actor.time);
        if date.year() == self.facts.year && date <= today {
            return Ok(());
        }
        let expected = format!("a day of {} until {today}", self.facts.year);
        Err(Rejected::new(Rejection::DatesUnfit, "date", expected, date).into())
    }

    fn sell(&mut self, sale: &StockSale) -> Result<(), Stop> {
        for SoldLine { item_no, qty, amount } in &sale.lines {
            let goods = self.goods(item_no)?;
            goods.must_have(*qty, goods.there(), "which is there")?;
            add("qty", &mut goods.sold, *qty)?;
            goods.earn(&sale.currency, *amount)?;
        }
        Ok(())
    }

    fn take_back(&mut self, sale: &StockSale) -> Result<(), Stop> {
        for SoldLine { item_no, qty, amount } in &sale.lines {
            let goods = self.goods(item_no)?;
            goods.must_have(*qty, goods.with_buyers(), "which was sold")?;
            add("qty", &mut goods.taken_back, *qty)?;
            goods.earn(&sale.currency, sum(&[], &[*amount]))?;
        }
        Ok(())
    }

    fn scrap(&mut self, lines: &[StockLine]) -> Result<(), Stop> {
        for StockLine { item_no, qty } in lines {
            let goods = self.goods(item_no)?;
            goods.must_have(*qty, goods.there(), "which is there")?;
            add("qty", &mut goods.scrapped, *qty)?;
        }
        Ok(())
    }

    fn count(&mut self, lines: Vec<StockLine>, report: Hash, time: Millis) -> Result<(), Stop> {
        for StockLine { item_no, qty } in lines {
            let goods = self.goods(&item_no)?;
            let (expected, found) = (goods.there(), qty);
            if expected == found {
                continue;
            }
            if expected < found {
                add("qty", &mut goods.surplus, sum(&[found], &[expected]))?;
            } else {
                add("qty", &mut goods.shortage, sum(&[expected], &[found]))?;
            }
            if STOCK_COUNTS_MAX <= self.counts.len() {
                let expected = format!("at most {STOCK_COUNTS_MAX} counts that differ");
                let rejection = Rejection::EntryFull;
                return Err(Rejected::new(rejection, "lines", expected, "one more").into());
            }
            self.counts.push(StockCount { item_no, expected, found, report, time });
        }
        Ok(())
    }
}

/// The owner's export to an overseas warehouse.
fn overseas_export<S: StateRead>(
    desk: &Desk<'_, '_, S>,
    case: &CaseRef,
) -> Result<ExportCase, Stop> {
    let export = desk.own_export(case)?;
    let is_overseas = export.list_facts().is_some_and(|list| list.trade_mode == OVERSEAS_MODE);
    if is_overseas && export.is_declared() {
        return Ok(export);
    }
    let expected = format!("an export declared under {OVERSEAS_MODE}");
    Err(Rejected::new(Rejection::TradeUnfit, "case", expected, "another").into())
}

/// How much of a line the list's own parties bring back with returns (213).
fn returned(case: &ExportCase, gnum: u32) -> Decimal {
    let own = own_returns(case).into_iter().filter(|(line, _)| *line == gnum);
    let quantities: Vec<Decimal> = own.map(|(_, qty)| qty).collect();
    sum(&quantities, &[])
}

/// How much of a line has moved with this: not more than there is, in all entries together.
fn moved_with<S: StateRead>(
    desk: &Desk<'_, '_, S>,
    way: &[u8],
    case: &CaseRef,
    line: &MovedLine,
    at_most: Decimal,
) -> Result<(u32, Decimal), Stop> {
    let gnum = line.gnum.to_be_bytes();
    let parts = [way, case.platform.as_bytes(), case.order_no.as_bytes(), &gnum];
    let before = desk.counted(&parts)?;
    match before.checked_add(line.qty).filter(|sum| *sum <= at_most) {
        Some(sum) => Ok((line.gnum, sum)),
        None => {
            let expected = format!("at most {at_most} of line {}, with {before} before", line.gnum);
            Err(Rejected::new(Rejection::AmountUnfit, "qty", expected, line.qty).into())
        }
    }
}

/// Notes what moved, once nothing can refuse it any more.
fn note_moved<S: StateRead>(
    desk: &mut Desk<'_, '_, S>,
    way: &[u8],
    case: &CaseRef,
    moved: &[(u32, Decimal)],
) {
    for (gnum, sum) in moved {
        let gnum = gnum.to_be_bytes();
        let parts = [way, case.platform.as_bytes(), case.order_no.as_bytes(), &gnum];
        desk.count(&parts, *sum);
    }
}

/// A warehouse has one entry at a time, which goes on with the one before.
fn take_warehouse<S: StateRead>(
    desk: &mut Desk<'_, '_, S>,
    facts: &StockFacts,
) -> Result<Vec<StockGoods>, Stop> {
    let owner = desk.key.owner.clone();
    let parts = [owner.as_bytes(), facts.warehouse_no.as_bytes()];
    if let Some(number) = &facts.continues {
        let key = EntryKey { number: number.clone(), ..desk.key.clone() };
        let before: Option<Entry> = super::entry(&*desk.state, &key)?;
        let Some(Entry { content: Content::OverseasStock(before), .. }) = before else {
            let expected = "an entry of the owner";
            let rejection = Rejection::EntryUnknown;
            return Err(Rejected::new(rejection, "continues", expected, "none").into());
        };
        let is_same = before.facts.warehouse_no == facts.warehouse_no
            && before.facts.country == facts.country
            && before.facts.year <= facts.year;
        if !is_same {
            let expected = "the same warehouse, in the same year or later";
            let rejection = Rejection::FactsDiffer;
            return Err(Rejected::new(rejection, "continues", expected, "another").into());
        }
        if !before.is_closed {
            return Err(not_now("a closed entry to go on with", "open"));
        }
        let opening = before.goods.iter().filter_map(StockGoods::carried).collect();
        desk.take_over(&key, "continues", &parts)?;
        return Ok(opening);
    }
    desk.take("warehouseNo", &parts)?;
    Ok(Vec::new())
}

impl Registered for OverseasStock {
    type Act = OverseasStockAct;

    fn open<S: StateRead>(desk: &mut Desk<'_, '_, S>, act: OverseasStockAct) -> Result<Self, Stop> {
        let OverseasStockAct::Open(facts) = act else {
            return Err(not_now("open", "a stock that is not there"));
        };
        desk.must_have_role(Role::Merchant)?;
        let goods = take_warehouse(desk, &facts)?;
        Ok(Self { facts, goods, counts: Vec::new(), is_closed: false })
    }

    fn follow<S: StateRead>(
        &mut self,
        desk: &mut Desk<'_, '_, S>,
        act: OverseasStockAct,
    ) -> Result<(), Stop> {
        desk.must_be_owner()?;
        if matches!(act, OverseasStockAct::Open(_)) {
            let rejection = Rejection::EntryExists;
            return Err(Rejected::new(rejection, "number", "another number", "a stock's").into());
        }
        if self.is_closed {
            return Err(not_now("a stock that is not closed", "closed"));
        }
        match act {
            OverseasStockAct::Ship(shipped) => self.ship(desk, shipped),
            OverseasStockAct::SendBack(sent) => self.send_back(desk, sent),
            OverseasStockAct::Sell(sale) => {
                self.must_be_of_year(desk, sale.date)?;
                self.sell(&sale)
            }
            OverseasStockAct::TakeBack(sale) => {
                self.must_be_of_year(desk, sale.date)?;
                self.take_back(&sale)
            }
            OverseasStockAct::Scrap { lines, evidence: _ } => self.scrap(&lines),
            OverseasStockAct::Count { lines, report } => self.count(lines, report, desk.actor.time),
            OverseasStockAct::Open(_) | OverseasStockAct::Close => {
                self.is_closed = true;
                Ok(())
            }
        }
    }
}
