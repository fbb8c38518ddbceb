import { ApiError } from '../api/request'

type Props = { error: unknown; retry?: () => unknown; what: string }

/** What was to be shown and why it is not, with what can be done about it. */
export function Failure({ error, retry, what }: Props) {
  return (
    <div className="failure" role="alert">
      <h2>{headline(error, what)}</h2>
      <Reason error={error} />
      {retry && (
        <button type="button" onClick={() => void retry()}>
          Try again
        </button>
      )}
    </div>
  )
}

/** What a form was refused for, beside its button. */
export function Refusal({ error }: { error: unknown }) {
  return (
    <div className="refusal" role="alert">
      <Reason error={error} />
    </div>
  )
}

/** Why a call did not succeed, with each single fault. */
function Reason({ error }: { error: unknown }) {
  const faults = error instanceof ApiError ? error.errors : []
  const text = error instanceof Error ? error.message : String(error)
  return (
    <>
      <p className="reason">{text}</p>
      {faults.length > 0 && (
        <ul>
          {faults.map((fault) => (
            <li key={fault.location + fault.message}>
              <code>{fault.location}</code> {fault.message} {fault.hint}
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

function headline(error: unknown, what: string): string {
  if (!(error instanceof ApiError)) {
    return `${what}: something in this page broke`
  }
  switch (error.status) {
    case 0:
      return 'No answer from the server'
    case 403:
      return `${what}: your role does not allow it`
    case 404:
      return `${what}: not found`
    default:
      return `${what} could not be loaded`
  }
}
