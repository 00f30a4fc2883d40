/** What somebody was told, in words, and where it can be looked at. */
import type { Schemas } from '../api/client'
import type { InboxMessages } from '../i18n/inbox/en'
import type { IconName } from '../ui/Icon'
import { moneyText } from '../ui/money'

export type Notice = Schemas['Notification']

const dataOf = ({ event }: Notice): Record<string, unknown> => {
  const data = (event as { data?: unknown }).data
  return typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {}
}
const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined)

/** Of a refund, what was given back so far; of anything else, what the payment was about. */
function amountOf(notice: Notice, locale: string) {
  const { amount, refundedAmount, currency } = dataOf(notice)
  const shown = textOf(notice.type === 'payments.transaction_refunded' ? (refundedAmount ?? amount) : amount)
  const unit = textOf(currency)
  return shown && unit ? moneyText({ amount: shown, currency: unit }, locale) : undefined
}

export function inWords(notice: Notice, words: InboxMessages, locale: string): string {
  const { type } = notice
  if (type in words.payment) {
    const amount = amountOf(notice, locale)
    return amount ? words.payment[type as keyof InboxMessages['payment']](amount) : words.other
  }
  return words.kind[type as keyof InboxMessages['kind']] ?? words.other
}

export type Place =
  | { to: '/app/transactions/$id' | '/app/accounts/$id'; params: { id: string } }
  | { to: '/app/security' }
  | undefined

export function placeOf(notice: Notice): Place {
  const { transactionId, accountId } = dataOf(notice)
  const [area] = notice.type.split('.')
  const payment = textOf(transactionId)
  const account = textOf(accountId)
  if (area === 'payments' && payment) return { to: '/app/transactions/$id', params: { id: payment } }
  if (area === 'accounts' && account) return { to: '/app/accounts/$id', params: { id: account } }
  return area === 'auth' ? { to: '/app/security' } : undefined
}

export function iconOf({ type }: Notice): IconName {
  if (type === 'payments.transaction_settled' || type === 'payments.transaction_pending') return 'transfer'
  if (type.startsWith('payments.')) return 'undo'
  if (type.startsWith('accounts.')) return 'info'
  return type.startsWith('auth.') ? 'shield' : 'bell'
}
