//! The listening half of a source that is followed: keeps its stream open, however often it is lost, and passes on what
//! belongs. The other half keeps it waiting only while it writes a batch, so that no server takes it for too slow.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::mpsc::UnboundedSender;

use crate::exchange::{Exchange, Request};
use crate::http::{self, Fault, Head, HttpError, Listening, Opening};
use crate::ingest::IngestError;
use crate::platform::{Keep, Query, Stream};
use crate::pull::budget::Booking;
use crate::pull::{Puller, Purse, Task, Trouble, failure};

/// How often a stream may be resumed without coming any further, before what stands there is left out.
const BARREN: u32 = 3;

/// What is heard.
pub(super) enum News {
    /// A log-in, or what the server says of itself: to be kept.
    Beside(Box<Exchange>),
    /// The stream stands.
    Open {
        head: Box<Head>,
        request: Request,
        at: DateTime<Utc>,
        /// The position at which it was resumed.
        resumed: Option<i64>,
    },
    /// The position of its first event.
    Begun(i64),
    /// An event that belongs.
    Event(Event),
    /// Something that cannot be read.
    Unreadable,
    /// The stream was lost, and is opened again.
    Lost { from: DateTime<Utc>, why: String },
    /// The server refuses to stream. `last`: it would refuse again.
    Refused { answer: Box<Exchange>, last: bool },
    /// The server cannot be reached, and is tried again.
    Away(String),
    /// It cannot be listened to.
    GaveUp(String),
    /// The budget does not allow it to be opened.
    Spent(String),
}

/// An event that belongs.
pub(super) struct Event {
    pub(super) bytes: Vec<u8>,
    pub(super) at: DateTime<Utc>,
    pub(super) position: Option<i64>,
    /// URI of the post that it shows.
    pub(super) shows: Option<String>,
}

/// Listens to one source.
pub(super) struct Ear<'a, 'k> {
    pub(super) task: &'a Task,
    pub(super) query: &'a Query,
    pub(super) stream: Stream,
    pub(super) shared: &'a Puller<'k>,
    pub(super) purse: &'a Purse,
    /// Requests made.
    pub(super) requests: &'a Cell<u64>,
    /// How far the stream has come, events that do not belong included.
    pub(super) position: &'a Cell<Option<i64>>,
    pub(super) news: UnboundedSender<News>,
    /// Whether messages are asked for unpacked, since one could not be read.
    pub(super) unpacked: Cell<bool>,
    /// URIs of posts that were heard in this run.
    pub(super) known: RefCell<HashSet<String>>,
}

impl Ear<'_, '_> {
    /// Listens until it is dropped.
    ///
    /// # Errors
    /// The archive cannot be read.
    pub(super) async fn listen(&self) -> Result<(), Trouble> {
        let (mut attempt, mut barren) = (0, 0);
        let (base, voucher) = loop {
            match self.address().await {
                Ok(address) => break address,
                Err(Wait::Until(time)) => rest(time, &mut attempt).await,
                Err(Wait::Never(news)) => {
                    self.tell(*news);
                    return std::future::pending().await;
                }
                Err(Wait::Told) => return std::future::pending().await,
            }
        };
        loop {
            let resumed = self.stream.resume.zip(self.position.get()).filter(|(resume, position)| {
                let kept = TimeDelta::seconds(resume.kept);
                barren < BARREN && instant(*position).is_some_and(|at| Utc::now() - at < kept)
            });
            let request = resumed.map_or_else(|| base.clone(), |(resume, position)| (resume.at)(&base, position));
            let packed = self.stream.packed.filter(|_| !self.unpacked.get());
            let request = packed.map_or_else(|| request.clone(), |packed| (packed.ask)(&request));
            match self.open(&request, voucher.as_deref()).await {
                Ok(mut listening) => {
                    let resumed = resumed.map(|(_, position)| position);
                    let head = Box::new(listening.head().clone());
                    self.tell(News::Open { head, request, at: Utc::now(), resumed });
                    let (came_on, fault) = self.hear(&mut listening, resumed).await?;
                    barren = if came_on { 0 } else { barren + 1 };
                    if came_on {
                        attempt = 0;
                    }
                    let silent = TimeDelta::from_std(listening.silent_for()).unwrap_or_default();
                    self.tell(News::Lost { from: Utc::now() - silent, why: fault.to_string() });
                    rest(None, &mut attempt).await;
                }
                Err(Wait::Until(time)) => rest(time, &mut attempt).await,
                Err(Wait::Never(news)) => {
                    self.tell(*news);
                    return std::future::pending().await;
                }
                Err(Wait::Told) => return std::future::pending().await,
            }
        }
    }

    /// The request that opens the stream, and the server that named its address.
    async fn address(&self) -> Result<(Request, Option<String>), Wait> {
        let source = &self.task.server;
        let wrong = |error: crate::platform::SourceError| Wait::Never(Box::new(News::GaveUp(error.to_string())));
        let Some(ask) = self.stream.ask else {
            return Ok(((self.stream.open)(self.query, source, None).map_err(wrong)?, None));
        };
        let booking = self.book()?;
        let sent = self.shared.transport.send(&ask(source).map_err(wrong)?).await;
        drop(booking);
        self.spend(sent.requests);
        for exchange in sent.before {
            self.tell(News::Beside(Box::new(exchange)));
        }
        let answer = sent.answer.map_err(|error| self.wait(&error))?;
        let said = Some(&answer).filter(|answer| answer.response.status == 200);
        let request = (self.stream.open)(self.query, source, said).map_err(wrong)?;
        let voucher = said.and_then(|said| said.request.origin());
        self.tell(News::Beside(Box::new(answer)));
        Ok((request, voucher))
    }

