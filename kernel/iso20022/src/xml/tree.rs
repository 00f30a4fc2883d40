//! Bytes become elements with their names, namespaces and texts. Whatever is not plain elements, attributes and text is
//! refused, and everything is bounded before it is looked at.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::Limits;
use super::element::Element;
use super::namespaces::Namespaces;
use crate::error::ReadError;

const ATTRIBUTES_MAX: usize = 16;
const NONE: u32 = u32::MAX;

pub(super) struct Node<'a> {
    pub(super) name: &'a str,
    pub(super) space: &'a str,
    pub(super) text: Cow<'a, str>,
    pub(super) currency: Option<&'a str>,
    pub(super) first_child: u32,
    pub(super) next: u32,
}

/// All elements, in the order in which they begin.
pub(crate) struct Tree<'a>(Vec<Node<'a>>);

struct Open {
    node: u32,
    last_child: u32,
}

impl<'a> Tree<'a> {
    pub(crate) fn read(bytes: &'a [u8], limits: Limits) -> Result<Self, ReadError> {
        if bytes.len() > limits.bytes {
            return Err(ReadError::TooLarge { limit: limits.bytes });
        }
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let text = std::str::from_utf8(bytes)
            .map_err(|error| ReadError::Malformed { at: error.valid_up_to(), why: "it is not UTF-8" })?;
        check_characters(text)?;
        Growing::new(text, limits).read()
    }

    pub(crate) fn root(&self) -> Element<'_> {
        Element::new(self, 0)
    }

    pub(super) fn node(&self, index: u32) -> Option<&Node<'a>> {
        if index == NONE { None } else { self.0.get(usize::try_from(index).ok()?) }
    }
}

/// Characters that XML 1.0 does not have: most control characters, and two more of three bytes each. The whole text is
/// looked at without stopping, which is faster, and for where one is only when there is one.
fn check_characters(text: &str) -> Result<(), ReadError> {
    let bytes = text.as_bytes();
    let is_control = |byte: &&u8| **byte < 0x20 && !matches!(**byte, b'\t' | b'\n' | b'\r');
    let has_control = bytes.iter().filter(is_control).count() > 0;
    let control = if has_control { bytes.iter().position(|byte| is_control(&byte)) } else { None };
    let others = || if bytes.contains(&0xef) { text.find(['\u{fffe}', '\u{ffff}']) } else { None };
    match control.or_else(others) {
        Some(at) => Err(ReadError::Malformed { at, why: "a character that XML does not have" }),
        None => Ok(()),
    }
}

struct Growing<'a> {
    input: &'a str,
    limits: Limits,
    reader: Reader<&'a [u8]>,
    nodes: Vec<Node<'a>>,
    open: Vec<Open>,
    namespaces: Namespaces<'a>,
}

impl<'a> Growing<'a> {
    fn new(input: &'a str, limits: Limits) -> Self {
        let mut reader = Reader::from_str(input);
        let config = reader.config_mut();
        config.check_comments = true;
        let namespaces = Namespaces::default();
        Self { input, limits, reader, nodes: Vec::with_capacity(64), open: Vec::new(), namespaces }
    }

