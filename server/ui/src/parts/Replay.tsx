import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import { listJobs } from '../api/job'
import { replay, type Choice, type Progress } from '../api/replay'
import { Act } from './Act'

/** Jobs are counted up to this many before they are replayed: the most that one page of the API has. */
const maxCounted = 1000

type Props = {
  label: string
  title: string
  choice: Choice
  tone?: 'plain' | 'main'
  /** Told what became of all of them: the button may be gone by then, with the last of what it was for. */
  done: (progress: Progress) => void
  /** What else the question says or asks for. */
  children: ReactNode
}

/** A button that tries many jobs again: how many that are is said before, and how far it is while it goes on. */
export function Replay({ label, title, choice, tone = 'plain', done, children }: Props) {
  const client = useQueryClient()
  const [asked, setAsked] = useState(false)
  const [progress, setProgress] = useState<Progress>()
  const act = async (note: string) => {
    setProgress(undefined)
    try {
      done(await replay(choice, note, setProgress))
      setAsked(false)
    } finally {
      void client.invalidateQueries()
    }
  }
  const open = () => {
    setAsked(true)
    setProgress(undefined)
  }
  return (
    <Act label={label} title={title} confirm="Replay" note="optional" tone={tone} opened={open} act={act}>
      {children}
      <Preview choice={choice} wanted={asked} />
      <p role="status">{progress && <>{progress.retried} are on their way again so far.</>}</p>
    </Act>
  )
}

/** How many jobs are meant, as long as the question stands. */
function Preview({ choice, wanted }: { choice: Choice; wanted: boolean }) {
  const query = useQuery({
    queryKey: ['replay', choice],
    queryFn: ({ signal }) =>
      listJobs({ ...choice, status: choice.status.join(','), limit: maxCounted }, undefined, signal),
    enabled: wanted,
    staleTime: 0,
  })
  if (query.isError) {
    return <p className="bad">How many these are could not be found out: {query.error.message}</p>
  }
  if (!query.data) {
    return <p className="quiet">Counting…</p>
  }
  const { rows, next } = query.data
  const words = choice.status.join(' or ')
  if (rows.length === 0) {
    return <p role="status">None is {words}: there is nothing to replay.</p>
  }
  return (
    <p role="status">
      <strong>{next === undefined ? counted(rows.length) : `More than ${maxCounted} webhook jobs`}</strong>{' '}
      {rows.length === 1 ? 'is' : 'are'} {words}.
    </p>
  )
}

const counted = (count: number) => (count === 1 ? '1 webhook job' : `${count} webhook jobs`)
