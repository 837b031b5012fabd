//! What became of the posts that people quoted and clipped.

use std::collections::BTreeMap;

use super::alarm::{Clipped, Quoted};
use crate::archive::Archive;
use crate::paper;
use crate::quote::state_id;
use crate::store::{Desk, Lookup, Reader, StoreError};

/// Every quotation with what became of its post since, and every clipped post as it is now.
pub(super) fn look(archive: &Archive) -> Result<(Vec<Quoted>, Vec<Clipped>), StoreError> {
    let desk = Desk::open(&archive.desk())?;
    let reader = Reader::open(&archive.database())?;
    let mut quoted = Vec::new();
    for quotation in desk.ledger(None)? {
        let since = paper::since_quoted(&reader, &desk, &quotation)?;
        quoted.push(Quoted { id: quotation.id, post: quotation.post, article: quotation.article, since });
    }
    let mut clipped: BTreeMap<String, Clipped> = BTreeMap::new();
    for (list, _) in desk.lists()? {
        for clip in desk.list(&list)? {
            if let Some(known) = clipped.get_mut(&clip.post) {
                known.lists.push(list.clone());
            } else if let Lookup::One(stored) = reader.post(&clip.post)? {
                let is_gone = stored.deleted.is_some();
                let state = state_id(&stored.post.text, stored.post.content_warning.as_deref());
                let state = if is_gone { format!("{state} gone") } else { state };
                let seen = Clipped { post: clip.post.clone(), lists: vec![list.clone()], state, is_gone };
                clipped.insert(clip.post, seen);
            }
        }
    }
    Ok((quoted, clipped.into_values().collect()))
}
