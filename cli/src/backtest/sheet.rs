//! A table of declarations with labels as a stream of observations, by a mapping.
//!
//! The mapping is a file in YAML; docs/backtest.md explains it. Everything in the table that the
//! mapping names must be of the type that it states, or the line and the column are named.

use super::compare::Ground;
use super::replay::Event;
use crate::answer::CliError;
use kanhe_contracts::expression::Type;
use kanhe_contracts::limits::{FACT_TEXT_CHARS_MAX, FACT_TEXTS_MAX};
use kanhe_contracts::policy::Direction;
use kanhe_contracts::risk::{Fact, Known, Seen, Subject, Suspect};
use kanhe_gateway::csv::{self, Table};
use kanhe_genesis::policy_file;
use kanhe_types::decimal::Decimal;
use kanhe_types::hash::sha256_of;
use kanhe_types::receipt::CaseKey;
use kanhe_types::time::{CustomsTime, Millis};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::Path;

/// Bytes of a table.
pub const SHEET_BYTES_MAX: u64 = 512 * 1024 * 1024;
/// Characters of a subject.
const SUBJECT_CHARS_MAX: usize = 60;
/// The platform that trades of a table are under: they have none of the zone.
const PLATFORM: &str = "TABLE";

/// Which column is what.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// What stands between fields; a comma without it.
    #[serde(default = "comma")]
    pub separator: String,
    /// Which way all goods go; imports without it.
    #[serde(default = "import")]
    pub direction: Direction,
    /// What each row is observed as, in this order. A trade or an export is observed with the
    /// first of its rows only.
    pub observed: Vec<Subject>,
    /// The column that says which trade a row is of.
    pub subject: String,
    /// When it happened.
    pub time: TimeColumn,
    /// Facts by name.
    pub facts: BTreeMap<String, FactColumn>,
    /// Whether the trade offends.
    pub label: LabelColumn,
    /// The column with what was recovered, a decimal in CNY; what is empty is 0.
    #[serde(default)]
    pub value: Option<String>,
}

/// A column with times.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeColumn {
    /// The column.
    pub column: String,
    /// `yyyy`, `MM`, `dd`, `HH`, `mm` and `ss` are digits of a time in China, everything else
    /// stands for itself; `seconds` are seconds since 1970.
    pub format: String,
}

/// A column with the values of a fact.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactColumn {
    /// The column.
    pub column: String,
    /// The fact's type, said again so that a mix-up shows.
    #[serde(rename = "type")]
    pub kind: Type,
}

/// A column that says whether a trade offends.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelColumn {
    /// The column.
    pub column: String,
    /// What stands there if it does. What is empty says nothing.
    pub offends: String,
}

fn comma() -> String {
    ",".to_owned()
}

fn import() -> Direction {
    Direction::Import
}

/// A table that was read.
#[derive(Debug)]
pub struct Sheet {
    /// What its rows show, in the order of time.
    pub events: Vec<Event>,
    /// The trades and their labels.
    pub ground: Ground,
}

/// Where in a table something is not as the mapping says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column:?}: {problem}")]
pub struct SheetFault {
    /// The line, from 1.
    pub line: u64,
    /// The column's name.
    pub column: String,
    /// What was expected.
    pub problem: String,
}

/// Reads a table and its mapping.
///
/// # Errors
/// When a file cannot be read, the mapping is none, or the table is not as it says.
pub fn read(table: &Path, mapping: &Path) -> Result<Sheet, CliError> {
    let bytes = bytes_of(mapping, policy_file::POLICY_FILE_BYTES_MAX as u64)?;
    let mapping_of = policy_file::read_as::<Mapping>(&bytes);
    let mapping = mapping_of
        .map_err(|fault| CliError::No(format!("{} is no mapping: {fault}", mapping.display())))?;
    let bytes = bytes_of(table, SHEET_BYTES_MAX)?;
    let faulty = |what: String| CliError::No(format!("{}: {what}", table.display()));
    let text = String::from_utf8(bytes).map_err(|error| {
        let before = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        faulty(format!("line {line}: expected UTF-8"))
    })?;
    sheet_of(&text, &mapping).map_err(faulty)
}

fn bytes_of(file: &Path, most: u64) -> Result<Vec<u8>, CliError> {
    let unreadable = |error| CliError::because(format!("cannot read {}", file.display()), error);
    let mut bytes = Vec::new();
    let opened = fs::File::open(file).map_err(unreadable)?;
    opened.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(unreadable)?;
    if most < bytes.len() as u64 {
        let what = format!("{} has more than {most} bytes", file.display());
        return Err(CliError::No(what));
    }
    Ok(bytes)
}

