//! Facets of a search, printed: what `search --facets author,tag,…` shows.

use clap::ValueEnum;
use serde_json::{Value, json};

use super::output::Output;
use crate::chart::grouped;
use crate::store::{Facet, FacetCounts, Facets};

/// How many values of a facet are shown.
pub(super) const SHOWN: usize = 20;

impl ValueEnum for Facet {
    fn value_variants<'a>() -> &'a [Facet] {
        &Facet::ALL
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        Some(clap::builder::PossibleValue::new(self.as_str()))
    }
}

/// Prints facets: a list for each, or one JSON object. What must be said of them goes to standard error.
pub(super) fn print(facets: &Facets, json: bool, out: &mut Output) -> std::io::Result<()> {
    if json {
        out.line(&object(facets).to_string())?;
    } else {
        facets.counts.iter().try_for_each(|counts| list(counts, out))?;
    }
    if facets.only_newest {
        eprintln!("counted among the newest {} matches only", grouped(facets.posts));
    }
    Ok(())
}

fn list(counts: &FacetCounts, out: &mut Output) -> std::io::Result<()> {
    let shown = counts.top.len() as u64;
    let some = if shown < counts.values { format!(", the {shown} most frequent") } else { String::new() };
    out.line(&format!("{}: {}{some}", counts.facet.as_str(), grouped(counts.values)))?;
    let numbers = counts.top.iter().map(|value| value.posts).chain(std::iter::once(counts.without));
    let width = numbers.map(|posts| grouped(posts).len()).max().unwrap_or_default();
    for value in &counts.top {
        let posts = grouped(value.posts);
        let platform = value.platform.as_ref().map_or_else(String::new, |platform| format!(" · {platform}"));
        out.line(&format!("  {posts:>width$}  {}{platform}", super::print::flat(&value.value)))?;
    }
    if counts.without > 0 {
        let posts = grouped(counts.without);
        out.line(&format!("  {posts:>width$}  without {}", what(counts.facet)))?;
    }
    out.line("")
}

/// What the posts without a value lack.
fn what(facet: Facet) -> &'static str {
    match facet {
        Facet::Author => "an author",
        Facet::Tag => "a hashtag",
        Facet::Domain => "a link",
        Facet::Lang => "a language",
        Facet::Day => "a date",
        Facet::Platform => "a platform",
    }
}

fn object(facets: &Facets) -> Value {
    let value = |value: &crate::store::Value| {
        let mut object = json!({"value": value.value, "posts": value.posts});
        if let (Some(platform), Some(object)) = (&value.platform, object.as_object_mut()) {
            object.insert("platform".to_owned(), platform.as_str().into());
        }
        object
    };
    let counts: serde_json::Map<String, Value> = facets
        .counts
        .iter()
        .map(|counts| {
            let top: Vec<Value> = counts.top.iter().map(value).collect();
            let counted = json!({"values": counts.values, "without": counts.without, "top": top});
            (counts.facet.as_str().to_owned(), counted)
        })
        .collect();
    json!({"posts": facets.posts, "only_newest": facets.only_newest, "facets": counts})
}
