//! A film as a post: <https://github.com/yt-dlp/yt-dlp/blob/master/yt_dlp/extractor/common.py>.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::Value;

use super::sites::{Commenter, Site, Whose};
use crate::model::{Author, Handle, Hashtag, Metrics, Post, Precision, TextState, When, WhenSource};
use crate::platform::json::{gone, id, unescaped};

/// The difference between an id's time and the stated one that clocks may have.
const CLOCKS: TimeDelta = TimeDelta::seconds(5);

/// Reads a film of which it is known whose words its are.
///
/// # Errors
/// What it lacks.
pub(super) fn post(whose: &Whose, info: &Value) -> Result<Post, String> {
    let (site, named) = (whose.site, whose.post.clone());
    let words = |name: &str| info[name].as_str().filter(|text| !text.is_empty());
    let said = |name: &str| words(name).map(|text| if site.escaped { unescaped(text) } else { text.to_owned() });
    let stated = created(info);
    if site.tagged && is_older(stated, &named) {
        // Of a repost yt-dlp gives the words, the author and the time of the post that it passes on.
        return Err("passes on an older post, which yt-dlp does not name".to_owned());
    }
    let mut post = named;
    post.text_state = if site.whole && info["is_live"] != true { TextState::Complete } else { TextState::Unknown };
    let is_title = |name: &&&str| **name != "alt_title" || !whose.is_link || is_long_for(info);
    let title = site.title.iter().filter(is_title).find_map(|name| Some((*name, said(name)?)));
    if title.as_ref().is_some_and(|(name, title)| Some(name) != site.title.first() && title.ends_with("...")) {
        post.text_state = TextState::Unknown;
    }
    if info["is_live"] == true && title.as_ref().is_some_and(|(_, title)| ends_with_time(title)) {
        post.doubts.push("The time at the end of its title may be that of yt-dlp's own clock.".to_owned());
    }
    let below = said("description");
    if whose.is_link {
        // Where the post has none below its title, this is the film's.
        if below.is_some() {
            post.text_state = TextState::Unknown;
        }
        let doubt = "yt-dlp does not say whether what stands below its title is its author's or that of the film to which it \
                     links; it is left out.";
        post.doubts.extend(below.as_ref().map(|_| doubt.to_owned()));
    }
    let below = below.filter(|_| !whose.is_link);
    let lost = below.as_deref().and_then(gone);
    if let Some(how) = lost {
        post.text_state = TextState::Truncated;
        post.doubts.push(format!("The text below its title was {how}."));
    }
    let below = below.as_deref().filter(|_| lost.is_none());
    if let Some(how) = title.as_ref().filter(|_| site.escaped).and_then(|(_, title)| gone(title)) {
        return Err(format!("was {how}"));
    }
    let text: Vec<&str> = title.iter().map(|(_, title)| title.as_str()).chain(below).collect();
    post.text = text.join("\n\n");
    if post.text.is_empty() {
        return Err("has no words of its author".to_owned());
    }
    post.doubts.extend(site.changed.map(str::to_owned));
    post.author = if whose.is_link { linking(site, info) } else { author(site, info, post.author) };
    post.created = if site.indexed { post.created.or(stated) } else { stated.or(post.created) };
    if site.tagged {
        let tags = info["tags"].as_array().into_iter().flatten();
        post.hashtags = tags.filter_map(|tag| Hashtag::new(tag.as_str()?)).collect();
    }
    let count = |name: &str| info[name].as_u64();
    post.metrics = counted(
        info,
        Metrics {
            likes: count("like_count"),
            reposts: count("repost_count").filter(|_| !whose.is_link),
            replies: count("comment_count"),
            views: count("view_count").filter(|_| !whose.is_link),
            ..Metrics::default()
        },
    );
    Ok(post)
}

/// Whether `title` is `alt_title`, or its beginning. Else that is the film's, and `title` is whole.
fn is_long_for(info: &Value) -> bool {
    let (title, long) = (info["title"].as_str().unwrap_or_default(), info["alt_title"].as_str().unwrap_or_default());
    title == long || title.strip_suffix("...").is_some_and(|start| !start.is_empty() && long.starts_with(start))
}

/// `… 2021-07-26 18:03`
fn ends_with_time(title: &str) -> bool {
    const FORM: &[u8] = b" 0000-00-00 00:00";
    let end = title.len().checked_sub(FORM.len()).and_then(|start| title.as_bytes().get(start..));
    end.is_some_and(|end| {
        end.iter().zip(FORM).all(|(is, form)| if *form == b'0' { is.is_ascii_digit() } else { is == form })
    })
}

