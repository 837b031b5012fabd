//! What an archive says of itself, fit to be printed: coverage as a table, a picture and JSON, completeness in words, a methods
//! section. Pure but for [`Known`], which reads the ledger and the counts from the database; nothing here asks the clock.
//!
//! It claims no more than the ledger proves, and says beside every number what it does not mean.

mod cite;
mod escape;
mod known;
mod letter;
mod methods;
mod page;
mod pair;
mod picture;
mod sight;
mod since;
mod table;
mod words;

pub use crate::coverage::ASSUMPTIONS;
pub use cite::Dataset;
pub use known::{Counted, Known};
pub use letter::letter;
pub use methods::{Asked, Methods};
pub use page::{Block, latex, markdown};
pub use pair::{Pair, lonely, pairs};
pub use picture::strips;
pub use sight::{Sight, guarantees};
pub use since::{not_there, since_quoted};
pub use table::{Order, gaps, table};
pub use words::{instant, length, share};
