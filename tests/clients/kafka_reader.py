"""A reader of a Kafka's topic, on kafka-python (PyPI): prints every record there is, a line of JSON for each.
The story in tests/tests/kafka.rs starts it, with what it has to know in STORY."""

import json
import os

from kafka import KafkaConsumer, TopicPartition
from kafka.partitioner.default import murmur2

story = json.loads(os.environ["STORY"])
consumer = KafkaConsumer(bootstrap_servers=story["brokers"], enable_auto_commit=False, consumer_timeout_ms=5000)
partitions = sorted(consumer.partitions_for_topic(story["topic"]))
consumer.assign([TopicPartition(story["topic"], partition) for partition in partitions])
consumer.seek_to_beginning()
for record in consumer:
    expected = partitions[(murmur2(record.key) & 0x7FFFFFFF) % len(partitions)]
    assert record.partition == expected, f"{record.key} lies in {record.partition}, not in {expected}"
    headers = {name: value.decode() for name, value in record.headers}
    line = {"key": record.key.decode(), "headers": headers, "event": json.loads(record.value)}
    print(json.dumps(line | {"partition": record.partition, "offset": record.offset}))
consumer.close()
print("kafka-python is content")
