//! How big it was: the sentence for an article, and what an honest article adds to it. Pure.

use crate::model::{Precision, When};
use crate::zone::Zone;

use super::words::{grouped, moment};

/// Figures of the posts that match a search. Reposts are in none but their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Size {
    /// The search as it was typed; empty for all posts.
    pub query: String,
    /// The zone that times are told in.
    pub zone: Zone,
    /// Posts.
    pub posts: u64,
    /// Accounts that wrote them.
    pub accounts: u64,
    /// Posts by the ten accounts with most of them.
    pub by_ten: u64,
    /// Posts whose author no source names.
    pub unsigned: u64,
    /// When the first of them was written.
    pub first: Option<When>,
    /// When the last of them was written.
    pub last: Option<When>,
    /// Reposts that match and are not counted.
    pub reposts: u64,
    /// Posts whose words an earlier one of them has, too.
    pub duplicates: u64,
    /// Posts of which only the day is known.
    pub day_only: u64,
    /// Posts without a date.
    pub undated: u64,
    /// Posts of each platform, the most first.
    pub platforms: Vec<(String, u64)>,
    /// Posts whose text is not whole.
    pub truncated: u64,
    /// Posts about which something does not fit, such as the date.
    pub doubtful: u64,
    /// Posts that were only ever seen inside others.
    pub nested: u64,
    /// Posts that are shipped examples, whose people are invented.
    pub recorded: u64,
    /// Sources that were not pulled to their end.
    pub unfinished: Vec<String>,
    /// Sources whose latest answer could not be read.
    pub failed: Vec<String>,
}

/// The figures in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// What the archive holds, in a sentence or three.
    pub sentence: String,
    /// What limits it, a sentence each.
    pub caveats: Vec<String>,
}

/// Says how big it was.
pub fn sentences(size: &Size) -> Said {
    let mut said = vec![statement(size)];
    match size.reposts {
        0 => {}
        1 => said.push("One repost is not counted.".to_owned()),
        many => said.push(format!("{} reposts are not counted.", grouped(many))),
    }
    match size.duplicates {
        0 => {}
        1 => said.push("One post has the same words as an earlier one.".to_owned()),
        many => said.push(format!("{} posts have the same words as an earlier one.", grouped(many))),
    }
    Said { sentence: said.join(" "), caveats: caveats(size) }
}

fn statement(size: &Size) -> String {
    let matching = if size.query.is_empty() { String::new() } else { format!(" matching “{}”", size.query) };
    if size.posts == 0 {
        return format!("The archive holds no posts{matching}.");
    }
    let by = match size.accounts {
        0 => String::new(),
        accounts => format!(" by {}", counted(accounts, "account", "accounts")),
    };
    let holds = format!("archive holds {}{by}{matching}", counted(size.posts, "post", "posts"));
    let share = if size.accounts > 10 {
        format!("; the ten busiest wrote {} of them", percent(size.by_ten, size.posts))
    } else {
        String::new()
    };
    let written = window(size).map(|window| format!(", written {window}")).unwrap_or_default();
    format!("The {holds}{written}{share}.")
}

/// From when to when, as exactly as the first and the last time are known.
fn window(size: &Size) -> Option<String> {
    let shown = |when: When| match when.precision() {
        // The day as printed, which is of no zone.
        Precision::Day => when.at().format("%-d %B %Y").to_string(),
        Precision::Minute | Precision::Second => moment(when.at(), size.zone),
    };
    let (first, last) = (size.first?, size.last?);
    let zone = match (first.precision(), last.precision()) {
        (Precision::Day, Precision::Day) => String::new(),
        _ => format!(" ({})", size.zone),
    };
    let (first, last) = (shown(first), shown(last));
    Some(if first == last { format!("on {first}{zone}") } else { format!("between {first} and {last}{zone}") })
}

/// A share with one digit behind the point, that is neither nothing nor all unless it is.
fn percent(part: u64, whole: u64) -> String {
    let thousandths = (u128::from(part) * 1000 + u128::from(whole) / 2) / u128::from(whole.max(1));
    match thousandths {
        _ if part >= whole => "all".to_owned(),
        0 => "less than 0.1 %".to_owned(),
        1000.. => "more than 99.9 %".to_owned(),
        _ => format!("{}.{} %", thousandths / 10, thousandths % 10),
    }
}

fn caveats(size: &Size) -> Vec<String> {
    let mut told = Vec::new();
    let mut tell = |posts: u64, one: &str, many: &str| match posts {
        0 => {}
        1 => told.push(format!("One post {one}.")),
        posts => told.push(format!("{} posts {many}.", grouped(posts))),
    };
    tell(
        size.recorded,
        "is a shipped example; its people are invented",
        "are shipped examples; their people are invented",
    );
    tell(size.day_only, "has only a day, without an hour", "have only a day, without an hour");
    tell(size.undated, "has no date, and may lie outside this time", "have no date, and may lie outside this time");
    tell(size.unsigned, "names no author", "name no author");
    tell(
        size.truncated,
        "is cut short, so that words behind the cut are not found",
        "are cut short, so that words behind the cuts are not found",
    );
    tell(
        size.doubtful,
        "is doubtful, in its date or otherwise; search says why",
        "are doubtful, in their dates or otherwise; search says why",
    );
    tell(size.nested, "was only seen inside another", "were only seen inside others");
    if size.platforms.len() > 1 {
        let each: Vec<String> =
            size.platforms.iter().map(|(name, posts)| format!("{name} {}", grouped(*posts))).collect();
        told.push(format!(
            "They come from {} platforms ({}), of which each shows another part of what was posted: their numbers cannot \
             be compared.",
            size.platforms.len(),
            each.join(", ")
        ));
    }
    for (sources, one, many) in [
        (&size.unfinished, "was not pulled to its end", "were not pulled to their ends"),
        (&size.failed, "failed when it was last asked", "failed when they were last asked"),
    ] {
        match sources.as_slice() {
            [] => {}
            [source] => told.push(format!("One source {one}: {source}.")),
            sources => told.push(format!("{} sources {many}: {}.", sources.len(), sources.join(", "))),
        }
    }
    told.push("It counts what the archive holds, which need not be all that was posted.".to_owned());
    told
}

