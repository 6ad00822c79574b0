//! The records: how they are made, read and transformed.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::time::Instant;

/// How often a user's number is mixed, so that nobody finds it by trying.
const MIXES: u32 = 500;
const COUNTRIES: [(&str, u64); 6] =
    [("AT", 100), ("CH", 104), ("DE", 100), ("GB", 117), ("SE", 9), ("US", 92)];
const WORDS: [&str; 8] = ["Gift", "urgent", "Refund", "second", "Order", "by", "Phone", "fragile"];

/// Writes records to read, a line each: number, user, country, cents, a note. One of 9,973 has no amount.
pub(crate) fn generate(count: u64, into: &mut impl Write) -> io::Result<()> {
    for number in 0..count {
        let lot = mixed(number, 1);
        let (country, _) = COUNTRIES[(lot % 6) as usize];
        let word = |shift: u32| WORDS[(lot >> shift) as usize % WORDS.len()];
        let cents = match number % 9_973 {
            9_972 => "none".to_owned(),
            _ => (lot >> 20 & 0xf_ffff).to_string(),
        };
        let note = [word(8), word(11), word(14), word(17)].join(" ");
        writeln!(into, "{number},{},{country},{cents},{note}", lot % 50_000)?;
    }
    Ok(())
}

/// Some whole lines, and where they stand among the others.
pub(crate) struct Block {
    pub(crate) number: u64,
    pub(crate) read_at: Instant,
    pub(crate) lines: Vec<u8>,
}

/// About so many bytes are read, and handed on, at once.
const BLOCK: usize = 64 << 10;

/// Cuts what is read into blocks that end where a line does.
pub(crate) struct Blocks<R> {
    from: R,
    /// The beginning of the next line.
    rest: Vec<u8>,
    number: u64,
}

impl<R: Read> Blocks<R> {
    pub(crate) fn of(from: R) -> Self {
        Self { from, rest: Vec::new(), number: 0 }
    }
}

impl<R: Read> Iterator for Blocks<R> {
    type Item = io::Result<Block>;

    fn next(&mut self) -> Option<io::Result<Block>> {
        let mut lines = Vec::with_capacity(BLOCK);
        lines.append(&mut self.rest);
        let read_at = Instant::now();
        loop {
            // A line that is longer than a block makes the block longer.
            let missing = (BLOCK - lines.len() % BLOCK) as u64;
            match self.from.by_ref().take(missing).read_to_end(&mut lines) {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) => return Some(Err(error)),
            }
            if let Some(end) = lines.iter().rposition(|&byte| byte == b'\n') {
                self.rest.extend_from_slice(&lines[end + 1..]);
                lines.truncate(end + 1);
                break;
            }
        }
        if lines.is_empty() {
            return None;
        }
        self.number += 1;
        Some(Ok(Block { number: self.number - 1, read_at, lines }))
    }
}

/// What became of a block.
pub(crate) struct Done {
    pub(crate) number: u64,
    pub(crate) read_at: Instant,
    /// The transformed records, a line each.
    pub(crate) lines: Vec<u8>,
    pub(crate) totals: Totals,
}

/// What the records come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) records: u64,
    /// Those that could not be parsed.
    pub(crate) rejected: u64,
    /// Of each country: how many, how many euro cents, how many words.
    pub(crate) countries: BTreeMap<&'static str, (u64, u64, u64)>,
}

impl Totals {
    pub(crate) fn add(&mut self, other: &Self) {
        self.records += other.records;
        self.rejected += other.rejected;
        for (country, more) in &other.countries {
            let sums = self.countries.entry(country).or_default();
            *sums = (sums.0 + more.0, sums.1 + more.1, sums.2 + more.2);
        }
    }
}

impl Block {
    /// Parses and transforms the records, and adds them up.
    pub(crate) fn process(self) -> Done {
        let Self { number, read_at, lines } = self;
        let mut done = Done {
            number,
            read_at,
            lines: Vec::with_capacity(lines.len() * 2),
            totals: Totals::default(),
        };
        for line in lines.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
            match std::str::from_utf8(line).ok().and_then(parsed) {
                Some(record) => record.transform_into(&mut done),
                None => done.totals.rejected += 1,
            }
        }
        done
    }
}

struct Record<'a> {
    number: u64,
    user: u64,
    country: &'static str,
    /// How many euro cents 100 of its cents are.
    rate: u64,
    cents: u64,
    note: &'a str,
}

fn parsed(line: &str) -> Option<Record<'_>> {
    let mut fields = line.splitn(5, ',');
    let mut next = || fields.next();
    let (number, user) = (next()?.parse().ok()?, next()?.parse().ok()?);
    let code = next()?;
    let &(country, rate) = COUNTRIES.iter().find(|(country, _)| *country == code)?;
    Some(Record { number, user, country, rate, cents: next()?.parse().ok()?, note: next()? })
}

impl Record<'_> {
    /// In euro, with the user hidden and the note in lower case.
    fn transform_into(self, done: &mut Done) {
        let Self { number, user, country, rate, cents, note } = self;
        let euro_cents = cents * rate / 100;
        let user = mixed(user ^ 0x5eed, MIXES);
        let note = note.to_ascii_lowercase();
        let totals = &mut done.totals;
        totals.records += 1;
        let sums = totals.countries.entry(country).or_default();
        *sums = (sums.0 + 1, sums.1 + euro_cents, sums.2 + note.split(' ').count() as u64);
        // Writing to a vector does not fail.
        let _ = writeln!(
            done.lines,
            r#"{{"number":{number},"user":"{user:016x}","country":"{country}","euro_cents":{euro_cents},"note":"{note}"}}"#
        );
    }
}

/// A number that looks drawn by lot.
fn mixed(number: u64, times: u32) -> u64 {
    (0..times).fold(number, |sum, _| {
        let sum = sum.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let sum = (sum ^ (sum >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        sum ^ (sum >> 27)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_whole_lines_and_all_of_them() {
        let long = "x".repeat(3 * BLOCK);
        let text = format!("{long}\n{}last", "a line\n".repeat(30_000));
        let blocks: Vec<_> = Blocks::of(text.as_bytes()).map(Result::unwrap).collect();
        assert!(blocks.len() > 3 && blocks.iter().rev().skip(1).all(|b| b.lines.ends_with(b"\n")));
        assert!(blocks.iter().map(|block| block.number).eq(0..blocks.len() as u64));
        let all: Vec<u8> = blocks.into_iter().flat_map(|block| block.lines).collect();
        assert!(all == text.as_bytes(), "nothing is lost, and nothing twice");
    }

    #[test]
    fn what_cannot_be_parsed_is_counted() {
        let lines = b"1,2,GB,1000,Gift by PHONE\nnothing\n3,4,XX,1,a\n5,6,AT,none,b\n".to_vec();
        let done = Block { number: 0, read_at: Instant::now(), lines }.process();
        let expected = (1, 1_170, 3);
        assert_eq!((done.totals.records, done.totals.rejected), (1, 3));
        assert_eq!(done.totals.countries, BTreeMap::from([("GB", expected)]));
        let text = String::from_utf8(done.lines).unwrap();
        let end = "\"country\":\"GB\",\"euro_cents\":1170,\"note\":\"gift by phone\"}\n";
        assert!(text.starts_with("{\"number\":1,") && text.ends_with(end), "{text}");
    }
}
