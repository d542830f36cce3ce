//! Waiting for heights, as long as a caller wishes and the server runs.

use super::app::App;
use kanhe_api::limits::WAIT_MS_MAX;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// One caller's wait.
pub(super) struct Wait {
    executed: watch::Receiver<u64>,
    stopping: watch::Receiver<bool>,
    deadline: Instant,
}

impl Wait {
    /// A wait of `wait_ms`, cut to the bound.
    pub(super) fn new(app: &App, wait_ms: u64) -> Self {
        Self {
            executed: app.executed(),
            stopping: app.stopping.clone(),
            deadline: Instant::now() + Duration::from_millis(wait_ms.min(WAIT_MS_MAX)),
        }
    }

    /// What was executed until now needs no waiting: to be called before looking.
    pub(super) fn mark(&mut self) {
        self.executed.borrow_and_update();
    }

    /// Waits for a height to be executed since [`Self::mark`]; whether one was.
    pub(super) async fn for_height(&mut self) -> bool {
        tokio::select! {
            changed = self.executed.changed() => changed.is_ok(),
            _ = self.stopping.wait_for(|stopping| *stopping) => false,
            () = sleep_until(self.deadline) => false,
        }
    }

    /// Waits until the deadline.
    pub(super) async fn until_deadline(&mut self) {
        while self.for_height().await {
            self.mark();
        }
    }
}
