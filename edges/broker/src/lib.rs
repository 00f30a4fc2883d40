//! Events on a message broker: the relay publishes the stream, in its order, and moves its place once the broker has
//! confirmed. What it cannot confirm is published again, so that each event comes at least once; consumers tell by its
//! identifier (docs/events.md).

mod finapp;
mod kafka;
mod rabbitmq;
mod relay;
mod settings;

pub use relay::start;
pub use settings::{BrokerSettings, InvalidBroker, Queues};

use db::WallTime;
use settings::Address;
use std::time::Duration;

/// Something for the broker.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) place: Place,
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) happened_at: WallTime,
    pub(crate) body: String,
}

/// Where it goes.
#[derive(Debug)]
pub(crate) enum Place {
    /// To whoever wants events.
    Events { subject: String },
    /// Into one queue, with a token that says whose it is.
    Queue { name: &'static str, token: String },
}

/// A broker that takes messages.
pub(crate) enum Broker {
    RabbitMq(Box<rabbitmq::RabbitMq>),
    Kafka(kafka::Kafka),
}

/// The broker could not take something; whatever was not confirmed is published again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BrokerError {
    #[error("the broker: {0}")]
    RabbitMq(#[from] lapin::Error),
    #[error("the broker: {0}")]
    Kafka(#[from] rskafka::client::error::Error),
    #[error("the broker's topic has no partitions")]
    NoPartitions,
    #[error("the broker refused an event")]
    Refused,
    #[error("the broker does not answer")]
    Silent,
}

const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);

impl Broker {
    pub(crate) async fn connect(settings: &BrokerSettings) -> Result<Self, BrokerError> {
        match &settings.address {
            Address::RabbitMq(url) => {
                rabbitmq::RabbitMq::connect(url, settings).await.map(Box::new).map(Self::RabbitMq)
            }
            Address::Kafka(cluster) => kafka::Kafka::connect(cluster).await.map(Self::Kafka),
        }
    }

    /// Publishes the messages in their order, and waits until each is confirmed.
    pub(crate) async fn publish(&self, messages: Vec<Message>) -> Result<(), BrokerError> {
        match self {
            Self::RabbitMq(broker) => broker.publish(&messages).await,
            Self::Kafka(broker) => broker.publish(messages).await,
        }
    }
}

/// A broker that hangs is as good as none.
async fn in_time<T>(work: impl Future<Output = Result<T, BrokerError>>) -> Result<T, BrokerError> {
    tokio::time::timeout(ANSWER_TIMEOUT, work).await.unwrap_or(Err(BrokerError::Silent))
}
