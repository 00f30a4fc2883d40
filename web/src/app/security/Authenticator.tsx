/** Setting up an authenticator app: the secret as a picture and as text, then a code that proves it arrived. */
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { encode } from 'uqr'
import { api, got } from '../../api/client'
import { Problem } from '../../api/problem'
import { session } from '../../api/session'
import { useT } from '../../i18n/inside'
import { Dialog, TextField } from '../../ui/form'
import { Button, Copy, Ltr } from '../../ui/parts'
import { Loaded } from '../failed'
import { said } from '../said'

export default function Authenticator({
  onClose,
  onDone,
}: {
  onClose: () => void
  onDone: (codes: string[] | undefined) => void
}) {
  const t = useT()
  const secret = useQuery({
    queryKey: ['authenticator'],
    queryFn: () => got(api.POST('/api/auth/mfa/totp', { body: {} })),
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
  return (
    <Dialog title={t.security.appAddTitle} onClose={onClose}>
      <Loaded query={secret} rows={5}>
        {({ secret, uri }) => (
          <div className="stack">
            <p>{t.security.scan}</p>
            <Picture text={uri} />
            <div>
              <p className="muted">{t.security.key}</p>
              <p className="secret">
                <Ltr>{secret.replace(/(.{4})(?=.)/g, '$1 ')}</Ltr>
              </p>
              <Copy text={secret} what={t.security.key} />
            </div>
            <Confirm onDone={onDone} />
          </div>
        )}
      </Loaded>
    </Dialog>
  )
}

function Picture({ text }: { text: string }) {
  const { data, size } = encode(text, { border: 0 })
  const path = data.flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : ''))).join('')
  return (
    <svg className="qr" viewBox={`0 0 ${size} ${size}`} aria-hidden="true" shapeRendering="crispEdges">
      <path d={path} />
    </svg>
  )
}

function Confirm({ onDone }: { onDone: (codes: string[] | undefined) => void }) {
  const t = useT()
  const [error, setError] = useState('')
  const [busy, setBusy] = useState(false)
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const code = String(new FormData(event.currentTarget).get('totp')).replace(/\s/g, '')
    if (!code) return setError(t.factor.enter)
    setBusy(true)
    setError('')
    try {
      // The session from before knew no second factor: the bank gives another one.
      const enabled = await session.replace(got(api.POST('/api/auth/mfa/totp/confirm', { body: { code } })))
      onDone(enabled.recoveryCodes ?? undefined)
    } catch (problem) {
      const isWrong = problem instanceof Problem && ['INVALID_SECOND_FACTOR', 'INVALID_REQUEST'].includes(problem.code)
      setError(isWrong ? t.factor.wrong : said(problem, t))
      setBusy(false)
    }
  }
  return (
    <form onSubmit={submit} noValidate className="stack">
      <TextField
        id="totp"
        label={t.security.thenCode}
        hint={t.factor.codeHint}
        error={error || undefined}
        inputMode="numeric"
        autoComplete="one-time-code"
        maxLength={8}
        dir="ltr"
      />
      <Button type="submit" busy={busy}>
        {t.security.turnOn}
      </Button>
    </form>
  )
}
