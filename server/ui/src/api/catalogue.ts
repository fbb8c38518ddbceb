import { queryOptions } from '@tanstack/react-query'
import { get } from './request'

/** The platforms whose events are known beforehand; sources may bring others. */
export const platformsQuery = queryOptions({
  queryKey: ['catalogue', 'platforms'],
  queryFn: async ({ signal }) => {
    const { events } = await get<{ events: { platform: string }[] }>('/catalogue', {}, signal)
    return [...new Set(events.map(({ platform }) => platform))].sort()
  },
  staleTime: 60_000,
})
