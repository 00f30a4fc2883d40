// Two people and their bank, in a real browser: sign up, open, add, pay, be paid; and a transfer through a lost network, a
// bank that has too much to do, a reload and the end of a session. The money moves once, and nobody is left guessing.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bank, call, PASSWORD, start, visit } from './bank.mjs'

const stamp = Date.now().toString(36)
const browser = await start()
const everything = []

const submit = (page, within = '') => page.locator(`${within} button[type=submit]`).click()
const heading = (page, text) => page.getByRole('heading', { level: 1, name: text }).waitFor()

async function signUp(name) {
  const seen = await visit(browser)
  everything.push(seen)
  const { page } = seen
  await page.goto(new URL('/app/sign-up', bank).href)
  await page.locator('#username').fill(name)
  await page.locator('#password').fill(PASSWORD)
  await submit(page)
  await page.getByRole('button', { name: 'Open your first account' }).click()
  await submit(page, '.dialog')
  await page.locator('a.row', { hasText: 'Everyday' }).waitFor()
  return page
}

async function numberOf(page) {
  await page.locator('a.row', { hasText: 'Everyday' }).click()
  await heading(page, 'Everyday')
  const number = (await page.locator('.account-number .number').textContent()).replace(/\s/g, '')
  await page.getByRole('link', { name: 'Home' }).first().click()
  return number
}

async function logIn(page, name) {
  await page.locator('#password').waitFor()
  if (await page.locator('#username').isVisible()) await page.locator('#username').fill(name)
  await page.locator('#password').fill(PASSWORD)
  await submit(page)
}

async function review(page, number, amount, note) {
  await page.getByRole('link', { name: 'Pay and transfer' }).first().click()
  await heading(page, 'Transfer money')
  await page.locator('#number').fill(number)
  await page.locator('#amount').fill(amount)
  await page.locator('#note').fill(note)
  await submit(page)
  await heading(page, 'Check the details')
}

const send = (page) => page.getByRole('button', { name: /^Send/ }).click()
const sent = async (page) => {
  await heading(page, 'Sent')
  assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'H1', 'the new heading has the focus')
}

const tokenOf = async (name) =>
  (await call(undefined, 'POST', '/api/auth/login', { username: name, password: PASSWORD })).accessToken
const balanceOf = async (name) => (await call(await tokenOf(name), 'GET', '/api/accounts')).data[0].balance

