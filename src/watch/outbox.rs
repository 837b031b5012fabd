//! Tells alarms to a command and to an address, beside the jobs: never in their way, whatever these do.
//!
//! Alarms wait in an [`Outbox`] of bounded length and are told one at a time, on the thread of the [watchman](super::watchman), each within a
//! time limit. The command gets the alarm as JSON on its standard input and the key facts in its environment, from which
//! credentials were taken; what it prints goes nowhere but, if it fails, into the log.

use std::collections::VecDeque;
use std::process::Stdio;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};
use tokio::sync::Notify;
use url::Url;

use super::alarm::Alarm;
use crate::http::{self, Webhook};
use crate::quote::visible;

/// Most alarms that wait; the oldest goes when another comes.
const WAITING: usize = 100;

/// Most that is read of what a command complains.
const COMPLAINT: usize = 4096;

/// How long a receiver may take, and how long it is left alone after each of its failures before it is tried again.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    pub limit: Duration,
    pub pauses: [Duration; 3],
}

impl Default for Patience {
    fn default() -> Patience {
        Patience { limit: Duration::from_secs(30), pauses: [1, 5, 15].map(Duration::from_secs) }
    }
}

/// Who is told.
#[derive(Debug, Clone, Default)]
pub struct Receivers {
    /// A command of the shell.
    pub hook: Option<String>,
    /// Variables that it must not see: they hold secrets.
    pub hidden: Vec<String>,
    /// An address, with the options by which it is asked.
    pub webhook: Option<(Url, http::Options)>,
    /// The archive's folder.
    pub archive: String,
}

impl Receivers {
    fn is_nobody(&self) -> bool {
        self.hook.is_none() && self.webhook.is_none()
    }
}

/// Alarms that are still to be told.
#[derive(Debug, Clone, Default)]
pub struct Outbox(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    wake: Notify,
}

#[derive(Debug, Default)]
struct State {
    receivers: Receivers,
    queue: VecDeque<(Alarm, DateTime<Utc>)>,
    /// Whether one is being told.
    is_busy: bool,
    /// Alarms that gave way to others since the last that was told, and ever.
    dropped: (u64, u64),
    /// What could not be told and why, for the log.
    faults: Vec<String>,
    is_closing: bool,
}

impl Outbox {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on these are told.
    pub fn tell(&self, receivers: Receivers) {
        self.state().receivers = receivers;
    }

    /// Puts an alarm behind the others.
    pub fn push(&self, alarm: Alarm, at: DateTime<Utc>) {
        let mut state = self.state();
        if state.receivers.is_nobody() {
            return;
        }
        if state.queue.len() >= WAITING {
            state.queue.pop_front();
            state.dropped = (state.dropped.0 + 1, state.dropped.1 + 1);
        }
        state.queue.push_back((alarm, at));
        drop(state);
        self.0.wake.notify_one();
    }

    /// Whether everything was told, or given up.
    pub fn is_empty(&self) -> bool {
        let state = self.state();
        state.queue.is_empty() && !state.is_busy
    }

    /// Alarms that gave way to others.
    pub fn dropped(&self) -> u64 {
        self.state().dropped.1
    }

    /// What could not be told since this was last asked.
    pub fn faults(&self) -> Vec<String> {
        std::mem::take(&mut self.state().faults)
    }

    /// No further alarms come.
    pub fn close(&self) {
        self.state().is_closing = true;
        self.0.wake.notify_one();
    }

    async fn next(&self) -> Option<(Alarm, DateTime<Utc>, Receivers, u64)> {
        loop {
            {
                let mut state = self.state();
                if let Some((alarm, at)) = state.queue.pop_front() {
                    state.is_busy = true;
                    let dropped = std::mem::take(&mut state.dropped.0);
                    return Some((alarm, at, state.receivers.clone(), dropped));
                }
                if state.is_closing {
                    return None;
                }
            }
            self.0.wake.notified().await;
        }
    }

    /// Tells what comes, one alarm at a time, until it is closed and empty.
    pub async fn serve(self, patience: Patience) {
        while let Some((alarm, at, receivers, dropped)) = self.next().await {
            let told = object(&alarm, at, &receivers.archive, dropped).to_string();
            let asked = receivers.webhook.as_ref().map(|(url, options)| (Webhook::new(url, options), url));
            if let Some(command) = &receivers.hook {
                let tell = || hook(command, &alarm, &told, &receivers, patience.limit);
                self.patiently("the hook", alarm.name, patience, tell).await;
            }
            match &asked {
                Some((Ok(webhook), _)) => {
                    let tell = || limited(patience.limit, webhook.post(told.clone()));
                    self.patiently("the webhook", alarm.name, patience, tell).await;
                }
                Some((Err(error), _)) => self.state().faults.push(format!("the webhook cannot be asked: {error}")),
                None => {}
            }
            self.state().is_busy = false;
        }
    }

