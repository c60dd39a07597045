// The journey beside its canvas: what it is for, how people leave it, and its control group.
import { IconDoorExit, IconFlag, IconScale } from "@tabler/icons-react";
import type { Arms, Counts, Document, Goal } from "../api";
import { count, duration, fraction, share } from "../format";
import { Tick } from "../marks/Tick";
import { sayKnown, useWords } from "../words";
import { plain } from "./rule";

function Arm({ name, reached, of }: { name: "treated" | "control"; reached: number; of: number }) {
  const { say, lang } = useWords();
  const part = of > 0 ? reached / of : 0;
  return (
    <div className="arm" data-tone={name === "control" ? "withheld" : "accent"}>
      <span className="arm-name">{say(name === "control" ? "page.journey.goal.control" : "page.journey.goal.treated")}</span>
      <span className="arm-bar" aria-hidden><i style={{ width: `${Math.min(100, part * 100)}%` }} /></span>
      <strong className="figure">{share(part, lang)}</strong>
      <span className="quiet small figure">{say("page.journey.goal.of", { count: count(reached, lang), total: count(of, lang) })}</span>
    </div>
  );
}

function GoalLine({ goal, arms, counts }: { goal: Goal; arms: Arms; counts: Counts | undefined }) {
  const { say } = useWords();
  return (
    <li className="goal">
      <p>
        <strong>{goal.id}</strong> {goal.primary && <span className="chip">{say("page.journey.goal.primary")}</span>}
      </p>
      <p className="quiet small">
        {[say("word.quoted", { text: goal.event }), goal.where && plain(goal.where, say), goal.within && say("page.journey.goal.within", { duration: duration(goal.within, say) })].filter(Boolean).join(" · ")}
      </p>
      <Arm name="treated" reached={arms.treated} of={counts?.treated ?? 0} />
      {(counts?.control ?? 0) > 0 && <Arm name="control" reached={arms.control} of={counts?.control ?? 0} />}
    </li>
  );
}

/** Every way out that the document names, and those that the ledger has seen. */
function exitLines(document: Document, counts: Counts | undefined): { reason: string; visits: number; how: string[] }[] {
  const named = document.exit?.map((exit) => exit.reason) ?? [];
  const ends = Object.values(document.nodes).flatMap((node) => (node.finish ? [node.finish] : []));
  const reasons = [...new Set([...Object.keys(counts?.exits ?? {}), ...named, ...ends])];
  const lines = reasons.map((reason) => ({ reason, visits: counts?.exits[reason] ?? 0, how: named.includes(reason) ? ["exit"] : ends.includes(reason) ? ["end"] : [] }));
  return lines.sort((a, b) => b.visits - a.visits);
}

function Exits({ document, counts }: { document: Document; counts: Counts | undefined }) {
  const { say } = useWords();
  const lines = exitLines(document, counts);
  if (lines.length === 0) return <p className="quiet">{say("page.journey.exits.none")}</p>;
  return (
    <ul className="exits">
      {lines.map(({ reason, visits, how }) => {
        const exit = document.exit?.find((one) => one.reason === reason);
        const text = exit?.event ? say("page.journey.exit.on", { event: exit.event })
          : exit?.when ? say("page.journey.exit.when", { rule: plain(exit.when, say) })
          : how.includes("end") ? say("page.journey.exit.at_end") : "";
        return (
          <li key={reason}>
            <span><strong>{sayKnown(say, `reason.${reason}`, reason)}</strong><br /><span className="quiet small">{text}</span></span>
            <b className="figure"><Tick value={visits} /></b>
          </li>
        );
      })}
    </ul>
  );
}

export function AboutPanel({ document, counts }: { document: Document; counts: Counts | undefined }) {
  const { say, lang } = useWords();
  const holdout = fraction(document.holdout);
  const goals = document.goals ?? [];
  return (
    <aside className="panel card" aria-label={say("page.journey.about")}>
      <section>
        <h2><IconFlag size={18} stroke={1.8} aria-hidden /> {say("page.journey.goals")}</h2>
        {goals.length === 0 && <p className="quiet">{say("page.journey.goals.none")}</p>}
        <ul>
          {goals.map((goal) => <GoalLine key={goal.id} goal={goal} arms={counts?.goals[goal.id] ?? { treated: 0, control: 0 }} counts={counts} />)}
        </ul>
      </section>
      <section>
        <h2><IconDoorExit size={18} stroke={1.8} aria-hidden /> {say("page.journey.exits")}</h2>
        <Exits document={document} counts={counts} />
      </section>
      <section>
        <h2><IconScale size={18} stroke={1.8} aria-hidden /> {say("page.journey.holdout")}</h2>
        <p className="quiet">
          {holdout > 0 ? say("page.journey.holdout.share", { share: share(holdout, lang) }) : say("page.journey.holdout.none")}
        </p>
      </section>
      <section>
        <dl className="facts">
          <dt>{say("page.journey.class")}</dt>
          <dd>{sayKnown(say, `word.purpose.${document.class ?? "marketing"}`, document.class ?? "")}</dd>
        </dl>
      </section>
    </aside>
  );
}
