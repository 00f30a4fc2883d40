//! RabbitMQ: the exchanges and queues, and a window of messages that is confirmed as a whole.

use crate::finapp::{self, AUTHORIZATION};
use crate::{BrokerError, BrokerSettings, Message, Place, in_time};
use futures_util::future::try_join_all;
use lapin::options::{
    BasicPublishOptions, ConfirmSelectOptions, ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions,
};
use lapin::types::{AMQPValue, FieldTable, ShortString};
use lapin::{BasicProperties, Channel, Confirmation, Connection, ConnectionProperties, ExchangeKind};
use url::Url;

/// Every event, by its kind as the routing key.
const EVENTS: &str = "florin.events";
/// What no consumer could take.
const DEAD: &str = "florin.dead";
/// How often a queue delivers a message before it is dead.
const DELIVERIES_MAX: i64 = 5;
const PERSISTENT: u8 = 2;

/// A connection with its topology made.
pub(crate) struct RabbitMq {
    _connection: Connection,
    channel: Channel,
}

impl RabbitMq {
    pub(crate) async fn connect(url: &Url, settings: &BrokerSettings) -> Result<Self, BrokerError> {
        in_time(async {
            let properties = ConnectionProperties::default().with_connection_name("florin".into());
            let connection = Connection::connect(url.as_str(), properties).await?;
            let channel = connection.create_channel().await?;
            channel.confirm_select(ConfirmSelectOptions::default()).await?;
            declare(&channel, &settings.queues).await?;
            if settings.has_finapp_queues {
                declare_finapp(&channel).await?;
            }
            Ok(Self { _connection: connection, channel })
        })
        .await
    }

    /// Publishes the messages in their order, and waits until each is confirmed. What no queue wants counts as taken.
    pub(crate) async fn publish(&self, messages: &[Message]) -> Result<(), BrokerError> {
        in_time(async {
            let mut confirms = Vec::with_capacity(messages.len());
            for message in messages {
                let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
                let (exchange, key, properties) = addressed(message);
                let sent = self.channel.basic_publish(exchange, key, options, message.body.as_bytes(), properties);
                confirms.push(sent.await?);
            }
            let unwanted =
                try_join_all(confirms).await?.into_iter().try_fold(0, |unwanted, confirm| match confirm {
                    Confirmation::Ack(returned) => Ok(unwanted + u64::from(returned.is_some())),
                    Confirmation::Nack(_) | Confirmation::NotRequested => Err(BrokerError::Refused),
                })?;
            metrics::counter!("florin_events_unrouted_total").increment(unwanted);
            Ok(())
        })
        .await
    }
}

/// Exchange, routing key and properties. The exchange without a name puts a message into the queue that the key names.
fn addressed(message: &Message) -> (ShortString, ShortString, BasicProperties) {
    let properties = BasicProperties::default()
        .with_delivery_mode(PERSISTENT)
        .with_type(short(&message.kind))
        .with_message_id(short(&message.id));
    match &message.place {
        Place::Events { .. } => {
            (EVENTS.into(), short(&message.kind), properties.with_content_type("application/json".into()))
        }
        Place::Queue { name, token } => {
            let mut headers = FieldTable::default();
            headers.insert(AUTHORIZATION.into(), text(token));
            let properties = properties.with_content_type("text/plain".into()).with_headers(headers);
            ("".into(), short(name), properties)
        }
    }
}

fn short(text: &str) -> ShortString {
    ShortString::from(text)
}

/// Whatever is there already stays; a queue of the same name and another kind is an error.
async fn declare(channel: &Channel, queues: &[String]) -> Result<(), BrokerError> {
    let durable = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
    for exchange in [EVENTS, DEAD] {
        channel.exchange_declare(exchange.into(), ExchangeKind::Topic, durable, FieldTable::default()).await?;
    }
    bound_queue(channel, DEAD, DEAD, quorum()).await?;
    for name in queues {
        let mut arguments = quorum();
        arguments.insert("x-delivery-limit".into(), AMQPValue::LongLongInt(DELIVERIES_MAX));
        arguments.insert("x-dead-letter-exchange".into(), text(DEAD));
        arguments.insert("x-dead-letter-strategy".into(), text("at-least-once"));
        arguments.insert("x-overflow".into(), text("reject-publish"));
        arguments.insert("x-single-active-consumer".into(), AMQPValue::Boolean(true));
        bound_queue(channel, &format!("florin.{name}"), EVENTS, arguments).await?;
    }
    Ok(())
}

/// FinApp's clients declare theirs as they like; these outlive the broker.
async fn declare_finapp(channel: &Channel) -> Result<(), BrokerError> {
    for name in finapp::QUEUES {
        let mut arguments = quorum();
        arguments.insert("x-delivery-limit".into(), AMQPValue::LongLongInt(DELIVERIES_MAX));
        arguments.insert("x-dead-letter-exchange".into(), text(DEAD));
        arguments.insert("x-max-length".into(), AMQPValue::LongLongInt(finapp::MESSAGES_MAX));
        arguments.insert("x-overflow".into(), text("drop-head"));
        let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
        channel.queue_declare(name.into(), durable, arguments).await?;
    }
    Ok(())
}

async fn bound_queue(channel: &Channel, queue: &str, exchange: &str, arguments: FieldTable) -> Result<(), BrokerError> {
    let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
    channel.queue_declare(short(queue), durable, arguments).await?;
    let (everything, options) = ("#".into(), QueueBindOptions::default());
    channel.queue_bind(short(queue), short(exchange), everything, options, FieldTable::default()).await?;
    Ok(())
}

fn quorum() -> FieldTable {
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), text("quorum"));
    arguments
}

fn text(text: &str) -> AMQPValue {
    AMQPValue::LongString(text.into())
}
