// A journey in one card: its state, where its people are, and what it achieved.
import { Link } from "wouter";
import type { JourneyCard as Card } from "../api";
import { count, share } from "../format";
import { Figures } from "../journey/Figures";
import { StateMark } from "../marks/StateMark";
import { read, useWords } from "../words";

export function JourneyCard({ card }: { card: Card }) {
  const { say, lang } = useWords();
  const goals = Object.entries(card.goals);
  const published = card.status !== "draft";
  return (
    <Link href={`/journeys/${card.id}`} className="card journey-card">
      <span className="journey-card-head">
        <strong>{read(card.title, lang, card.id)}</strong>
        <StateMark word={`word.status.${card.status}`} />
      </span>
      <span className="quiet small">
        {[card.scene, card.version ? say("page.journey.version", { version: card.version }) : say("page.journey.draft")].filter(Boolean).join(" · ")}
      </span>
      {published && <Figures counts={{ ...card, withheld: 0 }} />}
      {published && goals.map(([id, arms]) => (
        <span key={id} className="small quiet figure">
          {say("page.card.goal", { goal: id })} · <b>{count(arms.treated + arms.control, lang)}</b>
          {card.entered > 0 && ` (${share((arms.treated + arms.control) / card.entered, lang)})`}
        </span>
      ))}
    </Link>
  );
}
