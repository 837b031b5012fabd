//! How much there is, where two looks overlap that were made independently: capture and recapture.
//!
//! Chapman's estimator (D. G. Chapman, 1951) with the log-normal interval that A. Chao gives (Biometrics 43, 1987): its lower end never
//! falls below what was seen. Where one look holds all that the other saw, nothing varies, and the upper end is the exact one of that
//! case: the greatest number of which so many could all be caught again by chance, five times of a hundred.

use serde::Serialize;

/// What it assumes, in words for a methods section.
pub const ASSUMPTIONS: &str = "the two looks are independent, every post has the same chance to be seen by each, posts are \
    matched without error, and none came or went between the looks; where busy posts are more likely to be seen by both, the \
    estimate is too low";

/// How many posts there are, as far as two looks tell.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// Posts that the first look saw.
    pub first: u64,
    /// Posts that the second saw.
    pub second: u64,
    /// Posts that both saw.
    pub both: u64,
    /// Posts that there are.
    pub posts: f64,
    /// The interval that holds the true number in 95 of 100 such cases.
    pub interval: (f64, f64),
}

impl Estimate {
    /// From what two looks saw of the same stretch. `None` if they have too little in common to tell anything: fewer than seven
    /// posts (below that the estimator is biased; D. S. Robson and H. A. Regier, 1964).
    pub fn new(first: u64, second: u64, both: u64) -> Option<Estimate> {
        if both < 7 || both > first.min(second) {
            return None;
        }
        // No archive holds so many posts that a double could not count them.
        #[expect(clippy::cast_precision_loss)]
        let (n, k, m) = (first as f64, second as f64, both as f64);
        let posts = (n + 1.0) * (k + 1.0) / (m + 1.0) - 1.0;
        let variance = (n + 1.0) * (k + 1.0) * (n - m) * (k - m) / ((m + 1.0).powi(2) * (m + 2.0));
        let seen = n + k - m;
        let unseen = posts - seen;
        let interval = if unseen > 0.0 && variance > 0.0 {
            let spread = (1.96 * (1.0 + variance / unseen.powi(2)).ln().sqrt()).exp();
            (seen + unseen / spread, seen + unseen * spread)
        } else {
            (seen, n.max(k) * 20_f64.powf(n.min(k).recip()))
        };
        Some(Estimate { first, second, both, posts: posts.max(seen), interval })
    }

    /// Posts that one look or the other saw.
    pub fn seen(&self) -> u64 {
        self.first + self.second - self.both
    }

    /// What it assumes, in words.
    pub fn assumptions(&self) -> &'static str {
        ASSUMPTIONS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chapmans_estimator() {
        // 200 marked, 150 caught again, 30 of them marked: (201 x 151) / 31 - 1.
        let estimate = Estimate::new(200, 150, 30).unwrap();
        assert!((estimate.posts - 978.06).abs() < 0.01, "{estimate:?}");
        assert!(estimate.interval.0 > 320.0 && estimate.interval.0 < estimate.posts);
        assert!(estimate.interval.1 > estimate.posts && estimate.interval.1 < 1600.0, "{estimate:?}");
        let same = Estimate::new(50, 50, 50).unwrap();
        assert_eq!((same.posts, same.interval.0), (50.0, 50.0));
        assert!((same.interval.1 - 53.08).abs() < 0.01, "{same:?}");
        assert_eq!(Estimate::new(50, 50, 6), None);
        assert_eq!(Estimate::new(8, 50, 9), None);
    }

    #[test]
    fn the_interval_holds_the_truth_nineteen_times_of_twenty() {
        // Marsaglia's xorshift.
        let mut state = 6_u64;
        let mut random = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        let (truth, mut held) = (1000_u64, 0);
        for _ in 0..1000 {
            let (mut first, mut second, mut both) = (0, 0, 0);
            for _ in 0..truth {
                let (one, other) = (random() < 0.6, random() < 0.3);
                first += u64::from(one);
                second += u64::from(other);
                both += u64::from(one && other);
            }
            let (low, high) = Estimate::new(first, second, both).unwrap().interval;
            held += u64::from((low..=high).contains(&1000.0));
        }
        assert!((930..=975).contains(&held), "{held} of 1000");
    }
}
