//! Rules that need a zone's own words: commodity codes and names that are watched, and recorded
//! brands. A zone begins without them; docs/spec/risk.md shows them as a policy file has them.

use kanhe_contracts::registry::Role;
use kanhe_contracts::risk::{Feature, Measure, RiskPolicy, RiskRule, Subject, Target, Window};
use kanhe_gateway::world::full::risk::RiskWorld;

/// Adds rules with the words of a world to `policy`.
pub(super) fn add_words(policy: &mut RiskPolicy, world: &RiskWorld) {
    let codes: Vec<String> = world.watched_codes().iter().map(|own| quoted(own)).collect();
    let words = world.watched_words();
    let words = words.iter().map(|own| format!("line.name.contains({})", quoted(own)));
    let named: Vec<String> =
        [format!("line.gcode in [{}]", codes.join(", "))].into_iter().chain(words).collect();
    let brands = world.brands();
    let strangers = brands.iter().map(|own| {
        let (name, holder) = (quoted(own.name), quoted(own.holder));
        format!("line.name.contains({name}) && trade.merchant != {holder}")
    });
    let strangers: Vec<String> = strangers.collect();
    let cheap = "line.price < (feature.code_lines >= 20 ? feature.code_price : last.code_price)";
    policy.features.extend([
        feature("code_lines", Measure::Count),
        Feature {
            of: Some("line.price".to_owned()),
            percent: Some(50),
            ..feature("code_price", Measure::Quantile)
        },
    ]);
    policy.rules.extend([
        RiskRule {
            when: named.join(" || "),
            en: "goods that are watched by code or name".to_owned(),
            zh: "商品编码或名称在监控名单内".to_owned(),
            ..rule("R17", "sensitive_goods")
        },
        RiskRule {
            when: format!("({}) && {cheap}", strangers.join(" || ")),
            en: "goods with a recorded brand, below the median of their code, by another than its \
                 holder"
                .to_owned(),
            zh: "非权利人以低于同编码中位价申报含备案品牌的货物".to_owned(),
            ..rule("R18", "rights_infringement")
        },
    ]);
}

/// A text of the expression language. The words of worlds have no quotes.
fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

fn feature(name: &str, measure: Measure) -> Feature {
    Feature {
        name: name.to_owned(),
        on: Subject::Line,
        key: vec!["line.gcode".to_owned()],
        when: None,
        measure,
        of: None,
        percent: None,
        window: Window::Month,
    }
}

fn rule(id: &str, pattern: &str) -> RiskRule {
    RiskRule {
        id: id.to_owned(),
        pattern: pattern.to_owned(),
        on: Subject::Line,
        target: Target::Trade,
        when: String::new(),
        reaches: Vec::new(),
        weight: 60,
        owner: Role::Customs,
        en: String::new(),
        zh: String::new(),
    }
}
