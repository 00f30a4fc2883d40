/** Opening an account, over the page. */
import { type FormEvent, useState } from 'react'
import { api, got, type Schemas } from '../api/client'
import { moneyMoved } from '../api/queries'
import { useSpoken } from '../i18n/inside'
import { Choice, Dialog, ErrorSummary, SelectField, TextField } from '../ui/form'
import { Button } from '../ui/parts'
import { mention, said } from './said'

const currencies = ['USD', 'EUR', 'GBP', 'CHF', 'JPY', 'SEK', 'PLN', 'AED', 'KWD', 'CAD', 'AUD', 'CZK'] as const
const types = ['CHECKING', 'SAVINGS', 'BUSINESS'] as const

export default function OpenAccount({ onClose }: { onClose: () => void }) {
  const { t, locale } = useSpoken()
  const [type, setType] = useState<Schemas['AccountType']>('CHECKING')
  const [problem, setProblem] = useState<unknown>()
  const [busy, setBusy] = useState(false)
  const names = new Intl.DisplayNames(locale, { type: 'currency' })

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const name = String(form.get('name')).trim() || t.open[type]
    setBusy(true)
    try {
      await got(api.POST('/api/accounts', { body: { name, type, currency: String(form.get('currency')) } }))
      await moneyMoved()
      onClose()
    } catch (problem) {
      setProblem(problem)
      setBusy(false)
    }
  }

  return (
    <Dialog title={t.open.title} onClose={onClose}>
      <form onSubmit={submit} noValidate className="stack">
        <ErrorSummary errors={{}} general={problem ? said(problem, t) : ''} mention={mention(problem)} />
        <Choice
          name="type"
          label={t.open.type}
          value={type}
          options={types.map((value) => ({ value, label: t.open[value] }))}
          onChange={setType}
        />
        <TextField
          id="name"
          label={t.open.name}
          hint={t.open.nameHint}
          placeholder={t.open[type]}
          maxLength={100}
          autoComplete="off"
        />
        <SelectField id="currency" label={t.open.currency}>
          {currencies.map((code) => (
            <option key={code} value={code}>
              {code} · {names.of(code)}
            </option>
          ))}
        </SelectField>
        <Button type="submit" busy={busy}>
          {t.open.submit}
        </Button>
      </form>
    </Dialog>
  )
}
