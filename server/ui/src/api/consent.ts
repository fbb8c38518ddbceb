import { queryOptions } from '@tanstack/react-query'
import { call, get } from './request'

/** What an application asks for, as the authorization endpoint hands it to this page. */
export type Asked = Record<string, string>

/** What the user is asked. */
export type Consent = {
  client: { name: string; dialect: string; by: string; createdAt: string; public?: boolean }
  /** Where the answer goes. */
  redirect: string
  scope: string
  /** What the application can do then, for people. */
  allows: string[]
  /** Where the browser goes when the user does not want it. */
  deniedUrl: string
}

export const consentQuery = (asked: Asked) =>
  queryOptions({
    queryKey: ['consent', asked],
    queryFn: ({ signal }) => get<Consent>('/consent', asked, signal),
    staleTime: Infinity,
  })

/** Lets the application in, and gives where the browser goes with the code. */
export const allow = (asked: Asked) => call<{ url: string }>('POST', '/consent', asked)
