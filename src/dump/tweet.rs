//! Rows about posts of X, whichever tool wrote them: what their id, their date and their words tell.
//!
//! Spreadsheets keep fifteen digits of a number, and ids of X have nineteen: an id that was rounded names another post, or
//! none, and is never used. The row is kept without it, unless an address beside it still has the whole id. Programs that hold
//! numbers as floating-point numbers keep some seventeen digits: of two ids that are one such number, the other is the whole.

use chrono::{DateTime, TimeDelta, Utc};

use super::table::bare;
use crate::date;
use crate::model::{
    Author, Handle, Hashtag, Kind, Link, Media, Mention, Metrics, Post, PostRef, Precision, TextState, When, WhenSource,
};
use crate::platform;
pub(super) use crate::platform::json::unescaped;

/// The difference between an id's time and the stated one that clocks may have.
const CLOCKS: TimeDelta = TimeDelta::seconds(5);

/// Digits that spreadsheets keep.
const KEPT: usize = 15;

/// The post of that id. An address helps where the id was rounded.
///
/// # Errors
/// It has no id, as a fragment.
pub(super) fn post(id: Option<&str>, address: Option<&str>, author: Author) -> Result<Post, String> {
    // Without the marks that keep spreadsheets from rounding.
    let id = id.map(bare);
    let by_address = address.and_then(platform::post_at).filter(|post| Some(&post.platform) == name().as_ref());
    let by_address = by_address.and_then(|post| post.id).filter(|id| !is_rounded(id));
    let handle = author.handle.as_ref().map(Handle::as_str);
    let mut doubt = None;
    let post = match (id, by_address) {
        (None, None) => return Err("has no id".to_owned()),
        (Some(id), Some(whole)) if is_rounded(id) && begins_alike(id, &whole) => at(&whole, handle),
        (Some(id), _) if is_rounded(id) => {
            let doubt = "Its id was rounded, as spreadsheets do, so that it is not known.".to_owned();
            Some(Post { platform: name().unwrap_or_default(), doubts: vec![doubt], ..Post::default() })
        }
        (Some(id), Some(other)) if id != other => {
            let is_one_float = id.parse::<f64>().ok().zip(other.parse::<f64>().ok()).is_some_and(|(a, b)| a == b);
            match (is_one_float, is_float(id), is_float(&other)) {
                (true, true, false) => at(&other, handle),
                (true, false, true) => at(id, handle),
                _ => {
                    doubt = Some(format!("Its address has another id, {other}."));
                    at(id, handle)
                }
            }
        }
        (Some(id), _) => at(id, handle),
        (None, Some(whole)) => at(&whole, handle),
    };
    let mut post = post.ok_or_else(|| format!("has no id of X: {:?}", id.unwrap_or_default()))?;
    let url = handle.map(|handle| format!("https://x.com/{handle}"));
    post.author = Author { url, id: author.id.filter(|id| !is_rounded(id)), ..author };
    post.doubts.extend(doubt);
    Ok(post)
}

/// Whether an id is a number as floating-point numbers of its size can be, to the last digit or in as few as tell it from others.
/// Of ids of nineteen digits, one of some hundred is so by chance.
pub(super) fn is_float(id: &str) -> bool {
    const EXACT: u64 = 1 << 53;
    id.parse::<u64>().is_ok_and(|number| {
        let float = number as f64;
        number > EXACT && (float as u64 == number || float.to_string() == id)
    })
}

/// The name of the platform, from the platform itself.
fn name() -> Option<String> {
    at("20", None).map(|post| post.platform)
}

fn at(id: &str, handle: Option<&str>) -> Option<Post> {
    if !id.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mut post = platform::post_at(&format!("https://x.com/{}/status/{id}", handle.unwrap_or("i")))?;
    post.author = Author::default();
    post.id.as_deref().is_some_and(|found| found == id).then_some(post)
}

/// Whether a number went through a spreadsheet or a table that holds it as a floating-point number: `1.41942E+18`, or no
/// digit left behind the fifteenth. (Of a thousand ids of eighteen digits, and of ten thousand of nineteen, one is so by chance.)
pub(super) fn is_rounded(id: &str) -> bool {
    let is_number = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | 'e' | 'E' | '+');
    let is_digits = id.bytes().all(|byte| byte.is_ascii_digit());
    let is_float = !is_digits && id.starts_with(|c: char| c.is_ascii_digit()) && id.chars().all(is_number);
    is_float || (is_digits && id.len() >= KEPT + 3 && id.bytes().skip(KEPT).all(|byte| byte == b'0'))
}

