//! One-line set-up for the tests.

use std::path::PathBuf;

/// The project's root.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The folder of recordings and servers beside the project. `None` in a clone without it; CI must have it.
pub fn shared() -> Option<PathBuf> {
    let path = root().join("../shared");
    if path.is_dir() {
        return Some(path.canonicalize().expect("a folder that exists has a path"));
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "CI=true, but ../shared is not there");
    None
}
