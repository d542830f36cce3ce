//! `kanhe trade`: trades and what was found in them.

use crate::answer::{Answer, CliError};
use crate::args::{HomeArgs, TradeCommand};
use crate::client::Client;
use crate::member::Member;
use crate::table::table;
use kanhe_api::limits::LIST_ITEMS_MAX;
use kanhe_api::path;
use kanhe_api::view::{Explanation, ExportView, TradeView, TradesPage};
use kanhe_contracts::access::InspectionRecord;
use kanhe_contracts::case::{Case, CaseSummary, DocumentMeta};
use kanhe_contracts::clearance::Clearance;
use kanhe_contracts::document::StatusSubject;
use kanhe_contracts::event::CaseState;
use kanhe_contracts::export::{Notice, NoticeFacts};
use kanhe_contracts::matching::{Finding, RuleId, Verdict};
use kanhe_contracts::risk::CaseRisk;
use kanhe_types::code::OrganisationCode;
use kanhe_types::hash::Hash;
use kanhe_types::receipt::CaseKey;
use kanhe_types::time::Millis;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::fmt::Write;

pub(super) fn run(command: &TradeCommand) -> Result<Answer, CliError> {
    match command {
        TradeCommand::List { home, state, organisation, limit, after } => {
            let wanted = Wanted {
                state: *state,
                organisation: organisation.as_ref(),
                limit: *limit,
                after: after.clone(),
            };
            list(home, wanted)
        }
        TradeCommand::Show { platform, order_no, home } => {
            show(home, &case_key(platform, order_no.as_deref())?)
        }
    }
}

/// Which trades are asked for.
struct Wanted<'a> {
    state: Option<CaseState>,
    organisation: Option<&'a OrganisationCode>,
    limit: usize,
    after: Option<String>,
}

/// `PLATFORM ORDER`, or `PLATFORM/ORDER`.
pub(super) fn case_key(platform: &str, order_no: Option<&str>) -> Result<CaseKey, CliError> {
    let parts = match order_no {
        Some(order_no) => Some((platform, order_no)),
        None => platform.split_once('/'),
    };
    let (platform, order_no) = parts.ok_or_else(|| {
        CliError::Usage("expected a platform's code and an order's number".into())
    })?;
    let platform = platform.parse().map_err(|error| CliError::Usage(format!("{error}")))?;
    Ok(CaseKey { platform, order_no: order_no.to_owned() })
}

fn list(home: &HomeArgs, wanted: Wanted<'_>) -> Result<Answer, CliError> {
    let member = Member::of(home)?;
    let page = pages(&member.client, wanted)?;
    let mut rows = vec![
        ["state", "platform", "order", "paid", "missing", "found"].map(str::to_owned).to_vec(),
    ];
    rows.extend(page.trades.iter().map(row));
    let mut text = table(&rows);
    if page.trades.is_empty() {
        text = "no trades\n".into();
    }
    if let Some(next) = &page.next {
        writeln!(text, "more: --after {next}").expect("writing to a string cannot fail");
    }
    Ok(Answer::yes(text, json!({ "trades": page.trades, "next": page.next })))
}

fn row(trade: &CaseSummary) -> Vec<String> {
    let kinds: Vec<String> = trade.missing.iter().map(super::name_of).collect();
    let rules = |rules: &[RuleId]| rules.iter().map(RuleId::to_string).collect::<Vec<_>>();
    let mut found = rules(&trade.failed);
    found.extend(rules(&trade.warned).into_iter().map(|rule| format!("({rule})")));
    vec![
        super::name_of(&trade.state),
        trade.key.platform.to_string(),
        trade.key.order_no.clone(),
        trade.actural_paid.map_or("-".into(), |paid| paid.to_string()),
        kinds.join(", "),
        found.join(" "),
    ]
}

