//! A typed expression, and its evaluation.
//!
//! There is one kind of tree for each type, so that evaluation meets no value of a wrong type and
//! hands plain values upwards. It recurses as deep as the tree, which the bound of nodes limits.

use super::arithmetic as calculate;
use super::syntax::{Calculation, Comparison};
use super::value::{Type, Value};
use kanhe_types::decimal::Decimal;

type Facts<'f, 'v> = &'f [Value<'v>];

/// An expression of any type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tree {
    Bool(Bool),
    Int(Int),
    Decimal(Dec),
    Text(Text),
    Key(Key),
    Texts(Texts),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Bool {
    Constant(bool),
    Fact(usize),
    Choice(Box<(Bool, Bool, Bool)>),
    Not(Box<Bool>),
    And(Box<(Bool, Bool)>),
    Or(Box<(Bool, Bool)>),
    Bools(Comparison, Box<(Bool, Bool)>),
    Ints(Comparison, Box<(Int, Int)>),
    Decimals(Comparison, Box<(Dec, Dec)>),
    Texts(Comparison, Box<(Text, Text)>),
    Keys(Comparison, Box<(Key, Key)>),
    InTexts(Box<(Text, Texts)>),
    AmongBools(Box<(Bool, Vec<Bool>)>),
    AmongInts(Box<(Int, Vec<Int>)>),
    AmongDecimals(Box<(Dec, Vec<Dec>)>),
    AmongTexts(Box<(Text, Vec<Text>)>),
    AmongKeys(Box<(Key, Vec<Key>)>),
    Search(Search, Box<(Text, Text)>),
}

/// Where one text is looked for in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Search {
    Start,
    End,
    Anywhere,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Int {
    Constant(i64),
    Fact(usize),
    Choice(Box<(Bool, Int, Int)>),
    Negate(Box<Int>),
    Absolute(Box<Int>),
    Calculate(Calculation, Box<(Int, Int)>),
    Divide(Box<(Int, Int, Int)>),
    Percent(Box<(Int, Int, Int)>),
    PercentOfDecimals(Box<(Dec, Dec, Int)>),
    Narrow(Box<Dec>),
    SizeOfText(Box<Text>),
    SizeOfTexts(Box<Texts>),
}

