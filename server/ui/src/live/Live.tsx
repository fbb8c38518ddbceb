import {
  createContext,
  useContext,
  useEffect,
  useEffectEvent,
  useState,
  useSyncExternalStore,
  type ReactNode,
} from 'react'
import type { Batch } from './batch'
import { Stream, type Liveness } from './stream'

const LiveContext = createContext<Stream | undefined>(undefined)

/** Follows the server for all that stands in it. */
export function Live({ children }: { children: ReactNode }) {
  const [stream] = useState(() => new Stream())
  useEffect(() => {
    stream.open()
    return () => stream.close()
  }, [stream])
  return <LiveContext value={stream}>{children}</LiveContext>
}

/** Calls back with what has changed, at most once a second. */
export function useChanges(follower: (batch: Batch) => void): void {
  const stream = useStream()
  const latest = useEffectEvent(follower)
  useEffect(() => stream.follow((batch) => latest(batch)), [stream])
}

export function useLiveness(): Liveness {
  const stream = useStream()
  return useSyncExternalStore(
    (watcher) => stream.watch(watcher),
    () => stream.liveness,
  )
}

function useStream(): Stream {
  const stream = useContext(LiveContext)
  if (!stream) {
    throw new Error('only what stands in <Live> can follow')
  }
  return stream
}
