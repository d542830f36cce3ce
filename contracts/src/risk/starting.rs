//! The features and rules that a zone begins with. A policy may change all of them.
//!
//! What they look for are the patterns of public cases: payers behind many orderers, bursts of
//! orders, purchases that were split, prices far below the article's own, parcels of many to one
//! address, logistics that cannot be, stock that is not there, and money that does not fit goods.

use super::fact::Subject;
use super::feature::Window;
use super::policy::{Feature, Measure, RiskRule, Target};
use crate::registry::Role;

use Measure::{Count, Distinct, Quantile, Sum};
use Subject::{Delivery, Export, Line, Receipt, Trade, Turn};
use Window::{Day, Hour, Month, Year};

/// Name, subject, key, condition, measure, expression, window.
type FeatureRow =
    (&'static str, Subject, &'static [&'static str], &'static str, Measure, &'static str, Window);

/// Identity, pattern, subject, target, condition, weight, owner, English, Chinese.
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

/// Features of one key share a record; so these are few keys with many features.
const FEATURES: &[FeatureRow] = &[
    (
        "payer_buyers",
        Trade,
        &["trade.payer"],
        "!trade.payer_is_buyer",
        Distinct,
        "trade.buyer",
        Month,
    ),
    ("payer_hour", Trade, &["trade.payer"], "", Count, "", Hour),
    ("address_buyers", Trade, &["trade.address"], "", Distinct, "trade.buyer", Month),
    ("address_phones", Trade, &["trade.address"], "", Distinct, "trade.phone", Month),
    ("address_day_value", Trade, &["trade.address"], "", Sum, "trade.value", Day),
    ("address_day_trades", Trade, &["trade.address"], "", Count, "", Day),
    ("phone_buyers", Trade, &["trade.phone"], "", Distinct, "trade.buyer", Month),
    ("article_price", Line, ARTICLE, "", Quantile, "line.price", Month),
    ("article_lines", Line, ARTICLE, "", Count, "", Month),
    ("merchant_usd", Receipt, &["trade.merchant"], "", Sum, "receipt.usd", Year),
];

const RULES: &[RuleRow] = &[
    (
        "R01",
        "quota_theft",
        Trade,
        Target::Trade,
        "!trade.payer_is_buyer && max(feature.payer_buyers, last.payer_buyers) >= 6",
        30,
        Role::Customs,
        "one payer pays for many orderers",
        "同一支付人为多名订购人付款",
    ),
    (
        "R02",
        "resale",
        Trade,
        Target::Trade,
        "feature.phone_buyers >= 6",
        30,
        Role::Customs,
        "parcels of many orderers go to one telephone",
        "多名订购人的包裹使用同一电话",
    ),
    (
        "R03",
        "resale",
        Trade,
        Target::Trade,
        "feature.address_buyers >= 10 && feature.address_phones <= 4",
        30,
        Role::Customs,
        "parcels of many orderers go to one address with few telephones",
        "多名订购人的包裹寄往同一地址且电话很少",
    ),
    (
        "R04",
        "order_stuffing",
        Trade,
        Target::Trade,
        "feature.payer_hour >= 5",
        30,
        Role::Customs,
        "one payer pays many orders within an hour",
        "同一支付人一小时内支付多笔订单",
    ),
    (
        "R05",
        "splitting",
        Trade,
        Target::Trade,
        "feature.address_day_trades >= 2 && feature.address_day_value > 5000",
        30,
        Role::Customs,
        "what goes to one address in a day is together above the limit of one transaction",
        "同一地址当日合计超过单次交易限值",
    ),
    (
        "R06",
        "under_pricing",
        Line,
        Target::Trade,
        "feature.article_lines >= 10 && line.price * 100 < feature.article_price * 70",
        35,
        Role::Customs,
        "the price is far below the median of the article",
        "申报价格明显低于同一商品中位价",
    ),
    (
        "R07",
        "impossible_logistics",
        Delivery,
        Target::Trade,
        "delivery.after_release < 0 || delivery.after_waybill < 3600",
        35,
        Role::Customs,
        "the parcel was signed for before it was released, or at once",
        "包裹在放行前签收，或发出后立即签收",
    ),
    (
        "R08",
        "impossible_logistics",
        Trade,
        Target::Trade,
        "\"M09\" in trade.failed",
        30,
        Role::Customs,
        "the weights of list and waybill differ",
        "清单与运单重量不符",
    ),
    (
        "R09",
        "pushed_order",
        Trade,
        Target::Trade,
        "trade.order_time > trade.waybill_time",
        30,
        Role::Customs,
        "the order was reported after its waybill",
        "订单晚于运单申报",
    ),
    (
        "R10",
        "stock_mismatch",
        Trade,
        Target::Trade,
        "\"B01\" in trade.failed",
        30,
        Role::Customs,
        "more is taken out of the account book than is in it",
        "账册出库超过在账数量",
    ),
    (
        "R11",
        "capital",
        Turn,
        Target::Trade,
        "trade.direction == \"export\" && turn.after == \"overdue\" \
         && turn.is_declared && !turn.is_paid",
        30,
        Role::Forex,
        "an export for which nothing is received",
        "出口未收汇",
    ),
    (
        "R12",
        "capital",
        Turn,
        Target::Trade,
        "trade.direction == \"export\" && turn.after == \"overdue\" \
         && !turn.is_declared && turn.is_paid",
        30,
        Role::Forex,
        "money is received and nothing is exported",
        "收汇无对应出口",
    ),
    (
        "R13",
        "capital",
        Receipt,
        Target::Trade,
        "export.is_declared && (export.received * 10 > export.declared * 13)",
        30,
        Role::Forex,
        "far more is received than was declared",
        "收汇明显高于申报价值",
    ),
    (
        "R14",
        "capital",
        Receipt,
        Target::Merchant,
        "feature.merchant_usd >= 180000 && feature.merchant_usd < 200000",
        30,
        Role::Forex,
        "receipts of the year stand just below the threshold of registration",
        "年度收汇接近登记门槛",
    ),
    (
        "R15",
        "declared_export",
        Export,
        Target::Trade,
        "trade.value == 0 && trade.lines > 0",
        10,
        Role::Customs,
        "an export whose value cannot be told in CNY",
        "出口价值无法折算",
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
    use super::super::policy::RiskPolicy;

    #[test]
    fn the_starting_rules_compile_and_every_feature_is_read() {
        let policy = RiskPolicy::default();
        let (engine, faults) = Engine::compile(&policy);
        assert_eq!(faults, []);
        for feature in &policy.features {
            let name = format!(".{}", feature.name);
            let reads = policy.rules.iter().filter(|rule| rule.when.contains(&name)).count();
            assert!(0 < reads, "no rule reads {}", feature.name);
        }
        assert!(engine.cost() < 2_000, "{}", engine.cost());
    }
}
