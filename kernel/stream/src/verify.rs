//! Proof that the stream has each event once: pages follow one another without gaps, each of their events is there, and each
//! event that should have a place has one.

use crate::store;
use db::{Executor, Result, Snapshot};

const PAGES_AT_ONCE: u32 = 100;

/// The first thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The rule.
    pub rule: &'static str,
    /// Where.
    pub place: String,
}

const GAPLESS: &str = "the positions of the stream have no gaps";
const THERE: &str = "each event that has a place in the stream is in the outbox";
const ONCE: &str = "each event of the outbox has one place in the stream";
const WITHIN: &str = "nobody who follows the stream is beyond its end";

/// Every event up to this number has its place; of those behind it some may have one.
///
/// # Errors
/// The database cannot be read.
pub async fn settled(on: &impl Executor) -> Result<i64> {
    Ok(store::last_page(on).await?.map_or(0, |page| page.settled_number))
}

/// Walks the stream; a broken rule is found once.
///
/// # Errors
/// The database cannot be read, or a page is damaged.
pub async fn verify(snapshot: &Snapshot) -> Result<Vec<Broken>> {
    let mut broken = Vec::new();
    let mut find = |rule, place| {
        if !broken.iter().any(|found: &Broken| found.rule == rule) {
            broken.push(Broken { rule, place });
        }
    };
    let settled = settled(snapshot).await?;
    let (mut head, mut placed) = (0, 0);
    loop {
        let pages = store::pages_after(snapshot, head, PAGES_AT_ONCE).await?;
        for page in &pages {
            // What was trimmed is missing at the beginning only.
            if head != 0 && page.first_position != head + 1 {
                find(GAPLESS, format!("position {}", head + 1));
            }
            let numbers: Vec<i64> = page.numbers().collect();
            let happened = outbox::happened(snapshot, &numbers).await?;
            if let Some((position, place)) = page.positions().find(|(_, place)| !happened.contains_key(&place.number)) {
                find(THERE, format!("position {position}, event number {}", place.number));
            }
            placed += numbers.iter().filter(|number| **number <= settled).count();
            head = page.last_position();
        }
        if pages.is_empty() {
            break;
        }
    }
    let there = outbox::count_up_to(snapshot, settled).await?;
    if i64::try_from(placed) != Ok(there) {
        find(ONCE, format!("{there} events up to number {settled} have {placed} places"));
    }
    for (name, position) in store::positions(snapshot).await? {
        if position > head {
            find(WITHIN, format!("{name} is at {position}, the end is {head}"));
        }
    }
    Ok(broken)
}
