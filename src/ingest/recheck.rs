//! What the answer to a look at one known post says of it: that it is there, gone, withheld, or not shown.

use url::Url;

use crate::exchange::Known;
use crate::model::Deletion;
use crate::store::{NewCapture, Recheck, Standing};

/// Where in a capture it stands that a post is gone, if the whole answer says so.
const ANSWER: &str = "the answer";

/// Reads the answer. A server in trouble, or one that was asked too fast, says nothing of the post.
pub(super) fn read(capture: &mut NewCapture, known: &Known) {
    let is_shown = capture.posts.iter().any(|found| found.post.key() == known.key);
    let Some(standing) = (if is_shown { Some(Standing::There) } else { unseen(capture) }) else { return };
    let words = capture.problem.clone().unwrap_or_default();
    let skipped = capture.skipped.first().map(|skipped| skipped.reason.clone());
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

/// What an answer to a request for one post says of it that does not show it.
pub(super) fn unseen(capture: &NewCapture) -> Option<Standing> {
    let asked = capture.facts.asked.as_ref().map_or(&capture.url, |asked| &asked.url);
    let skipped = capture.skipped.first().map(|skipped| skipped.reason.as_str());
    of_answer(capture.status, capture.problem.as_deref(), skipped, is_of(asked, &capture.url))
}

/// What an answer without the post says of it: its status, why it gave nothing, what it passed over, and whether it is one of the very
/// address that was asked. `None` if it says nothing of the post.
pub fn of_answer(status: u16, problem: Option<&str>, skipped: Option<&str>, is_own: bool) -> Option<Standing> {
    // What stands behind a colon in what was passed over names the post, and is not the platform's.
    let skipped = skipped.and_then(|reason| reason.split(": ").next()).filter(|_| problem.is_none());
    // Of an answer that looks well only what the platform calls an error counts, and no page with words of its own.
    let said =
        problem.filter(|problem| !(200..300).contains(&status) || problem.contains(&format!(" answered {status}: ")));
    let words: String = said.or(skipped).unwrap_or_default().chars().filter(|c| c.is_alphanumeric()).collect();
    let words = words.to_lowercase();
    let says = |any: &[&str]| any.iter().any(|said| words.contains(said));
    match status {
        // Whoever must log in is told nothing of the post.
        200..300 | 400..=428 | 451 if says(&HIDDEN) => Some(Standing::Withheld),
        404 | 410 => Some(Standing::Gone).filter(|_| is_own),
        // The API of some platforms answers so where others say 404.
        200..300 | 400 if is_own && says(&MISSING) => Some(Standing::Gone),
        401 | 403 | 451 => Some(Standing::Withheld),
        200..300 if problem.is_none() => Some(Standing::NotShown),
        _ => None,
    }
}

/// What platforms say of a post that is not there, letters and digits alone.
const MISSING: [&str; 3] = ["notfound", "couldnotlocate", "couldnotfind"];

/// What they say of one that is not for us.
const HIDDEN: [&str; 5] =
    ["authenticateduser", "authenticationrequired", "loginrequired", "notauthorized", "isblocked"];

/// Whether the answer of an address is one of what was asked, and not of another place to which a redirect led.
pub fn is_of(asked: &str, answered: &str) -> bool {
    let place = |url: &str| {
        let url = Url::parse(url).ok()?;
        Some((url.host_str()?.to_owned(), url.path().trim_end_matches('/').to_owned()))
    };
    place(asked) == place(answered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_without_the_post_says_what_became_of_it() {
        for (status, problem, skipped, is_own, standing) in [
            (404, Some("mastodon answered 404: Record not found"), None, true, Some(Standing::Gone)),
            (410, None, None, true, Some(Standing::Gone)),
            (404, Some("mastodon answered 404: no such page"), None, false, None),
            (
                404,
                Some("mastodon answered 404: This method requires an authenticated user"),
                None,
                true,
                Some(Standing::Withheld),
            ),
            (200, Some("x answered 200: Could not find tweet with ids: [99]."), None, true, Some(Standing::Gone)),
            (
                200,
                Some("x answered 200: Sorry, you are not authorized to see the Tweet with ids: [99]."),
                None,
                true,
                Some(Standing::Withheld),
            ),
            (200, Some("not a shape of x: a page that says Not Found"), None, true, None),
            (400, Some("bluesky answered 400: NotFound: Post not found: at://a/b/c"), None, true, Some(Standing::Gone)),
            (400, Some("bluesky answered 400: InvalidRequest"), None, true, None),
            (200, None, Some("is not found: at://a/b/c"), true, Some(Standing::Gone)),
            (200, None, Some("is blocked for the account that asked: at://a/b/c"), true, Some(Standing::Withheld)),
            (200, None, Some("has no text: at://notfound.example/b/c"), true, Some(Standing::NotShown)),
            (403, None, None, false, Some(Standing::Withheld)),
            (429, Some("login required"), None, true, None),
            (500, Some("not found"), None, true, None),
        ] {
            assert_eq!(of_answer(status, problem, skipped, is_own), standing, "{status} {problem:?} {skipped:?}");
        }
        assert!(is_of("https://a.example/api/1?b=c", "https://a.example/api/1/#since=1"));
        assert!(!is_of("https://a.example/api/1", "https://a.example/login"));
        assert!(!is_of("https://a.example/api/1", "https://b.example/api/1"));
    }
}