/// The author of a post that links to a film: all but the handle may be the film's.
fn linking(site: &Site, info: &Value) -> Author {
    let handle = info[site.author[0]].as_str().filter(|handle| gone(handle).is_none());
    Author { handle: handle.and_then(Handle::new), ..Author::default() }
}

/// The author by the fields in which the site has one; by the address only where the site has no other handle.
fn author(site: &Site, info: &Value, by_address: Author) -> Author {
    let words = |name: &str| info[name].as_str().filter(|text| !text.is_empty());
    let [handle, name, account] = site.author;
    let stated = words(handle).filter(|handle| site.commenter != Commenter::Either || handle.starts_with('@'));
    let stated = stated.filter(|handle| gone(handle).is_none());
    let shown = |name: &str| if site.escaped { unescaped(name) } else { name.to_owned() };
    // What is no number there is no id, but, in files of youtube-dl, a handle.
    let number = words(account).filter(|id| account != "uploader_id" || id.bytes().all(|byte| byte.is_ascii_digit()));
    let url = words("channel_url").or_else(|| words("uploader_url"));
    if let Some(nickname) = stated.filter(|handle| site.nicknames && !is_confirmed(info, handle)) {
        // It stood where later the handle did.
        return Author {
            id: number.map(str::to_owned).or(by_address.id),
            name: Some(nickname.to_owned()),
            url: url.map(str::to_owned).or(by_address.url),
            handle: by_address.handle,
            flags: Vec::new(),
        };
    }
    let former = words(account).filter(|_| account == "uploader_id" && number.is_none() && !site.nicknames);
    Author {
        id: number.map(str::to_owned).or(by_address.id),
        name: words(name).map(shown),
        url: url.map(str::to_owned),
        handle: if handle.is_empty() { by_address.handle } else { stated.or(former).and_then(Handle::new) },
        flags: Vec::new(),
    }
}

/// Whether `uploader` is a handle: a name stands beside it, or an address holds it.
fn is_confirmed(info: &Value, handle: &str) -> bool {
    let has_name = ["channel", "creator"].iter().any(|name| info[*name].as_str().is_some_and(|name| !name.is_empty()));
    let handle = handle.to_lowercase();
    let is_in = |name: &str| {
        let address = info[name].as_str().unwrap_or_default().to_lowercase();
        address.split(['/', '?', '#']).any(|part| part.strip_prefix('@') == Some(handle.as_str()))
    };
    has_name || ["uploader_url", "webpage_url"].iter().any(|name| is_in(name))
}

/// Whether the stated time lies before that at which the id was given out.
fn is_older(stated: Option<When>, named: &Post) -> bool {
    let by_id = named.created.filter(|when| when.source() == WhenSource::Id);
    stated
        .zip(by_id)
        .is_some_and(|(stated, by_id)| stated.precision() == Precision::Second && by_id.at() - stated.at() > CLOCKS)
}

/// `timestamp` is to the second; where there is none, `upload_date` is a day.
fn created(info: &Value) -> Option<When> {
    if let Some(at) = seconds(&info["timestamp"]) {
        return When::new(at, Precision::Second, WhenSource::Platform);
    }
    let day = NaiveDate::parse_from_str(info["upload_date"].as_str()?, "%Y%m%d").ok()?;
    When::day(day, WhenSource::Platform)
}

/// Seconds since 1970, which Reddit's extractor writes with a fraction.
pub(super) fn seconds(value: &Value) -> Option<DateTime<Utc>> {
    let float = || value.as_f64().filter(|seconds| (0.0..1e11).contains(seconds)).map(|seconds| seconds as i64);
    DateTime::from_timestamp(value.as_i64().or_else(float)?, 0)
}

/// Counts with the time at which yt-dlp had them.
pub(super) fn counted(info: &Value, metrics: Metrics) -> Metrics {
    let any = [metrics.likes, metrics.reposts, metrics.replies, metrics.views].iter().any(Option::is_some);
    Metrics { seen_at: seconds(&info["epoch"]).filter(|_| any), ..metrics }
}

/// The id of a film or a comment.
pub(super) fn number(value: &Value) -> Option<String> {
    id(&value["id"])
}
