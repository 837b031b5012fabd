//! Where a redirect leads and whether it may be followed, as a pure function. Addresses are checked when they are
//! connected to, not here.

use url::Url;

use crate::exchange::{Method, Request};

/// What an answer means for the request.
#[derive(Debug, PartialEq)]
pub(super) enum Step {
    /// It is the answer.
    Answer,
    /// It points to this request.
    Follow(Box<Request>),
    /// It points to where a request must not go.
    Refuse {
        /// The address, as given.
        to: String,
        /// The rule.
        why: &'static str,
    },
}

/// Reads a redirect: 301, 302 and 303 turn a POST into a GET as browsers do, 307 and 308 repeat it (RFC 9110, 15.4).
/// When the origin changes, the credential stays behind. `named` tells the hosts of `allow_private`: they lie inside, and
/// only they may point at each other.
pub(super) fn step(request: &Request, status: u16, location: Option<&str>, named: impl Fn(&Url) -> bool) -> Step {
    let (true, Some(location)) = (matches!(status, 301 | 302 | 303 | 307 | 308), location) else {
        return Step::Answer;
    };
    let refuse = |why| Step::Refuse { to: location.to_owned(), why };
    let Ok(from) = Url::parse(&request.url) else { return refuse("the request has no address") };
    let Ok(mut to) = from.join(location) else { return refuse("it is no address") };
    match (from.scheme(), to.scheme()) {
        (_, "https") | ("http", "http") => {}
        ("https", "http") => return refuse("it leaves https"),
        _ => return refuse("it is neither http nor https"),
    }
    if named(&to) && !named(&from) {
        return refuse("it leads from outside to a host of `allow_private`");
    }
    // A server has no say in what stands there: the platform's own marks.
    to.set_fragment(from.fragment());
    // These two cannot fail on an http address.
    let _ = to.set_username("");
    let _ = to.set_password(None);
    let mut next = request.clone();
    if from.origin() != to.origin() {
        next.auth = None;
    }
    if request.method == Method::Post && matches!(status, 301..=303) {
        next.method = Method::Get;
        next.body = None;
        next.headers.retain(|(name, _)| !name.to_ascii_lowercase().starts_with("content-"));
    }
    next.url = to.into();
    Step::Follow(Box::new(next))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(url: &str) -> Request {
        Request { auth: Some("me".into()), ..Request::get(url) }
    }

    fn followed(request: &Request, status: u16, location: &str) -> Request {
        match step(request, status, Some(location), |_| false) {
            Step::Follow(next) => *next,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_credential_stays_with_its_origin() {
        let request = asked("https://a.test/x/y?q=1");
        for (location, url, auth) in [
            ("z", "https://a.test/x/z", Some("me".to_owned())),
            ("/z#part", "https://a.test/z", Some("me".to_owned())),
            ("https://a.test:443/", "https://a.test/", Some("me".to_owned())),
            ("https://a.test:8443/", "https://a.test:8443/", None),
            ("//b.test/", "https://b.test/", None),
            ("https://u:p@b.a.test/", "https://b.a.test/", None),
        ] {
            let next = followed(&request, 302, location);
            assert_eq!((next.url.as_str(), next.auth), (url, auth), "{location}");
        }
        assert_eq!(followed(&asked("http://a.test/"), 301, "https://a.test/").auth, None);
    }

    #[test]
    fn the_platforms_own_marks_stay() {
        let next = followed(&asked("https://a.test/x#since=2021-07-26T00:00:00Z"), 302, "/z#since=never");
        assert_eq!(next.url, "https://a.test/z#since=2021-07-26T00:00:00Z");
    }

    #[test]
    fn some_redirects_are_refused_and_some_answers_are_none() {
        let request = asked("https://a.test/");
        for location in ["http://a.test/", "ftp://a.test/", "file:///etc/passwd", "data:,x", "https://", "http://[::"] {
            assert!(matches!(step(&request, 302, Some(location), |_| false), Step::Refuse { .. }), "{location}");
        }
        for status in [200, 300, 304, 305, 404] {
            assert_eq!(step(&request, status, Some("/z"), |_| false), Step::Answer);
        }
        assert_eq!(step(&request, 302, None, |_| false), Step::Answer);
    }

    #[test]
    fn nobody_outside_points_at_a_named_host() {
        let named = |url: &Url| url.host_str() == Some("inside.test");
        let follows = |from: &str, to: &str| matches!(step(&asked(from), 302, Some(to), named), Step::Follow(_));
        assert!(!follows("https://a.test/", "https://inside.test/"));
        assert!(follows("https://inside.test/", "https://inside.test/b"));
        assert!(follows("https://inside.test/", "https://a.test/"));
    }

    #[test]
    fn a_post_becomes_a_get_or_is_repeated() {
        let request = Request {
            method: Method::Post,
            body: Some("{}".into()),
            headers: vec![("Content-Type".into(), "application/json".into()), ("x-a".into(), "1".into())],
            ..asked("https://a.test/")
        };
        for status in [301, 302, 303] {
            let next = followed(&request, status, "/z");
            assert_eq!((next.method, next.body, next.headers.len()), (Method::Get, None, 1));
        }
        for status in [307, 308] {
            let next = followed(&request, status, "/z");
            assert_eq!((next.method, next.body.as_deref(), next.headers.len()), (Method::Post, Some("{}"), 2));
        }
    }

    proptest::proptest! {
        #[test]
        fn wherever_a_server_points_the_rules_hold(location in "(https?:|ftp:|//|/|)[@:/?#\\[\\]%a-b.0-9]{0,20}|\\PC{0,30}") {
            if let Step::Follow(next) = step(&asked("https://a.test/x"), 302, Some(&location), |_| false) {
                let url = Url::parse(&next.url).unwrap();
                assert_eq!(url.scheme(), "https");
                assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none());
                let same = url.origin() == Url::parse("https://a.test/").unwrap().origin();
                assert_eq!(next.auth.is_some(), same);
            }
        }
    }
}
