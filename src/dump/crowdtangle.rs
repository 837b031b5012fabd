//! Tables of CrowdTangle: posts of pages and groups of Facebook, and of accounts of Instagram.
//!
//! The time stands with the zone of whoever exported the table, by a name; where the name means one zone only it is an instant, else
//! (and where other tools have dropped it) only the day is known. Who wrote in a group CrowdTangle does not say. Whether the
//! words are all of a post it does not say either. Left out: every kind of reaction but likes, what a link shows, sponsors.

use chrono::{DateTime, FixedOffset, NaiveDateTime, Utc};

use super::address;
use super::table::{Row, Table, count, misfit, site, words};
use super::tweet;
use crate::date;
use crate::exchange::Exchange;
use crate::model::{Author, Handle, Link, Media, Metrics, Post, Precision, TextState, When, WhenSource};
use crate::platform::{self, Page, ParseError, Platform, Shape};

/// Tables of CrowdTangle.
pub const PLATFORM: Platform = Platform {
    name: NAME,
    title: "CrowdTangle",
    cited: None,
    about: "tables of CrowdTangle: Facebook's pages and groups, Instagram's accounts; imported, never pulled",
    live: None,
    one: None,
    shapes: &[
        Shape {
            name: "facebook",
            what: "posts of pages or groups of Facebook, one a row",
            told_by: "columns `Page Name` or `Group Name`, `Post Created`, `Message`, `URL`",
            lacks: "who wrote in a group, times whose zone is not told, whether the words are all, what a link shows",
        },
        Shape {
            name: "accounts",
            what: "posts of accounts of Instagram, one a row",
            told_by: "columns `Account`, `User Name`, `Post Created`, `Description`, `URL`",
            lacks: "times whose zone is not told, whether the words are all",
        },
    ],
    parse,
    post_at: None,
    embeds: None,
    profile_at: None,
};

const NAME: &str = "crowdtangle";

fn parse(exchange: &Exchange) -> Result<Page, ParseError> {
    let table = Table::of(exchange, NAME)?;
    table.needs(&["Post Created", "URL", "User Name"])?;
    let seen_at = exchange.fetched_at;
    if table.head.has("Account") {
        table.needs(&["Description"])?;
        return Ok(table.page("accounts", |row| post(row, "Account", "Description", seen_at).map(|post| vec![post])));
    }
    let whose = ["Page Name", "Group Name"].into_iter().find(|column| table.head.has(column));
    let whose = whose.ok_or_else(|| misfit(NAME, "no column `Page Name`, `Group Name` or `Account`"))?;
    table.needs(&["Message"])?;
    Ok(table.page("facebook", |row| post(row, whose, "Message", seen_at).map(|post| vec![post])))
}

fn post(row: &Row<'_>, whose: &str, said: &str, seen_at: DateTime<Utc>) -> Result<Post, String> {
    let address = row.get("URL").filter(|url| url.starts_with("http")).ok_or("has no address")?;
    let known = platform::post_at(address);
    let mut post = known.unwrap_or_else(|| {
        let path = address.split(['?', '#']).next().unwrap_or(address);
        let id = path.trim_end_matches('/').rsplit('/').next().filter(|id| !id.is_empty() && !id.ends_with(".php"));
        Post {
            platform: site(address).unwrap_or_else(|| NAME.to_owned()),
            id: id.map(str::to_owned),
            uri: address::name(address, id),
            url: Some(address.to_owned()),
            ..Post::default()
        }
    });
    let name = row.get(whose).map(str::to_owned);
    if whose == "Group Name" {
        post.author = Author::default();
        post.labels.extend(name.map(|name| format!("group: {name}")));
        post.doubts.push("It was written in a group, and CrowdTangle does not say by whom.".to_owned());
    } else {
        post.author = Author {
            id: row.get("Facebook Id").filter(|id| !tweet::is_rounded(id)).map(str::to_owned),
            handle: row.get("User Name").and_then(Handle::new).or(post.author.handle),
            name,
            ..Author::default()
        };
    }
    date(row, &mut post);
    let text = words(row.get(said))?;
    if text.contains(":=:") {
        post.doubts.push("CrowdTangle sets :=: between its words and those of what it shows.".to_owned());
    }
    post.text = text.to_owned();
    post.text_state = TextState::Unknown;
    let (link, leads) = (row.get("Link").filter(|link| *link != address), row.get("Final Link"));
    post.links =
        link.map(|shown| Link { shown: String::new(), url: leads.unwrap_or(shown).to_owned() }).into_iter().collect();
    let kind = row.get("Type").unwrap_or_default().to_lowercase();
    let kind = ["video", "photo", "album", "igtv"].into_iter().find(|known| kind.contains(known));
    post.media = kind
        .map(|kind| Media {
            kind: if matches!(kind, "photo" | "album") { "image" } else { "video" }.to_owned(),
            url: row.get("Photo").filter(|url| url.starts_with("http")).map(str::to_owned),
            ..Media::default()
        })
        .into_iter()
        .collect();
    let metrics = Metrics {
        likes: count(row.get("Likes")),
        reposts: count(row.get("Shares")),
        replies: count(row.get("Comments")),
        views: ["Post Views", "Views"].iter().find_map(|column| count(row.get(column))),
        ..Metrics::default()
    };
    tweet::metrics(&mut post, metrics, seen_at);
    Ok(post)
}

/// `2021-07-26 20:03:11 CEST`.
fn date(row: &Row<'_>, post: &mut Post) {
    let Some(stated) = row.get("Post Created").map(str::trim) else { return };
    let mut parts = stated.splitn(3, ' ');
    let (day, time, zone) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default(), parts.next());
    let local = NaiveDateTime::parse_from_str(&format!("{day} {time}"), "%Y-%m-%d %H:%M:%S").ok();
    let exact = local.zip(zone.and_then(offset)).and_then(|(local, zone)| local.and_local_timezone(zone).single());
    let when = match (exact, local) {
        (Some(at), _) => When::new(at.to_utc(), Precision::Second, WhenSource::Platform),
        (None, Some(local)) => When::day(local.date(), WhenSource::Platform),
        (None, None) => date::printed(stated),
    };
    post.created = when.or(post.created);
}

/// The zone of a name that stands for one only. `CST` is one in America, one in China, `IST` three, `BST` two; `PST` is also
/// that of Manila, `MST` of Malaysia and Myanmar, `EST` was that of Sydney; `MSK` was four hours for some years.
fn offset(zone: &str) -> Option<FixedOffset> {
    let hours = match zone.trim() {
        "UTC" | "GMT" | "WET" => 0,
        "CET" | "WEST" => 1,
        "CEST" | "EET" | "SAST" => 2,
        "EEST" => 3,
        "JST" | "KST" => 9,
        "AEST" => 10,
        "AEDT" => 11,
        "NZST" => 12,
        "NZDT" => 13,
        "BRT" => -3,
        "EDT" => -4,
        "MDT" => -6,
        "PDT" => -7,
        zone => return zone.parse().ok(),
    };
    FixedOffset::east_opt(hours * 3600)
}
