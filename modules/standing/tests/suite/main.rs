//! Standing orders on both engines: each date is paid once, whatever happens in between.

mod bank;
mod dates;
mod managing;
