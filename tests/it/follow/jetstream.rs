//! A Jetstream on loopback: it sends again from a cursor on, and then what comes.

use std::io::Write;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::{Message, WebSocket, accept_hdr};

use crate::support::until;

/// What the server sends.
#[derive(Clone)]
pub enum Sent {
    /// An event of this time.
    Event(i64, String),
    /// Something that is no event, once.
    Once(Message),
}

/// A running server.
pub struct Jetstream {
    address: SocketAddr,
    play: Arc<(Mutex<Play>, Condvar)>,
}

#[derive(Default)]
struct Play {
    log: Vec<Sent>,
    /// Nothing before this time is sent again.
    kept: i64,
    /// The addresses asked.
    asked: Vec<String>,
    /// Answers to pings.
    pongs: usize,
    streams: Vec<TcpStream>,
}

impl Jetstream {
    pub fn start() -> Jetstream {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let play: Arc<(Mutex<Play>, Condvar)> = Arc::default();
        let played = Arc::clone(&play);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let played = Arc::clone(&played);
                std::thread::spawn(move || serve(stream, &played));
            }
        });
        Jetstream { address, play }
    }

    pub fn host(&self) -> String {
        self.address.to_string()
    }

    pub fn url(&self) -> String {
        format!("ws://{}", self.address)
    }

    /// Something happens in the network, now or at that time.
    pub fn happens(&self, at: Option<i64>, event: impl Fn(i64) -> String) {
        let at = at.unwrap_or_else(|| chrono::Utc::now().timestamp_micros());
        self.push(Sent::Event(at, event(at)));
    }

    pub fn push(&self, sent: Sent) {
        self.play.0.lock().unwrap().log.push(sent);
        self.play.1.notify_all();
    }

    /// Forgets what happened before that time.
    pub fn keeps_from(&self, time: i64) {
        self.play.0.lock().unwrap().kept = time;
    }

    pub fn die(&self) {
        for stream in self.play.0.lock().unwrap().streams.drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    pub fn asked(&self) -> Vec<String> {
        self.play.0.lock().unwrap().asked.clone()
    }

    pub fn pongs(&self) -> usize {
        self.play.0.lock().unwrap().pongs
    }

    /// Waits until this many connections were made.
    pub fn heard_by(&self, count: usize) {
        until("a listener", || self.asked().len() >= count);
    }
}

fn serve(stream: TcpStream, play: &(Mutex<Play>, Condvar)) {
    let mut asked = String::new();
    let own = stream.try_clone().unwrap();
    // The shape of the error is tungstenite's.
    #[expect(clippy::result_large_err)]
    let note = |request: &Request, response: Response| {
        asked = request.uri().to_string();
        Ok(response)
    };
    let Ok(mut socket) = accept_hdr(stream, note) else { return };
    let cursor: Option<i64> = asked.split(['?', '&']).find_map(|pair| pair.strip_prefix("cursor=")?.parse().ok());
    let is_packed = asked.contains("compress=true");
    let (lock, news) = play;
    let mut next = {
        let mut play = lock.lock().unwrap();
        play.streams.push(own.try_clone().unwrap());
        play.asked.push(asked);
        if cursor.is_some() { 0 } else { play.log.len() }
    };
    let reads = own.try_clone().unwrap();
    own.set_read_timeout(Some(Duration::from_millis(5))).unwrap();
    loop {
        let (batch, kept) = {
            let play = lock.lock().unwrap();
            let (mut play, _) = news.wait_timeout(play, Duration::from_millis(20)).unwrap();
            let batch = play.log[next..].to_vec();
            // What is no event is not sent again.
            for sent in play.log[next..].iter_mut().filter(|sent| matches!(sent, Sent::Once(_))) {
                *sent = Sent::Event(-1, String::new());
            }
            next = play.log.len();
            (batch, play.kept)
        };
        for sent in batch {
            let message = match sent {
                Sent::Event(at, _) if cursor.is_some_and(|cursor| at < cursor) || at < kept => continue,
                Sent::Event(_, text) if is_packed => Message::binary(packed(&text)),
                Sent::Event(_, text) => Message::text(text),
                Sent::Once(message) => message,
            };
            if socket.send(message).is_err() {
                return;
            }
        }
        match socket.read() {
            Ok(Message::Pong(_)) => lock.lock().unwrap().pongs += 1,
            Ok(_) => {}
            Err(tokio_tungstenite::tungstenite::Error::Io(error)) if error.kind() == std::io::ErrorKind::WouldBlock => {
            }
            Err(_) => return drop(close(socket, reads)),
        }
    }
}

/// A message as servers pack it, though to no advantage: a frame of zstd that names their dictionary, of blocks as they are.
fn packed(text: &str) -> Vec<u8> {
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0xa3];
    frame.extend(1_612_007_021_u32.to_le_bytes());
    frame.extend(u32::try_from(text.len()).unwrap().to_le_bytes());
    let blocks: Vec<&[u8]> = text.as_bytes().chunks(0x8000).collect();
    for (i, block) in blocks.iter().enumerate() {
        let head = u32::try_from(block.len()).unwrap() << 3 | u32::from(i + 1 == blocks.len());
        frame.extend(&head.to_le_bytes()[..3]);
        frame.extend(*block);
    }
    frame
}

fn close(mut socket: WebSocket<TcpStream>, mut stream: TcpStream) -> std::io::Result<()> {
    let _ = socket.flush();
    stream.flush()?;
    stream.shutdown(Shutdown::Both)
}