    async fn open(&self, request: &Request, voucher: Option<&str>) -> Result<Box<Listening>, Wait> {
        let booking = self.book()?;
        let opened = self.shared.transport.listen(request, voucher).await;
        drop(booking);
        self.spend(opened.requests);
        for exchange in opened.before {
            self.tell(News::Beside(Box::new(exchange)));
        }
        match opened.outcome {
            Ok(Opening::Open(listening)) => Ok(listening),
            Ok(Opening::Refused(answer)) => {
                let passing = matches!(answer.response.status, 408 | 425 | 429 | 500..=599);
                self.tell(News::Refused { answer, last: !passing });
                Err(if passing { Wait::Until(None) } else { Wait::Told })
            }
            Err(error) => Err(self.wait(&error)),
        }
    }

    /// Passes on what comes, until the stream is lost. Says whether it came any further than before, and what happened.
    async fn hear(&self, listening: &mut Listening, resumed: Option<i64>) -> Result<(bool, Fault), Trouble> {
        let (mut begun, mut came_on) = (false, false);
        loop {
            let bytes = match listening.next().await {
                Ok(bytes) => bytes,
                Err(fault) => return Ok((came_on, fault)),
            };
            let unpack = self.stream.packed.map_or(Ok as fn(_) -> _, |packed| packed.unpack);
            let bytes = match unpack(bytes) {
                Ok(bytes) => bytes,
                Err(why) => {
                    self.unpacked.set(true);
                    return Ok((came_on, Fault::Broken(why)));
                }
            };
            let at = Utc::now();
            let glance = (self.stream.glance)(&bytes, &listening.head().request);
            // A server whose clock is ahead would be asked for what has not happened yet.
            let sound = |position: &i64| instant(*position).is_some_and(|time| time <= at + TimeDelta::minutes(1));
            let position = glance.position.filter(sound);
            if let (Some(position), false) = (position, begun) {
                begun = true;
                self.tell(News::Begun(position));
            }
            came_on |= position.is_none_or(|position| resumed.is_none_or(|resumed| position > resumed));
            let belongs = match glance.keep {
                Keep::Yes => true,
                Keep::IfKnown => self.knows(glance.uri.as_deref())?,
                Keep::Unreadable => {
                    self.tell(News::Unreadable);
                    false
                }
                Keep::No => false,
            };
            if belongs {
                let shows = glance.uri.filter(|_| glance.keep == Keep::Yes);
                self.known.borrow_mut().extend(shows.clone());
                self.tell(News::Event(Event { bytes, at, position, shows }));
            }
            self.position.set(self.position.get().max(position));
        }
    }

    fn knows(&self, uri: Option<&str>) -> Result<bool, IngestError> {
        let Some(uri) = uri else { return Ok(false) };
        if self.known.borrow().contains(uri) {
            return Ok(true);
        }
        self.shared.keeper.borrow().holds(self.task.platform.name, uri)
    }

    fn wait(&self, error: &HttpError) -> Wait {
        let passing = match error {
            HttpError::RateLimited { until, .. } => return self.away(error, Some(*until)),
            HttpError::Failed { fault: Fault::Private(_), .. } => false,
            HttpError::Failed { .. } => true,
            _ => false,
        };
        if passing { self.away(error, None) } else { Wait::Never(Box::new(News::GaveUp(failure(error)))) }
    }

    fn away(&self, error: &HttpError, until: Option<DateTime<Utc>>) -> Wait {
        self.tell(News::Away(failure(error)));
        Wait::Until(until)
    }

    fn book(&self) -> Result<Booking<'_>, Wait> {
        self.purse.book(&self.task.budget, 0).map_err(|why| Wait::Never(Box::new(News::Spent(why))))
    }

    fn spend(&self, requests: u32) {
        self.purse.spend(u64::from(requests), 0, 0.0);
        self.requests.set(self.requests.get() + u64::from(requests));
    }

    fn tell(&self, news: News) {
        // Whoever kept it has ended, and will drop this half, too.
        let _ = self.news.send(news);
    }
}

/// When it is tried again.
enum Wait {
    /// After a while, or then.
    Until(Option<DateTime<Utc>>),
    /// Not at all, which is told so.
    Never(Box<News>),
    /// Not at all, as was told already.
    Told,
}

/// Waits before the next attempt, longer each time.
async fn rest(until: Option<DateTime<Utc>>, attempt: &mut u32) {
    let wait = http::backoff(*attempt);
    *attempt = attempt.saturating_add(1);
    let named = until.and_then(|until| (until - Utc::now()).to_std().ok()).unwrap_or_default();
    tokio::time::sleep(wait.max(named)).await;
}

/// A position as a time.
pub(super) fn instant(position: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_micros(position)
}
