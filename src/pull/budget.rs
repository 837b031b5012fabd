//! What a pull of a job may use up, and what it has used up: one purse for all its sources, also for those that are at work at
//! the same time. What a request may cost at most is set aside before it is sent.

use std::cell::Cell;
use std::ops::{Add, Sub};

use super::Period;

/// The most that one pull of a job may use up.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Budget {
    /// Requests, log-ins and retries included. What a request that was sent takes beside itself may go over it.
    pub requests: Option<u64>,
    /// Units of what the platform meters.
    pub units: Option<u64>,
    /// Money, in US dollars.
    pub dollars: Option<f64>,
    /// What a unit costs, in US dollars; 0 where it is free.
    pub dollars_per_unit: f64,
    /// For how long it has to do.
    pub period: Period,
}

/// What units cost.
pub fn money(units: u64, dollars_per_unit: f64) -> f64 {
    // No quota has so many units that a double could not count them.
    #[expect(clippy::cast_precision_loss)]
    let units = units as f64;
    units * dollars_per_unit
}

/// Less than a hundredth of a cent: sums of prices are not exact.
const NOTHING: f64 = 1e-6;

#[derive(Debug, Clone, Copy, Default)]
struct Amount {
    requests: u64,
    units: u64,
    dollars: f64,
}

impl Add for Amount {
    type Output = Amount;

    fn add(self, other: Amount) -> Amount {
        Amount {
            requests: self.requests.saturating_add(other.requests),
            units: self.units.saturating_add(other.units),
            dollars: self.dollars + other.dollars,
        }
    }
}

impl Sub for Amount {
    type Output = Amount;

    fn sub(self, other: Amount) -> Amount {
        Amount {
            requests: self.requests.saturating_sub(other.requests),
            units: self.units.saturating_sub(other.units),
            dollars: self.dollars - other.dollars,
        }
    }
}

/// What a job has used up in this pull, and what is set aside for requests that are under way.
#[derive(Debug, Default)]
pub struct Purse {
    used: Cell<Amount>,
    booked: Cell<Amount>,
}

/// What is set aside for a request, until this is dropped.
#[derive(Debug)]
pub struct Booking<'a> {
    purse: &'a Purse,
    amount: Amount,
}

impl Drop for Booking<'_> {
    fn drop(&mut self) {
        self.purse.booked.set(self.purse.booked.get() - self.amount);
    }
}

impl Purse {
    fn gone(&self) -> Amount {
        self.used.get() + self.booked.get()
    }

    /// Units that the budget still has room for; `None` where nothing limits them.
    pub fn left(&self, budget: &Budget) -> Option<u64> {
        let gone = self.gone();
        let by_units = budget.units.map(|most| most.saturating_sub(gone.units));
        let by_money = budget.dollars.filter(|_| budget.dollars_per_unit > 0.0).map(|most| {
            // A float becomes the nearest number that there is.
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let units = ((most - gone.dollars + NOTHING) / budget.dollars_per_unit).floor() as u64;
            units
        });
        by_units.into_iter().chain(by_money).min()
    }

    /// Sets aside what a request may take at most; why it must not be sent, if that does not fit the budget.
    pub fn book(&self, budget: &Budget, units: u64) -> Result<Booking<'_>, String> {
        let gone = self.gone();
        if let Some(most) = budget.requests.filter(|most| gone.requests >= *most) {
            return Err(format!("the budget of {most} requests is used up"));
        }
        if let Some(most) = budget.units.filter(|most| gone.units.saturating_add(units) > *most) {
            let gone = gone.units;
            return Err(format!(
                "{gone} of the budget of {most} units are used up, and the next page may take {units}"
            ));
        }
        let dollars = money(units, budget.dollars_per_unit);
        if let Some(most) = budget.dollars.filter(|most| dollars > 0.0 && gone.dollars + dollars > *most + NOTHING) {
            let gone = gone.dollars;
            return Err(format!(
                "${gone:.3} of the budget of ${most:.2} are used up, and the next page may take ${dollars:.3}"
            ));
        }
        let amount = Amount { requests: 1, units, dollars };
        self.booked.set(self.booked.get() + amount);
        Ok(Booking { purse: self, amount })
    }

    /// Whether nothing was used up yet.
    pub fn is_whole(&self) -> bool {
        self.gone().requests == 0
    }

    /// Notes what was used up.
    pub fn spend(&self, requests: u64, units: u64, dollars: f64) {
        self.used.set(self.used.get() + Amount { requests, units, dollars });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_under_way_is_not_spent_twice() {
        let budget = Budget {
            requests: Some(3),
            units: Some(100),
            dollars: Some(1.0),
            dollars_per_unit: 0.02,
            period: Period::Pull,
        };
        let purse = Purse::default();
        assert_eq!(purse.left(&budget), Some(50));
        let first = purse.book(&budget, 30).unwrap();
        assert_eq!(purse.left(&budget), Some(20));
        assert!(purse.book(&budget, 21).unwrap_err().contains("the next page may take $0.420"));
        let second = purse.book(&budget, 20).unwrap();
        drop((first, second));
        purse.spend(2, 40, 0.8);
        assert_eq!(purse.left(&budget), Some(10));
        let third = purse.book(&budget, 10).unwrap();
        assert_eq!(purse.book(&budget, 0).unwrap_err(), "the budget of 3 requests is used up");
        drop(third);
        assert_eq!(Purse::default().left(&Budget::default()), None);
    }
}