/// The columns that a mapping names, by place.
struct Columns<'a> {
    mapping: &'a Mapping,
    subject: usize,
    time: usize,
    facts: Vec<(Fact, usize)>,
    label: usize,
    value: Option<usize>,
}

/// A row that was read.
struct Row {
    line: u64,
    time: Millis,
    case: CaseKey,
    facts: Vec<(Fact, Known)>,
}

/// Reads a table by a mapping. The error says where.
pub fn sheet_of(text: &str, mapping: &Mapping) -> Result<Sheet, String> {
    let mut characters = mapping.separator.chars();
    let (Some(separator), None) = (characters.next(), characters.next()) else {
        return Err(format!("separator: expected one character, found {:?}", mapping.separator));
    };
    let table = csv::parse(text, separator).map_err(|error| error.to_string())?;
    let columns = Columns::of(mapping, &table)?;
    let mut ground = Ground::default();
    let mut rows = Vec::with_capacity(table.rows.len());
    for (line, fields) in table.lines.iter().zip(&table.rows) {
        let row = columns.row(*line, fields, &mut ground);
        rows.push(row.map_err(|fault| fault.to_string())?);
    }
    // Stable: rows of one time keep their order.
    rows.sort_by_key(|row| row.time);
    let mut known = BTreeSet::new();
    for Row { case, .. } in &rows {
        let trade = Suspect::Trade { direction: mapping.direction, case: case.clone() };
        if known.insert(trade.clone()) {
            ground.trades.push(trade);
        }
    }
    Ok(Sheet { events: events(mapping, rows), ground })
}

fn events(mapping: &Mapping, rows: Vec<Row>) -> Vec<Event> {
    let direction = mapping.direction;
    let mut observed: BTreeSet<(CaseKey, Subject)> = BTreeSet::new();
    let mut events = Vec::new();
    for Row { line, time, case, facts } in rows {
        for subject in &mapping.observed {
            let is_once = matches!(subject, Subject::Trade | Subject::Export);
            if is_once && !observed.insert((case.clone(), *subject)) {
                continue;
            }
            let (case, subject) = (case.clone(), *subject);
            let own = facts.iter().filter(|(fact, _)| fact.is_of(subject)).cloned();
            let facts = own.collect();
            let seen = Seen { height: line, time, direction, case, subject, facts };
            events.push(Event { counts: true, seen });
        }
    }
    events
}

impl<'a> Columns<'a> {
    fn of(mapping: &'a Mapping, table: &Table) -> Result<Self, String> {
        let place = |what: &str, name: &str| {
            let mut found = table.columns.iter().enumerate().filter(|(_, own)| *own == name);
            match (found.next(), found.next()) {
                (Some((place, _)), None) => Ok(place),
                (Some(_), Some(_)) => {
                    Err(format!("line 1: {what}: the column {name:?} is there twice"))
                }
                (None, _) => Err(format!("line 1: {what}: there is no column {name:?}")),
            }
        };
        if mapping.observed.is_empty() {
            return Err("observed: expected at least one of trade, line and the like".to_owned());
        }
        check_format(&mapping.time.format)?;
        let mut facts = Vec::new();
        for (name, own) in &mapping.facts {
            let fact = Fact::from_name(name).ok_or_else(|| {
                format!("facts: {name:?} is no fact; docs/spec/risk.md lists them")
            })?;
            if fact.kind() != own.kind {
                return Err(format!("facts: {name} is of type {}, not {}", fact.kind(), own.kind));
            }
            if !mapping.observed.iter().any(|subject| fact.is_of(*subject)) {
                return Err(format!("facts: nothing that is observed has {name}"));
            }
            facts.push((fact, place(name, &own.column)?));
        }
        facts.sort_by_key(|(fact, _)| fact.slot());
        Ok(Self {
            subject: place("subject", &mapping.subject)?,
            time: place("time", &mapping.time.column)?,
            facts,
            label: place("label", &mapping.label.column)?,
            value: mapping.value.as_ref().map(|name| place("value", name)).transpose()?,
            mapping,
        })
    }

