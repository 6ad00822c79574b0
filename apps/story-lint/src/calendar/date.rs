/// A day, a month or a year; ordered by time as far as both say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    /// The year.
    pub year: u32,
    /// The month, from 1; 0 if only the year is known.
    pub month: u32,
    /// The day, from 1; 0 if only the month is known.
    pub day: u32,
}

impl Date {
    /// Whole years from one date to another; a range if one of the two is not known to the day.
    ///
    /// ```
    /// use story_lint::calendar::Date;
    /// let born = Date { year: 1866, month: 2, day: 2 };
    /// assert_eq!(born.years_until(Date { year: 1893, month: 2, day: 1 }), (26, 26));
    /// assert_eq!(born.years_until(Date { year: 1893, month: 0, day: 0 }), (26, 27));
    /// ```
    #[must_use]
    pub fn years_until(self, later: Self) -> (i64, i64) {
        let years = i64::from(later.year) - i64::from(self.year);
        let is_known = |date: Self| date.month > 0 && date.day > 0;
        if !is_known(self) || !is_known(later) {
            return (years - 1, years);
        }
        let had = (later.month, later.day) >= (self.month, self.day);
        let age = if had { years } else { years - 1 };
        (age, age)
    }
}
