//! The name by which a platform addresses an account.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A handle as its platform writes it, without the leading `@`: `user` on X, `user@server` on the fediverse,
/// `name.example` on Bluesky. Letters keep their case; [`Handle::folded`] compares.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Handle(String);

impl Handle {
    /// Takes a handle as a source gives it: white space around it, one leading `@` and invisible direction marks
    /// are dropped. `None` for what can be no handle: empty, with another `@` before it, or with white space or control characters
    /// inside.
    pub fn new(raw: &str) -> Option<Handle> {
        let plain = raw.strip_prefix('@').unwrap_or(raw);
        if !plain.is_empty() && !plain.starts_with('@') && plain.bytes().all(|byte| byte.is_ascii_graphic()) {
            // Most are, and then nothing below changes anything.
            return Some(Handle(plain.to_owned()));
        }
        let bare = raw.trim_matches(|c: char| c.is_whitespace() || is_invisible_mark(c));
        let bare = bare.strip_prefix(['@', '＠']).unwrap_or(bare);
        let fits = !bare.is_empty()
            && !bare.starts_with(['@', '＠'])
            && !bare.contains(|c: char| c.is_whitespace() || c.is_control() || is_invisible_mark(c));
        fits.then(|| Handle(bare.to_owned()))
    }

    /// A fediverse `acct`, completed with the server that served it when the account is local to that server
    /// (<https://docs.joinmastodon.org/entities/Account/#acct>). `None` also for what has a second `@` or nothing
    /// beside the first.
    pub fn fediverse(acct: &str, server: &str) -> Option<Handle> {
        let handle = Handle::new(acct)?;
        if let Some((user, server)) = handle.0.split_once('@') {
            let fits = !user.is_empty() && !server.is_empty() && !server.contains('@');
            return fits.then_some(handle);
        }
        if server.is_empty() {
            return Some(handle);
        }
        Handle::new(&format!("{}@{server}", handle.0))
    }

    /// The handle as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which two handles are compared: lower case, as every platform here does.
    pub fn folded(&self) -> String {
        if self.0.is_ascii() { self.0.to_ascii_lowercase() } else { self.0.to_lowercase() }
    }
}

/// Marks that steer or join text but show nothing: pages put them around handles in right-to-left names.
fn is_invisible_mark(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

impl fmt::Display for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Handle {
    type Error = String;

    fn try_from(raw: String) -> Result<Self, Self::Error> {
        Handle::new(&raw).ok_or_else(|| format!("{raw:?} is no handle"))
    }
}
