//! Rows about any other platform.
//!
//! A row about a comment may hold the address of what it stands below, and of that alone: an address is the post's own only if it
//! holds the row's id. What 4CAT reckoned or dropped is told: LinkedIn's dates, the zone of CrowdTangle's.

use chrono::{DateTime, Utc};

use super::{NAME, NOBODY, addresses, date, is_taken_out, list, person};
use crate::date::timestamp;
use crate::dump::address;
use crate::dump::table::{Row, count, is_yes, site, words};
use crate::dump::tweet;
use crate::model::{Author, Handle, Mention, Metrics, Post, PostRef, TextState, When, WhenSource};
use crate::platform;
use crate::text;

/// Columns that hold an address, the post's own first.
const ADDRESSES: [&str; 5] = ["comment_url", "link", "url", "post_url", "tiktok_url"];

/// Reads a row.
///
/// # Errors
/// What it lacks.
pub(super) fn post(row: &Row<'_>, seen_at: DateTime<Utc>) -> Result<Post, String> {
    let id = row.get("id").ok_or("has no id")?;
    if is_yes(row.first(&["is_promoted", "is_ad"])) {
        return Err("is an advertisement".to_owned());
    }
    let place = Place::of(row, id);
    let mut post = place.post(id);
    if post.id.is_none() && post.uri.is_none() && post.url.is_none() && tweet::is_rounded(id) {
        post.doubts.push("A spreadsheet has rounded its id, so that it is not known.".to_owned());
    }
    let is_nobody = row.first(&["author", "account_username"]).is_some_and(is_taken_out);
    let origin = Origin::of(row);
    post.author = match origin {
        Origin::Pages(address) if address.contains("/groups/") => Author::default(),
        Origin::Pages(_) => Author {
            id: row.get("page_id").filter(|id| !tweet::is_rounded(id)).map(str::to_owned),
            handle: person(row, &["author"]).and_then(Handle::new),
            name: person(row, &["page_name"]).map(str::to_owned),
            ..Author::default()
        },
        Origin::Accounts => Author { handle: person(row, &["author"]).and_then(Handle::new), ..Author::default() },
        _ => author(row, place.own, post.author.handle.filter(|_| !is_nobody)),
    };
    if let (Origin::Pages(_), true) = (&origin, post.author == Author::default()) {
        post.labels.extend(row.get("page_name").map(|name| format!("group: {name}")));
        post.doubts.push("It was written in a group, and CrowdTangle does not say by whom.".to_owned());
    } else if is_nobody {
        // The address names whom somebody has taken out.
        post.doubts.push(NOBODY.to_owned());
    }
    match origin {
        Origin::Plain => date(row, &mut post),
        Origin::Reckoned => {
            let shown = row.get("timestamp_ago").unwrap_or_default();
            let at = row.get("timestamp_collected").and_then(timestamp);
            post.doubts.push(match at {
                Some(at) => format!("Its date was shown as {shown:?} on {}.", at.format("%Y-%m-%d")),
                None => format!("Its date was shown as {shown:?}, and nobody says when."),
            });
        }
        // CrowdTangle told the zone, and 4CAT has dropped it.
        Origin::Pages(_) | Origin::Accounts => {
            let local = row.get("timestamp").and_then(timestamp);
            let day = local.and_then(|local| When::day(local.date_naive(), WhenSource::Platform));
            post.created = day.or(post.created);
        }
    }
    let body = words(row.get("body"))?;
    post.text = if body.trim_start().starts_with("<p") { text::from_fragment(body).text } else { body.to_owned() };
    post.text_state = TextState::Unknown;
    post.lang = row.first(&["languages", "language_guess"]).filter(|lang| *lang != "N/A").map(str::to_owned);
    post.hashtags = tweet::hashtags(list(row.first(&["hashtags", "tags"])));
    let handles = list(row.first(&["mentions", "usertags"])).filter(|name| !is_taken_out(name)).filter_map(Handle::new);
    post.mentions = handles.map(|handle| Mention { handle: Some(handle), ..Mention::default() }).collect();
    post.links = tweet::links(addresses(row.first(&["links", "link_url"])).into_iter());
    post.media = tweet::files("image", addresses(row.first(&["images", "image_urls", "image_url"])).into_iter());
    post.media.extend(tweet::files("video", addresses(row.first(&["videos", "video_urls", "video_url"])).into_iter()));
    let answered = row.get("replied_to_post").map(|address| reference(address, None));
    post.reply_to = answered.or_else(|| place.below.clone());
    post.quote_of =
        row.get("quoted_post").filter(|address| address.starts_with("http")).map(|address| reference(address, None));
    post.kind = tweet::kind(post.reply_to.is_some() || is_yes(row.get("is_reply")), post.quote_of.is_some());
    let counted = |columns: &[&str]| columns.iter().find_map(|column| count(row.get(column)));
    let metrics = Metrics {
        likes: counted(&["like_count", "likes", "num_likes", "favourites_count"]),
        reposts: counted(&["repost_count", "reposts", "reblogs_count", "reblog_count", "shares"]),
        replies: counted(&["reply_count", "replies", "replies_count", "num_comments", "comments"]),
        quotes: counted(&["quote_count", "quotes"]),
        views: counted(&["views", "plays", "play_count"]),
        seen_at: None,
    };
    tweet::metrics(&mut post, metrics, seen_at);
    Ok(post)
}

