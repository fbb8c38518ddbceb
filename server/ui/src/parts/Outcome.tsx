import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { Progress } from '../api/replay'

type Props = { of: Progress | undefined; close: () => void; children?: ReactNode }

/** What became of the jobs of a replay, until it has been read. */
export function Outcome({ of, close, children }: Props) {
  return (
    <div className="outcome" role="status">
      {of && (
        <div className="remark" data-tone={of.refused.length > 0 ? 'held' : 'done'}>
          <p>
            {sentence(of)} {children}
          </p>
          <button type="button" className="small" onClick={close}>
            Close
          </button>
          {of.refused.length > 0 && <Refusals of={of} />}
        </div>
      )}
    </div>
  )
}

function sentence({ retried, refused }: Progress): string {
  const count = refused.reduce((sum, each) => sum + each.count, 0)
  const again = retried === 1 ? '1 webhook job is on the way again' : `${retried} webhook jobs are on the way again`
  return count === 0 ? `${again}.` : `${again}; ${count === 1 ? '1 was' : `${count} were`} refused:`
}

/** Each reason once, with one of the jobs that it is about. */
const Refusals = ({ of: { refused } }: { of: Progress }) => (
  <ul>
    {refused.map(({ reason, count, id }) => (
      <li key={reason}>
        {count} × {reason}{' '}
        <Link to="/jobs/$id" params={{ id }}>
          one of them
        </Link>
      </li>
    ))}
  </ul>
)
