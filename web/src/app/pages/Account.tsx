import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { lazy, Suspense, useId, useState } from 'react'
import { useAskAgain } from '../../api/live'
import { type Account, accountQuery, type Filters, historyQuery } from '../../api/queries'
import { useSpoken, useT } from '../../i18n/inside'
import { SelectField, TextField } from '../../ui/form'
import { grouped, minorUnits, moneyText } from '../../ui/money'
import { Button, Card, Copy, Empty, Heading, Ltr, Money, Notice, Skeleton, Tag } from '../../ui/parts'
import { Loaded } from '../failed'
import { account as route } from '../router'
import { TransactionRows } from '../TransactionRows'

const BalanceChart = lazy(() => import('../BalanceChart'))

export function AccountPage() {
  const { id } = route.useParams()
  const query = useQuery({ ...accountQuery(id), ...useAskAgain() })
  return (
    <Loaded query={query} rows={2} height={92}>
      {(account) => (
        <>
          <Head account={account} />
          <Suspense fallback={<Skeleton rows={1} height={330} />}>
            <BalanceChart accountId={account.id} />
          </Suspense>
          <History account={account} />
        </>
      )}
    </Loaded>
  )
}

function Head({ account }: { account: Account }) {
  const { t, locale } = useSpoken()
  const { name, accountNumber, balance = '0', availableBalance = '0', heldBalance = '0', currency, status } = account
  const held = minorUnits(heldBalance) > 0n
  return (
    <>
      <div className="account-head">
        <div>
          <Heading>{name}</Heading>
          <div className="account-number">
            <span className="unseen">{t.account.number} </span>
            <Ltr>{grouped(accountNumber)}</Ltr>
            <Copy text={accountNumber} what={t.account.number} />
            {status !== 'ACTIVE' && <Tag kind="plain">{status === 'FROZEN' ? t.home.frozen : t.home.closed}</Tag>}
          </div>
        </div>
        <div className="account-balance">
          <p>
            <span className="unseen">{t.account.balance} </span>
            <Money amount={balance} currency={currency} display />
          </p>
          <p className="muted">
            {t.account.available} <Money amount={availableBalance} currency={currency} />
          </p>
        </div>
      </div>
      {held && <Notice kind="info">{t.account.held(moneyText({ amount: heldBalance, currency }, locale))}</Notice>}
    </>
  )
}

function History({ account }: { account: Account }) {
  const t = useT()
  const filters = route.useSearch()
  const navigate = useNavigate({ from: route.fullPath })
  const history = useInfiniteQuery(historyQuery(account.id, filters))
  const isFiltered = Object.values(filters).some((value) => value !== undefined)
  const [chosen, setOpen] = useState<boolean>()
  const isOpen = chosen ?? isFiltered
  const panel = useId()
  const set = (changed: Partial<Filters>) =>
    navigate({ search: (before) => ({ ...before, ...changed }), replace: true })
  const clear = () => navigate({ search: {}, replace: true })
  return (
    <Card
      title={t.account.transactions}
      flush
      action={
        <Button
          kind="quiet"
          small
          icon="filter"
          aria-expanded={isOpen}
          aria-controls={panel}
          onClick={() => setOpen(!isOpen)}
        >
          {t.account.filters}
        </Button>
      }
    >
      <div id={panel} hidden={!isOpen}>
        <FilterFields filters={filters} set={set} />
      </div>
      <Loaded query={history} rows={8}>
        {({ pages }) => {
          const txns = pages.flatMap(({ data }) => data)
          return (
            <>
              <p className="unseen" role="status">
                {t.account.shown(txns.length)}
              </p>
              {txns.length === 0 && (
                <div className="padded">
                  <Empty
                    action={
                      isFiltered && (
                        <Button kind="secondary" small onClick={clear}>
                          {t.account.clear}
                        </Button>
                      )
                    }
                  >
                    {isFiltered ? t.account.noneMatch : t.account.none}
                  </Empty>
                </div>
              )}
              <TransactionRows txns={txns} isOfAccount />
              <div className="card-foot">
                {history.hasNextPage && (
                  <Button
                    kind="secondary"
                    small
                    busy={history.isFetchingNextPage}
                    onClick={() => history.fetchNextPage()}
                  >
                    {t.word.more}
                  </Button>
                )}
              </div>
            </>
          )
        }}
      </Loaded>
    </Card>
  )
}

const statuses = ['PENDING', 'SETTLED', 'REVERSED', 'CANCELLED'] as const
const kinds = ['TRANSFER', 'DEPOSIT', 'WITHDRAWAL', 'PAYMENT', 'FEE', 'INTEREST', 'REFUND', 'REVERSAL'] as const

/** What is chosen stands in the address, so that it can be kept and gone back to. */
function FilterFields({ filters, set }: { filters: Filters; set: (changed: Partial<Filters>) => void }) {
  const t = useT()
  const taken = (value: string) => value || undefined
  return (
    <div className="filters">
      <SelectField
        id="type"
        label={t.txn.what}
        value={filters.type ?? ''}
        onChange={(event) => set({ type: taken(event.target.value) as Filters['type'] })}
      >
        <option value="">{t.account.all}</option>
        {kinds.map((kind) => (
          <option key={kind} value={kind}>
            {t.kind[kind]}
          </option>
        ))}
      </SelectField>
      <SelectField
        id="status"
        label={t.account.status}
        value={filters.status ?? ''}
        onChange={(event) => set({ status: taken(event.target.value) as Filters['status'] })}
      >
        <option value="">{t.account.all}</option>
        {statuses.map((status) => (
          <option key={status} value={status}>
            {t.status[status]}
          </option>
        ))}
      </SelectField>
      <TextField
        id="from"
        type="date"
        label={t.account.from}
        value={filters.from ?? ''}
        onChange={(event) => set({ from: taken(event.target.value) })}
      />
      <TextField
        id="to"
        type="date"
        label={t.account.to}
        value={filters.to ?? ''}
        onChange={(event) => set({ to: taken(event.target.value) })}
      />
      <TextField
        id="minAmount"
        inputMode="decimal"
        label={t.account.min}
        defaultValue={filters.minAmount ?? ''}
        onChange={(event) => set({ minAmount: amountOf(event.target.value) })}
      />
      <TextField
        id="maxAmount"
        inputMode="decimal"
        label={t.account.max}
        defaultValue={filters.maxAmount ?? ''}
        onChange={(event) => set({ maxAmount: amountOf(event.target.value) })}
      />
    </div>
  )
}

const amountOf = (typed: string) => {
  const text = typed.trim().replace(',', '.')
  return /^\d{1,15}(\.\d{1,4})?$/.test(text) ? text : undefined
}
