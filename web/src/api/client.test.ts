import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

const tokens = (name: string) => ({ accessToken: name, refreshToken: `${name}-refresh`, user: { id: 'usr_1' } })
const refusal = (code: string) =>
  Response.json(
    { error: { code, message: code, details: {} }, requestId: 'req_1', timestamp: '2026-01-01T00:00:00Z' },
    { status: 401 },
  )

/** The bank as a page meets it: each request by the token that it was sent with. */
async function page(answer: (token: string | null) => Response) {
  const sent: (string | null)[] = []
  vi.stubGlobal('location', { origin: 'http://bank.test' })
  vi.stubGlobal('sessionStorage', { getItem: () => null, setItem: () => undefined, clear: () => undefined })
  vi.stubGlobal('fetch', async (request: Request) => {
    const token = request.headers.get('authorization')
    sent.push(token)
    return answer(token)
  })
  vi.resetModules()
  const interrupt = vi.fn(async () => false)
  vi.doMock('./interruption', () => ({ interrupt }))
  const [{ api, got }, { session }] = await Promise.all([import('./client'), import('./session')])
  session.begin(tokens('first') as never)
  return { ask: () => got(api.GET('/api/accounts')), session, interrupt, sent }
}

const known = (token: string | null) =>
  token === 'Bearer second' ? Response.json({ data: [], nextCursor: null }) : refusal('SESSION_ENDED')

describe('a session that another request of the page replaces', () => {
  beforeEach(() => vi.useRealTimers())
  afterEach(() => vi.unstubAllGlobals())

  it('is waited for by what was refused meanwhile, and nobody has to log in', async () => {
    const { ask, session, interrupt, sent } = await page(known)
    let bring: (answer: { session: never }) => void = () => undefined
    const replaced = session.replace(new Promise<{ session: never }>((resolve) => (bring = resolve)))
    const asked = ask()
    await vi.waitFor(() => expect(sent).toEqual(['Bearer first']))
    bring({ session: tokens('second') as never })
    await replaced
    expect(await asked).toEqual({ data: [], nextCursor: null })
    expect(sent).toEqual(['Bearer first', 'Bearer second'])
    expect(interrupt).not.toHaveBeenCalled()
  })

  it('asks for a login when none is on its way, or it fails', async () => {
    const { ask, session, interrupt } = await page(known)
    await expect(ask()).rejects.toThrow('SESSION_ENDED')
    expect(interrupt).toHaveBeenCalledWith('login')
    await expect(session.replace(Promise.reject(new Error('refused')))).rejects.toThrow('refused')
    await expect(ask()).rejects.toThrow('SESSION_ENDED')
    expect(interrupt).toHaveBeenCalledTimes(2)
  })
})
