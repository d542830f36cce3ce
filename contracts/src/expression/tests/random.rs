//! Random programs against an interpreter that is too simple to be wrong, and random bytes.

use super::*;
use crate::limits::{EXPRESSION_CHARS_MAX, EXPRESSION_NODES_MAX};
use Type::{Bool, Int, Key, Text, Texts};
use proptest::collection::vec;
use proptest::prelude::*;

/// An expression, each node with its type.
#[derive(Clone, Debug)]
struct Expr {
    of: Type,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    /// As it is written.
    Literal(String, Plain),
    Name(usize),
    Unary(&'static str, Box<Expr>),
    /// The operands are brought to this type first.
    Binary(&'static str, Type, Box<[Expr; 2]>),
    Choice(Box<[Expr; 3]>),
    In(Type, Box<Expr>, Vec<Expr>),
    InTexts(Box<[Expr; 2]>),
    Function(&'static str, Type, Vec<Expr>),
    Method(&'static str, Box<[Expr; 2]>),
}

/// A value; decimals in hundred-thousandths.
#[derive(Clone, Debug, PartialEq, PartialOrd)]
enum Plain {
    Bool(bool),
    Int(i128),
    Decimal(i128),
    Text(String),
    Key(Vec<u8>),
    Texts(Vec<String>),
}

const ONE: i128 = 100_000;
const DECIMAL_MAX: i128 = 9_999_999_999_999_999_999;

/// A number within its type.
fn bounded(of: Type, number: i128) -> Plain {
    match of {
        Int => Plain::Int(number.clamp(i64::MIN.into(), i64::MAX.into())),
        _ => Plain::Decimal(number.clamp(-DECIMAL_MAX, DECIMAL_MAX)),
    }
}

impl Plain {
    fn of(value: Value<'_>) -> Self {
        match value {
            Value::Bool(value) => Self::Bool(value),
            Value::Int(value) => Self::Int(value.into()),
            Value::Decimal(value) => Self::Decimal(value.units()),
            Value::Text(value) => Self::Text(value.to_owned()),
            Value::Key(value) => Self::Key(value.to_vec()),
            Value::Texts(value) => Self::Texts(value.to_vec()),
        }
    }

    fn number(&self) -> i128 {
        match self {
            Self::Int(number) | Self::Decimal(number) => *number,
            other => panic!("{other:?} is no number"),
        }
    }

    fn text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            other => panic!("{other:?} is no text"),
        }
    }

    fn to(self, of: Type) -> Self {
        match (&self, of) {
            (Self::Int(number), Type::Decimal) => bounded(of, number * ONE),
            _ => self,
        }
    }
}

/// Division of whole numbers, half away from zero.
fn rounded(dividend: i128, divisor: i128) -> i128 {
    let (size, by) = (dividend.abs(), divisor.abs());
    let quotient = size / by + i128::from(by <= 2 * (size % by));
    if (dividend < 0) == (divisor < 0) { quotient } else { -quotient }
}

fn calculated(operation: &str, of: Type, left: i128, right: i128) -> Plain {
    let product = || match of {
        Int => left * right,
        _ => rounded(left * right, ONE),
    };
    let number = match operation {
        "+" => left + right,
        "-" => left - right,
        "*" => product(),
        "min" => left.min(right),
        "max" => left.max(right),
        other => panic!("{other} is unknown"),
    };
    bounded(of, number)
}

impl Expr {
    /// What it gives, and after how many steps.
    fn value(&self, facts: &[Plain], steps: &mut u32) -> Plain {
        *steps += 1;
        let mut get = |expr: &Expr| expr.value(facts, steps);
        match &self.kind {
            Kind::Literal(_, value) => value.clone(),
            Kind::Name(slot) => facts[*slot].clone(),
            Kind::Unary("!", operand) => Plain::Bool(get(operand) == Plain::Bool(false)),
            Kind::Unary(_, operand) => {
                let negated = bounded(self.of, -get(operand).number());
                // A minus before digits is part of the number.
                let is_digits =
                    matches!(&operand.kind, Kind::Literal(text, _) if !text.starts_with('-'));
                *steps -= u32::from(is_digits);
                negated
            }
            Kind::Binary("&&", _, sides) => match get(&sides[0]) {
                Plain::Bool(true) => get(&sides[1]),
                other => other,
            },
            Kind::Binary("||", _, sides) => match get(&sides[0]) {
                Plain::Bool(false) => get(&sides[1]),
                other => other,
            },
            Kind::Binary(operator, of, sides) => {
                let [left, right] = [&sides[0], &sides[1]].map(|side| get(side).to(*of));
                match *operator {
                    "==" => Plain::Bool(left == right),
                    "!=" => Plain::Bool(left != right),
                    "<" => Plain::Bool(left < right),
                    "<=" => Plain::Bool(left <= right),
                    ">" => Plain::Bool(left > right),
                    ">=" => Plain::Bool(left >= right),
                    _ => calculated(operator, *of, left.number(), right.number()),
                }
            }
            Kind::Choice(parts) => {
                let chosen = if get(&parts[0]) == Plain::Bool(true) { 1 } else { 2 };
                get(&parts[chosen]).to(self.of)
            }
            Kind::In(of, value, elements) => {
                let value = get(value).to(*of);
                let elements = elements.iter().map(|element| get(element).to(*of));
                Plain::Bool(elements.collect::<Vec<_>>().contains(&value))
            }
            Kind::InTexts(sides) => {
                let text = get(&sides[0]);
                let Plain::Texts(texts) = get(&sides[1]) else { panic!("no texts") };
                Plain::Bool(texts.iter().any(|element| element == text.text()))
            }
            Kind::Method(name, sides) => {
                let (text, part) = (get(&sides[0]), get(&sides[1]));
                Plain::Bool(match *name {
                    "startsWith" => text.text().starts_with(part.text()),
                    "endsWith" => text.text().ends_with(part.text()),
                    _ => text.text().contains(part.text()),
                })
            }
            Kind::Function(name, of, arguments) => {
                let mut values: Vec<Plain> = arguments.iter().map(get).collect();
                // The default of a percentage is an int beside decimals too.
                let calculated = if *name == "percent" { 2 } else { values.len() };
                for value in values.iter_mut().take(calculated) {
                    *value = value.clone().to(*of);
                }
                self.called(name, *of, &values)
            }
        }
    }

    fn called(&self, name: &str, of: Type, values: &[Plain]) -> Plain {
        match (name, values) {
            ("size", [Plain::Texts(texts)]) => Plain::Int(texts.len() as i128),
            ("size", [text]) => Plain::Int(text.text().chars().count() as i128),
            ("abs", [number]) => bounded(of, number.number().abs()),
            ("decimal", [number]) => bounded(Type::Decimal, number.number() * ONE),
            ("int", [number]) => Plain::Int(number.number() / ONE),
            ("divide" | "percent", [_, divisor, default]) if divisor.number() == 0 => {
                default.clone()
            }
            ("divide", [dividend, divisor, _]) => bounded(
                of,
                match of {
                    Int => dividend.number() / divisor.number(),
                    _ => rounded(dividend.number() * ONE, divisor.number()),
                },
            ),
            ("percent", [part, whole, _]) => bounded(Int, 100 * part.number() / whole.number()),
            (_, [first, others @ ..]) => others.iter().fold(first.clone(), |so_far, next| {
                calculated(name, of, so_far.number(), next.number())
            }),
            (_, []) => panic!("{name} without arguments"),
        }
    }

    /// How loosely it binds: a choice 0, a value 7.
    fn level(&self) -> u8 {
        match &self.kind {
            Kind::Choice(_) => 0,
            Kind::Binary(operator, _, _) => match *operator {
                "||" => 1,
                "&&" => 2,
                "+" | "-" => 4,
                "*" => 5,
                _ => 3,
            },
            Kind::In(..) | Kind::InTexts(_) => 3,
            Kind::Unary(..) => 6,
            Kind::Literal(text, _) if text.starts_with('-') => 6,
            _ => 7,
        }
    }

    /// As it is written where operators of `level` are asked for, with the brackets it needs.
    fn written(&self, level: u8) -> String {
        let own = self.level();
        let list = |elements: &[Expr]| {
            elements.iter().map(|element| element.written(0)).collect::<Vec<_>>().join(", ")
        };
        let text = match &self.kind {
            Kind::Literal(text, _) => text.clone(),
            Kind::Name(slot) => example().facts[*slot].0.to_owned(),
            Kind::Unary(operator, operand) => format!("{operator}{}", operand.written(6)),
            Kind::Binary(operator, _, sides) => {
                format!("{} {operator} {}", sides[0].written(own), sides[1].written(own + 1))
            }
            Kind::Choice(parts) => {
                let [condition, then] = [&parts[0], &parts[1]].map(|part| part.written(1));
                format!("{condition} ? {then} : {}", parts[2].written(0))
            }
            Kind::In(_, value, elements) => {
                format!("{} in [{}]", value.written(3), list(elements))
            }
            Kind::InTexts(sides) => {
                format!("{} in {}", sides[0].written(3), sides[1].written(4))
            }
            Kind::Function(name, _, arguments) => format!("{name}({})", list(arguments)),
            Kind::Method(name, sides) => {
                format!("{}.{name}({})", sides[0].written(7), sides[1].written(0))
            }
        };
        if own < level { format!("({text})") } else { text }
    }

    fn nodes(&self) -> usize {
        let all = |parts: &[Expr]| parts.iter().map(Self::nodes).sum::<usize>();
        1 + match &self.kind {
            Kind::Literal(text, _) if text.starts_with('[') => text.matches('\'').count() / 2,
            Kind::Literal(..) | Kind::Name(_) => 0,
            Kind::Unary(_, operand) => operand.nodes(),
            Kind::Binary(_, _, sides) | Kind::InTexts(sides) | Kind::Method(_, sides) => {
                all(sides.as_slice())
            }
            Kind::Choice(parts) => all(parts.as_slice()),
            Kind::In(_, value, elements) => 1 + value.nodes() + all(elements),
            // Of more than two each is a step of its own; only the nodes are counted here.
            Kind::Function(_, _, arguments) => all(arguments),
        }
    }
}

/// Choices that are read from bytes, so that fewer bytes give a smaller expression.
struct Tape<'t>(std::slice::Iter<'t, u8>);

impl Tape<'_> {
    fn next(&mut self, options: usize) -> usize {
        usize::from(self.0.next().copied().unwrap_or_default()) % options
    }