/// Pages until there are enough trades or no more.
fn pages(client: &Client, wanted: Wanted<'_>) -> Result<TradesPage, CliError> {
    let mut all = TradesPage { trades: Vec::new(), next: wanted.after };
    loop {
        let missing = wanted.limit.saturating_sub(all.trades.len()).min(LIST_ITEMS_MAX);
        if missing == 0 {
            return Ok(all);
        }
        let page = page(client, wanted.state, wanted.organisation, all.next.as_deref(), missing)?;
        all.trades.extend(page.trades);
        all.next = page.next;
        if all.next.is_none() {
            return Ok(all);
        }
    }
}

fn page(
    client: &Client,
    state: Option<CaseState>,
    organisation: Option<&OrganisationCode>,
    after: Option<&str>,
    limit: usize,
) -> Result<TradesPage, CliError> {
    let mut target = format!("{}?limit={limit}", path::TRADES);
    let mut add = |name: &str, value: &str| {
        write!(target, "&{name}={}", path::percent_encode(value))
            .expect("writing to a string cannot fail");
    };
    if let Some(state) = state {
        add("state", &super::name_of(&state));
    }
    if let Some(organisation) = organisation {
        add("organisation", organisation.as_str());
    }
    if let Some(after) = after {
        add("after", after);
    }
    Ok(client.get(&target)?)
}

/// All trades that a client may see.
pub(super) fn all(client: &Client) -> Result<Vec<CaseSummary>, CliError> {
    let wanted = Wanted { state: None, organisation: None, limit: usize::MAX, after: None };
    Ok(pages(client, wanted)?.trades)
}

/// One trade.
pub(super) fn one(client: &Client, key: &CaseKey) -> Result<TradeView, CliError> {
    Ok(client.get(&path::trade(key))?)
}

/// What there is of a trade, whichever way its goods go.
#[derive(Deserialize, Serialize)]
#[serde(untagged)]
enum Shown {
    Import(Box<TradeView>),
    Export(Box<ExportView>),
}

fn show(home: &HomeArgs, key: &CaseKey) -> Result<Answer, CliError> {
    let member = Member::of(home)?;
    let shown: Shown = member.client.get(&path::trade(key))?;
    let text = match &shown {
        Shown::Import(view) => describe(view),
        Shown::Export(view) => describe_export(view),
    };
    Ok(Answer::yes(text, super::to_json(&shown)))
}

/// A trade in full: its documents, what the rules found, whose documents the values come from.
pub(super) fn describe(view: &TradeView) -> String {
    let case = &view.case;
    let mut text = format!(
        "order {} of platform {}: {}\n",
        case.key.order_no,
        case.key.platform,
        super::name_of(&case.state),
    );
    text.push_str(&standing(case.opened, case.changed_height, case.policy_version, &view.parties));
    let documents: Vec<Vec<String>> =
        metas(case).map(|(meta, is_held)| document_row(meta, is_held, &view.withheld)).collect();
    text.push_str(&grade(case.risk));
    text.push_str("documents:\n");
    text.push_str(&table(&documents));
    text.push_str(&money(case));
    text.push_str(&customs(&case.clearance));
    text.push_str(&inspections(&view.inspections));
    text.push_str(&findings(&view.findings, &view.explanations));
    text
}

/// The same of an export.
fn describe_export(view: &ExportView) -> String {
    let case = &view.export;
    let mut text = format!(
        "export order {} of platform {}: {}\n",
        case.key.order_no,
        case.key.platform,
        super::name_of(&case.state),
    );
    text.push_str(&standing(case.opened, case.changed_height, case.policy_version, &view.parties));
    let order = case.order.iter().map(|entry| (&entry.meta, entry.facts.is_some()));
    let receipts = case.receipts.iter().map(|entry| (&entry.meta, entry.facts.is_some()));
    let waybill = case.waybill.iter().map(|entry| (&entry.meta, entry.facts.is_some()));
    let list = case.list.iter().map(|entry| (&entry.meta, entry.facts.is_some()));
    let notices = case.notices.iter().map(|notice| (&notice.meta, true));
    let all = order.chain(receipts).chain(waybill).chain(list).chain(notices);
    let documents: Vec<Vec<String>> =
        all.map(|(meta, is_held)| document_row(meta, is_held, &view.withheld)).collect();
    text.push_str(&grade(case.risk));
    text.push_str("documents:\n");
    text.push_str(&table(&documents));
    text.push_str(&declared(&case.notices));
    text.push_str(&inspections(&view.inspections));
    text.push_str(&findings(&view.findings, &view.explanations));
    text
}

