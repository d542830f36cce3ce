//! Comma-separated values to rows, what shop systems and warehouses export, and rows to them, for
//! spreadsheets.
//!
//! Fields may stand in quotes, a quote inside doubled; rows end with LF or CRLF. Encoding, counts
//! and lengths are bounded, and every row has as many fields as the first, which names the columns.

use crate::limits::{CSV_COLUMNS_MAX, TEXT_BYTES_MAX};

/// A table with named columns.
#[derive(Clone, PartialEq, Eq)]
pub struct Table {
    /// The columns' names, trimmed.
    pub columns: Vec<String>,
    /// The rows, each with a text for each column.
    pub rows: Vec<Vec<String>>,
    /// The line on which each row begins, from 1.
    pub lines: Vec<u64>,
}

/// A file is not a table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct CsvError {
    /// The line, from 1; the first names the columns.
    pub line: u64,
    /// What is wrong; it shows no value.
    pub problem: String,
}

/// Reads a table from UTF-8, with or without byte order mark. Blank lines are passed over.
///
/// # Errors
/// When the text is not a table of the form above, or the separator is no ASCII character.
pub fn parse(text: &str, separator: char) -> Result<Table, CsvError> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let error = |line: u64, problem: String| CsvError { line, problem };
    let separator = u8::try_from(separator)
        .map_err(|_| error(1, "expected an ASCII character between fields".to_owned()))?;
    // The library takes what stands behind a quote that is not closed as one field.
    if text.matches('"').count() % 2 == 1 {
        return Err(error(1, "a quote is not closed".to_owned()));
    }
    let mut reader = ::csv::ReaderBuilder::new();
    let reader = reader.delimiter(separator).has_headers(false).flexible(true);
    let mut rows = Vec::new();
    for record in reader.from_reader(text.as_bytes()).records() {
        let record = record.map_err(|cause| {
            error(cause.position().map_or(1, ::csv::Position::line), "it cannot be read".to_owned())
        })?;
        let line = record.position().map_or(1, ::csv::Position::line);
        if CSV_COLUMNS_MAX < record.len() {
            return Err(error(line, format!("expected at most {CSV_COLUMNS_MAX} fields")));
        }
        if record.iter().any(|field| TEXT_BYTES_MAX < field.len()) {
            let problem = format!("expected fields of at most {TEXT_BYTES_MAX} bytes");
            return Err(error(line, problem));
        }
        rows.push((line, record.iter().map(str::to_owned).collect::<Vec<String>>()));
    }
    let mut rows = rows.into_iter();
    let (_, columns) =
        rows.next().ok_or_else(|| error(1, "expected the columns' names".to_owned()))?;
    let columns: Vec<String> = columns.iter().map(|column| column.trim().to_owned()).collect();
    let checked = rows.filter(|(_, row)| !row.iter().all(String::is_empty)).map(|(line, row)| {
        if row.len() == columns.len() {
            return Ok((line, row));
        }
        let (expected, found) = (columns.len(), row.len());
        Err(error(line, format!("expected {expected} fields, found {found}")))
    });
    let (lines, rows) = checked.collect::<Result<Vec<_>, _>>()?.into_iter().unzip();
    Ok(Table { columns, rows, lines })
}

/// Rows as a text (RFC 4180). A text that a spreadsheet would take for a formula has a blank before
/// it.
pub fn write(rows: &[Vec<String>]) -> String {
    let mut writer = ::csv::WriterBuilder::new();
    let writer = writer.terminator(::csv::Terminator::CRLF).flexible(true);
    let mut writer = writer.from_writer(Vec::new());
    for row in rows {
        let record = row.iter().map(|text| guarded(text));
        writer.write_record(record).expect("memory takes every row");
    }
    let bytes = writer.into_inner().expect("memory takes what is left");
    String::from_utf8(bytes).expect("texts with commas between them are UTF-8")
}

/// A text that is no formula.
fn guarded(text: &str) -> String {
    match text.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number(text) {
        true => format!(" {text}"),
        false => text.to_owned(),
    }
}

/// Whether a text is a decimal as we write them.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    is_digits(whole) && is_digits(fraction)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn refused(text: &str) -> String {
        parse(text, ',').err().unwrap().to_string()
    }

    #[test]
    fn quotes_line_ends_and_separators_are_understood() {
        let table = parse("\u{FEFF} a ;b\r\n\"x;\"\"y\nz\";2\r\n\r\n;3", ';').unwrap();
        assert_eq!(table.columns, ["a", "b"]);
        assert_eq!(table.rows, [["x;\"y\nz", "2"], ["", "3"]]);
    }

    #[test]
    fn what_is_no_table_is_refused_with_its_line() {
        assert_eq!(refused(""), "line 1: expected the columns' names");
        assert_eq!(refused("a,b\n1,2\n3"), "line 3: expected 2 fields, found 1");
        assert_eq!(refused("a\n\"1"), "line 1: a quote is not closed");
        assert!(refused(&",".repeat(CSV_COLUMNS_MAX)).contains("at most"));
        assert!(refused(&"x".repeat(TEXT_BYTES_MAX + 1)).contains("at most"));
        assert!(parse("a", '\u{FF0C}').is_err());
    }

    #[test]
    fn what_is_written_is_quoted_where_it_must_be_and_holds_no_formula() {
        let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        let text = write(&[row(["a", "城陵矶,\"甲\"", ""]), row(["=1+1", "-1.5", "@x"])]);
        assert_eq!(text, "a,\"城陵矶,\"\"甲\"\"\",\r\n =1+1,-1.5, @x\r\n");
        let row = |cells: [&str; 3]| write(&[cells.map(str::to_owned).to_vec()]);
        assert_eq!(row(["-", "-1e3", "+2"]), " -, -1e3, +2\r\n");
        assert_eq!(row(["-.5", "-7", "\t=x"]), " -.5,-7, \t=x\r\n");
    }

    proptest! {
        #[test]
        fn what_is_written_comes_back(
            rows in proptest::collection::vec(
                proptest::collection::vec("[a,;\"\r\n 城]{1,6}x", 3),
                2..6,
            ),
        ) {
            let table = parse(&write(&rows), ',').unwrap();
            let trimmed: Vec<&str> = rows[0].iter().map(|text| text.trim()).collect();
            prop_assert_eq!(table.columns, trimmed);
            let guarded: Vec<Vec<String>> = rows[1..]
                .iter()
                .map(|row| row.iter().map(|text| guarded(text)).collect())
                .collect();
            prop_assert_eq!(table.rows, guarded);
        }

        #[test]
        fn every_quoted_table_comes_back(
            rows in proptest::collection::vec(proptest::collection::vec("[^\u{FEFF}]{1,8}", 3), 1..6),
        ) {
            let quoted = |row: &Vec<String>| {
                let fields: Vec<String> =
                    row.iter().map(|text| format!("\"{}\"", text.replace('"', "\"\""))).collect();
                fields.join(",")
            };
            let lines: Vec<String> = rows.iter().map(quoted).collect();
            let table = parse(&format!("a,b,c\n{}", lines.join("\n")), ',').unwrap();
            prop_assert_eq!(table.rows, rows);
        }

        #[test]
        fn nothing_makes_it_panic(text in "[\",;\r\na]{0,40}") {
            let _ = parse(&text, ',');
        }
    }
}
