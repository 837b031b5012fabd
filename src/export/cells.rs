//! A post, and a capture, as cells in the order of the columns.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use serde_json::Value;

use crate::model::{Hashtag, PostRef, Precision};
use crate::store::{Whole, WholeCapture};

/// What stands in one column of one record.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// The source does not say.
    Nothing,
    /// A text, which may be empty: the source says that there is nothing.
    Text(String),
    /// An instant.
    Time(DateTime<Utc>),
    /// A calendar day.
    Day(NaiveDate),
    /// A count.
    Number(u64),
    /// Yes or no.
    Flag(bool),
    /// A list of texts.
    Texts(Vec<String>),
    /// A list of objects, or an object.
    Json(Value),
}

impl From<String> for Cell {
    fn from(text: String) -> Cell {
        Cell::Text(text)
    }
}

impl From<&'static str> for Cell {
    fn from(word: &'static str) -> Cell {
        Cell::Text(word.to_owned())
    }
}

impl From<DateTime<Utc>> for Cell {
    fn from(at: DateTime<Utc>) -> Cell {
        Cell::Time(at)
    }
}

impl From<u64> for Cell {
    fn from(number: u64) -> Cell {
        Cell::Number(number)
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Cell {
        value.map_or(Cell::Nothing, Into::into)
    }
}

impl From<Vec<String>> for Cell {
    fn from(list: Vec<String>) -> Cell {
        Cell::Texts(list)
    }
}

/// A post in the order of [`super::COLUMNS`].
pub fn cells(whole: Whole) -> Vec<Cell> {
    let Whole { stored, capture_url, jobs, .. } = whole;
    let (post, capture) = (stored.post, stored.capture);
    let (author, metrics) = (post.author, post.metrics);
    let created = post.created;
    let exact = created.filter(|when| when.precision() != Precision::Day);
    let (server, gone) = stored.deleted.map(|gone| (gone.server, gone.at)).unzip();
    let [reply_to, repost_of, quote_of] =
        [post.reply_to, post.repost_of, post.quote_of].map(|reference| reference.unwrap_or_default());
    let reference = |PostRef { id, uri, url }: PostRef| [id, uri, url].map(Cell::from);
    let [reply_id, reply_uri, reply_url] = reference(reply_to);
    let [repost_id, repost_uri, repost_url] = reference(repost_of);
    let [quote_id, quote_uri, quote_url] = reference(quote_of);
    let tags: Vec<String> = post.hashtags.iter().map(Hashtag::to_string).collect();
    vec![
        stored.key.into(),
        post.platform.into(),
        post.id.into(),
        post.uri.into(),
        post.url.into(),
        author.id.into(),
        author.handle.map(|handle| handle.as_str().to_owned()).into(),
        author.name.into(),
        author.url.into(),
        author.flags.into(),
        exact.map(|when| when.at()).into(),
        created.map_or(Cell::Nothing, |when| Cell::Day(when.at().date_naive())),
        created.map(|when| when.precision().as_str()).into(),
        created.map(|when| when.source().as_str()).into(),
        post.edited.into(),
        post.text.into(),
        post.text_state.as_str().into(),
        post.content_warning.into(),
        post.lang.into(),
        post.kind.as_str().into(),
        reply_id,
        reply_uri,
        reply_url,
        repost_id,
        repost_uri,
        repost_url,
        quote_id,
        quote_uri,
        quote_url,
        tags.into(),
        list(&post.mentions),
        list(&post.links),
        list(&post.media),
        post.poll.as_ref().map_or(Cell::Nothing, json),
        metrics.likes.into(),
        metrics.reposts.into(),
        metrics.replies.into(),
        metrics.quotes.into(),
        metrics.views.into(),
        metrics.seen_at.into(),
        post.labels.into(),
        post.doubts.into(),
        u64::from(stored.revision).into(),
        Cell::Flag(stored.nested),
        gone.into(),
        server.flatten().into(),
        capture.record_id.into(),
        capture.digest.into(),
        capture_url.into(),
        stored.fetched_at.into(),
        stored.place.into(),
        jobs.into(),
    ]
}

/// A capture in the order of [`super::CAPTURE_COLUMNS`].
pub fn capture_cells(capture: WholeCapture) -> Vec<Cell> {
    let WholeCapture { row, media_type, length, posts, problem } = capture;
    // What the database keeps as an empty text is something that was not said.
    let said = |text: String| Some(text).filter(|text| !text.is_empty());
    vec![
        row.place.record_id.into(),
        row.place.file.into(),
        row.place.offset.into(),
        row.place.digest.into(),
        row.url.into(),
        u64::from(row.status).into(),
        said(media_type).into(),
        row.fetched_at.into(),
        length.into(),
        row.run.into(),
        row.job.into(),
        said(row.source).into(),
        said(row.platform).into(),
        word(&row.origin),
        row.first_line.into(),
        posts.into(),
        problem.into(),
    ]
}

/// A word of an enum, as JSON writes it.
fn word<T: Serialize>(value: &T) -> Cell {
    let word = serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned));
    word.into()
}