/// Whether a rounded id may have been this one. Its last digit may have been rounded up.
pub(super) fn begins_alike(rounded: &str, whole: &str) -> bool {
    let mantissa = rounded.split(['e', 'E']).next().unwrap_or_default();
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).take(KEPT).collect();
    let digits = digits.trim_end_matches('0');
    whole.starts_with(&digits[..digits.len().saturating_sub(1)])
}

/// A reference to a post.
pub(super) fn reference(id: Option<&str>, handle: Option<&str>) -> Option<PostRef> {
    let id = id.filter(|id| !is_rounded(id))?;
    let handle = handle.and_then(Handle::new);
    let Post { id, uri, url, .. } = at(id, handle.as_ref().map(Handle::as_str))?;
    Some(PostRef { id, uri, url })
}

/// Enters the date that a column states, which means UTC there. What a spreadsheet has made of it leaves the day.
pub(super) fn date(post: &mut Post, stated: Option<&str>) {
    let Some(stated) = stated else { return };
    if let Some(at) = date::timestamp(stated) {
        return instant(post, at);
    }
    match (date::printed(stated), post.created) {
        (Some(day), Some(by_id)) if !may_be_day(by_id.at(), day.at()) => {
            post.doubts.push(contradiction(&day.to_rfc3339(), by_id.at()));
        }
        (Some(_), Some(_)) => {}
        (day, None) => post.created = day,
        (None, Some(_)) => {}
    }
}

/// Enters the instant that a column states.
pub(super) fn instant(post: &mut Post, at: DateTime<Utc>) {
    if let Some(by_id) = post.created.filter(|by_id| (by_id.at() - at).abs() > CLOCKS) {
        post.doubts.push(contradiction(&at.format("%Y-%m-%d %H:%M:%S UTC").to_string(), by_id.at()));
    }
    post.created = When::new(at, Precision::Second, WhenSource::Platform).or(post.created);
}

fn contradiction(stated: &str, by_id: DateTime<Utc>) -> String {
    let by_id = by_id.format("%Y-%m-%d %H:%M:%S UTC");
    format!("It is said to be written at {stated}, but its id was given out at {by_id}.")
}

/// Whether an instant falls on that day somewhere on earth.
fn may_be_day(at: DateTime<Utc>, day: DateTime<Utc>) -> bool {
    (TimeDelta::hours(-14)..TimeDelta::hours(24 + 12)).contains(&(at - day))
}

/// Since long posts came, in February 2023, a text near the old limit may have been cut: tables have no room for the rest. X
/// counts most signs beyond Latin, Greek and Cyrillic twice. Without an id, a spreadsheet has changed the row.
pub(super) fn said(post: Post, text: String) -> Post {
    let text_state = if post.id.is_some() { state(&text, post.created) } else { TextState::Unknown };
    Post { text, text_state, ..post }
}

fn state(text: &str, created: Option<When>) -> TextState {
    const LONG_POSTS: i64 = 1_675_814_400;
    const NEAR: usize = 240;
    let is_before = created.is_some_and(|when| when.at().timestamp() < LONG_POSTS);
    let length = || text.chars().map(|c| if u32::from(c) < 0x1100 { 1 } else { 2 }).sum::<usize>();
    let is_open = text.ends_with('…') || text.contains("… https://t.co/");
    if is_open || (!is_before && length() >= NEAR) { TextState::Unknown } else { TextState::Complete }
}

/// Whose words a text passes on, and these: `RT @ada: …`.
fn marked(text: &str) -> Option<(Handle, &str)> {
    let rest = text.strip_prefix("RT @")?;
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
    let (whose, rest) = rest.split_at(end);
    let said = rest.strip_prefix(": ").or_else(|| rest.strip_prefix(' '))?;
    Some((Handle::new(whose)?, said))
}

/// A post that passes on another's words, as a row has them: behind the mark of whose they are (then the second is true),
/// or alone. The other's own words may begin with the mark of somebody else.
pub(super) fn passed_on(
    post: Post,
    text: &str,
    id: Option<&str>,
    whose: Option<Handle>,
    account: Option<String>,
) -> (Vec<Post>, bool) {
    let is_theirs = |marked: &Handle| whose.as_ref().is_none_or(|whose| whose.folded() == marked.folded());
    let marked = marked(text).filter(|(marked, _)| is_theirs(marked));
    let (words, is_marked) = marked.as_ref().map_or((text, false), |(_, words)| (*words, true));
    let handle = whose.or(marked.map(|(marked, _)| marked));
    let mut posts = repost(post, words, id, Author { id: account, handle, ..Author::default() });
    if let Some(original) = posts.last_mut().filter(|original| original.author.handle.is_none()) {
        original.doubts.push("The table does not name its author.".to_owned());
    }
    (posts, is_marked)
}

