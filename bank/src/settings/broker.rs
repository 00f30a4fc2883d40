//! Where events are published, if anywhere.

use super::Mode;
use anyhow::{Context as _, ensure};
use broker_edge::{BrokerSettings, Queues};

#[derive(clap::Args, Clone, Debug)]
pub(crate) struct BrokerArguments {
    /// Where events are published: a RabbitMQ, `amqp://user:password@host:5672/vhost`, or a Kafka, `kafka://host:9092`;
    /// `amqps://` and `kafkas://` over TLS; unset: nowhere.
    #[arg(long = "broker-url", env = "FLORIN_BROKER_URL", global = true, value_name = "URL", hide_env_values = true)]
    pub(crate) url: Option<String>,
    /// Consumers that each get a durable queue `florin.NAME` with every event, such as mail,warehouse.
    #[arg(
        long = "broker-queues",
        env = "FLORIN_BROKER_QUEUES",
        default_value = "",
        global = true,
        value_name = "NAMES"
    )]
    pub(crate) queues: String,
    /// Whether a RabbitMQ has FinApp's queues too: user_registered, user_activity, application_submitted and
    /// financing_option_selected.
    #[arg(long = "broker-finapp", env = "FLORIN_BROKER_FINAPP", value_enum, default_value_t = super::Switch::On, global = true)]
    pub(crate) finapp: super::Switch,
    /// Brokers of a Kafka, as some programs are told of them: the same as a FLORIN_BROKER_URL that begins with kafka://, which
    /// goes before it.
    #[arg(long = "kafka-brokers", env = "KAFKA_BROKERS", global = true, value_name = "HOST:PORT,…")]
    pub(crate) kafka_brokers: Option<String>,
}

impl BrokerArguments {
    pub(super) fn checked(&self, mode: Mode) -> anyhow::Result<Option<BrokerSettings>> {
        let Some(url) = self.url() else { return Ok(None) };
        let queues = Queues { names: &self.queues, finapp: self.finapp == super::Switch::On };
        let broker =
            BrokerSettings::parse(&url, queues).context("FLORIN_BROKER_URL, KAFKA_BROKERS or FLORIN_BROKER_QUEUES")?;
        ensure!(
            mode == Mode::Sandbox || broker.is_private(),
            "production mode tells brokers on other machines over TLS only what happens: FLORIN_BROKER_URL must start with \
             amqps:// or kafkas://"
        );
        Ok(Some(broker))
    }

    fn url(&self) -> Option<String> {
        let is_set = |text: &&str| !text.is_empty();
        let of_kafka = || self.kafka_brokers.as_deref().filter(is_set).map(|brokers| format!("kafka://{brokers}"));
        self.url.as_deref().filter(is_set).map(str::to_owned).or_else(of_kafka)
    }

    pub(super) fn values(&self, redact: fn(&str) -> String) -> [(&'static str, String); 4] {
        [
            ("FLORIN_BROKER_URL", redact(self.url.as_deref().unwrap_or_default())),
            ("FLORIN_BROKER_QUEUES", self.queues.clone()),
            ("FLORIN_BROKER_FINAPP", super::explain::word(self.finapp)),
            ("KAFKA_BROKERS", self.kafka_brokers.clone().unwrap_or_default()),
        ]
    }
}
