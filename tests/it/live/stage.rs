//! A world on a server, a configuration that pulls it, and a desk to run the program at.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use super::{Item, World};
use crate::program::{Desk, Ran};
use crate::support::{Answer, Received, Server};

/// What happens to the next request instead of an answer.
#[derive(Clone)]
pub enum Fault {
    /// Nothing: it is answered.
    Pass,
    /// This answer comes.
    Answer(Answer),
    /// What was answered to the request of this number (from 0) comes again.
    Again(usize),
    /// Half of the answer comes, then the connection ends.
    Half,
    /// An error that repeats all that was sent, as debug pages do.
    Echo,
}

/// A world being pulled.
pub struct Stage {
    pub world: Arc<dyn World>,
    pub desk: Desk,
    server: Server,
    play: Arc<Mutex<Play>>,
}

#[derive(Default)]
struct Play {
    items: Vec<Item>,
    faults: VecDeque<Fault>,
    given: Vec<Answer>,
    empty_last: bool,
}

impl Stage {
    /// The world with this many posts.
    pub fn new(world: Box<dyn World>, items: u64) -> Stage {
        Stage::with_job(world, items, |world, base| {
            let source = world.source(base);
            format!("[[job]]\nname = \"flood\"\ntags = [\"flood\"]\nsources = [{source:?}]\n{}", world.config())
        })
    }

    /// The world, pulled by a job of the caller's.
    pub fn with_job(world: Box<dyn World>, items: u64, job: impl Fn(&dyn World, &str) -> String) -> Stage {
        let world: Arc<dyn World> = Arc::from(world);
        let play = Arc::new(Mutex::new(Play { items: (1..=items).map(Item::new).collect(), ..Play::default() }));
        let (acting, played) = (Arc::clone(&world), Arc::clone(&play));
        let server = Server::new(move |_, request| {
            if let Some(answer) = acting.log_in(request) {
                return answer;
            }
            let mut play = played.lock().unwrap();
            let fault = play.faults.pop_front().unwrap_or(Fault::Pass);
            let answer = match fault {
                Fault::Pass => acting.answer(request, &play.items, play.empty_last),
                Fault::Answer(answer) => answer,
                Fault::Again(n) => play.given[n].clone(),
                Fault::Half => match acting.answer(request, &play.items, play.empty_last) {
                    Answer::Whole(bytes) | Answer::Cut(bytes) | Answer::Dribble(bytes, _) => {
                        Answer::Cut(bytes[..bytes.len() / 2].to_vec())
                    }
                },
                Fault::Echo => Answer::new(401, &[("content-type", "text/plain")], echo(request)),
            };
            play.given.push(answer.clone());
            answer
        });
        let base = server.url("");
        let config = format!(
            "transport = \"live\"\n[http]\nmin_interval_ms = 0\nretries = 2\nallow_private = [{:?}]\n\
             [platform.{}]\nserver = {base:?}\n{}",
            server.host(),
            world.platform(),
            job(&*world, &base)
        );
        Stage { desk: Desk::with(&config), world, server, play }
    }

    /// Somebody posts.
    pub fn post(&self, item: Item) {
        self.play.lock().unwrap().items.push(item);
    }

    /// What happens to the requests from now on.
    pub fn faults(&self, faults: impl IntoIterator<Item = Fault>) {
        self.play.lock().unwrap().faults = faults.into_iter().collect();
    }

    /// Base address of the world's server.
    pub fn base(&self) -> String {
        self.server.url("")
    }

    /// The last page still names another, which is empty.
    pub fn empty_last(&self) {
        self.play.lock().unwrap().empty_last = true;
    }

    /// Pulls; says also how many requests came.
    pub fn pull(&self) -> (Ran, usize) {
        self.run(&["-v", "pull", "--yes"], &[])
    }

    /// Runs a command with the world's secrets and these further variables; says also how many requests came.
    pub fn run(&self, args: &[&str], variables: &[(&str, &str)]) -> (Ran, usize) {
        let before = self.server.received().len();
        let mut command = self.desk.command(args);
        command.envs(self.world.secrets()).envs(self.world.environment()).envs(variables.iter().copied());
        let ran = Ran::from(command.output().unwrap());
        self.look_for_secrets(&ran);
        (ran, self.server.received().len() - before)
    }

    /// The posts that the archive holds are those of the world, each once, with its words.
    #[track_caller]
    pub fn holds_all(&self, when: &str) {
        let mut found: BTreeMap<u64, usize> = BTreeMap::new();
        for post in self.desk.posts() {
            let text = post["text"].as_str().unwrap_or_default();
            let Some((_, rest)) = text.split_once("Reaction ") else { continue };
            let number: String = rest.chars().take_while(char::is_ascii_digit).collect();
            let number = number.parse().unwrap();
            assert!(text.contains(&Item::new(number).text()), "{text:?} is not what was written");
            *found.entry(number).or_default() += 1;
        }
        let items = self.play.lock().unwrap().items.clone();
        let expected: BTreeMap<u64, usize> = items.iter().map(|item| (item.n, 1)).collect();
        let missing: Vec<_> = expected.keys().filter(|n| !found.contains_key(n)).collect();
        let odd: Vec<_> = found.iter().filter(|(n, count)| expected.get(n) != Some(count)).collect();
        let name = self.world.platform();
        assert!(missing.is_empty() && odd.is_empty(), "{name}, {when}: missing {missing:?}, too many {odd:?}");
    }

    /// No secret stands in what was printed or in any file of the archive.
    #[track_caller]
    fn look_for_secrets(&self, ran: &Ran) {
        let mut places = vec![("output".to_owned(), ran.out.clone()), ("errors".to_owned(), ran.err.clone())];
        if let Ok(captures) = pullquote::warc::captures(&self.desk.archive().join("captures")) {
            for capture in captures.map(Result::unwrap) {
                let body = String::from_utf8_lossy(&capture.exchange.body().unwrap_or_default()).into_owned();
                places.push((capture.exchange.request.url.clone(), format!("{capture:?} {body}")));
            }
        }
        let database = std::fs::read(self.desk.archive().join("pullquote.db")).unwrap_or_default();
        places.push(("database".to_owned(), String::from_utf8_lossy(&database).into_owned()));
        for (_, secret) in self.world.secrets() {
            for (place, text) in &places {
                assert!(!text.contains(secret), "{}: {secret} stands in {place}", self.world.platform());
            }
        }
    }
}

fn echo(request: &Received) -> String {
    let headers: Vec<String> = request.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    let body = String::from_utf8_lossy(&request.body);
    format!("cannot answer {} {}\n{}\n\n{body}", request.method, request.path, headers.join("\n"))
}
