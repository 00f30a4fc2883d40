/** What is wrong with a draft, and what a refusal of the bank says about it. */
import type { Problem } from '../../api/problem'
import type { Account } from '../../api/queries'
import type { AllMessages as Messages } from '../../i18n/inside'
import type { Errors } from '../../ui/form'
import { bare, decimalsOf, isAccountNumber, minorUnits, moneyText, readAmount } from '../../ui/money'
import { said } from '../said'
import type { Draft } from './draft'

export type Name = 'from' | 'to' | 'number' | 'amount' | 'note'

export const destinationOf = (draft: Draft) => (draft.kind === 'own' ? draft.to : bare(draft.number))

interface Spoken {
  t: Messages
  locale: string
}

export function wrongIn(draft: Draft, source: Account | undefined, { t, locale }: Spoken): Errors<Name> {
  const wrong: Errors<Name> = {}
  if (draft.kind === 'own') {
    if (!draft.to) wrong.to = t.transfer.chooseTo
  } else if (!draft.number.trim()) wrong.number = t.transfer.numberMissing
  else if (!isAccountNumber(draft.number)) wrong.number = t.transfer.numberWrong
  else if (bare(draft.number) === source?.accountNumber) wrong.number = t.transfer.same
  if (!source) return { from: t.transfer.sourceGone, ...wrong }
  const amount = readAmount(draft.typed, locale, source.currency)
  if (amount === 'none') wrong.amount = t.transfer.amountWrong
  else if (amount === 'decimals') wrong.amount = t.transfer.amountDecimals(decimalsOf(source.currency))
  else if (minorUnits(amount) > spendable(source)) wrong.amount = tooMuch(source, { t, locale })
  if ([...draft.note].length > 140) wrong.note = t.transfer.noteLong
  return wrong
}

/** What may leave: with what may be owed. */
const spendable = ({ availableBalance = '0', overdraftLimit }: Account) =>
  minorUnits(availableBalance) + minorUnits(overdraftLimit ?? '0')

const tooMuch = ({ availableBalance = '0', currency }: Account, { t, locale }: Spoken) =>
  t.transfer.tooMuch(moneyText({ amount: availableBalance, currency }, locale))

/** To the field that has to change. */
export function refusedIn(problem: Problem, draft: Draft, source: Account | undefined, spoken: Spoken): Errors<Name> {
  const { t } = spoken
  const to: Name = draft.kind === 'own' ? 'to' : 'number'
  switch (problem.code) {
    case 'INSUFFICIENT_FUNDS':
      return { amount: source ? tooMuch(source, spoken) : t.transfer.amountWrong }
    case 'INVALID_ACCOUNT':
      return problem.status === 404 ? { [to]: t.transfer.noAccount } : { [to]: t.transfer.frozen }
    case 'CURRENCY_MISMATCH':
      return { [to]: t.transfer.currency }
    case 'SAME_ACCOUNT':
      return { [to]: t.transfer.same }
    case 'INVALID_REQUEST':
      if (problem.field === 'destinationAccountId') return { [to]: t.transfer.numberWrong }
      if (problem.field === 'accountNumber') return { number: t.transfer.numberWrong }
      if (problem.field === 'amount') return { amount: t.transfer.amountWrong }
      return problem.field === 'description' ? { note: t.transfer.noteLong } : { from: said(problem, t) }
    default:
      return { from: said(problem, t) }
  }
}
