/** Another password. All other sessions end with the old one. */
import { type FormEvent, useState } from 'react'
import { api, got } from '../../api/client'
import { Problem } from '../../api/problem'
import { useUser } from '../../api/session'
import { useT } from '../../i18n/inside'
import { Dialog, ErrorSummary, type Errors, PasswordField } from '../../ui/form'
import { Button } from '../../ui/parts'
import { mention, said } from '../said'

type Name = 'current' | 'new'

export default function ChangePassword({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const t = useT()
  const user = useUser()
  const [errors, setErrors] = useState<Errors<Name>>({})
  const [problem, setProblem] = useState<unknown>()
  const [busy, setBusy] = useState(false)

  const refused = (problem: unknown): Errors<Name> => {
    if (!(problem instanceof Problem)) return {}
    if (problem.code === 'INVALID_CREDENTIALS') return { current: t.security.passwordWrong }
    return problem.code === 'INVALID_REQUEST' ? { new: t.signUp.passwordCommon } : {}
  }
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const given = { currentPassword: String(form.get('current')), newPassword: String(form.get('new')) }
    const wrong: Errors<Name> = {}
    if (!given.currentPassword) wrong.current = t.login.enterPassword
    if ([...given.newPassword].length < 8) wrong.new = t.signUp.passwordShort
    setErrors(wrong)
    setProblem(undefined)
    if (Object.keys(wrong).length > 0) return
    setBusy(true)
    try {
      await got(api.POST('/api/auth/password', { body: given }))
      onDone()
    } catch (problem) {
      setErrors(refused(problem))
      setProblem(problem)
      setBusy(false)
    }
  }

  const isGeneral = problem !== undefined && Object.keys(errors).length === 0
  return (
    <Dialog title={t.security.passwordChange} onClose={onClose}>
      <form onSubmit={submit} noValidate className="stack">
        <ErrorSummary errors={errors} general={isGeneral ? said(problem, t) : ''} mention={mention(problem)} />
        <input type="hidden" autoComplete="username" value={user?.username ?? ''} readOnly />
        <PasswordField
          id="current"
          label={t.security.passwordCurrent}
          error={errors.current}
          autoComplete="current-password"
        />
        <PasswordField
          id="new"
          label={t.security.passwordNew}
          hint={t.signUp.passwordHint}
          error={errors.new}
          autoComplete="new-password"
          maxLength={128}
        />
        <Button type="submit" busy={busy}>
          {t.security.passwordChange}
        </Button>
      </form>
    </Dialog>
  )
}
