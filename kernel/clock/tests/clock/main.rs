//! Bank time on a real database: commands once each, two processes, advances that stop and go on.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod advancing;
mod setting;

use clock::{ClockCommand, ClockError, ClockView, Clocks, CommandKey, Commanded, Ordered};
use db::{BankTime, Db};
use outbox::Actor;
use testkit::SetClock;

/// Runs the test body once on each engine, with clocks of a sandbox and the machine's clock behind them.
fn with_clocks(start: &str, body: impl AsyncFn(Db, Clocks, SetClock)) {
    let migrations = [db::MIGRATIONS, outbox::MIGRATIONS, clock::MIGRATIONS].concat();
    testkit::on_each_engine(&migrations, async |db| {
        let machine = SetClock::at(start);
        let clocks = Clocks::of_sandbox(machine.reader(), &db).await.unwrap();
        body(db, clocks, machine).await;
    });
}

fn bank(text: &str) -> BankTime {
    BankTime::parse(text).unwrap()
}

/// Does a command under a key of its own.
async fn command(clocks: &Clocks, db: &Db, command: ClockCommand) -> Result<Commanded, ClockError> {
    let key = ids::EventId::generate().to_string();
    under(clocks, db, &key, command).await
}

async fn under(clocks: &Clocks, db: &Db, key: &str, command: ClockCommand) -> Result<Commanded, ClockError> {
    let fingerprint = format!("{command:?}");
    let key = CommandKey { hash: key.as_bytes(), fingerprint: fingerprint.as_bytes() };
    clocks.command(db, Ordered { command, by: Actor::COMMAND_LINE, key }, render).await
}

fn render(view: &ClockView) -> Vec<u8> {
    view.bank.to_string().into_bytes()
}

async fn shown(clocks: &Clocks, db: &Db) -> BankTime {
    clocks.now(db).await.unwrap().bank
}
