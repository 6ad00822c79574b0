use std::fmt;

use super::WaitGroup;

/// Counts one in a [`WaitGroup`] until it is dropped.
///
/// ```
/// let group = gonex_sync::WaitGroup::new();
/// let token = group.token();
/// let another = token.clone();
/// assert_eq!(another.group().count(), 2);
/// ```
#[must_use = "dropping a token counts one less"]
pub struct Token {
    group: WaitGroup,
}

impl Token {
    /// For one that has been counted.
    pub(super) fn new(group: WaitGroup) -> Self {
        Self { group }
    }

    /// The group in which it counts.
    ///
    /// ```
    /// let token = gonex_sync::WaitGroup::new().token();
    /// assert_eq!(token.group().count(), 1);
    /// ```
    #[must_use]
    pub fn group(&self) -> &WaitGroup {
        &self.group
    }
}

/// Counts one more.
impl Clone for Token {
    fn clone(&self) -> Self {
        self.group.token()
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        self.group.give_back();
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("group", &self.group).finish()
    }
}