    fn boxed<const N: usize>(&mut self, types: [Type; N], depth: usize) -> Box<[Expr; N]> {
        Box::new(types.map(|of| self.expr(of, depth)))
    }

    /// An int or a decimal, for an operation on `of`.
    fn number(&mut self, of: Type, depth: usize) -> Expr {
        let own = if of == Type::Decimal && self.next(3) == 1 { Int } else { of };
        self.expr(own, depth)
    }

    /// Two numbers, of which the first makes the operation one on `of`.
    fn numbers(&mut self, of: Type, depth: usize) -> Box<[Expr; 2]> {
        let mut both = [self.expr(of, depth), self.number(of, depth)];
        if self.next(2) == 1 {
            both.reverse();
        }
        Box::new(both)
    }

    fn expr(&mut self, of: Type, depth: usize) -> Expr {
        let choice = self.next(12);
        let kind = match (depth, choice) {
            (0, _) | (_, 0 | 1) => self.leaf(of),
            (_, 2) => {
                let mut parts = *self.boxed([Bool, of, of], depth - 1);
                if of == Type::Decimal && self.next(2) == 1 {
                    parts[1] = self.expr(Int, depth - 1);
                }
                Kind::Choice(Box::new(parts))
            }
            _ => match of {
                Bool => self.truth(choice, depth - 1),
                Int | Type::Decimal => self.calculation(of, choice, depth - 1),
                Text | Key | Texts => self.leaf(of),
            },
        };
        Expr { of, kind }
    }

