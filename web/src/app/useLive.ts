/** Shows what happens while somebody is logged in. */
import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { follow } from '../api/live'
import { moneyMoved } from '../api/queries'

/** Events that come together are looked at together. */
const TOGETHER_MS = 300
/** The inbox is filled right after the event was told. */
const INBOX_MS = 1_500

export function useLive(userId: string | undefined) {
  const client = useQueryClient()
  useEffect(() => {
    if (!userId) return
    const timers = new Map<string, ReturnType<typeof setTimeout>>()
    const soon = (what: string, ms: number, look: () => unknown) => {
      if (timers.has(what)) return
      const timer = setTimeout(() => {
        timers.delete(what)
        void look()
      }, ms)
      timers.set(what, timer)
    }
    const inbox = () => client.invalidateQueries({ queryKey: ['inbox'] })
    const stop = follow(
      ({ type }) => {
        if (type.startsWith('payments.') || type.startsWith('accounts.')) soon('money', TOGETHER_MS, moneyMoved)
        soon('inbox', INBOX_MS, inbox)
      },
      () => {
        soon('money', TOGETHER_MS, moneyMoved)
        soon('inbox', TOGETHER_MS, inbox)
      },
    )
    return () => {
      stop()
      for (const timer of timers.values()) clearTimeout(timer)
    }
  }, [userId, client])
}
