import type { Answer, Headers, JobAttempt, Sent } from '../api/job'
import { span } from '../time'
import { BodyView } from './Code'
import { Facts } from './Facts'
import { Moment } from './Moment'
import { Link } from '@tanstack/react-router'

/** What a job sent, or will send. */
export function SentView({ sent }: { sent: Sent }) {
  return (
    <>
      <p className="request-line">
        <strong>{sent.method}</strong> <code className="url">{sent.url}</code>
      </p>
      <HeaderTable headers={sent.headers} label="Headers as sent" />
      <BodyView body={sent.body} label="Body" />
      {sent.sha256 && (
        <p className="quiet wrap">
          SHA-256 of the body as it was sent, secrets included: <code>{sent.sha256}</code>
        </p>
      )}
    </>
  )
}

/** What the other side answered. */
export function AnswerView({ answer }: { answer: Answer }) {
  return (
    <>
      <p className="request-line">
        <strong>{answer.status}</strong>
      </p>
      <HeaderTable headers={answer.headers} label="Headers of the answer" />
      <BodyView body={answer.body} label="Body" />
    </>
  )
}

function HeaderTable({ headers = {}, label }: { headers: Headers | undefined; label: string }) {
  const rows = Object.entries(headers).flatMap(([name, values]) => values.map((value) => [name, value] as const))
  if (rows.length === 0) {
    return null
  }
  return (
    <table className="headers">
      <caption className="hidden">{label}</caption>
      <tbody>
        {rows.map(([name, value], index) => (
          <tr key={index}>
            <th scope="row">{name}</th>
            <td>
              <code>{value}</code>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** Every try of a job that is kept, the latest last. */
export function Attempts({ attempts }: { attempts: JobAttempt[] }) {
  return (
    <ol className="attempts">
      {attempts.map((attempt) => (
        <li key={attempt.number}>
          <Facts
            of={[
              ['Attempt', attempt.number],
              ['Time', <Moment key="at" at={attempt.at} as="brief" />],
              ['Took', span(attempt.tookMs)],
              ['Answer', attempt.status],
              ['Error', attempt.error && <span className="bad">{attempt.error}</span>],
              ['Run', attempt.run !== undefined && <RunLink number={attempt.run} />],
            ]}
          />
          {attempt.response && (
            <details>
              <summary>Answer of attempt {attempt.number}</summary>
              <AnswerView answer={attempt.response} />
            </details>
          )}
        </li>
      ))}
    </ol>
  )
}

export const RunLink = ({ number }: { number: number }) => (
  <Link to="/runs/$number" params={{ number: String(number) }}>
    #{number}
  </Link>
)
