//! How many messages a core writes and reads a second: `cargo bench -p iso20022`.

use std::hint::black_box;
use std::time::{Duration, Instant};

use iso20022::{Limits, Message};

const SAMPLES: [(&str, &str); 5] = [
    ("pacs.008", include_str!("../tests/samples/pacs.008-instant.xml")),
    ("pacs.002", include_str!("../tests/samples/pacs.002-ACSC.xml")),
    ("pacs.004", include_str!("../tests/samples/pacs.004-AC03.xml")),
    ("pacs.028", include_str!("../tests/samples/pacs.028.xml")),
    ("camt.053", include_str!("../tests/samples/camt.053-rail-statement.xml")),
];

fn main() {
    for (name, text) in SAMPLES {
        let message = Message::read(text.as_bytes(), Limits::MESSAGE).expect("a sample");
        let written = per_second(|| black_box(&message).write().len());
        let read = per_second(|| usize::from(Message::read(black_box(text.as_bytes()), Limits::MESSAGE).is_ok()));
        println!("{name}: {written} written a second, {read} read a second, {} bytes", text.len());
    }
}

/// The best of five rounds: on a machine that does other things too, the others say how busy it was.
fn per_second(mut work: impl FnMut() -> usize) -> u128 {
    let round = || {
        let (started, mut done) = (Instant::now(), 0_u128);
        while started.elapsed() < Duration::from_millis(300) {
            for _ in 0..100 {
                black_box(work());
            }
            done += 100;
        }
        done * 1_000_000 / started.elapsed().as_micros()
    };
    std::iter::repeat_with(round).take(5).max().unwrap_or_default()
}
