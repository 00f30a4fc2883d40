/** Transactions day by day. */
import { Link } from '@tanstack/react-router'
import type { Transaction } from '../api/queries'
import { dayFrom, dayName } from '../i18n'
import { useSpoken } from '../i18n/inside'
import { Avatar, Ltr, Money, Tag } from '../ui/parts'
import { byDay, movementOf } from './movement'

const asDate = (day: string) => (day.length === 10 ? dayFrom(day) : new Date(day))

export function TransactionRows({
  txns,
  isOfAccount = false,
}: {
  txns: readonly Transaction[]
  isOfAccount?: boolean
}) {
  const spoken = useSpoken()
  const { t } = spoken
  return byDay(txns, (day) => dayName(asDate(day), spoken)).map(([day, ofDay]) => (
    <section key={day}>
      <h3 className="day">{day}</h3>
      <ul>
        {ofDay.map((txn) => {
          const { signed, flows, who, number, letters, balanceAfter } = movementOf(txn, t)
          return (
            <li key={txn.id}>
              <Link to="/app/transactions/$id" params={{ id: txn.id }} className="row row-wide">
                <Avatar name={letters} />
                <div className="row-main">
                  <div className="row-title">{who}</div>
                  <div className="row-sub">
                    {txn.description || t.kind[txn.type]}
                    {number && (
                      <>
                        {' · '}
                        <Ltr>{number}</Ltr>
                      </>
                    )}
                  </div>
                </div>
                <div className="row-end">
                  <Money amount={signed} currency={txn.currency} flow={flows} />
                  <Status status={txn.status} />
                </div>
                {isOfAccount && (
                  <div className="row-end row-after">
                    {balanceAfter && (
                      <>
                        <span className="unseen">{t.account.balanceAfter} </span>
                        <Money amount={balanceAfter} currency={txn.currency} />
                      </>
                    )}
                  </div>
                )}
              </Link>
            </li>
          )
        })}
      </ul>
    </section>
  ))
}

/** Only what is not simply done has to be said. */
function Status({ status }: { status: Transaction['status'] }) {
  const { t } = useSpoken()
  if (status === 'SETTLED') return null
  return (
    <div>
      <Tag kind={status === 'PENDING' ? 'pending' : 'plain'} icon={status === 'PENDING' ? 'clock' : 'undo'}>
        {t.status[status]}
      </Tag>
    </div>
  )
}
