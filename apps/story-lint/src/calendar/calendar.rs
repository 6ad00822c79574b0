use super::Date;

/// A month of a calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Month {
    /// Its name.
    pub name: String,
    /// Its days, in the longest year.
    pub days: u32,
}

/// How the days of a story are counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// The months of a year, in order.
    pub months: Vec<Month>,
    /// The days of a week, in order; none if the story has no weeks.
    pub weekdays: Vec<String>,
    /// The weekday of the first day of year 1, by its index; `None` if it is not known.
    first_weekday: Option<usize>,
    is_gregorian: bool,
}

/// The first whole year in which Britain counted by the Gregorian calendar; before it, which
/// calendar a date is of depends on the country.
const FIRST_YEAR: u32 = 1752;
/// The last year that a weekday is worked out for.
const LAST_YEAR: u32 = 2199;

impl Calendar {
    /// The calendar of everyday life.
    ///
    /// ```
    /// use story_lint::calendar::{Calendar, Date};
    /// let calendar = Calendar::gregorian();
    /// let weekday = calendar.weekday(Date { year: 1893, month: 2, day: 7 }).unwrap();
    /// assert_eq!(calendar.weekdays[weekday], "Tuesday");
    /// ```
    #[must_use]
    pub fn gregorian() -> Self {
        let months = [
            ("January", 31),
            ("February", 29),
            ("March", 31),
            ("April", 30),
            ("May", 31),
            ("June", 30),
            ("July", 31),
            ("August", 31),
            ("September", 30),
            ("October", 31),
            ("November", 30),
            ("December", 31),
        ];
        let weekdays =
            ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
        Self {
            months: months.map(|(name, days)| Month { name: name.to_owned(), days }).into(),
            weekdays: weekdays.map(str::to_owned).into(),
            first_weekday: Some(0),
            is_gregorian: true,
        }
    }

    /// A calendar of a story's own, without leap years. `first_weekday` is the weekday of the
    /// first day of year 1.
    #[must_use]
    pub fn of_story(
        months: Vec<Month>,
        weekdays: Vec<String>,
        first_weekday: Option<usize>,
    ) -> Self {
        Self { months, weekdays, first_weekday, is_gregorian: false }
    }

    /// The number of a month by its name, from 1; its case does not count.
    #[must_use]
    pub fn month(&self, name: &str) -> Option<u32> {
        index(self.months.iter().map(|month| &*month.name), name).map(|index| index + 1)
    }

    /// The index of a weekday by its name.
    #[must_use]
    pub fn weekday_named(&self, name: &str) -> Option<usize> {
        index(self.weekdays.iter().map(|day| &**day), name).map(|index| index as usize)
    }

    /// The days of a month, in a year if that is known.
    #[must_use]
    pub fn days(&self, month: u32, year: Option<u32>) -> u32 {
        let days = (month as usize)
            .checked_sub(1)
            .and_then(|index| self.months.get(index))
            .map_or(0, |month| month.days);
        let is_short = self.is_gregorian
            && month == 2
            && year.is_some_and(|year| {
                let is_leap = year.is_multiple_of(4)
                    && (!year.is_multiple_of(100) || year.is_multiple_of(400));
                // Some countries counted 1700 as a leap year.
                let was_leap = year < FIRST_YEAR && year.is_multiple_of(4);
                !is_leap && !was_leap
            });
        if is_short { 28 } else { days }
    }

    /// The weekday of a day, by its index; `None` where it is not sure.
    #[must_use]
    pub fn weekday(&self, date: Date) -> Option<usize> {
        let first = self.first_weekday? as u64;
        let week = self.weekdays.len() as u64;
        if week == 0 || date.day == 0 || date.month == 0 || date.year == 0 {
            return None;
        }
        // The change fell into September 1752.
        let is_sure = !self.is_gregorian
            || date.year > FIRST_YEAR && date.year <= LAST_YEAR
            || date.year == FIRST_YEAR && date.month > 9;
        is_sure.then(|| ((self.days_since_start(date) + first) % week) as usize)
    }

