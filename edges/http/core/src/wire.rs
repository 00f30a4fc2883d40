//! What JSON on the wire looks like in every room, and the exact way to and from the types below. What belongs to one room
//! stands there.

pub mod actor;
pub mod amount;
pub mod approval;
pub mod empty;
pub mod named;
mod object;
pub mod schema;
pub mod text;

pub use object::Object;
pub use text::Text;
