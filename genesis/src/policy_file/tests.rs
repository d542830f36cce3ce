//! Files that are read, files that are not, and why.
#![allow(clippy::unwrap_used, reason = "tests may panic")]

use super::*;
use expect_test::{Expect, expect};
use kanhe_contracts::policy::{
    CodeRange, CodeTable, ExchangeRate, LicenceDemand, ModeProfile, Quorum, Table, TaxRate,
};
use kanhe_contracts::registry::{LicenceKind, Role};
use kanhe_types::decimal::Decimal;
use kanhe_types::pseudonym::{PseudonymScope, PseudonymServiceKey};
use proptest::prelude::*;

/// Reads a text on top of the default policy and compares what is wrong with it: a line for the
/// place and one for what was expected.
fn check(text: &str, expected: Expect) {
    let told = match read(text.as_bytes(), &Policy::default()) {
        Ok(file) => format!("version {}, left out: {}", file.policy.version, file.left_out.len()),
        Err(faults) => {
            let told =
                |fault: &FileFault| fault.to_string().replacen(": expected", "\n  expected", 1);
            faults.iter().map(told).collect::<Vec<_>>().join("\n")
        }
    };
    expected.assert_eq(&told);
}

/// What differs, in lines that fit a page.
fn check_diff(before: &Policy, after: &Policy, expected: Expect) {
    let texts = diff(before, after).into_iter().map(|difference| {
        difference.to_string().replace(" -> ", "\n    -> ").replace(", codes:", "\n    codes:")
    });
    let lines = texts.collect::<Vec<_>>().join("\n");
    let short = |line: &str| {
        let short: String = line.chars().take(80).collect();
        short.trim_end().to_owned()
    };
    expected.assert_eq(&lines.lines().map(short).collect::<Vec<_>>().join("\n"));
}

/// The default policy's file with one text in the place of another.
fn file_with(from: &str, to: &str) -> String {
    let text = write(&Policy::default());
    assert_eq!(text.matches(from).count(), 1, "{from:?} stands once");
    text.replace(from, to)
}

#[test]
fn every_field_is_written_in_a_section_and_comes_back() {
    let policy = Policy::default();
    let text = write(&policy);
    let file = read(text.as_bytes(), &Policy { collect_days: 9, ..policy.clone() }).unwrap();
    assert_eq!((file.policy, file.states_version, file.left_out.len()), (policy, true, 0));
    let Kind::Map(entries) = ser::to_node(&Policy::default()).kind else { panic!("a mapping") };
    for entry in entries.iter().filter(|entry| entry.key != "version") {
        assert!(sections::of_field(&entry.key).is_some(), "{} has no section", entry.key);
    }
    // A text is not divided, however long it is.
    let is_text = |line: &&str| line.contains(": \"") || line.contains(": '");
    for line in text.lines().filter(|line| !is_text(line)) {
        assert!(line.chars().count() <= 100, "{line}");
    }
}

/// Every name of a field in a tree.
fn names(node: &Node, found: &mut std::collections::BTreeSet<String>) {
    match &node.kind {
        Kind::Scalar(_) => {}
        Kind::List(items) => items.iter().for_each(|item| names(item, found)),
        Kind::Map(entries) => {
            // Credit has a specification of its own.
            for entry in entries.iter().filter(|entry| entry.key != "credit") {
                found.insert(entry.key.clone());
                names(&entry.value, found);
            }
        }
    }
}

#[test]
fn every_field_is_in_the_specification() {
    let policy = Policy {
        tax_rates: vec![tax_rate("33040000", "33049999")],
        licences_required: vec![LicenceDemand {
            role: Role::Payment,
            licence: LicenceKind::PaymentInternet,
        }],
        pseudonym_keys: vec![PseudonymServiceKey {
            scope: PseudonymScope { key_id: 1, epoch: 2026 },
            organisation: "4604".parse().unwrap(),
            public_key: Default::default(),
        }],
        ..Policy::default()
    };
    let mut found = std::collections::BTreeSet::new();
    names(&ser::to_node(&policy), &mut found);
    let text = include_str!("../../../docs/spec/policy.md");
    let lacks: Vec<&String> =
        found.iter().filter(|name| !text.contains(&format!("`{name}`"))).collect();
    assert!(lacks.is_empty(), "docs/spec/policy.md does not say what these are: {lacks:?}");
}

