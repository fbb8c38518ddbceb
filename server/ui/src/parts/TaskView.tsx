import type { ReactNode } from 'react'
import type { Connector, Failure, Task } from '../api/task'
import { span } from '../time'
import { Value } from './Code'
import { Detail } from './Detail'
import { Facts } from './Facts'
import { Moment, Sentence } from './Moment'
import { SeenTable } from './Seen'
import { Status } from './Status'

type Props = { task: Task; open: boolean; toggle: (open: boolean) => void }

/** One task: a line of what it came to, and all of it below. */
export function TaskView({ task, open, toggle }: Props) {
  return (
    <li className="task" data-status={task.status}>
      <details open={open} onToggle={(event) => toggle(event.currentTarget.open)}>
        <summary>
          <Status of={task.status} />
          <span className="task-name">
            <strong>{task.name ?? task.node}</strong> <span className="quiet">{task.does}</span>{' '}
            {task.place && <code className="quiet">{task.place}</code>}
          </span>
          <span className="task-says">
            <Sentence text={task.error?.message ?? task.message ?? task.reason ?? ''} />
          </span>
          <span className="task-took quiet">
            {(task.attempt ?? 0) > 1 && `attempt ${task.attempt ?? 0} · `}
            {task.tookMs === undefined ? '' : span(task.tookMs)}
          </span>
        </summary>
        {open && <TaskDetail task={task} />}
      </details>
    </li>
  )
}

function TaskDetail({ task }: { task: Task }) {
  return (
    <div className="task-detail">
      <Facts
        of={[
          ['Node', <code key="node">{task.node}</code>],
          ['Message', task.message],
          ['Reason', task.reason && <Sentence text={task.reason} />],
          ['Attempt', task.attempt],
          ['Started', task.startedAt && <Moment at={task.startedAt} as="brief" />],
          ['Ended', task.endedAt && <Moment at={task.endedAt} as="brief" />],
          ['Due', task.dueAt && <Moment at={task.dueAt} />],
          ['Warning', task.warning && <span className="held">{task.warning}</span>],
        ]}
      />
      <Failures task={task} />
      <div className="pair">
        {task.inputs && <Value of={task.inputs} label="Inputs" />}
        {task.results !== undefined && <Value of={task.results} label="Results" />}
      </div>
      {task.connectors && <Connectors connectors={task.connectors} />}
    </div>
  )
}

/** Every try that failed, the latest first. What stopped the task is mostly the last of them. */
function Failures({ task: { error, attempts = [] } }: { task: Task }) {
  const last = attempts.at(-1)
  const alone = error && error.message !== last?.error.message
  return (
    <>
      {alone && <FailureView failure={error} />}
      {[...attempts].reverse().map((attempt) => (
        <FailureView key={attempt.number} failure={attempt.error}>
          Attempt {attempt.number}, <Moment at={attempt.startedAt} as="brief" />:{' '}
        </FailureView>
      ))}
    </>
  )
}

function FailureView({ failure, children }: { failure: Failure; children?: ReactNode }) {
  return (
    <div className="task-failure">
      <p>
        {children}
        <code>{failure.code}</code> <span className="bad">{failure.message}</span>
        {failure.retryable && <span className="quiet"> · may pass</span>}
      </p>
      <Detail of={failure.detail} />
    </div>
  )
}

/** A condition that raised decides nothing: an operator does. */
function wayOf({ fired, error }: Connector): string {
  if (fired) {
    return '→ taken'
  }
  return error === undefined ? '⊣ not taken' : '⊣ raised an error'
}

/** The ways out of a task, which were taken, and the values that decided. */
function Connectors({ connectors }: { connectors: Connector[] }) {
  return (
    <ul className="connectors">
      {connectors.map((connector, index) => (
        <li key={index} data-fired={connector.fired}>
          <p>
            <span className="way">{wayOf(connector)}</span> to <strong>{connector.to}</strong>{' '}
            <span className="quiet">on {connector.on}</span>
            {connector.label && <span> “{connector.label}”</span>}
            {connector.when && (
              <span>
                {' '}
                when <code>{connector.when}</code>
              </span>
            )}
            {connector.late && <span className="quiet"> · too late: the join had run already</span>}
          </p>
          {connector.error && <p className="bad">{connector.error}</p>}
          {connector.seen && connector.seen.length > 0 && (
            <SeenTable seen={connector.seen} label={`What the connector to ${connector.to} saw`} />
          )}
        </li>
      ))}
    </ul>
  )
}
