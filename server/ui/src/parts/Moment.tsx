import { useSyncExternalStore } from 'react'
import { splitTimes } from '../path'
import { brief, full, relative, span, utc } from '../time'

/** All that counts from now does so together, every few seconds. */
const beat = 5000

function tick(moved: () => void): () => void {
  const timer = setInterval(moved, beat)
  return () => clearInterval(timer)
}

/** The time, to the beat. */
export const useNow = () => useSyncExternalStore(tick, () => Math.floor(Date.now() / beat) * beat)

type Props = { at: string | undefined; as?: 'brief' | 'full' | 'relative' }

/** A time in the viewer's zone; its title says it in UTC. */
export function Moment({ at, as = 'full' }: Props) {
  const now = useNow()
  if (at === undefined) {
    return <span className="quiet">–</span>
  }
  const time = Date.parse(at)
  const away = relative(time, Math.max(now, Math.min(time, now + beat)))
  return (
    <time dateTime={at} title={`${utc(time)} · ${away}`}>
      {as === 'brief' ? brief(time, now) : as === 'relative' ? away : full(time)}
      {as === 'full' && <span className="quiet"> · {away}</span>}
    </time>
  )
}

/** How long something took, or takes by now. */
export function Duration({ from, to }: { from: string | undefined; to: string | undefined }) {
  const now = useNow()
  if (from === undefined) {
    return <span className="quiet">–</span>
  }
  const began = Date.parse(from)
  if (to !== undefined) {
    return <span>{span(Date.parse(to) - began)}</span>
  }
  return <span className="quiet">{span(now - began)} so far</span>
}

/** A sentence of the server, whose times are in UTC, with the times of the viewer. */
export function Sentence({ text }: { text: string }) {
  return splitTimes(text).map((part, index) =>
    'at' in part ? (
      <span key={index} className="sentence-time">
        <Moment at={part.at} as="brief" />{' '}
        <span className="quiet">
          (<Moment at={part.at} as="relative" />)
        </span>
      </span>
    ) : (
      part.text
    ),
  )
}
