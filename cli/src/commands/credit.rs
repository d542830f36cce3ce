//! `kanhe credit`: scores, grades, and the negative list.

use super::register;
use crate::answer::{Answer, CliError};
use crate::args::{
    ActArgs, CreditCommand, CreditExplainArgs, CreditOfArgs, ListView, ObjectArgs, Objected,
    RepairArgs,
};
use crate::member::Member;
use crate::table::table;
use crate::verify;
use kanhe_api::credit::{CreditAnswer, CreditPage, CreditSight, NegativeListPage};
use kanhe_api::path;
use kanhe_contracts::credit::{self, Assessment, NamedFact, PublicListing};
use kanhe_contracts::policy::Measures;
use kanhe_contracts::register::Register;
use kanhe_types::hash::Hash;
use kanhe_types::time::Millis;
use serde_json::{Value, json};
use std::fmt::Write;

pub(super) fn run(command: &CreditCommand) -> Result<Answer, CliError> {
    match command {
        CreditCommand::Show(args) => {
            let answer = ask(args)?;
            Ok(Answer::yes(describe(&answer), super::to_json(&answer)))
        }
        CreditCommand::Explain(args) => run_explain(args),
        CreditCommand::List { month, after, limit, home } => {
            let parameters = [
                ("month", month.map(|month| month.to_string())),
                ("after", after.map(|after| after.to_string())),
                ("limit", limit.map(|limit| limit.to_string())),
            ];
            let target = super::with_query(path::CREDIT, parameters);
            let page: CreditPage = Member::of(home)?.client.get(&target)?;
            Ok(Answer::yes(list(&page), super::to_json(&page)))
        }
        CreditCommand::NegativeList { view, before, home } => {
            let view = view.map(|view| match view {
                ListView::Full => "full".to_owned(),
                ListView::Public => "public".to_owned(),
            });
            let before = before.map(|before| before.to_string());
            let target =
                super::with_query(path::NEGATIVE_LIST, [("view", view), ("before", before)]);
            let page: NegativeListPage = Member::of(home)?.client.get(&target)?;
            Ok(Answer::yes(negative_list(&page), super::to_json(&page)))
        }
        CreditCommand::Object(args) => object(args),
        CreditCommand::Repair(args) => repair(args),
    }
}

fn run_explain(args: &CreditExplainArgs) -> Result<Answer, CliError> {
    let answer = ask(&args.of)?;
    let Some(assessment) = &answer.assessment else {
        let whose = &answer.organisation;
        let no = format!("of {whose} we see what is public: `kanhe credit show {whose}`");
        return Err(CliError::No(no));
    };
    let text = format!("{}{}", describe(&answer), explain(assessment));
    let json = super::to_json(&answer);
    if !args.replay {
        return Ok(Answer::yes(text, json));
    }
    let member = Member::of(&args.of.home)?;
    let height = answer.height;
    if height == 0 {
        let no = "the chain has no height yet: ask again when it has";
        return Err(CliError::unknown(no));
    }
    let again = match verify::again_to(&member.client, &member.genesis, height)? {
        Ok(again) => again,
        Err(found) => return Ok(super::chain::describe("the API", &found, 0.0)),
    };
    let header = again.ledger.header(height);
    let header = header.map_err(|error| CliError::because("the state cannot be read", error))?;
    let now = header.map_or(Millis(0), |header| header.time);
    let policy = again.ledger.policy_at(height);
    let ours = credit::assess(&again.ledger.state(), &policy, &answer.organisation, now)
        .map_err(|error| CliError::because("the state cannot be read", error))?;
    Ok(compared(height, assessment, &ours, text, json))
}

/// Whether what was answered is what follows from executing the chain again.
fn compared(
    height: u64,
    answered: &Assessment,
    ours: &Assessment,
    mut text: String,
    mut json: Value,
) -> Answer {
    let is_same = answered == ours;
    if let Value::Object(fields) = &mut json {
        let replay = json!({ "same": is_same, "height": height, "again": ours });
        fields.insert("replay".into(), replay);
    }
    let _ = writeln!(
        text,
        "executed again up to height {height}, every signature, certificate and root checked"
    );
    if is_same {
        text.push_str("THE SAME: facts, indicators, score, grades and supervision\n");
        return Answer::yes(text, json);
    }
    let _ = writeln!(
        text,
        "NOT THE SAME: executed again score {} and zone grade {}, answered {} and {}\ndo not trust \
         this node; compare with another validator",
        ours.score,
        ours.zone_grade.name(),
        answered.score,
        answered.zone_grade.name()
    );
    Answer::no(text, json)
}

fn ask(args: &CreditOfArgs) -> Result<CreditAnswer, CliError> {
    let member = Member::of(&args.home)?;
    let own = member.client.organisation();
    Ok(member.client.get(&path::credit(args.organisation.as_ref().unwrap_or(own)))?)
}

