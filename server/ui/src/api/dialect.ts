import { queryOptions } from '@tanstack/react-query'
import { get } from './request'

/** A way of REST hooks, and how an application begins in it. */
export type Dialect = {
  name: string
  title: string
  /** Where its applications subscribe. */
  address: string
  /** The command that makes a token of it. */
  token: string
  /** A first subscription, by curl. */
  curl: string
  /** Whether an endpoint has to confirm before it is delivered anything. */
  confirms: boolean
  /** Whether the answer to a first subscription has the secret that signs its deliveries. */
  signs: boolean
}

/** The dialects are those of the binary: they change with it alone. */
export const dialectsQuery = queryOptions({
  queryKey: ['dialects'],
  queryFn: async ({ signal }) => (await get<{ dialects: Dialect[] }>('/dialects', {}, signal)).dialects,
  staleTime: Infinity,
})
