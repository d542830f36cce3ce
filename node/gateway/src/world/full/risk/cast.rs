//! Who trades in a risk world, what goods there are, and under which policy.

use super::super::super::catalogue::Sku;
use super::super::cast::{
    CARRIERS, CUSTOMS, DECLARANTS, Member, PAYERS, PLATFORMS, POLICE, VALUE_ADDED_PER_MILLE,
    WAREHOUSES, consumption_per_mille, policy as full_policy,
};
use kanhe_contracts::policy::{CodeRange, Policy, Table, TaxRate};
use kanhe_contracts::registry::{Role, Status};
use kanhe_contracts::risk::RiskPolicy;
use kanhe_types::decimal::Decimal;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// Merchants that import,
pub(super) const MERCHANTS: usize = 60;
/// and those that export.
pub(super) const EXPORTERS: usize = 70;
/// Carriers of a risk world.
const CARRIER_COUNT: usize = 8;
/// The carriers whose scans carry the minute of their upload.
pub(super) const BULK_CARRIERS: [usize; 2] = [6, 7];
/// The platform that reports its orders once a day.
pub(super) const LATE_PLATFORM: usize = 2;
/// The first merchants hold a brand each.
pub(super) const BRANDS: [&str; 6] =
    ["测试牌甲", "测试牌乙", "测试牌丙", "测试牌丁", "测试牌戊", "测试牌己"];
/// Words in the names of goods that nobody may trade in this way. They stand for e-cigarettes and
/// drugs, and mean nothing.
pub(super) const WATCHED_WORDS: [&str; 3] = ["虚构雾棒", "虚构乐丸", "测试禁品"];
/// Names of harmless goods that begin alike.
pub(super) const SIMILAR_WORDS: [&str; 3] = ["虚构雾灯", "虚构乐高", "测试禁糖食品"];

/// What is made when the process first asks for it, and stays as long as it.
fn lasting(text: String) -> &'static str {
    text.leak()
}

fn members_of(code: &str, name: &str, role: &'static [Role], count: usize) -> Vec<Member> {
    (1..=count)
        .map(|number| Member {
            code: lasting(format!("{code}{number:03}")),
            name: lasting(format!("{name}{number:03}")),
            roles: role,
            park: None,
            status: Status::Active,
        })
        .collect()
}

/// Merchants that import. The first hold the brands.
pub(super) static IMPORTERS_OF: LazyLock<Vec<Member>> =
    LazyLock::new(|| members_of("KHRBC", "测试风险电商", &[Role::Merchant], MERCHANTS));
/// Merchants that export.
pub(super) static EXPORTERS_OF: LazyLock<Vec<Member>> =
    LazyLock::new(|| members_of("KHREX", "测试风险出口", &[Role::Merchant], EXPORTERS));
/// Carriers.
pub(super) static CARRIERS_OF: LazyLock<Vec<Member>> = LazyLock::new(|| {
    let mut all = CARRIERS.to_vec();
    let more = CARRIER_COUNT.saturating_sub(all.len());
    all.extend(members_of("KHRLG", "测试风险物流", &[Role::Carrier], more));
    all
});

/// Every organisation that is registered, by code.
pub(super) fn members() -> Vec<Member> {
    let mut all = vec![CUSTOMS, POLICE];
    for group in [&PLATFORMS[..], &PAYERS, &DECLARANTS, &WAREHOUSES] {
        all.extend(group);
    }
    for group in [&IMPORTERS_OF, &EXPORTERS_OF, &CARRIERS_OF] {
        all.extend(group.iter());
    }
    all.sort_by_key(|member| member.code);
    all
}

