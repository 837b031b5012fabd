//! What the benches share: made-up posts from `../shared/bench/gen.rs`, and CPU seconds.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Where benches keep what they make: inside the target folder, so that cleaning up is known.
pub fn folder() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    let folder = target.join("bench-data");
    std::fs::create_dir_all(&folder).expect("the target folder can be written");
    folder
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Starts the generator in one of its formats; `None`, with a word why, in a clone without it.
pub fn generate(format: &str, posts: u64) -> Option<Child> {
    let source = root().join("../shared/bench/gen.rs");
    if !source.exists() {
        eprintln!("{} is not there: nothing to measure", source.display());
        return None;
    }
    let program = folder().join("gen");
    let age = |path: &Path| path.metadata().and_then(|meta| meta.modified()).ok();
    if age(&program) < age(&source) {
        let built = Command::new("rustc").arg("-O").arg(&source).arg("-o").arg(&program).stderr(Stdio::null()).status();
        assert!(built.expect("rustc is there").success(), "gen.rs compiles");
    }
    let child = Command::new(program).args([format, &posts.to_string()]).stdout(Stdio::piped()).spawn();
    Some(child.expect("the generator starts"))
}

/// CPU time of this process and of the threads it had, to 10 ms.
pub fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux says what a process has used");
    let fields = stat.rsplit(')').next().unwrap_or_default();
    let ticks: u64 = fields.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}
