//! Which namespace a prefix stands for, at the element that is being read. Few are in scope at once, so that looking one up
//! costs the same whatever the message does.

use crate::error::ReadError;

const BINDINGS_MAX: usize = 64;
const XML: &str = "http://www.w3.org/XML/1998/namespace";

struct Binding<'a> {
    depth: usize,
    prefix: &'a str,
    uri: &'a str,
}

#[derive(Default)]
pub(crate) struct Namespaces<'a>(Vec<Binding<'a>>);

impl<'a> Namespaces<'a> {
    /// An element at this depth says what a prefix (empty: none) stands for.
    pub(crate) fn bind(&mut self, depth: usize, prefix: &'a str, uri: &'a str) -> Result<(), ReadError> {
        if self.0.len() == BINDINGS_MAX {
            return Err(ReadError::Forbidden("more namespaces than any message has"));
        }
        if uri.contains(['&', '<']) {
            return Err(ReadError::Forbidden("a reference in the name of a namespace"));
        }
        self.0.push(Binding { depth, prefix, uri });
        Ok(())
    }

    /// The element at this depth has ended.
    pub(crate) fn leave(&mut self, depth: usize) {
        while self.0.last().is_some_and(|binding| binding.depth >= depth) {
            self.0.pop();
        }
    }

    /// What a prefix stands for; without one that is nothing unless somebody said so.
    pub(crate) fn resolve(&self, prefix: &str) -> Option<&'a str> {
        let bound = self.0.iter().rev().find(|binding| binding.prefix == prefix).map(|binding| binding.uri);
        match prefix {
            "" => Some(bound.unwrap_or_default()),
            "xml" => Some(XML),
            _ => bound.filter(|uri| !uri.is_empty()),
        }
    }
}
