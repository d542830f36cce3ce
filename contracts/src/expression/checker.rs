//! From the tree as it is written to the typed one: names, types, cost, what is constant.

use super::Scope;
use super::arithmetic::widen;
use super::fault::Fault;
use super::function::{Function, SIGNATURES, Signature};
use super::suggest::nearest;
use super::syntax::{Binary, Calculation, Call, Comparison, Kind, Node};
use super::tree::{Bool, Dec, Int, Key, Search, Text, Texts, Tree};
use super::value::Type;
use crate::limits::{EXPRESSION_CHARS_OF_COST, FACT_TEXT_CHARS_MAX, FACT_TEXTS_MAX};
use std::collections::BTreeSet;

pub(super) struct Checker<'c, S> {
    source: &'c str,
    scope: &'c S,
    slots: BTreeSet<usize>,
    /// How many facts were read so far, each time that it is written.
    reads: usize,
}

/// A node that was checked.
struct Checked {
    tree: Tree,
    cost: u32,
    /// At most so many characters of a text, or entries of a list.
    length: u32,
    offset: usize,
}

/// Two or more numbers of one type.
enum Numbers {
    Ints(Vec<Int>),
    Decimals(Vec<Dec>),
}

impl<'c, S: Scope> Checker<'c, S> {
    pub(super) fn new(source: &'c str, scope: &'c S) -> Self {
        Self { source, scope, slots: BTreeSet::new(), reads: 0 }
    }

    /// The typed tree and its cost.
    pub(super) fn check(&mut self, node: &Node, expected: Type) -> Result<(Tree, u32), Fault> {
        let checked = self.node(node)?;
        let tree = match (expected, checked.tree) {
            (Type::Decimal, Tree::Int(int)) => Tree::Decimal(widened(int)),
            (_, tree) if tree.type_of() == expected => tree,
            (_, tree) => {
                let expected = format!("an expression of type {expected}");
                return Err(self.fault(node.offset, expected, tree.type_of().to_string()));
            }
        };
        Ok((tree, checked.cost))
    }

    /// The slots that were read, ascending.
    pub(super) fn into_slots(self) -> Vec<usize> {
        self.slots.into_iter().collect()
    }

    fn fault(&self, offset: usize, expected: impl Into<String>, found: impl Into<String>) -> Fault {
        Fault::at(self.source, offset, expected, found)
    }

    /// A value of a wrong type.
    fn wrong(&self, checked: &Checked, expected: &str) -> Fault {
        self.fault(checked.offset, expected, checked.tree.type_of().to_string())
    }

    fn node(&mut self, node: &Node) -> Result<Checked, Fault> {
        let reads = self.reads;
        let mut checked = self.kind(node)?;
        if self.reads == reads {
            checked.tree = checked.tree.folded();
        }
        Ok(checked)
    }

    fn kind(&mut self, node: &Node) -> Result<Checked, Fault> {
        let leaf = |tree, length| Checked { tree, cost: 1, length, offset: node.offset };
        match &node.kind {
            Kind::Bool(value) => Ok(leaf(Tree::Bool(Bool::Constant(*value)), 0)),
            Kind::Int(value) => Ok(leaf(Tree::Int(Int::Constant(*value)), 0)),
            Kind::Decimal(value) => Ok(leaf(Tree::Decimal(Dec::Constant(*value)), 0)),
            Kind::Text(text) => {
                let length = bounded(text.chars().count());
                Ok(leaf(Tree::Text(Text::Constant(text.clone())), length))
            }
            Kind::Name(name) => self.name(node.offset, name),
            Kind::List(elements) => self.list(node.offset, elements),
            Kind::Not(operand) => {
                let (operand, cost) = self.truth(operand, "bool after !")?;
                Ok(node.checked(Tree::Bool(Bool::Not(Box::new(operand))), cost))
            }
            Kind::Negate(operand) => {
                let operand = self.node(operand)?;
                let cost = operand.cost;
                let tree = match operand.tree {
                    Tree::Int(int) => Tree::Int(Int::Negate(Box::new(int))),
                    Tree::Decimal(dec) => Tree::Decimal(Dec::Negate(Box::new(dec))),
                    _ => return Err(self.wrong(&operand, "int or decimal after -")),
                };
                Ok(node.checked(tree, cost))
            }
            Kind::Binary(binary, sides) => self.binary(node, *binary, sides),
            Kind::Choice(parts) => self.choice(node, parts),
            Kind::Call(call) => self.call(node, call),
        }
    }