    fn read(mut self) -> Result<Tree<'a>, ReadError> {
        loop {
            let begins = self.position();
            let event = self.reader.read_event().map_err(|_| self.malformed("markup that does not close or fit"))?;
            match event {
                Event::Start(start) => self.start(&start, 1)?,
                Event::Empty(start) => {
                    self.start(&start, 2)?;
                    self.end();
                }
                Event::End(_) => self.end(),
                Event::Text(text) => self.text(text.into_inner())?,
                Event::CData(text) => self.character_data(text.into_inner())?,
                Event::GeneralRef(reference) => self.reference(&reference)?,
                Event::Comment(_) => {}
                Event::Decl(_) if begins > 0 => return Err(self.malformed("a declaration that does not stand first")),
                Event::Decl(declaration) => {
                    let encoding = declaration.encoding().transpose().map_err(|_| self.malformed("its declaration"))?;
                    if encoding.is_some_and(|name| !name.eq_ignore_ascii_case("utf-8")) {
                        return Err(ReadError::Forbidden("an encoding that is not UTF-8"));
                    }
                }
                Event::PI(_) => return Err(ReadError::Forbidden("a processing instruction")),
                Event::DocType(_) => return Err(ReadError::Forbidden("a document type")),
                Event::Eof => break,
            }
        }
        match (self.open.is_empty(), self.nodes.is_empty()) {
            (true, false) => Ok(Tree(self.nodes)),
            (true, true) => Err(self.malformed("there is no element")),
            (false, _) => Err(self.malformed("an element does not end")),
        }
    }

    fn start(&mut self, start: &BytesStart<'a>, behind: usize) -> Result<(), ReadError> {
        if self.open.len() == self.limits.depth {
            return Err(ReadError::TooDeep { limit: self.limits.depth });
        }
        if self.nodes.len() == self.limits.elements {
            return Err(ReadError::TooManyElements { limit: self.limits.elements });
        }
        if self.open.is_empty() && !self.nodes.is_empty() {
            return Err(self.malformed("a second root"));
        }
        // What the reader hands out lives as long as the event; the same bytes of the input live on.
        let begins = self.position().checked_sub(start.len() + behind);
        let content = begins.and_then(|begins| self.input.get(begins..begins + start.len()));
        let content = content.ok_or_else(|| self.malformed("a tag"))?;
        let name = content.get(..start.name().as_ref().len()).ok_or_else(|| self.malformed("a tag"))?;
        let depth = self.open.len();
        let currency = if content.len() > name.len() { self.attributes(content, name, depth)? } else { None };
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        if !is_name(local) || (name.contains(':') && !is_name(prefix)) {
            return Err(self.malformed("a name"));
        }
        let space =
            self.namespaces.resolve(prefix).ok_or_else(|| self.malformed("a prefix that stands for nothing"))?;
        self.add(Node { name: local, space, text: Cow::Borrowed(""), currency, first_child: NONE, next: NONE })
    }

    fn add(&mut self, node: Node<'a>) -> Result<(), ReadError> {
        let index = u32::try_from(self.nodes.len()).map_err(|_| self.malformed("too many elements"))?;
        self.nodes.push(node);
        if let Some(parent) = self.open.last_mut() {
            let (node, sibling) = (parent.node, std::mem::replace(&mut parent.last_child, index));
            let (at, is_first) = if sibling == NONE { (node, true) } else { (sibling, false) };
            if let Some(before) = usize::try_from(at).ok().and_then(|at| self.nodes.get_mut(at)) {
                if is_first {
                    before.first_child = index;
                } else {
                    before.next = index;
                }
            }
        }
        self.open.push(Open { node: index, last_child: NONE });
        Ok(())
    }

    fn end(&mut self) {
        // An end without a start is an error of the reader.
        self.open.pop();
        self.namespaces.leave(self.open.len());
    }

    /// Takes note of namespaces, and finds the currency of an amount. Other attributes are passed over.
    fn attributes(&mut self, content: &'a str, name: &'a str, depth: usize) -> Result<Option<&'a str>, ReadError> {
        let attributes = quick_xml::events::attributes::Attributes::new(content, name.len());
        let mut currency = None;
        for (count, attribute) in attributes.enumerate() {
            if count == ATTRIBUTES_MAX {
                return Err(ReadError::Forbidden("more attributes than any element has"));
            }
            let attribute = attribute.map_err(|_| self.malformed("an attribute"))?;
            let Cow::Borrowed(value) = attribute.value else { return Err(self.malformed("an attribute")) };
            let key: &'a str = attribute.key.0;
            if value.contains('<') || !key.split(':').all(is_name) {
                return Err(self.malformed("an attribute"));
            }
            match key.split_once(':') {
                None if key == "xmlns" => self.namespaces.bind(depth, "", value)?,
                Some(("xmlns", prefix)) => self.namespaces.bind(depth, prefix, value)?,
                None if key == "Ccy" => currency = Some(value),
                _ => {}
            }
        }
        Ok(currency)
    }

    fn text(&mut self, text: Cow<'a, str>) -> Result<(), ReadError> {
        if text.contains("]]>") {
            return Err(self.malformed("]]> in a text"));
        }
        self.character_data(text)
    }

    fn character_data(&mut self, text: Cow<'a, str>) -> Result<(), ReadError> {
        let Some(open) = self.open.last() else {
            let is_blank = text.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'));
            return if is_blank { Ok(()) } else { Err(self.malformed("text outside of elements")) };
        };
        let text = if text.contains('\r') { Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")) } else { text };
        if let Some(node) = usize::try_from(open.node).ok().and_then(|at| self.nodes.get_mut(at)) {
            if node.text.is_empty() {
                node.text = text;
            } else {
                node.text.to_mut().push_str(&text);
            }
        }
        Ok(())
    }

    /// The five that every XML has, and characters by their number.
    fn reference(&mut self, reference: &BytesRef<'a>) -> Result<(), ReadError> {
        let character = match &**reference {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "apos" => '\'',
            "quot" => '"',
            _ => match reference.resolve_char_ref() {
                Ok(Some(character)) => character,
                Ok(None) => return Err(ReadError::Forbidden("an entity")),
                Err(_) => return Err(self.malformed("a reference to no character")),
            },
        };
        let is_bad =
            matches!(character, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
        if is_bad || self.open.is_empty() {
            return Err(self.malformed("a reference to no character"));
        }
        // Not through `character_data`: a carriage return that is asked for stays one.
        let open = self.open.last().and_then(|open| usize::try_from(open.node).ok());
        if let Some(node) = open.and_then(|at| self.nodes.get_mut(at)) {
            node.text.to_mut().push(character);
        }
        Ok(())
    }

    fn position(&self) -> usize {
        usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX)
    }

    fn malformed(&self, why: &'static str) -> ReadError {
        ReadError::Malformed { at: self.position(), why }
    }
}

/// Whether it is a name, as far as ASCII can say; beyond ASCII nothing is known by name.
fn is_name(text: &str) -> bool {
    let begins = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80;
    let goes_on = |byte: u8| begins(byte) || byte.is_ascii_digit() || matches!(byte, b'-' | b'.');
    text.as_bytes().first().is_some_and(|byte| begins(*byte)) && text.bytes().all(goes_on)
}
