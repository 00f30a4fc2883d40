/** A transaction as whoever looks at it sees it. */
import type { Transaction } from '../api/queries'
import type { AllMessages as Messages } from '../i18n/inside'
import { lastFour } from '../ui/money'

export interface Movement {
  /** With a minus when money leaves; between one's own accounts it stays, and has none. */
  signed: string
  /** Whether it came or went: then it is shown with its sign. */
  flows: boolean
  who: string
  /** The end of their account number, where it is known. */
  number: string | undefined
  /** Of whom the two letters are. */
  letters: string
  balanceAfter: string | undefined
}

const bankOwn: readonly Transaction['type'][] = [
  'FEE',
  'INTEREST',
  'LOAN_DISBURSEMENT',
  'LOAN_REPAYMENT',
  'ADJUSTMENT',
  'REVERSAL',
]

/** As the bank tells it; in the list of an account, from there. */
export function movementOf(txn: Transaction, t: Messages): Movement {
  const { counterparty, direction } = txn
  const number = counterparty?.accountLast4 ? lastFour(counterparty.accountLast4) : undefined
  const who = () => {
    if (counterparty?.kind === 'OWN') return t.who.own(counterparty.name ?? '')
    if (counterparty?.name) return counterparty.name
    if (counterparty?.kind === 'CUSTOMER') return t.who.customer
    return bankOwn.includes(txn.type) ? t.who.bank : t.kind[txn.type]
  }
  const after = direction === 'IN' ? txn.balances.destination : txn.balances.source
  return {
    signed: direction === 'OUT' ? `-${txn.amount}` : txn.amount,
    flows: direction === 'IN' || direction === 'OUT',
    who: who(),
    number,
    letters: counterparty?.name ?? who(),
    balanceAfter: after?.balance,
  }
}

/** The day under which it is listed. */
export const dayOf = (txn: Transaction) => (txn.valueDate < txn.createdAt.slice(0, 10) ? txn.valueDate : txn.createdAt)

/** In the order in which they came, day by day. */
export function byDay(txns: readonly Transaction[], nameOf: (day: string) => string): [string, Transaction[]][] {
  const days: [string, Transaction[]][] = []
  for (const txn of txns) {
    const name = nameOf(dayOf(txn))
    const last = days.at(-1)
    if (last?.[0] === name) last[1].push(txn)
    else days.push([name, [txn]])
  }
  return days
}
