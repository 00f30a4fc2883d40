/** What pages ask the bank, and how long the answers are good. */
import { infiniteQueryOptions, QueryClient, queryOptions } from '@tanstack/react-query'
import { api, got, type Schemas } from './client'
import { Problem } from './problem'

export type Account = Schemas['Account']
export type Transaction = Schemas['Transaction']

const FRESH_MS = 5_000
/** While the bank does not tell by itself, pages that show money ask again. */
export const ASK_AGAIN_MS = 5_000

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: FRESH_MS,
      retry: (failures, error) => failures < 2 && error instanceof Problem && error.isUnsure && error.status !== 429,
    },
    mutations: { retry: false },
  },
})

/** All accounts: a person has few; at most ten pages. */
export const accountsQuery = queryOptions({
  queryKey: ['accounts'],
  queryFn: async () => {
    const all: Account[] = []
    let cursor: string | undefined
    for (let page = 0; page < 10; page += 1) {
      const { data, nextCursor } = await got(api.GET('/api/accounts', { params: { query: { limit: 100, cursor } } }))
      all.push(...data)
      if (!nextCursor) break
      cursor = nextCursor
    }
    return all
  },
})

export const accountQuery = (id: string) =>
  queryOptions({
    queryKey: ['accounts', id],
    queryFn: () => got(api.GET('/api/accounts/{id}', { params: { path: { id } } })),
  })

export const latestQuery = queryOptions({
  queryKey: ['transactions', 'latest'],
  queryFn: () => got(api.GET('/api/transactions', { params: { query: { limit: 8 } } })),
})

export const transactionQuery = (id: string) =>
  queryOptions({
    queryKey: ['transactions', id],
    queryFn: () => got(api.GET('/api/transactions/{id}', { params: { path: { id } } })),
  })

export interface Filters {
  type?: Schemas['TransactionType'] | undefined
  status?: Schemas['TransactionStatus'] | undefined
  from?: string | undefined
  to?: string | undefined
  minAmount?: string | undefined
  maxAmount?: string | undefined
}

export const historyQuery = (accountId: string, filters: Filters) =>
  infiniteQueryOptions({
    queryKey: ['transactions', 'account', accountId, filters],
    queryFn: ({ pageParam }) =>
      got(
        api.GET('/api/transactions/account/{accountId}', {
          params: { path: { accountId }, query: { ...filters, limit: 50, cursor: pageParam } },
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    maxPages: 40,
  })

/** Under the key of what moves: whatever moves money changes them. */
export const balancesQuery = (id: string) =>
  queryOptions({
    queryKey: ['transactions', 'balances', id],
    queryFn: () => got(api.GET('/api/accounts/{id}/balances', { params: { path: { id } } })),
  })

export const inboxQuery = infiniteQueryOptions({
  queryKey: ['inbox', 'list'],
  queryFn: ({ pageParam }) =>
    got(api.GET('/api/notifications', { params: { query: { limit: 30, cursor: pageParam } } })),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page) => page.nextCursor ?? undefined,
  maxPages: 20,
})

export const unreadQuery = queryOptions({
  queryKey: ['inbox', 'unread'],
  queryFn: () => got(api.GET('/api/notifications/unread')),
})

/** Whatever moved money changed both. */
export const moneyMoved = () =>
  Promise.all([
    queries.invalidateQueries({ queryKey: ['accounts'] }),
    queries.invalidateQueries({ queryKey: ['transactions'] }),
  ])
