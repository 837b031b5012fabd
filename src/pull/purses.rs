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

/// The purses of all jobs.
#[derive(Default)]
pub struct Purses {
    purses: HashMap<(String, DateTime<Utc>), Rc<Purse>>,
    /// What is remembered of each job that the archive may not know: requests without an answer, retries.
    remembered: HashMap<String, (DateTime<Utc>, u64)>,
}

impl Purses {
    /// Purses that know of requests which left nothing in the archive: of each job since when, and how many.
    pub fn remembering(remembered: HashMap<String, (DateTime<Utc>, u64)>) -> Purses {
        Purses { remembered, ..Purses::default() }
    }

    /// The purse of a task's job that fires at `due`. What was used up in its period before stands in the archive.
    ///
    /// # Errors
    /// The archive cannot be read.
    pub fn of(&mut self, task: &Task, due: DateTime<Utc>, puller: &Puller<'_>) -> Result<Rc<Purse>, IngestError> {
        self.for_period(task, task.budget.period, due, puller)
    }

    /// The purse for what has no firing of its own, streams and re-checks: a budget for a firing is one for a day there.
    ///
    /// # Errors
    /// The archive cannot be read.
    pub fn beside(&mut self, task: &Task, puller: &Puller<'_>) -> Result<Rc<Purse>, IngestError> {
        let period = if task.budget.period == Period::Pull { Period::Day } else { task.budget.period };
        self.for_period(task, period, puller.clock.now(), puller)
    }

    fn for_period(
        &mut self,
        task: &Task,
        period: Period,
        due: DateTime<Utc>,
        puller: &Puller<'_>,
    ) -> Result<Rc<Purse>, IngestError> {
        let start = period.start(if period == Period::Pull { due } else { puller.clock.now() });
        // A purse of a period is filled again by itself: there is one for each job, and one for each firing that goes on.
        let slot = if period == Period::Pull { start } else { DateTime::UNIX_EPOCH };
        let name = (task.job.clone(), slot);
        if let Some(purse) = self.purses.get(&name) {
            return Ok(Rc::clone(purse));
        }
        self.purses
            .retain(|(_, slot), purse| *slot == DateTime::UNIX_EPOCH || Rc::strong_count(purse) > 1 || *slot == due);
        let purse = Purse::of(period, puller.clock);
        if period != Period::Pull {
            let (answered, units) = puller.keeper.borrow().spent(&task.job, start, period != task.budget.period)?;
            let remembered = self.remembered.get(&task.job).filter(|(since, _)| *since == start);
            let requests = remembered.map_or(answered, |(_, requests)| answered.max(*requests));
            purse.spend(requests, units, money(units, task.budget.dollars_per_unit));
        }
        let purse = Rc::new(purse);
        self.purses.insert(name, Rc::clone(&purse));
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
