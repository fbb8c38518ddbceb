import { queryOptions, useQuery } from '@tanstack/react-query'
import { ApiError, call, get } from './request'

/** Each role may do what those before it may. */
const roles = ['viewer', 'operator', 'author', 'admin'] as const
export type Role = (typeof roles)[number]

/** Who is signed in. */
export type Session = { name: string; role: Role; kind: 'session' | 'token' | 'password'; space: string }

/** The session, or null where nobody is signed in. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }): Promise<Session | null> => {
    try {
      return await get<Session>('/session', {}, signal)
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) {
        return null
      }
      throw error
    }
  },
  staleTime: Infinity,
})

export const signIn = (name: string, password: string) => call<Session>('POST', '/session', { name, password })
export const signOut = () => call<undefined>('DELETE', '/session')
export const setUp = (secret: string, name: string, password: string) =>
  call<Session>('POST', '/setup', { secret, name, password })

export const may = (has: Role, needs: Role) => roles.indexOf(has) >= roles.indexOf(needs)

/** Whether who is signed in has the role, or more. */
export function useMay(needs: Role): boolean {
  const { data } = useQuery(sessionQuery)
  return data ? may(data.role, needs) : false
}