/// The declarations in which customs summed the list up.
fn declared(notices: &[Notice]) -> String {
    let rows = notices.iter().filter_map(|notice| match &notice.facts {
        NoticeFacts::Declared { sum_no, decl_seq_no, dec_pre_no, entry_id, dec_state, .. } => {
            let numbered = |name, number: &Option<String>| match number {
                Some(number) => format!("{name} {number}"),
                None => format!("no {name} yet"),
            };
            Some(vec![
                format!("  {dec_state}"),
                format!("at {}", notice.meta.app_time),
                format!("declaration {decl_seq_no} of summary {sum_no}"),
                numbered("pre-entry number", dec_pre_no),
                numbered("number", entry_id),
            ])
        }
        _ => None,
    });
    let rows: Vec<Vec<String>> = rows.collect();
    if rows.is_empty() {
        return String::new();
    }
    format!("customs summed up:\n{}", table(&rows))
}

fn inspections(inspections: &[InspectionRecord]) -> String {
    if inspections.is_empty() {
        return String::new();
    }
    let rows: Vec<Vec<String>> = inspections.iter().map(inspection_row).collect();
    format!("inspections:\n{}", table(&rows))
}

fn standing(opened: Millis, height: u64, policy: u32, parties: &[OrganisationCode]) -> String {
    let parties: Vec<&str> = parties.iter().map(OrganisationCode::as_str).collect();
    let parties = parties.join(", ");
    format!(
        "opened {opened}, last changed at height {height}, policy {policy}\nparties: {parties}\n"
    )
}

/// What follows for a trade from its merchant's grade, as far as it is shown.
pub(super) fn grade(risk: CaseRisk) -> String {
    let mut text = String::new();
    if let Some(days) = risk.collect_days {
        writeln!(text, "documents due in {days} days after it was opened, by its merchant's grade")
            .expect("writing to a string cannot fail");
    }
    if let Some(share) = risk.deposit_per_cent {
        writeln!(
            text,
            "{share} % of the tax to be deposited before release, by its merchant's grade"
        )
        .expect("writing to a string cannot fail");
    }
    text
}

fn findings(findings: &[Finding], explanations: &[Explanation]) -> String {
    let mut text = "findings:\n".to_owned();
    for (finding, explanation) in findings.iter().zip(explanations) {
        let mark = match finding.verdict {
            Verdict::Pass => "ok  ",
            Verdict::Fail => "FAIL",
            Verdict::Pending => "wait",
            Verdict::NotApplicable => "-   ",
        };
        let rule = format!("{} v{}", finding.rule, finding.version);
        writeln!(text, "  {mark}  {rule}  {}", explanation.en)
            .expect("writing to a string cannot fail");
        if finding.verdict == Verdict::Fail {
            writeln!(text, "                {}", explanation.zh)
                .expect("writing to a string cannot fail");
        }
    }
    text
}

