/** Sends a transfer, and asks again under its key until somebody knows what became of it. */
import { useCallback, useEffect, useRef, useState } from 'react'
import { api, got } from '../../api/client'
import { moneyMoved, type Transaction } from '../../api/queries'
import { destinationOf } from './check'
import { type Draft, type Fate, fateOf, waitAfter } from './draft'

export type Sending =
  | { kind: 'asking'; tries: number }
  | { kind: 'waiting'; tries: number; seconds: number }
  | { kind: 'stopped'; tries: number }

interface Ends {
  onMade: (txn: Transaction) => void
  onFate: (fate: Exclude<Fate, { kind: 'unsure' }>) => void
}

const order = (draft: Draft) =>
  got(
    api.POST('/api/transactions/transfer', {
      params: { header: { 'Idempotency-Key': draft.key } },
      body: {
        sourceAccountId: draft.from,
        destinationAccountId: destinationOf(draft),
        amount: draft.amount,
        currency: draft.currency,
        ...(draft.note.trim() && { description: draft.note.trim() }),
      },
    }),
  )

export function useSending(draft: Draft, { onMade, onFate }: Ends) {
  const isSending = draft.step === 'sending'
  const [sending, setSending] = useState<Sending>({ kind: 'asking', tries: 0 })
  const isAsking = useRef(false)
  const ends = useRef({ onMade, onFate })
  ends.current = { onMade, onFate }

  const ask = useCallback(
    async (tries: number) => {
      if (isAsking.current) return
      isAsking.current = true
      setSending({ kind: 'asking', tries })
      try {
        const txn = await order(draft)
        void moneyMoved()
        ends.current.onMade(txn)
      } catch (error) {
        const fate = fateOf(error)
        const seconds = fate.kind === 'unsure' ? waitAfter(tries + 1, fate.seconds) : undefined
        if (fate.kind !== 'unsure') ends.current.onFate(fate)
        else if (seconds === undefined) setSending({ kind: 'stopped', tries: tries + 1 })
        else setSending({ kind: 'waiting', tries: tries + 1, seconds })
      } finally {
        isAsking.current = false
      }
    },
    [draft],
  )

  // As soon as it is to be sent: also when the page was loaded again in the middle.
  useEffect(() => {
    if (isSending) void ask(0)
  }, [isSending, ask])

  useEffect(() => {
    if (!isSending || sending.kind !== 'waiting') return
    const timer = setTimeout(() => {
      if (sending.seconds <= 1) void ask(sending.tries)
      else setSending({ ...sending, seconds: sending.seconds - 1 })
    }, 1000)
    return () => clearTimeout(timer)
  }, [isSending, sending, ask])

  useEffect(() => {
    if (!isSending) return
    const leaving = (event: BeforeUnloadEvent) => event.preventDefault()
    addEventListener('beforeunload', leaving)
    return () => removeEventListener('beforeunload', leaving)
  }, [isSending])

  return { sending, askNow: () => ask(sending.tries) }
}
