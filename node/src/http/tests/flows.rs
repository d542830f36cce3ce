//! Whose flows they are, and what stands behind them.

use super::assistance::{TAX, tax};
use super::privacy::{traded, traded_in};
use super::*;
use kanhe_api::flows::{
    FlowAmount, FlowCasesPage, FlowPartView, FlowsAnswer, FlowsRow, FlowsView, Outstanding,
};
use kanhe_contracts::document::{
    Body as Said, Deduction, DeductionKind, EntryAct, NettingFacts, NettingStatementAct,
};
use kanhe_contracts::fixture::{
    AGENCY, CARRIER, MERCHANT, PAYMENT_FIRM, PLATFORM, Trade, export, order,
};
use kanhe_contracts::flows::Figure;
use kanhe_contracts::policy::Direction;
use kanhe_contracts::statistics::Month;
use kanhe_types::hash::Hash;

impl Zone {
    async fn flows(&self, query: &str, reader: &str) -> FlowsAnswer {
        self.get(format!("{}?{query}", path::FLOWS), reader).await.json(StatusCode::OK)
    }

    async fn opened(&self, query: &str, reader: &str) -> FlowCasesPage {
        self.get(format!("{}?{query}", path::FLOW_CASES), reader).await.json(StatusCode::OK)
    }
}

/// The sum of the amounts of a figure on all pages, in its unit of the answer.
fn sum(parts: &[FlowPartView], figure: Figure) -> i128 {
    let of_figure = parts.iter().filter(|part| part.figure == figure);
    of_figure
        .map(|part| match part.amount.as_ref().expect("nothing is withheld") {
            FlowAmount::Count(count) => i128::from(*count),
            FlowAmount::Decimal(text) => fixture::decimal(text).units(),
        })
        .sum()
}

fn shown(row: &FlowsRow, figure: Figure) -> i128 {
    let text = row.text(figure);
    match figure.unit() {
        kanhe_contracts::flows::Unit::Count => text.parse().expect("a count"),
        _ => fixture::decimal(&text).units(),
    }
}

#[tokio::test]
async fn agencies_see_all_flows_and_merchants_their_own() {
    let (zone, trade, documents) = traded().await;
    let answer = zone.flows("by=month,mode,organisation", AGENCY).await;
    assert_eq!(answer.view, FlowsView::All);
    let [row] = answer.rows.as_slice() else { panic!("{answer:#?}") };
    let month = Month::of(crate::http::app::now()).to_string();
    assert_eq!(row.labels, [month.clone(), "9610".into(), MERCHANT.into()]);
    assert_eq!(
        (row.direction, row.currency.as_str(), row.merchants),
        (Direction::Import, "142", 1)
    );
    let paid = FlowAmount::Decimal("118.5".into());
    assert_eq!(row.capital[&Figure::Paid], paid);
    assert_eq!(row.goods[&Figure::ShippedParcels], FlowAmount::Count(1));
    assert_eq!(row.information[&Figure::Documents], FlowAmount::Count(4));
    let Outstanding { money, parcels, documents: missing, .. } = &row.outstanding;
    assert_eq!((money.as_str(), *parcels, *missing), ("0", 1, 0));
    assert_eq!(row.receipts, None);

    let own = zone.flows("by=month,mode,organisation", MERCHANT).await;
    assert_eq!((own.view, &own.rows), (FlowsView::Own, &answer.rows));
    for reader in [PLATFORM, RIVAL, CARRIER] {
        assert_eq!(zone.flows("", reader).await.rows, [], "{reader}: the merchant's");
        let others = format!("organisation={MERCHANT}");
        assert_eq!(zone.flows(&others, reader).await.rows, []);
        assert_eq!(zone.opened(&others, reader).await.cases, []);
        assert_eq!(zone.opened("", reader).await.cases, []);
    }
    assert_eq!(zone.flows("from=2026-01&to=2026-02", AGENCY).await.rows, []);
    assert_eq!(zone.flows("direction=export", AGENCY).await.rows, []);

    let page = zone.opened("figure=paid", MERCHANT).await;
    let [case] = page.cases.as_slice() else { panic!("{page:#?}") };
    assert_eq!((&case.case, case.month.to_string()), (&trade.case_key(), month));
    let payment = FlowPartView {
        figure: Figure::Paid,
        currency: "142".into(),
        amount: Some(paid),
        documents: vec![documents[PAYMENT_FIRM]],
    };
    assert_eq!(case.parts, [payment]);
    zone.stop().await;
}

/// The payment firm kept back 30 USD of the merchant's receipts of this month.
fn statement() -> kanhe_contracts::document::Document {
    let commission = Deduction { kind: DeductionKind::Commission, amount: fixture::decimal("30") };
    fixture::governance(Said::NettingStatement(EntryAct {
        owner: fixture::code(PAYMENT_FIRM),
        number: "N1".into(),
        act: NettingStatementAct::State(NettingFacts {
            merchant: fixture::code(MERCHANT),
            month: Month::of(crate::http::app::now()),
            mode: "9610".into(),
            currency: "502".into(),
            credited: fixture::decimal("300"),
            deductions: vec![commission],
            report: Hash([1; 32]),
        }),
    }))
}

