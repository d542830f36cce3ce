//! Who trades in the full world, and under which policy.

use super::super::catalogue::SKUS;
use super::goods::WATCH;
use kanhe_contracts::matching::RuleId;
use kanhe_contracts::policy::{
    CodeRange, CodeTable, Direction, LicenceDemand, Limit, Policy, Table, TaxRate, USD,
};
use kanhe_contracts::registry::{Licence, LicenceKind, Role, Status};
use kanhe_types::decimal::Decimal;
use kanhe_types::time::CustomsDate;
use std::collections::BTreeSet;

/// An organisation of the full world. Every name says that it is invented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its customs code.
    pub code: &'static str,
    /// Its registered name.
    pub name: &'static str,
    /// What it is in the zone, ascending.
    pub roles: &'static [Role],
    /// The park where it is settled.
    pub park: Option<&'static str>,
    /// Whether it may act.
    pub status: Status,
}

const fn member(
    code: &'static str,
    name: &'static str,
    roles: &'static [Role],
    park: Option<&'static str>,
) -> Member {
    Member { code, name, roles, park, status: Status::Active }
}

const LING: Option<&str> = Some("测试临港园区");
const BAO: Option<&str> = Some("测试综保园区");
const CHENG: Option<&str> = Some("测试城区园区");

/// Customs: says where lists stand, states taxes.
pub(super) static CUSTOMS: Member =
    member("KHCUS001", "测试海关", &[Role::Agency, Role::Customs], None);
/// The agency that attests identities.
pub(super) static POLICE: Member = member("KHGOV001", "测试核验机构", &[Role::Agency], None);
pub(super) static PLATFORMS: [Member; 3] = [
    member("KHEBP001", "测试平台一", &[Role::Platform], LING),
    member("KHEBP002", "测试平台二", &[Role::Platform], CHENG),
    member("KHEBP003", "测试平台三", &[Role::Platform], BAO),
];
pub(super) static MERCHANTS: [Member; 8] = [
    member("KHEBC001", "测试电商一", &[Role::Merchant], LING),
    member("KHEBC002", "测试电商二", &[Role::Merchant], LING),
    member("KHEBC003", "测试电商三", &[Role::Merchant], BAO),
    member("KHEBC004", "测试电商四", &[Role::Merchant], BAO),
    member("KHEBC005", "测试电商五", &[Role::Merchant], CHENG),
    member("KHEBC006", "测试电商六", &[Role::Merchant], CHENG),
    member("KHEBC007", "测试电商七", &[Role::Merchant], CHENG),
    member("KHEBC008", "测试电商八", &[Role::Merchant], None),
];
pub(super) static PAYERS: [Member; 3] = [
    member("KHPAY001", "测试支付一", &[Role::Payment], CHENG),
    member("KHPAY002", "测试支付二", &[Role::Payment], None),
    member("KHPAY003", "测试银行三", &[Role::Payment, Role::Bank], None),
];
pub(super) static CARRIERS: [Member; 3] = [
    member("KHLOG001", "测试物流一", &[Role::Carrier], LING),
    member("KHLOG002", "测试物流二", &[Role::Carrier], CHENG),
    member("KHLOG003", "测试物流三", &[Role::Carrier], None),
];
pub(super) static DECLARANTS: [Member; 3] = [
    member("KHAGT001", "测试报关一", &[Role::Declarant], LING),
    member("KHAGT002", "测试报关二", &[Role::Declarant], BAO),
    member("KHAGT003", "测试报关三", &[Role::Declarant], None),
];
/// Bonded warehouses, and operators of supervised sites.
pub(super) static WAREHOUSES: [Member; 3] = [
    member("KHWHS001", "测试仓储一", &[Role::Warehouse], BAO),
    member("KHWHS002", "测试仓储二", &[Role::Warehouse], BAO),
    member("KHWHS003", "测试监管场所三", &[Role::Warehouse], LING),
];
/// A declarant who may not act for the time being.
pub(super) static SUSPENDED: Member = Member {
    code: "KHAGT901",
    name: "测试停业报关",
    roles: &[Role::Declarant],
    park: None,
    status: Status::Suspended,
};
/// A code that nobody has.
pub(super) static UNREGISTERED: Member =
    member("KHAGT999", "测试未备案报关", &[Role::Declarant], None);

/// The tax authority,
pub(super) static TAX: Member =
    member("KHGOV002", "测试税务机构", &[Role::Agency, Role::Tax], None);
/// the commerce authority,
pub(super) static COMMERCE: Member =
    member("KHGOV003", "测试商务机构", &[Role::Agency, Role::Commerce], None);
/// and market supervision.
pub(super) static MARKET: Member =
    member("KHGOV004", "测试市场监管机构", &[Role::Agency, Role::Market], None);
