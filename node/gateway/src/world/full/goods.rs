//! Goods that only the full world trades, and the tax on imports.

use super::super::catalogue::Sku;
use super::super::rng::Rng;
use super::super::trade::Line;
use super::cast::{VALUE_ADDED_PER_MILLE, consumption_per_mille};

/// Dear goods, sold by the piece: their lines state a price of their own.
pub(super) static WATCH: Sku = Sku {
    item_no: "KH-101",
    name: "测试腕表",
    gmodel: "石英|虚构牌",
    gcode: "9102110000",
    unit: "007",
    country: "331",
    price_cents: 465_000,
    net_grams: 120,
};

/// Antiques may not be imported at retail.
pub(super) const NOT_LISTED: &str = "9706900090";

const fn sku(
    item_no: &'static str,
    name: &'static str,
    gcode: &'static str,
    unit: &'static str,
    price_cents: u64,
    net_grams: u64,
) -> Sku {
    let (gmodel, country) = ("虚构牌|出口型", "142");
    Sku { item_no, name, gmodel, gcode, unit, country, price_cents, net_grams }
}

/// What is exported, priced in cents of a dollar.
static EXPORTED: [Sku; 8] = [
    sku("KH-E01", "测试茶杯", "6911101900", "007", 850, 320),
    sku("KH-E02", "测试茶壶", "6911101900", "007", 2_400, 900),
    sku("KH-E03", "测试竹席", "4601921000", "011", 1_980, 1_500),
    sku("KH-E04", "测试围巾", "6214200090", "015", 1_350, 180),
    sku("KH-E05", "测试台灯", "9405210090", "007", 3_120, 1_250),
    sku("KH-E06", "测试拼图", "9503006000", "140", 1_190, 640),
    sku("KH-E07", "测试手机壳", "3926909090", "007", 560, 60),
    sku("KH-E08", "测试风筝", "9506990000", "007", 1_640, 410),
];

/// One to four kinds of goods of an export, some of each; between enterprises many.
pub(super) fn exported_lines(rng: &mut Rng, times: u64) -> Vec<Line> {
    let mut skus: Vec<&'static Sku> = EXPORTED.iter().collect();
    rng.shuffle(&mut skus);
    let count = rng.below(4).saturating_add(1);
    let chosen = skus.into_iter().take(count);
    let mut line = |sku: &'static Sku| {
        let qty = u64::try_from(rng.below(4)).unwrap_or_default().saturating_add(1) * times;
        Line { sku, name: sku.name.to_owned(), qty, price_cents: sku.price_cents }
    };
    chosen.map(&mut line).collect()
}

/// Pieces of the dear goods, at a price.
pub(super) fn watches(qty: u64, price_cents: u64) -> Vec<Line> {
    vec![Line { sku: &WATCH, name: WATCH.name.to_owned(), qty, price_cents }]
}

/// The tax that is due on lines with this freight, in cents: seventy hundredths of consumption and
/// value added tax.
pub(super) fn tax_cents(lines: &[Line], freight_cents: u64) -> u64 {
    // In hundred-thousandths of a cent, so that rounding does not add up.
    const FINE: u128 = 100_000;
    let goods: u128 = lines.iter().map(|line| u128::from(line.total_cents())).sum();
    let value = goods + u128::from(freight_cents);
    let taxes = lines.iter().map(|line| {
        let taxed = u128::from(line.total_cents()) * value * FINE / goods.max(1);
        let share = u128::from(consumption_per_mille(line.sku.gcode));
        let consumption = taxed * share / (1_000 - share);
        (taxed + consumption) * u128::from(VALUE_ADDED_PER_MILLE) / 1_000 + consumption
    });
    let due = taxes.sum::<u128>() * 70 / 100;
    u64::try_from((due + FINE / 2) / FINE).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::super::catalogue::SKUS;
    use super::*;

    #[test]
    fn tax_is_seventy_hundredths_of_what_the_rates_give() {
        // 4,650.00 and 50.00 freight: 13 % of 4,700.00, and seventy hundredths of that.
        assert_eq!(tax_cents(&watches(1, 465_000), 5_000), 42_770);
        // Lipstick for 230.00: (0.15 + 0.13) / 0.85 of it, and seventy hundredths of that.
        let sku = SKUS.iter().find(|sku| sku.item_no == "KH-010").unwrap();
        let line = Line { sku, name: String::new(), qty: 1, price_cents: sku.price_cents };
        assert_eq!(tax_cents(&[line], 0), 5_304);
    }
}
