//! Pages of HTML to posts, beside scraper alone finding the same parts: `cargo bench --bench pages [POSTS]`.
//!
//! Goal: at least 0.8 of the posts a second that bare scraper gives.

mod support;

use std::io::Read;
use std::time::Duration;

use pullquote::exchange::{Exchange, Origin, Request, Response};
use pullquote::import::detect;
use scraper::{ElementRef, Html, Selector};

/// A shape of the generator: its name, what holds a post, and the parts of one.
type Shape = (&'static str, &'static str, &'static [&'static str]);

const SHAPES: &[Shape] = &[
    ("embed", "blockquote.twitter-tweet, blockquote.bluesky-embed, blockquote.mastodon-embed", &["p", "a"]),
    ("nitter", ".timeline-item", &[".tweet-content", ".fullname", ".username", ".tweet-date a", ".tweet-stat"]),
];

/// Turns of each side; the least time counts, since neighbours on the machine only add to it.
const TURNS: usize = 5;

fn main() {
    let posts = std::env::args().skip(1).find_map(|arg| arg.parse().ok()).unwrap_or(20_000);
    println!("{posts} posts in pages       posts per CPU second      scraper alone     share   goal");
    for shape in SHAPES {
        let Some(mut generator) = support::generate(shape.0, posts) else { return };
        let mut pages = Vec::new();
        generator.stdout.as_mut().expect("its output is read").read_to_end(&mut pages).expect("its output is read");
        let pages: Vec<Exchange> = pages.split(|byte| *byte == 0).filter(|page| page.len() > 1).map(exchange).collect();
        let platform = detect(&pages[0]).unwrap_or_else(|e| panic!("no parser knows {} pages: {e}", shape.0));
        let (mut ours, mut bare) = (Duration::MAX, Duration::MAX);
        let (mut found, mut there) = (0, 0);
        for _ in 0..TURNS {
            let begin = support::cpu();
            found = pages.iter().map(|page| (platform.parse)(page).map_or(0, |page| page.posts.len())).sum();
            ours = ours.min(support::cpu() - begin);
            let begin = support::cpu();
            there = scrape(&pages, shape);
            bare = bare.min(support::cpu() - begin);
        }
        assert!(found > 0 && there > 0, "both find posts: {found}, {there}");
        let speed = |count: usize, time: Duration| count as f64 / time.as_secs_f64().max(0.01);
        let (ours, bare) = (speed(found, ours), speed(there, bare));
        println!("{:<28} {ours:>20.0} {bare:>18.0} {:>9.2}   0.8", shape.0, ours / bare);
    }
}

/// What anyone would write in a quarter of an hour: select, and take the text of each part. Gives the number of posts.
fn scrape(pages: &[Exchange], (_, posts, parts): &Shape) -> usize {
    let select = |css: &str| Selector::parse(css).expect("a selector");
    let (posts, parts) = (select(posts), parts.iter().map(|part| select(part)).collect::<Vec<_>>());
    let mut count = 0;
    for page in pages {
        let html = Html::parse_document(&String::from_utf8_lossy(&page.response.body));
        for post in html.select(&posts) {
            let texts: Vec<String> = parts
                .iter()
                .flat_map(|part| post.select(part))
                .map(|part: ElementRef<'_>| part.text().collect())
                .collect();
            let links: Vec<&str> = post.descendent_elements().filter_map(|element| element.attr("href")).collect();
            // Kept from the optimiser's hands.
            std::hint::black_box((texts, links));
            count += 1;
        }
    }
    count
}

fn exchange(page: &[u8]) -> Exchange {
    Exchange {
        request: Request::get("https://news.example/react"),
        response: Response {
            status: 200,
            headers: vec![("content-type".to_owned(), "text/html; charset=utf-8".to_owned())],
            body: page.to_vec(),
            protocol: None,
        },
        origin: Origin::File,
        ..Exchange::default()
    }
}