/// A decimal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Dec {
    Constant(Decimal),
    Fact(usize),
    Choice(Box<(Bool, Dec, Dec)>),
    Negate(Box<Dec>),
    Absolute(Box<Dec>),
    Calculate(Calculation, Box<(Dec, Dec)>),
    Divide(Box<(Dec, Dec, Dec)>),
    Widen(Box<Int>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Text {
    Constant(String),
    Fact(usize),
    Choice(Box<(Bool, Text, Text)>),
}

/// No key can be written: all come from facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Fact(usize),
    Choice(Box<(Bool, Key, Key)>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Texts {
    Constant(Vec<String>),
    Fact(usize),
    Choice(Box<(Bool, Texts, Texts)>),
}

impl Tree {
    pub(super) fn type_of(&self) -> Type {
        match self {
            Self::Bool(_) => Type::Bool,
            Self::Int(_) => Type::Int,
            Self::Decimal(_) => Type::Decimal,
            Self::Text(_) => Type::Text,
            Self::Key(_) => Type::Key,
            Self::Texts(_) => Type::Texts,
        }
    }

    /// The fact of a slot.
    pub(super) fn fact(slot: usize, of: Type) -> Self {
        match of {
            Type::Bool => Self::Bool(Bool::Fact(slot)),
            Type::Int => Self::Int(Int::Fact(slot)),
            Type::Decimal => Self::Decimal(Dec::Fact(slot)),
            Type::Text => Self::Text(Text::Fact(slot)),
            Type::Key => Self::Key(Key::Fact(slot)),
            Type::Texts => Self::Texts(Texts::Fact(slot)),
        }
    }

    /// A tree that reads no fact, as the constant that it is.
    pub(super) fn folded(self) -> Self {
        match self {
            Self::Bool(tree) => Self::Bool(Bool::Constant(tree.get(&[]))),
            Self::Int(tree) => Self::Int(Int::Constant(tree.get(&[]))),
            Self::Decimal(tree) => Self::Decimal(Dec::Constant(tree.get(&[]))),
            Self::Text(tree) => Self::Text(Text::Constant(tree.get(&[]).to_owned())),
            Self::Texts(tree) => Self::Texts(Texts::Constant(tree.get(&[]).to_vec())),
            Self::Key(tree) => Self::Key(tree),
        }
    }

    pub(super) fn evaluate<'v>(&'v self, facts: &[Value<'v>]) -> Value<'v> {
        match self {
            Self::Bool(tree) => Value::Bool(tree.get(facts)),
            Self::Int(tree) => Value::Int(tree.get(facts)),
            Self::Decimal(tree) => Value::Decimal(tree.get(facts)),
            Self::Text(tree) => Value::Text(tree.get(facts)),
            Self::Key(tree) => Value::Key(tree.get(facts)),
            Self::Texts(tree) => Value::Texts(tree.get(facts)),
        }
    }
}

/// The side of a choice that its condition says.
fn chosen<'t, T>(parts: &'t (Bool, T, T), facts: &[Value<'t>]) -> &'t T {
    if parts.0.get(facts) { &parts.1 } else { &parts.2 }
}

/// Whether a value is one of a list.
fn among<'t, T, V: PartialEq>(parts: &'t (T, Vec<T>), get: impl Fn(&'t T) -> V) -> bool {
    let value = get(&parts.0);
    parts.1.iter().any(|element| get(element) == value)
}

impl Bool {
    fn get<'v>(&'v self, facts: Facts<'_, 'v>) -> bool {
        match self {
            Self::Constant(value) => *value,
            Self::Fact(slot) => match facts.get(*slot) {
                Some(Value::Bool(value)) => *value,
                _ => false,
            },
            Self::Choice(parts) => chosen(parts, facts).get(facts),
            Self::Not(operand) => !operand.get(facts),
            Self::And(sides) => sides.0.get(facts) && sides.1.get(facts),
            Self::Or(sides) => sides.0.get(facts) || sides.1.get(facts),
            Self::Bools(comparison, sides) => {
                comparison.holds(&sides.0.get(facts), &sides.1.get(facts))
            }
            Self::Ints(comparison, sides) => {
                comparison.holds(&sides.0.get(facts), &sides.1.get(facts))
            }
            Self::Decimals(comparison, sides) => {
                comparison.holds(&sides.0.get(facts), &sides.1.get(facts))
            }
            Self::Texts(comparison, sides) => {
                comparison.holds(sides.0.get(facts), sides.1.get(facts))
            }
            Self::Keys(comparison, sides) => {
                comparison.holds(sides.0.get(facts), sides.1.get(facts))
            }
            Self::InTexts(parts) => {
                let text = parts.0.get(facts);
                parts.1.get(facts).iter().any(|element| element == text)
            }
            Self::AmongBools(parts) => among(parts, |own| own.get(facts)),
            Self::AmongInts(parts) => among(parts, |own| own.get(facts)),
            Self::AmongDecimals(parts) => among(parts, |own| own.get(facts)),
            Self::AmongTexts(parts) => among(parts, |own| own.get(facts)),
            Self::AmongKeys(parts) => among(parts, |own| own.get(facts)),
            Self::Search(search, sides) => {
                let (text, part) = (sides.0.get(facts), sides.1.get(facts));
                match search {
                    Search::Start => text.starts_with(part),
                    Search::End => text.ends_with(part),
                    Search::Anywhere => text.contains(part),
                }
            }
        }
    }
}

impl Int {
    fn get<'v>(&'v self, facts: Facts<'_, 'v>) -> i64 {
        match self {
            Self::Constant(value) => *value,
            Self::Fact(slot) => match facts.get(*slot) {
                Some(Value::Int(value)) => *value,
                _ => 0,
            },
            Self::Choice(parts) => chosen(parts, facts).get(facts),
            Self::Negate(operand) => operand.get(facts).saturating_neg(),
            Self::Absolute(operand) => operand.get(facts).saturating_abs(),
            Self::Calculate(calculation, sides) => {
                calculate::ints(*calculation, sides.0.get(facts), sides.1.get(facts))
            }
            Self::Divide(parts) => calculate::divide_ints(parts.0.get(facts), parts.1.get(facts))
                .unwrap_or_else(|| parts.2.get(facts)),
            Self::Percent(parts) => {
                calculate::percent_of_ints(parts.0.get(facts), parts.1.get(facts))
                    .unwrap_or_else(|| parts.2.get(facts))
            }
            Self::PercentOfDecimals(parts) => {
                calculate::percent_of_decimals(parts.0.get(facts), parts.1.get(facts))
                    .unwrap_or_else(|| parts.2.get(facts))
            }
            Self::Narrow(operand) => calculate::narrow(operand.get(facts)),
            Self::SizeOfText(text) => count(text.get(facts).chars().count()),
            Self::SizeOfTexts(texts) => count(texts.get(facts).len()),
        }
    }
}

fn count(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

impl Dec {
    fn get<'v>(&'v self, facts: Facts<'_, 'v>) -> Decimal {
        match self {
            Self::Constant(value) => *value,
            Self::Fact(slot) => match facts.get(*slot) {
                Some(Value::Decimal(value)) => *value,
                _ => Decimal::ZERO,
            },
            Self::Choice(parts) => chosen(parts, facts).get(facts),
            Self::Negate(operand) => calculate::negate(operand.get(facts)),
            Self::Absolute(operand) => calculate::absolute(operand.get(facts)),
            Self::Calculate(calculation, sides) => {
                calculate::decimals(*calculation, sides.0.get(facts), sides.1.get(facts))
            }
            Self::Divide(parts) => {
                calculate::divide_decimals(parts.0.get(facts), parts.1.get(facts))
                    .unwrap_or_else(|| parts.2.get(facts))
            }
            Self::Widen(operand) => calculate::widen(operand.get(facts)),
        }
    }
}

impl Text {
    fn get<'v>(&'v self, facts: Facts<'_, 'v>) -> &'v str {
        match self {
            Self::Constant(value) => value,
            Self::Fact(slot) => match facts.get(*slot) {
                Some(Value::Text(value)) => value,
                _ => "",
            },
            Self::Choice(parts) => chosen(parts, facts).get(facts),
        }
    }
}

impl Key {
    fn get<'v>(&'v self, facts: Facts<'_, 'v>) -> &'v [u8] {
        match self {
            Self::Fact(slot) => match facts.get(*slot) {
                Some(Value::Key(value)) => value,
                _ => &[],
            },
            Self::Choice(parts) => chosen(parts, facts).get(facts),
        }
    }
}

impl Texts {
    fn get<'v>(&'v self, facts: Facts<'_, 'v>) -> &'v [String] {
        match self {
            Self::Constant(value) => value,
            Self::Fact(slot) => match facts.get(*slot) {
                Some(Value::Texts(value)) => value,
                _ => &[],
            },
            Self::Choice(parts) => chosen(parts, facts).get(facts),
        }
    }
}
