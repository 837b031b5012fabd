//! Work on all cores whose results come in the order in which it was given out.
//!
//! Parsing is pure, so that it does not matter where it is done; what becomes of its results is one thread's business,
//! in order. A bounded number of items is under way, so that memory does not depend on how many there are.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Hands out items and gives back their results.
pub struct Crew<T, R> {
    jobs: Sender<(T, SyncSender<R>)>,
    under_way: VecDeque<Receiver<R>>,
    most: usize,
}

impl<T: Send, R: Send> Crew<T, R> {
    /// Runs `lead` with a crew that does `work`, a thread for each core. A panic of the work goes on in the caller.
    pub fn with<O>(work: impl Fn(T) -> R + Sync, lead: impl FnOnce(&mut Crew<T, R>) -> O) -> O {
        let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let (jobs, waiting) = channel::<(T, SyncSender<R>)>();
        let waiting = Mutex::new(waiting);
        thread::scope(|scope| {
            for _ in 0..cores {
                scope.spawn(|| {
                    loop {
                        let job = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
                        let Ok((item, answer)) = job else { return };
                        // Nobody waits any more once the lead has given up.
                        let _ = answer.send(work(item));
                    }
                });
            }
            // One item more than there are cores is ready whenever one of them is done.
            lead(&mut Crew { jobs, under_way: VecDeque::new(), most: cores + 1 })
        })
    }

    /// Gives out an item; once enough are under way, waits for the result of the oldest.
    pub fn give(&mut self, item: T) -> Option<R> {
        let (answer, result) = sync_channel(1);
        if self.jobs.send((item, answer)).is_ok() {
            self.under_way.push_back(result);
        }
        if self.under_way.len() > self.most { self.take() } else { None }
    }

    /// Waits for the result of the oldest item; `None` once nothing is under way.
    pub fn take(&mut self) -> Option<R> {
        // What has no result has panicked; so does `with` when the others have ended.
        self.under_way.pop_front()?.recv().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::Crew;

    #[test]
    fn results_come_in_order() {
        let uneven = |n: u64| (0..(n % 7) * 1000).fold(n, |sum, i| sum.wrapping_add(i * i)) ^ n;
        let found = Crew::with(uneven, |crew| {
            let mut found: Vec<u64> = (0..500).filter_map(|n| crew.give(n)).collect();
            found.extend(std::iter::from_fn(|| crew.take()));
            found
        });
        assert_eq!(found, (0..500).map(uneven).collect::<Vec<_>>());
    }

    #[test]
    #[should_panic = "a scoped thread panicked"]
    fn a_panic_is_not_lost() {
        Crew::with(|n: u64| assert_ne!(n, 3), |crew| while crew.give(3).is_none() && crew.take().is_some() {});
    }
}
