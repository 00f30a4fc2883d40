/** Problems in words. */
import { Problem } from '../api/problem'
import type { Messages } from '../i18n/en'

export function said(problem: unknown, t: Messages): string {
  if (!(problem instanceof Problem)) return t.problem.internal
  switch (problem.code) {
    case 'NETWORK':
      return t.problem.network
    case 'SERVICE_UNAVAILABLE':
    case 'REQUEST_TIMEOUT':
      return t.problem.unavailable
    case 'RATE_LIMITED':
    case 'TOO_MANY_ATTEMPTS':
      return t.problem.limited(problem.retryAfter ?? 60)
    case 'FORBIDDEN':
    case 'SESSION_REQUIRED':
      return t.problem.forbidden
    case 'NOT_FOUND':
    case 'INVALID_ACCOUNT':
    case 'TRANSACTION_NOT_FOUND':
      return t.problem.notFound
    case 'LIMIT_REACHED':
      return t.problem.limit
    case 'PAYMENT_DECLINED':
      return t.problem.declined
    case 'PAYMENT_BEING_CHECKED':
      return t.problem.checking
    case 'INTERNAL':
      return t.problem.internal
    default:
      return t.problem.other
  }
}

/** What only somebody at the bank can look into. */
export const mention = (problem: unknown) =>
  problem instanceof Problem && problem.status >= 500 ? problem.requestId : undefined