    fn name(&mut self, offset: usize, name: &str) -> Result<Checked, Fault> {
        let Some((slot, of)) = self.scope.resolve(name) else {
            let names = self.scope.names();
            let expected = match nearest(name, names.iter().map(String::as_str)) {
                Some(near) => format!("a known name (did you mean {near}?)"),
                None => "a known name".to_owned(),
            };
            return Err(self.fault(offset, expected, name));
        };
        self.slots.insert(slot);
        self.reads = self.reads.saturating_add(1);
        let length = match of {
            Type::Text => FACT_TEXT_CHARS_MAX,
            Type::Texts => FACT_TEXTS_MAX,
            Type::Bool | Type::Int | Type::Decimal | Type::Key => 0,
        };
        Ok(Checked { tree: Tree::fact(slot, of), cost: 1, length, offset })
    }

    /// A list that is a value: of texts that are known when compiling, so that none is built later.
    fn list(&mut self, offset: usize, elements: &[Node]) -> Result<Checked, Fault> {
        let mut texts = Vec::with_capacity(elements.len());
        let mut cost = 1u32;
        for element in elements {
            let checked = self.node(element)?;
            cost = cost.saturating_add(checked.cost);
            match checked.tree {
                Tree::Text(Text::Constant(text)) => texts.push(text),
                Tree::Text(_) => {
                    let expected = "texts in quotes in a list that does not follow `in`";
                    return Err(self.fault(element.offset, expected, "a text that is computed"));
                }
                _ => return Err(self.wrong(&checked, "text in a list that does not follow `in`")),
            }
        }
        let length = bounded(texts.len());
        Ok(Checked { tree: Tree::Texts(Texts::Constant(texts)), cost, length, offset })
    }

    fn truth(&mut self, node: &Node, expected: &str) -> Result<(Bool, u32), Fault> {
        let checked = self.node(node)?;
        match checked.tree {
            Tree::Bool(tree) => Ok((tree, checked.cost)),
            _ => Err(self.wrong(&checked, expected)),
        }
    }

    fn binary(&mut self, node: &Node, binary: Binary, sides: &[Node; 2]) -> Result<Checked, Fault> {
        let [left, right] = sides;
        match binary {
            Binary::And | Binary::Or => {
                let expected = format!("bool beside {}", binary.symbol());
                let (left, cost) = self.truth(left, &expected)?;
                let (right, more) = self.truth(right, &expected)?;
                let both = Box::new((left, right));
                let tree = if binary == Binary::And { Bool::And(both) } else { Bool::Or(both) };
                Ok(node.checked(Tree::Bool(tree), cost.saturating_add(more)))
            }
            Binary::Compare(comparison) => self.compare(node, comparison, binary.symbol(), sides),
            Binary::In => match &right.kind {
                Kind::List(elements) => self.among(node, left, elements),
                _ => self.in_texts(node, left, right),
            },
            Binary::Calculate(calculation) => {
                let expected = format!("int or decimal beside {}", binary.symbol());
                self.calculate(node, calculation, &expected, sides)
            }
        }
    }

    /// Numbers, all as decimals if one of them is; and their cost.
    fn numbers(&mut self, nodes: &[Node], expected: &str) -> Result<(Numbers, u32), Fault> {
        let mut trees = Vec::with_capacity(nodes.len());
        let mut cost = 0u32;
        for node in nodes {
            let checked = self.node(node)?;
            if !matches!(checked.tree, Tree::Int(_) | Tree::Decimal(_)) {
                return Err(self.wrong(&checked, expected));
            }
            cost = cost.saturating_add(checked.cost);
            trees.push(checked.tree);
        }
        Ok((unified(trees), cost))
    }

