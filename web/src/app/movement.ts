/** A transaction as one of its sides sees it. */
import type { Account, Transaction } from '../api/queries'
import type { AllMessages as Messages } from '../i18n/inside'

export interface Movement {
  /** With a minus when money leaves. */
  signed: string
  who: string
  /** Of whom the two letters are. */
  letters: string
  balanceAfter: string | undefined
}

const named = (metadata: Transaction['metadata']) => {
  const name = (metadata as Record<string, unknown> | null | undefined)?.counterparty
  return typeof name === 'string' && name !== '' ? name : undefined
}

/** From `accountId`, or from whichever of the two accounts is one's own; of a transfer between one's own, what left. */
export function movementOf(txn: Transaction, own: readonly Account[], t: Messages, accountId?: string): Movement {
  const isMine = (id: string | null | undefined) =>
    !!id && (accountId ? id === accountId : own.some((account) => account.id === id))
  const leaves = isMine(txn.sourceAccountId)
  const other = leaves ? txn.destinationAccountId : txn.sourceAccountId
  const mine = own.find((account) => account.id === other)
  const bankOwn: readonly Transaction['type'][] = [
    'FEE',
    'INTEREST',
    'LOAN_DISBURSEMENT',
    'LOAN_REPAYMENT',
    'ADJUSTMENT',
    'REVERSAL',
  ]
  const who = () => {
    const name = named(txn.metadata)
    if (name) return name
    if (mine) return t.who.own(mine.name)
    if (other) return t.who.customer
    return bankOwn.includes(txn.type) ? t.who.bank : t.kind[txn.type]
  }
  const after = leaves ? txn.balances.source : txn.balances.destination
  return {
    signed: leaves ? `-${txn.amount}` : txn.amount,
    who: who(),
    letters: mine?.name ?? who(),
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
