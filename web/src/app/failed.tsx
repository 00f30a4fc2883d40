/** A page that is not there, or that could not be shown. */
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useT } from '../i18n'
import { Button, buttonClass, Heading, Notice, Skeleton } from '../ui/parts'
import { mention, said } from './said'

export function Missing() {
  const t = useT()
  return (
    <main className="page flow">
      <Heading>{t.missing.title}</Heading>
      <div>
        <Link to="/app" className={buttonClass('primary')}>
          {t.missing.home}
        </Link>
      </div>
    </main>
  )
}

/** Code that could not be loaded, most often: a newer version of the app is there. */
export function Failed() {
  const t = useT()
  return (
    <main className="page flow">
      <Heading>{t.problem.page}</Heading>
      <p>{t.problem.network}</p>
      <div>
        <Button onClick={() => location.reload()}>{t.word.retry}</Button>
      </div>
    </main>
  )
}

interface Asked<T> {
  data: T | undefined
  error: unknown
  refetch: () => unknown
}

/** What was asked, while it comes, or why it did not. What is there already stays when asking again fails. */
export function Loaded<T>({
  query,
  rows,
  height,
  children,
}: {
  query: Asked<T>
  rows: number
  height?: number
  children: (data: T) => ReactNode
}) {
  const t = useT()
  if (query.data !== undefined) return children(query.data)
  if (!query.error) return <Skeleton rows={rows} height={height ?? 64} />
  const id = mention(query.error)
  return (
    <Notice kind="error" live>
      <div className="stack-small">
        <p>{said(query.error, t)}</p>
        {id && <p className="muted">{t.problem.mention(id)}</p>}
        <div>
          <Button kind="secondary" small onClick={() => query.refetch()}>
            {t.word.retry}
          </Button>
        </div>
      </div>
    </Notice>
  )
}