fn counted(number: u64, one: &str, many: &str) -> String {
    if number == 1 { format!("one {one}") } else { format!("{} {many}", grouped(number)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::WhenSource;

    fn at(text: &str) -> Option<When> {
        match text.parse() {
            Ok(day) => When::day(day, WhenSource::Page),
            Err(_) => When::new(text.parse().unwrap(), Precision::Second, WhenSource::Platform),
        }
    }

    fn size(posts: u64, accounts: u64) -> Size {
        Size {
            query: "#IStandWithKenLoach".to_owned(),
            zone: "Europe/London".parse().unwrap(),
            posts,
            accounts,
            by_ten: 73,
            unsigned: 0,
            first: at("2021-07-26T13:03:11Z"),
            last: at("2021-07-27T08:10:00Z"),
            reposts: 0,
            duplicates: 0,
            day_only: 0,
            undated: 0,
            platforms: Vec::new(),
            truncated: 0,
            doubtful: 0,
            nested: 0,
            recorded: 0,
            unfinished: Vec::new(),
            failed: Vec::new(),
        }
    }

    #[test]
    fn the_sentence() {
        let day = |size: Size| Size { first: at("2021-07-26"), last: at("2021-07-26"), ..size };
        for (size, expected) in [
            (
                Size { reposts: 312, duplicates: 1, ..size(1204, 987) },
                "The archive holds 1,204 posts by 987 accounts matching “#IStandWithKenLoach”, written between 26 July 2021, 14:03 \
                 and 27 July 2021, 09:10 (Europe/London); the ten busiest wrote 6.1 % of them. 312 reposts are not \
                 counted. One post has the same words as an earlier one.",
            ),
            (
                Size { last: at("2021-07-26T13:03:59Z"), query: String::new(), ..size(1, 1) },
                "The archive holds one post by one account, written on 26 July 2021, 14:03 (Europe/London).",
            ),
            (
                Size { reposts: 1, first: None, last: None, ..size(0, 0) },
                "The archive holds no posts matching “#IStandWithKenLoach”. One repost is not counted.",
            ),
            (day(size(2, 0)), "The archive holds 2 posts matching “#IStandWithKenLoach”, written on 26 July 2021."),
            (
                Size { first: None, last: None, by_ten: 100, ..size(100, 10) },
                "The archive holds 100 posts by 10 accounts matching “#IStandWithKenLoach”.",
            ),
            (
                Size { first: at("2021-07-26"), query: String::new(), by_ten: 20, ..size(30, 11) },
                "The archive holds 30 posts by 11 accounts, written between 26 July 2021 and 27 July 2021, 09:10 (Europe/London); the \
                 ten busiest wrote 66.7 % of them.",
            ),
        ] {
            assert_eq!(sentences(&size).sentence, expected);
        }
    }

    #[test]
    fn shares_are_neither_nothing_nor_all_unless_they_are() {
        for (part, whole, shown) in [
            (10, 1_000_000, "less than 0.1 %"),
            (1, 1000, "0.1 %"),
            (1, 3, "33.3 %"),
            (999_999, 1_000_000, "more than 99.9 %"),
            (7, 7, "all"),
        ] {
            assert_eq!(percent(part, whole), shown);
        }
    }

    #[test]
    fn caveats_say_what_limits_the_figures() {
        let last = "It counts what the archive holds, which need not be all that was posted.";
        assert_eq!(sentences(&size(5, 5)).caveats, [last]);
        let all = Size {
            recorded: 1,
            day_only: 2,
            undated: 1,
            unsigned: 1000,
            truncated: 1,
            doubtful: 1,
            nested: 2,
            platforms: vec![("x".to_owned(), 1200), ("mastodon".to_owned(), 4)],
            unfinished: vec!["loach · mastodon:a.example".to_owned()],
            failed: vec!["a · b".to_owned(), "c · d".to_owned()],
            ..size(1204, 1)
        };
        assert_eq!(
            sentences(&all).caveats,
            [
                "One post is a shipped example; its people are invented.",
                "2 posts have only a day, without an hour.",
                "One post has no date, and may lie outside this time.",
                "1,000 posts name no author.",
                "One post is cut short, so that words behind the cut are not found.",
                "One post is doubtful, in its date or otherwise; search says why.",
                "2 posts were only seen inside others.",
                "They come from 2 platforms (x 1,200, mastodon 4), of which each shows another part of what was posted: \
                 their numbers cannot be compared.",
                "One source was not pulled to its end: loach · mastodon:a.example.",
                "2 sources failed when they were last asked: a · b, c · d.",
                last,
            ]
        );
    }
}
