//! The harness of the stories: the real binary `florin` as a child process, on a data folder and a database of its own.
//! It knows the bank only from outside: its command line, its HTTP API, its exit codes. The stories are in `tests/`.

mod answer;
mod bank;
mod books;
mod certificates;
mod client;
mod cluster;
mod door;
mod finished;
mod folder;
mod foreign_client;
mod guard;
mod history;
mod kafka;
mod load;
mod mail_server;
mod money;
mod mute;
mod nginx;
mod pgbouncer;
mod program;
mod rabbitmq;
mod random;
mod redis;
mod server;
mod stream;
mod tiny_disk;
mod wait;
mod webhook_receiver;

pub use answer::Answer;
pub use bank::{Bank, on_each_engine};
pub use books::Books;
pub use certificates::Certificates;
pub use client::{Client, PASSWORD, fresh_key, transfer};
pub use cluster::{Cluster, Halted};
pub use door::Door;
pub use finished::{Background, Finished};
pub use folder::Folder;
pub use foreign_client::ForeignClient;
pub use history::{
    Balance, DIFFICULT_TEXTS, HistoryRow, expect_exported, exported_balances, generate_history, history_csv,
};
pub use kafka::Kafka;
pub use load::{Load, Memory, Order};
pub use mail_server::MailServer;
pub use money::{decimal, minor_units};
pub use mute::Mute;
pub use nginx::Nginx;
pub use pgbouncer::PgBouncer;
pub use program::{Tool, run};
pub use rabbitmq::RabbitMq;
pub use random::Random;
pub use redis::Redis;
pub use server::Server;
pub use stream::{Shown, Trust};
pub use tiny_disk::TinyDisk;
pub use wait::{eventually, until_some};
pub use webhook_receiver::{WebhookCall, WebhookReceiver};
