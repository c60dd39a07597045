// The first page: the state of the house in one strip, the busiest journey live, and the way to every other.
import { useDocumentTitle } from "@mantine/hooks";
import { IconRoute } from "@tabler/icons-react";
import { Suspense } from "react";
import { Link, useLocation } from "wouter";
import type { JourneyCard as Card } from "../api";
import { Canvas, PHONE } from "../journey/late";
import { ListView } from "../journey/ListView";
import { Stages } from "../journey/Stages";
import { useCounts, useJourney, useOverview } from "../journey/queries";
import { Notice, Trouble, Waiting } from "../marks/Notice";
import { StateMark } from "../marks/StateMark";
import { read, useWords } from "../words";
import { JourneyCard } from "./JourneyCard";
import "./overview.css";
import { Strip } from "./Strip";

/** The journey to open with: a live one before any other, then the one that most people entered. */
function busiest(cards: Card[]): Card | undefined {
  const rank = (card: Card): number => (card.status === "live" ? 1 : 0);
  return [...cards].sort((a, b) => rank(b) - rank(a) || b.entered - a.entered)[0];
}

function Featured({ card }: { card: Card }) {
  const { say, lang } = useWords();
  const [, go] = useLocation();
  const { data: journey, error, refetch } = useJourney(card.id);
  const { data: counts } = useCounts(card.id);
  const View = PHONE ? ListView : Canvas;
  const href = `/journeys/${card.id}`;
  if (error) return <Trouble error={error} retry={() => void refetch()} />;
  return (
    <section className="featured" aria-labelledby="featured">
      <header>
        <h1 id="featured"><Link href={href}>{read(card.title, lang, card.id)}</Link></h1>
        <StateMark word={`word.status.${card.status}`} />
        <Link href={href} className="open">{say("page.overview.open")}</Link>
      </header>
      {journey?.document ? (
        <>
          <Stages document={journey.document} counts={counts} />
          <Suspense fallback={<Waiting rows={1} height={520} />}>
            <View document={journey.document} counts={counts} chosen={null} stage={null}
              onChoose={(node) => node && go(`${href}?node=${encodeURIComponent(node)}`)} />
          </Suspense>
        </>
      ) : <Waiting rows={1} height={520} />}
    </section>
  );
}

export function Overview() {
  const { say } = useWords();
  const { data, error, refetch } = useOverview();
  useDocumentTitle(`${say("page.nav.overview")} · wayfare`);
  if (error && !data) return <Trouble error={error} retry={() => void refetch()} />;
  if (!data) return <div className="page"><Waiting rows={2} height={120} /></div>;
  const first = busiest(data.journeys);
  return (
    <div className="page overview">
      <Strip figures={data} />
      {first ? (
        <div className="overview-body">
          <Featured card={first} key={first.id} />
          <aside aria-labelledby="journeys">
            <h2 id="journeys">{say("page.overview.journeys")}</h2>
            <ul className="journey-cards">
              {data.journeys.map((card) => <li key={card.id}><JourneyCard card={card} /></li>)}
            </ul>
          </aside>
        </div>
      ) : (
        <Notice icon={IconRoute} title={say("page.overview.journeys.none")} text={say("page.overview.journeys.none.how")} />
      )}
    </div>
  );
}
