//! The `name:value` operators, one row each. To add one, add its row to [`OPERATORS`] and its leaf to [`Expr`].
//!
//! Rules: X's are those of <https://github.com/igorbrigadir/twitter-advanced-search> and of
//! <https://docs.x.com/x-api/posts/search/integrate/operators>, Mastodon's those of
//! <https://docs.joinmastodon.org/user/network/#search>, Bluesky's those of the lexicon `app.bsky.feed.searchPosts`.

use chrono::{DateTime, FixedOffset, TimeDelta};

use super::kinds::takes;
use super::{Count, Expr, Has, Is, Numbered, QueryError, Reading, State, moment};
use crate::model::{Handle, TextState};
use crate::near::nearest;

/// One operator.
#[derive(Debug, Clone, Copy)]
pub struct Operator {
    /// The names typed before the colon, the usual one first.
    pub names: &'static [&'static str],
    /// What stands behind the colon, for a table of operators.
    pub value: &'static str,
    /// What it finds, in one line.
    pub finds: &'static str,
    /// What the archive understands otherwise than the platform does; empty if nothing.
    pub note: &'static str,
    read: Read,
}

impl Operator {
    /// Why an archive cannot answer it; `None` if it can.
    pub fn refused(&self) -> Option<&'static str> {
        if let Unanswerable(why) = self.read { Some(why) } else { None }
    }
}

/// How an operator is read.
#[derive(Debug, Clone, Copy)]
enum Read {
    /// The leaf of each value; values are parted by commas, and any of them will do.
    Each(fn(&Reading, &str) -> Result<Expr, String>),
    /// The tree of the whole value.
    Whole(fn(&Reading, &str) -> Result<Expr, String>),
    /// An archive cannot answer it: why.
    Unanswerable(&'static str),
}

use Read::{Each, Unanswerable, Whole};

const fn row(
    names: &'static [&'static str],
    value: &'static str,
    finds: &'static str,
    note: &'static str,
    read: Read,
) -> Operator {
    Operator { names, value, finds, note, read }
}

const NO_PLACE: &str = "posts are kept without the place where they were written";
const NO_PROFILE: &str = "profiles are not kept, only the names of accounts";