    fn calculate(
        &mut self,
        node: &Node,
        calculation: Calculation,
        expected: &str,
        operands: &[Node],
    ) -> Result<Checked, Fault> {
        let (numbers, cost) = self.numbers(operands, expected)?;
        let tree = match numbers {
            Numbers::Ints(ints) => {
                let join = |left, right| Int::Calculate(calculation, Box::new((left, right)));
                ints.into_iter().reduce(join).map(Tree::Int)
            }
            Numbers::Decimals(decimals) => {
                let join = |left, right| Dec::Calculate(calculation, Box::new((left, right)));
                decimals.into_iter().reduce(join).map(Tree::Decimal)
            }
        };
        // Each operand after the first is one more step.
        let steps = bounded(operands.len().saturating_sub(2));
        let tree = tree.unwrap_or(Tree::Int(Int::Constant(0)));
        Ok(node.checked(tree, cost.saturating_add(steps)))
    }

    fn compare(
        &mut self,
        node: &Node,
        comparison: Comparison,
        symbol: &str,
        sides: &[Node; 2],
    ) -> Result<Checked, Fault> {
        let [left, right] = sides;
        let left = self.node(left)?;
        if matches!(left.tree, Tree::Texts(_)) {
            return Err(self.wrong(&left, &format!("one value beside {symbol}")));
        }
        if comparison.is_of_order() && matches!(left.tree, Tree::Bool(_) | Tree::Key(_)) {
            return Err(self.wrong(&left, &format!("int, decimal or text beside {symbol}")));
        }
        let right = self.node(right)?;
        let cost = left.cost.saturating_add(right.cost);
        let read = reading(left.length.min(right.length));
        let tree = match (left.tree, right.tree) {
            (Tree::Bool(a), Tree::Bool(b)) => Bool::Bools(comparison, Box::new((a, b))),
            (Tree::Text(a), Tree::Text(b)) => Bool::Texts(comparison, Box::new((a, b))),
            (Tree::Key(a), Tree::Key(b)) => Bool::Keys(comparison, Box::new((a, b))),
            (Tree::Int(a), Tree::Int(b)) => Bool::Ints(comparison, Box::new((a, b))),
            (Tree::Int(a), Tree::Decimal(b)) => {
                Bool::Decimals(comparison, Box::new((widened(a), b)))
            }
            (Tree::Decimal(a), Tree::Int(b)) => {
                Bool::Decimals(comparison, Box::new((a, widened(b))))
            }
            (Tree::Decimal(a), Tree::Decimal(b)) => Bool::Decimals(comparison, Box::new((a, b))),
            (a, b) => {
                let like = match a.type_of() {
                    Type::Int | Type::Decimal => format!("int or decimal beside {}", a.type_of()),
                    other => format!("{other} beside {other}"),
                };
                let expected = format!("{like} and {symbol}");
                return Err(self.fault(right.offset, expected, b.type_of().to_string()));
            }
        };
        Ok(node.checked(Tree::Bool(tree), cost.saturating_add(read)))
    }

    /// `text in texts`.
    fn in_texts(&mut self, node: &Node, left: &Node, right: &Node) -> Result<Checked, Fault> {
        let left = self.node(left)?;
        let right = self.node(right)?;
        let cost = left.cost.saturating_add(right.cost);
        let read = reading(left.length).saturating_add(right.length);
        match (left.tree, right.tree) {
            (Tree::Text(text), Tree::Texts(texts)) => {
                let tree = Tree::Bool(Bool::InTexts(Box::new((text, texts))));
                Ok(node.checked(tree, cost.saturating_add(read)))
            }
            (left_tree, Tree::Texts(_)) => {
                let found = left_tree.type_of().to_string();
                Err(self.fault(left.offset, "text before `in` texts", found))
            }
            (_, other) => {
                let found = other.type_of().to_string();
                Err(self.fault(right.offset, "texts or a list in brackets after `in`", found))
            }
        }
    }

