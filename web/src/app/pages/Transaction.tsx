import { useQuery } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { type Transaction, transactionQuery } from '../../api/queries'
import { dayFrom, dayName, timeOf } from '../../i18n'
import { useSpoken, useT } from '../../i18n/inside'
import { useProofMessages } from '../../i18n/proof'
import { Icon, type IconName } from '../../ui/Icon'
import { Button, Card, Copy, Heading, Ltr, Money, Tag } from '../../ui/parts'
import { Loaded } from '../failed'
import { movementOf } from '../movement'
import { CheckIt } from '../proof/CheckIt'
import { transaction as route } from '../router'

export function TransactionPage() {
  const t = useT()
  const words = useProofMessages()
  const { id } = route.useParams()
  const router = useRouter()
  const query = useQuery(transactionQuery(id))
  return (
    <div className="flow">
      <div>
        <Button kind="quiet" small icon="back" onClick={() => router.history.back()}>
          {t.word.back}
        </Button>
      </div>
      <Heading>{t.txn.title}</Heading>
      <Loaded query={query} rows={6}>
        {(txn) => (
          <>
            <Facts txn={txn} />
            <Card title={t.txn.steps}>
              <Timeline txn={txn} />
            </Card>
            {isProvable(txn) && (
              <Card title={words.title}>
                <CheckIt txn={txn} />
              </Card>
            )}
          </>
        )}
      </Loaded>
    </div>
  )
}

/** What settled here is in the log; what is on hold, or came with an imported history, is not. */
const isProvable = ({ status, counterparty }: Transaction) =>
  (status === 'SETTLED' || status === 'REVERSED') && counterparty?.kind !== 'EXTERNAL'

const tagOf: Record<string, [kind: 'good' | 'pending' | 'plain', icon: IconName]> = {
  SETTLED: ['good', 'check'],
  PENDING: ['pending', 'clock'],
}

function Facts({ txn }: { txn: Transaction }) {
  const spoken = useSpoken()
  const { t } = spoken
  const { signed, flows, who, number, balanceAfter } = movementOf(txn, t)
  const [kind, icon] = tagOf[txn.status] ?? ['plain', 'undo']
  return (
    <div className="facts">
      <div className="facts-amount">
        <p>
          <Money amount={signed} currency={txn.currency} flow={flows} display />
        </p>
        <Tag kind={kind} icon={icon}>
          {t.status[txn.status]}
        </Tag>
      </div>
      <dl>
        <div>
          <dt>{t.txn.who}</dt>
          <dd>
            <bdi>{who}</bdi>
            {number && (
              <p className="muted">
                <Ltr>{number}</Ltr>
              </p>
            )}
          </dd>
        </div>
        <div>
          <dt>{t.txn.what}</dt>
          <dd>{t.kind[txn.type]}</dd>
        </div>
        {txn.description && (
          <div>
            <dt>{t.txn.description}</dt>
            <dd>{txn.description}</dd>
          </div>
        )}
        {balanceAfter && (
          <div>
            <dt>{t.txn.after}</dt>
            <dd>
              <Money amount={balanceAfter} currency={txn.currency} />
            </dd>
          </div>
        )}
        {txn.refundedAmount && (
          <div>
            <dt>{t.txn.refunded}</dt>
            <dd>
              <Money amount={txn.refundedAmount} currency={txn.currency} />
            </dd>
          </div>
        )}
        <div>
          <dt>{t.txn.valueDate}</dt>
          <dd>{dayName(dayFrom(txn.valueDate), spoken)}</dd>
        </div>
        <div>
          <dt>{t.txn.reference}</dt>
          <dd>
            <Ltr>{txn.id}</Ltr>
          </dd>
          <dd className="facts-change">
            <Copy text={txn.id} what={t.txn.reference} />
          </dd>
        </div>
      </dl>
    </div>
  )
}

/** What happened and when, as far as the bank tells. */
function Timeline({ txn }: { txn: Transaction }) {
  const spoken = useSpoken()
  const { t } = spoken
  const at = (time: string | null | undefined) => (time ? timeOf(new Date(time), spoken) : undefined)
  const steps: { name: string; when: string | undefined; waits?: boolean }[] = [
    { name: t.txn.ordered, when: at(txn.createdAt) },
  ]
  if (txn.status === 'PENDING') {
    steps.push({
      name: t.txn.held,
      when: txn.expiresAt ? t.txn.until(at(txn.expiresAt) ?? '') : undefined,
      waits: true,
    })
  }
  if (txn.settledAt) steps.push({ name: txn.sourceAccountId ? t.txn.sent : t.txn.received, when: at(txn.settledAt) })
  if (txn.status === 'REVERSED') steps.push({ name: t.txn.reversed, when: undefined })
  if (txn.status === 'CANCELLED') steps.push({ name: t.txn.cancelled, when: undefined })
  return (
    <ol className="timeline">
      {steps.map(({ name, when, waits }) => (
        <li key={name}>
          <span className={waits ? 'timeline-mark timeline-wait' : 'timeline-mark'}>
            <Icon name={waits ? 'clock' : 'check'} size={16} />
          </span>
          <div>
            <p className="line-title">{name}</p>
            {when && <p className="muted">{when}</p>}
          </div>
        </li>
      ))}
    </ol>
  )
}