fn list<T: Serialize>(items: &[T]) -> Cell {
    json(&items)
}

fn json<T: Serialize>(value: &T) -> Cell {
    // Plain structs of strings and numbers: there is nothing in them that JSON could refuse.
    Cell::Json(serde_json::to_value(value).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::super::{CAPTURE_COLUMNS, COLUMNS};
    use super::*;
    use crate::exchange::Origin;
    use crate::model::{CaptureRef, Post, When, WhenSource};
    use crate::store::{CaptureRow, Stored};

    fn whole(post: Post) -> Whole {
        let capture = CaptureRef { file: String::new(), offset: 0, record_id: String::new(), digest: String::new() };
        let stored = Stored {
            key: "key".to_owned(),
            post,
            revision: 1,
            capture,
            place: "/0".to_owned(),
            fetched_at: DateTime::UNIX_EPOCH,
            nested: false,
            deleted: None,
        };
        Whole { stored, capture_url: String::new(), capture_number: 1, jobs: Vec::new() }
    }

    fn at(name: &str, post: Post) -> Cell {
        let place = COLUMNS.iter().position(|column| column.name == name).unwrap();
        cells(whole(post)).swap_remove(place)
    }

    #[test]
    fn there_is_a_cell_for_every_column() {
        let empty = cells(whole(Post::default()));
        assert_eq!(empty.len(), COLUMNS.len());
        for (column, cell) in COLUMNS.iter().zip(&empty) {
            assert!(!column.required || *cell != Cell::Nothing, "{} may be nothing", column.name);
        }
        let row = CaptureRow {
            number: 1,
            place: whole(Post::default()).stored.capture,
            url: String::new(),
            status: 200,
            fetched_at: DateTime::UNIX_EPOCH,
            run: String::new(),
            job: String::new(),
            source: String::new(),
            platform: String::new(),
            origin: Origin::File,
            first_line: None,
        };
        let capture = WholeCapture { row, media_type: String::new(), length: 0, posts: 0, problem: None };
        assert_eq!(capture_cells(capture).len(), CAPTURE_COLUMNS.len());
    }

    #[test]
    fn a_day_is_no_instant() {
        let post = || {
            let day = NaiveDate::from_ymd_opt(2021, 7, 26).unwrap();
            Post { created: When::day(day, WhenSource::Page), ..Post::default() }
        };
        assert_eq!(at("created", post()), Cell::Nothing);
        assert_eq!(at("created_day", post()), Cell::Day(NaiveDate::from_ymd_opt(2021, 7, 26).unwrap()));
        assert_eq!(at("created_precision", post()), Cell::Text("day".to_owned()));
        assert_eq!(at("created_day", Post::default()), Cell::Nothing);
    }

    #[test]
    fn nothing_is_not_the_empty_text() {
        assert_eq!(at("content_warning", Post::default()), Cell::Nothing);
        let post = Post { content_warning: Some(String::new()), ..Post::default() };
        assert_eq!(at("content_warning", post), Cell::Text(String::new()));
    }
}
