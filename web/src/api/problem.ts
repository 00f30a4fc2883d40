/** What can go wrong between this page and the bank, as one kind of error. */
import type { components } from './schema'

type Envelope = components['schemas']['Error']
export type Code = components['schemas']['ErrorCode'] | 'NETWORK'

export class Problem extends Error {
  constructor(
    readonly code: Code,
    readonly status: number,
    readonly details: Record<string, unknown>,
    readonly requestId: string | undefined,
    readonly retryAfter: number | undefined,
  ) {
    super(code)
  }

  static network(): Problem {
    return new Problem('NETWORK', 0, {}, undefined, undefined)
  }

  static from(error: unknown, response: Response): Problem {
    const seconds = Number(response.headers.get('retry-after'))
    const retryAfter = Number.isFinite(seconds) && seconds > 0 ? seconds : undefined
    const requestId = response.headers.get('x-request-id') ?? undefined
    if (!isEnvelope(error)) return new Problem(byStatus(response.status), response.status, {}, requestId, retryAfter)
    const { code, details } = error.error
    return new Problem(code, response.status, details as Record<string, unknown>, error.requestId, retryAfter)
  }

  /** The bank decided nothing, or nobody knows whether it did: only the same request under the same key can tell. */
  get isUnsure(): boolean {
    return (
      this.code === 'NETWORK' || this.status === 409 || this.status === 429 || this.status === 408 || this.status >= 500
    )
  }

  get field(): string | undefined {
    return typeof this.details.field === 'string' ? this.details.field : undefined
  }

  get reason(): string | undefined {
    return typeof this.details.reason === 'string' ? this.details.reason : undefined
  }
}

export const isEnvelope = (value: unknown): value is Envelope =>
  typeof value === 'object' &&
  value !== null &&
  'error' in value &&
  typeof value.error === 'object' &&
  value.error !== null

/** Proxies answer without the envelope. */
function byStatus(status: number): Code {
  if (status === 404) return 'NOT_FOUND'
  if (status === 429) return 'RATE_LIMITED'
  return status === 502 || status === 503 || status === 504 ? 'SERVICE_UNAVAILABLE' : 'INTERNAL'
}
