//! A progress bar on standard error, only where a person watches and only for work of more than a second.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

const SILENT: Duration = Duration::from_secs(1);

/// Progress of several pieces of work in turn.
pub(super) struct Bar {
    drawn: ProgressBar,
    started: Instant,
    shown: OnceLock<()>,
    watched: bool,
}

impl Bar {
    /// A bar that counts in `unit`s.
    pub(super) fn new(unit: &str) -> Self {
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::hidden());
        let style = ProgressStyle::with_template(&format!(
            "{{msg:>10}} {{wide_bar}} {{percent:>3}} % of {{len}} {unit}, {{eta}} left"
        ));
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self { drawn: bar, started: Instant::now(), shown: OnceLock::new(), watched: std::io::stderr().is_terminal() }
    }

    /// `done` of `all` units of the work called `name`; called from any thread.
    pub(super) fn report(&self, name: &str, done: u64, all: u64) {
        if !self.watched || self.started.elapsed() < SILENT {
            return;
        }
        self.shown.get_or_init(|| self.drawn.set_draw_target(ProgressDrawTarget::stderr()));
        if self.drawn.length() != Some(all) || self.drawn.message() != name {
            self.drawn.set_length(all);
            self.drawn.set_message(name.to_owned());
            self.drawn.reset_eta();
        }
        self.drawn.set_position(done);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.drawn.finish_and_clear();
    }
}
