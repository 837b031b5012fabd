//! What of a source's time is covered, what is not, and why: stretches, looks, gaps. Pure.
//!
//! A *look* is one walk over a source's pages, from the request that begins it to the page that leads no further. What it leaves
//! covered follows from what the platform's paging guarantees ([`Paging`]), and from nothing else: covered means that the walk
//! has read whatever the server then showed of that stretch of time. What reached the server later is not meant; each look
//! reaches back a little, and where two looks overlap an [`Estimate`] tells how much either misses.
//!
//! The store keeps this in the transaction that keeps the posts; nothing here knows SQL, or which platforms there are.

mod cause;
mod estimate;
mod gap;
mod look;
mod paging;
mod plan;
mod seen;
mod stretch;
mod survey;

pub use cause::Cause;
pub use estimate::{ASSUMPTIONS, Estimate};
pub use gap::{Gap, Hindrance, gaps};
pub use look::{Begins, Ledger, Look, Step, Whither};
pub use paging::{Paging, Reach};
pub use plan::{Asking, Plan, Walk, plan, window};
pub use seen::{Seen, second_after};
pub use stretch::{BEGINNING, Stretch, Stretches};
pub use survey::{FILL, Part, RECHECK, STREAM, Survey, source_of, surveys};
