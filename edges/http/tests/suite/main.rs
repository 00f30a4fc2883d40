//! The API as clients meet it: requests through the whole router, on each engine.

mod bank;
mod money_path;
