//! Who sees which statistics.

use super::privacy::traded;
use super::*;
use kanhe_api::statistics::{StatisticsAnswer, StatisticsView};
use kanhe_contracts::fixture::{AGENCY, MERCHANT, PLATFORM};
use kanhe_contracts::statistics::Month;

fn this_month() -> Month {
    Month::of(crate::http::app::now())
}

impl Zone {
    async fn statistics(&self, query: &str, reader: &str) -> StatisticsAnswer {
        let target = format!("{}?{query}", path::STATISTICS);
        self.get(target, reader).await.json(StatusCode::OK)
    }
}

#[tokio::test]
async fn agencies_see_all_statistics_and_enterprises_their_own() {
    let (zone, _, _) = traded().await;
    let query = format!("month={}&by=direction,enterprise", this_month());
    let answer = zone.statistics(&query, AGENCY).await;
    assert_eq!((answer.view, answer.is_closed), (StatisticsView::All, false));
    assert_eq!(answer.rows.len(), 1);
    assert_eq!(answer.rows[0].labels, ["import", MERCHANT]);
    assert_eq!((answer.rows[0].enterprises, answer.rows[0].lists), (1, 1));

    let own = zone.statistics(&query, MERCHANT).await;
    assert_eq!(own.view, StatisticsView::Own);
    assert_eq!(own.rows, answer.rows);
    assert_eq!(zone.statistics(&query, RIVAL).await.rows, []);
    assert_eq!(zone.statistics(&query, PLATFORM).await.rows, [], "the merchant's are the list's");
    let filtered = format!("{query}&chapter=99");
    assert_eq!(zone.statistics(&filtered, AGENCY).await.rows, []);
    zone.stop().await;
}

#[tokio::test]
async fn the_public_view_answers_no_free_questions() {
    let (zone, _, _) = traded().await;
    let open = format!("view=public&month={}", this_month());
    let answer = zone.statistics(&open, RIVAL).await;
    assert_eq!((answer.is_closed, answer.rows), (false, Vec::new()));
    let last = zone.statistics("view=public", RIVAL).await;
    assert!(last.is_closed && last.month == this_month().before());
    for query in [
        "view=public&enterprise=TESTEBC001",
        "view=public&chapter=33",
        "view=public&by=mode,country",
        "view=public&by=enterprise",
        "view=public&direction=sideways",
        "by=colour",
        "month=2026-13",
    ] {
        let target = format!("{}?{query}", path::STATISTICS);
        zone.get(target, AGENCY).await.error(ErrorCode::BadRequest);
    }
    let all = format!("{}?view=all", path::STATISTICS);
    zone.get(all, MERCHANT).await.error(ErrorCode::AgenciesOnly);
    zone.stop().await;
}
