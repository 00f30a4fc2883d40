/** At which number somebody is texted: asked for, shown by a code, taken away. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api, got, type Schemas } from '../api/client'
import { Problem } from '../api/problem'
import { useInboxMessages } from '../i18n/inbox'
import { useT } from '../i18n/inside'
import { TextField } from '../ui/form'
import { Button, Card, Notice } from '../ui/parts'
import { Loaded } from './failed'

const key = ['inbox', 'phone']

const field = (event: FormEvent<HTMLFormElement>, name: string) => {
  event.preventDefault()
  return String(new FormData(event.currentTarget).get(name)).trim()
}

export function Phone() {
  const t = useT()
  const { phone: words } = useInboxMessages()
  const client = useQueryClient()
  const query = useQuery({ queryKey: key, queryFn: () => got(api.GET('/api/notifications/phone')) })
  const [wantsAnother, setWantsAnother] = useState(false)
  const keep = (phone: Schemas['Phone']) => {
    client.setQueryData(key, phone)
    setWantsAnother(false)
  }
  const asking = useMutation({
    mutationFn: (number: string) => got(api.PUT('/api/notifications/phone', { body: { number } })),
    onSuccess: keep,
  })
  const confirming = useMutation({
    mutationFn: (code: string) => got(api.POST('/api/notifications/phone/confirm', { body: { code } })),
    onSuccess: keep,
  })
  const removing = useMutation({
    mutationFn: () => got(api.DELETE('/api/notifications/phone')),
    onSuccess: () => keep({ number: null, unconfirmed: null }),
  })

  const said = (problem: unknown) => {
    switch (problem instanceof Problem && problem.code) {
      case 'TOO_MANY_TEXTS':
        return words.tooMany
      case 'SMS_UNAVAILABLE':
        return words.off
      default:
        return words.failed
    }
  }
  const isCode = (problem: unknown, code: string) => problem instanceof Problem && problem.code === code
  const wrongNumber = isCode(asking.error, 'INVALID_REQUEST') ? words.wrongNumber : undefined
  const wrongCode = isCode(confirming.error, 'INVALID_PHONE_CODE') ? words.wrongCode : undefined
  const failed = [!wrongNumber && asking.error, !wrongCode && confirming.error, removing.error].find(Boolean)

  return (
    <Card title={words.title}>
      <p className="muted">{words.hint}</p>
      <Loaded query={query} rows={1} height={76}>
        {({ number, unconfirmed }) => (
          <div className="stack">
            {number ? (
              <p className="line-title">
                <bdi dir="ltr">{number}</bdi>
              </p>
            ) : (
              !unconfirmed && <p>{words.none}</p>
            )}
            {unconfirmed && (
              <form className="stack" noValidate onSubmit={(event) => confirming.mutate(field(event, 'phoneCode'))}>
                <p role="status">{words.sent(`\u2066${unconfirmed}\u2069`)}</p>
                <TextField
                  id="phoneCode"
                  label={words.code}
                  error={wrongCode}
                  inputMode="numeric"
                  autoComplete="one-time-code"
                  maxLength={12}
                />
                <Button type="submit" busy={confirming.isPending}>
                  {words.confirm}
                </Button>
              </form>
            )}
            {((!number && !unconfirmed) || wantsAnother) && (
              <form className="stack" noValidate onSubmit={(event) => asking.mutate(field(event, 'phoneNumber'))}>
                <TextField
                  id="phoneNumber"
                  label={words.number}
                  hint={words.numberHint}
                  error={wrongNumber}
                  type="tel"
                  dir="ltr"
                  autoComplete="tel"
                  maxLength={32}
                />
                <Button type="submit" busy={asking.isPending}>
                  {words.send}
                </Button>
              </form>
            )}
            {(number || unconfirmed) && (
              <div className="line">
                {!wantsAnother && (
                  <Button kind="quiet" onClick={() => setWantsAnother(true)}>
                    {words.change}
                  </Button>
                )}
                <Button kind="quiet" busy={removing.isPending} onClick={() => removing.mutate()}>
                  {number ? words.remove : t.word.cancel}
                </Button>
              </div>
            )}
          </div>
        )}
      </Loaded>
      {failed && (
        <Notice kind="error" live>
          {said(failed)}
        </Notice>
      )}
    </Card>
  )
}
