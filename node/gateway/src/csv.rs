//! Comma-separated values to rows: what shop systems and warehouses export.
//!
//! Fields may stand in quotes, a quote inside doubled; rows end with LF or CRLF. Encoding, counts and
//! lengths are bounded, and every row has as many fields as the first, which names the columns.

use crate::limits::{CSV_COLUMNS_MAX, TEXT_BYTES_MAX};

/// A table with named columns.
#[derive(Clone, PartialEq, Eq)]
pub struct Table {
    /// The columns' names, trimmed.
    pub columns: Vec<String>,
    /// The rows, each with a text for each column.
    pub rows: Vec<Vec<String>>,
}

/// A file is not a table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("row {row}: {problem}")]
pub struct CsvError {
    /// The row, from 1; the first names the columns.
    pub row: usize,
    /// What is wrong; it shows no value.
    pub problem: String,
}

/// Reads a table from UTF-8, with or without byte order mark.
///
/// # Errors
/// When the text is not a table of the form above.
pub fn parse(text: &str, separator: char) -> Result<Table, CsvError> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let mut reader = Reader { rest: text.chars().peekable(), separator, row: 1 };
    let mut columns = reader.row()?.ok_or_else(|| reader.error("expected the columns' names"))?;
    for column in &mut columns {
        *column = column.trim().to_owned();
    }
    let mut rows = Vec::new();
    loop {
        reader.row = reader.row.saturating_add(1);
        let Some(row) = reader.row()? else { break };
        // A blank line between rows, or at the end.
        if row.iter().all(String::is_empty) {
            continue;
        }
        if row.len() != columns.len() {
            let (expected, found) = (columns.len(), row.len());
            return Err(reader.error(&format!("expected {expected} fields, found {found}")));
        }
        rows.push(row);
    }
    Ok(Table { columns, rows })
}

struct Reader<'a> {
    rest: std::iter::Peekable<std::str::Chars<'a>>,
    separator: char,
    row: usize,
}

impl Reader<'_> {
    fn error(&self, problem: &str) -> CsvError {
        CsvError { row: self.row, problem: problem.to_owned() }
    }

    /// The next row; none at the end.
    fn row(&mut self) -> Result<Option<Vec<String>>, CsvError> {
        if self.rest.peek().is_none() {
            return Ok(None);
        }
        let mut fields = Vec::new();
        loop {
            if CSV_COLUMNS_MAX <= fields.len() {
                return Err(self.error(&format!("expected at most {CSV_COLUMNS_MAX} fields")));
            }
            fields.push(self.field()?);
            match self.rest.next() {
                Some(character) if character == self.separator => {}
                Some('\r') if self.rest.next_if_eq(&'\n').is_some() => break,
                Some('\n') | None => break,
                Some(_) => return Err(self.error("expected a separator or the row's end")),
            }
        }
        Ok(Some(fields))
    }

    /// A field up to its separator or the end of its row, which stay.
    fn field(&mut self) -> Result<String, CsvError> {
        let mut text = String::new();
        let is_quoted = self.rest.next_if_eq(&'"').is_some();
        loop {
            if TEXT_BYTES_MAX < text.len() {
                return Err(
                    self.error(&format!("expected fields of at most {TEXT_BYTES_MAX} bytes"))
                );
            }
            let Some(character) = self.rest.peek().copied() else {
                let unclosed = || self.error("a quote is not closed");
                return if is_quoted { Err(unclosed()) } else { Ok(text) };
            };
            let is_end = match is_quoted {
                true => character == '"',
                false => character == self.separator || matches!(character, '\n' | '\r'),
            };
            if is_end && is_quoted {
                self.rest.next();
                if self.rest.next_if_eq(&'"').is_none() {
                    return Ok(text);
                }
                text.push('"');
                continue;
            }
            if is_end {
                return Ok(text);
            }
            text.push(character);
            self.rest.next();
        }
    }
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
    fn what_is_no_table_is_refused_with_its_row() {
        assert_eq!(refused(""), "row 1: expected the columns' names");
        assert_eq!(refused("a,b\n1,2\n3"), "row 3: expected 2 fields, found 1");
        assert_eq!(refused("a\n\"1"), "row 2: a quote is not closed");
        assert_eq!(refused("a\n\"1\"2"), "row 2: expected a separator or the row's end");
        assert!(refused(&",".repeat(CSV_COLUMNS_MAX)).contains("at most"));
        assert!(refused(&"x".repeat(TEXT_BYTES_MAX + 2)).contains("at most"));
    }

    proptest! {
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
