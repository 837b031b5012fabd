//! Two hundred searches over twenty thousand posts, each answered by the database and by a plain filter that knows nothing of
//! it: no index, no marks, no folding but its own.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use pullquote::model::{
    Author, Handle, Hashtag, Kind, Link, Media, Mention, Metrics, Poll, Post, PostRef, Precision, TextState, When,
    WhenSource,
};
use pullquote::platform;
use pullquote::query::{Count, Expr, Has, Is, Reading, State};
use pullquote::store::{Search, Sort, Writer};
use unicode_normalization::UnicodeNormalization;

use crate::store::{Archive, capture, start};

const POSTS: usize = 20_000;
const SEARCHES: usize = 200;

struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        // <https://en.wikipedia.org/wiki/Xorshift>
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end.max(1) as u64) as usize
    }

    /// True once in so many times.
    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        // The first are the most frequent, as words are.
        let first = self.below(list.len());
        list[self.below(first + 1)]
    }
}

const WORDS: &[&str] = &[
    "the",
    "Labour",
    "party",
    "Ken",
    "Loach",
    "expelled",
    "Starmer",
    "I",
    "stand",
    "with",
    "film",
    "Café",
    "society",
    "don't",
    "naïve",
    "STRASSE",
    "straße",
    "well-known",
    "東京",
    "東京都",
    "大阪",
    "政治",
    "สวัสดี",
    "ประเทศไทย",
    "أحمد",
    "احمد",
    "كِتاب",
    "שלום",
    "👍",
    "👍🏽",
    "🎉",
    "Łódź",
    "über",
    "Über",
    "2021",
    "3.5",
    "why?",
    "OR",
    "and",
    "rebel",
    "#fake",
    "mail@a.example",
    "$TSLA",
    "$brk",
    "half_time",
    "end.",
];

const USERS: &[&str] = &["ann", "Ben", "cy", "dee.example", "eve_1"];
const SERVERS: &[&str] = &["a.example", "b.example"];
const TAGS: &[&str] = &["Loach", "loach", "Élection", "Labour", "東京"];
const HOSTS: &[&str] = &["example.org", "www.example.org", "news.example.org", "bbc.co.uk"];
const LANGS: &[&str] = &["en", "en-GB", "pt-BR", "ja", "de,fr"];
const LABELS: &[&str] = &["sensitive", "spam", "edited", "title: The Expelled Film"];
const JOBS: &[&str] = &["loach", "labour", "late"];

fn first_day() -> DateTime<Utc> {
    "2021-07-01T00:00:00Z".parse().unwrap()
}

/// A post, and what a search may know beside it.
struct Item {
    post: Post,
    /// The words of each of its texts.
    words: Vec<Vec<String>>,
    job: &'static str,
    captured: DateTime<Utc>,
}

/// All posts, and the first of each id.
struct World {
    items: Vec<Item>,
    by_id: BTreeMap<String, usize>,
}

fn handle(dice: &mut Dice, platform: &str) -> Handle {
    let user = dice.of(USERS);
    let server = dice.of(SERVERS);
    Handle::new(&if platform == "mastodon" { format!("{user}@{server}") } else { user.to_owned() }).unwrap()
}