/// Every operator.
pub const OPERATORS: &[Operator] = &[
    row(
        &["from"],
        "HANDLE,…",
        "posts by an account, by its handle with or without the server, or its native id",
        "",
        Each(|reading, value| handle(reading, value).map(Expr::From)),
    ),
    row(
        &["to"],
        "HANDLE,…",
        "replies that name an account",
        "a post says which post it answers, not whose: a reply that names the account is taken for a reply to it",
        Each(|reading, value| handle(reading, value).map(Expr::To)),
    ),
    row(
        &["mentions"],
        "HANDLE,…",
        "posts that name an account; the same as @HANDLE",
        "",
        Each(|reading, value| handle(reading, value).map(Expr::Mentions)),
    ),
    row(
        &["list"],
        "NAME",
        "posts by the accounts of a list of the configuration",
        "lists are those under [lists] in config.toml, not X's own",
        Whole(list),
    ),
    row(
        &["since"],
        "DATE",
        "posts from a date or time on",
        "",
        Whole(|reading, value| named(reading, value).map(|named| Expr::Since(named.from))),
    ),
    row(
        &["until", "before"],
        "DATE",
        "posts before a date or time: the day itself is left out",
        "",
        Whole(|reading, value| named(reading, value).map(|named| Expr::Until(named.from))),
    ),
    row(
        &["after"],
        "DATE",
        "posts after a day, month or year: it is itself left out",
        "",
        Whole(|reading, value| named(reading, value).map(|named| Expr::Since(named.to))),
    ),
    row(&["during"], "DATE", "posts of a day, a month or a year", "", Whole(during)),
    row(
        &["since_time"],
        "SECONDS",
        "posts from a time on, in seconds since 1970",
        "",
        Whole(|reading, value| seconds(reading, value).map(Expr::Since)),
    ),
    row(
        &["until_time"],
        "SECONDS",
        "posts before a time, in seconds since 1970",
        "",
        Whole(|reading, value| seconds(reading, value).map(Expr::Until)),
    ),
    row(&["within_time"], "2d, 3h, 5m, 30s", "posts of the last days, hours, minutes or seconds", "", Whole(within)),
    row(
        &["since_id"],
        "ID",
        "posts of X with a greater id",
        "ids of other platforms are not compared",
        Whole(since_id),
    ),
    row(
        &["max_id"],
        "ID",
        "posts of X with this id or a smaller one",
        "ids of other platforms are not compared",
        Whole(max_id),
    ),
    row(
        &["captured"],
        "DATE or DATE..DATE",
        "posts that were captured on a day, or from one date until before another",
        "",
        Whole(captured),
    ),
    row(
        &["lang", "language"],
        "TAG,…",
        "posts in a language or a regional form of it, as the platform says",
        "",
        Each(|_, value| language(value).map(Expr::Lang)),
    ),
    row(
        &["url", "url_contains"],
        "WORDS",
        "posts with a link whose address has these words next to each other",
        "",
        Whole(|_, value| Ok(Expr::Url(value.to_owned()))),
    ),
    row(
        &["domain", "card_domain"],
        "HOST,…",
        "posts with a link to a host or to one below it",
        "",
        Each(|_, value| host(value).map(Expr::Domain)),
    ),
    row(
        &["has"],
        "WHAT,…",
        "posts with media, image, video, gif, audio, link, hashtag, mention, cashtag, poll, warning, alt or engagement",
        "",
        Each(|_, value| Has::of(value).map(Expr::Has).ok_or_else(|| Has::wanted(value))),
    ),
    row(
        &["is"],
        "WHAT,…",
        "posts that are original, reply, repost, quote, sensitive or by somebody verified",
        "",
        Each(|_, value| is(value)),
    ),
    row(
        &["filter"],
        "WHAT",
        "X's word for has: and is:; -filter: leaves them out",
        "",
        Whole(|_, value| filter(value)),
    ),
    row(
        &["exclude"],
        "WHAT",
        "the same as -filter:",
        "",
        Whole(|_, value| filter(value).map(|leaf| Expr::Not(Box::new(leaf)))),
    ),
    row(
        &["include"],
        "nativeretweets",
        "everything",
        "it changes nothing: reposts are found like all posts; -is:repost leaves them out",
        Whole(include),
    ),
    row(
        &["min_likes", "min_faves"],
        "N",
        "posts with so many likes or more when last seen",
        "",
        Whole(|_, value| least(Count::Likes, value)),
    ),
    row(
        &["min_reposts", "min_retweets"],
        "N",
        "posts with so many reposts or more when last seen",
        "",
        Whole(|_, value| least(Count::Reposts, value)),
    ),
    row(
        &["min_replies"],
        "N",
        "posts with so many replies or more when last seen",
        "",
        Whole(|_, value| least(Count::Replies, value)),
    ),
    row(
        &["min_quotes"],
        "N",
        "posts with so many quotes or more when last seen",
        "",
        Whole(|_, value| least(Count::Quotes, value)),
    ),
    row(
        &["min_views"],
        "N",
        "posts with so many views or more when last seen",
        "",
        Whole(|_, value| least(Count::Views, value)),
    ),
    row(
        &["conversation", "conversation_id"],
        "POST",
        "a post and the answers to it, and to those, by key, id or address",
        "only answers that lead there through posts of the archive are found",
        Whole(|reading, value| Ok(Expr::Conversation(post(reading, value)))),
    ),
    row(
        &["in_reply_to_tweet_id", "in_reply_to_status_id"],
        "POST",
        "direct answers to a post, by key, id or address",
        "",
        Whole(|reading, value| Ok(Expr::Answering(post(reading, value)))),
    ),
    row(
        &["quoted", "quoted_tweet_id", "quotes_of_tweet_id"],
        "POST",
        "posts that quote a post, by key, id or address",
        "",
        Whole(|reading, value| Ok(Expr::Quoting(post(reading, value)))),
    ),
    row(
        &["retweets_of_tweet_id"],
        "POST",
        "reposts of a post, by key, id or address",
        "",
        Whole(|reading, value| Ok(Expr::Reposting(post(reading, value)))),
    ),
    row(&["platform"], "NAME,…", "posts of a platform", "", Each(|_, value| Ok(Expr::Platform(value.to_lowercase())))),
    row(&["job"], "NAME", "posts that a job saw", "", Whole(|_, value| Ok(Expr::Job(value.to_owned())))),
    row(
        &["state"],
        "WHAT,…",
        "posts that are edited, deleted, doubtful, nested, undated or day_only",
        "",
        Each(|_, value| State::of(value).map(Expr::State).ok_or_else(|| State::wanted(value))),
    ),
    row(
        &["text_state"],
        "WHAT,…",
        "posts whose text is complete, repaired, truncated or unknown",
        "",
        Each(|_, value| text_state(value)),
    ),
    row(
        &["label"],
        "LABEL",
        "posts with a label of the platform or the author",
        "",
        Whole(|_, value| Ok(Expr::Label(value.to_lowercase()))),
    ),
    row(
        &["quoted_in"],
        "ARTICLE",
        "posts that were quoted in an article, as the ledger says; * for any",
        "",
        Whole(|_, value| Ok(Expr::QuotedIn(value.to_owned()))),
    ),
    row(
        &["near", "within", "geocode", "place", "place_country", "point_radius", "bounding_box"],
        "…",
        "X: posts from a place",
        "",
        Unanswerable(NO_PLACE),
    ),
    row(&["source"], "…", "X: posts by an app", "", Unanswerable("the app that a post was written with is not kept")),
    row(
        &["card_name", "card_url"],
        "…",
        "X: posts with a card",
        "",
        Unanswerable("cards are not kept; has:link, has:poll and domain: find what most of them show"),
    ),
    row(
        &["quoted_user_id"],
        "…",
        "X: posts that quote somebody",
        "",
        Unanswerable("a post says which post it quotes, not whose; quoted: takes the post"),
    ),
    row(
        &["retweets_of", "retweets_of_user_id", "in_reply_to_user_id"],
        "…",
        "X: reposts of somebody's posts",
        "",
        Unanswerable("a post says which post it passes on or answers, not whose; from: finds the posts themselves"),
    ),
    row(&["context", "entity"], "…", "X: posts about a topic", "", Unanswerable("X's own topics are not kept")),
    row(
        &[
            "bio",
            "bio_name",
            "bio_location",
            "profile_country",
            "profile_region",
            "profile_locality",
            "profile_point_radius",
            "profile_bounding_box",
            "followers_count",
            "tweets_count",
            "following_count",
            "listed_count",
            "url_title",
            "url_description",
        ],
        "…",
        "X: posts by what profiles or linked pages say",
        "",
        Unanswerable(NO_PROFILE),
    ),
    row(
        &["in"],
        "library, public, all",
        "Mastodon: where to search",
        "in:all is what every search does",
        Whole(within_what),
    ),
];

