//! What became of a post since it was quoted, or last seen, in sentences.

use crate::quote::state_id;
use crate::store::{Desk, Lookup, Permission, Quotation, Reader, Standing, StoreError};
use crate::zone::Zone;

/// What became of a post since it was quoted: a sentence for each; none if all is as it was.
///
/// # Errors
/// A damaged database.
pub fn since_quoted(reader: &Reader, desk: &Desk, quotation: &Quotation) -> Result<Vec<String>, StoreError> {
    let Lookup::One(stored) = reader.post(&quotation.post)? else {
        return Ok(vec!["the post is no longer in the archive".to_owned()]);
    };
    let post = &stored.post;
    let mut since = Vec::new();
    for clip in desk.clips_of(&quotation.post)? {
        let is_withheld = quotation.name.is_none() && quotation.handle.is_none();
        match clip.permission {
            Permission::Refused => {
                since.push(format!("its author does not want it to be printed, as clip {} says", clip.list))
            }
            Permission::Anonymise if !is_withheld => {
                since.push(format!("its author was promised to stay unnamed, as clip {} says", clip.list));
            }
            _ => {}
        }
    }
    if let Some(gone) = &stored.deleted {
        since.push(format!("the post was deleted on {}", Zone::UTC.minute(gone.at)));
    } else {
        since.extend(not_there(reader, &quotation.post)?);
    }
    if state_id(&post.text, post.content_warning.as_deref()) != quotation.state {
        let state = format!("the post says something else now: revision {}", stored.revision);
        let edited = post.edited.map(|at| format!(", edited on {}", Zone::UTC.minute(at))).unwrap_or_default();
        since.push(format!("{state}{edited}"));
    }
    let handle = post.author.handle.as_ref().map(ToString::to_string);
    if quotation.handle.is_some() && handle != quotation.handle {
        let now = handle.map_or_else(|| "nobody".to_owned(), |handle| format!("@{handle}"));
        since.push(format!("its author's handle is {now} now"));
    }
    if quotation.name.is_some() && post.author.name != quotation.name {
        let now = post.author.name.as_deref().unwrap_or("none");
        since.push(format!("its author's name is {now} now"));
    }
    Ok(since)
}

/// That a post was not shown when it was last looked at again, if nothing has shown it since.
///
/// # Errors
/// A damaged database.
pub fn not_there(reader: &Reader, key: &str) -> Result<Option<String>, StoreError> {
    let Some(last) = reader.rechecks(key)?.pop().filter(|last| last.standing != Standing::There) else {
        return Ok(None);
    };
    if reader.sightings(key)?.iter().any(|sighting| sighting.capture.fetched_at > last.at) {
        return Ok(None);
    }
    let what = match last.standing {
        Standing::Gone => "said that there is no such post",
        Standing::Withheld => "withheld it",
        Standing::There | Standing::NotShown => "showed something else in its place, or nothing",
    };
    let words = last.answer.map(|words| format!(" ({words})")).unwrap_or_default();
    Ok(Some(format!("looked at again on {}, the server {what}{words}", Zone::UTC.minute(last.at))))
}
