//! What jobs have used up of their budgets, for those who watch. What is allowed is `pull`'s and `run`'s affair.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::pull::{Budget, Period, Report, money};
use crate::run::Job;
use crate::store::{Reader, StoreError};

/// What jobs have used up, each since the beginning of its period.
#[derive(Debug, Default)]
pub struct Spending(BTreeMap<String, Account>);

/// The beginning of a period, and the share of the budget that is used up in it.
type Share = (DateTime<Utc>, Option<f64>);

#[derive(Debug)]
struct Account {
    budget: Budget,
    /// The period that is counted; `None` before the first look.
    since: Option<DateTime<Utc>>,
    requests: u64,
    units: u64,
    dollars: f64,
}

impl Spending {
    /// Takes in the jobs. What those have used up that are known stays.
    pub fn plan(&mut self, jobs: &[Job]) {
        let mut before = std::mem::take(&mut self.0);
        for job in jobs {
            let price = job.tasks.iter().map(|task| task.budget.dollars_per_unit).fold(0.0, f64::max);
            let Some(task) = job.tasks.first() else { continue };
            let budget = Budget { dollars_per_unit: price, ..task.budget };
            let known = before.remove(&job.name).filter(|known| known.budget.period == budget.period);
            let account = match known {
                Some(known) => Account { budget, ..known },
                None => Account { budget, since: None, requests: 0, units: 0, dollars: 0.0 },
            };
            self.0.insert(job.name.clone(), account);
        }
    }

    /// Requests beside looks.
    pub fn more(&mut self, job: &str, requests: u64) {
        if let Some(account) = self.0.get_mut(job) {
            account.requests += requests;
        }
    }

    /// A look has ended. Gives the beginning of the period, and the share of the budget that is used up in it: none for a budget of
    /// a single firing, which counts by the day here.
    pub fn add(
        &mut self,
        report: &Report,
        now: DateTime<Utc>,
        open: impl Fn() -> Result<Reader, StoreError>,
    ) -> Result<Option<Share>, StoreError> {
        let Some(account) = self.0.get_mut(&report.job) else { return Ok(None) };
        if account.budget.period == Period::Pull {
            return Ok(Some((Period::Day.start(now), None)));
        }
        let since = account.budget.period.start(now);
        if account.since == Some(since) {
            account.requests += report.requests;
            account.units += report.units;
            account.dollars += report.dollars;
        } else {
            // The archive knows what was used up before, also by a run that has ended, and this look.
            let (requests, units) = open()?.spent(&report.job, since, false)?;
            account.since = Some(since);
            (account.requests, account.units) = (requests, units);
            account.dollars = money(units, account.budget.dollars_per_unit);
        }
        Ok(Some((since, account.share())))
    }
}

impl Account {
    /// The share that is used up of what is scarcest; `None` if nothing is limited.
    fn share(&self) -> Option<f64> {
        let Budget { requests, units, dollars, .. } = self.budget;
        // Of nothing, all is used up.
        let of = |used: f64, most: f64| if most > 0.0 { used / most } else { 1.0 };
        let by_requests = requests.map(|most| of(money(self.requests, 1.0), money(most, 1.0)));
        let by_units = units.map(|most| of(money(self.units, 1.0), money(most, 1.0)));
        let by_money = dollars.filter(|_| self.budget.dollars_per_unit > 0.0).map(|most| of(self.dollars, most));
        [by_requests, by_units, by_money].into_iter().flatten().reduce(f64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scarcest_counts() {
        let budget =
            |requests, units, dollars| Budget { requests, units, dollars, dollars_per_unit: 0.01, period: Period::Day };
        for (budget, expected) in [
            (budget(None, None, None), None),
            (budget(Some(100), None, None), Some(0.5)),
            (budget(Some(100), Some(20), None), Some(1.5)),
            (budget(Some(100), Some(60), Some(0.4)), Some(0.75)),
            (budget(Some(0), None, None), Some(1.0)),
        ] {
            let account = Account { budget, since: None, requests: 50, units: 30, dollars: 0.3 };
            let share = account.share();
            let fits = share.zip(expected).is_none_or(|(share, expected)| (share - expected).abs() < 1e-9);
            assert!(fits && share.is_some() == expected.is_some(), "{share:?} {expected:?}");
        }
    }
}
