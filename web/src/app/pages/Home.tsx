import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { useAskAgain, useIsLive } from '../../api/live'
import { type Account, accountsQuery, latestQuery } from '../../api/queries'
import { useUser } from '../../api/session'
import { useSpoken, useT } from '../../i18n/inside'
import { Icon } from '../../ui/Icon'
import { lastFour, minorUnits, moneyText, totals } from '../../ui/money'
import { Button, buttonClass, Card, Empty, Heading, Ltr, Money, Skeleton, Tag } from '../../ui/parts'
import { useIsSandbox } from '../config'
import { Loaded } from '../failed'
import { TransactionRows } from '../TransactionRows'

const OpenAccount = lazy(() => import('../OpenAccount'))
const AddMoney = lazy(() => import('../AddMoney'))

export function Home() {
  const t = useT()
  const user = useUser()
  const asks = useAskAgain()
  const isLive = useIsLive()
  const accounts = useQuery({ ...accountsQuery, ...asks })
  const latest = useQuery({ ...latestQuery, ...asks })
  const [dialog, setDialog] = useState<'open' | 'fund'>()
  const close = () => setDialog(undefined)
  const open = () => setDialog('open')
  return (
    <>
      <Heading>
        {t.home.title(user?.username.split(/[._-]/)[0]?.replace(/^./, (letter) => letter.toUpperCase()) ?? '')}
      </Heading>
      <div className="columns">
        <div>
          <Totals accounts={accounts.data} onOpen={open} onFund={() => setDialog('fund')} />
          <Card title={t.home.activity} flush action={isLive && <Tag kind="good">{t.home.live}</Tag>}>
            <Loaded query={latest} rows={8}>
              {({ data }) =>
                data.length === 0 ? (
                  <div className="padded">
                    <Empty>{t.home.noActivity}</Empty>
                  </div>
                ) : (
                  <TransactionRows txns={data} />
                )
              }
            </Loaded>
            <div className="card-foot" />
          </Card>
        </div>
        <div>
          <Card title={t.home.accounts} flush>
            <Loaded query={accounts} rows={3} height={76}>
              {(data) =>
                data.length === 0 ? (
                  <div className="padded">
                    <Empty>{t.home.noAccountHint}</Empty>
                  </div>
                ) : (
                  <ul className="rows">
                    {data.map((account) => (
                      <li key={account.id}>
                        <AccountRow account={account} />
                      </li>
                    ))}
                  </ul>
                )
              }
            </Loaded>
            <div className="card-foot">
              <Button kind="quiet" small icon="plus" onClick={open}>
                {t.home.open}
              </Button>
            </div>
          </Card>
        </div>
      </div>
      <Suspense fallback={null}>
        {dialog === 'open' && <OpenAccount onClose={close} />}
        {dialog === 'fund' && <AddMoney accounts={accounts.data ?? []} onClose={close} />}
      </Suspense>
    </>
  )
}

/** One total for each currency: they are never added up. */
function Totals({
  accounts,
  onOpen,
  onFund,
}: {
  accounts: Account[] | undefined
  onOpen: () => void
  onFund: () => void
}) {
  const t = useT()
  const isSandbox = useIsSandbox()
  if (!accounts) {
    return (
      <section className="hero">
        <Skeleton rows={1} height={152} />
      </section>
    )
  }
  const open = accounts.filter(({ status }) => status !== 'CLOSED')
  const [first, ...others] = totals(open.map(({ balance = '0', currency }) => ({ amount: balance, currency })))
  if (!first) {
    return (
      <section className="hero">
        <h2 className="card-title">{t.home.noAccount}</h2>
        <p className="hero-label">{t.home.noAccountHint}</p>
        <div className="hero-actions">
          <Button kind="gold" icon="plus" onClick={onOpen}>
            {t.home.first}
          </Button>
        </div>
      </section>
    )
  }
  return (
    <section className="hero">
      <h2 className="hero-label">{t.home.yourMoney(open.length)}</h2>
      <p>
        <Money {...first} display />
      </p>
      {others.map((other) => (
        <p key={other.currency} className="hero-more">
          <Money {...other} />
        </p>
      ))}
      <div className="hero-actions">
        <Link to="/app/transfer" className={buttonClass('gold')}>
          <Icon name="transfer" />
          <span>{t.home.transfer}</span>
        </Link>
        {isSandbox && (
          <Button kind="hero" icon="plus" onClick={onFund}>
            {t.home.addMoney}
          </Button>
        )}
      </div>
    </section>
  )
}

function AccountRow({ account }: { account: Account }) {
  const { t, locale } = useSpoken()
  const { id, name, accountNumber, balance = '0', heldBalance = '0', currency, status } = account
  const state = status === 'FROZEN' ? t.home.frozen : status === 'CLOSED' ? t.home.closed : undefined
  return (
    <Link to="/app/accounts/$id" params={{ id }} className="row">
      <div className="row-main">
        <div className="row-title">{name}</div>
        <div className="row-sub">
          <Ltr>{lastFour(accountNumber)}</Ltr>
        </div>
      </div>
      <div className="row-end">
        <Money amount={balance} currency={currency} />
        {minorUnits(heldBalance) > 0n && (
          <div className="row-sub">{t.home.onHold(moneyText({ amount: heldBalance, currency }, locale))}</div>
        )}
        {state && <div className="row-sub">{state}</div>}
      </div>
      <Icon name="chevron" />
    </Link>
  )
}
