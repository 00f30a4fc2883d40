/** How the balance of an account went: a picture that is read with a pointer or with arrow keys, and the same as a table. */
import { useQuery } from '@tanstack/react-query'
import { useId, useRef, useState } from 'react'
import { balancesQuery } from '../api/queries'
import { dayFrom } from '../i18n'
import { useSpoken } from '../i18n/inside'
import { moneyText } from '../ui/money'
import { Card, Money } from '../ui/parts'
import { boundsOf, pointsOf, stepsOf } from '../ui/steps'
import { useWidth } from '../ui/useWidth'
import { Loaded } from './failed'

const HEIGHT = 160

interface Day {
  date: string
  balance: string
  in: string
  out: string
}

export default function BalanceChart({ accountId }: { accountId: string }) {
  const { t } = useSpoken()
  const query = useQuery(balancesQuery(accountId))
  return (
    <Card title={t.account.chart}>
      <Loaded query={query} rows={1} height={HEIGHT + 88}>
        {({ data, currency }) => <Chart days={data} currency={currency} />}
      </Loaded>
    </Card>
  )
}

function Chart({ days, currency }: { days: readonly Day[]; currency: string }) {
  const { t, locale } = useSpoken()
  const [chosen, setChosen] = useState(days.length - 1)
  const slider = useId()
  const box = useRef<HTMLDivElement>(null)
  const width = useWidth(box)
  const place = Math.min(chosen, days.length - 1)
  const day = days[place]
  const values = days.map(({ balance }) => Number(balance))
  const points = pointsOf(values, { width, height: HEIGHT })
  const line = stepsOf(points, width)
  const zero = pointsOf([0, boundsOf(values).low, boundsOf(values).high], { width, height: HEIGHT })[0]?.y ?? HEIGHT
  const name = (date: string) =>
    new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric' }).format(dayFrom(date))
  if (!day) return null
  const point = points[place]
  const look = (event: React.PointerEvent<HTMLDivElement>) => {
    const { left } = event.currentTarget.getBoundingClientRect()
    const at = Math.floor(((event.clientX - left) / width) * days.length)
    setChosen(Math.max(0, Math.min(days.length - 1, at)))
  }
  return (
    <div className="stack-small">
      <p>
        <span className="muted">{name(day.date)}</span>
        <br />
        <strong>
          <Money amount={day.balance} currency={currency} />
        </strong>
      </p>
      <div ref={box} className="chart" dir="ltr" onPointerMove={look} onPointerDown={look}>
        <svg width={width} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`} aria-hidden="true" focusable="false">
          {line && <path className="chart-area" d={`${line}V${zero}H0Z`} />}
          <path className="chart-zero" d={`M0 ${zero}H${width}`} />
          {line && <path className="chart-line" d={line} />}
          {point && (
            <circle
              className="chart-point"
              cx={Math.min(point.x + width / days.length / 2, width - 7)}
              cy={point.y}
              r={5}
            />
          )}
        </svg>
      </div>
      <label className="unseen" htmlFor={slider}>
        {t.account.chartDay}
      </label>
      <input
        id={slider}
        className="chart-slider"
        type="range"
        dir="ltr"
        min={0}
        max={days.length - 1}
        value={place}
        aria-valuetext={`${name(day.date)}: ${moneyText({ amount: day.balance, currency }, locale)}`}
        onChange={(event) => setChosen(Number(event.target.value))}
      />
      <details>
        <summary>{t.account.chartTable}</summary>
        <Table days={days} currency={currency} name={name} />
      </details>
    </div>
  )
}

/** Only days on which something moved, and the first and the last one. */
function Table({ days, currency, name }: { days: readonly Day[]; currency: string; name: (date: string) => string }) {
  const { t } = useSpoken()
  const moved = days.filter(
    (day, place) => place === 0 || place === days.length - 1 || /[1-9]/.test(day.in) || /[1-9]/.test(day.out),
  )
  return (
    <table className="figures">
      <thead>
        <tr>
          <th scope="col">{t.account.chartDay}</th>
          <th scope="col">{t.money.in}</th>
          <th scope="col">{t.money.out}</th>
          <th scope="col">{t.account.balance}</th>
        </tr>
      </thead>
      <tbody>
        {moved.toReversed().map((day) => (
          <tr key={day.date}>
            <th scope="row">{name(day.date)}</th>
            {[day.in, day.out, day.balance].map((amount, column) => (
              <td key={column}>
                <Money amount={amount} currency={currency} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
