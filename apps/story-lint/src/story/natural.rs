use std::cmp::Ordering;

/// Compares two paths as people order them: `chapter-2` before `chapter-10`, and the files of a
/// folder together.
///
/// Paths that differ only in leading zeros are told apart by their bytes, so the order is total.
///
/// ```
/// use std::cmp::Ordering;
/// use story_lint::story::natural_cmp;
/// assert_eq!(natural_cmp("part-2/ch9.md", "part-2/ch10.md"), Ordering::Less);
/// assert_eq!(natural_cmp("a/z.md", "a-b/a.md"), Ordering::Less);
/// ```
#[must_use]
pub fn natural_cmp(a: &str, b: &str) -> Ordering {
    let mut left = a.split('/');
    let mut right = b.split('/');
    loop {
        match (left.next(), right.next()) {
            (None, None) => return a.cmp(b),
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(x), Some(y)) => match name_cmp(x, y) {
                Ordering::Equal => {}
                unequal => return unequal,
            },
        }
    }
}

fn name_cmp(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    loop {
        match (a.first(), b.first()) {
            (Some(x), Some(y)) if x.is_ascii_digit() && y.is_ascii_digit() => {
                let (number_a, rest_a) = split_number(a);
                let (number_b, rest_b) = split_number(b);
                let order = number_a.len().cmp(&number_b.len()).then(number_a.cmp(number_b));
                if order != Ordering::Equal {
                    return order;
                }
                (a, b) = (rest_a, rest_b);
            }
            (Some(x), Some(y)) if x == y => (a, b) = (&a[1..], &b[1..]),
            (x, y) => return x.cmp(&y),
        }
    }
}

/// Splits leading digits off, without leading zeros.
fn split_number(text: &[u8]) -> (&[u8], &[u8]) {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, rest) = text.split_at(digits);
    let zeros = number.iter().take_while(|&&byte| byte == b'0').count();
    (&number[zeros..], rest)
}
