//! The preview of a channel: 20 messages a page, the newest last, older ones behind `before`; numbers follow arrival.

use super::stage::Stage;
use super::{Item, World, param};
use crate::support::{Answer, Received};

pub struct Telegram;

const HTML: (&str, &str) = ("content-type", "text/html; charset=utf-8");

fn message(number: usize, item: &Item) -> String {
    format!(
        "<div class=\"tgme_widget_message_wrap js-widget_message_wrap\"><div class=\"tgme_widget_message js-widget_message\" data-post=\"HarbourNews/{number}\">\
         <div class=\"tgme_widget_message_bubble\"><div class=\"tgme_widget_message_author accent_color\"><a class=\"tgme_widget_message_owner_name\" \
         href=\"https://t.me/HarbourNews\"><span dir=\"auto\">Harbour</span></a></div><div class=\"tgme_widget_message_text js-message_text\" dir=\"auto\">{}</div>\
         <div class=\"tgme_widget_message_footer compact js-message_footer\"><span class=\"tgme_widget_message_meta\"><a class=\"tgme_widget_message_date\" \
         href=\"https://t.me/HarbourNews/{number}\"><time datetime=\"{}\" class=\"time\">10:00</time></a></span></div></div></div></div>",
        item.text().replace("#flood", "<a href=\"?q=%23flood\">#flood</a>"),
        item.at.to_rfc3339()
    )
}

impl World for Telegram {
    fn platform(&self) -> &'static str {
        "telegram"
    }

    fn source(&self, _: &str) -> String {
        "telegram:HarbourNews".to_owned()
    }

    fn answer(&self, request: &Received, items: &[Item], empty_last: bool) -> Answer {
        let numbered: Vec<(usize, &Item)> = items.iter().enumerate().map(|(i, item)| (i + 1, item)).collect();
        let page = |more: &str, messages: &[(usize, &Item)]| {
            let messages: String = messages.iter().map(|(number, item)| message(*number, item)).collect();
            let body = format!(
                "<!DOCTYPE html><html><body class=\"widget_frame_base tgme_webpreview\"><main class=\"tgme_main\">\
                 <section class=\"tgme_channel_history js-message_history\">{more}{messages}</section></main></body></html>"
            );
            Answer::new(200, &[HTML], body)
        };
        let path = request.path.split('?').next().unwrap();
        if let Some(number) = path.strip_prefix("/HarbourNews/") {
            let number: usize = number.parse().unwrap();
            return page("", &numbered[number - 1..number]);
        }
        assert_eq!(path, "/s/HarbourNews");
        let before = param(request, "before").map_or(usize::MAX, |before| before.parse().unwrap());
        let (older, newer): (Vec<_>, Vec<_>) = numbered.into_iter().partition(|(number, _)| *number < before);
        let start = older.len().saturating_sub(20);
        let shown = &older[start..];
        let link = |direction: &str, number: usize| {
            format!(
                "<div class=\"tgme_widget_message_centered js-messages_more_wrap\"><a href=\"/s/HarbourNews?q=%23flood&amp;{direction}={number}\" \
                 class=\"tme_messages_more js-messages_more\" data-{direction}=\"{number}\"></a></div>"
            )
        };
        let mut more = String::new();
        if let (Some((first, _)), Some((last, _))) = (shown.first(), shown.last()) {
            if start > 0 || empty_last {
                more += &link("before", *first);
            }
            if !newer.is_empty() {
                more += &link("after", *last);
            }
        }
        page(&more, shown)
    }

    fn least(&self, new: usize) -> usize {
        new.div_ceil(20).max(1)
    }

    fn address(&self, _: &str, item: &Item) -> Option<String> {
        Some(format!("https://t.me/HarbourNews/{}", item.n))
    }
}

#[test]
fn a_job_has_a_window() {
    let stage = Stage::with_job(Box::new(Telegram), 250, |_, _| {
        "[[job]]\nname = \"flood\"\ntags = [\"flood\"]\nsources = [\"telegram:HarbourNews\"]\n\
         since = \"2026-07-26T09:00:00Z\"\nuntil = \"2026-07-26T11:00:00Z\"\n"
            .to_owned()
    });
    // Down to the page that lies wholly before the window, from the newest.
    for (pull, wanted) in [("first", 11), ("second", 1)] {
        let (ran, requests) = stage.pull();
        assert!(ran.code == 0 && requests == wanted, "{pull}: {requests}\n{}{}", ran.out, ran.err);
        assert_eq!(stage.desk.run(&["search", "--json", "--limit", "1000"]).ok().json().len(), 120, "{pull}");
    }
}
