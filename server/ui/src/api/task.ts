import { infiniteQueryOptions } from '@tanstack/react-query'
import type { Seen } from './event'
import { pageOf, type Page } from './page'
import { get } from './request'

export type TaskStatus =
  'New' | 'Running' | 'Retrying' | 'Waiting' | 'Error' | 'Complete' | 'Passed' | 'Failed' | 'Skipped' | 'Cancelled'

/** What went wrong, for programs by its code and for people by its message. */
export type Failure = { code: string; message: string; retryable?: boolean; detail?: Record<string, unknown> }

export type TaskAttempt = { number: number; startedAt?: string; endedAt?: string; error: Failure }

/** What became of one way out of a task. */
export type Connector = {
  to: string
  label?: string
  on: 'complete' | 'created' | 'updated' | 'failed'
  when?: string
  fired: boolean
  late?: boolean
  error?: string
  seen?: Seen[]
}

/** One execution of a node in a run. */
export type Task = {
  node: string
  name?: string
  does?: string
  place?: string
  status: TaskStatus
  attempt?: number
  inputs?: Record<string, unknown>
  results?: unknown
  message?: string
  warning?: string
  reason?: string
  error?: Failure
  attempts?: TaskAttempt[]
  connectors?: Connector[]
  order: number
  dueAt?: string
  startedAt?: string
  endedAt?: string
  tookMs?: number
}

async function listTasks(run: number, cursor?: string, signal?: AbortSignal): Promise<Page<Task>> {
  const told = await get<{ tasks: Task[]; next?: string }>(`/runs/${run}/tasks`, { cursor }, signal)
  return pageOf(told.tasks, told.next)
}

/** A run's tasks in the order in which they were first touched. */
export const tasksQuery = (run: number) =>
  infiniteQueryOptions({
    queryKey: ['tasks', run],
    queryFn: ({ pageParam, signal }) => listTasks(run, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
  })