/// What is known of how a row came to its author and its time.
enum Origin<'a> {
    /// As the platform gave them.
    Plain,
    /// LinkedIn: `6mo` was reckoned back from the time of collection.
    Reckoned,
    /// CrowdTangle's table of Facebook, with the address. <https://github.com/digitalmethodsinitiative/4cat/blob/master/datasources/upload/import_formats.py>
    Pages(&'a str),
    /// CrowdTangle's table of Instagram.
    Accounts,
}

impl<'a> Origin<'a> {
    fn of(row: &Row<'a>) -> Origin<'a> {
        let of_crowdtangle = ["page_shared_from", "overperforming_score", "views_total_crossposts"];
        if row.has("timestamp_ago") {
            Origin::Reckoned
        } else if row.has("page_name") && of_crowdtangle.iter().any(|column| row.has(column)) {
            Origin::Pages(row.get("url").unwrap_or_default())
        } else if ["thumbnail_url", "subject", "mentioned"].iter().all(|column| row.has(column))
            && !row.has("author_id")
        {
            Origin::Accounts
        } else {
            Origin::Plain
        }
    }
}

/// Where a post stands, by the addresses of its row.
struct Place<'a> {
    /// Its own address.
    own: Option<&'a str>,
    /// The first address, whatever that leads to.
    near: Option<&'a str>,
    /// What it stands below.
    below: Option<PostRef>,
}