/** Like an authenticator app (RFC 6238). */
function codeOf(secret, now = Date.now()) {
  const bits = [...secret]
    .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
    .join('')
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(now / 30_000)))
  const hash = createHmac('sha1', key).update(counter).digest()
  const place = hash[19] & 15
  return String((hash.readUInt32BE(place) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

const names = { ann: `ann.${stamp}`, bob: `bob.${stamp}` }
const ann = await signUp(names.ann)
const bob = await signUp(names.bob)
const toBob = await numberOf(bob)

console.log('Money is added, and a mistake in a number is found before anything is sent.')
await ann.getByRole('button', { name: 'Add money' }).click()
await ann.locator('#fund-amount').fill('260')
await ann.getByRole('button', { name: /Add .*260/ }).click()
await ann.getByText('was added').waitFor()
await ann.keyboard.press('Escape')
await ann.getByRole('link', { name: 'Pay and transfer' }).first().click()
await ann.locator('#number').fill(`${toBob.slice(0, -1)}${toBob.endsWith('1') ? '2' : '1'}`)
await ann.locator('#amount').fill('300')
await submit(ann)
await ann.locator('.summary').getByText('has a mistake').waitFor()
await ann.locator('.summary').getByText('more than').waitFor()

console.log('Whose account it is is shown in part, before anything is sent; a name that does not fit is said.')
await ann.locator('#number').fill('XF57 FLRN 5601 1891 3157 4063')
await ann.locator('#amount').fill('96')
await submit(ann)
await ann.locator('.summary').getByText('no such account').waitFor()
await ann.locator('#number').fill(toBob)
await ann.locator('#name').fill('Somebody Else')
await submit(ann)
await heading(ann, 'Check the details')
await ann.getByText('does not fit this account').waitFor()
const inPart = names.bob
  .split('.')
  .map((word) => `${word[0]}•••`)
  .join(' ')
await ann.locator('.facts').getByText(inPart).waitFor()
assert.equal((await ann.locator('main').textContent()).includes(names.bob), false)
await ann
  .getByRole('button', { name: /^Change/ })
  .first()
  .click()
await ann.locator('#name').fill(names.bob.toUpperCase())
await submit(ann)
await ann.getByText('The name fits').waitFor()
await ann.getByText(/You will have .*164\.00/).waitFor()
await ann
  .getByRole('button', { name: /^Change/ })
  .first()
  .click()
await ann.locator('#name').fill('')

console.log('A transfer arrives, and is seen by the other person without a reload, with who sent it.')
await review(ann, toBob, '96', 'Concert tickets')
await send(ann)
await sent(ann)
await bob.getByText('Concert tickets').waitFor()
await bob.locator('.row', { hasText: 'Concert tickets' }).getByText(names.ann).waitFor()
await bob.locator('.money-in', { hasText: '96.00' }).first().waitFor()

console.log(
  'What comes to somebody is told as it happens, goes on after the network was away, and stands in the inbox.',
)
const streams = []
let refusals = 0
bob.on('request', (request) => {
  if (request.url().endsWith('/api/stream')) streams.push(request.headers()['last-event-id'])
})
const live = bob.locator('.tag', { hasText: 'Live' })
const arrives = async (amount, note, most) => {
  await review(ann, toBob, amount, note)
  await send(ann)
  const sentAt = Date.now()
  await bob.getByText(note).waitFor()
  assert.ok(Date.now() - sentAt < most, `${note} came after ${Date.now() - sentAt} ms`)
  await sent(ann)
}
await live.waitFor()
// Pages that are told ask by themselves only once a minute.
await arrives('1', 'Told at once', 10_000)
await bob.context().setOffline(true)
await live.waitFor({ state: 'detached' })
await review(ann, toBob, '2', 'While you were away')
await send(ann)
await sent(ann)
await bob.context().setOffline(false)
await bob.getByText('While you were away').waitFor()
await live.waitFor()
assert.match(streams.at(-1), /^\d+$/, 'it goes on where it was')
await bob.route('**/api/stream', async (route) => {
  refusals += 1
  await route.fulfill({ status: 503, body: '' })
})
await bob.context().setOffline(true)
await live.waitFor({ state: 'detached' })
await bob.context().setOffline(false)
// Nobody tells, so the page asks by itself.
await arrives('3', 'Asked for', 15_000)
await bob.waitForTimeout(4_000)
assert.ok(refusals >= 1 && refusals <= 5, `${refusals} tries`)
await bob.unroute('**/api/stream')
await live.waitFor({ timeout: 60_000 })
await bob.locator('.rail .count', { hasText: '4' }).waitFor()
await bob
  .getByRole('link', { name: /^Inbox/ })
  .first()
  .click()
await heading(bob, 'Inbox')
await bob.getByRole('link', { name: /You received .*96\.00/ }).click()
await heading(bob, /Transaction/)
await bob.locator('.facts').getByText(names.ann).waitFor()

console.log('The browser finds the payment in the audit log by itself, as the independent checker does.')
const paidId = new URL(bob.url()).pathname.split('/').at(-1)
const proof = bob.getByText('It is in the log')
for (let tries = 0; tries < 20 && !(await proof.isVisible()); tries += 1) {
  await bob.getByRole('button', { name: 'Check this' }).click()
  await bob.waitForTimeout(500)
}
await proof.waitFor()
await bob.getByText('signed this head').waitFor()
const shownRoot = await bob.locator('.proof-root').textContent()
const told = await call(await tokenOf(names.bob), 'GET', `/api/transactions/${paidId}/proof`)
const folder = mkdtempSync(join(tmpdir(), 'florin-proof-'))
const file = join(folder, 'proof.json')
writeFileSync(file, JSON.stringify(told))
const [{ vkey }] = (await call(undefined, 'GET', '/api/audit/key')).data
const checker = new URL('../../tests/clients/audit_check.py', import.meta.url).pathname
const found = execFileSync('python3', [checker, 'proof', file, '--vkey', vkey], { encoding: 'utf8' })
rmSync(folder, { recursive: true })
assert.match(found, new RegExp(`^entry ${told.index} of \\d+: payments.transaction_settled ${paidId} `))
await bob.getByText(new RegExp(`entry ${(told.index + 1).toLocaleString('en')} of`)).waitFor()
assert.equal(atob(shownRoot).length, 32)
// What the bank sends is not believed: another entry in its place is found out.
await bob.route('**/proof', async (route) => {
  const real = await (await route.fetch()).json()
  await route.fulfill({ json: { ...real, proof: real.proof.map(() => real.leafHash) } })
})
await bob.getByRole('button', { name: 'Check this' }).click()
await bob.getByText('This does not hold').waitFor()
await bob.unroute('**/proof')
await bob.locator('.rail .count', { hasText: '3' }).waitFor()
await bob
  .getByRole('link', { name: /^Inbox/ })
  .first()
  .click()
await bob.getByRole('button', { name: 'Mark all as read' }).click()
await bob.locator('.rail .count').waitFor({ state: 'detached' })

console.log('What somebody does not want to be told does not come into the inbox.')
await bob.getByRole('link', { name: 'Settings' }).first().click()
const incoming = bob.locator('[name=incoming-INBOX]')
await incoming.uncheck()
await bob.getByText('Saved.').waitFor()
assert.equal(await incoming.isChecked(), false)
await bob.getByRole('link', { name: 'Home' }).first().click()
await arrives('4', 'Not worth a line', 10_000)
await bob.waitForTimeout(3_000)
assert.equal((await call(await tokenOf(names.bob), 'GET', '/api/notifications/unread')).unread, 0)
await bob.getByRole('link', { name: 'Home' }).first().click()

console.log('The answer is lost on its way and the page is loaded again: it is asked, and paid once.')
await review(ann, toBob, '10', 'Lost answer')
let tries = 0
await ann.route('**/api/transactions/transfer', async (route) => {
  tries += 1
  if (tries === 1) await route.fetch()
  await route.abort()
})
await send(ann)
await heading(ann, /don’t know yet/)
ann.on('dialog', (dialog) => dialog.accept())
await ann.reload()
await ann.unroute('**/api/transactions/transfer')
await logIn(ann, names.ann)
await sent(ann)
assert.equal(await balanceOf(names.ann), '144.00')

console.log('The bank has too much to do, then says that the first is still running, then answers.')
await review(ann, toBob, '4', 'Busy')
const busy = [
  [503, 'SERVICE_UNAVAILABLE'],
  [409, 'IDEMPOTENCY_KEY_IN_PROGRESS'],
  [429, 'RATE_LIMITED'],
]
const keys = new Set()
await ann.route('**/api/transactions/transfer', async (route) => {
  keys.add(route.request().headers()['idempotency-key'])
  const [status, code] = busy.shift() ?? []
  if (!status) return route.continue()
  const body = { error: { code, message: code, details: {} }, requestId: 'req_1', timestamp: '2026-01-01T00:00:00Z' }
  await route.fulfill({ status, json: body, headers: { 'retry-after': '1' } })
})
await send(ann)
await heading(ann, /don’t know yet/)
for (let left = 3; left > 0; left -= 1) {
  const now = ann.getByRole('button', { name: 'Ask now' })
  if (await now.isVisible()) await now.click().catch(() => undefined)
  await ann.waitForTimeout(300)
}
await sent(ann)
await ann.unroute('**/api/transactions/transfer')
assert.equal(keys.size, 1, 'each try had the same key')
assert.equal(await balanceOf(names.ann), '140.00')

console.log('The session ends in the middle: a login over the page, and it goes on by itself.')
await review(ann, toBob, '5', 'Late')
const token = await tokenOf(names.ann)
for (const { id, current } of (await call(token, 'GET', '/api/auth/sessions')).data) {
  if (!current) await call(token, 'DELETE', `/api/auth/sessions/${id}`)
}
await send(ann)
await ann.getByRole('heading', { name: 'Log in again' }).waitFor()
await ann.locator('.dialog #password').fill(PASSWORD)
await submit(ann, '.dialog')
await sent(ann)
assert.equal(await balanceOf(names.ann), '135.00')
await ann.getByRole('link', { name: 'Home' }).first().click()
await ann.locator('.tag', { hasText: 'Live' }).waitFor()

console.log('An authenticator app is set up, and asked for at the next login.')
await ann.getByRole('link', { name: 'Security' }).first().click()
await ann.getByRole('button', { name: 'Set up Authenticator app' }).click()
const secret = (await ann.locator('.secret').textContent()).replace(/\s/g, '')
await ann.locator('#totp').fill(codeOf(secret))
await submit(ann, '.dialog')
await ann.locator('.codes li').first().waitFor()
const codes = await ann.locator('.codes li').allTextContents()
assert.ok(codes.length >= 8)
await ann.getByRole('button', { name: 'I have saved them' }).click()
await ann.getByRole('button', { name: 'Log out', exact: true }).first().click()
await ann.getByRole('heading', { name: 'Log in' }).waitFor()
await logIn(ann, names.ann)
await ann.locator('#code').fill('000000')
await submit(ann)
await ann.getByText('not right').first().waitFor()
await ann.getByRole('button', { name: 'Use a recovery code' }).click()
await ann.locator('#code').fill(codes[0])
await submit(ann)
await heading(ann, /Good to see you/)

console.log('A program that was let in is seen, and ended; and what happened to the login is told.')
const fresh = await tokenOf(names.bob)
const made = await call(fresh, 'POST', '/api/auth/api-keys', { name: 'Till', scopes: ['accounts:read'] })
await bob.getByRole('link', { name: 'Security' }).first().click()
await bob.getByRole('link', { name: /Programs with access/ }).click()
await heading(bob, 'Programs with access')
await bob.getByText('see your accounts and balances').waitFor()
await call(made.key, 'GET', '/api/accounts')
await bob.getByRole('button', { name: 'Take back what Till may do' }).click()
await bob.getByText('Taken back').waitFor()
await assert.rejects(call(made.key, 'GET', '/api/accounts'), /401/)
await bob.getByRole('link', { name: 'Security' }).first().click()
await bob.getByRole('link', { name: /Activity/ }).click()
await heading(bob, 'Activity')
await bob.getByText('A key for a program was revoked').waitFor()
await bob.getByText('Your login was made').waitFor()

console.log('With the keyboard alone: from the page to a sent transfer.')
await ann.keyboard.press('t')
await heading(ann, 'Transfer money')
await ann.locator('#number').focus()
await ann.keyboard.type(toBob)
await ann.keyboard.press('Tab')
await ann.keyboard.press('Tab')
await ann.keyboard.type('1.50')
await ann.keyboard.press('Enter')
await heading(ann, 'Check the details')
for (let presses = 0; presses < 8; presses += 1) {
  await ann.keyboard.press('Tab')
  if (await ann.evaluate(() => document.activeElement?.textContent?.startsWith('Send'))) break
}
await ann.keyboard.press('Enter')
await sent(ann)

const troubles = everything.flatMap(({ troubles }) => troubles)
assert.deepEqual(troubles, [])
await browser.close()
console.log('The browser is content')