fn evidence(all: &[(String, Hash)]) -> Value {
    let one = |(kind, digest): &(String, Hash)| json!({ "kind": kind, "digest": digest });
    all.iter().map(one).collect()
}

fn object(args: &ObjectArgs) -> Result<Answer, CliError> {
    let register = match args.to {
        Objected::NegativeList => Register::NegativeList,
        Objected::CreditRecord => Register::CreditRecord,
    };
    let act = json!({ "object": evidence(&args.evidence) }).to_string();
    let (number, owner, home) = (args.number.clone(), args.agency.clone(), args.home.clone());
    register::act(&ActArgs { register, number, act, owner: Some(owner), home })
}

fn repair(args: &RepairArgs) -> Result<Answer, CliError> {
    let act = match (args.report, args.decision) {
        (Some(report), _) => {
            json!({ "rectify": { "report": report, "evidence": evidence(&args.evidence) } })
        }
        (None, decision) => json!({ "repair": { "decision": decision, "from": args.from } }),
    };
    let (number, owner, home) = (args.number.clone(), args.agency.clone(), args.home.clone());
    let register = Register::NegativeList;
    register::act(&ActArgs { register, number, act: act.to_string(), owner: Some(owner), home })
}

fn describe(answer: &CreditAnswer) -> String {
    let CreditAnswer { organisation, height, public, assessment, .. } = answer;
    let mut text = format!("{organisation}, by the state of height {height}\n");
    let Some(own) = assessment else {
        text.push_str("what is public:\n");
        let fields = [
            ("zone grade", public.zone_grade.map(|grade| grade.name().to_owned())),
            ("score", public.score.map(|score| score.to_string())),
            ("customs grade", public.customs_grade.map(|grade| super::name_of(&grade))),
            ("penalties", public.penalties.map(|penalties| penalties.to_string())),
        ];
        for (name, value) in fields {
            if let Some(value) = value {
                let _ = writeln!(text, "  {name}: {value}");
            }
        }
        for listing in &public.listings {
            let _ = writeln!(text, "  on the negative list: {}", listing_text(listing));
        }
        return text;
    };
    let _ = writeln!(text, "score {} of 1000, zone grade {}", own.score, own.zone_grade.name());
    match &own.customs_grade {
        Some(grade) if own.is_suspended => {
            let until = grade.suspended_until.map(|until| until.to_string()).unwrap_or_default();
            let name = super::name_of(&grade.grade);
            let _ = writeln!(text, "customs grade {name}, benefits suspended until {until}");
        }
        Some(grade) => {
            let _ = writeln!(text, "customs grade {}", super::name_of(&grade.grade));
        }
        None => text.push_str("no customs grade\n"),
    }
    let _ = writeln!(text, "supervision: {}", measures(&own.supervision));
    if let Some(listing) = &own.listing {
        let (name, listed) = (super::name_of(&listing.consequence), &listing.listed);
        let (category, entry, until) = (&listed.category, &listed.entry, listed.until);
        let _ = writeln!(
            text,
            "on the negative list: {name}; {category}, entry {} of {} until {until}",
            entry.number, entry.owner
        );
    }
    text
}

fn listing_text(own: &PublicListing) -> String {
    let fields = [
        own.category.clone(),
        own.basis.clone(),
        own.authority.as_ref().map(|code| format!("by {code}")),
        own.from.map(|from| format!("from {from}")),
        own.until.map(|until| format!("until {until}")),
    ];
    let stated: Vec<String> = fields.into_iter().flatten().collect();
    format!("{} {}", own.organisation, stated.join(", "))
}

fn measures(own: &Measures) -> String {
    let fields = [
        own.inspection_per_mille.map(|share| format!("{share} of 1000 inspected")),
        own.deposit_per_cent.map(|share| format!("deposit {share} %")),
        own.deadline_days.map(|days| format!("{days} days")),
        own.green_channel
            .map(|is_green| if is_green { "green channel" } else { "no green channel" }.to_owned()),
    ];
    let stated: Vec<String> = fields.into_iter().flatten().collect();
    if stated.is_empty() { "nothing stated".to_owned() } else { stated.join(", ") }
}

