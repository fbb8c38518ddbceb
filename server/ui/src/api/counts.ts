import { queryOptions } from '@tanstack/react-query'
import type { JobStatus } from './job'
import { get } from './request'
import type { RunStatus } from './run'

/** The state of the house at a glance. */
export type Counts = {
  jobs: Partial<Record<JobStatus, number>>
  runs: Partial<Record<RunStatus, number>>
  openErrors: number
  work: number
  bytes: number
  searchLagMs: number
  troubles: string[]
  warnings: string[]
}

export const countsQuery = queryOptions({
  queryKey: ['counts'],
  queryFn: ({ signal }) => get<Counts>('/counts', {}, signal),
})
