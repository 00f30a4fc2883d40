//! Elements become text. Names are ours and need no escapes; texts get theirs.

use time::Date;

use crate::values::{Amount, Choice, Moment, Text, write_date};

pub(crate) struct Writer(String);

impl Writer {
    pub(crate) fn new() -> Self {
        let mut text = String::with_capacity(2_560);
        text.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        Self(text)
    }

    pub(crate) fn into_text(self) -> String {
        self.0
    }

    fn tag(&mut self, opening: &str, name: &str) {
        self.0.push_str(opening);
        self.0.push_str(name);
        self.0.push('>');
    }

    /// An element with what `inner` writes into it.
    pub(crate) fn element(&mut self, name: &str, inner: impl FnOnce(&mut Self)) {
        self.tag("<", name);
        inner(self);
        self.tag("</", name);
    }

    /// An element that says which namespace it and those in it belong to.
    pub(crate) fn spaced(&mut self, name: &str, space: [&str; 2], inner: impl FnOnce(&mut Self)) {
        self.0.push('<');
        self.0.push_str(name);
        self.0.push_str(" xmlns=\"");
        for part in space {
            self.escaped(part);
        }
        self.0.push_str("\">");
        inner(self);
        self.tag("</", name);
    }

    /// An element with a text in it.
    pub(crate) fn leaf(&mut self, name: &str, text: &str) {
        self.tag("<", name);
        self.escaped(text);
        self.tag("</", name);
    }

    pub(crate) fn text<const MAX: usize>(&mut self, name: &str, text: Option<&Text<MAX>>) {
        if let Some(text) = text {
            self.leaf(name, text.as_str());
        }
    }

    pub(crate) fn moment(&mut self, name: &str, moment: Option<Moment>) {
        if let Some(moment) = moment {
            self.leaf(name, &moment.to_string());
        }
    }

    pub(crate) fn date(&mut self, name: &str, date: Option<Date>) {
        if let Some(date) = date {
            self.leaf(name, &write_date(date));
        }
    }

    pub(crate) fn number(&mut self, name: &str, number: u64) {
        self.leaf(name, &number.to_string());
    }

    pub(crate) fn amount(&mut self, name: &str, amount: Option<Amount>) {
        let Some(amount) = amount else { return };
        let money = amount.money();
        self.0.push('<');
        self.0.push_str(name);
        self.0.push_str(" Ccy=\"");
        self.0.push_str(money.currency().code());
        self.0.push_str("\">");
        self.0.push_str(&money.to_decimal());
        self.tag("</", name);
    }

    pub(crate) fn choice<const MAX: usize>(&mut self, name: &str, choice: Option<&Choice<MAX>>) {
        let Some(choice) = choice else { return };
        self.element(name, |writer| match choice {
            Choice::Code(code) => writer.leaf("Cd", code.as_str()),
            Choice::Proprietary(word) => writer.leaf("Prtry", word.as_str()),
        });
    }

    fn escaped(&mut self, text: &str) {
        let mut rest = text;
        while let Some(at) = rest.find(['&', '<', '>', '"']) {
            let (plain, special) = rest.split_at(at);
            self.0.push_str(plain);
            self.0.push_str(match special.as_bytes()[0] {
                b'&' => "&amp;",
                b'<' => "&lt;",
                b'>' => "&gt;",
                _ => "&quot;",
            });
            rest = &special[1..];
        }
        self.0.push_str(rest);
    }
}
