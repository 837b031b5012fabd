//! What the answer to a look at one known post says of it: that it is there, gone, withheld, or not shown.

use crate::exchange::Known;
use crate::model::Deletion;
use crate::store::{NewCapture, Recheck, Standing};

/// Where in a capture it stands that a post is gone, if the whole answer says so.
const ANSWER: &str = "the answer";

/// Reads the answer. A server in trouble, or one that was asked too fast, says nothing of the post.
pub(super) fn read(capture: &mut NewCapture, known: &Known) {
    let is_shown = capture.posts.iter().any(|found| found.post.key() == known.key);
    let words = capture.problem.clone().unwrap_or_default();
    let skipped = capture.skipped.first().map(|skipped| skipped.reason.clone());
    let standing = match capture.status {
        _ if is_shown => Standing::There,
        404 | 410 => Standing::Gone,
        // The API of some platforms answers so where others say 404.
        400 if names_no_post(&words) => Standing::Gone,
        401 | 403 | 451 => Standing::Withheld,
        200..300 if capture.problem.is_none() => Standing::NotShown,
        _ => return,
    };
    let answer = Some(words).filter(|words| !words.is_empty()).or(skipped.filter(|_| !is_shown));
    if standing == Standing::Gone && known.is_own {
        let on = known.server.clone().zip(known.id.clone());
        capture.deleted.push(Deletion {
            at: ANSWER.to_owned(),
            platform: known.platform.clone(),
            uri: known.uri.clone(),
            on: if known.uri.is_some() { None } else { on },
            time: None,
        });
    }
    // That it is gone is an answer, and no failure of the source.
    if standing != Standing::NotShown {
        capture.problem = capture.problem.take().filter(|_| standing == Standing::There);
    }
    capture.recheck = Some(Recheck { key: known.key.clone(), standing, answer });
}

fn names_no_post(words: &str) -> bool {
    let words: String = words.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
    words.contains("notfound") || words.contains("couldnotlocate")
}
