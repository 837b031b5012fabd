//! A loopback server with one tag timeline as Mastodon serves it: pages of 40, `max_id`, `min_id` and Link headers.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use url::Url;

use crate::support::{Answer, Server};

/// A running timeline.
pub struct Timeline {
    server: Server,
    /// Ids of the posts, oldest first.
    posts: Arc<Mutex<Vec<u64>>>,
    counted: AtomicUsize,
}

impl Timeline {
    /// Serves `count` posts, one a minute.
    pub fn start(count: u64) -> Timeline {
        let posts = Arc::new(Mutex::new((1..=count).collect::<Vec<_>>()));
        let served = Arc::clone(&posts);
        let server = Server::new(move |_, request| {
            let base = format!("http://{}", request.header("host").unwrap());
            let (body, link) = page(&base, &request.path, &served.lock().unwrap());
            Answer::new(200, &[("content-type", "application/json; charset=utf-8"), ("link", &link)], body)
        });
        Timeline { server, posts, counted: AtomicUsize::new(0) }
    }

    /// The address of its first page.
    pub fn url(&self) -> String {
        self.server.url("/api/v1/timelines/tag/flood?limit=40")
    }

    /// Somebody posts.
    pub fn post(&self, count: u64) {
        let mut posts = self.posts.lock().unwrap();
        let newest = posts.last().copied().unwrap_or_default();
        posts.extend(newest + 1..=newest + count);
    }

    /// How many requests came since the last time this was asked.
    pub fn requests(&self) -> usize {
        let all = self.server.received().len();
        all - self.counted.swap(all, Ordering::SeqCst)
    }

    /// A configuration whose only job pulls this timeline.
    pub fn config(&self) -> String {
        config(&self.server)
    }
}

/// A configuration whose only job pulls #flood from a server as from a Mastodon, without pauses or retries.
pub fn config(server: &Server) -> String {
    format!(
        "transport = \"live\"\n[[job]]\nname = \"flood\"\ntags = [\"flood\"]\nsources = [\"mastodon:{}\"]\n\
         [http]\nmin_interval_ms = 0\nallow_private = [\"{}\"]\nretries = 0\n",
        server.url(""),
        server.host()
    )
}

/// Body and Link header of a page of these posts.
pub fn page(base: &str, path: &str, posts: &[u64]) -> (String, String) {
    let url = Url::parse(base).unwrap().join(path).unwrap();
    let param =
        |name: &str| url.query_pairs().find(|(key, _)| key == name).and_then(|(_, value)| value.parse::<u64>().ok());
    let ids: Vec<u64> = match (param("min_id"), param("max_id")) {
        (Some(min), _) => posts.iter().copied().filter(|id| *id > min).take(40).collect(),
        (None, max) => {
            let mut newest: Vec<u64> =
                posts.iter().rev().copied().filter(|id| max.is_none_or(|max| *id < max)).take(40).collect();
            newest.reverse();
            newest
        }
    };
    let body: Vec<String> = ids.iter().rev().map(|id| status(base, *id)).collect();
    let link = match (ids.first(), ids.last()) {
        (Some(oldest), Some(newest)) => {
            let tag = format!("{base}/api/v1/timelines/tag/flood?limit=40");
            format!("<{tag}&max_id={oldest}>; rel=\"next\", <{tag}&min_id={newest}>; rel=\"prev\"")
        }
        _ => String::new(),
    };
    (format!("[{}]", body.join(",")), link)
}

/// A status of the timeline.
pub fn status(base: &str, id: u64) -> String {
    let at = chrono::DateTime::from_timestamp(1_627_300_000 + i64::try_from(id).unwrap() * 60, 0).unwrap();
    serde_json::json!({
        "id": id.to_string(),
        "uri": format!("{base}/users/ada/statuses/{id}"),
        "url": format!("{base}/@ada/{id}"),
        "created_at": at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
        "visibility": "public",
        "content": format!("<p>Reaction {id} to the flood <a href=\"{base}/tags/flood\" class=\"mention hashtag\">#<span>flood</span></a></p>"),
        "account": { "id": "1", "username": "ada", "acct": "ada", "display_name": "Ada Example", "url": format!("{base}/@ada") },
        "tags": [{ "name": "flood", "url": format!("{base}/tags/flood") }],
        "mentions": [], "media_attachments": [], "emojis": [],
        "replies_count": 0, "reblogs_count": 0, "favourites_count": 0
    })
    .to_string()
}
