/** Money out of nothing, in a sandbox. */
import { type FormEvent, useRef, useState } from 'react'
import { api, got } from '../api/client'
import { Problem } from '../api/problem'
import { type Account, moneyMoved } from '../api/queries'
import { useSpoken } from '../i18n/inside'
import { AmountField, Dialog, ErrorSummary, type Errors, SelectField } from '../ui/form'
import { decimalsOf, moneyText, readAmount } from '../ui/money'
import { Button, Notice } from '../ui/parts'
import { mention, said } from './said'
import { newKey, symbolOf } from './transfer/draft'

export default function AddMoney({ accounts, onClose }: { accounts: readonly Account[]; onClose: () => void }) {
  const { t, locale } = useSpoken()
  const open = accounts.filter(({ status }) => status === 'ACTIVE')
  const [id, setId] = useState(open[0]?.id ?? '')
  const [typed, setTyped] = useState('')
  const [errors, setErrors] = useState<Errors<'fund-amount'>>({})
  const [problem, setProblem] = useState<unknown>()
  const [busy, setBusy] = useState(false)
  const [done, setDone] = useState('')
  // The same request again has the same key, until its outcome is known.
  const key = useRef<{ of: string; key: string }>({ of: '', key: '' })
  const currency = open.find((account) => account.id === id)?.currency ?? 'USD'
  const amount = readAmount(typed, locale, currency)
  const isAmount = amount !== 'none' && amount !== 'decimals'

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setProblem(undefined)
    setErrors({})
    if (!isAmount) {
      return setErrors({
        'fund-amount': amount === 'none' ? t.transfer.amountWrong : t.transfer.amountDecimals(decimalsOf(currency)),
      })
    }
    const of = `${id} ${amount}`
    if (key.current.of !== of) key.current = { of, key: newKey() }
    setBusy(true)
    try {
      const params = { header: { 'Idempotency-Key': key.current.key } }
      await got(
        api.POST('/api/transactions', {
          params,
          body: { type: 'DEPOSIT', destinationAccountId: id, amount, currency },
        }),
      )
      key.current = { of: '', key: '' }
      setDone(t.fund.done(moneyText({ amount, currency }, locale)))
      setTyped('')
      await moneyMoved()
    } catch (problem) {
      if (problem instanceof Problem && !problem.isUnsure) key.current = { of: '', key: '' }
      const left = problem instanceof Problem && problem.code === 'CASH_LIMIT_REACHED' && problem.details.available
      if (typeof left === 'string')
        setErrors({ 'fund-amount': t.fund.cashLimit(moneyText({ amount: left, currency }, locale)) })
      else setProblem(problem)
    } finally {
      setBusy(false)
    }
  }

  return (
    <Dialog title={t.fund.title} onClose={onClose}>
      <form onSubmit={submit} noValidate className="stack">
        <p className="muted">{t.fund.hint}</p>
        <ErrorSummary errors={errors} general={problem ? said(problem, t) : ''} mention={mention(problem)} />
        {done && (
          <Notice kind="good" live>
            {done}
          </Notice>
        )}
        <SelectField id="fund-to" label={t.fund.to} value={id} onChange={(event) => setId(event.target.value)}>
          {open.map((account) => (
            <option key={account.id} value={account.id}>
              {account.name} ({account.currency})
            </option>
          ))}
        </SelectField>
        <AmountField
          id="fund-amount"
          label={t.transfer.amount}
          symbol={symbolOf(currency, locale)}
          error={errors['fund-amount']}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          placeholder={(0).toFixed(decimalsOf(currency))}
        />
        <Button type="submit" busy={busy}>
          {isAmount ? t.fund.submit(moneyText({ amount, currency }, locale)) : t.fund.submitEmpty}
        </Button>
        {done && (
          <Button kind="secondary" onClick={onClose}>
            {t.word.close}
          </Button>
        )}
      </form>
    </Dialog>
  )
}
