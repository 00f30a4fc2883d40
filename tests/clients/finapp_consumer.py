"""A consumer of FinApp's queues, on pika (PyPI): takes what is there, and believes of it what the bank's keys vouch for.
What they do not vouch for is rejected for good. The story in tests/tests/finapp_queues.rs starts it, with what it has to know
in STORY, and reads what it prints: a line of JSON for each message."""

import base64
import hashlib
import json
import os

import pika
import requests
from joserfc import jwt
from joserfc.jwk import KeySet

story = json.loads(os.environ["STORY"])
keys = KeySet.import_key_set(requests.get(f"{story['issuer']}/.well-known/jwks.json", timeout=10).json())
claims_wanted = jwt.JWTClaimsRegistry(
    now=0,
    leeway=10**12,
    iss={"essential": True, "value": story["issuer"]},
    aud={"essential": True, "value": "florin-queues"},
    sub={"essential": True},
)


def believed(properties, body):
    """The claims of a message, or why it is nobody's."""
    token = (properties.headers or {}).get("Authorization")
    if token is None:
        return None, "no token"
    try:
        read = jwt.decode(token, keys, algorithms=["EdDSA", "Ed25519"])
        claims_wanted.validate(read.claims)
    except Exception as error:  # whatever the library thinks of it
        return None, type(error).__name__
    if read.header.get("typ") != "florin-message+jwt":
        return None, "a token of another kind"
    digest = base64.urlsafe_b64encode(hashlib.sha256(body).digest()).rstrip(b"=").decode()
    if read.claims["text_sha256"] != digest:
        return None, "a token of another message"
    if not read.claims["iat"] < read.claims["exp"] <= read.claims["iat"] + 900:
        return None, "a token that lasts too long"
    return read.claims, None


connection = pika.BlockingConnection(pika.URLParameters(story["broker"]))
channel = connection.channel()
for queue in story["queues"]:
    while True:
        method, properties, body = channel.basic_get(queue)
        if method is None:
            break
        claims, refused = believed(properties, body)
        if refused is None:
            channel.basic_ack(method.delivery_tag)
        else:
            channel.basic_reject(method.delivery_tag, requeue=False)
        line = {"queue": queue, "text": body.decode(), "sub": claims and claims["sub"], "refused": refused}
        print(json.dumps(line | {"id": properties.message_id, "persistent": properties.delivery_mode == 2}))
connection.close()
print("pika is content")