    /// `value in [element, element]`.
    fn among(&mut self, node: &Node, left: &Node, elements: &[Node]) -> Result<Checked, Fault> {
        let left = self.node(left)?;
        let of = left.tree.type_of();
        if of == Type::Texts {
            return Err(self.wrong(&left, "one value before `in`"));
        }
        let is_number = |of: Type| matches!(of, Type::Int | Type::Decimal);
        let mut cost = left.cost.saturating_add(1).saturating_add(reading(left.length));
        let mut trees = vec![left.tree];
        for element in elements {
            let checked = self.node(element)?;
            let own = checked.tree.type_of();
            if own != of && !(is_number(own) && is_number(of)) {
                let expected = match of {
                    Type::Int | Type::Decimal => format!("int or decimal in a list beside {of}"),
                    _ => format!("{of} in a list beside {of}"),
                };
                return Err(self.wrong(&checked, &expected));
            }
            // The element, and to compare with it.
            cost = cost.saturating_add(checked.cost).saturating_add(1);
            trees.push(checked.tree);
        }
        let tree = match of {
            Type::Int | Type::Decimal => match unified(trees) {
                Numbers::Ints(ints) => split(ints).map(Bool::AmongInts),
                Numbers::Decimals(decimals) => split(decimals).map(Bool::AmongDecimals),
            },
            Type::Bool => split(trees.into_iter().filter_map(bool_of)).map(Bool::AmongBools),
            Type::Text => split(trees.into_iter().filter_map(text_of)).map(Bool::AmongTexts),
            Type::Key | Type::Texts => {
                split(trees.into_iter().filter_map(key_of)).map(Bool::AmongKeys)
            }
        };
        let tree = Tree::Bool(tree.unwrap_or(Bool::Constant(false)));
        Ok(node.checked(tree, cost))
    }

    fn choice(&mut self, node: &Node, parts: &[Node; 3]) -> Result<Checked, Fault> {
        let [condition, then, otherwise] = parts;
        let (condition, cost) = self.truth(condition, "bool before ?")?;
        let then = self.node(then)?;
        let otherwise = self.node(otherwise)?;
        let cost = cost.saturating_add(then.cost.max(otherwise.cost));
        let length = then.length.max(otherwise.length);
        let tree = match (then.tree, otherwise.tree) {
            (Tree::Bool(a), Tree::Bool(b)) => Tree::Bool(Bool::Choice(Box::new((condition, a, b)))),
            (Tree::Text(a), Tree::Text(b)) => Tree::Text(Text::Choice(Box::new((condition, a, b)))),
            (Tree::Key(a), Tree::Key(b)) => Tree::Key(Key::Choice(Box::new((condition, a, b)))),
            (Tree::Texts(a), Tree::Texts(b)) => {
                Tree::Texts(Texts::Choice(Box::new((condition, a, b))))
            }
            (Tree::Int(a), Tree::Int(b)) => Tree::Int(Int::Choice(Box::new((condition, a, b)))),
            (Tree::Decimal(a), Tree::Decimal(b)) => {
                Tree::Decimal(Dec::Choice(Box::new((condition, a, b))))
            }
            (Tree::Int(a), Tree::Decimal(b)) => {
                Tree::Decimal(Dec::Choice(Box::new((condition, widened(a), b))))
            }
            (Tree::Decimal(a), Tree::Int(b)) => {
                Tree::Decimal(Dec::Choice(Box::new((condition, a, widened(b)))))
            }
            (a, b) => {
                let expected = format!("{} after : as after ?", a.type_of());
                return Err(self.fault(otherwise.offset, expected, b.type_of().to_string()));
            }
        };
        let mut checked = node.checked(tree, cost);
        checked.length = length;
        Ok(checked)
    }

