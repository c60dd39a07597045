// The list view: the canvas as a table, for those who read by ear, by keyboard or on a phone.
import type { Counts, Document } from "../api";
import { look } from "../marks/StateMark";
import { Tick } from "../marks/Tick";
import { read, sayKnown, useWords } from "../words";
import { headline, limits } from "./entry";
import { entries, graphOf, stageTitle } from "./graph";
import { kindName, kindOf } from "./kinds";
import "./list.css";

type Props = { document: Document; counts: Counts | undefined; chosen: string | null; stage: string | null; onChoose: (node: string) => void };
const SHOWN = ["entered", "waiting", "held", "left", "withheld"] as const;

function EntryLine({ document, counts }: { document: Document; counts: Counts | undefined }) {
  const { say, lang } = useWords();
  return (
    <div className="list-entry">
      <h3>{say("page.entry.title")}</h3>
      {entries(document).map((entry, place) => (
        <p key={place}><strong>{headline(entry, say)}</strong> <span className="quiet">{limits(entry, say, lang).filter(Boolean).join(" · ")}</span></p>
      ))}
      {counts && <b className="figure"><Tick value={counts.entered} /> {say("word.entered")}</b>}
    </div>
  );
}

export function ListView({ document, counts, chosen, stage, onChoose }: Props) {
  const { say, lang } = useWords();
  const { order, ways, stages } = graphOf(document);
  const shown = stage ? order.filter((id) => stages.get(id) === stage) : order;
  return (
    <div className="card list">
      <EntryLine document={document} counts={counts} />
      <table>
        <caption className="hidden">{say("page.journey.table", { journey: read(document.title, lang, document.journey) })}</caption>
        <thead>
          <tr>
            <th scope="col">{say("page.journey.node")}</th>
            <th scope="col" className="list-stage">{say("page.journey.stage")}</th>
            {SHOWN.map((name) => <th key={name} scope="col" className="number">{say(`word.${name}`)}</th>)}
            <th scope="col" className="list-goes">{say("page.journey.goes")}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((id) => {
            const form = document.nodes[id] ?? {};
            const kind = kindOf(form);
            const Icon = kind.icon;
            const title = read(form.title, lang);
            const summary = kind.summary(form, say, lang);
            const figures = counts?.nodes[id];
            return (
              <tr key={id} data-chosen={id === chosen || undefined}>
                <th scope="row">
                  <button type="button" data-id={id} aria-pressed={id === chosen} onClick={() => onChoose(id)}>
                    <span className="node-icon" data-kind={kindName(form)}><Icon size={17} stroke={1.8} aria-hidden /></span>
                    <span><strong>{title || summary}</strong><small className="quiet">{title ? summary : sayKnown(say, `word.kind.${kindName(form)}`, "")} · <code>{id}</code></small></span>
                  </button>
                </th>
                <td className="list-stage">{stageTitle(document, stages.get(id) ?? "", lang)}</td>
                {SHOWN.map((name) => (
                  <td key={name} className="number" data-label={say(`word.${name}`)} data-tone={look(`word.${name}`)[0]} data-zero={!figures?.[name] || undefined}>
                    <Tick value={figures?.[name] ?? 0} />
                  </td>
                ))}
                <td className="list-goes quiet">
                  {ways.filter((way) => way.source === id).map((way) => (
                    <span key={way.id}>{way.ports.map((port) => port.label(say)).filter(Boolean).join(" · ")} → <code>{way.target}</code></span>
                  ))}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