/// Reads one operator; `at` is where its name begins. Gives its row too.
pub(super) fn read(
    reading: &Reading,
    name: &str,
    value: &str,
    at: usize,
) -> Result<(&'static Operator, Expr), QueryError> {
    let Some(operator) = find(name) else {
        let names = OPERATORS.iter().flat_map(|operator| operator.names.iter().copied());
        return Err(QueryError::UnknownOperator { name: name.to_owned(), nearest: nearest(name, names), at });
    };
    let wrong = |wanted: String| QueryError::Value { name: name.to_owned(), wanted, at };
    if let Unanswerable(why) = operator.read {
        return Err(QueryError::Unanswerable { name: name.to_owned(), why, at });
    }
    if value.is_empty() {
        return Err(wrong("needs a value right after the colon".to_owned()));
    }
    let expr = match operator.read {
        Whole(make) => make(reading, value).map_err(wrong)?,
        Each(make) => {
            let leaf = |value: &str| match value.trim() {
                "" => Err("has a comma with nothing beside it".to_owned()),
                value => make(reading, value),
            };
            any(value.split(',').map(leaf).collect::<Result<_, _>>().map_err(wrong)?)
        }
        Unanswerable(_) => Expr::everything(),
    };
    Ok((operator, expr))
}

/// The operator of a name, in any case.
pub(super) fn find(name: &str) -> Option<&'static Operator> {
    OPERATORS.iter().find(|operator| operator.names.iter().any(|known| known.eq_ignore_ascii_case(name)))
}

