//! Where a post was published, as a citation names it: the site, what a post of it is called, and the template that
//! Wikipedia has for it. Platforms say it; nothing here names one.

use url::Url;

use super::{Quotable, link};

/// The site of a post, as it was when the post was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Venue {
    /// Its name for readers: `Twitter`.
    pub name: &'static str,
    /// What a post of it is called: `Tweet`.
    pub word: &'static str,
    /// The template of Wikipedia's own for it, with the parameters that name the post; `None` for `Cite web`.
    pub template: Option<(&'static str, Vec<(&'static str, String)>)>,
}

impl Venue {
    /// A site for which Wikipedia has no template.
    pub fn new(name: &'static str, word: &'static str) -> Venue {
        Venue { name, word, template: None }
    }
}

/// The name of the site: the platform's, else the host that a reader is sent to. `None` if nothing tells it.
pub(super) fn site(quotable: &Quotable) -> Option<String> {
    if let Some(venue) = &quotable.venue {
        return Some(venue.name.to_owned());
    }
    let url = Url::parse(link(&quotable.post)?).ok()?;
    let host = url.host_str()?;
    Some(host.strip_prefix("www.").unwrap_or(host).to_owned())
}

/// What the post is called.
pub(super) fn word(quotable: &Quotable) -> &'static str {
    quotable.venue.as_ref().map_or("Post", |venue| venue.word)
}
