import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { api, got, type Schemas } from '../../api/client'
import { session } from '../../api/session'
import { timeOf } from '../../i18n'
import { useSpoken, useT } from '../../i18n/inside'
import { Icon } from '../../ui/Icon'
import { Button, Card, Empty, Heading, Ltr, Notice, Tag } from '../../ui/parts'
import { Loaded } from '../failed'
import { hasPasskeys, made } from '../passkey'
import { mention, said } from '../said'

const Authenticator = lazy(() => import('../security/Authenticator'))
const RecoveryCodes = lazy(() => import('../security/RecoveryCodes'))
const ChangePassword = lazy(() => import('../security/ChangePassword'))

type Open = { kind: 'app' } | { kind: 'password' } | { kind: 'codes'; codes: string[] }

export function Security() {
  const t = useT()
  const [open, setOpen] = useState<Open>()
  const [problem, setProblem] = useState<unknown>()
  const [done, setDone] = useState('')
  const client = useQueryClient()
  const close = () => setOpen(undefined)

  /** Does it, shows what is so then, and says why if it was not done. What the person called off is no problem. */
  const act: Act = async (deed) => {
    setProblem(undefined)
    setDone('')
    try {
      await deed()
    } catch (problem) {
      if (!isCalledOff(problem)) setProblem(problem)
    }
    await client.invalidateQueries({ queryKey: ['security'] })
  }

  const id = mention(problem)
  return (
    <div className="stack narrow">
      <Heading>{t.security.title}</Heading>
      {problem !== undefined && (
        <Notice kind="error" live>
          <p>{said(problem, t)}</p>
          {id && <p>{t.problem.mention(id)}</p>}
        </Notice>
      )}
      {done && (
        <Notice kind="good" live>
          {done}
        </Notice>
      )}
      <Factors act={act} onOpen={setOpen} />
      <Passkeys act={act} onCodes={(codes) => setOpen({ kind: 'codes', codes })} />
      <Sessions act={act} />
      <More />
      <Suspense fallback={null}>
        {open?.kind === 'app' && (
          <Authenticator
            onClose={close}
            onDone={(codes) => {
              setOpen(codes && { kind: 'codes', codes })
              void client.invalidateQueries({ queryKey: ['security'] })
            }}
          />
        )}
        {open?.kind === 'codes' && <RecoveryCodes codes={open.codes} onClose={close} />}
        {open?.kind === 'password' && (
          <ChangePassword
            onClose={close}
            onDone={() => {
              close()
              setDone(t.security.passwordDone)
              void client.invalidateQueries({ queryKey: ['security'] })
            }}
          />
        )}
      </Suspense>
    </div>
  )
}

type Act = (deed: () => Promise<unknown>) => Promise<void>

const isCalledOff = (problem: unknown) =>
  (problem instanceof DOMException && problem.name === 'NotAllowedError') ||
  (problem instanceof Error && problem.message === 'STEP_UP_REQUIRED')

const factorsQuery = { queryKey: ['security', 'factors'], queryFn: () => got(api.GET('/api/auth/mfa')) }

function Factors({ act, onOpen }: { act: Act; onOpen: (open: Open) => void }) {
  const t = useT()
  const factors = useQuery(factorsQuery)
  const renew = () =>
    act(async () => {
      const { recoveryCodes } = await got(api.POST('/api/auth/mfa/recovery-codes', { body: {} }))
      onOpen({ kind: 'codes', codes: recoveryCodes })
    })
  return (
    <Card title={t.security.factors}>
      <Loaded query={factors} rows={3} height={72}>
        {({ enabled, totp, recoveryCodesLeft }) => (
          <>
            {!enabled && <Notice kind="caution">{t.security.nudge}</Notice>}
            <div className="line">
              <div>
                <p className="line-title">{t.security.password}</p>
              </div>
              <Button kind="secondary" small onClick={() => onOpen({ kind: 'password' })}>
                {t.security.passwordChange}
              </Button>
            </div>
            <div className="line">
              <div>
                <p className="line-title">{t.security.app}</p>
                <Tag kind={totp ? 'good' : 'plain'} icon={totp ? 'check' : 'info'}>
                  {totp ? t.word.on : t.word.off}
                </Tag>
              </div>
              {totp ? (
                <Button kind="danger" small onClick={() => act(() => got(api.DELETE('/api/auth/mfa/totp')))}>
                  {t.word.delete}
                  <span className="unseen"> {t.security.app}</span>
                </Button>
              ) : (
                <Button kind="secondary" small onClick={() => onOpen({ kind: 'app' })}>
                  {t.security.appAdd}
                  <span className="unseen"> {t.security.app}</span>
                </Button>
              )}
            </div>
            {enabled && (
              <div className="line">
                <div>
                  <p className="line-title">{t.security.recovery}</p>
                  <p className="muted">{t.security.recoveryLeft(recoveryCodesLeft)}</p>
                </div>
                <Button kind="secondary" small onClick={renew}>
                  {t.security.recoveryNew}
                  <span className="unseen"> {t.security.recovery}</span>
                </Button>
              </div>
            )}
          </>
        )}
      </Loaded>
    </Card>
  )
}

