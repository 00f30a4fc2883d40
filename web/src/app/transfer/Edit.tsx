/** The first step: from where, to where, how much. */
import { type FormEvent, useState } from 'react'
import { Problem } from '../../api/problem'
import type { Account } from '../../api/queries'
import { useSpoken } from '../../i18n/inside'
import { AmountField, Choice, ErrorSummary, type Errors, SelectField, TextField } from '../../ui/form'
import { decimalsOf, lastFour, moneyText, readAmount } from '../../ui/money'
import { Button, Heading } from '../../ui/parts'
import { said } from '../said'
import { ask } from './ask'
import { type Name, refusedIn, wrongIn } from './check'
import { checked, type Draft, edited, newKey, symbolOf } from './draft'
import { Progress } from './Progress'

interface Props {
  draft: Draft
  accounts: readonly Account[]
  source: Account | undefined
  errors: Errors<Name>
  general: string
  onChange: (draft: Draft) => void
  onErrors: (errors: Errors<Name>, general?: string) => void
}

export function Edit({ draft, accounts, source, errors, general, onChange, onErrors }: Props) {
  const spoken = useSpoken()
  const [isAsking, setAsking] = useState(false)
  const { t, locale } = spoken
  const others = accounts.filter(({ id, currency }) => id !== source?.id && currency === source?.currency)
  const kind = others.length === 0 ? 'other' : draft.kind
  const currency = source?.currency ?? 'USD'
  const set = (changed: Partial<Draft>) => onChange(edited(draft, changed))
  const available = (account: Account) =>
    t.transfer.available(moneyText({ amount: account.availableBalance ?? '0', currency: account.currency }, locale))

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (isAsking) return
    const isStillThere = others.some(({ id }) => id === draft.to)
    const amount = readAmount(draft.typed, locale, currency)
    const meant = { ...draft, from: source?.id ?? '', kind, to: isStillThere ? draft.to : '', amount, currency }
    const wrong = wrongIn(meant, source, spoken)
    onErrors(wrong)
    if (Object.keys(wrong).length > 0) return
    setAsking(true)
    try {
      onChange(checked(meant, newKey(), await ask(meant)))
    } catch (problem) {
      setAsking(false)
      if (problem instanceof Problem && !problem.isUnsure) onErrors(refusedIn(problem, meant, source, spoken))
      else onErrors({}, said(problem, t))
    }
  }

  return (
    <>
      <Progress step={1} />
      <Heading>{t.transfer.title}</Heading>
      <form onSubmit={submit} noValidate className="stack">
        <ErrorSummary errors={errors} general={general} />
        <SelectField
          id="from"
          label={t.transfer.from}
          hint={source && available(source)}
          error={errors.from}
          value={source?.id ?? ''}
          onChange={(event) => set({ from: event.target.value, to: '' })}
        >
          {accounts.map((account) => (
            <option key={account.id} value={account.id}>
              {account.name} · {lastFour(account.accountNumber)} ·{' '}
              {moneyText({ amount: account.availableBalance ?? '0', currency: account.currency }, locale)}
            </option>
          ))}
        </SelectField>
        {others.length > 0 && (
          <Choice
            name="kind"
            label={t.transfer.to}
            value={kind}
            options={[
              { value: 'own', label: t.transfer.own },
              { value: 'other', label: t.transfer.other },
            ]}
            onChange={(kind) => set({ kind })}
          />
        )}
        {kind === 'own' ? (
          <SelectField
            id="to"
            label={t.transfer.own}
            error={errors.to}
            value={draft.to}
            onChange={(event) => set({ to: event.target.value })}
          >
            <option value="">{t.transfer.chooseTo}</option>
            {others.map((account) => (
              <option key={account.id} value={account.id}>
                {account.name} · {lastFour(account.accountNumber)}
              </option>
            ))}
          </SelectField>
        ) : (
          <TextField
            id="number"
            label={t.transfer.number}
            hint={t.transfer.numberHint}
            error={errors.number}
            value={draft.number}
            onChange={(event) => set({ number: event.target.value })}
            autoComplete="off"
            autoCapitalize="characters"
            spellCheck={false}
            maxLength={42}
            dir="ltr"
          />
        )}
        {kind === 'other' && (
          <TextField
            id="name"
            label={t.transfer.name}
            hint={t.transfer.nameHint}
            value={draft.name}
            onChange={(event) => set({ name: event.target.value })}
            autoComplete="off"
            maxLength={100}
            dir="auto"
          />
        )}
        <AmountField
          id="amount"
          label={t.transfer.amount}
          symbol={symbolOf(currency, locale)}
          error={errors.amount}
          value={draft.typed}
          onChange={(event) => set({ typed: event.target.value })}
          placeholder={new Intl.NumberFormat(locale, { minimumFractionDigits: decimalsOf(currency) }).format(0)}
        />
        <TextField
          id="note"
          label={t.transfer.note}
          hint={t.transfer.noteHint}
          error={errors.note}
          value={draft.note}
          onChange={(event) => set({ note: event.target.value })}
          autoComplete="off"
          dir="auto"
        />
        <div className="actions">
          <Button type="submit" busy={isAsking}>
            {isAsking ? t.transfer.lookingUp : t.word.continue}
          </Button>
        </div>
      </form>
    </>
  )
}
