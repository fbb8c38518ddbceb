import type { Choice, Progress } from '../api/replay'
import { useMay } from '../api/session'
import { Replay } from './Replay'

type Props = { choice: Choice; rows: number; whole: boolean; done: (progress: Progress) => void }

/** Tries all again that the filter of the list finds, shown or not. */
export function ReplayShown({ choice, rows, whole, done }: Props) {
  if (!useMay('operator')) {
    return null
  }
  const all = whole ? (rows === 1 ? 'the one' : `all ${rows}`) : 'all'
  return (
    <div className="many">
      <Replay
        label={`Replay ${all} that this filter finds…`}
        title="Replay all that this filter finds?"
        choice={choice}
        done={done}
      >
        <p>
          The oldest go first. A request is sent once more under the webhook id that it had; a tree runs once more, as a
          new run, and what it did before is not undone.
        </p>
        {!whole && <p>The list below shows the newest of them: the others are replayed, too.</p>}
      </Replay>
    </div>
  )
}
