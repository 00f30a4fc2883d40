//! Where the broker is, and which queues the bank makes there.

use std::net::IpAddr;
use url::Url;

/// At most so many queues are made.
const QUEUES_MAX: usize = 32;
const QUEUE_CHARACTERS_MAX: usize = 64;
/// Of a Kafka, to begin with: they tell of the others.
const BROKERS_MAX: usize = 16;
const KAFKA_PORT: u16 = 9092;

/// Where events go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokerSettings {
    pub(crate) address: Address,
    /// Consumers, each with a queue `florin.NAME` that gets every event.
    pub(crate) queues: Vec<String>,
    /// Whether FinApp's queues are there as well.
    pub(crate) has_finapp_queues: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    RabbitMq(Url),
    Kafka(Cluster),
}

/// A Kafka.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cluster {
    /// Some of its brokers, as `host:port`.
    pub(crate) brokers: Vec<String>,
    pub(crate) is_tls: bool,
    /// Name and password (SASL PLAIN).
    pub(crate) login: Option<(String, String)>,
}

/// Which queues there are to be.
#[derive(Clone, Copy, Debug)]
pub struct Queues<'a> {
    /// Names of consumers, with commas between them.
    pub names: &'a str,
    /// FinApp's four, which a Kafka does not have.
    pub finapp: bool,
}

/// Such a broker is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidBroker {
    /// The URL.
    #[error("must be amqp://HOST[:PORT][/VHOST], amqps://… or kafka://HOST[:PORT][,HOST[:PORT]…], kafkas://…")]
    Url,
    /// The list of queues.
    #[error("must be at most {QUEUES_MAX} names of small letters, digits and underscores, with commas between them")]
    Queues,
    /// They are made on a RabbitMQ only.
    #[error("has queues of a RabbitMQ; consumers of a Kafka read its topic")]
    QueuesOfKafka,
}

impl BrokerSettings {
    /// Reads both.
    ///
    /// # Errors
    /// [`InvalidBroker`].
    pub fn parse(url: &str, queues: Queues<'_>) -> Result<Self, InvalidBroker> {
        let names: Vec<String> =
            queues.names.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
        let is_plain = |character: char| matches!(character, 'a'..='z' | '0'..='9' | '_');
        let is_name = |name: &String| name.len() <= QUEUE_CHARACTERS_MAX && name.chars().all(is_plain);
        if names.len() > QUEUES_MAX || !names.iter().all(is_name) {
            return Err(InvalidBroker::Queues);
        }
        let address = match url.split_once("://") {
            Some(("kafka", rest)) => Address::Kafka(Cluster::parse(rest, false)?),
            Some(("kafkas", rest)) => Address::Kafka(Cluster::parse(rest, true)?),
            _ => Address::RabbitMq(rabbitmq(url)?),
        };
        let is_rabbitmq = matches!(address, Address::RabbitMq(_));
        if !is_rabbitmq && !names.is_empty() {
            return Err(InvalidBroker::QueuesOfKafka);
        }
        Ok(Self { address, queues: names, has_finapp_queues: queues.finapp && is_rabbitmq })
    }

    /// Whether nobody on the way reads along.
    pub fn is_private(&self) -> bool {
        match &self.address {
            Address::RabbitMq(url) => url.scheme() == "amqps" || url.host_str().is_some_and(is_here),
            Address::Kafka(cluster) => {
                let host = |broker: &String| broker.rsplit_once(':').is_some_and(|(host, _)| is_here(host));
                cluster.is_tls || cluster.brokers.iter().all(host)
            }
        }
    }
}

