/** "Check this": whether a transaction is in the audit log, found out by this browser itself, and what that means. */
import { useMutation } from '@tanstack/react-query'
import { api, got } from '../../api/client'
import { Problem } from '../../api/problem'
import type { Transaction } from '../../api/queries'
import { timeOf } from '../../i18n'
import { useSpoken } from '../../i18n/inside'
import { useProofMessages } from '../../i18n/proof'
import { Button, Copy, Ltr, Notice } from '../../ui/parts'
import { mention, said } from '../said'
import { type Checked, check, Wrong } from './verify'

/** Hashes are counted only where nobody can listen: over TLS, or on one's own machine. */
const canCheck = () => typeof crypto !== 'undefined' && 'subtle' in crypto

async function checked(id: string): Promise<Checked> {
  const [proof, keys] = await Promise.all([
    got(api.GET('/api/transactions/{id}/proof', { params: { path: { id } } })),
    got(api.GET('/api/audit/key')),
  ])
  return check(
    proof,
    keys.data.map(({ vkey }) => vkey),
    id,
  )
}

export function CheckIt({ txn }: { txn: Transaction }) {
  const words = useProofMessages()
  const asked = useMutation({ mutationFn: () => checked(txn.id) })
  return (
    <div className="stack-small">
      <p className="muted">{words.hint}</p>
      {canCheck() ? (
        <div>
          <Button kind="secondary" small icon="shield" busy={asked.isPending} onClick={() => asked.mutate()}>
            {asked.isPending ? words.checking : words.check}
          </Button>
        </div>
      ) : (
        <p>{words.unable}</p>
      )}
      {asked.data && <Good checked={asked.data} />}
      {asked.error && <Bad error={asked.error} />}
    </div>
  )
}

function Good({ checked }: { checked: Checked }) {
  const spoken = useSpoken()
  const words = useProofMessages()
  const number = new Intl.NumberFormat(spoken.locale)
  return (
    <>
      <Notice kind="good" title={words.good} live>
        <p>{words.place(number.format(checked.index + 1), number.format(checked.size))}</p>
        <p>{words.at(timeOf(new Date(checked.at), spoken))}</p>
        <p>{checked.signature === 'good' ? words.signed : words.unsigned}</p>
      </Notice>
      <p className="muted">{words.means}</p>
      <p className="muted">{words.bounds}</p>
      <div>
        <p className="muted">{words.root}</p>
        <p className="proof-root">
          <Ltr>{checked.root}</Ltr>
        </p>
        <Copy text={`${checked.size} ${checked.root}`} what={words.root} />
      </div>
    </>
  )
}

function Bad({ error }: { error: unknown }) {
  const { t } = useSpoken()
  const words = useProofMessages()
  if (error instanceof Wrong)
    return (
      <Notice kind="error" title={words.wrong} live>
        <p>{words.wrongWhat}</p>
        <p>
          <Ltr>{error.message}</Ltr>
        </p>
      </Notice>
    )
  const isEarly = error instanceof Problem && error.code === 'NOT_YET_LOGGED'
  const id = mention(error)
  return (
    <Notice kind={isEarly ? 'info' : 'error'} live>
      <p>{isEarly ? words.early : said(error, t)}</p>
      {id && <p>{t.problem.mention(id)}</p>}
    </Notice>
  )
}
