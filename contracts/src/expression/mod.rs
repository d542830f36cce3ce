//! The expression language of policies: a subset of CEL, compiled once and evaluated often.
//!
//! A [`Program`] is the whole of it: text goes through the `lexer`, the `parser` (a tree as it is
//! written) and the `checker` (types, cost, what is constant) into a typed tree, which `tree`
//! evaluates. Whatever a policy says, compiling ends within the bounds below and names line and
//! column of what it refuses; evaluation is total, allocates nothing and gives the same on every
//! machine.
//!
//! The cost of an expression is counted on the tree as it is written: that it was folded or runs
//! faster must never change whether a policy is taken.

mod arithmetic;
mod checker;
mod fault;
mod function;
mod lexer;
mod parser;
mod suggest;
mod syntax;
mod tree;
mod value;

#[cfg(test)]
mod tests;

pub use fault::Fault;
pub use value::{Type, Value};

use crate::limits::EXPRESSION_CHARS_MAX;
use checker::Checker;
use tree::Tree;

/// The names that an expression may read.
pub trait Scope {
    /// The slot of a name's fact, and its type.
    fn resolve(&self, name: &str) -> Option<(usize, Type)>;

    /// All names, for "did you mean".
    fn names(&self) -> Vec<String>;
}

/// An expression that was compiled: it has a type, and a cost within its bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    source: String,
    tree: Tree,
    slots: Vec<usize>,
    cost: u32,
}

impl Program {
    /// Compiles an expression that gives a value of type `expected`; an int is taken for a decimal.
    ///
    /// # Errors
    /// Where the text is no expression, says a name that the scope does not know, mixes types, or
    /// exceeds a bound: those of `limits.rs`, or `cost_max`.
    pub fn compile(
        source: &str,
        scope: &impl Scope,
        expected: Type,
        cost_max: u32,
    ) -> Result<Self, Fault> {
        if let Some((offset, _)) = source.char_indices().nth(EXPRESSION_CHARS_MAX) {
            let bound = format!("an expression of at most {EXPRESSION_CHARS_MAX} characters");
            return Err(Fault::at(source, offset, bound, "a longer one"));
        }
        let written = parser::parse(source)?;
        let mut checker = Checker::new(source, scope);
        let (tree, cost) = checker.check(&written, expected)?;
        if cost_max < cost {
            let bound = format!("an expression that costs at most {cost_max}");
            return Err(Fault::at(source, 0, bound, format!("one that costs {cost}")));
        }
        Ok(Self { source: source.to_owned(), tree, slots: checker.into_slots(), cost })
    }

    /// The value, by the facts in their slots. A fact of another type and one that is missing count
    /// as their type's zero: false, 0, the empty text, key or list.
    pub fn evaluate<'v>(&'v self, facts: &[Value<'v>]) -> Value<'v> {
        self.tree.evaluate(facts)
    }

    /// The slots that it reads, ascending.
    pub fn slots(&self) -> &[usize] {
        &self.slots
    }

    /// The most that one evaluation costs: 1 for each node, and what texts and lists add.
    pub fn cost(&self) -> u32 {
        self.cost
    }

    /// The text that it was compiled from.
    pub fn source(&self) -> &str {
        &self.source
    }
}
