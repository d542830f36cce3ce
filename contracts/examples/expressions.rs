//! How long expressions take: `.ci/cargo run --release -p kanhe-contracts --example expressions`.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "this measures and prints, and is no part of the rules"
)]

use kanhe_contracts::expression::{Program, Scope, Type, Value};
use kanhe_types::decimal::Decimal;
use std::hint::black_box;
use std::time::Instant;

const ROUNDS: u128 = 200;
const EVALUATIONS: u128 = 2_000;

const EXPRESSIONS: [&str; 9] = [
    "parcels > 20",
    "parcels > 20 && total < 100.5",
    "code.startsWith('0202') && (weight > 15.5 || spent > 26000)",
    "percent(matched, lists, 100) < 80 && lists > 50",
    "platform in ['4306W00001', '4306W00002', '4306W00003'] ? parcels > 5 : parcels > 50",
    "!(buyer == payer) && refunds * 3 > lists + 1",
    "divide(spent, lists, 0) > 3 * total",
    "min(100, max(0, parcels - 20) * 2 + max(0, refunds - 3) * 5)",
    "name.contains('frozen')",
];

struct Names(Vec<(&'static str, Value<'static>)>);

impl Scope for Names {
    fn resolve(&self, name: &str) -> Option<(usize, Type)> {
        let slot = self.0.iter().position(|(known, _)| *known == name)?;
        self.0.get(slot).map(|(_, value)| (slot, value.type_of()))
    }

    fn names(&self) -> Vec<String> {
        self.0.iter().map(|(name, _)| (*name).to_owned()).collect()
    }
}

fn decimal(text: &str) -> Value<'static> {
    Value::Decimal(text.parse::<Decimal>().expect("the facts below are decimals"))
}

fn main() {
    let names = Names(vec![
        ("parcels", Value::Int(25)),
        ("total", decimal("99.5")),
        ("code", Value::Text("0202300010")),
        ("weight", decimal("12.25")),
        ("spent", decimal("27000")),
        ("matched", Value::Int(70)),
        ("lists", Value::Int(100)),
        ("platform", Value::Text("4306W00003")),
        ("refunds", Value::Int(40)),
        ("buyer", Value::Key(&[7; 16])),
        ("payer", Value::Key(&[9; 16])),
        ("name", Value::Text("冷冻去骨牛腱 boneless beef shank, frozen, 20 kg a carton")),
    ]);
    let facts: Vec<Value<'_>> = names.0.iter().map(|(_, value)| *value).collect();
    println!("{:>5} {:>12} {:>9}  expression", "cost", "compile, ns", "value, ns");
    for source in EXPRESSIONS {
        let compile = |of| Program::compile(source, &names, of, u32::MAX);
        let program = compile(Type::Bool).or_else(|_| compile(Type::Int));
        let program = program.expect("the expressions above are bool or int");
        let of = program.evaluate(&facts).type_of();
        let compiling = nanoseconds(EVALUATIONS / 100, || drop(black_box(compile(of))));
        let evaluating = nanoseconds(EVALUATIONS, || {
            black_box(program.evaluate(black_box(&facts)));
        });
        println!("{:>5} {compiling:>12} {evaluating:>9}  {source}", program.cost());
    }
}

/// The time of one call in the best of many short rounds, which other work disturbs least.
fn nanoseconds(calls: u128, mut call: impl FnMut()) -> String {
    let mut best = u128::MAX;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        for _ in 0..calls {
            call();
        }
        best = best.min(start.elapsed().as_nanos());
    }
    let tenths = best.saturating_mul(10).checked_div(calls).unwrap_or_default();
    format!("{}.{}", tenths / 10, tenths % 10)
}