    fn truth(&mut self, choice: usize, depth: usize) -> Kind {
        let order = ["<", "<=", ">", ">=", "==", "!="];
        match choice {
            3 => Kind::Unary("!", Box::new(self.expr(Bool, depth))),
            4 => Kind::Binary("&&", Bool, self.boxed([Bool, Bool], depth)),
            5 => Kind::Binary("||", Bool, self.boxed([Bool, Bool], depth)),
            6 | 7 => {
                let of = [Int, Type::Decimal][choice - 6];
                let sides = self.numbers(of, depth);
                Kind::Binary(order[self.next(6)], of, sides)
            }
            8 => {
                let operator = order[self.next(6)];
                Kind::Binary(operator, Text, self.boxed([Text, Text], depth))
            }
            9 => {
                let of = [Bool, Key][self.next(2)];
                Kind::Binary(["==", "!="][self.next(2)], of, self.boxed([of, of], depth))
            }
            10 if self.next(2) == 0 => Kind::InTexts(self.boxed([Text, Texts], depth)),
            10 => {
                let of = [Int, Type::Decimal, Text, Key, Bool][self.next(5)];
                let value = Box::new(self.expr(of, depth));
                let elements = (0..self.next(4)).map(|_| self.number(of, depth)).collect();
                Kind::In(of, value, elements)
            }
            _ => {
                let name = ["startsWith", "endsWith", "contains"][self.next(3)];
                Kind::Method(name, self.boxed([Text, Text], depth))
            }
        }
    }

