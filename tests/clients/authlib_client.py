"""Authlib (PyPI) against Florin's authorization server: discovery, code with PKCE through the consent page, calls,
refresh, introspection, revocation, client credentials, and what has to be refused.
The story in tests/tests/oauth_clients.rs starts it, with what it has to know in STORY."""

import json
import os
import re
from html import unescape

import requests
from authlib.common.security import generate_token
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata, get_well_known_url

story = json.loads(os.environ["STORY"])
issuer, callback = story["issuer"], story["callback"]


def discover():
    found = requests.get(get_well_known_url(issuer, external=True), timeout=10).json()
    metadata = AuthorizationServerMetadata(found)
    metadata.validate()
    assert metadata["issuer"] == issuer
    return metadata


def consent(url):
    """What a browser does: it opens the page, the person fills the form in, and it follows to the client's address."""
    browser = requests.Session()
    page = browser.get(url, timeout=10)
    assert page.status_code == 200, page.text

    def field(name):
        return unescape(re.search(f'name="{name}" value="([^"]*)"', page.text).group(1))

    form = {
        "request": field("request"),
        "csrf": field("csrf"),
        "username": story["username"],
        "password": story["password"],
        "decision": "allow",
    }
    answer = browser.post(f"{issuer}/oauth/authorize", data=form, allow_redirects=False, timeout=10)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def session(client_id, method, secret=None):
    return OAuth2Session(
        client_id,
        secret,
        scope="accounts:read",
        redirect_uri=callback,
        token_endpoint_auth_method=method,
        code_challenge_method="S256",
    )


def log_in(client):
    verifier = generate_token(48)
    url, _ = client.create_authorization_url(metadata["authorization_endpoint"], code_verifier=verifier)
    location = consent(url)
    token = client.fetch_token(
        metadata["token_endpoint"], authorization_response=location, code_verifier=verifier
    )
    return token, location, verifier


def refused(call, error):
    try:
        call()
    except OAuthError as raised:
        assert raised.error == error, raised
    else:
        raise AssertionError(f"{error} was expected")


metadata = discover()
keys = requests.get(metadata["jwks_uri"], timeout=10).json()["keys"]
assert [key["kty"] for key in keys] == ["OKP"]

# A public client.
app = session(story["publicId"], "none")
first, location, verifier = log_in(app)
assert app.get(f"{issuer}/api/accounts").status_code == 200
assert app.get(f"{issuer}/api/transactions").status_code == 403, "beyond the scope"
second = app.refresh_token(metadata["token_endpoint"])
assert second["refresh_token"] != first["refresh_token"]
assert app.get(f"{issuer}/api/accounts").status_code == 200
# A reply may have been lost: the same again, until what it led to is used.
again = app.refresh_token(metadata["token_endpoint"], refresh_token=first["refresh_token"])
assert again["refresh_token"] == second["refresh_token"]
third = app.refresh_token(metadata["token_endpoint"], refresh_token=again["refresh_token"])
assert third["refresh_token"] != second["refresh_token"]
refused(lambda: app.refresh_token(metadata["token_endpoint"], refresh_token=first["refresh_token"]), "invalid_grant")
assert app.get(f"{issuer}/api/accounts").status_code == 401, "a stolen refresh token ends the grant"

# A code presented twice.
again = session(story["publicId"], "none")
_, location, verifier = log_in(again)
refused(
    lambda: again.fetch_token(
        metadata["token_endpoint"], authorization_response=location, code_verifier=verifier, state=None
    ),
    "invalid_grant",
)

# A confidential client, with its secret in the header and in the form.
for method in ["client_secret_basic", "client_secret_post"]:
    server = session(story["confidentialId"], method, story["secret"])
    token, _, _ = log_in(server)
    known = server.introspect_token(metadata["introspection_endpoint"], token=token["access_token"]).json()
    assert known["active"] and known["username"] == story["username"], known
    assert server.revoke_token(metadata["revocation_endpoint"], token=token["refresh_token"]).status_code == 200
    known = server.introspect_token(metadata["introspection_endpoint"], token=token["access_token"]).json()
    assert known == {"active": False}, known
    own = session(story["confidentialId"], method, story["secret"])
    own.fetch_token(metadata["token_endpoint"], grant_type="client_credentials")
    assert own.get(f"{issuer}/api/accounts").status_code == 200

impostor = session(story["confidentialId"], "client_secret_basic", "guessed")
refused(lambda: impostor.fetch_token(metadata["token_endpoint"], grant_type="client_credentials"), "invalid_client")

print("Authlib is content")
