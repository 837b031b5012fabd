//! The posts that published pages quote.

use pullquote::exchange::{Exchange, Origin, Request, Response};
use pullquote::model::Post;
use pullquote::platform::{self, Page, ParseError};
use serde::Deserialize;

use crate::support::shared;

fn file(name: &str, body: impl Into<Vec<u8>>) -> Exchange {
    Exchange {
        request: Request::get(format!("file:///{name}")),
        response: Response { status: 200, body: body.into(), ..Response::default() },
        origin: Origin::File,
        ..Exchange::default()
    }
}

fn parse(body: impl Into<Vec<u8>>) -> Result<Page, ParseError> {
    (platform::by_name("article").unwrap().parse)(&file("page", body))
}

fn page(body: impl Into<Vec<u8>>) -> Page {
    parse(body).unwrap_or_else(|e| panic!("{e}"))
}

fn handle(post: &Post) -> Option<&str> {
    post.author.handle.as_ref().map(|handle| handle.as_str())
}

/// The text with each run of line breaks as one, in which the seed's expectation is to be compared.
fn without_blank_lines(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

#[derive(Deserialize)]
struct Quoted {
    text: String,
    author_name: String,
    handle: String,
    date: String,
}

#[test]
fn the_eleven_posts_of_the_first_article() {
    let Some(seed) = shared().map(|shared| shared.join("seed")) else { return };
    let expected: Vec<Quoted> = serde_json::from_slice(&std::fs::read(seed.join("expected.json")).unwrap()).unwrap();
    let plain = std::fs::read_to_string(seed.join("article.txt")).unwrap();
    for (form, body) in [("text", plain.clone()), ("html", as_html(&plain))] {
        let page = page(body);
        assert_eq!(page.skipped, [], "{form}");
        assert_eq!(page.posts.len(), expected.len(), "{form}");
        for (found, quoted) in page.posts.iter().zip(&expected) {
            let post = &found.post;
            assert_eq!(without_blank_lines(&post.text), without_blank_lines(&quoted.text), "{form}");
            assert_eq!(post.author.name.as_deref(), Some(quoted.author_name.as_str()), "{form}");
            assert_eq!(handle(post), Some(quoted.handle.as_str()), "{form}");
            assert_eq!(post.created.unwrap().to_rfc3339(), quoted.date, "{form}");
            assert!(post.doubts.is_empty(), "{form}: {:?}", post.doubts);
            assert!(post.id.is_none() && post.platform == "article", "{form}");
        }
    }
    let last = page(plain).posts.pop().unwrap();
    assert_eq!(last.post.hashtags[0].as_str(), "IStandWithKenLoach");
    assert_eq!(last.at, "line 87");
}

/// The paragraphs of a plain text as a web page has them.
fn as_html(plain: &str) -> String {
    let paragraphs = plain.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty());
    let paragraphs: String = paragraphs.map(|text| format!("<p>{}</p>\n", text.trim())).collect();
    format!(
        "<!doctype html><html><head><title>Reactions</title></head><body><article>{paragraphs}</article></body></html>"
    )
}
