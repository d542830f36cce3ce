//! A table of expressions with what they give and cost, which every machine must repeat.

use super::*;
use expect_test::expect_file;
use std::fmt::Write;

const GOLDEN: &str = include_str!("golden.txt");
const SPECIFICATION: &str = include_str!("../../../../docs/spec/expressions.md");

/// Facts as the table states them: names, types, and values where there are any.
struct Table {
    names: Vec<(String, Type)>,
    values: Vec<Owned>,
}

enum Owned {
    Bool(bool),
    Int(i64),
    Decimal(Decimal),
    Text(String),
    Key(Vec<u8>),
    Texts(Vec<String>),
    Missing(Type),
}

impl Owned {
    fn read(of: &str, value: Option<&str>) -> (Type, Self) {
        let of = serde_json::from_value(of.into()).unwrap();
        let Some(value) = value else { return (of, Self::Missing(of)) };
        let digit = |at: usize| u8::from_str_radix(&value[at..at + 2], 16).unwrap();
        let owned = match of {
            Type::Bool => Self::Bool(value.parse().unwrap()),
            Type::Int => Self::Int(value.parse().unwrap()),
            Type::Decimal => Self::Decimal(decimal(value)),
            Type::Text => Self::Text(value.to_owned()),
            Type::Key => Self::Key((0..value.len()).step_by(2).map(digit).collect()),
            Type::Texts => Self::Texts(value.split('|').map(str::to_owned).collect()),
        };
        (of, owned)
    }

    /// A fact that is missing stands as one of another type.
    fn value(&self) -> Value<'_> {
        match self {
            Self::Bool(value) => Value::Bool(*value),
            Self::Int(value) => Value::Int(*value),
            Self::Decimal(value) => Value::Decimal(*value),
            Self::Text(value) => Value::Text(value),
            Self::Key(value) => Value::Key(value),
            Self::Texts(value) => Value::Texts(value),
            Self::Missing(Type::Bool) => Value::Int(1),
            Self::Missing(_) => Value::Bool(true),
        }
    }
}

impl Scope for Table {
    fn resolve(&self, name: &str) -> Option<(usize, Type)> {
        let slot = self.names.iter().position(|(known, _)| known == name)?;
        Some((slot, self.names[slot].1))
    }

    fn names(&self) -> Vec<String> {
        self.names.iter().map(|(name, _)| name.clone()).collect()
    }
}

/// Whatever type the expression has.
fn compile(source: &str, table: &Table) -> (Type, Result<Program, Fault>) {
    let types = [Type::Int, Type::Decimal, Type::Text, Type::Key, Type::Texts, Type::Bool];
    let compiled = types.map(|of| (of, Program::compile(source, table, of, COST_MAX)));
    let [.., last] = compiled.clone();
    compiled.into_iter().find(|(_, program)| program.is_ok()).unwrap_or(last)
}

/// The facts of the golden table.
fn table() -> Table {
    let mut table = Table { names: Vec::new(), values: Vec::new() };
    for fact in GOLDEN.lines().filter_map(|line| line.strip_prefix("fact ")) {
        let mut words = fact.splitn(3, ' ');
        let (name, of) = (words.next().unwrap(), words.next().unwrap());
        let (of, value) = Owned::read(of, words.next());
        table.names.push((name.to_owned(), of));
        table.values.push(value);
    }
    table
}

#[test]
fn every_machine_gives_the_same() {
    let table = table();
    let facts: Vec<Value<'_>> = table.values.iter().map(Owned::value).collect();
    let mut text = String::new();
    for line in GOLDEN.lines() {
        if line.starts_with("fact ") || line.starts_with('#') {
            writeln!(text, "{line}").unwrap();
            continue;
        }
        let source = line.split("   => ").next().unwrap();
        match compile(source, &table) {
            (of, Ok(program)) => {
                let (value, cost) = (program.evaluate(&facts).to_string(), program.cost());
                let value = value.escape_debug();
                writeln!(text, "{source}   => {value}, {of}, cost {cost}").unwrap();
            }
            (_, Err(fault)) => writeln!(text, "{source}   => {fault}").unwrap(),
        }
    }
    expect_file!["golden.txt"].assert_eq(&text);
}

#[test]
fn the_specification_shows_what_is_answered() {
    let (_, refused) = SPECIFICATION.split_once("## What is refused").unwrap();
    let (refused, _) = refused.split_once("## ").unwrap();
    let rows: Vec<&str> = refused.lines().filter_map(|line| line.strip_prefix("| `")).collect();
    assert_eq!(rows.len(), 5);
    for row in rows {
        let (source, answer) = row.strip_suffix(" |").unwrap().split_once("` | ").unwrap();
        let (_, compiled) = compile(source, &table());
        assert_eq!(compiled.unwrap_err().to_string(), answer);
    }
}
