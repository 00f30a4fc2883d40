import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { session } from '../../api/session'
import { useT } from '../../i18n'
import { Heading, Notice } from '../../ui/parts'
import { useIsSandbox } from '../config'
import { LoginForm } from '../LoginForm'
import { Outside } from '../Outside'

export function Login() {
  const t = useT()
  const navigate = useNavigate()
  const { next } = useSearch({ from: '/app/login' })
  const isSandbox = useIsSandbox()
  return (
    <Outside>
      <Heading focus={false}>{t.login.title}</Heading>
      {next && session.wasLoggedIn() && <Notice kind="info">{t.login.ended}</Notice>}
      <LoginForm
        submit={t.login.submit}
        onDone={(tokens) => {
          session.begin(tokens)
          void navigate({ to: next ?? '/app', replace: true })
        }}
      />
      <p>
        {t.login.new} <Link to="/app/sign-up">{t.login.signUp}</Link>
      </p>
      {isSandbox && <p className="muted">{t.login.demo}</p>}
    </Outside>
  )
}