/// A bank that takes pledges.
pub(super) static BANK: Member = member("KHBNK001", "测试银行一", &[Role::Bank], None);
/// An insurer.
pub(super) static INSURER: Member = member("KHINS001", "测试保险一", &[Role::Insurer], None);
/// A merchant that agencies judge, and that trades with nobody.
pub(super) static LISTED: Member =
    member("KHEBC901", "测试失信电商", &[Role::Merchant], Some("测试城区园区"));
/// A payment firm whose licence is over,
pub(super) static LAPSED: Member =
    member("KHPAY904", "测试失效支付", &[Role::Payment], Some("测试城区园区"));
/// and a carrier that never had one.
pub(super) static UNLICENSED: Member = member("KHLOG905", "测试无证物流", &[Role::Carrier], None);

/// What an organisation is licensed for. Payment firms and carriers need a licence each.
pub fn licences(code: &str) -> Vec<Licence> {
    let day = |text: &str| text.parse::<CustomsDate>().ok();
    let own = |kind, until: Option<CustomsDate>| {
        let number = format!("TEST{code}");
        day("20100101").map(|from| Licence { kind, number, from, until })
    };
    let is_of = |group: &[Member]| group.iter().any(|member| member.code == code);
    let licence = match code {
        _ if is_of(&PAYERS) => own(LicenceKind::PaymentInternet, None),
        _ if is_of(&CARRIERS) => own(LicenceKind::Express, None),
        _ if code == LAPSED.code => own(LicenceKind::PaymentInternet, day("20151231")),
        _ => None,
    };
    licence.into_iter().collect()
}

/// Every organisation that is registered, by code.
pub fn members() -> Vec<Member> {
    let mut all = vec![CUSTOMS, POLICE, TAX, COMMERCE, MARKET, BANK, INSURER];
    all.extend([SUSPENDED, LAPSED, UNLICENSED, LISTED]);
    for group in [&PLATFORMS[..], &MERCHANTS, &PAYERS, &CARRIERS, &DECLARANTS, &WAREHOUSES] {
        all.extend(group);
    }
    all.sort_by_key(|member| member.code);
    all
}

/// A role's name in files.
pub fn role_name(role: Role) -> String {
    format!("{role:?}").to_lowercase()
}

/// The most that an export list under 9610 may be worth, in whole dollars.
pub(super) const EXPORT_VALUE_MAX: i64 = 1_000;
/// Days after departure within which a return of such an export is applied for.
const EXPORT_RETURN_DAYS: u32 = 30;
/// The rates of goods: value added and consumption tax, in thousandths.
pub(super) const VALUE_ADDED_PER_MILLE: u64 = 130;

/// Consumption tax on goods of this code, in thousandths.
pub(super) fn consumption_per_mille(gcode: &str) -> u64 {
    if gcode.starts_with("330410") { 150 } else { 0 }
}

/// The policy under which the truth holds: that of [`policy`], and payment firms and carriers have
/// a licence.
pub fn licensed_policy() -> Policy {
    let demand = |role, licence| LicenceDemand { role, licence };
    let licences_required = vec![
        demand(Role::Payment, LicenceKind::PaymentInternet),
        demand(Role::Carrier, LicenceKind::Express),
    ];
    Policy { licences_required, ..policy() }
}

/// What every world of this kind has in common: bonded lists take from account books, there is a
/// positive list, goods have rates of tax, and exports under 9610 have a limit and a term.
pub(super) fn policy() -> Policy {
    let mut policy = Policy::default();
    let goods = SKUS.iter().chain([&WATCH]);
    // The first eight of ten digits are the tariff's.
    let codes: BTreeSet<String> = goods.map(|sku| sku.gcode.chars().take(8).collect()).collect();
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
    let ranges = codes.into_iter().map(|code| CodeRange { first: code.clone(), last: code });
    let (table, codes) = (Table::RetailImport, ranges.collect());
    policy.code_tables.push(CodeTable { table, version: 1, codes });
    for mode in &mut policy.modes {
        mode.waived.retain(|rule| *rule != RuleId::B01);
        if mode.direction == Direction::Export && mode.code == "9610" {
            let amount = Decimal::from_integer(EXPORT_VALUE_MAX).unwrap_or_default();
            mode.value_max = Some(Limit { amount, currency: USD.to_owned() });
            mode.return_days = Some(EXPORT_RETURN_DAYS);
        }
    }
    policy
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_can_be_and_the_members_are_each_registered_once() {
        assert_eq!(licensed_policy().check(), Ok(()));
        let codes: BTreeSet<_> = members().iter().map(|member| member.code).collect();
        assert_eq!(codes.len(), members().len());
        assert!(!codes.contains(UNREGISTERED.code));
        for member in members() {
            assert!(member.roles.is_sorted() && member.name.starts_with("测试"));
        }
    }
}
