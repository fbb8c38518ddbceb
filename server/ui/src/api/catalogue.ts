import { queryOptions } from '@tanstack/react-query'
import { get } from './request'

/** The platforms of this space: those whose events are known beforehand, and the open ones that sources bring. */
export const platformsQuery = queryOptions({
  queryKey: ['catalogue', 'platforms'],
  queryFn: async ({ signal }) => {
    const { events, open } = await get<Record<'events' | 'open', { platform: string }[]>>('/catalogue', {}, signal)
    return [...new Set([...events, ...open].map(({ platform }) => platform))].sort()
  },
  staleTime: 60_000,
})