#[tokio::test]
async fn what_is_opened_adds_up_to_the_figures_page_by_page() {
    let zone = Zone::start().await;
    for number in 1..4 {
        let trade = Trade::new(number);
        for document in export::documents(&trade).into_iter().take(6) {
            let who = match document.kind() {
                kanhe_contracts::document::DocumentKind::Arrival => continue,
                _ => fixture::signer(&trade, &document),
            };
            let view = zone.execute(who.as_str(), &[document]).await;
            assert!(view.receipts[0].receipt.is_accepted(), "{:?}", view.receipts);
        }
    }
    zone.execute(PLATFORM, &[order(&Trade::new(9))]).await;
    for reader in [AGENCY, MERCHANT] {
        if reader == MERCHANT {
            let view = zone.execute(PAYMENT_FIRM, &[statement()]).await;
            assert!(view.receipts[0].receipt.is_accepted(), "{:?}", view.receipts);
        }
        let rows = zone.flows("", reader).await.rows;
        assert_eq!(rows.len(), 2, "{reader}");
        for row in rows {
            let direction = match row.direction {
                Direction::Import => "import",
                Direction::Export => "export",
            };
            let (mut parts, mut cases) = (Vec::new(), 0i128);
            let mut target = format!("direction={direction}&currency={}&limit=2", row.currency);
            loop {
                let page = zone.opened(&target, reader).await;
                cases += i128::try_from(page.cases.len()).expect("few");
                parts.extend(page.statements.into_iter().flat_map(|own| own.parts));
                parts.extend(page.cases.into_iter().flat_map(|case| case.parts));
                let Some(next) = page.next else { break };
                let (currency, after) = (&row.currency, next);
                target = format!("direction={direction}&currency={currency}&limit=2&after={after}");
            }
            assert_eq!(shown(&row, Figure::Cases), cases);
            for figure in Figure::ALL {
                assert_eq!(shown(&row, *figure), sum(&parts, *figure), "{reader} {figure:?}");
            }
        }
    }
    // Of customs' business statements are not: it sees that there is one.
    let page = zone.opened("figure=deducted", AGENCY).await;
    assert_eq!((page.statements.len(), &page.statements[0].parts[0].amount), (1, &None));
    assert_eq!(zone.opened("figure=paid", AGENCY).await.statements, []);
    let exports = &zone.flows("direction=export", AGENCY).await.rows[0];
    let gaps = exports.receipts.as_ref().expect("exports have receipts");
    let counts = [gaps.netted, gaps.open, gaps.may_differ, gaps.unexplained];
    assert_eq!((gaps.gap.as_str(), counts), ("0", [0; 4]));
    assert_eq!(
        (exports.text(Figure::Deducted), exports.text(Figure::Credited)),
        ("30".to_owned(), "300".to_owned())
    );
    assert_eq!(exports.text(Figure::Received), "330");
    zone.stop().await;
}

#[tokio::test]
async fn an_amount_is_withheld_with_any_document_from_which_it_follows() {
    let zone = Zone::start_with(&[tax()]).await;
    let (zone, _, _) = traded_in(zone).await;
    let page = zone.opened("", TAX).await;
    let part = |figure: Figure| {
        page.cases[0].parts.iter().find(|part| part.figure == figure).expect("there is one")
    };
    assert_eq!(part(Figure::Paid).amount, None, "payments are not its business");
    assert_eq!(part(Figure::Paid).documents.len(), 1, "that there is one is");
    assert_eq!(part(Figure::ShippedGross).amount, None);
    assert_eq!(part(Figure::Ordered).amount, Some(FlowAmount::Decimal("118.5".into())));
    assert_eq!(part(Figure::Cases).amount, Some(FlowAmount::Count(1)));
    zone.stop().await;
}

#[tokio::test]
async fn questions_that_make_no_sense_are_refused() {
    let zone = Zone::start().await;
    for query in [
        "by=colour",
        "mode=96",
        "currency=usd",
        "from=2026-11&to=2026-10",
        "from=2020-01&to=2026-10",
        "from=2026-13",
        "direction=sideways",
        "unknown=1",
    ] {
        let target = format!("{}?{query}", path::FLOWS);
        zone.get(target, AGENCY).await.error(ErrorCode::BadRequest);
    }
    for query in ["figure=colour", "limit=0", "limit=101", "after=zz", "by=month"] {
        let target = format!("{}?{query}", path::FLOW_CASES);
        zone.get(target, MERCHANT).await.error(ErrorCode::BadRequest);
    }
    zone.stop().await;
}
