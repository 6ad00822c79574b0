use rustc_hash::FxHashMap;

/// The name under which a link reaches a heading, by GitHub's rules, before numbering.
///
/// Letters are lowered, spaces become hyphens, and what is neither a letter, a digit, a mark, a
/// hyphen nor an underscore goes.
///
/// ```
/// use story_lint::document::slug;
/// assert_eq!(slug("Chapter 1: The Café’s Door"), "chapter-1-the-cafés-door");
/// assert_eq!(slug("snake_case -- twice"), "snake_case----twice");
/// ```
#[must_use]
pub fn slug(heading: &str) -> String {
    let mut slug = String::with_capacity(heading.len());
    for c in heading.trim().chars() {
        match c {
            ' ' | '\n' => slug.push('-'),
            '-' | '_' => slug.push(c),
            _ if c.is_alphanumeric() && !is_fraction(c) || is_mark(c) => {
                slug.extend(c.to_lowercase());
            }
            _ => {}
        }
    }
    slug
}

/// Superscript digits and fractions, which are numeric but which GitHub drops.
fn is_fraction(c: char) -> bool {
    matches!(c, '\u{b2}' | '\u{b3}' | '\u{b9}' | '\u{bc}'..='\u{be}' | '\u{2070}'..='\u{209f}')
        || matches!(c, '\u{2150}'..='\u{215f}' | '\u{2460}'..='\u{249b}')
}

/// Combining marks that are not alphabetic, of the scripts in common use.
fn is_mark(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{487}' | '\u{591}'..='\u{5bd}'
        | '\u{64b}'..='\u{65f}' | '\u{93c}' | '\u{94d}' | '\u{9bc}' | '\u{9cd}' | '\u{acd}'
        | '\u{b4d}' | '\u{bcd}' | '\u{c4d}' | '\u{ccd}' | '\u{d4d}' | '\u{e47}'..='\u{e4e}'
        | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20f0}'
        | '\u{302a}'..='\u{302f}' | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}')
}

/// Gives each heading of a file its name, numbering those that occur twice.
///
/// ```
/// use story_lint::document::Slugger;
/// let mut slugger = Slugger::default();
/// assert_eq!(slugger.name("Night"), "night");
/// assert_eq!(slugger.name("Night"), "night-1");
/// assert_eq!(slugger.name("Night 1"), "night-1-1");
/// ```
#[derive(Clone, Debug, Default)]
pub struct Slugger {
    /// How often each name was asked for behind its first use.
    taken: FxHashMap<String, u32>,
}

impl Slugger {
    /// The name of the next heading.
    pub fn name(&mut self, heading: &str) -> String {
        self.number(&slug(heading))
    }

    /// The name of the next heading whose [`slug`] is known.
    pub fn number(&mut self, slug: &str) -> String {
        let mut name = slug.to_owned();
        while self.taken.contains_key(&name) {
            let count = self.taken.entry(slug.to_owned()).or_default();
            *count += 1;
            name = format!("{slug}-{count}");
        }
        self.taken.insert(name.clone(), 0);
        name
    }
}