fn post(dice: &mut Dice, number: usize) -> Post {
    let platform = dice.of(&["x", "mastodon", "bluesky"]);
    let at = first_day() + TimeDelta::seconds(dice.below(60 * 86_400) as i64);
    let precision = if dice.once_in(8) { Precision::Day } else { Precision::Second };
    let id = match platform {
        "x" => ((at.timestamp_millis() - 1_288_834_974_657) as u64) << 22 | number as u64,
        _ => 1_000_000 + number as u64,
    };
    let uri = match platform {
        "x" => format!("https://x.com/i/status/{id}"),
        other => format!("https://{other}.example/{id}"),
    };
    let earlier = |dice: &mut Dice| PostRef {
        id: Some((1_000_000 + dice.below(number.min(50) + 1)).to_string()),
        ..PostRef::default()
    };
    let kind = [Kind::Original, Kind::Reply, Kind::Quote, Kind::Repost][dice.below(4).min(dice.below(5))];
    let mut text: Vec<String> = (0..1 + dice.below(12)).map(|_| dice.of(WORDS).to_owned()).collect();
    let mut mentions = Vec::new();
    if dice.once_in(5) {
        let named = handle(dice, platform);
        text.insert(0, format!("@{named}"));
        if dice.once_in(2) {
            mentions.push(Mention { handle: Some(named), id: Some(format!("id{}", dice.below(4))), url: None });
        }
    }
    let tags: Vec<&str> = (0..dice.below(3)).map(|_| dice.of(TAGS)).collect();
    text.extend(tags.iter().map(|tag| format!("#{tag}")));
    let count =
        |dice: &mut Dice| (!dice.once_in(3)).then(|| 10_u64.pow(dice.below(6) as u32) * dice.below(11) as u64 / 3);
    Post {
        platform: platform.to_owned(),
        id: Some(id.to_string()),
        uri: Some(uri),
        url: None,
        author: Author {
            handle: Some(handle(dice, platform)),
            flags: dice.once_in(9).then(|| "verified".to_owned()).into_iter().collect(),
            ..Author::default()
        },
        created: (!dice.once_in(40)).then(|| When::new(at, precision, WhenSource::Platform)).flatten(),
        edited: dice.once_in(15).then(|| at + TimeDelta::minutes(5)),
        text: text.join(if dice.once_in(6) { "\n" } else { " " }),
        text_state: [TextState::Complete, TextState::Truncated, TextState::Unknown][dice.below(3).min(dice.below(3))],
        content_warning: dice.once_in(12).then(|| dice.of(WORDS).to_owned()),
        lang: (!dice.once_in(5)).then(|| dice.of(LANGS).to_owned()),
        kind,
        reply_to: (kind == Kind::Reply).then(|| earlier(dice)),
        repost_of: (kind == Kind::Repost).then(|| earlier(dice)),
        quote_of: (kind == Kind::Quote).then(|| earlier(dice)),
        hashtags: tags.iter().filter_map(|tag| Hashtag::new(tag)).collect(),
        mentions,
        links: (0..dice.below(2))
            .map(|_| Link {
                shown: "link".to_owned(),
                url: format!("https://{}/Path/{}", dice.of(HOSTS), dice.below(30)),
            })
            .collect(),
        media: (0..dice.below(2))
            .map(|_| Media {
                kind: dice.of(&["image", "video", "gif", "audio"]).to_owned(),
                alt: dice.once_in(2).then(|| "a picture".to_owned()),
                ..Media::default()
            })
            .collect(),
        poll: dice.once_in(30).then(Poll::default),
        metrics: Metrics {
            likes: count(dice),
            reposts: count(dice),
            replies: count(dice),
            quotes: count(dice),
            views: count(dice),
            seen_at: Some(at + TimeDelta::days(1)),
        },
        labels: if dice.once_in(8) { vec![dice.of(LABELS).to_owned()] } else { Vec::new() },
        doubts: dice.once_in(25).then(|| "something does not fit".to_owned()).into_iter().collect(),
    }
}

