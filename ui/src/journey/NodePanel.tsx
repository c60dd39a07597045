// One node, opened: what it does, its figures by reason, where people went on, and who is here now.
import { CloseButton } from "@mantine/core";
import { useEffect, useRef } from "react";
import { Link } from "wouter";
import { type Counts, type Document, type NodeForm, route } from "../api";
import { count, duration, share, when } from "../format";
import { Trouble, Waiting } from "../marks/Notice";
import { StateMark } from "../marks/StateMark";
import { Tick } from "../marks/Tick";
import { read, type Say, sayKnown, useWords } from "../words";
import { Figures } from "./Figures";
import { graphOf, stageTitle, taken } from "./graph";
import { kindName, kindOf } from "./kinds";
import { usePresent, useZone } from "./queries";

type Props = { document: Document; id: string; form: NodeForm; counts: Counts | undefined; close: () => void };

/** The exact conditions of a node, as they stand in the document. */
function rulesOf(form: NodeForm): string[] {
  const listened = (form.listen ?? []).flatMap((clause) => (clause.where ? [`${clause.event ?? ""}: ${clause.where}`] : []));
  return [...(form.branch ?? []).map((one) => `${one.if} → ${one.next}`), ...listened];
}

function notes(form: NodeForm, stage: string | undefined, say: Say): string[] {
  return [
    stage && say("page.detail.stage", { stage }),
    form.touchpoint && say("page.detail.touchpoint", { touchpoint: form.touchpoint }),
    form.send?.ttl && say("page.detail.ttl", { duration: duration(form.send.ttl, say) }),
    form.task?.sla && say("page.detail.sla", { duration: duration(form.task.sla.within, say) }),
  ].filter((one): one is string => Boolean(one));
}

function ByReason({ title, figures, word }: { title: string; figures: Record<string, number> | undefined; word: "reason" | "word" }) {
  const { say, lang } = useWords();
  const lines = Object.entries(figures ?? {}).filter(([, visits]) => visits > 0).sort((a, b) => b[1] - a[1]);
  if (lines.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <ul className="tally">
        {lines.map(([name, visits]) => (
          <li key={name}>
            {word === "word" ? <StateMark word={`word.${name}`} /> : <span>{sayKnown(say, `reason.${name}`, name)}</span>}
            <b className="figure">{count(visits, lang)}</b>
          </li>
        ))}
      </ul>
    </section>
  );
}

function WaysOn({ document, id, counts }: { document: Document; id: string; counts: Counts | undefined }) {
  const { say, lang } = useWords();
  const here = graphOf(document).ways.filter((way) => way.source === id);
  const node = counts?.nodes[id];
  const out = node?.edges?.exit ?? 0;
  if (here.length === 0) return null;
  return (
    <section>
      <h3>{say("page.panel.paths")}</h3>
      <ul className="tally">
        {here.map((way) => {
          const visits = taken(way, node);
          const label = way.ports.map((port) => port.label(say)).filter(Boolean).join(" · ") || say("page.port.next");
          const target = document.nodes[way.target];
          return (
            <li key={way.id}>
              <span>{label} <span className="quiet">→ {target ? read(target.title, lang) || kindOf(target).summary(target, say, lang) : way.target}</span></span>
              <b className="figure">{count(visits, lang)}{node && node.left > 0 && <small className="quiet"> {share(visits / node.left, lang)}</small>}</b>
            </li>
          );
        })}
        {out > 0 && <li><span>{say("page.panel.out")}</span><b className="figure">{count(out, lang)}</b></li>}
      </ul>
    </section>
  );
}

function HereNow({ document, id, counts }: { document: Document; id: string; counts: Counts | undefined }) {
  const { say, lang } = useWords();
  const zone = useZone();
  const node = counts?.nodes[id];
  const { data, error, refetch } = usePresent(document.journey, id, `${node?.entered ?? 0}/${node?.left ?? 0}`);
  const here = node ? node.waiting + node.held : undefined;
  const people = here === 0 ? [] : data?.items; // the figure moves first, the list a moment later
  return (
    <section>
      <h3>{say("page.panel.people")} <span className="figure">{here === undefined ? null : <Tick value={here} />}</span></h3>
      {error && !data ? <Trouble error={error} retry={() => void refetch()} /> : null}
      {!error && !data && <Waiting rows={3} height={40} />}
      {people?.length === 0 && <p className="quiet">{say("page.panel.people.none")}</p>}
      <ul className="present">
        {people?.map((one) => (
          <li key={one.id}>
            <Link href={`/people/${encodeURIComponent(one.profile)}`}>{one.name || one.profile}</Link>
            <StateMark word={one.arm === "control" ? "word.control" : `word.${one.state}`} />
            <span className="quiet small figure">
              {say("page.panel.since", { at: when(one.arrived_at, lang, zone) })}
              {one.due_at && ` · ${say("page.panel.due", { at: when(one.due_at, lang, zone) })}`}
              {one.reason && ` · ${sayKnown(say, `reason.${one.reason}`, one.reason)}`}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function NodePanel({ document, id, form, counts, close }: Props) {
  const { say, lang } = useWords();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // beside the canvas the page stays where it is; below it, on a narrow screen, the panel is scrolled to
    heading.current?.focus({ preventScroll: !matchMedia("(max-width: 75em)").matches });
  }, []);
  const name = kindName(form);
  const kind = kindOf(form);
  const Icon = kind.icon;
  const title = read(form.title, lang);
  const summary = kind.summary(form, say, lang);
  const node = counts?.nodes[id];
  const { planned = 0, ...messages } = node?.messages ?? {};
  const rules = rulesOf(form);
  const note = read(form.note, lang);
  return (
    <aside className="panel card" aria-labelledby="node-title" onKeyDown={(event) => event.key === "Escape" && close()}>
      <header className="panel-head" data-kind={name}>
        <span className="node-icon"><Icon size={20} stroke={1.8} aria-hidden /></span>
        <div>
          <p className="quiet small">{sayKnown(say, `word.kind.${name}`, name)} · <code>{id}</code></p>
          <h2 id="node-title" ref={heading} tabIndex={-1}>{title || summary}</h2>
          {title && <p className="small">{summary}</p>}
        </div>
        <CloseButton aria-label={say("page.close")} onClick={close} />
      </header>
      {note && <p>{note}</p>}
      <div className="row">{notes(form, stageTitle(document, graphOf(document).stages.get(id) ?? "", lang), say).map((text) => <span key={text} className="chip">{text}</span>)}</div>
      <section>
        <h3>{say("page.panel.counts")}</h3>
        <Figures counts={node} />
        <p className="quiet small balance">{say("page.panel.balance")}</p>
        {node && node.withheld > 0 && <p className="small">{say("page.panel.withheld", { count: count(node.withheld, lang) })}</p>}
      </section>
      <ByReason title={say("page.panel.held_by")} figures={node?.held_by} word="reason" />
      <ByReason title={say("page.panel.messages", { count: count(planned, lang) })} figures={messages} word="word" />
      {form.send && <Link href={route("/inbox", { journey: document.journey })}>{say("page.panel.inbox")}</Link>}
      <WaysOn document={document} id={id} counts={counts} />
      {rules.length > 0 && (
        <section>
          <h3>{say("page.panel.rule")}</h3>
          {rules.map((rule) => <code key={rule} className="rule">{rule}</code>)}
        </section>
      )}
      <HereNow document={document} id={id} counts={counts} />
    </aside>
  );
}
