//! An example of each act, as `kanhe register act` reads it. Everything in them is invented.

mod credit;
mod goods;
mod money;

use kanhe_contracts::register::Register;

/// The acts of a register, each with what it does.
pub fn examples(register: Register) -> &'static [(&'static str, &'static str)] {
    match register {
        Register::Dispute => &[
            (
                "a party of a trade claims something of another",
                r#"{"open":{"case":{"direction":"import","platform":"TESTPLATFORM01","orderNo":"TEST0001"},"respondent":"TESTCARRIER01","ground":"delivery","amount":"120","currency":"142","evidence":[{"kind":"picture","digest":"1111111111111111111111111111111111111111111111111111111111111111"}]}}"#,
            ),
            (
                "the respondent answers: admitted, partly_admitted or denied",
                r#"{"answer":{"position":"denied","evidence":[]}}"#,
            ),
            (
                "either party shows more",
                r#"{"evidence":[{"kind":"transport","digest":"2222222222222222222222222222222222222222222222222222222222222222"}]}"#,
            ),
            (
                "an agency decides: upheld, partly_upheld or dismissed",
                r#"{"decide":{"outcome":"partly_upheld","amount":"20","decision":"3333333333333333333333333333333333333333333333333333333333333333"}}"#,
            ),
            ("either party appeals to another agency", r#"{"appeal":[]}"#),
            (
                "the claimant ends it: settled with a digest, dropped with null",
                r#"{"close":{"settlement":null}}"#,
            ),
        ],
        Register::Certificate => &[
            (
                "a party of a trade attaches it to lines of its list: origin, quality, health, \
                 quarantine or conformity",
                r#"{"attach":{"case":{"direction":"import","platform":"TESTPLATFORM01","orderNo":"TEST0001"},"gnums":[1],"kind":"origin","certificateNo":"TESTCERT0001","issuer":"测试商会","issued":"20261101","validUntil":"20271101","digest":"1111111111111111111111111111111111111111111111111111111111111111"}}"#,
            ),
            (
                "an agency says whether it is genuine",
                r#"{"verify":{"genuine":true,"evidence":null}}"#,
            ),
            ("its owner takes it back", r#""withdraw""#),
        ],
        Register::Receivable => money::RECEIVABLE,
        Register::Cover => money::COVER,
        Register::TaxExemption => money::TAX_EXEMPTION,
        Register::Fund => money::FUND,
        Register::SubsidyClaim => money::SUBSIDY_CLAIM,
        Register::FrozenLot => goods::FROZEN_LOT,
        Register::OverseasStock => goods::OVERSEAS_STOCK,
        Register::NegativeList => credit::NEGATIVE_LIST,
        Register::CreditRecord => credit::CREDIT_RECORD,
        Register::CustomsGrade => credit::CUSTOMS_GRADE,
        Register::Right => credit::RIGHT,
        Register::OverseasAid => credit::OVERSEAS_AID,
        Register::Stocktake => goods::STOCKTAKE,
        Register::TaxDeposit => money::TAX_DEPOSIT,
        Register::NettingStatement => money::NETTING_STATEMENT,
        Register::Journey => &[
            (
                "a carrier says how a bill will travel; each leg by itself, or by another carrier",
                r#"{"plan":{"billNo":"TESTBILL01","legs":[{"trafMode":"2","from":"测试城陵矶港","to":"测试上海港"},{"trafMode":"3","from":"测试上海","to":"测试汉堡","carrier":"TESTCARRIER02"}]}}"#,
            ),
            (
                "the goods left on a leg",
                r#"{"depart":{"leg":1,"conveyance":"TESTVOYAGE01","time":"20261101080000"}}"#,
            ),
            ("they came to its end", r#"{"arrive":{"leg":1,"time":"20261103080000"}}"#),
            (
                "a seal was put on",
                r#"{"seal":{"leg":2,"seal_no":"TESTSEAL01","time":"20261103090000"}}"#,
            ),
            (
                "something else happened: delay, damage, loss, control, seal_broken or other",
                r#"{"report":{"leg":2,"kind":"delay","time":"20261104080000","evidence":null}}"#,
            ),
        ],
    }
}
