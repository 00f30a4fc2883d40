// A browser in front of a bank, and what every page of it has to keep: no policy violated, nothing failing in the console.
import { chromium } from 'playwright-core'

export const bank = process.env.FLORIN_URL ?? 'http://127.0.0.1:8080'
const program = process.env.CHROMIUM ?? '/usr/bin/chromium'
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export const start = () => chromium.launch({ executablePath: program, args: flags })

/** A window of somebody's own. `troubles` is what must stay empty. */
export async function visit(
  browser,
  { language = 'en', theme = 'light', width = 1280, height = 900, bypassCSP = false } = {},
) {
  const context = await browser.newContext({
    locale: { en: 'en-US', de: 'de-DE', ar: 'ar-AE' }[language],
    colorScheme: theme,
    viewport: { width, height },
    bypassCSP,
    reducedMotion: 'reduce',
  })
  const troubles = []
  await context.exposeFunction('violated', (what) => troubles.push(`policy: ${what}`))
  await context.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => {
      window.violated(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`)
    })
  })
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  page.on('pageerror', (error) => troubles.push(`error: ${error}`))
  return { context, page, troubles }
}

/** The page is laid out for its width: nothing stands out at the side. */
export const overflow = (page) =>
  page.evaluate(() => {
    const width = document.documentElement.clientWidth
    if (document.documentElement.scrollWidth <= width) return ''
    const wide = [...document.querySelectorAll('body *')].filter((element) => {
      const { left, right } = element.getBoundingClientRect()
      return right > width + 1 || left < -1
    })
    return wide
      .slice(0, 5)
      .map((element) => `${element.tagName}.${element.className}`)
      .join(' ')
  })

export async function call(token, method, path, body) {
  const headers = { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() }
  if (token) headers.authorization = `Bearer ${token}`
  const reply = await fetch(new URL(path, bank), { method, headers, body: body && JSON.stringify(body) })
  const answer = reply.status === 204 ? undefined : await reply.json()
  if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${JSON.stringify(answer)}`)
  return answer
}

export const PASSWORD = 'a coin in the lily pond'

/** Somebody new with two accounts, money, and a few payments. */
export async function customer(name) {
  const { accessToken } = await call(undefined, 'POST', '/api/auth/register', { username: name, password: PASSWORD })
  const open = (body) => call(accessToken, 'POST', '/api/accounts', body)
  const everyday = await open({ name: 'Everyday', type: 'CHECKING', currency: 'USD' })
  const rainy = await open({ name: 'Rainy day', type: 'SAVINGS', currency: 'USD' })
  const trip = await open({ name: 'Trip to Lisbon', type: 'SAVINGS', currency: 'EUR' })
  const deposit = (account, amount, description) =>
    call(accessToken, 'POST', '/api/transactions', {
      type: 'DEPOSIT',
      destinationAccountId: account.id,
      amount,
      currency: account.currency,
      description,
    })
  await deposit(everyday, '8274.36', 'Salary')
  await deposit(trip, '640.05', 'Holiday money')
  const transfer = (amount, description) =>
    call(accessToken, 'POST', '/api/transactions/transfer', {
      sourceAccountId: everyday.id,
      destinationAccountId: rainy.id,
      amount,
      currency: 'USD',
      description,
    })
  await transfer('500.00', 'Put aside')
  const held = await call(accessToken, 'POST', '/api/transactions/hold', {
    sourceAccountId: everyday.id,
    destinationAccountId: rainy.id,
    amount: '120.00',
    currency: 'USD',
    description: 'Hotel deposit',
  })
  return { name, accessToken, everyday, rainy, trip, held }
}

export async function logIn(page, name, password = PASSWORD, path = '/app') {
  await page.goto(new URL(path, bank).href)
  await page.locator('#username').fill(name)
  await page.locator('#password').fill(password)
  await page.locator('button[type=submit]').click()
  await page.locator('.rail-who, .tabs').first().waitFor({ state: 'attached' })
  await page.locator('h1').waitFor()
}
