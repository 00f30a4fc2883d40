/** Username and password, then the second factor of whoever has one; or a passkey alone. */
import { type FormEvent, useState } from 'react'
import { got, plain, type Schemas } from '../api/client'
import { Problem } from '../api/problem'
import { useT } from '../i18n'
import { ErrorSummary, type Errors, PasswordField, TextField } from '../ui/form'
import { Button } from '../ui/parts'
import { answered, hasPasskeys } from './passkey'
import { mention, said } from './said'

type Tokens = Schemas['Session']
type Challenge = Schemas['MfaChallenge']

interface Props {
  submit: string
  username?: string | undefined
  onDone: (tokens: Tokens) => void
}

export function LoginForm(props: Props) {
  const [challenge, setChallenge] = useState<Challenge>()
  const [ended, setEnded] = useState(false)
  if (challenge)
    return (
      <SecondFactor
        challenge={challenge}
        onDone={props.onDone}
        onRestart={(isOver) => {
          setChallenge(undefined)
          setEnded(isOver)
        }}
      />
    )
  return <Password {...props} ended={ended} onChallenge={setChallenge} />
}

function Password({
  submit,
  username,
  onDone,
  onChallenge,
  ended,
}: Props & { ended: boolean; onChallenge: (challenge: Challenge) => void }) {
  const t = useT()
  const [errors, setErrors] = useState<Errors<'username' | 'password'>>({})
  const [problem, setProblem] = useState<unknown>()
  const [general, setGeneral] = useState(ended ? t.factor.over : '')
  const [busy, setBusy] = useState(false)

  const attempt = async (act: () => Promise<void>, otherwise: (problem: unknown) => string) => {
    setBusy(true)
    setGeneral('')
    setProblem(undefined)
    try {
      await act()
    } catch (problem) {
      setProblem(problem)
      setGeneral(otherwise(problem))
    } finally {
      setBusy(false)
    }
  }

  const logIn = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const given = { username: username ?? String(form.get('username')).trim(), password: String(form.get('password')) }
    const wrong: Errors<'username' | 'password'> = {}
    if (!given.username) wrong.username = t.login.enterUsername
    if (!given.password) wrong.password = t.login.enterPassword
    setErrors(wrong)
    if (Object.keys(wrong).length > 0) return
    void attempt(
      async () => {
        const outcome = await got(plain.POST('/api/auth/login', { body: given }))
        if ('mfaToken' in outcome) onChallenge(outcome)
        else onDone(outcome)
      },
      (problem) => {
        if (!(problem instanceof Problem)) return t.problem.internal
        if (problem.code === 'INVALID_CREDENTIALS' || problem.code === 'INVALID_REQUEST') return t.login.wrong
        return problem.code === 'USER_DISABLED' ? t.login.disabled : said(problem, t)
      },
    )
  }

  const withPasskey = () =>
    attempt(
      async () => {
        const question = await got(plain.POST('/api/auth/passkey/begin', { body: {} }))
        onDone(await got(plain.POST('/api/auth/passkey/finish', { body: await answered(question) })))
      },
      (problem) => {
        if (problem instanceof Problem && problem.code === 'PASSKEYS_UNAVAILABLE') return t.login.passkeyUnavailable
        return problem instanceof Problem && problem.isUnsure ? said(problem, t) : t.login.passkeyFailed
      },
    )

  return (
    <form onSubmit={logIn} noValidate className="stack">
      <ErrorSummary errors={errors} general={general} mention={mention(problem)} />
      {username ? (
        <input type="hidden" autoComplete="username" value={username} readOnly />
      ) : (
        <TextField
          id="username"
          label={t.login.username}
          error={errors.username}
          autoComplete="username webauthn"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={64}
          dir="ltr"
        />
      )}
      <PasswordField
        id="password"
        label={t.login.password}
        error={errors.password}
        autoComplete="current-password"
        maxLength={1024}
      />
      <Button type="submit" busy={busy}>
        {submit}
      </Button>
      {hasPasskeys() && (
        <>
          <div className="or">{t.login.or}</div>
          <Button kind="secondary" icon="key" onClick={withPasskey} busy={busy}>
            {t.login.passkey}
          </Button>
        </>
      )}
    </form>
  )
}

