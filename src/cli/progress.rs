//! Progress on a terminal; elsewhere nothing.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A spinner with a message, for work whose size nobody knows.
pub(super) fn spinner() -> ProgressBar {
    let bar = bar(None);
    bar.set_style(style("{spinner} {elapsed_precise} {wide_msg}"));
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

/// A bar over a number of bytes.
pub(super) fn bytes(total: u64) -> ProgressBar {
    let bar = bar(Some(total));
    bar.set_style(style("{bar:30} {bytes}/{total_bytes} {bytes_per_sec} {eta} {wide_msg}"));
    bar
}

fn bar(total: Option<u64>) -> ProgressBar {
    let target =
        if std::io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    ProgressBar::with_draw_target(total, target)
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
