use crate::calendar::{Calendar, Date};

/// What `story.toml` declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bible {
    /// The file, as shown to people.
    pub path: String,
    /// The people, in the order of the file.
    pub characters: Vec<Character>,
    /// The places.
    pub places: Vec<Place>,
    /// Words that the story must not use.
    pub banned: Vec<Banned>,
    /// What is planted and must be paid off.
    pub plants: Vec<Plant>,
    /// How the story counts its days.
    pub calendar: Calendar,
}

/// Someone in the story.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Character {
    /// The line of the entry.
    pub line: u32,
    /// The name by which messages speak of them.
    pub name: String,
    /// Other names, each as the text writes it.
    pub aliases: Vec<String>,
    /// The day or the year of birth.
    pub born: Option<Date>,
    /// The day or the year of death.
    pub died: Option<Date>,
    /// The file in which they die.
    pub died_in: Option<String>,
    /// The colour of their eyes.
    pub eyes: Option<String>,
    /// The colour of their hair.
    pub hair: Option<String>,
}

/// Somewhere in the story.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The line of the entry.
    pub line: u32,
    /// Its name.
    pub name: String,
    /// Other names.
    pub aliases: Vec<String>,
}

/// Words that do not belong into the story, such as those its time did not know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Banned {
    /// The line of the entry.
    pub line: u32,
    /// The words or phrases; their case does not count.
    pub words: Vec<String>,
    /// Why.
    pub because: Option<String>,
}

/// Something that is shown early and matters later.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plant {
    /// The line of the entry.
    pub line: u32,
    /// What it is.
    pub name: String,
    /// Words of the text that plant it.
    pub planted: String,
    /// Words of the text that pay it off.
    pub paid: String,
}

impl Bible {
    /// Whether a word is part of a declared name.
    #[must_use]
    pub fn knows(&self, word: &str) -> bool {
        let people = self.characters.iter().flat_map(Character::names);
        let places = self.places.iter().flat_map(Place::names);
        people.chain(places).any(|name| parts(name).any(|part| part == word))
    }

    /// The character whose name or alias a phrase is, by its index.
    #[must_use]
    pub fn character(&self, phrase: &str) -> Option<usize> {
        self.characters
            .iter()
            .position(|character| character.names().any(|name| parts(name).eq(parts(phrase))))
    }
}

impl Character {
    /// The name and the aliases.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&*self.name).chain(self.aliases.iter().map(String::as_str))
    }
}

impl Place {
    /// The name and the aliases.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&*self.name).chain(self.aliases.iter().map(String::as_str))
    }
}

/// The words of a name; the full stop of a title does not count.
fn parts(name: &str) -> impl Iterator<Item = &str> {
    name.split([' ', '.', '\u{a0}', '-']).filter(|part| !part.is_empty())
}
