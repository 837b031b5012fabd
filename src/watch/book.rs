//! What is written down beside the archive (`watch.json`): what was told, and that a run is under way.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::alarm::Known;
use crate::archive::Archive;

/// What is written down: what was told, and that a run is under way.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Book {
    /// The run that is under way, or was when the program was killed.
    pub running: Option<Running>,
    /// What was told.
    pub(super) known: Known,
}

/// A run under way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Running {
    /// Its process.
    pub process: u32,
    /// Since when it runs.
    pub since: DateTime<Utc>,
    /// Where it serves metrics.
    pub metrics: Option<String>,
}

impl Book {
    /// Reads what was written; `None` if nothing was, or it is something else.
    pub fn load(archive: &Archive) -> Option<Book> {
        let bytes = std::fs::read(archive.watch()).ok()?;
        serde_json::from_slice(&bytes).map_err(|error| tracing::warn!(%error, "watch.json cannot be read")).ok()
    }

    /// Writes it down, whole or not at all.
    pub(super) fn save(&self, archive: &Archive) -> std::io::Result<()> {
        let path = archive.watch();
        let aside = path.with_extension("json.new");
        std::fs::write(&aside, serde_json::to_vec(self)?)?;
        std::fs::rename(aside, path)
    }
}
