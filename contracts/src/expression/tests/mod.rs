//! One test for each operator, and for what is refused.

mod bounds;
mod golden;
mod random;

use super::*;
use kanhe_types::decimal::Decimal;

const COST_MAX: u32 = 10_000;

/// The names of these tests, each with a fact.
struct Example {
    facts: Vec<(&'static str, Value<'static>)>,
}

impl Scope for Example {
    fn resolve(&self, name: &str) -> Option<(usize, Type)> {
        let slot = self.facts.iter().position(|(known, _)| *known == name)?;
        Some((slot, self.facts[slot].1.type_of()))
    }

    fn names(&self) -> Vec<String> {
        self.facts.iter().map(|(name, _)| (*name).to_owned()).collect()
    }
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn example() -> Example {
    let goods: &[String] = Box::leak(Box::new(["tea".to_owned(), "冻牛肉".to_owned()]));
    Example {
        facts: vec![
            ("yes", Value::Bool(true)),
            ("no", Value::Bool(false)),
            ("count", Value::Int(7)),
            ("order.total", Value::Decimal(decimal("129.5"))),
            ("order.name", Value::Text("岳阳 frozen beef")),
            ("buyer", Value::Key(&[1, 2, 3])),
            ("payer", Value::Key(&[1, 2, 3])),
            ("other", Value::Key(&[4])),
            ("goods", Value::Texts(goods)),
            ("least", Value::Int(i64::MIN)),
            ("greatest", Value::Int(i64::MAX)),
            ("richest", Value::Decimal(Decimal::MAX)),
            ("poorest", Value::Decimal(Decimal::MIN)),
        ],
    }
}

/// The type of an expression is whichever it compiles as.
fn program(source: &str) -> Result<Program, Fault> {
    let types = [Type::Bool, Type::Int, Type::Decimal, Type::Text, Type::Key, Type::Texts];
    let compiled = types.map(|of| Program::compile(source, &example(), of, COST_MAX));
    let first = compiled[0].clone();
    compiled.into_iter().find(Result::is_ok).unwrap_or(first)
}

fn shown(source: &str) -> String {
    let facts: Vec<Value<'_>> = example().facts.iter().map(|(_, value)| *value).collect();
    match program(source) {
        Ok(program) => program.evaluate(&facts).to_string(),
        Err(fault) => fault.to_string(),
    }
}

#[track_caller]
fn check(cases: &[(&str, &str)]) {
    for (source, expected) in cases {
        assert_eq!(shown(source), *expected, "{source}");
    }
}

#[test]
fn literals() {
    check(&[
        ("true", "true"),
        ("12", "12"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("1.5", "1.5"),
        ("'tea'", "tea"),
        ("\"it's\"", "it's"),
        (r#""\"\\\n\x41\u4e2d\U00004e2d\101""#, "\"\\\nA中中A"),
        ("['a', \"b\"]", "[a, b]"),
        ("[]", "[]"),
        ("1 // one\n + 1", "2"),
    ]);
}

#[test]
fn facts() {
    check(&[
        ("yes", "true"),
        ("count", "7"),
        ("order.total", "129.5"),
        ("order . name", "岳阳 frozen beef"),
        ("buyer", "010203"),
        ("goods", "[tea, 冻牛肉]"),
    ]);
}

#[test]
fn logic() {
    check(&[
        ("!yes", "false"),
        ("!!yes", "true"),
        ("yes && no", "false"),
        ("yes && yes", "true"),
        ("yes || no", "true"),
        ("no || no", "false"),
        ("no && no || yes", "true"),
        ("no && (no || yes)", "false"),
        ("yes ? 1 : 2", "1"),
        ("no ? 1 : yes ? 2 : 3", "2"),
        ("no ? 1 : 2.5", "2.5"),
        ("yes ? 1 : 2.5", "1"),
        ("yes ? 'a' : 'b'", "a"),
        ("no ? buyer : other", "04"),
        ("(no ? goods : ['x'])", "[x]"),
        ("yes == no", "false"),
        ("yes != no", "true"),
    ]);
}

#[test]
fn comparison() {
    check(&[
        ("count < 7", "false"),
        ("count <= 7", "true"),
        ("count > 6", "true"),
        ("count >= 8", "false"),
        ("count == 7", "true"),
        ("count != 7", "false"),
        ("count == 7.0", "true"),
        ("order.total > 129", "true"),
        ("129 < order.total", "true"),
        ("order.total == 129.50", "true"),
        ("'a' < 'b'", "true"),
        ("order.name == '岳阳 frozen beef'", "true"),
        ("buyer == payer", "true"),
        ("buyer != other", "true"),
    ]);
}

#[test]
fn membership() {
    check(&[
        ("'tea' in goods", "true"),
        ("'te' in goods", "false"),
        ("'tea' in ['coffee', 'tea']", "true"),
        ("order.name in ['tea']", "false"),
        ("count in [1, 7]", "true"),
        ("count in [1.5, 7]", "true"),
        ("order.total in [129.5]", "true"),
        ("count in []", "false"),
        ("buyer in [other, payer]", "true"),
        ("yes in [no]", "false"),
        ("'x' in (yes ? goods : ['x'])", "false"),
    ]);
}

#[test]
fn arithmetic() {
    check(&[
        ("1 + 2 * 3 - 4", "3"),
        ("(1 + 2) * 3", "9"),
        ("2 - -1", "3"),
        ("-count", "-7"),
        ("--count", "7"),
        ("-order.total", "-129.5"),
        ("count + 0.5", "7.5"),
        ("order.total * 2", "259"),
        ("0.00001 * 0.5", "0.00001"),
        ("min(3, 1, 2)", "1"),
        ("max(count, 7.5)", "7.5"),
        ("abs(-3)", "3"),
        ("abs(-order.total)", "129.5"),
        ("decimal(count)", "7"),
        ("int(order.total)", "129"),
        ("int(-order.total)", "-129"),
        ("divide(7, 2, 0)", "3"),
        ("divide(-7, 2, 0)", "-3"),
        ("divide(7, 0, -1)", "-1"),
        ("divide(2, 3, 0.0)", "0.66667"),
        ("divide(-2.0, 3, 0)", "-0.66667"),
        ("divide(order.total, 0, 1)", "1"),
        ("percent(1, 3, 0)", "33"),
        ("percent(-2, 3, 0)", "-66"),
        ("percent(order.total, 100, 0)", "129"),
        ("percent(1, 0, 55)", "55"),
    ]);
}

#[test]
fn texts() {
    check(&[
        ("order.name.startsWith('岳阳')", "true"),
        ("order.name.endsWith(\"beef\")", "true"),
        ("order.name.contains('frozen')", "true"),
        ("order.name.contains('tea')", "false"),
        ("'a'.startsWith('ab')", "false"),
        ("size(order.name)", "14"),
        ("order.name.size()", "14"),
        ("size(goods)", "2"),
        ("(yes ? 'ab' : 'c').contains('b')", "true"),
    ]);
}

#[test]
fn what_has_no_place_becomes_the_bound() {
    check(&[
        ("greatest + 1", "9223372036854775807"),
        ("least - 1", "-9223372036854775808"),
        ("least * 2", "-9223372036854775808"),
        ("least * -1", "9223372036854775807"),
        ("-least", "9223372036854775807"),
        ("abs(least)", "9223372036854775807"),
        ("divide(least, -1, 0)", "9223372036854775807"),
        ("percent(greatest, 1, 0)", "9223372036854775807"),
        ("percent(poorest, 0.00001, 0)", "-9223372036854775808"),
        ("richest + 0.00001", "99999999999999.99999"),
        ("poorest - 1", "-99999999999999.99999"),
        ("poorest * richest", "-99999999999999.99999"),
        ("poorest * poorest", "99999999999999.99999"),
        ("divide(richest, 0.00001, 0)", "99999999999999.99999"),
        ("decimal(greatest)", "99999999999999.99999"),
        ("greatest == richest", "true"),
        ("int(richest)", "99999999999999"),
    ]);
}

#[test]
fn what_is_refused() {
    check(&[
        ("", "line 1, column 1: expected a value, found the end"),
        ("yes &&\n  count", "line 2, column 3: expected bool beside &&, found int"),
        ("count + 'a'", "line 1, column 9: expected int or decimal beside +, found text"),
        (
            "count == 'a'",
            "line 1, column 10: expected int or decimal beside int and ==, found text",
        ),
        ("buyer < payer", "line 1, column 1: expected int, decimal or text beside <, found key"),
        (
            "order.totl > 1",
            "line 1, column 1: expected a known name (did you mean order.total?), found order.totl",
        ),
        (
            "total > 1",
            "line 1, column 1: expected a known name (did you mean order.total?), found total",
        ),
        ("size(order.name", "line 1, column 16: expected a comma or ), found the end"),
        (
            "order.name.startswith('a')",
            "line 1, column 12: expected a known function (did you mean startsWith?), found startswith()",
        ),
        (
            "count / 2",
            "line 1, column 7: expected divide(a, b, default), which also says what is given when b is 0, found /",
        ),
        (
            "count % 2",
            "line 1, column 7: expected divide(a, b, default) or percent(part, whole, default), found %",
        ),
        ("divide(1, 2)", "line 1, column 1: expected divide(a, b, default), found 2 arguments"),
        ("count = 2", "line 1, column 7: expected ==, found ="),
        ("yes and no", "line 1, column 5: expected &&, found and"),
        ("（yes)", "line 1, column 1: expected the narrow (, found （"),
        (
            "1.000001",
            "line 1, column 1: expected a decimal of at most 14 digits before the point and 5 after it, found 1.000001",
        ),
        (
            "9223372036854775808",
            "line 1, column 1: expected an int of 64 bits, found 9223372036854775808",
        ),
        ("null", "line 1, column 1: expected a value, found null"),
        (
            "[order.name]",
            "line 1, column 2: expected texts in quotes in a list that does not follow `in`, found a text that is computed",
        ),
    ]);
}

#[test]
fn a_program_tells_what_it_reads_and_costs() {
    let compiled = program("order.total > 5 && count > 1 && order.total < 9").unwrap();
    assert_eq!(compiled.slots(), [2, 3]);
    assert_eq!(compiled.cost(), 11);
    assert_eq!(compiled.source(), "order.total > 5 && count > 1 && order.total < 9");
    assert_eq!(compiled.evaluate(&[]), Value::Bool(false));
    let fault = Program::compile("yes && no", &example(), Type::Bool, 2).unwrap_err();
    assert_eq!(
        fault.to_string(),
        "line 1, column 1: expected an expression that costs at most 2, found one that costs 3"
    );
}

#[test]
fn a_fact_of_another_type_counts_as_zero() {
    let compiled = Program::compile("yes || count == 0", &example(), Type::Bool, 9).unwrap();
    assert_eq!(compiled.evaluate(&[Value::Int(1)]), Value::Bool(true));
    for (source, of) in [("yes", Type::Bool), ("count", Type::Int), ("buyer", Type::Key)] {
        let compiled = Program::compile(source, &example(), of, 9).unwrap();
        assert_eq!(compiled.evaluate(&[]), of.zero());
    }
}
