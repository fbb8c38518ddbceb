import { useLiveness } from '../live/Live'

const words = {
  connecting: ['Connecting', 'Connecting to the server to follow what happens'],
  live: ['Live', 'What you see follows what happens'],
  lost: ['Not live', 'The connection is down and is tried again; what you see may be old'],
} as const

/** Says whether what is on the screen is true by now. */
export function Liveness() {
  const liveness = useLiveness()
  const [word, sentence] = words[liveness]
  return (
    <span className="liveness" data-state={liveness} role="status" title={sentence}>
      <span className="dot" aria-hidden="true" />
      {word}
    </span>
  )
}
