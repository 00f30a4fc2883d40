/** The bank's API. A request that meets an expired session or needs a fresh proof waits for the person and is sent again,
 * with the same body and the same idempotency key. */
import createClient from 'openapi-fetch'
import { interrupt } from './interruption'
import { isEnvelope, Problem } from './problem'
import type { components, paths } from './schema'
import { session } from './session'

export type Schemas = components['schemas']

const TIMEOUT_MS = 20_000
const ATTEMPTS_MAX = 4

async function send(request: Request, token = session.accessToken()): Promise<Response> {
  const headers = new Headers(request.headers)
  if (token) headers.set('authorization', `Bearer ${token}`)
  const timed = new Request(request.clone(), { headers, signal: AbortSignal.timeout(TIMEOUT_MS), credentials: 'omit' })
  return fetch(timed)
}

let renewing: Promise<boolean> | undefined

/** A new access token for the refresh token, asked for once however many requests need it. */
function renew(): Promise<boolean> {
  renewing ??= (async () => {
    const refreshToken = session.refreshToken()
    if (!refreshToken) return false
    const reply = await fetch('/api/auth/refresh', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ refreshToken }),
      credentials: 'omit',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    if (reply.status === 503 || reply.status === 429)
      throw Problem.from(await reply.json().catch(() => undefined), reply)
    if (!reply.ok) return false
    session.begin(await reply.json())
    return true
  })().finally(() => {
    renewing = undefined
  })
  return renewing
}

const EXPIRED = new Set(['TOKEN_EXPIRED', 'INVALID_TOKEN', 'SESSION_ENDED', 'UNAUTHENTICATED'])

interface Refused {
  /** It only reads: it never is what replaces a session. */
  reads: boolean
  token: string | undefined
  code: string
  details: Record<string, unknown>
}

async function goesOn({ reads, token, code, details }: Refused): Promise<boolean> {
  if (code === 'STEP_UP_REQUIRED')
    return interrupt('stepUp', typeof details.reason === 'string' ? details.reason : undefined)
  if (!EXPIRED.has(code) || !session.user()) return false
  // Another request of this page may have ended the session that it was sent with, and brought the next one.
  if (reads) await session.replaced()
  if (session.accessToken() !== token) return true
  if (code === 'TOKEN_EXPIRED' && (await renew())) return true
  return interrupt('login')
}

async function ask(request: Request): Promise<Response> {
  let token = session.accessToken()
  let response = await send(request, token)
  for (let attempt = 1; attempt < ATTEMPTS_MAX && (response.status === 401 || response.status === 403); attempt += 1) {
    const body: unknown = await response
      .clone()
      .json()
      .catch(() => undefined)
    if (!isEnvelope(body)) break
    const { code, details } = body.error
    const reads = request.method === 'GET'
    if (!(await goesOn({ reads, token, code, details: details as Record<string, unknown> }))) break
    token = session.accessToken()
    response = await send(request, token)
  }
  return response
}

/** A stream that goes on after `last`. It never asks a person for anything: nobody waits for it. */
export async function listen(path: string, last: string | undefined, signal: AbortSignal): Promise<Response> {
  const open = () =>
    fetch(path, {
      headers: {
        accept: 'text/event-stream',
        authorization: `Bearer ${session.accessToken() ?? ''}`,
        ...(last === undefined ? {} : { 'last-event-id': last }),
      },
      credentials: 'omit',
      cache: 'no-store',
      signal,
    })
  const response = await open()
  if (response.status !== 401) return response
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => undefined)
  return isEnvelope(body) && body.error.code === 'TOKEN_EXPIRED' && (await renew()) ? open() : response
}

/** Waits for nobody: what a login or a proof itself asks. */
export const plain = createClient<paths, 'application/json'>({ baseUrl: location.origin, fetch: send })
export const api = createClient<paths, 'application/json'>({ baseUrl: location.origin, fetch: ask })

interface Reply<T> {
  data?: T
  error?: unknown
  response: Response
}

/** What was answered, or a `Problem`. */
export async function got<T>(asked: Promise<Reply<T>>): Promise<T> {
  let reply: Reply<T>
  try {
    reply = await asked
  } catch (error) {
    throw error instanceof Problem ? error : Problem.network()
  }
  if (!reply.response.ok) throw Problem.from(reply.error, reply.response)
  return reply.data as T
}
