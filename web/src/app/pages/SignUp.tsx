import { Link, useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { got, plain } from '../../api/client'
import { Problem } from '../../api/problem'
import { session } from '../../api/session'
import { useT } from '../../i18n'
import type { Messages } from '../../i18n/en'
import { ErrorSummary, type Errors, PasswordField, TextField } from '../../ui/form'
import { Button, Heading } from '../../ui/parts'
import { Outside } from '../Outside'
import { mention, said } from '../said'

type Name = 'username' | 'password' | 'email'

/** What is wrong before the bank is asked. */
function wrongIn(given: Record<Name, string>, t: Messages): Errors<Name> {
  const wrong: Errors<Name> = {}
  if (!/^[A-Za-z0-9._-]{3,64}$/.test(given.username)) wrong.username = t.signUp.usernameWrong
  if ([...given.password].length < 8) wrong.password = t.signUp.passwordShort
  if (given.email && !/^[^\s@]+@[^\s@]+$/.test(given.email)) wrong.email = t.signUp.emailWrong
  return wrong
}

/** What the bank says of a field. */
function refusedIn(problem: unknown, t: Messages): Errors<Name> {
  if (!(problem instanceof Problem)) return {}
  if (problem.code === 'USERNAME_TAKEN') return { username: t.signUp.taken }
  if (problem.code !== 'INVALID_REQUEST') return {}
  if (problem.field === 'username') return { username: t.signUp.taken }
  if (problem.field === 'email') return { email: t.signUp.emailWrong }
  return problem.field === 'password' ? { password: t.signUp.passwordCommon } : {}
}

export function SignUp() {
  const t = useT()
  const navigate = useNavigate()
  const [errors, setErrors] = useState<Errors<Name>>({})
  const [problem, setProblem] = useState<unknown>()
  const [busy, setBusy] = useState(false)
  const isGeneral = problem !== undefined && Object.keys(errors).length === 0

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const given = {
      username: String(form.get('username')).trim(),
      password: String(form.get('password')),
      email: String(form.get('email')).trim(),
    }
    const wrong = wrongIn(given, t)
    setErrors(wrong)
    setProblem(undefined)
    if (Object.keys(wrong).length > 0) return
    setBusy(true)
    try {
      const body = { username: given.username, password: given.password, ...(given.email && { email: given.email }) }
      session.begin(await got(plain.POST('/api/auth/register', { body })))
      await navigate({ to: '/app', replace: true })
    } catch (problem) {
      setErrors(refusedIn(problem, t))
      setProblem(problem)
      setBusy(false)
    }
  }

  return (
    <Outside>
      <Heading focus={false}>{t.signUp.title}</Heading>
      <form onSubmit={submit} noValidate className="stack">
        <ErrorSummary errors={errors} general={isGeneral ? said(problem, t) : ''} mention={mention(problem)} />
        <TextField
          id="username"
          label={t.login.username}
          hint={t.signUp.usernameHint}
          error={errors.username}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={64}
          dir="ltr"
        />
        <PasswordField
          id="password"
          label={t.login.password}
          hint={t.signUp.passwordHint}
          error={errors.password}
          autoComplete="new-password"
          maxLength={128}
        />
        <TextField
          id="email"
          type="email"
          label={t.signUp.email}
          hint={t.signUp.emailHint}
          error={errors.email}
          autoComplete="email"
          dir="ltr"
        />
        <Button type="submit" busy={busy}>
          {t.signUp.submit}
        </Button>
      </form>
      <p>
        {t.signUp.have} <Link to="/app/login">{t.login.title}</Link>
      </p>
    </Outside>
  )
}
