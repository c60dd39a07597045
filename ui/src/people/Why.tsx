// Why, and why not: each journey's verdict on this person, every step with its because, every gate of a no.
import { IconCheck, IconX } from "@tabler/icons-react";
import { Link } from "wouter";
import type { Blocker, ExplainStep, Explanation, Person } from "../api";
import { when } from "../format";
import { useOverview, useZone } from "../journey/queries";
import { plain } from "../journey/rule";
import { Trouble, Waiting } from "../marks/Notice";
import { Prose } from "../marks/Prose";
import { StateMark } from "../marks/StateMark";
import { read, sayKnown, useWords } from "../words";
import { Facts } from "./Facts";
import { useExplanations } from "./queries";

function Gate({ blocker }: { blocker: Blocker }) {
  const { say, lang } = useWords();
  const passed = blocker.outcome === "pass";
  const Icon = passed ? IconCheck : IconX;
  const name = sayKnown(say, `word.gate.${blocker.gate}`, blocker.gate);
  const need = blocker.need && blocker.need !== blocker.gate && !passed ? sayKnown(say, `reason.${blocker.need}`, plain(blocker.need, say)) : "";
  return (
    <li data-tone={passed ? "accent" : blocker.first ? "stopped" : "held"} data-first={blocker.first || undefined}>
      <Icon size={16} stroke={2.2} aria-hidden />
      <div>
        <strong>{name}</strong> <span className="quiet small">{passed ? say("word.outcome.pass") : need}</span>
        {blocker.first && <span className="chip">{say("page.person.blocker.first")}</span>}
        {!passed && <p><Prose text={say("page.person.blocker.change", { change: read(blocker.smallest_change, lang) })} /></p>}
      </div>
    </li>
  );
}

function Gates({ blockers }: { blockers: Blocker[] }) {
  const { say } = useWords();
  if (blockers.length === 0) return null;
  const sorted = [...blockers].sort((a, b) => Number(b.first) - Number(a.first) || Number(a.outcome === "pass") - Number(b.outcome === "pass"));
  return (
    <div className="gates">
      <h3>{say("page.person.blockers")}</h3>
      <ul>{sorted.map((blocker, place) => <Gate key={place} blocker={blocker} />)}</ul>
    </div>
  );
}

function Step({ step, journey }: { step: ExplainStep; journey: string }) {
  const { say, lang } = useWords();
  const zone = useZone();
  const kind = sayKnown(say, `word.kind.${step.kind}`, step.kind);
  return (
    <li>
      <time dateTime={step.at} className="figure">{when(step.at, lang, zone)}</time>
      <div>
        <p className="step-head">
          <strong>{kind}</strong>
          {step.node && <Link href={`/journeys/${journey}?node=${encodeURIComponent(step.node)}`}><code>{step.node}</code></Link>}
          <StateMark word={`word.outcome.${step.outcome}`} />
        </p>
        <p><Prose text={read(step.because, lang)} /></p>
        {(step.rule || Object.keys(step.inputs).length > 0) && (
          <details>
            <summary>{say("page.person.inputs")}</summary>
            {step.rule && <code className="rule">{step.rule}</code>}
            <Facts facts={step.inputs} />
          </details>
        )}
      </div>
    </li>
  );
}

function One({ explanation, open }: { explanation: Explanation; open: boolean }) {
  const { say, lang } = useWords();
  const cards = useOverview().data?.journeys ?? [];
  const title = read(cards.find((card) => card.id === explanation.journey)?.title, lang, explanation.journey);
  const latest = explanation.steps.at(-1);
  const first = explanation.blockers.find((one) => one.first);
  return (
    <article className="card why">
      <header>
        <h3><Link href={`/journeys/${explanation.journey}`}>{title}</Link></h3>
        <StateMark word={`word.verdict.${explanation.verdict}`} />
      </header>
      <p className="why-now"><Prose text={read(latest?.because ?? first?.smallest_change, lang)} /></p>
      <Gates blockers={explanation.blockers} />
      {explanation.steps.length > 0 && (
        <details open={open}>
          <summary>{say("page.person.step_by_step")}</summary>
          <ol className="steps">{explanation.steps.map((step, place) => <Step key={place} step={step} journey={explanation.journey} />)}</ol>
        </details>
      )}
    </article>
  );
}

export function Why({ person }: { person: Person }) {
  const { say } = useWords();
  const { data, error, refetch } = useExplanations(person.id);
  const rank = (one: Explanation): number => (one.verdict === "not_entered" ? 1 : 0);
  const sorted = [...(data?.journeys ?? [])].sort((a, b) => rank(a) - rank(b));
  return (
    <section aria-labelledby="why" className="whys">
      <h2 id="why">{say("page.person.why")}</h2>
      {error && !data ? <Trouble error={error} retry={() => void refetch()} /> : null}
      {!error && !data && <Waiting rows={2} height={96} />}
      {data && sorted.length === 0 && <p className="quiet">{say("page.person.why.none")}</p>}
      {sorted.map((explanation, place) => <One key={explanation.journey} explanation={explanation} open={place === 0 && rank(explanation) === 0} />)}
    </section>
  );
}
