/** A transfer before and while it is sent: plain values and plain steps. It is kept with its key in this tab's storage, so
 * that neither a reload nor the end of a session loses it, and nothing is paid twice. */
import { Problem } from '../../api/problem'
import { moneyParts } from '../../ui/money'

export interface Draft {
  /** Whose it is: nobody else's login goes on with it. */
  owner: string
  step: 'edit' | 'check' | 'sending'
  from: string
  kind: 'own' | 'other'
  to: string
  number: string
  /** Whom somebody means to pay, as they wrote it; may be empty. */
  name: string
  typed: string
  /** What was typed, read when it was checked. */
  amount: string
  currency: string
  note: string
  key: string
  /** What the bank said when it was checked; empty where it said nothing. */
  recipient: string
  match: '' | 'FULL' | 'CLOSE' | 'NONE'
  fee: string
  left: string
  proof: string
  isNewPayee: '' | 'yes' | 'no'
}

/** What the bank says of a transfer before it is sent. */
export type Told = Pick<Draft, 'recipient' | 'match' | 'fee' | 'left' | 'proof' | 'isNewPayee'>
const untold: Told = { recipient: '', match: '', fee: '', left: '', proof: '', isNewPayee: '' }

const PLACE = 'florin.transfer'

export const newKey = () => `web-${crypto.randomUUID()}`

export const emptyDraft = (owner: string): Draft => ({
  owner,
  step: 'edit',
  from: '',
  kind: 'own',
  to: '',
  number: '',
  name: '',
  typed: '',
  amount: '',
  currency: '',
  note: '',
  key: '',
  ...untold,
})

export function kept(owner: string): Draft {
  const empty = emptyDraft(owner)
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(PLACE) ?? 'null')
    return isDraft(found) && found.owner === owner ? found : empty
  } catch {
    return empty
  }
}

function isDraft(value: unknown): value is Draft {
  if (typeof value !== 'object' || value === null) return false
  const fields = value as Record<string, unknown>
  const isText = Object.keys(emptyDraft('')).every((name) => typeof fields[name] === 'string')
  return isText && (fields.step === 'edit' || (['check', 'sending'].includes(String(fields.step)) && fields.key !== ''))
}

export const keep = (draft: Draft) => sessionStorage.setItem(PLACE, JSON.stringify(draft))
export const forget = () => sessionStorage.removeItem(PLACE)

/** Checked: from now on it has a key, and keeps it until its fate is known. */
export const checked = (draft: Draft, key: string, told: Told = untold): Draft => ({
  ...draft,
  ...told,
  step: 'check',
  key,
})

/** Changed again: what is sent next is another request. */
export const edited = (draft: Draft, changed: Partial<Draft> = {}): Draft => ({
  ...draft,
  ...untold,
  ...changed,
  step: 'edit',
  key: '',
})

export type Fate =
  /** Nobody knows; the same request under the same key will tell. */
  | { kind: 'unsure'; seconds: number | undefined }
  /** Nothing was decided, and the person did not prove who they are: it can be sent as it is. */
  | { kind: 'unproved' }
  /** It was sent before as something else. */
  | { kind: 'reused' }
  /** Decided: it was not made. */
  | { kind: 'refused'; problem: Problem }

export function fateOf(error: unknown): Fate {
  if (!(error instanceof Problem)) return { kind: 'unsure', seconds: undefined }
  if (error.code === 'IDEMPOTENCY_KEY_REUSED') return { kind: 'reused' }
  if (error.isUnsure) return { kind: 'unsure', seconds: error.retryAfter }
  if (error.status === 401) return { kind: 'unproved' }
  return { kind: 'refused', problem: error }
}

const WAITS_SECONDS = [2, 4, 8, 15, 30, 30, 60, 60, 60, 60] as const

/** How long until it is asked again, after so many tries; nothing when it is left to the person. */
export function waitAfter(tries: number, asked: number | undefined): number | undefined {
  const wait = WAITS_SECONDS[tries - 1]
  return wait === undefined ? undefined : Math.max(wait, Math.min(asked ?? 0, 300))
}

export const symbolOf = (currency: string, locale: string) =>
  moneyParts({ amount: '0', currency }, locale)
    .map(({ text }) => text)
    .join('')
    .replace('0', '')
    .trim()
