//! The languages that the bank writes, and what every mail begins and ends with.

/// A language that the bank writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// German.
    German,
    /// Arabic.
    Arabic,
}

/// The same in each language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InEach<T> {
    english: T,
    german: T,
    arabic: T,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::English, Self::German, Self::Arabic];

    /// The word that is stored and shown (ISO 639).
    pub const fn word(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::Arabic => "ar",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.word() == word)
    }

    /// In which direction it is written, as HTML says it.
    pub const fn direction(self) -> &'static str {
        match self {
            Self::English | Self::German => "ltr",
            Self::Arabic => "rtl",
        }
    }

    /// A whole mail to a person. What it says goes on behind the greeting.
    pub fn letter(self, username: &str, text: &str) -> String {
        let greeting = InEach::new(["Hello", "Guten Tag", "مرحبا"]).of(self);
        let comma = InEach::new([",", ",", "،"]).of(self);
        format!("{greeting} {username}{comma}\n\n{}\n\nFlorin\n", text.trim_end())
    }
}

impl<T: Clone> InEach<T> {
    /// In English, German and Arabic.
    pub fn new(each: [T; 3]) -> Self {
        let [english, german, arabic] = each;
        Self { english, german, arabic }
    }

    /// In one of them.
    pub fn of(&self, language: Language) -> T {
        match language {
            Language::English => self.english.clone(),
            Language::German => self.german.clone(),
            Language::Arabic => self.arabic.clone(),
        }
    }
}

impl InEach<&str> {
    /// With a text of its own.
    pub fn to_owned(self) -> InEach<String> {
        let Self { english, german, arabic } = self;
        InEach { english: english.to_owned(), german: german.to_owned(), arabic: arabic.to_owned() }
    }
}

impl InEach<String> {
    /// The same, each made into something else.
    #[must_use]
    pub fn map(self, change: impl Fn(Language, String) -> String) -> Self {
        let Self { english, german, arabic } = self;
        Self {
            english: change(Language::English, english),
            german: change(Language::German, german),
            arabic: change(Language::Arabic, arabic),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_greets_in_its_language_and_is_signed() {
        for (language, beginning) in Language::ALL.into_iter().zip(["Hello ann,", "Guten Tag ann,", "مرحبا ann،"])
        {
            assert_eq!(language.letter("ann", "text.\n"), format!("{beginning}\n\ntext.\n\nFlorin\n"));
            assert_eq!(Language::parse(language.word()), Some(language));
        }
        assert_eq!(Language::parse("fr"), None);
    }
}
