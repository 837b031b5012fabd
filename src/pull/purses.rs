//! Budgets for a stretch of time: what a job has used up in it, also before the program was started again.

use std::collections::HashMap;
use std::rc::Rc;

use chrono::{DateTime, Datelike as _, Days, Months, NaiveTime, TimeDelta, Timelike as _, Utc};

use super::{Puller, Purse, Task, money};
use crate::ingest::IngestError;

/// For how long a budget is meant. Hours, days and months are those of UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Period {
    /// For one firing of the job.
    #[default]
    Pull,
    /// For an hour.
    Hour,
    /// For a day.
    Day,
    /// For a month.
    Month,
}

impl Period {
    /// When the period began that an instant lies in; the instant itself for a single firing.
    pub fn start(self, at: DateTime<Utc>) -> DateTime<Utc> {
        let day = at.date_naive();
        let midnight = |day: chrono::NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
        match self {
            Period::Pull => at,
            Period::Hour => midnight(day) + TimeDelta::hours(i64::from(at.hour())),
            Period::Day => midnight(day),
            Period::Month => midnight(day.with_day(1).unwrap_or(day)),
        }
    }

    /// When it ends; `None` for a single firing.
    pub fn end(self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let start = self.start(at);
        match self {
            Period::Pull => None,
            Period::Hour => Some(start + TimeDelta::hours(1)),
            Period::Day => start.checked_add_days(Days::new(1)),
            Period::Month => start.checked_add_months(Months::new(1)),
        }
    }
}

/// The purse of every job, for the period that goes on.
#[derive(Default)]
pub struct Purses(HashMap<String, (DateTime<Utc>, Rc<Purse>)>);

impl Purses {
    /// The purse of a task's job that fires at `due`. What was used up in its period before stands in the archive.
    ///
    /// # Errors
    /// The archive cannot be read.
    pub fn of(
        &mut self,
        task: &Task,
        due: DateTime<Utc>,
        now: DateTime<Utc>,
        puller: &Puller<'_>,
    ) -> Result<Rc<Purse>, IngestError> {
        let start = match task.budget.period {
            Period::Pull => due,
            period => period.start(now),
        };
        if let Some((_, purse)) = self.0.get(&task.job).filter(|(of, _)| *of == start) {
            return Ok(Rc::clone(purse));
        }
        let purse = Purse::default();
        if task.budget.period != Period::Pull {
            let (requests, units) = puller.keeper.borrow().spent(&task.job, start)?;
            purse.spend(requests, units, money(units, task.budget.dollars_per_unit));
        }
        let purse = Rc::new(purse);
        self.0.insert(task.job.clone(), (start, Rc::clone(&purse)));
        Ok(purse)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_begin_and_end() {
        let at: DateTime<Utc> = "2026-12-31T23:59:59.5Z".parse().unwrap();
        for (period, start, end) in [
            (Period::Hour, "2026-12-31T23:00:00Z", "2027-01-01T00:00:00Z"),
            (Period::Day, "2026-12-31T00:00:00Z", "2027-01-01T00:00:00Z"),
            (Period::Month, "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"),
        ] {
            assert_eq!((period.start(at), period.end(at)), (start.parse().unwrap(), end.parse().ok()), "{period:?}");
        }
        assert_eq!((Period::Pull.start(at), Period::Pull.end(at)), (at, None));
    }
}
