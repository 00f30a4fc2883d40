/** What this bank says of itself before anybody is known. */
import { queryOptions, useQuery } from '@tanstack/react-query'

export interface Config {
  mode: 'sandbox' | 'production'
  mfa: 'optional' | 'required'
}

const query = queryOptions({
  queryKey: ['config'],
  queryFn: async (): Promise<Config> => {
    const reply = await fetch('/app-config.json', { credentials: 'omit' })
    if (!reply.ok) throw new Error(`the configuration: ${reply.status}`)
    return reply.json()
  },
  staleTime: Number.POSITIVE_INFINITY,
})

export const useConfig = () => useQuery(query).data
export const useIsSandbox = () => useConfig()?.mode === 'sandbox'
