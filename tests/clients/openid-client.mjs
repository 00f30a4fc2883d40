// openid-client (npm) against Florin's authorization server: discovery, code with PKCE through the consent page, calls,
// refresh, introspection, revocation, client credentials, and what a client has to notice by itself.
// The story in tests/tests/oauth_clients.rs starts it, with what it has to know in STORY and its modules in MODULES.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const { issuer, username, password, callback, publicId, confidentialId, secret } = JSON.parse(process.env.STORY)
const client = await import(pathToFileURL(join(process.env.MODULES, 'openid-client/build/index.js')))
const insecure = { algorithm: 'oauth2', execute: [client.allowInsecureRequests] }
const discover = (id, authentication) => client.discovery(new URL(issuer), id, undefined, authentication, insecure)

// What a browser does: it opens the page, the person fills the form in, and it follows to the client's address.
async function consent(url) {
  const page = await fetch(url)
  assert.equal(page.status, 200)
  const [cookie] = page.headers.get('set-cookie').split(';')
  const html = await page.text()
  const field = (name) => html.match(new RegExp(`name="${name}" value="([^"]*)"`))[1].replaceAll('&amp;', '&')
  const body = new URLSearchParams({
    request: field('request'), csrf: field('csrf'), username, password, decision: 'allow',
  })
  const answer = await fetch(new URL('/oauth/authorize', issuer), { method: 'POST', redirect: 'manual', headers: { cookie }, body })
  assert.equal(answer.status, 303)
  return new URL(answer.headers.get('location'))
}

async function authorize(config) {
  const verifier = client.randomPKCECodeVerifier()
  const state = client.randomState()
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: callback,
    scope: 'accounts:read',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
  })
  return { location: await consent(url), checks: { pkceCodeVerifier: verifier, expectedState: state } }
}

async function login(config) {
  const { location, checks } = await authorize(config)
  return client.authorizationCodeGrant(config, location, checks)
}

const accounts = (config, token) =>
  client.fetchProtectedResource(config, token, new URL('/api/accounts', issuer), 'GET')

// A public client.
const app = await discover(publicId, client.None())
assert.equal(app.serverMetadata().issuer, issuer)
const tokens = await login(app)
assert.equal(tokens.scope, 'accounts:read')
assert.equal((await accounts(app, tokens.access_token)).status, 200)
const renewed = await client.refreshTokenGrant(app, tokens.refresh_token)
assert.notEqual(renewed.refresh_token, tokens.refresh_token)
assert.equal((await accounts(app, renewed.access_token)).status, 200)

// A token that was used before ends everything.
// A reply may have been lost: the same again, until what it led to is used.
const again = await client.refreshTokenGrant(app, tokens.refresh_token)
assert.equal(again.refresh_token, renewed.refresh_token)
const newest = await client.refreshTokenGrant(app, again.refresh_token)
await assert.rejects(client.refreshTokenGrant(app, tokens.refresh_token), { error: 'invalid_grant' })
await assert.rejects(client.refreshTokenGrant(app, newest.refresh_token), { error: 'invalid_grant' })
await assert.rejects(accounts(app, renewed.access_token), { status: 401 })

// The wrong verifier, a code presented twice, and an answer in another server's name.
const wrong = await authorize(app)
wrong.checks.pkceCodeVerifier = client.randomPKCECodeVerifier()
await assert.rejects(client.authorizationCodeGrant(app, wrong.location, wrong.checks), { error: 'invalid_grant' })
const twice = await authorize(app)
await client.authorizationCodeGrant(app, twice.location, twice.checks)
await assert.rejects(client.authorizationCodeGrant(app, twice.location, twice.checks), { error: 'invalid_grant' })
const mixedUp = await authorize(app)
mixedUp.location.searchParams.set('iss', 'https://other.example')
await assert.rejects(client.authorizationCodeGrant(app, mixedUp.location, mixedUp.checks))

// A confidential client, with its secret in the header and in the form.
for (const authentication of [client.ClientSecretBasic(secret), client.ClientSecretPost(secret)]) {
  const server = await discover(confidentialId, authentication)
  const granted = await login(server)
  const known = await client.tokenIntrospection(server, granted.access_token)
  assert.deepEqual([known.active, known.username, known.scope], [true, username, 'accounts:read'])
  await client.tokenRevocation(server, granted.refresh_token)
  assert.equal((await client.tokenIntrospection(server, granted.access_token)).active, false)
  const own = await client.clientCredentialsGrant(server, { scope: 'accounts:read' })
  assert.equal(own.refresh_token, undefined)
  assert.equal((await accounts(server, own.access_token)).status, 200)
  await assert.rejects(client.clientCredentialsGrant(server, { scope: 'transactions:write' }), { error: 'invalid_scope' })
}
const impostor = await discover(confidentialId, client.ClientSecretBasic('guessed'))
await assert.rejects(client.clientCredentialsGrant(impostor), (error) => error.status === 401)

console.log('openid-client is content')
