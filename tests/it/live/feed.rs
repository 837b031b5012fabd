//! The feed of a site: all its entries in one answer.

use super::{Item, World};
use crate::support::{Answer, Received};

pub struct Feed;

impl World for Feed {
    fn platform(&self) -> &'static str {
        "feed"
    }

    fn source(&self, _: &str) -> String {
        "feed:https://gazette.example/feed.xml?all=1".to_owned()
    }

    fn answer(&self, request: &Received, items: &[Item], _: bool) -> Answer {
        assert!(request.path.starts_with("/feed.xml"), "{}", request.path);
        let entries: Vec<String> = items
            .iter()
            .rev()
            .map(|item| {
                format!(
                    "<item><guid isPermaLink=\"false\">{0}</guid><link>https://gazette.example/{0}</link><title>A reader</title>\
                     <pubDate>{1}</pubDate><description>{2}</description></item>",
                    item.n,
                    item.at.to_rfc2822(),
                    item.text()
                )
            })
            .collect();
        let other = "<item><guid>x</guid><link>https://gazette.example/x</link><description>Of other things.</description></item>";
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><rss version=\"2.0\"><channel><title>Letters</title>{}{other}</channel></rss>",
            entries.concat()
        );
        Answer::new(200, &[("content-type", "application/rss+xml; charset=utf-8")], body)
    }

    fn least(&self, _: usize) -> usize {
        1
    }
}