/// Name, specification, commodity code, unit, origin, price in cents, weight in grams.
type Article = (&'static str, &'static str, &'static str, &'static str, &'static str, u64, u64);

/// The families of goods, each sold in four sizes.
const FAMILIES: [Article; 32] = [
    ("面霜", "面部护理", "3304990029", "142", "305", 21_900, 150),
    ("精华液", "面部护理", "3304990029", "142", "133", 32_800, 90),
    ("面膜", "面部护理", "3304990029", "140", "133", 9_900, 260),
    ("口红", "彩妆", "3304100013", "012", "305", 19_800, 40),
    ("香水", "香氛", "3303000020", "142", "305", 45_900, 210),
    ("洗发水", "洗护", "3305100090", "142", "133", 6_480, 560),
    ("牙膏", "洗护", "3306101000", "012", "116", 3_290, 180),
    ("沐浴露", "洗护", "3401300000", "142", "309", 5_890, 620),
    ("奶粉", "婴儿配方", "1901101000", "122", "609", 19_850, 1_050),
    ("米粉", "婴儿辅食", "1901109000", "140", "303", 7_890, 340),
    ("果泥", "婴儿辅食", "2007100000", "136", "601", 2_490, 130),
    ("纸尿裤", "婴儿用", "9619001100", "125", "116", 8_990, 1_900),
    ("奶瓶", "婴儿用", "3924100000", "007", "304", 11_500, 160),
    ("鱼油", "胶囊", "2106909090", "142", "502", 12_999, 210),
    ("维生素", "片剂", "2106909090", "142", "601", 9_950, 180),
    ("蛋白粉", "粉剂", "2106100000", "122", "502", 28_900, 1_150),
    ("益生菌", "粉剂", "2106909090", "140", "601", 16_800, 120),
    ("巧克力", "食品", "1806900000", "140", "301", 4_525, 230),
    ("饼干", "食品", "1905310000", "140", "303", 2_980, 420),
    ("麦片", "食品", "1904100000", "136", "303", 5_670, 780),
    ("咖啡", "饮品", "2101110000", "122", "307", 8_450, 260),
    ("保温杯", "不锈钢", "9617001100", "007", "116", 17_800, 340),
    ("牙刷", "软毛", "9603210000", "140", "304", 3_990, 90),
    ("电动牙刷", "电动", "8509809000", "001", "304", 48_900, 420),
    ("吹风机", "电动", "8516310000", "001", "116", 129_000, 780),
    ("美容仪", "电动", "8543709990", "001", "116", 158_000, 390),
    ("太阳镜", "树脂", "9004100000", "007", "307", 86_000, 110),
    ("手提包", "牛皮", "4202210090", "007", "307", 215_000, 920),
    ("腕表", "石英", "9102110000", "007", "331", 188_000, 140),
    ("运动鞋", "合成革", "6404110000", "025", "141", 58_900, 860),
    ("羊毛衫", "针织", "6110110000", "011", "309", 64_900, 380),
    ("玩具积木", "塑料", "9503006000", "140", "302", 23_900, 730),
];

/// Goods whose commodity code is watched.
const WATCHED: [Article; 2] = [
    ("雾化品", "虚构管制一类", "8543400090", "007", "142", 18_900, 120),
    ("乐丸", "虚构管制二类", "3004909099", "140", "142", 26_500, 60),
];

/// Sizes: price and weight in hundredths of the family's.
const SIZES: [(&str, u64); 4] = [("小号", 70), ("标准", 100), ("大号", 145), ("礼盒", 195)];

fn sku(number: usize, family: &Article, size: (&str, u64)) -> Sku {
    let (name, kind, gcode, unit, country, price, grams) = *family;
    Sku {
        item_no: lasting(format!("KHR-{number:04}")),
        name: lasting(format!("测试{name}{}", size.0)),
        gmodel: lasting(format!("{kind}|{}|虚构牌", size.0)),
        gcode,
        unit,
        country,
        price_cents: price.saturating_mul(size.1) / 100,
        net_grams: grams.saturating_mul(size.1) / 100,
    }
}

/// Every article: those of the families, then those with a watched code.
pub(super) static SKUS: LazyLock<Vec<Sku>> = LazyLock::new(|| {
    let sized = FAMILIES.iter().flat_map(|family| SIZES.map(|size| (family, size)));
    let all = sized.chain(WATCHED.iter().map(|family| (family, SIZES[1])));
    (1usize..).zip(all).map(|(number, (family, size))| sku(number, family, size)).collect()
});

/// How many articles anybody may sell.
pub(super) const ORDINARY: usize = FAMILIES.len() * SIZES.len();

/// The commodity codes that are watched.
pub(super) fn watched_codes() -> Vec<&'static str> {
    WATCHED.iter().map(|article| article.2).collect()
}

/// The full world's policy, with this world's goods on the positive list and their rates of tax.
pub(super) fn policy() -> Policy {
    let mut policy = full_policy();
    let mut codes: BTreeSet<String> =
        SKUS.iter().map(|sku| sku.gcode.chars().take(8).collect()).collect();
    codes.extend(policy.tax_rates.iter().map(|rate| rate.first.clone()));
    let share = |per_mille: u64| {
        let units = i128::from(per_mille).saturating_mul(100);
        Decimal::from_units(units).unwrap_or_default()
    };
    let rates = codes.iter().map(|code| TaxRate {
        first: code.clone(),
        last: code.clone(),
        value_added: share(VALUE_ADDED_PER_MILLE),
        consumption: share(consumption_per_mille(code)),
    });
    policy.tax_rates = rates.collect();
    for table in &mut policy.code_tables {
        if table.table == Table::RetailImport {
            let ranges = codes.iter();
            let ranges = ranges.map(|code| CodeRange { first: code.clone(), last: code.clone() });
            table.codes = ranges.collect();
        }
    }
    policy.risk = RiskPolicy::none();
    policy
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_can_be_and_codes_and_articles_differ() {
        assert_eq!(policy().check(), Ok(()));
        let codes: BTreeSet<_> = members().iter().map(|member| member.code).collect();
        assert_eq!(codes.len(), members().len());
        let articles: BTreeSet<_> = SKUS.iter().map(|sku| sku.item_no).collect();
        assert_eq!(articles.len(), ORDINARY + WATCHED.len());
        for word in SIMILAR_WORDS {
            assert!(WATCHED_WORDS.iter().all(|watched| !word.contains(watched)));
        }
    }
}
