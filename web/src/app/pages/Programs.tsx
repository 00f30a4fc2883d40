import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { api, got } from '../../api/client'
import { timeOf } from '../../i18n'
import { useAccessMessages } from '../../i18n/access'
import type { AccessMessages } from '../../i18n/access/en'
import { useSpoken, useT } from '../../i18n/inside'
import { Icon } from '../../ui/Icon'
import { Button, Card, Heading, Ltr, Notice } from '../../ui/parts'
import { Loaded } from '../failed'
import { mention, said } from '../said'
import { ToSecurity } from '../security/ToSecurity'

/** Ends what a program may do. */
type End = (deed: () => Promise<unknown>) => Promise<void>

export function Programs() {
  const t = useT()
  const words = useAccessMessages()
  const client = useQueryClient()
  const [problem, setProblem] = useState<unknown>()
  const [isDone, setDone] = useState(false)
  const end: End = async (deed) => {
    setProblem(undefined)
    setDone(false)
    try {
      await deed()
      setDone(true)
    } catch (problem) {
      setProblem(problem)
    }
    await client.invalidateQueries({ queryKey: ['security'] })
  }
  const id = mention(problem)
  return (
    <div className="stack narrow">
      <ToSecurity />
      <Heading>{words.programs}</Heading>
      <p className="muted">{words.programsHint}</p>
      {problem !== undefined && (
        <Notice kind="error" live>
          <p>{said(problem, t)}</p>
          {id && <p>{t.problem.mention(id)}</p>}
        </Notice>
      )}
      {isDone && (
        <Notice kind="good" live>
          {words.taken}
        </Notice>
      )}
      <Grants end={end} />
      <Keys end={end} />
    </div>
  )
}

function Grants({ end }: { end: End }) {
  const spoken = useSpoken()
  const words = useAccessMessages()
  const query = useQuery({
    queryKey: ['security', 'grants'],
    queryFn: () => got(api.GET('/api/auth/grants', { params: { query: { limit: 100 } } })),
  })
  const at = (time: string) => timeOf(new Date(time), spoken)
  return (
    <Card title={words.grants}>
      <Loaded query={query} rows={2} height={76}>
        {({ data }) =>
          data.length === 0 ? (
            <p className="line">{words.noGrants}</p>
          ) : (
            data.map(({ id, clientName, scopes, grantedAt, expiresAt }) => (
              <Program
                key={id}
                name={clientName}
                scopes={scopes}
                onEnd={() => end(() => got(api.DELETE('/api/auth/grants/{id}', { params: { path: { id } } })))}
              >
                {words.since(at(grantedAt))} · {words.until(at(expiresAt))}
              </Program>
            ))
          )
        }
      </Loaded>
    </Card>
  )
}

function Keys({ end }: { end: End }) {
  const spoken = useSpoken()
  const { t } = spoken
  const words = useAccessMessages()
  const query = useQuery({
    queryKey: ['security', 'keys'],
    queryFn: () => got(api.GET('/api/auth/api-keys', { params: { query: { limit: 100 } } })),
  })
  return (
    <Card title={words.keys}>
      <Loaded query={query} rows={2} height={76}>
        {({ data }) =>
          data.length === 0 ? (
            <p className="line">{words.noKeys}</p>
          ) : (
            data.map(({ id, name, prefix, status, scopes, lastUsedAt }) => (
              <Program
                key={id}
                name={name}
                scopes={scopes}
                onEnd={
                  status === 'ACTIVE'
                    ? () => end(() => got(api.DELETE('/api/auth/api-keys/{id}', { params: { path: { id } } })))
                    : undefined
                }
              >
                <Ltr>{prefix.slice(0, 8)}…</Ltr> · {t.security[status]} ·{' '}
                {t.security.lastUsed(lastUsedAt ? timeOf(new Date(lastUsedAt), spoken) : t.word.never)}
              </Program>
            ))
          )
        }
      </Loaded>
    </Card>
  )
}

interface ProgramProps {
  name: string
  scopes: readonly string[]
  onEnd: (() => void) | undefined
  children: ReactNode
}

/** Its name was given by whoever registered it. */
function Program({ name, scopes, onEnd, children }: ProgramProps) {
  const { locale } = useSpoken()
  const words = useAccessMessages()
  const list = new Intl.ListFormat(locale, { type: 'conjunction' })
  const may = scopes.map((scope) => words.scope[scope as keyof AccessMessages['scope']] ?? scope)
  return (
    <div className="line">
      <div>
        <p className="line-title">
          <Icon name="key" size={16} /> <bdi>{name}</bdi>
        </p>
        <p className="muted">
          {words.may}: {list.format(may)}
        </p>
        <p className="muted">{children}</p>
      </div>
      {onEnd && (
        <Button kind="danger" small aria-label={words.takeBackOf(name)} onClick={onEnd}>
          {words.takeBack}
        </Button>
      )}
    </div>
  )
}
