// Everything that happened with one person, the newest first, day by day.
import { Button } from "@mantine/core";
import { IconBolt, IconMessage2, IconRoute } from "@tabler/icons-react";
import { Link } from "wouter";
import type { Moment } from "../api";
import { when } from "../format";
import { useOverview, useZone } from "../journey/queries";
import { Trouble, Waiting } from "../marks/Notice";
import { StateMark } from "../marks/StateMark";
import { type Key, read, type Say, sayKnown, useWords } from "../words";
import { Facts } from "./Facts";
import { useTimeline } from "./queries";

const ICONS = { event: IconBolt, transition: IconRoute, message: IconMessage2 } as const;

function Title({ moment }: { moment: Moment }) {
  const { say, lang } = useWords();
  const title = read(moment.title, lang);
  if (moment.kind === "event") return <strong>{title}</strong>;
  if (moment.kind === "message")
    return (
      <>
        <strong>{sayKnown(say, `word.channel.${moment.channel}`, moment.channel ?? "")}</strong>
        <span>{say("word.quoted", { text: String(moment.detail.template ?? "") })}</span>
        <StateMark word={`word.${title}`} />
      </>
    );
  return <StateMark word={`word.outcome.${title}`} />;
}

/** What was in it: an event's fields, a message's text, the values that a step read (its reason is told in words). */
function detailOf({ kind, detail }: Moment): Record<string, unknown> {
  if (kind === "event") return { ...(detail.properties as object), ...(detail.traits as object) };
  if (kind === "message") return { ...(detail.content as object) };
  const { why: _, ...inputs } = (detail.inputs ?? {}) as Record<string, unknown>;
  return inputs;
}

/** The way it went and the reason for it, in words. */
function reasonsOf({ kind, detail }: Moment, say: Say): string {
  if (kind === "event") return "";
  const inputs = (detail.inputs ?? {}) as Record<string, unknown>;
  const told = [detail.reason, inputs.why].filter((one): one is string => typeof one === "string" && one !== "" && one !== "next");
  return told.map((one) => sayKnown(say, `word.port.${one}`, sayKnown(say, `reason.${one}`, one))).join(" · ");
}

function Line({ moment }: { moment: Moment }) {
  const { say, lang } = useWords();
  const zone = useZone();
  const cards = useOverview().data?.journeys ?? [];
  const Icon = ICONS[moment.kind];
  const detail = detailOf(moment);
  const why = reasonsOf(moment, say);
  const journey = moment.journey;
  return (
    <li data-kind={moment.kind}>
      <time dateTime={moment.at} className="figure">{when(moment.at, lang, zone, "time")}</time>
      <span className="moment-icon" title={say(`word.moment.${moment.kind}` as Key)}>
        <Icon size={16} stroke={1.8} aria-hidden />
        <span className="hidden">{say(`word.moment.${moment.kind}` as Key)}</span>
      </span>
      <div>
        <p className="moment-title">
          <Title moment={moment} />
          {moment.kind === "event" && moment.channel && <span className="quiet small">{sayKnown(say, `word.channel.${moment.channel}`, moment.channel)}</span>}
          {journey && (
            <Link className="small" href={`/journeys/${journey}${moment.node ? `?node=${encodeURIComponent(moment.node)}` : ""}`}>
              {read(cards.find((card) => card.id === journey)?.title, lang, journey)}{moment.node && ` · ${moment.node}`}
            </Link>
          )}
          {why && <span className="quiet small">{why}</span>}
        </p>
        {Object.keys(detail).length > 0 && <Facts facts={detail} />}
      </div>
    </li>
  );
}

export function Timeline({ id }: { id: string }) {
  const { say, lang } = useWords();
  const zone = useZone();
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useTimeline(id);
  const moments = data?.pages.flatMap((page) => page.items) ?? [];
  const days = Map.groupBy(moments, (moment) => when(moment.at, lang, zone, "day"));
  return (
    <section aria-labelledby="timeline" className="card timeline">
      <h2 id="timeline">{say("page.person.timeline")} <span className="quiet small">{say("page.person.timeline.order")}</span></h2>
      {error && !data ? <Trouble error={error} retry={() => void refetch()} /> : null}
      {!error && !data && <Waiting rows={5} height={36} />}
      {data && moments.length === 0 && <p className="quiet">{say("page.person.timeline.none")}</p>}
      {[...days].map(([day, listed]) => (
        <section key={day} aria-label={day}>
          <h3>{day}</h3>
          <ol>{listed.map((moment) => <Line key={`${moment.kind}${moment.id}`} moment={moment} />)}</ol>
        </section>
      ))}
      {hasNextPage && <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>{say("page.more")}</Button>}
    </section>
  );
}
