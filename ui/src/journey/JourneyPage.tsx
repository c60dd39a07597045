// A journey, live: its canvas or its list, and beside it the journey itself or the node that was chosen.
import { SegmentedControl } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { IconAlertTriangle, IconListDetails, IconSitemap } from "@tabler/icons-react";
import { Suspense, useState } from "react";
import { useLocation, useSearch } from "wouter";
import type { Counts, Journey } from "../api";
import { when } from "../format";
import { Trouble, Waiting } from "../marks/Notice";
import { Prose } from "../marks/Prose";
import { StateMark } from "../marks/StateMark";
import { read, useWords } from "../words";
import { AboutPanel } from "./AboutPanel";
import "./journey.css";
import { Canvas, PHONE } from "./late";
import { ListView } from "./ListView";
import { NodePanel } from "./NodePanel";
import { useCounts, useJourney, useZone } from "./queries";
import { Stages } from "./Stages";

type View = "canvas" | "list";

function Head({ journey, counts, view, setView }: { journey: Journey; counts: Counts | undefined; view: View; setView: (view: View) => void }) {
  const { say, lang } = useWords();
  const zone = useZone();
  const scene = journey.document?.scene;
  return (
    <header className="journey-head">
      <div>
        <div className="row">
          <h1>{read(journey.title, lang, journey.id)}</h1>
          <StateMark word={`word.status.${journey.status}`} />
        </div>
        <p className="quiet small figure">
          {[
            scene && `${say("word.scene")} ${scene}`,
            journey.version ? say("page.journey.version", { version: journey.version }) : say("page.journey.draft"),
            say("page.journey.clock.event"),
            counts?.fresh_to && say("page.journey.fresh", { at: when(counts.fresh_to, lang, zone, "time") }),
          ].filter(Boolean).join(" · ")}
        </p>
      </div>
      <SegmentedControl
        aria-label={say("page.journey.view")}
        value={view}
        onChange={(value) => setView(value === "list" ? "list" : "canvas")}
        data={[
          { value: "canvas", label: <span className="view"><IconSitemap size={16} stroke={1.8} aria-hidden />{say("page.journey.canvas")}</span> },
          { value: "list", label: <span className="view"><IconListDetails size={16} stroke={1.8} aria-hidden />{say("page.journey.list")}</span> },
        ]}
      />
    </header>
  );
}

function Problems({ journey }: { journey: Journey }) {
  const { say } = useWords();
  if (journey.problems.length === 0) return null;
  return (
    <details className="problems">
      <summary>
        <IconAlertTriangle size={17} stroke={1.8} aria-hidden />
        {say("page.journey.problems", { count: String(journey.problems.length) })}
      </summary>
      <ul>{journey.problems.map((one, place) => <li key={place}><code>{one.code}</code> <Prose text={one.text} /></li>)}</ul>
    </details>
  );
}

/** The view and the node are part of the address, so that a link shows what its sender saw. */
function useAddress(id: string) {
  const [, go] = useLocation();
  const search = useSearch();
  const parameters = new URLSearchParams(search);
  const view: View = (parameters.get("view") ?? (PHONE ? "list" : "canvas")) === "list" ? "list" : "canvas";
  const set = (name: string, value: string | null): void => {
    const next = new URLSearchParams(search);
    if (value === null) next.delete(name);
    else next.set(name, value);
    go(`/journeys/${encodeURIComponent(id)}${next.size > 0 ? `?${next}` : ""}`, { replace: true });
  };
  return { view, node: parameters.get("node"), setView: (value: View) => set("view", value), setNode: (value: string | null) => set("node", value) };
}

export default function JourneyPage({ id }: { id: string }) {
  const { data: journey, error, refetch } = useJourney(id);
  const { data: counts } = useCounts(id);
  const { view, node, setView, setNode } = useAddress(id);
  const [stage, setStage] = useState<string | null>(null);
  const { lang } = useWords();
  useDocumentTitle(`${read(journey?.title, lang, id)} · wayfare`);
  if (error && !journey) return <Trouble error={error} retry={() => void refetch()} />;
  if (!journey) return <div className="page"><Waiting rows={2} height={240} /></div>;
  const { document } = journey;
  /** Close the panel and give the focus back to the node it was opened from. */
  const leave = (from: string): void => {
    setNode(null);
    globalThis.document.querySelector<HTMLElement>(`[data-id="${CSS.escape(from)}"]`)?.focus();
  };
  const form = node && document ? document.nodes[node] : undefined;
  return (
    <div className="page journey">
      <Head journey={journey} counts={counts} view={view} setView={setView} />
      <Problems journey={journey} />
      {document && (
        <>
          <Stages document={document} counts={counts} chosen={stage} onChoose={setStage} />
          <div className="journey-body">
            {view === "canvas" ? (
              <Suspense fallback={<Waiting rows={1} height={600} />}>
                <Canvas document={document} counts={counts} chosen={node} stage={stage} onChoose={setNode} />
              </Suspense>
            ) : <ListView document={document} counts={counts} chosen={node} stage={stage} onChoose={setNode} />}
            {node && form
              ? <NodePanel key={node} document={document} id={node} form={form} counts={counts} close={() => leave(node)} />
              : <AboutPanel document={document} counts={counts} />}
          </div>
        </>
      )}
    </div>
  );
}
