//! X: saved pages of its fronts that are damaged or odd.

use pullquote::exchange::{Exchange, Origin, Request, Response};
use pullquote::platform::{self, Page, ParseError};

use crate::support::root;

fn parse(body: &[u8]) -> Result<Page, ParseError> {
    let exchange = Exchange {
        request: Request::get("file:///page.html"),
        response: Response { status: 200, body: body.to_vec(), ..Response::default() },
        origin: Origin::File,
        ..Exchange::default()
    };
    (platform::by_name("x").unwrap().parse)(&exchange)
}

#[test]
fn a_damaged_page_of_a_front_of_x_never_panics() {
    for case in ["nitter-timeline", "nitter-broken-item", "nitter-thread", "nitter-old"] {
        let body = std::fs::read(root().join("fixtures/x").join(case).join("body.html")).unwrap();
        for cut in (0..body.len()).step_by(211) {
            let _ = parse(&body[..cut]);
            let _ = parse(&[&body[..cut], &body[body.len().min(cut + 97)..]].concat());
        }
    }
    // Items that are never closed stand inside each other; each is read once.
    let open = "<div class=timeline-item><a class=tweet-link href=/a/status/1></a><div class=tweet-body>\
        <b class=username>@ada</b><div class=tweet-content>words";
    let page = parse(open.repeat(500).as_bytes()).unwrap();
    assert_eq!(page.posts.len(), 500);
    assert!(page.posts.iter().all(|found| found.post.text == "words"));
}

#[test]
fn a_quotation_that_is_no_div_has_the_place_of_its_item() {
    let body = r#"<div></div><div class="timeline-item"><a class="tweet-link" href="/ada/status/21"></a><div class="tweet-body">
        <b class="username">@ada</b><div class="tweet-content">words</div><section class="quote">
        <a class="quote-link" href="/owen/status/20"></a><b class="username">@owen</b><p class="quote-text">before</p>
        </section></div></div>"#;
    let page = parse(body.as_bytes()).unwrap();
    let found: Vec<_> = page.posts.iter().map(|found| (&*found.at, &*found.post.text)).collect();
    assert_eq!((found, page.skipped), (vec![("div 2", "words"), ("div 2", "before")], Vec::new()));
}