    /// The function that is called, if it is called as it should be.
    fn signature(&self, call: &Call) -> Result<&'static Signature, Fault> {
        let found = format!("{}()", call.name);
        let Some(signature) = SIGNATURES.iter().find(|signature| signature.name == call.name)
        else {
            let expected = match nearest(&call.name, SIGNATURES.map(|signature| signature.name)) {
                Some(near) => format!("a known function (did you mean {near}?)"),
                None => {
                    format!("one of {}", SIGNATURES.map(|signature| signature.name).join(", "))
                }
            };
            return Err(self.fault(call.name_offset, expected, found));
        };
        let form = if call.is_method { signature.is_method } else { signature.is_function };
        if !form {
            return Err(self.fault(call.name_offset, signature.written, found));
        }
        let arguments = signature.arguments_min..=signature.arguments_max;
        if !arguments.contains(&call.arguments.len()) {
            return Err(self.miscalled(call, signature));
        }
        Ok(signature)
    }

    fn call(&mut self, node: &Node, call: &Call) -> Result<Checked, Fault> {
        let signature = self.signature(call)?;
        match (signature.function, call.arguments.as_slice()) {
            (Function::StartsWith, [text, part]) => {
                self.search(node, Search::Start, [text, part], signature)
            }
            (Function::EndsWith, [text, part]) => {
                self.search(node, Search::End, [text, part], signature)
            }
            (Function::Contains, [text, part]) => {
                self.search(node, Search::Anywhere, [text, part], signature)
            }
            (Function::Min, numbers) => {
                self.calculate(node, Calculation::Least, &within(signature), numbers)
            }
            (Function::Max, numbers) => {
                self.calculate(node, Calculation::Greatest, &within(signature), numbers)
            }
            (Function::Divide, numbers) => {
                let (numbers, cost) = self.numbers(numbers, &within(signature))?;
                let tree = match numbers {
                    Numbers::Ints(ints) => three(ints).map(Int::Divide).map(Tree::Int),
                    Numbers::Decimals(all) => three(all).map(Dec::Divide).map(Tree::Decimal),
                };
                let tree = tree.ok_or_else(|| self.miscalled(call, signature))?;
                Ok(node.checked(tree, cost))
            }
            (Function::Percent, [operands @ .., default]) => {
                self.percent(node, operands, default, call, signature)
            }
            (function, [operand, ..]) => self.one_argument(node, function, operand, signature),
            (_, []) => Err(self.miscalled(call, signature)),
        }
    }

    fn search(
        &mut self,
        node: &Node,
        search: Search,
        operands: [&Node; 2],
        signature: &Signature,
    ) -> Result<Checked, Fault> {
        let [text, part] = operands;
        let text = self.node(text)?;
        let part = self.node(part)?;
        let read = reading(text.length).saturating_add(reading(part.length));
        let cost = text.cost.saturating_add(part.cost).saturating_add(read);
        match (text.tree, part.tree) {
            (Tree::Text(a), Tree::Text(b)) => {
                let tree = Tree::Bool(Bool::Search(search, Box::new((a, b))));
                Ok(node.checked(tree, cost))
            }
            (Tree::Text(_), other) => {
                let found = other.type_of().to_string();
                Err(self.fault(part.offset, within(signature), found))
            }
            (other, _) => {
                let found = other.type_of().to_string();
                Err(self.fault(text.offset, within(signature), found))
            }
        }
    }

    fn percent(
        &mut self,
        node: &Node,
        operands: &[Node],
        default: &Node,
        call: &Call,
        signature: &Signature,
    ) -> Result<Checked, Fault> {
        let (numbers, cost) = self.numbers(operands, &within(signature))?;
        let default = self.node(default)?;
        let cost = cost.saturating_add(default.cost);
        let Tree::Int(default) = default.tree else {
            return Err(self.wrong(&default, "int as the default of percent"));
        };
        let tree = match numbers {
            Numbers::Ints(ints) => {
                pair(ints).map(|(part, whole)| Int::Percent(Box::new((part, whole, default))))
            }
            Numbers::Decimals(decimals) => pair(decimals)
                .map(|(part, whole)| Int::PercentOfDecimals(Box::new((part, whole, default)))),
        };
        let tree = tree.ok_or_else(|| self.miscalled(call, signature))?;
        Ok(node.checked(Tree::Int(tree), cost))
    }

    fn one_argument(
        &mut self,
        node: &Node,
        function: Function,
        operand: &Node,
        signature: &Signature,
    ) -> Result<Checked, Fault> {
        let operand = self.node(operand)?;
        let cost = operand.cost;
        let mut read = 0;
        let tree = match (function, operand.tree) {
            (Function::Size, Tree::Text(text)) => {
                read = reading(operand.length);
                Tree::Int(Int::SizeOfText(Box::new(text)))
            }
            (Function::Size, Tree::Texts(texts)) => Tree::Int(Int::SizeOfTexts(Box::new(texts))),
            (Function::Abs, Tree::Int(int)) => Tree::Int(Int::Absolute(Box::new(int))),
            (Function::Abs, Tree::Decimal(dec)) => Tree::Decimal(Dec::Absolute(Box::new(dec))),
            (Function::Decimal, Tree::Int(int)) => Tree::Decimal(widened(int)),
            (Function::Int, Tree::Decimal(dec)) => Tree::Int(Int::Narrow(Box::new(dec))),
            (_, other) => {
                let found = other.type_of().to_string();
                return Err(self.fault(operand.offset, within(signature), found));
            }
        };
        Ok(node.checked(tree, cost.saturating_add(read)))
    }

    fn miscalled(&self, call: &Call, signature: &Signature) -> Fault {
        let count = call.arguments.len().saturating_sub(usize::from(call.is_method));
        let found = match count {
            1 => "one argument".to_owned(),
            count => format!("{count} arguments"),
        };
        self.fault(call.name_offset, signature.written, found)
    }
}

