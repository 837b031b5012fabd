//! Every platform that can be pulled, against a loopback server that answers as it does, on good days and bad.
//!
//! A [`World`] is a platform's server in small: posts, and its answers about them in its own shape. Each world is put
//! through the same days: whole pulls and catch-ups, every form of "too fast", a token that expires, pages that repeat,
//! cursors that lead back, an empty last page, posts that come late, a server that dies, a server that repeats secrets.

mod bluesky;
mod days;
mod examples;
mod feed;
mod hackernews;
mod lemmy;
mod mastodon;
mod misskey;
mod reddit;
mod requests;
mod stage;
mod telegram;
mod threads;
mod tumblr;
mod wayback;
mod x;
mod youtube;

use chrono::{DateTime, TimeDelta, Utc};

use crate::support::{Answer, Received};

/// A platform's server in small.
pub trait World: Send + Sync + 'static {
    /// Name of the platform.
    fn platform(&self) -> &'static str;

    /// The source as a job names it, such as `mastodon:http://127.0.0.1:1`. Where the platform's own server is replaced, the
    /// stage has done so by `[platform.NAME] server`.
    fn source(&self, server: &str) -> String;

    /// Further tables of the configuration: credentials.
    fn config(&self) -> String {
        String::new()
    }

    /// Further variables, no secrets.
    fn environment(&self) -> Vec<(&'static str, &'static str)> {
        Vec::new()
    }

    /// The answer to a log-in, if the request is one: no fault befalls it.
    fn log_in(&self, _: &Received) -> Option<Answer> {
        None
    }

    /// The secrets: variables that are set, and that must be found nowhere afterwards, as also what a log-in gives.
    fn secrets(&self) -> Vec<(&'static str, &'static str)> {
        Vec::new()
    }

    /// The answer to a request. `items` are in the order in which the platform came to know them, the latest last; a world
    /// sorts as its platform does. `empty_last`: the last page still names another, which is empty.
    fn answer(&self, request: &Received, items: &[Item], empty_last: bool) -> Answer;

    /// The fewest requests in which this platform could give a pull `new` posts that it does not know.
    fn least(&self, new: usize) -> usize;

    /// How the platform says that a token has expired; `None` if it knows no credentials.
    fn expired(&self) -> Option<Answer> {
        None
    }

    /// The address of a post for a reader, on a server of this base where every server has its own posts; `None` if the
    /// platform is not asked for one post.
    fn address(&self, _: &str, _: &Item) -> Option<String> {
        None
    }

    /// Whether a post that arrives late, with a date five minutes before the newest known, is found; if not, why.
    fn misses_late(&self) -> Option<&'static str> {
        None
    }
}

/// A post of a world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item {
    /// Its number; a later number is a later date, except for one that came late.
    pub n: u64,
    /// When it was written.
    pub at: DateTime<Utc>,
}

impl Item {
    /// The post of that number: one each minute, on a day in July.
    pub fn new(n: u64) -> Item {
        let start: DateTime<Utc> = "2026-07-26T08:00:00Z".parse().unwrap();
        Item { n, at: start + TimeDelta::minutes(i64::try_from(n).unwrap()) }
    }

    /// A post that came late: its date lies between the two before it.
    pub fn late(n: u64, minutes: i64) -> Item {
        let item = Item::new(n);
        Item { at: item.at - TimeDelta::minutes(minutes) - TimeDelta::seconds(30), ..item }
    }

    /// Its words.
    pub fn text(&self) -> String {
        format!("Reaction {} stands #flood", self.n)
    }
}

/// All worlds.
pub fn worlds() -> Vec<Box<dyn World>> {
    vec![
        // One line a world.
        Box::new(reddit::Reddit),
        Box::new(bluesky::Bluesky),
        Box::new(feed::Feed),
        Box::new(hackernews::HackerNews),
        Box::new(lemmy::Lemmy),
        Box::new(mastodon::Mastodon),
        Box::new(misskey::Misskey),
        Box::new(telegram::Telegram),
        Box::new(threads::Threads),
        Box::new(tumblr::Tumblr),
        Box::new(wayback::Wayback),
        Box::new(x::X),
        Box::new(youtube::YouTube),
    ]
}

/// Does the same in every world, side by side; names the world where it fails.
pub fn everywhere(day: impl Fn(Box<dyn World>) + Sync) {
    std::thread::scope(|scope| {
        let day = &day;
        let runs: Vec<_> =
            worlds().into_iter().map(|world| (world.platform(), scope.spawn(move || day(world)))).collect();
        let failed: Vec<&str> = runs.into_iter().filter_map(|(name, run)| run.join().err().map(|_| name)).collect();
        assert!(failed.is_empty(), "it failed in {failed:?}; what each says stands above");
    });
}

/// The query parameter of a request, decoded.
pub fn param(request: &Received, name: &str) -> Option<String> {
    let url = url::Url::parse(&format!("http://host{}", request.path)).ok()?;
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}
