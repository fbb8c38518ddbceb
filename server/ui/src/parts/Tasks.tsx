import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { tasksQuery, type Task } from '../api/task'
import { Failure } from './Failure'
import { More } from './More'
import { Section } from './Page'
import { TaskView } from './TaskView'

const keyOf = (task: Task) => `${task.node} ${task.place ?? ''}`

/** A run's tasks in order. Those with an error stand open until somebody closes them. */
export function Tasks({ run }: { run: number }) {
  const query = useInfiniteQuery(tasksQuery(run))
  const [chosen, setChosen] = useState<ReadonlyMap<string, boolean>>(new Map())
  const tasks = query.data?.pages.flatMap((page) => page.rows) ?? []
  const isOpen = (task: Task) => chosen.get(keyOf(task)) ?? task.status === 'Error'
  const allOpen = tasks.length > 0 && tasks.every(isOpen)
  const all = () => setChosen(new Map(tasks.map((task) => [keyOf(task), !allOpen])))
  const aside = tasks.length > 0 && (
    <button type="button" className="small" onClick={all}>
      {allOpen ? 'Close all' : 'Open all'}
    </button>
  )
  return (
    <Section title="Tasks" aside={aside}>
      {query.isError && !query.data && <Failure error={query.error} what="The tasks" retry={() => query.refetch()} />}
      {query.isSuccess && tasks.length === 0 && <p className="quiet">No node has been reached yet.</p>}
      <ol className="tasks">
        {tasks.map((task) => (
          <TaskView
            key={keyOf(task)}
            task={task}
            open={isOpen(task)}
            toggle={(open) => setChosen((old) => new Map(old).set(keyOf(task), open))}
          />
        ))}
      </ol>
      <More query={query} />
    </Section>
  )
}