    /// Tries until it is told, or patience is at its end.
    async fn patiently<F: Future<Output = Result<(), String>>>(
        &self,
        who: &str,
        alarm: &str,
        patience: Patience,
        tell: impl Fn() -> F,
    ) {
        let mut pauses = patience.pauses.into_iter();
        while let Err(why) = tell().await {
            let pause = pauses.next();
            let then = match pause {
                Some(pause) => format!("it is tried again in {} s", pause.as_secs()),
                None => "it is given up".to_owned(),
            };
            let why = visible(why.trim()).replace('\n', " ");
            self.state().faults.push(format!("{who} was not told of {alarm}: {why}; {then}"));
            let Some(pause) = pause else { return };
            tokio::time::sleep(pause).await;
        }
    }
}

/// An alarm as a program reads it.
fn object(alarm: &Alarm, at: DateTime<Utc>, archive: &str, dropped: u64) -> Value {
    let Alarm { name, job, source, what, details } = alarm;
    json!({
        "event": name, "at": at.to_rfc3339_opts(SecondsFormat::Secs, true), "job": job, "source": source, "what": what,
        "details": details, "archive": archive, "dropped": dropped, "program": concat!("pullquote ", env!("CARGO_PKG_VERSION")),
    })
}

async fn limited(limit: Duration, work: impl Future<Output = Result<(), String>>) -> Result<(), String> {
    let late = || Err(format!("it took longer than {limit:?}"));
    tokio::time::timeout(limit, work).await.unwrap_or_else(|_| late())
}

/// Runs the command. When its time is over, or this is dropped before its end, it and all that it has started are ended.
async fn hook(command: &str, alarm: &Alarm, told: &str, receivers: &Receivers, limit: Duration) -> Result<(), String> {
    let fact = |text: &str| visible(text).replace(['\n', '\t'], " ");
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    shell.env("PULLQUOTE_EVENT", alarm.name).env("PULLQUOTE_WHAT", fact(&alarm.what));
    shell.env("PULLQUOTE_JOB", fact(alarm.job.as_deref().unwrap_or_default()));
    shell.env("PULLQUOTE_SOURCE", fact(alarm.source.as_deref().unwrap_or_default()));
    shell.env("PULLQUOTE_ARCHIVE", &receivers.archive);
    for variable in &receivers.hidden {
        shell.env_remove(variable);
    }
    // In a group of its own: Ctrl-C is for the jobs, and the end of the time limit for all that the command has started.
    let mut child = shell.process_group(0).kill_on_drop(true).spawn().map_err(|error| format!("run sh: {error}"))?;
    let mut group = Group(child.id());
    let ended = tokio::time::timeout(limit, wait(&mut child, told)).await;
    if ended.is_ok() {
        // What a command leaves behind on purpose is its own affair.
        group.0 = None;
    }
    ended.unwrap_or_else(|_| Err(format!("it took longer than {limit:?}")))
}

/// Gives the command the alarm and waits for its end.
async fn wait(child: &mut Child, told: &str) -> Result<(), String> {
    let (input, complaints) = (child.stdin.take(), child.stderr.take());
    let feed = async {
        if let Some(mut input) = input {
            // A command need not read what it is told.
            let _unread = input.write_all(format!("{told}\n").as_bytes()).await;
        }
    };
    let mut heard = Vec::new();
    let listen = async {
        if let Some(mut complaints) = complaints {
            let mut piece = [0; 1024];
            while let Ok(read @ 1..) = complaints.read(&mut piece).await {
                let room = COMPLAINT.saturating_sub(heard.len());
                heard.extend(piece.iter().take(read.min(room)));
            }
        }
    };
    let ended = {
        let both = async { tokio::join!(feed, listen) };
        tokio::pin!(both);
        tokio::select! {
            ended = child.wait() => {
                // Whatever it has left running in the background may hold its output open.
                let _late = tokio::time::timeout(Duration::from_millis(100), &mut both).await;
                ended
            }
            _ = &mut both => child.wait().await,
        }
    };
    match ended {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => {
            let said = String::from_utf8_lossy(&heard).into_owned();
            Err(format!("it ended with {status}{}{}", if said.is_empty() { "" } else { ": " }, said.trim()))
        }
        Err(error) => Err(format!("wait for it: {error}")),
    }
}

/// The processes of a command that has not ended. Dropped, they are ended.
struct Group(Option<u32>);

