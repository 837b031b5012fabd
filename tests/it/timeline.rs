//! A loopback server with one tag timeline as Mastodon serves it: pages of 40, `max_id`, `min_id` and Link headers.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use url::Url;

/// A running server. It ends with the test's process.
pub struct Timeline {
    pub base: String,
    /// Ids of the posts, oldest first.
    posts: Arc<Mutex<Vec<u64>>>,
    /// Paths asked so far.
    asked: Arc<Mutex<Vec<String>>>,
}

impl Timeline {
    /// Serves `count` posts, one a minute.
    pub fn start(count: u64) -> Timeline {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let posts = Arc::new(Mutex::new((1..=count).collect::<Vec<_>>()));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let timeline = Timeline { base: base.clone(), posts: posts.clone(), asked: asked.clone() };
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (base, posts, asked) = (base.clone(), posts.clone(), asked.clone());
                // A client that is killed in the middle is what these tests are about.
                std::thread::spawn(move || {
                    let _gone = stream.and_then(|stream| serve(&stream, &base, &posts, &asked));
                });
            }
        });
        timeline
    }

    /// Somebody posts.
    pub fn post(&self, count: u64) {
        let mut posts = self.posts.lock().unwrap();
        let newest = posts.last().copied().unwrap_or_default();
        posts.extend(newest + 1..=newest + count);
    }

    /// How many requests came since the last time this was asked.
    pub fn requests(&self) -> usize {
        std::mem::take(&mut *self.asked.lock().unwrap()).len()
    }

    /// A configuration whose only job pulls this timeline.
    pub fn config(&self) -> String {
        let host = self.base.strip_prefix("http://").unwrap();
        format!(
            "transport = \"live\"\n[[job]]\nname = \"flood\"\ntags = [\"flood\"]\nsources = [\"mastodon:{}\"]\n\
             [http]\nmin_interval_ms = 0\nallow_private = [\"{host}\"]\nretries = 0\n",
            self.base
        )
    }
}

fn serve(stream: &TcpStream, base: &str, posts: &Mutex<Vec<u64>>, asked: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    // The connection is kept open, as servers do.
    while let Some(line) = lines.next() {
        let line = line?;
        let path = line.split(' ').nth(1).unwrap_or("/").to_owned();
        for header in lines.by_ref() {
            if header?.is_empty() {
                break;
            }
        }
        asked.lock().unwrap().push(path.clone());
        let (body, link) = page(base, &path, &posts.lock().unwrap());
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: {}\r\n{link}\r\n",
            body.len()
        );
        let mut stream = stream;
        stream.write_all(head.as_bytes())?;
        stream.write_all(body.as_bytes())?;
    }
    Ok(())
}

fn page(base: &str, path: &str, posts: &[u64]) -> (String, String) {
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
            format!("link: <{tag}&max_id={oldest}>; rel=\"next\", <{tag}&min_id={newest}>; rel=\"prev\"\r\n")
        }
        _ => String::new(),
    };
    (format!("[{}]", body.join(",")), link)
}

fn status(base: &str, id: u64) -> String {
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
