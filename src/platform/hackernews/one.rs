//! One item by its address: the item alone from the Firebase API, with all that stands below it from Algolia.

use url::Url;

use super::{NAME, post_at};
use crate::exchange::Request;
use crate::platform::{Source, SourceError};

/// The index that is searched, and that has whole trees.
pub(super) const ALGOLIA: &str = "https://hn.algolia.com";

/// The site's own API: <https://github.com/HackerNews/API>.
const FIREBASE: &str = "https://hacker-news.firebaseio.com";

/// The request for an item.
pub(super) fn one(url: &Url, thread: bool, source: &Source) -> Option<Result<Request, SourceError>> {
    let id = post_at(url)?.id?;
    Some(if thread {
        source.base_of(NAME, ALGOLIA).map(|base| source.get(&base, &["api", "v1", "items", &id], &[]))
    } else {
        source.base_of(NAME, FIREBASE).map(|base| source.get(&base, &["v0", "item", &format!("{id}.json")], &[]))
    })
}
