//! An element of a tree that was read, and how values are taken out of it. Children in other namespaces are passed over;
//! what may stand once and stands twice is refused, so that nobody can say two things.

use money::Currency;
use time::Date;

use super::tree::{Node, Tree};
use crate::error::{InvalidValue, ReadError};
use crate::values::{Amount, Choice, Moment, Text, read_date, trim};

#[derive(Clone, Copy)]
pub(crate) struct Element<'t> {
    tree: &'t Tree<'t>,
    index: u32,
}

impl<'t> Element<'t> {
    pub(super) fn new(tree: &'t Tree<'t>, index: u32) -> Self {
        Self { tree, index }
    }

    fn node(self) -> &'t Node<'t> {
        self.tree.node(self.index).expect("elements are made of nodes that are there")
    }

    pub(crate) fn name(self) -> &'t str {
        self.node().name
    }

    pub(crate) fn space(self) -> &'t str {
        self.node().space
    }

    /// All children, whatever their namespace.
    pub(crate) fn children(self) -> impl Iterator<Item = Element<'t>> {
        let tree = self.tree;
        let mut at = self.node().first_child;
        std::iter::from_fn(move || {
            let node = tree.node(at)?;
            let element = Self { tree, index: at };
            at = node.next;
            Some(element)
        })
    }

    /// The children of a name in the element's own namespace.
    pub(crate) fn all(self, name: &'static str) -> impl Iterator<Item = Element<'t>> {
        let space = self.space();
        self.children().filter(move |child| child.name() == name && child.space() == space)
    }

    /// The child of a name, if there is one; two are refused.
    pub(crate) fn only(self, name: &'static str) -> Result<Option<Element<'t>>, ReadError> {
        let mut found = self.all(name);
        let first = found.next();
        if found.next().is_some() { Err(ReadError::Repeated { element: name }) } else { Ok(first) }
    }

    /// The child of a name.
    pub(crate) fn need(self, name: &'static str) -> Result<Element<'t>, ReadError> {
        self.only(name)?.ok_or(ReadError::Missing { element: name })
    }

    /// What stands in an element that has no elements in it.
    fn content(self, name: &'static str) -> Result<&'t str, ReadError> {
        let node = self.node();
        if self.children().next().is_some() {
            return Err(invalid(name, InvalidValue::Pattern("a text")));
        }
        Ok(&node.text)
    }

    /// Reads the child of a name with a function that says what is wrong.
    pub(crate) fn value<T>(
        self,
        name: &'static str,
        read: impl FnOnce(&str) -> Result<T, InvalidValue>,
    ) -> Result<Option<T>, ReadError> {
        let Some(child) = self.only(name)? else { return Ok(None) };
        read(child.content(name)?).map(Some).map_err(|why| invalid(name, why))
    }

    /// A code, an identifier.
    pub(crate) fn text<const MAX: usize>(self, name: &'static str) -> Result<Option<Text<MAX>>, ReadError> {
        self.value(name, Text::new)
    }

    /// A code or an identifier that has to be there.
    pub(crate) fn needed_text<const MAX: usize>(self, name: &'static str) -> Result<Text<MAX>, ReadError> {
        needed(name, self.text(name)?)
    }

    /// Words of people.
    pub(crate) fn words<const MAX: usize>(self, name: &'static str) -> Result<Option<Text<MAX>>, ReadError> {
        self.value(name, Text::of_words)
    }

    /// Words of people that may stand any number of times.
    pub(crate) fn all_words<const MAX: usize>(self, name: &'static str) -> Result<Vec<Text<MAX>>, ReadError> {
        let read = |child: Element<'t>| Text::of_words(child.content(name)?).map_err(|why| invalid(name, why));
        self.all(name).map(read).collect()
    }

    pub(crate) fn moment(self, name: &'static str) -> Result<Option<Moment>, ReadError> {
        self.value(name, Moment::read)
    }

    pub(crate) fn needed_moment(self, name: &'static str) -> Result<Moment, ReadError> {
        needed(name, self.moment(name)?)
    }

    pub(crate) fn date(self, name: &'static str) -> Result<Option<Date>, ReadError> {
        self.value(name, read_date)
    }

    /// A whole number of at most 18 digits.
    pub(crate) fn number(self, name: &'static str) -> Result<Option<u64>, ReadError> {
        self.value(name, |text| {
            let text = trim(text);
            let is_number = !text.is_empty() && text.len() <= 18 && text.bytes().all(|byte| byte.is_ascii_digit());
            let number = if is_number { text.parse().ok() } else { None };
            number.ok_or(InvalidValue::Pattern("a whole number of at most 18 digits"))
        })
    }

    pub(crate) fn truth(self, name: &'static str) -> Result<Option<bool>, ReadError> {
        self.value(name, |text| match trim(text) {
            "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            _ => Err(InvalidValue::Pattern("true or false")),
        })
    }

    /// An amount with its currency.
    pub(crate) fn amount(self, name: &'static str) -> Result<Option<Amount>, ReadError> {
        let Some(child) = self.only(name)? else { return Ok(None) };
        let currency = child.node().currency.ok_or(ReadError::Missing { element: "Ccy" })?;
        let currency = Currency::parse(currency).map_err(|why| invalid(name, why.into()))?;
        Amount::read(child.content(name)?, currency).map(Some).map_err(|why| invalid(name, why))
    }

    pub(crate) fn needed_amount(self, name: &'static str) -> Result<Amount, ReadError> {
        needed(name, self.amount(name)?)
    }

    /// `Cd` or `Prtry` below a child of a name, and not both.
    pub(crate) fn choice<const MAX: usize>(self, name: &'static str) -> Result<Option<Choice<MAX>>, ReadError> {
        let Some(child) = self.only(name)? else { return Ok(None) };
        match (child.text("Cd")?, child.text("Prtry")?) {
            (Some(code), None) => Ok(Some(Choice::Code(code))),
            (None, Some(word)) => Ok(Some(Choice::Proprietary(word))),
            _ => Err(invalid(name, InvalidValue::Pattern("either a code or a proprietary word"))),
        }
    }
}

/// What has to be there.
fn needed<T>(element: &'static str, value: Option<T>) -> Result<T, ReadError> {
    value.ok_or(ReadError::Missing { element })
}

fn invalid(element: &'static str, why: InvalidValue) -> ReadError {
    ReadError::Invalid { element, why }
}
