//! Fetches the pictures, films and sounds of a job's posts, each address once, after the posts themselves.
//!
//! What is still to be fetched is asked of the archive, so that a pull that was stopped goes on. A server's refusal is an
//! answer, and is kept; what got no answer, or was put off, is tried again by the next pull.
//!
//! Strangers write these addresses. Hosts of private addresses that the configuration allows are asked only for what stands
//! on the very server that the source is.

use url::Url;

use super::{Puller, Purse, Task, failure};
use crate::exchange::Request;
use crate::ingest::{IngestError, Reasons};

/// The most addresses that one pull of a job fetches.
const MOST: u32 = 10_000;

/// What came of a job's media.
#[derive(Debug, Clone, Default)]
pub struct MediaReport {
    /// Files that were fetched and kept.
    pub fetched: u64,
    /// Addresses that gave none, by reason.
    pub failed: Reasons,
    /// Requests that it took.
    pub requests: u64,
    /// Why the rest waits for the next pull.
    pub left: Option<String>,
}

/// Fetches what the posts of the task's job show and no capture holds yet.
///
/// # Errors
/// Only when the archive cannot be read or written.
pub(super) async fn fetch(task: &Task, shared: &Puller<'_>, purse: &Purse) -> Result<MediaReport, IngestError> {
    let mut report = MediaReport::default();
    let mut stop = shared.stop.clone();
    let mut wanted = shared.keeper.borrow().media_to_fetch(&task.job, &task.media, MOST + 1)?;
    if wanted.len() > MOST as usize {
        wanted.truncate(MOST as usize);
        report.left = Some(format!("a pull fetches {MOST} files"));
    }
    let home = task.first().ok().and_then(|request| request.origin());
    for url in wanted {
        let is_inside = Url::parse(&url).is_ok_and(|url| shared.transport.may_be_private(&url));
        if is_inside && Request::get(url.as_str()).origin() != home {
            report.failed.add("a stranger's address of a host that allow_private names", &url);
            continue;
        }
        let booking = match purse.book(&task.budget, 0) {
            Ok(booking) => booking,
            Err(why) => {
                report.left = Some(why);
                break;
            }
        };
        // A fragment is ours; it is never sent.
        let request = Request::get(url.split('#').next().unwrap_or_default());
        let sent = tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => {
                report.left = Some("the pull was stopped".to_owned());
                return Ok(report);
            }
            sent = shared.transport.send(&request) => sent,
        };
        drop(booking);
        purse.spend(u64::from(sent.requests), 0, 0.0);
        report.requests += u64::from(sent.requests);
        let facts = || shared.facts(task, &task.source, "");
        let mut keeper = shared.keeper.borrow_mut();
        for exchange in sent.before {
            keeper.append(exchange, facts())?;
        }
        match sent.answer {
            Ok(exchange) => match keeper.keep_media(exchange, &url, facts())? {
                None => report.fetched += 1,
                Some(problem) => report.failed.add(&problem, &url),
            },
            Err(error) => {
                keeper.flush()?;
                report.failed.add(&failure(&error), &url);
            }
        }
    }
    Ok(report)
}
