//! The features and rules that a zone begins with. A policy may change all of them.
//!
//! What they look for are the patterns of public cases: payers behind many orderers, bursts of
//! orders, purchases that were split, prices far below the article's own, parcels of many to one
//! address, logistics that cannot be, stock that is not there, and money that does not fit goods.

use super::fact::Subject;
use super::feature::Window;
use super::policy::{Feature, Measure, RiskRule, Target};
use crate::registry::Role;

use Measure::{Count, Distinct, Quantile, Recent, Sum};
use Subject::{Delivery, Line, Receipt, Trade, Turn};
use Window::{Day, Month, Year};

/// Name, subject, key, condition, measure, expression, window.
type FeatureRow =
    (&'static str, Subject, &'static [&'static str], &'static str, Measure, &'static str, Window);

/// Identity, pattern, subject, target, condition, weight, owner, English, Chinese. What they reach
/// stands in `REACHES`.
type RuleRow = (
    &'static str,
    &'static str,
    Subject,
    Target,
    &'static str,
    u8,
    Role,
    &'static str,
    &'static str,
);

const ARTICLE: &[&str] = &["line.gcode", "line.name"];
const PAYER: &[&str] = &["trade.payer"];
const ADDRESS: &[&str] = &["trade.address"];
const PHONE: &[&str] = &["trade.phone"];
const MERCHANT: &[&str] = &["trade.merchant"];
const SIGNING: &[&str] = &["trade.carrier", "delivery.minute"];

/// Half a day.
const SOON: &str = "delivery.after_release < 43200";

/// Features of one key share a record; so these are few keys with many features.
const FEATURES: &[FeatureRow] = &[
    ("payer_buyers", Trade, PAYER, "!trade.payer_is_buyer", Distinct, "trade.buyer", Month),
    ("payer_day", Trade, PAYER, "", Count, "", Day),
    ("payer_day_articles", Line, PAYER, "", Distinct, "line.name", Day),
    ("address_day_value", Trade, ADDRESS, "", Sum, "trade.value", Day),
    ("address_day_trades", Trade, ADDRESS, "", Count, "", Day),
    ("phone_buyers", Trade, PHONE, "", Distinct, "trade.buyer", Month),
    ("article_price", Line, ARTICLE, "", Quantile, "line.price", Month),
    ("article_lines", Line, ARTICLE, "", Count, "", Month),
    ("article_weight", Line, ARTICLE, "trade.lines == 1", Quantile, PIECE, Month),
    ("payer_day_trades", Trade, PAYER, "", Recent, "", Day),
    ("phone_trades", Trade, PHONE, "", Recent, "", Month),
    ("signed_trades", Delivery, SIGNING, SOON, Recent, "", Day),
    ("signed_soon", Delivery, SIGNING, SOON, Count, "", Day),
    ("merchant_usd", Receipt, MERCHANT, "", Sum, "receipt.usd", Year),
];

/// Net weight of a piece.
const PIECE: &str = "divide(trade.net_weight, line.quantity, 0.0)";

/// Rules that see a ring only with its second or third trade, and where those before it stand.
const REACHES: &[(&str, &[&str])] = &[
    ("R01", &["feature.phone_trades", "last.phone_trades"]),
    ("R02", &["feature.phone_trades"]),
    ("R03", &["feature.payer_day_trades"]),
    ("R05", &["feature.payer_day_trades"]),
    ("R09", &["feature.signed_trades"]),
];

/// List and waybill differ; or a line alone should weigh more than all of them do; or the only line
/// less. Of the month that runs, or where it has few lines yet, of the one before.
const WEIGHT: &str = "trade.weight * 10 < trade.list_weight * 7 \
     || trade.weight * 10 > trade.list_weight * 14 \
     || (max(feature.article_lines, last.article_lines) >= 8 && trade.net_weight > 0.0 \
     && (feature.article_lines >= 8 ? feature.article_weight : last.article_weight) > 0.0 \
     && (trade.net_weight * 10 < line.quantity * 7 \
     * (feature.article_lines >= 8 ? feature.article_weight : last.article_weight) \
     || (trade.lines == 1 && trade.net_weight * 10 > line.quantity * 14 \
     * (feature.article_lines >= 8 ? feature.article_weight : last.article_weight))))";

const RULES: &[RuleRow] = &[
    (
        "R01",
        "quota_theft",
        Trade,
        Target::Trade,
        "!trade.payer_is_buyer && max(feature.payer_buyers, last.payer_buyers) >= 2 \
         && max(feature.phone_buyers, last.phone_buyers) >= 2",
        60,
        Role::Customs,
        "one payer pays for several orderers with one telephone",
        "同一支付人为使用同一电话的多名订购人付款",
    ),
    (
        "R02",
        "resale",
        Trade,
        Target::Trade,
        // A telephone with which somebody orders for himself again and again is his own.
        "trade.payer_is_buyer && max(feature.phone_buyers, last.phone_buyers) >= 3 \
         && feature.phone_trades <= feature.phone_buyers + 1",
        50,
        Role::Customs,
        "parcels of several orderers, who pay themselves, go to one telephone",
        "多名自行付款的订购人使用同一收件电话",
    ),
    (
        "R03",
        "order_stuffing",
        Line,
        Target::Trade,
        "trade.payer_is_buyer && feature.payer_day >= 3 \
         && feature.address_day_trades >= 3 && feature.address_day_value <= 5000 \
         && feature.payer_day_articles == 1",
        60,
        Role::Customs,
        "one orderer orders to one address again and again within a day",
        "同一订购人一日内多次下单寄往同一地址",
    ),
    (
        "R05",
        "splitting",
        Line,
        Target::Trade,
        "feature.payer_day >= 2 && feature.address_day_trades >= 2 \
         && feature.address_day_value > 5000 && feature.payer_day_articles == 1",
        60,
        Role::Customs,
        "orders of one payer to one address come together above the limit of one transaction",
        "同一支付人当日寄往同一地址的订单合计超过单次限值",
    ),
    (
        "R06",
        "under_pricing",
        Line,
        Target::Trade,
        "max(feature.article_lines, last.article_lines) >= 8 && line.price * 100 < 56 \
         * (feature.article_lines >= 8 ? feature.article_price : last.article_price)",
        60,
        Role::Customs,
        "the price is little more than half the median of the article",
        "申报价格仅略高于同一商品中位价的一半",
    ),
    (
        "R07",
        "under_pricing",
        Line,
        Target::Trade,
        "max(feature.article_lines, last.article_lines) >= 8 && line.price * 100 >= 56 \
         * (feature.article_lines >= 8 ? feature.article_price : last.article_price) \
         && line.price * 100 < 64 \
         * (feature.article_lines >= 8 ? feature.article_price : last.article_price)",
        // Alone it is no alert: two of three are honest clearances.
        20,
        Role::Customs,
        "the price is far below the median of the article, as in a clearance",
        "申报价格明显低于同一商品中位价，可能为清仓",
    ),
    (
        "R08",
        "signed_too_soon",
        Delivery,
        Target::Trade,
        "delivery.after_release < 2700",
        70,
        Role::Customs,
        "the parcel was signed for before its release or within minutes of it",
        "包裹在放行前或放行后数分钟内签收",
    ),
    (
        "R09",
        "signed_in_bulk",
        Delivery,
        Target::Trade,
        "delivery.after_release < 43200 && feature.signed_soon >= 3",
        60,
        Role::Customs,
        "several parcels of a carrier were signed for in one minute, soon after their release",
        "同一承运人多个包裹放行不久后同一分钟签收",
    ),
    (
        "R10",
        "weight_wrong",
        Line,
        Target::Trade,
        WEIGHT,
        60,
        Role::Customs,
        "goods weigh something else than the article does, or than the waybill says",
        "净重与同一商品明显不符，或清单与运单重量不符",
    ),
    (
        "R11",
        "order_pushed",
        Trade,
        Target::Trade,
        "trade.order_time > trade.waybill_time + 7200 \
         && trade.order_time > trade.pay_time + 7200",
        40,
        Role::Customs,
        "the order was reported hours after its waybill and its payment",
        "订单在运单和支付数小时后才申报",
    ),
    (
        "R12",
        "stock_mismatch",
        Delivery,
        Target::Trade,
        "\"B01\" in trade.failed",
        40,
        Role::Customs,
        "goods were delivered that the account book never had",
        "已签收货物在账册中无库存",
    ),
    (
        "R13",
        "receipt_missing",
        Turn,
        Target::Trade,
        "trade.direction == \"export\" && turn.after == \"overdue\" && turn.is_declared \
         && !turn.is_paid",
        10,
        Role::Forex,
        "an export for which nothing was received in time",
        "出口未按期收汇",
    ),
    (
        "R14",
        "receipt_without_export",
        Turn,
        Target::Trade,
        "trade.direction == \"export\" && turn.after == \"overdue\" && !turn.is_declared \
         && turn.is_paid",
        60,
        Role::Forex,
        "money was received and nothing was exported",
        "收汇无对应出口",
    ),
    (
        "R15",
        "receipt_far_off",
        Receipt,
        Target::Trade,
        "export.ordered > 0.0 && (export.received * 10 > export.ordered * 13 \
         || export.received * 10 < export.ordered * 6)",
        60,
        Role::Forex,
        "far more or far less was received than was ordered",
        "收汇与订单金额明显不符",
    ),
    (
        "R16",
        "threshold_hugging",
        Receipt,
        Target::Merchant,
        "feature.merchant_usd >= 180000.0 && feature.merchant_usd < 200000.0",
        40,
        Role::Forex,
        "receipts of the year stand just below the threshold of registration",
        "年度收汇接近登记门槛",
    ),
];

/// What is counted.
pub(super) fn features() -> Vec<Feature> {
    let owned = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let feature = |row: &FeatureRow| {
        let (name, on, key, when, measure, of, window) = *row;
        Feature {
            name: name.to_owned(),
            on,
            key: key.iter().map(|name| (*name).to_owned()).collect(),
            when: owned(when),
            measure,
            of: owned(of),
            percent: (measure == Quantile).then_some(50),
            window,
        }
    };
    FEATURES.iter().map(feature).collect()
}

/// What a rule reaches back to.
fn reaches(rule: &str) -> Vec<String> {
    let own = REACHES.iter().find(|(id, _)| *id == rule);
    own.map_or_else(Vec::new, |(_, names)| names.iter().map(|name| (*name).to_owned()).collect())
}

/// What is suspicious.
pub(super) fn rules() -> Vec<RiskRule> {
    let rule = |row: &RuleRow| {
        let (id, pattern, on, target, when, weight, owner, en, zh) = *row;
        RiskRule {
            id: id.to_owned(),
            pattern: pattern.to_owned(),
            on,
            target,
            when: when.to_owned(),
            reaches: reaches(id),
            weight,
            owner,
            en: en.to_owned(),
            zh: zh.to_owned(),
        }
    };
    RULES.iter().map(rule).collect()
}

#[cfg(test)]
mod tests {
    use super::super::engine::Engine;
    use super::super::policy::{RiskPolicy, RiskRule};

    #[test]
    fn the_starting_rules_compile_and_every_feature_is_read() {
        let policy = RiskPolicy::default();
        let (engine, faults) = Engine::compile(&policy);
        assert_eq!(faults, []);
        for feature in &policy.features {
            let name = format!(".{}", feature.name);
            let reaches = |rule: &RiskRule| rule.reaches.iter().any(|own| own.ends_with(&name));
            let mut rules = policy.rules.iter();
            let is_read = rules.any(|rule| rule.when.contains(&name) || reaches(rule));
            assert!(is_read, "no rule reads {}", feature.name);
        }
        let cost: u32 = engine.costs().iter().map(|(_, cost)| cost).sum();
        assert!(cost < 2_000, "{cost}");
    }
}
