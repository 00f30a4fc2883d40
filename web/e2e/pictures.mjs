// Every page of the app in every language, theme and at two widths: a picture in `pictures/`, and with `--check` axe, too.
//   FLORIN_URL=http://127.0.0.1:8080 npm run pictures        (a running sandbox without limits)
import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { bank, call, customer, logIn, overflow, start, visit } from './bank.mjs'

const isCheck = process.argv.includes('--check')
const only = process.argv.find((argument) => argument.startsWith('--only='))?.slice(7)
const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
const folder = new URL('../pictures/', import.meta.url).pathname
mkdirSync(folder, { recursive: true })

const someone = await customer(`pia.${Date.now().toString(36)}`)
const friend = await customer(`maria.weber.${Date.now().toString(36)}`)
await call(friend.accessToken, 'POST', '/api/transactions/transfer', {
  sourceAccountId: friend.everyday.id,
  destinationAccountId: someone.everyday.id,
  amount: '48.20',
  currency: 'USD',
  description: 'Dinner on Friday',
})
await call(someone.accessToken, 'POST', '/api/auth/api-keys', {
  name: 'Household books',
  scopes: ['accounts:read', 'transactions:read'],
})
const [{ id: txn }] = (await call(someone.accessToken, 'GET', '/api/transactions?limit=1')).data

/** Without a reload: that would end the session. */
const go = (page, path) =>
  page.evaluate((path) => {
    history.pushState({}, '', path)
    dispatchEvent(new PopStateEvent('popstate'))
  }, path)

const outside = { login: '/app/login', 'sign-up': '/app/sign-up' }
const scenes = {
  home: async (page) => go(page, '/app'),
  account: async (page) => go(page, `/app/accounts/${someone.everyday.id}`),
  filters: async (page) => {
    await go(page, `/app/accounts/${someone.everyday.id}?status=PENDING`)
  },
  transaction: async (page) => go(page, `/app/transactions/${txn}`),
  proof: async (page) => {
    const good = page.locator('.proof-root')
    for (let tries = 0; tries < 20 && !(await good.isVisible()); tries += 1) {
      await page.locator('.card .button-secondary').last().click()
      await page.waitForTimeout(300)
    }
    await good.scrollIntoViewIfNeeded()
  },
  transfer: async (page) => go(page, '/app/transfer'),
  'transfer-errors': async (page) => {
    await page.locator('form button[type=submit]').click()
    await page.locator('.summary').waitFor()
  },
  review: async (page) => {
    const other = page.locator('input[value=other]')
    await other.check({ force: true })
    await page.locator('#number').fill(friend.everyday.accountNumber)
    await page.locator('#name').fill('Maria Huber')
    await page.locator('#amount').fill('96')
    await page.locator('#note').fill('Concert tickets')
    await page.locator('form button[type=submit]').click()
    await page.locator('.facts').waitFor()
  },
  security: async (page) => go(page, '/app/security'),
  authenticator: async (page) => {
    await page.locator('.line button').nth(1).click()
    await page.locator('.qr').waitFor()
  },
  programs: async (page) => {
    await page.keyboard.press('Escape')
    await go(page, '/app/programs')
    await page.locator('.line .button-danger').first().waitFor()
  },
  activity: async (page) => {
    await go(page, '/app/activity')
    await page.locator('.inbox-text').first().waitFor()
  },
  inbox: async (page) => {
    await go(page, '/app/inbox')
    await page.locator('.inbox-text').first().waitFor()
  },
  settings: async (page) => {
    await go(page, '/app/settings')
    await page.locator('.told').first().waitFor()
  },
  missing: async (page) => go(page, '/app/nothing'),
}

const troubles = []
let count = 0
const browser = await start()
async function look(page, name, isLoggedIn) {
  await page
    .locator(isLoggedIn ? 'main h1' : 'h1')
    .first()
    .waitFor()
  await page.locator('.skeleton').first().waitFor({ state: 'detached' })
  await page.evaluate(() => document.fonts.ready)
  const wide = await overflow(page)
  if (wide) troubles.push(`${name} is too wide: ${wide}`)
  if (!isCheck) return page.screenshot({ path: `${folder}${name}.png`, fullPage: false })
  if (!(await page.evaluate(() => 'axe' in window))) await page.addScriptTag({ path: axe })
  const found = await page.evaluate(async () => {
    const { violations } = await window.axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    })
    return violations.map(
      ({ id, nodes }) =>
        `${id}: ${nodes
          .slice(0, 3)
          .map(({ html }) => html.slice(0, 160))
          .join(' | ')}`,
    )
  })
  for (const one of found) troubles.push(`${name}: ${one}`)
  count += 1
}

for (const language of ['en', 'de', 'ar']) {
  for (const theme of ['light', 'dark']) {
    for (const width of [1280, 320, 390]) {
      if (width === 390 && isCheck) continue
      const setting = `${language}-${theme}-${width}`
      if (only && !setting.includes(only)) continue
      const seen = await visit(browser, {
        language,
        theme,
        width,
        height: width > 1000 ? 1000 : 844,
        bypassCSP: isCheck,
      })
      const { page, context } = seen
      for (const [name, path] of Object.entries(outside)) {
        await page.goto(new URL(path, bank).href)
        await look(page, `${name}-${setting}`, false)
      }
      await logIn(page, someone.name)
      for (const [name, enter] of Object.entries(scenes)) {
        await enter(page)
        await page.waitForTimeout(150)
        await look(page, `${name}-${setting}`, true)
      }
      troubles.push(...seen.troubles.map((trouble) => `${setting}: ${trouble}`))
      await context.close()
    }
  }
}
await browser.close()
for (const trouble of troubles) console.error(trouble)
console.log(isCheck ? `axe looked ${count} times` : `pictures are in ${folder}`)
process.exit(troubles.length > 0 ? 1 : 0)
