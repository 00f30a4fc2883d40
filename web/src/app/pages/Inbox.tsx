import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { api, got } from '../../api/client'
import { inboxQuery } from '../../api/queries'
import { dayName } from '../../i18n'
import { useInboxMessages } from '../../i18n/inbox'
import { useSpoken, useT } from '../../i18n/inside'
import { Icon } from '../../ui/Icon'
import { Button, Card, Empty, Heading, Notice } from '../../ui/parts'
import { Loaded } from '../failed'
import { iconOf, inWords, type Notice as News, placeOf } from '../notice'
import { said } from '../said'

export function Inbox() {
  const t = useT()
  const words = useInboxMessages()
  const news = useInfiniteQuery(inboxQuery)
  const client = useQueryClient()
  const shown = news.data?.pages.flatMap(({ data }) => data)
  const again = () => client.invalidateQueries({ queryKey: ['inbox'] })
  // Up to the newest that is on the page: what comes meanwhile was not seen.
  const readAll = useMutation({
    mutationFn: (until: string) => got(api.POST('/api/notifications/read', { body: { until } })),
    onSettled: again,
  })
  const readOne = useMutation({
    mutationFn: (id: string) => got(api.POST('/api/notifications/{id}/read', { params: { path: { id } }, body: {} })),
    onSettled: again,
  })
  const newest = shown?.[0]?.id
  const isAnyUnread = shown?.some(({ readAt }) => readAt === null)
  return (
    <div className="stack narrow">
      <div className="inbox-head">
        <Heading>{words.title}</Heading>
        {newest && isAnyUnread && (
          <Button kind="secondary" small icon="check" busy={readAll.isPending} onClick={() => readAll.mutate(newest)}>
            {words.readAll}
          </Button>
        )}
      </div>
      {readAll.error && (
        <Notice kind="error" live>
          {said(readAll.error, t)}
        </Notice>
      )}
      <Card flush>
        <Loaded query={{ ...news, data: shown }} rows={6}>
          {(all) =>
            all.length === 0 ? (
              <div className="padded">
                <Empty>
                  <strong>{words.none}</strong>
                  <br />
                  {words.noneHint}
                </Empty>
              </div>
            ) : (
              <NewsByDay all={all} onOpen={(id) => readOne.mutate(id)} />
            )
          }
        </Loaded>
        <div className="card-foot">
          {news.hasNextPage && (
            <Button kind="secondary" small busy={news.isFetchingNextPage} onClick={() => news.fetchNextPage()}>
              {t.word.more}
            </Button>
          )}
        </div>
      </Card>
    </div>
  )
}

function NewsByDay({ all, onOpen }: { all: readonly News[]; onOpen: (id: string) => void }) {
  const spoken = useSpoken()
  const days = new Map<string, News[]>()
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
            <Row news={one} onOpen={() => one.readAt === null && onOpen(one.id)} />
          </li>
        ))}
      </ul>
    </section>
  ))
}

function Row({ news, onOpen }: { news: News; onOpen: () => void }) {
  const { locale } = useSpoken()
  const words = useInboxMessages()
  const isUnread = news.readAt === null
  const place = placeOf(news)
  const time = new Intl.DateTimeFormat(locale, { timeStyle: 'short' }).format(new Date(news.happenedAt))
  const inside = (
    <>
      <span className="inbox-mark">
        <Icon name={iconOf(news)} />
      </span>
      <div className="row-main">
        <div className={isUnread ? 'inbox-text inbox-unread' : 'inbox-text'}>{inWords(news, words, locale)}</div>
        <div className="row-sub">
          <time dateTime={news.happenedAt}>{time}</time>
        </div>
      </div>
      {isUnread && (
        <span className="inbox-dot">
          <span className="unseen">{words.unread}</span>
        </span>
      )}
    </>
  )
  if (place)
    return (
      <Link {...place} className="row" onClick={onOpen}>
        {inside}
      </Link>
    )
  return isUnread ? (
    <button type="button" className="row inbox-button" onClick={onOpen}>
      {inside}
    </button>
  ) : (
    <div className="row">{inside}</div>
  )
}