function Passkeys({ act, onCodes }: { act: Act; onCodes: (codes: string[]) => void }) {
  const spoken = useSpoken()
  const { t } = spoken
  const passkeys = useQuery({
    queryKey: ['security', 'passkeys'],
    queryFn: () => got(api.GET('/api/auth/mfa/passkeys')),
  })
  const add = () =>
    act(async () => {
      const question = await got(api.POST('/api/auth/mfa/passkeys/begin', { body: {} }))
      const body = await made(question, t.security.passkeyName)
      // As the first factor it ends the session from before, which knew none: the bank gives another one.
      const added = await session.replace(got(api.POST('/api/auth/mfa/passkeys/finish', { body })))
      if (added.recoveryCodes) onCodes(added.recoveryCodes)
    })
  return (
    <Card
      title={t.security.passkeys}
      action={
        hasPasskeys() && (
          <Button kind="secondary" small icon="plus" onClick={add}>
            {t.security.passkeyAdd}
          </Button>
        )
      }
    >
      <Loaded query={passkeys} rows={1}>
        {({ data }) =>
          data.length === 0 ? (
            <Empty>{t.security.passkeysHint}</Empty>
          ) : (
            data.map(({ id, name, lastUsedAt }) => (
              <div key={id} className="line">
                <div>
                  <p className="line-title">{name}</p>
                  <p className="muted">
                    {t.security.lastUsed(lastUsedAt ? timeOf(new Date(lastUsedAt), spoken) : t.word.never)}
                  </p>
                </div>
                <Button
                  kind="danger"
                  small
                  onClick={() =>
                    act(() => got(api.DELETE('/api/auth/mfa/passkeys/{id}', { params: { path: { id } } })))
                  }
                >
                  {t.word.delete}
                  <span className="unseen"> {name}</span>
                </Button>
              </div>
            ))
          )
        }
      </Loaded>
    </Card>
  )
}

/** The browser and the system, as far as they say so. */
function deviceOf(agent: string | null | undefined): string | undefined {
  if (!agent) return undefined
  const browser = /(Edg|OPR|Firefox|Chrome|Safari|curl)\/(\d+)/.exec(agent)
  const system = /(Windows|Android|iPhone|iPad|Mac OS X|Linux)/.exec(agent)?.[1]
  const names: Record<string, string> = { Edg: 'Edge', OPR: 'Opera' }
  const name = browser?.[1] && `${names[browser[1]] ?? browser[1]} ${browser[2]}`
  return [name, system].filter(Boolean).join(' · ') || agent.slice(0, 60)
}

function Sessions({ act }: { act: Act }) {
  const spoken = useSpoken()
  const { t } = spoken
  const sessions = useQuery({
    queryKey: ['security', 'sessions'],
    queryFn: () => got(api.GET('/api/auth/sessions', { params: { query: { limit: 50 } } })),
  })
  const when = (time: string) => timeOf(new Date(time), spoken)
  const end = ({ id }: Schemas['ActiveSession']) =>
    act(() => got(api.DELETE('/api/auth/sessions/{id}', { params: { path: { id } } })))
  return (
    <Card title={t.security.sessions}>
      <Loaded query={sessions} rows={3} height={76}>
        {({ data }) => (
          <>
            {data.map((session) => {
              const device = deviceOf(session.userAgent) ?? t.security.unknownDevice
              return (
                <div key={session.id} className="line">
                  <div>
                    <p className="line-title">
                      {device} {session.current && <Tag kind="good">{t.security.current}</Tag>}
                    </p>
                    <p className="muted">
                      {session.address && (
                        <>
                          <Ltr>{session.address}</Ltr> ·{' '}
                        </>
                      )}
                      {t.security.seen(when(session.lastSeenAt))}
                    </p>
                  </div>
                  {!session.current && (
                    <Button kind="secondary" small onClick={() => end(session)} aria-label={t.security.endOf(device)}>
                      {t.security.end}
                    </Button>
                  )}
                </div>
              )
            })}
            {data.length > 1 && (
              <Button
                kind="danger"
                small
                onClick={() => act(() => Promise.all(data.filter(({ current }) => !current).map(end)))}
              >
                {t.security.endOthers}
              </Button>
            )}
          </>
        )}
      </Loaded>
    </Card>
  )
}

/** What hangs on this page. */
function More() {
  const t = useT()
  return (
    <Card flush>
      <ul className="rows">
        {(['programs', 'activity'] as const).map((page) => (
          <li key={page}>
            <Link to={`/app/${page}`} className="row">
              <span className="inbox-mark">
                <Icon name={page === 'programs' ? 'key' : 'clock'} />
              </span>
              <span className="row-main">
                <span className="row-title">{t.security[page]}</span>
                <br />
                <span className="row-sub">{t.security[`${page}Hint`]}</span>
              </span>
              <Icon name="chevron" />
            </Link>
          </li>
        ))}
      </ul>
    </Card>
  )
}
