//! Acts of registers of money.

/// The acts of a register, each with what it does.
type Examples = &'static [(&'static str, &'static str)];

pub(super) const RECEIVABLE: Examples = &[
    (
        "a merchant registers what is owed for exports that left, ascending",
        r#"{"register":{"currency":"502","cases":[{"direction":"export","platform":"TESTPLATFORM01","orderNo":"TEST0001"},{"direction":"export","platform":"TESTPLATFORM01","orderNo":"TEST0002"}]}}"#,
    ),
    (
        "it pledges a part to a bank, which has until then to take it",
        r#"{"pledge":{"reference":"P1","bank":"TESTBANK01","amount":"5000","until":"2026-12-31T16:00:00.000Z"}}"#,
    ),
    ("the bank takes the pledge", r#"{"confirm":{"reference":"P1"}}"#),
    ("or does not", r#"{"refuse":{"reference":"P1"}}"#),
    ("the bank lets go of what was repaid", r#"{"release":{"reference":"P1","amount":"2000"}}"#),
    (
        "the owner takes a pledge back that the bank has not answered",
        r#"{"withdraw":{"reference":"P1"}}"#,
    ),
    ("the owner ends it, once nothing is pledged", r#""close""#),
];

pub(super) const TAX_EXEMPTION: Examples = &[
    (
        "an enterprise of a park registers lines of an export, as its list has them",
        r#"{"register":{"case":{"direction":"export","platform":"TESTPLATFORM01","orderNo":"TEST0001"},"exportDate":"20261124","currency":"502","lines":[{"gnum":1,"gname":"测试茶杯","unit":"011","qty":"3","price":"20","totalPrice":"60"}]}}"#,
    ),
    ("the tax authority confirms them", r#""confirm""#),
    (
        "or refuses them: enterprise, goods, declaration, invoiced, facts or other",
        r#"{"refuse":{"reason":"goods","decision":"4444444444444444444444444444444444444444444444444444444444444444"}}"#,
    ),
    ("the enterprise takes them back, as long as nothing is decided", r#""withdraw""#),
];
