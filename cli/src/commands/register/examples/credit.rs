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

pub(super) const CREDIT_RECORD: &[(&str, &str)] = &[
    (
        "an agency records a fact that is its business: penalty, tax_arrears, fine_unpaid, \
         smuggling, obstruction, bribery (minor, general or serious), filing or honour",
        r#"{"record":{"organisation":"TESTMERCHANT01","kind":"penalty","severity":"minor","amount":"2000","date":"20261101","decision":"1111111111111111111111111111111111111111111111111111111111111111"}}"#,
    ),
    (
        "the organisation objects within the policy's term",
        r#"{"object":[{"kind":"payment","digest":"2222222222222222222222222222222222222222222222222222222222222222"}]}"#,
    ),
    (
        "the agency answers: what is upheld counts no more",
        r#"{"answer":{"outcome":"upheld","reason":"测试理由"}}"#,
    ),
    (
        "the agency says that it was paid or put right",
        r#"{"settle":{"decision":"3333333333333333333333333333333333333333333333333333333333333333"}}"#,
    ),
    ("the agency takes it back", r#"{"withdraw":{"reason":"测试理由"}}"#),
];

pub(super) const CUSTOMS_GRADE: &[(&str, &str)] = &[
    (
        "customs writes a grade: advanced_certified, certified, regular, discredited or \
         seriously_discredited",
        r#"{"write":{"organisation":"TESTMERCHANT01","grade":"certified","since":"2026-11-01T00:00:00.000Z","until":null,"decision":"1111111111111111111111111111111111111111111111111111111111111111"}}"#,
    ),
    (
        "customs gives time to rectify: the grade is kept, its benefits are suspended",
        r#"{"suspend":{"until":"2027-05-01T00:00:00.000Z","decision":"2222222222222222222222222222222222222222222222222222222222222222"}}"#,
    ),
    (
        "customs ends that time",
        r#"{"resume":{"decision":"3333333333333333333333333333333333333333333333333333333333333333"}}"#,
    ),
    (
        "customs ends the grade",
        r#"{"end":{"decision":"4444444444444444444444444444444444444444444444444444444444444444"}}"#,
    ),
];

pub(super) const RIGHT: &[(&str, &str)] = &[
    (
        "its holder has a right recorded: trademark, copyright, patent, design or \
         geographical_indication; customs for a stranger with the digest of its name",
        r#"{"record":{"kind":"trademark","title":"测试商标","registrationNo":"TESTREG0001","holder":"owner","words":["测试牌"],"codes":["3304"],"from":"20260101","until":"20351231","evidence":[{"kind":"certificate","digest":"1111111111111111111111111111111111111111111111111111111111111111"}]}}"#,
    ),
    ("customs or market supervision confirms it", r#""confirm""#),
    ("or does not", r#"{"refuse":{"reason":"测试理由"}}"#),
    (
        "one of them confirms a longer term",
        r#"{"renew":{"until":"20451231","evidence":"2222222222222222222222222222222222222222222222222222222222222222"}}"#,
    ),
    (
        "its holder complains about trades, and may ask that goods are held",
        r#"{"complain":{"reference":"C1","subject":{"trades":[{"direction":"import","platform":"TESTPLATFORM01","orderNo":"TEST0001"}]},"hold":true,"evidence":[]}}"#,
    ),
    (
        "or about what a merchant sells under a word",
        r#"{"complain":{"reference":"C2","subject":{"merchant":{"merchant":"TESTMERCHANT02","word":"测试牌"}},"hold":false,"evidence":[]}}"#,
    ),
    ("its holder takes a complaint back", r#"{"withdraw_complaint":{"reference":"C2"}}"#),
    (
        "customs decides: upheld, partly_upheld or dismissed",
        r#"{"decide":{"reference":"C1","outcome":"upheld","decision":"3333333333333333333333333333333333333333333333333333333333333333"}}"#,
    ),
    ("its holder ends it", r#""end""#),
];

pub(super) const OVERSEAS_AID: &[(&str, &str)] = &[
    (
        "an organisation asks for help with a case abroad: rights, payment, platform, \
         trade_remedy, customs or other",
        r#"{"ask":{"subject":"rights","country":"502","summary":"1111111111111111111111111111111111111111111111111111111111111111","evidence":[]}}"#,
    ),
    (
        "it shows more",
        r#"{"evidence":[{"kind":"correspondence","digest":"2222222222222222222222222222222222222222222222222222222222222222"}]}"#,
    ),
    ("commerce or market supervision takes the case", r#""accept""#),
    ("or does not", r#"{"refuse":{"reason":"测试理由"}}"#),
    (
        "it advises",
        r#"{"advise":{"advice":"3333333333333333333333333333333333333333333333333333333333333333"}}"#,
    ),
    ("either closes the case", r#"{"close":{"outcome":null}}"#),
];
