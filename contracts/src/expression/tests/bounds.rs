//! Both sides of every bound.

use super::*;
use crate::limits::{EXPRESSION_CHARS_MAX, EXPRESSION_NESTING_MAX, EXPRESSION_NODES_MAX};

#[track_caller]
fn refused(source: &str, expected: &str) {
    let fault = program(source).unwrap_err();
    assert!(fault.expected.contains(expected), "{fault}");
}

#[test]
fn a_source_has_at_most_a_thousand_characters() {
    let longest = format!("'{}'", "岳".repeat(EXPRESSION_CHARS_MAX - 2));
    assert!(program(&longest).is_ok());
    refused(&format!("{longest} "), "at most 1000 characters");
    refused(&"(".repeat(1_000_000), "at most 1000 characters");
    assert!(program(&format!("{:<1$}", "true", EXPRESSION_CHARS_MAX)).is_ok());
}

#[test]
fn nesting_has_at_most_thirty_two_levels() {
    let ways = [
        ("(", "yes", ")"),
        ("!", "yes", ""),
        ("-", "count", ""),
        ("abs(", "count", ")"),
        ("min(1, ", "count", ")"),
        ("yes in [", "yes", "]"),
        ("no ? 1 : ", "count", ""),
        ("(1 + ", "count", " * 2)"),
    ];
    for (open, inner, close) in ways {
        let nested =
            |levels: usize| format!("{}{inner}{}", open.repeat(levels), close.repeat(levels));
        let fault = program(&nested(EXPRESSION_NESTING_MAX)).err();
        assert_eq!(fault, None, "{open}");
        refused(&nested(EXPRESSION_NESTING_MAX + 1), "at most 32 levels of nesting");
    }
    let methods = format!("'a'{}", ".size()".repeat(2));
    refused(&methods, "what size(text or texts) takes");
}

#[test]
fn there_are_at_most_two_hundred_nodes() {
    // Each addition after the first number is two.
    let sum = |additions: usize| format!("count{}", "+1".repeat(additions));
    assert_eq!(shown(&format!("-{}", sum(99))), "92");
    assert_eq!(program(&format!("-{}", sum(99))).unwrap().cost(), 200);
    refused(&sum(EXPRESSION_NODES_MAX / 2), "at most 200 values, operators and calls");
    let list = |entries: usize| format!("count in [{}1]", "1,".repeat(entries - 1));
    assert!(program(&list(EXPRESSION_NODES_MAX - 3)).is_ok());
    refused(&list(EXPRESSION_NODES_MAX - 2), "at most 200");
    let call = |arguments: usize| format!("min({}1)", "1,".repeat(arguments - 1));
    assert!(program(&call(EXPRESSION_NODES_MAX - 1)).is_ok());
    refused(&call(EXPRESSION_NODES_MAX), "at most 200");
}

#[test]
fn cost_is_what_the_worst_case_reads() {
    let costs = [
        ("count", 1),
        ("1 + 2", 3),
        ("min(1, 2)", 3),
        ("min(1, 2, 3, 4)", 7),
        ("!yes", 2),
        // Of a choice the dearer side.
        ("yes ? 1 : 2 + 3", 5),
        ("yes ? 2 + 3 : 1", 5),
        // A text fact has 256 characters, 8 for each unit.
        ("order.name.contains('abc')", 3 + 32 + 1),
        ("order.name.contains(order.name)", 3 + 32 + 32),
        ("'12345678'.startsWith('123456789')", 3 + 1 + 2),
        ("size(order.name)", 2 + 32),
        ("(yes ? order.name : 'a').size()", 4 + 32),
        // The shorter side ends a comparison.
        ("order.name == 'abc'", 3 + 1),
        ("order.name < order.name", 3 + 32),
        // Each entry is compared with.
        ("'tea' in goods", 3 + 1 + 128),
        ("'tea' in ['a', 'b']", 5 + 1 + 2),
        ("count in [1, 2, 3]", 6 + 3),
        ("size(goods)", 2),
    ];
    for (source, cost) in costs {
        let compiled = program(source).unwrap();
        assert_eq!(compiled.cost(), cost, "{source}");
        let of = compiled.evaluate(&[]).type_of();
        assert!(Program::compile(source, &example(), of, cost).is_ok(), "{source}");
        let fault = Program::compile(source, &example(), of, cost - 1).unwrap_err();
        assert!(fault.to_string().contains(&format!("costs at most {}", cost - 1)), "{fault}");
    }
}

#[test]
fn what_is_folded_costs_as_it_is_written() {
    assert_eq!(program("1 + 2 + 3 + 4").unwrap().cost(), 7);
    assert_eq!(program("1 + 2 + 3 + 4").unwrap().tree, program("10").unwrap().tree);
    assert_ne!(program("count + 2").unwrap().tree, program("9").unwrap().tree);
}

#[test]
fn two_sides_are_evaluated_only_if_needed() {
    // No evaluation has an effect; what shows is that a default stays unread where it is not asked.
    check(&[
        ("no && divide(1, 0, 0) == 0", "false"),
        ("yes || divide(1, 0, 0) == 1", "true"),
        ("yes ? 1 : divide(1, 0, 2)", "1"),
    ]);
}

#[test]
fn places_are_counted_in_characters() {
    let fault = program("'岳阳' ==\n // 长沙\n  '岳' + 1").unwrap_err();
    assert_eq!((fault.line, fault.column), (3, 3));
    let fault = program("'岳阳' == x").unwrap_err();
    assert_eq!((fault.line, fault.column, fault.offset), (1, 9, 12));
    let fault = program("yes &&").unwrap_err();
    assert_eq!((fault.line, fault.column, fault.offset), (1, 7, 6));
}
