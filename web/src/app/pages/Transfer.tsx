import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { type Account, accountsQuery, type Transaction } from '../../api/queries'
import { useUser } from '../../api/session'
import { useSpoken, useT } from '../../i18n/inside'
import type { Errors } from '../../ui/form'
import { Icon } from '../../ui/Icon'
import { bare, grouped, moneyText } from '../../ui/money'
import { Button, buttonClass, Heading, Ltr, Money } from '../../ui/parts'
import { Loaded } from '../failed'
import { Check } from '../transfer/Check'
import { type Name, refusedIn } from '../transfer/check'
import { type Draft, edited, emptyDraft, forget, keep, kept } from '../transfer/draft'
import { Edit } from '../transfer/Edit'
import { useSending } from '../transfer/useSending'

export function Transfer() {
  const t = useT()
  const accounts = useQuery(accountsQuery)
  const open = accounts.data?.filter(({ status }) => status === 'ACTIVE')
  return (
    <div className="flow">
      <Loaded query={{ ...accounts, data: open }} rows={5} height={92}>
        {(accounts) =>
          accounts.length === 0 ? (
            <>
              <Heading>{t.transfer.title}</Heading>
              <p>{t.transfer.needTwo}</p>
              <div>
                <Link to="/app" className={buttonClass('primary')}>
                  {t.transfer.home}
                </Link>
              </div>
            </>
          ) : (
            <Steps accounts={accounts} />
          )
        }
      </Loaded>
    </div>
  )
}

function Steps({ accounts }: { accounts: Account[] }) {
  const spoken = useSpoken()
  const { t } = spoken
  const owner = useUser()?.id ?? ''
  // What was sent stands in the address, so that going to this page again begins anew.
  const { done } = useSearch({ from: '/shell/app/transfer' })
  const navigate = useNavigate({ from: '/app/transfer' })
  const [draft, setDraft] = useState<Draft>(() => kept(owner))
  const [isResumed, setResumed] = useState(draft.step === 'sending')
  const [errors, setErrors] = useState<Errors<Name>>({})
  const [general, setGeneral] = useState('')
  const [made, setMade] = useState<{ txn: Transaction; to: string }>()
  const source = accounts.find(({ id }) => id === draft.from) ?? accounts[0]
  const to =
    draft.kind === 'own'
      ? (accounts.find(({ id }) => id === draft.to)?.name ?? '')
      : draft.recipient || grouped(bare(draft.number)).replaceAll('\u00a0', ' ')

  const change = (next: Draft) => {
    keep(next)
    setDraft(next)
  }
  const { sending, askNow } = useSending(draft, {
    onMade: (txn) => {
      setResumed(false)
      forget()
      setMade({ txn, to })
      void navigate({ search: { done: txn.id }, replace: true })
      setDraft(emptyDraft(owner))
    },
    onFate: (fate) => {
      setResumed(false)
      if (fate.kind === 'unproved') return change({ ...draft, step: 'check' })
      setGeneral(fate.kind === 'reused' ? t.transfer.reused : t.transfer.refused)
      setErrors(fate.kind === 'refused' ? refusedIn(fate.problem, draft, source, spoken) : {})
      change(edited(draft))
    },
  })

  if (made && made.txn.id === done) return <Made txn={made.txn} to={made.to} onAgain={() => navigate({ search: {} })} />
  if (draft.step === 'edit' || !source) {
    return (
      <Edit
        draft={draft}
        accounts={accounts}
        source={source}
        errors={errors}
        general={general}
        onChange={change}
        onErrors={(errors, general = '') => {
          setGeneral(general)
          setErrors(errors)
        }}
      />
    )
  }
  return (
    <Check
      draft={draft}
      source={source}
      to={to}
      sending={sending}
      isResumed={isResumed}
      onChange={change}
      onAskNow={askNow}
    />
  )
}

function Made({ txn, to, onAgain }: { txn: Transaction; to: string; onAgain: () => void }) {
  const { t, locale } = useSpoken()
  const isPending = txn.status === 'PENDING'
  const after = txn.balances.source
  return (
    <>
      <div className="outcome">
        <span className={isPending ? 'outcome-mark outcome-wait' : 'outcome-mark'}>
          <Icon name={isPending ? 'clock' : 'check'} size={32} />
        </span>
        <Heading>{isPending ? t.transfer.pendingTitle : t.transfer.sentTitle}</Heading>
        <p>{t.transfer.sentTo(moneyText(txn, locale), `\u2068${to}\u2069`)}</p>
      </div>
      <div className="facts">
        <dl>
          {after && (
            <div>
              <dt>{t.txn.after}</dt>
              <dd>
                <Money amount={after.balance} currency={txn.currency} />
              </dd>
            </div>
          )}
          <div>
            <dt>{t.transfer.reference}</dt>
            <dd>
              <Ltr>{txn.id}</Ltr>
            </dd>
          </div>
        </dl>
      </div>
      <div className="stack-small">
        <Link to="/app" className={buttonClass('primary')}>
          {t.transfer.home}
        </Link>
        <Link to="/app/transactions/$id" params={{ id: txn.id }} className={buttonClass('secondary')}>
          {t.transfer.details}
        </Link>
        <Button kind="quiet" onClick={onAgain}>
          {t.transfer.again}
        </Button>
      </div>
    </>
  )
}