type Way = Schemas['MfaMethod']

function SecondFactor({
  challenge,
  onDone,
  onRestart,
}: {
  challenge: Challenge
  onDone: (tokens: Tokens) => void
  onRestart: (isOver: boolean) => void
}) {
  const { mfaToken, methods } = challenge
  const answer = async (body: Omit<Schemas['MfaVerify'], 'mfaToken'>) => {
    try {
      onDone(await got(plain.POST('/api/auth/mfa/verify', { body: { mfaToken, ...body } })))
    } catch (problem) {
      if (problem instanceof Problem && problem.code === 'INVALID_MFA_TOKEN') onRestart(true)
      else throw problem
    }
  }
  const passkey = async () => {
    const question = await got(plain.POST('/api/auth/mfa/verify/passkey', { body: { mfaToken } }))
    await answer({ passkey: await answered(question) })
  }
  return (
    <Proof methods={methods} answer={answer} passkey={passkey} onCancel={() => onRestart(false)} cancel="restart" />
  )
}

export interface ProofProps {
  methods: readonly Way[]
  answer: (body: { code?: string; recoveryCode?: string }) => Promise<void>
  passkey: () => Promise<void>
  onCancel: () => void
  cancel: 'restart' | 'cancel'
}

/** A code of the app, a recovery code or a passkey. What was wrong is cleared, and the field has the focus again. */
export function Proof({ methods, answer, passkey, onCancel, cancel }: ProofProps) {
  const t = useT()
  const typed = methods.filter((method) => method !== 'passkey')
  const [way, setWay] = useState<Way>(typed.includes('totp') ? 'totp' : (typed[0] ?? 'passkey'))
  const [error, setError] = useState('')
  const [busy, setBusy] = useState(false)
  const [value, setValue] = useState('')

  const attempt = async (act: () => Promise<void>, otherwise: string) => {
    setBusy(true)
    setError('')
    try {
      await act()
    } catch (problem) {
      const isWrong =
        !(problem instanceof Problem) || problem.code === 'INVALID_SECOND_FACTOR' || problem.code === 'INVALID_REQUEST'
      setError(isWrong ? otherwise : said(problem, t))
      setValue('')
    } finally {
      setBusy(false)
    }
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const text = value.trim()
    if (!text) setError(t.factor.enter)
    else
      void attempt(
        () => answer(way === 'totp' ? { code: text.replace(/\s/g, '') } : { recoveryCode: text }),
        t.factor.wrong,
      )
  }
  return (
    <form onSubmit={submit} noValidate className="stack">
      {way !== 'passkey' && (
        <>
          <TextField
            key={way}
            id="code"
            label={way === 'totp' ? t.factor.code : t.factor.recovery}
            hint={way === 'totp' ? t.factor.codeHint : undefined}
            error={error || undefined}
            value={value}
            onChange={(event) => setValue(event.target.value)}
            inputMode={way === 'totp' ? 'numeric' : 'text'}
            autoComplete="one-time-code"
            autoCapitalize="none"
            spellCheck={false}
            maxLength={64}
            dir="ltr"
            autoFocus
          />
          <span className="unseen" role="alert">
            {error}
          </span>
          <Button type="submit" busy={busy}>
            {t.factor.submit}
          </Button>
        </>
      )}
      {way === 'passkey' && error && (
        <p className="field-error" role="alert">
          {error}
        </p>
      )}
      {methods.includes('passkey') && hasPasskeys() && (
        <Button
          kind={way === 'passkey' ? 'primary' : 'secondary'}
          icon="key"
          busy={busy}
          onClick={() => attempt(passkey, t.login.passkeyFailed)}
        >
          {t.factor.usePasskey}
        </Button>
      )}
      {typed
        .filter((method) => method !== way)
        .map((method) => (
          <Button
            key={method}
            kind="quiet"
            onClick={() => {
              setWay(method)
              setError('')
              setValue('')
            }}
          >
            {method === 'totp' ? t.factor.useCode : t.factor.useRecovery}
          </Button>
        ))}
      <Button kind="quiet" onClick={onCancel}>
        {cancel === 'restart' ? t.factor.restart : t.word.cancel}
      </Button>
    </form>
  )
}
