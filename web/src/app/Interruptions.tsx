/** The dialogs over a page for which its requests wait: a login again, or a fresh proof. */
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { got, plain, type Schemas } from '../api/client'
import type { Interruption } from '../api/interruption'
import { Problem } from '../api/problem'
import { queries } from '../api/queries'
import { session, useUser } from '../api/session'
import { useT } from '../i18n/inside'
import { Actions, Dialog, PasswordField } from '../ui/form'
import { Button, Skeleton } from '../ui/parts'
import { LoginForm, Proof } from './LoginForm'
import { answered } from './passkey'
import { said } from './said'

export default function Interruptions({ interruption }: { interruption: Interruption }) {
  return interruption.kind === 'login' ? <Again interruption={interruption} /> : <StepUp interruption={interruption} />
}

function Again({ interruption }: { interruption: Interruption }) {
  const t = useT()
  const user = useUser()
  const navigate = useNavigate()
  return (
    <Dialog title={t.expired.title}>
      <div className="stack">
        <p>{t.expired.text}</p>
        <LoginForm
          submit={t.expired.submit}
          username={user?.username}
          onDone={(tokens) => {
            // A passkey may be somebody else's: they get nothing of what is here.
            const isAnother = tokens.user.id !== user?.id
            if (isAnother) {
              sessionStorage.clear()
              queries.clear()
            }
            session.begin(tokens)
            interruption.answer(!isAnother)
            if (isAnother) void navigate({ to: '/app' })
          }}
        />
        <Button
          kind="quiet"
          onClick={() => {
            interruption.answer(false)
            void navigate({ to: '/app/login' }).then(() => {
              session.end()
              queries.clear()
            })
          }}
        >
          {t.nav.logout}
        </Button>
      </div>
    </Dialog>
  )
}

function StepUp({ interruption }: { interruption: Interruption }) {
  const t = useT()
  const factors = useQuery({ queryKey: ['mfa'], queryFn: () => got(plain.GET('/api/auth/mfa')) })
  const cancel = () => interruption.answer(false)
  const prove = async (body: Schemas['StepUp']) => {
    const { accessToken } = await got(plain.POST('/api/auth/step-up', { body }))
    session.renew(accessToken)
    interruption.answer(true)
  }
  const passkey = async () => {
    const question = await got(plain.POST('/api/auth/step-up/passkey', { body: {} }))
    await prove({ passkey: await answered(question) })
  }
  const { reason } = interruption
  const why = reason === 'AMOUNT' || reason === 'NEW_PAYEE' ? t.stepUp[reason] : t.stepUp.other
  return (
    <Dialog title={t.stepUp.title} onClose={cancel}>
      <div className="stack">
        <p>{why}</p>
        {factors.data === undefined ? (
          <Skeleton rows={2} />
        ) : factors.data.enabled ? (
          <Proof methods={factors.data.methods} answer={prove} passkey={passkey} onCancel={cancel} cancel="cancel" />
        ) : (
          <PasswordProof prove={prove} onCancel={cancel} />
        )}
      </div>
    </Dialog>
  )
}

function PasswordProof({
  prove,
  onCancel,
}: {
  prove: (body: Schemas['StepUp']) => Promise<void>
  onCancel: () => void
}) {
  const t = useT()
  const [error, setError] = useState('')
  const [busy, setBusy] = useState(false)
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const password = String(new FormData(event.currentTarget).get('proof'))
    if (!password) return setError(t.login.enterPassword)
    setBusy(true)
    setError('')
    try {
      await prove({ password })
    } catch (problem) {
      const isWrong =
        problem instanceof Problem &&
        (problem.code === 'INVALID_CREDENTIALS' || problem.code === 'INVALID_SECOND_FACTOR')
      setError(isWrong ? t.security.passwordWrong : said(problem, t))
      setBusy(false)
    }
  }
  return (
    <form onSubmit={submit} noValidate className="stack">
      <PasswordField
        id="proof"
        label={t.stepUp.password}
        error={error || undefined}
        autoComplete="current-password"
        autoFocus
      />
      <Actions>
        <Button kind="secondary" onClick={onCancel}>
          {t.word.cancel}
        </Button>
        <Button type="submit" busy={busy}>
          {t.stepUp.confirm}
        </Button>
      </Actions>
    </form>
  )
}