    fn calculation(&mut self, of: Type, choice: usize, depth: usize) -> Kind {
        match choice {
            3 => Kind::Unary("-", Box::new(self.expr(of, depth))),
            4..=6 => Kind::Binary(["+", "-", "*"][choice - 4], of, self.numbers(of, depth)),
            7 => {
                let mut all = Vec::from(*self.numbers(of, depth));
                all.extend((0..self.next(3)).map(|_| self.number(of, depth)));
                Kind::Function(["min", "max"][self.next(2)], of, all)
            }
            8 => Kind::Function("abs", of, vec![self.expr(of, depth)]),
            9 => {
                let mut all = Vec::from(*self.numbers(of, depth));
                all.push(self.number(of, depth));
                Kind::Function("divide", of, all)
            }
            10 if of == Int => {
                let of = [Int, Type::Decimal][self.next(2)];
                let mut all = Vec::from(*self.numbers(of, depth));
                // The default is an int beside either.
                all.push(Expr { of: Int, kind: self.leaf(Int) });
                Kind::Function("percent", of, all)
            }
            _ if of == Int => match self.next(3) {
                0 => Kind::Function("int", Type::Decimal, vec![self.expr(Type::Decimal, depth)]),
                1 => Kind::Function("size", Text, vec![self.expr(Text, depth)]),
                _ => Kind::Function("size", Texts, vec![self.expr(Texts, depth)]),
            },
            _ => Kind::Function("decimal", Int, vec![self.expr(Int, depth)]),
        }
    }

    fn leaf(&mut self, of: Type) -> Kind {
        let named: Vec<usize> = example()
            .facts
            .iter()
            .enumerate()
            .filter(|(_, (_, value))| value.type_of() == of)
            .map(|(slot, _)| slot)
            .collect();
        if of == Key || self.next(2) == 0 {
            return Kind::Name(named[self.next(named.len())]);
        }
        let number = [0, 1, -1, 2, 7, 100, 99_999, -50_000][self.next(8)];
        match of {
            Bool => Kind::Literal((number == 1).to_string(), Plain::Bool(number == 1)),
            Int => Kind::Literal(number.to_string(), Plain::Int(number)),
            Type::Decimal => {
                let (sign, size) = (if number < 0 { "-" } else { "" }, number.abs());
                let text = format!("{sign}{}.{:05}", size / ONE, size % ONE);
                Kind::Literal(text, Plain::Decimal(number))
            }
            Text | Key => {
                let texts =
                    [("'tea'", "tea"), ("\"\\u5cb3\"", "岳"), ("''", ""), ("'岳阳'", "岳阳")];
                let (written, text) = texts[self.next(4)];
                Kind::Literal(written.to_owned(), Plain::Text(text.to_owned()))
            }
            Texts => {
                let texts = ["tea", "岳阳"][..self.next(3)].to_vec();
                let written: Vec<String> = texts.iter().map(|text| format!("'{text}'")).collect();
                let texts = texts.into_iter().map(str::to_owned).collect();
                Kind::Literal(format!("[{}]", written.join(", ")), Plain::Texts(texts))
            }
        }
    }
}

const TYPES: [Type; 6] = [Bool, Int, Type::Decimal, Text, Key, Texts];

