//! Code tables: which codes of customs' tables the zone takes.
//!
//! A table is a list of ranges of equally long codes, compared as texts, so that a table of
//! hundreds of codes is a few dozen bytes. What a policy has no table for is not checked.

use super::fault::{PolicyFault, PolicyFaults};
use kanhe_types::codec::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// The tables. The numbers are permanent.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize,
)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum Table {
    /// Currencies (货币代码), three digits.
    Currency,
    /// Countries and regions (国家地区代码), three digits.
    Country,
    /// Units of measure (计量单位代码), three digits.
    Unit,
    /// Modes of transport (运输方式代码), one character.
    Transport,
    /// Kinds of packing (包装种类代码), one digit.
    Wrap,
    /// Trade modes (监管方式代码), four digits.
    TradeMode,
    /// Customs districts (关区代码), four digits.
    District,
    /// The positive list (正面清单): codes of the tariff that are imported at retail, eight digits;
    /// rule M13.
    RetailImport,
}

impl Table {
    /// The name that JSON and receipts use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Currency => "currency",
            Self::Country => "country",
            Self::Unit => "unit",
            Self::Transport => "transport",
            Self::Wrap => "wrap",
            Self::TradeMode => "trade_mode",
            Self::District => "district",
            Self::RetailImport => "retail_import",
        }
    }

    /// Characters of its codes.
    fn code_chars(self) -> usize {
        match self {
            Self::Currency | Self::Country | Self::Unit => 3,
            Self::Transport | Self::Wrap => 1,
            Self::TradeMode | Self::District => 4,
            Self::RetailImport => 8,
        }
    }
}

/// One table.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields)]
pub struct CodeTable {
    /// Which.
    pub table: Table,
    /// Its version, which receipts name.
    pub version: u32,
    /// Its codes, ascending.
    pub codes: Vec<CodeRange>,
}

/// Codes from one to another; a single code is both.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields)]
pub struct CodeRange {
    /// The first,
    pub first: String,
    /// and the last.
    pub last: String,
}

/// Ranges of one table.
const RANGES_MAX: usize = 2_000;

impl CodeTable {
    fn new(table: Table, ranges: &[(&str, &str)]) -> Self {
        let range = |(first, last): &(&str, &str)| CodeRange {
            first: (*first).to_owned(),
            last: (*last).to_owned(),
        };
        Self { table, version: 1, codes: ranges.iter().map(range).collect() }
    }

    /// Whether it has this code.
    pub fn has(&self, code: &str) -> bool {
        let behind = self.codes.partition_point(|range| range.first.as_str() <= code);
        let range = behind.checked_sub(1).and_then(|index| self.codes.get(index));
        range.is_some_and(|range| code.len() == range.last.len() && code <= range.last.as_str())
    }

    /// Checks that every code has the table's form, and that ranges ascend without overlap.
    fn check(&self, faults: &mut PolicyFaults) {
        faults.within("codes", |own| {
            own.at_most(self.codes.len(), RANGES_MAX, "ranges of a table");
            own.each(&self.codes, |range, own| self.check_range(range, own));
            let overlaps = |pair: &[CodeRange]| matches!(pair, [a, b] if b.first <= a.last);
            if let Some(index) = self.codes.windows(2).position(overlaps) {
                let path = format!("[{}]", index.saturating_add(1));
                own.add(PolicyFault::at(path, "ranges that ascend without overlap"));
            }
        });
    }

    fn check_range(&self, range: &CodeRange, faults: &mut PolicyFaults) {
        let chars = self.table.code_chars();
        for (name, code) in [("first", &range.first), ("last", &range.last)] {
            let is_code = code.len() == chars
                && code.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
            faults.require(is_code, || {
                let expected =
                    format!("a code of this length, {chars}, of digits and capital letters");
                PolicyFault::at(name, expected).but_found(code)
            });
        }
        faults.require(range.first <= range.last, || {
            PolicyFault::at("", "a range from the lower code to the higher")
        });
    }
}

/// Checks the tables of a policy.
pub(super) fn check(tables: &[CodeTable], faults: &mut PolicyFaults) {
    faults.ascend(tables, "each table once, in the order of the specification", |own| own.table);
    faults.each(tables, CodeTable::check);
}

/// The tables of a policy that states none: those whose codes are known in full. Countries are the
/// blocks of the continents, and customs districts are absent: a zone states its own.
pub(super) fn defaults() -> Vec<CodeTable> {
    let single = |codes: &[&'static str]| -> Vec<(&'static str, &'static str)> {
        codes.iter().map(|code| (*code, *code)).collect()
    };
    let currencies = single(&[
        "110", "116", "121", "129", "132", "133", "136", "142", "300", "302", "303", "326", "330",
        "331", "501", "502", "601", "609",
    ]);
    let continents = [
        ("101", "199"),
        ("201", "299"),
        ("301", "399"),
        ("401", "499"),
        ("501", "599"),
        ("601", "699"),
        ("701", "799"),
    ];
    vec![
        CodeTable::new(Table::Currency, &currencies),
        CodeTable::new(Table::Country, &continents),
        CodeTable::new(Table::Unit, &[("001", "164")]),
        CodeTable::new(Table::Transport, &[("0", "9"), ("W", "Z")]),
        CodeTable::new(Table::Wrap, &[("1", "7")]),
        CodeTable::new(
            Table::TradeMode,
            &single(&["0110", "1039", "1210", "1239", "9610", "9710", "9810"]),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(tables: &[CodeTable]) -> Vec<String> {
        let mut faults = PolicyFaults::default();
        check(tables, &mut faults);
        faults.into_vec().into_iter().map(|fault| fault.path).collect()
    }

    #[test]
    fn a_code_is_in_a_table_that_has_a_range_around_it() {
        let table = CodeTable::new(Table::Unit, &[("001", "003"), ("007", "007"), ("A01", "A09")]);
        let has = ["001", "002", "003", "007", "A05"];
        let lacks = ["000", "004", "006", "008", "A10", "", "01", "0025", "999", "厘"];
        assert!(has.into_iter().all(|code| table.has(code)));
        assert!(!lacks.into_iter().any(|code| table.has(code)));
        assert!(!CodeTable::new(Table::Unit, &[]).has("001"));
    }

    #[test]
    fn tables_have_codes_of_their_form_in_order() {
        assert!(faults(&defaults()).is_empty());
        for (ranges, expected) in [
            (&[("00", "003")][..], "[0].codes[0].first"),
            (&[("003", "001")], "[0].codes[0]"),
            (&[("001", "005"), ("005", "006")], "[0].codes[1]"),
            (&[("006", "007"), ("001", "002")], "[0].codes[1]"),
            (&[("001", "00b")], "[0].codes[0].last"),
        ] {
            let found = faults(&[CodeTable::new(Table::Unit, ranges)]);
            assert_eq!(found, [expected], "{ranges:?}");
        }
        let twice = [CodeTable::new(Table::Unit, &[]), CodeTable::new(Table::Unit, &[])];
        assert_eq!(faults(&twice), ["[1]"]);
    }
}
