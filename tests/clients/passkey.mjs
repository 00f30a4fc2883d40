// A browser (Chromium) in front of Florin's consent page: a person with nothing but a passkey lets a client act for them.
// The passkey is on an authenticator that the browser itself plays. The story in tests/tests/oauth_clients.rs starts it,
// with what it has to know in STORY and its modules in MODULES.

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const { issuer, token, publicId, chromium: executablePath } = JSON.parse(process.env.STORY)
const load = (path) => import(pathToFileURL(join(process.env.MODULES, path)))
const client = await load('openid-client/build/index.js')
const { chromium } = await load('playwright-core/index.mjs')

async function call(path, body) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const reply = await fetch(new URL(path, issuer), { method: 'POST', headers, body: JSON.stringify(body) })
  assert.ok(reply.ok, `${path}: ${reply.status}`)
  return reply.json()
}

// The client's end: it only has to be there.
const callback = createServer((_, reply) => reply.end('done'))
await new Promise((resolve) => callback.listen(0, '127.0.0.1', resolve))
const redirect_uri = `http://127.0.0.1:${callback.address().port}/callback`

const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
try {
  const page = await browser.newPage()
  const troubles = []
  page.on('console', (message) => message.type() === 'error' && troubles.push(message.text()))
  page.on('pageerror', (error) => troubles.push(String(error)))
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('WebAuthn.enable')
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })

  // The passkey is made on a page of the bank, as passkeys are.
  await page.goto(new URL('/health', issuer).href)
  const { ceremonyId, options } = await call('/api/auth/mfa/passkeys/begin', {})
  const credential = await page.evaluate(async ({ publicKey }) => {
    const made = await navigator.credentials.create({
      publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey),
    })
    return made.toJSON()
  }, options)
  await call('/api/auth/mfa/passkeys/finish', { ceremonyId, credential, name: 'Chromium' })

  const config = await client.discovery(new URL(issuer), publicId, undefined, client.None(), {
    algorithm: 'oauth2', execute: [client.allowInsecureRequests],
  })
  const verifier = client.randomPKCECodeVerifier()
  const state = client.randomState()
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri, state, scope: 'accounts:read',
    code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
  })
  const answered = () => page.waitForURL((reached) => reached.pathname === '/callback')

  // A device that nobody unlocks: the page says so, and asks again by hand.
  await devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false })
  await page.goto(url.href)
  await page.getByRole('button', { name: 'Use a passkey instead' }).click()
  await page.getByText('No passkey has answered').waitFor()
  await devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true })
  await Promise.all([answered(), page.getByRole('button', { name: 'Allow with a passkey' }).click()])
  const checks = { pkceCodeVerifier: verifier, expectedState: state }
  const tokens = await client.authorizationCodeGrant(config, new URL(page.url()), checks)
  const accounts = await client.fetchProtectedResource(config, tokens.access_token, new URL('/api/accounts', issuer), 'GET')
  assert.equal(accounts.status, 200)

  // The usual way: one click.
  await page.goto(url.href)
  await Promise.all([answered(), page.getByRole('button', { name: 'Use a passkey instead' }).click()])
  await client.authorizationCodeGrant(config, new URL(page.url()), checks)
  assert.deepEqual(troubles.filter((text) => !text.includes('favicon')), [], 'no policy is broken')
} finally {
  await browser.close()
  callback.close()
}
console.log('Chromium is content')
