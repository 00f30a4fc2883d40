#!/usr/bin/env python3
"""Sends one request to Florin, signed as an API key with a signing key asks for (RFC 9421, RFC 9530).

    signed_request.py new-key ed25519|ecdsa-p256-sha256 PRIVATE.pem
        makes a key pair; writes the private half to the file and prints the public one
    signed_request.py METHOD URL [BODY]
        sends the request and prints its status and the reply; exit 1 unless it is 2xx

The second form reads FLORIN_API_KEY (flk_...), FLORIN_API_KEY_ID (key_...), FLORIN_SIGNING_KEY (the private key's file)
and, if set, FLORIN_IDEMPOTENCY_KEY. Needs http-message-signatures 3 from PyPI: scripts/tools.sh http-signatures.
"""

import http.client
import os
import sys
import urllib.parse
import uuid
from types import SimpleNamespace

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from http_message_signatures import HTTPMessageSigner, MappingKeyResolver, algorithms

PEM = serialization.Encoding.PEM


def new_key(algorithm, path):
    if algorithm == "ed25519":
        key = ed25519.Ed25519PrivateKey.generate()
    else:
        key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(private)
    public = key.public_key().public_bytes(PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    print(public.decode(), end="")


def sign(request, body):
    key_id = os.environ["FLORIN_API_KEY_ID"]
    with open(os.environ["FLORIN_SIGNING_KEY"], "rb") as file:
        key = serialization.load_pem_private_key(file.read(), None)
    is_ed25519 = isinstance(key, ed25519.Ed25519PrivateKey)
    signer = HTTPMessageSigner(
        signature_algorithm=algorithms.ED25519 if is_ed25519 else algorithms.ECDSA_P256_SHA256,
        key_resolver=MappingKeyResolver(public_keys={}, private_keys={key_id: key}),
    )
    covered = ["@method", "@target-uri"]
    covered += [name for name in ("content-type", "idempotency-key") if name in request.headers]
    # The library adds Content-Digest for a body, and covers it.
    signer.sign(request, key_id=key_id, nonce=uuid.uuid4().hex, covered_component_ids=covered, body=body)


def send(method, url, body):
    headers = {"authorization": f"Bearer {os.environ['FLORIN_API_KEY']}"}
    if body is not None:
        headers["content-type"] = "application/json"
    if method == "POST":
        headers["idempotency-key"] = os.environ.get("FLORIN_IDEMPOTENCY_KEY", uuid.uuid4().hex)
    request = SimpleNamespace(method=method, url=url, headers=headers)
    sign(request, body)
    parts = urllib.parse.urlsplit(url)
    of_scheme = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = of_scheme(parts.netloc, timeout=30)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    connection.request(method, target, body, headers)
    reply = connection.getresponse()
    print(reply.status)
    print(reply.read().decode())
    return 0 if 200 <= reply.status < 300 else 1


def main(arguments):
    match arguments:
        case ["new-key", ("ed25519" | "ecdsa-p256-sha256") as algorithm, path]:
            new_key(algorithm, path)
            return 0
        case [method, url]:
            return send(method, url, None)
        case [method, url, body]:
            return send(method, url, body.encode())
    print(__doc__, file=sys.stderr)
    return 2


sys.exit(main(sys.argv[1:]))
