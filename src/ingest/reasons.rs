//! Why items gave no post, or a doubtful one, counted for a summary.

use std::collections::BTreeMap;

use serde::Serialize;

/// Distinct reasons that are remembered; a hostile file can make as many as it has items.
const MOST: usize = 100;
const OTHERS: &str = "other reasons";

/// Reasons with the number of items each had, and the place of the first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Reasons(BTreeMap<String, (u64, String)>);

impl Reasons {
    /// Counts an item. Beyond the first hundred reasons those that are new are counted together.
    pub fn add(&mut self, reason: &str, at: &str) {
        let reason = if self.0.len() < MOST || self.0.contains_key(reason) { reason } else { OTHERS };
        self.0.entry(reason.to_owned()).or_insert_with(|| (0, at.to_owned())).0 += 1;
    }

    /// Whether nothing was counted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds what another page had.
    pub fn extend(&mut self, other: Reasons) {
        for (reason, (count, at)) in other.0 {
            let known = self.0.len() < MOST || self.0.contains_key(&reason);
            let reason = if known { reason } else { OTHERS.to_owned() };
            self.0.entry(reason).or_insert((0, at)).0 += count;
        }
    }

    /// The same with other words for the places.
    pub fn placed(mut self, place: impl Fn(&str) -> String) -> Reasons {
        for (_, at) in self.0.values_mut() {
            *at = place(at);
        }
        self
    }

    /// Reason, number of items, place of the first.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64, &str)> {
        self.0.iter().map(|(reason, (count, at))| (reason.as_str(), *count, at.as_str()))
    }
}
