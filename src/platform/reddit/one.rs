//! One submission or comment by its address: whole with a credential; without one only what an embed shows.

use url::Url;

use super::search::API;
use super::session::SITE;
use super::thread::LIMIT;
use super::{NAME, post_at};
use crate::exchange::Request;
use crate::platform::live::no_thread;
use crate::platform::{Source, SourceError};

/// The thread of a comment is what it answers, eight steps up, and what answers it.
const ABOVE: &str = "8";

pub(super) fn one(url: &Url, thread: bool, source: &Source) -> Option<Result<Request, SourceError>> {
    let name = post_at(url)?.id?;
    Some(request(url, &name, thread, source))
}

fn request(url: &Url, name: &str, thread: bool, source: &Source) -> Result<Request, SourceError> {
    if source.credential.is_none() && thread {
        return Err(no_thread("Reddit shows a discussion to nobody without a credential"));
    }
    if source.credential.is_none() {
        return Ok(source.get(&source.base_of(NAME, SITE)?, &["oembed"], &[("url", url.as_str())]));
    }
    let base = source.base_of(NAME, API)?;
    let comment = name.strip_prefix("t1_");
    let submission = match comment {
        Some(_) => under(url),
        None => name.strip_prefix("t3_").map(str::to_owned),
    };
    let Some(submission) = submission.filter(|_| thread) else {
        return Ok(source.get(&base, &["api", "info"], &[("id", name), ("raw_json", "1")]));
    };
    let mut params = vec![("limit", LIMIT), ("sort", "new"), ("raw_json", "1")];
    params.extend(comment.map(|comment| ("comment", comment)));
    params.extend(comment.map(|_| ("context", ABOVE)));
    Ok(source.get(&base, &["comments", &submission], &params))
}

/// The submission below which a comment stands, as the comment's address says.
fn under(url: &Url) -> Option<String> {
    let parts: Vec<&str> = url.path().split('/').filter(|part| !part.is_empty()).collect();
    let at = parts.iter().position(|part| *part == "comments").filter(|at| *at != 1);
    let at = at.or_else(|| parts.iter().skip(2).position(|part| *part == "comments").map(|at| at + 2))?;
    parts.get(at + 1).map(|part| part.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_asked_for() {
        let with = Source { credential: Some("reddit".to_owned()), ..Source::default() };
        let asked = |url: &str, thread: bool, source: &Source| {
            one(&Url::parse(url).unwrap(), thread, source).map(|request| request.unwrap().url)
        };
        let post = "https://np.reddit.com/r/harbour/comments/ABC123/title/";
        let comment = "https://old.reddit.com/r/comments/comments/abc123/title/def456/";
        for (url, thread, wanted) in [
            (post, false, "https://oauth.reddit.com/api/info?id=t3_abc123&raw_json=1"),
            (post, true, "https://oauth.reddit.com/comments/abc123?limit=500&sort=new&raw_json=1"),
            ("https://redd.it/abc123", false, "https://oauth.reddit.com/api/info?id=t3_abc123&raw_json=1"),
            (comment, false, "https://oauth.reddit.com/api/info?id=t1_def456&raw_json=1"),
            (
                comment,
                true,
                "https://oauth.reddit.com/comments/abc123?limit=500&sort=new&raw_json=1&comment=def456&context=8",
            ),
        ] {
            assert_eq!(asked(url, thread, &with).as_deref(), Some(wanted), "{url}");
        }
        let embed = asked(comment, false, &Source::default()).unwrap();
        assert!(one(&Url::parse(comment).unwrap(), true, &Source::default()).unwrap().is_err());
        assert!(embed.starts_with("https://www.reddit.com/oembed?url=https%3A%2F%2Fold.reddit.com%2Fr%2F"), "{embed}");
        assert_eq!(asked("https://www.reddit.com/r/harbour/", false, &with), None);
    }
}
