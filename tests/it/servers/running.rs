//! Programs that are started beside the tests, and end with them.

use std::ffi::OsString;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Runs a command to its end.
///
/// What a script leaves running would hold a pipe open, so the output goes through a file.
pub fn finish(command: &mut Command) -> String {
    let mut out = tempfile::tempfile().unwrap();
    let (stdout, stderr) = (out.try_clone().unwrap(), out.try_clone().unwrap());
    let status = command.stdin(Stdio::null()).stdout(stdout).stderr(stderr).status().unwrap();
    let mut text = String::new();
    std::io::Seek::rewind(&mut out).unwrap();
    out.read_to_string(&mut text).unwrap();
    assert!(status.success(), "{command:?}: {status}\n{text}");
    text
}

/// A script with its arguments. What it leaves running inherits no lock of those who started the tests.
pub fn script(words: &[OsString]) -> Command {
    let mut command = Command::new("bash");
    let close =
        r#"for fd in /proc/$$/fd/*; do [ "${fd##*/}" -gt 2 ] && eval "exec ${fd##*/}>&-"; done; exec bash "$@""#;
    command.args(["-c", close, "bash"]).args(words);
    command
}

/// Kills the server whose number stands in a file when the tests are killed: a pipe closes then. (A signal at the
/// parent's death would come when the thread of one test ends.)
pub struct Watch(Child);

impl Watch {
    pub fn over(file: &Path) -> Watch {
        // That of an earlier run.
        let _ = fs::remove_file(file);
        let mut watch = Command::new("sh");
        watch.args(["-c", r#"read -r _; kill -KILL "$(cat "$0")""#]).arg(file);
        Watch(watch.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_server_dies_with_the_tests() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("pid");
    let mut watch = Watch::over(&file);
    let mut server = Command::new("sleep").arg("600").spawn().unwrap();
    fs::write(&file, server.id().to_string()).unwrap();
    // So the system does when the tests are killed.
    drop(watch.0.stdin.take());
    assert!(!server.wait().unwrap().success());
}

/// A server that a script left running; stopped by its number.
pub struct Running {
    number: String,
    _watch: Watch,
}

impl Running {
    /// Starts it with a script that writes its number to a file.
    pub fn start(mut script: Command, file: &Path) -> Running {
        let watch = Watch::over(file);
        finish(&mut script);
        Running { number: fs::read_to_string(file).unwrap().trim().to_owned(), _watch: watch }
    }

    /// Starts one that says in a log when it is ready: a script that does not wait for it long enough is no failure, as long as it
    /// is alive.
    pub fn when_it_says_so(mut script: Command, file: &Path, log: &Path, word: &str) -> Running {
        let watch = Watch::over(file);
        let said = || fs::read_to_string(log).unwrap_or_default();
        let status = script.stdin(Stdio::null()).stdout(Stdio::null()).status().unwrap();
        let number = fs::read_to_string(file).unwrap_or_default().trim().to_owned();
        let running = Running { number, _watch: watch };
        while !status.success() && !said().contains(word) {
            assert!(running.is_alive(), "{script:?}: {status}\n{}", said());
            std::thread::sleep(Duration::from_millis(100));
        }
        running
    }

    fn is_alive(&self) -> bool {
        // A process that has ended and was not waited for is there as a zombie.
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.number)).unwrap_or_default();
        stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().next()).is_some_and(|state| state != "Z")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        for signal in ["-TERM", "-KILL"] {
            let _ = Command::new("kill").args([signal, &self.number]).stderr(Stdio::null()).status();
            let start = Instant::now();
            while self.is_alive() && start.elapsed() < Duration::from_secs(10) {
                std::thread::sleep(Duration::from_millis(50));
            }
        }
    }
}
