//! Risk: what agencies see of it, and that nobody else does.

use super::assistance::{TAX, tax};
use super::privacy::traded_in;
use super::*;
use kanhe_api::risk::{AlertAnswer, AlertsPage, AssessmentView, RulesView};
use kanhe_api::view::{DocumentView, TradeView};
use kanhe_contracts::document::{Body as Said, RiskAct, RiskSignal, SignalSource};
use kanhe_contracts::fixture::{AGENCY, MERCHANT, PLATFORM, Trade};
use kanhe_contracts::policy::{Direction, Measures, ZoneGrade, ZoneSupervision};
use kanhe_contracts::risk::{
    AlertAct, AlertState, Disposition, ReviewOutcome, RiskPolicy, RiskRule, Subject, Suspect,
    Target,
};

pub(super) fn signal(suspect: Suspect, hold: bool) -> Document {
    fixture::governance(Said::RiskSignal(RiskSignal {
        suspect,
        source: SignalSource::Supervision,
        weight: 45,
        hold,
        reason: "测试线索".into(),
        evidence: None,
    }))
}

fn act(alert: u64, act: AlertAct) -> Document {
    fixture::governance(Said::RiskAct(RiskAct { alert, act }))
}

fn dispose(alert: u64, disposition: Disposition) -> Document {
    act(alert, AlertAct::Dispose { disposition, reason: "测试处置".into() })
}

fn suspect(trade: &Trade) -> Suspect {
    Suspect::Trade { direction: Direction::Import, case: trade.case_key() }
}

/// A policy with these rules alone, by which nothing is inspected.
fn policy(rules: Vec<RiskRule>) -> Policy {
    let mut risk = RiskPolicy { rules, ..RiskPolicy::none() };
    risk.inspection.budget_per_mille = 0;
    risk.inspection.random_per_mille = 0;
    Policy { risk, ..Policy::default() }
}

/// Every import is worth a look by tax.
fn every_import() -> RiskRule {
    RiskRule {
        id: "R01".into(),
        pattern: "testing".into(),
        on: Subject::Trade,
        target: Target::Trade,
        when: "trade.lines >= 1".into(),
        reaches: Vec::new(),
        weight: 40,
        owner: Role::Tax,
        en: "it has goods".into(),
        zh: "测试".into(),
    }
}

async fn says(zone: &Zone, signer: &str, document: Document) -> Hash {
    let view = zone.execute(signer, &[document]).await;
    assert!(view.receipts[0].receipt.is_accepted(), "{:?}", view.receipts);
    view.receipts[0].receipt.document
}

async fn listed(zone: &Zone, reader: &str, query: &str) -> Vec<u64> {
    let answer = zone.get(format!("{}{query}", path::ALERTS), reader).await;
    let page: AlertsPage = answer.json(StatusCode::OK);
    page.alerts.into_iter().map(|view| view.alert.number).collect()
}

#[tokio::test]
async fn an_alert_is_shown_with_its_reasons_to_who_has_it_and_to_customs() {
    let zone = Zone::start_under(&[tax()], policy(vec![every_import()])).await;
    let (zone, trade, documents) = traded_in(zone).await;
    let of_trade = path::assessment(&suspect(&trade));
    for reader in [TAX, AGENCY] {
        let found: AlertAnswer = zone.get(path::alert(1), reader).await.json(StatusCode::OK);
        assert_eq!(found.view.alert.owner, fixture::code(TAX), "{reader}");
        assert_eq!((found.view.alert.score, found.view.is_overdue), (40, false));
        let view: AssessmentView = zone.get(of_trade.clone(), reader).await.json(StatusCode::OK);
        let (one, other) = (&view.assessment, &found.assessment.assessment);
        assert_eq!(one, other);
        let rule = view.rules[0].as_ref().expect("a rule fired");
        assert_eq!((rule.when.as_str(), rule.zh.as_str()), ("trade.lines >= 1", "测试"));
        assert_eq!(view.assessment.hits[0].values, [("trade.lines".into(), "2".into())]);
        let named = view.trades[0].documents.iter().map(|own| own.id);
        let named: std::collections::BTreeSet<Hash> = named.collect();
        assert_eq!(named, documents.values().copied().collect());
    }
    assert_eq!(listed(&zone, TAX, "").await, [1]);
    assert_eq!(
        listed(&zone, AGENCY, "").await,
        Vec::<u64>::new(),
        "customs sees it, and does not have it"
    );

    says(&zone, TAX, dispose(1, Disposition::Release)).await;
    let outcome = ReviewOutcome::TruePositive;
    let recovered = Some(fixture::decimal("12.5"));
    let reviewed = AlertAct::Review { outcome, recovered, reason: "测试复核".into() };
    let reviewed = says(&zone, TAX, act(1, reviewed)).await;
    for reader in [TAX, AGENCY] {
        zone.get(path::document(&reviewed), reader).await.json::<DocumentView>(StatusCode::OK);
        let view: RulesView = zone.get(path::RISK_RULES, reader).await.json(StatusCode::OK);
        assert_eq!((view.policy_version, view.rules[0].record.fired), (1, 1));
        assert_eq!(view.rules[0].precision_per_mille, Some(1_000));
        assert_eq!(view.version.record.recovered, fixture::decimal("12.5"));
    }
    zone.get(format!("{}?policy_version=1", path::RISK_RULES), TAX)
        .await
        .json::<RulesView>(StatusCode::OK);
    let later = format!("{}?policy_version=2", path::RISK_RULES);
    zone.get(later, TAX).await.error(ErrorCode::NotFound);
    zone.stop().await;
}