fn is_here(host: &str) -> bool {
    let host = host.trim_matches(['[', ']']);
    host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

fn rabbitmq(url: &str) -> Result<Url, InvalidBroker> {
    let url = Url::parse(url).map_err(|_| InvalidBroker::Url)?;
    let is_amqp = matches!(url.scheme(), "amqp" | "amqps") && url.host_str().is_some_and(|host| !host.is_empty());
    is_amqp.then_some(url).ok_or(InvalidBroker::Url)
}

impl Cluster {
    /// `[USER:PASSWORD@]HOST[:PORT][,HOST[:PORT]…]`; each broker is read as a URL's host and port are.
    fn parse(text: &str, is_tls: bool) -> Result<Self, InvalidBroker> {
        let (login, hosts) =
            text.trim_end_matches('/').rsplit_once('@').map_or((None, text), |(login, hosts)| (Some(login), hosts));
        let hosts: Vec<&str> = hosts.trim_end_matches('/').split(',').map(str::trim).collect();
        if hosts.len() > BROKERS_MAX {
            return Err(InvalidBroker::Url);
        }
        let brokers = hosts.into_iter().map(broker).collect::<Result<_, _>>()?;
        let login = login.map(|login| login.split_once(':').ok_or(InvalidBroker::Url)).transpose()?;
        let login = login.map(|(user, password)| Ok((unescaped(user)?, unescaped(password)?))).transpose()?;
        Ok(Self { brokers, is_tls, login })
    }
}

fn broker(text: &str) -> Result<String, InvalidBroker> {
    let url = Url::parse(&format!("kafka://{text}")).map_err(|_| InvalidBroker::Url)?;
    let is_plain = url.username().is_empty() && matches!(url.path(), "" | "/") && url.query().is_none();
    match url.host_str() {
        Some(host) if is_plain && !host.is_empty() => Ok(format!("{host}:{}", url.port().unwrap_or(KAFKA_PORT))),
        _ => Err(InvalidBroker::Url),
    }
}

/// A name or password may have any character, written as URLs write it.
fn unescaped(text: &str) -> Result<String, InvalidBroker> {
    let decoded = percent_encoding::percent_decode_str(text).decode_utf8();
    decoded.map(std::borrow::Cow::into_owned).map_err(|_| InvalidBroker::Url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str, names: &str) -> Result<BrokerSettings, InvalidBroker> {
        BrokerSettings::parse(url, Queues { names, finapp: true })
    }

    #[test]
    fn what_is_no_broker_is_refused_and_who_may_read_along_is_known() {
        for url in ["", "broker", "http://broker", "amqp://", "kafka://", "kafka://a/b", "kafka://a,,b", "kafka://x@a"]
        {
            assert_eq!(parse(url, ""), Err(InvalidBroker::Url), "{url}");
        }
        for queues in ["a b", "Mail", "mail;ledger", &"a,".repeat(33)] {
            assert_eq!(parse("amqp://broker", queues), Err(InvalidBroker::Queues), "{queues}");
        }
        let settings = parse("amqps://me:secret@broker:5671/bank", " mail, analytics ,").unwrap();
        assert_eq!(settings.queues, ["mail", "analytics"]);
        for (url, is_private) in [
            ("amqps://broker", true),
            ("amqp://127.0.0.1:5672", true),
            ("amqp://[::1]", true),
            ("amqp://broker", false),
            ("amqp://127.0.0.1.example", false),
            ("kafkas://broker:9093", true),
            ("kafka://localhost,[::1]:9093", true),
            ("kafka://localhost,broker", false),
        ] {
            assert_eq!(parse(url, "").unwrap().is_private(), is_private, "{url}");
        }
    }

    #[test]
    fn a_kafka_has_brokers_a_login_and_no_queues() {
        let settings = parse("kafkas://me:p%40ss@one:9093,two,[::1]:9094/", "").unwrap();
        let Address::Kafka(cluster) = settings.address else { panic!("{settings:?}") };
        assert_eq!(cluster.brokers, ["one:9093", "two:9092", "[::1]:9094"]);
        assert_eq!(cluster.login, Some(("me".to_owned(), "p@ss".to_owned())));
        assert!(cluster.is_tls && !settings.has_finapp_queues);
        assert_eq!(parse("kafka://one", "mail"), Err(InvalidBroker::QueuesOfKafka));
    }
}
