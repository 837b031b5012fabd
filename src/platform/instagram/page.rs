//! Saved pages: the posts in the scripts from which the site's own program draws them.

use serde_json::Value;

use super::{Reading, misfit};
use crate::platform::printed::scripts;
use crate::platform::{Page, ParseError};

/// Names to which scripts assigned what the page shows, or functions to which they handed it, until 2021.
const NAMES: [&str; 2] = ["window._sharedData", "window.__additionalDataLoaded"];

/// Reads a page.
///
/// # Errors
/// If no script of it holds posts of Instagram.
pub(super) fn read(source: &str, mut reading: Reading) -> Result<Page, ParseError> {
    if !source.contains("instagram") || !(source.contains("window._sharedData") || source.contains("taken_at")) {
        return Err(misfit("no page of Instagram: no script of it holds posts"));
    }
    let mut found = false;
    for (number, (_, inside)) in scripts::scripts(source).enumerate() {
        let at = format!("script {}", number + 1);
        let document: Option<Value> = match NAMES.iter().find(|name| inside.contains(**name)) {
            Some(name) => scripts::behind(inside, name),
            None if inside.contains("\"taken_at") => serde_json::from_str(inside.trim()).ok(),
            None => None,
        };
        // What is set first may be a configuration without posts.
        found |= document.is_some_and(|document| reading.document(&at, &document).is_some());
    }
    if found {
        Ok(Page { shape: "page", ..reading.page })
    } else {
        Err(misfit("scripts of the page hold no posts of Instagram"))
    }
}