impl Drop for Group {
    fn drop(&mut self) {
        let Some(id) = self.0 else { return };
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", &format!("kill -s KILL -- -{id}")]).stdin(Stdio::null()).stdout(Stdio::null());
        // Those that have ended cannot be ended.
        let _gone = shell.stderr(Stdio::null()).status();
    }
}

#[cfg(test)]
mod tests {
    use super::super::alarm::Known;
    use super::*;
    use std::time::Instant;

    const SWIFT: Patience = Patience { limit: Duration::from_millis(400), pauses: [Duration::from_millis(5); 3] };

    fn alarm(why: &str) -> Alarm {
        Known::default().waits(why).unwrap()
    }

    /// Tells these alarms with a command; what the log says of it, and how long it took.
    fn tell(command: &str, alarms: impl IntoIterator<Item = Alarm>) -> (Vec<String>, Duration) {
        let outbox = Outbox::default();
        outbox.tell(Receivers {
            hook: Some(command.to_owned()),
            hidden: vec!["PATH_TO_SECRET".to_owned()],
            archive: "archive".to_owned(),
            ..Receivers::default()
        });
        alarms.into_iter().for_each(|alarm| outbox.push(alarm, DateTime::UNIX_EPOCH));
        outbox.close();
        let start = Instant::now();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(outbox.clone().serve(SWIFT));
        assert!(outbox.is_empty());
        (outbox.faults(), start.elapsed())
    }

    #[test]
    fn a_command_is_told_the_alarm_and_its_facts() {
        let folder = tempfile::tempdir().unwrap();
        let told = folder.path().join("told");
        let command =
            format!("cat >> '{0}'; echo \"$PULLQUOTE_EVENT|$PULLQUOTE_WHAT|$PULLQUOTE_JOB\" >> '{0}'", told.display());
        assert_eq!(tell(&command, [alarm("disk \"full\"\u{202e}\n$(id)")]).0, [""; 0]);
        let told = std::fs::read_to_string(told).unwrap();
        let lines: Vec<&str> = told.lines().collect();
        let object: Value = serde_json::from_str(lines[0]).unwrap();
        assert_eq!((&object["event"], &object["at"]), (&json!("archive-waits"), &json!("1970-01-01T00:00:00Z")));
        assert_eq!(lines[1], "archive-waits|the archive cannot be written: disk \"full\"<U+202E> $(id)|");
        assert_eq!(lines.len(), 2);
    }

    #[test]
    fn a_command_that_fails_is_tried_again_three_times() {
        let folder = tempfile::tempdir().unwrap();
        let count = folder.path().join("count");
        let (faults, _) =
            tell(&format!("echo x >> '{}'; echo 'no \u{1b}[1m post' >&2; exit 7", count.display()), [alarm("x")]);
        assert_eq!(std::fs::read_to_string(count).unwrap().lines().count(), 4);
        assert_eq!(faults.len(), 4, "{faults:?}");
        assert!(faults[0].contains("ended with exit status: 7: no ␛[1m post; it is tried again in 0 s"), "{faults:?}");
        assert!(faults[3].ends_with("it is given up"), "{faults:?}");
    }

    #[test]
    fn a_command_that_hangs_is_ended_with_all_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let alive = folder.path().join("alive");
        let command = format!("(sleep 2; echo x > '{}') & sleep 30", alive.display());
        let (faults, took) = tell(&command, [alarm("x")]);
        assert!(faults.len() == 4 && faults[0].contains("it took longer than 400ms"), "{faults:?}");
        assert!(took < Duration::from_secs(6), "{took:?}");
        std::thread::sleep(Duration::from_millis(2500));
        assert!(!alive.exists(), "what it had started lives on");
    }

    #[test]
    fn what_does_not_read_or_leaves_something_behind_is_not_waited_for() {
        let long = alarm(&"x".repeat(100_000));
        for command in ["exec <&-; true", "sleep 20 & true", "yes >&2 & sleep 0.1", "true"] {
            let (faults, took) = tell(command, [long.clone()]);
            assert!(faults.is_empty() && took < Duration::from_secs(2), "{command}: {faults:?} {took:?}");
        }
    }

    #[test]
    fn the_oldest_give_way_and_are_counted() {
        let folder = tempfile::tempdir().unwrap();
        let told = folder.path().join("told");
        let alarms = (0..103).map(|n| alarm(&n.to_string()));
        assert_eq!(tell(&format!("cat >> '{}'", told.display()), alarms).0, [""; 0]);
        let told = std::fs::read_to_string(told).unwrap();
        let told: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!((told.len(), &told[0]["dropped"], &told[1]["dropped"]), (100, &json!(3), &json!(0)));
        assert_eq!(told[0]["details"]["why"], "3");
    }
}
