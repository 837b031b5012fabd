//! The argument `--map`, which says what stands where in a table or in JSON of no known kind.

use super::UsageError;
use crate::dump::mapped::Map;

/// The argument, for those commands that read files.
#[derive(Debug, clap::Args)]
pub(super) struct MapArg {
    /// Which columns of a table, or members of JSON, hold what: text=Body,handle=user.name,date=/created,platform:x
    ///
    /// For tables (CSV with commas, semicolons or tabs) and JSON (lines, or a list of objects) of any kind. The fields are
    /// text, handle, author (the name), url, id, date, platform, lang, likes, reposts, replies, views, reply_to; a map
    /// needs text, and one of handle, author and url. In JSON a column is a path: user.name, or a JSON pointer, /user/name. A
    /// colon gives handle, author, platform or lang of all rows: handle:ada_moss. A date that names no zone tells the day only.
    /// The map is kept with the capture, so that a replay reads it in the same way.
    #[arg(long, value_name = "FIELD=COLUMN,…")]
    map: Vec<String>,
}

impl MapArg {
    /// The whole map, if one was given.
    ///
    /// # Errors
    /// It is none.
    pub(super) fn whole(&self) -> Result<Option<String>, UsageError> {
        if self.map.is_empty() {
            return Ok(None);
        }
        let map = self.map.join(",");
        Map::of(&map).map(|_| Some(map)).map_err(|what| UsageError(format!("--map: {what}")))
    }
}