fn metas(case: &Case) -> impl Iterator<Item = (&DocumentMeta, bool)> {
    let order = case.order.iter().map(|entry| (&entry.meta, entry.facts.is_some()));
    let payments = case.payment.iter().chain(&case.extra_payments);
    let payments = payments.map(|entry| (&entry.meta, entry.facts.is_some()));
    let waybill = case.waybill.iter().map(|entry| (&entry.meta, entry.facts.is_some()));
    let list = case.list.iter().map(|entry| (&entry.meta, entry.facts.is_some()));
    let refunds = case.refunds.iter().map(|entry| (&entry.meta, entry.facts.is_some()));
    let of_money = payments.chain(refunds);
    order.chain(of_money).chain(waybill).chain(list).chain(metas_after(&case.clearance))
}

/// Where the payment is a share of a larger one, and what went back.
fn money(case: &Case) -> String {
    let mut text = String::new();
    let payment = case.payment_facts();
    if let Some((amount, share)) =
        payment.and_then(|own| Some((own.amount_paid, own.share.as_ref()?)))
    {
        let (paid, orders) = (share.paid, share.orders);
        let line = match share.is_of_platform {
            true => format!("paid: {amount} of {paid}, divided between {orders} orders"),
            false => format!("paid: {amount}, not divided: the allocation is of another platform"),
        };
        writeln!(text, "{line}").expect("writing to a string cannot fail");
    }
    let refunds: Vec<Vec<String>> = case
        .refunds
        .iter()
        .filter_map(|own| own.facts.as_ref())
        .map(|own| {
            vec![
                format!("  {}", own.amount),
                format!("at {}", own.refund_time),
                format!("number {} of {}", own.refund_no, own.pay_code),
                format!("of payment {}", own.pay_transaction_id),
            ]
        })
        .collect();
    if !refunds.is_empty() {
        text.push_str("refunds:\n");
        text.push_str(&table(&refunds));
    }
    text
}

/// The documents that follow a list.
fn metas_after(clearance: &Clearance) -> impl Iterator<Item = (&DocumentMeta, bool)> {
    let delivery = clearance.delivery.iter().map(|entry| (&entry.meta, entry.facts.is_some()));
    let cancellations =
        clearance.cancellations.iter().map(|entry| (&entry.meta, entry.facts.is_some()));
    let returns = clearance.returns.iter().map(|own| (&own.entry.meta, own.entry.facts.is_some()));
    let statuses = clearance.statuses.iter().map(|status| (&status.meta, true));
    let bills = clearance.bills.iter().map(|bill| (&bill.meta, true));
    let of_bills = clearance.bill_statuses.iter().map(|status| (&status.meta, true));
    statuses.chain(delivery).chain(cancellations).chain(returns).chain(bills).chain(of_bills)
}

/// What customs said of the list and of returns.
fn customs(clearance: &Clearance) -> String {
    if clearance.statuses.is_empty() {
        return String::new();
    }
    let rows = clearance.statuses.iter().map(|status| {
        let subject = match &status.subject {
            StatusSubject::List => "list".to_owned(),
            StatusSubject::Return { sender, cop_no } => {
                format!("return {} of {sender}", cop_no.as_deref().unwrap_or("without number"))
            }
        };
        let number = format!("number {}", status.invt_no);
        vec![
            format!("  {}", status.return_status),
            format!("at {}", status.return_time),
            subject,
            number,
        ]
    });
    format!("customs said:\n{}", table(&rows.collect::<Vec<_>>()))
}

fn document_row(meta: &DocumentMeta, is_held: bool, withheld: &[Hash]) -> Vec<String> {
    let versions = meta.versions.len() + 1;
    let standing = match is_held {
        true => format!("version {versions}"),
        false if withheld.contains(&meta.document) => "not shown to you".into(),
        false => "withdrawn".into(),
    };
    vec![
        format!("  {}", super::name_of(&meta.kind)),
        format!("from {}", meta.signer),
        format!("height {}", meta.height),
        standing,
        meta.document.to_string(),
    ]
}

