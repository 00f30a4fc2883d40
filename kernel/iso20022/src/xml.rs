//! XML as far as messages need it: a bounded tree that is read, and a writer.

mod element;
mod namespaces;
mod tree;
mod writer;

pub(crate) use element::Element;
pub(crate) use tree::Tree;
pub(crate) use writer::Writer;

/// How much somebody is willing to read. Work and memory grow with it and with nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the whole text.
    pub bytes: usize,
    /// Elements in it.
    pub elements: usize,
    /// Elements within elements.
    pub depth: usize,
}

impl Limits {
    /// For one message about a few payments: 1 MiB.
    pub const MESSAGE: Self = Self { bytes: 1 << 20, elements: 50_000, depth: 32 };
    /// For a batch of up to 10,000 payments, and for a page of a statement: 20 MiB.
    pub const BATCH: Self = Self { bytes: 20 << 20, elements: 1_000_000, depth: 32 };
}
