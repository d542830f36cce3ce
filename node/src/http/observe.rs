//! Around every request: a bound on its time, its figures, and an end to panics.

use super::app::App;
use super::failure::Failure;
use super::limits::ANSWER_MS_MAX;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use kanhe_api::{ErrorCode, path};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

/// The label of requests for paths that do not exist.
const OTHER: &str = "other";

/// Answers with an error when a request takes too long or panics, and counts all of them.
pub(super) async fn observe(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let route = route(&request);
    let started = Instant::now();
    let answer = CatchPanic(Box::pin(next.run(request)));
    let answer = tokio::time::timeout(Duration::from_millis(ANSWER_MS_MAX), answer).await;
    let response = match answer {
        Ok(Ok(response)) => response,
        Ok(Err(Panicked)) => {
            app.metrics.panicked();
            tracing::error!(route, "a request panicked");
            Failure::internal().into_response()
        }
        Err(_) => Failure::timed_out().into_response(),
    };
    app.metrics.request(route, response.status().as_u16(), started.elapsed());
    response
}

/// The route that a request matched, as one of few labels.
fn route(request: &Request) -> &'static str {
    let matched = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    path::ALL.into_iter().find(|known| matched == Some(known)).unwrap_or(OTHER)
}

/// A path that does not exist.
pub(super) async fn unknown_path() -> Failure {
    Failure::new(ErrorCode::NotFound, "there is no such path", "/v1/openapi.json lists all paths")
}

/// A method that a path does not have.
pub(super) async fn unknown_method() -> Failure {
    Failure::new(
        ErrorCode::MethodNotAllowed,
        "the path does not have this method",
        "/v1/openapi.json lists the methods of each path",
    )
}

/// A request's future that ends with an error where it would panic.
struct CatchPanic<F>(Pin<Box<F>>);

/// The future panicked, and must not be polled again.
struct Panicked;

impl<F: Future> Future for CatchPanic<F> {
    type Output = Result<F::Output, Panicked>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        // Nobody looks at the future after it panicked; what requests share stays whole.
        match catch_unwind(AssertUnwindSafe(|| self.0.as_mut().poll(context))) {
            Ok(poll) => poll.map(Ok),
            Err(_) => Poll::Ready(Err(Panicked)),
        }
    }
}
