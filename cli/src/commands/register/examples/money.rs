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

pub(super) const COVER: Examples = &[
    (
        "an insurer covers a party of a trade: transport, quality, return or credit",
        r#"{"cover":{"insured":"TESTMERCHANT01","case":{"direction":"export","platform":"TESTPLATFORM01","orderNo":"TEST0001"},"risk":"transport","policyNo":"TESTPOLICY01","amount":"100","currency":"502","from":"2026-11-30T16:00:00.000Z","until":"2026-12-30T16:00:00.000Z","claimUntil":"2027-01-30T16:00:00.000Z"}}"#,
    ),
    (
        "the insured claims for a loss",
        r#"{"claim":{"reference":"L1","amount":"80","lost":"2026-12-05T02:00:00.000Z","evidence":[{"kind":"transport","digest":"1111111111111111111111111111111111111111111111111111111111111111"}]}}"#,
    ),
    (
        "the insurer accepts a part of it; it refuses with null",
        r#"{"settle":{"reference":"L1","accepted":"70","decision":"2222222222222222222222222222222222222222222222222222222222222222"}}"#,
    ),
    (
        "and has paid",
        r#"{"paid":{"reference":"L1","payment":"3333333333333333333333333333333333333333333333333333333333333333"}}"#,
    ),
    ("the insurer ends it, when nothing can be claimed any more", r#""end""#),
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

pub(super) const TAX_DEPOSIT: Examples = &[
    (
        "customs received money of a merchant whose grade demands it",
        r#"{"receive":{"merchant":"TESTMERCHANT01","amount":"5000","receipt":"1111111111111111111111111111111111111111111111111111111111111111"}}"#,
    ),
    (
        "and more of it",
        r#"{"add":{"amount":"2500","receipt":"2222222222222222222222222222222222222222222222222222222222222222"}}"#,
    ),
    (
        "it paid back what secures no trade",
        r#"{"pay_back":{"amount":"1000","payment":"3333333333333333333333333333333333333333333333333333333333333333"}}"#,
    ),
    (
        "or takes some for tax that was not paid",
        r#"{"call":{"amount":"91.5","decision":"4444444444444444444444444444444444444444444444444444444444444444"}}"#,
    ),
];

pub(super) const NETTING_STATEMENT: Examples = &[
    (
        "a platform, payment firm or bank states what it kept back of an exporter's receipts",
        r#"{"state":{"merchant":"TESTMERCHANT01","month":"2026-11","mode":"9610","currency":"502","credited":"860","deductions":[{"kind":"commission","amount":"100"},{"kind":"storage","amount":"40"}],"report":"1111111111111111111111111111111111111111111111111111111111111111"}}"#,
    ),
    ("the exporter confirms it", r#""confirm""#),
    (
        "or says that it is not so",
        r#"{"contest":{"evidence":"2222222222222222222222222222222222222222222222222222222222222222"}}"#,
    ),
    ("whoever stated it takes it back", r#""withdraw""#),
    (
        "or the forex authority does not accept it",
        r#"{"reject":{"decision":"3333333333333333333333333333333333333333333333333333333333333333"}}"#,
    ),
];

pub(super) const FUND: Examples = &[
    (
        "an agency of commerce subsidises value: so much of a thousand",
        r#"{"open":{"name":"测试专项资金","from":"2026-11","to":"2027-10","trades":[{"direction":"export","mode":"9610"}],"basis":{"value":{"perMille":"10"}},"enterpriseMax":"200000","budget":"3000000"}}"#,
    ),
    (
        "or lists: so much for each",
        r#"{"open":{"name":"测试专项资金","from":"2026-11","to":"2027-10","trades":[{"direction":"export","mode":"9610"}],"basis":{"lists":{"each":"0.5"}},"enterpriseMax":"200000","budget":"3000000"}}"#,
    ),
    ("it takes no further claims", r#""close""#),
];

pub(super) const SUBSIDY_CLAIM: Examples = &[
    (
        "a merchant claims for a month that is over",
        r#"{"claim":{"fund":{"owner":"TESTCOMMERCE01","number":"F1"},"month":"2026-11"}}"#,
    ),
    (
        "the fund's agency approves it, or a part of it",
        r#"{"approve":{"amount":"14","decision":"5555555555555555555555555555555555555555555555555555555555555555"}}"#,
    ),
    (
        "or refuses it",
        r#"{"refuse":{"decision":"5555555555555555555555555555555555555555555555555555555555555555"}}"#,
    ),
    (
        "and has paid it",
        r#"{"paid":{"payment":"6666666666666666666666666666666666666666666666666666666666666666"}}"#,
    ),
];
