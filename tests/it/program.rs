//! Runs the program as a user would, in a folder of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::root;

/// A folder with a configuration and an archive.
pub struct Desk {
    folder: TempDir,
}

/// How a command ended and what it printed.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    pub fn from(output: Output) -> Ran {
        Ran {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).expect("output is UTF-8"),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// The same, or a panic with everything that was printed.
    #[track_caller]
    pub fn ok(self) -> Ran {
        assert_eq!(self.code, 0, "out:\n{}\nerr:\n{}", self.out, self.err);
        self
    }

    /// Standard output as JSON, one object a line.
    #[track_caller]
    pub fn json(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
    }
}

impl Desk {
    /// A desk with the shipped configuration, whose fixtures are the repository's.
    pub fn shipped() -> Desk {
        let config = std::fs::read_to_string(root().join("config.toml")).unwrap();
        let fixtures = format!("fixtures = {:?}", root().join("fixtures"));
        assert!(config.contains("fixtures = \"fixtures\""));
        // Whoever has set it to live for work of his own must not have his tests ask the servers.
        let recorded = |line: &str| {
            if line.starts_with("transport =") { "transport = \"recorded\"".to_owned() } else { line.to_owned() }
        };
        let config: Vec<String> = config.lines().map(recorded).collect();
        Desk::with(&config.join("\n").replace("fixtures = \"fixtures\"", &fixtures))
    }

    /// A desk with a configuration of its own.
    pub fn with(config: &str) -> Desk {
        let desk = Desk { folder: TempDir::new().unwrap() };
        desk.file("config.toml", config.as_bytes());
        desk
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn archive(&self) -> PathBuf {
        self.path().join("archive")
    }

    /// Writes a file onto the desk.
    pub fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// The program, ready to be run here.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pullquote"));
        command.args(args).current_dir(self.path()).stdin(Stdio::null());
        command
    }

    /// The same, by a clock that is wrong: by as much as the file says, or from the time that it names on (libfaketime's words). How long
    /// something takes stays as it is. `None` where there is no faketime; CI must have it.
    pub fn clocked(&self, args: &[&str], clock: &Path) -> Option<Command> {
        let library = Path::new("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1");
        if !library.exists() {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "CI=true, but faketime is not there");
            return None;
        }
        let mut command = self.command(args);
        command.env("LD_PRELOAD", library).env("FAKETIME_TIMESTAMP_FILE", clock);
        command.env("FAKETIME_NO_CACHE", "1").env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        Some(command)
    }

    /// Runs the program to its end.
    pub fn run(&self, args: &[&str]) -> Ran {
        Ran::from(self.command(args).output().unwrap())
    }

    /// All posts of the archive, newest first.
    #[track_caller]
    pub fn posts(&self) -> Vec<Value> {
        self.run(&["search", "--json"]).ok().json()
    }
}