fn handle(reading: &Reading, value: &str) -> Result<Handle, String> {
    if value.eq_ignore_ascii_case("me") {
        return reading
            .me
            .clone()
            .ok_or_else(|| "me: the archive does not know who you are; name the handle".to_owned());
    }
    Handle::new(value).ok_or_else(|| "takes a handle, as in from:@somebody".to_owned())
}

fn list(reading: &Reading, value: &str) -> Result<Expr, String> {
    let Some(handles) = reading.lists.get(value) else {
        let near = nearest(value, reading.lists.keys().map(String::as_str));
        let near = near.map(|near| format!("did you mean {near}? ")).unwrap_or_default();
        let known: Vec<&str> = reading.lists.keys().map(String::as_str).collect();
        let known =
            if known.is_empty() { "there is none".to_owned() } else { format!("there are {}", known.join(", ")) };
        return Err(format!("no list {value:?} stands under [lists] in the configuration: {near}{known}"));
    };
    if handles.is_empty() {
        return Err(format!("list {value:?} of the configuration is empty"));
    }
    Ok(any(handles.iter().cloned().map(Expr::From).collect()))
}

/// Any of these; the one, if there is only one.
pub(super) fn any(mut choices: Vec<Expr>) -> Expr {
    if choices.len() == 1 { choices.remove(0) } else { Expr::Any(choices) }
}

fn named(reading: &Reading, value: &str) -> Result<moment::Named, String> {
    moment::named(reading, value).ok_or_else(|| moment::WANTED.to_owned())
}

fn during(reading: &Reading, value: &str) -> Result<Expr, String> {
    let named = named(reading, value)?;
    if named.from == named.to {
        return Err("takes a day, a month or a year, as 2021-07-26, 2021-07 or 2021".to_owned());
    }
    Ok(Expr::All(vec![Expr::Since(named.from), Expr::Until(named.to)]))
}

fn captured(reading: &Reading, value: &str) -> Result<Expr, String> {
    let (from, to) = match value.split_once("..") {
        None => {
            let named = named(reading, value)?;
            if named.from == named.to {
                return Err("takes a day, a month or a year, or two dates as 2021-07-26..2021-07-28".to_owned());
            }
            (named.from, named.to)
        }
        Some((from, to)) => (named(reading, from)?.from, named(reading, to)?.from),
    };
    Ok(Expr::Captured(from, to))
}

fn seconds(reading: &Reading, value: &str) -> Result<DateTime<FixedOffset>, String> {
    moment::of_seconds(reading, value).ok_or_else(|| "takes seconds since 1970, as 1627257600".to_owned())
}

fn within(reading: &Reading, value: &str) -> Result<Expr, String> {
    let now = reading.now.ok_or_else(|| "cannot be told here, where nobody knows what time it is".to_owned())?;
    let since =
        moment::ago(reading, now, value).ok_or_else(|| "takes a length of time as 2d, 3h, 5m or 30s".to_owned())?;
    Ok(Expr::Since(since))
}

fn number(value: &str) -> Result<u64, String> {
    let digits = value.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| value.parse().ok()).flatten().ok_or_else(|| "takes a number".to_owned())
}

/// A post by the name that the archive has of it, if it is an address.
fn post(reading: &Reading, value: &str) -> String {
    (reading.uri_at)(value).unwrap_or_else(|| value.to_owned())
}

fn since_id(reading: &Reading, value: &str) -> Result<Expr, String> {
    let id = number(value)?;
    let time = |numbered: Numbered| (numbered.time)(id).and_then(|at| at.checked_sub_signed(SLACK));
    Ok(of_platform(reading, Expr::SinceId(id), |numbered| time(numbered).map(|at| Expr::Since(at.fixed_offset()))))
}