fn plain_facts(values: &[Value<'_>]) -> Vec<Plain> {
    values.iter().map(|value| Plain::of(*value)).collect()
}

/// Words of the language, and what is none.
const WORDS: [&str; 48] = [
    "(",
    ")",
    "[",
    "]",
    ",",
    ".",
    "?",
    ":",
    "!",
    "-",
    "+",
    "*",
    "/",
    "%",
    "<",
    "<=",
    ">",
    ">=",
    "==",
    "!=",
    "&&",
    "||",
    "in",
    "true",
    "false",
    "null",
    "count",
    "order.total",
    "order.name",
    "goods",
    "buyer",
    "yes",
    "min",
    "divide",
    "percent",
    "size",
    "startsWith",
    "contains",
    "0",
    "7",
    "1.5",
    "9223372036854775808",
    "'tea'",
    "\"\\u5cb3\"",
    "'",
    "\\",
    "// x\n",
    "（",
];

/// Whatever is compiled ends, within the bounds; and what compiles gives a value of its type.
fn endures(source: &str) {
    let facts: Vec<Value<'_>> = example().facts.iter().map(|(_, value)| *value).collect();
    for of in TYPES {
        match Program::compile(source, &example(), of, COST_MAX) {
            Ok(program) => {
                assert!(program.cost() <= COST_MAX);
                assert!(program.slots().is_sorted_by(|left, right| left < right));
                assert_eq!(program.evaluate(&facts).type_of(), of);
                assert_eq!(program.evaluate(&[]).type_of(), of);
                assert_eq!(Program::compile(source, &example(), of, COST_MAX), Ok(program));
            }
            Err(fault) => {
                let before = source.get(..fault.offset).expect("offsets are of characters");
                let line = before.split('\n').count();
                let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
                assert_eq!((fault.line as usize, fault.column as usize), (line, column));
                assert!(fault.expected.chars().count() < 200, "{fault}");
                assert!(fault.found.chars().count() < 64, "{fault}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_048))]

    #[test]
    fn programs_give_what_a_simple_interpreter_gives(
        tape in vec(any::<u8>(), 1..240),
        of in 0..TYPES.len(),
        numbers in vec(any::<i64>(), 4),
        units in vec(-DECIMAL_MAX..=DECIMAL_MAX, 3),
    ) {
        let expr = Tape(tape.iter()).expr(TYPES[of], 5);
        let source = expr.written(0);
        if EXPRESSION_CHARS_MAX < source.chars().count() || EXPRESSION_NODES_MAX < expr.nodes() {
            return Ok(());
        }
        let program = Program::compile(&source, &example(), expr.of, COST_MAX)
            .map_err(|fault| TestCaseError::fail(format!("{source}\n{fault}")))?;
        let mut facts: Vec<Value<'_>> = example().facts.iter().map(|(_, value)| *value).collect();
        for given in [false, true] {
            let mut numbers = numbers.iter();
            let mut units = units.iter();
            for fact in facts.iter_mut().filter(|_| given) {
                match fact {
                    Value::Int(value) => *value = *numbers.next().unwrap(),
                    Value::Decimal(value) => {
                        *value = Decimal::from_units(*units.next().unwrap()).unwrap();
                    }
                    Value::Bool(_) | Value::Text(_) | Value::Key(_) | Value::Texts(_) => {}
                }
            }
            let mut steps = 0;
            let expected = expr.value(&plain_facts(&facts), &mut steps);
            prop_assert_eq!(Plain::of(program.evaluate(&facts)), expected, "{}", &source);
            prop_assert!(steps <= program.cost(), "{}: {} steps", &source, steps);
            prop_assert_eq!(program.evaluate(&facts), program.evaluate(&facts));
        }
        // Nothing beside its slots is read.
        let before = Plain::of(program.evaluate(&facts));
        for (slot, fact) in facts.iter_mut().enumerate() {
            if program.slots().binary_search(&slot).is_err() {
                *fact = fact.type_of().zero();
            }
        }
        prop_assert_eq!(Plain::of(program.evaluate(&facts)), before, "{}", &source);
    }

    #[test]
    fn any_text_is_answered(source in any::<String>(), bytes in vec(any::<u8>(), 0..1_200)) {
        endures(&source);
        endures(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_words_are_answered(words in vec(0..WORDS.len(), 0..300), blank in any::<bool>()) {
        let words: Vec<&str> = words.into_iter().map(|word| WORDS[word]).collect();
        endures(&words.join(if blank { " " } else { "" }));
    }

    #[test]
    fn an_expression_that_was_damaged_is_answered(
        tape in vec(any::<u8>(), 1..240),
        of in 0..TYPES.len(),
        at in any::<prop::sample::Index>(),
        word in 0..WORDS.len(),
        removed in 0usize..4,
    ) {
        let source = Tape(tape.iter()).expr(TYPES[of], 5).written(0);
        let mut characters: Vec<char> = source.chars().collect();
        let start = at.index(characters.len());
        let end = characters.len().min(start + removed);
        characters.splice(start..end, WORDS[word].chars());
        endures(&characters.into_iter().collect::<String>());
    }
}
