//! Kafka: the topic, and a window of records that is confirmed as a whole. Records of one subject lie in one partition, in
//! the order of the stream; which one is what Kafka's own producers choose for the key.

use crate::settings::Cluster;
use crate::{ANSWER_TIMEOUT, BrokerError, Message, Place, in_time};
use futures_util::future::try_join_all;
use rskafka::BackoffConfig;
use rskafka::chrono::DateTime;
use rskafka::client::partition::{Compression, PartitionClient, UnknownTopicHandling};
use rskafka::client::{Client, ClientBuilder, Credentials, SaslConfig};
use rskafka::record::Record;
use std::collections::BTreeMap;
use std::sync::Arc;

const TOPIC: &str = "florin.events";
/// Of a topic that is not there yet.
const PARTITIONS: i32 = 8;
/// As the cluster has it by default.
const REPLICATION: i16 = -1;
const ANSWER_TIMEOUT_MS: i32 = 10_000;

/// Clients of all partitions of the topic, in their order.
pub(crate) struct Kafka {
    partitions: Vec<PartitionClient>,
}

impl Kafka {
    pub(crate) async fn connect(cluster: &Cluster) -> Result<Self, BrokerError> {
        in_time(async {
            let mut builder = ClientBuilder::new(cluster.brokers.clone()).client_id("florin");
            // The relay makes a connection anew by itself, and says so.
            builder =
                builder.backoff_config(BackoffConfig { deadline: Some(ANSWER_TIMEOUT), ..BackoffConfig::default() });
            if cluster.is_tls {
                builder = builder.tls_config(tls());
            }
            if let Some((user, password)) = &cluster.login {
                let credentials = Credentials::new(user.clone(), password.clone());
                builder = builder.sasl_config(SaslConfig::Plain(credentials));
            }
            let client = builder.build().await?;
            let found = match partitions(&client).await? {
                0 => {
                    let controller = client.controller_client()?;
                    controller.create_topic(TOPIC, PARTITIONS, REPLICATION, ANSWER_TIMEOUT_MS).await?;
                    partitions(&client).await?
                }
                found => found,
            };
            let client = &client;
            let of = |partition| client.partition_client(TOPIC, partition, UnknownTopicHandling::Retry);
            match try_join_all((0..found).map(of)).await? {
                none if none.is_empty() => Err(BrokerError::NoPartitions),
                partitions => Ok(Self { partitions }),
            }
        })
        .await
    }

    /// Publishes the messages, and waits until all replicas that are in step have each.
    pub(crate) async fn publish(&self, messages: Vec<Message>) -> Result<(), BrokerError> {
        let mut shares: Vec<Vec<Record>> = self.partitions.iter().map(|_| Vec::new()).collect();
        for message in messages {
            let Place::Events { subject } = message.place else { continue };
            let share = partition_of(subject.as_bytes(), shares.len());
            let headers = [("id", message.id), ("type", message.kind)];
            shares[share].push(Record {
                key: Some(subject.into_bytes()),
                value: Some(message.body.into_bytes()),
                headers: headers
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value.into_bytes()))
                    .collect::<BTreeMap<_, _>>(),
                // How long a Kafka keeps a record depends on it.
                timestamp: DateTime::from_timestamp_micros(message.happened_at.unix_micros()).unwrap_or_default(),
            });
        }
        let produced = self
            .partitions
            .iter()
            .zip(shares)
            .map(|(partition, records)| partition.produce(records, Compression::NoCompression));
        in_time(async { Ok(try_join_all(produced).await.map(drop)?) }).await
    }
}

/// How many the topic has; none: it is not there.
async fn partitions(client: &Client) -> Result<i32, BrokerError> {
    let topic = client.list_topics().await?.into_iter().find(|topic| topic.name == TOPIC);
    Ok(topic.map_or(0, |topic| i32::try_from(topic.partitions.len()).unwrap_or(i32::MAX)))
}

/// Believes whom this machine believes.
fn tls() -> Arc<rustls::ClientConfig> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    Arc::new(rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth())
}

/// The partition that Kafka's producers choose for a key.
fn partition_of(key: &[u8], partitions: usize) -> usize {
    (murmur2(key) & 0x7fff_ffff) as usize % partitions
}

/// MurmurHash2 by Austin Appleby, with the seed that Kafka takes.
fn murmur2(key: &[u8]) -> u32 {
    const MULTIPLIER: u32 = 0x5bd1_e995;
    const SEED: u32 = 0x9747_b28c;
    let words = key.chunks_exact(4);
    let rest = words.remainder();
    #[expect(clippy::cast_possible_truncation, reason = "as it is defined")]
    let mut hash = SEED ^ key.len() as u32;
    for word in words {
        let word = u32::from_le_bytes(word.try_into().expect("four bytes")).wrapping_mul(MULTIPLIER);
        hash = hash.wrapping_mul(MULTIPLIER) ^ (word ^ (word >> 24)).wrapping_mul(MULTIPLIER);
    }
    if !rest.is_empty() {
        let last = rest.iter().rev().fold(0, |last, byte| (last << 8) | u32::from(*byte));
        hash = (hash ^ last).wrapping_mul(MULTIPLIER);
    }
    hash = (hash ^ (hash >> 13)).wrapping_mul(MULTIPLIER);
    hash ^ (hash >> 15)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values are those of Kafka's own test of its hash.
    #[test]
    fn keys_lie_where_kafkas_own_producers_put_them() {
        for (key, hash) in [
            ("21", -973_932_308),
            ("foobar", -790_332_482),
            ("a-little-bit-long-string", -985_981_536),
            ("a-little-bit-longer-string", -1_486_304_829),
            ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
            ("abc", 479_470_107),
        ] {
            assert_eq!(murmur2(key.as_bytes()).cast_signed(), hash, "{key}");
        }
    }
}