fn explain(own: &Assessment) -> String {
    let Assessment { policy_version, from, to, base, score, .. } = own;
    let mut text = format!("by policy {policy_version}, facts of {from} to {to}\n");
    let head = ["indicator", "value", "counts", "points each", "points", "from"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.push(vec!["base".into(), "".into(), "".into(), "".into(), base.to_string(), "".into()]);
    rows.extend(own.indicators.iter().map(|own| {
        let named: Vec<String> = own.facts.iter().map(fact).collect();
        vec![
            format!("{} {}", own.name, own.zh),
            own.value.to_string(),
            own.counted.to_string(),
            own.weight.to_string(),
            own.points.to_string(),
            named.join(", "),
        ]
    }));
    rows.push(vec!["score".into(), "".into(), "".into(), "".into(), score.to_string(), "".into()]);
    text.push_str(&table(&rows));
    if !own.records.is_empty() {
        let head = ["record", "day", "severity", "CNY", "settled", "entry"];
        let mut rows = vec![head.map(str::to_owned).to_vec()];
        rows.extend(own.records.iter().map(|own| {
            vec![
                super::name_of(&own.kind),
                own.date.to_string(),
                own.severity.map(|severity| super::name_of(&severity)).unwrap_or_default(),
                own.amount.map(|amount| amount.to_string()).unwrap_or_default(),
                if own.is_settled { "yes" } else { "no" }.to_owned(),
                format!("{} of {}", own.entry.number, own.entry.owner),
            ]
        }));
        text.push_str(&table(&rows));
    }
    text
}

fn fact(own: &NamedFact) -> String {
    format!("{} {}", own.name, own.value)
}

fn list(page: &CreditPage) -> String {
    let CreditPage { month, height, .. } = page;
    let mut text = format!("who acted in trades of {month}, by the state of height {height}\n");
    let head = ["organisation", "score", "zone", "customs", "listed", "supervision"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(page.organisations.iter().map(|own| {
        let customs = own.customs_grade.map(|grade| super::name_of(&grade)).unwrap_or_default();
        let suspended = if own.is_suspended { " (suspended)" } else { "" };
        vec![
            own.organisation.to_string(),
            own.score.to_string(),
            own.zone_grade.name().to_owned(),
            format!("{customs}{suspended}"),
            own.consequence.map(|consequence| super::name_of(&consequence)).unwrap_or_default(),
            measures(&own.supervision),
        ]
    }));
    text.push_str(&table(&rows));
    if let Some(next) = page.next {
        let _ = writeln!(text, "more: --after {next}");
    }
    text
}

fn negative_list(page: &NegativeListPage) -> String {
    if page.view == CreditSight::Public {
        let lines = page.listings.iter().map(|own| format!("{}\n", listing_text(own)));
        let text: String = lines.collect();
        return if text.is_empty() { "nobody is listed\n".to_owned() } else { text };
    }
    let head = ["organisation", "category", "stands", "now", "from", "until", "entry"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(page.entries.iter().map(|own| {
        let now = if own.holds { super::name_of(&own.consequence) } else { "-".to_owned() };
        vec![
            own.organisation.to_string(),
            own.category.clone(),
            super::name_of(&own.state),
            now,
            own.from.to_string(),
            own.until.to_string(),
            format!("{} of {}", own.entry.number, own.entry.owner),
        ]
    }));
    let mut text = table(&rows);
    if let Some(next) = page.next {
        let _ = writeln!(text, "more: --before {next}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use kanhe_contracts::credit::assess;
    use kanhe_contracts::policy::Policy;
    use kanhe_contracts::state::MemoryState;

    fn answer(view: CreditSight) -> CreditAnswer {
        let organisation = "TESTMERCHANT01".parse().expect("a code");
        let (state, policy) = (MemoryState::default(), Policy::default());
        let own = assess(&state, &policy, &organisation, Millis(1_795_420_800_000));
        let own = own.expect("memory is readable");
        let public =
            kanhe_contracts::credit::public_credit(&state, &policy, &own).expect("readable");
        let assessment = (view == CreditSight::Full).then_some(own);
        CreditAnswer { view, organisation, height: 7, public, assessment }
    }

    #[test]
    fn a_score_is_shown_with_grades_and_supervision_and_explained_line_by_line() {
        let full = answer(CreditSight::Full);
        let text = describe(&full);
        assert!(text.contains("score 550 of 1000, zone grade BBB\nno customs grade\n"), "{text}");
        assert!(text.contains("50 of 1000 inspected, deposit 0 %, 10 days, no green"), "{text}");
        let text = explain(full.assessment.as_ref().expect("the full view"));
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].ends_with("facts of 2025-12 to 2026-11"), "{text}");
        assert!(lines.iter().any(|line| line.starts_with("agreement 单证一致")), "{text}");
        assert_eq!(lines.len(), 4 + full.assessment.map_or(0, |own| own.indicators.len()));
    }

    #[test]
    fn what_follows_again_is_compared_in_full() {
        let full = answer(CreditSight::Full).assessment.expect("the full view");
        let compare = |ours: &Assessment| compared(7, &full, ours, String::new(), json!({}));
        let same = compare(&full);
        assert!(same.text.contains("THE SAME: facts") && same.exit_code() == 0, "{}", same.text);
        let mut other = full.clone();
        other.facts.pop();
        let differs = compare(&other);
        assert!(
            differs.text.contains("NOT THE SAME: ") && differs.exit_code() == 1,
            "{}",
            differs.text
        );
        assert_eq!(differs.json["replay"]["same"], false);
    }

    #[test]
    fn who_may_not_see_the_score_sees_what_is_public() {
        let text = describe(&answer(CreditSight::Public));
        assert!(text.ends_with("what is public:\n  zone grade: BBB\n"), "{text}");
    }
}
