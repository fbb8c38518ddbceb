import { useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useId, useState } from 'react'
import { resolveErrors, type Action, type DeskError } from '../api/error'
import { useMay } from '../api/session'
import { Act } from './Act'
import { Detail } from './Detail'
import { RunLink } from './Message'
import { Moment } from './Moment'
import { Status } from './Status'
import { Title } from './Tree'

/** What may be done about an error: the word, the question, what then happens. */
const deeds: Record<Action, { label: string; title: string; text: string; danger?: boolean }> = {
  retry: {
    label: 'Retry',
    title: 'Try it once more?',
    text: 'The node is carried out again with the same idempotency key, so that a receiver that honors it does nothing twice.',
  },
  skip: {
    label: 'Skip',
    title: 'Skip this node?',
    text: 'The run goes on as if the node had been completed, with the results that you give here.',
  },
  continue: {
    label: 'Continue',
    title: 'Take this connector?',
    text: 'The run goes on along the connector, as if its condition had been true.',
  },
  cancel: {
    label: 'Cancel',
    title: 'Not take this connector?',
    text: 'The connector is not taken, as if its condition had been false.',
    danger: true,
  },
  leave: {
    label: 'Leave',
    title: 'Leave it as it is?',
    text: 'The error is marked as handled and nothing else happens. The run does not go on from here.',
  },
}

/** An entry of the error desk, with what may be done about it. */
export function DeskErrorView({ error, placed }: { error: DeskError; placed?: boolean }) {
  const allowed = useMay('operator')
  return (
    <div className="desk-error" data-open={error.status === 'Open'}>
      <div className="desk-error-head">
        <Status of={error.status} />
        <strong>{error.node ?? error.webhook}</strong>
        {error.place && <code className="quiet">{error.place}</code>}
        <span className="quiet">
          {error.kind}
          {error.error.code !== error.kind && (
            <>
              {' · '}
              <code>{error.error.code}</code>
            </>
          )}
        </span>
        <Moment at={error.createdAt} as="relative" />
      </div>
      <p className="desk-error-text">{error.error.message}</p>
      {error.connector && (
        <p>
          At the connector <code>{error.connector}</code>
        </p>
      )}
      {!placed && <Whereabouts error={error} />}
      <Detail of={error.error.detail} />
      {error.status === 'Handled' ? (
        <p className="quiet">
          {error.action} by {error.by} <Moment at={error.updatedAt} as="relative" />
          {error.note && `: ${error.note}`}
        </p>
      ) : (
        allowed && (
          <div className="acts">
            {error.actions.map((action) => (
              <Resolve key={action} error={error} action={action} />
            ))}
          </div>
        )
      )}
    </div>
  )
}

function Whereabouts({ error }: { error: DeskError }) {
  return (
    <p>
      {error.run !== undefined && (
        <>
          Run <RunLink number={error.run} />
        </>
      )}
      {error.tree && (
        <>
          {' '}
          of <Title title={error.tree.title} />
        </>
      )}
      {error.event && (
        <>
          {error.run !== undefined && ' · '}
          <Link to="/events/$id" params={{ id: error.event }}>
            event
          </Link>
        </>
      )}
    </p>
  )
}

function Resolve({ error, action }: { error: DeskError; action: Action }) {
  const client = useQueryClient()
  const [results, setResults] = useState('')
  const { label, title, text, danger } = deeds[action]
  const act = async (note: string) => {
    const given = action === 'skip' && results.trim() !== '' ? { results: readResults(results) } : {}
    const { refused } = await resolveErrors({ ids: [error.id], action, note, ...given })
    await client.invalidateQueries()
    if (refused[0]) {
      throw new Error(refused[0].reason)
    }
  }
  return (
    <Act label={label} title={title} confirm={label} note="required" tone={danger ? 'danger' : 'plain'} act={act}>
      <p>
        <strong>{error.node ?? error.webhook}</strong>: {error.error.message}
      </p>
      <p>{text}</p>
      {action === 'skip' && <Results text={results} set={setResults} node={error.node ?? 'x'} />}
    </Act>
  )
}

function Results({ text, set, node }: { text: string; set: (text: string) => void; node: string }) {
  const id = useId()
  return (
    <>
      <label htmlFor={id}>
        Results <span className="quiet">(JSON; what nodes.{node} gives to those after it; may be left empty)</span>
      </label>
      <textarea
        id={id}
        rows={3}
        className="mono"
        spellCheck={false}
        placeholder='{"id": 42}'
        value={text}
        onChange={(event) => set(event.target.value)}
      />
    </>
  )
}

function readResults(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    throw new Error(`The results are no JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}
