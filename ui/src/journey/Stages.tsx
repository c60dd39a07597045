// The stages of a journey across the top, each with how many are in it now.
import type { Counts, Document } from "../api";
import { Tick } from "../marks/Tick";
import { useWords } from "../words";
import { graphOf, stageIds, stageTitle } from "./graph";
import "./stages.css";

type Props = { document: Document; counts: Counts | undefined; chosen?: string | null; onChoose?: (stage: string | null) => void };

export function Stages({ document, counts, chosen = null, onChoose }: Props) {
  const { say, lang } = useWords();
  const names = stageIds(document);
  if (names.length === 0) return null;
  const { order, stages } = graphOf(document);
  const here = (stage: string): number =>
    order.filter((id) => stages.get(id) === stage).reduce((sum, id) => sum + (counts?.nodes[id]?.waiting ?? 0) + (counts?.nodes[id]?.held ?? 0), 0);
  const populated = new Set(stages.values());
  return (
    <ol className="stages" aria-label={say("page.journey.stages")}>
      {names.map((stage) => {
        const inside = (
          <>
            <span className="stage-name">{stageTitle(document, stage, lang)}</span>
            <span className="stage-here figure">{populated.has(stage) ? <Tick value={here(stage)} /> : "–"}</span>
          </>
        );
        return (
          <li key={stage} data-empty={!populated.has(stage) || undefined}>
            {onChoose && populated.has(stage) ? (
              <button type="button" aria-pressed={chosen === stage} title={say("page.journey.stage.find", { stage: stageTitle(document, stage, lang) })}
                onClick={() => onChoose(chosen === stage ? null : stage)}>
                {inside}
              </button>
            ) : <span>{inside}</span>}
          </li>
        );
      })}
    </ol>
  );
}
