//! One-line set-up for the tests.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// The longest that a test waits for anything.
const PATIENCE: Duration = Duration::from_secs(60);

/// The project's root.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The folder of recordings and servers beside the project. `None` in a clone without it; CI must have it.
pub fn shared() -> Option<PathBuf> {
    let path = root().join("../shared");
    if path.is_dir() {
        return Some(path.canonicalize().expect("a folder that exists has a path"));
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "CI=true, but ../shared is not there");
    None
}

/// A web server on a free port of this machine. Its answers are raw bytes, so that it can do what no decent server does.
pub struct Server {
    address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
    stop: Arc<AtomicBool>,
}

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Received {
    /// `GET`.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// In the order and case in which they came.
    pub headers: Vec<(String, String)>,
    /// As long as its Content-Length says.
    pub body: Vec<u8>,
    /// When its first line came.
    pub at: Instant,
}

impl Received {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// What a [`Server`] does with a request.
#[derive(Debug, Clone)]
pub enum Answer {
    /// Sends these bytes and waits for the next request on the connection.
    Whole(Vec<u8>),
    /// Sends these bytes and closes the connection.
    Cut(Vec<u8>),
    /// Sends these bytes, then the same piece every few milliseconds until the other side goes.
    Dribble(Vec<u8>, Vec<u8>),
}

impl Answer {
    /// A decent answer with a Content-Length.
    pub fn new(status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Answer {
        let body = body.as_ref();
        let mut bytes = format!("HTTP/1.1 {status} Status\r\n").into_bytes();
        for (name, value) in headers {
            bytes.extend(format!("{name}: {value}\r\n").bytes());
        }
        bytes.extend(format!("content-length: {}\r\n\r\n", body.len()).bytes());
        bytes.extend(body);
        Answer::Whole(bytes)
    }
}

impl Server {
    /// Answers with a function of the request and of how many came before it.
    pub fn new(answer: impl Fn(usize, &Received) -> Answer + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Server { address: listener.local_addr().unwrap(), received: Arc::default(), stop: Arc::default() };
        let (received, stop, answer) = (Arc::clone(&server.received), Arc::clone(&server.stop), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if stop.load(Ordering::SeqCst) {
                    break;
                }
                let (received, answer) = (Arc::clone(&received), Arc::clone(&answer));
                std::thread::spawn(move || talk(stream, &received, &*answer));
            }
        });
        server
    }

    /// Gives these answers in this order, and the last one for ever.
    pub fn script(answers: impl IntoIterator<Item = Answer>) -> Server {
        let answers: Vec<Answer> = answers.into_iter().collect();
        Server::new(move |n, _| answers[n.min(answers.len() - 1)].clone())
    }

    /// Its address with a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// `127.0.0.1:PORT`.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// What came so far.
    pub fn received(&self) -> MutexGuard<'_, Vec<Received>> {
        self.received.lock().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts, so that it sees the flag and frees the port.
        let _ = TcpStream::connect(self.address);
    }
}

/// Serves one connection until either side has enough.
fn talk(stream: TcpStream, received: &Mutex<Vec<Received>>, answer: &dyn Fn(usize, &Received) -> Answer) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    while let Some(request) = read_request(&mut reader) {
        let n = {
            let mut received = received.lock().unwrap();
            received.push(request.clone());
            received.len() - 1
        };
        match answer(n, &request) {
            Answer::Whole(bytes) => {
                if stream.write_all(&bytes).is_err() {
                    return;
                }
            }
            Answer::Cut(bytes) => {
                let _ = stream.write_all(&bytes);
                return;
            }
            Answer::Dribble(bytes, piece) => {
                let _ = stream.write_all(&bytes);
                while stream.write_all(&piece).is_ok() {
                    std::thread::sleep(Duration::from_millis(2));
                }
                return;
            }
        }
    }
}

fn read_request(reader: &mut impl BufRead) -> Option<Received> {
    let mut line = || {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        Some(line.trim_end().to_owned())
    };
    let first = line()?;
    let at = Instant::now();
    let mut words = first.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let line = line()?;
        let Some((name, value)) = line.split_once(": ") else { break };
        headers.push((name.to_owned(), value.to_owned()));
    }
    let mut request = Received { method, path, headers, body: Vec::new(), at };
    let length = request.header("content-length").map_or(0, |length| length.parse().unwrap());
    request.body.resize(length, 0);
    reader.read_exact(&mut request.body).ok()?;
    Some(request)
}

/// Waits for something that another thread or program does, and gives what came of it.
#[track_caller]
pub fn soon<T>(what: &str, mut is_it: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = is_it() {
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Waits until that is so.
#[track_caller]
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    soon(what, || is_so().then_some(()));
}