#[tokio::test]
async fn alerts_are_listed_by_who_has_them_now_and_hidden_from_suspects() {
    let zone = Zone::start_under(&[tax()], policy(Vec::new())).await;
    let (zone, trade, _) = traded_in(zone).await;
    let organisation = fixture::code(MERCHANT);
    let merchant = Suspect::Organisation { organisation };
    let said = says(&zone, TAX, signal(suspect(&trade), true)).await;
    says(&zone, TAX, signal(merchant.clone(), false)).await;
    assert_eq!(listed(&zone, AGENCY, "").await, [2, 1]);
    // Who signals something has no alert by that.
    assert_eq!(listed(&zone, TAX, "").await, Vec::<u64>::new());
    zone.get(path::alert(1), TAX).await.error(ErrorCode::NotFound);
    zone.get(path::document(&said), TAX).await.json::<DocumentView>(StatusCode::OK);
    says(&zone, AGENCY, dispose(1, Disposition::Transfer { to: fixture::code(TAX) })).await;
    assert_eq!((listed(&zone, TAX, "").await, listed(&zone, AGENCY, "").await), (vec![1], vec![2]));
    says(&zone, TAX, act(1, AlertAct::Assign { desk: "D1".into() })).await;
    for (query, found) in [
        ("?state=assigned", vec![1]),
        ("?state=raised", vec![]),
        ("?level=medium&overdue=false", vec![1]),
        ("?level=high", vec![]),
        ("?overdue=true", vec![]),
    ] {
        assert_eq!(listed(&zone, TAX, query).await, found, "{query}");
    }
    let page: AlertsPage =
        zone.get(format!("{}?limit=1", path::ALERTS), AGENCY).await.json(StatusCode::OK);
    assert_eq!((page.alerts.len(), page.next), (1, Some(2)));
    assert_eq!(page.alerts[0].alert.state, AlertState::Raised);
    for wrong in ["?state=lost", "?limit=0", "?more=1"] {
        let answer = zone.get(format!("{}{wrong}", path::ALERTS), AGENCY).await;
        answer.error(ErrorCode::BadRequest);
    }
    zone.get("/v1/risk/alerts/one", AGENCY).await.error(ErrorCode::BadRequest);
    zone.get("/v1/risk/cases/away/TESTEBP001/1", AGENCY).await.error(ErrorCode::BadRequest);
    zone.get(path::alert(9), AGENCY).await.error(ErrorCode::NotFound);

    // The suspects see that the trade is held, and nothing else; so do all enterprises.
    for reader in [MERCHANT, PLATFORM] {
        let case = zone.get(path::trade(&trade.case_key()), reader).await;
        let case: TradeView = case.json(StatusCode::OK);
        assert!(case.case.risk.is_held, "{reader}");
    }
    for reader in [MERCHANT, PLATFORM, BANK, RIVAL] {
        for target in [
            path::ALERTS.to_owned(),
            path::alert(1),
            path::alert(9),
            path::assessment(&suspect(&trade)),
            path::assessment(&merchant),
            path::RISK_RULES.to_owned(),
            path::document(&said),
        ] {
            zone.get(target, reader).await.error(ErrorCode::NotFound);
        }
    }
    zone.stop().await;
}

#[tokio::test]
async fn only_agencies_are_told_of_the_green_channel() {
    let measures = Measures { green_channel: Some(true), ..Measures::default() };
    let row = |grade| ZoneSupervision { grade, measures };
    let mut policy = policy(vec![every_import()]);
    policy.credit.zone_supervision = ZoneGrade::ALL.into_iter().map(row).collect();
    let (zone, trade, _) = traded_in(Zone::start_under(&[tax()], policy).await).await;
    let target = || path::assessment(&suspect(&trade));
    for reader in [AGENCY, TAX] {
        let view: AssessmentView = zone.get(target(), reader).await.json(StatusCode::OK);
        let AssessmentView { assessment, .. } = view;
        assert_eq!((assessment.is_green, assessment.alert), (true, Some(1)), "{reader}");
    }
    for reader in [MERCHANT, PLATFORM] {
        zone.get(target(), reader).await.error(ErrorCode::NotFound);
    }
    zone.stop().await;
}