#[test]
fn what_is_left_out_is_the_bases() {
    let base = Policy { version: 7, collect_days: 9, ..Policy::default() };
    let text = "receipt_days: 30\ngovernance_quorum: {agencies: 3}\n";
    let file = read(text.as_bytes(), &base).unwrap();
    let quorum = Quorum { agencies: 3, of: 3 };
    let expected = Policy { receipt_days: 30, governance_quorum: quorum, ..base.clone() };
    assert_eq!((file.policy, file.states_version), (expected, false));
    assert!(file.left_out.contains(&"governance_quorum.of".to_owned()));
    assert!(file.left_out.contains(&"collect_days".to_owned()));
    assert!(!file.left_out.contains(&"receipt_days".to_owned()));
}

#[test]
fn json_is_taken_as_it_always_was() {
    let policy = Policy { receipt_days: 30, ..Policy::default() };
    let text = serde_json::to_string_pretty(&policy).unwrap();
    assert_eq!(read(text.as_bytes(), &Policy::default()).unwrap().policy, policy);
}

#[test]
fn unknown_fields_and_fields_that_stand_twice_are_refused() {
    check(
        "version: 2\ncolect_days: 5\ngovernance_quorum:\n  agencies: 2\n  of: 3\n  off: 4\n",
        expect![[r#"
            line 2, column 1: colect_days
              expected "collect_days" or another field, found "colect_days", which is none
            line 6, column 3: governance_quorum.off
              expected "of" or another field, found "off", which is none"#]],
    );
    check(
        "version: 2\ncollect_days: 5\n\ncollect_days: 6\n",
        expect![[r#"
            line 4, column 1
              expected each field once, found "collect_days" of line 2 again"#]],
    );
    let scope =
        "pseudonym_keys:\n  - {scope: {key_id: 1, epoch: 2026, year: 1}, organisation: A}\n";
    check(
        scope,
        expect![[r#"
            line 2, column 38: pseudonym_keys[0].scope.year
              expected a field of the policy, found one that it does not have
            line 2, column 5: pseudonym_keys[0]
              expected the field "public_key", found none"#]],
    );
}

#[test]
fn values_of_another_kind_are_all_told_with_what_was_expected() {
    check(
        "collect_days: seven\nretention_days: -1\nreceipt_days: 5000000000\n\
         return_days: \"30\"\nweight_tolerance_kg: 1e3\nfreight_tolerance: 0.000001\n\
         spot_check_seconds_min: 007\ncold_max_tenths: 40000\nsingle_limit:\n\
         modes:\n  - code: 9610\n    direction: inward\n  - direction: import\n\
         tax_rates: {first: 1}\nexchange_rates: 5\nlicences_required:\n  - [payment]\n",
        expect![[r#"
            line 1, column 15: collect_days
              expected a whole number in digits, without quotes, found "seven"
            line 2, column 17: retention_days
              expected a whole number from 0 to 4294967295, found -1
            line 3, column 15: receipt_days
              expected a whole number from 0 to 4294967295, found 5000000000
            line 4, column 14: return_days
              expected a whole number in digits, without quotes, found "30"
            line 5, column 22: weight_tolerance_kg
              expected a number of at most 19 digits, 5 of them after the point, found "1e3"
            line 6, column 20: freight_tolerance
              expected a number of at most 19 digits, 5 of them after the point, found "0.000001"
            line 7, column 25: spot_check_seconds_min
              expected a whole number in digits, without quotes, found "007"
            line 8, column 18: cold_max_tenths
              expected a whole number from -32768 to 32767, found 40000
            line 9, column 13: single_limit
              expected a text, found nothing
            line 12, column 16: modes[0].direction
              expected one of import, export, found "inward"
            line 13, column 5: modes[1]
              expected the field "code", found none
            line 14, column 12: tax_rates
              expected a list, found a mapping
            line 15, column 17: exchange_rates
              expected a list, found "5"
            line 17, column 5: licences_required[0]
              expected a mapping of fields, found a list"#]],
    );
}

#[test]
fn a_policy_that_rules_cannot_work_with_is_told_by_its_places() {
    let text = file_with("- table: wrap", "- table: wrap  # 包装种类")
        .replace("collect_days: 7 ", "collect_days: 0 ")
        .replace("{first: \"1\", last: \"7\"}", "{first: \"1\", last: \"77\"}")
        .replace("agencies: 2, of: 3", "agencies: 1, of: 2")
        .replace("order_types: [B]", "order_types: []");
    check(
        &text,
        expect![[r#"
            line 7, column 20: governance_quorum
              expected more than half of the agencies, and not more than all, found 1 of 2
            line 14, column 15: collect_days
              expected 1 to 3660, found 0
            line 85, column 18: modes[6].order_types
              expected E, B or W as types of the orders of an export, none of an import
            line 145, column 28: code_tables[4].codes[0].last
              expected a code of this length, 1, of digits and capital letters, found 77"#]],
    );
    // What is not in the file has no line.
    check(
        "return_back_days: 20\n",
        expect![[r#"
            not in the file: return_days
              expected 1 to 3660, not more than return_back_days, found 30"#]],
    );
}

#[test]
fn what_yaml_has_and_policies_do_not_is_refused() {
    for (text, expected) in [
        ("a: &x 1\nb: *x\n", "line 1, column 4: expected a value without an anchor"),
        ("a: *x\n", "line 1, column 4: expected YAML: "),
        ("collect_days: !!int 7\n", "line 1, column 15: expected a value without a tag"),
        ("<<: {collect_days: 7}\n", "line 1, column 1: <<: expected a field of the policy"),
        ("? [a]\n: 1\n", "line 1, column 3: expected a name as key, found a list"),
        ("collect_days: 7\n---\ncollect_days: 8\n", "line 2, column 1: expected one document"),
        ("", "line 1, column 1: expected a policy, found an empty file"),
        ("7\n", "line 1, column 1: expected a mapping of fields, found \"7\""),
        ("collect_days: [7\n", "line 2, column 1: expected YAML: "),
        ("collect_days: 7\n  x: 8\n", "line 2, column 4: expected YAML: "),
    ] {
        let faults = read(text.as_bytes(), &Policy::default()).unwrap_err();
        let told = faults.first().map(ToString::to_string).unwrap_or_default();
        assert!(told.starts_with(expected), "{text:?}: {told}");
    }
    let faults = read(b"version: 1\na: \xe8\xb4\xa7\xff\n", &Policy::default()).unwrap_err();
    assert_eq!(faults[0].to_string(), "line 2, column 5: expected UTF-8, found other bytes");
}

#[test]
fn a_text_that_would_cost_much_is_refused_soon() {
    let long = "a".repeat(POLICY_FILE_BYTES_MAX + 1);
    let deep = "[".repeat(1_000_000);
    let deep_block = format!("{}x", "- ".repeat(500_000));
    let deep_keys = format!("{}x", "? ".repeat(500_000));
    let wide = format!("a: [{}]", "1,".repeat(600_000));
    let fields: String = (0..100_000).map(|number| format!("f{number}: 1\n")).collect();
    let blanks = " ".repeat(1_900_000);
    let bombs = (0..9).map(|n| format!("a{n}: &a{n} [*a{0},*a{0}]\n", n.max(1) - 1)).collect();
    for (text, expected) in [
        (long, "at most 2097152 bytes"),
        (deep, "recursion limit"),
        (deep_block, "at most 24 lists"),
        (deep_keys, "at most 24 lists"),
        (wide, "at most 200000 values"),
        (fields, "at most 256 fields"),
        (blanks, "an empty file"),
        (bombs, "without an anchor"),
    ] {
        let faults = read(text.as_bytes(), &Policy::default()).unwrap_err();
        let told = faults[0].to_string();
        assert!(told.contains(expected), "{told}");
    }
}

#[test]
fn sections_are_found_by_their_names() {
    let policy = Policy::default();
    let cold = write_section(&policy, "cold_chain").unwrap();
    expect![[r#"
        # Cold chain of frozen lots · 冻品冷链
        cold_max_tenths: -180  # tenths of a degree Celsius; C02: the warmest
        cold_excursion_minutes: 30  # minutes; C02: how long it may be warmer
        cold_gap_minutes: 60  # minutes; C03: how long there may be no readings
    "#]]
    .assert_eq(&cold);
    assert!(write_section(&policy, "collect_days").unwrap().starts_with("collect_days: 7"));
    assert_eq!(write_section(&policy, "weather"), None);
    for name in section_names(&policy) {
        assert!(write_section(&policy, name).is_some(), "{name}");
    }
}

#[test]
fn a_difference_is_named_by_what_it_is_about() {
    let before = Policy::default();
    let mut after = Policy { version: 2, collect_days: 9, ..before.clone() };
    after.modes[2].required_fields.pop();
    after.modes[3].country = Some("142".into());
    after.exchange_rates[4].cny_per_100 = "561.5".parse().unwrap();
    after.code_tables[4].codes[0].last = "8".into();
    after.code_tables.remove(1);
    after.tax_rates.push(tax_rate("33040000", "33049999"));
    after.licences_required =
        vec![LicenceDemand { role: Role::Payment, licence: LicenceKind::PaymentInternet }];
    check_diff(
        &before,
        &after,
        expect![[r#"
            ~ version: 1
                -> 2
            ~ collect_days: 7
                -> 9
            - modes[import 9610].required_fields[billNo]: billNo
            ~ modes[export 1210].country: null
                -> "142"
            ~ code_tables[wrap].codes[1].last: "7"
                -> "8"
            - code_tables[country]: {table: country, version: 1
                codes: [{first: "101", last: "199"}, {first: "201", last: "299"}, {first: "3
            + tax_rates[33040000]: {first: "33040000", last: "33049999", value_added: 0.13,
            ~ exchange_rates[132].cny_per_100: 562
                -> 561.5
            + licences_required[payment payment_internet]: {role: payment, licence: payment_"#]],
    );
    let mut moved = before.clone();
    moved.modes[0].required.swap(0, 1);
    check_diff(
        &before,
        &moved,
        expect![[r#"
            ~ modes[import 1210].required, in order: order, payment, waybill, inventory_list
                -> payment, order, waybill, inventory_list"#]],
    );
}

fn tax_rate(first: &str, last: &str) -> TaxRate {
    let rate = |text: &str| text.parse().unwrap();
    let (value_added, consumption) = (rate("0.13"), rate("0.15"));
    TaxRate { first: first.into(), last: last.into(), value_added, consumption }
}

fn units(range: std::ops::Range<i64>) -> impl Strategy<Value = Decimal> {
    range.prop_map(|units| Decimal::from_units(units.into()).unwrap())
}

/// Ascending ranges of codes with this many digits.
fn ranges(digits: usize) -> impl Strategy<Value = Vec<(String, String)>> {
    let bound = 10_u64.pow(u32::try_from(digits).unwrap());
    prop::collection::btree_set(0..bound, 0..12).prop_map(move |numbers| {
        let codes: Vec<String> =
            numbers.iter().map(|number| format!("{number:0digits$}")).collect();
        codes.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect()
    })
}

fn modes() -> impl Strategy<Value = Vec<ModeProfile>> {
    let all = Policy::default().modes;
    let days = prop::option::of(1..=3_660_u32);
    let limit = prop::option::of(units(1..9_000_000_000_000_000_000));
    (prop::sample::subsequence(all, 0..=8), days, limit).prop_map(|(mut modes, days, limit)| {
        for mode in &mut modes {
            mode.return_days = days;
            mode.value_max = limit
                .map(|amount| kanhe_contracts::policy::Limit { amount, currency: "502".into() });
        }
        modes
    })
}

fn tables() -> impl Strategy<Value = Vec<CodeTable>> {
    let of = |table, digits| {
        (any::<u32>(), ranges(digits)).prop_map(move |(version, ranges)| {
            let codes = ranges.into_iter().map(|(first, last)| CodeRange { first, last }).collect();
            CodeTable { table, version, codes }
        })
    };
    (of(Table::Country, 3), of(Table::District, 4), of(Table::RetailImport, 8), 0..8_u8).prop_map(
        |(one, two, three, which)| {
            let all = [(1, one), (2, two), (4, three)];
            all.into_iter().filter(|(bit, _)| which & bit != 0).map(|(_, table)| table).collect()
        },
    )
}

fn rates() -> impl Strategy<Value = Vec<ExchangeRate>> {
    prop::sample::subsequence(Policy::default().exchange_rates, 0..=17).prop_flat_map(|rates| {
        let count = rates.len();
        let values = prop::collection::vec(units(1..100_000_000_000), count);
        values.prop_map(move |values| {
            let mut rates = rates.clone();
            for (rate, value) in rates.iter_mut().zip(values) {
                rate.cny_per_100 = value;
            }
            if !rates.iter().any(|rate| rate.currency == "502") {
                rates.clear();
            }
            rates
        })
    })
}

fn keys() -> impl Strategy<Value = Vec<PseudonymServiceKey>> {
    let key = |(epoch, key_id): (u16, u32)| PseudonymServiceKey {
        scope: PseudonymScope { key_id, epoch },
        organisation: "4604".parse().unwrap(),
        public_key: Default::default(),
    };
    prop::collection::btree_set((2_020..2_040_u16, 1..u32::MAX), 0..5)
        .prop_map(move |scopes| scopes.into_iter().map(key).collect())
}

/// Policies that the rules can work with.
fn policies() -> impl Strategy<Value = Policy> {
    let lists = (modes(), tables(), rates(), keys(), ranges(8));
    let numbers = (any::<u32>(), 1..=3_660_u32, 0..=36_600_u32, -600..=0_i16, 0..=10_080_u32);
    let decimals = (units(0..9_000_000_000_000_000_000), units(1..500_000_000), units(0..100_001));
    let quorum = prop::sample::select(vec![(2, 3), (3, 5), (1, 1), (65_535, 65_535)]);
    (lists, numbers, decimals, quorum).prop_map(|(lists, numbers, decimals, quorum)| {
        let (modes, code_tables, exchange_rates, pseudonym_keys, tax) = lists;
        let (version, days, retention_days, cold_max_tenths, cold_gap_minutes) = numbers;
        let (agencies, of) = quorum;
        let policy = Policy {
            version,
            collect_days: days,
            return_days: days,
            return_back_days: 3_660,
            retention_days,
            cold_max_tenths,
            cold_gap_minutes,
            amount_tolerance: decimals.0,
            single_limit: decimals.1,
            tax_share: decimals.2,
            governance_quorum: Quorum { agencies, of },
            tax_rates: tax.iter().map(|(first, last)| tax_rate(first, last)).collect(),
            modes,
            code_tables,
            exchange_rates,
            pseudonym_keys,
            ..Policy::default()
        };
        assert_eq!(policy.faults(), []);
        policy
    })
}

proptest! {
    #[test]
    fn what_was_written_is_read(policy in policies()) {
        let text = write(&policy);
        let file = read(text.as_bytes(), &Policy::default());
        let file = file.map_err(|faults| TestCaseError::fail(format!("{faults:?}\n{text}")))?;
        prop_assert_eq!(&file.policy, &policy);
        prop_assert_eq!(file.left_out.len(), 0);
        prop_assert_eq!(write(&file.policy), text);
    }

    #[test]
    fn policies_differ_exactly_when_something_is_named(one in policies(), two in policies()) {
        prop_assert_eq!(diff(&one, &one), vec![]);
        prop_assert_eq!(diff(&one, &two).is_empty(), one == two);
    }

    #[test]
    fn whatever_a_file_holds_is_answered(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _: Result<PolicyFile, _> = read(&bytes, &Policy::default());
    }

    #[test]
    fn a_damaged_file_is_answered_with_places_in_it(
        at in 0..6_000_usize,
        length in 0..40_usize,
        put in "[ \\[\\]{}:,#'\"|>&*!?a-z0-9\n-]{0,6}",
    ) {
        let text = write(&Policy::default());
        let (start, end) = (text.len().min(at), text.len().min(at + length));
        let mut bytes = text.into_bytes();
        bytes.splice(start..end, put.into_bytes());
        if let Err(faults) = read(&bytes, &Policy::default()) {
            let lines = bytes.iter().filter(|byte| **byte == b'\n').count() + 1;
            prop_assert!(!faults.is_empty());
            for place in faults.iter().filter_map(|fault| fault.place) {
                prop_assert!(1 <= place.line && place.line as usize <= lines + 1);
            }
        }
    }
}
