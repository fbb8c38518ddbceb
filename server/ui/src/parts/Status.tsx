import type { Outcome } from '../api/event'
import type { JobStatus } from '../api/job'
import type { RunStatus } from '../api/run'
import type { TaskStatus } from '../api/task'
import type { Standing } from '../standing'

type Word = JobStatus | RunStatus | TaskStatus | Standing | Outcome | 'Open' | 'Handled'

/** How much a status wants to be looked at. */
type Tone = 'bad' | 'held' | 'busy' | 'done' | 'off'

/** A shape for each status, on a field of 12 by 12: words and shapes tell them apart, color only helps. */
const shapes = {
  ring: 'M6 1.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 0 0 0-9',
  half: 'M6 1.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 0 0 0-9M6 1.5v9M7.5 2v8M9 3v6',
  pause: 'M4 2v8M8 2v8',
  again: 'M9.8 4.2A4.3 4.3 0 1 0 10.3 7M10 1.5v3H7',
  alert: 'M6 1.2L11 10.5H1ZM6 4.5v3M6 8.9v.2',
  check: 'M2 6.5L5 9.5L10 3',
  slash: 'M6 1.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 0 0 0-9M2.8 9.2L9.2 2.8',
  over: 'M2 3l3 3l-3 3M6.5 3l3 3l-3 3',
  cross: 'M2.5 2.5l7 7M9.5 2.5l-7 7',
  dash: 'M2 6h8',
  tray: 'M1.5 6.5v4h9v-4M1.5 6.5h2.3l.9 1.7h2.6l.9-1.7h2.3M6 1v4M4.3 3.3L6 5l1.7-1.7',
} as const

const looks: Record<Word, [Tone, keyof typeof shapes]> = {
  Queued: ['off', 'ring'],
  New: ['off', 'ring'],
  'In Progress': ['busy', 'half'],
  Running: ['busy', 'half'],
  Retrying: ['held', 'again'],
  Waiting: ['held', 'pause'],
  Error: ['bad', 'alert'],
  Open: ['bad', 'alert'],
  Failed: ['bad', 'cross'],
  Complete: ['done', 'check'],
  Handled: ['done', 'check'],
  Passed: ['off', 'over'],
  Skipped: ['off', 'over'],
  Cancelled: ['off', 'slash'],
  Held: ['held', 'tray'],
  active: ['done', 'check'],
  pending: ['held', 'pause'],
  disabled: ['bad', 'slash'],
  expired: ['off', 'slash'],
  failing: ['bad', 'alert'],
  'circuit open': ['bad', 'pause'],
  probing: ['held', 'again'],
  fired: ['done', 'check'],
  filtered: ['off', 'dash'],
  error: ['bad', 'alert'],
  inactive: ['off', 'slash'],
  overridden: ['off', 'over'],
  duplicate: ['off', 'ring'],
  loop: ['held', 'again'],
  none: ['off', 'dash'],
}

/** Words that the API writes small and that stand beside others with a capital. */
const capital: Partial<Record<Word, string>> = {
  active: 'Active',
  pending: 'Pending',
  disabled: 'Disabled',
  expired: 'Expired',
  failing: 'Failing',
  'circuit open': 'Circuit open',
  probing: 'Probing',
}

/** A status in its word, or as it is said here, with its shape. */
export function Status({ of, says }: { of: Word; says?: string }) {
  const [tone, shape] = looks[of]
  return (
    <span className="status" data-tone={tone}>
      <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
        <path d={shapes[shape]} />
      </svg>
      {says ?? capital[of] ?? of}
    </span>
  )
}
