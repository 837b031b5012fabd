//! Saved pages: the items in the script from which the site's own program draws them.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{NAME, item, misfit};
use crate::platform::printed::scripts;
use crate::platform::{Page, ParseError};

/// Reads a page.
///
/// # Errors
/// If none of its scripts holds items of TikTok.
pub(super) fn read(source: &str, seen_at: DateTime<Utc>) -> Result<Page, ParseError> {
    let mut page = Page { shape: "page", ..Page::default() };
    let state = if source.contains("__UNIVERSAL_DATA_FOR_REHYDRATION__") {
        scripts::of_id(source, "__UNIVERSAL_DATA_FOR_REHYDRATION__")
            .filter(|data| data["__DEFAULT_SCOPE__"].is_object())
    } else if source.contains("SIGI_STATE") {
        // Until 2021 it was assigned to a name.
        let assigned =
            || scripts::scripts(source).find_map(|(_, inside)| scripts::behind(inside, "window['SIGI_STATE']"));
        scripts::of_id(source, "SIGI_STATE").or_else(assigned)
    } else if source.contains("__NEXT_DATA__") && source.contains("tiktok.com") {
        scripts::of_id(source, "__NEXT_DATA__").filter(|data| is_of_tiktok(&data["props"]["pageProps"]))
    } else {
        return Err(misfit("no page of TikTok: no script of it is named as those are"));
    };
    let state = state.ok_or_else(|| misfit("a script of the page is named as TikTok's are, and is none"))?;
    let scope = &state["__DEFAULT_SCOPE__"];
    let detail = &scope["webapp.video-detail"];
    let status = detail["statusCode"].as_i64().unwrap_or_default();
    if status != 0 && !detail["itemInfo"].is_object() {
        let message = detail["statusMsg"].as_str().unwrap_or("no reason given");
        let message = format!("the page shows no video ({status}): {message}");
        return Err(ParseError::Refused { platform: NAME, status: 200, message });
    }
    let updated = &scope["webapp.updated-items"];
    let next = &state["props"]["pageProps"];
    let places = [
        ("/__DEFAULT_SCOPE__/webapp.video-detail", detail),
        ("/__DEFAULT_SCOPE__/webapp.reflow.video.detail", &scope["webapp.reflow.video.detail"]),
        ("/__DEFAULT_SCOPE__/webapp.updated-items", updated),
        ("", &state),
        ("/props/pageProps", next),
    ];
    for (at, value) in places {
        item::read(&mut page, at, value, seen_at);
    }
    Ok(page)
}

/// Many sites are built with the same tool.
fn is_of_tiktok(props: &Value) -> bool {
    item::is_item(&props["itemInfo"]["itemStruct"])
        || props["items"].as_array().is_some_and(|items| items.iter().any(item::is_item))
}
