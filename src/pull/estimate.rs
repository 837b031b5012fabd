//! What a pull would bring and cost, asked of the platform before the first post is read.
//!
//! The answers that count are not kept: they hold no posts.

use super::{Begin, Task, failure, money};
use crate::http::Transport;
use crate::platform::Counted;

/// The most answers that are asked for one count: X gives a month of days on each.
const MOST_COUNTS: usize = 300;

/// What is known of a pull before it begins.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// Name of the job.
    pub job: String,
    /// Name of the source.
    pub source: String,
    /// Posts that the platform counts; why that is not known, if it is not.
    pub posts: Result<u64, String>,
    /// Whether the platform counts, but did not.
    pub failed: bool,
    /// What the number leaves out or only guesses; empty if nothing.
    pub caveat: &'static str,
    /// Requests that it takes to read them.
    pub requests: u64,
    /// Seconds that those take at the pace that is configured and the rate that the platform allows.
    pub seconds: u64,
    /// Units of what the platform meters.
    pub units: u64,
    /// What those are: `post reads`.
    pub unit: &'static str,
    /// What they cost, in US dollars.
    pub dollars: f64,
    /// What it cost to count, in US dollars.
    pub counting: f64,
}

/// What counting may cost where no budget says otherwise, in US dollars.
const COUNTING: f64 = 0.25;

/// Asks how much there is. `interval` is the configured pause between two requests, in milliseconds.
pub async fn estimate(task: &Task, transport: &Transport, interval: u64) -> Estimate {
    let mut estimate = Estimate {
        job: task.job.clone(),
        source: task.source.clone(),
        posts: Err(format!("{} does not say how much there is", task.platform.title)),
        failed: false,
        caveat: "",
        requests: 0,
        seconds: 0,
        units: 0,
        unit: "",
        dollars: 0.0,
        counting: 0.0,
    };
    let (Some(live), Begin::Query(query)) = (task.platform.live, &task.begin) else { return estimate };
    let Some(count) = live.count else { return estimate };
    let mut counted = Counted::default();
    let mut next = match (count.first)(query, &task.server) {
        Ok(request) => Some(request),
        Err(error) => {
            (estimate.posts, estimate.failed) = (Err(error.to_string()), true);
            return estimate;
        }
    };
    let most = task.budget.dollars.unwrap_or(COUNTING);
    let requests = task.budget.requests.and_then(|most| usize::try_from(most).ok()).unwrap_or(MOST_COUNTS);
    for _ in 0..requests.min(MOST_COUNTS) {
        if estimate.counting + count.dollars > most {
            if estimate.counting == 0.0 {
                estimate.posts = Err("counting costs more than the budget allows".to_owned());
                return estimate;
            }
            break;
        }
        let Some(request) = next.take() else { break };
        estimate.counting += count.dollars;
        let answer = match transport.send(&request).await.answer {
            Ok(answer) => (count.read)(&answer).map_err(|error| error.to_string()),
            Err(error) => Err(failure(&error)),
        };
        match answer {
            Ok(more) => {
                counted.posts = counted.posts.saturating_add(more.posts);
                let sum = |more: Option<u64>, before: Option<u64>| {
                    more.map(|n| n.saturating_add(before.unwrap_or(0))).or(before)
                };
                counted.requests = sum(more.requests, counted.requests);
                counted.units = sum(more.units, counted.units);
                counted.caveat = more.caveat;
                next = more.next;
            }
            Err(error) => {
                (estimate.posts, estimate.failed) = (Err(error), true);
                return estimate;
            }
        }
    }
    if next.is_some() {
        counted.caveat = "counted is only the newest part: there is more";
    }
    let (allowed, within) = live.rate;
    estimate.posts = Ok(counted.posts);
    estimate.caveat = counted.caveat;
    estimate.requests =
        counted.requests.unwrap_or_else(|| counted.posts.div_ceil(u64::from(live.per_request.max(1))).max(1));
    let paced = estimate.requests.saturating_mul(interval) / 1000;
    // The first stretch may be used up at once; then each stretch lets so many through.
    let stretches = estimate.requests.saturating_sub(1) / u64::from(allowed.max(1));
    estimate.seconds = paced.max(stretches.saturating_mul(u64::from(within)));
    if let Some(price) = live.price {
        let first = (live.first)(query, &task.server).map(|request| (price.of_request)(&request)).unwrap_or(0);
        estimate.units = counted.units.unwrap_or_else(|| {
            estimate.requests.saturating_mul(first).saturating_add(counted.posts.saturating_mul(price.of_post))
        });
        estimate.unit = price.units;
        estimate.dollars = money(estimate.units, task.budget.dollars_per_unit);
    }
    estimate
}
