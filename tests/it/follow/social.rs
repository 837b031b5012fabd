//! A Mastodon on loopback that streams: its timeline pages, and every stream that is open is in the test's hands.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use crate::support::until;
use crate::timeline::{page, status};

/// A running server.
pub struct Social {
    address: SocketAddr,
    play: Arc<Mutex<Play>>,
}

#[derive(Default)]
struct Play {
    posts: Vec<u64>,
    streams: Vec<TcpStream>,
    /// Request line and headers of all that came.
    received: Vec<String>,
    /// What is said to the next requests for a stream.
    refusals: VecDeque<String>,
    /// Where the server says that it streams.
    elsewhere: Option<String>,
}

impl Social {
    pub fn start(posts: u64) -> Social {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let play = Arc::new(Mutex::new(Play { posts: (1..=posts).collect(), ..Play::default() }));
        let played = Arc::clone(&play);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let played = Arc::clone(&played);
                std::thread::spawn(move || serve(stream, address, &played));
            }
        });
        Social { address, play }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// From now on the server says that it streams there.
    pub fn streams_at(&self, address: &str) {
        self.play.lock().unwrap().elsewhere = Some(address.to_owned());
    }

    /// The next requests for a stream get these answers.
    pub fn refuse(&self, answers: &[&str]) {
        self.play.lock().unwrap().refusals = answers.iter().map(|answer| (*answer).to_owned()).collect();
    }

    /// Somebody posts; those who listen hear it.
    pub fn post(&self, id: u64) {
        self.post_unheard(id);
        self.send(&format!("event: update\ndata: {}\n\n", status(&self.url(), id)));
    }

    /// Somebody posts, and the stream does not tell.
    pub fn post_unheard(&self, id: u64) {
        self.play.lock().unwrap().posts.push(id);
    }

    /// Sends these bytes to all who listen.
    pub fn send(&self, text: &str) {
        for stream in &mut self.play.lock().unwrap().streams {
            let _ = stream.write_all(text.as_bytes());
        }
    }

    /// All streams die.
    pub fn die(&self) {
        for stream in self.play.lock().unwrap().streams.drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// How many requests so far were for an address that holds this.
    pub fn asked(&self, part: &str) -> usize {
        self.received().iter().filter(|request| request.lines().next().is_some_and(|line| line.contains(part))).count()
    }

    pub fn received(&self) -> Vec<String> {
        self.play.lock().unwrap().received.clone()
    }

    /// Waits until this many streams were asked for.
    pub fn heard_by(&self, count: usize) {
        until("a listener", || self.asked("/streaming/hashtag") >= count);
    }
}

fn serve(mut stream: TcpStream, address: SocketAddr, play: &Mutex<Play>) {
    let mut lines = BufReader::new(stream.try_clone().unwrap());
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if lines.read_line(&mut head).unwrap_or_default() == 0 {
                return;
            }
        }
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        let base = format!("http://{address}");
        let mut play = play.lock().unwrap();
        play.received.push(head);
        if path.starts_with("/api/v1/streaming/") {
            if let Some(refusal) = play.refusals.pop_front() {
                let _ = stream.write_all(refusal.as_bytes());
                continue;
            }
            let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-store\r\n\r\n:)\n";
            stream.write_all(head.as_bytes()).unwrap();
            play.streams.push(stream);
            return;
        }
        let (body, link) = if path.starts_with("/api/v2/instance") {
            let streams = play.elsewhere.clone().unwrap_or_else(|| format!("ws://{address}"));
            (format!("{{\"configuration\":{{\"urls\":{{\"streaming\":\"{streams}\"}}}}}}"), String::new())
        } else {
            page(&base, &path, &play.posts)
        };
        let length = body.len();
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nlink: {link}\r\n\r\n"
        );
        if stream.write_all(format!("{head}{body}").as_bytes()).is_err() {
            return;
        }
    }
}