/// A post that passes on another's words: it has none of its own, and all that the row says of words and counts is the
/// other's. One whose id is not known is nothing beside the other.
pub(super) fn repost(post: Post, words: &str, id: Option<&str>, author: Author) -> Vec<Post> {
    let of = reference(id, author.handle.as_ref().map(Handle::as_str));
    let identified = self::post(id.filter(|id| !is_rounded(id)), None, author.clone()).ok();
    let original = identified.unwrap_or_else(|| Post {
        platform: post.platform.clone(),
        author,
        doubts: vec!["It is known from a repost only.".to_owned()],
        ..Post::default()
    });
    // A post that is passed on is listed as if its author were mentioned in it.
    let is_author = |mention: &Mention| {
        let (mentioned, author) = (mention.handle.as_ref(), original.author.handle.as_ref());
        mentioned.map(Handle::folded) == author.map(Handle::folded)
    };
    let mentions = post.mentions.into_iter().filter(|mention| !is_author(mention)).collect();
    let original = Post {
        text: words.to_owned(),
        text_state: state(words, original.created),
        lang: post.lang.clone(),
        hashtags: post.hashtags,
        mentions,
        links: post.links,
        media: post.media,
        poll: post.poll,
        metrics: post.metrics,
        ..original
    };
    if post.id.is_none() {
        return vec![original];
    }
    let repost = Post {
        text: String::new(),
        text_state: TextState::Complete,
        kind: Kind::Repost,
        repost_of: of,
        reply_to: None,
        quote_of: None,
        hashtags: Vec::new(),
        mentions: Vec::new(),
        links: Vec::new(),
        media: Vec::new(),
        poll: None,
        metrics: Metrics::default(),
        ..post
    };
    vec![repost, original]
}

/// Says of the post that is passed on that its words end where the repost cut them, if they do.
pub(super) fn cut(original: &mut Post) {
    if original.text.ends_with('…') {
        original.text_state = TextState::Truncated;
        original.doubts.push("It is known from a repost only, which cuts it.".to_owned());
    }
}

/// What a post is to others.
pub(super) fn kind(is_reply: bool, is_quote: bool) -> Kind {
    match (is_reply, is_quote) {
        (true, _) => Kind::Reply,
        (false, true) => Kind::Quote,
        (false, false) => Kind::Original,
    }
}

/// Marks a post whose words X shows in some countries only: what stands there may be X's own sentence.
pub(super) fn withheld(post: &mut Post) {
    post.labels.push("withheld".to_owned());
    post.text_state = TextState::Unknown;
    post.doubts
        .push("X withholds it in some countries, and may show words of its own in place of the author's.".to_owned());
}

/// Sets the counts, and when they were seen if there are any.
pub(super) fn metrics(post: &mut Post, metrics: Metrics, seen_at: DateTime<Utc>) {
    let counts = [metrics.likes, metrics.reposts, metrics.replies, metrics.quotes, metrics.views];
    post.metrics = Metrics { seen_at: counts.iter().any(Option::is_some).then_some(seen_at), ..metrics };
}

pub(super) fn hashtags<'a>(tags: impl Iterator<Item = &'a str>) -> Vec<Hashtag> {
    tags.filter_map(Hashtag::new).collect()
}

pub(super) fn mentions<'a>(handles: impl Iterator<Item = &'a str>) -> Vec<Mention> {
    let mention = |handle: &str| {
        let handle = Handle::new(handle)?;
        Some(Mention { url: Some(format!("https://x.com/{handle}")), handle: Some(handle), id: None })
    };
    handles.filter_map(mention).collect()
}

/// Addresses to which links lead; how they are shown, tables do not say.
pub(super) fn links<'a>(addresses: impl Iterator<Item = &'a str>) -> Vec<Link> {
    addresses.map(|url| Link { shown: String::new(), url: url.to_owned() }).collect()
}

