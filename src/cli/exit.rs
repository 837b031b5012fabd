//! Exit codes: other programs rely on them, so they are constants with a meaning each, and `--help` prints them.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Everything was done.
    Ok,
    /// It could not be done.
    Failed,
    /// Done, but something was left out: a source failed, a file or a part of one could not be read. Single items
    /// without a post are counted, and are no failure.
    Partial,
    /// The command line or the configuration is wrong; nothing was done.
    Usage,
    /// The evidence is damaged.
    Damaged,
    /// Done, but a field that used to be full is now empty: a platform may have changed.
    Drift,
    /// Done, but a draft does not say what was posted.
    Misquoted,
    /// Stopped by the user; what was kept is safe, and the next run goes on.
    Interrupted,
}

/// Every way to end, for the help text and its test.
pub const ALL: &[(Exit, &str)] = &[
    (Exit::Ok, "done"),
    (Exit::Failed, "failed"),
    (Exit::Partial, "done, but some sources or files failed"),
    (Exit::Usage, "wrong command line or configuration"),
    (Exit::Damaged, "evidence is damaged"),
    (Exit::Drift, "done, but a field that used to be full is now empty"),
    (Exit::Misquoted, "done, but a draft misquotes a post, or quotes one that the archive does not hold"),
    (Exit::Interrupted, "interrupted; the next run goes on"),
];

impl Exit {
    /// The code that the system sees.
    pub const fn code(self) -> u8 {
        match self {
            Exit::Ok => 0,
            Exit::Failed => 1,
            Exit::Partial => 2,
            Exit::Usage => 3,
            Exit::Damaged => 4,
            Exit::Drift => 5,
            Exit::Misquoted => 6,
            Exit::Interrupted => 130,
        }
    }

    /// How a command over several inputs ended, of which `failed` gave nothing. `partly`: another gave not all it has.
    pub(super) fn of_inputs(failed: usize, all: usize, partly: bool) -> Exit {
        match failed {
            0 if !partly => Exit::Ok,
            failed if failed == all => Exit::Failed,
            _ => Exit::Partial,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.code())
    }
}