/// One leaf of a search, as a person would type it.
fn leaf(dice: &mut Dice) -> String {
    let day = |dice: &mut Dice| (first_day() + TimeDelta::days(dice.below(60) as i64)).format("%Y-%m-%d").to_string();
    let time = |dice: &mut Dice| {
        (first_day() + TimeDelta::minutes(dice.below(60 * 1440) as i64)).format("%Y-%m-%dT%H:%M:00").to_string()
    };
    let user = |dice: &mut Dice| match dice.below(3) {
        0 => format!("{}@{}", dice.of(USERS), dice.of(SERVERS)),
        _ => dice.of(USERS).to_uppercase(),
    };
    let word = |dice: &mut Dice| dice.of(WORDS).replace(['"', '(', ')'], "");
    let id = |dice: &mut Dice| (1_000_000 + dice.below(60)).to_string();
    match dice.below(40) {
        0..=7 => format!("\"{}\"", word(dice)),
        8 | 9 => format!("\"{} {}\"", word(dice), word(dice)),
        10 => format!("{}*", ["Lab", "sta", "stra", "l", "expel", "東"][dice.below(6)]),
        11 => format!("\"{} * {}\"", word(dice), word(dice)),
        12 => format!("#{}", dice.of(TAGS)),
        13 => format!("${}", ["tsla", "BRK", "aapl"][dice.below(3)]),
        14 | 15 => format!("from:{}", user(dice)),
        16 => format!("to:{}", user(dice)),
        17 => format!("@{}", user(dice)),
        18 => format!("mentions:id{}", dice.below(5)),
        19 => format!("since:{}", day(dice)),
        20 => format!("until:{}", day(dice)),
        21 => format!("since:{}{}", time(dice), ["Z", "-05:00", "+09:00"][dice.below(3)]),
        22 => format!("until:{}{}", time(dice), ["Z", "-05:00", "+09:00"][dice.below(3)]),
        23 => format!("lang:{}", ["en", "en-gb", "pt", "fr", "xx"][dice.below(5)]),
        24 => format!("platform:{}", ["x", "mastodon", "threads"][dice.below(3)]),
        25 => format!("job:{}", dice.of(JOBS)),
        26 => format!("has:{}", Has::ALL[dice.below(Has::ALL.len())].1[0]),
        27 => format!("is:{}", Is::ALL[dice.below(Is::ALL.len())].1[0]),
        28 => format!("state:{}", State::ALL[dice.below(State::ALL.len())].1[0]),
        29 => format!(
            "min_{}:{}",
            ["likes", "faves", "reposts", "replies", "quotes", "views"][dice.below(6)],
            10_u64.pow(dice.below(5) as u32) * dice.below(4) as u64
        ),
        30 => format!(
            "domain:{}",
            ["example.org", "news.example.org", "co.uk", "bbc.co.uk", "nowhere.example"][dice.below(5)]
        ),
        31 => format!("url:{}", ["path/1", "NEWS", "https://www.example.org/Path", "exam"][dice.below(4)]),
        32 => format!("label:{}", ["SPAM", "sensitive", "none"][dice.below(3)]),
        33 => format!("text_state:{}", ["complete", "truncated", "unknown"][dice.below(3)]),
        34 => format!("captured:{}", ["2021-09-10", "2021-09-11..2021-09-13", "2021"][dice.below(3)]),
        35 => format!("quoted:{}", id(dice)),
        36 => format!("in_reply_to_tweet_id:{}", id(dice)),
        37 => format!("retweets_of_tweet_id:{}", id(dice)),
        38 => {
            let at = (first_day() + TimeDelta::days(dice.below(60) as i64)).timestamp_millis() - 1_288_834_974_657;
            format!("{}:{}", ["since_id", "max_id"][dice.below(2)], (at as u64) << 22)
        }
        _ => "conversation:1000003".to_owned(),
    }
}

fn search(dice: &mut Dice, depth: usize) -> String {
    let parts: Vec<String> = (0..1 + dice.below(3))
        .map(|_| {
            let part = if depth > 0 && dice.once_in(3) { format!("({})", search(dice, depth - 1)) } else { leaf(dice) };
            if dice.once_in(4) { format!("-{part}") } else { part }
        })
        .collect();
    parts.join(if dice.once_in(3) { " OR " } else { " " })
}