fn inspection_row(inspection: &InspectionRecord) -> Vec<String> {
    vec![
        format!("  {}", super::name_of(&inspection.result)),
        format!("by {}", inspection.agency),
        format!("height {}", inspection.height),
        inspection.inspected.clone(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use kanhe_contracts::capital::{RefundFacts, ShareFacts};
    use kanhe_contracts::case::{Entry, PaymentFacts};
    use kanhe_contracts::document::Body;
    use kanhe_contracts::fixture::{self, Trade, decimal};

    #[test]
    fn what_a_grade_does_is_shown_where_it_does_anything() {
        assert_eq!(grade(CaseRisk { is_observed: true, ..CaseRisk::default() }), "");
        let shown = grade(CaseRisk { collect_days: Some(3), ..CaseRisk::default() });
        assert_eq!(shown, "documents due in 3 days after it was opened, by its merchant's grade\n");
        let shown = grade(CaseRisk { deposit_per_cent: Some(50), ..CaseRisk::default() });
        assert!(shown.starts_with("50 % of the tax to be deposited before release"), "{shown}");
    }

    #[test]
    fn a_shared_payment_and_refunds_are_shown() {
        let trade = Trade::new(1);
        let mut case = Case::new(trade.case_key(), Millis(0));
        assert_eq!(money(&case), "");
        let meta = DocumentMeta {
            document: Hash([1; 32]),
            kind: kanhe_contracts::document::DocumentKind::Payment,
            app_time: trade.app_time,
            signer: trade.payment_firm.clone(),
            height: 1,
            versions: Vec::new(),
        };
        let Body::Payment(payment) = fixture::payment(&trade).body else { unreachable!() };
        let mut facts = PaymentFacts::new(payment, fixture::SCOPE);
        facts.share = Some(ShareFacts {
            allocation: Hash([2; 32]),
            orders: 3,
            allocated: decimal("300"),
            paid: decimal("300"),
            is_of_platform: true,
        });
        case.payment = Some(Entry { meta: meta.clone(), facts: Some(facts) });
        assert_eq!(money(&case), "paid: 118.5 of 300, divided between 3 orders\n");
        let refund = RefundFacts {
            pay_code: trade.payment_firm.clone(),
            pay_transaction_id: trade.transaction.clone(),
            refund_no: "BACK1".into(),
            amount: decimal("5"),
            refund_time: trade.app_time,
        };
        case.refunds.push(Entry { meta, facts: Some(refund) });
        let shown = money(&case);
        assert!(shown.contains("refunds:\n  5"), "{shown}");
        assert!(shown.contains("number BACK1 of TESTPAY001"), "{shown}");
    }

    #[test]
    fn customs_own_numbers_of_a_summary_are_shown() {
        let meta = DocumentMeta {
            document: Hash([1; 32]),
            kind: kanhe_contracts::document::DocumentKind::SummaryResult,
            app_time: fixture::time("20261201101112"),
            signer: fixture::code(fixture::AGENCY),
            height: 1,
            versions: Vec::new(),
        };
        let facts = NoticeFacts::Declared {
            sum_no: "S1".into(),
            decl_seq_no: "D1".into(),
            dec_pre_no: Some("P1".into()),
            entry_id: None,
            dec_state: "1".into(),
            ebc_code: fixture::code(fixture::MERCHANT),
            lines: Vec::new(),
        };
        assert_eq!(declared(&[]), "");
        let shown = declared(&[Notice { meta, facts }]);
        assert!(shown.contains("declaration D1 of summary S1"), "{shown}");
        assert!(
            shown.contains("pre-entry number P1") && shown.contains("no number yet"),
            "{shown}"
        );
    }

    #[test]
    fn a_trade_is_named_by_two_words_or_one_with_a_slash() {
        let named = |one: &str, two: Option<&str>| case_key(one, two).expect("a trade").order_no;
        assert_eq!(named("P1", Some("A/1")), "A/1");
        assert_eq!(named("P1/A/1", None), "A/1");
        assert!(case_key("P1", None).is_err());
        assert!(case_key("P-1", Some("A")).is_err());
    }
}
