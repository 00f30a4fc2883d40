/** The second step: what will be sent, and while it is not known what became of it. */
import type { Account } from '../../api/queries'
import { useSpoken } from '../../i18n/inside'
import { Actions } from '../../ui/form'
import { bare, grouped, minorUnits, moneyText } from '../../ui/money'
import { Button, Heading, Ltr, Money, Notice, Tag } from '../../ui/parts'
import { useIsOnline } from '../Shell'
import { type Draft, edited } from './draft'
import { Progress } from './Progress'
import type { Sending } from './useSending'

interface Props {
  draft: Draft
  source: Account
  to: string
  sending: Sending
  isResumed: boolean
  onChange: (draft: Draft) => void
  onAskNow: () => void
}

export function Check({ draft, source, to, sending, isResumed, onChange, onAskNow }: Props) {
  const { t, locale } = useSpoken()
  const isOnline = useIsOnline()
  const isSending = draft.step === 'sending'
  const isUnsure = isSending && (isResumed || sending.kind !== 'asking' || sending.tries > 0)
  const money = { amount: draft.amount, currency: draft.currency }
  const change = () => onChange(edited(draft))
  return (
    <>
      <Progress step={2} />
      <Heading>{isUnsure ? t.transfer.unsureTitle : t.transfer.check}</Heading>
      {isUnsure && <Unsure sending={sending} isResumed={isResumed} onAskNow={onAskNow} />}
      <div className="facts">
        <div className="facts-amount">
          <p className="muted">{t.transfer.amount}</p>
          <p>
            <Money {...money} display />
          </p>
        </div>
        <dl>
          <div>
            <dt>{t.transfer.to}</dt>
            <dd>
              <bdi>{to}</bdi>
              {draft.kind === 'other' && draft.recipient && (
                <p className="muted">
                  <Ltr>{grouped(bare(draft.number))}</Ltr>
                </p>
              )}
              {draft.match === 'FULL' && (
                <Tag kind="good" icon="check">
                  {t.transfer.match.FULL}
                </Tag>
              )}
            </dd>
            {!isSending && <ChangeIt what={t.transfer.to} onClick={change} />}
          </div>
          <div>
            <dt>{t.transfer.from}</dt>
            <dd>
              {source.name}
              <p className="muted">
                <Ltr>{grouped(source.accountNumber)}</Ltr>
              </p>
              {!isSending && draft.left && (
                <p className="muted">
                  {t.transfer.remain(moneyText({ amount: draft.left, currency: draft.currency }, locale))}
                </p>
              )}
            </dd>
            {!isSending && <ChangeIt what={t.transfer.from} onClick={change} />}
          </div>
          <div>
            <dt>{t.transfer.arrives}</dt>
            <dd>{t.transfer.atOnce}</dd>
          </div>
          <div>
            <dt>{t.transfer.fee}</dt>
            <dd>
              {minorUnits(draft.fee || '0') === 0n ? (
                t.transfer.free
              ) : (
                <Money amount={draft.fee} currency={draft.currency} />
              )}
            </dd>
          </div>
          {draft.note.trim() && (
            <div>
              <dt>{t.transfer.note}</dt>
              <dd>
                <bdi>{draft.note}</bdi>
              </dd>
            </div>
          )}
        </dl>
      </div>
      {!isSending && <Cautions draft={draft} />}
      {!isUnsure && (
        <Actions back={change} busy={isSending}>
          <Button busy={isSending || !isOnline} onClick={() => onChange({ ...draft, step: 'sending' })}>
            {isSending ? t.transfer.sending : t.transfer.send(moneyText(money, locale))}
          </Button>
        </Actions>
      )}
    </>
  )
}

/** One sentence, and only where there is something to think about. */
function Cautions({ draft }: { draft: Draft }) {
  const { t } = useSpoken()
  const { kind, match, isNewPayee, proof } = draft
  const isOther = kind === 'other'
  const isDoubtful = match === 'NONE' || match === 'CLOSE'
  return (
    <>
      {isOther && (isDoubtful || isNewPayee !== 'no') && (
        <Notice
          kind="caution"
          title={isDoubtful ? t.transfer.match[match] : isNewPayee ? t.transfer.cautionFirst : t.transfer.cautionTitle}
        >
          <p>{isDoubtful ? t.transfer.cautionMatch : t.transfer.caution}</p>
        </Notice>
      )}
      {proof && <Notice kind="info">{t.transfer.proof}</Notice>}
    </>
  )
}

function ChangeIt({ what, onClick }: { what: string; onClick: () => void }) {
  const { t } = useSpoken()
  return (
    <dd className="facts-change">
      <Button kind="quiet" small onClick={onClick}>
        {t.word.change}
        <span className="unseen"> {what}</span>
      </Button>
    </dd>
  )
}

function Unsure({ sending, isResumed, onAskNow }: { sending: Sending; isResumed: boolean; onAskNow: () => void }) {
  const { t } = useSpoken()
  return (
    <Notice kind="caution">
      <div className="stack-small">
        <p role="status">{isResumed ? t.transfer.resumed : t.transfer.unsure}</p>
        {isResumed && <p>{t.transfer.unsure}</p>}
        {sending.kind === 'asking' && <p>{t.transfer.unsureAsking}</p>}
        {sending.kind === 'waiting' && <p>{t.transfer.unsureTries(sending.seconds)}</p>}
        {sending.kind === 'stopped' && <p role="status">{t.transfer.stopped}</p>}
        <div>
          <Button kind="secondary" small busy={sending.kind === 'asking'} onClick={onAskNow}>
            {t.transfer.askNow}
          </Button>
        </div>
      </div>
    </Notice>
  )
}