impl Node {
    /// The node as it was checked: itself, and what its operands cost.
    fn checked(&self, tree: Tree, operands_cost: u32) -> Checked {
        Checked { tree, cost: operands_cost.saturating_add(1), length: 0, offset: self.offset }
    }
}

fn within(signature: &Signature) -> String {
    format!("what {} takes", signature.written)
}

/// What it costs to read a text of so many characters.
fn reading(chars: u32) -> u32 {
    chars.div_ceil(EXPRESSION_CHARS_OF_COST)
}

fn bounded(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn widened(int: Int) -> Dec {
    match int {
        Int::Constant(value) => Dec::Constant(widen(value)),
        int => Dec::Widen(Box::new(int)),
    }
}

fn unified(trees: Vec<Tree>) -> Numbers {
    if trees.iter().all(|tree| matches!(tree, Tree::Int(_))) {
        let ints = trees.into_iter().filter_map(|tree| match tree {
            Tree::Int(int) => Some(int),
            _ => None,
        });
        return Numbers::Ints(ints.collect());
    }
    let decimals = trees.into_iter().filter_map(|tree| match tree {
        Tree::Int(int) => Some(widened(int)),
        Tree::Decimal(dec) => Some(dec),
        _ => None,
    });
    Numbers::Decimals(decimals.collect())
}

/// The first, and the others.
fn split<T>(trees: impl IntoIterator<Item = T>) -> Option<Box<(T, Vec<T>)>> {
    let mut trees = trees.into_iter();
    trees.next().map(|first| Box::new((first, trees.collect())))
}

fn pair<T>(trees: Vec<T>) -> Option<(T, T)> {
    <[T; 2]>::try_from(trees).ok().map(Into::into)
}

fn three<T>(trees: Vec<T>) -> Option<Box<(T, T, T)>> {
    <[T; 3]>::try_from(trees).ok().map(|three| Box::new(three.into()))
}

fn bool_of(tree: Tree) -> Option<Bool> {
    match tree {
        Tree::Bool(tree) => Some(tree),
        _ => None,
    }
}

fn text_of(tree: Tree) -> Option<Text> {
    match tree {
        Tree::Text(tree) => Some(tree),
        _ => None,
    }
}

fn key_of(tree: Tree) -> Option<Key> {
    match tree {
        Tree::Key(tree) => Some(tree),
        _ => None,
    }
}
