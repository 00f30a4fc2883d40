import { useInfiniteQuery } from '@tanstack/react-query'
import { api, got, type Schemas } from '../../api/client'
import { dayName } from '../../i18n'
import { useAccessMessages } from '../../i18n/access'
import type { AccessMessages } from '../../i18n/access/en'
import { useSpoken, useT } from '../../i18n/inside'
import { Icon } from '../../ui/Icon'
import { Button, Card, Heading, Ltr } from '../../ui/parts'
import { Loaded } from '../failed'
import { ToSecurity } from '../security/ToSecurity'

type Activity = Schemas['Activity']

/** What the bank does by itself is no news. */
const isShown = ({ type }: Activity) => type !== 'auth.password_rehashed' && type !== 'auth.user_imported'

export function ActivityPage() {
  const t = useT()
  const words = useAccessMessages()
  const query = useInfiniteQuery({
    queryKey: ['security', 'activity'],
    queryFn: ({ pageParam }) =>
      got(api.GET('/api/auth/activity', { params: { query: { limit: 50, cursor: pageParam } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    maxPages: 20,
  })
  const shown = query.data?.pages.flatMap(({ data }) => data).filter(isShown)
  return (
    <div className="stack narrow">
      <ToSecurity />
      <Heading>{words.activity}</Heading>
      <p className="muted">{words.activityHint}</p>
      <Card flush>
        <Loaded query={{ ...query, data: shown }} rows={6}>
          {(all) => <ByDay all={all} />}
        </Loaded>
        <div className="card-foot">
          {query.hasNextPage && (
            <Button kind="secondary" small busy={query.isFetchingNextPage} onClick={() => query.fetchNextPage()}>
              {t.word.more}
            </Button>
          )}
        </div>
      </Card>
    </div>
  )
}

function ByDay({ all }: { all: readonly Activity[] }) {
  const spoken = useSpoken()
  const days = new Map<string, Activity[]>()
  for (const one of all) {
    const day = dayName(new Date(one.happenedAt), spoken)
    days.set(day, [...(days.get(day) ?? []), one])
  }
  return [...days].map(([day, ofDay]) => (
    <section key={day}>
      <h2 className="day">{day}</h2>
      <ul>
        {ofDay.map((one) => (
          <li key={one.id}>
            <Row one={one} />
          </li>
        ))}
      </ul>
    </section>
  ))
}

const isWarning = ({ type, by }: Activity) => by === 'UNKNOWN' || type.endsWith('failed') || type.endsWith('refused')

function Row({ one }: { one: Activity }) {
  const { locale } = useSpoken()
  const words = useAccessMessages()
  const time = new Intl.DateTimeFormat(locale, { timeStyle: 'short' }).format(new Date(one.happenedAt))
  return (
    <div className="row">
      <span className="inbox-mark">
        <Icon name={isWarning(one) ? 'warning' : one.by === 'PROGRAM' ? 'key' : 'shield'} />
      </span>
      <div className="row-main">
        <div className="inbox-text">{words.kind[one.type as keyof AccessMessages['kind']] ?? words.other}</div>
        <div className="row-sub">
          <time dateTime={one.happenedAt}>{time}</time> · {words.by[one.by]}
          {one.address && (
            <>
              {' · '}
              <Ltr>{one.address}</Ltr>
            </>
          )}
        </div>
      </div>
    </div>
  )
}
