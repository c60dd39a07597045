// One message, opened: whom it is for, how it looks, what state it is in, and what every gate said of it.
import { Link } from "wouter";
import type { Message } from "../api";
import { when } from "../format";
import { useOverview, useZone } from "../journey/queries";
import { StateMark } from "../marks/StateMark";
import { read, sayKnown, useWords } from "../words";
import { Preview } from "./Preview";

/** Those that stopped or held the message come first. */
function sorted(verdicts: Message["verdicts"]): Message["verdicts"] {
  return [...verdicts].sort((a, b) => Number(a.outcome === "pass") - Number(b.outcome === "pass"));
}

function Gates({ message }: { message: Message }) {
  const { say, lang } = useWords();
  const zone = useZone();
  return (
    <section>
      <h3>{say("page.inbox.gates")}</h3>
      {message.verdicts.length === 0 && <p className="quiet small">{say("page.inbox.gates.none")}</p>}
      <ul className="verdicts">
        {sorted(message.verdicts).map((verdict, place) => (
          <li key={place}>
            <span>{sayKnown(say, `word.gate.${verdict.gate}`, verdict.gate)}</span>
            <span className="quiet small">
              {[
                verdict.reason && sayKnown(say, `reason.${verdict.reason}`, verdict.reason),
                verdict.until && say("page.inbox.until", { at: when(verdict.until, lang, zone) }),
              ].filter(Boolean).join(" · ")}
            </span>
            <StateMark word={`word.outcome.${verdict.outcome}`} />
          </li>
        ))}
      </ul>
    </section>
  );
}

export function Detail({ message }: { message: Message }) {
  const { say, lang } = useWords();
  const zone = useZone();
  const { data } = useOverview();
  const title = read(data?.journeys.find((card) => card.id === message.journey)?.title, lang, message.journey);
  const house = data ? read(data.workspace.name, lang, data.workspace.id) : "";
  return (
    <article className="card detail" aria-label={say("page.inbox.preview")}>
      <header>
        <h2><Link href={`/people/${encodeURIComponent(message.profile)}`}>{message.name || message.profile}</Link></h2>
        <StateMark word={`word.${message.state}`} />
        {message.reason && <span>{sayKnown(say, `reason.${message.reason}`, message.reason)}</span>}
      </header>
      <Preview message={message} house={house} />
      <dl className="detail-facts">
        <div><dt>{say("page.inbox.journey")}</dt><dd><Link href={`/journeys/${message.journey}?node=${encodeURIComponent(message.node)}`}>{title} · {message.node}</Link></dd></div>
        <div><dt>{say("page.inbox.template")}</dt><dd><code>{message.template}</code></dd></div>
        <div><dt>{say("page.inbox.class")}</dt><dd>{sayKnown(say, `word.purpose.${message.class}`, message.class)}</dd></div>
        <div><dt>{say("page.inbox.planned_at")}</dt><dd className="figure">{when(message.planned_at, lang, zone)}</dd></div>
        {message.due && <div><dt>{say("page.inbox.due")}</dt><dd className="figure">{when(message.due, lang, zone)}</dd></div>}
      </dl>
      <Gates message={message} />
    </article>
  );
}
