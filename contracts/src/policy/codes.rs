//! Code tables: which codes of customs' tables the zone takes.
//!
//! A table is a list of ranges of equally long codes, compared as texts, so that a table of
//! hundreds of codes is a few dozen bytes. What a policy has no table for is not checked.

use super::PolicyFault;
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
    fn check(&self) -> Result<(), PolicyFault> {
        let field = "code_tables";
        let is_code = |code: &String| {
            code.len() == self.table.code_chars()
                && code.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
        };
        let are_codes = |range: &CodeRange| {
            is_code(&range.first) && is_code(&range.last) && range.first <= range.last
        };
        if !self.codes.iter().all(are_codes) {
            let expected =
                "ranges of codes of the table's length, each from the lower to the higher";
            return Err(PolicyFault { field, expected });
        }
        let ascends =
            self.codes.windows(2).all(|pair| matches!(pair, [one, two] if one.last < two.first));
        if !ascends || RANGES_MAX < self.codes.len() {
            let expected = "at most 2000 ranges of a table, ascending without overlap";
            return Err(PolicyFault { field, expected });
        }
        Ok(())
    }
}

/// Checks the tables of a policy.
pub(super) fn check(tables: &[CodeTable]) -> Result<(), PolicyFault> {
    let ascends = tables.windows(2).all(|pair| matches!(pair, [one, two] if one.table < two.table));
    if !ascends {
        let expected = "each table once, in the order of the specification";
        return Err(PolicyFault { field: "code_tables", expected });
    }
    tables.iter().try_for_each(CodeTable::check)
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
        assert_eq!(check(&defaults()), Ok(()));
        for ranges in [
            &[("01", "03")][..],
            &[("003", "001")],
            &[("001", "005"), ("005", "006")],
            &[("006", "007"), ("001", "002")],
            &[("00a", "00b")],
        ] {
            assert!(check(&[CodeTable::new(Table::Unit, ranges)]).is_err(), "{ranges:?}");
        }
        let twice = [CodeTable::new(Table::Unit, &[]), CodeTable::new(Table::Unit, &[])];
        assert!(check(&twice).is_err());
    }
}