impl<'a> Place<'a> {
    fn of(row: &Row<'a>, id: &str) -> Place<'a> {
        let all: Vec<&str> = ADDRESSES.iter().filter_map(|column| row.get(column)).collect();
        let is_own = |address: &str| address::holds(address, id) || address::holds_rounded(address, id);
        let thread = row.first(&["post_id", "thread_id"]).filter(|thread| *thread != id);
        let holds_thread = |address: &str| thread.is_some_and(|thread| address::holds(address, thread));
        let around = all.iter().copied().find(|address| holds_thread(address) && !is_own(address));
        let is_comment = row.has("comment_url") || around.is_some();
        let of = thread.filter(|_| is_comment).and_then(|thread| above(row, id, thread));
        Place {
            own: all.iter().copied().find(|address| is_own(address)),
            near: all.first().copied(),
            below: of
                .map(|Post { id, uri, url, .. }| PostRef { id, uri, url })
                .or_else(|| around.map(|address| reference(address, thread))),
        }
    }

    fn post(&self, id: &str) -> Post {
        let near = self.near.and_then(platform::post_at);
        let url = |address: Option<&str>| address.filter(|url| url.starts_with("http")).map(str::to_owned);
        // An id that is a name of its own, such as those of Bluesky, says more than an address.
        if let Some(known) = platform::post_at(id) {
            let page = self.near.filter(|_| near.is_some_and(|near| near.platform == known.platform));
            // Where the address is the post's only name, it stays in the one form that it has everywhere.
            let is_named = known.uri.is_some() || known.url.is_none();
            return Post { url: url(page.filter(|_| is_named)).or(known.url), ..known };
        }
        if let Some(known) = self.own.and_then(platform::post_at) {
            let is_named = known.uri.is_some() || known.url.is_none();
            return Post { url: url(self.own.filter(|_| is_named)).or(known.url), ..known };
        }
        let whole = Some(id).filter(|id| !tweet::is_rounded(id));
        let platform = near.map(|near| near.platform).or_else(|| self.near.and_then(site));
        let name = |address| address::name(address, whole);
        // Of an address that does not name the row, nobody knows whether it is that of the post or of what that stands below.
        let beside = || Some(format!("{}#{}", self.near.and_then(name)?, whole?));
        Post {
            uri: self.own.and_then(name).or_else(|| beside().filter(|_| self.below.is_none())),
            url: url(self.own.or(self.near.filter(|_| self.below.is_none() && whole.is_some()))),
            // A number alone may be that of posts on several boards, and in several files.
            id: whole.filter(|_| platform.is_some()).map(str::to_owned),
            platform: platform.unwrap_or_else(|| NAME.to_owned()),
            ..Post::default()
        }
    }
}

/// The comment that a comment answers: the address of the one with the id of the other.
fn above(row: &Row<'_>, id: &str, post: &str) -> Option<Post> {
    let own = row.get("comment_url").filter(|own| address::holds(own, id))?;
    let bare = own.split_once('?').map_or(own, |(bare, _)| bare);
    let answered = row.get("thread_id").filter(|thread| *thread != post && is_yes(row.get("is_comment_on_comment")));
    match answered {
        Some(thread) => platform::post_at(&own.replace(id, thread)).filter(|found| found.id.as_deref() == Some(thread)),
        None => platform::post_at(bare).filter(|found| found.id.as_deref() == Some(post)),
    }
}

/// Columns with the name of an author, beside that by which the author is addressed.
const NAMES: [&str; 5] =
    ["author_fullname", "author_display_name", "author_full", "author_name", "account_display_name"];

/// The author. `author` is a handle where the address names it, or where the table has another column for the name; where it is a
/// number, it is an id.
fn author(row: &Row<'_>, address: Option<&str>, by_address: Option<Handle>) -> Author {
    let is_in_address = |called: &str| {
        let folded = called.to_lowercase();
        let parts = address.unwrap_or_default().split(['/', '?', '#', '.']);
        parts.skip(2).any(|part| part.trim_start_matches('@').to_lowercase() == folded)
    };
    // `in/ada-moss` is a path of LinkedIn.
    let is_path = |called: &&str| called.contains('/');
    let called = person(row, &["author"]).filter(|called| !is_path(called));
    let is_number = |called: &&str| called.bytes().all(|byte| byte.is_ascii_digit());
    // 4CAT sets `@` before the id of an account of TikTok that has no handle.
    let number = called.map(|called| called.strip_prefix('@').filter(is_number).unwrap_or(called)).filter(is_number);
    let is_handle = |called: &&str| {
        let has_name_beside = NAMES.iter().any(|column| row.has(column)) && !row.has("author_username");
        number.is_none() && (has_name_beside || is_in_address(called))
    };
    let stated = person(row, &["author_username", "account_username"]).filter(|called| !is_path(called));
    let handle = stated.or(called.filter(is_handle));
    let handle = handle.and_then(Handle::new);
    let name = person(row, &NAMES).or(called.filter(|_| handle.is_none() && number.is_none()));
    Author {
        id: person(row, &["author_id", "account_id"]).or(number).map(str::to_owned),
        name: name.map(str::to_owned),
        handle: handle.or(by_address),
        url: person(row, &["author_url"]).filter(|url| url.starts_with("http")).map(str::to_owned),
        ..Author::default()
    }
}

/// A reference to the post at an address, of which the id may be known beside it.
fn reference(address: &str, id: Option<&str>) -> PostRef {
    match platform::post_at(address) {
        Some(known) => PostRef { id: known.id, uri: known.uri, url: Some(address.to_owned()) },
        None => PostRef {
            id: id.map(str::to_owned),
            uri: address::name(address, id),
            url: Some(address.to_owned()).filter(|address| address.starts_with("http")),
        },
    }
}