/// Files of one kind.
pub(super) fn files<'a>(kind: &str, addresses: impl Iterator<Item = &'a str>) -> Vec<Media> {
    addresses.map(|url| Media { url: Some(url.to_owned()), kind: kind.to_owned(), ..Media::default() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(id: Option<&str>, address: Option<&str>) -> Result<Post, String> {
        post(id, address, Author { handle: Handle::new("ada_moss"), ..Author::default() })
    }

    #[test]
    fn a_rounded_id_is_never_used() {
        for id in
            ["1.41942E+18", "1,41942E+18", "1419719963177910000", "1.4197199631779103e+18", "1419719963177910349.0"]
        {
            let post = named(Some(id), None).unwrap();
            assert_eq!((&post.id, &post.uri, &post.url, post.created), (&None, &None, &None, None), "{id}");
            assert_eq!(post.doubts.len(), 1, "{id}");
            assert_eq!(reference(Some(id), None), None);
        }
        let whole = "https://twitter.com/ada_moss/status/1419719963177910349";
        for id in ["1.41972E+18", "1419719963177910000", "1.4197199631779103e+18"] {
            let post = named(Some(id), Some(whole)).unwrap();
            assert_eq!(post.id.as_deref(), Some("1419719963177910349"), "{id}");
            assert!(post.doubts.is_empty());
        }
        // Rows that were sorted apart from their ids, and addresses that were rounded, too.
        assert_eq!(named(Some("1.51942E+18"), Some(whole)).unwrap().id, None);
        let rounded = "https://x.com/ada_moss/status/1419719963177910000";
        assert_eq!(named(Some("1.41972E+18"), Some(rounded)).unwrap().id, None);
    }

    #[test]
    fn of_two_that_are_one_float_the_other_is_whole() {
        let whole = "1419719963177910349";
        for float in ["1419719963177910272", "1419719963177910300"] {
            for (id, address) in [(float, whole), (whole, float)] {
                let post = named(Some(id), Some(&format!("https://x.com/ada_moss/status/{address}"))).unwrap();
                assert_eq!((post.id.as_deref(), post.doubts.len()), (Some(whole), 0), "{id} {address}");
            }
        }
        let other = named(Some(whole), Some("https://x.com/ada_moss/status/1419719963177910350")).unwrap();
        assert_eq!((other.id.as_deref(), other.doubts.len()), (Some(whole), 1));
        let another = named(Some(whole), Some("https://x.com/ada_moss/status/1319719963177910350")).unwrap();
        assert_eq!((another.id.as_deref(), another.doubts.len()), (Some(whole), 1));
    }

    #[test]
    fn a_whole_id_is_used_as_it_is() {
        for id in ["20", "1419719963177910349", "'1419719963177910349", "=\"606060109190459392\""] {
            let post = named(Some(id), None).unwrap();
            assert_eq!(post.id.as_deref(), Some(bare(id)));
        }
        for id in ["", "abc", "14197199631779103490000", "12/3"] {
            assert!(named(Some(id), None).is_err(), "{id}");
        }
        assert!(named(None, None).is_err());
    }

    #[test]
    fn the_mark_of_somebody_else_is_among_the_words() {
        let said = |whose: Option<&str>, text: &str| {
            let (posts, is_marked) =
                passed_on(named(Some("20"), None).unwrap(), text, None, whose.and_then(Handle::new), None);
            let post = posts.last().unwrap();
            (post.author.handle.as_ref().map(|handle| handle.as_str().to_owned()), post.text.clone(), is_marked)
        };
        let ben = || Some("ben".to_owned());
        assert_eq!(said(Some("ben"), "RT @Ben: hi"), (ben(), "hi".to_owned(), true));
        assert_eq!(said(None, "RT @ben: hi"), (ben(), "hi".to_owned(), true));
        assert_eq!(said(Some("ben"), "hi"), (ben(), "hi".to_owned(), false));
        assert_eq!(said(Some("ben"), "RT @cleo: hi"), (ben(), "RT @cleo: hi".to_owned(), false));
        assert_eq!(said(None, "hi"), (None, "hi".to_owned(), false));
    }

    #[test]
    fn who_is_passed_on() {
        assert_eq!(marked("RT @ada_moss: so: it is").unwrap().1, "so: it is");
        assert_eq!(marked("RT @ada_moss so").unwrap().0.as_str(), "ada_moss");
        for text in ["RT @", "RT @: x", "RT @ada_moss", "rt @ada: x", "RT @ada_moss, x"] {
            assert!(marked(text).is_none_or(|(whose, _)| whose.as_str().is_empty()), "{text}");
        }
    }
}
