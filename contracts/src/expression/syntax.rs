//! An expression as it is written.

use kanhe_types::decimal::Decimal;

/// A node, and where it stands: an operator's node where the operator is, every other where it
/// begins.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) offset: usize,
    pub(super) kind: Kind,
}

#[derive(Debug)]
pub(super) enum Kind {
    Bool(bool),
    Int(i64),
    Decimal(Decimal),
    Text(String),
    List(Vec<Node>),
    Name(String),
    Not(Box<Node>),
    Negate(Box<Node>),
    Binary(Binary, Box<[Node; 2]>),
    /// Condition, then, otherwise.
    Choice(Box<[Node; 3]>),
    Call(Call),
}

/// `name(arguments)`, or `first.name(other arguments)`.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) name: String,
    pub(super) name_offset: usize,
    pub(super) is_method: bool,
    pub(super) arguments: Vec<Node>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Binary {
    Or,
    And,
    Compare(Comparison),
    In,
    Calculate(Calculation),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    /// Whether it asks which of two values is the greater.
    pub(super) fn is_of_order(self) -> bool {
        !matches!(self, Self::Equal | Self::NotEqual)
    }

    #[inline]
    pub(super) fn holds<T: Ord + ?Sized>(self, left: &T, right: &T) -> bool {
        match self {
            Self::Equal => left == right,
            Self::NotEqual => left != right,
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Greater => left > right,
            Self::GreaterOrEqual => left >= right,
        }
    }
}

/// What takes two numbers and gives one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Calculation {
    Add,
    Subtract,
    Multiply,
    Least,
    Greatest,
}

/// The binary operators by how they bind, the loosest first.
pub(super) const LEVELS: [&[(&str, Binary)]; 5] = [
    &[("||", Binary::Or)],
    &[("&&", Binary::And)],
    &[
        ("==", Binary::Compare(Comparison::Equal)),
        ("!=", Binary::Compare(Comparison::NotEqual)),
        ("<=", Binary::Compare(Comparison::LessOrEqual)),
        (">=", Binary::Compare(Comparison::GreaterOrEqual)),
        ("<", Binary::Compare(Comparison::Less)),
        (">", Binary::Compare(Comparison::Greater)),
        ("in", Binary::In),
    ],
    &[("+", Binary::Calculate(Calculation::Add)), ("-", Binary::Calculate(Calculation::Subtract))],
    &[("*", Binary::Calculate(Calculation::Multiply))],
];

impl Binary {
    /// How the operator is written.
    pub(super) fn symbol(self) -> &'static str {
        let mut operators = LEVELS.iter().copied().flatten();
        operators.find(|(_, binary)| *binary == self).map_or("", |(symbol, _)| symbol)
    }
}
