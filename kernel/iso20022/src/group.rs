//! What the group header of every message begins with.

use crate::error::ReadError;
use crate::values::{Moment, Text};
use crate::xml::{Element, Writer};

/// What all groups begin with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// What the message is called.
    pub id: Text<35>,
    /// When it was made.
    pub created: Moment,
}

impl Group {
    pub(crate) fn read(element: Element<'_>) -> Result<Self, ReadError> {
        Ok(Self { id: element.needed_text("MsgId")?, created: element.needed_moment("CreDtTm")? })
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.leaf("MsgId", self.id.as_str());
        writer.moment("CreDtTm", Some(self.created));
    }
}