/// Words of a text: plain, and by its own lights.
fn words(text: &str) -> Vec<String> {
    let is_cjk = |c: char| matches!(c, '\u{e00}'..='\u{eff}' | '\u{4e00}'..='\u{9fff}');
    let is_mark = |c: char| matches!(c, '\u{300}'..='\u{36f}' | '\u{64b}'..='\u{65f}' | '\u{1f3fb}'..='\u{1f3ff}');
    let mut words = vec![String::new()];
    for c in text.nfkd().flat_map(char::to_lowercase).filter(|c| !is_mark(*c)) {
        let single = is_cjk(c) || matches!(c, '\u{1f300}'..='\u{1faff}');
        if single || !c.is_alphanumeric() {
            words.push(String::new());
        }
        match c {
            'ß' => words.last_mut().unwrap().push_str("ss"),
            'ł' => words.last_mut().unwrap().push('l'),
            // A space inside, so that no Latin word is taken for one: it stands for itself, but only next to its like.
            c if single => words.extend([c.to_string(), String::new()]),
            c if c.is_alphanumeric() => words.last_mut().unwrap().push(c),
            _ => {}
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn has_phrase(words: &[String], wanted: &[String], begins: bool) -> bool {
    words.windows(wanted.len()).any(|window| {
        window.iter().zip(wanted).enumerate().all(|(i, (word, wanted_word))| {
            word == wanted_word || (begins && i + 1 == wanted.len() && word.starts_with(wanted_word.as_str()))
        })
    })
}

fn texts(post: &Post) -> Vec<&str> {
    let titles = post.labels.iter().filter_map(|label| label.strip_prefix("title: "));
    std::iter::once(post.text.as_str()).chain(post.content_warning.as_deref()).chain(titles).collect()
}

fn says(item: &Item, phrase: &str, begins: bool) -> bool {
    let wanted = words(phrase);
    if wanted.is_empty() {
        let post = &item.post;
        return post.text.contains(phrase) || post.content_warning.as_ref().is_some_and(|text| text.contains(phrase));
    }
    item.words.iter().any(|words| has_phrase(words, &wanted, begins))
}

fn names(post: &Post, handle: &Handle) -> bool {
    let wanted = handle.as_str().to_lowercase();
    let is = |name: &str| name == wanted || name.split('@').next() == Some(wanted.as_str());
    let listed = post.mentions.iter().any(|mention| {
        mention.handle.as_ref().is_some_and(|own| is(&own.as_str().to_lowercase()))
            || mention.id.as_deref() == Some(handle.as_str())
    });
    let mut words = post.text.split_whitespace();
    listed || words.any(|word| word.strip_prefix('@').is_some_and(|name| is(&name.to_lowercase())))
}

/// The day that a post of day precision has, and the instant of others.
fn is_since(post: &Post, at: DateTime<chrono::FixedOffset>) -> bool {
    post.created.is_some_and(|when| match when.precision() {
        Precision::Day => when.at().date_naive() >= at.date_naive(),
        _ => when.at() >= at,
    })
}

fn is_until(post: &Post, at: DateTime<chrono::FixedOffset>) -> bool {
    post.created.is_some_and(|when| match when.precision() {
        Precision::Day if at.time() == NaiveTime::MIN => when.at().date_naive() < at.date_naive(),
        Precision::Day => when.at().date_naive() <= at.date_naive(),
        _ => when.at() < at,
    })
}

fn fits(expr: &Expr, item: &Item, all: &World) -> bool {
    let post = &item.post;
    let refers =
        |reference: &Option<PostRef>, id: &str| reference.as_ref().is_some_and(|r| r.id.as_deref() == Some(id));
    match expr {
        Expr::All(parts) => parts.iter().all(|part| fits(part, item, all)),
        Expr::Any(parts) => parts.iter().any(|part| fits(part, item, all)),
        Expr::Not(part) => !fits(part, item, all),
        Expr::Word(text) | Expr::Phrase(text) => says(item, text, false),
        Expr::Prefix(text) => says(item, text, true),
        Expr::Gaps(phrases) => item.words.iter().any(|words_of_one| {
            let mut rest = words_of_one.clone();
            phrases.iter().enumerate().all(|(i, phrase)| {
                let wanted = words(phrase);
                if wanted.is_empty() {
                    return true;
                }
                let from = usize::from(i > 0);
                let found = rest
                    .iter()
                    .skip(from)
                    .collect::<Vec<_>>()
                    .windows(wanted.len())
                    .position(|w| w.iter().zip(&wanted).all(|(a, b)| *a == b));
                if let Some(found) = found {
                    rest = rest.split_off(from + found + wanted.len());
                }
                found.is_some()
            })
        }),
        Expr::Tag(tag) => post.hashtags.iter().any(|own| own.folded() == tag.folded()),
        Expr::Cashtag(symbol) => {
            post.text.split_whitespace().any(|word| word.eq_ignore_ascii_case(&format!("${symbol}")))
        }
        Expr::From(handle) => {
            let own = post.author.handle.as_ref().unwrap().as_str().to_lowercase();
            let wanted = handle.as_str().to_lowercase();
            own == wanted || own.split_once('@').is_some_and(|(user, _)| user == wanted)
        }
        Expr::To(handle) => post.kind == Kind::Reply && names(post, handle),
        Expr::Mentions(handle) => names(post, handle),
        Expr::Since(at) => is_since(post, *at),
        Expr::Until(at) => is_until(post, *at),
        Expr::SinceId(id) => post.platform == "x" && post.id.as_ref().unwrap().parse::<u64>().unwrap() > *id,
        Expr::MaxId(id) => post.platform == "x" && post.id.as_ref().unwrap().parse::<u64>().unwrap() <= *id,
        Expr::Captured(from, to) => item.captured >= *from && item.captured < *to,
        Expr::Lang(lang) => post.lang.iter().flat_map(|langs| langs.split(',')).any(|own| {
            let own = own.to_lowercase();
            own == *lang || own.starts_with(&format!("{lang}-"))
        }),
        Expr::Url(wanted) => post.links.iter().any(|link| has_phrase(&words(&link.url), &words(wanted), false)),
        Expr::Domain(host) => post.links.iter().any(|link| {
            let own = link.url.trim_start_matches("https://").split('/').next().unwrap();
            own == host || own.ends_with(&format!(".{host}"))
        }),
        Expr::Has(has) => match has {
            Has::Media => !post.media.is_empty(),
            Has::Image => post.media.iter().any(|media| media.kind == "image"),
            Has::Video => post.media.iter().any(|media| media.kind == "video"),
            Has::Gif => post.media.iter().any(|media| media.kind == "gif"),
            Has::Audio => post.media.iter().any(|media| media.kind == "audio"),
            Has::Link => !post.links.is_empty(),
            Has::Hashtag => !post.hashtags.is_empty(),
            Has::Mention => post.text.starts_with('@') || !post.mentions.is_empty(),
            Has::Cashtag => post.text.split_whitespace().any(|word| word.starts_with('$')),
            Has::Poll => post.poll.is_some(),
            Has::Warning => post.content_warning.is_some(),
            Has::Alt => post.media.iter().any(|media| media.alt.is_some()),
            Has::Engagement => [post.metrics.likes, post.metrics.reposts, post.metrics.replies]
                .iter()
                .any(|count| count.unwrap_or(0) > 0),
        },
        Expr::Is(is) => match is {
            Is::Original => post.kind == Kind::Original,
            Is::Reply => post.kind == Kind::Reply,
            Is::Repost => post.kind == Kind::Repost,
            Is::Quote => post.kind == Kind::Quote,
            Is::Sensitive => post.labels.iter().any(|label| label == "sensitive"),
            Is::Verified => !post.author.flags.is_empty(),
        },
        Expr::AtLeast(count, least) => {
            let metrics = &post.metrics;
            let own = match count {
                Count::Likes => metrics.likes,
                Count::Reposts => metrics.reposts,
                Count::Replies => metrics.replies,
                Count::Quotes => metrics.quotes,
                Count::Views => metrics.views,
            };
            own.is_some_and(|own| own >= *least)
        }
        Expr::Conversation(id) => {
            let mut at = item;
            // Answers point to earlier posts only; a chain ends.
            for _ in 0..=POSTS {
                if at.post.id.as_deref() == Some(id) {
                    return true;
                }
                let above = at.post.reply_to.as_ref().and_then(|above| above.id.as_deref());
                if above == Some(id) {
                    return true;
                }
                let Some(next) = above.and_then(|above| all.by_id.get(above).map(|at| &all.items[*at])) else {
                    return false;
                };
                if std::ptr::eq(next, at) {
                    return false;
                }
                at = next;
            }
            false
        }
        Expr::Answering(id) => refers(&post.reply_to, id),
        Expr::Quoting(id) => refers(&post.quote_of, id),
        Expr::Reposting(id) => refers(&post.repost_of, id),
        Expr::Platform(name) => post.platform == *name,
        Expr::Job(job) => item.job == job,
        Expr::State(state) => match state {
            State::Edited => post.edited.is_some() || post.labels.iter().any(|label| label == "edited"),
            State::Doubtful => !post.doubts.is_empty(),
            State::Undated => post.created.is_none(),
            State::DayOnly => post.created.is_some_and(|when| when.precision() == Precision::Day),
            State::Deleted | State::Nested => false,
        },
        Expr::TextState(state) => post.text_state == *state,
        Expr::Label(label) => post.labels.iter().any(|own| own.to_lowercase() == *label),
        Expr::QuotedIn(_) => false,
    }
}

#[test]
fn two_hundred_searches_agree_with_a_plain_filter() {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let archive = Archive::new();
    let writer = Writer::open(&archive.path()).unwrap();
    let mut all: Vec<Item> = Vec::new();
    for (number, first) in (0..POSTS).step_by(1000).enumerate() {
        let posts: Vec<Post> = (first..first + 1000).map(|number| post(&mut dice, number)).collect();
        let job = JOBS[number % JOBS.len()];
        let mut capture = capture(number as u64 + 1, &posts);
        capture.facts.job = job.to_owned();
        capture.fetched_at = start() + TimeDelta::days(40) + TimeDelta::hours(5 * number as i64);
        let captured = capture.fetched_at;
        writer.commit(vec![capture]).unwrap();
        let item = |post: Post| Item { words: texts(&post).into_iter().map(words).collect(), post, job, captured };
        all.extend(posts.into_iter().map(item));
    }
    writer.close().unwrap();
    let mut by_id = BTreeMap::new();
    for (at, item) in all.iter().enumerate() {
        by_id.entry(item.post.id.clone().unwrap()).or_insert(at);
    }
    let world = World { items: all, by_id };
    let all = &world.items;
    let by_key: BTreeMap<String, usize> = all.iter().enumerate().map(|(at, item)| (item.post.key(), at)).collect();
    assert_eq!(by_key.len(), POSTS);
    let reader = archive.reader();
    let zone = "America/New_York".parse().unwrap();
    let reading = Reading { zone, numbered: Some(platform::NUMBERED), uri_at: platform::uri_at, ..Reading::default() };
    let mut searched = 0;
    let mut found = 0;
    while searched < SEARCHES {
        let typed = search(&mut dice, 2);
        let Ok(read) = reading.read(&typed) else { panic!("{typed:?} is not read") };
        searched += 1;
        let expected: BTreeSet<usize> = (0..all.len()).filter(|at| fits(&read.expr, &all[*at], &world)).collect();
        if reader.count(&read.expr).unwrap() != expected.len() as u64 {
            let is_wrong = |(at, item): &(usize, &Item)| {
                reader.fitting(&[&read.expr], &[&item.post.key()]).unwrap()[0].is_empty() == expected.contains(at)
            };
            let (at, item) = all.iter().enumerate().find(is_wrong).expect("one is found and should not be, or not");
            panic!("{typed}\n{}\nto be found: {}; {:#?}", read.expr, expected.contains(&at), item.post);
        }
        // The newest, in their order, and that each is one that was expected.
        let newest = Search { expr: read.expr.clone(), sort: Sort::Newest, limit: 100, after: None };
        let posts = reader.search(&newest).unwrap().posts;
        assert_eq!(posts.len(), expected.len().min(100), "{typed}");
        let times: Vec<Option<DateTime<Utc>>> =
            posts.iter().map(|stored| stored.post.created.map(|when| when.at())).collect();
        assert!(times.is_sorted_by(|a, b| b <= a), "{typed}");
        for stored in &posts {
            assert!(expected.contains(&by_key[&stored.key]), "{typed}: {}", stored.post.text);
        }
        if let Some(last) = posts.last() {
            let oldest_shown = last.post.created.map(|when| when.at());
            let newer =
                expected.iter().filter(|at| all[**at].post.created.map(|when| when.at()) > oldest_shown).count();
            assert!(newer <= posts.len(), "{typed}: {newer} newer ones are left out");
        }
        found += usize::from(!expected.is_empty());
    }
    assert!(found > SEARCHES / 2, "most searches find something: {found}");
    archive.is_whole();
}