    fn row(&self, line: u64, fields: &[String], ground: &mut Ground) -> Result<Row, SheetFault> {
        let field = |place: usize| fields.get(place).map_or("", String::as_str);
        let fault = |column: &str, problem: String| {
            let column = column.to_owned();
            SheetFault { line, column, problem }
        };
        let subject = field(self.subject).trim();
        let is_subject = (1..=SUBJECT_CHARS_MAX).contains(&subject.chars().count());
        if !is_subject || subject.chars().any(char::is_control) {
            let expected = format!("expected 1 to {SUBJECT_CHARS_MAX} printable characters");
            return Err(fault(&self.mapping.subject, expected));
        }
        let TimeColumn { column, format } = &self.mapping.time;
        let time = time_of(field(self.time).trim(), format)
            .ok_or_else(|| fault(column, format!("expected a time as {format}")))?;
        let mut facts = Vec::with_capacity(self.facts.len());
        for (fact, place) in &self.facts {
            let known = known_of(*fact, field(*place).trim()).map_err(|expected| {
                let column =
                    self.mapping.facts.get(fact.name()).map_or("", |own| own.column.as_str());
                fault(column, format!("expected {expected} for {}", fact.name()))
            })?;
            facts.extend(known.map(|known| (*fact, known)));
        }
        let platform = PLATFORM.parse().expect("the platform of tables is a code");
        let case = CaseKey { platform, order_no: subject.to_owned() };
        let value = match self.value.map(|place| field(place).trim()) {
            None | Some("") => Decimal::ZERO,
            Some(text) => text.parse().map_err(|_| {
                let column = self.mapping.value.as_deref().unwrap_or("");
                fault(column, "expected a decimal".to_owned())
            })?,
        };
        let said = field(self.label).trim();
        if !said.is_empty() {
            let trade = Suspect::Trade { direction: self.mapping.direction, case: case.clone() };
            let label = ground.labels.entry(trade).or_default();
            label.take(said == self.mapping.label.offends, value);
        }
        Ok(Row { line, time, case, facts })
    }
}

/// The value of a fact, nothing where the field is empty; or what is expected.
fn known_of(fact: Fact, text: &str) -> Result<Option<Known>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let chars_max = usize::try_from(FACT_TEXT_CHARS_MAX).unwrap_or(usize::MAX);
    let check_text = |text: &str| {
        let fits = text.chars().count() <= chars_max && !text.chars().any(char::is_control);
        fits.then(|| text.to_owned()).ok_or(format!("at most {chars_max} printable characters"))
    };
    let known = match fact.kind() {
        Type::Bool => Known::Bool(match text {
            "true" | "1" => true,
            "false" | "0" => false,
            _ => return Err("true, false, 1 or 0".to_owned()),
        }),
        Type::Int => Known::Int(text.parse().map_err(|_| "a whole number".to_owned())?),
        Type::Decimal => Known::Decimal(text.parse().map_err(|_| "a decimal".to_owned())?),
        Type::Text => Known::Text(check_text(text)?),
        Type::Key => Known::Key(sha256_of(check_text(text)?.as_bytes()).0.to_vec()),
        Type::Texts => {
            let texts: Vec<&str> = text.split(' ').filter(|own| !own.is_empty()).collect();
            if usize::try_from(FACT_TEXTS_MAX).unwrap_or(usize::MAX) < texts.len() {
                return Err(format!("at most {FACT_TEXTS_MAX} texts"));
            }
            Known::Texts(texts.into_iter().map(check_text).collect::<Result<_, _>>()?)
        }
    };
    Ok(Some(known))
}

/// The parts of a time, with how many digits each has.
const PARTS: [(&str, &str); 6] =
    [("yyyy", ""), ("MM", "01"), ("dd", "01"), ("HH", "00"), ("mm", "00"), ("ss", "00")];

fn check_format(format: &str) -> Result<(), String> {
    if format == "seconds" || PARTS.iter().take(3).all(|(part, _)| format.contains(part)) {
        return Ok(());
    }
    Err(format!("time: expected a format with yyyy, MM and dd, or seconds, found {format:?}"))
}

/// Reads a time; of what the format leaves out the least.
fn time_of(text: &str, format: &str) -> Option<Millis> {
    if format == "seconds" {
        return text.parse().ok().and_then(|own: u64| own.checked_mul(1_000)).map(Millis);
    }
    let mut found: [Option<&str>; PARTS.len()] = [None; PARTS.len()];
    let (mut rest, mut left) = (text, format);
    while let Some(letter) = left.chars().next() {
        let part = PARTS.iter().position(|(part, _)| left.starts_with(part));
        let (width, is_part) = match part {
            Some(place) => (PARTS.get(place)?.0.len(), true),
            None => (letter.len_utf8(), false),
        };
        let (own, after) = rest.split_at_checked(width)?;
        if is_part {
            if !own.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            *found.get_mut(part?)? = Some(own);
        } else if !left.starts_with(own) {
            return None;
        }
        (rest, left) = (after, left.get(width..)?);
    }
    let digits: String =
        found.iter().zip(PARTS).map(|(own, (_, least))| own.unwrap_or(least)).collect();
    let time: CustomsTime = digits.parse().ok()?;
    rest.is_empty().then(|| time.millis())
}