fn max_id(reading: &Reading, value: &str) -> Result<Expr, String> {
    let id = number(value)?;
    let time = |numbered: Numbered| (numbered.time)(id).and_then(|at| at.checked_add_signed(SLACK));
    Ok(of_platform(reading, Expr::MaxId(id), |numbered| time(numbered).map(|at| Expr::Until(at.fixed_offset()))))
}

/// How far the date of a post may lie from the time in its id: pages print dates of other zones.
const SLACK: TimeDelta = TimeDelta::days(2);

/// A comparison of ids on the platform that has such ids, within a time by which the posts need not all be looked at.
fn of_platform(reading: &Reading, leaf: Expr, bound: impl Fn(Numbered) -> Option<Expr>) -> Expr {
    let Some(numbered) = reading.numbered else { return leaf };
    let platform = Expr::Platform(numbered.platform.to_owned());
    Expr::All(std::iter::once(platform).chain(bound(numbered)).chain(std::iter::once(leaf)).collect())
}

fn least(count: Count, value: &str) -> Result<Expr, String> {
    number(value).map(|least| Expr::AtLeast(count, least))
}

fn language(value: &str) -> Result<String, String> {
    let fits = !value.is_empty() && value.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    fits.then(|| value.to_ascii_lowercase())
        .ok_or_else(|| "takes a language tag, as in lang:en or lang:pt-BR".to_owned())
}

fn host(value: &str) -> Result<String, String> {
    let address = if value.contains("://") { value.to_owned() } else { format!("http://{value}") };
    crate::host::host(&address).ok_or_else(|| "takes the name of a host, as in domain:example.org".to_owned())
}

fn is(value: &str) -> Result<Expr, String> {
    Is::of(value).map(Expr::Is).ok_or_else(|| Is::wanted(value))
}

fn filter(value: &str) -> Result<Expr, String> {
    let unanswerable = |why: &str| Err(format!("{value} cannot be answered: {why}"));
    match value.to_ascii_lowercase().as_str() {
        "safe" => return Ok(Expr::Not(Box::new(Expr::Is(Is::Sensitive)))),
        "self_threads" => return unanswerable("a post says which post it answers, not whose"),
        "news" => return unanswerable("X's own list of news sites is not known; domain: names sites"),
        "follows" | "social" | "trusted" => return unanswerable("whom you follow is not known; list: names accounts"),
        "spaces" | "periscope" | "vine" => {
            return unanswerable("rooms and films of those services are kept as links: domain: finds them");
        }
        _ => {}
    }
    if let Some(is) = Is::of(value) {
        return Ok(Expr::Is(is));
    }
    Has::of(value).map(Expr::Has).ok_or_else(|| {
        let all = Has::ALL.iter().map(|(_, words)| *words).chain(Is::ALL.iter().map(|(_, words)| *words));
        takes(nearest(value, all.flatten().copied()), "what has: and is: take")
    })
}

fn include(_: &Reading, value: &str) -> Result<Expr, String> {
    match value.to_ascii_lowercase().as_str() {
        "nativeretweets" | "retweets" => Ok(Expr::everything()),
        _ => Err("takes nativeretweets".to_owned()),
    }
}

fn within_what(_: &Reading, value: &str) -> Result<Expr, String> {
    match value.to_ascii_lowercase().as_str() {
        "all" => Ok(Expr::everything()),
        "library" | "public" => {
            Err(format!("{value} cannot be answered: what you wrote or liked on your server is not known"))
        }
        _ => Err("takes all".to_owned()),
    }
}

fn text_state(value: &str) -> Result<Expr, String> {
    let states = [TextState::Complete, TextState::Repaired, TextState::Truncated, TextState::Unknown];
    let named = states.into_iter().find(|state| state.as_str().eq_ignore_ascii_case(value));
    named.map(Expr::TextState).ok_or_else(|| {
        let near = nearest(value, states.iter().map(|state| state.as_str()));
        takes(near, "one of complete, repaired, truncated, unknown")
    })
}
