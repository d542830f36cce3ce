//! Acts of the registers of credit.

pub(super) const NEGATIVE_LIST: &[(&str, &str)] = &[
    (
        "an agency tells an organisation that it is to be listed, under a category of the policy",
        r#"{"notify":{"organisation":"TESTMERCHANT01","category":"false_trade","basis":"测试规定第一条","decision":"1111111111111111111111111111111111111111111111111111111111111111","from":"2026-12-25T00:00:00.000Z","until":"2027-12-25T00:00:00.000Z","public":["organisation","category","authority","from","until"]}}"#,
    ),
    (
        "the organisation objects within the policy's term",
        r#"{"object":[{"kind":"report","digest":"2222222222222222222222222222222222222222222222222222222222222222"}]}"#,
    ),
    (
        "the agency answers: upheld or dismissed",
        r#"{"answer":{"outcome":"dismissed","reason":"测试理由"}}"#,
    ),
    ("the agency lists it, after the term or its answer", r#""enter""#),
    (
        "the organisation reports that it put things right",
        r#"{"rectify":{"report":"3333333333333333333333333333333333333333333333333333333333333333","evidence":[]}}"#,
    ),
    (
        "the agency ends the listing before its term",
        r#"{"repair":{"decision":"4444444444444444444444444444444444444444444444444444444444444444","from":"2027-06-25T00:00:00.000Z"}}"#,
    ),
    (
        "the agency does not, for the time being",
        r#"{"refuse":{"decision":"5555555555555555555555555555555555555555555555555555555555555555","reason":"测试理由"}}"#,
    ),
    ("the agency takes notice or listing back", r#"{"withdraw":{"reason":"测试理由"}}"#),
];
