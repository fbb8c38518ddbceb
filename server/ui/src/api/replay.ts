import type { JobQuery } from './job'
import { call } from './request'

/** The statuses of jobs that are replayed many at a time: what was held back, and what went wrong. */
export const replayable = ['Held', 'Failed'] as const
export type Replayable = (typeof replayable)[number]

/** Which jobs are meant: what narrows the list of jobs, and only those that were held or failed. */
export type Choice = Omit<JobQuery, 'status'> & { status: Replayable[] }

/** Jobs that were refused for one reason, with one of them to look at. */
export type Refused = { reason: string; count: number; id: string }

/** What has become of the jobs so far. */
export type Progress = { retried: number; refused: Refused[] }

type Told = { retried: string[]; refused: { id: string; reason: string }[]; next?: string }

/**
 * Tries all chosen jobs again, the oldest first. The API takes a thousand at a time and says where to go on, so what
 * has been done is told after each; a call that fails leaves that done.
 */
export async function replay(choice: Choice, note: string, tell: (progress: Progress) => void): Promise<Progress> {
  let progress: Progress = { retried: 0, refused: [] }
  let cursor: string | undefined
  do {
    const filter = { ...choice, ...(cursor === undefined ? {} : { cursor }) }
    const told: Told = await call<Told>('POST', '/jobs/retry', { filter, note })
    progress = {
      retried: progress.retried + told.retried.length,
      refused: grouped(progress.refused, told.refused),
    }
    tell(progress)
    cursor = told.next
  } while (cursor !== undefined && cursor !== '')
  return progress
}

/** Adds refusals to those of the same reason: a thousand of one kind are one line. */
export function grouped(known: Refused[], more: Told['refused']): Refused[] {
  const byReason = new Map(known.map((each) => [each.reason, each]))
  for (const { id, reason } of more) {
    const same = byReason.get(reason)
    byReason.set(reason, same ? { ...same, count: same.count + 1 } : { reason, count: 1, id })
  }
  return [...byReason.values()]
}
