//! Progress of long work, on stderr.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

/// Work shorter than this shows nothing.
const SHOWN_AFTER: Duration = Duration::from_secs(2);
/// Where stderr is no terminal, a line this often.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// A bar that appears when work takes longer than two seconds; plain lines now and then where
/// stderr is no terminal.
pub struct Progress {
    bar: ProgressBar,
    what: String,
    started: Instant,
    next_line: Instant,
    is_shown: bool,
}

impl Progress {
    /// Work of `total` steps; 0 where their number is not known.
    pub fn new(what: &str, total: u64) -> Self {
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::hidden());
        let template = match total {
            0 => "{msg} … {elapsed}",
            _ => "{msg} [{bar:30}] {pos}/{len} {per_sec} {eta}",
        };
        bar.set_style(ProgressStyle::with_template(template).expect("the template is valid"));
        bar.set_message(what.to_owned());
        let started = Instant::now();
        Self { bar, what: what.into(), started, next_line: started + SHOWN_AFTER, is_shown: false }
    }

    /// So many steps are done.
    pub fn at(&mut self, position: u64) {
        self.bar.set_position(position);
        self.show();
    }

    /// One more step is done.
    pub fn step(&mut self) {
        self.bar.inc(1);
        self.show();
    }

    /// Nothing new, but the work goes on.
    pub fn show(&mut self) {
        let now = Instant::now();
        if io::stderr().is_terminal() {
            if !self.is_shown && SHOWN_AFTER <= now - self.started {
                self.bar.set_draw_target(ProgressDrawTarget::stderr());
                self.is_shown = true;
            }
            return;
        }
        if self.next_line <= now {
            self.next_line = now + LINE_EVERY;
            match self.bar.length().unwrap_or(0) {
                0 => note(&format!("{} …", self.what)),
                total => note(&format!("{}: {} of {total}", self.what, self.bar.position())),
            }
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// One line on stderr.
pub fn note(text: &str) {
    // Progress that cannot be shown must not stop the work.
    let _ = writeln!(io::stderr().lock(), "{text}");
}