    /// The days from the first of year 1.
    fn days_since_start(&self, date: Date) -> u64 {
        let years = u64::from(date.year - 1);
        let in_year: u64 =
            (1..date.month).map(|month| u64::from(self.days(month, Some(date.year)))).sum();
        let day = in_year + u64::from(date.day - 1);
        if self.is_gregorian {
            years * 365 + years / 4 - years / 100 + years / 400 + day
        } else {
            years * self.months.iter().map(|month| u64::from(month.days)).sum::<u64>() + day
        }
    }

    /// The days from one day to a later one; `None` if one is not known to the day.
    #[must_use]
    pub fn days_between(&self, earlier: Date, later: Date) -> Option<u64> {
        let is_known = |date: Date| date.year > 0 && date.month > 0 && date.day > 0;
        (is_known(earlier) && is_known(later))
            .then(|| self.days_since_start(later).saturating_sub(self.days_since_start(earlier)))
    }

    /// A date in words.
    #[must_use]
    pub fn show(&self, date: Date) -> String {
        let month = (date.month as usize)
            .checked_sub(1)
            .and_then(|index| self.months.get(index))
            .map(|month| month.name.as_str());
        match month {
            Some(month) if date.day > 0 => format!("{} {month} {}", date.day, date.year),
            Some(month) => format!("{month} {}", date.year),
            None => date.year.to_string(),
        }
    }

    /// Reads a date as `story.toml` gives it: `1893`, `1893-02-07` or `7 February 1893`.
    #[must_use]
    pub fn read(&self, text: &str) -> Option<Date> {
        let number = |word: &str| word.trim().parse::<u32>().ok();
        if let Some(year) = number(text) {
            return Some(Date { year, month: 0, day: 0 });
        }
        let (year, month, day) = match text.split('-').collect::<Vec<_>>()[..] {
            [year, month, day] => (number(year)?, number(month)?, number(day)?),
            _ => {
                let (day, rest) = text.trim().split_once(' ')?;
                let (month, year) = rest.trim().rsplit_once(' ')?;
                (number(year)?, self.month(month)?, number(day)?)
            }
        };
        let is_real = (1..=self.days(month, Some(year))).contains(&day);
        is_real.then_some(Date { year, month, day })
    }
}

fn index<'a>(mut names: impl Iterator<Item = &'a str>, name: &str) -> Option<u32> {
    let index = names.position(|known| known.eq_ignore_ascii_case(name))?;
    u32::try_from(index).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weekdays_are_those_of_history() {
        let calendar = Calendar::gregorian();
        for (year, month, day, expected) in [
            (1805, 10, 21, "Monday"),
            (1811, 11, 26, "Tuesday"),
            (1893, 2, 7, "Tuesday"),
            (1900, 3, 1, "Thursday"),
            (2000, 2, 29, "Tuesday"),
        ] {
            let weekday = calendar.weekday(Date { year, month, day }).unwrap();
            assert_eq!(calendar.weekdays[weekday], expected, "{day}.{month}.{year}");
        }
        assert_eq!(calendar.weekday(Date { year: 1712, month: 3, day: 1 }), None);
    }

    #[test]
    fn months_have_their_days() {
        let calendar = Calendar::gregorian();
        for (month, year, days) in [
            (2, Some(1893), 28),
            (2, Some(1896), 29),
            (2, None, 29),
            (2, Some(1900), 28),
            (6, None, 30),
            (2, Some(1700), 29),
        ] {
            assert_eq!(calendar.days(month, year), days, "{month} {year:?}");
        }
        assert_eq!(calendar.read("29 February 1893"), None);
        assert_eq!(calendar.read("1896-02-29"), Some(Date { year: 1896, month: 2, day: 29 }));
    }
}
